"""The quadrants of importance and performance, and where the lines between them are."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Literal

import numpy as np

from crmanalytics.errors import ParameterError
from crmanalytics.wording import none_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    Floats = NDArray[np.float64]

__all__ = ["QUADRANTS", "Cut", "Placed", "check_cut", "placed"]

#: Where the lines are: at the mean or median of all, or at an importance and a performance.
Cut = Literal["mean", "median"] | tuple[float, float]

_CUTS: Final = ("mean", "median")
#: (important, performing well) to what Martilla and James advise, the most urgent first.
QUADRANTS: Final[Mapping[tuple[bool, bool], str]] = {
    (True, False): "concentrate here",
    (True, True): "keep up the good work",
    (False, False): "low priority",
    (False, True): "possible overkill",
}


@dataclass(frozen=True, eq=False)
class Placed:
    """Where attributes lie: importance and performance, and the cuts, of one or more samples.

    Parameters
    ----------
    importance, performance : ndarray of shape (..., attributes)
        Missing where unknown.
    cuts : pair of ndarray of shape (...)
        The lines of importance and of performance.
    """

    importance: Floats
    performance: Floats
    cuts: tuple[Floats, Floats]

    def inside(self, quadrant: tuple[bool, bool]) -> NDArray[np.bool_]:
        """Return which attributes are in a quadrant, a key of :data:`QUADRANTS`."""
        high, good = (
            values >= cut[..., None]
            for values, cut in zip((self.importance, self.performance), self.cuts, strict=True)
        )
        return np.asarray((high == quadrant[0]) & (good == quadrant[1]))

    def names(self) -> list[str | None]:
        """Return the quadrant of each attribute of one sample; None where it is unknown."""
        inside = np.stack([self.inside(quadrant) for quadrant in QUADRANTS])
        known = ~np.isnan(self.importance + self.performance)
        names = list(QUADRANTS.values())
        return [names[int(inside[:, k].argmax())] if known[k] else None for k in range(len(known))]


def check_cut(cut: Cut) -> None:
    """Refuse lines that are neither in the middle nor two numbers."""
    if not (cut in _CUTS or (isinstance(cut, tuple) and len(cut) == 2)):
        raise ParameterError(none_of("cut", cut, _CUTS, also="two numbers"))


def placed(importance: Floats, performance: Floats, cut: Cut) -> Placed:
    """Draw the lines.

    Examples
    --------
    >>> placed(np.array([9.0, 2.0]), np.array([3.0, 8.0]), "mean").names()
    ['concentrate here', 'possible overkill']
    """
    if isinstance(cut, tuple):
        fixed = tuple(np.full(importance.shape[:-1], float(each)) for each in cut)
        return Placed(importance, performance, (fixed[0], fixed[1]))
    return Placed(importance, performance, (_middle(importance, cut), _middle(performance, cut)))


def _middle(values: Floats, cut: str) -> Floats:
    """Return the mean or median of the attributes that are known."""
    known = np.asarray(~np.isnan(values))
    some = np.asarray(known.any(axis=-1))
    filled = np.where(some[..., None], values, 0.0)
    found = np.nanmean(filled, axis=-1) if cut == "mean" else np.nanmedian(filled, axis=-1)
    return np.where(some, found, np.nan)
