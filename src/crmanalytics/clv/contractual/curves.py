"""What a contractual model says of a cohort over time: survival, retention, departures.

A contract makes departure visible: at each renewal a customer stays or leaves. Both models here
say that of customers with churn propensity p a share (1 - p)^(t^c) makes t renewals, with p spread
by a beta distribution; they differ in whether c is 1 or estimated.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from crmanalytics import columns as c
from crmanalytics.clv.contractual.arguments import whole
from crmanalytics.clv.contractual.survival import log_survival_ratio
from crmanalytics.clv.parameters import Parameters

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

    Floats = NDArray[np.float64]

__all__ = ["RetentionCurves"]


@dataclass(frozen=True)
class RetentionCurves(Parameters, ABC):
    """A distribution of the number of renewals.

    Periods are those of the contract: months of a monthly subscription, years of a yearly one.
    Period 0 is the start, where everybody is there; the t-th renewal ends the t-th period.
    """

    alpha: float
    beta: float

    @property
    @abstractmethod
    def _duration_dependence(self) -> float:
        """Return c, the exponent of time."""

    def _log_ratio(self, start: ArrayLike, ahead: ArrayLike) -> Floats:
        exponent = self._duration_dependence
        return log_survival_ratio(self.alpha, self.beta, exponent, start, ahead)

    def log_survival(self, periods: ArrayLike) -> Floats:
        """Return the logarithm of :meth:`survival`, exact where that is below the smallest double.

        Parameters
        ----------
        periods : int or array_like
            Numbers of renewals.

        Returns
        -------
        ndarray
            Logarithms, of the shape of `periods`.

        Examples
        --------
        >>> from crmanalytics.clv import ShiftedBetaGeometric
        >>> model = ShiftedBetaGeometric(alpha=1000.0, beta=0.001)
        >>> model.log_survival(50).round(2).item()
        -208.93
        """
        return self._log_ratio(0, whole("periods", periods))

    def survival(self, periods: ArrayLike) -> Floats:
        """Return the share of new customers who will make at least so many renewals.

        Parameters
        ----------
        periods : int or array_like
            Numbers of renewals, at least 0.

        Returns
        -------
        ndarray
            S(t), of the shape of `periods`; 1 at 0.

        References
        ----------
        Fader & Hardie (2007), How to project customer retention, equation 6; Fader, Hardie, Liu,
        Davin & Steenburgh (2018) for the survival with t^c in the place of t.

        Examples
        --------
        >>> from crmanalytics.clv import ShiftedBetaGeometric
        >>> ShiftedBetaGeometric(alpha=0.668, beta=3.806).survival([0, 1, 12]).round(3).tolist()
        [1.0, 0.851, 0.378]
        """
        return np.asarray(np.exp(self.log_survival(periods)))

    def retention_rate(self, period: ArrayLike) -> Floats:
        """Return the share of those who face the t-th renewal who make it.

        Parameters
        ----------
        period : int or array_like
            Which renewal, from 1.

        Returns
        -------
        ndarray
            r(t) = S(t) / S(t - 1), of the shape of `period`.

        References
        ----------
        Fader & Hardie (2007), equation 8.

        Examples
        --------
        >>> from crmanalytics.clv import ShiftedBetaGeometric
        >>> model = ShiftedBetaGeometric(alpha=0.668, beta=3.806)
        >>> model.retention_rate([1, 2, 8]).round(3).tolist()
        [0.851, 0.878, 0.942]
        """
        return np.asarray(np.exp(self._log_ratio(whole("period", period, low=1) - 1, 1)))

    def log_churn_probability(self, period: ArrayLike) -> Floats:
        """Return the logarithm of :meth:`churn_probability`, exact far into the tail.

        Parameters
        ----------
        period : int or array_like
            Which renewal, from 1.

        Returns
        -------
        ndarray
            Logarithms, of the shape of `period`.

        Examples
        --------
        >>> from crmanalytics.clv import ShiftedBetaGeometric
        >>> model = ShiftedBetaGeometric(alpha=0.668, beta=3.806)
        >>> model.log_churn_probability(5).round(4).item()
        -3.0348
        """
        before = whole("period", period, low=1) - 1
        return np.asarray(
            self._log_ratio(0, before) + np.log(-np.expm1(self._log_ratio(before, 1)))
        )

    def churn_probability(self, period: ArrayLike) -> Floats:
        """Return the share of new customers who will leave at just the t-th renewal.

        Parameters
        ----------
        period : int or array_like
            Which renewal, from 1.

        Returns
        -------
        ndarray
            P(T = t) = S(t - 1) - S(t), of the shape of `period`.

        References
        ----------
        Fader & Hardie (2007), equation 5.

        Examples
        --------
        >>> from crmanalytics.clv import ShiftedBetaGeometric
        >>> model = ShiftedBetaGeometric(alpha=0.668, beta=3.806)
        >>> model.churn_probability([1, 2, 3]).round(3).tolist()
        [0.149, 0.104, 0.077]
        """
        return np.asarray(np.exp(self.log_churn_probability(period)))

    def simulate(self, n: int, *, periods: int, seed: int) -> pd.DataFrame:
        """Draw customers, observed until they leave or have faced a number of renewals.

        Parameters
        ----------
        n : int
            Number of customers.
        periods : int
            Renewals that each faces at most; who makes them all is censored there.
        seed : int
            Of the random numbers: the same seed gives the same customers.

        Returns
        -------
        DataFrame
            ``renewals`` and ``churned``, as :meth:`fit` takes them.

        Examples
        --------
        >>> from crmanalytics.clv import ShiftedBetaGeometric
        >>> ShiftedBetaGeometric(alpha=0.7, beta=1.2).simulate(3, periods=5, seed=2)
           renewals  churned
        0         3     True
        1         1     True
        2         5    False
        """
        draws, last = int(whole("n", n)), float(whole("periods", periods))
        random = np.random.default_rng(seed)
        with np.errstate(divide="ignore", over="ignore", invalid="ignore"):
            hazard = -np.log1p(-random.beta(self.alpha, self.beta, draws))
            left_at = (random.exponential(size=draws) / hazard) ** (1 / self._duration_dependence)
        # a propensity that rounds to 0 never leaves: 0 / 0 cannot be told from it
        left_at = np.maximum(np.ceil(np.nan_to_num(left_at, nan=np.inf, posinf=np.inf)), 1)
        churned = left_at <= last
        renewals = np.where(churned, left_at - 1, last).astype(np.int64)
        return pd.DataFrame({c.RENEWALS: renewals, c.CHURNED: churned})
