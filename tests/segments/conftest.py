"""Real money, as concentrated as it is."""

from __future__ import annotations

import pandas as pd
import pytest


@pytest.fixture(scope="session")
def uci_spend(shared_data):
    """What each of 4,338 customers of the UCI Online Retail log spent."""
    log = pd.read_parquet(shared_data("uci_online_retail.parquet"))
    kept = log["CustomerID"].notna() & ~log["InvoiceNo"].str.startswith("C")
    log = log[kept & (log["Quantity"] > 0) & (log["UnitPrice"] > 0)]
    spent = (log["Quantity"] * log["UnitPrice"]).groupby(log["CustomerID"]).sum()
    return spent.rename("total").reset_index()
