"""Drill-down: into one group of a cube, by one dimension more."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import narwhals.stable.v2 as nw
import numpy as np

from crmanalytics import columns as c
from crmanalytics.errors import InvalidValuesError, ParameterError
from crmanalytics.frames import (
    Column,
    Contract,
    Kind,
    admit_eager,
    as_float,
    is_pandas,
    with_new,
    with_parameters,
)
from crmanalytics.profitability.measures import against_base
from crmanalytics.profitability.sets import grouping_name, named_dimensions

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["drill_down"]

_MEASURES: Final = (c.REVENUE, c.COST, c.PROFIT, c.MARGIN, c.PRODUCTIVITY)
_CUBE: Final = Contract(
    frame="found",
    columns=(
        Column("grouping", Kind.LABEL, null_remedy="pass what cube(...) returned"),
        *(Column(name, Kind.NUMBER, nullable=True) for name in _MEASURES),
    ),
)


def drill_down(
    found: Any,  # noqa: ANN401 - any eager frame
    into: str,
    *,
    within: Mapping[str, Any] | None = None,
) -> Any:  # noqa: ANN401 - a frame of the same kind
    """Open one group of a cube, to see which of its parts earn and which lose the money.

    Parameters
    ----------
    found : DataFrame
        What :func:`cube` returned, for example with ``sets="cube"`` or ``"rollup"``.
    into : str
        The dimension to open.
    within : mapping of str to label, optional
        The group that is opened: a label for each dimension that is fixed; the total by default.

    Returns
    -------
    DataFrame
        The rows of the cube that make up the group, the most profitable first, with shares and
        indices against that group instead of the total.

    Raises
    ------
    ParameterError
        If the cube does not have this combination of dimensions, or a dimension is unknown.
    DataError
        If the frame is no cube, or there is no such group.

    Examples
    --------
    >>> import pandas as pd
    >>> import crmanalytics as crm
    >>> log = pd.DataFrame(
    ...     {
    ...         "region": ["north", "north", "south"],
    ...         "channel": ["web", "shop", "web"],
    ...         "amount": [100.0, 50.0, 50.0],
    ...         "cost": [60.0, 40.0, 30.0],
    ...     }
    ... )
    >>> found = crm.profitability.cube(log, ["region", "channel"], costs="cost")
    >>> north = crm.profitability.drill_down(found, "channel", within={"region": "north"})
    >>> north[["region", "channel", "profit", "profit_share", "margin_index"]]
      region channel  profit  profit_share  margin_index
    0  north     web    40.0           0.8         120.0
    1  north    shop    10.0           0.2          60.0
    """
    fixed = dict(within or {})
    own = admit_eager(found, _CUBE)
    known = list(dict.fromkeys(own["grouping"].to_list()))
    parts = _rows(own, _named(known, {into, *fixed}), fixed)
    parent = _rows(own, _named(known, set(fixed)), fixed)
    order = np.argsort(-as_float(parts, c.PROFIT), kind="stable")
    parts = parts[order.tolist()]
    measured = {name: as_float(parts, name) for name in _MEASURES}
    base = {name: as_float(parent, name) for name in _MEASURES}
    made = with_new(parts, against_base(measured, base))
    if is_pandas(own):
        made = made.reset_index(drop=True)
    return with_parameters(made, into=into, within=fixed)


def _named(known: list[str], wanted: set[str]) -> str:
    for name in known:
        if set(named_dimensions(name)) == wanted:
            return name
    raise ParameterError(
        f"the cube has no grouping of {grouping_name(sorted(wanted))}; it has {', '.join(known)}. "
        "Make it with sets='cube', or list the combination in sets"
    )


def _rows(own: nw.DataFrame[Any], grouping: str, fixed: Mapping[str, Any]) -> nw.DataFrame[Any]:
    rows = own.filter(nw.col("grouping") == grouping)
    for name, label in fixed.items():
        missing = label is None or label != label  # noqa: PLR0124 - NaN is not itself
        rows = rows.filter(nw.col(name).is_null() if missing else nw.col(name) == label)
    if not len(rows):
        raise InvalidValuesError(f"the cube has no rows of {grouping} with {dict(fixed)}")
    return rows
