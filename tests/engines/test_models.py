"""Models: fitted to cells that the engine counts, predictions joined back by the engine."""

import narwhals.stable.v2 as nw
import numpy as np
import pandas as pd
import pytest

import crmanalytics as crm
from crmanalytics.errors import ParameterError
from crmanalytics.frames import looked_up, map_batches, need_engine

MODEL = crm.clv.BGNBD(r=0.243, alpha=4.414, a=0.793, b=2.426, unit="W")
SPEND = crm.clv.GammaGamma(p=6.25, q=3.74, v=15.45)
FITTED = 1e-9  # an optimiser stops within its tolerance, wherever sums were rounded


@pytest.mark.parametrize("model", [crm.clv.BGNBD, crm.clv.MBGNBD, crm.clv.GammaGamma])
def test_fit(lazy, customers, model):
    settings = {} if model is crm.clv.GammaGamma else {"unit": "W"}
    found = model.fit(lazy.put(customers), **settings)
    expected = model.fit(customers)
    assert found.n == expected.n
    np.testing.assert_allclose(found.log_likelihood, expected.log_likelihood, rtol=1e-12)
    np.testing.assert_allclose(
        found.parameters["estimate"], expected.parameters["estimate"], rtol=FITTED
    )


PREDICTIONS = {
    "p_alive": MODEL.probability_alive,
    "p_active": lambda frame: MODEL.probability_active(frame, 39),
    "expected_purchases": lambda frame: MODEL.expected_purchases(frame, 39),
    "expected_spend": SPEND.expected_spend,
    "probability": lambda frame: MODEL.purchase_count_probability_of(frame, 2, 39),
    "clv": lambda frame: crm.clv.lifetime_value(
        frame, MODEL, SPEND, horizon=52, discount_rate=0.1, margin=0.3
    ),
}


@pytest.mark.parametrize("name", PREDICTIONS)
def test_predictions(lazy, customers, same, name):
    native = lazy.put(customers)
    found = PREDICTIONS[name](native)
    assert lazy.has_kind_of(found, native)
    same(lazy.get(found), customers.assign(**{name: PREDICTIONS[name](customers)}))


def test_predictions_replace_columns_of_their_name(lazy, customers, same):
    found = MODEL.probability_alive(lazy.put(customers.assign(p_alive=-1.0)))
    expected = customers.assign(p_alive=MODEL.probability_alive(customers))
    same(lazy.get(found)[list(expected)], expected)


def test_covariates_are_worked_on_in_batches(lazy, customers, same):
    model = crm.clv.BGNBDCovariates(0.24, 4.4, 0.8, 2.4, purchase={"total": 0.001}, unit="W")
    native = lazy.put(customers)
    found = model.expected_purchases(native, 39)
    assert lazy.has_kind_of(found, native)
    expected = customers.assign(expected_purchases=model.expected_purchases(customers, 39))
    same(lazy.get(found), expected)


def test_batches_of_any_function(engine, customers, same):
    def work(rows):
        return {"twice": 2 * rows["orders"].to_numpy(), "name": rows["orders"].astype(str)}

    found = map_batches(engine.put(customers), work, {"twice": int, "name": str})
    expected = customers.assign(twice=2 * customers["orders"], name=customers["orders"].astype(str))
    same(engine.get(found), expected)


def test_a_missing_engine_names_its_extra(monkeypatch):
    monkeypatch.setattr("crmanalytics.frames.engines.find_spec", lambda name: None)
    with pytest.raises(ParameterError, match=r"pip install 'crmanalytics\[spark\]'"):
        need_engine("spark")


@pytest.mark.slow
@pytest.mark.spark
@pytest.mark.filterwarnings("ignore:PySpark does not yet fully support pandas:FutureWarning")
@pytest.mark.parametrize(("cells", "sent"), [(1000, True), (1_000_000, False)])
def test_spark_sends_small_tables_to_all_workers_and_divides_large_ones(spark_session, cells, sent):
    """A large table on each worker, as once was, took all their memory for their own rows."""
    rows = spark_session.range(0, 3 * cells, cells).withColumnRenamed("id", "k")
    customers = nw.from_native(rows)
    values = pd.DataFrame({"k": np.arange(cells), "value": np.arange(cells) / 2})
    found = looked_up(customers, nw.from_native(values, eager_only=True), ["k"]).to_native()
    plan = found._jdf.queryExecution().executedPlan().toString()
    assert ("BroadcastHashJoin" in plan) == sent
    assert ("SortMergeJoin" in plan) != sent
    frame = found.toArrow().to_pandas().sort_values("k")
    np.testing.assert_array_equal(frame["value"], [0.0, np.nan, np.nan])


def test_cells_that_were_counted_before_give_the_same_value(lazy, customers, same):
    there = lazy.put(customers)
    asked = {"horizon": 52, "discount_rate": 0.1, "margin": 0.3}
    found = crm.clv.lifetime_value(crm.clv.count_cells(there), MODEL, SPEND, **asked)
    same(lazy.get(found), lazy.get(crm.clv.lifetime_value(there, MODEL, SPEND, **asked)))
