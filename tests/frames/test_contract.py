import math

import narwhals.stable.v2 as nw
import pandas as pd
import pytest

from crmanalytics.frames import CUSTOMERS, TRANSACTIONS, Column, Contract, Kind, Rule

VALUES = pd.DataFrame({"x": [1.0, 0.0, -1.0, 2.5, math.inf, math.nan]})


def broken(column, values=VALUES):
    own = nw.from_native(values, eager_only=True)
    rules = {
        rule.states: own.filter(rule.broken)["x"].to_list()
        for rule in column.rules(own.schema["x"])
    }
    return {states: found for states, found in rules.items() if found}


def test_any_number_must_be_there_and_finite():
    found = broken(Column("x", Kind.NUMBER))
    assert list(found) == ["must not be missing", "must be finite"]
    assert found["must be finite"] == [math.inf]


@pytest.mark.parametrize(
    ("bounds", "states", "values"),
    [
        ({"low": 0}, "must not be negative", [-1]),
        ({"low": 1}, "must be at least 1", [0, -1]),
        ({"high": 2}, "must be at most 2", [2.5, math.inf]),
        ({"strictly_positive": True}, "must be positive", [0, -1]),
    ],
)
def test_bounds(bounds, states, values):
    assert broken(Column("x", Kind.NUMBER, **bounds))[states] == values


def test_counts_are_whole():
    assert broken(Column("x", Kind.COUNT))["must be a whole number"] == [2.5]
    whole = pd.DataFrame({"x": [1, 2]})
    assert not broken(Column("x", Kind.COUNT), whole)


def test_nullable_columns_may_have_gaps():
    assert list(broken(Column("x", Kind.NUMBER, nullable=True))) == ["must be finite"]


def test_identifiers_are_only_required_to_be_there():
    assert list(broken(Column("x", Kind.IDENTIFIER))) == ["must not be missing"]


@pytest.mark.parametrize(
    ("kind", "dtype", "accepted"),
    [
        (Kind.NUMBER, nw.Int8(), True),
        (Kind.NUMBER, nw.String(), False),
        (Kind.NUMBER, nw.Boolean(), False),
        (Kind.COUNT, nw.Float32(), True),
        (Kind.DATE, nw.Date(), True),
        (Kind.DATE, nw.Datetime("ns", "UTC"), True),
        (Kind.DATE, nw.Int64(), False),
        (Kind.IDENTIFIER, nw.Object(), True),
        (Kind.LABEL, nw.Categorical(), True),
    ],
)
def test_kinds_know_their_dtypes(kind, dtype, accepted):
    assert kind.accepts(dtype) is accepted


def test_requiring_narrows_and_insists():
    narrow = TRANSACTIONS.requiring(["amount", "date"])
    assert [column.name for column in narrow.columns] == ["date", "amount"]
    assert all(column.required for column in narrow.columns)
    assert narrow.columns[1].null_remedy == TRANSACTIONS.columns[2].null_remedy
    assert not TRANSACTIONS.columns[2].required


def test_rules_apply_where_all_their_columns_are():
    relation = Rule("must not exceed y", nw.col("x") > nw.col("y"), ("x", "y"))
    columns = (Column("x", Kind.NUMBER), Column("y", Kind.NUMBER, required=False))
    contract = Contract("frame", columns, (relation,))
    assert relation in contract.rules_for({"x": nw.Int64(), "y": nw.Int64()})
    assert relation not in contract.rules_for({"x": nw.Int64()})
    assert relation not in contract.rules_for({"x": nw.Int64(), "y": nw.String()})


def test_every_contract_names_its_rules_columns():
    for contract in (CUSTOMERS, TRANSACTIONS):
        known = {column.name for column in contract.columns}
        assert all(known.issuperset(rule.columns) for rule in contract.rules)


def test_flags_are_booleans_or_zero_and_one():
    flag = Column("x", Kind.FLAG)
    numbers = pd.DataFrame({"x": [0.0, 1.0, 2.0, math.nan]})
    assert broken(flag, numbers)["must be 0 or 1"] == [2.0]
    assert list(broken(flag, numbers)) == ["must not be missing", "must be 0 or 1"]
    assert broken(flag, pd.DataFrame({"x": [True, False]})) == {}
    assert not Kind.FLAG.accepts(nw.String())
    for values, valid in (([True, False], True), ([0, 1], True), ([0.0, 1.5], False)):
        own = nw.from_native(pd.DataFrame({"x": values}), eager_only=True)
        found = own.select(ok=flag.sound(own.schema["x"]).all())["ok"][0]
        assert bool(found) is valid
