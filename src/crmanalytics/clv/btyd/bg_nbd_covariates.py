"""The BG/NBD model with covariates, after Fader & Hardie (2007)."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, ClassVar

from crmanalytics.clv.btyd.beta_geometric_slopes import beta_geometric_slopes
from crmanalytics.clv.btyd.bg_nbd import BGNBD
from crmanalytics.clv.btyd.covariate_model import CovariateModel
from crmanalytics.clv.btyd.covariate_objective import Link
from crmanalytics.persistence import register

if TYPE_CHECKING:
    from collections.abc import Mapping

    import numpy as np
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]

__all__ = ["BGNBDCovariates"]


@register("clv.BGNBDCovariates")
@dataclass(frozen=True)
class BGNBDCovariates(CovariateModel, BGNBD):
    """The BG/NBD model where customers differ in what is known of them from the start.

    A channel, a region, the size of the first basket: whatever does not change over time may act on
    how often a customer buys and on when the customer leaves. With covariates z a customer has
    alpha = alpha0 exp(-purchase'z), a = a0 exp(dropout_a'z) and b = b0 exp(dropout_b'z): a
    coefficient of 0.1 in `purchase` means 10.5% more purchases per unit of the covariate, while the
    customer is there.

    What is asked of existing customers takes a frame with the covariates; new customers are of one
    kind or another: :meth:`at` returns the model of one kind, to be asked about them.

    Parameters
    ----------
    r : float
        Shape of the distribution of purchase rates.
    alpha : float
        Its rate where the covariates are 0, in the time unit of the data.
    a, b : float
        Parameters of the distribution of leaving probabilities where the covariates are 0.
    purchase : mapping of str to float
        Coefficients of how often, by the covariate's column.
    dropout_a, dropout_b : mapping of str to float
        Coefficients of a and b, by the covariate's column: leaving becomes likelier with the
        difference dropout_a - dropout_b.
    unit : str, optional
        Time unit: D, W, M or Y.

    References
    ----------
    Fader & Hardie (2007), Incorporating time-invariant covariates into the Pareto/NBD and BG/NBD
    models, note 019, section 3.

    Examples
    --------
    >>> import pandas as pd
    >>> model = BGNBDCovariates(0.243, 4.414, 0.793, 2.426, purchase={"online": 0.5})
    >>> two = pd.DataFrame({"frequency": 2, "recency": 30.43, "T": 38.86, "online": [0, 1]})
    >>> model.expected_purchases(two, 39).round(3).to_list()
    [1.226, 1.261]
    """

    purchase: Mapping[str, float] = field(default_factory=dict)
    dropout_a: Mapping[str, float] = field(default_factory=dict)
    dropout_b: Mapping[str, float] = field(default_factory=dict)

    LINKS: ClassVar[tuple[Link, ...]] = (
        Link("purchase", "alpha", -1),
        Link("dropout_a", "a", 1),
        Link("dropout_b", "b", 1),
    )

    @classmethod
    def _plain(cls) -> type[BGNBD]:
        return BGNBD

    @classmethod
    def _slopes(
        cls, log_parameters: Floats, x: Floats, t_x: Floats, T: Floats
    ) -> tuple[Floats, Floats]:
        return beta_geometric_slopes(log_parameters, (x, t_x, T), cls.EXTRA)
