"""The BG/NBD model of Fader, Hardie & Lee (2005)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np

from crmanalytics.clv.btyd.base import PurchaseModel
from crmanalytics.clv.btyd.beta_geometric import BetaGeometricObjective, BetaGeometricParameters
from crmanalytics.persistence import register

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from crmanalytics.clv.cells import Cells

    Floats = NDArray[np.float64]

__all__ = ["BGNBD"]


@register("clv.BGNBD")
@dataclass(frozen=True)
class BGNBD(PurchaseModel):
    """Who is still a customer, and how much will they buy? The BG/NBD model.

    Customers buy at random at their own rate, and may leave for good after any repeat purchase, with
    their own probability. Rates follow a gamma distribution (shape r, rate alpha), leaving
    probabilities a beta distribution (a, b).

    Parameters
    ----------
    r : float
        Shape of the distribution of purchase rates: small means very unequal customers.
    alpha : float
        Its rate, in the time unit of the data; r / alpha is the mean purchase rate.
    a, b : float
        Parameters of the distribution of leaving probabilities, whose mean is a / (a + b).
    unit : str, optional
        Time unit: D, W, M or Y.

    References
    ----------
    Fader, Hardie & Lee (2005), "Counting your customers" the easy way: an alternative to the
    Pareto/NBD model. Marketing Science 24(2), 275-284, equations 6 to 10.

    Examples
    --------
    >>> from crmanalytics.datasets import load_cdnow_summary
    >>> fit = BGNBD.fit(load_cdnow_summary())
    >>> model = fit.model
    >>> [round(v, 3) for v in (model.r, model.alpha, model.a, model.b)]
    [0.243, 4.414, 0.793, 2.426]
    """

    r: float
    alpha: float
    a: float
    b: float
    unit: str | None = None

    EXTRA: ClassVar[int] = 0

    @property
    def _formulas(self) -> BetaGeometricParameters:
        return BetaGeometricParameters(self.r, self.alpha, self.a, self.b, self.EXTRA)

    @classmethod
    def _objective(cls, cells: Cells, settings: dict[str, Any]) -> BetaGeometricObjective:  # noqa: ARG003 - this model has no settings
        return BetaGeometricObjective(cells, cls.EXTRA)

    @classmethod
    def _starts(cls, cells: Cells) -> list[Floats]:
        time = float(np.average(cells.T, weights=cells.weight)) or 1.0
        shapes = ((0.5, 0.3, 0.8, 2.5), (1.0, 1.0, 1.0, 1.0), (0.2, 0.1, 0.2, 1.0))
        return [np.log([r, alpha * time, a, b]) for r, alpha, a, b in shapes]

    def _log_likelihood(self, x: Floats, t_x: Floats, T: Floats) -> Floats:
        return self._formulas.log_likelihood(x, t_x, T)

    def _alive(self, x: Floats, t_x: Floats, T: Floats) -> Floats:
        return self._formulas.alive(x, t_x, T)

    def _expected_if_alive(self, x: Floats, T: Floats, horizon: Floats) -> Floats:
        return self._formulas.expected_if_alive(x, T, horizon)

    def _active_if_alive(self, x: Floats, T: Floats, horizon: Floats) -> Floats:
        return self._formulas.active_if_alive(x, T, horizon)

    def _expected_new(self, horizon: Floats) -> Floats:
        return self._formulas.expected_new(horizon)

    def _log_pmf(self, n: Floats, horizon: Floats) -> Floats:
        return self._formulas.log_pmf(n, horizon)
