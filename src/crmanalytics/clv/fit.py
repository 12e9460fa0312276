"""The result of an estimation: the model beside its evidence."""

from __future__ import annotations

import math
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any, Generic, Protocol, Self, TypeVar, cast

import numpy as np
import pandas as pd

from crmanalytics.clv.coordinates import estimate_slopes
from crmanalytics.clv.fitting import Convergence
from crmanalytics.frames import Shown
from crmanalytics.inference import log_interval, normal_interval
from crmanalytics.persistence import class_of, kind_of, register, save

if TYPE_CHECKING:
    import os
    from collections.abc import Mapping
    from pathlib import Path

    from crmanalytics.clv.fitting import Maximum

__all__ = ["Fit", "Parametric", "the_model"]


class Parametric(Protocol):
    """A model that is its parameters."""

    @classmethod
    def parameter_names(cls) -> tuple[str, ...]:
        """Return the names of the parameters, in the paper's order."""

    def estimates(self) -> dict[str, float]:
        """Return what a fit estimates, by name."""

    def coefficient_names(self) -> frozenset[str]:
        """Return the names of those estimates that may be negative."""

    def replaced(self, values: Mapping[str, float]) -> Self:
        """Return the same kind of model with other estimates."""

    def to_dict(self) -> dict[str, Any]:
        """Return the parameters as plain values."""

    @classmethod
    def from_dict(cls, body: dict[str, Any]) -> Self:
        """Make the model of its parameters."""


M = TypeVar("M", bound=Parametric)


@register("clv.Fit")
@dataclass(frozen=True, repr=False)
class Fit(Shown, Generic[M]):
    """A fitted model and what speaks for it.

    Every function that takes a model takes a fit too.

    Parameters
    ----------
    model : model
        The model at the maximum of the likelihood.
    log_likelihood : float
        Log-likelihood there, without any penalty.
    covariance_matrix : tuple of tuple of float
        Covariance of the parameters, from the observed information.
    n : float
        Customers (their weights added up).
    convergence : Convergence
        How the optimiser ended.
    penalty : float
        Precision of the prior on the log-parameters; 0 is maximum likelihood.

    Examples
    --------
    >>> from crmanalytics.clv import BGNBD
    >>> from crmanalytics.datasets import load_cdnow_summary
    >>> fit = BGNBD.fit(load_cdnow_summary(), unit="W")
    >>> fit.parameters.round(3)
               estimate  standard_error    low   high
    parameter
    r             0.243           0.013  0.219  0.268
    alpha         4.414           0.378  3.731  5.221
    a             0.793           0.186  0.501  1.255
    b             2.426           0.705  1.372  4.289
    >>> round(fit.log_likelihood, 1), round(fit.aic, 1), round(fit.bic, 1)
    (-9582.4, 19172.9, 19195.9)

    A fit tells what it found, in a terminal and in a notebook:

    >>> fit  # doctest: +ELLIPSIS
    BGNBD fitted to 2,357 customers, time in W
    log-likelihood -9,582.43, AIC 19,172.85, BIC 19,195.91
               estimate  standard_error    low   high
    parameter
    r            0.2426         0.01256 0.2192 0.2685
    alpha         4.414          0.3782  3.731  5.221
    a            0.7929          0.1857  0.501  1.255
    b             2.426          0.705...  1.372  4.289
    """

    model: M
    log_likelihood: float
    covariance_matrix: tuple[tuple[float, ...], ...]
    n: float
    convergence: Convergence
    penalty: float = 0.0

    @classmethod
    def of(cls, model: M, maximum: Maximum, n: float, penalty: float) -> Fit[M]:
        """Make a fit of the optimiser's result, on the parameters' own scale.

        Examples
        --------
        >>> import numpy as np
        >>> from crmanalytics.clv import BGNBD
        >>> from crmanalytics.clv.fitting import Maximum
        >>> how = Convergence(iterations=9, gradient_norm=0.0, shortfall=0.0)
        >>> log_parameters = np.log([0.24, 4.4, 0.8, 2.4])
        >>> found = Maximum(log_parameters, -9582.4, np.eye(4) / 100, how)
        >>> fit = Fit.of(BGNBD(0.24, 4.4, 0.8, 2.4), found, n=2357, penalty=0.0)
        >>> fit.parameters["standard_error"].round(3).to_list()
        [0.024, 0.44, 0.08, 0.24]
        """
        scale = estimate_slopes(model)
        covariance = maximum.covariance * np.outer(scale, scale)
        rows = tuple(tuple(float(v) for v in row) for row in covariance)
        return cls(model, maximum.value, rows, n, maximum.convergence, penalty)

    @property
    def covariance(self) -> pd.DataFrame:
        """Covariance matrix of the parameters, from the observed information.

        Examples
        --------
        >>> from crmanalytics.clv import BGNBD
        >>> from crmanalytics.datasets import load_cdnow_summary
        >>> BGNBD.fit(load_cdnow_summary()).covariance.round(2)
                 r  alpha     a     b
        r      0.0   0.00 -0.00  0.00
        alpha  0.0   0.14 -0.00  0.01
        a     -0.0  -0.00  0.03  0.12
        b      0.0   0.01  0.12  0.50
        """
        names = list(self.model.estimates())
        return pd.DataFrame(self.covariance_matrix, index=names, columns=names)

    @property
    def parameters(self) -> pd.DataFrame:
        """Estimates with standard errors and 95% intervals.

        Examples
        --------
        >>> from crmanalytics.clv import GammaGamma
        >>> from crmanalytics.datasets import load_cdnow_summary
        >>> GammaGamma.fit(load_cdnow_summary()).parameters.round(2)
                   estimate  standard_error   low   high
        parameter
        p              6.25            1.19  4.30   9.08
        q              3.74            0.29  3.22   4.36
        v             15.45            4.16  9.11  26.19
        """
        return self.parameter_table(level=0.95)

    def parameter_table(self, *, level: float) -> pd.DataFrame:
        """Return estimates with standard errors and intervals of a chosen level.

        Parameters
        ----------
        level : float
            Confidence level.

        Returns
        -------
        DataFrame
            One row per parameter: estimate, standard_error (observed information), low and high
            (normal on the logarithm, so that the bounds are positive; for coefficients, which may
            be negative, normal as they are).

        Examples
        --------
        >>> from crmanalytics.clv import BGNBD
        >>> from crmanalytics.datasets import load_cdnow_summary
        >>> fit = BGNBD.fit(load_cdnow_summary())
        >>> fit.parameter_table(level=0.5).loc["r", ["low", "high"]].round(3).to_list()
        [0.234, 0.251]
        """
        named = self.model.estimates()
        names, estimates = list(named), np.array(list(named.values()))
        errors = np.sqrt(np.diag(np.array(self.covariance_matrix)))
        low, high = normal_interval(estimates, errors, level)
        positive = np.array([name not in self.model.coefficient_names() for name in names])
        low[positive], high[positive] = log_interval(estimates[positive], errors[positive], level)
        return pd.DataFrame(
            {"estimate": estimates, "standard_error": errors, "low": low, "high": high},
            index=pd.Index(names, name="parameter"),
        )

    @property
    def aic(self) -> float:
        """Akaike's information criterion; smaller is better.

        Examples
        --------
        >>> from crmanalytics.clv import BGNBD, MBGNBD
        >>> from crmanalytics.datasets import load_cdnow_summary
        >>> customers = load_cdnow_summary()
        >>> MBGNBD.fit(customers).aic < BGNBD.fit(customers).aic
        True
        """
        return 2 * len(self.covariance_matrix) - 2 * self.log_likelihood

    @property
    def bic(self) -> float:
        """Schwarz's information criterion; smaller is better.

        Examples
        --------
        >>> from crmanalytics.clv import BGNBD
        >>> from crmanalytics.datasets import load_cdnow_summary
        >>> fit = BGNBD.fit(load_cdnow_summary())
        >>> round(fit.bic - fit.aic, 2)  # the price of four parameters
        23.06
        """
        return len(self.covariance_matrix) * math.log(self.n) - 2 * self.log_likelihood

    def _told(self) -> tuple[str, str]:
        """Return two lines: what was fitted to whom, and how well."""
        unit = getattr(self.model, "unit", None)
        whose = f"{type(self.model).__name__} fitted to {self.n:,.10g} customers"
        shown = {"log-likelihood": self.log_likelihood, "AIC": self.aic, "BIC": self.bic}
        if self.penalty:
            shown["penalty"] = self.penalty
        return (
            f"{whose}, time in {unit}" if unit else whose,
            ", ".join(f"{name} {value:,.2f}" for name, value in shown.items()),
        )

    def _tables(self) -> dict[str, pd.DataFrame]:
        return {"": self.parameters}

    def to_dict(self) -> dict[str, Any]:
        """Return the fit as plain JSON values.

        Examples
        --------
        >>> from crmanalytics.clv import BGNBD
        >>> from crmanalytics.datasets import load_cdnow_summary
        >>> BGNBD.fit(load_cdnow_summary(), penalty=0.01).to_dict()["penalty"]
        0.01
        """
        return {
            "model_kind": kind_of(type(self.model)),
            "model": self.model.to_dict(),
            "log_likelihood": self.log_likelihood,
            "covariance_matrix": [list(row) for row in self.covariance_matrix],
            "n": self.n,
            "convergence": asdict(self.convergence),
            "penalty": self.penalty,
        }

    @classmethod
    def from_dict(cls, body: dict[str, Any]) -> Self:
        """Make the fit of plain JSON values.

        Examples
        --------
        >>> from crmanalytics.clv import BGNBD, Fit
        >>> from crmanalytics.datasets import load_cdnow_summary
        >>> fit = BGNBD.fit(load_cdnow_summary())
        >>> Fit.from_dict(fit.to_dict()) == fit
        True
        """
        model = class_of(body["model_kind"]).from_dict(body["model"])
        return cls(
            model=cast("M", model),
            log_likelihood=float(body["log_likelihood"]),
            covariance_matrix=tuple(tuple(map(float, row)) for row in body["covariance_matrix"]),
            n=float(body["n"]),
            convergence=Convergence(**body["convergence"]),
            penalty=float(body["penalty"]),
        )

    def save(self, path: str | os.PathLike[str]) -> Path:
        """Write the fit as a small JSON document, atomically.

        Parameters
        ----------
        path : path
            Where to; an existing file is replaced in one step.

        Returns
        -------
        Path
            The path written; ``crmanalytics.load`` reads it back.

        Examples
        --------
        >>> import tempfile
        >>> import crmanalytics as crm
        >>> fit = crm.clv.BGNBD.fit(crm.datasets.load_cdnow_summary())
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     crm.load(fit.save(f"{folder}/purchases.json")) == fit
        True
        """
        return save(self, path)


def the_model(model_or_fit: M | Fit[M]) -> M:
    """Return the model itself, of a model or a fit.

    Examples
    --------
    >>> from crmanalytics.clv import BGNBD
    >>> from crmanalytics.clv.fit import the_model
    >>> from crmanalytics.datasets import load_cdnow_summary
    >>> fit = BGNBD.fit(load_cdnow_summary())
    >>> the_model(fit) == the_model(fit.model) == fit.model
    True
    """
    return model_or_fit.model if isinstance(model_or_fit, Fit) else model_or_fit
