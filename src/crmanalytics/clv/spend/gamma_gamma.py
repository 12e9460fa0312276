"""The Gamma-Gamma model of spending per purchase."""

from __future__ import annotations

import logging
import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Self

import narwhals.stable.v2 as nw
import numpy as np
from scipy.special import gammaln, polygamma, psi

from crmanalytics import columns as c
from crmanalytics.clv.bootstrap import Refitting
from crmanalytics.clv.cells import CUSTOMERS_IN_CELL, counted_on_engine
from crmanalytics.clv.fit import Fit
from crmanalytics.clv.fitting import maximise
from crmanalytics.clv.parameters import Parameters
from crmanalytics.clv.special import log_poch
from crmanalytics.errors import FitError
from crmanalytics.frames import CUSTOMERS, admit, admit_eager, as_float, column_like, is_lazy
from crmanalytics.persistence import register

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]

__all__ = ["GammaGamma"]

_LOG = logging.getLogger(__name__)


@register("clv.GammaGamma")
@dataclass(frozen=True)
class GammaGamma(Parameters):
    """How much does each customer spend per purchase? The Gamma-Gamma model.

    Amounts vary from purchase to purchase (gamma, shape p) around the customer's own mean, and the
    means vary between customers (inverse gamma, q and v). A customer's observed mean is shrunk
    towards the population's, the more so the fewer purchases it rests on. The model takes spend to
    be independent of how often a customer buys.

    Parameters
    ----------
    p : float
        Shape of the distribution of amounts within a customer.
    q : float
        Shape of the distribution of the customers' rates.
    v : float
        Its rate, in money.
    unit : str, optional
        Time unit of the frame it was fitted to; without a bearing on money.

    References
    ----------
    Fader & Hardie (2013), The Gamma-Gamma model of monetary value, note 025, equations 1 to 5.

    Examples
    --------
    >>> from crmanalytics.datasets import load_cdnow_summary
    >>> fit = GammaGamma.fit(load_cdnow_summary())
    >>> [round(value, 2) for value in (fit.model.p, fit.model.q, fit.model.v)]
    [6.25, 3.74, 15.45]
    """

    p: float
    q: float
    v: float

    @classmethod
    def fit(
        cls,
        customers: Any,  # noqa: ANN401 - any frame
        *,
        weight: str | None = None,
        penalty: float = 0.0,
    ) -> Fit[Self]:
        """Estimate the model from the customers who bought more than once.

        One-time buyers say nothing about repeat spending and do not enter. Repeat customers whose
        mean spend is 0 have no likelihood under a model of positive amounts: they are left out too,
        and logged with their number; ``Fit.n`` says how many remain.

        Parameters
        ----------
        customers : DataFrame
            frequency and monetary_value (mean money per repeat purchase).
        weight : str, optional
            Column with the number of customers that a row stands for.
        penalty : float
            Precision of a normal prior on the logarithms of p, q and v / mean spend; 0 for none.

        Returns
        -------
        Fit
            The model with standard errors from the observed information.

        Raises
        ------
        DataError
            If columns are missing or values break the contract of customers.
        FitError
            If nobody spent money on a repeat purchase.
        ConvergenceError
            If the likelihood has no proven inner maximum.

        Examples
        --------
        >>> from crmanalytics.datasets import load_cdnow_summary
        >>> fit = GammaGamma.fit(load_cdnow_summary())
        >>> int(fit.n), round(fit.log_likelihood, 1)  # those who bought again
        (946, -4055.9)
        """
        x, mean, count = _repeat_spenders(customers, weight)
        level = float(np.average(mean, weights=count * x))
        starts = [
            np.log([1.0, 3.0, 2 * level]),
            np.log([5.0, 2.0, level]),
            np.log([2.0, 6.0, level]),
        ]
        maximum = maximise(
            _Objective(x, mean, count),
            starts,
            n=float(count.sum()),
            penalty=penalty,
            centre=np.array([0.0, 0.0, math.log(level)]),
            names=cls.parameter_names(),
        )
        p, q, v = (float(value) for value in np.exp(maximum.log_parameters))
        return Fit.of(cls(p, q, v), maximum, float(count.sum()), penalty)

    def refitting(self, customers: Any, weight: str | None = None) -> Refitting:  # noqa: ANN401
        """Return what it takes to fit the model again with other weights.

        Parameters
        ----------
        customers : DataFrame
            frequency and monetary_value.
        weight : str, optional
            Column with the number of customers that a row stands for.

        Returns
        -------
        Refitting
            The repeat customers' weights, and the log-likelihood as a function of them.

        Examples
        --------
        >>> from crmanalytics.datasets import load_cdnow_summary
        >>> again = GammaGamma(p=6.25, q=3.74, v=15.44).refitting(load_cdnow_summary())
        >>> float(again.weight.sum())
        946.0
        """
        x, mean, count = _repeat_spenders(customers, weight)
        level = float(np.average(mean, weights=count * x))
        centre = np.array([0.0, 0.0, math.log(level)])
        return Refitting(count, lambda counts: _Objective(x, mean, counts), centre)

    @property
    def mean_spend(self) -> float:
        """Population mean of spend per purchase; infinite if q is at most 1.

        Examples
        --------
        >>> round(GammaGamma(p=6.25, q=3.74, v=15.44).mean_spend, 2)
        35.22
        """
        return self.p * self.v / (self.q - 1) if self.q > 1 else math.inf

    def expected_spend(self, customers: Any) -> Any:  # noqa: ANN401 - any frame in, its Series out
        """Return the mean spend per purchase to expect of each customer.

        Parameters
        ----------
        customers : DataFrame
            frequency and monetary_value; the latter has no bearing for one-time buyers, who get the
            population's mean.

        Returns
        -------
        Series
            Money per purchase, on the frame's index; infinite where the expectation diverges.

        References
        ----------
        Fader & Hardie (2013), equation 5.

        Examples
        --------
        >>> import pandas as pd
        >>> model = GammaGamma(p=6.25, q=3.74, v=15.44)
        >>> few = pd.DataFrame({"frequency": [0, 1, 20], "monetary_value": [0.0, 100.0, 100.0]})
        >>> model.expected_spend(few).round(2).to_list()
        [35.22, 80.26, 98.61]
        """
        if is_lazy(customers):
            return self._on_engine(customers)
        own, x, mean = _admitted(customers)
        return column_like(own, c.EXPECTED_SPEND, self._conditional_mean(x, mean))

    def _on_engine(self, customers: Any) -> Any:  # noqa: ANN401 - a lazy frame in, the same out
        own = admit(customers, CUSTOMERS.requiring([c.FREQUENCY, c.MONETARY_VALUE]))
        x = nw.col(c.FREQUENCY).cast(nw.Float64)
        degrees = x * self.p + (self.q - 1)
        known = nw.when(degrees > 0).then(degrees)  # nothing, and so infinite, where it diverges
        spend = (x * nw.col(c.MONETARY_VALUE) + self.v) * self.p / known
        return own.with_columns(spend.fill_null(math.inf).alias(c.EXPECTED_SPEND)).to_native()

    def shrinkage(self, customers: Any) -> Any:  # noqa: ANN401
        """Return how much of each customer's expected spend is the population's rather than theirs.

        Parameters
        ----------
        customers : DataFrame
            frequency and monetary_value.

        Returns
        -------
        Series
            Weight of the population mean: 1 for one-time buyers, towards 0 with every purchase.

        Examples
        --------
        >>> import pandas as pd
        >>> few = pd.DataFrame({"frequency": [0, 1, 20], "monetary_value": [0.0, 100.0, 100.0]})
        >>> GammaGamma(p=6.25, q=3.74, v=15.44).shrinkage(few).round(3).to_list()
        [1.0, 0.305, 0.021]
        """
        own, x, _ = _in_memory(customers)
        grows = self.p * x
        return column_like(own, "shrinkage", np.clip(1 - grows / (grows + (self.q - 1)), 0, 1))

    def log_likelihood(self, customers: Any) -> Any:  # noqa: ANN401
        """Return how likely the model finds each customer's mean spend.

        It is 0 for one-time buyers, of whom nothing is known, and minus infinity for repeat
        customers who spent nothing.

        Parameters
        ----------
        customers : DataFrame
            frequency and monetary_value.

        Returns
        -------
        Series
            Log-likelihood per row.

        Examples
        --------
        >>> import pandas as pd
        >>> few = pd.DataFrame({"frequency": [0, 1, 20], "monetary_value": [0.0, 35.0, 35.0]})
        >>> GammaGamma(p=6.25, q=3.74, v=15.44).log_likelihood(few).round(3).to_list()
        [0.0, -4.182, -4.005]
        """
        own, x, mean = _in_memory(customers)
        values = np.where((x > 0) & (mean <= 0), -np.inf, 0.0)
        repeat = (x > 0) & (mean > 0)
        values[repeat] = self._log_density(x[repeat], mean[repeat])
        return column_like(own, "log_likelihood", values)

    def _log_density(self, x: Floats, mean: Floats) -> Floats:
        shape, ratio = self.p * x, x * mean / self.v
        large, small = np.maximum(shape, self.q), np.minimum(shape, self.q)
        log_beta = gammaln(small) - log_poch(large, small)
        spread = -self.q * np.log1p(ratio) - shape * np.log1p(1 / ratio)
        return np.asarray(spread - log_beta - np.log(mean))

    def _conditional_mean(self, x: Floats, mean: Floats) -> Floats:
        degrees = self.p * x + (self.q - 1)
        exists = degrees > 0
        return np.where(
            exists, self.p * (self.v + x * mean) / np.where(exists, degrees, 1.0), np.inf
        )


class _Objective:
    """Weighted log-likelihood with analytic gradient and Hessian."""

    def __init__(self, x: Floats, mean: Floats, weight: Floats) -> None:
        self.x, self.code = np.unique(x, return_inverse=True)
        self.at_x = np.bincount(self.code, weights=weight)
        self.weight, self.weight_x = weight, weight * x
        self.n = float(weight.sum())
        self.spent = x * mean
        self.log_spent_x = float(self.weight_x @ np.log(self.spent))
        self.log_mean = float(weight @ np.log(mean))

    def value_and_gradient(self, log_parameters: Floats) -> tuple[float, Floats]:
        p, q, v = parameters = np.exp(log_parameters)
        shape = p * self.x
        log_sum = np.log(v + self.spent)
        plain, timed = self.weight @ log_sum, self.weight_x @ log_sum
        gammas = self.at_x @ (log_poch(q, shape) - gammaln(shape))
        value = gammas + self.n * q * np.log(v) + p * (self.log_spent_x - timed) - q * plain
        digamma = psi(shape + q)
        inverse = 1 / (v + self.spent)
        gradient = [
            self.at_x @ (self.x * (digamma - psi(shape))) + self.log_spent_x - timed,
            self.at_x @ digamma + self.n * (np.log(v) - psi(q)) - plain,
            self.n * q / v - p * (self.weight_x @ inverse) - q * (self.weight @ inverse),
        ]
        return float(value - self.log_mean), np.array(gradient) * parameters

    def hessian(self, log_parameters: Floats) -> Floats:
        p, q, v = parameters = np.exp(log_parameters)
        shape = p * self.x
        trigamma = polygamma(1, shape + q)
        inverse = 1 / (v + self.spent)
        squared = inverse * inverse
        pp = self.at_x @ (self.x**2 * (trigamma - polygamma(1, shape)))
        pq = self.at_x @ (self.x * trigamma)
        qq = self.at_x @ trigamma - self.n * polygamma(1, q)
        pv, qv = -(self.weight_x @ inverse), self.n / v - self.weight @ inverse
        vv = p * (self.weight_x @ squared) + q * (self.weight @ squared) - self.n * q / v**2
        natural = np.array([[pp, pq, pv], [pq, qq, qv], [pv, qv, vv]])
        _, gradient = self.value_and_gradient(log_parameters)
        return np.asarray(natural * np.outer(parameters, parameters) + np.diag(gradient))


def _admitted(
    customers: Any,  # noqa: ANN401 - any frame
    weight: str | None = None,
) -> tuple[nw.DataFrame[Any], Floats, Floats]:
    need = [c.FREQUENCY, c.MONETARY_VALUE] + ([c.WEIGHT] if weight else [])
    names = {c.WEIGHT: weight} if weight else {}
    own = admit(customers, CUSTOMERS.requiring(need), names=names)
    own = own.select(need)
    if isinstance(own, nw.LazyFrame):  # only spenders have a bearing, and those alike are counted
        keys = (c.FREQUENCY, c.MONETARY_VALUE)
        own = counted_on_engine(own.filter(nw.col(c.FREQUENCY) > 0), keys, weight)
    return own, as_float(own, c.FREQUENCY), as_float(own, c.MONETARY_VALUE)


def _in_memory(customers: Any) -> tuple[nw.DataFrame[Any], Floats, Floats]:  # noqa: ANN401
    admit_eager(customers, CUSTOMERS.requiring([c.FREQUENCY, c.MONETARY_VALUE]))
    return _admitted(customers)


def _repeat_spenders(
    customers: Any,  # noqa: ANN401 - any frame
    weight: str | None,
) -> tuple[Floats, Floats, Floats]:
    own, x, mean = _admitted(customers, weight)
    counted = CUSTOMERS_IN_CELL if CUSTOMERS_IN_CELL in own.columns else c.WEIGHT
    count = as_float(own, counted) if counted in own.columns else np.ones_like(x)
    repeat, spent = (x > 0) & (count > 0), mean > 0
    if not (repeat & spent).any():
        raise FitError(
            "nobody spent money on a repeat purchase: the Gamma-Gamma model has nothing to learn "
            "from. It needs customers with frequency > 0 and monetary_value > 0."
        )
    if (repeat & ~spent).any():
        _LOG.warning(
            "%d repeat customers with monetary_value 0 are left out of the Gamma-Gamma fit",
            int((repeat & ~spent).sum()),
        )
    kept = repeat & spent
    return x[kept], mean[kept], count[kept]
