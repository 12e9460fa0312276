"""From a function of option groups to a command, with one way for all errors to end."""

from __future__ import annotations

import functools
import inspect
import logging
import sys
from contextlib import contextmanager
from dataclasses import MISSING, fields
from typing import TYPE_CHECKING, Any, get_type_hints

import typer

from crmanalytics.errors import CRMAnalyticsError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

__all__ = ["command", "ended_politely"]

_BAD_DATA, _INTERRUPTED = 2, 130


def command(app: typer.Typer, name: str) -> Callable[[Callable[..., None]], Callable[..., None]]:
    """Make a command of a function whose arguments are groups of options.

    Each group is a dataclass; its fields become the options of the command.
    """

    def register(function: Callable[..., None]) -> Callable[..., None]:
        groups = {k: v for k, v in get_type_hints(function).items() if k != "return"}

        @functools.wraps(function)
        def call(**values: Any) -> None:  # noqa: ANN401 - whatever the options hold
            made = {
                name: group(**{each.name: values[each.name] for each in fields(group)})
                for name, group in groups.items()
            }
            with ended_politely():
                function(**made)

        parameters = [each for group in groups.values() for each in _parameters(group)]
        call.__signature__ = inspect.Signature(parameters)  # type: ignore[attr-defined] # typer reads it
        call.__annotations__ = {each.name: each.annotation for each in parameters}
        return app.command(name)(call)

    return register


def _parameters(group: type[Any]) -> Iterator[inspect.Parameter]:
    hints = get_type_hints(group, include_extras=True)
    for each in fields(group):
        default = inspect.Parameter.empty if each.default is MISSING else each.default
        kind = inspect.Parameter.KEYWORD_ONLY
        yield inspect.Parameter(each.name, kind, default=default, annotation=hints[each.name])


@contextmanager
def ended_politely() -> Iterator[None]:
    """End in one sentence and an exit code where the data or the call will not do."""
    _log_to_terminal_only()
    try:
        yield
    except BrokenPipeError:
        raise  # the reader of our output has gone: nobody is left to read a sentence
    except (CRMAnalyticsError, OSError) as error:
        typer.echo(f"crmanalytics: {_sentence(error)}", err=True)
        raise typer.Exit(_BAD_DATA) from error
    except KeyboardInterrupt as error:
        typer.echo("crmanalytics: interrupted", err=True)
        raise typer.Exit(_INTERRUPTED) from error


def _sentence(error: Exception) -> str:
    if isinstance(error, OSError) and error.strerror:
        return f"{error.filename or 'file'}: {error.strerror[:1].lower()}{error.strerror[1:]}"
    return " ".join(str(error).split())


def _log_to_terminal_only() -> None:
    """Show what the library logs on a terminal, and nothing in a pipe."""
    log = logging.getLogger("crmanalytics")
    log.propagate = False
    log.handlers[:] = [
        logging.StreamHandler(sys.stderr) if sys.stderr.isatty() else logging.NullHandler()
    ]
