"""What a run in parts sums up of its customers: small tables, made on the engine."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Final

import narwhals.stable.v2 as nw

from crmanalytics import columns as c
from crmanalytics import rfm
from crmanalytics.frames import collected
from crmanalytics.persistence import write_atomically
from crmanalytics.transactions.units import as_day, as_text

if TYPE_CHECKING:
    from pathlib import Path

    import pandas as pd

    from crmanalytics.cli.part_counts import Counted

__all__ = ["base_of", "profile_in_parts", "write_results"]

#: Sums are of whole numbers of these: an engine adds up in no fixed order, and floats would differ.
_GRAIN: Final = 1e-6
_DIGITS: Final = "%.12g"


def base_of(customers: Any) -> dict[str, Any]:  # noqa: ANN401 - a lazy frame of the engine
    """Count customers, purchases and money.

    Examples
    --------
    >>> import polars as pl
    >>> one = {"frequency": [1], "orders": [2], "total": [9.5], "first_date": ["2024-01-01"]}
    >>> found = base_of(pl.LazyFrame(one).with_columns(pl.col("first_date").cast(pl.Date)))
    >>> found["customers"], found["orders"], found["revenue"], found["first_date"]
    (1, 2, 9.5, '2024-01-01')
    """
    own = nw.from_native(customers)
    asked = own.select(
        nw.len().cast(nw.Int64).alias("customers"),
        (nw.col(c.FREQUENCY) > 0).cast(nw.Int64).sum().alias("repeat_customers"),
        nw.col(c.ORDERS).cast(nw.Int64).sum().alias("orders"),
        _grains(c.TOTAL).sum().alias("revenue"),
        nw.col(c.FIRST_DATE).min().alias("first_date"),
    )
    found = collected(asked)
    counts = {x: int(found[x][0]) for x in ("customers", "repeat_customers", "orders")}
    first = as_text(as_day(found["first_date"][0], c.FIRST_DATE))
    return {**counts, "revenue": _money(found["revenue"][0]), "first_date": first}


def _grains(name: str) -> nw.Expr:
    return (nw.col(name) / _GRAIN).round().cast(nw.Int64)


def _money(grains: Any) -> float:  # noqa: ANN401 - a whole number of the engine
    return int(grains) / round(1 / _GRAIN)


def profile_in_parts(scored: Any) -> pd.DataFrame:  # noqa: ANN401 - as above
    """Return what each segment is, with the value to expect of it where it is known."""
    own = nw.from_native(scored)
    profile: pd.DataFrame = nw.from_native(rfm.profile(scored), eager_only=True).to_pandas()
    if c.CLV not in own.collect_schema().names():
        return profile
    sums = own.select(c.SEGMENT, _grains(c.CLV).alias(c.CLV)).group_by(c.SEGMENT)
    found = collected(sums.agg(nw.col(c.CLV).sum()))
    values = dict(zip(found[c.SEGMENT].to_list(), found[c.CLV].to_list(), strict=True))
    return profile.assign(**{c.CLV: [_money(values[name]) for name in profile[c.SEGMENT]]})


def write_results(
    folder: Path,
    scored: Any,  # noqa: ANN401 - as above
    counted: Counted,
    base: dict[str, Any],
    settings: dict[str, Any],
) -> None:
    """Write segments, the record of cleaning, and what was counted with which options."""
    tables = {"segments.csv": profile_in_parts(scored), "cleaning.csv": counted.cleaning}
    for name, table in tables.items():
        text = table.to_csv(index=False, lineterminator="\n", float_format=_DIGITS)
        write_atomically(folder / name, text.encode())
    run = {
        "until": counted.until[:10],
        "rows": counted.rows,
        "rows_left_out": int(counted.cleaning["rows"].sum()),
        **base,
        "options": settings,
    }
    write_atomically(folder / "run.json", json.dumps(run, indent=1).encode())
