"""Weights from principal components: criteria that move together share the weight of what moves."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from crmanalytics import columns as c
from crmanalytics.errors import InvalidValuesError
from crmanalytics.frames import Contract, admit_eager, frame_like, with_parameters
from crmanalytics.weighting.table import criteria_of
from crmanalytics.wording import one_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    Floats = NDArray[np.float64]
    Ints = NDArray[np.int64]

__all__ = ["pca", "pca_weights"]

Components = Literal["first", "rotated"]

_LEAST = 0.10  # share of variance from which on a component counts
_TOGETHER = 0.60  # share that the components kept must reach


def pca(
    alternatives: Any,  # noqa: ANN401 - any eager frame
    criteria: Sequence[str] | None = None,
    *,
    components: Components = "rotated",
) -> Any:  # noqa: ANN401 - a frame of the same kind
    """Weigh criteria by the principal components of their correlations.

    The weights correct for criteria that say the same twice; they do not say what matters.

    Parameters
    ----------
    alternatives : DataFrame of shape (alternatives, ...)
        One row per alternative; a customer, for example.
    criteria : sequence of str, optional
        Columns of numbers; all by default.
    components : {"rotated", "first"}
        The procedure of the OECD's handbook: components with an eigenvalue above 1 and at least a
        tenth of the variance, more of them until they explain 60%, rotated (varimax); each
        criterion counts in the component on which it loads most, by its squared loading, and the
        components by the variance that they explain. Or squared loadings on the first component.

    Returns
    -------
    DataFrame
        Of the same kind, one row per criterion: ``criterion``, ``weight``, ``component`` (1, 2,
        ...), ``loading`` on it (the largest loading of a component is positive) and ``explained``,
        the component's share of the variance. A criterion that loads negatively moves against the
        others: is it a cost? The weights do not depend on signs.

    Raises
    ------
    DataError
        If values are missing, or a criterion is the same everywhere.
    ParameterError
        If an argument is unknown.

    References
    ----------
    OECD and JRC (2008), *Handbook on Constructing Composite Indicators*, section 6.1 (weights based
    on principal components analysis or factor analysis), after Nicoletti, Scarpetta and Boylaud
    (2000).

    Examples
    --------
    >>> import pandas as pd
    >>> from crmanalytics.weighting import pca
    >>> phones = pd.DataFrame(
    ...     {
    ...         "speed": [1, 2, 3, 4, 5],
    ...         "memory": [1, 2, 3, 5, 4],
    ...         "looks": [4, 1, 5, 2, 3],
    ...         "feel": [4, 2, 5, 1, 3],
    ...     }
    ... )
    >>> pca(phones).round(3)
      criterion  weight  component  loading  explained
    0     speed   0.255          1    0.973      0.486
    1    memory   0.246          1    0.956      0.486
    2     looks   0.260          2    0.983      0.477
    3      feel   0.239          2    0.943      0.477
    """
    one_of("components", components, ("first", "rotated"))
    names, values = criteria_of(alternatives, criteria)
    weights, place, loading, explained = pca_weights(values, names, components)
    made = {
        c.CRITERION: names,
        c.WEIGHT: weights,
        "component": place + 1,
        "loading": loading,
        "explained": explained,
    }
    own = admit_eager(alternatives, Contract("alternatives", ()))
    return with_parameters(frame_like(own, made), method="pca", components=components)


def pca_weights(
    values: Floats, names: Sequence[str], components: Components = "rotated"
) -> tuple[Floats, Ints, Floats, Floats]:
    """Return weights, component, loading and the component's share of variance, by criterion.

    Examples
    --------
    >>> values = np.array([[1.0, 5.0], [3.0, 4.0], [2.0, 7.0]])
    >>> pca_weights(values, ["a", "b"], "first")[0].round(6).tolist()
    [0.5, 0.5]
    """
    still = [name for name, width in zip(names, np.ptp(values, axis=0), strict=True) if width == 0]
    if still:
        raise InvalidValuesError(
            f"all alternatives are alike in {still}, which correlates with nothing: leave it out."
        )
    matrix = np.atleast_2d(np.corrcoef(values.T))
    roots, vectors = np.linalg.eigh(matrix)
    roots, vectors = np.maximum(roots[::-1], 0), vectors[:, ::-1]
    kept = 1 if components == "first" else _kept(roots)
    loadings = vectors[:, :kept] * np.sqrt(roots[:kept])
    if kept > 1:
        loadings = _varimax(loadings)
    loadings = _turned(loadings)
    variance = (loadings**2).sum(axis=0)
    place = np.argmax(np.round(np.abs(loadings), 12), axis=1)
    at = np.arange(len(names))
    # within its component by the squared loading, the component by what it explains
    worth = loadings[at, place] ** 2
    explained = variance / len(names)
    return worth / worth.sum(), place, loadings[at, place], explained[place]


def _kept(roots: Floats) -> int:
    share = roots / roots.sum()
    clear = int(((roots > 1) & (share >= _LEAST)).sum())
    enough = int(np.searchsorted(np.cumsum(share), _TOGETHER - 1e-12)) + 1
    return max(clear, enough, 1)


def _varimax(loadings: Floats) -> Floats:
    """Rotate so that each criterion loads on few components (Kaiser 1958, rows made alike)."""
    length = np.sqrt((loadings**2).sum(axis=1, keepdims=True))
    rows = loadings / np.where(length > 0, length, 1)
    turn = np.eye(rows.shape[1])
    before = 0.0
    for _ in range(500):
        now = rows @ turn
        slope = rows.T @ (now**3 - now * (now**2).mean(axis=0))
        left, size, right = np.linalg.svd(slope)
        turn = left @ right
        if size.sum() <= before * (1 + 1e-14):
            break
        before = float(size.sum())
    turned = loadings @ turn
    order = np.argsort(-(turned**2).sum(axis=0), kind="stable")
    return np.asarray(turned[:, order])


def _turned(loadings: Floats) -> Floats:
    """Give each component the sign of its largest loading."""
    largest = np.abs(loadings).argmax(axis=0)
    sign = np.sign(loadings[largest, np.arange(loadings.shape[1])])
    return np.asarray(loadings * np.where(sign == 0, 1, sign))
