"""Scoring in parts: a log larger than memory, and a run that may be killed and taken up again.

Three stages, each of which is there as a whole or not at all: the customers (a folder per part),
the models, and the scores (a file per part). A run that finds a finished piece of a run with the
same arguments and the same log goes on from it.
"""

from __future__ import annotations

import hashlib
import json
import shutil
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import narwhals.stable.v2 as nw

from crmanalytics import clv, rfm
from crmanalytics import columns as c
from crmanalytics.cli.engines import BUCKET, engine_of
from crmanalytics.cli.work import MODELS, Models, load_models
from crmanalytics.errors import ParameterError
from crmanalytics.persistence import write_atomically
from crmanalytics.transactions import summarize
from crmanalytics.transactions.units import as_text

if TYPE_CHECKING:
    from crmanalytics.cli.engines import Engine
    from crmanalytics.cli.options import (
        EngineOptions,
        LogOptions,
        ModelOptions,
        OutlookOptions,
    )

__all__ = ["Job", "score_in_parts"]

_JOB: Final = "job.json"
#: Options of a log that only the command in memory knows, and what they are if not given.
_ONLY_IN_MEMORY: Final = (
    "unit_price", "product_id", "date_format", "time_zone", "skip_bad_rows", "exclude_customer",
    "exclude_product",
)  # fmt: skip


@dataclass(frozen=True)
class Job:
    """What a run in parts did.

    Parameters
    ----------
    files : list of Path
        The scores, a file per part.
    done, found : int
        How many parts this run made, and how many it found finished.
    """

    files: list[Path]
    done: int
    found: int


def score_in_parts(
    source: LogOptions,
    folder: Path,
    outlook: OutlookOptions,
    model: ModelOptions,
    engine: EngineOptions,
) -> Job:
    """Count, fit and score a Parquet log on an engine, part by part.

    Raises
    ------
    CRMAnalyticsError
        If an option is for logs in memory alone, or the log will not do.
    """
    _refuse(source, outlook)
    files = _parquet(source.log)
    scores, work = folder / "scores", folder / ".work"
    _settle(folder, _fingerprint(files, source, outlook, model, engine))
    paths = [scores / f"part-{k:05d}.parquet" for k in range(engine.parts)]
    if (scores / "_SUCCESS").exists():
        return Job([path for path in paths if path.exists()], 0, engine.parts)
    spill = work / "spill"
    spill.mkdir(parents=True, exist_ok=True)
    scores.mkdir(parents=True, exist_ok=True)
    runner = engine_of(engine.engine.value, engine.memory, spill)  # type: ignore[union-attr] # asked for
    customers = _customers(runner, files, source, model, work, engine.parts)
    models = _models(runner, customers, model, folder)
    done = 0
    for part, path in enumerate(paths):
        own = sorted(map(str, (customers / f"{BUCKET}={part}").glob("*.parquet")))
        if own and not path.exists():
            unfinished = work / path.name
            runner.write(_scored(runner.read(own), models, outlook), unfinished)
            unfinished.replace(path)
            done += 1
    write_atomically(scores / "_SUCCESS", b"")
    shutil.rmtree(work)
    made = [path for path in paths if path.exists()]
    return Job(made, done, len(made) - done)


def _refuse(source: LogOptions, outlook: OutlookOptions) -> None:
    given = [name for name in _ONLY_IN_MEMORY if getattr(source, name)]
    given += ["refunds"] if source.refunds.value != "net" else []
    if given:
        option = given[0].replace("_", "-")
        raise ParameterError(
            f"--{option} is for logs in memory: with --engine, clean the log in the engine first."
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
    settings = {key: str(x) for each in options for key, x in asdict(each).items()}
    settings.pop("memory")  # which has no bearing on the result
    return {"log": hashlib.sha256(json.dumps(listed).encode()).hexdigest(), **settings}


def _settle(folder: Path, wanted: dict[str, Any]) -> None:
    """Clear away what a run with other arguments, or of another log, has left in our places."""
    job = folder / _JOB
    if job.exists() and json.loads(job.read_text()) == wanted:
        return
    job.unlink(missing_ok=True)
    for name in ("scores", ".work"):
        shutil.rmtree(folder / name, ignore_errors=True)
    (folder / "models" / "purchases.json").unlink(missing_ok=True)
    folder.mkdir(parents=True, exist_ok=True)
    write_atomically(job, json.dumps(wanted, indent=1).encode())


def _customers(
    runner: Engine,
    files: list[str],
    source: LogOptions,
    model: ModelOptions,
    work: Path,
    parts: int,
) -> Path:
    """Count the customers, once, to a folder per part."""
    finished, unfinished = work / "customers", work / "customers.part"
    if finished.exists():
        return finished
    shutil.rmtree(unfinished, ignore_errors=True)
    log = _named(runner.read(files), source)
    until = source.until or _last_day(log)

    def count(own: Any) -> Any:  # noqa: ANN401 - a lazy frame of the engine
        return summarize(
            own,
            until=until,
            unit=model.unit.value,
            occasion=source.occasion.value,
        )

    runner.stage(log, count, unfinished, parts)
    unfinished.replace(finished)
    return finished


def _last_day(log: Any) -> str:  # noqa: ANN401 - as above
    from crmanalytics.transactions.counting import span

    return as_text(span(nw.from_native(log), None)[1])


def _named(log: Any, source: LogOptions) -> Any:  # noqa: ANN401 - as above
    own = nw.from_native(log)
    names = {
        c.CUSTOMER_ID: source.customer_id,
        c.DATE: source.date,
        c.AMOUNT: source.amount,
        **({c.ORDER_ID: source.order_id} if source.order_id else {}),
    }
    has = own.collect_schema().names()
    lacking = [name for name in names.values() if name not in has]
    if lacking:
        raise ParameterError(f"the log has no column {lacking[0]!r}; it has {', '.join(has)}.")
    return own.select(nw.col(theirs).alias(name) for name, theirs in names.items()).to_native()


def _models(runner: Engine, customers: Path, options: ModelOptions, folder: Path) -> Models:
    if (folder / "models" / "purchases.json").exists():
        return load_models(folder)
    everybody = runner.read(sorted(map(str, customers.rglob("*.parquet"))))
    kind, unit = MODELS[options.model.value], options.unit.value
    purchases = kind.fit(everybody, unit=unit, penalty=options.penalty)
    spend = clv.GammaGamma.fit(everybody, penalty=options.penalty)
    spend = replace(spend, model=replace(spend.model, unit=unit))
    models = Models(purchases, spend, rfm.breaks(everybody))
    (folder / "models").mkdir(exist_ok=True)
    models.spend.save(folder / "models" / "spend.json")
    models.breaks.save(folder / "models" / "rfm_breaks.json")
    purchases.save(folder / "models" / "purchases.json")  # the last: it tells that all are there
    return models


def _scored(customers: Any, models: Models, outlook: OutlookOptions) -> Any:  # noqa: ANN401 - as above
    """Score a part: each prediction is a column more, of the same lazy frame."""
    frame = rfm.segment(rfm.score(customers, models.breaks))
    cells, model = clv.count_cells(customers), models.purchases.model
    for predict in (
        model.probability_alive,
        lambda own: model.probability_active(own, outlook.horizon),
        lambda own: model.expected_purchases(own, outlook.horizon),
    ):
        frame = predict(replace(cells, source=nw.from_native(frame)))
    frame = models.spend.model.expected_spend(frame)
    if outlook.discount_rate is None or outlook.margin is None:
        return frame
    return clv.lifetime_value(
        frame,
        model,
        models.spend,
        horizon=outlook.horizon,
        discount_rate=outlook.discount_rate,
        margin=outlook.margin,
    )
