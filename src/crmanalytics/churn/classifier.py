"""A classifier of churn: mixed columns in, calibrated probabilities and reasons out."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Self

import numpy as np
import pandas as pd
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.utils.validation import check_is_fitted

from crmanalytics.churn.classifier_file import classifier_from_dict, classifier_to_dict
from crmanalytics.churn.encoding import Encoder
from crmanalytics.churn.engine_scoring import scored_in_batches
from crmanalytics.churn.estimators import make_estimator, scores_by_chunk, style_of
from crmanalytics.churn.explaining import Explained
from crmanalytics.churn.held_out import check_calibration, latest_rows, left_out_scores
from crmanalytics.churn.sigmoid import learn_calibrator
from crmanalytics.churn.sklearn_inputs import as_frame, few_threads, read_target, read_x
from crmanalytics.columns import CHURN_PROBABILITY
from crmanalytics.errors import ParameterError
from crmanalytics.frames import is_lazy
from crmanalytics.persistence import register, save
from crmanalytics.wording import no_column

if TYPE_CHECKING:
    import os
    from pathlib import Path

    from numpy.typing import NDArray

    Floats = NDArray[np.float64]

__all__ = ["ChurnClassifier"]


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

        Examples
        --------
        >>> X = pd.DataFrame({"silence": [5, 90, 10, 80] * 10})
        >>> ChurnClassifier().fit(X, ["no", "yes", "no", "yes"] * 10).classes_.tolist()
        ['no', 'yes']
        """
        check_calibration(self.calibration, self.calibration_share, self.folds)
        frame = read_x(self, X, self._apart(), reset=True)
        classes, churned = read_target(y, len(frame))
        with few_threads(len(frame)):
            train, held = self._split(X, len(frame), later)
            encoder = Encoder.learn(frame.iloc[train], style_of(self.estimator))
            matrix = encoder.encode(frame.iloc[train])
            fitted = self._new(len(train)).fit(matrix, churned[train])
            self.classes_, self.encoder_, self.estimator_ = classes, encoder, fitted
            # only a linear score needs it, and has none missing
            self.mean_ = np.nan_to_num(matrix.mean(axis=0))
            raw, seen, how = self._scores_to_calibrate(
                frame, churned, self._groups(X), matrix, held, later
            )
            self.calibrator_ = learn_calibrator(raw, seen, self.calibration)  # type: ignore[arg-type]
        rate = float(churned[train].mean())
        self.training_ = {"rows": len(train), "churn_rate": rate, "calibration": how}
        return self

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
        return latest_rows(self._column_of(X, self.time), self.calibration_share)

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
            told = f"{self.calibration}, on a later frame of {len(new):,} rows"
            return self._raw(new), seen, told
        if len(held):
            told = f"{self.calibration}, on the latest {len(held):,} rows"
            return self._raw(frame.iloc[held]), churned[held], told
        raw = left_out_scores(
            self._new, matrix, churned, groups=groups, folds=self.folds, seed=self.random_state
        )
        return raw, churned, f"{self.calibration}, cross-fitted"

    def _raw(self, frame: pd.DataFrame) -> Floats:
        return scores_by_chunk(self.estimator_, self.encoder_, frame)

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

        Examples
        --------
        >>> X = pd.DataFrame({"silence": [5, 90, 10, 80] * 10})
        >>> (ChurnClassifier().fit(X, [0, 1, 0, 1] * 10).decision_function(X.head(4)) > 0).tolist()
        [False, True, False, True]
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

        Examples
        --------
        >>> X = pd.DataFrame({"silence": [5, 90, 10, 80] * 10})
        >>> model = ChurnClassifier().fit(X, [0, 1, 0, 1] * 10)
        >>> model.predict_proba(X.head(4)).sum(axis=1).round(12).tolist()
        [1.0, 1.0, 1.0, 1.0]
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

        Examples
        --------
        >>> X = pd.DataFrame({"silence": [5, 90, 10, 80] * 10})
        >>> ChurnClassifier().fit(X, ["no", "yes", "no", "yes"] * 10).predict(X.head(2)).tolist()
        ['no', 'yes']
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

        Examples
        --------
        >>> import tempfile
        >>> import crmanalytics as crm
        >>> X = pd.DataFrame({"silence": [5, 90, 10, 80] * 10})
        >>> model = ChurnClassifier().fit(X, [0, 1, 0, 1] * 10)
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     crm.load(model.save(f"{folder}/churn.json")).classes_.tolist()
        [0, 1]
        """
        check_is_fitted(self)
        return save(self, path)

    def to_dict(self) -> dict[str, Any]:
        """Return all that was learnt as plain JSON values.

        Examples
        --------
        >>> X = pd.DataFrame({"silence": [5, 90, 10, 80] * 10})
        >>> body = ChurnClassifier().fit(X, [0, 1, 0, 1] * 10).to_dict()
        >>> body["parameters"]["folds"]
        5
        """
        return classifier_to_dict(self)

    @classmethod
    def from_dict(cls, body: dict[str, Any]) -> Self:
        """Make a classifier of what :meth:`to_dict` returned, checking types and versions.

        Examples
        --------
        >>> X = pd.DataFrame({"silence": [5, 90, 10, 80] * 10})
        >>> body = ChurnClassifier().fit(X, [0, 1, 0, 1] * 10).to_dict()
        >>> ChurnClassifier.from_dict(body).predict(X.head(2)).tolist()
        [0, 1]
        """
        made: Self = classifier_from_dict(cls, body)
        return made

    def __sklearn_tags__(self) -> Any:  # noqa: ANN401 - scikit-learn's own type
        tags = super().__sklearn_tags__()
        tags.classifier_tags.multi_class = False
        tags.input_tags.allow_nan = True
        return tags

    def _more_tags(self) -> dict[str, Any]:
        return {"binary_only": True, "allow_nan": True}  # before scikit-learn 1.6
