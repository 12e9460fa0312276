"""Sums of money that come out the same whatever the order of the rows.

Floating-point sums depend on the order of their terms in the last digit, which is enough to part
customers who have spent the same. Money is decimal as a rule, so it is summed as whole hundredths
(or ten-thousandths), which is exact. Other amounts are cut in two on a grid of powers of two, each
part of which sums without rounding: the reproducible sum of Demmel and Nguyen.

References
----------
Demmel, J. & Nguyen, H. D. (2013). Fast reproducible floating-point summation. 21st IEEE Symposium
on Computer Arithmetic, 163-172.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]
    Ints = NDArray[np.int64]

__all__ = ["DECIMAL_SCALES", "EXACT", "Money"]

#: Float64 holds every whole number up to here.
EXACT = 2.0**53

#: Hundredths and, for unit prices and crude conversions, ten-thousandths.
DECIMAL_SCALES = (100.0, 10_000.0)

_GLANCE = 1000


@dataclass(frozen=True)
class Money:
    """Amounts as parts whose sums are exact.

    Parameters
    ----------
    parts : tuple of array
        Float arrays of one length; the amounts are their sum, divided by `scale`.
    scale : float
        What one unit of money is in the parts.
    """

    parts: tuple[Floats, ...]
    scale: float

    @classmethod
    def of(cls, amounts: Floats) -> Money:
        """Return amounts in the coarsest form that is exact.

        Examples
        --------
        >>> Money.of(np.array([0.1, 0.2])).scale
        100.0
        """
        bound = float(np.abs(amounts).sum()) * (1 + 1e-6)
        for scale in DECIMAL_SCALES:
            glance = amounts[:_GLANCE]
            if bound * scale < EXACT and _is_decimal(glance, np.rint(glance * scale), scale):
                whole = amounts * scale
                np.rint(whole, out=whole)
                if _is_decimal(amounts, whole, scale):
                    return cls((whole,), scale)
        return cls(_grid_parts(amounts, bound), 1.0)

    def rows(self, chosen: NDArray[np.bool_]) -> Money:
        """Return the money of some of the rows.

        Examples
        --------
        >>> Money.of(np.array([0.1, 0.2])).rows(np.array([False, True])).parts[0].tolist()
        [20.0]
        """
        return Money(tuple(part[chosen] for part in self.parts), self.scale)

    def sums(self, codes: Ints, size: int) -> tuple[Floats, ...]:
        """Return the sums of each part per group: one array of length `size` per part.

        Examples
        --------
        >>> money = Money.of(np.array([0.1, 0.2, 5.0]))
        >>> money.sums(np.array([0, 0, 1]), 2)[0].tolist()
        [30.0, 500.0]
        """
        return tuple(
            np.bincount(codes, weights=part, minlength=size).astype(np.float64, copy=False)
            for part in self.parts
        )

    def value(self, sums: tuple[Floats, ...]) -> Floats:
        """Return sums of parts as money.

        Examples
        --------
        >>> money = Money.of(np.array([0.1, 0.2]))
        >>> money.value(money.sums(np.array([0, 0]), 1)).tolist()
        [0.3]
        """
        total = sums[0]
        for part in sums[1:]:
            total = total + part
        return total / self.scale


def _is_decimal(amounts: Floats, whole: Floats, scale: float) -> bool:
    return bool(np.array_equal(whole / scale, amounts))


def _grid_parts(amounts: Floats, bound: float) -> tuple[Floats, ...]:
    coarse = _on_grid(amounts, bound)
    rest = amounts - coarse
    if not rest.any():
        return (coarse,)
    return coarse, _on_grid(rest, float(np.abs(rest).sum()) * (1 + 1e-6))


def _on_grid(amounts: Floats, bound: float) -> Floats:
    # two bits to spare: one for the rounding of each term, one for that of the bound
    step = math.ldexp(1.0, max(math.frexp(bound)[1] - 51, -1021))
    return np.asarray(np.rint(amounts / step) * step)
