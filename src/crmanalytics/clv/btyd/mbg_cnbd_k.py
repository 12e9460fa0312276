"""The MBG/CNBD-k model of Platzer & Reutterer (2016)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from crmanalytics.clv.btyd.regular_model import RegularModel
from crmanalytics.persistence import register

__all__ = ["MBGCNBDk"]


@register("clv.MBGCNBDk")
@dataclass(frozen=True)
class MBGCNBDk(RegularModel):
    """The MBG/NBD model for customers who buy at regular intervals: the MBG/CNBD-k model.

    Each purchase takes k events of a random process, so that the times between purchases vary less
    than at random: long silence says sooner that a customer has left. With k = 1 it is the MBG/NBD.

    Parameters
    ----------
    r : float
        Shape of the distribution of the rates of events: small means very unequal customers.
    alpha : float
        Its rate, in the time unit of the data; r / (k alpha) is the mean purchase rate.
    a, b : float
        Parameters of the distribution of leaving probabilities, whose mean is a / (a + b).
    k : int
        Regularity: events per purchase.
    unit : str, optional
        Time unit: D, W, M or Y.

    Notes
    -----
    The log-likelihood is that of frequency, recency and T, on the scale of the model with random
    timing: it can be compared between different k, and with other models. Implementations that
    take in every single time between purchases differ by a term that no parameter but k changes;
    what that term says of k is what :func:`~crmanalytics.clv.regularity` estimates.

    References
    ----------
    Platzer & Reutterer (2016), Ticking away the moments: timing regularity helps to better predict
    customer activity. Marketing Science 35(5), 779-799.

    Examples
    --------
    >>> from crmanalytics.datasets import load_cdnow_summary
    >>> fit = MBGCNBDk.fit(load_cdnow_summary(), k=1)
    >>> round(fit.model.r, 3), fit.model.k
    (0.525, 1)
    """

    EXTRA: ClassVar[int] = 1
