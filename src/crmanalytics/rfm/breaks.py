"""Breaks: find where recency, frequency and money are cut into scores."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Final, Literal

from crmanalytics.errors import InvalidValuesError, ParameterError
from crmanalytics.frames import RFM_INPUT, admit, as_float, is_lazy
from crmanalytics.rfm.cutpoints import DIMENSIONS, Breaks, interval_within
from crmanalytics.rfm.cutting import MOST_SCORES, TIES, closed_side, cut, interval
from crmanalytics.rfm.in_engine import find_in_engine
from crmanalytics.wording import none_of, one_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    import narwhals.stable.v2 as nw
    import numpy as np
    from numpy.typing import NDArray

    from crmanalytics.rfm.cutpoints import Cuts
    from crmanalytics.rfm.cutting import Closed, Ties

    Floats = NDArray[np.float64]
    Scores = NDArray[np.int64]
    Columns = dict[str, Floats]

__all__ = ["breaks", "check_how", "columns_of", "find", "find_breaks"]

Method = Literal["quantile", "fixed", "nested"]

_METHODS: Final = ("quantile", "fixed", "nested")


def breaks(
    customers: Any = None,  # noqa: ANN401 - any frame that narwhals knows
    n: int | Mapping[str, int] = 5,
    *,
    method: Method = "quantile",
    ties: Ties = "cut",
    cuts: Mapping[str, Sequence[float]] | None = None,
    closed: Closed | None = None,
) -> Breaks:
    """Find where to cut recency, frequency and money, so that the same cuts can be used again.

    Parameters
    ----------
    customers : DataFrame of shape (customers, ...), optional
        With ``days_since_last``, ``orders`` and ``total``. Not needed where all cuts are given.
    n : int or mapping of str to int
        Scores per dimension, 1 to 9; a mapping has the keys "r", "f" and "m" (5 for those left
        out). Dimensions with cuts of their own have one score more than cuts.
    method : {"quantile", "fixed", "nested"}
        "quantile" cuts each dimension into groups as equal as ties allow, by itself. "nested" cuts
        recency first, then frequency within each recency score, then money within each pair of
        the two. "fixed" takes all `cuts` as given.
    ties : {"cut", "low", "average", "high", "rfm-r"}
        Which group customers with equal values share; never does the order of rows decide.

        - "cut": the cuts are the quantiles k/n, interpolated linearly (type 7 of [1]_, the default
          of numpy, pandas and R), and a value equal to a cut lies below it, as in ``pandas.qcut``;
        - "low", "average", "high": by the lowest, the mean or the highest rank of the tied values;
          the group is ``1 + floor(n (rank - 1) / N)`` for "low", ``ceil(n rank / N)`` otherwise;
        - "rfm-r": the rule of the R package rfm, whose lower cuts are the quantiles plus one, a
          value equal to a cut lying above it. For whole numbers nearly the same as "cut".

        "Below" and "low" speak of the column itself: of few days since the last purchase, which
        earn a high recency score. Where one value holds more customers than a group should, the
        scores next to it have nobody: fewer distinct scores, never an error, and never renumbered,
        so that a score keeps its meaning. :meth:`Breaks.table` shows them.
    cuts : mapping of str to sequence of float, optional
        Cuts of your own, under the keys "r" (days), "f" (orders) and "m" (money), ascending. With
        "quantile", the dimensions left out are cut by quantiles.
    closed : {"right", "left"}, optional
        For "fixed" cuts: whether a value equal to a cut lies below it ("right", the default) or
        above it ("left").

    Returns
    -------
    Breaks
        To be passed to :func:`score`, today and next month; ``.save(path)`` keeps them.

    Raises
    ------
    DataError
        If columns are missing, hold impossible values, or there are no rows.
    ParameterError
        If an argument is none of the above.

    References
    ----------
    .. [1] Hyndman, R. J. and Fan, Y. (1996), "Sample quantiles in statistical packages", The
       American Statistician 50(4), 361-365.

    Examples
    --------
    >>> import pandas as pd
    >>> from crmanalytics.rfm import breaks
    >>> customers = pd.DataFrame(
    ...     {
    ...         "days_since_last": [3, 10, 40, 90, 200, 365],
    ...         "orders": [9, 4, 2, 1, 1, 1],
    ...         "total": [900.0, 250.0, 120.0, 80.0, 30.0, 10.0],
    ...     }
    ... )
    >>> breaks(customers, n=3)
    Breaks(method='quantile', ties='cut', closed='right', r=[30, 126.667], f=[1, 2.66667], m=[63.3333, 163.333])
    """  # noqa: E501 - the line of output cannot be broken
    given = check_how(method, ties, cuts, closed)
    if method == "fixed":
        return _fixed(given, closed or "right")
    if customers is None:
        raise ParameterError("customers is needed to find cuts, unless method='fixed'")
    return find_breaks(admit(customers, RFM_INPUT), n, method, ties, given)


def find_breaks(
    own: nw.DataFrame[Any] | nw.LazyFrame[Any],
    n: int | Mapping[str, int],
    method: str,
    ties: str,
    given: Mapping[str, Cuts],
) -> Breaks:
    """Find breaks of an admitted frame, wherever it is; see :func:`breaks`.

    Examples
    --------
    >>> import narwhals.stable.v2 as nw
    >>> frame = {"days_since_last": [1, 2], "orders": [1, 2], "total": [1.0, 2.0]}
    >>> find_breaks(nw.from_dict(frame, backend="pandas"), 2, "quantile", "cut", {}).r
    ((1.5,),)
    """
    if not is_lazy(own):
        return find(columns_of(own), n, method, ties, given)  # type: ignore[arg-type] # is_lazy tells
    if method == "fixed":
        return _fixed(given, "right")
    return find_in_engine(own, _sizes(n), method, ties, given)  # type: ignore[arg-type] # as above


def find(
    values: Columns, n: int | Mapping[str, int], method: str, ties: str, given: Mapping[str, Cuts]
) -> Breaks:
    """Find breaks from arrays and arguments that were checked; see :func:`breaks`.

    Examples
    --------
    >>> import numpy as np
    >>> values = {key: np.array([1.0, 2.0, 3.0]) for key in "rfm"}
    >>> find(values, 2, "quantile", "cut", {}).f
    ((2.0,),)
    """
    if method == "fixed":
        return _fixed(given, "right")
    if not len(values["r"]):
        raise InvalidValuesError("customers has no rows: there is nothing to find cuts from.")
    sizes = _sizes(n)
    if method == "nested":
        return _nested(values, sizes, ties)
    r, f, m = (
        given[key] if key in given else cut(values[key], sizes[key], ties) for key in DIMENSIONS
    )
    return Breaks((r,), (f,), (m,), method, ties, closed_side(ties))


def columns_of(own: nw.DataFrame[Any]) -> Columns:
    """Return the three columns of an admitted frame."""
    return {key: as_float(own, name) for key, name in DIMENSIONS.items()}


def _fixed(given: Mapping[str, Cuts], closed: Closed) -> Breaks:
    r, f, m = (given[key] for key in DIMENSIONS)
    return Breaks((r,), (f,), (m,), "fixed", "cut", closed)


def _nested(values: Columns, sizes: dict[str, int], ties: str) -> Breaks:
    closed = closed_side(ties)
    n_r, n_f, n_m = (sizes[key] for key in DIMENSIONS)
    whole = cut(values["r"], n_r, ties)
    r = n_r - 1 - interval(values["r"], whole, closed)
    f_whole = cut(values["f"], n_f, ties)
    f_cuts = _cut_each(_members(values["f"], r, n_r), n_f, ties, [f_whole])
    cell = r * n_f + interval_within(values["f"], r, f_cuts, closed)
    m_whole = cut(values["m"], n_m, ties)
    m_parents = _cut_each(_members(values["m"], r, n_r), n_m, ties, [m_whole])
    m_cuts = _cut_each(_members(values["m"], cell, n_r * n_f), n_m, ties, m_parents)
    return Breaks((whole,), f_cuts, m_cuts, "nested", ties, closed)


def _members(values: Floats, group: Scores, groups: int) -> list[Floats]:
    return [values[group == each] for each in range(groups)]


def _cut_each(
    members: list[Floats], n: int, ties: str, parents: Sequence[Cuts]
) -> tuple[Cuts, ...]:
    """Cut each group by itself; one without customers takes the cuts of the group around it."""
    share = len(members) // len(parents)
    return tuple(
        cut(each, n, ties) if len(each) else parents[place // share]
        for place, each in enumerate(members)
    )


def _sizes(n: int | Mapping[str, int]) -> dict[str, int]:
    wanted = dict(n) if isinstance(n, Mapping) else dict.fromkeys(DIMENSIONS, n)
    _check_keys("n", wanted)
    for key, size in wanted.items():
        if isinstance(size, bool) or not isinstance(size, int) or not 1 <= size <= MOST_SCORES:
            raise ParameterError(
                f"n must be a whole number from 1 to {MOST_SCORES}, not {size!r} (for {key!r})"
            )
    return dict.fromkeys(DIMENSIONS, 5) | wanted


def _check_keys(name: str, mapping: Mapping[str, object]) -> None:
    unknown = [key for key in mapping if key not in DIMENSIONS]
    if unknown:
        raise ParameterError(f"{name} has the keys 'r', 'f' and 'm'; unknown: {unknown}")


def check_how(
    method: str,
    ties: str,
    cuts: Mapping[str, Sequence[float]] | None,
    closed: str | None = None,
) -> dict[str, Cuts]:
    """Check the arguments of :func:`breaks` against each other and return the cuts given.

    Examples
    --------
    >>> check_how("quantile", "cut", {"f": [1, 3]})
    {'f': (1.0, 3.0)}
    """
    given = {key: tuple(map(float, each)) for key, each in (cuts or {}).items()}
    one_of("method", method, _METHODS)
    if ties not in TIES:
        raise ParameterError(
            f"{none_of('ties', ties, TIES)}. Ranking rows in the order in which they come is not "
            "offered, as it parts equal customers by chance."
        )
    _check_keys("cuts", given)
    if method == "nested" and given:
        raise ParameterError("nested breaks are found within each other: cuts cannot be given")
    if method == "fixed" and set(given) != set(DIMENSIONS):
        raise ParameterError("method='fixed' needs cuts={'r': [...], 'f': [...], 'm': [...]}")
    if closed is not None and method != "fixed":
        raise ParameterError("closed belongs to method='fixed'; otherwise ties decides it")
    return given
