"""Customers of a log larger than memory, counted part by part.

The log is cut into parts by customer once, so that all rows of a customer are in one of them; each
part is then cleaned and counted by itself, in the memory that a part needs. A part is finished when
its record of cleaning is there, which is written last.
"""

from __future__ import annotations

import json
import shutil
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any, Final

import narwhals.stable.v2 as nw
import pandas as pd

from crmanalytics import columns as c
from crmanalytics.cli.engines import BUCKET
from crmanalytics.cli.part_log import cleaned, last_day, named, refuse_unreadable
from crmanalytics.cli.work import nothing_left
from crmanalytics.errors import InvalidValuesError
from crmanalytics.frames import collected
from crmanalytics.persistence import write_atomically
from crmanalytics.transactions import summarize

if TYPE_CHECKING:
    from pathlib import Path

    from crmanalytics.cli.engines import Engine
    from crmanalytics.cli.options import LogOptions

__all__ = ["Counted", "count_in_parts", "rows_of"]

_DECIMALS: Final = 6


@dataclass(frozen=True, eq=False)
class Counted:
    """The customers of a log, in a folder.

    Parameters
    ----------
    folder : Path
        One subfolder per part, named by its number.
    until : str
        The last day.
    cleaning : DataFrame
        What was left out: rule, rows, money, customers.
    rows : int
        How many rows the log has.
    """

    folder: Path
    until: str
    cleaning: pd.DataFrame
    rows: int

    def files(self, part: int | None = None) -> list[str]:
        """Return the files of a part, or of all."""
        within = "*" if part is None else str(part)
        return sorted(map(str, self.folder.glob(f"{BUCKET}={within}/*.parquet")))


@dataclass(frozen=True, eq=False)
class _Plan:
    """What counting a part needs to know."""

    runner: Engine
    source: LogOptions
    unit: str
    parts: int
    work: Path
    refunds: Path


def count_in_parts(
    runner: Engine,
    files: list[str],
    source: LogOptions,
    unit: str,
    parts: int,
    folder: Path,
) -> Counted:
    """Cut, clean and count a log; what is finished already is left as it is.

    Parameters
    ----------
    runner : Engine
        What does the work.
    files : list of str
        The Parquet files of the log.
    source : LogOptions
        How to read, clean and count it.
    unit : {"D", "W", "M", "Y"}
        Unit of time.
    parts : int
        How many parts to cut the customers into.
    folder : Path
        Where the results go; what is worked on is kept in its subfolder ``.work``.

    Raises
    ------
    CRMAnalyticsError
        If the log will not do.
    """
    plan = _Plan(runner, source, unit, parts, folder / ".work", folder / "refunds")
    portions = _cut(plan, files)
    sizes = [rows_of(each) for each in portions]
    until = source.until or _last_day(plan, portions)
    for number, own in enumerate(portions):
        if sizes[number] and not _record_of(plan, number).exists():
            _count(plan, number, own, sizes[number], until)
    texts = [_record_of(plan, n).read_text() for n, rows in enumerate(sizes) if rows]
    cleaning = _added([pd.DataFrame(json.loads(text)) for text in texts])
    counted = Counted(plan.work / "customers", until, cleaning, sum(sizes))
    refuse_unreadable(cleaning, counted.rows, source)
    if not counted.files():
        raise InvalidValuesError(nothing_left(source.log, cleaning))
    return counted


def _cut(plan: _Plan, files: list[str]) -> list[list[str]]:
    """Return the files of each portion of the log: one per part, or all of them."""
    finished, unfinished = plan.work / "log", plan.work / "log.part"
    if not finished.exists():
        shutil.rmtree(unfinished, ignore_errors=True)
        unfinished.mkdir(parents=True)
        plan.runner.cut(named(plan.runner.read(files), plan.source), unfinished, plan.parts)
        unfinished.replace(finished)
    folders = [finished / f"{BUCKET}={part}" for part in range(plan.parts)]
    if not any(each.exists() for each in folders):
        return [files]
    return [sorted(map(str, each.glob("*.parquet"))) for each in folders]


def _read(plan: _Plan, own: list[str]) -> Any:  # noqa: ANN401 - a lazy frame of the engine
    is_cut = own[0].startswith(str(plan.work))
    log = plan.runner.read(own)
    return log if is_cut else named(log, plan.source)


def rows_of(files: list[str]) -> int:
    """Return how many rows Parquet files have, which they tell without being read."""
    import pyarrow.parquet as pq

    return sum(pq.read_metadata(name).num_rows for name in files)


def _last_day(plan: _Plan, portions: list[list[str]]) -> str:
    """Return the last day of what cleaning leaves, found once."""
    known = plan.work / "until"
    if not known.exists():
        logs = [_read(plan, own) for own in portions if own]
        days = [last_day(cleaned(log, plan.source).transactions) for log in logs]
        latest = max((day for day in days if day is not None), default="")
        tomorrow = (datetime.now(tz=UTC) + timedelta(days=1)).date().isoformat()
        if latest > tomorrow:
            raise InvalidValuesError(
                f"{plan.source.log}: rows are dated in the future, up to {latest}. Mend them, or "
                "say with --until up to which day to count."
            )
        write_atomically(known, latest.encode())
    return known.read_text()


def _record_of(plan: _Plan, number: int) -> Path:
    return plan.work / "cleaning" / f"{number}.json"


def _count(plan: _Plan, number: int, own: list[str], rows: int, until: str) -> None:
    """Clean and count a portion of the log; its record is the sign that it is done."""
    made = cleaned(_read(plan, own), plan.source)
    record = nw.from_native(made.log, eager_only=True).to_dict(as_series=False)
    # an engine adds up in no fixed order
    record["money"] = [round(money, _DECIMALS) for money in record["money"]]
    if rows > sum(record["rows"]):
        customers = summarize(
            made.transactions,
            until=until,
            unit=plan.unit,  # type: ignore[arg-type] # one of the units
            occasion=plan.source.occasion.value,
        )
        plan.runner.keep(customers, plan.work / "customers", number, plan.parts)
    if made.refunds is not None:
        _keep_refunds(plan, made.refunds, number)
    write_atomically(_record_of(plan, number), json.dumps(record).encode())


def _keep_refunds(plan: _Plan, refunds: Any, number: int) -> None:  # noqa: ANN401 - as above
    own = nw.from_native(refunds)
    if not collected(own.select(nw.len().alias("rows")))["rows"][0]:
        return
    plan.refunds.mkdir(parents=True, exist_ok=True)
    unfinished = plan.work / f"refunds-{number}.parquet"
    others = [x for x in own.collect_schema().names() if x not in (c.CUSTOMER_ID, c.DATE)]
    plan.runner.write(refunds, unfinished, [c.CUSTOMER_ID, c.DATE, *others])
    unfinished.replace(plan.refunds / f"part-{number:05d}.parquet")


def _added(records: list[pd.DataFrame]) -> pd.DataFrame:
    """Add up the records of all parts: no customer is in two of them."""
    if not records:
        return pd.DataFrame({"rule": [], "rows": [], "money": [], "customers": []})
    first = records[0]
    sums = {name: sum(each[name] for each in records) for name in ("rows", "money", "customers")}
    return pd.DataFrame({"rule": first["rule"], **sums})
