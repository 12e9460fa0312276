"""Effects of a treatment: published values, and standard errors of bins and of the total."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from crmanalytics.churn import uplift


@pytest.mark.parametrize(
    ("mail", "outcome", "effect", "error"),
    [
        ("Womens E-Mail", "visit", 0.045233106587052985, 0.003234462099090751),
        ("Womens E-Mail", "conversion", 0.003111057511085258, 0.0008226770775551195),
        ("Womens E-Mail", "spend", 0.4244122159365967, 0.13033285852919116),
        ("Mens E-Mail", "visit", 0.07658956365153125, None),
        ("Mens E-Mail", "conversion", 0.006805006519615695, None),
        ("Mens E-Mail", "spend", 0.7698271558945368, None),
    ],
)
def test_published_effects(shared_data, mail, outcome, effect, error):
    log = pd.read_csv(shared_data("hillstrom.csv"))
    arms = log[log["segment"].isin([mail, "No E-Mail"])]
    found = uplift.treatment_effect(arms.assign(treated=arms["segment"] == mail), outcome).iloc[0]
    assert found["effect"] == pytest.approx(effect, rel=1e-12)
    if error is not None:
        assert found["standard_error"] == pytest.approx(error, rel=1e-12)
        assert (found["treated"], found["control"]) == (21387, 21306)
        assert found["low"] < effect < found["high"]


def test_the_total_has_its_own_standard_error_and_not_the_sum_of_the_bins(shared_data):
    log = pd.read_csv(shared_data("hillstrom.csv"))
    arms = log[log["segment"] != "Mens E-Mail"]
    arms = arms.assign(treated=arms["segment"] == "Womens E-Mail", uplift=arms["history"])
    bins = uplift.uplift_by_bin(arms, outcome="visit", bins=10)
    assert bins["standard_error"].sum() == pytest.approx(0.1017, abs=2e-3)
    total = uplift.treatment_effect(arms, "visit")["standard_error"].iloc[0]
    assert total == pytest.approx(0.0032345, abs=5e-7)
    one = uplift.uplift_by_bin(arms, outcome="visit", bins=1)
    assert one["standard_error"].iloc[0] == pytest.approx(total)
    assert bins[["treated", "control"]].to_numpy().sum() == len(arms)


def test_a_bin_is_the_experiment_of_its_customers():
    random = np.random.default_rng(8)
    frame = pd.DataFrame(
        {
            "treated": random.integers(0, 2, 200),
            "spend": random.gamma(2.0, 10.0, 200),
            "uplift": random.integers(0, 5, 200) / 10,
        }
    )
    table = uplift.uplift_by_bin(frame, outcome="spend", bins=4)
    for row in table.itertuples():
        part = frame[frame["uplift"].between(row.lowest, row.highest)]
        alone = uplift.treatment_effect(part, "spend").iloc[0]
        assert row.effect == pytest.approx(alone["effect"])
        groups = part.groupby("treated")["spend"]
        assert row.standard_error == pytest.approx(np.sqrt((groups.var() / groups.size()).sum()))


def test_an_empty_arm_has_no_effect():
    frame = pd.DataFrame({"treated": [1, 1, 0], "visit": [1, 0, 1], "uplift": [0.9, 0.9, 0.1]})
    table = uplift.uplift_by_bin(frame, outcome="visit", bins=2)
    assert table["effect"].isna().all()
    assert table["standard_error"].isna().all()
    assert np.isnan(uplift.uplift_at(frame, outcome="visit", share=0.5))
