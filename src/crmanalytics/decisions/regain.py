"""How likely lapsed customers come back when approached, learnt from earlier attempts."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from crmanalytics.churn.uplift.features import admit_features, feature_table
from crmanalytics.errors import InvalidValuesError, ParameterError
from crmanalytics.frames import Column, Kind, as_float, column_like

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["RegainModel", "learn_regain"]


@dataclass(frozen=True, eq=False)
class RegainModel:
    """What earlier attempts have taught.

    Parameters
    ----------
    features : tuple of str
        Columns that it needs.
    estimator : scikit-learn classifier
        Fitted.
    attempts, regained : int
        What it was learnt from.
    """

    features: tuple[str, ...]
    estimator: Any
    attempts: int
    regained: int

    def probability(self, lapsed: Any) -> Any:  # noqa: ANN401 - any eager frame, and a series of its kind
        """Return the probability of coming back, as the column ``regain_probability``.

        Parameters
        ----------
        lapsed : DataFrame of shape (customers, ...)
            With the features.

        Returns
        -------
        Series
            Aligned to the frame.

        Raises
        ------
        DataError
            If a feature is missing.

        Examples
        --------
        >>> import pandas as pd
        >>> from sklearn.linear_model import LogisticRegression
        >>> from crmanalytics.decisions import learn_regain
        >>> past = pd.DataFrame({"regained": [1, 1, 0, 0] * 5, "months": [1, 2, 8, 9] * 5})
        >>> model = learn_regain(past, LogisticRegression(), features=["months"])
        >>> model.probability(past.head(3)).round(1).tolist()
        [1.0, 1.0, 0.0]
        """
        own = admit_features(lapsed, self.features, "lapsed")
        table = feature_table(own, self.features)
        found = np.asarray(self.estimator.predict_proba(table)[:, 1], dtype=np.float64)
        return column_like(own, "regain_probability", found)


def learn_regain(
    attempts: Any,  # noqa: ANN401 - any eager frame
    estimator: Any,  # noqa: ANN401 - a scikit-learn classifier
    *,
    features: Sequence[str],
    regained: str = "regained",
) -> RegainModel:
    """Learn from earlier attempts who comes back when approached.

    If some lapsed customers were left alone by chance, learn the difference instead, with
    :mod:`crmanalytics.churn.uplift`: those who come back by themselves need no offer.

    Parameters
    ----------
    attempts : DataFrame of shape (attempts, ...)
        One row per customer who was approached.
    estimator : scikit-learn classifier
        A copy is fitted; it gets a pandas frame of the features, and may be a pipeline.
    features : sequence of str
        Columns that were known before the attempt: how long ago the customer lapsed, the value of
        the first life, the reason of leaving, complaints that were settled, the kind of offer.
    regained : str
        Column: whether the customer came back.

    Returns
    -------
    RegainModel

    Raises
    ------
    DataError
        If columns or values are missing, or everybody or nobody came back.
    ParameterError
        If `features` names none, or the estimator gives no probabilities.

    References
    ----------
    Thomas, J. S., Blattberg, R. C. and Fox, E. J. (2004), "Recapturing lost customers", Journal of
    Marketing Research 41(1), 31-45.

    Examples
    --------
    >>> import pandas as pd
    >>> from sklearn.linear_model import LogisticRegression
    >>> from crmanalytics.decisions import learn_regain
    >>> past = pd.DataFrame({"regained": [1, 1, 0, 0] * 5, "months": [1, 2, 8, 9] * 5})
    >>> model = learn_regain(past, LogisticRegression(), features=["months"])
    >>> model.attempts, model.regained
    (20, 10)
    """
    from sklearn.base import clone

    if not hasattr(estimator, "predict_proba"):
        raise ParameterError("estimator must be a classifier that gives probabilities")
    own = admit_features(attempts, features, "attempts", Column(regained, Kind.FLAG))
    came = as_float(own, regained).astype(int)
    if not 0 < came.sum() < len(came):
        raise InvalidValuesError(
            f"attempts[{regained!r}] must hold customers who came back and others: there is "
            "nothing to learn from one kind alone."
        )
    table = feature_table(own, features)
    return RegainModel(
        tuple(features), clone(estimator).fit(table, came), len(came), int(came.sum())
    )
