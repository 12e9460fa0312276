"""Top-box shares and effort: Wilson's published bounds, designs, weights, laws."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from crmanalytics.errors import DataError, ParameterError
from crmanalytics.satisfaction import ces, csat

# Newcombe (1998), Statistics in Medicine 17, 857-872, table I
WILSON = {
    (81, 263): (0.255289, 0.366210),
    (15, 148): (0.062386, 0.160487),
    (0, 20): (0.0, 0.161125),
    (1, 29): (0.006113, 0.171755),
}
DESIGN = {  # svyciprop of the R package survey on apiclus1
    "logit": (0.1951552376, 0.5319912507),
    "beta": (0.178680871, 0.5431154228),
    "wald": (0.1698743516, 0.5186502386),
}


@pytest.mark.parametrize("case", WILSON)
def test_wilsons_bounds_are_the_published_ones(case):
    hits, n = case
    frame = pd.DataFrame({"happy": [5] * hits + [1] * (n - hits)})
    found = csat(frame, "happy", scale=(1, 5)).iloc[0]
    assert found["estimate"] == pytest.approx(hits / n)
    assert (found["low"], found["high"]) == pytest.approx(WILSON[case], abs=1e-6)
    assert found["method"] == "wilson"


@pytest.mark.parametrize("method", DESIGN)
def test_a_design_gives_the_bounds_of_the_r_package_survey(shared_data, method):
    schools = pd.read_csv(shared_data("apiclus1_subset.csv"))
    schools["happy"] = np.where(schools["api00"] >= 700, 5, 2)
    options = {"weight": "pw", "clusters": "dnum", "population": "fpc"}
    found = csat(schools, "happy", scale=(1, 5), method=method, **options).iloc[0]
    assert (found["low"], found["high"]) == pytest.approx(DESIGN[method], abs=1e-9)
    wilson = csat(schools, "happy", scale=(1, 5), **options).iloc[0]
    assert wilson["low"] == pytest.approx(found["low"], abs=0.03)


def test_several_items_and_their_means():
    frame = pd.DataFrame({"a": [5, 4, 1], "b": [2, 2, np.nan]})
    found = csat(frame, ["a", "b"], scale=(1, 5), mean=True).set_index("metric")
    assert list(found.index) == ["csat:a", "csat_mean:a", "csat:b", "csat_mean:b"]
    assert found["estimate"].tolist() == pytest.approx([2 / 3, 10 / 3, 0.0, 2.0])
    assert found["n_missing"].tolist() == [0, 0, 1, 1]


@pytest.mark.parametrize(("top", "share"), [(1, 0.25), (2, 0.5), (4, 1.0)])
def test_how_many_boxes_count(top, share):
    frame = pd.DataFrame({"happy": [5, 4, 3, 2]})
    assert csat(frame, "happy", scale=(1, 5), top=top)["estimate"].iloc[0] == share


@pytest.mark.parametrize("top", [0, 5])
def test_all_or_no_answers_are_no_top(top):
    with pytest.raises(ParameterError, match="top must be from 1 to 4 of 5 answers"):
        csat(pd.DataFrame({"happy": [5]}), "happy", scale=(1, 5), top=top)


def test_out_of_range_is_an_error_that_says_what_to_do():
    with pytest.raises(DataError, match=r"between 1 and 5.*name it in no_answer"):
        csat(pd.DataFrame({"happy": [5, 99]}), "happy", scale=(1, 5))


def test_effort_both_ways_round():
    frame = pd.DataFrame({"effort": [1, 2, 5, 4, 1]})
    found = ces(frame, "effort", scale=(1, 5), easy="low", top=2)
    assert found["metric"].tolist() == ["ces", "ces_mean"]
    assert found["estimate"].tolist() == pytest.approx([0.6, 2.6])
    with pytest.raises(ParameterError, match="easy must be"):
        ces(frame, "effort", easy="yes")


def test_the_bootstrap_of_a_share():
    frame = pd.DataFrame({"happy": [5] * 60 + [1] * 140})
    found = csat(frame, "happy", scale=(1, 5), method="bootstrap").iloc[0]
    wald = csat(frame, "happy", scale=(1, 5), method="wald").iloc[0]
    assert (found["low"], found["high"]) == pytest.approx((wald["low"], wald["high"]), abs=0.01)


@given(st.lists(st.tuples(st.integers(1, 5), st.integers(0, 4)), min_size=1, max_size=30))
def test_whole_weights_are_repeated_rows_for_the_estimates(rows):
    frame = pd.DataFrame(rows, columns=["happy", "w"])
    repeated = frame.loc[frame.index.repeat(frame["w"])]
    weighted = csat(frame, "happy", scale=(1, 5), weight="w", mean=True)
    plain = csat(repeated, "happy", scale=(1, 5), mean=True)
    np.testing.assert_allclose(weighted["estimate"], plain["estimate"])


@given(
    st.lists(st.integers(1, 5), min_size=1, max_size=30),
    st.sampled_from(["wilson", "logit", "beta"]),
)
def test_bounds_hold_the_share_and_keep_to_the_scale(answers, method):
    found = csat(pd.DataFrame({"happy": answers}), "happy", scale=(1, 5), method=method).iloc[0]
    assert 0 <= found["low"] <= found["estimate"] + 1e-12
    assert found["estimate"] <= found["high"] + 1e-12 <= 1 + 2e-12


def test_weights_that_matter_less_than_they_vary():
    """The effective size falls with the spread of weights, and the interval widens."""
    frame = pd.DataFrame({"happy": [5, 1] * 50, "w": [1.0] * 90 + [20.0] * 10})
    even = csat(frame, "happy", scale=(1, 5)).iloc[0]
    uneven = csat(frame, "happy", scale=(1, 5), weight="w").iloc[0]
    assert uneven["n"] == even["n"] == 100
    assert uneven["n_effective"] == pytest.approx(290**2 / 4090)
    assert uneven["high"] - uneven["low"] > even["high"] - even["low"]


def test_rows_of_no_weight_are_no_evidence():
    """Respondents whose weight is 0 count as having answered, and tell nothing."""
    frame = pd.DataFrame({"happy": [1, 5, 4, 5, 3] + [2] * 95, "w": [1.0] * 5 + [0.0] * 95})
    found = csat(frame, "happy", scale=(1, 5), weight="w", mean=True).set_index("metric")
    alone = csat(frame.head(5), "happy", scale=(1, 5), mean=True).set_index("metric")
    numbers = ["estimate", "se", "low", "high", "n_effective"]
    np.testing.assert_allclose(found[numbers].astype(float), alone[numbers].astype(float))
    assert found["n"].tolist() == [100, 100]


def test_intervals_of_means_stay_on_the_scale():
    found = ces(pd.DataFrame({"easy": [7, 7, 6]}), "easy").set_index("metric")
    assert found.loc["ces_mean", "high"] == 7
    mean = csat(pd.DataFrame({"happy": [1, 1, 2]}), "happy", scale=(1, 5), mean=True)
    assert mean["low"].tolist()[1] == 1


def test_a_scale_that_runs_backwards_and_weights_that_are_answers():
    frame = pd.DataFrame({"happy": [5, 4, 1], "w": [1.0, 2.0, -1.0]})
    with pytest.raises(ParameterError, match="lowest, highest"):
        csat(frame, "happy", scale=(5, 1))
    with pytest.raises(DataError, match="must not be negative"):
        csat(frame, "w", scale=(-1, 5), weight="w")
