"""A fitted structural model: weights with the moments behind them, and tables of what follows."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any, Self

import numpy as np

from crmanalytics.frames import Shown
from crmanalytics.persistence import register, save
from crmanalytics.satisfaction.structural.answers import Moments, Reading
from crmanalytics.satisfaction.structural.estimation import Estimation
from crmanalytics.satisfaction.structural.model import StructuralModel
from crmanalytics.satisfaction.structural.tables import StructuralTables

if TYPE_CHECKING:
    import os
    from pathlib import Path

    import pandas as pd
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]

__all__ = ["StructuralFit"]


@register("satisfaction.StructuralFit")
@dataclass(frozen=True, eq=False, repr=False)
class StructuralFit(StructuralTables, Shown):
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
        """Return the fit as plain values.

        Examples
        --------
        >>> import crmanalytics as crm
        >>> model = crm.satisfaction.structural_model({"X": ["x"], "Y": ["y"]}, ["X -> Y"])
        >>> moments = crm.satisfaction.Moments.of(["x", "y"], [[1.0, 0.3], [0.3, 1.0]], n=50)
        >>> crm.satisfaction.fit_structural_moments(moments, model).to_dict()["moments"]["n"]
        50
        """
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
        """Make the fit of its plain values.

        Examples
        --------
        >>> import crmanalytics as crm
        >>> model = crm.satisfaction.structural_model({"X": ["x"], "Y": ["y"]}, ["X -> Y"])
        >>> moments = crm.satisfaction.Moments.of(["x", "y"], [[1.0, 0.3], [0.3, 1.0]], n=50)
        >>> fit = crm.satisfaction.fit_structural_moments(moments, model)
        >>> StructuralFit.from_dict(fit.to_dict()).paths.equals(fit.paths)
        True
        """
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
