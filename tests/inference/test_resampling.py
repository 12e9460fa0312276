"""The bootstrap of surveys agrees with linearisation, and with itself."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from crmanalytics.errors import ParameterError
from crmanalytics.inference import (
    bootstrap_interval,
    bootstrap_means,
    estimate_means,
    read_sample,
)


def sd(sample, values, times=1500):
    return bootstrap_means(sample, values, times=times, seed=7).std(axis=0, ddof=1)


@pytest.mark.parametrize("population", [None, "fpc"])
def test_clusters_drawn_with_and_without_replacement(shared_data, population):
    schools = pd.read_csv(shared_data("apiclus1_subset.csv"))
    if population:
        schools["fpc"] = 30  # as if half of the clusters had been drawn
    sample = read_sample(schools, "api00", weight="pw", clusters="dnum", population=population)
    values = sample.answers("api00")
    assert sd(sample, values) == pytest.approx(estimate_means(sample, values).se, rel=0.07)


def test_strata_with_weights_and_groups():
    rng = np.random.default_rng(3)
    frame = pd.DataFrame(
        {
            "h": np.repeat([0, 1, 2], [100, 200, 300]),
            "g": rng.integers(0, 2, 600),
            "w": rng.uniform(0.5, 2, 600),
        }
    )
    frame["y"] = frame["h"] * 2 + rng.normal(size=600)
    sample = read_sample(frame, "y", by="g", strata="h", weight="w")
    values = sample.answers("y")
    np.testing.assert_allclose(sd(sample, values), estimate_means(sample, values).se, rtol=0.07)


@pytest.mark.parametrize("digits", [0, 9])
def test_drawing_kinds_of_rows_is_drawing_rows(digits):
    """Few different answers are drawn by kind, many one by one: both vary as they should."""
    rng = np.random.default_rng(5)
    frame = pd.DataFrame({"g": np.repeat([0, 1], 150), "y": rng.normal(5, 2, 300).round(digits)})
    sample = read_sample(frame, "y", by="g")
    values = sample.answers("y")
    expected = estimate_means(sample, values).se * np.sqrt(149 / 150)
    np.testing.assert_allclose(sd(sample, values, 3000), expected, rtol=0.06)
    shuffled = read_sample(frame.sample(frac=1, random_state=1), "y", by="g")
    again = bootstrap_means(shuffled, shuffled.answers("y"), times=50, seed=7)
    np.testing.assert_allclose(again, bootstrap_means(sample, values, times=50, seed=7))


def test_groups_where_nobody_answered_are_missing():
    frame = pd.DataFrame({"g": [1, 1, 2], "y": [1.0, 2.0, np.nan]})
    sample = read_sample(frame, "y", by="g")
    means = bootstrap_means(sample, sample.answers("y"), times=20, seed=1)
    assert np.isnan(means[:, 1]).all()
    low, high = bootstrap_interval(means, 0.9)
    assert np.isnan([low[1], high[1]]).all()
    assert 1 <= low[0] <= high[0] <= 2
    nobody = read_sample(frame.assign(y=np.nan), "y")
    assert np.isnan(bootstrap_means(nobody, nobody.answers("y"), times=3, seed=1)).all()
    with pytest.raises(ParameterError, match="2 or more"):
        bootstrap_means(sample, sample.answers("y"), times=1, seed=1)
