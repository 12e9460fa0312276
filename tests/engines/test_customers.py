"""Counting and scoring customers: every engine gives what pandas gives, and its own kind back."""

import pytest

import crmanalytics as crm


@pytest.mark.parametrize("occasion", ["day", "order", "row"])
def test_summarize(engine, log, same, occasion):
    native = engine.put(log)
    found = crm.summarize(native, until="1997-09-30", unit="W", occasion=occasion)
    assert engine.has_kind_of(found, native)
    expected = crm.summarize(log, until="1997-09-30", unit="W", occasion=occasion)
    same(engine.get(found), expected)


def test_split(engine, log, same):
    native = engine.put(log)
    found = crm.split(native, at="1997-09-30", until="1998-06-30", unit="W")
    assert engine.has_kind_of(found, native)
    same(engine.get(found), crm.split(log, at="1997-09-30", until="1998-06-30", unit="W"))


@pytest.mark.parametrize("method", ["quantile", "nested"])
@pytest.mark.parametrize("ties", ["cut", "low", "average", "high", "rfm-r"])
def test_breaks(lazy, customers, method, ties):
    found = crm.rfm.breaks(lazy.put(customers), method=method, ties=ties)
    assert found == crm.rfm.breaks(customers, method=method, ties=ties)


@pytest.mark.parametrize("method", ["quantile", "nested"])
def test_score_and_segment(lazy, customers, same, method):
    native = lazy.put(customers)
    scored = crm.rfm.score(native, method=method)
    found = crm.rfm.segment(scored)
    assert lazy.has_kind_of(found, native)
    same(lazy.get(found), crm.rfm.segment(crm.rfm.score(customers, method=method)))


def test_profile(lazy, customers, same):
    expected = crm.rfm.profile(crm.rfm.segment(crm.rfm.score(customers)))
    found = crm.rfm.profile(crm.rfm.segment(crm.rfm.score(lazy.put(customers))))
    found = found.to_pandas() if hasattr(found, "to_pandas") else found
    same(found, expected)


@pytest.mark.parametrize("ties", ["middle", "up", "down"])
@pytest.mark.parametrize("inactive", [None, 15.0])
def test_pyramid(lazy, customers, same, ties, inactive):
    native = lazy.put(customers)
    found = crm.segments.pyramid(native, ties=ties, inactive=inactive)
    assert lazy.has_kind_of(found, native)
    same(lazy.get(found), crm.segments.pyramid(customers, ties=ties, inactive=inactive))


def test_a_cube_of_profits(lazy, log, same):
    columns = log.assign(year=log["date"].dt.year, cost=log["amount"] / 2)
    found = crm.profitability.cube(lazy.put(columns), "year", costs="cost")
    found = found.to_pandas() if hasattr(found, "to_pandas") else found
    expected = crm.profitability.cube(columns, "year", costs="cost")
    same(found.drop(columns="year"), expected.drop(columns="year"))
