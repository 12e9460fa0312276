"""The weights of partial least squares, from correlations alone, for many resamples at once.

Scores of respondents are never formed: the correlations of composites with items and with one
another are products of the weights and the items' correlation matrix, so that a refit costs the
same for a hundred respondents and for ten million.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

import numpy as np

from crmanalytics.satisfaction.structural.layout import solve

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from crmanalytics.satisfaction.structural.layout import Layout

    Floats = NDArray[np.float64]

__all__ = ["Scheme", "Weights", "outer_weights"]

Scheme = Literal["path", "factorial", "centroid"]

_ROUNDING = 1e-14


@dataclass(frozen=True, eq=False)
class Weights:
    """Weights of items, and how the iterations ended.

    Parameters
    ----------
    each : ndarray of shape (draws, items)
        Weights of standardised items; the composites have variance 1.
    iterations : ndarray of shape (draws,)
        Iterations taken.
    shortfall : ndarray of shape (draws,)
        Bound of how far the largest weight still is from where the iterations lead to, from the
        last step and the rate at which steps shrink; missing where they did not settle.
    """

    each: Floats
    iterations: NDArray[np.int64]
    shortfall: Floats

    @property
    def converged(self) -> NDArray[np.bool_]:
        """Whether each draw settled."""
        return np.isfinite(self.shortfall)


def outer_weights(
    correlations: Floats,
    layout: Layout,
    scheme: Scheme,
    *,
    tolerance: float,
    most: int,
    start: Floats | None = None,
) -> Weights:
    """Find the weights of each correlation matrix by fixed-point iterations.

    Parameters
    ----------
    correlations : ndarray of shape (draws, items, items)
        Correlations of the items.
    layout : Layout
        The model.
    scheme : {"path", "factorial", "centroid"}
        How a construct's neighbours are weighted.
    tolerance : float
        How far the largest weight may still be from its limit.
    most : int
        Iterations at most.
    start : ndarray of shape (items,), optional
        Weights to start from; equal ones otherwise.

    Returns
    -------
    Weights
        In the order of the matrices.

    References
    ----------
    Lohmöller, J.-B. (1989), *Latent Variable Path Modeling with Partial Least Squares*, chapter 2.
    """
    draws, items = correlations.shape[:2]
    state = np.broadcast_to(np.ones(items) if start is None else start, (draws, items))
    found = np.full((draws, items), np.nan)
    iterations = np.zeros(draws, dtype=np.int64)
    shortfall = np.full(draws, np.nan)
    open_ = np.arange(draws)
    matrices = correlations
    weights, across, among = _normalised(matrices, state, layout)
    before = np.full(draws, np.inf)
    for count in range(1, most + 1):
        new, across, among = _step(matrices, across, among, layout, scheme)
        # a composite may swap its sign from step to step: that is no change
        step = np.abs(np.abs(new) - np.abs(weights)).max(axis=1)
        weights = new
        left = _left(step, before)
        done = left < tolerance
        lost = ~np.isfinite(step)
        ended = done | lost
        if ended.any():
            at = open_[done]
            found[at], iterations[at], shortfall[at] = weights[done], count, left[done]
            iterations[open_[lost]] = count
            keep = ~ended
            open_, weights, step = open_[keep], weights[keep], step[keep]
            matrices, across, among = matrices[keep], across[keep], among[keep]
        if not len(open_):
            break
        before = step
    found[open_], iterations[open_] = weights, most
    return Weights(found, np.where(iterations == 0, most, iterations), shortfall)


def _left(step: Floats, before: Floats) -> Floats:
    """Return how far the limit can still be: the geometric series of the steps to come."""
    with np.errstate(invalid="ignore", divide="ignore"):
        rate = step / before
        left = np.where(rate < 1, step * np.maximum(rate / (1 - rate), 1.0), np.inf)
    # steps this small are rounding, whose rate says nothing
    return np.where(step < _ROUNDING, step, left)


def _step(
    matrices: Floats, across: Floats, among: Floats, layout: Layout, scheme: Scheme
) -> tuple[Floats, Floats, Floats]:
    """Go from composites to inner proxies to weights to composites."""
    inner = _inner(among, layout, scheme)
    # correlation of each item with the proxy of its own construct
    own = np.swapaxes(inner, -1, -2)[..., layout.own, :]
    weights = np.einsum("...kj,...kj->...k", across, own)
    for place, formed in zip(layout.places, layout.formed, strict=True):
        if formed and len(place) > 1:
            block = matrices[..., place[:, None], place]
            weights[..., place] = solve(block, weights[..., place, None])[..., 0]
    return _normalised(matrices, weights, layout)


def _inner(among: Floats, layout: Layout, scheme: Scheme) -> Floats:
    """Return the weight of each composite (rows) in the proxy of each construct (columns)."""
    linked = layout.paths + layout.paths.T
    if scheme == "factorial":
        return among * linked
    if scheme == "centroid":
        return np.sign(among) * linked
    inner = among * layout.paths.T  # what a construct drives counts by its correlation ...
    for place, parents in enumerate(layout.parents):
        if len(parents):  # ... and what drives it by its coefficient of regression
            left = among[..., parents[:, None], parents]
            inner[..., parents, place] = solve(left, among[..., parents, place, None])[..., 0]
    return inner


def _normalised(matrices: Floats, weights: Floats, layout: Layout) -> tuple[Floats, Floats, Floats]:
    """Scale weights to composites of variance 1; return their correlations with items, and all."""
    spread = weights[..., None] * layout.member
    across = matrices @ spread
    among = np.swapaxes(spread, -1, -2) @ across
    # a composite without weight has no variance 1: what follows is missing, and its draw is lost
    with np.errstate(invalid="ignore", divide="ignore"):
        scale = 1 / np.sqrt(np.diagonal(among, axis1=-2, axis2=-1))
        among = among * scale[..., :, None] * scale[..., None, :]
        return weights * scale[..., layout.own], across * scale[..., None, :], among
