"""The commands: score, fit and predict."""

from pathlib import Path
from typing import Annotated

import pandas as pd
import typer

from crmanalytics import __version__, persistence, rfm
from crmanalytics import columns as c
from crmanalytics.cli import options as o
from crmanalytics.cli.request import Request, Valuing
from crmanalytics.cli.scoring import Models, Prepared, fit_models, prepare, score_customers
from crmanalytics.cli.steps import steps
from crmanalytics.cli.writing import write_csv, write_parquet
from crmanalytics.errors import FormatError, ParameterError

__all__ = ["app"]

app = typer.Typer(
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
    help="Who is worth what: from a purchase log to scored customers and a report.\n\n"
    "Try: crmanalytics score cdnow --out results --unit W --discount-rate 0.1 --margin 0.3",
)

FILES = {"purchases": "purchases.json", "spend": "spend.json", "breaks": "rfm_breaks.json"}


def _version(wanted: bool) -> None:  # noqa: FBT001 - typer's callback
    if wanted:
        typer.echo(__version__)
        raise typer.Exit


@app.callback()
def root(
    *,
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Show the version.")
    ] = False,
) -> None:
    """Take the options that stand before a command."""


@app.command()
def score(
    log: o.Log,
    *,
    out: o.Out,
    customer_id: o.CustomerId = c.CUSTOMER_ID,
    date: o.Date = c.DATE,
    amount: o.Amount = c.AMOUNT,
    order_id: o.OrderId = None,
    product_id: o.ProductId = None,
    quantity: o.Quantity = None,
    date_format: o.DateFormat = None,
    time_zone: o.TimeZone = None,
    skip_bad_rows: o.SkipBadRows = False,
    refunds: o.RefundsOption = o.Refunds.net,
    exclude_customer: o.ExcludeCustomer = None,
    exclude_product: o.ExcludeProduct = None,
    occasion: o.OccasionOption = o.Occasion.day,
    until: o.Until = None,
    unit: o.UnitOption = o.Unit.W,
    model: o.ModelOption = o.Model.mbg_nbd,
    horizon: o.Horizon = 52.0,
    discount_rate: o.DiscountRate = None,
    margin: o.Margin = None,
) -> None:
    """Score every customer of a log, and write a report.

    Writes scores.parquet (one row per customer), segments.csv, models/*.json and report.html to
    the folder of --out. Run again on the same log it writes the same bytes.

    Example: crmanalytics score sales.csv --out results --customer-id CustomerID --date InvoiceDate
    --amount Total --discount-rate 0.1 --margin 0.3
    """
    request = _request(locals())
    valuing = Valuing(horizon, discount_rate, margin)
    with steps(5) as begin:
        begin("reading and cleaning the log")
        prepared = prepare(request)
        begin("fitting the models")
        models = fit_models(prepared.customers, model)
        begin("scoring the customers")
        scored = score_customers(prepared.customers, models, valuing)
        begin("writing the results")
        profile = _write_results(out, prepared, models, scored)
        begin("drawing the report")
        _write_report(out, request, prepared, models, scored, valuing)
    _tell(out, prepared, scored, profile, valuing)


@app.command()
def fit(
    log: o.Log,
    *,
    out: o.Out,
    customer_id: o.CustomerId = c.CUSTOMER_ID,
    date: o.Date = c.DATE,
    amount: o.Amount = c.AMOUNT,
    order_id: o.OrderId = None,
    product_id: o.ProductId = None,
    quantity: o.Quantity = None,
    date_format: o.DateFormat = None,
    time_zone: o.TimeZone = None,
    skip_bad_rows: o.SkipBadRows = False,
    refunds: o.RefundsOption = o.Refunds.net,
    exclude_customer: o.ExcludeCustomer = None,
    exclude_product: o.ExcludeProduct = None,
    occasion: o.OccasionOption = o.Occasion.day,
    until: o.Until = None,
    unit: o.UnitOption = o.Unit.W,
    model: o.ModelOption = o.Model.mbg_nbd,
) -> None:
    """Fit the models to a log and keep them, to score other logs with later.

    Writes models/*.json to the folder of --out.
    """
    request = _request(locals())
    with steps(2) as begin:
        begin("reading and cleaning the log")
        prepared = prepare(request)
        begin("fitting the models")
        models = fit_models(prepared.customers, model)
        _write_models(out / "models", models)
    typer.echo(f"{len(prepared.customers):,} customers until {prepared.until}")
    typer.echo(models.purchases.parameters.round(4).to_string())
    typer.echo(models.spend.parameters.round(4).to_string())
    typer.echo(f"models: {out / 'models'}")


@app.command()
def predict(
    log: o.Log,
    *,
    models: Annotated[Path, typer.Option(help="Folder of saved models, as written by fit.")],
    out: Annotated[Path, typer.Option(help="File for the scores: .parquet or .csv.")],
    customer_id: o.CustomerId = c.CUSTOMER_ID,
    date: o.Date = c.DATE,
    amount: o.Amount = c.AMOUNT,
    order_id: o.OrderId = None,
    product_id: o.ProductId = None,
    quantity: o.Quantity = None,
    date_format: o.DateFormat = None,
    time_zone: o.TimeZone = None,
    skip_bad_rows: o.SkipBadRows = False,
    refunds: o.RefundsOption = o.Refunds.net,
    exclude_customer: o.ExcludeCustomer = None,
    exclude_product: o.ExcludeProduct = None,
    occasion: o.OccasionOption = o.Occasion.day,
    until: o.Until = None,
    horizon: o.Horizon = 52.0,
    discount_rate: o.DiscountRate = None,
    margin: o.Margin = None,
) -> None:
    """Score the customers of a log with models that were fitted before.

    The time unit is that of the models.
    """
    saved = _read_models(models)
    unit = saved.purchases.model.unit
    request = _request(locals())
    valuing = Valuing(horizon, discount_rate, margin)
    if out.suffix not in (".parquet", ".csv"):
        raise ParameterError(f"--out must end in .parquet or .csv, not {out.name!r}")
    with steps(2) as begin:
        begin("reading and cleaning the log")
        prepared = prepare(request)
        begin("scoring the customers")
        scored = score_customers(prepared.customers, saved, valuing)
        (write_parquet if out.suffix == ".parquet" else write_csv)(scored, out)
    typer.echo(f"{len(scored):,} customers until {prepared.until} scored: {out}")


def _request(given: dict[str, object]) -> Request:
    """Make the request of a command's arguments."""
    kept = {name: value for name, value in given.items() if name in Request.__dataclass_fields__}
    kept["exclude_customers"] = tuple(given["exclude_customer"] or ())  # type: ignore[arg-type]
    kept["exclude_products"] = tuple(given["exclude_product"] or ())  # type: ignore[arg-type]
    return Request(**kept)  # type: ignore[arg-type]


def _write_models(folder: Path, models: Models) -> None:
    models.purchases.save(folder / FILES["purchases"])
    models.spend.save(folder / FILES["spend"])
    models.breaks.save(folder / FILES["breaks"])


def _read_models(folder: Path) -> Models:
    missing = [name for name in FILES.values() if not (folder / name).exists()]
    if missing:
        raise FormatError(
            f"{folder} lacks {', '.join(missing)}: make it with crmanalytics fit LOG --out DIR, "
            "and pass DIR/models."
        )
    return Models(**{name: persistence.load(folder / file) for name, file in FILES.items()})


def _write_results(
    out: Path, prepared: Prepared, models: Models, scored: pd.DataFrame
) -> pd.DataFrame:
    write_parquet(scored, out / "scores.parquet")
    profile: pd.DataFrame = rfm.profile(scored)
    if c.CLV in scored:
        values = scored.groupby(c.SEGMENT, observed=True)[c.CLV].sum()
        profile = profile.assign(**{c.CLV: profile[c.SEGMENT].map(values).astype(float)})
    write_csv(profile, out / "segments.csv")
    if prepared.cleaned.refunds is not None:
        write_csv(prepared.cleaned.refunds, out / "refunds.csv")
    _write_models(out / "models", models)
    return profile


def _write_report(
    out: Path,
    request: Request,
    prepared: Prepared,
    models: Models,
    scored: pd.DataFrame,
    valuing: Valuing,
) -> None:
    from crmanalytics import report

    material = report.Material(
        transactions=prepared.cleaned.transactions,
        scored=scored,
        purchases=models.purchases,
        spend=models.spend,
        breaks=models.breaks,
        until=prepared.until,
        horizon=valuing.horizon,
        check_at=prepared.halfway,
        discount_rate=valuing.discount_rate,
        margin=valuing.margin,
        cleaning=prepared.cleaning,
        occasion=request.occasion,  # type: ignore[arg-type]
    )
    report.write(out / "report.html", material)


def _tell(
    out: Path, prepared: Prepared, scored: pd.DataFrame, profile: pd.DataFrame, valuing: Valuing
) -> None:
    removed = prepared.cleaning[prepared.cleaning["rows"] > 0]
    for rule, rows in zip(removed["rule"], removed["rows"], strict=True):
        typer.echo(f"left out: {rows:,} rows ({rule})")
    typer.echo(f"{len(scored):,} customers until {prepared.until}\n")
    shown = {"segment": profile[c.SEGMENT], "customers": profile["customers"]}
    for heading, name in {"revenue": "revenue", "lifetime value": c.CLV}.items():
        if name in profile:
            shown[heading] = profile[name].map(lambda value: f"{value:,.0f}")
    typer.echo(pd.DataFrame(shown).to_string(index=False))
    if not valuing.in_money:
        typer.echo("\nno lifetime values: give --discount-rate and --margin for them")
    typer.echo(f"\nscores:   {out / 'scores.parquet'}")
    typer.echo(f"segments: {out / 'segments.csv'}")
    typer.echo(f"models:   {out / 'models'}")
    typer.echo(f"report:   {out / 'report.html'}")
