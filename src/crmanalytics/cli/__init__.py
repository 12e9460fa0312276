"""The command line: a purchase log in; scores, segments, models and a report out."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from crmanalytics.errors import CRMAnalyticsError, MissingExtraError

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["main"]

_REFUSED = 2
_INTERRUPTED = 130


def main() -> None:
    """Run the command line; what cannot be done ends in one sentence and exit code 2.

    Examples
    --------
    >>> main.__module__
    'crmanalytics.cli'
    """
    try:
        _app()()
    except (CRMAnalyticsError, OSError) as error:
        sys.stderr.write(f"crmanalytics: {_told(error)}\n")
        sys.exit(_REFUSED)
    except KeyboardInterrupt:
        sys.stderr.write("crmanalytics: interrupted; nothing was left half-written\n")
        sys.exit(_INTERRUPTED)


def _app() -> Callable[[], object]:
    try:
        from crmanalytics.cli.app import app
    except ModuleNotFoundError as error:
        raise MissingExtraError(
            f"the command line needs the package {error.name}: "
            "pip install 'crmanalytics[cli]' brings it"
        ) from error
    return app


def _told(error: Exception) -> str:
    if isinstance(error, OSError) and not isinstance(error, CRMAnalyticsError) and error.strerror:
        return f"{error.strerror}: {error.filename}" if error.filename else error.strerror
    return str(error)
