"""Profitability by any dimensions: rollups and cubes with shares, indices and risk."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import narwhals.stable.v2 as nw
import numpy as np

from crmanalytics import columns as c
from crmanalytics.frames import is_pandas, with_parameters
from crmanalytics.profitability.cells import regrouped
from crmanalytics.profitability.in_engine import cells_in_engine
from crmanalytics.profitability.measures import against_base, summed
from crmanalytics.profitability.plan import admit_log, plan_of
from crmanalytics.profitability.risk import volatility
from crmanalytics.profitability.sets import grouping_name

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from crmanalytics.profitability.cells import Cells, Dimension
    from crmanalytics.profitability.periods import Period
    from crmanalytics.profitability.plan import Plan
    from crmanalytics.profitability.sets import Sets

    Frame = nw.DataFrame[Any] | nw.LazyFrame[Any]
    Piece = tuple[str, dict[str, Dimension], dict[str, NDArray[Any]]]

__all__ = ["cube"]


def cube(
    log: Any,  # noqa: ANN401 - any frame that narwhals knows
    by: str | Sequence[str],
    *,
    costs: str | Sequence[str],
    revenue: str = c.AMOUNT,
    sets: Sets = "cube",
    efforts: str | Sequence[str] = (),
    customer_id: str | None = None,
    order_id: str | None = None,
    period: Period | None = None,
    risk: Period | None = None,
    date: str = c.DATE,
    keep_missing: bool = False,
) -> Any:  # noqa: ANN401 - a frame of the same kind
    """Say where money is earned: by customer, product, department, region, channel, time, or mixes.

    Parameters
    ----------
    log : DataFrame
        One row per sale, or whatever else has revenue and costs; refunds are negative. A frame
        that is not in memory is added up by its engine.
    by : str or sequence of str
        The dimensions: columns of labels, whole numbers or dates.
    costs : str or sequence of str
        One column or more of costs, as positive numbers; profit is revenue less all of them. See
        :func:`allocate` for costs that no row has.
    revenue : str
        The column of money taken.
    sets : {"cube", "rollup", "each", "finest"} or list of tuple of str
        Which combinations of the dimensions: all of them; the leading ones (as years, months
        within years, ...); the total and each dimension by itself; only all of them together; or
        those that you list, ``()`` being the total.
    efforts : str or sequence of str
        Columns that profit is measured against besides cost, such as hours worked or floor space.
    customer_id, order_id : str, optional
        Columns whose distinct values are counted in each group.
    period : {"D", "W", "M", "Q", "Y"}, optional
        Dimensions that are dates are cut to the first day of their day, week, month, ...
    risk : {"D", "W", "M", "Q", "Y"}, optional
        Measure how the profit swings from period to period. Give whole periods: half a month at
        either end counts as a bad month.
    date : str
        The column of dates that `risk` goes by.
    keep_missing : bool
        Whether rows without a label form a group, the label of which is missing. The column
        ``grouping`` tells it from a total.

    Returns
    -------
    DataFrame
        Of the same kind (for a frame that is not in memory: polars for polars, else pandas). One
        row per group, coarse combinations first and sorted by labels within them:

        - ``grouping``: the combination, as ``"total"``, ``"region"`` or ``"region x channel"``;
        - each dimension: the label, missing where it is summed over;
        - ``rows``; ``customers`` and ``orders`` (distinct ones, which do not add up);
        - ``revenue``, each column of costs, ``cost``, ``profit``, each of `efforts`;
        - ``margin`` (profit per revenue), ``productivity`` (profit per cost), ``profit_per_...``
          customer, order and each of `efforts`; missing where that is not positive;
        - ``revenue_share``, ``cost_share``, ``profit_share``: of the total; missing where the
          total is not positive;
        - ``margin_index``, ``productivity_index``: 100 is that of the total;
        - with `risk`: ``profit_sd`` (standard deviation of profit per period), ``risk`` (its ratio
          to the mean; missing where the mean is not positive) and ``downside_share`` (share of
          periods with a loss). A period without rows has a profit of zero.

        For pandas ``attrs["crmanalytics"]`` keeps the arguments.

    Raises
    ------
    DataError
        If columns are missing, values or labels are missing, or the log is empty.
    ParameterError
        If dimensions repeat or are unknown.

    References
    ----------
    Gray, J. et al. (1997), Data cube: a relational aggregation operator generalizing group-by,
    cross-tab, and sub-totals, *Data Mining and Knowledge Discovery* 1, 29-53.

    Examples
    --------
    >>> import pandas as pd
    >>> import crmanalytics as crm
    >>> log = pd.DataFrame(
    ...     {
    ...         "region": ["north", "north", "south"],
    ...         "channel": ["web", "shop", "web"],
    ...         "amount": [100.0, 50.0, 50.0],
    ...         "cost": [60.0, 50.0, 30.0],
    ...     }
    ... )
    >>> found = crm.profitability.cube(log, ["region", "channel"], costs="cost", sets="rollup")
    >>> found[["grouping", "region", "channel", "profit", "margin", "profit_share"]].round(2)
               grouping region channel  profit  margin  profit_share
    0             total    NaN     NaN    60.0    0.30          1.00
    1            region  north     NaN    40.0    0.27          0.67
    2            region  south     NaN    20.0    0.40          0.33
    3  region x channel  north    shop     0.0    0.00          0.00
    4  region x channel  north     web    40.0    0.40          0.67
    5  region x channel  south     web    20.0    0.40          0.33
    """
    plan = plan_of(
        by,
        costs,
        sets=sets,
        revenue=revenue,
        efforts=efforts,
        customer_id=customer_id,
        order_id=order_id,
        date=date,
        period=period,
        risk=risk,
        keep_missing=keep_missing,
    )
    own = admit_log(log, plan)
    cells = _cells(own, plan)
    base = _measured(cells, plan, ())[2]
    pieces = [_measured(cells, plan, chosen) for chosen in plan.sets]
    whole = [(name, labels, {**x, **against_base(x, base)}) for name, labels, x in pieces]
    made = _framed(own, plan, whole)
    kept = {name: value for name, value in vars(plan).items() if name != "sets"}
    return with_parameters(made, sets=[grouping_name(chosen) for chosen in plan.sets], **kept)


def _cells(own: Frame, plan: Plan) -> Cells:
    if isinstance(own, nw.DataFrame) and is_pandas(own):
        from crmanalytics.profitability.in_pandas import cells_in_pandas

        return cells_in_pandas(own, plan)
    return cells_in_engine(own, plan)


def _measured(cells: Cells, plan: Plan, chosen: tuple[str, ...]) -> Piece:
    groups = regrouped(cells, chosen)
    labels = {
        name: cells.dimensions[name].at(codes)
        for name, codes in zip(chosen, groups.codes, strict=True)
    }
    found = summed(cells, plan, chosen, groups)
    return grouping_name(chosen), labels, {**found, **volatility(cells, plan, groups)}


def _framed(own: Frame, plan: Plan, pieces: list[Piece]) -> Any:  # noqa: ANN401 - a native frame
    sizes = [len(found["rows"]) for _, _, found in pieces]
    columns: dict[str, Any] = {"grouping": np.repeat([name for name, _, _ in pieces], sizes)}
    for name in plan.by:
        columns[name] = _stacked(name, pieces, sizes)
    for name in pieces[0][2]:
        columns[name] = np.concatenate([found[name] for _, _, found in pieces])
    backend: Any = own.implementation
    if not isinstance(own, nw.DataFrame) and not backend.is_polars():
        backend = nw.Implementation.PANDAS
    if backend.is_pandas():
        import pandas as pd

        return pd.DataFrame(columns)
    listed = {
        name: [None if x is None or x != x else x for x in value.tolist()]  # noqa: PLR0124 - NaN
        if name in plan.by
        else value
        for name, value in columns.items()
    }
    return nw.from_dict(listed, backend=backend).to_native()


def _stacked(name: str, pieces: list[Piece], sizes: list[int]) -> Any:  # noqa: ANN401 - a pandas Series
    codes = [
        labels[name].codes if name in labels else np.full(size, -1)
        for (_, labels, _), size in zip(pieces, sizes, strict=True)
    ]
    known = next((labels[name] for _, labels, _ in pieces if name in labels), None)
    if known is None:
        return np.full(sum(sizes), None, dtype=object)
    return known.at(np.concatenate(codes)).labels()
