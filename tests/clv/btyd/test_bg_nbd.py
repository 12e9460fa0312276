"""The BG/NBD model against the numbers of its paper and of other implementations."""

from __future__ import annotations

import pandas as pd
import pytest

import crmanalytics as crm
from crmanalytics.clv import BGNBD

PAPER = BGNBD(r=0.243, alpha=4.414, a=0.793, b=2.426)


@pytest.fixture(scope="module")
def summary_fit():
    return BGNBD.fit(crm.datasets.load_cdnow_summary(), unit="W")


@pytest.fixture(scope="module")
def customers():
    return crm.summarize(crm.datasets.load_cdnow_sample(), until="1997-09-30", unit="W")


@pytest.fixture(scope="module")
def dated_fit(customers):
    return BGNBD.fit(customers)


def test_fit_is_the_paper_s(summary_fit):
    # Fader, Hardie & Lee (2005), table 2; more digits from an independent optimiser
    model = summary_fit.model
    assert round(model.r, 3) == 0.243
    assert round(model.alpha, 3) == 4.414
    assert round(model.a, 3) == 0.793
    assert round(model.b, 3) == 2.426
    assert round(summary_fit.log_likelihood, 1) == -9582.4
    assert summary_fit.log_likelihood == pytest.approx(-9582.42556, abs=5e-6)
    estimates = [model.r, model.alpha, model.a, model.b]
    assert estimates == pytest.approx([0.24259, 4.41353, 0.79289, 2.42575], abs=6e-6)


def test_fit_on_exact_dates_agrees_with_the_r_packages(dated_fit):
    # CLVTools and BTYD; their optimisers stop at slightly different points
    model = dated_fit.model
    assert dated_fit.log_likelihood == pytest.approx(-9582.429207, abs=1e-6)
    assert dated_fit.log_likelihood >= -9582.4292075
    assert [model.r, model.alpha, model.a, model.b] == pytest.approx(
        [0.2425945415, 4.4136018839, 0.7929199149, 2.4258880631], rel=2e-4
    )
    errors = dated_fit.parameters["standard_error"].to_list()
    assert errors == pytest.approx([0.01256, 0.3782, 0.1857, 0.7054], rel=2e-3)


def test_sums_of_predictions_agree_with_the_r_packages(dated_fit, customers):
    alive = dated_fit.model.probability_alive(customers).sum()
    purchases = dated_fit.model.expected_purchases(customers, 39).sum()
    assert alive == pytest.approx(1917.277, abs=0.03)
    assert purchases == pytest.approx(1653.40, abs=0.03)


def test_published_prediction():
    one = pd.DataFrame({"frequency": [2], "recency": [30.43], "T": [38.86]})
    assert PAPER.expected_purchases(one, 39)[0] == pytest.approx(1.226, abs=5e-4)


def test_purchase_counts_of_a_new_customer():
    # BTYD, with its own estimates, to the digits it prints
    model = BGNBD(0.2425981523, 4.4136841632, 0.7929898736, 2.4261666961)
    published = [
        0.5743047322,
        0.1991927544,
        0.08532424394,
        0.04579840134,
        0.02763187213,
        0.01793870797,
    ]
    got = model.purchase_count_probability(list(range(6)), 39)
    assert got.tolist() == pytest.approx(published, rel=1e-9)
    assert float(model.expected_purchases_new(52)) == pytest.approx(1.444004575, rel=1e-9)


def test_fit_beats_or_equals_the_lifetimes_package(customers, dated_fit, lifetimes):
    theirs = lifetimes.BetaGeoFitter().fit(
        customers["frequency"], customers["recency"], customers["T"]
    )
    p = theirs.params_
    at_theirs = BGNBD(p["r"], p["alpha"], p["a"], p["b"]).log_likelihood(customers).sum()
    assert dated_fit.log_likelihood >= at_theirs - 1e-9
