"""Contracts: spells, grace, reasons, and ends that are not certain yet."""

from __future__ import annotations

import numpy as np
import pandas as pd
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from crmanalytics.churn import contract_durations, label_contracts
from crmanalytics.errors import DataError, InvalidValuesError, ParameterError


def made(*rows):
    frame = pd.DataFrame(rows, columns=["customer_id", "start", "end", "reason"])
    return frame.assign(start=pd.to_datetime(frame["start"]), end=pd.to_datetime(frame["end"]))


SMALL = made(
    ("a", "2023-01-01", "2024-02-01", "price"),  # ends on the first day of the outcome window
    ("b", "2023-01-01", "2024-03-01", "price"),  # ends on the first day after it
    ("c", "2023-01-01", "2024-02-10", "death"),
    ("d", "2023-01-01", None, None),
    ("e", "2024-01-15", None, None),  # begins on the snapshot: not known before
    ("f", "2023-01-01", "2024-01-20", "price"),  # leaves within the gap
    ("g", "2023-01-01", "2024-02-10", "move"),
    ("g", "2024-02-15", None, None),  # comes back after five days
)
ARGUMENTS = {"at": "2024-01-15", "gap": 17, "horizon": 29, "until": "2024-06-30"}


def flags(found, column="churned"):
    return dict(zip(found["customer_id"], found[column], strict=True))


def test_ends_within_the_outcome_window_are_churn():
    found = label_contracts(SMALL, **ARGUMENTS)
    assert flags(found) == {"a": 1, "b": 0, "c": 1, "d": 0, "g": 1}
    assert found.attrs["crmanalytics"]["left_in_gap"] == 1
    assert found["churn_type"].dropna().unique().tolist() == ["voluntary"]


def test_a_new_contract_within_the_grace_is_a_renewal():
    assert flags(label_contracts(SMALL, **ARGUMENTS, grace=4))["g"] == 1
    assert flags(label_contracts(SMALL, **ARGUMENTS, grace=5))["g"] == 0


def test_who_left_for_the_other_reason_is_left_out():
    found = label_contracts(SMALL, **ARGUMENTS, count="voluntary", involuntary=["death"])
    assert flags(found) == {"a": 1, "b": 0, "d": 0, "g": 1}
    assert found.attrs["crmanalytics"]["left_out"] == 1
    found = label_contracts(SMALL, **ARGUMENTS, count="involuntary", involuntary=["death"])
    assert flags(found) == {"b": 0, "c": 1, "d": 0}
    assert flags(found, "churn_type")["c"] == "involuntary"


def test_without_reasons_they_are_unknown_and_count():
    plain = SMALL.drop(columns="reason")
    found = label_contracts(plain, **ARGUMENTS, count="voluntary")
    assert flags(found)["c"] == 1
    assert set(found["churn_type"].dropna()) == {"unknown"}


def test_windows_that_are_not_covered_are_refused():
    with pytest.raises(ParameterError, match="not covered"):
        label_contracts(SMALL, **ARGUMENTS | {"until": "2024-02-28"})
    label_contracts(SMALL, **ARGUMENTS | {"until": "2024-02-29"})
    with pytest.raises(ParameterError, match="not covered"):
        label_contracts(SMALL, **ARGUMENTS | {"until": "2024-02-29"}, grace=1)


def test_ends_before_starts_are_told():
    with pytest.raises(InvalidValuesError, match="first day without the contract"):
        label_contracts(made(("a", "2024-01-02", "2024-01-02", None)), **ARGUMENTS)
    with pytest.raises(DataError, match="no customer of contracts"):
        label_contracts(SMALL, **ARGUMENTS | {"at": "2022-01-01"})
    with pytest.raises(ParameterError, match="count"):
        label_contracts(SMALL, **ARGUMENTS, count="all")


def test_durations_are_days_and_say_what_was_seen():
    found = contract_durations(SMALL, until="2024-02-15", grace=3)
    by = found.groupby("customer_id")["duration"].first()
    assert by["a"] == 396
    assert by["d"] == 411  # until the end of 15 February
    assert by["e"] == 32
    seen = flags(found.drop_duplicates("customer_id"))
    # the end of b is still to come, those of c and g are older than the grace
    assert seen == {"a": 1, "b": 0, "c": 1, "d": 0, "e": 0, "f": 1, "g": 1}


def test_an_end_within_the_grace_is_not_certain():
    one = made(("a", "2024-01-01", "2024-02-10", "price"))
    for grace, churned in ((4, 1), (5, 1), (6, 0)):
        found = contract_durations(one, until="2024-02-15", grace=grace)
        assert found["churned"].tolist() == [churned]
        assert found["duration"].tolist() == [40]


def test_ends_that_do_not_count_are_censored():
    found = contract_durations(SMALL, until="2024-06-30", count="voluntary", involuntary=["death"])
    assert flags(found)["c"] == 0
    assert found.loc[found["customer_id"] == "c", "churn_type"].isna().all()


def test_contracts_that_begin_later_are_told():
    with pytest.raises(ParameterError, match="spells begin later"):
        contract_durations(SMALL, until="2023-06-30")


def test_overlapping_contracts_are_one_spell():
    long_inside = made(
        ("a", "2024-01-01", "2024-12-31", "price"), ("a", "2024-02-01", "2024-03-01", "move")
    )
    found = contract_durations(long_inside, until="2025-06-30")
    assert found["duration"].tolist() == [365]


def test_other_kinds_of_frames_and_other_names():
    ours = label_contracts(SMALL, **ARGUMENTS)
    theirs = label_contracts(
        pl.from_pandas(SMALL).rename({"end": "cancelled"}), **ARGUMENTS, end="cancelled"
    )
    assert theirs["churned"].to_list() == ours["churned"].tolist()
    assert (
        theirs["churn_type"].to_list()
        == ours["churn_type"].astype(object).where(ours["churn_type"].notna(), None).tolist()
    )


rows = st.lists(
    st.tuples(st.integers(0, 3), st.integers(0, 40), st.integers(1, 30)), min_size=1, max_size=15
)


@given(rows=rows, seed=st.integers(0, 99), grace=st.integers(0, 10))
def test_spells_are_as_a_plain_loop_finds_them(rows, seed, grace):
    day = np.datetime64("2024-01-01")
    frame = pd.DataFrame(rows, columns=["customer_id", "start", "length"])
    start = day + frame["start"].to_numpy().astype("m8[D]")
    end = start + frame["length"].to_numpy().astype("m8[D]")
    frame = frame.assign(start=start.astype("M8[us]"), end=end.astype("M8[us]"))
    frame = frame.sample(frac=1, random_state=seed)
    found = contract_durations(frame, until="2024-12-31", grace=grace)
    expected = []
    for customer in sorted({row[0] for row in rows}):
        spells: list[list[int]] = []
        for _, first, length in sorted(row for row in rows if row[0] == customer):
            if spells and first <= spells[-1][1] + grace:
                spells[-1][1] = max(spells[-1][1], first + length)
            else:
                spells.append([first, first + length])
        expected += [(customer, end - first) for first, end in spells]
    assert list(zip(found["customer_id"], found["duration"], strict=True)) == expected
