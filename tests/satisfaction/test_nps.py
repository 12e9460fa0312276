"""Net promoter score: the numbers of the R package NPS, laws, and frames of each kind."""

from __future__ import annotations

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

import crmanalytics as crm
from crmanalytics.errors import DataError, ParameterError
from crmanalytics.satisfaction import nps, nps_category, nps_interval

METHODS = ("mover", "score", "adjusted-wald", "wald")
# d/n/p = 15/25/60; wald, adjusted Wald and the iterative interval from the R package NPS (the last
# one stops at 1e-6), mover computed from Wilson's intervals
PUBLISHED = {
    "wald": (0.304975908749, 0.595024091251, 1e-12),
    "adjusted-wald": (0.293431112017, 0.580355295750, 1e-12),
    "score": (0.292569166079, 0.581256955862, 1e-6),
    "mover": (0.29246192, 0.5794549, 1e-7),
}
UNITS = {  # of the test data of the R package NPS: score and standard error
    "Apples": (0.148, 0.0562172927132),
    "Bananas": (0.096, 0.0570888430431),
    "Berries": (0.08, 0.0582957974472),
    "Oranges": (0.076, 0.0565057165250),
}
KINDS = {"pandas": lambda x: x, "polars": pl.from_pandas, "pyarrow": pa.Table.from_pandas}


def survey(detractors, passives, promoters):
    return pd.DataFrame({"likely": [3] * detractors + [8] * passives + [10] * promoters})


@pytest.mark.parametrize("method", PUBLISHED)
def test_intervals_are_the_published_ones(method):
    low, high, near = PUBLISHED[method]
    found = nps(survey(15, 25, 60), "likely", method=method).iloc[0]
    assert found["estimate"] == pytest.approx(0.45)
    assert found["se"] == pytest.approx(0.0739932429347, abs=1e-12)
    assert (found["low"], found["high"]) == pytest.approx((low, high), abs=near)


@pytest.mark.parametrize(
    ("scores", "score", "variance"),
    [
        ((0, 7, 7, 9, 9, 9), 1 / 3, 5 / 9),
        ((1, 9), 0, 1),
        ((7, 9), 0.5, 0.25),
        ((0, 7, 9), 0, 2 / 3),
        ((0,), -1, 0),
        ((7,), 0, 0),
        ((10,), 1, 0),
    ],
)
def test_scores_and_standard_errors_of_small_samples(scores, score, variance):
    found = nps(pd.DataFrame({"likely": scores}), "likely").iloc[0]
    assert found["estimate"] == pytest.approx(score)
    assert found["se"] == pytest.approx(np.sqrt(variance / len(scores)))


@pytest.mark.parametrize(
    ("method", "low", "high"),
    [("wald", 1.0, 1.0), ("adjusted-wald", 0.47504, 1.06343), ("mover", 0.60751, 1.0)],
)
def test_ten_promoters_and_nobody_else(method, low, high):
    found = nps(survey(0, 0, 10), "likely", method=method).iloc[0]
    assert (found["low"], found["high"]) == pytest.approx((low, high), abs=1e-5)


def test_units_of_real_data(shared_data):
    real = pd.read_csv(shared_data("NPS_testdata.csv"))
    whole = nps(real, "REC").iloc[0]
    assert whole["estimate"] == pytest.approx(0.1)
    assert whole["se"] == pytest.approx(0.0285306852354, abs=1e-12)
    by_unit = nps(real, "REC", by="BU").set_index("BU")
    assert list(by_unit.index) == list(UNITS)
    for unit, (score, error) in UNITS.items():
        assert by_unit.loc[unit, "estimate"] == pytest.approx(score)
        assert by_unit.loc[unit, "se"] == pytest.approx(error, abs=1e-12)


@pytest.mark.parametrize("kind", KINDS)
def test_each_kind_of_frame_gives_its_own_kind(kind):
    frame = pd.DataFrame({"likely": [10, 3, 8, 99, 9], "shop": ["b", "b", "a", "a", "a"]})
    native = KINDS[kind](frame)
    found = nps(native, "likely", by="shop", no_answer=[99], parts=True)
    assert type(found) is type(native)
    plain = found if kind == "pandas" else found.to_pandas()
    assert plain["shop"].tolist() == ["a"] * 4 + ["b"] * 4
    assert plain["metric"].tolist() == ["nps", "promoters", "passives", "detractors"] * 2
    assert plain["estimate"].tolist() == pytest.approx([0.5, 0.5, 0.5, 0.0, 0.0, 0.5, 0.0, 0.5])
    assert plain["n_missing"].tolist() == [1] * 4 + [0] * 4
    assert list(nps_category(native, "likely", no_answer=[99]).to_pylist() if kind == "pyarrow"
                else nps_category(native, "likely", no_answer=[99]))[:3] == [
        "promoter", "detractor", "passive",
    ]  # fmt: skip


def test_who_promotes_joins_customers():
    frame = pd.DataFrame({"customer_id": [7, 8, 9], "likely": [10, 3, np.nan]}, index=[5, 6, 7])
    marked = frame.assign(kind=nps_category(frame, "likely"))
    assert marked["kind"].tolist()[:2] == ["promoter", "detractor"]
    assert pd.isna(marked["kind"].iloc[2])
    customers = pd.DataFrame({"customer_id": [8, 7], "total": [900.0, 10.0]})
    both = customers.merge(marked, on="customer_id", how="left")
    assert both.loc[both["kind"] == "detractor", "total"].tolist() == [900.0]


@pytest.mark.parametrize("bad", [11, -1, 7.5])
def test_answers_that_cannot_be_are_errors(bad):
    with pytest.raises(DataError, match=r"survey\['likely'\] must"):
        nps(pd.DataFrame({"likely": [9.0, bad]}), "likely")


def test_arguments_that_cannot_be_are_errors():
    frame = survey(1, 1, 1)
    with pytest.raises(ParameterError, match="method must be one of 'mover'"):
        nps(frame, "likely", method="exact")
    with pytest.raises(ParameterError, match="must exceed"):
        nps(frame, "likely", promoters_from=6)
    with pytest.raises(ParameterError, match="level must lie"):
        nps(frame, "likely", level=95)
    with pytest.raises(ParameterError, match="bootstraps must be 2 or more"):
        nps(frame, "likely", method="bootstrap", bootstraps=1)
    with pytest.raises(DataError, match="no column 'likly'"):
        nps(frame, "likly")


def test_nobody_answered():
    found = nps(pd.DataFrame({"likely": [np.nan, np.nan]}), "likely").iloc[0]
    assert found["n"] == 0
    assert found["n_missing"] == 2
    assert found[["estimate", "se", "low", "high"]].isna().all()
    nothing = nps(pd.DataFrame({"likely": pd.Series(dtype=float)}), "likely").iloc[0]
    assert nothing["n"] == 0


def test_other_limits_of_who_promotes():
    found = nps(survey(1, 2, 1), "likely", promoters_from=8, detractors_to=2)
    assert found["estimate"].iloc[0] == pytest.approx(0.75)


def test_the_bootstrap_agrees_with_the_standard_error_and_with_itself():
    frame = survey(30, 50, 120)
    found = nps(frame, "likely", method="bootstrap").iloc[0]
    again = nps(frame.sample(frac=1, random_state=1), "likely", method="bootstrap").iloc[0]
    assert found["low"] == again["low"]
    assert (found["high"] - found["low"]) / (2 * 1.96) == pytest.approx(found["se"], rel=0.08)


def test_the_bootstrap_of_clusters_agrees_with_linearisation():
    rng = np.random.default_rng(3)
    shop = np.repeat(np.arange(60), 20)
    likely = np.clip(np.round(7 + rng.normal(0, 2, 60)[shop] + rng.normal(0, 1, 1200)), 0, 10)
    frame = pd.DataFrame(
        {"likely": likely, "shop": shop, "h": shop % 2, "w": rng.uniform(1, 3, 1200)}
    )
    options = {"clusters": "shop", "strata": "h", "weight": "w"}
    found = nps(frame, "likely", method="bootstrap", bootstraps=1000, **options).iloc[0]
    assert (found["high"] - found["low"]) / (2 * 1.96) == pytest.approx(found["se"], rel=0.1)
    assert found["se"] > 2 * nps(frame, "likely", weight="w")["se"].iloc[0]
    weighted = nps(frame, "likely", weight="w", method="bootstrap", bootstraps=1000).iloc[0]
    assert (weighted["high"] - weighted["low"]) / (2 * 1.96) == pytest.approx(
        weighted["se"], rel=0.1
    )


scores = st.lists(st.integers(0, 10), min_size=1, max_size=40)


@given(scores, st.sampled_from(METHODS), st.sampled_from([0.5, 0.9, 0.95, 0.999]))
def test_the_interval_holds_the_score(given_scores, method, level):
    found = nps(pd.DataFrame({"likely": given_scores}), "likely", method=method, level=level).iloc[
        0
    ]
    assert -1 <= found["estimate"] <= 1
    if method != "adjusted-wald":  # which moves the middle
        assert found["low"] <= found["estimate"] + 1e-12
        assert found["estimate"] <= found["high"] + 1e-12
    if method in ("mover", "score"):
        assert -1 <= found["low"] <= found["high"] <= 1


@given(scores, st.randoms(use_true_random=False))
def test_the_order_of_rows_is_nothing(given_scores, random):
    shuffled = list(given_scores)
    random.shuffle(shuffled)
    one, other = (nps(pd.DataFrame({"likely": s}), "likely") for s in (given_scores, shuffled))
    pd.testing.assert_frame_equal(one, other, rtol=1e-13)


@given(st.lists(st.tuples(st.integers(0, 10), st.integers(0, 4)), min_size=1, max_size=30))
def test_whole_weights_are_repeated_rows_for_the_estimate(rows):
    frame = pd.DataFrame(rows, columns=["likely", "w"])
    repeated = frame.loc[frame.index.repeat(frame["w"])]
    weighted, plain = nps(frame, "likely", weight="w"), nps(repeated, "likely")
    assert weighted["estimate"].iloc[0] == pytest.approx(plain["estimate"].iloc[0], nan_ok=True)
    assert weighted["n"].iloc[0] == len(frame)  # rows, however much they weigh
    if frame["w"].sum():
        assert weighted["n_effective"].iloc[0] <= len(frame) + 1e-9


@given(scores, st.sampled_from(METHODS))
def test_the_scale_can_be_turned_around(given_scores, method):
    """Promoters and detractors trade places: the score and its bounds change sign."""
    side = np.array(given_scores) - 5
    up = nps_interval(np.mean(side > 3), np.mean(side < -3), len(side), method=method)
    down = nps_interval(np.mean(side < -3), np.mean(side > 3), len(side), method=method)
    np.testing.assert_allclose(up, [-down[1], -down[0]], atol=1e-9)


def test_large_samples_agree_whatever_the_method():
    bounds = [nps_interval(0.6, 0.15, 4_000_000, method=method) for method in METHODS]
    np.testing.assert_allclose(bounds, np.tile(bounds[0], (4, 1)), atol=1e-5)


def test_it_is_at_the_front():
    assert crm.satisfaction.nps is nps


@given(
    st.lists(
        st.tuples(st.integers(0, 10), st.integers(0, 2), st.integers(0, 4), st.integers(1, 3)),
        min_size=4,
        max_size=40,
    )
)
def test_designs_keep_to_the_scale_and_to_the_score(rows):
    frame = pd.DataFrame(rows, columns=["likely", "h", "shop", "w"])
    frame = frame[frame.groupby("h")["shop"].transform("nunique") >= 2]
    if len(frame):
        found = nps(frame, "likely", weight="w", strata="h", clusters="shop").iloc[0]
        plain = nps(frame, "likely", weight="w").iloc[0]
        assert found["estimate"] == plain["estimate"]
        assert -1 <= found["low"] <= found["estimate"] + 1e-12
        assert found["estimate"] <= found["high"] + 1e-12 <= 1 + 1e-11
