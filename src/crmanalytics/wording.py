"""How a name that is not known is answered: with the nearest one that is, or with all there are."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, TypeVar

from crmanalytics.errors import ParameterError

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable

T = TypeVar("T")

__all__ = ["near", "nearest", "no_column", "none_of", "one_of"]

_LISTED: Final = 20  # names; a frame may have hundreds


def nearest(given: object, known: Iterable[object]) -> str | None:
    """Return the known name that is most like the given one, whatever its case; None if none is.

    Examples
    --------
    >>> nearest("Totl", ["orders", "total"])
    'total'
    """
    import difflib

    names = {str(each).lower(): str(each) for each in known}
    found = difflib.get_close_matches(str(given).lower(), names, n=1, cutoff=0.6)
    return names[found[0]] if found else None


def near(given: object, known: Iterable[object]) -> str:
    """Ask whether the nearest known name was meant; nothing if none is near.

    Examples
    --------
    >>> near("quantlie", ["quantile", "fixed"]), near("kmeans", ["quantile", "fixed"])
    ("; did you mean 'quantile'?", '')
    """
    found = nearest(given, known)
    return f"; did you mean {found!r}?" if found else ""


def one_of(argument: str, value: T, choices: Collection[Any], *, also: str = "") -> T:
    """Return the value of an argument if it is among its choices, or say what they are.

    `also` names in words what else the argument may be, which the caller has looked for before.

    Examples
    --------
    >>> one_of("unit", "W", ("D", "W"))
    'W'
    >>> one_of("method", "quantlie", ("quantile", "fixed"))
    Traceback (most recent call last):
    crmanalytics.errors.ParameterError: method must be one of 'quantile', 'fixed', not 'quantlie';
    did you mean 'quantile'?
    """
    if value not in tuple(choices):
        raise ParameterError(none_of(argument, value, choices, also=also))
    return value


def none_of(argument: str, value: object, choices: Collection[Any], *, also: str = "") -> str:
    """Say what an argument may be that is none of its choices.

    Examples
    --------
    >>> none_of("cut", "medain", ("mean", "median"), also="two numbers")
    "cut must be one of 'mean', 'median' or two numbers, not 'medain'; did you mean 'median'?"
    """
    listed = ", ".join(map(repr, choices)) + (f" or {also}" if also else "")
    return f"{argument} must be one of {listed}, not {value!r}{near(value, choices)}"


def no_column(frame: str, name: str, columns: Iterable[object]) -> str:
    """Say that a frame lacks a column: with the nearest name there is, or with what there is.

    Examples
    --------
    >>> no_column("customers", "Totl", ["customer_id", "total"])
    "customers has no column 'Totl'; did you mean 'total'?"
    >>> no_column("customers", "age", ["customer_id", "total"])
    "customers has no column 'age'; it has 'customer_id', 'total'."
    """
    has = [str(each) for each in columns]
    more = f" and {len(has) - _LISTED} more" if len(has) > _LISTED else ""
    listed = f"; it has {', '.join(map(repr, has[:_LISTED]))}{more}."
    return f"{frame} has no column {name!r}{near(name, has) or listed}"
