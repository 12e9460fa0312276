"""Renewal histories: who left at which renewal, and who was still there at the last one seen.

Tables of cohorts and rows of customers hold the same facts. Both are reduced, here, to counted
pairs of a period and whether the customer left in it; a model never sees anything else.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import pandas as pd

from crmanalytics import columns as c
from crmanalytics.errors import InvalidValuesError
from crmanalytics.frames import Column, Contract, Kind, admit_eager, as_float, as_numpy

if TYPE_CHECKING:
    import narwhals.stable.v2 as nw
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]

__all__ = ["COHORT_TABLE", "RENEWALS", "Histories", "from_cohorts", "from_customers"]

COHORT_TABLE: Final = Contract(
    frame="cohorts",
    columns=(
        Column(c.COHORT, Kind.IDENTIFIER, required=False),
        Column(c.PERIOD, Kind.COUNT, low=0),
        Column(c.SURVIVORS, Kind.NUMBER, low=0),
    ),
)

RENEWALS: Final = Contract(
    frame="customers",
    columns=(
        Column(c.CUSTOMER_ID, Kind.IDENTIFIER, required=False),
        Column(c.RENEWALS, Kind.COUNT, low=0),
        Column(c.CHURNED, Kind.LABEL, required=False),
        Column(c.WEIGHT, Kind.NUMBER, required=False, low=0),
    ),
    names_row_by=c.CUSTOMER_ID,
)


@dataclass(frozen=True, eq=False)
class Histories:
    """Distinct (period, churned) pairs with the number of customers in each.

    Parameters
    ----------
    period : ndarray of shape (cells,)
        Renewal at which the customers left, or the last one that they are known to have made.
    churned : ndarray of bool of shape (cells,)
        Whether they left at it.
    weight : ndarray of shape (cells,)
        How many did.
    """

    period: Floats
    churned: NDArray[np.bool_]
    weight: Floats

    @property
    def n(self) -> float:
        """Customers who faced a renewal at least once."""
        return float(self.weight.sum())

    @property
    def renewals_faced(self) -> int:
        """The last renewal that anybody faced: how many hazards the data can tell."""
        return int(self.period.max(initial=0))


def _counted(period: Floats, churned: Floats, weight: Floats) -> Histories:
    counts = weight > 0
    told = counts & ((period > 0) | (churned > 0))  # whoever faced no renewal tells nothing
    period, churned, weight = period[told], churned[told], weight[told]
    codes, keys = pd.factorize(2 * period + churned, sort=True)
    summed = np.bincount(codes, weights=weight, minlength=len(keys)).astype(float)
    return Histories(np.floor(keys / 2), keys % 2 > 0, summed)


def from_customers(customers: Any, weight: str | None = None) -> Histories:  # noqa: ANN401 - any frame
    """Count customer rows: renewals made, whether the customer left at the next one.

    Parameters
    ----------
    customers : DataFrame
        renewals (made so far), churned (true if the next renewal was refused; false if it is yet to
        come).
    weight : str, optional
        Column with the number of customers that a row stands for.

    Returns
    -------
    Histories
        The counted pairs.

    Raises
    ------
    DataError
        If columns are missing or values break a rule.
    """
    need = [c.RENEWALS, c.CHURNED] + ([c.WEIGHT] if weight else [])
    own = admit_eager(
        customers, RENEWALS.requiring(need), names={c.WEIGHT: weight} if weight else None
    )
    churned = _as_flag(own)
    count = as_float(own, c.WEIGHT) if weight else np.ones(len(own))
    return _counted(as_float(own, c.RENEWALS) + churned, churned, count)


def _as_flag(own: nw.DataFrame[Any]) -> Floats:
    flags = as_numpy(own, c.CHURNED)
    wrong = np.array([flag not in (True, False) for flag in pd.unique(pd.Series(flags))])
    if wrong.any():
        odd = ", ".join(map(repr, pd.unique(pd.Series(flags))[wrong][:3]))
        raise InvalidValuesError(
            f"customers['{c.CHURNED}'] must be true or false, not {odd}: true for customers who "
            "refused the renewal after their last one, false for those who still may renew."
        )
    return flags.astype(float)


def from_cohorts(cohorts: Any) -> Histories:  # noqa: ANN401 - any frame
    """Count a table of survivors: each fall is departures, the last row is who still stayed.

    Parameters
    ----------
    cohorts : DataFrame
        period (0, 1, ...), survivors, and cohort where there are several.

    Returns
    -------
    Histories
        The counted pairs.

    Raises
    ------
    DataError
        If columns are missing, a cohort does not start at period 0, skips or repeats a period, or
        grows.
    """
    own = admit_eager(cohorts, COHORT_TABLE)
    if not len(own):
        raise InvalidValuesError("cohorts has no rows.")
    names = as_numpy(own, c.COHORT) if c.COHORT in own.columns else np.zeros(len(own))
    code, labels = pd.factorize(pd.Series(names))
    period, alive = as_float(own, c.PERIOD), as_float(own, c.SURVIVORS)
    order = np.lexsort([period, code])
    code, period, alive = code[order], period[order], alive[order]
    first = np.r_[True, np.diff(code) != 0]
    _check_sequence(code, period, alive, first, np.asarray(labels))
    last = np.r_[first[1:], True]
    fell = np.flatnonzero(~first)
    departed = alive[fell - 1] - alive[fell]
    ends = np.concatenate([period[fell], period[last]])
    churned = np.concatenate([np.ones(len(fell)), np.zeros(int(last.sum()))])
    return _counted(ends, churned, np.concatenate([departed, alive[last]]))


def _check_sequence(
    code: NDArray[np.intp],
    period: Floats,
    alive: Floats,
    first: NDArray[np.bool_],
    labels: Any,  # noqa: ANN401
) -> None:
    step, growth = np.diff(period, prepend=0.0), np.diff(alive, prepend=0.0)
    found = [
        (first & (period != 0), "must start at period 0", "add the row with the cohort's size"),
        (~first & (step == 0), "must not repeat a period", "one row per cohort and period"),
        (~first & (step > 1), "must not skip a period", "add the missing rows"),
        (
            ~first & (step == 1) & (growth > 0),
            "must not grow: survivors may only fall",
            "customers who came back, or who joined later, belong to a cohort of their own",
        ),
    ]
    problems = []
    for broken, rule, remedy in found:
        if broken.any():
            rows = np.flatnonzero(broken)
            where = ", ".join(f"period {period[i]:g} of {labels[code[i]]!r}" for i in rows[:3])
            problems.append(
                f"cohorts {rule}: {len(rows):,} of {len(code):,} rows do "
                f"(first: {where}); {remedy}."
            )
    if problems:
        raise InvalidValuesError("\n".join(problems))
