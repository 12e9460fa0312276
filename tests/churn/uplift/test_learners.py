"""Learners of uplift: they find an effect that is there, and agree with published figures."""

from __future__ import annotations

import numpy as np
import pandas as pd
import polars as pl
import pytest
from sklearn.linear_model import LinearRegression, LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from crmanalytics.churn import uplift
from crmanalytics.errors import InvalidValuesError, MissingColumnsError, ParameterError

FEATURES = ["age", "tenure"]


def experiment(rows, seed, share=0.5):
    random = np.random.default_rng(seed)
    frame = pd.DataFrame(
        {
            "customer_id": random.permutation(rows),
            "treated": (random.random(rows) < share).astype(int),
            "age": random.normal(size=rows),
            "tenure": random.normal(size=rows),
        }
    )
    frame["effect"] = 1.0 + frame["age"]
    noise = random.normal(size=rows)
    frame["spend"] = 2.0 * frame["tenure"] + frame["treated"] * frame["effect"] + noise
    odds = np.exp(frame["tenure"] + frame["treated"] * frame["age"])
    frame["visit"] = (random.random(rows) < odds / (1 + odds)).astype(int)
    return frame


LEARNERS = [
    uplift.TLearner(LinearRegression()),
    uplift.XLearner(LinearRegression(), LinearRegression()),
]


@pytest.mark.parametrize("learner", LEARNERS, ids=["T", "X"])
@pytest.mark.parametrize("share", [0.5, 0.1])
def test_an_effect_that_is_there_is_found(learner, share):
    train = experiment(6000, 1, share)
    model = learner.fit(train, outcome="spend", features=FEATURES)
    later = experiment(500, 2)
    found = model.uplift(later)
    assert found.index.equals(later.index)
    np.testing.assert_allclose(found, later["effect"], atol=0.35)


@pytest.mark.parametrize("effect", [LinearRegression()])
def test_classifiers_are_read_by_their_probability(effect):
    train, later = experiment(4000, 3), experiment(4000, 4)
    for learner in (
        uplift.TLearner(LogisticRegression()),
        uplift.XLearner(LogisticRegression(), effect),
    ):
        model = learner.fit(train, outcome="visit", features=FEATURES)
        scored = later.assign(uplift=model.uplift(later))
        assert scored["uplift"].abs().max() < 1.2
        assert np.corrcoef(scored["uplift"], scored["age"])[0, 1] > 0.8
        assert uplift.qini(scored, outcome="visit", normalization="per_customer") > 0.02


def test_predictions_of_customers_not_seen_do_not_hang_on_the_order_of_rows():
    frame = experiment(400, 5)
    learner = uplift.TLearner(LinearRegression())
    given = {"outcome": "spend", "features": FEATURES, "folds": 4}
    first = uplift.cross_uplift(learner, frame, **given)
    mixed = frame.sample(frac=1, random_state=1)
    second = uplift.cross_uplift(learner, mixed, **given)
    np.testing.assert_allclose(first, second.loc[first.index], atol=1e-9)
    seen = learner.fit(frame, outcome="spend", features=FEATURES).uplift(frame)
    assert not np.allclose(first, seen)


def test_all_rows_of_a_customer_are_in_one_fold():
    once = experiment(60, 6)
    twice = pd.concat([once, once], ignore_index=True)
    learner = uplift.TLearner(LinearRegression())
    found = uplift.cross_uplift(learner, twice, outcome="spend", features=FEATURES)
    np.testing.assert_allclose(found[:60], found[60:])


def test_polars_frames_give_polars_series():
    frame = pl.from_pandas(experiment(100, 7))
    learner = uplift.TLearner(LinearRegression())
    model = learner.fit(frame, outcome="spend", features=FEATURES)
    assert isinstance(model.uplift(frame), pl.Series)
    found = uplift.cross_uplift(learner, frame, outcome="spend", features=FEATURES)
    assert isinstance(found, pl.Series)


def test_the_table_of_measures_agrees_with_each_of_them():
    frame = experiment(600, 8)
    scored = frame.assign(uplift=frame["age"])
    table = uplift.evaluate_uplift(scored, outcome="visit", draws=40).set_index("metric")
    given = {"outcome": "visit", "normalization": "end"}
    assert table.loc["qini_end", "estimate"] == uplift.qini(scored, **given)
    assert table.loc["auuc_end", "estimate"] == uplift.auuc(scored, **given)
    whole = uplift.treatment_effect(scored, "visit").iloc[0]
    assert table.loc["effect", "estimate"] == pytest.approx(whole["effect"])
    ratio = table.loc["effect", "standard_error"] / whole["standard_error"]
    assert ratio == pytest.approx(1, abs=0.35)
    mixed = scored.sample(frac=1, random_state=2)
    again = uplift.evaluate_uplift(mixed, outcome="visit", draws=40).set_index("metric")
    pd.testing.assert_frame_equal(table, again)


@pytest.mark.slow
def test_published_figures_of_a_learner_on_real_mails(shared_data):
    log = pd.read_csv(shared_data("hillstrom.csv"))
    mails = log[log["segment"] != "Mens E-Mail"].reset_index(drop=True)
    mails["treated"] = (mails["segment"] == "Womens E-Mail").astype(int)
    dummies = pd.get_dummies(mails[["zip_code", "channel"]], drop_first=True, dtype=float)
    features = ["recency", "history", "mens", "womens", "newbie", *dummies.columns]
    mails = pd.concat([mails, dummies], axis=1)
    train, test = mails.iloc[::2], mails.iloc[1::2]
    learner = uplift.TLearner(make_pipeline(StandardScaler(), LogisticRegression(C=1e6)))
    model = learner.fit(train, outcome="visit", features=features)
    scored = test.assign(uplift=model.uplift(test))
    found = {
        name: uplift.qini(scored, outcome="visit", normalization=name)
        for name in ("perfect", "per_customer")
    }
    assert found["perfect"] == pytest.approx(0.05758, abs=5e-4)
    assert found["per_customer"] == pytest.approx(0.003468, abs=5e-5)
    assert uplift.uplift_at(scored, outcome="visit", share=0.3) == pytest.approx(0.0623, abs=2e-3)


def test_what_is_refused():
    frame = experiment(40, 9)
    learner = uplift.TLearner(LinearRegression())
    with pytest.raises(MissingColumnsError, match="height"):
        learner.fit(frame, outcome="spend", features=["height"])
    with pytest.raises(ParameterError, match="at least one column"):
        learner.fit(frame, outcome="spend", features=[])
    with pytest.raises(InvalidValuesError, match="classifier needs"):
        uplift.TLearner(LogisticRegression()).fit(frame, outcome="spend", features=["age"])
    with pytest.raises(ParameterError, match="folds must"):
        uplift.cross_uplift(learner, frame, outcome="spend", features=["age"], folds=1)
