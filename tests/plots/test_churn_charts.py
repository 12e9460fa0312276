"""Charts of churn scores, uplift, drift and plans: lines and bars as the frames say."""

from __future__ import annotations

import matplotlib as mpl
import numpy as np
import pandas as pd
import polars as pl
import pytest
from matplotlib.figure import Figure

import crmanalytics as crm
from crmanalytics.errors import MissingColumnsError, ParameterError
from crmanalytics.plots import (
    plot_calibration,
    plot_drift,
    plot_drift_bins,
    plot_gain,
    plot_lift,
    plot_profit_curve,
    plot_retention_plan,
    plot_uplift_bins,
    plot_uplift_curve,
)

mpl.use("Agg")


@pytest.fixture(scope="module")
def scored():
    draw = np.random.default_rng(1)
    p = draw.beta(2, 5, 400)
    return pd.DataFrame(
        {
            "customer_id": np.arange(400),
            "churned": (draw.random(400) < p).astype(int),
            "churn_probability": p,
            "clv": draw.gamma(2, 100, 400),
            "treated": draw.integers(0, 2, 400),
            "uplift": draw.normal(size=400).round(1) / 10,
        }
    )


@pytest.fixture
def ax():
    return Figure().subplots()


def test_the_gain_is_the_curve_and_the_perfect_one_bends_at_the_churn_rate(scored, ax):
    curve = crm.churn.cumulative_gain(scored)
    assert plot_gain(curve, ax=ax) is ax
    perfect, _, found = (line.get_xydata() for line in ax.lines[:3])
    np.testing.assert_allclose(found, curve[["customer_share", "gain"]])
    assert perfect[1] == pytest.approx([scored["churned"].mean(), 1])
    plot_gain(crm.churn.cumulative_gain(scored, points=5), ax=ax)


def test_the_lift_has_a_bar_per_group(scored, ax):
    table = crm.churn.lift_table(scored, groups=5)
    plot_lift(table, ax=ax)
    bars = [patch.get_height() for patch in ax.patches]
    np.testing.assert_allclose(bars, table["churn_rate"])
    assert ax.lines[-1].get_ydata()[0] == pytest.approx(scored["churned"].mean())


def test_the_profit_curve_marks_its_best_point(scored, ax):
    curve = crm.churn.profit_curve(scored, clv="clv", offer_cost=10, contact_cost=1, acceptance=0.3)
    plot_profit_curve(curve, currency="$", ax=ax)
    np.testing.assert_allclose(ax.lines[0].get_xydata(), curve[["target_rate", "profit"]])
    best = curve[curve["best"]].iloc[0]
    marks = [line for line in ax.lines if line.get_marker() == "^"]
    assert marks[0].get_xydata()[0] == pytest.approx(best[["target_rate", "profit"]].tolist())
    assert any("$" in text.get_text() for text in ax.texts)


def test_calibration_of_churn_says_so(scored, ax):
    plot_calibration(crm.churn.calibration(scored), outcome="churned", ax=ax)
    assert ax.get_ylabel() == "Share who churned"


def test_uplift_curves_and_bins(scored, ax):
    curve = crm.churn.uplift.uplift_curve(scored, outcome="churned")
    plot_uplift_curve(curve, ax=ax)
    np.testing.assert_allclose(ax.lines[0].get_xydata(), curve[["customer_share", "gained"]])
    other = Figure().subplots()
    table = crm.churn.uplift.uplift_by_bin(scored, outcome="churned", bins=4)
    plot_uplift_bins(table, percent=False, ax=other)
    points = next(line for line in other.lines if line.get_marker() == "o").get_xydata()
    np.testing.assert_allclose(points, table[["bin", "effect"]])


def test_drift_has_a_bar_per_column_and_bin(scored, ax):
    now = scored.assign(clv=scored["clv"] * 2)
    report = crm.churn.drift(scored, now)
    plot_drift(report, ax=ax)
    bars = {round(patch.get_y() + 0.35): patch.get_width() for patch in ax.patches}
    assert [bars[k] for k in range(len(report))] == pytest.approx(report["psi"].tolist())
    assert [label.get_text() for label in ax.get_yticklabels()] == report["column"].tolist()
    empty = crm.churn.drift(scored, now, zero=0, columns=["clv", "churned"])
    assert np.isfinite(plot_drift(empty, ax=Figure().subplots()).get_xlim()).all()
    table = crm.churn.drift_table(scored, now, "clv")
    bins = plot_drift_bins(table, ax=Figure().subplots())
    assert len(bins.patches) == 2 * len(table)


def test_the_plan_shows_everybody_by_verdict_and_the_break_even_line(scored, ax):
    costs = {"offer_cost": 10, "contact_cost": 1, "acceptance": 0.3}
    plan = crm.decisions.retention_plan(scored, capacity=40, **costs)
    plot_retention_plan(plan, ax=ax)
    shown = {line.get_label().split(" (")[0]: len(line.get_xdata()) for line in ax.lines}
    assert shown.pop("break-even") == 400
    assert shown == plan["verdict"].value_counts().to_dict()
    few = plot_retention_plan(plan, most=50, ax=Figure().subplots())
    assert sum(len(line.get_xdata()) for line in few.lines[:-1]) == 50
    own = scored.assign(gift=np.arange(400) % 7)
    varied = crm.decisions.retention_plan(own, **{**costs, "offer_cost": "gift"})
    labels = [x.get_label() for x in plot_retention_plan(varied, ax=Figure().subplots()).lines]
    assert "break-even" not in labels
    tall = plot_retention_plan(plan, up_scale="log", ax=Figure().subplots())
    assert tall.get_yscale() == "log"
    with pytest.raises(ParameterError, match="up_scale"):
        plot_retention_plan(plan, up_scale="cube", ax=Figure().subplots())
    dogs = crm.decisions.retention_plan(scored, uplift="uplift", **costs)
    plot_retention_plan(pl.from_pandas(dogs), ax=Figure().subplots())


@pytest.mark.parametrize(
    "draw",
    [plot_gain, plot_lift, plot_profit_curve, plot_uplift_curve, plot_uplift_bins, plot_drift,
     plot_drift_bins, plot_retention_plan],
)  # fmt: skip
def test_other_frames_are_refused(draw):
    with pytest.raises(MissingColumnsError):
        draw(pd.DataFrame({"x": [1.0]}))
