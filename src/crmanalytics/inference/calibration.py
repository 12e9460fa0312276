"""Raked weights know the margins: what the margins explain does not vary any more."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from crmanalytics.inference.groups import label_codes

if TYPE_CHECKING:
    from collections.abc import Sequence

    import narwhals.stable.v2 as nw
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]

__all__ = ["Calibration", "read_calibration"]


@dataclass(frozen=True)
class Calibration:
    """The margins that weights were raked to.

    Parameters
    ----------
    margins : ndarray of shape (rows, categories)
        1 where a row is in a category of a margin.
    base : ndarray of shape (rows,)
        Weights before raking.
    inverse : ndarray of shape (categories, categories)
        Of the sums of products of the margins, weighted by `base`.
    """

    margins: Floats
    base: Floats
    inverse: Floats

    def residual(self, influence: Floats, weight: Floats) -> Floats:
        """Return what the margins do not explain of the influence of each row.

        Parameters
        ----------
        influence : ndarray of shape (rows,)
            Influence of each row on an estimate, its weight included.
        weight : ndarray of shape (rows,)
            The raked weights.

        Returns
        -------
        ndarray of shape (rows,)
            Residuals of the regression on the margins (weighted by the base weights), times the
            raked weights: the linearised form of Deville and Särndal (1992, section 3).

        Examples
        --------
        >>> both = np.array([[1.0, 0.0], [1.0, 0.0], [0.0, 1.0]])
        >>> margins = Calibration(both, np.ones(3), np.diag([0.5, 1.0]))
        >>> margins.residual(np.array([1.0, 3.0, 5.0]), np.ones(3)).tolist()
        [-1.0, 1.0, 0.0]
        """
        unit = influence / np.where(weight > 0, weight, 1.0)
        slopes = self.inverse @ (self.margins.T @ (self.base * unit))
        return np.asarray(weight * (unit - self.margins @ slopes))


def read_calibration(
    own: nw.DataFrame[Any], names: Sequence[str], base: Floats, within: str | None = None
) -> Calibration:
    """Read the margins from columns of categories that were checked.

    Parameters
    ----------
    own : narwhals.DataFrame
        The rows.
    names : sequence of str
        The columns.
    base : ndarray of shape (rows,)
        Weights before raking.
    within : str, optional
        Column of parts that were raked each by itself, such as waves.

    Returns
    -------
    Calibration
        The margins.

    Examples
    --------
    >>> import narwhals.stable.v2 as nw
    >>> own = nw.from_dict({"sex": ["f", "m"]}, backend="pandas")
    >>> read_calibration(own, ["sex"], np.ones(2)).margins.tolist()
    [[1.0, 0.0], [0.0, 1.0]]
    """
    blocks = []
    part = label_codes(own, within)[0] if within else np.zeros(len(own), dtype=np.int64)
    for name in names:
        codes, count = label_codes(own, name)
        kinds, place = np.unique(part * count + codes, return_inverse=True)
        blocks.append((place[:, None] == np.arange(len(kinds))).astype(float))
    margins = np.concatenate(blocks, axis=1)
    # margins share their sum, so the matrix lacks full rank: any inverse gives the same residuals
    inverse = np.linalg.pinv(margins.T @ (base[:, None] * margins))
    return Calibration(margins, base, inverse)
