"""What scikit-learn expects of an estimator's inputs, in the releases that are supported."""

from __future__ import annotations

import os
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import pandas as pd

from crmanalytics.errors import ParameterError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

__all__ = ["as_frame", "few_threads", "read_target", "read_x"]

_SMALL: Final = 100_000  # rows below which a second thread costs more than it brings


@contextmanager
def few_threads(rows: int = 0) -> Iterator[None]:
    """Let numerical libraries use no more threads than there are cores, and one for small data.

    Scoring asks for one always: threads that wait for each other after every small tree cost more
    than they bring as soon as another process wants the cores.

    Examples
    --------
    >>> with few_threads(10):
    ...     pass
    """
    from threadpoolctl import threadpool_limits

    allowed = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    with threadpool_limits(limits=1 if rows < _SMALL else allowed or 1):
        yield


def as_frame(given: object) -> pd.DataFrame | None:
    """Return any eager data frame as one of pandas, and None for what is no frame.

    Examples
    --------
    >>> as_frame([[1]]) is None
    True
    """
    import narwhals.stable.v2 as nw

    if isinstance(given, pd.DataFrame):
        return given
    own = nw.from_native(given, pass_through=True)
    if isinstance(own, nw.LazyFrame):
        raise ParameterError("X is a lazy frame, and this call needs it in memory: collect it.")
    return own.to_pandas() if isinstance(own, nw.DataFrame) else None


def read_x(estimator: Any, given: Any, apart: tuple[str, ...], *, reset: bool) -> pd.DataFrame:  # noqa: ANN401
    """Return the features as a pandas frame, checked as scikit-learn checks them.

    Parameters
    ----------
    estimator : ChurnClassifier
        Which remembers names and number of features.
    given : DataFrame or array
        The features.
    apart : tuple of str
        Columns that are no features; they may lack at prediction.
    reset : bool
        Whether this is the frame to learn from.
    """
    frame = as_frame(given)
    if frame is None:
        plain = _array(estimator, given, reset=reset)
        return pd.DataFrame(plain, columns=[f"x{n}" for n in range(plain.shape[1])])
    frame = frame.drop(columns=[name for name in apart if name in frame])
    if not len(frame):
        raise ParameterError("X: found array with 0 sample(s), while a minimum of 1 is required.")
    if not frame.shape[1]:
        raise ParameterError(
            f"X: 0 feature(s) (shape={frame.shape}) while a minimum of 1 is required."
        )
    _check_names(estimator, frame, reset=reset)
    return frame


def _array(estimator: Any, given: Any, *, reset: bool) -> NDArray[Any]:  # noqa: ANN401
    try:
        from sklearn.utils.validation import validate_data
    except ImportError:  # before scikit-learn 1.6
        checked = estimator._validate_data(given, reset=reset, force_all_finite="allow-nan")  # noqa: SLF001 - its only form then
    else:
        checked = validate_data(estimator, given, reset=reset, ensure_all_finite="allow-nan")
    if np.isinf(checked).any():
        raise ParameterError("X contains infinity: make such values missing, or numbers.")
    return np.asarray(checked)


def _check_names(estimator: Any, frame: pd.DataFrame, *, reset: bool) -> None:  # noqa: ANN401
    try:
        from sklearn.utils.validation import _check_feature_names, _check_n_features
    except ImportError:  # before scikit-learn 1.6
        estimator._check_feature_names(frame, reset=reset)  # noqa: SLF001 - its only form then
        estimator._check_n_features(frame, reset=reset)  # noqa: SLF001 - as above
    else:
        _check_feature_names(estimator, frame, reset=reset)
        _check_n_features(estimator, frame, reset=reset)


def read_target(given: Any, rows: int) -> tuple[NDArray[Any], NDArray[np.float64]]:  # noqa: ANN401
    """Return the two classes, the second of which is churn, and who churned."""
    from sklearn.utils.multiclass import check_classification_targets, type_of_target
    from sklearn.utils.validation import column_or_1d

    if given is None:
        raise ParameterError("requires y to be passed, but the target y is None: say who churned.")
    labels = column_or_1d(given, warn=True)
    if len(labels) != rows:
        raise ParameterError(
            f"Found input variables with inconsistent numbers of samples: {rows} and {len(labels)}"
        )
    if pd.isna(labels).any():
        raise ParameterError("y contains NaN: say of everybody who churned, or leave rows out.")
    check_classification_targets(labels)
    classes, place = np.unique(labels, return_inverse=True)
    if len(classes) > 2:
        raise ParameterError(
            "Only binary classification is supported. The type of the target is "
            f"{type_of_target(labels)}."
        )
    if len(classes) < 2:
        raise ParameterError(
            f"y holds one class only ({classes[0]!r}): a classifier needs churners and others."
        )
    return classes, place.astype(np.float64)
