"""Samples drawn again: rows, clusters within strata, samples of a finite population."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from crmanalytics.errors import FitError, ParameterError
from crmanalytics.inference import estimate_means, read_sample
from crmanalytics.satisfaction.moments import (
    correlations,
    moments,
    moments_redrawn,
    sound,
)
from crmanalytics.satisfaction.resampling import (
    Units,
    check_draws,
    from_replicates,
    redrawn,
    units_of,
)


def survey(seed=0):
    draw = np.random.default_rng(seed)
    stratum = np.repeat([0, 1, 2], [160, 120, 80])
    shop = np.concatenate([np.repeat(np.arange(k), 8) for k in (20, 15, 10)])
    level = draw.normal(size=(3, 20))[stratum, shop] + 2 * stratum
    frame = pd.DataFrame({"stratum": stratum, "shop": shop})
    frame["score"] = level + draw.normal(size=360)
    frame["other"] = level - draw.normal(size=360)
    frame["w"] = draw.uniform(0.5, 2, 360)
    frame["shops"] = np.array([40, 25, 10])[stratum]
    return frame


@pytest.mark.parametrize(
    "design",
    [
        {},
        {"weight": "w"},
        {"clusters": "shop", "strata": "stratum"},
        {"clusters": "shop", "strata": "stratum", "population": "shops", "weight": "w"},
    ],
)
def test_errors_are_those_of_linearisation(design):
    sample = read_sample(survey(), ["score", "other"], **design)
    values = np.column_stack([sample.answers("score"), sample.answers("other")])
    units = units_of(sample, 0, np.full(360, fill_value=True), values)
    rows, weight = values[units.rows], sample.weight[units.rows]
    blocks = list(moments_redrawn(rows, weight, units, 3000, 1))
    means = np.concatenate([mean for mean, _ in blocks])
    found = estimate_means(sample, sample.answers("score"))
    assert means[:, 0].std() == pytest.approx(found.se[0], rel=0.06)
    assert means[:, 0].mean() == pytest.approx(found.estimate[0], abs=0.1 * found.se[0])
    covariance = np.concatenate([each for _, each in blocks])
    assert covariance.shape == (3000, 2, 2)
    np.testing.assert_allclose(covariance, np.swapaxes(covariance, 1, 2))


def test_a_stratum_that_was_drawn_whole_does_not_vary():
    units = Units(np.arange(4), np.arange(4), np.array([0, 0, 0, 1]), np.array([0.0, 1.0]))
    made = np.concatenate(list(redrawn(units, 500, seed=0)))
    assert (made[:, 3] == 1).all()
    np.testing.assert_allclose(made[:, :3].sum(axis=1), 3)
    assert (made >= 0).all()


def test_as_many_rows_are_drawn_as_there_are():
    units = Units(np.arange(7), np.arange(7), np.zeros(7, dtype=int))
    made = np.concatenate(list(redrawn(units, 2000, seed=0)))
    assert (made.sum(axis=1) == 7).all()
    np.testing.assert_allclose(made.mean(axis=0), 1, atol=0.1)
    again = np.concatenate(list(redrawn(units, 2000, seed=0)))
    np.testing.assert_array_equal(made, again)


def test_moments_are_those_of_the_rows():
    draw = np.random.default_rng(3)
    values, weight = draw.normal(size=(50, 3)) + 1e6, draw.uniform(size=50)
    mean, covariance = moments(values, weight)
    np.testing.assert_allclose(mean, np.average(values, axis=0, weights=weight))
    np.testing.assert_allclose(covariance, np.cov(values.T, aweights=weight, ddof=0), rtol=1e-6)
    units = Units(np.arange(50), np.arange(50), np.zeros(50, dtype=int))
    factors = np.concatenate(list(redrawn(units, 20, seed=5)))
    means, covariances = next(moments_redrawn(values, weight, units, 20, 5))
    for k in (0, 19):
        expected = moments(values, weight * factors[k])
        np.testing.assert_allclose(means[k], expected[0])
        np.testing.assert_allclose(covariances[k], expected[1], rtol=1e-5)


def test_what_varies_by_rounding_does_not_vary():
    values = np.column_stack([np.full(30, 0.1), np.arange(30.0)])
    correlation = correlations(moments(values, np.linspace(0.1, 0.7, 30))[1])
    assert np.isnan(correlation[0, 0])
    assert not sound(correlation[None])[0]


def test_samples_that_give_no_estimate():
    sample = read_sample(pd.DataFrame({"score": [1.0, 2.0]}), "score")
    answered = np.array([True, True])
    drawn = np.linspace(0, 1, 100)
    drawn[:5] = np.nan
    found = from_replicates(sample, answered, np.array([0.5]), [drawn])
    assert found.method == "bootstrap percentile, 100 draws, 5 failed"
    drawn[:20] = np.nan
    with pytest.raises(FitError, match="20 of 100 samples"):
        from_replicates(sample, answered, np.array([0.5]), [drawn])
    lenient = from_replicates(sample, answered, np.array([0.5]), [drawn], lenient=True)
    assert np.isnan(lenient.low[0])
    none = from_replicates(sample, answered, np.array([0.5]), [np.empty(0)])
    assert none.method == "no interval"
    with pytest.raises(ParameterError, match="at least 20"):
        check_draws(5)
