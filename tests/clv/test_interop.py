"""Beside the package lifetimes: its fitted objects, and frames made for it, are ours too."""

from __future__ import annotations

import warnings
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest

import crmanalytics as crm
from crmanalytics import clv
from crmanalytics.errors import ParameterError


@pytest.fixture(scope="module")
def summary():
    return crm.datasets.load_cdnow_summary()


@pytest.fixture(scope="module")
def theirs(lifetimes, summary):
    """Return fitted objects of the package; its optimiser and its pandas usage warn."""
    donors = crm.datasets.load_donations()
    triple = summary["frequency"], summary["recency"], summary["T"]
    repeat = summary[summary["frequency"] > 0]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return {
            "BGNBD": lifetimes.BetaGeoFitter().fit(*triple),
            "MBGNBD": lifetimes.ModifiedBetaGeoFitter().fit(*triple),
            "ParetoNBD": lifetimes.ParetoNBDFitter().fit(*triple),
            "GammaGamma": lifetimes.GammaGammaFitter().fit(
                repeat["frequency"], repeat["monetary_value"]
            ),
            "BGBB": lifetimes.BetaGeoBetaBinomFitter().fit(
                donors["frequency"], donors["recency"], donors["T"], donors["weight"]
            ),
        }


def beside(function, *arguments):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return np.asarray(function(*arguments), dtype=float)


@pytest.mark.parametrize("name", ["BGNBD", "MBGNBD", "ParetoNBD"])
def test_purchase_models_predict_the_same(name, theirs, summary):
    fitter, model = theirs[name], clv.from_lifetimes(theirs[name], unit="W")
    assert type(model).__name__ == name
    assert model.unit == "W"
    triple = summary["frequency"], summary["recency"], summary["T"]
    alive = beside(fitter.conditional_probability_alive, *triple)
    np.testing.assert_allclose(model.probability_alive(summary), alive, rtol=1e-7)
    ahead = beside(fitter.conditional_expected_number_of_purchases_up_to_time, 39, *triple)
    np.testing.assert_allclose(model.expected_purchases(summary, 39), ahead, rtol=1e-6)
    new = beside(fitter.expected_number_of_purchases_up_to_time, 52)
    assert model.expected_purchases_new(52) == pytest.approx(float(new), rel=1e-9)


@pytest.mark.parametrize("name", ["BGNBD", "MBGNBD", "ParetoNBD"])
def test_a_fit_of_ours_finds_the_same_maximum_or_a_higher_one(name, theirs, summary):
    model = clv.from_lifetimes(theirs[name])
    ours = type(model).fit(summary)
    gained = ours.log_likelihood - float(model.log_likelihood(summary).sum())
    assert 0 <= gained < 0.01


def test_gamma_gamma_expects_the_same_spend(theirs, summary):
    fitter, model = theirs["GammaGamma"], clv.from_lifetimes(theirs["GammaGamma"])
    spend = beside(
        fitter.conditional_expected_average_profit, summary["frequency"], summary["monetary_value"]
    )
    np.testing.assert_allclose(model.expected_spend(summary), spend, rtol=1e-10)


def test_bg_bb_predicts_the_same(theirs):
    fitter, model = theirs["BGBB"], clv.from_lifetimes(theirs["BGBB"])
    donors = crm.datasets.load_donations()
    triple = donors["frequency"], donors["recency"], donors["T"]
    ahead = beside(fitter.conditional_expected_number_of_purchases_up_to_time, 5, *triple)
    np.testing.assert_allclose(model.expected_purchases(donors, 5), ahead, rtol=1e-9)
    alive = beside(fitter.conditional_probability_alive, 0, *triple)
    np.testing.assert_allclose(model.probability_alive(donors), alive, rtol=1e-9)


def test_a_derived_class_is_what_it_derives_from(theirs):
    class OwnFitter(type(theirs["MBGNBD"])):
        pass

    own = OwnFitter()
    own.params_ = theirs["MBGNBD"].params_
    assert isinstance(clv.from_lifetimes(own), clv.MBGNBD)


def test_what_is_refused(lifetimes):
    with pytest.raises(ParameterError, match="has not been fitted"):
        clv.from_lifetimes(lifetimes.BetaGeoFitter())
    with pytest.raises(ParameterError, match="not a LinearRegression"):
        clv.from_lifetimes(type("LinearRegression", (), {})())
    strange = type("BetaGeoFitter", (SimpleNamespace,), {})(params_={"r": 1.0, "alpha": 2.0})
    with pytest.raises(ParameterError, match=r"no parameters \['a', 'b'\]"):
        clv.from_lifetimes(strange)


@pytest.fixture(scope="module")
def log():
    return crm.datasets.load_cdnow_sample()


def test_frames_of_lifetimes_are_taken_unchanged(lifetimes, log):
    """Customers in the index, counts as floats; made by its own function from the same log."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        frame = lifetimes.utils.summary_data_from_transaction_data(
            log, "customer_id", "date", "amount", observation_period_end="1997-09-30"
        )
    assert frame.index.name == "customer_id"
    assert frame["frequency"].dtype == float
    ours = crm.summarize(log, until="1997-09-30").set_index("customer_id")
    names = ["frequency", "recency", "T"]
    np.testing.assert_allclose(frame[names], ours.loc[frame.index, names])
    fit = clv.BGNBD.fit(frame, unit="D")
    assert fit.log_likelihood == pytest.approx(clv.BGNBD.fit(ours).log_likelihood, rel=1e-12)
    spend = clv.GammaGamma.fit(frame)
    value = clv.lifetime_value(frame, fit, spend, horizon=365, discount_rate=0.1, margin=0.3)
    assert value.index.equals(frame.index)
    assert (value >= 0).all()
    table = clv.diagnostics.frequency_histogram(fit, frame)
    assert table["actual"].sum() == len(frame)


def test_frames_of_pymc_marketing_are_taken_unchanged(log):
    """As its rfm_summary makes them: a customer_id column first, every number a float."""
    ours = crm.summarize(log, until="1997-09-30", unit="W")
    names = ["customer_id", "frequency", "recency", "T", "monetary_value"]
    frame = pd.DataFrame(ours[names]).astype(dict.fromkeys(names[1:], float))
    frame.attrs = {}
    fit = clv.ParetoNBD.fit(frame, unit="W")
    scored = frame.assign(
        p_alive=fit.model.probability_alive,
        clv=lambda f: clv.lifetime_value(
            f, fit, clv.GammaGamma.fit(f), horizon=52, discount_rate=0.1, margin=0.3
        ),
    )
    np.testing.assert_allclose(scored["p_alive"], fit.model.probability_alive(ours))
    assert scored["customer_id"].equals(ours["customer_id"])
