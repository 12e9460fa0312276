"""The MBG/NBD model of Batislam, Denizel & Filiztekin (2007)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from crmanalytics.clv.btyd.beta_geometric_model import BetaGeometricModel
from crmanalytics.persistence import register

__all__ = ["MBGNBD"]


@register("clv.MBGNBD")
@dataclass(frozen=True)
class MBGNBD(BetaGeometricModel):
    """The BG/NBD model for bases where many customers never come back: the MBG/NBD model.

    As the BG/NBD, but a customer may also leave for good right after the first purchase, so that
    one-time buyers are not all taken to be alive.

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
    Batislam, Denizel & Filiztekin (2007), Empirical validation and comparison of models for
    customer base analysis. International Journal of Research in Marketing 24(3), 201-209.

    Examples
    --------
    >>> from crmanalytics.datasets import load_cdnow_summary
    >>> fit = MBGNBD.fit(load_cdnow_summary())
    >>> model = fit.model
    >>> [round(v, 3) for v in (model.r, model.alpha, model.a, model.b)]
    [0.525, 6.183, 0.891, 1.614]
    """

    EXTRA: ClassVar[int] = 1
