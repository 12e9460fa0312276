"""State counts: each day as if it were the last."""

from __future__ import annotations

import numpy as np
import pandas as pd
import polars as pl
import pytest

import crmanalytics as crm
from crmanalytics.errors import InvalidValuesError, ParameterError
from crmanalytics.segments import Definitions, lifecycle, lifecycle_counts, rhythm

DAYS = ["1997-01-31", "1997-06-30", "1997-12-31", "1998-06-30"]


@pytest.fixture(scope="module")
def log():
    return crm.datasets.load_cdnow_sample()


def test_each_day_is_judged_by_what_was_known(log):
    found = lifecycle_counts(log, DAYS)
    for day in DAYS:
        then = lifecycle(rhythm(log, until=day))["state"].value_counts()
        now = found[found["date"] == day].set_index("state")["customers"]
        assert now.to_dict() == {state: int(then.get(state, 0)) for state in now.index}
    np.testing.assert_allclose(found.groupby("date")["share"].sum(), 1)
    assert found["state"].tolist()[:6] == [
        "first-time", "repeat", "loyal", "dormant", "lost", "won back",
    ]  # fmt: skip


def test_definitions_are_used_and_kept(log):
    strict = Definitions(dormant=1.0, lost=1.5, usual_gap=30.0)
    found = lifecycle_counts(log, DAYS, definitions=strict)
    how = dict(vars(strict))
    then = lifecycle(rhythm(log, until=DAYS[-1]), **how)["state"].value_counts()
    last = found[found["date"] == DAYS[-1]].set_index("state")["customers"]
    assert last["lost"] == then["lost"]
    assert found.attrs["crmanalytics"] == how


def test_order_repetition_and_days_before_the_first_purchase(log):
    found = lifecycle_counts(log, [*DAYS[::-1], DAYS[0], "1996-12-31"])
    early = found[found["date"] == "1996-12-31"]
    assert early["customers"].sum() == 0
    assert early["share"].isna().all()
    pd.testing.assert_frame_equal(
        found[found["date"] > "1996-12-31"].reset_index(drop=True), lifecycle_counts(log, DAYS)
    )


def test_polars_gives_polars(log):
    found = lifecycle_counts(pl.from_pandas(log), DAYS)
    assert isinstance(found, pl.DataFrame)
    assert found["customers"].to_list() == lifecycle_counts(log, DAYS)["customers"].tolist()


def test_impossible_input(log):
    with pytest.raises(ParameterError, match="one day"):
        lifecycle_counts(log, [])
    with pytest.raises(ParameterError, match="date"):
        lifecycle_counts(log, ["soon"])
    with pytest.raises(InvalidValuesError, match="no purchase"):
        lifecycle_counts(log.head(0), DAYS)
