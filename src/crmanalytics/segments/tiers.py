"""What each tier, class or segment holds: customers, value, and their shares."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import narwhals.stable.v2 as nw
import numpy as np

from crmanalytics import columns as c
from crmanalytics.frames import (
    Column,
    Contract,
    Kind,
    admit,
    as_float,
    collected,
    table_like,
    with_parameters,
)
from crmanalytics.segments.labels import label_codes

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    Counts = NDArray[np.int64]
    Floats = NDArray[np.float64]

__all__ = ["tier_profile"]


def tier_profile(
    tiered: Any,  # noqa: ANN401 - any frame that narwhals knows
    value: str = c.TOTAL,
    *,
    tier: str = "tier",
    order: Sequence[str] | None = None,
) -> Any:  # noqa: ANN401 - a frame of the same kind
    """Say how many customers each tier holds, and which share of the value they bring.

    Parameters
    ----------
    tiered : DataFrame of shape (customers, ...)
        What :func:`pyramid` or :func:`abc` returned, or any frame with a column of labels.
    value : str
        The column that is added up; negative values and a negative total are allowed.
    tier : str
        The column of labels; ``"abc"`` for :func:`abc`, or ``"segment"``.
    order : sequence of str, optional
        The tiers in the order wanted, those without customers included. Otherwise the order of a
        categorical column; failing that, the tier with the highest mean value comes first.

    Returns
    -------
    DataFrame
        Of the same kind (for a frame that is not in memory: polars for polars, else pandas), one
        row per tier: the labels under the name of `tier`, ``customers``,
        ``customer_share``, ``value``, ``value_share``, ``mean``, ``smallest``, ``largest``, and
        from the top down ``cumulated_customers`` and ``cumulated_value`` (shares). Shares of value
        are missing where the total is zero or negative: they would have no meaning. For pandas
        ``attrs["crmanalytics"]`` keeps `value` and `tier`.

    Raises
    ------
    DataError
        If columns or values are missing, or a label is not in `order`.

    Examples
    --------
    >>> import pandas as pd
    >>> from crmanalytics.segments import pyramid, tier_profile
    >>> customers = pd.DataFrame({"total": [500.0, 90.0, 90.0, 20.0, 10.0]})
    >>> tiered = pyramid(customers, tiers={"best": 0.2, "good": 0.2, "rest": 0.6})
    >>> tier_profile(tiered)[["tier", "customers", "value", "cumulated_customers"]]
       tier  customers  value  cumulated_customers
    0  best          1  500.0                  0.2
    1  good          2  180.0                  0.6
    2  rest          2   30.0                  1.0
    """
    columns = (Column(tier, Kind.LABEL), Column(value, Kind.NUMBER))
    own = admit(tiered, Contract("tiered", columns, names_row_by=c.CUSTOMER_ID))
    names, ordered, size, total, lowest, highest = (
        _held_on_engine(own, value, tier, order)
        if isinstance(own, nw.LazyFrame)
        else _held(own, value, tier, order)
    )
    mean = np.divide(total, size, out=np.full(len(names), np.nan), where=size > 0)
    share = size / size.sum() if size.sum() else np.full(len(names), np.nan)
    whole = total.sum()
    of_value = total / whole if whole > 0 else np.full(len(names), np.nan)
    table = {
        "customers": size,
        "customer_share": share,
        "value": total,
        "value_share": of_value,
        "mean": mean,
        "smallest": np.where(size > 0, lowest, np.nan),
        "largest": np.where(size > 0, highest, np.nan),
    }
    place = np.arange(len(names)) if ordered else np.argsort(-mean, kind="stable")
    table = {name: each[place] for name, each in table.items()}
    cumulated = {
        "cumulated_customers": np.cumsum(table["customer_share"]),
        "cumulated_value": np.cumsum(table["value_share"]),
    }
    labels = {tier: [names[k] for k in place]}
    return with_parameters(
        table_like(own, {**labels, **table, **cumulated}), value=value, tier=tier
    )


def _held(
    own: nw.DataFrame[Any], value: str, tier: str, order: Sequence[str] | None
) -> tuple[list[Any], bool, Counts, Floats, Floats, Floats]:
    """Return tiers, whether their order was said, and of each the size, sum, least and greatest."""
    values = as_float(own, value)
    codes, names, ordered = label_codes(own, tier, order, "tiered")
    size = np.bincount(codes, minlength=len(names)).astype(np.int64)
    total = np.bincount(codes, values, minlength=len(names)).astype(np.float64, copy=False)
    lowest, highest = np.full(len(names), np.inf), np.full(len(names), -np.inf)
    np.minimum.at(lowest, codes, values)
    np.maximum.at(highest, codes, values)
    return names, ordered, size, total, lowest, highest


def _held_on_engine(
    own: nw.LazyFrame[Any], value: str, tier: str, order: Sequence[str] | None
) -> tuple[list[Any], bool, Counts, Floats, Floats, Floats]:
    """Return the same; a row per tier comes to the driver."""
    number = nw.col("value")
    rows = own.select(nw.col(tier).alias("tier"), nw.col(value).cast(nw.Float64).alias("value"))
    found = collected(
        rows.group_by("tier").agg(
            nw.len().alias("size"),
            number.sum(),
            number.min().alias("lowest"),
            number.max().alias("highest"),
        )
    )
    codes, names, ordered = label_codes(found, "tier", order, "tiered")
    columns = np.zeros((4, len(names)))
    columns[2:] = [[np.inf], [-np.inf]]
    columns[:, codes] = [as_float(found, x) for x in ("size", "value", "lowest", "highest")]
    size, total, lowest, highest = columns
    return names, ordered, size.astype(np.int64), total, lowest, highest
