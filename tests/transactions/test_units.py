import datetime as dt

import numpy as np
import pandas as pd
import pytest

from crmanalytics.errors import ParameterError
from crmanalytics.transactions.units import as_day, as_text, days_per

DAY = 19_782  # 2024-02-29


@pytest.mark.parametrize(
    "value",
    [
        "2024-02-29",
        "20240229",
        "2024-02-29 23:59",
        dt.date(2024, 2, 29),
        dt.datetime(2024, 2, 29, 12),  # noqa: DTZ001 - a stamp without a zone is the case
        pd.Timestamp("2024-02-29 12:00"),
        np.datetime64("2024-02-29T12", "ns"),
    ],
    ids=repr,
)
def test_a_day_in_any_dress(value):
    assert as_day(value, "until") == DAY
    assert as_text(DAY) == "2024-02-29"


@pytest.mark.parametrize(
    "value",
    [
        "29.02.2024",
        "2024-02-30",
        20240229,
        None,
        pd.NaT,
        np.datetime64("NaT"),
        1.5,
        pd.Timestamp("2024-02-29", tz="UTC"),
    ],
    ids=repr,
)
def test_what_is_no_day(value):
    with pytest.raises(ParameterError, match="at must be a date such as '1997-09-30'"):
        as_day(value, "at")


def test_units():
    assert [days_per(unit) for unit in "DWMY"] == [1, 7, 30.4375, 365.25]
    with pytest.raises(ParameterError, match="unit must be one of"):
        days_per("h")
