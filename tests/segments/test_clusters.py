"""Clusters: found again whatever the order of rows, kept, and honest about impossible requests."""

from __future__ import annotations

import numpy as np
import pandas as pd
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import crmanalytics as crm
from crmanalytics.errors import InvalidValuesError, MissingColumnsError, ParameterError
from crmanalytics.segments import cluster, cluster_profile, fit_clusters


@pytest.fixture(scope="module")
def base():
    rng = np.random.default_rng(8)
    kind = rng.integers(0, 3, 240)
    return pd.DataFrame(
        {
            "customer_id": np.arange(240),
            "days_since_last": np.array([5, 60, 300])[kind] + rng.integers(0, 5, 240),
            "orders": np.array([30, 6, 1])[kind],
            "total": np.array([900.0, 150.0, 20.0])[kind] * rng.uniform(0.8, 1.25, 240),
            "kind": kind + 1,
        }
    )


@pytest.mark.parametrize("method", ["kmeans", "gmm"])
@pytest.mark.parametrize("log", [True, False])
def test_planted_groups_are_found_and_numbered_by_money(base, method, log):
    found = cluster(base, 3, method=method, log=log)
    assert found["cluster"].tolist() == base["kind"].tolist()
    assert found.attrs["crmanalytics"] == {
        "columns": ["days_since_last", "orders", "total"], "method": method, "log": log, "k": 3,
        "starts": 10, "seed": 0,
    }  # fmt: skip


@pytest.mark.parametrize("method", ["kmeans", "gmm"])
def test_the_order_of_rows_and_names_play_no_part(base, method):
    noisy = base.assign(total=np.random.default_rng(0).lognormal(3, 1, 240))
    found = cluster(noisy, 4, method=method)
    mixed = noisy.sample(frac=1, random_state=3).assign(customer_id="x", index=1)
    again = cluster(mixed, 4, method=method)
    assert again["cluster"].sort_index().tolist() == found["cluster"].tolist()


@pytest.mark.parametrize("method", ["kmeans", "gmm"])
def test_kept_clusters_judge_tomorrow(base, method, tmp_path):
    known = fit_clusters(base, 3, method=method)
    read = crm.load(known.save(tmp_path / "clusters.json"))
    assert read == known
    tomorrow = base.sample(50, random_state=1)
    assert read.assign(tomorrow)["cluster"].tolist() == tomorrow["kind"].tolist()
    assert sum(known.weights) == pytest.approx(1)


def test_the_mixture_says_what_its_library_says(base):
    from sklearn.mixture import GaussianMixture

    from crmanalytics.segments.mixing import Mixture

    rows = np.log(base[["total", "days_since_last"]].to_numpy())
    theirs = GaussianMixture(3, random_state=0, n_init=3).fit(rows)
    ours = Mixture(theirs.means_, theirs.covariances_, theirs.weights_, 0.0)
    assert ours.label(rows).tolist() == theirs.predict(rows).tolist()


def test_a_sample_finds_the_same(base):
    large = pd.concat([base] * 10, ignore_index=True)
    assert fit_clusters(large, 3, sample=300).assign(base)["cluster"].tolist() == (
        base["kind"].tolist()
    )


def test_negative_totals_and_constant_columns(base):
    odd = base.assign(total=base["total"] - 100, orders=1)
    found = cluster(odd, 3)
    assert sorted(found["cluster"].unique()) == [1, 2, 3]
    assert not found.isna().to_numpy().any()


def test_one_customer_and_all_equal():
    one = pd.DataFrame({"total": [5.0]})
    assert cluster(one, 1, ["total"])["cluster"].tolist() == [1]
    alike = pd.DataFrame({"total": [5.0] * 4})
    assert cluster(alike, 1, "total")["cluster"].tolist() == [1] * 4
    with pytest.raises(InvalidValuesError, match=r"1 different rows .* too few for 2"):
        cluster(alike, 2, ["total"])
    with pytest.raises(InvalidValuesError, match="0 different rows"):
        cluster(one.head(0), 1, ["total"])


def test_polars_gives_polars(base):
    found = cluster(pl.from_pandas(base), 3)
    assert found["cluster"].to_list() == base["kind"].tolist()
    profile = cluster_profile(found)
    assert isinstance(profile, pl.DataFrame)


def test_profile_shows_sizes_and_middles(base):
    found = cluster_profile(cluster(base, 3), ["total"])
    assert found["customers"].tolist() == base["kind"].value_counts().sort_index().tolist()
    assert found["share"].sum() == pytest.approx(1)
    middle = base.groupby("kind")["total"].median()
    assert found["median_total"].tolist() == pytest.approx(middle.tolist())
    assert found["mean_total"].is_monotonic_decreasing


@given(st.lists(st.integers(0, 1000), min_size=4, max_size=30, unique=True))
@settings(max_examples=15)
def test_money_in_cents_gives_the_same_clusters(drawn):
    euros = pd.DataFrame({"total": np.array(drawn, dtype=float)})
    found = cluster(euros, 2, log=False, columns=["total"])
    cents = cluster(euros * 64, 2, log=False, columns=["total"])
    assert cents["cluster"].tolist() == found["cluster"].tolist()
    # along one line, clusters are stretches of it
    best = found.loc[found["cluster"] == 1, "total"].min()
    assert (found.loc[found["cluster"] == 2, "total"] < best).all()


@pytest.mark.parametrize(
    ("how", "error", "words"),
    [
        ({"k": 0}, ParameterError, "k must be"),
        ({"k": 2.0}, ParameterError, "k must be"),
        ({"k": 2, "method": "ward"}, ParameterError, "method must be one of"),
        ({"k": 2, "columns": []}, ParameterError, "columns must name"),
        ({"k": 2, "columns": ["total", "total"]}, ParameterError, "each once"),
        ({"k": 2, "columns": ["spend"]}, MissingColumnsError, "spend"),
        ({"k": 2, "starts": 0}, ParameterError, "starts"),
    ],
)
def test_impossible_arguments(base, how, error, words):
    with pytest.raises(error, match=words):
        cluster(base, **how)


def test_missing_values(base):
    with pytest.raises(InvalidValuesError, match="missing"):
        cluster(base.assign(total=np.nan), 2)
