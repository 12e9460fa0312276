"""A year of a real shop: its published counts, its refunds, its two cancelled giants."""

import pandas as pd
import pytest

import crmanalytics as crm

NAMES = {
    "customer_id": "CustomerID",
    "date": "InvoiceDate",
    "quantity": "Quantity",
    "order_id": "InvoiceNo",
    "product_id": "StockCode",
}


@pytest.fixture(scope="module")
def raw(shared_data):
    raw = pd.read_parquet(shared_data("uci_online_retail.parquet"))
    return raw.assign(amount=raw["Quantity"] * raw["UnitPrice"])


@pytest.fixture(scope="module")
def net(raw):
    return crm.clean(raw[raw["UnitPrice"] > 0], **NAMES)


def rows(cleaned, rule):
    return int(cleaned.log.set_index("rule").loc[rule, "rows"])


def test_dropping_refunds_gives_the_usual_clean_log(raw):
    cleaned = crm.clean(raw[raw["UnitPrice"] > 0], **NAMES, refunds="drop")
    kept = cleaned.transactions
    assert len(raw) == 541_909
    assert len(kept) == 397_884
    assert kept["customer_id"].nunique() == 4_338
    assert kept["order_id"].nunique() == 18_532
    assert kept["amount"].sum() == pytest.approx(8_911_407.904, abs=1e-6)


def test_missing_customers_are_counted(raw):
    cleaned = crm.clean(raw, **NAMES)
    assert rows(cleaned, "missing customer_id") == 135_080


def test_netting_keeps_the_refunds(net):
    log = net.log.set_index("rule")
    lone = log.loc["refunds of customers without purchases"]
    total = net.transactions["amount"].sum() + lone["money"]
    assert total == pytest.approx(8_300_065.81, abs=0.01)
    assert net.transactions["customer_id"].nunique() == 4_338
    assert lone["customers"] == 4_371 - 4_338


def test_orders_and_totals(net):
    customers = crm.summarize(net.transactions, occasion="order")
    assert len(customers) == 4_338
    assert customers["orders"].sum() == 18_532
    bought = customers["total"] + customers["refunds"]
    assert bought.sum() == pytest.approx(8_911_407.904, abs=1e-4)


def test_one_time_buyers_by_order(net):
    customers = crm.summarize(net.transactions, occasion="order")
    assert (customers["frequency"] == 0).sum() == 1_493


def test_cancelled_giants_are_matched(raw):
    cleaned = crm.clean(raw[raw["UnitPrice"] > 0], **NAMES, refunds="match")
    kept = cleaned.transactions
    assert 12346 not in set(kept["customer_id"])
    giant = kept[kept["customer_id"] == 16446]
    assert giant["quantity"].max() < 80_995
    assert giant["amount"].sum() == pytest.approx(2.9, abs=1e-9)
    pairs = cleaned.log.set_index("rule")["money"]
    assert pairs["refunds of known purchases"] == -pairs["purchases undone by refunds"]


def test_overlapping_extracts_are_counted_once(raw):
    sold = raw[raw["UnitPrice"] > 0]
    early = sold[sold["InvoiceDate"] < "2011-02-01"]
    late = sold[sold["InvoiceDate"] >= "2011-01-10"]
    cleaned = crm.clean([early, late], **NAMES, refunds="drop")
    assert len(cleaned.transactions) == 397_884
    both = (sold["InvoiceDate"] >= "2011-01-10") & (sold["InvoiceDate"] < "2011-02-01")
    known = sold["CustomerID"].notna()
    assert rows(cleaned, "in an earlier extract") == int((both & known).sum())
