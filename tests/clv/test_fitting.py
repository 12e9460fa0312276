"""The optimiser: what it accepts as a maximum and what it refuses."""

from __future__ import annotations

import numpy as np
import pytest

from crmanalytics.clv.fitting import maximise, numerical_hessian
from crmanalytics.errors import ConvergenceError, ParameterError


class Quadratic:
    """A log-likelihood with a known maximum and curvature."""

    def __init__(self, top, curvature):
        self.top, self.curvature = np.asarray(top, float), np.asarray(curvature, float)

    def value_and_gradient(self, log_parameters):
        away = log_parameters - self.top
        return -0.5 * float(away @ self.curvature @ away), -self.curvature @ away

    def hessian(self, log_parameters):
        return -self.curvature


class Rising(Quadratic):
    """A likelihood that rises for ever towards a limit."""

    def value_and_gradient(self, log_parameters):
        return -float(np.exp(-log_parameters).sum()), np.exp(-log_parameters)

    def hessian(self, log_parameters):
        return -np.diag(np.exp(-log_parameters))


CURVATURE = np.array([[4.0, 1.0], [1.0, 3.0]])


def test_maximum_and_covariance_are_found():
    found = maximise(Quadratic([1.0, -2.0], CURVATURE), [np.zeros(2)], n=10)
    np.testing.assert_allclose(found.log_parameters, [1.0, -2.0], atol=1e-7)
    np.testing.assert_allclose(found.covariance, np.linalg.inv(CURVATURE))
    assert found.convergence.shortfall < 1e-6


def test_a_rough_likeness_helps_but_does_not_decide():
    objective = Quadratic([1.0, -2.0], CURVATURE)
    found = maximise(objective, [np.zeros(2)], n=10, rough=Quadratic([3.0, 3.0], CURVATURE))
    np.testing.assert_allclose(found.log_parameters, [1.0, -2.0], atol=1e-7)


def test_penalty_is_a_normal_prior():
    objective = Quadratic([1.0, -2.0], np.eye(2))
    found = maximise(objective, [np.zeros(2)], n=1, penalty=1.0, centre=np.array([0.0, 2.0]))
    np.testing.assert_allclose(found.log_parameters, [0.5, 0.0], atol=1e-7)
    np.testing.assert_allclose(found.covariance, np.eye(2) / 2)
    assert found.value == pytest.approx(objective.value_and_gradient(found.log_parameters)[0])


def test_a_likelihood_without_a_maximum_is_refused():
    with pytest.raises(ConvergenceError, match=r"ended at a = .*penalty=1"):
        maximise(Rising([0, 0], CURVATURE), [np.zeros(2)], n=1, names=["a", "b"])


def test_a_saddle_is_refused():
    saddle = Quadratic([0.0, 0.0], np.diag([1.0, -1e-3]))
    with pytest.raises(ConvergenceError):
        maximise(saddle, [np.zeros(2)], n=1)


def test_later_starts_are_tried():
    class Broken(Quadratic):
        def value_and_gradient(self, log_parameters):
            if log_parameters[0] < 0:
                return float("nan"), np.full(2, np.nan)
            return super().value_and_gradient(log_parameters)

    starts = [np.array([-50.0, 0.0]), np.array([2.0, 0.0])]
    found = maximise(Broken([1.0, -2.0], CURVATURE), starts, n=10)
    np.testing.assert_allclose(found.log_parameters, [1.0, -2.0], atol=1e-6)


def test_a_hessian_that_is_not_finite_is_a_failure_of_our_own_kind():
    class Jagged(Quadratic):
        def hessian(self, log_parameters):
            return np.full((2, 2), np.nan)

    with pytest.raises(ConvergenceError, match="not finite"):
        maximise(Jagged([1.0, -2.0], CURVATURE), [np.zeros(2)], n=10)


@pytest.mark.parametrize("penalty", [-1.0, float("nan"), float("inf")])
def test_a_penalty_must_be_a_number(penalty):
    with pytest.raises(ParameterError, match="penalty"):
        maximise(Quadratic([0, 0], CURVATURE), [np.zeros(2)], n=1, penalty=penalty)


def test_numerical_hessian_differentiates_the_gradient():
    got = numerical_hessian(Quadratic([1.0, 1.0], CURVATURE), np.array([0.3, 0.1]))
    np.testing.assert_allclose(got, -CURVATURE, rtol=1e-9)
