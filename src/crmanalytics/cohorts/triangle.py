"""Triangles: retention laid out for a heat map."""

from __future__ import annotations

from typing import Any, Final

import numpy as np

from crmanalytics.errors import MissingColumnsError
from crmanalytics.frames import (
    Column,
    Contract,
    Kind,
    admit_eager,
    as_float,
    as_numpy,
    frame_like,
    is_pandas,
    with_parameters,
)
from crmanalytics.wording import one_of

__all__ = ["triangle"]

_VALUES: Final = ("rate", "active", "orders", "revenue", "margin", "low", "high", "customers")


def triangle(
    retained: Any,  # noqa: ANN401 - any eager frame
    value: str = "rate",
    *,
    complete: bool = False,
) -> Any:  # noqa: ANN401 - a frame of the same kind
    """Lay retention out as the familiar triangle: a row per cohort, a column per period.

    Parameters
    ----------
    retained : DataFrame
        What :func:`retention` returned.
    value : {"rate", "active", "orders", "revenue", "margin", "low", "high", "customers"}
        Which of its columns to show.
    complete : bool
        Whether to leave out periods that had not ended yet.

    Returns
    -------
    DataFrame
        Of the same kind. For pandas, the cohorts are the index and the columns are the numbers 0,
        1, ...; otherwise there is a column ``cohort`` and the columns are named "0", "1", ...
        Cells that lie in the future are missing. For pandas ``attrs["crmanalytics"]`` keeps
        `value` and `complete` beside the arguments of :func:`retention`.

    Raises
    ------
    DataError
        If the columns are not there.

    Examples
    --------
    >>> import pandas as pd
    >>> from crmanalytics.cohorts import retention, triangle
    >>> log = pd.DataFrame(
    ...     {
    ...         "customer_id": [1, 1, 2, 3],
    ...         "date": pd.to_datetime(["2024-01-05", "2024-02-10", "2024-01-20", "2024-02-01"]),
    ...     }
    ... )
    >>> triangle(retention(log, until="2024-02-29"))  # doctest: +NORMALIZE_WHITESPACE
    period        0    1
    cohort
    2024-01-01  1.0  0.5
    2024-02-01  1.0  NaN
    """
    one_of("value", value, _VALUES)
    needed = (Column("cohort", Kind.DATE), Column("period", Kind.COUNT, low=0))
    own = admit_eager(retained, Contract("retained", needed))
    lacking = [name for name in (value, "complete") if name not in own.columns]
    if lacking:
        raise MissingColumnsError(
            f"retained has no column {lacking[0]!r}: see retention(value=...)."
        )
    cohorts, row = np.unique(as_numpy(own, "cohort"), return_inverse=True)
    column = as_numpy(own, "period").astype(np.intp)
    shown = as_numpy(own, "complete").astype(bool) if complete else np.ones(len(row), dtype=bool)
    wide = np.full((len(cohorts), int(column.max(initial=-1)) + 1), np.nan)
    wide[row[shown], column[shown]] = as_float(own, value)[shown]
    if is_pandas(own):
        import pandas as pd

        index = pd.Index(cohorts, name="cohort")
        across = pd.RangeIndex(wide.shape[1], name="period")
        laid_out = pd.DataFrame(wide, index=index, columns=across)
        laid_out.attrs = dict(own.to_native().attrs)  # how the figures were made stays beside them
        return with_parameters(laid_out, value=value, complete=complete)
    return frame_like(own, {"cohort": cohorts, **{str(k): each for k, each in enumerate(wide.T)}})
