"""The shared formulas of BG/NBD and MBG/NBD against high-precision values and differences."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from crmanalytics.clv import BGNBD, MBGNBD, count_cells
from crmanalytics.clv.btyd.beta_geometric_objective import BetaGeometricObjective
from crmanalytics.clv.fitting import numerical_hessian
from crmanalytics.datasets import load_cdnow_summary

MODELS = {"bgnbd": BGNBD, "mbgnbd": MBGNBD}


def outputs(cls, i):
    model = cls(i["r"], i["alpha"], i["a"], i["b"])
    one = pd.DataFrame({"frequency": [i["x"]], "recency": [i["t_x"]], "T": [i["T"]]})
    log_pmf = model._log_pmf(np.array([float(i["n"])]), np.array([float(i["t"])]))[0]
    return {
        "loglik": model.log_likelihood(one)[0],
        "p_alive": model.probability_alive(one)[0],
        "cond_exp": model.expected_purchases(one, i["t"])[0],
        "exp_new": model.expected_purchases_new(i["t"]),
        "pmf": model.purchase_count_probability(i["n"], i["t"]),
        "log_pmf": log_pmf,
    }


@pytest.mark.parametrize("name", MODELS)
def test_every_output_agrees_with_high_precision_values(name, hold_against_truth):
    assert hold_against_truth(name, lambda i: outputs(MODELS[name], i)) == 28 * 6


@pytest.mark.parametrize("extra", [0, 1])
@pytest.mark.parametrize(
    "parameters", [(0.24, 4.4, 0.79, 2.4), (3.0, 0.5, 0.05, 0.4), (0.01, 90.0, 6.0, 30.0)]
)
def test_gradient_and_hessian_are_the_derivatives(extra, parameters):
    objective = BetaGeometricObjective(count_cells(load_cdnow_summary()), extra)
    at, step = np.log(parameters), 1e-6
    _, gradient = objective.value_and_gradient(at)
    for i in range(4):
        shift = np.eye(4)[i] * step
        up, _ = objective.value_and_gradient(at + shift)
        down, _ = objective.value_and_gradient(at - shift)
        assert gradient[i] == pytest.approx((up - down) / (2 * step), rel=1e-5, abs=1e-4)
    numeric = numerical_hessian(objective, at, 1e-5)
    np.testing.assert_allclose(objective.hessian(at), numeric, rtol=1e-5, atol=1e-4)


@pytest.mark.parametrize("cls", [BGNBD, MBGNBD])
def test_objective_is_the_sum_of_the_customers_likelihoods(cls):
    customers = load_cdnow_summary()
    model = cls(0.3, 5.0, 0.8, 2.2)
    objective = BetaGeometricObjective(count_cells(customers), cls.EXTRA)
    value, _ = objective.value_and_gradient(np.log([0.3, 5.0, 0.8, 2.2]))
    assert value == pytest.approx(model.log_likelihood(customers).sum(), rel=1e-12)
