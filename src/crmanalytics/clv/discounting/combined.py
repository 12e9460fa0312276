"""Current and potential profitability: what is earned, and what could be, each counted once."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from crmanalytics import columns as c
from crmanalytics.clv.discounting.current import row_factors
from crmanalytics.clv.discounting.tables import PeriodTable
from crmanalytics.errors import InvalidValuesError, MissingColumnsError
from crmanalytics.frames.eager import frame_like

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

    from crmanalytics.clv.discounting.arguments import Timing

    Floats = NDArray[np.float64]

__all__ = ["current_and_potential_value"]

_SHOWN: Final = 3


def current_and_potential_value(
    profits: Any,  # noqa: ANN401 - any frame that narwhals knows
    *,
    discount_rate: ArrayLike | str,
    timing: Timing,
    periods_per_year: float,
    cross_selling: Any = None,  # noqa: ANN401 - any frame that narwhals knows
    growth: Any = None,  # noqa: ANN401 - any frame that narwhals knows
    referrals: Any = None,  # noqa: ANN401 - any frame that narwhals knows
    shared_wallet: bool = True,
) -> Any:  # noqa: ANN401 - the caller's kind of frame
    """Say what each customer is worth today and could be: sum_t (RB_it + PRP_it) / (1 + r)^t.

    None is counted twice. Further products and a larger share of wallet fill the same gap: in each
    period the growth counts only as far as its revenue exceeds that of cross-selling. Referrals
    are customers who are not in the base yet.

    Parameters
    ----------
    profits : DataFrame
        Current profits, one row per customer and period: customer_id, period, profit.
    discount_rate : float, array_like or str
        Per year; as in :func:`current_value`.
    timing : {"start", "middle", "end"}
        When in its period a profit comes.
    periods_per_year : float
        12 for months.
    cross_selling : DataFrame, optional
        From :func:`cross_selling_profits`: customer_id, period, revenue, profit, and
        standard_error if known.
    growth : DataFrame, optional
        From :func:`growth_profits`, with the same columns.
    referrals : DataFrame, optional
        From :func:`referral_profits`: customer_id, period, profit, and standard_error if known.
    shared_wallet : bool
        Whether the wallet of `growth` includes the products of `cross_selling`. Say False only if
        the wallet was measured without them.

    Returns
    -------
    DataFrame
        One row per customer, sorted: customer_id, current, cross_selling, growth, referrals,
        potential (their sum), clv (current + potential), standard_error (of the potential). A
        source that is not given counts 0.

    Raises
    ------
    MissingColumnsError, InvalidValuesError
        If a frame breaks its contract, or a potential is stated for a customer or a period in
        which `profits` knows no relationship.
    ParameterError
        If an argument is out of bounds.

    Notes
    -----
    The standard error takes the errors of one source as the same in all periods of a customer
    (they come from one estimated number: a wallet, a rate), which is the cautious choice, and
    those of different sources as independent. Growth's error is taken in the proportion in which
    growth is counted.

    Examples
    --------
    >>> import pandas as pd
    >>> profits = pd.DataFrame({"customer_id": [1, 1], "period": [0, 1], "profit": [50.0, 50.0]})
    >>> cards = profits.assign(revenue=[10.0, 20.0], profit=[4.0, 8.0])
    >>> wallet = profits.assign(revenue=[30.0, 50.0], profit=[9.0, 15.0])
    >>> value = current_and_potential_value(
    ...     profits, discount_rate=0.0, timing="start", periods_per_year=1,
    ...     cross_selling=cards, growth=wallet,
    ... )
    >>> value[["customer_id", "current", "cross_selling", "growth", "clv"]]
       customer_id  current  cross_selling  growth    clv
    0            1    100.0           12.0    15.0  127.0
    """
    table = PeriodTable.of(profits, "profits")
    factors = row_factors(table, discount_rate, timing, periods_per_year)
    sources = {
        c.CROSS_SELLING: _Source.of(cross_selling, c.CROSS_SELLING, table),
        c.GROWTH: _Source.of(growth, c.GROWTH, table),
        c.REFERRALS: _Source.of(referrals, c.REFERRALS, table),
    }
    if cross_selling is not None and growth is not None and shared_wallet:
        sources[c.GROWTH] = sources[c.GROWTH].net_of(sources[c.CROSS_SELLING])
    worth = {name: table.total(source.profit * factors) for name, source in sources.items()}
    errors = [table.total(source.error * factors) for source in sources.values()]
    current = table.total(table.column(c.PROFIT) * factors)
    potential = worth[c.CROSS_SELLING] + worth[c.GROWTH] + worth[c.REFERRALS]
    return frame_like(
        table.own,
        {
            c.CUSTOMER_ID: table.customers,
            c.CURRENT: current,
            **worth,
            c.POTENTIAL: potential,
            c.CLV: current + potential,
            c.STANDARD_ERROR: np.sqrt(np.sum(np.square(errors), axis=0)),
        },
    )


@dataclass(frozen=True)
class _Source:
    """One source of potential profit, laid over the rows of the current profits."""

    revenue: Floats | None
    profit: Floats
    error: Floats
    name: str

    @classmethod
    def of(cls, frame: object, name: str, base: PeriodTable) -> _Source:
        """Lay a source's rows over those of the current profits."""
        if frame is None:
            nothing = np.zeros(len(base.period))
            return cls(None, nothing, nothing, name)
        given = PeriodTable.of(frame, name)
        place = _place(given, base, name)

        def spread(column: str) -> Floats:
            values = np.zeros(len(base.period))
            values[place] = given.column(column)
            return values

        revenue = spread(c.REVENUE) if given.has(c.REVENUE) else None
        missing = np.zeros(len(base.period))
        error = spread(c.STANDARD_ERROR) if given.has(c.STANDARD_ERROR) else missing
        return cls(revenue, spread(c.PROFIT), error, name)

    def net_of(self, other: _Source) -> _Source:
        """Return what is left of this source after another has filled a part of the same gap."""
        mine, theirs = self._need_revenue(), other._need_revenue()
        left = np.where(mine > 0, np.maximum(mine - theirs, 0.0), 0.0)
        kept = left / np.where(mine > 0, mine, 1.0)
        return _Source(left, self.profit * kept, self.error * kept, self.name)

    def _need_revenue(self) -> Floats:
        if self.revenue is None:
            raise MissingColumnsError(
                f"{self.name} has no column 'revenue', which tells how much of the wallet it "
                "fills. Add it, or say shared_wallet=False if the wallet was measured apart."
            )
        return self.revenue


def _place(given: PeriodTable, base: PeriodTable, name: str) -> NDArray[np.intp]:
    """Return where each row of a source stands among the current profits."""
    import pandas as pd

    customer = pd.Index(base.customers).get_indexer(pd.Index(given.customers))
    span = int(max(base.period.max(initial=0), given.period.max(initial=0))) + 1
    known = base.codes.astype(np.int64) * span + base.period
    wanted = customer[given.codes].astype(np.int64) * span + given.period
    place = pd.Index(known).get_indexer(pd.Index(wanted))
    lost = place < 0
    if lost.any():
        first = ", ".join(
            f"{who} in period {t}"
            for who, t in zip(
                given.customers[given.codes[lost]][:_SHOWN], given.period[lost], strict=False
            )
        )
        raise InvalidValuesError(
            f"{name} has {int(lost.sum()):,} rows for customers and periods that are not in "
            f"profits (first: {first}). Plan both over the same customers and periods."
        )
    return np.asarray(place)
