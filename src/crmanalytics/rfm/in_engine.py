"""RFM of customers who are not in memory: counted, scored and described by their own engine.

Finding cuts brings the distinct values of each column to the driver, with the number of customers
who have each: whole days, whole orders, and money in cents are far fewer than customers. Scores and
segments are expressions; nothing is joined and nothing is collected.
"""

from __future__ import annotations

from functools import reduce
from operator import add
from typing import TYPE_CHECKING, Any

import narwhals.stable.v2 as nw
import numpy as np

from crmanalytics import columns as c
from crmanalytics.errors import InvalidValuesError
from crmanalytics.frames import as_float, collected
from crmanalytics.rfm.cutpoints import DIMENSIONS, Breaks
from crmanalytics.rfm.cutting import closed_side, cut_counted

if TYPE_CHECKING:
    from collections.abc import Mapping

    from crmanalytics.rfm.cutpoints import Cuts
    from crmanalytics.rfm.rulebook import Rules

    Lazy = nw.LazyFrame[Any]

__all__ = ["find_in_engine", "labelled", "scored"]

_GROUP = "group of scores"
_TIMES = "customers of a value"


def find_in_engine(
    own: Lazy, sizes: Mapping[str, int], method: str, ties: str, given: Mapping[str, Cuts]
) -> Breaks:
    """Find breaks of a lazy frame; see :func:`crmanalytics.rfm.breaks`.

    Examples
    --------
    >>> import polars as pl
    >>> frame = pl.LazyFrame({"days_since_last": [1, 2], "orders": [1, 2], "total": [1.0, 2.0]})
    >>> sizes = dict.fromkeys("rfm", 2)
    >>> find_in_engine(nw.from_native(frame), sizes, "quantile", "cut", {}).r
    ((1.5,),)
    """
    closed = closed_side(ties)
    whole = {
        key: given[key] if key in given else _cuts(own, name, sizes[key], ties)
        for key, name in DIMENSIONS.items()
    }
    if method != "nested":
        one = {key: (whole[key],) for key in DIMENSIONS}
        return Breaks(one["r"], one["f"], one["m"], method, ties, closed)
    n_r, n_f, n_m = (sizes[key] for key in DIMENSIONS)
    score = _recency(whole["r"], n_r, closed)
    f = _cuts_within(own, c.ORDERS, score, [whole["f"]] * n_r, n_f, ties)
    parents = _cuts_within(own, c.TOTAL, score, [whole["m"]] * n_r, n_m, ties)
    cell = score * n_f + _within(nw.col(c.ORDERS), score, f, closed)
    around = [parent for parent in parents for _ in range(n_f)]
    m = _cuts_within(own, c.TOTAL, cell, around, n_m, ties)
    return Breaks((whole["r"],), f, m, "nested", ties, closed)


def _cuts(own: Lazy, name: str, n: int, ties: str) -> Cuts:
    found = _counted(own.with_columns(nw.lit(0).alias(_GROUP)), name)
    if not len(found):
        raise InvalidValuesError("customers has no rows: there is nothing to find cuts from.")
    return _cut_rows(found, name, n, ties)


def _counted(own: Lazy, name: str) -> nw.DataFrame[Any]:
    value = nw.col(name).cast(nw.Float64).alias(name)
    counted = own.with_columns(value).group_by(_GROUP, name).agg(nw.len().alias(_TIMES))
    return collected(counted).sort(_GROUP, name)


def _cut_rows(rows: nw.DataFrame[Any], name: str, n: int, ties: str) -> Cuts:
    times = np.asarray(rows[_TIMES].to_numpy()).astype(np.int64)
    return cut_counted(as_float(rows, name), times, n, ties)


def _cuts_within(
    own: Lazy, name: str, group: nw.Expr, parents: list[Cuts], n: int, ties: str
) -> tuple[Cuts, ...]:
    """Cut each group by itself; one without customers takes the cuts of the group around it."""
    found = _counted(own.with_columns(group.alias(_GROUP)), name)
    numbers = np.asarray(found[_GROUP].to_numpy())
    starts = np.searchsorted(numbers, np.arange(len(parents) + 1))
    return tuple(
        _cut_rows(found[int(starts[k]) : int(starts[k + 1])], name, n, ties)
        if starts[k] < starts[k + 1]
        else parent
        for k, parent in enumerate(parents)
    )


def _interval(value: nw.Expr, cuts: Cuts, closed: str) -> nw.Expr:
    below = sum(1 for each in cuts if each == -np.inf)
    finite = [each for each in cuts if np.isfinite(each)]
    above = [((value > x) if closed == "right" else (value >= x)).cast(nw.Int64) for x in finite]
    return reduce(add, above, nw.lit(below).cast(nw.Int64))


def _recency(cuts: Cuts, n: int, closed: str) -> nw.Expr:
    return (n - 1) - _interval(nw.col(c.DAYS_SINCE_LAST), cuts, closed)


def _within(value: nw.Expr, group: nw.Expr, cuts: tuple[Cuts, ...], closed: str) -> nw.Expr:
    if len(cuts) == 1:
        return _interval(value, cuts[0], closed)
    each = [(group == k).cast(nw.Int64) * _interval(value, x, closed) for k, x in enumerate(cuts)]
    return reduce(add, each)


def scored(own: Lazy, breaks: Breaks) -> Any:  # noqa: ANN401 - the kind that came in
    """Score the customers of a lazy frame.

    Examples
    --------
    >>> import polars as pl
    >>> frame = pl.LazyFrame({"days_since_last": [1, 2], "orders": [1, 2], "total": [1.0, 2.0]})
    >>> mine = Breaks(r=((1.5,),), f=((1.5,),), m=((1.5,),))
    >>> scored(nw.from_native(frame), mine).collect()["rfm_score"].to_list()
    [211, 122]
    """
    n_r, n_f, _ = breaks.n
    r = _recency(breaks.r[0], n_r, breaks.closed)
    first = own.with_columns((r + 1).alias(c.R_SCORE))
    group = nw.col(c.R_SCORE) - 1
    f = _within(nw.col(c.ORDERS), group, breaks.f, breaks.closed)
    second = first.with_columns((f + 1).alias(c.F_SCORE))
    cell = group * n_f + nw.col(c.F_SCORE) - 1
    m = _within(nw.col(c.TOTAL), cell, breaks.m, breaks.closed)
    third = second.with_columns((m + 1).alias(c.M_SCORE))
    code = 100 * nw.col(c.R_SCORE) + 10 * nw.col(c.F_SCORE) + nw.col(c.M_SCORE)
    return third.with_columns(code.alias(c.RFM_SCORE)).to_native()


def labelled(own: Lazy, rules: Rules) -> Any:  # noqa: ANN401 - the kind that came in
    """Name the segments of the customers of a lazy frame.

    Examples
    --------
    >>> import polars as pl
    >>> from crmanalytics.rfm import rules
    >>> frame = pl.LazyFrame({"r_score": [5, 1], "f_score": [5, 1], "m_score": [4, 2]})
    >>> labelled(nw.from_native(frame), rules()).collect()["segment"].to_list()
    ['Champions', 'Hibernating']
    """
    _, n_f, n_m = rules.n
    r, f, m = (nw.col(name).cast(nw.Int64) - 1 for name in (c.R_SCORE, c.F_SCORE, c.M_SCORE))
    cell = (r * n_f + f) * n_m + m
    places = rules.lookup().ravel()
    name = nw.lit(None).cast(nw.String)
    for number, segment in enumerate(rules.segments):
        cells = np.flatnonzero(places == number).tolist()
        if cells:
            name = nw.when(cell.is_in(cells)).then(nw.lit(segment)).otherwise(name)
    return own.with_columns(name.alias(c.SEGMENT)).to_native()
