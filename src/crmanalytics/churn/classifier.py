"""A classifier of churn: mixed columns in, calibrated probabilities and reasons out."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, Self

import numpy as np
import pandas as pd
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.utils.validation import check_is_fitted

from crmanalytics.churn.classifier_file import classifier_from_dict, classifier_to_dict
from crmanalytics.churn.encoding import Encoder
from crmanalytics.churn.engine_scoring import scored_in_batches
from crmanalytics.churn.estimators import make_estimator, raw_scores, style_of
from crmanalytics.churn.explaining import Explained
from crmanalytics.churn.sigmoid import learn_calibrator
from crmanalytics.churn.sklearn_inputs import as_frame, few_threads, read_target, read_x
from crmanalytics.columns import CHURN_PROBABILITY
from crmanalytics.errors import ParameterError
from crmanalytics.frames import is_lazy
from crmanalytics.persistence import register, save
from crmanalytics.transactions.units import one_of
from crmanalytics.wording import no_column

if TYPE_CHECKING:
    import os
    from pathlib import Path

    from numpy.typing import NDArray

    Floats = NDArray[np.float64]

__all__ = ["ChurnClassifier"]

_CHUNK: Final = 1 << 16  # rows encoded at a time, so that memory does not grow with the frame


@register("churn.ChurnClassifier")
class ChurnClassifier(Explained, ClassifierMixin, BaseEstimator):  # type: ignore[misc] # scikit-learn is untyped
    """Say how likely each customer is to leave, and why; a scikit-learn classifier.

    Takes frames of numbers, texts, categories and truth values as they are. Missing values are told
    apart, rare and unseen categories count as one, and numbers beyond those seen count as the
    nearest seen; :meth:`column_report` says how many there are. Rows are never resampled, since
    that would spoil the probabilities.

    Parameters
    ----------
    estimator : {"logistic", "boosting"} or estimator
        Logistic regression in which each number has a piecewise linear effect; small histogram
        gradient boosting; or any classifier in the manner of scikit-learn.
    calibration : {"sigmoid", "isotonic", "none"}
        How raw scores become probabilities: by Platt's line, by a rising curve (which needs some
        thousand rows), or not at all.
    calibration_share : float
        With `time`, the share of the latest rows that is set apart to calibrate on.
    folds : int
        Without `time`, the calibration is learnt from scores of rows left out in so many folds.
    time : str, optional
        Column of X, such as "snapshot", that says when; it is no feature.
    groups : str, optional
        Column of X, such as "customer_id", whose rows stay in one fold; it is no feature.
    random_state : int or None
        Seed of folds and boosting.

    Attributes
    ----------
    classes_ : ndarray of shape (2,)
        The labels; the second, greater one is churn.
    n_features_in_ : int
        How many features there were.
    feature_names_in_ : ndarray of shape (features,)
        Their names, where X had names.
    encoder_ : Encoder
        What was learnt of the columns.
    estimator_ : estimator
        The estimator inside.
    calibrator_ : Calibrator
        From raw scores to probabilities.
    mean_ : ndarray
        Mean of each column as the estimator sees it.
    training_ : dict
        Rows and churn rate of the training, and how it was calibrated.

    References
    ----------
    Niculescu-Mizil, A. and Caruana, R. (2005), "Predicting good probabilities with supervised
    learning", Proceedings of the 22nd International Conference on Machine Learning, 625-632.

    Examples
    --------
    >>> from crmanalytics.churn import ChurnClassifier
    >>> customers = pd.DataFrame(
    ...     {"months": [1, 2, 3, 20, 30, 40] * 10, "plan": ["pay", "pay", "sim"] * 20}
    ... )
    >>> churned = pd.Series([1, 1, 0, 0, 1, 0] * 10)
    >>> model = ChurnClassifier().fit(customers, churned)
    >>> (model.probability(customers).head(3) > 0.5).tolist()
    [True, True, False]
    >>> print(model.reasons(customers.head(1), top=1)["reason"].iloc[0])
    plan pay raises the risk
    """

    def __init__(
        self,
        estimator: Any = "logistic",  # noqa: ANN401 - any classifier
        *,
        calibration: str = "sigmoid",
        calibration_share: float = 0.2,
        folds: int = 5,
        time: str | None = None,
        groups: str | None = None,
        random_state: int | None = 0,
    ) -> None:
        self.estimator = estimator
        self.calibration = calibration
        self.calibration_share = calibration_share
        self.folds = folds
        self.time = time
        self.groups = groups
        self.random_state = random_state

    def fit(
        self,
        X: Any,  # noqa: ANN401 - a frame or an array
        y: Any,  # noqa: ANN401 - labels of any kind
        *,
        later: tuple[Any, Any] | None = None,
    ) -> Self:
        """Learn from customers of whom it is known whether they left.

        Parameters
        ----------
        X : DataFrame or array of shape (customers, features)
            What was known of them.
        y : Series or array of shape (customers,)
            Two labels; the greater one (1, True, "Yes") is churn.
        later : pair of X and y, optional
            Customers of a later time, to calibrate on.

        Returns
        -------
        ChurnClassifier
            Itself.

        Raises
        ------
        ParameterError
            If an argument is out of its range, or y has not two classes.
        DataError
            If a column cannot be used.
        """
        self._check_parameters()
        frame = read_x(self, X, self._apart(), reset=True)
        classes, churned = read_target(y, len(frame))
        with few_threads(len(frame)):
            train, held = self._split(X, len(frame), later)
            encoder = Encoder.learn(frame.iloc[train], style_of(self.estimator))
            matrix = encoder.encode(frame.iloc[train])
            fitted = self._new(len(train)).fit(matrix, churned[train])
            self.classes_, self.encoder_, self.estimator_ = classes, encoder, fitted
            self.mean_ = np.nan_to_num(
                matrix.mean(axis=0)
            )  # only a linear score needs it, and has none missing
            raw, seen, how = self._scores_to_calibrate(
                frame, churned, self._groups(X), matrix, held, later
            )
            self.calibrator_ = learn_calibrator(raw, seen, self.calibration)  # type: ignore[arg-type]
        rate = float(churned[train].mean())
        self.training_ = {"rows": len(train), "churn_rate": rate, "calibration": how}
        return self

    def _check_parameters(self) -> None:
        one_of("calibration", self.calibration, ("sigmoid", "isotonic", "none"))
        if not 0 < self.calibration_share < 1:
            raise ParameterError(
                f"calibration_share must lie between 0 and 1, not {self.calibration_share!r}"
            )
        if isinstance(self.folds, bool) or not isinstance(self.folds, int) or self.folds < 2:
            raise ParameterError(f"folds must be a whole number from 2, not {self.folds!r}")

    def _apart(self) -> tuple[str, ...]:
        return tuple(name for name in (self.time, self.groups) if name is not None)

    def _new(self, rows: int) -> Any:  # noqa: ANN401 - an estimator
        return make_estimator(self.estimator, rows, self.random_state)

    def _column_of(self, X: Any, name: str) -> pd.Series:  # noqa: ANN401
        frame = as_frame(X)
        if frame is None or name not in frame:
            lacking = no_column("X", name, () if frame is None else frame.columns)
            raise ParameterError(f"{lacking} The classifier was told of it.")
        return frame[name]

    def _groups(self, X: Any) -> NDArray[np.int64] | None:  # noqa: ANN401
        if self.groups is None:
            return None
        return np.asarray(pd.factorize(self._column_of(X, self.groups))[0])

    def _split(self, X: Any, rows: int, later: Any) -> tuple[Any, Any]:  # noqa: ANN401
        """Return the rows to train on and the later ones to calibrate on."""
        everything, nothing = np.arange(rows), np.arange(0)
        if self.time is None or later is not None or self.calibration == "none":
            return everything, nothing
        when = self._column_of(X, self.time)
        place, times = pd.factorize(when, sort=True)
        if len(times) < 2 or (place < 0).any():
            raise ParameterError(
                f"X[{self.time!r}] must hold at least two times and miss none, so that the "
                "classifier can be calibrated on the later rows."
            )
        cut = int(np.quantile(place, 1.0 - self.calibration_share, method="lower"))
        cut = min(max(cut, 0), len(times) - 2)
        return np.flatnonzero(place <= cut), np.flatnonzero(place > cut)

    def _scores_to_calibrate(
        self,
        frame: pd.DataFrame,
        churned: Floats,
        groups: NDArray[np.int64] | None,
        matrix: Floats,
        held: NDArray[np.intp],
        later: tuple[Any, Any] | None,
    ) -> tuple[Floats, Floats, str]:
        if self.calibration == "none":
            return np.zeros(1), np.zeros(1), "none"
        if later is not None:
            new = read_x(self, later[0], self._apart(), reset=False)
            known = np.isin(np.asarray(later[1]), self.classes_)
            if not known.all() or len(known) != len(new):
                raise ParameterError("later must be a pair of X and y, with the same two labels.")
            seen = (np.asarray(later[1]) == self.classes_[1]).astype(np.float64)
            return (
                self._raw(new),
                seen,
                f"{self.calibration}, on a later frame of {len(new):,} rows",
            )
        if len(held):
            told = f"{self.calibration}, on the latest {len(held):,} rows"
            return self._raw(frame.iloc[held]), churned[held], told
        raw = self._left_out(matrix, churned, groups)
        return raw, churned, f"{self.calibration}, cross-fitted"

    def _left_out(self, matrix: Floats, churned: Floats, groups: Any) -> Floats:  # noqa: ANN401
        """Return scores of rows by estimators that had not seen them."""
        from sklearn.model_selection import StratifiedGroupKFold, StratifiedKFold

        fewest = int(min(churned.sum(), len(churned) - churned.sum()))
        if fewest < 2:  # no fold could be left out
            return np.zeros(len(churned))
        kind = StratifiedKFold if groups is None else StratifiedGroupKFold
        folds = kind(min(self.folds, fewest), shuffle=True, random_state=self.random_state)
        found = np.zeros(len(churned))
        for train, held in folds.split(matrix, churned, groups):
            fitted = self._new(len(train)).fit(matrix[train], churned[train])
            found[held] = raw_scores(fitted, matrix[held])
        return found

    def _raw(self, frame: pd.DataFrame) -> Floats:
        parts = [frame.iloc[at : at + _CHUNK] for at in range(0, len(frame), _CHUNK)]
        scores = [raw_scores(self.estimator_, self.encoder_.encode(part)) for part in parts]
        return np.concatenate(scores)

    def _read(self, X: Any) -> pd.DataFrame:  # noqa: ANN401 - a frame or an array
        check_is_fitted(self)
        return read_x(self, X, self._apart(), reset=False)

    def decision_function(self, X: Any) -> Floats:  # noqa: ANN401 - a frame or an array
        """Return the log-odds of the calibrated probability of churn.

        Parameters
        ----------
        X : DataFrame or array of shape (customers, features)
            Customers, with the features of the fit.

        Returns
        -------
        ndarray of shape (customers,)
            Above 0 where churn is likelier than not.
        """
        frame = self._read(X)
        with few_threads():
            return self.calibrator_.log_odds_of(self._raw(frame))

    def predict_proba(self, X: Any) -> Floats:  # noqa: ANN401 - a frame or an array
        """Return the calibrated probabilities of staying and of churn.

        Parameters
        ----------
        X : DataFrame or array of shape (customers, features)
            Customers, with the features of the fit.

        Returns
        -------
        ndarray of shape (customers, 2)
            In the order of ``classes_``.
        """
        from scipy.special import expit

        odds = self.decision_function(X)
        return np.column_stack([expit(-odds), expit(odds)])

    def predict(self, X: Any) -> NDArray[Any]:  # noqa: ANN401 - a frame or an array
        """Return the likelier label; for a decision weigh the costs instead (see ``decisions``).

        Parameters
        ----------
        X : DataFrame or array of shape (customers, features)
            Customers, with the features of the fit.

        Returns
        -------
        ndarray of shape (customers,)
            Labels.
        """
        odds = self.decision_function(X)
        return np.asarray(self.classes_)[(odds > 0).astype(np.int64)]

    def probability(self, X: Any) -> Any:  # noqa: ANN401 - a frame in, its Series out
        """Return the probability of churn, on the index of X: for ``frame.assign``.

        Parameters
        ----------
        X : DataFrame of shape (customers, ...)
            Customers, with the features of the fit and whatever columns more.

        Returns
        -------
        Series
            ``churn_probability``; of a lazy frame (polars, DuckDB, Spark) the frame with that
            column, its rows being taken through Python a batch at a time. Workers of Spark need
            the package installed.

        Examples
        --------
        >>> import pandas as pd
        >>> X = pd.DataFrame({"silence": [5, 90, 10, 80] * 10, "plan": ["a", "b", "a", "a"] * 10})
        >>> model = ChurnClassifier(calibration="none").fit(X, [0, 1, 0, 1] * 10)
        >>> model.probability(X.head(2)).round(2).to_list()
        [0.14, 0.91]
        """
        if is_lazy(X):
            return scored_in_batches(self, X)
        frame = self._of_frame(X)
        return pd.Series(self.predict_proba(frame)[:, 1], index=frame.index, name=CHURN_PROBABILITY)

    def save(self, path: str | os.PathLike[str]) -> Path:
        """Write the fitted classifier to a file that ``crmanalytics.load`` opens; no pickle.

        Parameters
        ----------
        path : path
            Where to; an existing file is replaced in one step.

        Returns
        -------
        Path
            The path written.

        Raises
        ------
        MissingExtraError
            If skops is not installed.
        ParameterError
            If the estimator holds types that are not safe to read back.
        """
        check_is_fitted(self)
        return save(self, path)

    def to_dict(self) -> dict[str, Any]:
        """Return all that was learnt as plain JSON values."""
        return classifier_to_dict(self)

    @classmethod
    def from_dict(cls, body: dict[str, Any]) -> Self:
        """Make a classifier of what :meth:`to_dict` returned, checking types and versions."""
        made: Self = classifier_from_dict(cls, body)
        return made

    def __sklearn_tags__(self) -> Any:  # noqa: ANN401 - scikit-learn's own type
        tags = super().__sklearn_tags__()
        tags.classifier_tags.multi_class = False
        tags.input_tags.allow_nan = True
        return tags

    def _more_tags(self) -> dict[str, Any]:
        return {"binary_only": True, "allow_nan": True}  # before scikit-learn 1.6
