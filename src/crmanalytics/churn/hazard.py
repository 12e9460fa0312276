"""Discrete-time hazard: the chance to leave in each period, given that one is still there."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal, Self

import numpy as np
import pandas as pd

from crmanalytics import columns as c
from crmanalytics.churn.survival import read_spells
from crmanalytics.errors import ConvergenceError, InvalidValuesError, ParameterError
from crmanalytics.frames import Column, Contract, Kind, Shown, admit_eager, as_float
from crmanalytics.inference import check_level, normal_interval, normal_quantile
from crmanalytics.wording import one_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    Floats = NDArray[np.float64]

__all__ = ["DiscreteHazard"]

_LARGEST = 1e-9  # Newton step that counts as none


@dataclass(frozen=True, eq=False, repr=False)
class DiscreteHazard(Shown):
    """A logit of leaving in each period, fitted to the periods that customers lived through.

    Parameters
    ----------
    coefficients : DataFrame
        By term: ``estimate``, ``standard_error``, ``low``, ``high``.
    covariance : ndarray of shape (terms, terms)
        Of the estimates, from the observed information.
    covariates : tuple of str
        Columns of customers.
    baseline : {"log", "saturated"}
        How the hazard depends on time.
    periods : tuple of int
        With a saturated baseline, the periods in which anybody left.
    longest : int
        The last period that anybody lived through.
    person_periods : int
        How many periods customers lived through together.

    Examples
    --------
    >>> customers = pd.DataFrame({"duration": [1, 2, 2, 3], "churned": [1, 0, 1, 0]})
    >>> model = DiscreteHazard.fit(customers, baseline="saturated")
    >>> model.retention_curve(customers.head(1), horizon=3)["survival"].round(2).tolist()
    [0.75, 0.5, 0.5]
    """

    coefficients: pd.DataFrame
    covariance: Floats
    covariates: tuple[str, ...]
    baseline: str
    periods: tuple[int, ...]
    longest: int
    person_periods: int

    def _told(self) -> list[str]:
        lived = f"{self.person_periods:,} periods lived through, {self.longest} by the longest"
        return [f"DiscreteHazard, {self.baseline} baseline: {lived}; log-odds of leaving:"]

    def _tables(self) -> dict[str, pd.DataFrame]:
        return {"": self.coefficients}

    @classmethod
    def fit(
        cls,
        customers: Any,  # noqa: ANN401 - any eager frame
        covariates: Sequence[str] = (),
        *,
        baseline: Literal["log", "saturated"] = "log",
        duration: str = c.DURATION,
        churned: str = c.CHURNED,
        level: float = 0.95,
    ) -> Self:
        """Fit the model to customers, each of whom counts once for each period lived through.

        Parameters
        ----------
        customers : DataFrame of shape (customers, ...)
            One row per customer.
        covariates : sequence of str
            Columns of numbers or truth values that are known from the start and do not change.
        baseline : {"log", "saturated"}
            The log-odds of leaving are linear in the logarithm of time, or free in each period;
            the latter without covariates is Kaplan and Meier's estimate.
        duration, churned : str
            Columns: whole periods lived through, and whether the customer left in the last.
        level : float
            Confidence level of the coefficients.

        Returns
        -------
        DiscreteHazard
            The fitted model.

        Raises
        ------
        DataError
            If columns or values are missing, or durations are not whole.
        ConvergenceError
            If the data does not determine the model.

        References
        ----------
        Singer, J. D. and Willett, J. B. (1993), "It's about time: using discrete-time survival
        analysis to study duration and the timing of events", Journal of Educational Statistics
        18(2), 155-195.

        Examples
        --------
        >>> import pandas as pd
        >>> customers = pd.DataFrame({"duration": [1, 2, 2, 3, 3], "churned": [1, 1, 0, 1, 0]})
        >>> fit = DiscreteHazard.fit(customers, baseline="saturated")
        >>> fit.coefficients["estimate"].head(2).round(3).to_list()
        [-1.386, -1.099]
        """
        one_of("baseline", baseline, ("log", "saturated"))
        check_level(level)
        spells = read_spells(customers, duration, churned, None)
        if (spells.duration % 1 != 0).any():
            raise InvalidValuesError(f"customers[{duration!r}] must hold whole periods.")
        known = _covariates(customers, covariates)[as_float(spells.own, c.DURATION) > 0]
        length = spells.duration.astype(np.int64)
        who = np.repeat(np.arange(len(length)), length)
        period = np.arange(len(who)) - np.repeat(np.cumsum(length) - length, length) + 1
        left = (period == length[who]) & (spells.churned[who] > 0)
        periods = tuple(np.unique(period[left]).tolist()) if baseline == "saturated" else ()
        used = np.isin(period, periods) if baseline == "saturated" else np.ones(len(who), bool)
        terms = _time_terms(period[used], baseline, periods)
        design = np.column_stack([terms, known[who[used]]])
        estimate, covariance = _newton(design, left[used].astype(np.float64))
        names = [f"period {n}" for n in periods] or ["intercept", "log_time"]
        table = _table([*names, *covariates], estimate, covariance, level)
        longest = int(length.max())
        return cls(table, covariance, tuple(covariates), baseline, periods, longest, len(who))

    def retention_curve(
        self,
        customers: Any,  # noqa: ANN401 - any eager frame
        *,
        horizon: int,
        after: int = 0,
        level: float = 0.95,
    ) -> pd.DataFrame:
        """Say with which probability each customer is still there after 1, 2, ... periods.

        Parameters
        ----------
        customers : DataFrame of shape (customers, ...)
            With the covariates.
        horizon : int
            Periods to look ahead.
        after : int
            Periods that the customers have been there already.
        level : float
            Confidence level.

        Returns
        -------
        DataFrame
            One row per customer and period: ``row`` (position in `customers`), ``period``,
            ``hazard``, ``survival`` from now on, ``standard_error``, ``low`` and ``high`` (delta
            method, symmetric for log(-log S)).

        Raises
        ------
        ParameterError
            If a saturated model is asked beyond the periods that it has seen.

        Examples
        --------
        >>> import pandas as pd
        >>> customers = pd.DataFrame({"duration": [1, 2, 2, 3, 3], "churned": [1, 1, 0, 1, 0]})
        >>> fit = DiscreteHazard.fit(customers, baseline="saturated")
        >>> fit.retention_curve(customers.head(1), horizon=2)["survival"].round(2).to_list()
        [0.8, 0.6]
        """
        hazard, alive, slopes = self._outlook(customers, horizon, after)
        spread = np.sqrt(np.einsum("rpk,kl,rpl->rp", slopes, self.covariance, slopes))
        depth = np.maximum(-np.log(alive), 1e-300)
        reach = np.exp(np.minimum(normal_quantile(level) * spread / depth, 700.0))
        rows, periods = alive.shape
        return pd.DataFrame(
            {
                "row": np.repeat(np.arange(rows), periods),
                c.PERIOD: np.tile(np.arange(1, periods + 1), rows),
                "hazard": hazard.ravel(),
                "survival": alive.ravel(),
                c.STANDARD_ERROR: (alive * spread).ravel(),
                "low": np.exp(-depth * reach).ravel(),
                "high": np.exp(-depth / reach).ravel(),
            }
        )

    def expected_remaining_life(
        self,
        customers: Any,  # noqa: ANN401 - any eager frame
        *,
        horizon: int,
        after: int = 0,
        level: float = 0.95,
    ) -> pd.DataFrame:
        """Say how many whole periods each customer will still stay, within a horizon.

        Parameters
        ----------
        customers, horizon, after, level
            As for :meth:`retention_curve`.

        Returns
        -------
        DataFrame
            One row per customer: ``expected`` (sum of the survival over the periods),
            ``standard_error``, ``low`` and ``high`` (delta method).

        Examples
        --------
        >>> import pandas as pd
        >>> customers = pd.DataFrame({"duration": [1, 2, 2, 3, 3], "churned": [1, 1, 0, 1, 0]})
        >>> fit = DiscreteHazard.fit(customers, baseline="saturated")
        >>> fit.expected_remaining_life(customers.head(1), horizon=2).round(2)
           expected  standard_error  low  high
        0       1.4            0.36  0.7   2.0
        """
        _, alive, slopes = self._outlook(customers, horizon, after)
        gradient = np.einsum("rp,rpk->rk", alive, slopes)
        error = np.sqrt(np.einsum("rk,kl,rl->r", gradient, self.covariance, gradient))
        expected = alive.sum(axis=1)
        low, high = normal_interval(expected, error, level)
        index = customers.index if isinstance(customers, pd.DataFrame) else None
        bounds = {"low": np.maximum(low, 0.0), "high": np.minimum(high, horizon)}
        return pd.DataFrame({"expected": expected, c.STANDARD_ERROR: error, **bounds}, index=index)

    def _outlook(self, customers: Any, horizon: int, after: int) -> tuple[Floats, Floats, Floats]:  # noqa: ANN401
        """Return hazards, survival, and the slopes of log survival in the coefficients."""
        if horizon < 1 or after < 0:
            raise ParameterError("horizon must be 1 period or more, and after at least 0")
        if self.baseline == "saturated" and after + horizon > self.longest:
            raise ParameterError(
                f"a saturated hazard says nothing beyond period {self.longest}: look ahead by "
                "less, or use baseline='log'"
            )
        period = np.arange(after + 1, after + horizon + 1)
        known = _covariates(customers, self.covariates)
        times = _time_terms(period, self.baseline, self.periods)
        design = np.concatenate(
            [
                np.broadcast_to(times, (len(known), *times.shape)),
                np.broadcast_to(known[:, None, :], (len(known), horizon, known.shape[1])),
            ],
            axis=2,
        )
        odds = design @ self.coefficients["estimate"].to_numpy()
        hazard = 0.5 * (1.0 + np.tanh(odds / 2.0))
        if self.baseline == "saturated":  # nobody ever left in the other periods
            hazard = hazard * np.isin(period, self.periods)
        slopes = -np.cumsum(hazard[:, :, None] * design, axis=1)
        return hazard, np.cumprod(1.0 - hazard, axis=1), slopes


def _covariates(customers: Any, names: Sequence[str]) -> Floats:  # noqa: ANN401 - any eager frame
    columns = tuple(Column(name, Kind.NUMBER) for name in names)
    own = admit_eager(customers, Contract("customers", columns))
    return np.column_stack([np.empty((len(own), 0)), *(as_float(own, name) for name in names)])


def _time_terms(period: NDArray[np.int64], baseline: str, periods: tuple[int, ...]) -> Floats:
    if baseline == "saturated":
        return np.asarray(period[:, None] == np.array(periods)[None, :], dtype=np.float64)
    return np.column_stack([np.ones(len(period)), np.log(period)])


def _newton(design: Floats, left: Floats) -> tuple[Floats, Floats]:
    """Return the maximum of a logit's likelihood, and the covariance of the estimates."""
    estimate = np.zeros(design.shape[1])
    for _ in range(50):
        chance = 0.5 * (1.0 + np.tanh(design @ estimate / 2.0))
        information = (design * (chance * (1 - chance))[:, None]).T @ design
        # the worst conditioned direction decides whether a step can be trusted
        if np.linalg.cond(information) > 1e13:
            break
        step = np.linalg.solve(information, design.T @ (left - chance))
        estimate = estimate + np.clip(step, -5.0, 5.0)
        if np.abs(step).max() < _LARGEST:
            return estimate, np.asarray(np.linalg.inv(information))
    raise ConvergenceError(
        "the data does not determine the hazard: a covariate repeats others or tells apart "
        "perfectly who leaves, or everybody or nobody leaves in a period. Drop it, or use "
        "baseline='log'."
    )


def _table(names: list[str], estimate: Floats, covariance: Floats, level: float) -> pd.DataFrame:
    error = np.sqrt(np.diag(covariance))
    low, high = normal_interval(estimate, error, level)
    columns = {"estimate": estimate, c.STANDARD_ERROR: error, "low": low, "high": high}
    return pd.DataFrame(columns, index=pd.Index(names, name="term"))
