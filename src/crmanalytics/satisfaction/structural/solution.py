"""What the weights imply: loadings, correlations of constructs, paths, effects; one or many draws.

All arrays may have leading dimensions, one entry per resample, so that the point estimate and its
bootstrap are the same lines of code.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from crmanalytics.frames import Shown
from crmanalytics.satisfaction.structural.layout import solve

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from crmanalytics.satisfaction.structural.layout import Layout

    Floats = NDArray[np.float64]

__all__ = ["Solution", "correlations_of", "solution_of", "without_construct"]


@dataclass(frozen=True, eq=False, repr=False)
class Solution(Shown):
    """Weights with everything that they are applied to, and the paths that follow.

    Parameters
    ----------
    layout : Layout
        The model.
    mean, deviation : ndarray of shape (..., items)
        Means and standard deviations of the items.
    correlations : ndarray of shape (..., items, items)
        Correlations of the items.
    weights : ndarray of shape (..., items)
        Weights of standardised items.
    rho : ndarray of shape (..., constructs)
        Dijkstra and Henseler's reliability rho_A; 1 for single items and mode B.
    across : ndarray of shape (..., items, constructs)
        Correlations of items with constructs (corrected for attenuation in a consistent solution).
    among : ndarray of shape (..., constructs, constructs)
        Correlations of constructs (likewise).
    paths : ndarray of shape (..., constructs, constructs)
        Coefficient of the row's construct in the regression of the column's.
    r2 : ndarray of shape (..., constructs)
        Share of the construct's variance that its parents explain; missing without parents.
    consistent : bool
        Whether corrected for attenuation.
    """

    layout: Layout
    mean: Floats
    deviation: Floats
    correlations: Floats
    weights: Floats
    rho: Floats
    across: Floats
    among: Floats
    paths: Floats
    r2: Floats
    consistent: bool

    def _told(self) -> list[str]:
        size = f"{self.weights.shape[-1]} items of {self.rho.shape[-1]} constructs"
        many = f", {len(self.weights):,} samples" if self.weights.ndim > 1 else ""
        return [f"Solution{' (consistent)' if self.consistent else ''}: {size}{many}"]

    @property
    def loadings(self) -> Floats:
        """Correlation of each item with its own construct."""
        spread = self.across * self.layout.member
        return np.asarray(spread.sum(axis=-1))

    @property
    def total(self) -> Floats:
        """Total effects: direct ones and those through other constructs."""
        eye = np.eye(self.paths.shape[-1])
        return np.asarray(np.linalg.inv(eye - self.paths) - eye)

    @property
    def answer_weights(self) -> Floats:
        """Weights of answers as given (not standardised), summing to 1 in each block."""
        return self.shares(self.weights / self.deviation)

    def shares(self, values: Floats) -> Floats:
        """Divide values of items by their sum over the block."""
        sums = values @ self.layout.member
        return np.asarray(values / sums[..., self.layout.own])

    def answer_deviation(self) -> Floats:
        """Return the standard deviation of each construct on the scale of the answers."""
        scaled = self.answer_weights * self.deviation
        spread = scaled[..., None] * self.layout.member
        variance = np.einsum("...kj,...kl,...lj->...j", spread, self.correlations, spread)
        return np.asarray(np.sqrt(variance))


def correlations_of(covariance: Floats) -> tuple[Floats, Floats]:
    """Return standard deviations and correlations; missing where something does not vary.

    Examples
    --------
    >>> deviation, correlations = correlations_of(np.array([[4.0, 1.0], [1.0, 1.0]]))
    >>> deviation.tolist(), correlations.tolist()
    ([2.0, 1.0], [[1.0, 0.5], [0.5, 1.0]])
    """
    deviation = np.sqrt(np.diagonal(covariance, axis1=-2, axis2=-1))
    with np.errstate(invalid="ignore", divide="ignore"):
        found = covariance / deviation[..., :, None] / deviation[..., None, :]
    place = np.arange(covariance.shape[-1])
    found[..., place, place] = np.where(deviation > 0, 1.0, np.nan)
    return deviation, found


def solution_of(
    mean: Floats,
    deviation: Floats,
    correlations: Floats,
    weights: Floats,
    layout: Layout,
    *,
    consistent: bool,
) -> Solution:
    """Work out what weights imply.

    References
    ----------
    Dijkstra, T. K. and Henseler, J. (2015), Consistent partial least squares path modeling,
    *MIS Quarterly* 39, 297-316, equations 3 to 5.
    """
    spread = weights[..., None] * layout.member
    across = correlations @ spread
    among = np.swapaxes(spread, -1, -2) @ across
    rho = _rho_a(weights, layout)
    if consistent:
        with np.errstate(invalid="ignore"):
            quality = np.sqrt(rho)
        across = _corrected_loadings(across, weights, quality, layout)
        among = among / quality[..., :, None] / quality[..., None, :]
    place = np.arange(among.shape[-1])
    among[..., place, place] = 1.0
    paths, r2 = _regressions(among, layout)
    return Solution(
        layout, mean, deviation, correlations, weights, rho, across, among, paths, r2, consistent
    )


def _rho_a(weights: Floats, layout: Layout) -> Floats:
    """Return rho_A, in the form that it takes for composites of variance 1."""
    second = (weights**2) @ layout.member
    fourth = (weights**4) @ layout.member
    with np.errstate(invalid="ignore", divide="ignore"):
        rho = second**2 * (1 - second) / (second**2 - fourth)
    return np.asarray(np.where(layout.reflected, rho, 1.0))


def _corrected_loadings(across: Floats, weights: Floats, quality: Floats, layout: Layout) -> Floats:
    """Divide by the quality of the other construct; own loadings are in proportion to weights."""
    second = (weights**2) @ layout.member
    own = weights * (quality / second)[..., layout.own]
    corrected = across / quality[..., None, :]
    factor = (layout.member * layout.reflected) > 0
    return np.where(factor, own[..., None], corrected)


def _regressions(among: Floats, layout: Layout) -> tuple[Floats, Floats]:
    paths = np.zeros_like(among)
    r2 = np.full(among.shape[:-1], np.nan)
    for place, parents in enumerate(layout.parents):
        if len(parents):
            right = among[..., parents, place]
            slopes = solve(among[..., parents[:, None], parents], right[..., None])[..., 0]
            paths[..., parents, place] = slopes
            r2[..., place] = (slopes * right).sum(axis=-1)
    return paths, r2


def without_construct(among: Floats, parents: NDArray[np.int64], place: int) -> Floats:
    """Return the R2 of a construct's regression on the parents given; 0 on none."""
    if not len(parents):
        return np.zeros(among.shape[:-2])
    right = among[..., parents, place]
    slopes = solve(among[..., parents[:, None], parents], right[..., None])[..., 0]
    return np.asarray((slopes * right).sum(axis=-1))
