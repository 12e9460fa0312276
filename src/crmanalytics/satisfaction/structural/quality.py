"""How good a measurement and a structure are: reliability, validity, fit; one or many draws."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from crmanalytics.satisfaction.structural.layout import solve
from crmanalytics.satisfaction.structural.solution import without_construct

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from crmanalytics.satisfaction.structural.solution import Solution

    Floats = NDArray[np.float64]

__all__ = [
    "alpha",
    "alpha_raw",
    "average_variance",
    "composite_reliability",
    "effect_sizes",
    "goodness_of_fit",
    "htmt",
    "implied_constructs",
    "inflation",
    "item_inflation",
    "srmr",
]


def alpha(found: Solution) -> Floats:
    """Return Cronbach's alpha of standardised items, by construct."""
    return _alpha(found, found.correlations)


def alpha_raw(found: Solution) -> Floats:
    """Return Cronbach's alpha of the items as answered, by construct."""
    scale = found.deviation
    return _alpha(found, found.correlations * scale[..., :, None] * scale[..., None, :])


def _alpha(found: Solution, matrix: Floats) -> Floats:
    member = found.layout.member
    size = member.sum(axis=0)
    whole = np.einsum("kj,...kl,lj->...j", member, matrix, member)
    own = np.diagonal(matrix, axis1=-2, axis2=-1) @ member
    several = size > 1
    factor = size / np.where(several, size - 1, 1)
    # one item is taken to be without error, as everywhere in this method
    values = np.where(several, factor * (1 - own / whole), 1.0)
    return _unless_formed(found, values)


def _unless_formed(found: Solution, values: Floats) -> Floats:
    """Blank what has no meaning for items that form their construct."""
    sizes = np.array([len(place) for place in found.layout.places])
    return np.where(np.array(found.layout.formed) & (sizes > 1), np.nan, values)


def composite_reliability(found: Solution) -> Floats:
    """Return rho_C, the reliability of the unit-weighted sum (Dillon and Goldstein)."""
    member = found.layout.member
    loadings = found.loadings
    true = (loadings @ member) ** 2
    return _unless_formed(found, true / (true + (1 - loadings**2) @ member))


def average_variance(found: Solution) -> Floats:
    """Return the average variance extracted: the mean of the squared loadings."""
    member = found.layout.member
    return _unless_formed(found, (found.loadings**2) @ member / member.sum(axis=0))


def effect_sizes(found: Solution) -> Floats:
    """Return Cohen's f2 of each path: what R2 loses without it, by what is unexplained."""
    out = np.zeros_like(found.paths)
    for place, parents in enumerate(found.layout.parents):
        for parent in parents:
            less = without_construct(found.among, parents[parents != parent], place)
            whole = found.r2[..., place]
            out[..., parent, place] = (whole - less) / (1 - whole)
    return out


def inflation(found: Solution) -> Floats:
    """Return the variance inflation of each path by the other parents of its target."""
    out = np.zeros_like(found.paths)
    for place, parents in enumerate(found.layout.parents):
        if len(parents):
            out[..., parents, place] = _inflation(found.among[..., parents[:, None], parents])
    return out


def item_inflation(found: Solution) -> Floats:
    """Return the variance inflation of each item by the other items of its block."""
    out = np.ones_like(found.weights)
    for place in found.layout.places:
        out[..., place] = _inflation(found.correlations[..., place[:, None], place])
    return out


def _inflation(matrix: Floats) -> Floats:
    eye = np.broadcast_to(np.eye(matrix.shape[-1]), matrix.shape)
    return np.asarray(np.diagonal(solve(matrix, eye), axis1=-2, axis2=-1))


def htmt(found: Solution, kind: str) -> Floats:
    """Return the ratio of correlations between blocks to those within them, by pairs.

    Parameters
    ----------
    found : Solution
        The solution.
    kind : {"absolute", "signed", "geometric"}
        Means of absolute correlations; of correlations with their sign; geometric means (HTMT2),
        which do not exist where a correlation is not positive.

    References
    ----------
    Henseler, J., Ringle, C. M. and Sarstedt, M. (2015), *Journal of the Academy of Marketing
    Science* 43, 115-135, equation 6; Roemer, E., Schuberth, F. and Henseler, J. (2021), HTMT2,
    *Industrial Management & Data Systems* 121, 2637-2650, equation 8.
    """
    member = found.layout.member
    with np.errstate(invalid="ignore", divide="ignore"):
        values = {"absolute": np.abs, "signed": np.positive, "geometric": np.log}[kind](
            found.correlations
        )
    sums = np.einsum("ki,...kl,lj->...ij", member, _clean(values), member)
    void = np.einsum("ki,...kl,lj->...ij", member, ~np.isfinite(values), member) > 0
    size = member.sum(axis=0)
    counts = size[:, None] * size
    diagonal = np.diagonal(values, axis1=-2, axis2=-1) @ member
    own = np.diagonal(sums, axis1=-2, axis2=-1) - diagonal
    alone = 0.0 if kind == "geometric" else 1.0
    within = np.where(size > 1, own / np.where(size > 1, size * (size - 1), 1), alone)
    between = sums / counts
    if kind == "geometric":
        half = within / 2
        ratio = np.exp(between - half[..., :, None] - half[..., None, :])
        bad = np.diagonal(void, axis1=-2, axis2=-1)
        return np.where(void | bad[..., :, None] | bad[..., None, :], np.nan, ratio)
    with np.errstate(invalid="ignore"):
        return np.asarray(between / np.sqrt(within[..., :, None] * within[..., None, :]))


def _clean(values: Floats) -> Floats:
    return np.where(np.isfinite(values), values, 0.0)


def implied_constructs(found: Solution) -> Floats:
    """Return the correlations of constructs that the paths imply, with 1 on the diagonal."""
    size = found.paths.shape[-1]
    residual = 1 - np.nan_to_num(found.r2)
    spread = np.linalg.inv(np.eye(size) - found.paths)
    implied = np.swapaxes(spread, -1, -2) @ (residual[..., None] * spread)
    place = np.arange(size)
    implied[..., place, place] = 1.0
    return np.asarray(implied)


def srmr(found: Solution, *, saturated: bool) -> Floats:
    """Return the standardised root mean square residual of the items' correlations.

    Parameters
    ----------
    found : Solution
        The solution.
    saturated : bool
        Whether constructs may correlate as they do, rather than as the paths imply.
    """
    among = found.among if saturated else implied_constructs(found)
    return np.asarray(np.sqrt(_squares(found.correlations - implied_items(found, among))))


def implied_items(found: Solution, among: Floats) -> Floats:
    """Return the items' correlations that loadings and correlations of constructs imply."""
    own, loadings = found.layout.own, found.loadings
    implied = among[..., own[:, None], own] * loadings[..., :, None] * loadings[..., None, :]
    place = np.arange(len(own))
    implied[..., place, place] = 1.0
    formed = np.array(found.layout.formed)[own]
    # items that form their construct may correlate among themselves as they like
    free = (own[:, None] == own) & formed[:, None]
    return np.where(free, found.correlations, implied)


def _squares(residuals: Floats) -> Floats:
    size = residuals.shape[-1]
    rows, columns = np.tril_indices(size)
    return np.asarray((residuals[..., rows, columns] ** 2).mean(axis=-1))


def goodness_of_fit(found: Solution) -> Floats:
    """Return GoF: the geometric mean of the mean communality and the mean R2.

    Items that are alone in their block do not count, as they explain themselves.

    References
    ----------
    Tenenhaus, M. et al. (2005), section 2.2.3.
    """
    sizes = found.layout.member.sum(axis=0)
    several = (sizes > 1)[found.layout.own]
    driven = np.array([len(p) > 0 for p in found.layout.parents])
    common = (found.loadings**2)[..., several].mean(axis=-1) if several.any() else 1.0
    return np.asarray(np.sqrt(common * found.r2[..., driven].mean(axis=-1)))
