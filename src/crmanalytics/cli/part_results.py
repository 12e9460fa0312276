"""What a run in parts sums up of its customers: small tables, made on the engine."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import narwhals.stable.v2 as nw
import pandas as pd

from crmanalytics import clv, report, rfm
from crmanalytics import columns as c
from crmanalytics.frames import collected
from crmanalytics.persistence import write_atomically
from crmanalytics.report.sections.value import TOP

if TYPE_CHECKING:
    from pathlib import Path

    from crmanalytics.cli.options import LogOptions, OutlookOptions, ReportOptions
    from crmanalytics.cli.part_counts import Counted
    from crmanalytics.cli.work import Models

__all__ = ["Asked", "base_of", "write_results"]

#: Sums are of whole numbers of these: an engine adds up in no fixed order, and floats would differ.
_GRAIN: Final = 1e-6
_DIGITS: Final = "%.12g"


def base_of(customers: Any) -> dict[str, Any]:  # noqa: ANN401 - a lazy frame of the engine
    """Count customers, purchases and money.

    Examples
    --------
    >>> from datetime import date
    >>> import polars as pl
    >>> one = {"frequency": [1], "orders": [2], "total": [9.5], "first_date": [date(2024, 1, 1)]}
    >>> found = base_of(pl.LazyFrame(one))
    >>> found["customers"], found["orders"], found["revenue"], found["first_date"]
    (1, 2, 9.5, '2024-01-01')
    """
    own = nw.from_native(customers)
    has = own.collect_schema().names()
    sums = {c.TOTAL: "revenue", c.P_ACTIVE: "active", c.EXPECTED_PURCHASES: "purchases"}
    sums = {name: told for name, told in (sums | {c.CLV: "worth"}).items() if name in has}
    asked = own.select(
        nw.len().cast(nw.Int64).alias("customers"),
        (nw.col(c.FREQUENCY) > 0).cast(nw.Int64).sum().alias("repeat_customers"),
        nw.col(c.ORDERS).cast(nw.Int64).sum().alias("orders"),
        nw.col(c.FIRST_DATE).min().alias("first_date"),
        *(_grains(name).sum().alias(told) for name, told in sums.items()),
    )
    found = collected(asked)
    counts = {x: int(found[x][0]) for x in ("customers", "repeat_customers", "orders")}
    first = str(found["first_date"][0])[:10]  # a date, or a stamp of an engine that knows no other
    money = {told: _money(found[told][0]) for told in sums.values()}
    return {**counts, "first_date": first, **money}


def _grains(name: str) -> nw.Expr:
    return (nw.col(name) / _GRAIN).round().cast(nw.Int64)


def _money(grains: Any) -> float:  # noqa: ANN401 - a whole number of the engine
    return int(grains) / round(1 / _GRAIN)


def _summed(own: nw.LazyFrame[Any], by: list[str], names: list[str]) -> pd.DataFrame:
    """Count customers by some columns, and sum up others."""
    rows = own.select(*(nw.col(x) for x in by), *(_grains(x).alias(x) for x in names))
    sums = rows.group_by(by).agg(
        nw.len().cast(nw.Int64).alias("customers"), *(nw.col(name).sum() for name in names)
    )
    found: pd.DataFrame = collected(sums).to_pandas().sort_values(by, ignore_index=True)
    return found.assign(**{name: [_money(x) for x in found[name]] for name in names})


def _profile(scored: Any, ahead: pd.DataFrame) -> pd.DataFrame:  # noqa: ANN401 - as above
    """Return what each segment is, with the value to expect of it where it is known."""
    found: pd.DataFrame = nw.from_native(rfm.profile(scored), eager_only=True).to_pandas()
    floats = found.select_dtypes("float64")
    profile = found.assign(**floats.map(lambda x: float(_DIGITS % x)))  # sums of an engine's order
    if c.CLV not in ahead:
        return profile
    values = ahead.set_index(c.SEGMENT)[c.CLV]
    return profile.assign(**{c.CLV: profile[c.SEGMENT].map(values)})


def _grid(own: nw.LazyFrame[Any], breaks: rfm.Breaks) -> pd.DataFrame:
    """Sum up money per pair of frequency and recency scores, empty pairs too."""
    recency, frequency, _ = breaks.n
    found = _summed(own, [c.F_SCORE, c.R_SCORE], [c.TOTAL])
    pairs = [range(1, frequency + 1), range(1, recency + 1)]
    every = pd.MultiIndex.from_product(pairs, names=[c.F_SCORE, c.R_SCORE])
    grid = found.set_index([c.F_SCORE, c.R_SCORE]).reindex(every, fill_value=0)
    grid = grid.rename(columns={c.TOTAL: "sum"}).reset_index()
    return grid.assign(mean=grid["sum"] / grid["customers"].where(grid["customers"] > 0))


def _best(own: nw.LazyFrame[Any]) -> pd.DataFrame:
    by = c.CLV if c.CLV in own.collect_schema().names() else c.EXPECTED_PURCHASES
    best = collected(own.sort(by, c.CUSTOMER_ID, descending=[True, False]).head(TOP))
    found: pd.DataFrame = best.to_pandas()
    return found


def _histogram(own: nw.LazyFrame[Any], models: Models) -> pd.DataFrame:
    cells = clv.count_cells(own.to_native())
    frame = pd.DataFrame(
        {
            c.FREQUENCY: cells.frequency,
            c.RECENCY: cells.recency,
            c.T: cells.T,
            c.WEIGHT: cells.weight,
        }
    )
    found: pd.DataFrame = clv.diagnostics.frequency_histogram(
        models.purchases, frame, weight=c.WEIGHT
    )
    return found


@dataclass(frozen=True, eq=False)
class Asked:
    """What was asked for, as far as the results tell of it."""

    source: LogOptions
    outlook: OutlookOptions
    page: ReportOptions
    settings: dict[str, Any]


def write_results(
    folder: Path,
    scored: Any,  # noqa: ANN401 - as above
    counted: Counted,
    models: Models,
    asked: Asked,
) -> None:
    """Write segments, the record of cleaning, what was counted, and the report."""
    own, base = nw.from_native(scored), base_of(scored)
    names = tuple(own.collect_schema().names())
    expected = [x for x in (c.P_ACTIVE, c.EXPECTED_PURCHASES, c.CLV) if x in names]
    ahead = _summed(own, [c.SEGMENT], expected)
    profile = _profile(scored, ahead)
    for name, table in {"segments.csv": profile, "cleaning.csv": counted.cleaning}.items():
        text = table.to_csv(index=False, lineterminator="\n", float_format=_DIGITS)
        write_atomically(folder / name, text.encode())
    removed = int(counted.cleaning["rows"].sum())
    until = counted.until[:10]
    run = {"until": until, "rows": counted.rows, "rows_left_out": removed, **base}
    run["options"] = asked.settings
    write_atomically(folder / "run.json", json.dumps(run, indent=1).encode())
    digest = report.Digest(
        totals=_totals(base),
        profile=profile,
        ahead=ahead,
        grid=_grid(own, models.breaks),
        best=_best(own),
        histogram=_histogram(own, models),
        names=names,
        rows=counted.rows - removed,
        purchases=models.purchases,
        spend=models.spend,
        breaks=models.breaks,
        until=until,
        horizon=asked.outlook.horizon,
        discount_rate=asked.outlook.discount_rate,
        margin=asked.outlook.margin,
        cleaning=counted.cleaning,
        occasion=asked.source.occasion.value,
        currency=asked.page.currency,
        title=asked.page.title,
    )
    report.write(folder / "report.html", digest)


def _totals(base: dict[str, Any]) -> report.Totals:
    return report.Totals(
        customers=base["customers"],
        repeat=base["repeat_customers"],
        orders=base["orders"],
        revenue=base["revenue"],
        first=base["first_date"],
        active=base["active"],
        purchases=base["purchases"],
        worth=base.get("worth"),
    )
