"""A structural model as arrays of places: what the linear algebra needs of it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from crmanalytics.satisfaction.structural.model import StructuralModel

    Floats = NDArray[np.float64]
    Ints = NDArray[np.int64]

__all__ = ["Layout", "layout_of", "solve"]


@dataclass(frozen=True, eq=False)
class Layout:
    """Places of items and constructs.

    Parameters
    ----------
    own : ndarray of shape (items,)
        Construct of each item.
    member : ndarray of shape (items, constructs)
        1 where the item is of the construct.
    places : tuple of ndarray
        Items of each construct.
    formed : tuple of bool
        Whether the construct's items are weighted by mode B.
    paths : ndarray of shape (constructs, constructs)
        1 where the row drives the column.
    parents : tuple of ndarray
        What drives each construct.
    """

    own: Ints
    member: Floats
    places: tuple[Ints, ...]
    formed: tuple[bool, ...]
    paths: Floats
    parents: tuple[Ints, ...]

    @property
    def reflected(self) -> NDArray[np.bool_]:
        """Whether each construct has several items, weighted by mode A."""
        several = np.array([len(place) > 1 for place in self.places])
        return np.asarray(several & ~np.array(self.formed))


def layout_of(model: StructuralModel) -> Layout:
    """Return the places of a model's items and constructs."""
    sizes = [len(block.items) for block in model.blocks]
    own = np.repeat(np.arange(len(sizes)), sizes)
    number = {name: k for k, name in enumerate(model.constructs)}
    paths = np.zeros((len(sizes), len(sizes)))
    for source, target in model.paths:
        paths[number[source], number[target]] = 1.0
    return Layout(
        own,
        np.eye(len(sizes))[own],
        tuple(np.flatnonzero(own == k) for k in range(len(sizes))),
        tuple(block.mode == "B" for block in model.blocks),
        paths,
        tuple(np.flatnonzero(column) for column in paths.T),
    )


def solve(matrices: Floats, right: Floats) -> Floats:
    """Solve many small systems; one that is singular is answered by missing values.

    Parameters
    ----------
    matrices : ndarray of shape (..., p, p)
        The systems.
    right : ndarray of shape (..., p, q)
        Right-hand sides.

    Returns
    -------
    ndarray of shape (..., p, q)
        Solutions.

    Examples
    --------
    >>> solve(np.array([[[2.0]], [[0.0]]]), np.array([[[1.0]], [[1.0]]])).ravel().tolist()
    [0.5, nan]
    """
    try:
        return np.asarray(np.linalg.solve(matrices, right))
    except np.linalg.LinAlgError:
        shape = np.broadcast_shapes(matrices.shape[:-2], right.shape[:-2])
        out = np.full((*shape, *right.shape[-2:]), np.nan)
        left = np.broadcast_to(matrices, (*shape, *matrices.shape[-2:]))
        whole = np.broadcast_to(right, out.shape)
        for at in np.ndindex(shape):
            out[at] = _solved(left[at], whole[at])
        return out


def _solved(matrix: Floats, right: Floats) -> Floats:
    try:
        return np.asarray(np.linalg.solve(matrix, right))
    except np.linalg.LinAlgError:
        return np.full(right.shape, np.nan)
