import hypothesis.strategies as st
import numpy as np
import pytest
from hypothesis import given

from crmanalytics.transactions.refunds import matched

EVENTS = st.lists(st.tuples(st.integers(0, 3), st.booleans()), max_size=40)


def by_stack(group, refund):
    """Match one row at a time, as one would by hand."""
    result = np.zeros(len(group), dtype=bool)
    open_ones = {}
    for row, (who, gives_back) in enumerate(zip(group, refund, strict=True)):
        stack = open_ones.setdefault(who, [])
        if not gives_back:
            stack.append(row)
        elif stack:
            result[[stack.pop(), row]] = True
    return result


def run(events):
    group = np.array([who for who, _ in events], dtype=np.int64)
    refund = np.array([back for _, back in events], dtype=bool)
    order = np.lexsort((np.arange(len(group)), group))
    return group, refund, matched(group, order, refund)


@given(EVENTS)
def test_equals_matching_by_hand(events):
    group, refund, found = run(events)
    assert found.tolist() == by_stack(group, refund).tolist()


@given(EVENTS)
def test_as_many_purchases_as_refunds(events):
    group, refund, found = run(events)
    for who in set(group.tolist()):
        mine = found & (group == who)
        assert (mine & refund).sum() == (mine & ~refund).sum()


@pytest.mark.parametrize(
    ("sequence", "expected"),
    [
        ("+-", "xx"),
        ("-+", ".."),
        ("++-", ".xx"),
        ("+--", "xx."),
        ("-+-", ".xx"),
        ("+-+-", "xxxx"),
        ("++--", "xxxx"),
        ("--++-+", "...xx."),
    ],
)
def test_small_cases(sequence, expected):
    _, _, found = run([(0, sign == "-") for sign in sequence])
    assert "".join("x" if hit else "." for hit in found) == expected


def test_a_million_rows_need_no_loop():
    random = np.random.default_rng(1)
    group = random.integers(0, 200_000, 1_000_000)
    refund = random.random(1_000_000) < 0.4
    order = np.lexsort((np.arange(len(group)), group))
    found = matched(group, order, refund)
    assert (found & refund).sum() == (found & ~refund).sum()
