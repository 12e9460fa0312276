"""How much more loyal the delighted are, and what others hear."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from crmanalytics.errors import DataError, ParameterError
from crmanalytics.loyalty import very_satisfied_ratio, word_of_mouth

HEARD = {
    "satisfied_from": 4,
    "dissatisfied_to": 2,
    "told_by_satisfied": 3.0,
    "told_by_dissatisfied": 9.0,
}


def asked(very=(30, 10), satisfied=(15, 45)):
    rows = [(5, 1)] * very[0] + [(5, 0)] * very[1] + [(4, 1)] * satisfied[0]
    return pd.DataFrame([*rows, *[(4, 0)] * satisfied[1]], columns=["happy", "loyal"])


def ratio(survey, **arguments):
    found = very_satisfied_ratio(survey, "happy", "loyal", very=5, satisfied=4, **arguments)
    return found[found["metric"] == "ratio"]


def test_the_ratio_has_katz_interval():
    found = ratio(asked()).iloc[0]
    spread = np.sqrt((1 - 0.75) / 30 + (1 - 0.25) / 15)
    assert found["estimate"] == pytest.approx(3.0)
    assert found["low"] == pytest.approx(3 * np.exp(-1.959964 * spread), rel=1e-6)
    assert found["high"] == pytest.approx(3 * np.exp(1.959964 * spread), rel=1e-6)
    assert found["n"] == 100


@pytest.mark.slow
def test_its_interval_covers_the_truth():
    random = np.random.default_rng(7)
    hits = 0
    for _ in range(400):
        counts = random.binomial((60, 80), (0.6, 0.3))
        found = ratio(asked((counts[0], 60 - counts[0]), (counts[1], 80 - counts[1]))).iloc[0]
        hits += found["low"] <= 2.0 <= found["high"]
    assert 0.92 <= hits / 400 <= 0.98


def test_where_nobody_is_loyal_there_is_no_ratio():
    assert ratio(asked(satisfied=(0, 10)))["estimate"].isna().all()
    assert ratio(asked(very=(0, 10)))["low"].isna().all()


def test_several_answers_groups_and_weights():
    survey = asked().assign(shop="a", w=2.0)
    both = pd.concat([survey, asked((20, 20), (10, 30)).assign(shop="b", w=1.0)])
    found = ratio(both, by="shop")
    assert found["estimate"].tolist() == [3.0, 2.0]
    weighted = ratio(survey, weight="w")
    np.testing.assert_allclose(weighted["low"], ratio(survey)["low"])
    sets = very_satisfied_ratio(survey, "happy", "loyal", very=[5, 6], satisfied=[3, 4])
    assert sets["estimate"].iloc[2] == pytest.approx(3.0)
    with pytest.raises(ParameterError, match="in common"):
        very_satisfied_ratio(survey, "happy", "loyal", very=[4, 5], satisfied=4)
    with pytest.raises(DataError):
        very_satisfied_ratio(survey.assign(loyal=2), "happy", "loyal", very=5, satisfied=4)


def test_what_others_hear():
    survey = pd.DataFrame({"happy": [5] * 70 + [3] * 20 + [1] * 10 + [None] * 5})
    found = word_of_mouth(survey, "happy", **HEARD).set_index("metric")
    assert found["estimate"].round(10).to_dict() == {
        "praise heard": 2.1,
        "complaints heard": 0.9,
        "balance": 1.2,
    }
    assert (found["n_missing"] == 5).all()
    values = np.array([3.0] * 70 + [0.0] * 20 + [-9.0] * 10)
    assert found.loc["balance", "se"] == pytest.approx(values.std(ddof=1) / 10)


def test_the_number_of_customers_scales_and_unsure_multipliers_widen():
    survey = pd.DataFrame({"happy": [5] * 70 + [3] * 20 + [1] * 10})
    one = word_of_mouth(survey, "happy", **HEARD).set_index("metric")
    many = word_of_mouth(survey, "happy", **HEARD, customers=500).set_index("metric")
    columns = ["estimate", "se", "low", "high"]
    pd.testing.assert_frame_equal(many[columns], one[columns] * 500)
    unsure = word_of_mouth(survey, "happy", **HEARD | {"told_by_dissatisfied": (9.0, 2.0)})
    unsure = unsure.set_index("metric")
    assert unsure.loc["praise heard", "se"] == pytest.approx(one.loc["praise heard", "se"])
    expected = np.hypot(one.loc["complaints heard", "se"], 0.1 * 2.0)
    assert unsure.loc["complaints heard", "se"] == pytest.approx(expected)


@pytest.mark.parametrize(
    "wrong",
    [
        {"dissatisfied_to": 4},
        {"customers": 0},
        {"told_by_satisfied": -1.0},
        {"told_by_dissatisfied": (9.0, -1.0)},
    ],
)
def test_wrong_arguments_are_told(wrong):
    with pytest.raises(ParameterError):
        word_of_mouth(pd.DataFrame({"happy": [1, 5]}), "happy", **HEARD | wrong)
