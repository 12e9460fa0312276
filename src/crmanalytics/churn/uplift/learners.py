"""Learners of uplift: how much a treatment changes each customer, from an experiment.

They stand on any estimators of scikit-learn: classifiers, whose probability is the mean of an
outcome of 1 and 0, or regressors.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np

from crmanalytics import columns as c
from crmanalytics.churn.uplift.arms import read_experiment
from crmanalytics.churn.uplift.features import admit_features, feature_table
from crmanalytics.errors import InvalidValuesError, ParameterError
from crmanalytics.frames import Column, Contract, Kind, admit_eager, as_float, column_like
from crmanalytics.transactions.encoding import codes_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    import pandas as pd
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]

__all__ = ["Learner", "TLearner", "UpliftModel", "XLearner", "cross_uplift"]


class Learner(Protocol):
    """What makes an :class:`UpliftModel` from an experiment."""

    def fit(
        self,
        experiment: Any,  # noqa: ANN401 - any eager frame
        *,
        outcome: str,
        features: Sequence[str],
        treatment: str = c.TREATED,
    ) -> UpliftModel:
        """Learn from an experiment."""


@dataclass(frozen=True, eq=False)
class UpliftModel:
    """What was learnt of a treatment's effect.

    Parameters
    ----------
    features : tuple of str
        Columns that it needs.
    minuends, subtrahends : tuple
        Fitted estimators: the uplift is the weighted mean of the first minus that of the others.
    shares : tuple of float
        Weights of the first.
    """

    features: tuple[str, ...]
    minuends: tuple[Any, ...]
    subtrahends: tuple[Any, ...]
    shares: tuple[float, ...]

    def uplift(self, customers: Any) -> Any:  # noqa: ANN401 - any eager frame, and a series of its kind
        """Return how much the treatment is expected to change each customer's outcome.

        Parameters
        ----------
        customers : DataFrame of shape (customers, ...)
            With the features.

        Returns
        -------
        Series
            Aligned to the frame; in the outcome's unit.

        Raises
        ------
        DataError
            If a feature is missing.

        Examples
        --------
        >>> import pandas as pd
        >>> from sklearn.linear_model import LinearRegression
        >>> from crmanalytics.churn import uplift
        >>> experiment = pd.DataFrame(
        ...     {"treated": [1, 1, 0, 0], "spend": [3.0, 5.0, 1.0, 1.0], "age": [1, 2, 1, 2]}
        ... )
        >>> learner = uplift.TLearner(LinearRegression())
        >>> model = learner.fit(experiment, outcome="spend", features=["age"])
        >>> model.uplift(experiment).round(6).tolist()
        [2.0, 4.0, 2.0, 4.0]
        """
        own = admit_features(customers, self.features, "customers")
        table = feature_table(own, self.features)
        up = sum(s * _mean(e, table) for s, e in zip(self.shares, self.minuends, strict=True))
        down = sum(_mean(e, table) for e in self.subtrahends)
        return column_like(own, c.UPLIFT, np.asarray(up - down, dtype=np.float64))


@dataclass(frozen=True, eq=False)
class TLearner:
    """Two models: one of the outcome of treated customers, one of the others' outcome.

    Simple and unbiased where there is much data; where an arm is small, the difference of two noisy
    models is noisier than either.

    Parameters
    ----------
    estimator : scikit-learn estimator
        Classifier (outcomes of 1 and 0) or regressor; a copy is fitted to each arm.

    References
    ----------
    Künzel, S. R., Sekhon, J. S., Bickel, P. J. and Yu, B. (2019), "Metalearners for estimating
    heterogeneous treatment effects using machine learning", Proceedings of the National Academy of
    Sciences 116(10), 4156-4165, section "Metaalgorithms".
    """

    estimator: Any

    def fit(
        self,
        experiment: Any,  # noqa: ANN401 - any eager frame
        *,
        outcome: str,
        features: Sequence[str],
        treatment: str = c.TREATED,
    ) -> UpliftModel:
        """Learn from an experiment.

        Parameters
        ----------
        experiment : DataFrame of shape (customers, ...)
            One row per customer of an experiment in which chance decided who is treated.
        outcome, treatment : str
            Columns: what came of it, and who was treated.
        features : sequence of str
            Columns that were known before the treatment; they are passed as a pandas frame, so
            that an estimator may be a pipeline which encodes text.

        Returns
        -------
        UpliftModel

        Raises
        ------
        DataError
            If columns or values are missing, an arm is empty, or a classifier's outcome is not 1
            and 0 in both arms.

        Examples
        --------
        >>> import pandas as pd
        >>> from sklearn.linear_model import LogisticRegression
        >>> from crmanalytics.churn import uplift
        >>> experiment = pd.DataFrame(
        ...     {"treated": [1, 1, 0, 0] * 9, "visit": [1, 0, 0, 1] * 9, "age": [1, 2, 1, 2] * 9}
        ... )
        >>> learner = uplift.TLearner(LogisticRegression())
        >>> model = learner.fit(experiment, outcome="visit", features=["age"])
        >>> model.uplift(experiment.head(2)).round(2).tolist()
        [0.51, -0.51]
        """
        table, y, treated = _parts(experiment, outcome, features, treatment)
        first = _fitted(self.estimator, table[treated], y[treated])
        second = _fitted(self.estimator, table[~treated], y[~treated])
        return UpliftModel(tuple(features), (first,), (second,), (1.0,))


@dataclass(frozen=True, eq=False)
class XLearner:
    """Each arm's customers are compared with what the other arm's model expects of them.

    The two models of the differences are averaged by the share treated, so that the model made from
    the larger arm's outcome counts more. Strong where one arm is much smaller than the other.

    Parameters
    ----------
    estimator : scikit-learn estimator
        Classifier or regressor of the outcome.
    effect : scikit-learn regressor
        Learns the differences.

    References
    ----------
    Künzel et al. (2019), as for :class:`TLearner`, equations 4 to 7. The propensity score is the
    share of the experiment that was treated.
    """

    estimator: Any
    effect: Any

    def fit(
        self,
        experiment: Any,  # noqa: ANN401 - any eager frame
        *,
        outcome: str,
        features: Sequence[str],
        treatment: str = c.TREATED,
    ) -> UpliftModel:
        """Learn from an experiment.

        Parameters
        ----------
        experiment, outcome, features, treatment
            As for :meth:`TLearner.fit`.

        Returns
        -------
        UpliftModel

        Raises
        ------
        DataError
            As for :meth:`TLearner.fit`.

        Examples
        --------
        >>> import pandas as pd
        >>> from sklearn.linear_model import LinearRegression
        >>> from crmanalytics.churn import uplift
        >>> experiment = pd.DataFrame(
        ...     {"treated": [1, 1, 0, 0], "spend": [3.0, 5.0, 1.0, 1.0], "age": [1, 2, 1, 2]}
        ... )
        >>> learner = uplift.XLearner(LinearRegression(), LinearRegression())
        >>> model = learner.fit(experiment, outcome="spend", features=["age"])
        >>> model.uplift(experiment).round(6).tolist()
        [2.0, 4.0, 2.0, 4.0]
        """
        table, y, treated = _parts(experiment, outcome, features, treatment)
        ours, theirs = table[treated], table[~treated]
        above = y[treated] - _mean(_fitted(self.estimator, theirs, y[~treated]), ours)
        below = _mean(_fitted(self.estimator, ours, y[treated]), theirs) - y[~treated]
        share = float(treated.mean())
        models = (_cloned(self.effect).fit(theirs, below), _cloned(self.effect).fit(ours, above))
        return UpliftModel(tuple(features), models, (), (share, 1.0 - share))


def cross_uplift(
    learner: Learner,
    experiment: Any,  # noqa: ANN401 - any eager frame
    *,
    outcome: str,
    features: Sequence[str],
    treatment: str = c.TREATED,
    customer_id: str = c.CUSTOMER_ID,
    folds: int = 5,
    seed: int = 0,
) -> Any:  # noqa: ANN401 - a series of the frame's kind
    """Predict each customer's uplift by a model that has not seen the customer.

    A Qini curve of such predictions is honest: one of predictions for the customers that a model
    was fitted to is not.

    Parameters
    ----------
    learner : TLearner or XLearner
        What to fit.
    experiment, outcome, features, treatment
        As for :meth:`TLearner.fit`.
    customer_id : str
        Column of customers. They are drawn into the folds by it, whatever the order of rows.
    folds : int
        How many parts, 2 or more; each arm is spread over them evenly.
    seed : int
        Seed of the random numbers.

    Returns
    -------
    Series
        Aligned to the frame.

    Raises
    ------
    DataError, ParameterError
        As for :meth:`TLearner.fit`, or if `folds` is none.

    Examples
    --------
    >>> import pandas as pd
    >>> from sklearn.linear_model import LinearRegression
    >>> from crmanalytics.churn import uplift
    >>> experiment = pd.DataFrame(
    ...     {"customer_id": range(40), "treated": [1, 0] * 20, "spend": [3.0, 1.0] * 20, "age": 1.0}
    ... )
    >>> learner = uplift.TLearner(LinearRegression())
    >>> found = uplift.cross_uplift(learner, experiment, outcome="spend", features=["age"])
    >>> found.round(6).unique().tolist()
    [2.0]
    """
    if isinstance(folds, bool) or not isinstance(folds, int) or folds < 2:
        raise ParameterError(f"folds must be a whole number from 2, not {folds!r}")
    columns = (Column(customer_id, Kind.IDENTIFIER), Column(treatment, Kind.FLAG))
    own = admit_eager(experiment, Contract("experiment", columns))
    fold = _folds(codes_of(own[customer_id]), as_float(own, treatment), folds, seed)
    found = np.empty(len(own))
    for k in range(folds):
        rest, left = (own.filter(part.tolist()).to_native() for part in (fold != k, fold == k))
        model = learner.fit(rest, outcome=outcome, features=features, treatment=treatment)
        found[fold == k] = np.asarray(model.uplift(left))
    return column_like(own, c.UPLIFT, found)


def _folds(codes: NDArray[np.int64], treated: Floats, folds: int, seed: int) -> NDArray[np.int64]:
    """Put customers in an order by chance, and deal out each arm's."""
    chance = np.random.default_rng(seed).permutation(int(codes.max()) + 1)[codes]
    order = np.lexsort((chance, treated))
    fold = np.empty(len(codes), dtype=np.int64)
    fold[order] = np.arange(len(codes)) % folds
    if len(np.unique(codes)) < len(codes):  # rows of a customer stay together
        _, first = np.unique(codes, return_index=True)
        fold = fold[first][np.unique(codes, return_inverse=True)[1]]
    return fold


def _parts(
    experiment: Any,  # noqa: ANN401 - any eager frame
    outcome: str,
    features: Sequence[str],
    treatment: str,
) -> tuple[pd.DataFrame, Floats, NDArray[np.bool_]]:
    own = admit_features(experiment, features, "experiment")
    rows = read_experiment(experiment, outcome=outcome, treatment=treatment)
    y, treated = np.empty(len(own)), np.empty(len(own), dtype=bool)
    y[rows.order], treated[rows.order] = rows.outcome, rows.treated == 1
    return feature_table(own, features), y, treated


def _fitted(estimator: Any, table: pd.DataFrame, y: Floats) -> Any:  # noqa: ANN401 - scikit-learn estimators
    from sklearn.base import is_classifier

    if is_classifier(estimator):
        if not set(np.unique(y)) == {0.0, 1.0}:
            raise InvalidValuesError(
                "a classifier needs outcomes of 1 and 0, and both of them in each arm: "
                "for money use a regressor."
            )
        return _cloned(estimator).fit(table, y.astype(int))
    return _cloned(estimator).fit(table, y)


def _cloned(estimator: Any) -> Any:  # noqa: ANN401 - scikit-learn estimators
    from sklearn.base import clone

    return clone(estimator)


def _mean(estimator: Any, table: pd.DataFrame) -> Floats:  # noqa: ANN401 - scikit-learn estimators
    if hasattr(estimator, "predict_proba"):
        return np.asarray(estimator.predict_proba(table)[:, 1], dtype=np.float64)
    return np.asarray(estimator.predict(table), dtype=np.float64)
