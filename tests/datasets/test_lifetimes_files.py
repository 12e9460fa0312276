import importlib.util
import sys

import pandas as pd
import pytest

from crmanalytics import datasets
from crmanalytics.errors import MissingExtraError


def test_cdnow():
    log = datasets.load_cdnow()
    assert list(log.columns) == ["customer_id", "date", "quantity", "amount"]
    assert len(log) == 69_659
    assert log["customer_id"].nunique() == 23_570
    assert log["date"].min() == pd.Timestamp("1997-01-01")
    assert log["date"].max() == pd.Timestamp("1998-06-30")
    assert log["amount"].sum() == pytest.approx(2_500_315.63, abs=0.01)
    assert log.groupby("customer_id")["date"].min().max() <= pd.Timestamp("1997-03-31")


def test_the_sample_is_part_of_the_whole():
    whole, sample = datasets.load_cdnow(), datasets.load_cdnow_sample()
    assert len(sample) == 6_919
    assert sample["customer_id"].nunique() == 2_357
    part = whole[whole["customer_id"].isin(sample["customer_id"])]
    columns = ["customer_id", "date", "quantity", "amount"]
    pd.testing.assert_frame_equal(
        part.sort_values(columns, ignore_index=True),
        sample.sort_values(columns, ignore_index=True),
    )


def test_the_published_summary():
    table = datasets.load_cdnow_summary()
    assert table["customer_id"].to_list() == list(range(1, 2_358))
    assert (table["frequency"] > 0).sum() == 946
    assert table["frequency"].sum() == 2_457


def test_donations():
    table = datasets.load_donations()
    assert table["weight"].sum() == 11_104
    assert (table["T"] == 6).all()
    assert (table["frequency"] <= table["recency"]).all()
    assert len(table) == 22


def test_example_transactions():
    log = datasets.load_example_transactions()
    assert list(log.columns) == ["customer_id", "date"]
    assert pd.api.types.is_datetime64_any_dtype(log["date"])
    assert not log.isna().any(axis=None)


@pytest.mark.parametrize("name", datasets.__all__)
def test_loading_does_not_import_the_package(name, monkeypatch):
    for module in [m for m in sys.modules if m.split(".")[0] == "lifetimes"]:
        monkeypatch.delitem(sys.modules, module)
    getattr(datasets, name)()
    assert "lifetimes" not in sys.modules


def test_what_is_missing_is_named(monkeypatch):
    monkeypatch.setattr("crmanalytics.datasets.lifetimes_files.find_spec", lambda name: None)
    with pytest.raises(MissingExtraError, match="lifetimes: install it"):
        datasets.load_cdnow()
    assert importlib.util.find_spec("lifetimes") is not None
