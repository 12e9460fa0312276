"""Charts show the numbers of the frames that they are given, on the axes that they are given."""

from __future__ import annotations

import matplotlib as mpl
import numpy as np
import pandas as pd
import polars as pl
import pytest
from matplotlib.figure import Figure

import crmanalytics as crm
from crmanalytics import plots
from crmanalytics.errors import DataError
from crmanalytics.plots.style import compact

mpl.use("Agg")

MODEL = crm.clv.BGNBD(r=0.243, alpha=4.414, a=0.793, b=2.426, unit="W")
AT, UNTIL = "1997-09-30", "1998-06-30"


@pytest.fixture(scope="module")
def log():
    return crm.datasets.load_cdnow_sample()


@pytest.fixture(scope="module")
def scored(log):
    customers = crm.summarize(log, until=UNTIL, unit="W")
    segmented = crm.rfm.segment(crm.rfm.score(customers))
    return segmented.assign(p_alive=MODEL.probability_alive(customers))


@pytest.fixture(scope="module")
def frames(log, scored):
    known = crm.split(log, at=AT, until=UNTIL, unit="W")
    diagnose = crm.clv.diagnostics
    return {
        "lorenz": crm.segments.lorenz(scored, points=51, descending=True),
        "activity": crm.cohorts.activity(log, until="1998-06-15"),
        "alive": scored,
        "deciles": diagnose.value_by_decile(scored, "total"),
        "rfm_map": crm.rfm.grid(scored),
        "retention": crm.cohorts.triangle(crm.cohorts.retention(log)),
        "segments": crm.rfm.profile(scored),
        "frequency_histogram": diagnose.frequency_histogram(MODEL, known),
        "tracking": diagnose.repeat_purchases_over_time(MODEL, log, at=AT, until=UNTIL),
        "holdout": diagnose.holdout_by_frequency(MODEL, known),
    }


@pytest.fixture
def ax():
    return Figure(layout="constrained").subplots()


NAMES = [
    "lorenz",
    "activity",
    "alive",
    "deciles",
    "rfm_map",
    "retention",
    "segments",
    "frequency_histogram",
    "tracking",
    "holdout",
]


@pytest.mark.parametrize("name", NAMES)
def test_draws_on_the_axes_given_with_title_and_labels(frames, ax, name):
    plot = getattr(plots, f"plot_{name}")
    assert plot(frames[name], ax=ax) is ax
    assert ax.get_title()
    assert ax.get_xlabel() or ax.get_ylabel() or name == "segments"
    ax.figure.canvas.draw()


@pytest.mark.parametrize("name", NAMES)
def test_makes_a_figure_of_its_own_and_leaves_settings_alone(frames, name):
    import matplotlib.pyplot as plt

    before = dict(mpl.rcParams)
    made = getattr(plots, f"plot_{name}")(frames[name])
    assert dict(mpl.rcParams) == before
    plt.close(made.figure)


@pytest.mark.parametrize("name", [name for name in NAMES if name != "retention"])
def test_says_which_columns_are_missing(frames, ax, name):
    plot = getattr(plots, f"plot_{name}")
    wrong = pd.DataFrame({"nothing": [1.0]})
    with pytest.raises(DataError):
        plot(wrong, ax=ax)
    if name != "alive":
        with pytest.raises(DataError, match="no rows"):
            plot(frames[name].head(0), ax=ax)


def heights(bars):
    return [bar.get_height() for bar in bars]


def test_bars_are_as_high_as_the_numbers(frames):
    table = frames["frequency_histogram"]
    ax = plots.plot_frequency_histogram(table, ax=Figure().subplots())
    assert heights(ax.containers[0]) == table["actual"].tolist()
    assert heights(ax.containers[1]) == pytest.approx(table["expected"].tolist())
    assert [label.get_text() for label in ax.get_xticklabels()][-1] == "7+"


def test_the_histogram_counts_every_customer(frames):
    ax = plots.plot_alive(frames["alive"], ax=Figure().subplots())
    assert sum(heights(ax.patches)) == len(frames["alive"])


def test_activity_stacks_new_on_returning_and_pales_what_is_unfinished(frames):
    table = frames["activity"]
    assert table["complete"].tolist()[-2:] == [True, False]
    ax = plots.plot_activity(table, ax=Figure().subplots())
    returning, new = ax.containers
    assert heights(returning) == table["returning"].tolist()
    assert [bar.get_y() for bar in new] == table["returning"].tolist()
    assert returning[-1].get_alpha() < returning[-2].get_alpha() == 1.0


def test_segments_are_ordered_by_revenue(frames):
    ax = plots.plot_segments(frames["segments"], ax=Figure().subplots())
    revenue = [bar.get_width() for bar in ax.containers[0]]
    assert revenue == sorted(revenue)
    best = frames["segments"].sort_values("revenue").iloc[-1]["segment"]
    assert ax.get_yticklabels()[-1].get_text() == best


def test_the_map_writes_customers_and_money_of_each_cell(frames):
    grid = frames["rfm_map"]
    ax = plots.plot_rfm_map(grid, currency="$", ax=Figure().subplots())
    written = {tuple(np.array(t.get_position()) - 0.5): t.get_text() for t in ax.texts}
    there = grid[grid["customers"] > 0]
    assert len(written) == len(there)
    for row in there.itertuples():
        text = written[row.r_score - 1, row.f_score - 1]
        assert text == f"{row.customers:,}\n${compact(row.sum)}"


def contrast(a, b):
    def luminance(colour):
        c = np.array(mpl.colors.to_rgb(colour))
        linear = np.where(c <= 0.04045, c / 12.92, ((c + 0.055) / 1.055) ** 2.4)
        return float(linear @ [0.2126, 0.7152, 0.0722])

    high, low = sorted((luminance(a), luminance(b)), reverse=True)
    return (high + 0.05) / (low + 0.05)


@pytest.mark.parametrize("name", ["rfm_map", "retention"])
def test_what_is_written_on_a_heat_map_can_be_read(frames, name):
    """The contrast that WCAG asks for: 4.5 to 1 for text."""
    ax = getattr(plots, f"plot_{name}")(frames[name], ax=Figure().subplots())
    mesh = ax.collections[0]
    for text in ax.texts:
        across, down = np.array(text.get_position()) - 0.5
        cell = mesh.to_rgba(mesh.get_array()[int(down), int(across)])
        assert contrast(text.get_color(), cell[:3]) > 4.49


def test_triangles_leave_out_the_first_period(frames):
    triangle = frames["retention"]
    ax = plots.plot_retention(triangle, ax=Figure().subplots())
    assert ax.collections[0].get_array().shape == (3, triangle.shape[1] - 1)
    assert ax.get_yticklabels()[0].get_text() == "1997-01"
    with pytest.raises(DataError, match="no period after the first"):
        plots.plot_retention(triangle.iloc[:, :1], ax=ax)


def test_long_triangles_are_drawn_without_figures():
    starts = pd.date_range("2020-01-01", periods=40, freq="MS")
    wide = pd.DataFrame(np.tri(40)[::-1], index=starts).replace(0.0, np.nan)
    ax = plots.plot_retention(wide, ax=Figure().subplots())
    assert not ax.texts
    assert len(ax.get_xticks()) <= 25


def test_tracking_parts_fitted_from_forecast(frames):
    table = frames["tracking"]
    ax = plots.plot_tracking(table, cumulative=True, ax=Figure().subplots())
    lines = {line.get_label(): line for line in ax.lines}
    assert lines["actual"].get_ydata().tolist() == table["actual_cumulative"].tolist()
    border = ax.lines[2].get_xdata()[0]
    assert str(np.datetime64(border, "D")) == AT


def test_lines_differ_in_more_than_colour(frames):
    for name in ("tracking", "holdout"):
        ax = getattr(plots, f"plot_{name}")(frames[name], ax=Figure().subplots())
        assert ax.lines[0].get_linestyle() != ax.lines[1].get_linestyle()


def test_other_kinds_of_frames(frames):
    for name in ("lorenz", "segments", "rfm_map", "tracking"):
        theirs = pl.from_pandas(frames[name])
        getattr(plots, f"plot_{name}")(theirs, ax=Figure().subplots())


@pytest.mark.parametrize(
    ("value", "text"),
    [(0, "0"), (9.96, "10"), (999.6, "1k"), (999_499, "999k"), (1e6, "1M"), (-2.5e9, "-2.5bn")],
)
def test_numbers_are_short(value, text):
    assert compact(value) == text
