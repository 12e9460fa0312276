"""Charts of matrices, profit and selection show the figures of the frames that they are given."""

from __future__ import annotations

import matplotlib as mpl
import numpy as np
import pandas as pd
import polars as pl
import pytest
from matplotlib.figure import Figure

from crmanalytics import decisions, plots
from crmanalytics.errors import DataError, InvalidValuesError
from crmanalytics.profitability import cube, drill_down
from crmanalytics.weighting import weight_table

mpl.use("Agg")

WEIGHTS = {"margin": 0.6, "growth": 0.4}


@pytest.fixture
def customers():
    rng = np.random.default_rng(0)
    answers = rng.integers(0, 11, 200).astype(float)
    answers[::4] = np.nan
    return pd.DataFrame(
        {
            "total": rng.lognormal(5, 1, 200),
            "margin": rng.normal(0.3, 0.1, 200),
            "growth": rng.normal(0, 0.4, 200),
            "satisfaction": answers,
        }
    )


@pytest.fixture
def found():
    rng = np.random.default_rng(1)
    log = pd.DataFrame(
        {
            "region": rng.choice(["north", "south", "west"], 200, p=[0.6, 0.3, 0.1]),
            "date": pd.Timestamp("2024-01-01") + pd.to_timedelta(rng.integers(0, 180, 200), "D"),
            "amount": rng.uniform(10, 20, 200),
        }
    )
    cost = log["amount"] * np.where(log["region"] == "west", 1.3, 0.7)
    return cube(log.assign(cost=cost), ["region", "date"], costs="cost", period="M")


def texts(ax):
    return [each.get_text() for each in ax.texts]


def drawn(call, *args, **options):
    ax = Figure().subplots()
    assert call(*args, ax=ax, **options) is ax
    ax.figure.canvas.draw()
    return ax


def test_quadrant_draws_everyone_with_a_value(customers):
    care = decisions.satisfaction_matrix(customers, satisfied_from=7)
    ax = drawn(plots.plot_quadrant, care, "total", "satisfaction", name="care", up_scale="log")
    counts = care["care"].value_counts()
    labels = [each.get_label() for each in ax.collections]
    assert labels[:2] == [f"rescue ({counts['rescue']})", f"ask first ({counts['ask first']})"]
    points = {each.get_label().split(" (")[0]: len(each.get_offsets()) for each in ax.collections}
    assert points.pop("ask first") == points.pop("ask later") == 0
    assert points == {name: counts[name] for name in points}
    across, up = (line.get_xydata() for line in ax.lines)
    assert across[0, 1] == care.loc[care["total_level"] == "high", "total"].min()
    assert up[0, 0] == 7
    assert ax.get_yscale() == "log"


def test_fields_show_customers_and_shares(customers):
    portfolio = decisions.growth_portfolio(customers)
    profile = decisions.two_way_profile(portfolio, "total", "growth", name="portfolio")
    ax = drawn(plots.plot_fields, profile)
    for row in profile.itertuples():
        words = f"{row.portfolio}\n{row.customers} customers ({row.customer_share:.0%})"
        assert any(text.startswith(words) for text in texts(ax))
    star = next(each for each in ax.texts if each.get_text().startswith("star"))
    assert star.get_position() == (1.5, 1.5)
    assert [each.get_text() for each in ax.get_yticklabels()] == ["low", "high"]
    other = drawn(plots.plot_fields, pl.from_pandas(profile), share="total_share")
    assert texts(other) == texts(ax)
    with pytest.raises(DataError, match="two_way_profile"):
        plots.plot_fields(customers)


def test_fields_without_a_total(customers):
    portfolio = decisions.growth_portfolio(customers.assign(total=-1.0))
    profile = decisions.two_way_profile(portfolio, "total", "growth", name="portfolio")
    assert all("no share of total" in each for each in texts(drawn(plots.plot_fields, profile)))


def test_profit_map_writes_each_cell_and_hatches_losses(found):
    ax = drawn(plots.plot_profit_map, found, "region", "date")
    cells = found[found["grouping"] == "region x date"]
    assert len(ax.texts) == len(cells)
    assert len(ax.patches) == (cells["profit"] < 0).sum() > 0
    rows = [each.get_text() for each in ax.get_yticklabels()]
    assert rows == ["west", "south", "north"]
    months = [each.get_text() for each in ax.get_xticklabels()]
    assert months == [f"2024-0{k}" for k in range(1, 7)]
    north = cells[(cells["region"] == "north") & (cells["date"] == "2024-03-01")].iloc[0]
    at = {each.get_position(): each.get_text() for each in ax.texts}
    assert at[2.5, 2.5] == plots.style.compact(north["profit"])
    turned = drawn(plots.plot_profit_map, found, "date", "region", measure="margin", most=2)
    assert [each.get_text() for each in turned.get_xticklabels()] == ["north", "south"]
    assert "30%" in texts(turned)
    with pytest.raises(InvalidValuesError, match="no rows of the grouping"):
        plots.plot_profit_map(found, "region", "channel")


def test_treemap_areas_are_revenue(found):
    ax = drawn(plots.plot_profit_treemap, found, "region")
    areas = sorted(each.get_width() * each.get_height() for each in ax.patches)
    region = found[found["grouping"] == "region"]
    shares = np.sort(region["revenue"] / region["revenue"].sum())
    assert np.allclose(np.array(areas) / 160, shares)
    hatched = [each for each in ax.patches if each.get_hatch()]
    assert len(hatched) == 1
    assert hatched[0].get_width() * hatched[0].get_height() == pytest.approx(areas[0])
    assert any(text.startswith("north") for text in texts(ax))
    few = drawn(plots.plot_profit_treemap, found, "region", most=1)
    assert len(few.patches) == 2
    assert any(text.startswith("2 others") for text in texts(few))
    opened = drill_down(found, "date", within={"region": "north"})
    assert len(drawn(plots.plot_profit_treemap, opened, "date").patches) == len(opened)
    with pytest.raises(InvalidValuesError, match="with revenue"):
        plots.plot_profit_treemap(found, "channel")


def test_size_and_score_counts_as_the_figures_do(customers):
    scored = decisions.scorecard(customers, list(WEIGHTS), weights=WEIGHTS)
    ax = drawn(plots.plot_size_and_score, scored)
    row = decisions.size_and_score(scored).iloc[0]
    counts = dict(each.get_label().removesuffix(")").split(" (") for each in ax.collections)
    assert int(counts["good, not big"]) == row["best_not_big"]
    assert int(counts["good and big"]) == row["both"]
    assert int(counts["big, not good"]) == row["big_not_best"]
    assert sum(map(int, counts.values())) == len(customers)
    with pytest.raises(DataError, match="score"):
        plots.plot_size_and_score(customers)


def test_sensitivity_shows_each_shift(customers):
    scored = decisions.scorecard(customers, list(WEIGHTS), weights=WEIGHTS)
    moved = decisions.weight_sensitivity(scored, weight_table(WEIGHTS))
    ax = drawn(plots.plot_sensitivity, moved)
    marks = ax.collections[1:]
    shown = sorted(float(x) for each in marks for x in np.asarray(each.get_offsets())[:, 0])
    assert shown == pytest.approx(sorted(moved["kept"]))
    assert [each.get_label() for each in marks] == [
        "weight -50%", "weight -25%", "weight +25%", "weight +50%",
    ]  # fmt: skip
    lowest = moved.groupby("criterion")["kept"].min().idxmin()
    assert ax.get_yticklabels()[-1].get_text() == lowest


def test_figures_of_their_own(customers, found):
    import matplotlib.pyplot as plt

    scored = decisions.scorecard(customers, list(WEIGHTS))
    for ax in (
        plots.plot_size_and_score(scored),
        plots.plot_profit_map(found, "region", "date"),
        plots.plot_profit_treemap(found, "region"),
    ):
        ax.figure.canvas.draw()
        plt.close(ax.figure)
