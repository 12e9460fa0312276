"""Activity per period: counted again by another way, and by hand."""

from __future__ import annotations

import pandas as pd
import polars as pl
import pytest

import crmanalytics as crm
from crmanalytics.cohorts import activity
from crmanalytics.errors import MissingColumnsError


@pytest.mark.parametrize("period", ["W", "M", "Q"])
def test_counts_agree_with_pandas(period):
    log = crm.datasets.load_cdnow_sample()
    found = activity(log, period=period)
    each = log["date"].dt.to_period(period)
    assert found["revenue"].tolist() == pytest.approx(log.groupby(each)["amount"].sum().tolist())
    distinct = log.groupby(each)["customer_id"].nunique()
    assert found["active"].tolist() == distinct.tolist()
    first = log.groupby("customer_id")["date"].min().dt.to_period(period).value_counts()
    assert found["new"].tolist() == first.reindex(distinct.index, fill_value=0).tolist()
    assert (found["new"] + found["returning"]).equals(found["active"])
    both = found["revenue_new"] + found["revenue_returning"]
    assert both.tolist() == pytest.approx(found["revenue"].tolist())
    assert pd.to_datetime(found["period_start"]).tolist() == distinct.index.start_time.tolist()


def test_refunds_and_quiet_periods():
    log = pd.DataFrame(
        {
            "customer_id": ["a", "a", "b"],
            "date": pd.to_datetime(["2024-01-05", "2024-02-10", "2024-04-20"]),
            "amount": [10.0, -4.0, 5.0],
        }
    )
    found = activity(log, until="2024-04-25")
    assert found["active"].tolist() == [1, 0, 0, 1]
    assert found["revenue"].tolist() == [10.0, -4.0, 0.0, 5.0]
    assert found["complete"].tolist() == [True, True, True, False]
    theirs = activity(pl.from_pandas(log), until="2024-04-25")
    assert theirs["revenue_returning"].to_list() == [0.0, -4.0, 0.0, 0.0]


def test_needs_amounts():
    log = crm.datasets.load_cdnow_sample().drop(columns="amount")
    with pytest.raises(MissingColumnsError, match="amount"):
        activity(log)
