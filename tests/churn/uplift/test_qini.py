"""Areas of uplift curves: published values by each normalization, ties, and laws."""

from __future__ import annotations

import numpy as np
import pandas as pd
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from crmanalytics.churn import uplift
from crmanalytics.errors import InvalidValuesError, MissingColumnsError, ParameterError

PEERS = [
    # score, normalization, value; the mean over the points of the curve has one point more
    ("ordered", "responses", 167.62199736502066),
    ("ordered", "per_customer", 0.003926217350971369),
    ("ordered", "perfect", 0.06518814327364925),
    ("ordered", "perfect_without_harm", 0.3545755696951304),
    ("womens", "responses", 164.6067),
    ("womens", "perfect", 0.06401550847534095),
    ("history", "responses", 6.7408489),
    ("history", "perfect", 0.0026215140678726204),
    ("history", "perfect_without_harm", 0.014259109055733321),
]

rows = st.lists(
    st.tuples(st.integers(0, 1), st.integers(0, 1), st.integers(0, 4)), min_size=2, max_size=25
).filter(lambda found: 0 < sum(row[0] for row in found) < len(found))


@pytest.fixture(scope="module")
def hillstrom(shared_data):
    log = pd.read_csv(shared_data("hillstrom.csv"))
    mails = log[log["segment"] != "Mens E-Mail"].reset_index(drop=True)
    mails["treated"] = mails["segment"] == "Womens E-Mail"
    mails["ordered"] = mails["womens"] + (len(mails) - np.arange(len(mails))) * 1e-7
    return mails


def frame_of(found):
    return pd.DataFrame(found, columns=["treated", "visit", "uplift"])


@pytest.mark.parametrize(("score", "normalization", "expected"), PEERS)
def test_published_qini(hillstrom, score, normalization, expected):
    found = uplift.qini(hillstrom, outcome="visit", normalization=normalization, score=score)
    assert found == pytest.approx(expected, rel=1e-6 if expected > 1 else 1e-10)


def test_published_mean_over_the_points_of_the_curve(hillstrom):
    more = len(hillstrom) / (len(hillstrom) + 1)
    for normalization, expected in (("responses", 167.6180712396314), ("end", 0.17326648043176354)):
        found = uplift.qini(
            hillstrom, outcome="visit", normalization=normalization, score="ordered"
        )
        assert found * more == pytest.approx(expected, rel=1e-12)


def test_published_area_under_the_uplift_curve(hillstrom):
    found = uplift.auuc(hillstrom, outcome="visit", normalization="perfect", score="ordered")
    assert found == pytest.approx(0.029830733498150824, rel=1e-10)


@pytest.mark.parametrize(
    ("outcome", "treated", "area"), [([0, 1], [1, 0], 0.0), ([1, 0], [0, 1], 1.0)]
)
def test_published_pairs(outcome, treated, area):
    pair = pd.DataFrame({"treated": treated, "visit": outcome, "uplift": [0.1, 0.3]})
    assert uplift.qini(pair, outcome="visit", normalization="perfect") == 1
    assert uplift.auuc(pair, outcome="visit", normalization="perfect") == area


@pytest.mark.parametrize(
    ("ranked", "expected"), [("overall", 0.0765416740237658), ("by_group", 0.07656457354501402)]
)
def test_published_uplift_of_the_best_thirty_percent(hillstrom, ranked, expected):
    found = uplift.uplift_at(
        hillstrom, outcome="visit", share=0.3, ranked=ranked, rounding="floor", score="ordered"
    )
    assert found == pytest.approx(expected, rel=1e-12)


@given(rows, st.randoms(use_true_random=False))
def test_order_of_rows_plays_no_part(found, random):
    mixed = list(found)
    random.shuffle(mixed)
    first, second = frame_of(found), frame_of(mixed)
    pd.testing.assert_frame_equal(
        uplift.uplift_curve(first, outcome="visit"), uplift.uplift_curve(second, outcome="visit")
    )
    for measure in (uplift.qini, uplift.auuc):
        values = [measure(x, outcome="visit", normalization="responses") for x in (first, second)]
        assert values[0] == values[1]


@given(rows)
def test_a_score_that_is_the_same_for_all_gains_nothing(found):
    same = frame_of(found).assign(uplift=0.5)
    assert uplift.qini(same, outcome="visit", normalization="per_customer") == 0
    assert uplift.auuc(same, outcome="visit", normalization="responses") == 0
    whole = uplift.treatment_effect(same, "visit")["effect"].iloc[0]
    assert uplift.uplift_at(same, outcome="visit", share=0.5) == pytest.approx(whole)


@given(rows)
def test_no_order_beats_the_perfect_one(found):
    frame = frame_of(found)
    y, treated = frame["visit"], frame["treated"]
    knowing = frame.assign(uplift=y * treated - y * (1 - treated))
    best = uplift.qini(knowing, outcome="visit", normalization="perfect")
    assert np.isnan(best) or best == pytest.approx(1)


@given(rows, st.data())
def test_a_weight_is_so_many_copies(found, data):
    times = data.draw(st.lists(st.integers(1, 3), min_size=len(found), max_size=len(found)))
    frame = frame_of(found).assign(people=times)
    copies = frame.loc[np.repeat(frame.index, times)]
    pd.testing.assert_frame_equal(
        uplift.uplift_curve(frame, outcome="visit", weight="people"),
        uplift.uplift_curve(copies, outcome="visit"),
    )
    left = uplift.uplift_by_bin(frame, outcome="visit", bins=3, weight="people")
    pd.testing.assert_frame_equal(left, uplift.uplift_by_bin(copies, outcome="visit", bins=3))


@given(rows)
def test_both_curves_end_where_treating_everybody_does(found):
    frame = frame_of(found)
    effect = uplift.treatment_effect(frame, "visit").iloc[0]
    gain = uplift.uplift_curve(frame, outcome="visit", curve="gain")
    qini = uplift.uplift_curve(frame, outcome="visit", points=4)
    assert gain["gained"].iloc[-1] == pytest.approx(effect["effect"] * len(frame))
    assert qini["gained"].iloc[-1] == pytest.approx(effect["effect"] * effect["treated"])
    assert len(qini) == 4


def test_money_and_frames_of_other_kinds():
    frame = pl.DataFrame(
        {"treated": [True, False] * 4, "spend": [5.0, 1.0] * 4, "uplift": [0.1, 0.2] * 4}
    )
    assert isinstance(uplift.uplift_curve(frame, outcome="spend"), pl.DataFrame)
    flags = frame.with_columns(visit=frame["spend"] > 2)
    assert uplift.treatment_effect(flags, ["visit", "spend"])["effect"].to_list() == [1, 4]
    with pytest.raises(InvalidValuesError, match="perfect curve needs"):
        uplift.qini(frame, outcome="spend", normalization="perfect")


@pytest.mark.parametrize(
    ("call", "error", "match"),
    [
        (
            lambda f: uplift.qini(f, outcome="visit", normalization="area"),
            ParameterError,
            "normalization must",
        ),
        (lambda f: uplift.uplift_curve(f, outcome="visit", points=1), ParameterError, "points"),
        (lambda f: uplift.uplift_curve(f, outcome="visit", curve="roc"), ParameterError, "curve"),
        (lambda f: uplift.uplift_by_bin(f, outcome="visit", bins=0), ParameterError, "bins"),
        (
            lambda f: uplift.uplift_at(f, outcome="visit", share=1, ranked="arm"),
            ParameterError,
            "ranked",
        ),
        (lambda f: uplift.treatment_effect(f, []), ParameterError, "at least one"),
        (lambda f: uplift.treatment_effect(f, "buy"), MissingColumnsError, "buy"),
        (
            lambda f: uplift.treatment_effect(f.assign(treated=1), "visit"),
            InvalidValuesError,
            "treated customers and others",
        ),
        (
            lambda f: uplift.treatment_effect(f.assign(visit="yes"), "visit"),
            InvalidValuesError,
            "numbers",
        ),
    ],
)
def test_what_is_refused(call, error, match):
    with pytest.raises(error, match=match):
        call(frame_of([(1, 1, 2), (0, 0, 1), (1, 0, 0)]))
