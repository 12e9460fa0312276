"""Learning a probability: posteriors by hand, and the regression's errors from its curvature."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import beta

from crmanalytics.clv.discounting.tendencies import METHODS, Logistic, Profile, Rate
from crmanalytics.errors import ConvergenceError

RNG = np.random.default_rng(0)
FEATURES = RNG.integers(0, 2, (60, 3)).astype(float)
ADOPTED = RNG.random(60) < 0.3 + 0.4 * FEATURES[:, 0]


def test_a_rate_is_the_posterior_with_jeffreys_prior():
    mean, error = Rate(FEATURES, ADOPTED, 1.0).predict(FEATURES[:2])
    posterior = beta(ADOPTED.sum() + 0.5, (~ADOPTED).sum() + 0.5)
    assert mean == pytest.approx(np.full(2, posterior.mean()))
    assert error == pytest.approx(np.full(2, posterior.std()))


def test_a_profile_is_the_posterior_among_its_own():
    strength, rate = 3.0, (ADOPTED.sum() + 0.5) / 61
    mean, error = Profile(FEATURES, ADOPTED, strength).predict(FEATURES)
    for i in (0, 17, 59):
        alike = (FEATURES[i] == FEATURES).all(axis=1)
        hits, misses = (ADOPTED & alike).sum(), (~ADOPTED & alike).sum()
        posterior = beta(hits + strength * rate, misses + strength * (1 - rate))
        assert mean[i] == pytest.approx(posterior.mean())
        assert error[i] == pytest.approx(posterior.std())


def test_a_profile_never_seen_has_the_rate_of_all():
    features = np.array([[0.0, 0.0], [1.0, 0.0]])
    mean, error = Profile(features, np.array([True, False]), 2.0).predict(np.array([[1.0, 1.0]]))
    posterior = beta(2.0 * 0.5, 2.0 * 0.5)
    assert (mean[0], error[0]) == pytest.approx((posterior.mean(), posterior.std()))


@pytest.mark.parametrize("width", [1, 7, 8, 9, 20])
def test_profiles_of_any_width_stay_apart(width):
    features = np.vstack([np.zeros(width), np.eye(width)])
    adopted = np.arange(width + 1) % 2 == 0
    mean, _ = Profile(features, adopted, 1e-9).predict(features)
    assert mean == pytest.approx(adopted.astype(float), abs=1e-6)


def test_the_regressions_errors_are_those_of_its_curvature():
    strength = 0.5
    mean, error = Logistic(FEATURES, ADOPTED, strength).predict(FEATURES)
    design = np.column_stack([np.ones(60), FEATURES])
    # The ridge leaves the intercept free.
    information = (design.T * (mean * (1 - mean))) @ design + np.diag([0.0] + [strength] * 3)
    expected = mean * (1 - mean) * np.sqrt(np.diag(design @ np.linalg.inv(information) @ design.T))
    assert error == pytest.approx(expected, rel=1e-6)
    gradient = design.T @ (ADOPTED - mean)
    slopes = np.linalg.lstsq(design, np.log(mean / (1 - mean)), rcond=None)[0][1:]
    assert gradient[0] == pytest.approx(0, abs=1e-4)
    assert gradient[1:] == pytest.approx(strength * slopes, abs=1e-4)


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("adopted", [np.zeros(5, bool), np.ones(5, bool)])
def test_no_probability_is_0_or_1(method, adopted):
    mean, error = METHODS[method](np.eye(5), adopted, 1.0).predict(np.eye(5))
    assert ((mean > 0) & (mean < 1) & (error > 0)).all()


def test_a_regression_that_does_not_arrive_is_an_error(monkeypatch):
    from sklearn.linear_model import LogisticRegression

    monkeypatch.setattr(
        "sklearn.linear_model.LogisticRegression",
        lambda **options: LogisticRegression(**(options | {"max_iter": 1})),
    )
    with pytest.raises(ConvergenceError, match="larger prior_strength"):
        Logistic(FEATURES, ADOPTED, 1.0)
