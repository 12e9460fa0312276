"""Whom to make a retention offer: profit per customer, within a budget and a capacity."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from crmanalytics import columns as c
from crmanalytics.decisions.amounts import MONEY, SHARE, read_amounts
from crmanalytics.decisions.break_even import break_even_probability
from crmanalytics.decisions.knapsack import Choice, Limits, choose, profit_bound
from crmanalytics.decisions.scorecard import check_share, core_of, rank_of
from crmanalytics.errors import ParameterError
from crmanalytics.frames import (
    Column,
    Contract,
    Kind,
    admit_eager,
    as_float,
    as_numpy,
    frame_like,
    with_new,
    with_parameters,
)
from crmanalytics.transactions.encoding import codes_of
from crmanalytics.wording import one_of

if TYPE_CHECKING:
    import narwhals.stable.v2 as nw
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]
    Mask = NDArray[np.bool_]
    Covered = Literal["expected", "everyone"]

__all__ = ["lots", "retention_plan", "retention_summary"]


def retention_plan(
    customers: Any,  # noqa: ANN401 - any eager frame
    *,
    offer_cost: float | str,
    contact_cost: float | str,
    acceptance: float | str,
    budget: float | None = None,
    capacity: int | None = None,
    clv: float | str = c.CLV,
    churn_probability: str = c.CHURN_PROBABILITY,
    uplift: str | None = None,
    stayers: float | str = 1.0,
    budget_covers: Covered = "expected",
    dissatisfied_below: float | None = None,
    satisfaction: str = c.SATISFACTION,
    high_value: float = 0.2,
    seed: int = 0,
    customer_id: str = c.CUSTOMER_ID,
) -> Any:  # noqa: ANN401 - a frame of the same kind
    """Say which customers to make a retention offer, in which order, and what it should earn.

    Without an experiment, a customer who would leave (with the probability of churn) accepts the
    offer with the probability of acceptance and stays. With one, the uplift says directly by how
    much the offer lowers the probability of leaving; where it is negative the offer wakes sleeping
    dogs, and the customer is left alone.

    Parameters
    ----------
    customers : DataFrame of shape (customers, ...)
        One row per customer.
    offer_cost, contact_cost : float or str
        What the offer costs when it is taken, and what it costs to contact a customer, in money:
        a number, or a column with each customer's own.
    acceptance : float or str
        Probability that a customer who would leave accepts.
    budget : float, optional
        Money that there is; None for no limit.
    capacity : int, optional
        How many customers can be contacted; None for no limit.
    clv : float or str
        Value of a customer who stays, in money.
    churn_probability : str
        Column of the probability that the customer leaves if nothing is done.
    uplift : str, optional
        Column with the lowering of that probability by the offer, from an experiment; learn it
        with :mod:`crmanalytics.churn.uplift` from an outcome that is 1 for customers who stayed
        (with one that is 1 for those who churned the sign is the opposite).
    stayers : float or str
        Probability that a customer who would stay takes the offer.
    budget_covers : {"expected", "everyone"}
        Whether the budget has to hold on average, or even if everybody takes the offer.
    dissatisfied_below : float, optional
        If given, customers of high value whose satisfaction is below this come first, as far as an
        offer to them pays: they leave for a reason that can be mended, and take much along.
    satisfaction : str
        Column of satisfaction; missing where it is not known.
    high_value : float
        Share of the customers, by value, that counts as high.
    seed : int
        Seed of the lots that customers draw who are alike and of whom only some fit in.
    customer_id : str
        Column of customers, none of them twice.

    Returns
    -------
    DataFrame
        Of the same kind, with its index and columns, and: ``break_even`` (from which probability
        on it would pay; without uplift only), ``saved`` (probability that contacting keeps the
        customer), ``spend`` (what counts against the budget), ``expected_profit``, ``first``
        (dissatisfied and of high value; only with `dissatisfied_below`), ``rank`` (1 comes
        first; equal customers share the smallest), ``chance`` (of being chosen: a fraction for
        equal customers of whom only some fit in), ``contact`` and ``verdict``. For pandas
        ``attrs["crmanalytics"]`` keeps the arguments.

        Without limits, or with a capacity only, the plan is the best there is. With a budget it is
        the best up to one customer's profit or so; :func:`retention_summary` says how much any plan
        could earn more.

    Raises
    ------
    DataError
        If columns or values are missing, out of range, or customers are there twice.
    ParameterError
        If a number is out of its range.

    References
    ----------
    Dantzig, G. B. (1957), "Discrete-variable extremum problems", Operations Research 5(2), 266-288;
    Fisher, M. L. (1981), "The Lagrangian relaxation method for solving integer programming
    problems", Management Science 27(1), 1-18. Profit of a contact as for
    :func:`break_even_probability`; sleeping dogs: Radcliffe (2007), as for
    :func:`crmanalytics.churn.uplift.uplift_curve`.

    Examples
    --------
    >>> import pandas as pd
    >>> from crmanalytics.decisions import retention_plan
    >>> customers = pd.DataFrame(
    ...     {
    ...         "customer_id": ["ann", "bob", "eve"],
    ...         "clv": [900.0, 300.0, 300.0],
    ...         "churn_probability": [0.05, 0.5, 0.8],
    ...     }
    ... )
    >>> plan = retention_plan(
    ...     customers, offer_cost=10, contact_cost=1, acceptance=0.3, capacity=1
    ... )
    >>> plan[["customer_id", "break_even", "expected_profit", "rank", "verdict"]].round(2)
      customer_id  break_even  expected_profit  rank             verdict
    0         ann        0.04             2.85     3  beyond the limits
    1         bob        0.11            37.50     2  beyond the limits
    2         eve        0.11            66.60     1             contact
    """
    one_of("budget_covers", budget_covers, ("expected", "everyone"))
    check_share(high_value)
    limits = Limits.of(budget, capacity)
    wanted = {
        "clv": (clv, MONEY),
        "offer_cost": (offer_cost, MONEY),
        "contact_cost": (contact_cost, MONEY),
        "acceptance": (acceptance, SHARE),
        "stayers": (stayers, SHARE),
        "churn_probability": (churn_probability, SHARE),
    }
    if uplift is not None:
        wanted["uplift"] = (uplift, (-1.0, 1.0))
    moods = [] if dissatisfied_below is None else [Column(satisfaction, Kind.NUMBER, nullable=True)]
    own, given = read_amounts(customers, wanted, *moods, customer_id=customer_id)
    made = _profits(given, everyone=budget_covers == "everyone")
    first = _first(own, given["clv"], satisfaction, dissatisfied_below, high_value)
    lot = lots(own, customer_id, seed)
    choice = _in_turns(made["expected_profit"], made["spend"], lot, limits, first)
    made |= {} if dissatisfied_below is None else {"first": first}
    made |= {
        "rank": _ranks(choice.order, made["expected_profit"] > 0, first),
        "chance": choice.chance,
        "contact": choice.chosen,
        "verdict": _verdicts(made["expected_profit"], made["saved"], choice.chosen),
    }
    return with_parameters(
        with_new(own, made),
        offer_cost=offer_cost, contact_cost=contact_cost, acceptance=acceptance, clv=clv,
        budget=budget, capacity=capacity, uplift=uplift, stayers=stayers,
        budget_covers=budget_covers, dissatisfied_below=dissatisfied_below,
        high_value=high_value, seed=seed,
    )  # fmt: skip


def retention_summary(
    plan: Any,  # noqa: ANN401 - any eager frame
    *,
    budget: float | None = None,
    capacity: int | None = None,
) -> Any:  # noqa: ANN401 - a frame of the same kind
    """Compare a plan with contacting nobody, everybody, and everybody who is worth it.

    Parameters
    ----------
    plan : DataFrame
        What :func:`retention_plan` returned.
    budget, capacity
        The limits that it was made with.

    Returns
    -------
    DataFrame
        Of the same kind, one row each for ``plan``, ``best possible`` (what no plan within the
        limits can exceed; only the profit), ``without limits``, ``everybody`` and ``nobody``:
        ``customers``, ``saved`` (expected number), ``spend`` and ``expected_profit``, and
        ``share_of_best`` (of the best possible profit; missing where that is 0).

    Raises
    ------
    DataError
        If the frame is no such plan.

    Examples
    --------
    >>> import pandas as pd
    >>> from crmanalytics.decisions import retention_plan, retention_summary
    >>> customers = pd.DataFrame(
    ...     {"customer_id": [1, 2], "clv": [300.0, 300.0], "churn_probability": [0.5, 0.0]}
    ... )
    >>> plan = retention_plan(customers, offer_cost=10, contact_cost=1, acceptance=0.3)
    >>> retention_summary(plan)[["contacted", "customers", "expected_profit"]]
            contacted  customers  expected_profit
    0            plan        1.0             37.5
    1   best possible        NaN             37.5
    2  without limits        1.0             37.5
    3       everybody        2.0             26.5
    4          nobody        0.0              0.0
    """
    numbers = tuple(Column(x, Kind.NUMBER) for x in ("saved", "spend", "expected_profit"))
    own = admit_eager(plan, Contract("plan", (*numbers, Column("contact", Kind.FLAG))))
    saved, spend, profit = (as_float(own, x) for x in ("saved", "spend", "expected_profit"))
    limits = Limits.of(budget, capacity)
    best = max(profit_bound(profit, spend, limits), 0.0)
    contact = as_numpy(own, "contact").astype(bool)
    groups = [contact, profit > 0, np.ones(len(own), dtype=bool), np.zeros(len(own), dtype=bool)]
    rows = [
        [float(x[who].sum()) for x in (np.ones(len(own)), saved, spend, profit)] for who in groups
    ]
    rows.insert(1, [np.nan, np.nan, np.nan, best])
    table = dict(zip(("customers", "saved", "spend", "expected_profit"), zip(*rows, strict=True),
                     strict=True))  # fmt: skip
    return frame_like(
        own,
        {
            "contacted": ["plan", "best possible", "without limits", "everybody", "nobody"],
            **{name: list(each) for name, each in table.items()},
            "share_of_best": [row[3] / best if best else np.nan for row in rows],
        },
    )


def lots(own: nw.DataFrame[Any], customer_id: str, seed: int) -> Floats:
    """Let each customer draw a lot, by the identifiers and not by the order of rows.

    Examples
    --------
    >>> import narwhals.stable.v2 as nw
    >>> import pandas as pd
    >>> own = nw.from_native(pd.DataFrame({"who": ["b", "a"]}), eager_only=True)
    >>> lots(own, "who", 1).round(2).tolist()
    [0.95, 0.51]
    """
    codes = codes_of(own[customer_id])
    return np.random.default_rng(seed).random(len(codes))[codes]


def _profits(given: dict[str, Floats], *, everyone: bool) -> dict[str, Any]:
    leaves, accept = given["churn_probability"], given["acceptance"]
    offer, contact = given["offer_cost"], given["contact_cost"]
    taken = leaves * accept + (1.0 - leaves) * given["stayers"]
    cost = contact + taken * offer
    saved = given.get("uplift", leaves * accept)
    found: dict[str, Any] = {}
    if "uplift" not in given:
        names = ("clv", "offer_cost", "contact_cost", "acceptance", "stayers")
        found["break_even"] = break_even_probability(**{name: given[name] for name in names})
    return found | {
        "saved": saved,
        "spend": contact + offer if everyone else cost,
        "expected_profit": saved * given["clv"] - cost,
    }


def _first(
    own: nw.DataFrame[Any], clv: Floats, satisfaction: str, below: float | None, share: float
) -> Mask:
    if below is None:
        return np.zeros(len(own), dtype=bool)
    if not np.isfinite(below):
        raise ParameterError(f"dissatisfied_below must be a number, not {below!r}")
    # what is not known is below nothing
    return np.asarray(core_of(clv, share) & (as_float(own, satisfaction) < below))


def _in_turns(profit: Floats, spend: Floats, lot: Floats, limits: Limits, first: Mask) -> Choice:
    """Choose among those who come first, then among the others with what is left."""
    if not first.any():
        return choose(profit, spend, lot, limits)
    chosen, chance, order = np.zeros(len(profit), dtype=bool), np.zeros(len(profit)), profit * 0.0
    left = limits
    for turn in (first, ~first):
        if turn.any():
            found = choose(profit[turn], spend[turn], lot[turn], left)
            chosen[turn], chance[turn], order[turn] = found.chosen, found.chance, found.order
            left = left.less(float(spend[chosen & turn].sum()), int(found.chosen.sum()))
    return Choice(chosen, chance, order)


def _ranks(order: Floats, worth: Mask, first: Mask) -> NDArray[np.int64]:
    """Rank first those who come first and pay, then the others who pay, then the rest."""
    turn = np.where(worth, np.where(first, 0, 1), 2)
    before = np.array([(turn < k).sum() for k in range(3)])
    ranks = np.empty(len(order), dtype=np.int64)
    for k in range(3):
        if (turn == k).any():
            ranks[turn == k] = before[k] + rank_of(order[turn == k])
    return ranks


def _verdicts(profit: Floats, saved: Floats, chosen: Mask) -> NDArray[Any]:
    return np.select(
        [chosen, saved < 0, profit <= 0],
        ["contact", "better left alone", "costs more than it brings"],
        default="beyond the limits",
    )
