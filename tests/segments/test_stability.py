"""Stability: planted numbers of clusters are advised; real customers as published."""

from __future__ import annotations

import numpy as np
import pandas as pd
import polars as pl
import pytest

from crmanalytics.errors import InvalidValuesError, ParameterError
from crmanalytics.segments import cluster_stability


@pytest.fixture(scope="module")
def uci_customers(shared_data):
    log = pd.read_parquet(shared_data("uci_online_retail.parquet"))
    kept = log["CustomerID"].notna() & ~log["InvoiceNo"].str.startswith("C")
    log = log[kept & (log["Quantity"] > 0) & (log["UnitPrice"] > 0)]
    log = log.assign(total=log["Quantity"] * log["UnitPrice"])
    found = log.groupby("CustomerID").agg(
        last=("InvoiceDate", "max"), orders=("InvoiceNo", "nunique"), total=("total", "sum")
    )
    return found.assign(days_since_last=(pd.Timestamp("2011-12-10") - found.pop("last")).dt.days)


# published means of ten resamples; another preparation of the customers and other seeds move them
@pytest.mark.parametrize(
    ("log", "published"),
    [(True, {3: 0.928, 4: 0.904, 5: 0.747, 6: 0.830}), (False, {3: 0.983, 4: 0.890, 5: 0.899})],
)
def test_uci_stability(uci_customers, log, published):
    found = cluster_stability(uci_customers, published, log=log, bootstraps=10, starts=5)
    np.testing.assert_allclose(found["stability"], list(published.values()), atol=0.08)
    sizes = [sum(map(int, each.split())) for each in found["sizes"]]
    assert sizes == [4_338] * len(published)
    if log:
        assert found["k"][found["advised"]].tolist() == [3]
        assert found["smallest"].min() > 200
    else:  # the whales: found every time, and of no use
        assert found["smallest"].max() < 43
        assert not found["advised"].any()
        assert found["sizes"].iloc[0].split()[-1] == "26"


@pytest.mark.parametrize("method", ["kmeans", "gmm"])
def test_the_planted_number_is_advised(method):
    rng = np.random.default_rng(3)
    at = rng.permutation([(0, 0), (0, 8), (8, 0), (8, 8)]).repeat(40, axis=0)
    frame = pd.DataFrame(at + rng.normal(0, 0.5, at.shape), columns=["x", "y"])
    found = cluster_stability(frame, (2, 3, 4, 5), ["x", "y"], method=method, log=False, starts=4)
    assert found.loc[found["advised"], "k"].tolist() == [4]
    assert found["sizes"].iloc[2] == "40 40 40 40"
    assert found["stability"].iloc[2] == 1
    assert (found["lowest"] <= found["stability"]).all()
    assert found["explained"].between(0, 1).all()
    assert found["bic"].isna().all() == (method == "kmeans")
    if method == "gmm":
        assert found["bic"].argmin() == 2


def test_order_of_rows_and_kind_of_frame_play_no_part():
    frame = pd.DataFrame({"total": np.random.default_rng(0).lognormal(3, 1, 90)})
    how = {"ks": (2, 3), "columns": ["total"], "bootstraps": 4, "sample": 60}
    found = cluster_stability(frame, **how)
    mixed = cluster_stability(pl.from_pandas(frame.sample(frac=1, random_state=1)), **how)
    pd.testing.assert_frame_equal(mixed.to_pandas(), found, check_dtype=False)
    assert found.attrs["crmanalytics"]["bootstraps"] == 4


@pytest.mark.parametrize("method", ["kmeans", "gmm"])
def test_resamples_of_fewer_different_customers_than_clusters(method):
    frame = pd.DataFrame({"total": [1.0, 1.0, 1.0, 1.0, 5.0, 90.0]})
    found = cluster_stability(frame, (2, 3), ["total"], method=method, bootstraps=20, starts=2)
    assert found["stability"].between(-1, 1).all()
    assert found["sizes"].tolist() == ["5 1", "4 1 1"] or method == "gmm"


def test_impossible_input():
    frame = pd.DataFrame({"total": [1.0, 2.0, 2.0]})
    with pytest.raises(InvalidValuesError, match="2 different rows"):
        cluster_stability(frame, (2, 3), ["total"])
    for how in ({"ks": ()}, {"ks": (1, 2)}, {"bootstraps": 1}, {"starts": 0}, {"method": "x"}):
        with pytest.raises(ParameterError):
            cluster_stability(frame, columns=["total"], **how)
