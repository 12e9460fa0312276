"""The picture of the value matrix shows every customer once, in the right field."""

from __future__ import annotations

import matplotlib as mpl
import numpy as np
import pandas as pd
import pytest

from crmanalytics.decisions import value_matrix
from crmanalytics.errors import InvalidValuesError, MissingColumnsError
from crmanalytics.plots.value_matrix import plot_value_matrix

mpl.use("Agg")


@pytest.fixture
def matrix():
    rng = np.random.default_rng(0)
    frame = pd.DataFrame({"current": rng.normal(0, 1, 200), "potential": rng.exponential(1, 200)})
    return value_matrix(frame, cuts=(0.0, 0.7))


def test_each_customer_is_a_point_of_his_strategy(matrix):
    from matplotlib.figure import Figure

    ax = Figure().subplots()
    assert plot_value_matrix(matrix, ax=ax) is ax
    sizes = {c.get_label(): len(c.get_offsets()) for c in ax.collections}
    counts = matrix["strategy"].value_counts()
    assert sizes == {f"{name} ({n})": n for name, n in counts.items()}
    for points in ax.collections:
        name = points.get_label().split(" ")[0]
        own = matrix.loc[matrix["strategy"] == name, ["potential", "current"]].to_numpy()
        assert np.array_equal(np.asarray(points.get_offsets()), own)
    across, up = (line.get_xydata() for line in ax.lines)
    assert across[0, 1] == matrix.loc[matrix["current"] >= 0, "current"].min()
    assert up[0, 0] == matrix.loc[matrix["potential"] >= 0.7, "potential"].min()
    assert ax.get_ylabel() == "Current value"


def test_makes_a_figure_of_its_own(matrix):
    import matplotlib.pyplot as plt

    ax = plot_value_matrix(matrix[matrix["strategy"] == "develop"])
    assert len(ax.collections) == 1
    ax.figure.canvas.draw()
    plt.close(ax.figure)


def test_says_what_is_wrong(matrix):
    with pytest.raises(MissingColumnsError, match="value_matrix"):
        plot_value_matrix(matrix.drop(columns="strategy"))
    with pytest.raises(InvalidValuesError, match="no rows"):
        plot_value_matrix(matrix.head(0))
