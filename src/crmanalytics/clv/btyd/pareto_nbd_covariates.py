"""The Pareto/NBD model with covariates, after Fader & Hardie (2007)."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, ClassVar

from crmanalytics.clv.btyd.covariate_model import CovariateModel
from crmanalytics.clv.btyd.covariate_objective import Link
from crmanalytics.clv.btyd.pareto_likelihood import pareto_slopes
from crmanalytics.clv.btyd.pareto_nbd import ParetoNBD
from crmanalytics.persistence import register

if TYPE_CHECKING:
    from collections.abc import Mapping

    import numpy as np
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]

__all__ = ["ParetoNBDCovariates"]


@register("clv.ParetoNBDCovariates")
@dataclass(frozen=True)
class ParetoNBDCovariates(CovariateModel, ParetoNBD):
    """The Pareto/NBD model where customers differ in what is known of them from the start.

    With covariates z a customer has alpha = alpha0 exp(-purchase'z) and beta = beta0
    exp(-dropout'z): purchase rates are exp(purchase'z) times, leaving rates exp(dropout'z) times
    those of customers whose covariates are all 0. A coefficient of 0.1 means 10.5% more per unit.

    What is asked of existing customers takes a frame with the covariates; new customers are of one
    kind or another: :meth:`at` returns the model of one kind, to be asked about them.

    Parameters
    ----------
    r : float
        Shape of the distribution of purchase rates.
    alpha : float
        Its rate where the covariates are 0, in the time unit of the data.
    s : float
        Shape of the distribution of leaving rates.
    beta : float
        Its rate where the covariates are 0, in the time unit of the data.
    purchase, dropout : mapping of str to float
        Coefficients of how often and of how soon to leave, by the covariate's column.
    unit : str, optional
        Time unit: D, W, M or Y.

    References
    ----------
    Fader & Hardie (2007), Incorporating time-invariant covariates into the Pareto/NBD and BG/NBD
    models, note 019, section 2.

    Examples
    --------
    >>> import pandas as pd
    >>> model = ParetoNBDCovariates(0.553, 10.578, 0.606, 11.669, dropout={"online": 0.5})
    >>> two = pd.DataFrame({"frequency": 2, "recency": 30.43, "T": 38.86, "online": [0, 1]})
    >>> model.probability_alive(two).round(3).to_list()
    [0.869, 0.856]
    """

    purchase: Mapping[str, float] = field(default_factory=dict)
    dropout: Mapping[str, float] = field(default_factory=dict)

    LINKS: ClassVar[tuple[Link, ...]] = (
        Link("purchase", "alpha", -1),
        Link("dropout", "beta", -1),
    )

    @classmethod
    def _plain(cls) -> type[ParetoNBD]:
        return ParetoNBD

    @classmethod
    def _slopes(
        cls, log_parameters: Floats, x: Floats, t_x: Floats, T: Floats
    ) -> tuple[Floats, Floats]:
        return pareto_slopes(log_parameters, x, t_x, T)
