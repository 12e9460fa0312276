"""Drill-down: parts of a group, against that group."""

from __future__ import annotations

import numpy as np
import polars as pl
import pytest

from crmanalytics.errors import InvalidValuesError, MissingColumnsError, ParameterError
from crmanalytics.profitability import cube, drill_down


def test_parts_add_up_to_the_group_that_is_opened(log):
    found = cube(log, ["region", "channel", "year"], costs=["goods", "service"])
    parts = drill_down(found, "year", within={"channel": "web", "region": "north"})
    inside = log[(log["channel"] == "web") & (log["region"] == "north")]
    assert parts["revenue"].sum() == pytest.approx(inside["amount"].sum())
    assert parts["revenue_share"].sum() == pytest.approx(1)
    assert parts["profit"].is_monotonic_decreasing
    margin = (inside["amount"] - inside["goods"] - inside["service"]).sum() / inside["amount"].sum()
    assert np.allclose(parts["margin_index"], 100 * parts["margin"] / margin)
    assert parts.attrs["crmanalytics"]["within"] == {"channel": "web", "region": "north"}
    top = drill_down(found, "region")
    level = found[found["grouping"] == "region"]
    assert top["profit_share"].tolist() == sorted(level["profit_share"], reverse=True)


def test_other_frames(log):
    found = cube(pl.from_pandas(log), ["region", "channel"], costs="goods")
    parts = drill_down(found, "channel", within={"region": "south"})
    assert isinstance(parts, pl.DataFrame)
    assert parts["cost_share"].sum() == pytest.approx(1)


def test_a_group_without_a_label(log):
    holes = log.assign(region=log["region"].where(log["region"] != "west"))
    found = cube(holes, ["region", "channel"], costs="goods", keep_missing=True)
    parts = drill_down(found, "channel", within={"region": None})
    west = log.loc[log["region"] == "west", "amount"].sum()
    assert parts["revenue"].sum() == pytest.approx(west)


def test_says_what_is_wrong(log):
    found = cube(log, ["region", "channel"], costs="goods", sets="rollup")
    with pytest.raises(ParameterError, match="has no grouping of channel; it has total, region"):
        drill_down(found, "channel")
    with pytest.raises(InvalidValuesError, match="no rows of region"):
        drill_down(found, "channel", within={"region": "moon"})
    with pytest.raises(MissingColumnsError, match="grouping"):
        drill_down(log, "channel")
