"""The tidy result of satisfaction and loyalty: one row per group and metric.

How a score is written, from a caller's frame to the result::

    sample = read_sample(survey, "score", by="unit", weight="w", scale=(1, 5), no_answer=[9])
    score = sample.answers("score")                       # floats; NaN where there is no answer
    top = np.where(np.isnan(score), np.nan, score >= 4)   # 1, 0 or NaN
    return tidy(sample, {"top": estimate_proportions(sample, top),
                         "mean": estimate_means(sample, score)})

The columns are those of `by`, then :data:`TIDY`: ``metric, estimate, se, low, high, n, n_effective,
n_missing, method``. Other estimators return :class:`Estimates` of their own, an array per column.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import numpy as np

from crmanalytics import columns as c
from crmanalytics.errors import ParameterError
from crmanalytics.frames import frame_like, is_pandas, with_new, with_parameters

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import narwhals.stable.v2 as nw
    from numpy.typing import NDArray

    from crmanalytics.inference.estimates import Estimates
    from crmanalytics.inference.sample import Sample

__all__ = ["TIDY", "tidy", "tidy_table"]

#: What every estimate of a survey is described by, beside its group.
TIDY: Final = (
    c.METRIC,
    c.ESTIMATE,
    c.SE,
    c.LOW,
    c.HIGH,
    c.N,
    c.N_EFFECTIVE,
    c.N_MISSING,
    c.METHOD,
)

_NUMBERS: Final = TIDY[1:5]
_COUNTS: Final = (c.N, c.N_MISSING)


def tidy(sample: Sample, metrics: Mapping[str, Estimates]) -> Any:  # noqa: ANN401 - a native frame
    """Lay estimates out as one row per group and metric, groups in order of their labels.

    Parameters
    ----------
    sample : Sample
        What :func:`read_sample` returned.
    metrics : mapping of str to Estimates
        Name of a metric to its estimates, one per group of the sample.

    Returns
    -------
    DataFrame
        Of the kind of the caller's frame: the columns that were grouped by, then :data:`TIDY`.
        For pandas ``attrs["crmanalytics"]`` keeps the `level`.

    Examples
    --------
    >>> import pandas as pd
    >>> from crmanalytics.inference import estimate_means, read_sample
    >>> survey = pd.DataFrame({"unit": ["b", "a", "a"], "score": [3.0, 1.0, 2.0]})
    >>> sample = read_sample(survey, "score", by="unit")
    >>> found = tidy(sample, {"mean": estimate_means(sample, sample.answers("score"))})
    >>> found[["unit", "metric", "estimate", "n"]]
      unit metric  estimate  n
    0    a   mean       1.5  2
    1    b   mean       3.0  1
    """
    columns: dict[str, Any] = {c.METRIC: list(metrics) * sample.groups.size}
    for name in TIDY[1:-1]:
        columns[name] = _interleaved([getattr(each, name) for each in metrics.values()])
    columns[c.METHOD] = [each.method for each in metrics.values()] * sample.groups.size
    found = tidy_table(sample.own, columns, sample.groups.labels, len(metrics))
    return with_parameters(found, level=sample.level)


def tidy_table(
    own: nw.DataFrame[Any],
    columns: Mapping[str, Any],
    labels: nw.DataFrame[Any] | None = None,
    times: int | Sequence[int] = 1,
) -> Any:  # noqa: ANN401 - a native frame
    """Put labels of groups before columns of results, counts as whole numbers.

    Parameters
    ----------
    own : narwhals.DataFrame
        A frame of the kind to return.
    columns : mapping of str to array or list
        The results.
    labels : narwhals.DataFrame, optional
        One row per group, dtypes as the caller had them.
    times : int or sequence of int
        Rows of results per group, of all or of each; those of one group follow each other.

    Returns
    -------
    DataFrame
        The native frame.

    Raises
    ------
    ParameterError
        If a label has the name of a result.

    Examples
    --------
    >>> import narwhals.stable.v2 as nw
    >>> own = nw.from_dict({"a": [1]}, backend="pandas")
    >>> tidy_table(own, {"metric": ["nps"], "n": [3.0]})
      metric  n
    0    nps  3
    """
    made = {name: _whole(values) if name in _COUNTS else values for name, values in columns.items()}
    if labels is None:
        return frame_like(own, made)
    taken = [name for name in labels.columns if name in made]
    if taken:
        raise ParameterError(
            f"cannot group by a column called {taken[0]!r}: the result has one of that name. "
            "Rename it first."
        )
    repeated = labels[np.repeat(np.arange(len(labels)), times).tolist()]
    if is_pandas(repeated):
        return with_new(_reset(repeated), made)
    return with_new(repeated, made)


def _reset(labels: nw.DataFrame[Any]) -> nw.DataFrame[Any]:
    import narwhals.stable.v2 as nw

    return nw.from_native(labels.to_native().reset_index(drop=True), eager_only=True)


def _interleaved(arrays: list[NDArray[np.float64]]) -> NDArray[np.float64]:
    """Return the values of the first group of all arrays, then those of the second, ..."""
    return np.column_stack(arrays).ravel() if arrays else np.empty(0)


def _whole(values: NDArray[np.float64]) -> NDArray[np.int64]:
    return np.asarray(values).astype(np.int64)
