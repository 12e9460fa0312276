"""The Gamma-Gamma model against its note, high-precision values and laws."""

from __future__ import annotations

import logging

import numpy as np
import pandas as pd
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

import crmanalytics as crm
from crmanalytics.clv import GammaGamma
from crmanalytics.clv.fitting import numerical_hessian
from crmanalytics.clv.spend.gamma_gamma import _Objective
from crmanalytics.errors import ConvergenceError, FitError, InvalidValuesError, ParameterError


@pytest.fixture(scope="module")
def summary():
    return crm.datasets.load_cdnow_summary()


def outputs(i):
    model = GammaGamma(i["p"], i["q"], i["v"])
    one = pd.DataFrame({"frequency": [i["x"]], "monetary_value": [float(i["zbar"])]})
    return {
        "loglik": model.log_likelihood(one)[0],
        "cond_spend": model.expected_spend(one)[0],
    }


def test_every_output_agrees_with_high_precision_values(hold_against_truth):
    assert hold_against_truth("gg", outputs) == 39


def test_fit_is_the_note_s(summary):
    # Fader & Hardie (2013) print 6.25, 3.74, 15.44; more digits from an independent optimiser
    fit = GammaGamma.fit(summary)
    model = fit.model
    assert fit.n == 946
    assert fit.log_likelihood == pytest.approx(-4055.92324, abs=5e-6)
    assert [model.p, model.q, model.v] == pytest.approx([6.24880, 3.74459, 15.44774], abs=1e-5)


def test_fit_on_exact_amounts_agrees_with_clvtools():
    customers = crm.summarize(crm.datasets.load_cdnow_sample(), until="1997-09-30", unit="W")
    fit = GammaGamma.fit(customers)
    model = fit.model
    assert fit.log_likelihood == pytest.approx(-4055.917695, abs=2e-6)
    assert [model.p, model.q, model.v] == pytest.approx(
        [6.249349180, 3.744256334, 15.444306684], rel=1e-4
    )
    assert model.expected_spend(customers)[0] == pytest.approx(24.65403117, rel=1e-4)
    assert model.mean_spend == pytest.approx(35.17049924, rel=1e-4)


@pytest.mark.parametrize("parameters", [(6.0, 3.7, 15.0), (0.3, 1.2, 80.0), (40.0, 9.0, 2.0)])
def test_gradient_and_hessian_are_the_derivatives(summary, parameters):
    repeat = summary[summary["frequency"] > 0]
    x, mean = repeat["frequency"].to_numpy(float), repeat["monetary_value"].to_numpy(float)
    objective = _Objective(x, mean, np.ones_like(x))
    at, step = np.log(parameters), 1e-6
    value, gradient = objective.value_and_gradient(at)
    for i in range(3):
        shift = np.eye(3)[i] * step
        up, down = (objective.value_and_gradient(at + s * shift)[0] for s in (1, -1))
        assert gradient[i] == pytest.approx((up - down) / (2 * step), rel=1e-5, abs=1e-3)
    numeric = numerical_hessian(objective, at, 1e-5)
    np.testing.assert_allclose(objective.hessian(at), numeric, rtol=1e-5, atol=1e-3)
    assert value == pytest.approx(GammaGamma(*parameters).log_likelihood(repeat).sum(), rel=1e-12)


def test_one_time_buyers_do_not_enter(summary):
    repeat = summary[summary["frequency"] > 0]
    assert GammaGamma.fit(summary) == GammaGamma.fit(repeat)


def test_weights_equal_repeated_rows(summary):
    counts = np.tile([1, 2, 3], 400)[: len(summary)]
    weighted = GammaGamma.fit(summary.head(1200).assign(w=counts[:1200]), weight="w")
    repeated = GammaGamma.fit(summary.head(1200).loc[lambda d: d.index.repeat(counts[:1200])])
    assert weighted.log_likelihood == pytest.approx(repeated.log_likelihood, rel=1e-12)
    assert weighted.model.p == pytest.approx(repeated.model.p, rel=1e-6)


def test_money_scales_out(summary):
    plain = GammaGamma.fit(summary).model
    scaled = GammaGamma.fit(summary.assign(monetary_value=summary["monetary_value"] * 1000)).model
    assert [scaled.p, scaled.q, scaled.v / 1000] == pytest.approx(
        [plain.p, plain.q, plain.v], rel=1e-6
    )


@given(
    x=st.integers(1, 500),
    mean=st.floats(0.01, 1e5),
    p=st.floats(0.05, 50),
    q=st.floats(1.05, 50),
    v=st.floats(0.01, 1e4),
)
def test_expected_spend_lies_between_the_customer_s_mean_and_the_population_s(x, mean, p, q, v):
    model = GammaGamma(p, q, v)
    one = pd.DataFrame({"frequency": [x], "monetary_value": [mean]})
    low, high = sorted([mean, model.mean_spend])
    expected = model.expected_spend(one)[0]
    assert low * (1 - 1e-12) <= expected <= high * (1 + 1e-12)
    weight = model.shrinkage(one)[0]
    assert expected == pytest.approx(weight * model.mean_spend + (1 - weight) * mean, rel=1e-6)


def test_repeat_customers_who_spent_nothing_are_left_out_and_logged(summary, caplog):
    with_free = summary.assign(
        monetary_value=summary["monetary_value"].where(summary["customer_id"] != 1, 0.0)
    )
    with caplog.at_level(logging.WARNING):
        fit = GammaGamma.fit(with_free)
    assert fit.n == 945
    assert "1 repeat customers with monetary_value 0 are left out" in caplog.text
    assert np.isfinite(fit.model.expected_spend(with_free)).all()


def test_nobody_who_repeats_is_an_error(summary):
    once = summary.assign(frequency=0, recency=0.0, monetary_value=0.0)
    with pytest.raises(FitError, match="nobody spent money on a repeat purchase"):
        GammaGamma.fit(once)


def test_identical_customers_have_no_maximum():
    same = pd.DataFrame({"frequency": [3] * 50, "monetary_value": [20.0] * 50})
    with pytest.raises(ConvergenceError, match="penalty=1"):
        GammaGamma.fit(same)
    assert np.isfinite(GammaGamma.fit(same, penalty=1).log_likelihood)


def test_negative_money_breaks_the_contract(summary):
    with pytest.raises(InvalidValuesError, match=r"customers\['monetary_value'\] must not be neg"):
        GammaGamma.fit(summary.assign(monetary_value=-1.0))


def test_parameters_must_be_positive():
    with pytest.raises(ParameterError, match="p = -1"):
        GammaGamma(-1, 2, 3)


def test_mean_spend_may_be_infinite():
    model = GammaGamma(p=1.0, q=0.5, v=3.0)
    assert model.mean_spend == np.inf


def test_polars_in_polars_out(summary):
    frame = pl.from_pandas(summary)
    got = GammaGamma(6.25, 3.74, 15.44).expected_spend(frame)
    assert isinstance(got, pl.Series)
    want = GammaGamma(6.25, 3.74, 15.44).expected_spend(summary)
    assert got.to_list() == want.to_list()
