"""Customers of published examples, and small ones drawn at random."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest


@pytest.fixture(scope="session")
def orders_example(shared_data):
    """995 customers of the R package's order data, as of 2006-12-31."""
    log = pd.read_csv(shared_data("rfm_data_orders.csv"), parse_dates=["order_date"])
    customers = log.groupby("customer_id").agg(
        last=("order_date", "max"), orders=("revenue", "size"), total=("revenue", "sum")
    )
    days = (pd.Timestamp("2006-12-31") - customers.pop("last")).dt.days
    return customers.assign(days_since_last=days)


@pytest.fixture(scope="session")
def customer_example(shared_data):
    """39,999 customers of the R package's customer data."""
    names = {"revenue": "total", "number_of_orders": "orders", "recency_days": "days_since_last"}
    return pd.read_csv(shared_data("rfm_data_customer.csv")).rename(columns=names)


@pytest.fixture(scope="session")
def uci_customers(shared_data):
    """4,338 customers of the UCI Online Retail log, cancellations left out, as of 2011-12-11."""
    log = pd.read_parquet(shared_data("uci_online_retail.parquet"))
    kept = log["CustomerID"].notna() & ~log["InvoiceNo"].str.startswith("C")
    log = log[kept & (log["Quantity"] > 0) & (log["UnitPrice"] > 0)]
    customers = (
        log.assign(total=log["Quantity"] * log["UnitPrice"])
        .groupby("CustomerID")
        .agg(last=("InvoiceDate", "max"), orders=("InvoiceNo", "nunique"), total=("total", "sum"))
    )
    days = (pd.Timestamp("2011-12-11") - customers.pop("last")).dt.days
    return customers.assign(days_since_last=days)


@pytest.fixture
def customers():
    """300 customers with many ties."""
    draw = np.random.default_rng(7)
    return pd.DataFrame(
        {
            "customer_id": np.arange(1000, 1300),
            "days_since_last": draw.integers(0, 365, 300),
            "orders": 1 + draw.negative_binomial(1, 0.3, 300),
            "total": draw.lognormal(4, 1, 300).round(2),
            "country": draw.choice(["AT", "DE"], 300),
        },
        index=draw.permutation(300),
    )
