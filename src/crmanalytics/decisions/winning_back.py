"""Win-back: which lapsed customers are worth winning again, how, and whom to let go."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import numpy as np

from crmanalytics import columns as c
from crmanalytics.clv.discounting.projected import retention_value
from crmanalytics.decisions.amounts import ANY, MONEY, SHARE, read_amounts
from crmanalytics.decisions.knapsack import Limits, choose
from crmanalytics.decisions.retention_plan import lots
from crmanalytics.decisions.scorecard import rank_of
from crmanalytics.errors import InvalidValuesError, ParameterError
from crmanalytics.frames import Column, Kind, column_like, with_new, with_parameters

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import narwhals.stable.v2 as nw
    from numpy.typing import NDArray

    from crmanalytics.clv.discounting.arguments import Timing
    from crmanalytics.decisions.knapsack import Choice

    Floats = NDArray[np.float64]
    Ints = NDArray[np.int64]

__all__ = ["APPROACHES", "second_lifetime_value", "win_back"]

#: What to do about each reason of leaving; None is to let go.
APPROACHES: Final[dict[str, str | None]] = {
    "pushed away by mistake": "apologise and repair what went wrong",
    "pulled away": "show what is better here than there",
    "bought away": "answer the price, once",
    "moved away": None,
    "sent away": None,
}

_UNKNOWN: Final = "ask why they left"


def second_lifetime_value(
    lapsed: Any,  # noqa: ANN401 - any eager frame
    *,
    margin: float | str,
    retention: float | str,
    discount_rate: float,
    timing: Timing,
    periods_per_year: float,
    horizon: int,
    recovery: float | str = 1.0,
    customer_id: str = c.CUSTOMER_ID,
) -> Any:  # noqa: ANN401 - a series of the frame's kind
    """Say what a lapsed customer would be worth if he came back: the second lifetime value.

    The second life is another one than the first: customers who left once leave more easily, and
    may not spend what they used to. So retention is that of customers who were won back, and
    `recovery` says which part of the former margin returns.

    Parameters
    ----------
    lapsed : DataFrame of shape (customers, ...)
        One row per lapsed customer.
    margin : float or str
        Money per period before the customer left: a number, or a column.
    retention : float or str
        Probability of staying from one period of the second life to the next.
    discount_rate : float
        Per year.
    timing : {"start", "middle", "end"}
        When in its period the margin comes.
    periods_per_year : float
        12 if margin and retention are monthly.
    horizon : int
        Number of periods to count.
    recovery : float or str
        Share of the former margin that comes back, 0 or more.
    customer_id : str
        Column of customers, none of them twice.

    Returns
    -------
    Series
        Money, aligned to the frame; given that the customer does come back.

    Raises
    ------
    DataError
        If columns or values are missing, or customers are there twice.
    ParameterError
        If a number is out of its range.

    References
    ----------
    Stauss, B. and Friege, C. (1999), "Regaining service customers: costs and benefits of regain
    management", Journal of Service Research 1(4), 347-361.

    Examples
    --------
    >>> import pandas as pd
    >>> from crmanalytics.decisions import second_lifetime_value
    >>> lapsed = pd.DataFrame({"customer_id": [1, 2], "margin": [100.0, 40.0]})
    >>> second_lifetime_value(
    ...     lapsed, margin="margin", retention=0.5, discount_rate=0.1, timing="start",
    ...     periods_per_year=1, horizon=3, recovery=0.8,
    ... ).round(2).tolist()
    [132.89, 53.16]
    """
    wanted = {
        "margin": (margin, ANY),
        "retention": (retention, SHARE),
        "recovery": (recovery, MONEY),
    }
    own, given = read_amounts(lapsed, wanted, customer_id=customer_id, frame="lapsed")
    value = retention_value(
        given["margin"] * given["recovery"], given["retention"], discount_rate,
        timing=timing, first="certain", periods_per_year=periods_per_year, horizon=horizon,
    )  # fmt: skip
    return column_like(own, "second_lifetime_value", value)


def win_back(
    lapsed: Any,  # noqa: ANN401 - any eager frame
    *,
    regain_cost: float | str,
    contact_cost: float | str,
    value: float | str = "second_lifetime_value",
    regain_probability: float | str = "regain_probability",
    reason: str | None = None,
    approaches: Mapping[str, str | None] | None = None,
    tiers: Sequence[float] = (0.2, 0.5),
    budget: float | None = None,
    capacity: int | None = None,
    seed: int = 0,
    customer_id: str = c.CUSTOMER_ID,
) -> Any:  # noqa: ANN401 - a frame of the same kind
    """Say which lapsed customers to win back, in which order and how, and which to let go.

    Parameters
    ----------
    lapsed : DataFrame of shape (customers, ...)
        One row per lapsed customer; for example those in the states dormant and lost of
        ``segments.lifecycle``.
    regain_cost : float or str
        What it costs when a customer does come back (the offer), in money: a number, or a column.
    contact_cost : float or str
        What it costs to try, in money.
    value : float or str
        Value of a customer who came back, before these costs; see :func:`second_lifetime_value`.
    regain_probability : float or str
        Probability that a customer who is approached comes back, above what would have come
        anyway; see :class:`RegainModel`.
    reason : str, optional
        Column with the reason of leaving; missing where it is not known.
    approaches : mapping, optional
        What to do about each reason, in the order of priority within a tier; None is to let the
        customer go. :data:`APPROACHES` without it, by the reasons of Stauss and Friege.
    tiers : sequence of float
        Rising shares of the customers, by the value that would come back: 0.2 and 0.5 make tier 1
        of the best fifth, tier 2 of the next three tenths, and tier 3 of the others. Customers of
        equal value stay together, in the better tier.
    budget : float, optional
        Money that there is for what these attempts are expected to cost; None for no limit.
    capacity : int, optional
        How many customers can be approached; None for no limit.
    seed : int
        Seed of the lots that customers draw who are alike and of whom only some fit in.
    customer_id : str
        Column of customers, none of them twice.

    Returns
    -------
    DataFrame
        Of the same kind, with its index and columns, and: ``spend`` (expected cost of trying),
        ``expected_profit``, ``tier``, ``approach`` (with `reason`), ``priority`` (1 comes first: by
        tier, then by reason, then by profit per money spent; those to let go share the last one),
        ``chance``, ``contact`` and ``verdict``. For pandas ``attrs["crmanalytics"]`` keeps the
        arguments. Limits are used up tier by tier.

    Raises
    ------
    DataError
        If columns or values are missing, a reason has no approach, or customers are there twice.
    ParameterError
        If a number is out of its range.

    References
    ----------
    Stauss and Friege (1999), as for :func:`second_lifetime_value`; Thomas, J. S., Blattberg, R. C.
    and Fox, E. J. (2004), "Recapturing lost customers", Journal of Marketing Research 41(1), 31-45.

    Examples
    --------
    >>> import pandas as pd
    >>> from crmanalytics.decisions import win_back
    >>> lapsed = pd.DataFrame(
    ...     {
    ...         "customer_id": ["ann", "bob", "eve"],
    ...         "second_lifetime_value": [400.0, 300.0, 20.0],
    ...         "regain_probability": [0.2, 0.1, 0.1],
    ...         "reason": ["moved away", "pulled away", "pulled away"],
    ...     }
    ... )
    >>> found = win_back(lapsed, regain_cost=30, contact_cost=2, reason="reason")
    >>> found[["customer_id", "tier", "expected_profit", "priority", "verdict"]]
      customer_id  tier  expected_profit  priority                    verdict
    0         ann     1             72.0         2  let go: for this reason
    1         bob     2             25.0         1                 win back
    2         eve     3             -3.0         2   let go: costs too much
    """
    cuts, ways = _tiers(tiers), dict(APPROACHES if approaches is None else approaches)
    limits = Limits.of(budget, capacity)
    wanted = {
        "value": (value, ANY),
        "regain_cost": (regain_cost, MONEY),
        "contact_cost": (contact_cost, MONEY),
        "regain_probability": (regain_probability, SHARE),
    }
    reasons = [] if reason is None else [Column(reason, Kind.LABEL, nullable=True)]
    own, given = read_amounts(lapsed, wanted, *reasons, customer_id=customer_id, frame="lapsed")
    back = given["regain_probability"]
    spend = given["contact_cost"] + back * given["regain_cost"]
    profit = back * given["value"] - spend
    place, approach = _approached(own, reason, ways)
    tier = _tier_of(given["value"] - given["regain_cost"], cuts)
    kept = (profit > 0) & (place >= 0)
    choice = _by_tier(
        np.where(kept, profit, 0.0), spend, tier, lots(own, customer_id, seed), limits
    )
    made: dict[str, Any] = {
        "spend": spend,
        "expected_profit": profit,
        "tier": tier,
        **({} if reason is None else {"approach": approach}),
        "priority": _priorities(kept, tier, place, profit, spend),
        "chance": choice[1],
        "contact": choice[0],
        "verdict": np.select(
            [choice[0], place < 0, ~kept],
            ["win back", "let go: for this reason", "let go: costs too much"],
            default="beyond the limits",
        ),
    }
    return with_parameters(
        with_new(own, made),
        regain_cost=regain_cost, contact_cost=contact_cost, tiers=list(cuts), budget=budget,
        capacity=capacity, seed=seed, approaches=ways if reason is not None else None,
    )  # fmt: skip


def _tiers(tiers: Sequence[float]) -> list[float]:
    cuts = [float(each) for each in tiers]
    if any(not 0 < each < 1 for each in cuts) or cuts != sorted(set(cuts)):
        raise ParameterError(f"tiers must be rising shares between 0 and 1, not {tiers!r}")
    return cuts


def _tier_of(value: Floats, cuts: list[float]) -> Ints:
    """Return 1 for the best; whoever begins within a share belongs to it, and equals with him."""
    place = rank_of(value)
    seats = [np.ceil(round(cut * len(value), 9)) for cut in cuts]
    return np.asarray(1 + np.searchsorted(seats, place, "left"), dtype=np.int64)


def _approached(
    own: nw.DataFrame[Any], reason: str | None, ways: dict[str, str | None]
) -> tuple[Ints, list[str]]:
    """Return the place of each customer's reason, -1 to let go, and what to do about it."""
    if reason is None:
        return np.zeros(len(own), dtype=np.int64), []
    given = [None if each is None or each != each else each for each in own[reason].to_list()]  # noqa: PLR0124 - missing
    strange = sorted({str(each) for each in given if each is not None and each not in ways})
    if strange:
        raise InvalidValuesError(
            f"lapsed[{reason!r}] must hold reasons that approaches names ({', '.join(ways)}): "
            f"{', '.join(strange[:3])} has none. Pass approaches={{...}} with an approach, or None "
            "to let go, for each."
        )
    kept = [name for name, way in ways.items() if way is not None]
    places = {name: kept.index(name) if name in kept else -1 for name in ways} | {None: len(kept)}
    done = {name: way or "let go" for name, way in ways.items()} | {None: _UNKNOWN}
    return np.array([places[each] for each in given]), [done[each] for each in given]


def _by_tier(
    profit: Floats, spend: Floats, tier: Ints, lot: Floats, limits: Limits
) -> tuple[NDArray[np.bool_], Floats]:
    chosen, chance, left = np.zeros(len(profit), dtype=bool), np.zeros(len(profit)), limits
    for turn in np.unique(tier):
        here = tier == turn
        found: Choice = choose(profit[here], spend[here], lot[here], left)
        chosen[here], chance[here] = found.chosen, found.chance
        left = left.less(float(spend[here][found.chosen].sum()), int(found.chosen.sum()))
    return chosen, chance


def _priorities(
    kept: NDArray[np.bool_], tier: Ints, place: Ints, profit: Floats, spend: Floats
) -> Ints:
    ratio = np.divide(profit, spend, out=np.full(len(profit), np.inf), where=spend > 0)
    keys = (-profit, -ratio, place, tier, ~kept)
    order = np.lexsort(keys)
    kept_keys = np.column_stack(
        [np.where(kept, each, 0.0) for each in (tier, place, ratio, profit)]
    )
    sorted_keys = np.column_stack([kept_keys, ~kept])[order]
    new = np.concatenate([[True], (sorted_keys[1:] != sorted_keys[:-1]).any(axis=1)])
    first = np.maximum.accumulate(np.where(new, np.arange(len(order)), 0))
    priority = np.empty(len(order), dtype=np.int64)
    priority[order] = first + 1
    return priority
