"""A fitted structural model: weights with the moments behind them, and tables of what follows."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any, Self

import numpy as np
import pandas as pd

from crmanalytics.errors import ParameterError
from crmanalytics.frames import Shown
from crmanalytics.persistence import register, save
from crmanalytics.satisfaction.structural.admissibility import admissible, checks
from crmanalytics.satisfaction.structural.answers import Moments, Reading
from crmanalytics.satisfaction.structural.layout import layout_of
from crmanalytics.satisfaction.structural.model import StructuralModel
from crmanalytics.satisfaction.structural.quantities import quantity
from crmanalytics.satisfaction.structural.solution import correlations_of, solution_of
from crmanalytics.wording import one_of

if TYPE_CHECKING:
    import os
    from pathlib import Path

    from numpy.typing import NDArray

    from crmanalytics.satisfaction.structural.algorithm import Scheme
    from crmanalytics.satisfaction.structural.solution import Solution

    Floats = NDArray[np.float64]

__all__ = ["Estimation", "StructuralFit"]


@dataclass(frozen=True)
class Estimation:
    """How a model is estimated.

    Parameters
    ----------
    scheme : {"path", "factorial", "centroid"}
        How a construct's neighbours are weighted.
    consistent : bool
        Whether correlations are corrected for attenuation (PLSc).
    standardise : bool
        Whether items count alike on the way to the weights, however much they vary.
    tolerance : float
        How far the largest weight may be from its limit.
    max_iterations : int
        Iterations at most.

    Raises
    ------
    ParameterError
        If one of them is out of its range.

    Examples
    --------
    >>> Estimation().scheme
    'path'
    """

    scheme: Scheme = "path"
    consistent: bool = False
    standardise: bool = True
    tolerance: float = 1e-10
    max_iterations: int = 1000

    def __post_init__(self) -> None:
        one_of("scheme", self.scheme, ("path", "factorial", "centroid"))
        if not 0 < self.tolerance < 1 or self.max_iterations < 2:
            raise ParameterError("tolerance must lie between 0 and 1, max_iterations be 2 or more")


@register("satisfaction.StructuralFit")
@dataclass(frozen=True, eq=False, repr=False)
class StructuralFit(Shown):
    """A structural model with its estimated weights, and the moments that it was estimated from.

    Tables are worked out from these when asked for. :func:`bootstrap_structural` gives standard
    errors and intervals of all of them.

    Parameters
    ----------
    model : StructuralModel
        Blocks and paths.
    moments : Moments
        Means and covariances of the items.
    item_weights : ndarray of shape (items,)
        Weights of standardised items.
    how : Estimation
        How they were estimated.
    reading : Reading
        How the survey was read.
    iterations : int
        Iterations taken.
    shortfall : float
        Bound of how far the largest weight is from its limit.

    Examples
    --------
    >>> import crmanalytics as crm
    >>> model = crm.satisfaction.structural_model(
    ...     {"Quality": ["q1", "q2"], "Satisfaction": ["s1", "s2"]}, ["Quality -> Satisfaction"]
    ... )
    >>> correlations = [
    ...     [1.0, 0.6, 0.4, 0.3],
    ...     [0.6, 1.0, 0.5, 0.3],
    ...     [0.4, 0.5, 1.0, 0.7],
    ...     [0.3, 0.3, 0.7, 1.0],
    ... ]
    >>> moments = crm.satisfaction.Moments.of(model.items, correlations, n=200)
    >>> fit = crm.satisfaction.fit_structural_moments(moments, model)
    >>> fit
    PLS, 4 items of 2 constructs, 200 respondents
    path scheme, settled in 9 iterations; SRMR 0.089, GoF 0.430
        source        target  path     f2  vif
    0  Quality  Satisfaction 0.474 0.2898    1
    >>> fit.reliability[["construct", "alpha", "rho_a"]].round(3)
          construct  alpha  rho_a
    0       Quality  0.750  0.762
    1  Satisfaction  0.824  0.926
    """

    model: StructuralModel
    moments: Moments
    item_weights: Floats
    how: Estimation
    reading: Reading
    iterations: int
    shortfall: float

    @property
    def solution(self) -> Solution:
        """The arrays behind the tables."""
        deviation, correlations = correlations_of(self.moments.covariance)
        return solution_of(
            self.moments.mean,
            deviation,
            correlations,
            self.item_weights,
            layout_of(self.model),
            consistent=self.how.consistent,
        )

    def table(self, name: str) -> pd.DataFrame:
        """Return a table by its name: one row per label, one column per metric.

        Parameters
        ----------
        name : str
            ``paths``, ``effects``, ``measurement``, ``crossloadings``, ``r2``, ``reliability``,
            ``htmt``, ``correlations`` or ``overall``.

        Returns
        -------
        pandas.DataFrame
            The table.

        Raises
        ------
        ParameterError
            If there is no such table.

        Examples
        --------
        >>> import crmanalytics as crm
        >>> model = crm.satisfaction.structural_model({"X": ["x"], "Y": ["y"]}, ["X -> Y"])
        >>> moments = crm.satisfaction.Moments.of(["x", "y"], [[1.0, 0.3], [0.3, 1.0]], n=50)
        >>> crm.satisfaction.fit_structural_moments(moments, model).table("correlations")
          first second  correlation
        0     X      Y          0.3
        """
        found = quantity(name, self.model, self.solution, self.moments.n)
        return pd.DataFrame({**found.labels, **found.metrics})

    @property
    def paths(self) -> pd.DataFrame:
        """Path coefficients, with Cohen's f2 (scores held fixed) and variance inflation."""
        return self.table("paths")

    @property
    def effects(self) -> pd.DataFrame:
        """Direct, indirect and total effects; ``total_answers`` in points of the answers' scale."""
        return self.table("effects")

    @property
    def measurement(self) -> pd.DataFrame:
        """Weights (of standardised items; of answers as given, summing to 1), loadings, VIF."""
        return self.table("measurement")

    @property
    def crossloadings(self) -> pd.DataFrame:
        """Correlation of each item with every construct, one column each."""
        return self.table("crossloadings")

    @property
    def r2(self) -> pd.DataFrame:
        """Share of each driven construct's variance that is explained, plain and adjusted."""
        return self.table("r2")

    @property
    def reliability(self) -> pd.DataFrame:
        """Alpha (standardised and raw), rho_A, rho_C and AVE; single items count as error-free."""
        return self.table("reliability")

    @property
    def htmt(self) -> pd.DataFrame:
        """Heterotrait-monotrait ratios: absolute, signed, and geometric (HTMT2)."""
        return self.table("htmt")

    @property
    def correlations(self) -> pd.DataFrame:
        """Correlations of constructs, corrected for attenuation in a consistent fit."""
        return self.table("correlations")

    @property
    def overall(self) -> pd.DataFrame:
        """SRMR (constructs as the paths imply; as they are) and GoF, in one row."""
        return self.table("overall")

    @property
    def admissibility(self) -> pd.DataFrame:
        """What must hold for the solution to be possible, and whether it does."""
        found = checks(self.solution)
        return pd.DataFrame(
            {
                "check": list(found),
                "value": [float(value) for value, _ in found.values()],
                "holds": [bool(holds) for _, holds in found.values()],
            }
        )

    @property
    def admissible(self) -> bool:
        """Whether all checks of :attr:`admissibility` hold."""
        return bool(admissible(self.solution))

    def _told(self) -> list[str]:
        size = f"{len(self.model.items)} items of {len(self.model.constructs)} constructs"
        kind = "consistent PLS" if self.how.consistent else "PLS"
        overall = self.overall.iloc[0]
        steps = f"{self.how.scheme} scheme, settled in {self.iterations} iterations"
        lines = [
            f"{kind}, {size}, {self.moments.n:,} respondents",
            f"{steps}; SRMR {overall['srmr']:.3f}, GoF {overall['gof']:.3f}",
        ]
        if not self.admissible:
            lines.append("NOT ADMISSIBLE: see .admissibility")
        return lines

    def _tables(self) -> dict[str, pd.DataFrame]:
        return {"": self.paths}

    def to_dict(self) -> dict[str, Any]:
        """Return the fit as plain values."""
        moments = asdict(self.moments)
        moments |= {"mean": self.moments.mean.tolist(), "items": list(self.moments.items)}
        return {
            "model": self.model.to_dict(),
            "moments": {**moments, "covariance": self.moments.covariance.tolist()},
            "item_weights": self.item_weights.tolist(),
            "how": asdict(self.how),
            "reading": {**asdict(self.reading), "no_answer": list(self.reading.no_answer)},
            "iterations": self.iterations,
            "shortfall": self.shortfall,
        }

    @classmethod
    def from_dict(cls, body: dict[str, Any]) -> Self:
        """Make the fit of its plain values."""
        moments, reading = dict(body["moments"]), dict(body["reading"])
        for name in ("mean", "covariance"):
            moments[name] = np.asarray(moments[name], dtype=np.float64)
        scale = reading["scale"]
        reading |= {"no_answer": tuple(reading["no_answer"]), "scale": scale and tuple(scale)}
        return cls(
            StructuralModel.from_dict(body["model"]),
            Moments(**{**moments, "items": tuple(moments["items"])}),
            np.asarray(body["item_weights"], dtype=np.float64),
            Estimation(**body["how"]),
            Reading(**reading),
            int(body["iterations"]),
            float(body["shortfall"]),
        )

    def save(self, path: str | os.PathLike[str]) -> Path:
        """Write the fit as JSON; ``crm.load`` reads it back.

        Examples
        --------
        >>> import tempfile
        >>> import crmanalytics as crm
        >>> model = crm.satisfaction.structural_model({"X": ["x"], "Y": ["y"]}, ["X -> Y"])
        >>> moments = crm.satisfaction.Moments.of(["x", "y"], [[1.0, 0.3], [0.3, 1.0]], n=50)
        >>> fit = crm.satisfaction.fit_structural_moments(moments, model)
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     crm.load(fit.save(f"{folder}/fit.json")).paths.equals(fit.paths)
        True
        """
        return save(self, path)
