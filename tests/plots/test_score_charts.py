"""Charts of scores, changes, answers and coverage: what is drawn is what was estimated."""

from __future__ import annotations

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import polars as pl
import pytest

from crmanalytics.errors import DataError, ParameterError
from crmanalytics.plots import plot_answers, plot_change, plot_nps_coverage, plot_scores
from crmanalytics.satisfaction import answer_shares, ces, change, csat, nps, nps_coverage

SURVEY = pd.DataFrame(
    {
        "likely": [0, 10, 9, 3, 8, 7, 10, 9, 9, 10, 10, 2],
        "wave": ["2024Q1"] * 6 + ["2024Q2"] * 6,
        "shop": list("abcabcabcabc"),
        "easy": [1, 7, 5, 6, 2, 3, 4, 7, 7, 6, 5, 99],
    }
)


@pytest.fixture(autouse=True)
def closed():
    yield
    plt.close("all")


def points(axes):
    dots = [line for line in axes.get_lines() if line.get_marker() == "o"]
    pairs = [(y, x) for d in dots for x, y in zip(d.get_xdata(), d.get_ydata(), strict=True)]
    return [x for _, x in sorted(pairs)]


def labels(axes):
    return [each.get_text() for each in axes.get_yticklabels()]


@pytest.mark.parametrize("make", [lambda f: f, pl.from_pandas])
def test_scores_are_in_points_with_their_intervals(make):
    found = nps(make(SURVEY), "likely", by="shop", level=0.9)
    axes = plot_scores(found)
    assert points(axes) == pytest.approx([100 * x for x in found["estimate"]])
    assert labels(axes) == ["a", "b", "c"]
    ends = [tuple(s[:, 0]) for s in axes.collections[0].get_segments()]
    assert ends == [
        pytest.approx((100 * a, 100 * b)) for a, b in zip(found["low"], found["high"], strict=True)
    ]
    assert [t.get_text() for t in axes.texts] == ["n = 4"] * 3


def test_the_level_is_told():
    assert "90%" in plot_scores(nps(SURVEY, "likely", level=0.9)).get_xlabel()


def test_shares_are_percentages_and_means_are_not():
    found = ces(SURVEY, "easy", no_answer=[99])
    share = plot_scores(found)
    share.figure.canvas.draw()
    assert share.get_xticklabels()[1].get_text().endswith("%")
    assert share.get_title() == "Customers who found it easy"
    mean = plot_scores(found, metric="ces_mean")
    mean.figure.canvas.draw()
    assert not mean.get_xticklabels()[1].get_text().endswith("%")
    two = csat(SURVEY, ["easy", "likely"], scale=(0, 99), top=93)
    assert plot_scores(two, metric="csat:likely").get_title() == "Satisfied customers: likely"


def test_metrics_and_frames_that_are_not_there():
    found = nps(SURVEY, "likely")
    with pytest.raises(ParameterError, match="no metric 'csat'; it has nps"):
        plot_scores(found, metric="csat")
    with pytest.raises(DataError, match="no column"):
        plot_scores(SURVEY)
    with pytest.raises(DataError, match="no column"):
        plot_change(found)
    with pytest.raises(DataError, match="nothing to draw"):
        plot_scores(found.iloc[:0])


def test_changes_are_filled_where_they_are_more_than_chance():
    frame = pd.DataFrame(
        {"likely": [0] * 50 + [10] * 50 + [10] * 50, "wave": np.repeat(["1", "2", "3"], 50)}
    )
    found = change(frame, "likely", between="wave")
    axes = plot_change(found)
    filled, empty = (line for line in axes.get_lines() if line.get_marker() == "o")
    assert filled.get_xdata().tolist() == [200]
    assert empty.get_xdata().tolist() == [0]
    assert labels(axes) == ["1 → 2", "2 → 3"]
    by = plot_change(change(SURVEY, "likely", between="wave", by="shop"))
    assert labels(by)[0] == "a, 2024Q1 → 2024Q2"
    top = change(SURVEY, "likely", between="wave", score="top", scale=(0, 10))
    assert plot_change(top).get_title() == "Change in share of best answers"


def test_answers_fill_the_bar():
    found = answer_shares(SURVEY, "easy", scale=(1, 7), by="wave", no_answer=[99], missing=True)
    axes = plot_answers(found)
    bars = [[bar.get_width() for bar in part] for part in axes.containers]
    np.testing.assert_allclose(np.sum(bars, axis=0), 1)
    np.testing.assert_allclose(np.transpose(bars).ravel(), found["estimate"])
    assert labels(axes) == ["2024Q1", "2024Q2"]
    legend = [text.get_text() for text in axes.get_legend().get_texts()]
    assert legend == ["1", "2", "3", "4", "5", "6", "7", "no answer"]
    both = plot_answers(answer_shares(SURVEY, ["likely", "easy"], scale=(0, 99)))
    assert labels(both) == ["likely", "easy"]
    with pytest.raises(DataError, match="one row per group, item and answer"):
        plot_answers(found.iloc[1:])


def test_coverage_by_size():
    found = nps_coverage(0.85, 0.05, [10, 20], method=["mover", "wald"])
    axes = plot_nps_coverage(found)
    lines = {line.get_label(): line.get_ydata() for line in axes.get_lines()}
    wanted = found.loc[found["method"] == "wald", "coverage"]
    np.testing.assert_array_equal(lines["wald"], wanted)
    mixed = pd.concat([found, nps_coverage(0.5, 0.05, 10)])
    with pytest.raises(DataError, match="mixes several true shares"):
        plot_nps_coverage(mixed)
