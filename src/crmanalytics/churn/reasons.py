"""Reasons in words: which features weigh most in a customer's score, and which way."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from crmanalytics.churn.attribution import contributions
from crmanalytics.churn.encoding import CategoryColumn
from crmanalytics.errors import ParameterError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from crmanalytics.churn.encoding import NumberColumn

    Floats = NDArray[np.float64]

__all__ = ["reasons_of", "shares_of"]

_LEAST = 1e-9  # log-odds that are no reason


def shares_of(classifier: Any, frame: pd.DataFrame) -> pd.DataFrame:  # noqa: ANN401
    """Return the baseline and what each feature adds to the raw score, in log-odds."""
    base, found = _shares(classifier, frame)
    names = [column.name for column in classifier.encoder_.columns]
    table = pd.DataFrame(found, index=frame.index, columns=names)
    table.insert(0, "baseline", base, allow_duplicates=True)
    return table


def _shares(classifier: Any, frame: pd.DataFrame) -> tuple[float, Floats]:  # noqa: ANN401
    encoder = classifier.encoder_
    base, by_column = contributions(
        classifier.estimator_, encoder.encode(frame), np.asarray(classifier.mean_)
    )
    member = np.zeros((by_column.shape[1], len(encoder.columns)))
    member[np.arange(by_column.shape[1]), encoder.owner] = 1.0
    return base, by_column @ member


def reasons_of(
    classifier: Any,  # noqa: ANN401 - a fitted ChurnClassifier
    frame: pd.DataFrame,
    *,
    top: int,
    raising: bool,
    words: Mapping[str, str],
) -> pd.DataFrame:
    """Return the features that weigh most, row by row, in words."""
    if isinstance(top, bool) or not isinstance(top, int) or top < 1:
        raise ParameterError(f"top must be a whole number from 1, not {top!r}")
    columns = classifier.encoder_.columns
    _, shares = _shares(classifier, frame)
    weight = shares if raising else np.abs(shares)
    # equal weights keep the order of the columns
    order = np.argsort(-weight, axis=1, kind="stable")[:, :top]
    rows, ranks = np.nonzero(np.take_along_axis(weight, order, axis=1) > _LEAST)
    which = order[rows, ranks]
    values = _spoken(columns, frame, rows, which)
    added = shares[rows, which]
    said = [
        f"{_phrase(columns[w], value, words)} {'raises' if a > 0 else 'lowers'} the risk"
        for w, value, a in zip(which.tolist(), values, added.tolist(), strict=True)
    ]
    return pd.DataFrame(
        {
            "row": frame.index[rows],
            "rank": ranks + 1,
            "feature": [columns[w].name for w in which.tolist()],
            "value": [value or "missing" for value in values],
            "contribution": added,
            "reason": said,
        }
    )


def _spoken(columns: Any, frame: pd.DataFrame, rows: Any, which: Any) -> list[str]:  # noqa: ANN401
    """Return the values as texts, empty where missing."""
    out = np.empty(len(rows), dtype=object)
    for at, column in enumerate(columns):
        here = np.flatnonzero(which == at)
        held = frame.iloc[rows[here], at]
        number = not isinstance(column, CategoryColumn)
        said = [f"{float(v):.4g}" if number else str(v) for v in held.dropna()]
        texts = np.full(len(here), "", dtype=object)
        texts[held.notna().to_numpy()] = said
        out[here] = texts
    return [str(each) for each in out]


def _phrase(column: NumberColumn | CategoryColumn, value: str, words: Mapping[str, str]) -> str:
    if column.name in words:
        return words[column.name].format(value=value or "unknown")
    name = column.name.replace("_", " ")
    if not value:
        return f"unknown {name}"
    if isinstance(column, CategoryColumn):
        return f"{name} {value}"
    return f"{name} of {value}{_height(column, float(value))}"


def _height(column: NumberColumn, value: float) -> str:
    """Say where a number lies among those of the training."""
    if len(column.knots) < 5:
        return ""
    low, high = column.knots[1], column.knots[-2]
    if value <= low:
        return " (low)"
    return " (high)" if value >= high else ""
