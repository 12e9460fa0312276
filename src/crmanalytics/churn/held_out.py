"""Which rows a classifier is calibrated on: the latest ones, or each in turn."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from crmanalytics.churn.estimators import raw_scores
from crmanalytics.errors import ParameterError
from crmanalytics.wording import one_of

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    Floats = NDArray[np.float64]
    Rows = NDArray[np.intp]

__all__ = ["check_calibration", "latest_rows", "left_out_scores"]


def check_calibration(calibration: str, share: float, folds: int) -> None:
    """Refuse what a classifier cannot be calibrated by.

    Examples
    --------
    >>> check_calibration("sigmoid", 0.2, 5)
    """
    one_of("calibration", calibration, ("sigmoid", "isotonic", "none"))
    if not 0 < share < 1:
        raise ParameterError(f"calibration_share must lie between 0 and 1, not {share!r}")
    if isinstance(folds, bool) or not isinstance(folds, int) or folds < 2:
        raise ParameterError(f"folds must be a whole number from 2, not {folds!r}")


def latest_rows(when: pd.Series, share: float) -> tuple[Rows, Rows]:
    """Return the earlier rows and the later ones, cut between two times.

    Parameters
    ----------
    when : Series of shape (rows,)
        The time of each row.
    share : float
        How many of the rows are to be late, about.

    Returns
    -------
    tuple of ndarray
        Numbers of rows; neither is empty.

    Raises
    ------
    ParameterError
        If times are missing, or all the same.

    Examples
    --------
    >>> latest_rows(pd.Series([3, 1, 2, 2]), 0.25)
    (array([1, 2, 3]), array([0]))
    """
    place, times = pd.factorize(when, sort=True)
    if len(times) < 2 or (place < 0).any():
        raise ParameterError(
            f"X[{when.name!r}] must hold at least two times and miss none, so that the "
            "classifier can be calibrated on the later rows."
        )
    cut = int(np.quantile(place, 1.0 - share, method="lower"))
    cut = min(max(cut, 0), len(times) - 2)
    return np.flatnonzero(place <= cut), np.flatnonzero(place > cut)


def left_out_scores(
    new: Callable[[int], Any],
    matrix: Floats,
    churned: Floats,
    *,
    groups: NDArray[np.int64] | None,
    folds: int,
    seed: int | None,
) -> Floats:
    """Return scores of rows by estimators that had not seen them.

    Parameters
    ----------
    new : callable
        Makes an estimator for a number of rows.
    matrix : ndarray of shape (rows, columns)
        Encoded features.
    churned : ndarray of shape (rows,)
        1 or 0.
    groups : ndarray of shape (rows,), optional
        Rows of one group stay together.
    folds : int
        Parts at most.
    seed : int or None
        Start of random numbers.

    Returns
    -------
    ndarray of shape (rows,)
        Raw scores; zeros where one class is too rare to be left out.

    Examples
    --------
    >>> from sklearn.linear_model import LogisticRegression
    >>> matrix, churned = np.array([[0.0], [1.0]] * 10), np.array([0.0, 1.0] * 10)
    >>> scores = left_out_scores(
    ...     lambda rows: LogisticRegression(), matrix, churned, groups=None, folds=5, seed=0
    ... )
    >>> ((scores > 0) == (churned > 0)).all()
    np.True_
    """
    from sklearn.model_selection import StratifiedGroupKFold, StratifiedKFold

    fewest = int(min(churned.sum(), len(churned) - churned.sum()))
    if fewest < 2:  # no fold could be left out
        return np.zeros(len(churned))
    kind = StratifiedKFold if groups is None else StratifiedGroupKFold
    parts = kind(min(folds, fewest), shuffle=True, random_state=seed)
    found = np.zeros(len(churned))
    for train, held in parts.split(matrix, churned, groups):
        fitted = new(len(train)).fit(matrix[train], churned[train])
        found[held] = raw_scores(fitted, matrix[held])
    return found
