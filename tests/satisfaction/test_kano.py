"""Kano's model: published tables, the pairs of answers, tests and intervals."""

from __future__ import annotations

import numpy as np
import pandas as pd
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import binomtest

import crmanalytics as crm
from crmanalytics.errors import InvalidValuesError, MissingColumnsError, ParameterError
from crmanalytics.satisfaction.kano_answers import CATEGORIES, EVALUATION

#: One pair of answers for each category.
PAIR = {"M": (2, 5), "O": (1, 5), "A": (1, 3), "I": (3, 3), "R": (5, 1), "Q": (1, 1)}

#: Counts M, O, A, I, R, Q; category; better, worse, total and category strength; Fong's test.
PUBLISHED = {
    "Fahreigenschaften": ((3, 1, 3, 9, 7, 2), "I", 0.25, -0.25, 0.28, 0.08, False),
    "Sicherheit": ((18, 5, 1, 1, 1, 1), "M", 0.24, -0.92, 0.888889, 0.481481, True),
    "Beschleunigung": ((3, 11, 6, 6, 1, 0), "O", 0.653846, -0.538462, 0.740741, 0.185185, False),
    "Verbrauch": ((8, 11, 4, 4, 0, 0), "O", 0.555556, -0.703704, 0.851852, 0.111111, False),
    "Lebensdauer": ((8, 15, 1, 2, 0, 0), "O", 0.615385, -0.884615, 0.923077, 0.269231, True),
    "Sonderausstattung": ((2, 3, 16, 1, 5, 0), "A", 0.863636, -0.227273, 0.777778, 0.407407, True),
    "Schiebedach": ((4, 3, 2, 18, 0, 0), "I", 0.185185, -0.259259, 0.333333, 0.518519, True),
    "Rostschutz": ((12, 3, 3, 4, 4, 0), "M", 0.272727, -0.681818, 0.692308, 0.307692, True),
    "Design": ((2, 1, 15, 3, 6, 0), "A", 0.761905, -0.142857, 0.666667, 0.333333, True),
    "Rostflecken": ((0, 0, 0, 0, 27, 0), "R", np.nan, np.nan, 0.0, 1.0, True),
}
#: Mean scores of the answers with and without the feature.
MEANS = {
    "Fahreigenschaften": (0.6, 0.6),
    "Sicherheit": (2.111111, 3.407407),
    "Lebensdauer": (3.153846, 3.692308),
    "Design": (2.111111, 0.296296),
    "Rostflecken": (-2.0, -1.0),
}


def answers(counts):
    rows = [PAIR[letter] for letter, n in zip(CATEGORIES, counts, strict=True) for _ in range(n)]
    return pd.DataFrame(rows, columns=["with", "without"])


ONE = {"it": ("with", "without")}


def metric(found, name):
    return found.loc[found["metric"] == name].iloc[0]


@pytest.mark.parametrize("feature", PUBLISHED)
def test_published_counts_give_the_published_results(feature):
    counts, category, better, worse, total, strength, significant = PUBLISHED[feature]
    survey = answers(counts)
    table = crm.satisfaction.kano_table(survey, ONE).iloc[0]
    assert [table[letter] for letter in CATEGORIES] == list(counts)
    assert table["category"] == category
    assert table["fong_significant"] == significant
    found = crm.satisfaction.kano(survey, ONE)
    expected = (better, worse, total, strength)
    for name, value in zip(
        ("better", "worse", "total_strength", "category_strength"), expected, strict=True
    ):
        np.testing.assert_allclose(metric(found, name)["estimate"], value, atol=5e-7)


def test_published_survey(shared_data):
    survey = pd.read_csv(shared_data("kano_stp25_example.csv"))
    features = {name: (f"f{k}", f"d{k}") for k, name in enumerate(PUBLISHED, start=1)}
    table = crm.satisfaction.kano_table(survey, features).set_index("feature")
    found = crm.satisfaction.kano(survey, features)
    wide = found.pivot_table(index="feature", columns="metric", values="estimate")
    for name, (counts, category, *_) in PUBLISHED.items():
        assert table.loc[name, list(CATEGORIES)].tolist() == list(counts)
        assert table.loc[name, "category"] == category
    for name, means in MEANS.items():
        np.testing.assert_allclose(
            wide.loc[name, ["functional", "dysfunctional"]].astype(float), means, atol=5e-7
        )
    assert (table["n"] + table["n_missing"] == len(survey)).all()


def test_what_cannot_be_said_is_missing_and_not_zero():
    found = crm.satisfaction.kano(answers((0, 0, 0, 0, 9, 0)), ONE)
    for name in ("better", "worse"):
        row = metric(found, name)
        assert row["n"] == 0
        assert row["n_missing"] == 0
        assert row[["estimate", "low", "high"]].isna().all()
    nobody = pd.DataFrame({"with": [np.nan], "without": [1.0]})
    table = crm.satisfaction.kano_table(nobody, ONE).iloc[0]
    assert pd.isna(table["category"])
    assert not table["fong_significant"]
    assert table["n_missing"] == 1


def test_intervals_are_wilsons_and_turn_with_the_sign():
    found = crm.satisfaction.kano(answers((18, 5, 1, 1, 1, 1)), ONE)
    better, worse = metric(found, "better"), metric(found, "worse")
    for row, hits, sign in ((better, 6, 1), (worse, 23, -1)):
        interval = binomtest(hits, 25).proportion_ci(method="wilson")
        bounds = sorted(sign * x for x in (interval.low, interval.high))
        np.testing.assert_allclose([row["low"], row["high"]], bounds, rtol=1e-12)
    assert better["n"] == 25


def test_the_lead_is_a_difference_of_shares():
    row = metric(crm.satisfaction.kano(answers((18, 5, 1, 1, 1, 1)), ONE), "category_strength")
    first, second = 18 / 27, 5 / 27
    error = np.sqrt((first + second - (first - second) ** 2) / 26)
    np.testing.assert_allclose([row["estimate"], row["se"]], [first - second, error])


def test_weights_are_repetitions_of_estimates():
    counts = (3, 1, 4, 2, 1, 0)
    rows = answers((1, 1, 1, 1, 1, 0)).assign(w=counts[:5])
    weighted = crm.satisfaction.kano(rows, ONE, weight="w")
    plain = crm.satisfaction.kano(answers(counts), ONE)
    np.testing.assert_allclose(weighted["estimate"], plain["estimate"])
    table = crm.satisfaction.kano_table(rows, ONE, weight="w").iloc[0]
    assert [table[x] for x in CATEGORIES] == list(counts)
    assert table["n_effective"] == pytest.approx(11**2 / (9 + 1 + 16 + 4 + 1))


@given(st.lists(st.integers(0, 30), min_size=6, max_size=6).filter(sum))
def test_laws(counts):
    found = crm.satisfaction.kano(answers(counts), ONE).set_index("metric")["estimate"]
    shares = found[
        ["must_be", "one_dimensional", "attractive", "indifferent", "reverse", "questionable"]
    ]
    assert shares.sum() == pytest.approx(1)
    assert shares.to_numpy() == pytest.approx(np.array(counts) / sum(counts))
    ranked = np.sort(shares.to_numpy())[::-1]
    assert found["category_strength"] == pytest.approx(ranked[0] - ranked[1])
    if not np.isnan(found["better"]):
        assert 0 <= found["better"] <= 1
        assert -1 <= found["worse"] <= 0


def test_every_pair_of_answers_has_its_category():
    pairs = [(f, d) for f in range(1, 6) for d in range(1, 6)]
    survey = pd.DataFrame(pairs, columns=["with", "without"])
    found = crm.satisfaction.kano_classify(survey, ONE)
    assert "".join(found["it_kano"]) == "".join(EVALUATION)
    # a table of one's own, and codes the other way round
    strict = ("QAAAO", "RQIIM", "RIIIM", "RIIQM", "RRRRQ")
    turned = 6 - survey
    again = crm.satisfaction.kano_classify(turned, ONE, table=strict, codes=(5, 4, 3, 2, 1))
    assert "".join(again["it_kano"]) == "".join(strict)


def test_ties_go_to_what_is_needed_most():
    table = crm.satisfaction.kano_table(answers((2, 2, 2, 2, 2, 2)), ONE).iloc[0]
    assert (table["category"], table["second"]) == ("M", "O")
    assert table["category_by_rule"] == "I"
    mixed = crm.satisfaction.kano_table(answers((5, 5, 5, 2, 0, 0)), ONE).iloc[0]
    assert mixed["mixed"]
    assert mixed["category_by_rule"] == "M"


def test_groups_and_codes_of_no_answer():
    survey = pd.concat([answers((5, 0, 0, 1, 0, 0)), answers((0, 0, 6, 0, 0, 0))])
    survey["land"] = ["b"] * 6 + ["a"] * 6
    survey.iloc[0, 1] = 9
    table = crm.satisfaction.kano_table(survey, ONE, by="land", no_answer=[9])
    assert table["category"].tolist() == ["A", "M"]
    assert table["n_missing"].tolist() == [0, 1]
    found = crm.satisfaction.kano(pl.from_pandas(survey), ONE, by="land", no_answer=[9])
    assert isinstance(found, pl.DataFrame)
    assert found.filter(pl.col("metric") == "better")["estimate"].to_list() == [1.0, 0.0]
    joined = crm.satisfaction.kano_classify(survey, ONE, no_answer=[9])
    assert joined["it_kano"].isna().sum() == 1
    assert list(joined.columns[:3]) == ["with", "without", "land"]


@pytest.mark.parametrize(
    ("survey", "arguments", "error", "says"),
    [
        ({"with": [1, 7], "without": [1, 2]}, {}, InvalidValuesError, "must be one of 1, 2, 3"),
        ({"with": [1], "other": [1]}, {}, MissingColumnsError, "without"),
        ({"with": [1], "without": [1]}, {"codes": (1, 2, 3)}, ParameterError, "five different"),
        ({"with": [1], "without": [1]}, {"table": ("AAAAA",)}, ParameterError, "five rows"),
        (
            {"with": [1], "without": [1]},
            {"features": {"it": "with"}},
            ParameterError,
            "two columns",
        ),
        ({"with": [1], "without": [1]}, {"features": {}}, ParameterError, "two columns"),
    ],
)
def test_what_is_refused(survey, arguments, error, says):
    features = arguments.pop("features", ONE)
    with pytest.raises(error, match=says):
        crm.satisfaction.kano(pd.DataFrame(survey), features, **arguments)
