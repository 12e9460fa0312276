"""A model card: what a classifier was made from, how well it does, and where it ends."""

from __future__ import annotations

import platform
from importlib.metadata import version
from typing import TYPE_CHECKING, Any

import pandas as pd

from crmanalytics import columns as c
from crmanalytics.churn.calibration import calibration
from crmanalytics.churn.encoding import CategoryColumn
from crmanalytics.churn.evaluation import evaluate

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from crmanalytics.churn.classifier import ChurnClassifier

__all__ = ["model_card"]

_LIMITS = (
    "Probabilities hold for customers like those of the training, and for the same length of time.",
    "Reasons say what weighs in the score, not what would happen if it were changed.",
    "Reasons are on the scale of the raw score, before calibration.",
)


def model_card(
    classifier: ChurnClassifier,
    X: Any,  # noqa: ANN401 - a frame or an array
    y: Any,  # noqa: ANN401 - labels of any kind
    *,
    data: str,
    period: str,
    limits: Sequence[str] = (),
    draws: int = 200,
    level: float = 0.95,
) -> pd.DataFrame:
    """Describe a classifier for those who rely on it, measured on customers it had not seen.

    Parameters
    ----------
    classifier : ChurnClassifier
        Fitted.
    X, y : DataFrame and Series
        Customers that it had not seen, and who churned.
    data : str
        Where the training data is from.
    period : str
        When it is from, and how far the label looks ahead.
    limits : sequence of str
        What users must know, beside what holds for all such models.
    draws : int
        Bootstrap samples behind the intervals; 0 for none.
    level : float
        Confidence level.

    Returns
    -------
    DataFrame
        One row per item: ``section`` (data, features, performance, calibration, limits, versions),
        ``item`` and ``value``, all texts.

    Raises
    ------
    DataError
        If X or y will not do.

    References
    ----------
    Mitchell, M. et al. (2019), "Model cards for model reporting", Proceedings of the Conference on
    Fairness, Accountability, and Transparency, 220-229.

    Examples
    --------
    >>> from crmanalytics.churn import ChurnClassifier
    >>> X = pd.DataFrame({"months": list(range(40))})
    >>> y = [1] * 15 + [0, 1] * 5 + [0] * 15
    >>> model = ChurnClassifier().fit(X, y)
    >>> card = model_card(model, X, y, data="an example", period="none", draws=20)
    >>> card["section"].unique().tolist()
    ['data', 'features', 'performance', 'calibration', 'limits', 'versions']
    """
    probability = classifier.predict_proba(X)[:, 1]
    happened = (pd.Series(y).to_numpy() == classifier.classes_[1]).astype(int)
    scored = pd.DataFrame({c.CHURNED: happened, c.CHURN_PROBABILITY: probability})
    trained = classifier.training_
    items = [
        ("data", "source", data),
        ("data", "period", period),
        ("data", "training rows", f"{trained['rows']:,}"),
        ("data", "churn rate in training", f"{trained['churn_rate']:.1%}"),
        ("data", "test rows", f"{len(scored):,}"),
        *_features(classifier),
        *_performance(scored, draws, level),
        ("calibration", "method", str(trained["calibration"])),
        *_calibration(scored, level),
        *(("limits", str(n), each) for n, each in enumerate((*_LIMITS, *limits), start=1)),
        *_versions(classifier),
    ]
    return pd.DataFrame(items, columns=["section", "item", "value"])


def _features(classifier: ChurnClassifier) -> Iterator[tuple[str, str, str]]:
    for column in classifier.encoder_.columns:
        if isinstance(column, CategoryColumn):
            kind = f"category with {len(column.levels) + len(column.rare)} values"
        else:
            kind = f"number, median {column.centre:.4g}"
        yield "features", column.name, f"{kind}, {column.missing:.1%} missing"


def _performance(scored: pd.DataFrame, draws: int, level: float) -> Iterator[tuple[str, str, str]]:
    for row in evaluate(scored, draws=draws, level=level).itertuples():
        spread = f" ({level:.0%} interval {row.low:.3f} to {row.high:.3f})" if draws else ""
        yield "performance", str(row.metric), f"{row.estimate:.3f}{spread}"


def _calibration(scored: pd.DataFrame, level: float) -> Iterator[tuple[str, str, str]]:
    for row in calibration(scored, bins=5, level=level).itertuples():
        told = f"observed {row.observed:.1%} ({row.low:.1%} to {row.high:.1%})"
        yield "calibration", f"predicted {row.predicted:.1%}", f"{told} of {row.customers:,}"


def _versions(classifier: ChurnClassifier) -> Iterator[tuple[str, str, str]]:
    yield "versions", "estimator", type(classifier.estimator_).__name__
    yield "versions", "crmanalytics", version("crmanalytics")
    yield "versions", "scikit-learn", version("scikit-learn")
    yield "versions", "python", platform.python_version()
