"""What is told at the end, on the standard output."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import typer

from crmanalytics import columns as c

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from pathlib import Path

    import pandas as pd

    from crmanalytics.cli.work import Base

__all__ = ["tell_base", "tell_files", "tell_run", "tell_segments", "tell_top"]

_TOP = 10


def tell_base(base: Base) -> None:
    """Say what was counted and what was left out."""
    customers = base.customers
    run = {
        "customers": len(customers),
        "orders": int(customers[c.ORDERS].sum()),
        "revenue": customers[c.TOTAL].sum(),
        "until": base.until,
    }
    _tell(run, base.cleaning, assumed=base.assumed)


def tell_run(run: Mapping[str, Any], cleaning: pd.DataFrame) -> None:
    """Say what a run in parts counted and what it left out."""
    _tell(run, cleaning, assumed=run["options"]["until"] is None)


def _tell(run: Mapping[str, Any], cleaning: pd.DataFrame, *, assumed: bool) -> None:
    typer.echo(
        f"{run['customers']:,} customers, {run['orders']:,} purchases, "
        f"revenue {run['revenue']:,.2f}, until {run['until']}"
        + (" (the log's last day; see --until)" if assumed else "")
    )
    for row in cleaning[cleaning["rows"] > 0].itertuples():
        rows = f"{row.rows:,} row{'' if row.rows == 1 else 's'}"
        typer.echo(f"left out: {rows}, {row.rule} (money {row.money:,.2f})")


def tell_files(files: Iterable[tuple[Path, str]]) -> None:
    """Say where the results are."""
    shown = [(str(path), what) for path, what in files]
    width = max(len(path) for path, _ in shown)
    typer.echo("")
    for path, what in shown:
        typer.echo(f"{path:<{width}}  {what}")


def tell_segments(profile: pd.DataFrame) -> None:
    """Show the segments by revenue."""
    table = profile.sort_values("revenue", ascending=False, kind="stable")
    typer.echo("")
    typer.echo(f"{'segment':<22}{'customers':>10}{'revenue':>16}{'share':>8}")
    for row in table.itertuples():
        typer.echo(
            f"{row.segment:<22}{row.customers:>10,}{row.revenue:>16,.2f}{row.revenue_share:>8.1%}"
        )


def tell_top(scored: pd.DataFrame) -> None:
    """Show the customers of whom most is expected, and say if there is no value in money."""
    by = c.CLV if c.CLV in scored else c.EXPECTED_PURCHASES
    best = scored.sort_values([by, c.CUSTOMER_ID], ascending=[False, True]).head(_TOP)
    names = [c.CUSTOMER_ID, c.SEGMENT, c.P_ALIVE, c.EXPECTED_PURCHASES, c.EXPECTED_SPEND, c.CLV]
    shown = best[[name for name in names if name in best]]
    typer.echo("")
    typer.echo(shown.to_string(index=False, float_format="{:,.2f}".format))
    if c.CLV not in scored:
        typer.echo("")
        typer.echo("No clv: a value in money needs --discount-rate and --margin.")
