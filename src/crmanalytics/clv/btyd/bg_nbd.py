"""The BG/NBD model of Fader, Hardie & Lee (2005)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from crmanalytics.clv.btyd.beta_geometric_model import BetaGeometricModel
from crmanalytics.persistence import register

__all__ = ["BGNBD"]


@register("clv.BGNBD")
@dataclass(frozen=True)
class BGNBD(BetaGeometricModel):
    """Who is still a customer, and how much will they buy? The BG/NBD model.

    Customers buy at random at their own rate, and may leave for good after any repeat purchase,
    with their own probability. Rates follow a gamma distribution (shape r, rate alpha), leaving
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

    EXTRA: ClassVar[int] = 0
