"""Breaks: found, given, nested, kept."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

import crmanalytics as crm
from crmanalytics.errors import FormatError, InvalidValuesError, MissingColumnsError, ParameterError
from crmanalytics.rfm import Breaks, breaks, score

FIXED = {"r": [30, 90, 180], "f": [1, 3], "m": [100]}


def test_each_dimension_may_have_its_own_number_of_scores(customers):
    found = breaks(customers, n={"r": 3, "f": 2})
    assert found.n == (3, 2, 5)
    scored = score(customers, found)
    assert [scored[x].max() for x in ("r_score", "f_score", "m_score")] == [3, 2, 5]


def test_fixed_breaks_need_no_customers():
    found = breaks(method="fixed", cuts=FIXED)
    assert (found.n, found.closed) == ((4, 3, 2), "right")
    frame = pd.DataFrame({"days_since_last": [30, 31], "orders": [1, 4], "total": [100.0, 100.5]})
    assert score(frame, found)["rfm_score"].tolist() == [411, 332]
    assert score(frame, method="fixed", cuts=FIXED)["rfm_score"].tolist() == [411, 332]


def test_fixed_breaks_closed_on_the_left():
    found = breaks(method="fixed", cuts=FIXED, closed="left")
    frame = pd.DataFrame({"days_since_last": [29, 30], "orders": [0, 1], "total": [99.0, 100.0]})
    assert score(frame, found)["rfm_score"].tolist() == [411, 322]


def test_some_cuts_given_and_the_others_found(customers):
    found = breaks(customers, cuts={"f": [1, 2, 5]})
    assert found.f == ((1.0, 2.0, 5.0),)
    assert found.r == breaks(customers).r


def test_nested_breaks_score_within_each_other(customers):
    scored = score(customers, n=3, method="nested", ties="average")
    frame = scored.reset_index(drop=True)
    for r, within in frame.groupby("r_score"):
        lone = within.assign(days_since_last=0)
        alone = score(lone, n={"r": 1, "f": 3, "m": 3}, ties="average")
        assert within["f_score"].tolist() == alone["f_score"].tolist(), r
        for f, cell in within.groupby("f_score"):
            alone = score(cell, n={"r": 1, "f": 1, "m": 3}, ties="average")
            assert cell["m_score"].tolist() == alone["m_score"].tolist(), (r, f)


def test_nested_groups_without_customers_take_the_cuts_around_them():
    frame = pd.DataFrame(
        {"days_since_last": 5, "orders": [1, 2, 3, 4], "total": [1.0, 2.0, 3.0, 4.0]}
    )
    found = breaks(frame, n=2, method="nested")
    assert found.f[0] == found.f[1] == (2.5,)
    elsewhere = frame.assign(days_since_last=400)
    assert found.m[0] == found.m[1] == (2.5,)
    assert score(elsewhere, found)["rfm_score"].tolist() == [111, 111, 122, 122]


def test_ties_leave_scores_out_and_the_table_shows_it():
    frame = pd.DataFrame(
        {"days_since_last": range(10), "orders": [1] * 7 + [2, 3, 4], "total": 1.0}
    )
    found = breaks(frame)
    table = found.table().query("dimension == 'orders'")
    assert table["reachable"].tolist() == [True, False, False, True, True]
    assert sorted(score(frame, found)["f_score"].unique()) == [1, 4, 5]
    assert "f=[1, 1, 1, 2.2]" in repr(found)


@pytest.mark.parametrize("ties", ["cut", "low", "average", "high", "rfm-r"])
@pytest.mark.parametrize("rows", [1, 6])
def test_equal_customers_get_equal_scores_whatever_their_number(ties, rows):
    frame = pd.DataFrame(
        {"days_since_last": [9] * rows, "orders": [2] * rows, "total": [-5.0] * rows}
    )
    for method in ("quantile", "nested"):
        scored = score(frame, method=method, ties=ties)
        assert len(set(scored["rfm_score"])) == 1
        assert scored[["r_score", "f_score", "m_score"]].isin(range(1, 6)).all(axis=None)


@pytest.mark.parametrize("how", [{}, {"ties": "high"}, {"method": "nested", "n": 3}, {"n": 1}])
def test_breaks_survive_a_file(customers, tmp_path, how):
    frame = customers.assign(orders=1)
    found = breaks(frame, **how)
    again = crm.load(found.save(tmp_path / "breaks.json"))
    assert again == found
    assert score(customers, again).equals(score(customers, found))


def test_the_nested_table_says_within_what(customers):
    table = breaks(customers, n=2, method="nested").table()
    assert table.groupby("dimension").size().to_dict() == {
        "days_since_last": 2,
        "orders": 4,
        "total": 8,
    }
    assert set(table.query("dimension == 'total'")["within"]) == {
        "r=1, f=1", "r=1, f=2", "r=2, f=1", "r=2, f=2",
    }  # fmt: skip
    assert "4 groups" in repr(breaks(customers, n=2, method="nested"))


@pytest.mark.parametrize(
    ("how", "words"),
    [
        ({"n": 0}, "from 1 to 9"),
        ({"n": 10}, "from 1 to 9"),
        ({"n": True}, "whole number"),
        ({"n": 2.5}, "whole number"),
        ({"n": {"x": 5}}, "unknown: \\['x'\\]"),
        ({"method": "kmeans"}, "method must be one of 'quantile', 'fixed', 'nested'"),
        ({"ties": "first"}, "parts equal customers by chance"),
        ({"cuts": {"q": [1]}}, "cuts has the keys"),
        ({"cuts": {"f": [3, 1]}}, "must ascend"),
        ({"cuts": {"f": [1, np.nan]}}, "must ascend"),
        ({"cuts": {"f": range(9)}}, "at most 8"),
        ({"method": "nested", "cuts": {"f": [1]}}, "cuts cannot be given"),
        ({"method": "fixed"}, "needs cuts="),
        ({"closed": "left"}, "belongs to method='fixed'"),
        ({"method": "fixed", "cuts": FIXED, "closed": "both"}, "'right', 'left'"),
    ],
)
def test_impossible_arguments(customers, how, words):
    with pytest.raises(ParameterError, match=words):
        breaks(customers, **how)


def test_breaks_made_by_hand_must_fit_their_method():
    with pytest.raises(ParameterError, match=r"need \(1, 2, 4\) tuples"):
        Breaks(r=((1.0,),), f=((1.0,),), m=((1.0,),), method="nested")
    with pytest.raises(ParameterError, match="of one length"):
        Breaks(r=((1.0,),), f=(), m=((1.0,),))


def test_impossible_customers(customers):
    with pytest.raises(ParameterError, match="customers is needed"):
        breaks()
    with pytest.raises(InvalidValuesError, match="no rows"):
        breaks(customers.head(0))
    with pytest.raises(MissingColumnsError, match="'orders'"):
        breaks(customers.drop(columns="orders"))
    with pytest.raises(InvalidValuesError, match=r"'total'.*missing"):
        breaks(customers.assign(total=customers["total"].where(customers["orders"] > 1)))


def test_an_altered_file_is_refused(customers, tmp_path):
    path = breaks(customers).save(tmp_path / "breaks.json")
    path.write_text(path.read_text().replace('"cut"', '"low"'))
    with pytest.raises(FormatError, match="altered"):
        crm.load(path)
