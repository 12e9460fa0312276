"""Where a model is, in numbers without bounds: those that are estimated, sampled and varied.

A positive parameter is known there by its logarithm, a coefficient, which has any sign, by itself.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

    from crmanalytics.clv.fit import Parametric

    Floats = NDArray[np.float64]

__all__ = ["coordinate_covariance", "coordinates", "estimate_slopes", "estimates_at"]


def coordinates(model: Parametric) -> Floats:
    """Return a model's coordinates, in the order of its estimates.

    Examples
    --------
    >>> from crmanalytics.clv import GammaGamma
    >>> coordinates(GammaGamma(p=1.0, q=4.0, v=15.0)).round(3).tolist()
    [0.0, 1.386, 2.708]
    """
    free = model.coefficient_names()
    return np.array([v if k in free else np.log(v) for k, v in model.estimates().items()])


def estimates_at(model: Parametric, at: ArrayLike) -> Floats:
    """Return the estimates of a model of the same kind at other coordinates.

    Parameters
    ----------
    model : model
        A model of that kind.
    at : array_like of shape (..., estimates)
        Coordinates.

    Returns
    -------
    ndarray of shape (..., estimates)
        Estimates: exponentials, but for coefficients.

    Examples
    --------
    >>> from crmanalytics.clv import GammaGamma
    >>> estimates_at(GammaGamma(p=1.0, q=4.0, v=15.0), [0.0, 0.0, 0.0]).tolist()
    [1.0, 1.0, 1.0]
    """
    free = model.coefficient_names()
    at = np.asarray(at, dtype=float)
    columns = [
        at[..., i] if name in free else np.exp(at[..., i])
        for i, name in enumerate(model.estimates())
    ]
    return np.stack(columns, axis=-1)


def estimate_slopes(model: Parametric) -> Floats:
    """Return the derivative of each estimate by its own coordinate.

    Examples
    --------
    >>> from crmanalytics.clv import GammaGamma
    >>> estimate_slopes(GammaGamma(p=1.0, q=4.0, v=15.0)).tolist()
    [1.0, 4.0, 15.0]
    """
    free = model.coefficient_names()
    return np.array([1.0 if name in free else v for name, v in model.estimates().items()])


def coordinate_covariance(model: Parametric, covariance: ArrayLike) -> Floats:
    """Return the covariance matrix of the coordinates, of one of the estimates.

    Examples
    --------
    >>> from crmanalytics.clv import GammaGamma
    >>> model = GammaGamma(p=1.0, q=4.0, v=15.0)
    >>> coordinate_covariance(model, [[1, 0, 0], [0, 16, 0], [0, 0, 225]]).tolist()
    [[1.0, 0.0, 0.0], [0.0, 1.0, 0.0], [0.0, 0.0, 1.0]]
    """
    scale = estimate_slopes(model)
    return np.asarray(np.asarray(covariance, dtype=float) / np.outer(scale, scale))
