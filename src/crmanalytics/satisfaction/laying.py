"""Results about several things at once: a column says which, then the tidy columns follow."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import narwhals.stable.v2 as nw
import numpy as np

from crmanalytics import columns as c
from crmanalytics.frames import with_parameters
from crmanalytics.inference import TIDY, tidy_table

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from crmanalytics.inference import Estimates, Sample

__all__ = ["tidy_by_item", "with_reasons"]


def tidy_by_item(
    sample: Sample,
    metrics: Mapping[tuple[str, ...], Estimates],
    keys: Sequence[str],
    extra: Mapping[str, Any] | None = None,
) -> Any:  # noqa: ANN401 - a native frame
    """Lay estimates out as one row per group, thing and metric.

    Parameters
    ----------
    sample : Sample
        The sample.
    metrics : mapping of tuple of str to Estimates
        What it is about, one entry per column of `keys`, and the name of the metric.
    keys : sequence of str
        Columns that say what a row is about.
    extra : mapping of str to array or list, optional
        Further columns, one entry per row of the result.

    Returns
    -------
    DataFrame
        The columns grouped by, `keys`, :data:`~crmanalytics.inference.TIDY`, and `extra`.

    Examples
    --------
    >>> import pandas as pd
    >>> from crmanalytics.inference import estimate_means, read_sample
    >>> sample = read_sample(pd.DataFrame({"a": [1.0, 2.0]}), "a")
    >>> means = {("speed", "mean"): estimate_means(sample, sample.answers("a"))}
    >>> tidy_by_item(sample, means, ["item"])[["item", "metric", "estimate"]]
        item metric  estimate
    0  speed   mean       1.5
    """
    groups, every = sample.groups.size, list(metrics.values())
    made: dict[str, Any] = {
        key: [each[place] for each in metrics] * groups for place, key in enumerate(keys)
    }
    made[c.METRIC] = [each[-1] for each in metrics] * groups
    for name in TIDY[1:-1]:
        made[name] = np.column_stack([getattr(each, name) for each in every]).ravel()
    made[c.METHOD] = [each.method for each in every] * groups
    made |= extra or {}
    found = tidy_table(sample.own, made, sample.groups.labels, len(metrics))
    return with_parameters(found, level=sample.level)


def with_reasons(table: Any, reasons: Sequence[str | None]) -> Any:  # noqa: ANN401 - native frames
    """Say in the column of methods why a group has no estimates.

    Examples
    --------
    >>> import pandas as pd
    >>> with_reasons(pd.DataFrame({"method": ["wilson", "wilson"]}), [None, "too few"])
        method
    0   wilson
    1  too few
    """
    if not any(reasons):
        return table
    own = nw.from_native(table, eager_only=True)
    methods = own[c.METHOD].to_list()
    said = [reason or method for reason, method in zip(reasons, methods, strict=True)]
    series = nw.new_series(c.METHOD, said, backend=own.implementation)
    if own.implementation.is_pandas():
        return table.assign(**{c.METHOD: said})
    return own.with_columns(series).to_native()
