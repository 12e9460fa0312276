"""A classifier scores customers of every engine as it scores those in memory."""

import numpy as np
import pandas as pd
import pytest

import crmanalytics as crm
from crmanalytics.errors import MissingColumnsError


@pytest.fixture(scope="module")
def customers():
    some = np.random.default_rng(4)
    size = 600
    frame = pd.DataFrame(
        {
            "customer_id": np.arange(size),
            "silence": some.integers(0, 300, size),
            "spend": np.where(some.random(size) < 0.1, np.nan, some.gamma(2, 30, size)),
            "plan": some.choice(["basic", "gold", None], size, p=[0.5, 0.4, 0.1]),
            "member": some.random(size) < 0.4,
        }
    )
    return frame, (some.random(size) < frame["silence"] / 300).astype(int)


@pytest.mark.parametrize("estimator", ["logistic", "boosting"])
def test_scores_are_those_in_memory(lazy, customers, estimator):
    frame, churned = customers
    features = ["silence", "spend", "plan", "member"]
    model = crm.churn.ChurnClassifier(estimator).fit(frame[features], churned)
    unseen = frame.assign(plan=frame["plan"].replace("gold", "platinum"))
    for rows in (frame, unseen):
        given = lazy.put(rows)
        found = model.probability(given)
        assert lazy.has_kind_of(found, given)
        scored = lazy.get(found)
        assert list(scored.columns) == [*frame.columns, "churn_probability"]
        expected = model.probability(rows)
        np.testing.assert_allclose(scored["churn_probability"], expected, rtol=1e-12)


def test_a_column_that_lacks_is_named_before_any_work(lazy, customers):
    frame, churned = customers
    model = crm.churn.ChurnClassifier().fit(frame[["silence", "spend"]], churned)
    with pytest.raises(MissingColumnsError, match="no column 'spend'"):
        model.probability(lazy.put(frame.drop(columns="spend").assign(spent=1.0)))


def test_from_log_to_scores_without_leaving_the_engine(lazy, log):
    made = crm.churn.features(log, at="1997-10-01", windows=[60])
    names = [name for name in made.columns if name != "customer_id"]
    churned = (made["days_since_last"] > made["days_since_last"].median()).astype(int)
    model = crm.churn.ChurnClassifier().fit(made[names], churned)
    there = crm.churn.features(lazy.put(log), at="1997-10-01", windows=[60])
    found = lazy.get(model.probability(there))
    np.testing.assert_allclose(found["churn_probability"], model.probability(made), rtol=1e-9)
