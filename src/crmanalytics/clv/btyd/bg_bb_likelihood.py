r"""The likelihood of the BG/BB model, with its gradient, by one walk backwards through time.

A customer with x purchases at n opportunities, the last at t_x, either is alive at n or died after
some opportunity m from t_x to n - 1. Relative to being alive at n, having died after m has the odds

    gamma / (gamma + delta + m)
    * product over m <= k < n of (1 + (alpha + x) / (beta + k - x)) (1 + gamma / (delta + k)).

All factors but the first exceed 1, so nothing cancels. The odds of all customers with the same
(x, n) are partial sums of one series, whatever their t_x: one walk from n - 1 down serves them all.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from scipy.special import expit, psi

from crmanalytics.clv.fitting import numerical_hessian
from crmanalytics.clv.grouping import group_rows
from crmanalytics.clv.special import log1pexp, log_beta_ratio, log_poch
from crmanalytics.errors import InvalidValuesError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    from crmanalytics.clv.cells import Cells

    Floats = NDArray[np.float64]
    Codes = NDArray[np.intp]

__all__ = ["BetaBernoulliObjective", "Silences", "log_alive_likelihood"]


@dataclass(frozen=True)
class Silences:
    """Histories arranged for the walk: pairs (x, n), those with the longest silence first.

    Parameters
    ----------
    x, n : ndarray of shape (pairs,)
        Distinct purchases and opportunities.
    longest : ndarray of shape (pairs,)
        Most opportunities that any history of the pair let pass since its last purchase.
    pair, length : ndarray of shape (histories,)
        The pair of each history, and the opportunities that it let pass.
    """

    x: Floats
    n: Floats
    longest: Codes
    pair: Codes
    length: Codes

    @classmethod
    def of(cls, x: Floats, t_x: Floats, n: Floats) -> Silences:
        """Arrange histories, after checking that they are countable.

        Parameters
        ----------
        x, t_x, n : ndarray of shape (histories,)
            Purchases, the opportunity of the last one, opportunities so far.

        Returns
        -------
        Silences
            The histories by pair.

        Raises
        ------
        InvalidValuesError
            If any is not a whole number, or there are more purchases than opportunities for them.

        Examples
        --------
        >>> x, t_x, n = np.array([[1.0, 1.0, 2.0], [3.0, 5.0, 6.0], [6.0, 6.0, 6.0]])
        >>> silences = Silences.of(x, t_x, n)
        >>> silences.x.tolist(), silences.pair.tolist(), silences.length.tolist()
        ([1.0, 2.0], [0, 0, 1], [3, 1, 0])
        """
        _check_opportunities(x, t_x, n)
        groups = group_rows(x, n)
        length = (n - t_x).astype(np.intp)
        longest = np.zeros(len(groups.columns[0]), dtype=np.intp)
        np.maximum.at(longest, groups.codes, length)
        order = np.argsort(-longest, kind="stable")
        place = np.empty_like(order)
        place[order] = np.arange(len(order))
        pair_x, pair_n = (column[order] for column in groups.columns)
        return cls(pair_x, pair_n, longest[order], place[groups.codes], length)

    def log_odds_dead(self, parameters: Floats) -> tuple[Floats, Floats]:
        """Return the log-odds of having died by n, and their slopes.

        Parameters
        ----------
        parameters : ndarray of shape (4,)
            alpha, beta, gamma, delta.

        Returns
        -------
        log_odds : ndarray of shape (histories,)
            -inf for who bought at the last opportunity.
        slopes : ndarray of shape (4, histories)
            Derivatives by the parameters.

        Examples
        --------
        >>> silences = Silences.of(np.array([4.0, 6.0]), np.array([5.0, 6.0]), np.full(2, 6.0))
        >>> log_odds, _ = silences.log_odds_dead(np.array([1.204, 0.750, 0.657, 2.783]))
        >>> log_odds.round(3).tolist()
        [-1.092, -inf]
        """
        log_odds = np.full(len(self.length), -np.inf)
        slopes = np.zeros((4, len(self.length)))
        order = np.argsort(self.length, kind="stable")
        ends = np.searchsorted(
            self.length[order], np.arange(self.length.max(initial=0) + 1), "right"
        )
        for step, (total, mean) in enumerate(self._walk(parameters), start=1):
            here = order[ends[step - 1] : ends[step]]
            log_odds[here] = total[self.pair[here]]
            slopes[:, here] = mean[:, self.pair[here]]
        return log_odds, slopes

    def _walk(self, parameters: Floats) -> Iterator[tuple[Floats, Floats]]:
        """Yield the log-odds of having died at the last 1, 2, ... opportunities, and slopes."""
        alpha, beta, gamma, delta = parameters
        grown, lost, total = (np.zeros(len(self.x)) for _ in range(3))
        total -= np.inf
        rate, mean = np.zeros((4, len(self.x))), np.zeros((4, len(self.x)))
        active = len(self.x) - np.searchsorted(self.longest[::-1], np.arange(1, self._steps + 1))
        for step, count in enumerate(active, start=1):
            on = slice(0, count)
            x, m = self.x[on], self.n[on] - step
            bought, lived, missed = alpha + beta + m, gamma + delta + m, beta + m - x
            more = np.log1p((alpha + x) / missed) + np.log1p(gamma / (delta + m)) - lost[on]
            before, grown[on] = grown[on].copy(), grown[on] + more
            lost[on] = (grown[on] - before) - more  # what rounding adds, over thousands of steps
            term = grown[on] + np.log(gamma / lived)
            total[on] = np.logaddexp(total[on], term)
            rate[0, on] += 1 / bought
            rate[1, on] -= (alpha + x) / (bought * missed)
            rate[2, on] += 1 / lived
            rate[3, on] -= gamma / (lived * (delta + m))
            slope = rate[:, on] + _slope_of_lead(gamma, lived)
            mean[:, on] += np.exp(term - total[on]) * (slope - mean[:, on])
            yield total, mean

    @property
    def _steps(self) -> int:
        return int(self.longest.max(initial=0))


def _slope_of_lead(gamma: float, lived: Floats) -> Floats:
    zero = np.zeros_like(lived)
    return np.array([zero, zero, 1 / gamma - 1 / lived, -1 / lived])


def _check_opportunities(x: Floats, t_x: Floats, n: Floats) -> None:
    named = {"frequency": x, "recency": t_x, "T": n}
    problems = [
        f"customers[{name!r}] must hold whole numbers of opportunities: "
        f"{int(broken.sum()):,} of {len(values):,} distinct histories do not "
        f"(first: {values[broken][:3].tolist()})"
        for name, values in named.items()
        if (broken := values % 1 != 0).any()
    ]
    many = x > t_x
    if many.any():
        problems.append(
            "customers['frequency'] must not exceed customers['recency'], one purchase per "
            f"opportunity: {int(many.sum()):,} of {len(x):,} distinct histories do "
            f"(first: {list(zip(x[many][:3].tolist(), t_x[many][:3].tolist(), strict=True))})"
        )
    if problems:
        mend = "Count opportunities (weeks, years, mailings), or use a model of continuous time."
        raise InvalidValuesError("; ".join(problems) + f". {mend}")


def log_alive_likelihood(parameters: Floats, x: Floats, n: Floats) -> Floats:
    """Return the log-likelihood of x purchases, in a given order, and being alive at n.

    Parameters
    ----------
    parameters : ndarray of shape (4,)
        alpha, beta, gamma, delta.
    x, n : ndarray
        Purchases and opportunities.

    Returns
    -------
    ndarray
        Log-likelihoods.

    Examples
    --------
    >>> donors = np.array([1.204, 0.750, 0.657, 2.783])
    >>> log_alive_likelihood(donors, np.array([6.0]), np.array([6.0])).round(4).tolist()
    [-2.1822]
    """
    alpha, beta, gamma, delta = map(float, parameters)
    missed = n - x
    # the larger count first, as a sum; the smaller one then keeps its digits
    mostly = x >= missed
    by_purchase = log_beta_ratio(beta, alpha, np.where(mostly, x, 0))
    by_purchase += log_poch(beta, np.where(mostly, missed, 0))
    by_purchase -= log_poch(alpha + beta + x, np.where(mostly, missed, 0))
    by_miss = log_beta_ratio(alpha, beta, np.where(mostly, 0, missed))
    by_miss += log_poch(alpha, np.where(mostly, 0, x))
    by_miss -= log_poch(alpha + beta + missed, np.where(mostly, 0, x))
    return np.where(mostly, by_purchase, by_miss) + log_beta_ratio(gamma, delta, n)


class BetaBernoulliObjective:
    """The weighted log-likelihood of log(alpha, beta, gamma, delta) with analytic gradient."""

    def __init__(self, cells: Cells) -> None:
        self.silences = Silences.of(cells.frequency, cells.recency, cells.T)
        self.weight = cells.weight
        pairs = len(self.silences.x)
        self.customers = np.bincount(self.silences.pair, weights=cells.weight, minlength=pairs)

    def value_and_gradient(self, log_parameters: Floats) -> tuple[float, Floats]:
        """Return the log-likelihood and its gradient by the log-parameters."""
        parameters = np.exp(log_parameters)
        log_odds, slopes = self.silences.log_odds_dead(parameters)
        x, n = self.silences.x, self.silences.n
        value = self.customers @ log_alive_likelihood(parameters, x, n)
        value += self.weight @ log1pexp(log_odds)
        gradient = slopes @ (self.weight * expit(log_odds)) + self._alive_gradient(parameters)
        return float(value), gradient * parameters

    def _alive_gradient(self, parameters: Floats) -> Floats:
        alpha, beta, gamma, delta = parameters
        x, n = self.silences.x, self.silences.n
        bought = psi(alpha + beta + n) - psi(alpha + beta)
        lived = psi(gamma + delta + n) - psi(gamma + delta)
        slopes = (
            psi(alpha + x) - psi(alpha) - bought,
            psi(beta + n - x) - psi(beta) - bought,
            -lived,
            psi(delta + n) - psi(delta) - lived,
        )
        return np.array(slopes) @ self.customers

    def hessian(self, log_parameters: Floats) -> Floats:
        """Return the second derivatives by the log-parameters, by differences of the gradient."""
        return numerical_hessian(self, log_parameters)
