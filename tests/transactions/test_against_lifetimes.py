"""The summary equals that of the lifetimes package on the public logs."""

import numpy as np
import pandas as pd
import pytest

import crmanalytics as crm


def assert_same(ours, theirs):
    assert ours["customer_id"].to_list() == theirs.index.to_list()
    for name in set(theirs.columns):
        expected = theirs[name].to_numpy(dtype=float)
        np.testing.assert_allclose(ours[name].to_numpy(dtype=float), expected, rtol=1e-11, atol=0)


@pytest.mark.parametrize(("unit", "days"), [("D", 1), ("W", 7)])
@pytest.mark.parametrize("until", ["1997-02-10", "1997-09-30", "1998-06-30"])
@pytest.mark.parametrize("load", [crm.datasets.load_cdnow, crm.datasets.load_cdnow_sample])
def test_cdnow(reference, load, until, unit, days):
    log = load()
    assert_same(crm.summarize(log, until=until, unit=unit), reference(log, until, days=days))


@pytest.mark.parametrize(("unit", "days"), [("D", 1), ("W", 7)])
def test_example_transactions(reference, unit, days):
    log = crm.datasets.load_example_transactions()
    ours = crm.summarize(log, until="2014-12-31", unit=unit)
    assert "monetary_value" not in ours
    assert_same(ours, reference(log, "2014-12-31", None, days))


def donations_log():
    """Spell the table of donors out: a first gift, then gifts whose last one is in year t_x."""
    kinds = crm.datasets.load_donations()
    donor = kinds.loc[kinds.index.repeat(kinds["weight"])].reset_index(drop=True)
    rows = []
    for gift in range(7):
        # all gifts but the last in the first years, the last one in the year given
        last = donor["frequency"] == gift
        year = np.where(last, donor["recency"], gift)
        some = donor.assign(customer_id=donor.index, year=1995 + year)[donor["frequency"] >= gift]
        rows.append(some[["customer_id", "year"]])
    log = pd.concat(rows, ignore_index=True)
    return log.assign(date=pd.to_datetime(log["year"].astype(str) + "-01-01")), donor


def test_donations(reference):
    log, donor = donations_log()
    ours = crm.summarize(log, until="2001-01-01")
    assert_same(ours, reference(log, "2001-01-01", None))
    years = crm.summarize(log, until="2001-01-01", unit="Y")
    assert years["frequency"].to_list() == donor["frequency"].to_list()
    np.testing.assert_allclose(years["recency"], donor["recency"], atol=0.003)
    np.testing.assert_allclose(years["T"], donor["T"], atol=0.003)


def test_online_retail(reference, shared_data):
    raw = pd.read_parquet(shared_data("uci_online_retail.parquet"))
    raw = raw.assign(amount=raw["Quantity"] * raw["UnitPrice"])
    raw = raw[raw["UnitPrice"] > 0]
    cleaned = crm.clean(
        raw, customer_id="CustomerID", date="InvoiceDate", order_id="InvoiceNo", refunds="drop"
    )
    ours = crm.summarize(cleaned.transactions, until="2011-12-09")
    assert_same(ours, reference(cleaned.transactions, "2011-12-09"))
