"""Signs that a panel knows what it should foretell."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import narwhals.stable.v2 as nw
import numpy as np

from crmanalytics import columns as c
from crmanalytics.churn.discrimination import auc
from crmanalytics.errors import ParameterError
from crmanalytics.frames import Column, Contract, Kind, admit_eager, as_float, as_numpy

if TYPE_CHECKING:
    from collections.abc import Iterator

    import pandas as pd
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]
    Finding = tuple[str, str | None, float, float | None, bool, str]

__all__ = ["leakage_report"]

_KEYS: Final = (c.CUSTOMER_ID, c.SNAPSHOT, c.OUTCOME_START, c.OUTCOME_END)
_DROP: Final = "Ask when this value is written down: if not before the snapshot, drop it."
_SPLIT: Final = "Split by time with SnapshotSplit, not at random."


def leakage_report(
    panel: Any,  # noqa: ANN401 - any eager frame
    *,
    target: str = c.CHURNED,
    auc_limit: float = 0.9,
    rebuilt: Any = None,  # noqa: ANN401 - any eager frame
    cross_validated: float | None = None,
    out_of_time: float | None = None,
    difference_limit: float = 0.02,
) -> pd.DataFrame:
    """Look for columns and rows that give away what a model is to foretell.

    Parameters
    ----------
    panel : DataFrame
        Features and label, one row per customer (and snapshot).
    target : str
        The label.
    auc_limit : float
        How well a single column may tell churners at most, in either direction, before it is
        suspicious.
    rebuilt : DataFrame, optional
        The same panel, made again from data of a later day: columns that differ have been
        changed by what came after the snapshot. Rows must be the same, in the same order.
    cross_validated, out_of_time : float, optional
        AUC of your model in random cross-validation and on later snapshots.
    difference_limit : float
        By how much the first may exceed the second.

    Returns
    -------
    pandas.DataFrame
        One row per finding, the suspicious ones first: ``check``, ``column`` (missing where it
        is about rows), ``value``, ``limit``, ``verdict`` ("leak?" or "fine") and, where it is
        suspicious, ``mend``.

    Raises
    ------
    DataError
        If the label is missing or not 0 and 1.
    ParameterError
        If `rebuilt` has other rows, or an argument is out of bounds.

    Examples
    --------
    >>> import pandas as pd
    >>> panel = pd.DataFrame(
    ...     {"churned": [1, 1, 0, 0], "orders": [1, 3, 2, 4], "call": ["x", "x", None, None]}
    ... )
    >>> found = leakage_report(panel)
    >>> found.loc[found["verdict"] == "leak?", ["check", "column"]]
                  check column
    0  missing tells it   call
    """
    import pandas as pd

    if not 0.5 < auc_limit <= 1:
        raise ParameterError(f"auc_limit must be above 0.5 and at most 1, not {auc_limit!r}")
    own = admit_eager(panel, Contract(frame="panel", columns=(Column(target, Kind.FLAG),)))
    churned = as_float(own, target)
    named = [name for name in own.columns if name not in (*_KEYS, target)]
    found = [finding for name in named for finding in _column(own, name, churned, auc_limit)]
    found += list(_rows(own))
    if rebuilt is not None:
        found += list(_changed(own, rebuilt, named))
    if (cross_validated is None) != (out_of_time is None):
        raise ParameterError("cross_validated and out_of_time go together: give both or neither")
    if cross_validated is not None and out_of_time is not None:
        excess = cross_validated - out_of_time
        check = "better in cross-validation than later"
        found.append((check, None, excess, difference_limit, excess > difference_limit, _SPLIT))
    names = ["check", "column", "value", "limit", "verdict", "mend"]
    table = pd.DataFrame(found, columns=names)
    table = table.assign(
        mend=table["mend"].where(table["verdict"].astype(bool)),
        verdict=np.where(table["verdict"].to_numpy(dtype=bool), "leak?", "fine"),
        value=table["value"].astype(float),
        limit=table["limit"].astype(float),
    )
    order = np.argsort(table["verdict"].to_numpy() == "fine", kind="stable")
    return table.iloc[order].reset_index(drop=True)


def _column(own: nw.DataFrame[Any], name: str, churned: Floats, limit: float) -> Iterator[Finding]:
    """Yield how well a column, and its being missing, tell who churned."""
    series = own[name]
    missing = np.asarray(series.is_null().to_numpy(), dtype=bool)
    if series.dtype.is_float():
        missing = missing | np.isnan(as_float(own, name))
    if missing.any() and not missing.all():
        value = _told(missing.astype(float), churned)
        yield "missing tells it", name, value, limit, value > limit, _DROP
    if isinstance(series.dtype, nw.Datetime | nw.Date):
        yield from _dates(own, name, missing)
        return
    known = ~missing
    if series.dtype.is_numeric() or isinstance(series.dtype, nw.Boolean):
        value = _told(as_float(own, name)[known], churned[known])
        yield "one column tells it", name, value, limit, value > limit, _DROP
        return
    values, counts, rate = _rates(own, name, known, churned)
    distinct = len(counts) / max(int(known.sum()), 1)
    told = _told(rate[values], churned[known]) if distinct <= 0.5 else np.nan
    if distinct > 0.5:
        mend = "Drop identifiers: a model learns customers by heart."
        yield "nearly all values differ", name, distinct, 0.5, True, mend
    else:
        yield "one column tells it", name, told, limit, told > limit, _DROP


def _rates(
    own: nw.DataFrame[Any], name: str, known: NDArray[np.bool_], churned: Floats
) -> tuple[NDArray[np.intp], NDArray[np.intp], Floats]:
    """Return each known row's category, how often each occurs, and its share of churners."""
    import pandas as pd

    codes, _ = pd.factorize(np.asarray(own[name].to_list(), dtype=object)[known], sort=False)
    counts = np.bincount(codes)
    return codes, counts, np.bincount(codes, weights=churned[known]) / np.maximum(counts, 1)


def _told(values: Floats, churned: Floats) -> float:
    """Return the AUC of values, in the direction in which they tell more; 0.5 if none is to be."""
    import pandas as pd

    if not len(values) or churned.min() == churned.max():
        return 0.5
    one = auc(pd.DataFrame({c.CHURNED: churned, c.CHURN_PROBABILITY: values}))
    return max(one, 1 - one)


def _dates(own: nw.DataFrame[Any], name: str, missing: NDArray[np.bool_]) -> Iterator[Finding]:
    if c.SNAPSHOT not in own.columns:
        return
    when, at = (as_numpy(own, column).astype("M8[D]") for column in (name, c.SNAPSHOT))
    late = float((when[~missing] >= at[~missing]).mean()) if (~missing).any() else 0.0
    mend = "Use only what is dated before the snapshot."
    yield "dated after the snapshot", name, late, 0.0, late > 0, mend


def _rows(own: nw.DataFrame[Any]) -> Iterator[Finding]:
    """Yield what random splits of these rows would share between their sides."""
    if c.SNAPSHOT in own.columns and c.OUTCOME_END in own.columns:
        start, end = (as_numpy(own, name).astype("M8[D]") for name in (c.SNAPSHOT, c.OUTCOME_END))
        later = np.unique(start)
        following = np.searchsorted(later, start, side="right")
        last = following == len(later)
        next_start = later[np.minimum(following, len(later) - 1)]
        share = float((~last & (end > next_start)).mean()) if len(start) else 0.0
        yield "outcome windows overlap the next snapshot", None, share, 0.0, share > 0, _SPLIT
    if c.CUSTOMER_ID in own.columns:
        ids = own[c.CUSTOMER_ID]
        share = float(ids.is_duplicated().to_numpy().mean()) if len(own) else 0.0
        mend = f"{_SPLIT} Or keep the rows of a customer together with GroupKFold."
        yield "customers have several rows", None, share, 0.0, share > 0, mend


def _changed(own: nw.DataFrame[Any], rebuilt: Any, named: list[str]) -> Iterator[Finding]:  # noqa: ANN401
    again = nw.from_native(rebuilt, eager_only=True)
    keys = [name for name in _KEYS if name in own.columns]
    same = len(again) == len(own) and set(own.columns) <= set(again.columns)
    if not same or any(own[k].to_list() != again[k].to_list() for k in keys):
        raise ParameterError(
            "rebuilt must have the columns of panel and the same rows in the same order: make it "
            "with the same call, from data of a later day"
        )
    for name in named:
        before, after = own[name].to_list(), again[name].to_list()
        pairs = zip(before, after, strict=True)
        differ = sum(not (x == y or (_nothing(x) and _nothing(y))) for x, y in pairs)
        share = differ / max(len(before), 1)
        yield "changed by later data", name, share, 0.0, share > 0, _DROP


def _nothing(value: object) -> bool:
    return value is None or value != value  # noqa: PLR0124 - true of NaN and NaT alone
