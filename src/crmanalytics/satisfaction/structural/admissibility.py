"""Whether a solution can be what it says it is: correlations that exist, shares below one."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

from crmanalytics.satisfaction.structural.quality import implied_items

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from crmanalytics.satisfaction.structural.solution import Solution

    Floats = NDArray[np.float64]

__all__ = ["admissible", "checks"]

_ROUNDING: Final = 1e-9


def checks(found: Solution) -> dict[str, tuple[Floats, NDArray[np.bool_]]]:
    """Return, by name, the value that is looked at and whether it is what it must be.

    A consistent solution divides by estimated reliabilities, so that it may claim what cannot be.

    References
    ----------
    The checks of Rademaker, M. and Schuberth, F., cSEM (verify): loadings, construct correlations,
    reliabilities and implied item correlations.
    """
    loading = np.abs(found.loadings).max(axis=-1)
    constructs = _smallest(found.among)
    r2 = _largest(found.r2, found.layout.parents)
    with np.errstate(invalid="ignore"):
        always = {
            "largest loading is at most 1": (loading, loading <= 1 + _ROUNDING),
            "correlations of constructs have no negative eigenvalue": (
                constructs,
                constructs >= -_ROUNDING,
            ),
            "largest R2 is at most 1": (r2, r2 <= 1 + _ROUNDING),
        }
        return {**always, **_of_factors(found)} if found.consistent else always


def _of_factors(found: Solution) -> dict[str, tuple[Floats, NDArray[np.bool_]]]:
    """Return what must hold where constructs are taken to be common factors."""
    low, high = found.rho.min(axis=-1), found.rho.max(axis=-1)
    items = _smallest(implied_items(found, found.among))
    return {
        "smallest reliability is positive": (low, low > 0),
        "largest reliability is at most 1": (high, high <= 1 + _ROUNDING),
        "implied correlations of items have no negative eigenvalue": (items, items >= -_ROUNDING),
    }


def admissible(found: Solution) -> NDArray[np.bool_]:
    """Return whether all checks hold, for each draw."""
    return np.asarray(np.all([holds for _, holds in checks(found).values()], axis=0))


def _smallest(matrices: Floats) -> Floats:
    """Return the smallest eigenvalue; missing where the matrix has missing values."""
    sound = np.asarray(np.isfinite(matrices).all(axis=(-1, -2)))
    safe = np.where(sound[..., None, None], matrices, 0.0)
    return np.where(sound, np.linalg.eigvalsh(safe)[..., 0], np.nan)


def _largest(r2: Floats, parents: Sequence[NDArray[np.int64]]) -> Floats:
    """Return the largest R2 of the constructs that have parents."""
    driven = [place for place, drivers in enumerate(parents) if len(drivers)]
    return np.asarray(r2[..., driven].max(axis=-1))
