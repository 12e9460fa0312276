"""Grids: every cell, counted and summed up."""

from __future__ import annotations

import polars as pl
import pytest

from crmanalytics.errors import InvalidValuesError, MissingColumnsError, ParameterError
from crmanalytics.rfm import grid, score


def test_cells_are_what_groupby_finds(customers):
    scored = score(customers)
    found = grid(scored).set_index(["f_score", "r_score"])
    groups = scored.groupby(["f_score", "r_score"])["total"]
    assert len(found) == 25
    assert found["customers"].sum() == len(customers)
    for cell, money in groups:
        assert found.loc[cell, "customers"] == len(money)
        assert found.loc[cell, "sum"] == pytest.approx(money.sum())
        assert found.loc[cell, "mean"] == pytest.approx(money.mean())
    empty = found[found["customers"] == 0]
    assert empty["mean"].isna().all()
    assert (empty["sum"] == 0).all()


def test_other_scores_values_and_sizes(customers):
    scored = score(customers, n={"r": 3, "f": 5, "m": 2})
    found = grid(scored, "orders", rows="m_score", columns="r_score", n=(2, 3))
    assert found[["m_score", "r_score"]].to_numpy().tolist() == [
        [1, 1], [1, 2], [1, 3], [2, 1], [2, 2], [2, 3],
    ]  # fmt: skip
    assert found["sum"].sum() == customers["orders"].sum()


def test_polars_gives_polars(customers):
    found = grid(pl.from_pandas(score(customers)))
    assert isinstance(found, pl.DataFrame)
    assert found["customers"].sum() == len(customers)


def test_impossible_input(customers):
    scored = score(customers)
    with pytest.raises(ParameterError, match="two of"):
        grid(scored, rows="r_score")
    with pytest.raises(ParameterError, match="two of"):
        grid(scored, rows="country")
    with pytest.raises(ParameterError, match="between 1 and 9"):
        grid(scored, n=0)
    with pytest.raises(InvalidValuesError, match="at most 3"):
        grid(scored, n=3)
    with pytest.raises(MissingColumnsError, match="margin"):
        grid(scored, "margin")
