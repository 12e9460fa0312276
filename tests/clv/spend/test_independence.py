"""The Gamma-Gamma model's assumption: published correlation, other packages, laws."""

from __future__ import annotations

import numpy as np
import pandas as pd
import polars as pl
import pytest
from scipy import stats

from crmanalytics.clv import GammaGamma, spend_independence
from crmanalytics.datasets import load_cdnow_summary
from crmanalytics.errors import InvalidValuesError, MissingColumnsError, ParameterError


def frame(frequency, spend):
    frequency = np.asarray(frequency)
    columns = {"frequency": frequency, "recency": np.where(frequency > 0, 1.0, 0.0)}
    return pd.DataFrame(columns | {"T": 9.0, "monetary_value": spend})


@pytest.fixture(scope="module")
def cdnow():
    return load_cdnow_summary()


def test_the_published_correlation(cdnow):
    """Fader & Hardie (2013): 0.11 among the 946 repeat customers."""
    found = spend_independence(cdnow)
    assert found["correlation"].round(2).iloc[0] == 0.11
    assert found["customers"].tolist() == [946, 946]
    assert found["effect"].tolist() == ["small", "small"]
    assert found["verdict"].str.contains("spend more per purchase").all()


def test_as_scipy_has_it(cdnow):
    repeat = cdnow[cdnow["frequency"] > 0]
    found = spend_independence(cdnow, level=0.9).set_index("measure")
    pearson = stats.pearsonr(repeat["frequency"], repeat["monetary_value"])
    low, high = pearson.confidence_interval(0.9)
    row = found.loc["pearson"]
    assert row["correlation"] == pytest.approx(pearson.statistic, rel=1e-12)
    assert row["p_value"] == pytest.approx(pearson.pvalue, rel=1e-9)
    assert (row["low"], row["high"]) == pytest.approx((low, high), rel=1e-10)
    spearman = stats.spearmanr(repeat["frequency"], repeat["monetary_value"])
    row = found.loc["spearman"]
    assert row["correlation"] == pytest.approx(spearman.statistic, rel=1e-12)
    assert row["p_value"] == pytest.approx(spearman.pvalue, rel=1e-9)
    assert row["low"] < row["correlation"] < row["high"]


def test_intervals_cover_no_correlation_as_often_as_they_say():
    rng = np.random.default_rng(1)
    covered = []
    for _ in range(400):
        spend = rng.gamma(6, 1, 60)
        found = spend_independence(frame(rng.geometric(0.3, 60), spend), level=0.9)
        covered.append((found["low"] < 0) & (found["high"] > 0))
    assert np.mean(covered, axis=0) == pytest.approx(0.9, abs=0.05)


def test_weights_are_repeated_rows():
    rng = np.random.default_rng(2)
    counts = rng.integers(0, 4, 80)
    base = frame(rng.integers(0, 6, 80), rng.gamma(5, 2, 80))
    weighted = spend_independence(base.assign(w=counts), weight="w")
    repeated = spend_independence(base.loc[base.index.repeat(counts)])
    for name in ("customers", "correlation", "low", "high", "p_value"):
        np.testing.assert_allclose(weighted[name], repeated[name], rtol=1e-12)


@pytest.mark.parametrize(
    ("spend", "words", "effect"),
    [
        (lambda x, e: 10 + e, "no dependence shown", ("negligible", "small")),
        (lambda x, e: 10 + 0.8 * x + e, "spend more per purchase (large effect)", ("large",)),
        (lambda x, e: 40 - 0.8 * x + e, "spend less per purchase (large effect)", ("large",)),
    ],
)
def test_the_verdict_in_words(spend, words, effect):
    rng = np.random.default_rng(7)
    x = rng.integers(1, 12, 300)
    found = spend_independence(frame(x, spend(x, rng.gamma(4, 1, 300)))).iloc[0]
    assert words in found["verdict"]
    assert found["effect"] in effect


def test_many_customers_make_a_trace_significant_but_not_important():
    rng = np.random.default_rng(3)
    x = rng.integers(1, 12, 40_000)
    found = spend_independence(frame(x, 20 + 0.03 * x + rng.gamma(4, 1, 40_000)))
    assert (found["p_value"] < 1e-6).all()
    assert set(found["verdict"]) == {"independent for all practical purposes"}


def test_a_perfect_line_and_no_line_at_all():
    found = spend_independence(frame([1, 2, 3, 4, 5], [1.0, 2.0, 3.0, 4.0, 5.0]))
    assert found["correlation"].to_numpy() == pytest.approx([1, 1])
    assert found["high"].to_numpy() == pytest.approx([1, 1])
    assert (found["p_value"] < 1e-6).all()
    flat = spend_independence(frame([2, 2, 2, 2], [1.0, 2.0, 3.0, 4.0]))
    assert flat["correlation"].isna().all()
    assert set(flat["verdict"]) == {"cannot be told: frequency or spend does not vary"}


def test_kinds_of_frames_and_refusals(cdnow):
    polars = spend_independence(pl.from_pandas(cdnow))
    assert isinstance(polars, pl.DataFrame)
    assert polars["correlation"].to_list() == spend_independence(cdnow)["correlation"].to_list()
    with pytest.raises(InvalidValuesError, match="at least 4"):
        spend_independence(frame([0, 1, 2, 3], [1.0, 2.0, 3.0, 4.0]))
    with pytest.raises(MissingColumnsError, match="monetary_value"):
        spend_independence(cdnow.drop(columns="monetary_value"))
    with pytest.raises(ParameterError, match="level"):
        spend_independence(cdnow, level=95)


def test_shrinkage_is_the_weight_of_the_population(cdnow):
    """Fader & Hardie (2013), equation 5 as a weighted mean of the population's and the own mean."""
    model = GammaGamma.fit(cdnow).model
    share = model.shrinkage(cdnow)
    mixed = share * model.mean_spend + (1 - share) * cdnow["monetary_value"]
    np.testing.assert_allclose(mixed, model.expected_spend(cdnow), rtol=1e-12)
