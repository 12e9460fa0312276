"""Migration: counts beside a cross table, entrants and leavers, money, errors and laws."""

from __future__ import annotations

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from crmanalytics.errors import InvalidValuesError, MissingColumnsError, ParameterError
from crmanalytics.inference import wilson_interval
from crmanalytics.segments import migration

BEFORE = pd.DataFrame(
    {"customer_id": [1, 2, 3, 4, 5], "segment": list("aaabb"), "total": [10.0, 20, 30, 5, 5]}
)
AFTER = pd.DataFrame(
    {"customer_id": [9, 2, 1, 4, 3], "segment": list("babba"), "total": [7.0, 25, 8, 6, 31]}
)


def cell(moves, frm, to):
    return moves[(moves["from_state"] == frm) & (moves["to_state"] == to)].iloc[0]


def test_by_hand():
    found = migration(BEFORE, AFTER, value="total")
    assert len(found) == 16
    counts = {(r.from_state, r.to_state): r.count for r in found.itertuples(index=False)}
    counts = {(a, b): n for a, b, n in found[["from_state", "to_state", "count"]].to_numpy() if n}
    assert counts == {
        ("a", "a"): 2, ("a", "b"): 1, ("b", "b"): 1, ("b", "Left"): 1, ("Entered", "b"): 1,
    }  # fmt: skip
    stay = cell(found, "a", "a")
    assert stay["probability"] == pytest.approx(2 / 3)
    assert stay["standard_error"] == pytest.approx(np.sqrt(2 / 9 / 3))
    low, high = wilson_interval(2, 3)
    assert (stay["low"], stay["high"]) == (float(low), float(high))
    assert stay[["value_before", "value_after", "value_change"]].tolist() == [50, 56, 6]
    assert cell(found, "b", "Left")["value_change"] == -5
    assert cell(found, "Entered", "b")["value_change"] == 7
    assert found["value_change"].sum() == AFTER["total"].sum() - BEFORE["total"].sum()
    gone = found[found["from_state"] == "Left"]
    assert gone["probability"].tolist() == [0, 0, 0, 1]
    assert found.attrs["crmanalytics"] == {
        "state": "segment", "value": "total", "states": ["a", "b"], "entered": "Entered",
        "left": "Left", "level": 0.95,
    }  # fmt: skip


def test_states_in_the_order_wanted_and_categories():
    found = migration(BEFORE, AFTER, states=["b", "z", "a"], entered="new", left="gone")
    assert found["to_state"].tolist()[:5] == ["b", "z", "a", "new", "gone"]
    nobody = found[found["from_state"] == "z"]
    assert nobody["probability"].isna().all()
    assert nobody["low"].isna().all()
    kind = pd.CategoricalDtype(["b", "a", "never"])
    alike = migration(BEFORE.astype({"segment": kind}), AFTER.astype({"segment": kind}))
    assert alike["from_state"].unique().tolist() == ["b", "a", "never", "Entered", "Left"]
    other = migration(
        BEFORE.astype({"segment": kind}),
        AFTER.astype({"segment": pd.CategoricalDtype(["a", "b"])}),
    )
    pd.testing.assert_frame_equal(other, migration(BEFORE, AFTER))


def test_everybody_is_new_or_gone():
    nobody = BEFORE.head(0)
    assert cell(migration(nobody, AFTER), "Entered", "a")["count"] == 2
    assert cell(migration(BEFORE, nobody), "b", "Left")["probability"] == 1
    with pytest.raises(ParameterError, match="both empty"):
        migration(nobody, nobody)


def test_a_single_customer():
    one = BEFORE.head(1)
    found = migration(one, one)
    assert cell(found, "a", "a")[["count", "probability", "standard_error"]].tolist() == [1, 1, 0]


@pytest.mark.parametrize("convert", [pl.from_pandas, pa.Table.from_pandas])
def test_other_kinds_give_their_own_kind(convert):
    found = migration(convert(BEFORE), convert(AFTER), value="total")
    assert type(found) is type(convert(BEFORE))
    plain = found.to_pandas()
    pd.testing.assert_frame_equal(plain, migration(BEFORE, AFTER, value="total"), check_dtype=False)


people = st.dictionaries(
    st.integers(0, 30), st.tuples(st.sampled_from("abc"), st.integers(-9, 50)), max_size=25
)


def base(drawn):
    return pd.DataFrame(
        {
            "customer_id": np.array(list(drawn), dtype=np.int64),
            "segment": pd.Series([s for s, _ in drawn.values()], dtype=str),
            "total": np.array([float(v) for _, v in drawn.values()]),
        }
    )


@given(people, people, st.randoms(use_true_random=False))
def test_laws(earlier, later, random):
    if not earlier and not later:
        return
    before, after = base(earlier), base(later)
    found = migration(before, after, value="total", states=list("abc"))
    both = before.merge(after, on="customer_id", how="outer", suffixes=("_x", "_y"))
    plain = pd.crosstab(both["segment_x"].fillna("Entered"), both["segment_y"].fillna("Left"))
    for row in found.itertuples(index=False):
        known = row.from_state in plain.index and row.to_state in plain.columns
        assert row[2] == (plain.loc[row.from_state, row.to_state] if known else 0)
    sums = found.groupby("from_state")["probability"].sum(min_count=1).dropna()
    np.testing.assert_allclose(sums, 1)
    assert found["value_after"].sum() == pytest.approx(after["total"].sum())
    assert found["value_before"].sum() == pytest.approx(before["total"].sum())
    order = list(range(len(after)))
    random.shuffle(order)
    renamed = [f.assign(customer_id="c" + (99 - f["customer_id"]).astype(str)) for f in (
        before, after.iloc[order].reset_index(drop=True))]  # fmt: skip
    again = migration(*renamed, value="total", states=list("abc"))
    pd.testing.assert_frame_equal(again, found)
    cents = [f.assign(total=f["total"] * 4) for f in (before, after)]
    scaled = migration(*cents, value="total", states=list("abc"))
    assert scaled["value_change"].tolist() == (4 * found["value_change"]).tolist()
    assert scaled["probability"].equals(found["probability"])


@pytest.mark.parametrize(
    ("before", "after", "how", "error", "words"),
    [
        (BEFORE, AFTER, {"states": ["a"]}, InvalidValuesError, r"1 labels .*'b'"),
        (BEFORE, AFTER, {"entered": "a"}, ParameterError, "must differ"),
        (BEFORE, AFTER, {"entered": "x", "left": "x"}, ParameterError, "must differ"),
        (BEFORE, AFTER, {"level": 2}, ParameterError, "level"),
        (BEFORE, AFTER, {"value": "spend"}, MissingColumnsError, "spend"),
        (BEFORE, AFTER, {"state": "tier"}, MissingColumnsError, "tier"),
        (pd.concat([BEFORE] * 2), AFTER, {}, InvalidValuesError, r"before.*repeat: 5"),
        (BEFORE, AFTER.assign(customer_id=1), {}, InvalidValuesError, r"after.*repeat: 1"),
        (BEFORE, AFTER.assign(segment=None), {}, InvalidValuesError, "missing"),
        (BEFORE, AFTER.assign(total=np.nan), {"value": "total"}, InvalidValuesError, "missing"),
        (BEFORE, AFTER.assign(customer_id=list("abcde")), {}, InvalidValuesError, "never match"),
    ],
)
def test_impossible_input(before, after, how, error, words):
    with pytest.raises(error, match=words):
        migration(before, after, **how)
