"""Change between waves: published differences, paired answers, p-values that fit the intervals."""

from __future__ import annotations

import numpy as np
import pandas as pd
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from crmanalytics.errors import DataError, ParameterError
from crmanalytics.inference import adjust_p_values
from crmanalytics.satisfaction import change

# 60/25/15 of 100 against 50/30/20 of 100 (promoters/passives/detractors), R package NPS; p-values
# are those of its tests, the joined interval is computed from Wilson's
PUBLISHED = {
    "wald": (-0.0608669861536, 0.3608669861536, 0.163251712433),
    "adjusted-wald": (-0.0624727181527, 0.353734854075, 0.170193239639),
    "mover": (-0.06193062, 0.35601002, None),
}


def waves(**scores):
    return pd.DataFrame([(w, s) for w, found in scores.items() for s in found], columns=["w", "y"])


PAIR = waves(a=[3] * 20 + [8] * 30 + [10] * 50, b=[3] * 15 + [8] * 25 + [10] * 60)


@pytest.mark.parametrize("method", PUBLISHED)
def test_a_difference_of_two_scores_is_the_published_one(method):
    low, high, p = PUBLISHED[method]
    found = change(PAIR, "y", between="w", method=method).iloc[0]
    assert found["estimate"] == pytest.approx(0.15)
    assert found["se"] == pytest.approx(0.107587173957, abs=1e-12)
    near = 1e-8 if method == "mover" else 1e-12
    assert (found["low"], found["high"]) == pytest.approx((low, high), abs=near)
    if p is not None:
        assert found["p_value"] == pytest.approx(p, abs=1e-11)


def test_units_of_real_data(shared_data):
    real = pd.read_csv(shared_data("NPS_testdata.csv"))
    found = change(real, "REC", between="BU", against="all", method="wald")
    assert len(found) == 6
    apples = found[(found["BU_from"] == "Apples") & (found["BU_to"] == "Oranges")].iloc[0]
    assert -apples["estimate"] == pytest.approx(0.072)
    assert -apples["high"] == pytest.approx(-0.0842237609851, abs=1e-12)
    assert -apples["low"] == pytest.approx(0.2282237609851, abs=1e-12)
    assert apples["p_value"] == pytest.approx(0.3663650541145, abs=1e-12)
    assert (found["p_adjusted"] == 1).all()


def test_two_shares_have_newcombes_interval():
    """Newcombe (1998), table II, method 10: 56/70 less 48/80 is 0.0524 to 0.3339."""
    frame = waves(a=[5] * 48 + [1] * 32, b=[5] * 56 + [1] * 14)
    found = change(frame, "y", between="w", score="top", scale=(1, 5)).iloc[0]
    assert (found["low"], found["high"]) == pytest.approx((0.0524, 0.3339), abs=5e-5)


def test_means_have_welchs_interval():
    from scipy.stats import ttest_ind

    a, b = [1, 2, 3, 4, 5, 5], [3, 4, 4, 5]
    found = change(waves(a=a, b=b), "y", between="w", score="mean", scale=(1, 5)).iloc[0]
    peer = ttest_ind(b, a, equal_var=False)
    bounds = peer.confidence_interval(0.95)
    assert (found["low"], found["high"]) == pytest.approx((bounds.low, bounds.high))
    assert found["p_value"] == pytest.approx(peer.pvalue)


def test_means_of_the_same_people_are_compared_by_their_differences():
    from scipy.stats import ttest_rel

    a, b = [1, 2, 3, 4, 5, 5], [2, 2, 4, 5, 4, 5]
    frame = waves(a=a, b=b).assign(who=[*range(6), *range(6)])
    extra = pd.DataFrame({"w": ["a", "b"], "y": [1, 5], "who": [98, 99]})
    frame = pd.concat([frame, extra])
    found = change(frame, "y", between="w", score="mean", scale=(1, 5), paired="who").iloc[0]
    peer = ttest_rel(b, a)
    bounds = peer.confidence_interval(0.95)
    assert (found["low"], found["high"]) == pytest.approx((bounds.low, bounds.high))
    assert found["p_value"] == pytest.approx(peer.pvalue)
    assert found["n"] == 12
    assert found["n_missing"] == 2  # who answered but once


def test_paired_scores_have_the_error_of_the_differences():
    rng = np.random.default_rng(5)
    first = rng.integers(0, 11, 200)
    second = np.clip(first + rng.integers(-1, 2, 200), 0, 10)
    frame = waves(a=first, b=second).assign(who=[*range(200), *range(200)])
    side = [np.where(x >= 9, 1, np.where(x <= 6, -1, 0)) for x in (first, second)]
    gap = side[1] - side[0]
    paired = change(frame, "y", between="w", paired="who").iloc[0]
    assert paired["estimate"] == pytest.approx(gap.mean())
    assert paired["se"] == pytest.approx(gap.std() / np.sqrt(200))
    apart = change(frame, "y", between="w").iloc[0]
    assert apart["estimate"] == pytest.approx(paired["estimate"])
    assert apart["se"] > 1.5 * paired["se"]
    assert apart["high"] - apart["low"] > 1.5 * (paired["high"] - paired["low"])
    clustered = change(frame, "y", between="w", clusters="who").iloc[0]
    assert clustered["se"] == pytest.approx(paired["se"], rel=0.01)


def test_a_person_answers_once_in_a_wave():
    with pytest.raises(DataError, match=r"survey\['who'\] must not repeat within a group of 'w'"):
        change(PAIR.assign(who=1), "y", between="w", paired="who")


@pytest.mark.parametrize("method", ["mover", "wald"])
@pytest.mark.parametrize("score", ["nps", "top"])
def test_a_p_value_is_where_the_interval_reaches_zero(score, method):
    options = {"between": "w", "score": score, "scale": (0, 10), "method": method}
    p = change(PAIR, "y", **options)["p_value"].iloc[0]
    just = change(PAIR, "y", level=1 - p, **options).iloc[0]
    assert just["low"] == pytest.approx(0, abs=1e-9)


def test_which_waves_are_compared():
    frame = waves(a=[10, 3], b=[10, 8], c=[10, 10, 3]).assign(g=["x", "y", "x", "y", "x", "x", "x"])
    ends = ["w_from", "w_to"]

    def pairs(against):
        return change(frame, "y", between="w", against=against)[ends].to_numpy().tolist()

    assert pairs("previous") == [["a", "b"], ["b", "c"]]
    assert pairs("first") == [["a", "b"], ["a", "c"]]
    assert pairs("all") == [["a", "b"], ["a", "c"], ["b", "c"]]
    by = change(frame, "y", between="w", by="g")
    assert by[["g", *ends]].to_numpy().tolist() == [
        ["x", "a", "b"],
        ["x", "b", "c"],
        ["y", "a", "b"],
    ]


def test_waves_may_be_dates_and_frames_polars():
    dates = pd.to_datetime(["2024-01-01", "2024-04-01"])
    frame = PAIR.assign(w=np.repeat(dates, 100))
    found = change(frame, "y", between="w")
    assert found["w_from"].iloc[0] == dates[0]
    assert found["w_to"].dtype.kind == "M"
    also = change(pl.from_pandas(frame), "y", between="w")
    assert also["estimate"].to_list() == pytest.approx([0.15])
    assert also["w_to"].to_list() == [dates[1].to_pydatetime()]


def test_no_detractors_at_all_is_still_a_score():
    frame = waves(a=[8] * 10 + [10] * 10, b=[8] * 5 + [10] * 15)
    found = change(frame, "y", between="w").iloc[0]
    share = change(frame, "y", between="w", score="top", scale=(0, 10)).iloc[0]
    assert found["estimate"] == share["estimate"] == pytest.approx(0.25)
    assert found["low"] < share["low"]  # some of those not asked may be detractors


def test_waves_without_answers_and_without_spread():
    empty = change(waves(a=[10, 9], b=[np.nan, np.nan]), "y", between="w").iloc[0]
    assert empty[["estimate", "low", "high", "p_value", "p_adjusted"]].isna().all()
    same = change(waves(a=[10, 9], b=[9, 9]), "y", between="w").iloc[0]
    assert same["p_value"] == 1
    far = change(waves(a=[0] * 99, b=[10] * 99), "y", between="w", method="wald").iloc[0]
    assert far["p_value"] == 0


@pytest.mark.parametrize(
    ("options", "text"),
    [
        ({"score": "median"}, "score must be one of"),
        ({"method": "exact"}, "method must be one of"),
        ({"against": "last"}, "against must be one of"),
        ({"adjust": "tukey"}, "adjust must be one of"),
        ({"score": "top"}, "scale is needed for score 'top'"),
        ({"method": "adjusted-wald", "paired": "w"}, "for independent waves"),
    ],
)
def test_arguments_that_cannot_be_are_errors(options, text):
    with pytest.raises(ParameterError, match=text):
        change(PAIR, "y", between="w", **options)


def test_one_wave_cannot_be_compared():
    with pytest.raises(ParameterError, match="but one label"):
        change(waves(a=[1, 2]), "y", between="w")


P = [0.0001, 0.0004, 0.0019, 0.0095, 0.0201, 0.0278, 0.0298, 0.0344]


def test_adjusted_p_values_are_those_of_r():
    """R: p.adjust(p, "holm") and p.adjust(p, "BH")."""
    holm = [0.0008, 0.0028, 0.0114, 0.0475, 0.0804, 0.0834, 0.0834, 0.0834]
    bh = [0.0008, 0.0016, 0.0050666667, 0.019, 0.03216, 0.0340571429, 0.0340571429, 0.0344]
    assert adjust_p_values(P, "holm") == pytest.approx(holm)
    assert adjust_p_values(P, "benjamini-hochberg") == pytest.approx(bh)
    assert adjust_p_values(P, "bonferroni")[0] == pytest.approx(0.0008)
    assert adjust_p_values([np.nan, 0.04], "holm")[1] == 0.04


@given(st.lists(st.floats(0, 1), min_size=1, max_size=20), st.randoms(use_true_random=False))
def test_adjusting_keeps_the_order_and_never_lowers(values, random):
    for method in ("holm", "benjamini-hochberg", "bonferroni"):
        found = adjust_p_values(values, method)
        assert (found >= np.array(values) - 1e-15).all()
        assert (np.diff(found[np.argsort(values)]) >= 0).all()
        order = list(range(len(values)))
        random.shuffle(order)
        np.testing.assert_array_equal(
            adjust_p_values(np.array(values)[order], method), found[order]
        )


@given(
    st.lists(st.integers(0, 10), min_size=1, max_size=15),
    st.lists(st.integers(0, 10), min_size=1, max_size=15),
    st.sampled_from(["mover", "wald"]),
)
def test_turning_time_around_turns_the_change_around(first, second, method):
    forth = change(waves(a=first, b=second), "y", between="w", method=method).iloc[0]
    back = change(waves(a=second, b=first), "y", between="w", method=method).iloc[0]
    assert forth["estimate"] == pytest.approx(-back["estimate"])
    assert forth["low"] == pytest.approx(-back["high"], abs=1e-9)
    assert forth["p_value"] == pytest.approx(back["p_value"], abs=1e-9)
    if method == "mover":
        assert -2 <= forth["low"] <= forth["high"] <= 2


def test_answers_of_no_known_wave_are_refused():
    frame = pd.DataFrame({"wave": [1, 1, 2, 2, None], "likely": [9, 8, 10, 3, 5]})
    with pytest.raises(DataError, match="must not be missing"):
        change(frame, "likely", between="wave")
