"""The commands: score, fit and predict."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import pandas as pd
import typer

import crmanalytics
from crmanalytics import report
from crmanalytics.cli.churn_app import churn_app
from crmanalytics.cli.command import command
from crmanalytics.cli.options import (  # noqa: TC001 - the commands' annotations are read
    EngineOptions,
    LogOptions,
    ModelOptions,
    OutlookOptions,
    PredictOptions,
    ReportOptions,
    TargetOptions,
)
from crmanalytics.cli.parts import score_in_parts
from crmanalytics.cli.progress import steps
from crmanalytics.cli.telling import (
    tell_base,
    tell_files,
    tell_run,
    tell_segments,
    tell_top,
)
from crmanalytics.cli.work import count, fit_models, halfway, load_models, profile_of, score
from crmanalytics.cli.writing import (
    check_folder,
    check_suffix,
    sweep,
    write_csv,
    write_parquet,
    write_table,
)
from crmanalytics.persistence import write_atomically
from crmanalytics.report.sections import SECTIONS

if TYPE_CHECKING:
    from pathlib import Path

    from crmanalytics.cli.work import Base

__all__ = ["app"]

app = typer.Typer(
    add_completion=False,
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode="markdown",
    context_settings={"help_option_names": ["-h", "--help"]},
)

app.add_typer(churn_app, name="churn")


def _version(wanted: bool) -> None:  # noqa: FBT001 - the signature of a callback
    if wanted:
        typer.echo(crmanalytics.__version__)
        raise typer.Exit


@app.callback()
def about(
    *,
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Show the version.")
    ] = False,
) -> None:
    r"""Turn a purchase log into scored customers, segments, models and a report.

    Begin with a public log:

        crmanalytics score cdnow --out results

    and go on with your own:

        crmanalytics score sales.csv --out results \
            --customer-id CustomerID --date InvoiceDate --amount Total \
            --until 2024-12-31 --discount-rate 0.10 --margin 0.30

    Exit codes: 0 all went well; 2 the call or the data will not do, as one sentence says; 130
    interrupted. Progress is shown on a terminal only.
    """


@command(app, "score")
def score_log(
    source: LogOptions,
    target: TargetOptions,
    outlook: OutlookOptions,
    model: ModelOptions,
    page: ReportOptions,
    large: EngineOptions,
) -> None:
    r"""Fit models to a purchase log, score its customers, and write a report.

    Writes into DIR: scores.parquet (one row per customer), segments.csv, models/*.json (which
    predict reads) and, last of all, report.html. Each file is replaced in one step: a run that is
    killed leaves either the old file or the new one, and running it again gives the same bytes.

    For example:

        crmanalytics score cdnow --out results --until 1998-06-30 \
            --unit W --horizon 52 --discount-rate 0.10 --margin 0.30
    """
    folder = target.out
    check_folder(folder)
    if large.engine is not None:
        with steps(1) as step:
            step("counting, fitting and scoring, part by part")
            job = score_in_parts(source, folder, outlook, model, large, page)
        typer.echo(f"{job.done} parts scored, {job.found} found finished")
        tell_run(job.run, pd.read_csv(folder / "cleaning.csv"))
        tell_segments(pd.read_csv(folder / "segments.csv"))
        tell_files(job.files)
        return
    with steps(4 + len(SECTIONS)) as step:
        step("reading the log")
        base = count(source, model.unit.value)
        step("fitting models")
        models = fit_models(base, model)
        step("scoring customers")
        scored = score(base, models, outlook)
        material = report.Material(
            transactions=base.transactions,
            scored=scored,
            purchases=models.purchases,
            spend=models.spend,
            breaks=models.breaks,
            until=base.until,
            horizon=outlook.horizon,
            check_at=page.check_at or halfway(base),
            discount_rate=outlook.discount_rate,
            margin=outlook.margin,
            cleaning=base.cleaning,
            occasion=source.occasion.value,
            currency=page.currency,
            title=page.title,
        )
        html = report.render(material, progress=lambda name: step(f"report: {name}"))
        step("writing")
        profile = profile_of(scored)
        files = [
            (write_parquet(folder / "scores.parquet", scored), "one row per customer"),
            (write_csv(folder / "segments.csv", profile), "one row per segment"),
            *_refunds(folder, base),
            *((path, "model") for path in models.save(folder / "models")),
            (write_atomically(folder / "report.html", html.encode()), "the report"),
        ]
        sweep(folder)
        sweep(folder / "models")
    tell_base(base)
    tell_segments(profile)
    tell_top(scored)
    tell_files(files)


def _refunds(folder: Path, base: Base) -> list[tuple[Path, str]]:
    if base.refunds is None:
        return []
    return [(write_csv(folder / "refunds.csv", base.refunds), "refunds set apart")]


@command(app, "fit")
def fit_log(source: LogOptions, target: TargetOptions, model: ModelOptions) -> None:
    """Fit models to a purchase log and save them, to score other logs with predict.

    Writes into DIR/models: purchases.json (who is active, how often they buy), spend.json (how
    much they spend) and rfm_breaks.json (the limits of recency, frequency and money scores).

    For example:

        crmanalytics fit sales.csv --out spring --until 2024-03-31 --unit W
    """
    check_folder(target.out)
    with steps(3) as step:
        step("reading the log")
        base = count(source, model.unit.value)
        step("fitting models")
        models = fit_models(base, model)
        step("writing")
        files = models.save(target.out / "models")
        sweep(target.out / "models")
    tell_base(base)
    for fit in (models.purchases, models.spend):
        typer.echo(f"\n{type(fit.model).__name__}, log-likelihood {fit.log_likelihood:,.2f}")
        typer.echo(fit.parameters.to_string(float_format="{:.4g}".format))
    tell_files((path, "model") for path in files)


@command(app, "predict")
def predict_log(source: LogOptions, files: PredictOptions, outlook: OutlookOptions) -> None:
    """Score the customers of a log with models saved before; nothing is fitted.

    Writes FILE, one row per customer: the same columns as scores.parquet of the score command.

    For example:

        crmanalytics predict sales.csv --models spring --out scores.parquet
    """
    check_suffix(files.out)
    check_folder(files.out.parent)
    with steps(4) as step:
        step("reading models")
        models = load_models(files.models)
        step("reading the log")
        base = count(source, models.purchases.model.unit)
        step("scoring customers")
        scored = score(base, models, outlook)
        step("writing")
        write_table(files.out, scored)
        sweep(files.out.parent)
    tell_base(base)
    tell_top(scored)
    tell_files([(files.out, "one row per customer")])
