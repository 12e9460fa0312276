"""Features for estimators of scikit-learn: checked columns of any frame, as a pandas frame."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from crmanalytics import columns as c
from crmanalytics.errors import ParameterError
from crmanalytics.frames import Column, Contract, Kind, admit_eager

if TYPE_CHECKING:
    from collections.abc import Sequence

    import narwhals.stable.v2 as nw
    import pandas as pd

__all__ = ["admit_features", "feature_table"]


def admit_features(
    frame: Any,  # noqa: ANN401 - any eager frame
    features: Sequence[str],
    name: str,
    *more: Column,
) -> nw.DataFrame[Any]:
    """Check that a frame has the features, whose values may be missing, and further columns.

    Examples
    --------
    >>> import pandas as pd
    >>> admit_features(pd.DataFrame({"age": [1, 2]}), ["age"], "customers").columns
    ['age']
    """
    if isinstance(features, str) or not len(features):
        raise ParameterError("features must be a list of at least one column")
    columns = tuple(Column(each, Kind.LABEL, nullable=True) for each in features)
    return admit_eager(frame, Contract(name, (*columns, *more), names_row_by=c.CUSTOMER_ID))


def feature_table(own: nw.DataFrame[Any], features: Sequence[str]) -> pd.DataFrame:
    """Return the features as a pandas frame, which is what estimators know by names.

    Examples
    --------
    >>> import pandas as pd
    >>> own = admit_features(pd.DataFrame({"age": [1, 2], "id": [7, 8]}), ["age"], "customers")
    >>> list(feature_table(own, ["age"]))
    ['age']
    """
    return own.select(*features).to_pandas().reset_index(drop=True)
