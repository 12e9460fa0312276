"""The estimators inside a churn classifier: two ready ones, or the caller's own."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import numpy as np

from crmanalytics.errors import ParameterError
from crmanalytics.wording import near

if TYPE_CHECKING:
    import pandas as pd
    from numpy.typing import NDArray

    from crmanalytics.churn.encoding import Encoder, Style

    Floats = NDArray[np.float64]

__all__ = ["make_estimator", "raw_scores", "scores_by_chunk", "style_of"]

_CHUNK: Final = 1 << 16  # rows encoded at a time, so that memory does not grow with the frame


def make_estimator(wanted: Any, rows: int, random_state: Any) -> Any:  # noqa: ANN401 - an estimator
    """Return a fresh estimator: 'logistic', 'boosting', or a copy of the caller's.

    Examples
    --------
    >>> make_estimator("logistic", 100, 0).max_iter
    2000
    """
    from sklearn.base import clone
    from sklearn.ensemble import HistGradientBoostingClassifier
    from sklearn.linear_model import LogisticRegression

    if wanted == "logistic":
        return LogisticRegression(max_iter=2000)
    if wanted == "boosting":
        return HistGradientBoostingClassifier(
            max_leaf_nodes=5,
            learning_rate=0.08,
            max_iter=120,
            min_samples_leaf=int(np.clip(rows // 50, 5, 40)),
            max_features=0.3,
            early_stopping=False,
            random_state=random_state,
        )
    if isinstance(wanted, str) or not hasattr(wanted, "fit"):
        raise ParameterError(
            "estimator must be 'logistic', 'boosting' or a classifier in the manner of "
            f"scikit-learn, not {wanted!r}{near(wanted, ('logistic', 'boosting'))}"
        )
    return clone(wanted)


def style_of(wanted: Any) -> Style:  # noqa: ANN401 - an estimator
    """Return how columns are written for an estimator."""
    from sklearn.ensemble import HistGradientBoostingClassifier

    if wanted == "logistic":
        return "smooth"
    trees = wanted == "boosting" or isinstance(wanted, HistGradientBoostingClassifier)
    return "plain" if trees else "filled"


def raw_scores(estimator: Any, matrix: Floats) -> Floats:  # noqa: ANN401 - an estimator
    """Return log-odds as the estimator has them, uncalibrated."""
    if hasattr(estimator, "decision_function"):
        return np.asarray(estimator.decision_function(matrix), dtype=np.float64)
    chance = np.clip(estimator.predict_proba(matrix)[:, 1], 1e-9, 1 - 1e-9)
    return np.asarray(np.log(chance) - np.log1p(-chance), dtype=np.float64)


def scores_by_chunk(estimator: Any, encoder: Encoder, frame: pd.DataFrame) -> Floats:  # noqa: ANN401 - an estimator
    """Return log-odds of a frame's rows, encoded some at a time."""
    parts = [frame.iloc[at : at + _CHUNK] for at in range(0, len(frame), _CHUNK)]
    return np.concatenate([raw_scores(estimator, encoder.encode(part)) for part in parts])
