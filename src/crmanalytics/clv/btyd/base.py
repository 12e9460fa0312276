"""The face that all buy-till-you-die models share.

A model file brings its likelihood and its formulas over plain arrays; this class checks what comes
in, works on cells, and hands results back on the caller's index.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Self

import numpy as np

from crmanalytics import columns as c
from crmanalytics.clv.bootstrap import Refitting
from crmanalytics.clv.btyd.counts import CountedModel, check_counts
from crmanalytics.clv.btyd.discount_plan import DiscountPlan, discount_per_unit
from crmanalytics.clv.btyd.estimation import estimate
from crmanalytics.clv.btyd.hooks import answered_by_kind, check_horizon
from crmanalytics.clv.cells import count_cells

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

    from crmanalytics.clv.btyd.discount_plan import Timing
    from crmanalytics.clv.cells import Cells
    from crmanalytics.clv.fit import Fit
    from crmanalytics.clv.fitting import Objective

    Floats = NDArray[np.float64]

__all__ = ["PurchaseModel"]


@dataclass(frozen=True)
class PurchaseModel(CountedModel):
    """A model of when customers buy and when they stop.

    Methods that take `customers` take a frame with ``frequency``, ``recency`` and ``T``, as made by
    ``crmanalytics.summarize``, or the :class:`~crmanalytics.clv.Cells` of one; times and horizons
    are in the unit of that frame.
    """

    @classmethod
    def fit(
        cls,
        customers: Any,  # noqa: ANN401 - any frame, or Cells
        *,
        weight: str | None = None,
        unit: str | None = None,
        penalty: float = 0.0,
        **settings: Any,  # noqa: ANN401 - the model's own
    ) -> Fit[Self]:
        """Estimate the model by maximum likelihood.

        Parameters
        ----------
        customers : DataFrame or Cells
            One row per customer: frequency, recency, T.
        weight : str, optional
            Column with the number of customers that a row stands for.
        unit : str, optional
            Time unit of the frame (D, W, M, Y), kept with the model; taken from the frame where
            ``summarize`` noted it.
        penalty : float
            Precision of a normal prior, centred on 0, on the logarithm of each parameter (times
            measured in the mean T): a help for small samples. 0 is plain maximum likelihood.
        **settings
            Settings of the model that are not estimated.

        Returns
        -------
        Fit
            The model with standard errors from the observed information.

        Raises
        ------
        DataError
            If the frame breaks the contract of customers.
        ConvergenceError
            If the likelihood has no proven inner maximum.

        Examples
        --------
        >>> from crmanalytics.clv import BGNBD
        >>> from crmanalytics.datasets import load_cdnow_summary
        >>> BGNBD.fit(load_cdnow_summary(), unit="W").parameters["estimate"].round(3).to_dict()
        {'r': 0.243, 'alpha': 4.414, 'a': 0.793, 'b': 2.426}
        """
        cells = count_cells(customers, weight)
        return estimate(cls, cells, unit=unit, penalty=penalty, settings=settings)

    def refitting(self, customers: Any, weight: str | None = None) -> Refitting:  # noqa: ANN401
        """Return what it takes to fit the model again with other weights.

        Parameters
        ----------
        customers : DataFrame or Cells
            frequency, recency, T.
        weight : str, optional
            Column with the number of customers that a row stands for.

        Returns
        -------
        Refitting
            The cells' weights, and the log-likelihood as a function of them.
        [-0.555, -9.46]
        [-0.555, -9.46]
        [-0.555, -9.46]

        Examples
        --------
        >>> from crmanalytics.clv import BGNBD
        >>> from crmanalytics.datasets import load_cdnow_summary
        >>> again = BGNBD(r=1, alpha=1, a=1, b=1).refitting(load_cdnow_summary())
        >>> len(again.weight), float(again.weight.sum())
        (1016, 2357.0)
        """
        cells = count_cells(customers, weight)
        settings = self.settings()
        first = self._objective(cells, settings)

        def objective(counts: Floats) -> Objective:
            return self._reweighted(first, replace(cells, weight=counts), settings)

        return Refitting(cells.weight, objective, self._prior_centre(cells))

    @answered_by_kind
    def log_likelihood(self, customers: Any) -> Any:  # noqa: ANN401 - any frame in, its Series out
        """Return how likely the model finds each customer's history.

        Parameters
        ----------
        customers : DataFrame or Cells
            frequency, recency, T.

        Returns
        -------
        Series
            Log-likelihood per row.

        Examples
        --------
        >>> import pandas as pd
        >>> from crmanalytics.clv import BGNBD
        >>> few = pd.DataFrame({"frequency": [0, 2], "recency": [0.0, 30.4], "T": [38.9, 38.9]})
        >>> BGNBD(r=0.243, alpha=4.414, a=0.793, b=2.426).log_likelihood(few).round(3).to_list()
        [-0.555, -9.46]
        """
        cells = count_cells(customers)
        values = self._log_likelihood(cells.frequency, cells.recency, cells.T)
        return cells.spread(values, "log_likelihood")

    @answered_by_kind
    def probability_alive(self, customers: Any) -> Any:  # noqa: ANN401
        """Return the probability that each customer has not left for good.

        Parameters
        ----------
        customers : DataFrame or Cells
            frequency, recency, T.

        Returns
        -------
        Series
            Probabilities, on the frame's index.

        Examples
        --------
        >>> import pandas as pd
        >>> from crmanalytics.clv import BGNBD
        >>> model = BGNBD(r=0.243, alpha=4.414, a=0.793, b=2.426)
        >>> one = pd.DataFrame({"frequency": [2], "recency": [30.43], "T": [38.86]})
        >>> model.probability_alive(one).round(4).to_list()
        [0.7266]
        """
        cells = count_cells(customers)
        return cells.spread(self._alive(cells.frequency, cells.recency, cells.T), c.P_ALIVE)

    @answered_by_kind
    def probability_active(self, customers: Any, horizon: float) -> Any:  # noqa: ANN401
        """Return the probability that each customer buys at least once within the horizon.

        Parameters
        ----------
        customers : DataFrame or Cells
            frequency, recency, T.
        horizon : float
            How far to look ahead, in the frame's unit.

        Returns
        -------
        Series
            Probabilities, on the frame's index.

        Examples
        --------
        >>> import pandas as pd
        >>> from crmanalytics.clv import BGNBD
        >>> model = BGNBD(r=0.243, alpha=4.414, a=0.793, b=2.426)
        >>> one = pd.DataFrame({"frequency": [2], "recency": [30.43], "T": [38.86]})
        >>> model.probability_active(one, horizon=39).round(4).to_list()
        [0.5546]
        """
        cells = count_cells(customers)
        values = self._by_pair(cells, self._active_if_alive, check_horizon(horizon))
        values = np.minimum(values, 1.0)  # an average over phases may round to above 1
        both = self._times_alive(cells.frequency, cells.recency, cells.T, values)
        return cells.spread(both, "p_active")

    @answered_by_kind
    def expected_purchases(self, customers: Any, horizon: float) -> Any:  # noqa: ANN401
        """Return how many purchases to expect of each customer within the horizon.

        Parameters
        ----------
        customers : DataFrame or Cells
            frequency, recency, T.
        horizon : float
            How far to look ahead, in the frame's unit.

        Returns
        -------
        Series
            Expected numbers, on the frame's index.

        Examples
        --------
        >>> import pandas as pd
        >>> from crmanalytics.clv import BGNBD
        >>> model = BGNBD(r=0.243, alpha=4.414, a=0.793, b=2.426)
        >>> one = pd.DataFrame({"frequency": [2], "recency": [30.43], "T": [38.86]})
        >>> model.expected_purchases(one, horizon=39).round(3).to_list()
        [1.226]
        """
        cells = count_cells(customers)
        values = self._by_pair(cells, self._expected_if_alive, check_horizon(horizon))
        both = self._times_alive(cells.frequency, cells.recency, cells.T, values)
        return cells.spread(both, c.EXPECTED_PURCHASES)

    def _by_pair(self, cells: Cells, formula: Any, horizon: Floats) -> Floats:  # noqa: ANN401
        """Evaluate a formula of x and T once per distinct pair, and average it over phases."""
        x, T, pair = cells.by_frequency_and_T
        values = np.asarray(formula(x, T, horizon))[pair]
        if values.ndim == 1:
            return values
        phases = self._phases(cells.frequency, cells.recency, cells.T)
        return np.asarray((values * phases).sum(axis=1))

    def expected_purchases_new(self, horizon: ArrayLike) -> Floats:
        """Return how many repeat purchases to expect of a new customer.

        Parameters
        ----------
        horizon : float or array_like
            Time since the first purchase.

        Returns
        -------
        ndarray
            Expected numbers, of the shape of `horizon`.

        Examples
        --------
        >>> from crmanalytics.clv import BGNBD
        >>> model = BGNBD(r=0.243, alpha=4.414, a=0.793, b=2.426)
        >>> model.expected_purchases_new([13, 26, 52]).round(3).tolist()
        [0.534, 0.903, 1.446]
        """
        horizon = check_horizon(horizon)
        return self._expected_new(horizon.reshape(-1)).reshape(horizon.shape)

    @answered_by_kind
    def discounted_expected_purchases(
        self,
        customers: Any,  # noqa: ANN401
        *,
        horizon: float | None,
        discount_rate: float,
        unit: str | None = None,
        timing: Timing = "continuous",
    ) -> Any:  # noqa: ANN401
        """Return each customer's expected purchases, each counted at its present value.

        Parameters
        ----------
        customers : DataFrame or Cells
            frequency, recency, T.
        horizon : float or None
            How far to look ahead, in the frame's unit; None for ever, which at a rate of 0 may be
            infinitely much.
        discount_rate : float
            Per year: 0.1 is 10%.
        unit : str, optional
            The time unit (D, W, M, Y), if the model does not know it.
        timing : {"continuous", "start", "middle", "end"}
            When a purchase is paid for: when it is made, or at the start, middle or end of its
            unit of time (for these the horizon must be a whole number of units).

        Returns
        -------
        Series
            Discounted numbers, on the frame's index. With no horizon it is the discounted expected
            residual transactions (DERT), else those up to the horizon (DECT).

        Raises
        ------
        ParameterError
            If the unit is unknown, or rate and horizon make no sense.

        References
        ----------
        Fader, Hardie & Lee (2005), RFM and CLV: using iso-value curves for customer base analysis.
        Journal of Marketing Research 42(4), equation 2.

        Examples
        --------
        >>> import pandas as pd
        >>> from crmanalytics.clv import BGNBD
        >>> model = BGNBD(r=0.243, alpha=4.414, a=0.793, b=2.426, unit="W")
        >>> one = pd.DataFrame({"frequency": [2], "recency": [30.43], "T": [38.86]})
        >>> worth = model.discounted_expected_purchases(one, horizon=39, discount_rate=0.1)
        >>> worth.round(3).to_list()
        [1.186]
        """
        cells = count_cells(customers)
        delta = discount_per_unit(discount_rate, unit or self.unit or cells.unit)
        plan = DiscountPlan.of(horizon, delta, timing, scale=self._time_scale)

        def formula(x: Floats, T: Floats, _: Floats) -> Floats:
            return self._discounted_if_alive(x, T, plan)

        values = self._by_pair(cells, formula, np.zeros(()))
        both = self._times_alive(cells.frequency, cells.recency, cells.T, values)
        return cells.spread(both, "discounted_purchases")

    def _discounted_if_alive(self, x: Floats, T: Floats, plan: DiscountPlan) -> Floats:
        """Return the discounted expected purchases of customers who are alive at T."""
        steps = zip(plan.times, plan.weights, strict=True)
        parts = (weight * self._expected_if_alive(x, T, np.asarray(time)) for time, weight in steps)
        return np.asarray(sum(parts, np.zeros(())))

    def purchase_count_probability(self, count: ArrayLike, horizon: ArrayLike) -> Floats:
        """Return the probability that a new customer makes just so many repeat purchases.

        Parameters
        ----------
        count : int or array_like
            Numbers of repeat purchases.
        horizon : float or array_like
            Time since the first purchase.

        Returns
        -------
        ndarray
            Probabilities, of the common shape.

        Examples
        --------
        >>> from crmanalytics.clv import BGNBD
        >>> model = BGNBD(r=0.243, alpha=4.414, a=0.793, b=2.426)
        >>> model.purchase_count_probability([0, 1, 2], horizon=39).round(3).tolist()
        [0.574, 0.199, 0.085]
        """
        n, horizon = np.broadcast_arrays(check_counts(count), check_horizon(horizon))
        values = self._log_pmf(n.reshape(-1), horizon.reshape(-1))
        return np.asarray(np.exp(values).reshape(n.shape))

    def with_unit(self, unit: str) -> Self:
        """Return the same model, noting the time unit that it was fitted in.

        Parameters
        ----------
        unit : str
            D, W, M or Y.

        Returns
        -------
        model
            An equal model with the unit set.

        Examples
        --------
        >>> from crmanalytics.clv import BGNBD
        >>> BGNBD(r=0.243, alpha=4.414, a=0.793, b=2.426).with_unit("W").unit
        'W'
        """
        return replace(self, unit=unit)
