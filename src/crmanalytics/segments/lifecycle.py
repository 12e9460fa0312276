"""Life-cycle states: prospect, first-time buyer, loyal, dormant, lost, won back."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import narwhals.stable.v2 as nw
import numpy as np

from crmanalytics import columns as c
from crmanalytics.errors import MissingColumnsError, ParameterError
from crmanalytics.frames import (
    Column,
    Contract,
    Kind,
    Rule,
    admit,
    as_float,
    collected,
    with_new,
    with_parameters,
)
from crmanalytics.segments.on_engine import number, shrunk, when
from crmanalytics.transactions.expressions import day_number

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    Floats = NDArray[np.float64]
    Codes = NDArray[np.intp]

__all__ = ["STATES", "Definitions", "lifecycle", "states_of", "states_on_engine"]

#: The states in the order of a customer's life.
STATES: Final = (
    "non-customer",
    "prospect",
    "target",
    "first-time",
    "repeat",
    "loyal",
    "dormant",
    "lost",
    "won back",
)
_NON, _PROSPECT, _TARGET, _FIRST, _REPEAT, _LOYAL, _DORMANT, _LOST, _BACK = range(9)

_NEW: Final = "new "
_OPTIONAL: Final = ("mean_gap", "last_gap", "gap_before", c.P_ALIVE)
_PEOPLE: Final = Contract(
    frame="customers",
    columns=(
        Column(c.CUSTOMER_ID, Kind.IDENTIFIER, required=False),
        Column(c.ORDERS, Kind.COUNT, low=0, nullable=True),
        Column(c.DAYS_SINCE_LAST, Kind.NUMBER, low=0, nullable=True),
        Column("mean_gap", Kind.NUMBER, required=False, low=0, nullable=True),
        Column("last_gap", Kind.NUMBER, required=False, low=0, nullable=True),
        Column("gap_before", Kind.NUMBER, required=False, low=0, nullable=True),
        Column(c.FIRST_DATE, Kind.DATE, required=False, nullable=True),
        Column(c.LAST_DATE, Kind.DATE, required=False, nullable=True),
        Column(c.P_ALIVE, Kind.NUMBER, required=False, low=0, high=1, nullable=True),
    ),
    rules=(
        Rule(
            "must be known of everybody with a purchase",
            (nw.col(c.ORDERS) > 0)
            & (nw.col(c.DAYS_SINCE_LAST).is_null() | nw.col(c.DAYS_SINCE_LAST).is_nan()),
            (c.DAYS_SINCE_LAST, c.ORDERS),
        ),
    ),
    names_row_by=c.CUSTOMER_ID,
)


@dataclass(frozen=True)
class Definitions:
    """What makes a customer loyal, dormant, lost or won back.

    Parameters
    ----------
    loyal : int
        Purchases from which a customer is loyal, 2 or more.
    dormant, lost : float
        Multiples of the usual time between purchases after which a customer without one is
        dormant, and lost.
    dormant_below, lost_below : float
        Probabilities of being alive below which a customer is dormant, and lost, where given.
    usual_gap : float or None
        Days between purchases of the base; None finds the median of the customers' own.
    prior : float
        How many gaps the base's rhythm counts for beside a customer's own.
    """

    loyal: int = 4
    dormant: float = 2.0
    lost: float = 4.0
    dormant_below: float = 0.5
    lost_below: float = 0.1
    usual_gap: float | None = None
    prior: float = 1.0

    def __post_init__(self) -> None:
        if isinstance(self.loyal, bool) or not isinstance(self.loyal, int) or self.loyal < 2:
            raise ParameterError(f"loyal must be 2 purchases or more, not {self.loyal!r}")
        if not 0 < self.dormant < self.lost:
            raise ParameterError(
                f"dormant and lost must be positive multiples, the latter the larger, not "
                f"{self.dormant!r} and {self.lost!r}"
            )
        if not 0 <= self.lost_below <= self.dormant_below <= 1:
            raise ParameterError(
                f"lost_below and dormant_below must be probabilities, the latter the larger, not "
                f"{self.lost_below!r} and {self.dormant_below!r}"
            )
        if self.usual_gap is not None and not 0 < self.usual_gap < math.inf:
            raise ParameterError(f"usual_gap must be days above 0, not {self.usual_gap!r}")
        if not 0 < self.prior < math.inf:
            raise ParameterError(f"prior must be a positive number of gaps, not {self.prior!r}")


def lifecycle(
    customers: Any,  # noqa: ANN401 - any frame that narwhals knows
    *,
    loyal: int = 4,
    dormant: float = 2.0,
    lost: float = 4.0,
    dormant_below: float = 0.5,
    lost_below: float = 0.1,
    usual_gap: float | None = None,
    prior: float = 1.0,
) -> Any:  # noqa: ANN401 - a frame of the same kind
    """Say where in their life each customer stands, by their own rhythm or their P(alive).

    A customer who buys every week is dormant after two weeks without a purchase, one who buys every
    year after two years.

    Parameters
    ----------
    customers : DataFrame of shape (people, ...)
        What :func:`rhythm` or ``crm.summarize`` returned: ``orders`` and ``days_since_last``, and
        either ``mean_gap`` or ``first_date`` and ``last_date``. Won back is only told with
        ``last_gap`` and ``gap_before``. With ``p_alive``, that decides who is dormant and lost,
        wherever it is not missing.

        People who never bought may be there with 0 or missing orders (as after a left join of the
        customers to an address list); the columns ``prospect`` (might buy) and ``target`` (is
        being courted), true or false, tell them apart.
    loyal : int
        Purchases from which an active customer is loyal.
    dormant, lost : float
        Multiples of the usual time between purchases after which a customer without a purchase is
        dormant, and lost.
    dormant_below, lost_below : float
        The same for the probability of being alive.
    usual_gap : float, optional
        Days between purchases of the base, for those who bought once. The median of the mean gaps
        of the others by default; where nobody bought twice, no one-time buyer is ever late.
    prior : float
        The usual time of a customer is the mean of their own gaps and of this many gaps of the
        base: few gaps say little.

    Returns
    -------
    DataFrame
        Of the same kind, lazy frames staying lazy (the median of the gaps alone comes to the
        driver), with its index and all of its columns, and with ``usual_gap`` (days),
        ``lateness`` (days since the last purchase as a multiple of it) and ``state``, one of
        :data:`STATES`. For pandas ``attrs["crmanalytics"]`` keeps all arguments, and as
        `usual_gap` the one found.

        - non-customer, prospect, target: never bought;
        - first-time, repeat, loyal: bought once, up to `loyal` - 1 times, or more often, and not
          late;
        - won back: active again after a last gap in which they counted as lost, by the rhythm that
          they had before; with the next purchase in time they are repeat or loyal customers;
        - dormant, lost: late.

    Raises
    ------
    DataError
        If columns are missing or hold impossible values.
    ParameterError
        If a definition is impossible.

    Notes
    -----
    The BG/NBD model says of customers who bought once that they are alive for certain. Leave
    their ``p_alive`` missing, or take the Pareto/NBD or MBG/NBD model, to see them grow dormant.

    Examples
    --------
    >>> import pandas as pd
    >>> from crmanalytics.segments import lifecycle
    >>> people = pd.DataFrame(
    ...     {
    ...         "orders": [0, 1, 5, 5, 5],
    ...         "days_since_last": [None, 8.0, 8.0, 30.0, 90.0],
    ...         "mean_gap": [None, None, 10.0, 10.0, 10.0],
    ...         "target": [True, False, False, False, False],
    ...     }
    ... )
    >>> lifecycle(people)["state"].tolist()
    ['target', 'first-time', 'loyal', 'dormant', 'lost']
    """
    how = Definitions(loyal, dormant, lost, dormant_below, lost_below, usual_gap, prior)
    own = admit(customers, _PEOPLE)
    if isinstance(own, nw.LazyFrame):
        return states_on_engine(own, how)[0].to_native()
    table = _read(own)
    place, rhythm, lateness, base = states_of(table, how)
    never = table[c.ORDERS] == 0
    for name, code in (("prospect", _PROSPECT), ("target", _TARGET)):
        if name in own.columns:
            place[never & _is_true(own, name)] = code
    new = {"usual_gap": rhythm, "lateness": lateness, c.STATE: np.array(STATES)[place]}
    found = base if math.isfinite(base) else None
    return with_parameters(
        with_new(own, new),
        loyal=loyal, dormant=dormant, lost=lost, dormant_below=dormant_below,
        lost_below=lost_below, usual_gap=found, prior=prior,
    )  # fmt: skip


def states_of(table: dict[str, Any], how: Definitions) -> tuple[Codes, Floats, Floats, float]:
    """Return each customer's place in STATES, usual gap and lateness, and the gap of the base.

    Examples
    --------
    >>> table = {"orders": np.array([1, 3]), "days_since_last": np.array([9.0, 9.0])}
    >>> place, *_ = states_of(table | {"mean_gap": np.array([np.nan, 2.0])}, Definitions())
    >>> [STATES[k] for k in place]
    ['lost', 'lost']
    """
    orders, idle = (np.asarray(table[x], dtype=float) for x in (c.ORDERS, c.DAYS_SINCE_LAST))
    mean_gap = np.asarray(table["mean_gap"], dtype=float)
    nothing = np.full(len(orders), np.nan)
    last_gap, earlier, alive = (table.get(x, nothing) for x in _OPTIONAL[1:])
    base = _usual(mean_gap, how)
    rhythm = _shrunk(mean_gap, orders - 1, base, how.prior)
    lateness = np.divide(idle, rhythm, out=nothing.copy(), where=rhythm > 0)
    absence = last_gap / _shrunk(np.asarray(earlier, dtype=float), orders - 2, base, how.prior)
    known = ~np.isnan(alive)
    is_lost = np.where(known, alive < how.lost_below, lateness > how.lost)
    is_late = np.where(known, alive < how.dormant_below, lateness > how.dormant)
    place = np.select(
        [orders == 0, is_lost, is_late, absence > how.lost, orders >= how.loyal, orders > 1],
        [_NON, _LOST, _DORMANT, _BACK, _LOYAL, _REPEAT],
        _FIRST,
    )
    return place, rhythm, lateness, base


def states_on_engine(own: nw.LazyFrame[Any], how: Definitions) -> tuple[nw.LazyFrame[Any], float]:
    """Return customers with their usual gap, lateness and state, and the gap of the base.

    The last of these, a median, is all that comes to the driver.

    Examples
    --------
    >>> import polars as pl
    >>> people = {"orders": [1, 3], "days_since_last": [9, 9], "mean_gap": [None, 2.0]}
    >>> placed, usual = states_on_engine(nw.from_native(pl.LazyFrame(people)), Definitions())
    >>> collected(placed)["state"].to_list(), usual
    (['lost', 'lost'], 2.0)
    """
    schema = dict(own.collect_schema())
    orders = number(schema, c.ORDERS).fill_null(0.0)
    mean_gap = _mean_gap(schema, orders)
    base = _usual_on_engine(own, mean_gap, how)
    rhythm = shrunk(mean_gap, orders - 1, base, how.prior)
    lateness = number(schema, c.DAYS_SINCE_LAST) / rhythm
    absence = number(schema, "last_gap") / shrunk(
        number(schema, "gap_before"), orders - 2, base, how.prior
    )
    alive = number(schema, c.P_ALIVE)
    known, never = ~alive.is_null(), orders == 0
    cases = [
        *((never & _marked(schema, name), name) for name in ("target", "prospect")),
        (never, STATES[_NON]),
        (nw.when(known).then(alive < how.lost_below).otherwise(lateness > how.lost), "lost"),
        (
            nw.when(known).then(alive < how.dormant_below).otherwise(lateness > how.dormant),
            "dormant",
        ),
        (absence > how.lost, STATES[_BACK]),
        (orders >= how.loyal, "loyal"),
        (orders > 1, "repeat"),
    ]
    new = {"usual_gap": rhythm, "lateness": lateness, c.STATE: when(cases, STATES[_FIRST])}
    old = [name for name in new if name in schema]
    placed = own.with_columns(*(each.alias(_NEW + name) for name, each in new.items()))
    return placed.drop(old).rename({_NEW + name: name for name in new}), base


def _mean_gap(schema: Mapping[str, Any], orders: nw.Expr) -> nw.Expr:
    if "mean_gap" in schema:
        return number(schema, "mean_gap")
    _need_dates(schema)
    first, last = (day_number(nw.col(name)) for name in (c.FIRST_DATE, c.LAST_DATE))
    gaps = nw.when(orders > 1).then(orders - 1).otherwise(nw.lit(1.0))
    return nw.when(orders > 1).then((last - first).cast(nw.Float64) / gaps)


def _usual_on_engine(own: nw.LazyFrame[Any], mean_gap: nw.Expr, how: Definitions) -> float:
    if how.usual_gap is not None:
        return how.usual_gap
    gaps = own.select(mean_gap.alias("gap"))
    found = collected(gaps.filter(nw.col("gap") > 0).select(nw.col("gap").median()))["gap"][0]
    return math.nan if found is None else float(found)


def _marked(schema: Mapping[str, Any], name: str) -> nw.Expr:
    if name not in schema:
        return nw.lit(1) == 0
    marks = nw.col(name) if schema[name] == nw.Boolean else nw.col(name) == 1
    return marks.fill_null(value=False)


def _usual(mean_gap: Floats, how: Definitions) -> float:
    if how.usual_gap is not None:
        return how.usual_gap
    known = mean_gap[mean_gap > 0]
    return float(np.median(known)) if len(known) else math.nan


def _shrunk(mean: Floats, gaps: Floats, base: float, prior: float) -> Floats:
    """Return the mean of a customer's own gaps and `prior` gaps of the base."""
    own = np.where(np.isnan(mean), 0.0, mean)
    count = np.where(np.isnan(mean), 0.0, np.maximum(gaps, 0.0))
    return (own * count + base * prior) / (count + prior)


def _read(own: nw.DataFrame[Any]) -> dict[str, Any]:
    table: dict[str, Any] = {x: as_float(own, x) for x in _OPTIONAL if x in own.columns}
    orders = as_float(own, c.ORDERS)
    table[c.ORDERS] = np.where(np.isnan(orders), 0.0, orders)
    table[c.DAYS_SINCE_LAST] = as_float(own, c.DAYS_SINCE_LAST)
    if "mean_gap" in table:
        return table
    _need_dates(own.schema)
    first, last = (own[x].to_numpy().astype("M8[D]") for x in (c.FIRST_DATE, c.LAST_DATE))
    span = (last - first) / np.timedelta64(1, "D")
    gaps = table[c.ORDERS] - 1
    missing = np.full(len(own), np.nan)
    table["mean_gap"] = np.divide(span, gaps, out=missing, where=gaps > 0)
    return table


def _need_dates(schema: Mapping[str, Any]) -> None:
    if not {c.FIRST_DATE, c.LAST_DATE} <= set(schema):
        raise MissingColumnsError(
            "customers has neither 'mean_gap' nor 'first_date' and 'last_date': take them from "
            "segments.rhythm(log, until=...) or crm.summarize."
        )


def _is_true(own: nw.DataFrame[Any], name: str) -> NDArray[np.bool_]:
    marks = [each is not None and each == True for each in own[name].to_list()]  # noqa: E712 - missing is no mark
    return np.array(marks, dtype=bool)
