"""What can go wrong, as one small family of exceptions.

::

    CRMAnalyticsError
    ├── DataError (ValueError)             the frame that was passed in
    │   ├── MissingColumnsError            a column that is not there
    │   └── InvalidValuesError             values that break a rule
    ├── ParameterError (ValueError)        an argument that is not a frame
    ├── FitError (RuntimeError)            an estimation that cannot be trusted
    │   └── ConvergenceError               the optimiser did not arrive
    ├── FormatError (ValueError)           a file that is not what it should be
    └── MissingExtraError (ImportError)    an optional dependency that is not installed

Catch :class:`CRMAnalyticsError` to catch them all.
"""

from __future__ import annotations

__all__ = [
    "CRMAnalyticsError",
    "ConvergenceError",
    "DataError",
    "FitError",
    "FormatError",
    "InvalidValuesError",
    "MissingColumnsError",
    "MissingExtraError",
    "ParameterError",
]


class CRMAnalyticsError(Exception):
    """Any error that this library raises on purpose."""


class DataError(CRMAnalyticsError, ValueError):
    """A frame breaks its contract; the message lists every problem found."""


class MissingColumnsError(DataError):
    """A frame lacks columns that the call needs."""


class InvalidValuesError(DataError):
    """A column holds values that break a rule."""


class ParameterError(CRMAnalyticsError, ValueError):
    """An argument is outside what the call accepts."""


class FitError(CRMAnalyticsError, RuntimeError):
    """A model could not be estimated from the data given."""


class ConvergenceError(FitError):
    """The optimiser stopped before the likelihood's maximum."""


class FormatError(CRMAnalyticsError, ValueError):
    """A file is truncated, altered, of another version, or not ours."""


class MissingExtraError(CRMAnalyticsError, ImportError):
    """A feature needs a package that is not installed; the message names the extra."""
