"""Groups, designs and tidy results: against the R package survey, and by their laws."""

from __future__ import annotations

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest

from crmanalytics.errors import DataError, InvalidValuesError, ParameterError
from crmanalytics.inference import (
    TIDY,
    effective_size,
    estimate_means,
    estimate_proportions,
    estimate_ratios,
    proportion_interval,
    read_sample,
    row_groups,
    tidy,
)

# svyciprop and svymean of the R package survey on its apiclus1: P(api00 >= 700) and mean(api00)
SHARE = 0.3442622951
PUBLISHED = {
    "logit": (0.1951552376, 0.5319912507),
    "beta": (0.178680871, 0.5431154228),
    "wald": (0.1698743516, 0.5186502386),
}
KINDS = {"pandas": lambda x: x, "polars": pl.from_pandas, "pyarrow": pa.Table.from_pandas}
SURVEY = pd.DataFrame(
    {
        "unit": ["b", "a", "b", "a", "b", "a", "b", "a"],
        "wave": [1, 1, 2, 2, 1, 1, 2, 2],
        "score": [1.0, 5.0, None, 4.0, 2.0, 99.0, 3.0, 3.0],
        "w": [1.0, 2.0, 1.0, 3.0, 1.0, 1.0, 4.0, 2.0],
        "shop": [1, 1, 2, 2, 3, 3, 4, 4],
    }
)


@pytest.fixture
def schools(shared_data):
    return pd.read_csv(shared_data("apiclus1_subset.csv"))


@pytest.mark.parametrize("method", PUBLISHED)
def test_shares_of_a_cluster_sample_are_those_of_the_r_package_survey(schools, method):
    sample = read_sample(schools, "api00", weight="pw", clusters="dnum", population="fpc")
    found = estimate_proportions(sample, np.where(sample.answers("api00") >= 700, 1.0, 0.0), method)
    assert found.estimate[0] == pytest.approx(SHARE, abs=1e-9)
    assert (found.low[0], found.high[0]) == pytest.approx(PUBLISHED[method], abs=1e-9)


def test_the_mean_of_a_cluster_sample_is_that_of_the_r_package_survey(schools):
    sample = read_sample(schools, "api00", weight="pw", clusters="dnum", population="fpc")
    found = estimate_means(sample, sample.answers("api00"))
    assert found.estimate[0] == pytest.approx(644.1693989, abs=1e-6)
    assert found.se[0] == pytest.approx(23.54224, abs=1e-5)
    assert found.n_effective[0] < found.n[0] / 5  # schools of one district are alike


def test_strata_by_hand():
    frame = pd.DataFrame({"y": [1.0, 3, 10, 14, 18], "h": list("aabbb"), "w": [2.0, 2, 1, 1, 1]})
    found = estimate_means(
        (sample := read_sample(frame, "y", weight="w", strata="h")), sample.answers("y")
    )
    mean = (2 * 1 + 2 * 3 + 10 + 14 + 18) / 7
    z = np.array([2, 2, 1, 1, 1]) * (frame["y"] - mean) / 7
    by_hand = 2 * z[:2].var(ddof=1) + 3 * z[2:].var(ddof=1)
    assert found.estimate[0] == pytest.approx(mean)
    assert found.se[0] == pytest.approx(np.sqrt(by_hand))
    half = 3.182446305284263 * np.sqrt(by_hand)  # Student's, 5 rows less 2 strata
    assert found.high[0] == pytest.approx(mean + half)


def test_groups_of_a_design_are_domains():
    """Clusters without anybody of the group count as zeros."""
    frame = pd.DataFrame({"g": [1, 1, 2, 2], "y": [1.0, 3.0, 5.0, 9.0], "k": [1, 2, 3, 4]})
    sample = read_sample(frame, "y", by="g", clusters="k")
    found = estimate_means(sample, sample.answers("y"))
    assert found.se == pytest.approx([np.sqrt(4 / 3 * 0.5), np.sqrt(4 / 3 * 2)])


def test_equal_names_of_clusters_in_two_strata_are_two_clusters():
    frame = pd.DataFrame({"h": [1, 1, 2, 2], "k": [1, 2, 1, 2]})
    assert read_sample(frame, strata="h", clusters="k").design.cluster.tolist() == [0, 1, 2, 3]


def test_a_lonely_cluster_is_refused_but_where_the_stratum_was_drawn_whole():
    frame = pd.DataFrame({"h": ["a", "a", "b"], "y": [1.0, 2.0, 3.0], "N": [9, 9, 1]})
    with pytest.raises(InvalidValuesError, match=r"1 strata have but one cluster .*'b'"):
        read_sample(frame, "y", strata="h")
    sample = read_sample(frame, "y", strata="h", population="N")
    assert np.isfinite(estimate_means(sample, sample.answers("y")).se).all()
    with pytest.raises(InvalidValuesError, match="must be the same in all rows of a stratum"):
        read_sample(frame.assign(N=[9, 8, 1]), "y", strata="h", population="N")
    with pytest.raises(InvalidValuesError, match="has but one cluster"):
        read_sample(frame.assign(k=1), "y", clusters="k")


@pytest.mark.parametrize("kind", KINDS)
def test_a_tidy_result_is_of_the_callers_kind_and_order(kind):
    make = KINDS[kind]
    sample = read_sample(
        make(SURVEY), "score", by=["unit", "wave"], scale=(1, 5), no_answer=[99], weight="w"
    )
    score = sample.answers("score")
    found = tidy(sample, {"mean": estimate_means(sample, score)})
    assert type(found) is type(make(SURVEY))
    plain = found if kind == "pandas" else found.to_pandas()
    assert list(plain.columns) == ["unit", "wave", *TIDY]
    assert plain[["unit", "wave"]].to_numpy().tolist() == [["a", 1], ["a", 2], ["b", 1], ["b", 2]]
    assert plain["estimate"].tolist() == pytest.approx([5.0, 3.6, 1.5, 3.0])
    assert plain["n"].tolist() == [1, 2, 2, 1]
    assert plain["n_missing"].tolist() == [1, 0, 0, 1]


def test_a_group_without_a_name_is_a_group_and_categories_keep_their_order():
    frame = SURVEY.assign(unit=pd.Categorical(["b", None] * 4, categories=["c", "b", "a"]))
    groups = row_groups(read_sample(frame, "score").own, ["unit"])
    assert groups.labels["unit"].to_list()[0] == "b"
    assert groups.size == 2
    frame = SURVEY.assign(unit=pd.Categorical(SURVEY["unit"], categories=["b", "a"]))
    labels = row_groups(read_sample(frame, "score").own, ["unit"]).labels
    assert labels["unit"].to_list() == ["b", "a"]


@pytest.mark.parametrize("kind", KINDS)
def test_numbers_out_of_range_are_refused_unless_they_are_codes(kind):
    native = KINDS[kind](SURVEY)
    with pytest.raises(InvalidValuesError, match=r"score'\] must lie between 1 and 5: 1 of 8 rows"):
        read_sample(native, "score", scale=(1, 5))
    with pytest.raises(InvalidValuesError, match="must be a whole number"):
        read_sample(KINDS[kind](SURVEY.assign(score=0.5)), "score", whole=True)
    assert np.isnan(read_sample(native, "score", no_answer=[99]).answers("score")).sum() == 2


def test_bad_calls_are_told_apart():
    with pytest.raises(DataError, match="no column 'sc'"):
        read_sample(SURVEY, "sc")
    with pytest.raises(DataError, match="must not be negative"):
        read_sample(SURVEY.assign(w=-1.0), "score", weight="w")
    with pytest.raises(ParameterError, match="cannot be an answer and a column to group by"):
        read_sample(SURVEY, "score", by="score")
    with pytest.raises(ParameterError, match="method must be"):
        proportion_interval(0.5, 10, method="exact")


def test_groups_where_nobody_answered_are_missing_not_zero():
    frame = pd.DataFrame({"g": [1, 2], "y": [np.nan, 1.0]})
    for options in ({}, {"clusters": "g"}):
        sample = read_sample(frame, "y", by="g", **options)
        for estimate in (estimate_means, estimate_proportions):
            found = estimate(sample, sample.answers("y"))
            numbers = [found.estimate[0], found.se[0], found.low[0], found.high[0]]
            assert np.isnan(numbers).all()
            assert found.n.tolist() == [0, 1]


def test_a_ratio_is_that_of_the_totals():
    frame = pd.DataFrame({"x": [2.0, 3.0, np.nan], "y": [1.0, 3.0, 1.0], "w": [1.0, 2.0, 5.0]})
    sample = read_sample(frame, ["x", "y"], weight="w")
    found = estimate_ratios(sample, sample.answers("x"), sample.answers("y"))
    assert found.estimate[0] == pytest.approx(8 / 7)
    assert found.n_missing[0] == 1
    with pytest.raises(ParameterError, match="must not be negative"):
        estimate_ratios(sample, sample.answers("x"), -sample.answers("y"))


def test_a_ratio_to_one_is_the_mean():
    sample = read_sample(SURVEY, "score", by="unit", no_answer=[99], weight="w")
    score = sample.answers("score")
    ratio, mean = estimate_ratios(sample, score, np.ones(8)), estimate_means(sample, score)
    for name in ("estimate", "se", "low", "high", "n_effective", "n"):
        np.testing.assert_allclose(getattr(ratio, name), getattr(mean, name))


def test_equal_weights_are_no_weights():
    plain = read_sample(SURVEY, "score", by="unit", no_answer=[99])
    score = plain.answers("score")
    for estimate in (
        estimate_means,
        lambda s, x: estimate_proportions(s, np.where(x > 2, 1.0, x * 0)),
    ):
        same = read_sample(SURVEY.assign(w=2.5), "score", by="unit", no_answer=[99], weight="w")
        first, second = estimate(plain, score), estimate(same, score)
        for name in ("estimate", "se", "low", "high", "n_effective"):
            np.testing.assert_allclose(getattr(first, name), getattr(second, name))


def test_the_effective_size_is_never_above_kishs_with_weights_alone():
    sample = read_sample(SURVEY, "score", weight="w")
    all_rows = np.full(8, fill_value=True)
    kish = SURVEY["w"].sum() ** 2 / (SURVEY["w"] ** 2).sum()
    assert effective_size(sample, all_rows, np.ones(1), np.full(1, 0.01))[0] == pytest.approx(kish)
    assert effective_size(sample, all_rows, np.ones(1), np.full(1, 0.5))[0] == pytest.approx(2.0)


@pytest.mark.parametrize("method", ["wilson", "logit", "beta", "wald"])
def test_intervals_of_shares_hold_the_share(method):
    share = np.array([0.0, 0.1, 0.5, 0.9, 1.0])
    low, high = proportion_interval(share, 12.5, method=method)
    assert (low <= share).all()
    assert (share <= high).all()
    if method != "wald":
        assert low.min() >= 0
        assert high.max() <= 1
    assert np.isnan(proportion_interval(np.nan, 10.0, method=method)).all()


def test_clopper_and_pearsons_bounds():
    """R: binom.test(8, 10) and binom.test(0, 10)."""
    low, high = proportion_interval([0.8, 0.0, 1.0], 10, method="beta")
    assert low == pytest.approx([0.4439045, 0.0, 0.6915029], abs=1e-7)
    assert high == pytest.approx([0.9747893, 0.3084971, 1.0], abs=1e-7)


def test_a_group_may_not_have_the_name_of_a_result():
    sample = read_sample(SURVEY.rename(columns={"unit": "method"}), "score", by="method")
    with pytest.raises(ParameterError, match="cannot group by a column called 'method'"):
        tidy(sample, {"mean": estimate_means(sample, sample.answers("score"))})


@pytest.mark.parametrize("kind", KINDS)
def test_no_rows_at_all(kind):
    native = KINDS[kind](SURVEY.iloc[:0])
    for options in ({}, {"by": "unit"}, {"by": ["unit", "wave"]}):
        sample = read_sample(native, "score", **options)
        found = tidy(sample, {"mean": estimate_means(sample, sample.answers("score"))})
        assert len(found) == (0 if options else 1)


def test_enumerations_of_polars_and_whole_numbers_with_gaps():
    enum = pl.Series(["low", "high", "low"], dtype=pl.Enum(["low", "mid", "high"]))
    frame = pl.DataFrame({"level": enum, "y": [1.0, 2.0, 3.0]})
    found = tidy(
        (sample := read_sample(frame, "y", by="level")),
        {"mean": estimate_means(sample, sample.answers("y"))},
    )
    assert found["level"].to_list() == ["low", "high"]
    gaps = pd.DataFrame({"y": pd.array([1, None, 3], dtype="Int64")})
    sample = read_sample(gaps, "y", scale=(1, 3), whole=True)
    means = estimate_means(sample, sample.answers("y"))
    assert (means.estimate[0], means.n[0], means.n_missing[0]) == (2, 2, 1)


@pytest.mark.parametrize("scale", [1e-160, 1e160])
def test_the_scale_of_weights_is_nothing(scale):
    one, other = (
        read_sample(SURVEY.assign(w=SURVEY["w"] * k), "score", no_answer=[99], weight="w")
        for k in (1.0, scale)
    )
    for estimate in (
        estimate_means,
        lambda s, x: estimate_proportions(s, np.where(x > 2, 1.0, 0 * x)),
    ):
        first, second = (estimate(s, s.answers("score")) for s in (one, other))
        for name in ("estimate", "se", "low", "high", "n_effective"):
            np.testing.assert_allclose(getattr(first, name), getattr(second, name))


def test_one_cluster_and_lone_strata_are_named_as_the_caller_wrote_them():
    frame = pd.DataFrame({"y": [1.0, 2, 3], "shop": [1, 1, 1], "area": [0.5, 1.5, 1.5]})
    with pytest.raises(DataError, match=r"survey\['shop'\] has but one cluster, which"):
        read_sample(frame, "y", clusters="shop")
    with pytest.raises(DataError, match=r"first: \[0.5\]"):
        read_sample(frame, "y", strata="area")
