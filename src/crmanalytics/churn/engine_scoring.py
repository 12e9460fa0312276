"""A classifier taken to customers who are not in memory, a batch of rows at a time."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sklearn.utils.validation import check_is_fitted

from crmanalytics.columns import CHURN_PROBABILITY
from crmanalytics.errors import MissingColumnsError
from crmanalytics.frames import column_names, map_batches
from crmanalytics.wording import no_column

if TYPE_CHECKING:
    import pandas as pd

    from crmanalytics.churn.classifier import ChurnClassifier

__all__ = ["scored_in_batches"]


def scored_in_batches(model: ChurnClassifier, X: Any) -> Any:  # noqa: ANN401 - a lazy frame in, the same out
    """Return a lazy frame with each row's probability of churn.

    Columns are looked for at once: a worker's error would come late, and in the engine's words.

    Examples
    --------
    >>> import pandas as pd
    >>> import polars as pl
    >>> from crmanalytics.churn import ChurnClassifier
    >>> X = pd.DataFrame({"silence": [5, 90, 10, 80] * 10})
    >>> model = ChurnClassifier(calibration="none").fit(X, [0, 1, 0, 1] * 10)
    >>> few = scored_in_batches(model, pl.LazyFrame({"silence": [5, 90]})).collect()
    >>> few["churn_probability"].round(1).to_list()
    [0.2, 0.8]
    """
    check_is_fitted(model)
    has = column_names(X)
    lacking = [name for name in getattr(model, "feature_names_in_", ()) if name not in has]
    if lacking:
        raise MissingColumnsError("\n".join(no_column("X", name, has) for name in lacking))

    def work(rows: pd.DataFrame) -> dict[str, Any]:
        return {CHURN_PROBABILITY: model.probability(rows).to_numpy()}

    return map_batches(X, work, {CHURN_PROBABILITY: float})
