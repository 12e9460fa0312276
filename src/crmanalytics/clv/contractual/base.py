"""The face of the models of contractual customers: fitting, and what customers are worth."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, Literal, Self

import numpy as np

from crmanalytics.clv.contractual.arguments import per_period, take_renewals, whole
from crmanalytics.clv.contractual.curves import RetentionCurves
from crmanalytics.clv.contractual.histories import from_cohorts, from_customers
from crmanalytics.clv.contractual.lifetimes import discounted_survival
from crmanalytics.clv.contractual.likelihood import ContractualObjective
from crmanalytics.clv.discounting.arguments import whole_periods
from crmanalytics.clv.fit import Fit
from crmanalytics.clv.fitting import maximise
from crmanalytics.errors import FitError
from crmanalytics.wording import one_of

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from crmanalytics.clv.contractual.histories import Histories

    Floats = NDArray[np.float64]

__all__ = ["ContractualModel", "Moment"]

Moment = Literal["before_renewal", "after_renewal"]
_MOMENTS: Final = ("before_renewal", "after_renewal")


@dataclass(frozen=True)
class ContractualModel(RetentionCurves):
    """A model of how many times customers renew: how to fit it, and what customers are worth.

    Methods that take `customers` take a frame with ``renewals``, how many each customer has made so
    far and is still under contract, or an array of such numbers.
    """

    # fitting -------------------------------------------------------------------------------------

    @classmethod
    def fit(
        cls,
        customers: Any,  # noqa: ANN401 - any frame
        *,
        weight: str | None = None,
        penalty: float = 0.0,
    ) -> Fit[Self]:
        """Estimate the model from customers, of whom some have left and some are still there.

        Parameters
        ----------
        customers : DataFrame
            ``renewals``, how many the customer has made, and ``churned``: true if the next renewal
            was refused, false if it is yet to come (a censored lifetime).
        weight : str, optional
            Column with the number of customers that a row stands for.
        penalty : float
            Precision of a normal prior, centred on 0, on the logarithm of each parameter: a help
            for small samples. 0 is plain maximum likelihood.

        Returns
        -------
        Fit
            The model with standard errors from the observed information. Its n counts the customers
            who faced a renewal; the others tell nothing.

        Raises
        ------
        DataError
            If columns are missing or values break a rule.
        FitError
            If nobody left, or there are fewer renewals than parameters.
        ConvergenceError
            If the likelihood has no proven inner maximum.

        Examples
        --------
        >>> from crmanalytics.clv import ShiftedBetaGeometric
        >>> customers = ShiftedBetaGeometric(alpha=0.7, beta=1.2).simulate(9000, periods=9, seed=1)
        >>> fit = ShiftedBetaGeometric.fit(customers)
        >>> round(fit.model.alpha, 1), round(fit.model.beta, 1)
        (0.7, 1.2)
        """
        return cls._fit(from_customers(customers, weight), penalty)

    @classmethod
    def fit_cohorts(cls, cohorts: Any, *, penalty: float = 0.0) -> Fit[Self]:  # noqa: ANN401
        """Estimate the model from the survivors of one or several cohorts.

        Gives just what :meth:`fit` gives for the customers that the table counts.

        Parameters
        ----------
        cohorts : DataFrame
            One row per cohort and period: ``period`` (0, 1, ...), ``survivors`` (customers still
            there after that many renewals; period 0 holds the cohort's size), and ``cohort`` where
            there are several. Cohorts may be seen for different numbers of periods. Survivors need
            not be whole: to weight a cohort, multiply its survivors.
        penalty : float
            As in :meth:`fit`.

        Returns
        -------
        Fit
            The model with standard errors from the observed information.

        Raises
        ------
        DataError
            If columns are missing, or a cohort does not start at period 0, skips or repeats a
            period, or grows.
        FitError
            If nobody left, or there are fewer renewals than parameters.
        ConvergenceError
            If the likelihood has no proven inner maximum.

        Examples
        --------
        >>> import pandas as pd
        >>> from crmanalytics.clv import ShiftedBetaGeometric
        >>> survivors = [1000, 869, 743, 653, 593, 551, 517, 491]
        >>> cohort = pd.DataFrame({"period": range(8), "survivors": survivors})
        >>> ShiftedBetaGeometric.fit_cohorts(cohort).parameters.round(3).reset_index()
          parameter  estimate  standard_error    low   high
        0     alpha     0.668           0.104  0.493  0.906
        1      beta     3.806           0.786  2.540  5.704
        """
        return cls._fit(from_cohorts(cohorts), penalty)

    @classmethod
    def _fit(cls, histories: Histories, penalty: float) -> Fit[Self]:
        names = cls.parameter_names()
        _check_told(histories, len(names), penalty)
        maximum = maximise(
            ContractualObjective(histories, len(names)),
            _starts(histories, len(names)),
            n=histories.n,
            penalty=penalty,
            names=names,
        )
        estimates = dict(zip(names, map(float, np.exp(maximum.log_parameters)), strict=True))
        model = cls.from_dict({**estimates, "unit": None})
        return Fit.of(model, maximum, histories.n, penalty)

    # new customers -------------------------------------------------------------------------------

    def expected_lifetime(self, *, horizon: float | None = None) -> float:
        """Return how many periods a new customer is expected to stay.

        Parameters
        ----------
        horizon : int, optional
            Count only the first so many periods; all of them by default.

        Returns
        -------
        float
            Expected periods, the first included: the sum of S(t) over 0 <= t < horizon. Infinite
            for alpha c <= 1 and no horizon: so heavy is the tail of loyal customers then.

        Examples
        --------
        >>> from crmanalytics.clv import ShiftedBetaGeometric
        >>> model = ShiftedBetaGeometric(alpha=0.668, beta=3.806)
        >>> model.expected_lifetime(), round(model.expected_lifetime(horizon=12), 3)
        (inf, 7.156)
        """
        return self._ahead(0, 0.0, float(whole_periods("horizon", horizon)))

    def discounted_lifetime(
        self, *, discount_rate: float, periods_per_year: float = 1.0, horizon: float | None = None
    ) -> float:
        """Return a new customer's discounted expected lifetime (DEL).

        Times the margin per period, it is the lifetime value of a customer yet to be won.

        Parameters
        ----------
        discount_rate : float
            Per year, at least 0: 0.1 is 10%. With one period per year, the rate per period.
        periods_per_year : float
            Contract periods in a year: 12 for monthly contracts.
        horizon : int, optional
            Count only the first so many periods; all of them by default.

        Returns
        -------
        float
            The sum of S(t) (1 + d)^-t over 0 <= t < horizon, d being the rate per period: payments
            fall at the start of each period, and the first is not discounted. Infinite for rate 0
            and alpha c <= 1 without a horizon.

        References
        ----------
        Fader & Hardie (2010), Customer-base valuation in a contractual setting: the perils of
        ignoring heterogeneity. Marketing Science 29(1), 85-93.

        Examples
        --------
        >>> from crmanalytics.clv import ShiftedBetaGeometric
        >>> model = ShiftedBetaGeometric(alpha=0.668, beta=3.806)
        >>> round(model.discounted_lifetime(discount_rate=0.1), 3)
        5.923
        """
        rate = per_period(discount_rate, periods_per_year)
        return self._ahead(0, rate, float(whole_periods("horizon", horizon)))

    # present customers ---------------------------------------------------------------------------

    def renewal_probability(self, customers: Any, *, periods: int = 1) -> Any:  # noqa: ANN401
        """Return the probability that each customer makes all of the next renewals.

        Parameters
        ----------
        customers : DataFrame or array_like
            renewals made so far.
        periods : int
            How many renewals to look ahead.

        Returns
        -------
        Series or ndarray
            Probabilities, on the frame's index.

        Examples
        --------
        >>> from crmanalytics.clv import ShiftedBetaGeometric
        >>> model = ShiftedBetaGeometric(alpha=0.668, beta=3.806)
        >>> model.renewal_probability([0, 1, 7]).round(3).tolist()
        [0.851, 0.878, 0.942]
        """
        renewals, hand_back = take_renewals(customers, "renewal_probability")
        return hand_back(np.exp(self._log_ratio(renewals, whole("periods", periods))))

    def expected_renewals(self, customers: Any, *, horizon: float | None = None) -> Any:  # noqa: ANN401
        """Return how many more renewals to expect of each customer.

        Parameters
        ----------
        customers : DataFrame or array_like
            renewals made so far.
        horizon : int, optional
            Count only the next so many renewals; all of them by default.

        Returns
        -------
        Series or ndarray
            Expected numbers, on the frame's index; infinite for alpha c <= 1 without a horizon.

        Examples
        --------
        >>> from crmanalytics.clv import ShiftedBetaGeometric
        >>> model = ShiftedBetaGeometric(alpha=0.668, beta=3.806)
        >>> model.expected_renewals([0, 7], horizon=5).round(2).tolist()
        [3.44, 4.26]
        """
        renewals, hand_back = take_renewals(customers, "expected_renewals")
        return hand_back(self._residual(renewals, 0.0, "before_renewal", horizon))

    def discounted_residual_lifetime(
        self,
        customers: Any,  # noqa: ANN401 - any frame, or numbers of renewals
        *,
        discount_rate: float,
        moment: Moment,
        periods_per_year: float = 1.0,
        horizon: float | None = None,
    ) -> Any:  # noqa: ANN401
        """Return the discounted expected residual lifetime (DERL) of each present customer.

        Times the margin per period, it is what a customer is still worth.

        Parameters
        ----------
        customers : DataFrame or array_like
            renewals made so far, m.
        discount_rate : float
            Per year, at least 0. With one period per year, the rate per period.
        moment : {"before_renewal", "after_renewal"}
            From where to look ahead. "before_renewal": the (m + 1)-th renewal is due now and not
            yet decided; its payment, if made, is not discounted. "after_renewal": the m-th renewal
            was made just now (for m = 0, the customer was just won); its payment is certain, counts
            as 1, and is not discounted. The former is the latter of m + 1 times the retention rate.
        periods_per_year : float
            Contract periods in a year.
        horizon : int, optional
            Count only so many payments; all of them by default.

        Returns
        -------
        Series or ndarray
            Discounted numbers of payments, on the frame's index; infinite for rate 0 and
            alpha c <= 1 without a horizon.

        Raises
        ------
        ParameterError
            If the moment is neither of the two, or the rate is negative.

        References
        ----------
        Fader & Hardie (2010), as above: DERL.

        Examples
        --------
        >>> import pandas as pd
        >>> from crmanalytics.clv import ShiftedBetaGeometric
        >>> model = ShiftedBetaGeometric(alpha=0.668, beta=3.806)
        >>> few = pd.DataFrame({"renewals": [0, 4]})
        >>> derl = model.discounted_residual_lifetime
        >>> derl(few, discount_rate=0.1, moment="before_renewal").round(3).to_list()
        [5.415, 6.897]
        """
        one_of("moment", moment, _MOMENTS)
        renewals, hand_back = take_renewals(customers, "discounted_residual_lifetime")
        rate = per_period(discount_rate, periods_per_year)
        return hand_back(self._residual(renewals, rate, moment, horizon))

    # numbers -------------------------------------------------------------------------------------

    def _ahead(self, start: float, rate: float, horizon: float) -> float:
        """Return the discounted payments of a customer who made that renewal just now."""
        exponent = self._duration_dependence
        return discounted_survival(
            self.alpha, self.beta, exponent, start=start, rate=rate, horizon=horizon
        )

    def _residual(
        self, renewals: Floats, rate: float, moment: Moment, horizon: float | None
    ) -> Floats:
        end = float(whole_periods("horizon", horizon))
        distinct, code = np.unique(renewals, return_inverse=True)
        before = moment == "before_renewal"
        after = np.array([self._ahead(m + before, rate, end) for m in distinct.tolist()])
        chance = np.exp(self._log_ratio(distinct, 1)) if before else 1.0
        return np.asarray((chance * after)[code.reshape(renewals.shape)])


def _starts(histories: Histories, free: int) -> list[Floats]:
    left, faced = histories.weight @ histories.churned, histories.weight @ histories.period
    churn = float(np.clip(left / faced, 1e-6, 1 - 1e-6))
    tried = [(2.0, 1.0), (20.0, 1.0), (0.5, 1.0)]
    if free > 2:
        tried += [(0.3, 3.0), (0.3, 8.0), (2.0, 0.4), (0.5, 0.2)]
    return [np.log([s * churn, s * (1 - churn), c])[:free] for s, c in tried]


def _check_told(histories: Histories, free: int, penalty: float) -> None:
    if not histories.churned.any():
        raise FitError(
            "nobody left: without a single departure the churn propensity is unknown. Observe "
            "longer, or add cohorts that lost customers."
        )
    if histories.renewals_faced < free and penalty == 0:
        raise FitError(
            f"{histories.renewals_faced} renewal(s) cannot tell {free} parameters apart: at least "
            f"{free} are needed. Observe longer, or lean on the prior with penalty=1."
        )
