"""The face that the BG/CNBD-k and the MBG/CNBD-k share."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, ClassVar, Self

import numpy as np

from crmanalytics.clv.btyd.base import PurchaseModel
from crmanalytics.clv.btyd.beta_geometric_model import start_values
from crmanalytics.clv.btyd.draws import geometric, poisson_times
from crmanalytics.clv.btyd.estimation import estimate
from crmanalytics.clv.btyd.regular_counts import log_regular_count, log_total
from crmanalytics.clv.btyd.regular_objective import RegularObjective
from crmanalytics.clv.btyd.regular_outlook import expected_regular_purchases, for_ever
from crmanalytics.clv.btyd.regular_timing import RegularTiming, events_at_least
from crmanalytics.clv.cells import count_cells
from crmanalytics.errors import ConvergenceError, ParameterError

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from crmanalytics.clv.cells import Cells
    from crmanalytics.clv.fit import Fit, M

    Floats = NDArray[np.float64]
    Codes = NDArray[np.intp]

__all__ = ["RegularModel"]

_MOST_REGULAR = 12
_WORSE = 2  # values of k in a row that fit worse than the best: so many end the search


@dataclass(frozen=True)
class RegularModel(PurchaseModel):
    """Erlang-k times between purchases, beta-distributed dropout after purchases."""

    r: float
    alpha: float
    a: float
    b: float
    k: int = field(default=2, kw_only=True)

    EXTRA: ClassVar[int]

    def __post_init__(self) -> None:
        super().__post_init__()
        if not isinstance(self.k, int) or isinstance(self.k, bool) or self.k < 1:
            raise ParameterError(f"k must be a whole number of at least 1, not {self.k!r}")

    @classmethod
    def fit(
        cls,
        customers: Any,  # noqa: ANN401 - any frame, or Cells
        *,
        k: int | None = 2,
        weight: str | None = None,
        unit: str | None = None,
        penalty: float = 0.0,
        **settings: Any,  # noqa: ANN401 - none but k, which a message tells
    ) -> Fit[Self]:
        """Estimate the model by maximum likelihood.

        Parameters
        ----------
        customers : DataFrame or Cells
            One row per customer: frequency, recency, T.
        k : int or None
            Events per purchase; None for the one from 1 to 12 under which frequency, recency and T
            are the most likely. A log of purchases says more about it: see
            :func:`~crmanalytics.clv.regularity`.
        weight : str, optional
            Column with the number of customers that a row stands for.
        unit : str, optional
            Time unit of the frame (D, W, M, Y), kept with the model; taken from the frame where
            ``summarize`` noted it.
        penalty : float
            Precision of a normal prior, centred on 0, on the logarithm of each parameter (times
            measured in the mean T): a help for small samples. 0 is plain maximum likelihood.
        **settings
            None but k.

        Returns
        -------
        Fit
            The model with standard errors from the observed information, which take k as known.

        Raises
        ------
        DataError
            If the frame breaks the contract of customers.
        ConvergenceError
            If the likelihood has no proven inner maximum, for any k.

        Examples
        --------
        >>> from crmanalytics.clv import BGCNBDk
        >>> regular = BGCNBDk(1.2, 2.0, 0.6, 3.0, k=3).simulate(2000, T=40, seed=1)
        >>> BGCNBDk.fit(regular, k=None).model.k
        3
        """
        if settings:
            raise ParameterError(f"{cls.__name__}.fit takes no {', '.join(settings)}")
        cells = count_cells(customers, weight)

        def fitted(one: int) -> Fit[Self]:
            return estimate(cls, cells, unit=unit, penalty=penalty, settings={"k": one})

        return most_likely(fitted) if k is None else fitted(k)

    @property
    def _formulas(self) -> RegularTiming:
        return RegularTiming(self.r, self.alpha, self.a, self.b, self.k, self.EXTRA)

    @classmethod
    def _objective(cls, cells: Cells, settings: dict[str, Any]) -> RegularObjective:
        k = cls(1.0, 1.0, 1.0, 1.0, **settings).k  # checks it
        return RegularObjective(cells, k, cls.EXTRA)

    @classmethod
    def _starts(cls, cells: Cells) -> list[Floats]:
        return start_values(cells)

    def _log_likelihood(self, x: Floats, t_x: Floats, T: Floats) -> Floats:
        return self._formulas.log_likelihood(x, t_x, T)

    def _alive(self, x: Floats, t_x: Floats, T: Floats) -> Floats:
        return np.asarray(1 / (1 + np.exp(np.minimum(self._log_odds_dead(x, t_x, T), 700.0))))

    def _log_odds_dead(self, x: Floats, t_x: Floats, T: Floats) -> Floats:
        return self._formulas.log_odds_dead(x, t_x, T)

    def _phases(self, x: Floats, t_x: Floats, T: Floats) -> Floats:
        return self._formulas.phases(x, t_x, T)

    def _expected_if_alive(self, x: Floats, T: Floats, horizon: Floats) -> Floats:
        survived = self.b + x + self.EXTRA
        if np.isinf(horizon).any():
            return np.repeat(for_ever(self.a, survived)[:, None], self.k, axis=1)
        odds = np.broadcast_to(horizon / (self.alpha + T), x.shape)
        columns = [
            expected_regular_purchases(self.r + self.k * x + j, odds, j, self.k, (self.a, survived))
            for j in range(self.k)
        ]
        return np.stack(columns, axis=1)

    def _active_if_alive(self, x: Floats, T: Floats, horizon: Floats) -> Floats:
        odds = np.broadcast_to(horizon / (self.alpha + T), x.shape)
        shape = self.r + self.k * x
        columns = [
            events_at_least(np.full_like(x, self.k - j), shape + j, odds) for j in range(self.k)
        ]
        return np.stack(columns, axis=1)

    def _expected_new(self, horizon: Floats) -> Floats:
        zeros = np.zeros_like(horizon)
        stays = self.b / (self.a + self.b) if self.EXTRA else 1.0
        return np.asarray(stays * self._expected_if_alive(zeros, zeros, horizon)[:, 0])

    def _log_pmf(self, n: Floats, horizon: Floats) -> Floats:
        events = np.full(n.shape, self.r), horizon / self.alpha
        dropout = self.a, np.full(n.shape, self.b)
        return log_regular_count(n, events, dropout, 0, k=self.k, extra=self.EXTRA)

    def _log_count_if_alive(
        self, x: Floats, t_x: Floats, T: Floats, n: Floats, horizon: float
    ) -> Floats:
        shape, odds = self.r + self.k * x, horizon / (self.alpha + T)
        dropout = self.a, self.b + x + self.EXTRA
        phases = self._formulas.log_probable_phases(x, t_x, T)
        logs = [
            phases[:, j] + log_regular_count(n, (shape + j, odds), dropout, j, k=self.k)
            for j in range(self.k)
        ]
        return log_total(np.stack(logs, axis=1))

    def _draw_purchases(self, random: np.random.Generator, T: Floats) -> tuple[Codes, Floats]:
        rate = random.gamma(self.r, 1 / self.alpha, len(T))
        last = geometric(random, random.beta(self.a, self.b, len(T))) - self.EXTRA
        who, time, rank = poisson_times(random, rate, T)
        purchase, rest = np.divmod(rank + 1, self.k)
        made = (rest == 0) & (purchase <= last[who])
        return who[made], time[made]

    def _draw_future_if_alive(
        self, random: np.random.Generator, x: Floats, t_x: Floats, T: Floats, horizon: float
    ) -> Floats:
        reached = np.cumsum(self._phases(x, t_x, T), axis=1)
        phase = (random.random(len(x))[:, None] > reached[:, :-1]).sum(axis=1)
        rate = random.gamma(self.r + self.k * x + phase, 1 / (self.alpha + T))
        last = geometric(random, random.beta(self.a, self.b + x + self.EXTRA))
        events = random.poisson(rate * horizon) + phase
        return np.asarray(np.minimum(events // self.k, last), dtype=float)


def most_likely(fitted: Callable[[int], Fit[M]]) -> Fit[M]:
    """Return the fit of the k with the largest likelihood."""
    best: Fit[M] | None = None
    failure, worse = ConvergenceError("no k was tried"), 0
    for k in range(1, _MOST_REGULAR + 1):
        try:
            fit = fitted(k)
        except ConvergenceError as error:
            failure = error
            continue
        if best is None or fit.log_likelihood > best.log_likelihood:
            best, worse = fit, 0
        else:
            worse += 1
        if worse == _WORSE:
            break
    if best is None:
        raise failure
    return best
