"""Charts of calibration and of models side by side show the numbers of their frames."""

from __future__ import annotations

import matplotlib as mpl
import numpy as np
import pandas as pd
import polars as pl
import pytest
from matplotlib.figure import Figure

from crmanalytics import plots
from crmanalytics.errors import InvalidValuesError, MissingColumnsError, ParameterError

mpl.use("Agg")


@pytest.fixture
def ax():
    return Figure(layout="constrained").subplots()


@pytest.fixture
def calibration():
    return pd.DataFrame(
        {
            "customers": [100, 50, 25],
            "predicted": [0.0, 0.4, 0.9],
            "observed": [0.0, 0.5, 1.0],
            "low": [0.0, 0.3, 0.8],
            "high": [0.1, 0.6, 1.0],
        }
    )


@pytest.fixture
def comparison():
    return pd.DataFrame(
        {
            "model": ["first", "second", "third", "mute"],
            "aic": [30.0, 10.0, 20.0, 40.0],
            "log_score": [-3.0, -2.0, -2.5, np.nan],
            "bias": [0.3, -0.1, 0.2, -0.4],
        }
    )


def names(ax):
    return [label.get_text() for label in ax.get_yticklabels()]


def test_calibration_shows_every_group_and_its_interval(calibration, ax):
    assert plots.plot_calibration(calibration, ax=ax) is ax
    points, bars = ax.collections[1], ax.collections[0]
    assert np.asarray(points.get_offsets()).tolist() == [[0.0, 0.0], [0.4, 0.5], [0.9, 1.0]]
    sizes = points.get_sizes()
    assert sizes[0] == 2 * sizes[1] == 4 * sizes[2]
    ends = [segment[:, 1].tolist() for segment in bars.get_segments()]
    np.testing.assert_allclose(ends, calibration[["low", "high"]])
    assert ax.get_title()
    ax.figure.canvas.draw()
    other = Figure().subplots()
    plots.plot_calibration(pl.from_pandas(calibration), ax=other)
    assert len(other.collections) == len(ax.collections)


@pytest.mark.parametrize(
    ("measure", "order", "words"),
    [
        ("aic", ["second", "third", "first", "mute"], "smaller is better"),
        ("log_score", ["second", "third", "first", "mute"], "larger is better"),
        ("bias", ["second", "third", "first", "mute"], "nearer to 0 is better"),
    ],
)
def test_the_best_model_is_on_top(comparison, ax, measure, order, words):
    assert plots.plot_comparison(comparison, measure, ax=ax) is ax
    assert names(ax) == order
    assert words in ax.get_xlabel()
    top, bottom = ax.get_ylim()[::-1]
    assert top < bottom  # the first tick is the upper one
    drawn = next(line for line in ax.lines if line.get_marker() == "o")
    expected = comparison.set_index("model").loc[order, measure]
    np.testing.assert_array_equal(drawn.get_xdata(), expected)
    told = [text.get_text() for text in ax.texts]
    assert len(told) == expected.notna().sum()
    ax.figure.canvas.draw()


def test_a_table_without_any_number_is_still_a_chart(comparison, ax):
    plots.plot_comparison(comparison.assign(log_score=np.nan), ax=ax)
    assert names(ax) == comparison["model"].tolist()
    assert not ax.texts


def test_figures_of_their_own(calibration, comparison):
    import matplotlib.pyplot as plt

    for made in (plots.plot_calibration(calibration), plots.plot_comparison(comparison)):
        made.figure.canvas.draw()
        plt.close(made.figure)


def test_what_is_refused(calibration, comparison):
    with pytest.raises(MissingColumnsError, match="observed"):
        plots.plot_calibration(calibration.drop(columns="observed"))
    with pytest.raises(InvalidValuesError, match="no rows"):
        plots.plot_calibration(calibration.head(0))
    with pytest.raises(ParameterError, match="measure must be one of"):
        plots.plot_comparison(comparison, "beauty")
    with pytest.raises(MissingColumnsError, match="bic"):
        plots.plot_comparison(comparison, "bic")
    with pytest.raises(MissingColumnsError, match="model"):
        plots.plot_comparison(comparison.drop(columns="model"))
