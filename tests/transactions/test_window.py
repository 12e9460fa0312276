"""What customers bought within a window: occasions, money, and who had bought before."""

from __future__ import annotations

import numpy as np
import pandas as pd
import polars as pl
import pytest

from crmanalytics.errors import MissingColumnsError, ParameterError
from crmanalytics.transactions.window import activity_within

WINDOW = {"start": "2024-01-01", "end": "2024-02-01"}


def log():
    return pd.DataFrame(
        {
            "customer_id": ["b", "b", "b", "a", "c", "d"],
            "date": pd.to_datetime(
                [
                    "2024-01-05 09:00",
                    "2024-01-05 19:00",
                    "2024-01-06 08:00",
                    "2023-12-31",
                    "2024-02-01",
                    "2024-01-07",
                ],
                format="ISO8601",
            ),
            "amount": [5.0, 6.0, 7.0, 8.0, 9.0, -2.0],
            "order_id": [1, 1, 2, 3, 4, 5],
        }
    )


@pytest.mark.parametrize(("occasion", "count"), [("day", 2), ("order", 2), ("row", 3)])
@pytest.mark.parametrize("kind", [pd.DataFrame, pl.from_pandas])
def test_occasions(occasion, count, kind):
    found = activity_within(kind(log()), occasion=occasion, **WINDOW)
    # 'd' gave something back and never bought, 'c' came later
    assert found.customers["customer_id"].to_list() == ["a", "b"]
    assert found.occasions.tolist() == [0, count]
    assert found.spend.tolist() == [0, 18]
    assert found.before.tolist() == [True, False]


def test_calendar_days_are_those_of_a_place():
    stamped = log()
    stamped["date"] = stamped["date"].dt.tz_localize("UTC")
    there = activity_within(stamped, time_zone="America/New_York", **WINDOW)
    # midnight that begins February is the last evening of January there
    assert there.occasions.tolist() == [0, 2, 1]


def test_what_is_refused():
    with pytest.raises(ParameterError, match="no longer in the window"):
        activity_within(log(), start="2024-02-01", end="2024-02-01")
    with pytest.raises(ParameterError, match="occasion"):
        activity_within(log(), occasion="hour", **WINDOW)
    with pytest.raises(MissingColumnsError, match="order_id"):
        activity_within(log().drop(columns="order_id"), occasion="order", **WINDOW)


def test_a_log_without_rows():
    found = activity_within(log().iloc[:0], **WINDOW)
    assert len(found.occasions) == 0
    assert np.array_equal(found.spend, [])
