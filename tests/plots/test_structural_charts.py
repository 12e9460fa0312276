"""Charts of structural models and composite indices show the numbers of their frames."""

from __future__ import annotations

import matplotlib as mpl
import numpy as np
import pandas as pd
import polars as pl
import pytest
from matplotlib.figure import Figure
from matplotlib.patches import FancyArrowPatch

from crmanalytics import plots
from crmanalytics import satisfaction as s
from crmanalytics.errors import DataError, ParameterError
from crmanalytics.plots.layout import arranged, label_places

mpl.use("Agg")

MODEL = s.structural_model(
    {"Service": ["a1", "a2"], "Price": ["b1"], "Joy": ["c1", "c2"], "Stay": ["d1", "d2"]},
    ["Service -> Joy", "Price -> Joy", "Joy -> Stay", "Price -> Stay"],
)


@pytest.fixture(scope="module")
def survey():
    rng = np.random.default_rng(3)
    service, price = rng.normal(size=(2, 200))
    joy = 0.6 * service - 0.4 * price + 0.6 * rng.normal(size=200)
    true = {"a": service, "b": price, "c": joy, "d": joy + 0.7 * rng.normal(size=200)}
    made = {n: true[n[0]] + 0.5 * rng.normal(size=200) for n in MODEL.items}
    return pd.DataFrame(made) + 5


@pytest.fixture(scope="module")
def fit(survey):
    return s.fit_structural(survey, MODEL)


@pytest.fixture(scope="module")
def composite(survey):
    plan = s.composite_plan({"A": ["a1", "a2"], "C": ["c1", "c2"]}, bounds=(1, 10))
    choices = s.CompositeChoices(aggregate=("arithmetic", "geometric"), leave_out=True)
    rows = survey.head(12).assign(who=[f"w{k}" for k in range(12)])
    how = {"draws": 60, "seed": 1, "name": "who"}
    return (
        s.composite_uncertainty(rows, plan, choices, **how),
        s.composite_sensitivity(rows, plan, choices, **how),
    )


@pytest.fixture
def ax():
    return Figure(layout="constrained").subplots()


def texts(ax):
    return [text.get_text() for text in ax.texts]


def test_path_diagram_shows_each_path(fit, ax):
    plots.plot_path_diagram(fit.paths, fit.r2, ax=ax)
    shown = texts(ax)
    for value in fit.paths["path"]:
        assert f"{value:.2f}" in shown
    assert f"Joy\n$R^2$ = {fit.r2['r2'].iloc[0]:.2f}" in shown
    assert "Service" in shown
    arrows = [patch for patch in ax.patches if isinstance(patch, FancyArrowPatch)]
    widths = [arrow.get_linewidth() for arrow in arrows]
    assert np.argsort(widths).tolist() == np.argsort(fit.paths["path"].abs()).tolist()
    colours = [arrow.get_edgecolor() for arrow in arrows]
    assert colours[1] != colours[0]  # a price that is felt to be high drives joy down
    ax.figure.canvas.draw()


def test_paths_that_may_be_none_are_dashed(fit, survey, ax):
    table = s.bootstrap_structural(fit, survey, draws=200, seed=1).table("paths")
    plots.plot_path_diagram(table, ax=ax)
    paths = table.query("metric == 'path'")
    vague = ((paths["low"] <= 0) & (paths["high"] >= 0)).tolist()
    assert 0 < sum(vague) < len(vague)
    arrows = [patch for patch in ax.patches if isinstance(patch, FancyArrowPatch)]
    assert [arrow.get_linestyle() != "-" for arrow in arrows] == vague
    assert "dashed" in ax.get_title()


@pytest.mark.parametrize("model", [MODEL, s.ecsi()])
def test_boxes_and_labels_are_apart(model):
    places = arranged(model.paths)
    assert all(places[a][0] < places[b][0] + 1.5 for a, b in model.paths)
    at = np.array(list(places.values()))
    spots = np.array(label_places(places, model.paths))
    for points in (at, spots):
        gaps = np.linalg.norm(points[:, None] - points, axis=-1) + 9 * np.eye(len(points))
        assert gaps.min() > 0.3
    assert np.linalg.norm(spots[:, None] - at, axis=-1).min() > 0.3


def test_own_places(fit, ax):
    places = {"Service": (0, 1), "Price": (0, 0), "Joy": (1, 1), "Stay": (2, 0)}
    plots.plot_path_diagram(fit.paths, positions=places, ax=ax)
    assert ax.texts[2].xy == (1, 1)
    with pytest.raises(ParameterError, match=r"lack \['Stay'\]"):
        plots.plot_path_diagram(
            fit.paths, positions={"Service": (0, 1), "Price": (0, 0), "Joy": (1, 1)}
        )


def test_reliability_of_constructs_of_several_items(fit, ax):
    plots.plot_reliability(fit.reliability, ax=ax)
    labels = [label.get_text() for label in ax.get_yticklabels()]
    assert labels == ["Service", "Joy", "Stay"]
    shown = {line.get_label(): line.get_xdata() for line in ax.lines}
    several = fit.reliability[fit.reliability["construct"] != "Price"]
    assert np.allclose(shown["AVE"], several["ave"])
    heights = {line.get_label(): tuple(line.get_ydata()) for line in ax.lines[:4]}
    assert len(set(heights.values())) == 4  # equal numbers lie above each other, not upon
    with pytest.raises(DataError, match="several"):
        plots.plot_reliability(fit.reliability.query("construct == 'Price'"))


def test_importance_map(ax):
    table = pd.DataFrame(
        {
            "construct": ["A", "B"],
            "item": ["a", "b"],
            "importance": [0.1, 0.4],
            "performance": [60, 70],
        }
    )
    plots.plot_importance_map(table, ax=ax)
    assert texts(ax) == ["a", "b"]
    assert ax.lines[0].get_xdata().tolist() == [0.1, 0.4]


def test_ranks_are_in_order(composite, ax):
    uncertainty, _ = composite
    plots.plot_ranks(uncertainty, ax=ax)
    labels = [label.get_text() for label in ax.get_yticklabels()]
    assert labels == uncertainty.sort_values("index_rank", kind="stable")["who"].tolist()
    few = plots.plot_ranks(uncertainty, top=3, ax=Figure().subplots())
    assert len(few.get_yticks()) == 3
    with pytest.raises(ParameterError, match="top"):
        plots.plot_ranks(uncertainty, top=0)


def test_rows_are_called_by_their_index_or_said_to_be_positions(ax):
    shops = pd.DataFrame({"praise": [9.0, 7.0, 4.0], "wait": [12.0, 3.0, 8.0]})
    plan = s.composite_plan(["praise", "wait"], costs=["wait"])
    options = {"draws": 50, "seed": 1}
    choices = s.CompositeChoices(weight_noise=0.3)
    found = s.composite_uncertainty(shops, plan, choices, **options)
    plots.plot_ranks(found, ax=ax)
    assert ax.get_yticklabels()[0].get_text() == "row 1"
    named = s.composite_uncertainty(
        shops.set_axis(["A", "B", "C"], axis=0), plan, choices, **options
    )
    assert named["row"].tolist() == ["A", "B", "C"]
    pd.testing.assert_frame_equal(named.drop(columns="row"), found.drop(columns="row"))


def test_the_choice_that_matters_most_is_on_top(composite, ax):
    _, sensitivity = composite
    plots.plot_choices(sensitivity, ax=ax)
    assert [label.get_text() for label in ax.get_yticklabels()] == ["left out", "aggregate"]
    with pytest.raises(ParameterError, match="output must be one of 'ranks', 'mean shift'"):
        plots.plot_choices(sensitivity, output="w0")


def test_indices_by_group(fit, survey, ax):
    found = s.satisfaction_index(
        fit,
        survey.assign(shop=np.arange(200) % 3),
        scale=(0, 10),
        weights="equal",
        construct="Joy",
        by="shop",
    )
    plots.plot_scores(found, ax=ax)
    assert ax.get_title() == "Index from 0 to 100: Joy"


def test_other_frames_and_bad_ones(fit, composite):
    plots.plot_path_diagram(pl.from_pandas(fit.paths), ax=Figure().subplots())
    plots.plot_ranks(pl.from_pandas(composite[0]), ax=Figure().subplots())
    for draw in (plots.plot_path_diagram, plots.plot_reliability, plots.plot_ranks):
        with pytest.raises(DataError):
            draw(pd.DataFrame({"x": [1.0]}))
