"""Scoring in parts: a log larger than memory, and a run that may be killed and taken up again.

The stages are customers (a part after the other), models, scores (a file per part), and what is
summed up from them. Each piece is there as a whole or not at all, and a run that finds a finished
piece of a run with the same arguments and the same log goes on from it.
"""

from __future__ import annotations

import hashlib
import json
import shutil
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import narwhals.stable.v2 as nw

from crmanalytics import __version__, clv, rfm
from crmanalytics import columns as c
from crmanalytics.cli.engines import engine_of
from crmanalytics.cli.part_counts import count_in_parts, rows_of
from crmanalytics.cli.part_results import Asked, base_of, write_results
from crmanalytics.cli.work import fitted, load_models
from crmanalytics.cli.writing import sweep
from crmanalytics.errors import ParameterError
from crmanalytics.frames import looked_up
from crmanalytics.persistence import write_atomically

if TYPE_CHECKING:
    from crmanalytics.cli.engines import Engine
    from crmanalytics.cli.options import (
        EngineOptions,
        LogOptions,
        ModelOptions,
        OutlookOptions,
        ReportOptions,
    )
    from crmanalytics.cli.part_counts import Counted
    from crmanalytics.cli.work import Models

__all__ = ["Job", "score_in_parts"]

_ROWS: Final = 6_000_000  # of a part: half a gigabyte of groups
_MOST_PARTS: Final = 9999
_JOB: Final = "job.json"
_MADE: Final = ("scores", "refunds", ".work")
_SUMMED: Final = ("segments.csv", "cleaning.csv", "run.json", "report.html")


@dataclass(frozen=True)
class Job:
    """What a run in parts did.

    Parameters
    ----------
    folder : Path
        Where its results are.
    done, found : int
        How many parts this run scored, and how many it found finished.
    """

    folder: Path
    done: int
    found: int

    @property
    def run(self) -> dict[str, Any]:
        """What was counted, with which options."""
        told: dict[str, Any] = json.loads((self.folder / "run.json").read_text())
        return told

    @property
    def files(self) -> list[tuple[Path, str]]:
        """Where the results are, and what they are."""
        scores = sorted((self.folder / "scores").glob("part-*.parquet"))
        found = [
            (self.folder / "scores", f"{len(scores)} files, one row per customer"),
            (self.folder / "segments.csv", "one row per segment"),
            (self.folder / "cleaning.csv", "what was left out"),
            (self.folder / "refunds", "refunds set apart"),
            *((path, "model") for path in sorted((self.folder / "models").glob("*.json"))),
            (self.folder / "run.json", "what was counted, with which options"),
            (self.folder / "report.html", "the report"),
        ]
        return [(path, what) for path, what in found if path.exists()]


def score_in_parts(
    source: LogOptions,
    folder: Path,
    outlook: OutlookOptions,
    model: ModelOptions,
    engine: EngineOptions,
    page: ReportOptions,
) -> Job:
    """Count, fit and score a Parquet log on an engine, part by part.

    Raises
    ------
    CRMAnalyticsError
        If an option is for logs in memory alone, or the log will not do.
    """
    _refuse(source, outlook)
    files = _parquet(source.log)
    parts = engine.parts or min(_MOST_PARTS, 1 + rows_of(files) // _ROWS)
    engine = replace(engine, parts=parts)
    scores, work = folder / "scores", folder / ".work"
    settings = _fingerprint(files, source, outlook, model, engine, page)
    _settle(folder, settings)
    paths = [scores / f"part-{k:05d}.parquet" for k in range(parts)]
    if (scores / "_SUCCESS").exists():
        return Job(folder, 0, sum(path.exists() for path in paths))
    spill = work / "spill"
    spill.mkdir(parents=True, exist_ok=True)
    scores.mkdir(parents=True, exist_ok=True)
    runner = engine_of(engine.engine.value, engine.memory, spill)  # type: ignore[union-attr] # asked for
    try:
        done = _made(runner, files, paths, Asked(source, outlook, page, settings), model)
    finally:
        runner.close()
    write_atomically(scores / "_SUCCESS", b"")
    shutil.rmtree(work)
    for place in (folder, folder / "models", scores):
        sweep(place, stale=0)  # two runs at once in one folder would be in each other's way anyhow
    return Job(folder, done, sum(path.exists() for path in paths) - done)


def _made(
    runner: Engine, files: list[str], paths: list[Path], asked: Asked, model: ModelOptions
) -> int:
    """Make what is not there yet; return how many parts were scored."""
    folder = paths[0].parent.parent
    unit = model.unit.value
    counted = count_in_parts(runner, files, asked.source, unit, len(paths), folder)
    base = base_of(runner.read(counted.files()))
    models = _models(runner, counted, base, model, folder)
    done = 0
    for part, path in enumerate(paths):
        own = counted.files(part)
        if own and not path.exists():
            unfinished = folder / ".work" / path.name
            scored = _scored(runner.read(own), models, asked.outlook)
            runner.write(scored, unfinished, [c.CUSTOMER_ID])
            unfinished.replace(path)
            done += 1
    everybody = runner.read([str(path) for path in paths if path.exists()])
    write_results(folder, everybody, counted, models, asked)
    return done


def _refuse(source: LogOptions, outlook: OutlookOptions) -> None:
    if source.date_format is not None:
        raise ParameterError(
            "--date-format is for dates that are texts: with --engine, the log is Parquet, and its "
            "dates must be dates. Convert that column first."
        )
    if (outlook.discount_rate is None) != (outlook.margin is None):
        raise ParameterError(
            "a customer's value needs both --discount-rate and --margin: give both, or neither."
        )


def _parquet(name: str) -> list[str]:
    path = Path(name)
    found = sorted(path.rglob("*.parquet")) if path.is_dir() else [path]
    if not found or not all(each.is_file() and each.suffix == ".parquet" for each in found):
        raise ParameterError(
            f"{name} is no Parquet file and no folder of such, which --engine needs."
        )
    return [str(each) for each in found]


def _fingerprint(files: list[str], *options: Any) -> dict[str, Any]:  # noqa: ANN401 - dataclasses
    stats = [(name, Path(name).stat()) for name in files]
    listed = [[name, stat.st_size, stat.st_mtime_ns] for name, stat in stats]
    settings = {key: x for each in options for key, x in asdict(each).items()}
    settings.pop("memory")  # which has no bearing on the result
    digest = hashlib.sha256(json.dumps(listed).encode()).hexdigest()
    return {"version": __version__, "digest": digest, **settings}


def _settle(folder: Path, wanted: dict[str, Any]) -> None:
    """Clear away what a run with other arguments, or of another log, has left in our places."""
    job = folder / _JOB
    text = json.dumps(wanted, indent=1)
    if job.exists() and job.read_text() == text:
        return
    job.unlink(missing_ok=True)
    for name in _MADE:
        shutil.rmtree(folder / name, ignore_errors=True)
    for name in (*_SUMMED, "models/purchases.json"):
        (folder / name).unlink(missing_ok=True)
    folder.mkdir(parents=True, exist_ok=True)
    write_atomically(job, text.encode())


def _models(
    runner: Engine,
    counted: Counted,
    base: dict[str, Any],
    options: ModelOptions,
    folder: Path,
) -> Models:
    if (folder / "models" / "purchases.json").exists():
        return load_models(folder)
    everybody = runner.read(counted.files())
    models = fitted(everybody, base["customers"], base["repeat_customers"], options)
    (folder / "models").mkdir(exist_ok=True)
    models.spend.save(folder / "models" / "spend.json")
    models.breaks.save(folder / "models" / "rfm_breaks.json")
    models.purchases.save(folder / "models" / "purchases.json")  # the last: all are there
    return models


def _scored(customers: Any, models: Models, outlook: OutlookOptions) -> Any:  # noqa: ANN401 - as above
    """Score a part, whose cells are counted once: a lazy frame with more columns."""
    cells, model = clv.count_cells(customers), models.purchases.model
    here = replace(cells, source=None)
    ahead = {
        c.P_ALIVE: model.probability_alive(here),
        c.P_ACTIVE: model.probability_active(here, outlook.horizon),
        c.EXPECTED_PURCHASES: model.expected_purchases(here, outlook.horizon),
    }
    keys = (c.FREQUENCY, c.RECENCY, c.T)
    series = [nw.from_native(each, series_only=True).alias(name) for name, each in ahead.items()]
    # one join for all of them: on some engines it is the dearest step
    own = nw.from_native(rfm.segment(rfm.score(customers, models.breaks)))
    own = looked_up(own, cells.frame.select(*keys).with_columns(*series), keys)
    frame = models.spend.model.expected_spend(own.to_native())
    if outlook.discount_rate is None or outlook.margin is None:
        return frame
    return clv.lifetime_value(
        replace(cells, source=nw.from_native(frame)),
        model,
        models.spend,
        horizon=outlook.horizon,
        discount_rate=outlook.discount_rate,
        margin=outlook.margin,
    )
