"""The fits under clusters: k-means and Gaussian mixtures, on rows in an order of their own."""

from __future__ import annotations

import os
import warnings
from contextlib import contextmanager
from typing import TYPE_CHECKING, Final, Literal, NamedTuple, get_args

import numpy as np

from crmanalytics.errors import ConvergenceError
from crmanalytics.wording import one_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    Floats = NDArray[np.float64]
    Codes = NDArray[np.intp]

__all__ = ["Method", "Mixture", "check_method", "fit_mixture", "in_own_order", "limited_threads"]

Method = Literal["kmeans", "gmm"]

_SMALL: Final = 100_000


class Mixture(NamedTuple):
    """Centres, and for a Gaussian mixture the covariances and shares of its parts.

    Parameters
    ----------
    means : ndarray of shape (k, d)
        Centres.
    covariances : ndarray of shape (k, d, d) or None
        None for k-means.
    weights : ndarray of shape (k,)
        Shares of the parts.
    quality : float
        For k-means the sum of squared distances to the centres; for a mixture the BIC.
    """

    means: Floats
    covariances: Floats | None
    weights: Floats
    quality: float

    def label(self, rows: Floats) -> Codes:
        """Return the part that each row belongs to: the nearest, or the most probable.

        Examples
        --------
        >>> two = Mixture(np.array([[0.0], [9.0]]), None, np.array([0.5, 0.5]), 0.0)
        >>> two.label(np.array([[1.0], [8.0]])).tolist()
        [0, 1]
        """
        scores = np.stack([self._score(rows, k) for k in range(len(self.means))])
        return np.asarray(np.argmax(scores, axis=0))

    def _score(self, rows: Floats, k: int) -> Floats:
        away = rows - self.means[k]
        if self.covariances is None:
            return np.asarray(-np.einsum("ij,ij->i", away, away))
        root = np.linalg.cholesky(self.covariances[k])
        white = np.linalg.solve(root, away.T)
        spread = 2.0 * np.log(np.diag(root)).sum()
        near = np.einsum("ji,ji->i", white, white) + spread
        return np.asarray(np.log(self.weights[k]) - 0.5 * near)


def check_method(method: str) -> None:
    """Refuse a method that there is not.

    Examples
    --------
    >>> check_method("kmeans")
    """
    one_of("method", method, get_args(Method))


def in_own_order(rows: Floats) -> Floats:
    """Return rows sorted by their values, so that nothing hangs on the order in which they came.

    Examples
    --------
    >>> in_own_order(np.array([[2.0, 1.0], [1.0, 5.0], [1.0, 3.0]])).tolist()
    [[1.0, 3.0], [1.0, 5.0], [2.0, 1.0]]
    """
    return rows[np.lexsort(rows.T[::-1])]


def fit_mixture(
    rows: Floats, k: int, method: str, *, seed: int, starts: int, least_variance: float = 1e-6
) -> Mixture:
    """Fit k parts to rows.

    Parameters
    ----------
    rows : ndarray of shape (n, d)
        Finite numbers, at least k distinct rows.
    k : int
        How many parts.
    method : {"kmeans", "gmm"}
        A Gaussian mixture has full covariances.
    seed, starts : int
        Of the random starts, the best of which is taken.
    least_variance : float
        Added to the variances of a mixture, so that none collapses.

    Returns
    -------
    Mixture
        Its parts in no particular order.

    Raises
    ------
    ConvergenceError
        If the mixture did not settle.

    Examples
    --------
    >>> rows = np.array([[0.0], [1.0], [9.0], [10.0]])
    >>> sorted(fit_mixture(rows, 2, "kmeans", seed=0, starts=3).means.ravel().tolist())
    [0.5, 9.5]
    """
    from sklearn.exceptions import ConvergenceWarning

    with limited_threads(len(rows)), warnings.catch_warnings():
        # a resample may hold fewer different rows than parts: those left over stay empty;
        # a mixture that does not settle is an error below
        warnings.simplefilter("ignore", ConvergenceWarning)
        if method == "kmeans":
            return _kmeans(rows, k, seed, starts)
        return _gaussians(rows, k, seed, starts, least_variance)


def _kmeans(rows: Floats, k: int, seed: int, starts: int) -> Mixture:
    from sklearn.cluster import KMeans

    model = KMeans(k, n_init=starts, random_state=seed).fit(rows)
    share = np.bincount(model.labels_, minlength=k) / len(rows)
    return Mixture(np.asarray(model.cluster_centers_), None, share, float(model.inertia_))


def _gaussians(rows: Floats, k: int, seed: int, starts: int, least: float) -> Mixture:
    from sklearn.mixture import GaussianMixture

    model = GaussianMixture(k, n_init=starts, random_state=seed, reg_covar=least, max_iter=500)
    model.fit(rows)
    if not model.converged_:
        raise ConvergenceError(
            f"the Gaussian mixture with k={k} did not settle in 500 steps: try another k, more "
            "starts, or method='kmeans'"
        )
    return Mixture(model.means_, model.covariances_, model.weights_, float(model.bic(rows)))


@contextmanager
def limited_threads(rows: int) -> Iterator[None]:
    """Let numerical libraries use no more threads than this process may, and one for small data.

    Examples
    --------
    >>> with limited_threads(10):
    ...     pass
    """
    from threadpoolctl import threadpool_limits

    allowed = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    with threadpool_limits(limits=1 if rows < _SMALL else allowed or 1):
        yield
