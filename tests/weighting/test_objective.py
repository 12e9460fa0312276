"""Entropy and CRITIC: published weights, and the laws that weights from data obey."""

from __future__ import annotations

import numpy as np
import pandas as pd
import polars as pl
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from crmanalytics.errors import InvalidValuesError, ParameterError
from crmanalytics.weighting import critic, entropy, equal

PHONES = pd.DataFrame(
    [[250, 16, 12, 5], [200, 16, 8, 3], [300, 32, 16, 4], [275, 32, 8, 4], [225, 16, 16, 2]],
    columns=["price", "memory", "camera", "looks"],
)
METHODS = (entropy, critic)


def test_entropy_as_published():
    found = entropy(PHONES)
    assert found["entropy"].tolist() == pytest.approx(
        [0.99375089, 0.96296106, 0.97184954, 0.97366691], abs=1e-8
    )
    assert found["weight"].tolist() == pytest.approx(
        [0.06391538, 0.37883128, 0.28792061, 0.26933272], abs=1e-8
    )


def test_critic_as_published():
    found = critic(PHONES, costs=["price"])
    assert found["weight"].tolist() == pytest.approx(
        [0.27156959, 0.28167162, 0.25638459, 0.19037420], abs=1e-8
    )
    assert found.attrs["crmanalytics"] == {"method": "critic", "costs": ["price"]}


rows = st.lists(st.tuples(*[st.integers(0, 50)] * 3), min_size=3, max_size=12)


@given(rows, st.sampled_from(METHODS), st.randoms(use_true_random=False), st.floats(0.01, 1000))
def test_neither_order_nor_currency_matters(values, method, random, factor):
    frame = pd.DataFrame(values, columns=["a", "b", "c"])
    assume((frame.max() > frame.min()).all())
    found = method(frame)
    assert found["weight"].sum() == pytest.approx(1)
    assert (found["weight"] >= 0).all()
    mixed = frame.sample(frac=1, random_state=random.randint(0, 1000))
    pd.testing.assert_frame_equal(method(mixed), found)
    assert np.allclose(method(frame.assign(a=frame["a"] * factor))["weight"], found["weight"])
    turned = method(frame[["c", "a", "b"]]).set_index("criterion")["weight"]
    assert np.allclose(turned[["a", "b", "c"]], found["weight"])


@pytest.mark.parametrize("method", METHODS)
def test_what_is_the_same_everywhere_has_no_weight(method):
    found = method(PHONES.assign(looks=3))
    assert found["weight"].iloc[-1] == 0
    assert found["weight"].sum() == pytest.approx(1)
    assert method(PHONES, ["memory"])["weight"].tolist() == [1.0]


@pytest.mark.parametrize("method", METHODS)
def test_other_frames(method):
    found = method(pl.from_pandas(PHONES), ["price", "looks"])
    assert isinstance(found, pl.DataFrame)
    assert found["weight"].to_list() == method(PHONES, ["price", "looks"])["weight"].tolist()


@pytest.mark.parametrize("method", METHODS)
def test_says_what_is_wrong(method):
    with pytest.raises(InvalidValuesError, match="apart"):
        method(pd.DataFrame({"a": [2, 2, 2], "b": [1, 1, 1]}))
    with pytest.raises(InvalidValuesError, match="1 rows"):
        method(PHONES.head(1))
    with pytest.raises(InvalidValuesError, match="missing"):
        method(PHONES.assign(price=np.nan))
    with pytest.raises(ParameterError, match="each once"):
        method(PHONES, [])


def test_says_what_only_one_method_minds():
    with pytest.raises(InvalidValuesError, match=r"negative \['price'\]"):
        entropy(PHONES.assign(price=-PHONES["price"]))
    with pytest.raises(InvalidValuesError, match=r"zero \['price'\]"):
        entropy(PHONES.assign(price=0))
    with pytest.raises(ParameterError, match="colour"):
        critic(PHONES, costs=["colour"])
    with pytest.raises(ParameterError, match="each once"):
        equal(["a", "a"])
