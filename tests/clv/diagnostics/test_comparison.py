"""Models side by side: each figure by its definition, and the true model first."""

from __future__ import annotations

import numpy as np
import pandas as pd
import polars as pl
import pytest

import crmanalytics as crm
from crmanalytics.clv import BGNBD, MBGNBD, ParetoNBD
from crmanalytics.clv.btyd.hooks import PurchaseFormulas
from crmanalytics.clv.diagnostics import compare
from crmanalytics.errors import InvalidValuesError, ParameterError

MODELS = (BGNBD, MBGNBD, ParetoNBD)


@pytest.fixture(scope="module")
def customers():
    log = crm.datasets.load_cdnow_sample()
    return crm.split(log, at="1997-09-30", until="1998-06-30", unit="W")


@pytest.fixture(scope="module")
def fits(customers):
    return {cls.__name__: cls.fit(customers) for cls in MODELS}


@pytest.fixture(scope="module")
def table(fits, customers):
    return compare(fits, customers).set_index("model")


def test_fit_criteria_are_those_of_the_fits(fits, table):
    for name, fit in fits.items():
        row = table.loc[name]
        assert row["parameters"] == 4
        assert row["log_likelihood"] == pytest.approx(fit.log_likelihood, rel=1e-12)
        assert row["aic"] == pytest.approx(fit.aic, rel=1e-12)
        assert row["bic"] == pytest.approx(fit.bic, rel=1e-12)


def test_published_likelihoods_and_forecasts(table):
    """The packages CLVTools and BTYD on the same dates: totals of 1653.4 and 1665.6 for 1882."""
    published = {"BGNBD": -9582.429207, "ParetoNBD": -9594.976181}
    for name, value in published.items():
        assert table.loc[name, "log_likelihood"] == pytest.approx(value, abs=1e-4)
    assert table.loc["BGNBD", "bias"] == pytest.approx(1653.407839 / 1882 - 1, abs=1e-5)
    assert table.loc["ParetoNBD", "bias"] == pytest.approx(1665.688027 / 1882 - 1, abs=1e-4)


@pytest.mark.parametrize("name", ["BGNBD", "ParetoNBD"])
def test_forecasts_by_definition(name, fits, customers, table):
    model = fits[name].model
    horizon = float(customers["duration_holdout"].iloc[0])
    later = customers["frequency_holdout"]
    forecast = model.expected_purchases(customers, horizon)
    row = table.loc[name]
    assert row["mean_absolute_error"] == pytest.approx((forecast - later).abs().mean())
    assert row["root_mean_squared_error"] == pytest.approx(((forecast - later) ** 2).mean() ** 0.5)
    scores = np.log(model.purchase_count_probability_of(customers, later, horizon))
    assert row["log_score"] == pytest.approx(scores.mean(), rel=1e-12)
    best = later[forecast.sort_values(ascending=False).index].to_numpy()
    assert row["top_decile_capture"] == pytest.approx(best[:236].sum() / 1882, abs=0.004)


def test_ties_at_the_border_count_in_part():
    rows = 20
    frame = pd.DataFrame(
        {"frequency": [0] * rows, "recency": [0.0] * rows, "T": [9.0] * rows}
    ).assign(frequency_holdout=[40] + [0] * (rows - 1), duration_holdout=9.0)
    model = BGNBD(0.243, 4.414, 0.793, 2.426)
    for seed in range(3):
        shuffled = frame.sample(frac=1, random_state=seed)
        found = compare({"m": model}, shuffled)["top_decile_capture"].iloc[0]
        assert found == pytest.approx(0.1)


def test_the_true_model_scores_best():
    truth = ParetoNBD(r=0.553, alpha=10.578, s=0.606, beta=11.669)
    past = truth.simulate(4000, T=60.0, seed=8)
    later = truth.simulate_future(past, 30.0, draws=1, seed=9)[:, 0]
    frame = past.assign(frequency_holdout=later, duration_holdout=30.0)
    wrong = ParetoNBD(r=1.5, alpha=10.578, s=0.2, beta=11.669)
    table = compare({"truth": truth, "wrong": wrong}, frame).set_index("model")
    for name in ("log_likelihood", "log_score"):
        assert table.loc["truth", name] > table.loc["wrong", name]
    for name in ("aic", "bic", "mean_absolute_error", "root_mean_squared_error"):
        assert table.loc["truth", name] < table.loc["wrong", name]
    assert abs(table.loc["truth", "bias"]) < 0.08 < table.loc["wrong", "bias"]


def test_without_a_holdout_only_the_fit_is_compared(fits, customers):
    plain = customers.drop(columns=[n for n in customers if n.endswith("_holdout")])
    table = compare(fits, plain)
    assert list(table) == ["model", "parameters", "log_likelihood", "aic", "bic"]
    polars = compare(fits, pl.from_pandas(plain))
    assert isinstance(polars, pl.DataFrame)
    assert polars["model"].to_list() == list(fits)


def test_a_model_that_cannot_say_has_no_log_score(customers, monkeypatch):
    monkeypatch.setattr(BGNBD, "_log_count_if_alive", PurchaseFormulas._log_count_if_alive)
    table = compare({"m": BGNBD(0.243, 4.414, 0.793, 2.426)}, customers)
    assert np.isnan(table["log_score"].iloc[0])
    assert np.isfinite(table["mean_absolute_error"].iloc[0])


def test_where_nobody_bought_there_is_no_bias(customers):
    none = customers.assign(frequency_holdout=0)
    row = compare({"m": BGNBD(0.243, 4.414, 0.793, 2.426)}, none).iloc[0]
    assert np.isnan(row["bias"])
    assert np.isnan(row["top_decile_capture"])


def test_what_is_refused(fits, customers):
    with pytest.raises(ParameterError, match="at least one model"):
        compare({}, customers)
    with pytest.raises(InvalidValuesError, match="0 in every row"):
        compare(fits, customers.assign(w=0), weight="w")
    with pytest.raises(InvalidValuesError, match="must not exceed"):
        compare(fits, customers.assign(recency=1e9))


def test_weights_are_repeated_rows():
    donors = crm.datasets.load_donations().assign(duration_holdout=5)
    donors["frequency_holdout"] = np.arange(len(donors)) % 6
    fits = {"fit": crm.clv.BGBB.fit(donors, weight="weight"), "even": crm.clv.BGBB(1, 1, 1, 1)}
    weighted = compare(fits, donors, weight="weight")
    repeated = compare(fits, donors.loc[donors.index.repeat(donors["weight"])])
    pd.testing.assert_frame_equal(weighted, repeated, rtol=1e-10)
    assert weighted["log_likelihood"].iloc[0] == pytest.approx(-33225.6, abs=0.05)
