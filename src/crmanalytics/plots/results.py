"""The check that a frame is the result that a chart draws."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from crmanalytics.errors import InvalidValuesError
from crmanalytics.frames import Column, Contract, Kind, admit_eager

if TYPE_CHECKING:
    import narwhals.stable.v2 as nw

__all__ = ["admitted"]


def admitted(
    frame: str,
    given: object,
    *numbers: str,
    dates: tuple[str, ...] = (),
    labels: tuple[str, ...] = (),
) -> nw.DataFrame[Any]:
    """Return a frame that has the columns which a chart needs, and rows.

    Parameters
    ----------
    frame : str
        What the argument is called, for the message.
    given : DataFrame
        What the caller passed.
    *numbers : str
        Columns of numbers.
    dates, labels : tuple of str
        Columns of dates, and of anything.

    Returns
    -------
    narwhals.DataFrame
        The frame.

    Raises
    ------
    DataError
        If a column is not there or of another kind, or there is nothing to draw.
    """
    wanted = [Column(name, Kind.NUMBER, nullable=True) for name in numbers]
    wanted += [Column(name, Kind.DATE) for name in dates]
    wanted += [Column(name, Kind.LABEL) for name in labels]
    own = admit_eager(given, Contract(frame, tuple(wanted)))
    if not len(own):
        raise InvalidValuesError(f"{frame} has no rows: there is nothing to draw.")
    return own
