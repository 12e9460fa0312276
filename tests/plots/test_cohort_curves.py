"""Charts of cohort curves: lines and bands as the frames say."""

from __future__ import annotations

import matplotlib as mpl
import numpy as np
import pytest
from matplotlib.figure import Figure

import crmanalytics as crm
from crmanalytics.cohorts import average_retention, retention, survival
from crmanalytics.errors import InvalidValuesError, MissingColumnsError
from crmanalytics.plots import plot_average_retention, plot_survival

mpl.use("Agg")


@pytest.fixture(scope="module")
def log():
    return crm.datasets.load_cdnow_sample()


def test_the_average_begins_after_the_first_period(log):
    curve = average_retention(retention(log, until="1998-06-30"))
    ax = Figure().subplots()
    assert plot_average_retention(curve, ax=ax) is ax
    middle, best, worst = (line.get_xydata() for line in ax.lines)
    np.testing.assert_array_equal(middle, curve[["period", "rate"]][1:])
    np.testing.assert_array_equal(best, curve[["period", "highest"]][1:])
    np.testing.assert_array_equal(worst, curve[["period", "lowest"]][1:])
    with pytest.raises(InvalidValuesError, match="no rows"):
        plot_average_retention(curve.head(1))


def test_survival_goes_down_in_steps(log):
    curve = survival(log, until="1998-06-30")
    ax = plot_survival(curve, ax=Figure().subplots())
    assert ax.lines[0].get_drawstyle() == "steps-post"
    np.testing.assert_array_equal(ax.lines[0].get_xydata(), curve[["period", "survival"]])
    assert ax.get_ylim() == (0, 1)
    with pytest.raises(MissingColumnsError, match="survival"):
        plot_survival(curve.drop(columns="survival"))
