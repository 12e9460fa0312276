"""Charts of drivers, of Kano's features, of service gaps and of priorities."""

from __future__ import annotations

import matplotlib as mpl
import numpy as np
import pandas as pd
import polars as pl
import pytest

import crmanalytics as crm
from crmanalytics.errors import InvalidValuesError, MissingColumnsError, ParameterError
from crmanalytics.plots.estimates import label_points

mpl.use("Agg")


def survey(n=120, seed=0):
    draw = np.random.default_rng(seed)
    made = pd.DataFrame(draw.integers(1, 6, (n, 6)), columns=list("abcdef")).astype(float)
    made["overall"] = 2 * made["a"] + made["b"] - made["c"] + draw.normal(size=n)
    made["unit"] = np.resize(["x", "y"], n)
    return made


def test_drivers_are_bars_the_largest_on_top():
    found = crm.satisfaction.drivers(
        survey(), "overall", ["b", "a", "c"], method=["lmg", "pratt"], draws=50
    )
    axes = crm.plots.plot_drivers(found)
    assert axes.get_yticklabels()[0].get_text() == "a"
    lengths = [bar.get_width() for bar in axes.patches]
    expected = found[found["metric"] == "lmg"]["estimate"].sort_values(ascending=False)
    np.testing.assert_allclose(lengths, expected)
    assert "explained" in axes.get_title()
    pratt = crm.plots.plot_drivers(pl.from_pandas(found), method="pratt")
    assert "Pratt" in pratt.get_xlabel()
    with pytest.raises(ParameterError, match="has no metric"):
        crm.plots.plot_drivers(found, method="last")


def test_charts_are_of_one_group():
    grouped = crm.satisfaction.drivers(survey(), "overall", ["a", "b"], by="unit", draws=0)
    with pytest.raises(InvalidValuesError, match="choose one group"):
        crm.plots.plot_drivers(grouped)
    axes = crm.plots.plot_drivers(grouped[grouped["unit"] == "y"])
    assert len(axes.patches) == 2


def test_kano_features_are_points_with_names():
    given = pd.DataFrame({"w": [1, 1, 3, 1], "wo": [3, 3, 5, 5], "r": [5] * 4, "ro": [1] * 4})
    found = crm.satisfaction.kano(given, {"navigation": ("w", "wo"), "rust": ("r", "ro")})
    axes = crm.plots.plot_kano(found)
    assert "not drawn: rust" in axes.get_title()
    texts = [each.get_text() for each in axes.texts]
    assert "navigation" in texts
    assert "rust" not in texts
    points = axes.lines[0].get_xydata()
    np.testing.assert_allclose(points, [[0.5, 0.75]])
    with pytest.raises(InvalidValuesError, match="nothing to draw"):
        crm.plots.plot_kano(found[found["feature"] == "rust"])
    with pytest.raises(MissingColumnsError):
        crm.plots.plot_kano(given)


def test_service_gaps_are_the_widest_first():
    items = {"clean": ("a", "b"), "prompt": ("c", "d"), "kind": ("e", "f")}
    found = crm.satisfaction.servqual(survey(), items, dimensions={"one": list(items)})
    axes = crm.plots.plot_service_gaps(found, part="item")
    gaps = found[(found["metric"] == "gap") & (found["part"] == "item")].sort_values("estimate")
    assert [t.get_text() for t in axes.get_yticklabels()] == gaps["item"].tolist()
    assert axes.texts[0].get_text().startswith(f"{gaps['estimate'].iloc[0]:+.2f}")
    assert crm.plots.plot_service_gaps(found).get_legend() is not None
    with pytest.raises(ParameterError, match="no part"):
        crm.plots.plot_service_gaps(found, part="whole")


@pytest.mark.parametrize("draws", [0, 100])
def test_priorities_lie_between_their_lines(draws):
    analysis = crm.satisfaction.importance_performance_analysis(
        survey(), {"staff": "a", "price": "b", "parking": "c"}, outcome="overall", draws=draws
    )
    matrix = crm.satisfaction.priority_matrix(analysis)
    axes = crm.plots.plot_priorities(matrix)
    lines = [line.get_xdata()[0] for line in axes.lines if len(set(line.get_xdata())) == 1]
    assert matrix["performance_cut"].iloc[0] in lines
    texts = " ".join(each.get_text() for each in axes.texts)
    assert "staff" in texts
    assert ("%" in texts) == (draws > 0)
    with pytest.raises(InvalidValuesError, match="several groups"):
        crm.plots.plot_priorities(pd.concat([matrix, matrix]))


def test_names_of_points_do_not_cover_each_other():
    import matplotlib.pyplot as plt

    figure, axes = plt.subplots(figsize=(6, 4))
    draw = np.random.default_rng(0)
    at = draw.uniform(0.3, 0.7, (2, 12))
    axes.set(xlim=(0, 1), ylim=(0, 1))
    label_points(axes, [f"feature {k}" for k in range(12)], *at)
    renderer = figure.canvas.get_renderer()
    boxes = [each.get_window_extent(renderer) for each in axes.texts]
    overlaps = sum(a.overlaps(b) for k, a in enumerate(boxes) for b in boxes[:k])
    assert overlaps <= 1


def test_penalties_and_rewards_are_bars_to_either_side():
    found = crm.satisfaction.penalty_reward_contrast(
        survey(), "overall", ["a", "b"], poor=2, good=4, draws=50
    )
    axes = crm.plots.plot_penalty_reward(pl.from_pandas(found))
    widths = sorted(bar.get_width() for bar in axes.patches)
    drawn = found[found["metric"].isin(["penalty", "reward"])]["estimate"]
    np.testing.assert_allclose(widths, sorted(drawn))
    roles = {each.get_text() for each in axes.texts}
    assert roles == set(found["role"])
    grouped = crm.satisfaction.penalty_reward_contrast(
        survey(), "overall", ["a"], poor=2, good=4, draws=0, by="unit"
    )
    with pytest.raises(InvalidValuesError, match="choose one group"):
        crm.plots.plot_penalty_reward(grouped)


def test_steps_of_value_lead_to_what_is_left():
    found = crm.satisfaction.delivered_value(survey(), value=["a", "b"], cost=["c"])
    axes = crm.plots.plot_delivered_value(found)
    heights = [bar.get_height() for bar in axes.patches]
    values = found.set_index("metric")["estimate"]
    np.testing.assert_allclose(
        heights, [values["a"], values["b"], -values["c"], values["delivered_value"]]
    )
    assert axes.get_ylim()[1] > values["total_value"]
    with pytest.raises(InvalidValuesError, match="0 rows of 'delivered_value'"):
        crm.plots.plot_delivered_value(found.iloc[:2])


def test_indicators_are_scores_of_groups():
    found = crm.satisfaction.disconfirmation(survey(), {"speed": ("a", "b")}, by="unit")
    axes = crm.plots.plot_scores(found, metric="disconfirmation")
    assert len(axes.get_yticklabels()) == 2
