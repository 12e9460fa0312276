"""Customers in the order of a score: what every measure of a score is made from.

Customers of equal score cannot be told apart by it, so they are one step of the order, and nothing
that is measured may depend on which of them comes first.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any, Final, Literal

import numpy as np

from crmanalytics import columns as c
from crmanalytics.errors import InvalidValuesError, ParameterError
from crmanalytics.frames import Column, Contract, Kind, admit_eager, as_float
from crmanalytics.wording import one_of

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    import narwhals.stable.v2 as nw
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]
    Amounts = tuple[Floats, ...]

__all__ = ["Ranking", "Rounding", "Scored", "count_of", "read_scored", "running"]

Rounding = Literal["round", "ceil", "floor", "exact"]

_ROUNDED: Final[dict[str, Callable[[float], float]]] = {
    "round": round,
    "ceil": math.ceil,
    "floor": math.floor,
    "exact": float,
}


@dataclass(frozen=True, eq=False)
class Ranking:
    """How many customers have each score, and how many of them churned; the highest score first.

    Parameters
    ----------
    score : ndarray of shape (steps,)
        The scores that occur, falling.
    size : ndarray of shape (steps,)
        Customers with the score.
    hits : ndarray of shape (steps,)
        Those of them who churned.

    Examples
    --------
    >>> steps = Ranking(np.array([0.9, 0.2]), np.array([4.0, 6.0]), np.array([2.0, 1.0]))
    >>> steps.rate, steps.captured(2.0)
    (0.3, 1.0)
    """

    score: Floats
    size: Floats
    hits: Floats

    @cached_property
    def reached(self) -> Floats:
        """Customers down to each score, nobody first."""
        return running(self.size)

    @cached_property
    def found(self) -> Floats:
        """Churners down to each score, nobody first."""
        return running(self.hits)

    @property
    def total(self) -> float:
        """Customers in all."""
        return float(self.reached[-1])

    @property
    def rate(self) -> float:
        """Share of the customers who churned."""
        return float(self.found[-1] / self.reached[-1])

    def captured(self, count: float) -> float:
        """Return how many churners are expected among this many customers from the top.

        Of customers of equal score that do not all fit, any are as likely as others to be in.
        """
        return float(np.interp(count, self.reached, self.found))


@dataclass(frozen=True, eq=False)
class Scored:
    """Rows of a scored frame, sorted by falling score.

    Parameters
    ----------
    own : narwhals.DataFrame
        The caller's frame, in the caller's order.
    order : ndarray of shape (rows,)
        The row of the frame at each place.
    score, churned, weight : ndarray of shape (rows,)
        In order of the score.
    starts : ndarray of shape (steps,)
        Where each score begins.
    """

    own: nw.DataFrame[Any]
    order: NDArray[np.intp]
    score: Floats
    churned: Floats
    weight: Floats
    starts: NDArray[np.intp]

    def ranking(self, times: Floats | None = None) -> Ranking:
        """Return customers per score, each row counted so many times."""
        weight = self.weight if times is None else self.weight * times
        hits = self.churned * weight
        score = self.score if len(self.starts) == len(self.score) else self.score[self.starts]
        return Ranking(score, self.per_step(weight), self.per_step(hits))

    def per_step(self, values: Floats) -> Floats:
        """Return sums of values in order of the score, one for each score."""
        if len(self.starts) == len(values):
            return values
        return np.asarray(np.add.reduceat(values, self.starts))

    def amounts(self, values: Sequence[float | str]) -> Amounts:
        """Return columns in order of the score, and numbers as they are."""
        return tuple(
            as_float(self.own, each)[self.order] if isinstance(each, str) else np.array(float(each))
            for each in values
        )


def read_scored(
    scored: Any,  # noqa: ANN401 - any eager frame
    target: str,
    score: str,
    weight: str | None = None,
    *,
    probability: bool = False,
    money: Sequence[str | float] = (),
    both: bool = True,
    settled: bool = False,
    customer_id: str = c.CUSTOMER_ID,
) -> Scored:
    """Check a frame of scores and outcomes, and sort it.

    Parameters
    ----------
    scored : DataFrame
        One row per customer (and snapshot).
    target, score, weight : str
        Its columns: who churned, the score, and for how many customers the row stands.
    probability : bool
        Whether scores must lie between 0 and 1.
    money : sequence of str or float
        Further columns of numbers that the call reads, such as values and costs, not negative;
        numbers among them are checked too.
    both : bool
        Whether there must be somebody who churned and somebody who stayed.
    settled : bool
        Whether rows of equal score have to be in an order that the caller's order does not change,
        since they are going to be drawn by chance.
    customer_id : str
        Column of identifiers; only a name of the caller's own must be there.

    Returns
    -------
    Scored

    Raises
    ------
    DataError
        If columns or values are missing or out of range, or the outcomes are all alike.
    ParameterError
        If a number is negative or not finite.

    Examples
    --------
    >>> import pandas as pd
    >>> frame = pd.DataFrame({"churned": [0, 1, 1], "churn_probability": [0.2, 0.7, 0.2]})
    >>> read_scored(frame, "churned", "churn_probability").ranking().hits.tolist()
    [1.0, 1.0]
    """
    low, high = (0.0, 1.0) if probability else (-math.inf, math.inf)
    wanted = [Column(target, Kind.FLAG), Column(score, Kind.NUMBER, low=low, high=high)]
    names = sorted({name for name in (weight, *money) if isinstance(name, str)})
    wanted += [Column(name, Kind.NUMBER, low=0) for name in names]
    named = customer_id != c.CUSTOMER_ID
    wanted.append(Column(customer_id, Kind.IDENTIFIER, required=named))
    _check_numbers([x for x in money if not isinstance(x, str)])
    own = admit_eager(scored, Contract("scored", tuple(wanted), names_row_by=customer_id))
    values, outcome = as_float(own, score), as_float(own, target)
    others = [as_float(own, name) for name in names]
    order = _order(values, (*others, outcome), settled=settled or bool(others))
    weights = np.ones(len(own)) if weight is None else as_float(own, weight)[order]
    _check_outcomes(outcome[order], weights, target, both=both)
    values = values[order]
    starts = _starts(values)
    return Scored(own, order, values, outcome[order], weights, starts)


def _order(values: Floats, others: tuple[Floats, ...], *, settled: bool) -> NDArray[np.intp]:
    """Return falling scores; rows of equal score may need an order of their own.

    Whole numbers add up alike in any order: only other sums, and rows that are drawn by chance,
    have to be settled.
    """
    order = np.argsort(-values)
    if not settled or len(_starts(values[order])) == len(values):
        return order
    return np.lexsort((*others, -values))


def _starts(values: Floats) -> NDArray[np.intp]:
    return np.flatnonzero(np.concatenate([[True], values[1:] != values[:-1]])[: len(values)])


def _check_numbers(numbers: Sequence[float]) -> None:
    bad = [x for x in numbers if not (math.isfinite(x) and x >= 0)]
    if bad:
        raise ParameterError(f"amounts of money must be finite and not negative, not {bad[0]!r}")


def _check_outcomes(churned: Floats, weight: Floats, target: str, *, both: bool) -> None:
    whole, hits = float(weight.sum()), float(churned @ weight)
    if not whole > 0:
        raise InvalidValuesError("scored has no rows (or no weight): there is nothing to measure.")
    if both and not 0 < hits < whole:
        alike = "nobody churned" if hits == 0 else "everybody churned"
        raise InvalidValuesError(
            f"scored[{target!r}] says that {alike}: a score can only be judged by customers of "
            "both kinds. Choose an outcome window that is long enough, or more customers."
        )


def count_of(share: float, total: float, rounding: Rounding = "round") -> float:
    """Return how many customers a share of them is, at least one unless exact.

    Examples
    --------
    >>> count_of(0.1, 221), count_of(0.1, 221, "ceil"), count_of(0.5, 221, "exact")
    (22.0, 23.0, 110.5)
    """
    if not 0 < share <= 1:
        raise ParameterError(f"share must be above 0 and up to 1, not {share!r}")
    one_of("rounding", rounding, _ROUNDED)
    # 0.07 * 100 is a hair above 7 in floating point, and must not become 8 customers
    count = float(_ROUNDED[rounding](round(share * total, 9)))
    return count if rounding == "exact" else min(max(count, 1.0), total)


def running(values: Floats) -> Floats:
    """Return running sums that begin with 0.

    Examples
    --------
    >>> running(np.array([1.0, 2.0])).tolist()
    [0.0, 1.0, 3.0]
    """
    sums = np.zeros(len(values) + 1)
    np.cumsum(values, out=sums[1:])
    return sums
