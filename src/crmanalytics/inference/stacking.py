"""Tidy results of several frames under each other, the groups side by side."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import narwhals.stable.v2 as nw

from crmanalytics.frames import frame_like

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["stacked"]


def stacked(tables: Sequence[Any], by: Sequence[str]) -> Any:  # noqa: ANN401 - native frames
    """Put tidy results under each other, those of one group together.

    Parameters
    ----------
    tables : sequence of DataFrame
        Results with the same columns; the result is of the kind of the first.
    by : sequence of str
        Columns of groups, which may differ between tables.

    Returns
    -------
    DataFrame
        All rows, groups in the order in which they first appear.

    Examples
    --------
    >>> import pandas as pd
    >>> first = pd.DataFrame({"unit": ["a", "b"], "metric": "share", "estimate": [0.1, 0.2]})
    >>> second = pd.DataFrame({"unit": ["b"], "metric": "mean", "estimate": [5.0]})
    >>> stacked([first, second], ["unit"])
      unit metric  estimate
    0    a  share       0.1
    1    b  share       0.2
    2    b   mean       5.0
    """
    owns = [nw.from_native(table, eager_only=True) for table in tables]
    columns = {name: [x for own in owns for x in own[name].to_list()] for name in owns[0].columns}
    keys = list(zip(*(columns[name] for name in by), strict=True)) or [()] * len(columns["metric"])
    known = [tuple(None if x != x else x for x in key) for key in keys]  # noqa: PLR0124 - NaN
    rank = {key: place for place, key in enumerate(dict.fromkeys(known))}
    order = sorted(range(len(known)), key=lambda row: rank[known[row]])
    return frame_like(owns[0], {name: [x[k] for k in order] for name, x in columns.items()})
