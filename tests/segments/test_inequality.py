"""The Gini coefficient and the Lorenz curve: published values, laws, and how sure they are."""

from __future__ import annotations

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from crmanalytics.errors import InvalidValuesError, MissingColumnsError, ParameterError
from crmanalytics.segments import gini, gini_interval, lorenz

INEQ = [541, 1463, 2445, 3438, 4437, 5401, 6392, 8304, 11904, 22261]

money = st.lists(st.integers(0, 1000), min_size=2, max_size=40).filter(any)


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ([1, 2, 3, 4], 0.25),
        ([5, 5, 5], 0.0),
        ([0, 0, 0, 1], 0.75),
        ([7], 0.0),
        (INEQ, 0.462091130),
    ],
)
def test_published_coefficients(values, expected):
    assert gini(values) == pytest.approx(expected, abs=5e-10)
    assert gini(pd.DataFrame({"total": values})) == gini(values)


def test_the_correction_makes_one_holder_of_all_exactly_one():
    assert gini([0, 0, 0, 1], corrected=True) == pytest.approx(1.0)


@given(money)
def test_the_definition_by_mean_difference(values):
    x = np.array(values, dtype=float)
    by_pairs = np.abs(x[:, None] - x).mean() / (2 * x.mean())
    assert gini(values) == pytest.approx(by_pairs, abs=1e-12)


@given(money, st.randoms(use_true_random=False), st.sampled_from([0.01, 3.0]))
def test_order_and_currency_play_no_part(values, random, rate):
    mixed = list(values)
    random.shuffle(mixed)
    assert gini(np.array(mixed) * rate) == pytest.approx(gini(values), abs=1e-12)


@given(money, st.data())
def test_a_weight_is_so_many_copies(values, data):
    times = data.draw(st.lists(st.integers(1, 4), min_size=len(values), max_size=len(values)))
    copies = np.repeat(values, times)
    assert gini(values, weight=times) == pytest.approx(gini(copies), abs=1e-12)
    frame = pd.DataFrame({"total": values, "people": times})
    assert gini(frame, weight="people", corrected=True) == pytest.approx(
        gini(copies, corrected=True), abs=1e-12
    )
    pd.testing.assert_frame_equal(
        lorenz(frame, weight="people"), lorenz(pd.DataFrame({"total": copies}))
    )


@given(money)
def test_the_coefficient_is_twice_the_area_between_curve_and_diagonal(values):
    curve = lorenz(pd.DataFrame({"total": values}))
    across, up = curve["customer_share"], curve["value_share"]
    area = (across.diff() * (up + up.shift()) / 2).sum()
    assert gini(values) == pytest.approx(1 - 2 * area, abs=1e-12)
    assert curve.iloc[0].tolist() == [0, 0]
    assert curve.iloc[-1].tolist() == [1, 1]
    steps = curve.diff().dropna()
    assert (steps["customer_share"] > 0).all()
    slopes = (steps["value_share"] / steps["customer_share"]).to_numpy()
    assert (np.diff(slopes) > -1e-9).all()


def test_points_lie_on_the_curve():
    frame = pd.DataFrame({"total": [70.0, 10.0, 10.0, 10.0]})
    read = lorenz(frame, points=5)
    assert read["customer_share"].tolist() == [0, 0.25, 0.5, 0.75, 1]
    assert read["value_share"].tolist() == pytest.approx([0, 0.1, 0.2, 0.3, 1])


def test_the_whale_curve_rises_above_one_where_customers_cost_money():
    frame = pd.DataFrame({"total": [120.0, 30.0, -50.0]})
    whale = lorenz(frame, descending=True)
    assert whale["value_share"].tolist() == pytest.approx([0, 1.2, 1.5, 1])
    assert lorenz(frame)["value_share"].min() == pytest.approx(-0.5)
    assert gini(frame) == pytest.approx(2 * 340 / (2 * 9) / (100 / 3))


def test_uci_coefficient(uci_spend):
    assert gini(uci_spend) == pytest.approx(0.715140, abs=5e-7)


def test_the_interval_covers_as_often_as_it_says():
    """Exponential money has a coefficient of one half."""
    draw = np.random.default_rng(11)
    inside = sum(
        low < 0.5 < high
        for low, high in (gini_interval(draw.exponential(size=300)) for _ in range(400))
    )
    assert 0.92 <= inside / 400 <= 0.98


def test_the_interval_with_ties_agrees_with_the_bootstrap():
    draw = np.random.default_rng(5)
    values = draw.integers(1, 6, 400)
    low, high = gini_interval(values)
    copies = [gini(draw.choice(values, 400)) for _ in range(600)]
    assert (high - low) / 2 / 1.959964 == pytest.approx(np.std(copies), rel=0.12)
    narrow = gini_interval(values, level=0.5)
    assert low < narrow[0] < gini(values) < narrow[1] < high


@pytest.mark.parametrize("convert", [pl.from_pandas, pa.Table.from_pandas])
def test_other_kinds_give_their_own_kind(convert):
    frame = pd.DataFrame({"total": [float(x) for x in INEQ]})
    native = convert(frame)
    assert gini(native) == gini(frame)
    curve = lorenz(native)
    assert type(curve) is type(native)
    pd.testing.assert_frame_equal(curve.to_pandas(), lorenz(frame))


@pytest.mark.parametrize(
    ("arguments", "error", "words"),
    [
        (([],), InvalidValuesError, "no rows"),
        (([0, 0],), InvalidValuesError, "positive sum"),
        (([1, -2],), InvalidValuesError, "positive sum"),
        (([1, np.nan],), InvalidValuesError, "finite"),
        ((["a"],), ParameterError, "data frame or numbers"),
        (([[1, 2]],), ParameterError, "one-dimensional"),
        ((pd.DataFrame({"total": [1.0, None]}),), InvalidValuesError, "missing"),
        ((pd.DataFrame({"spend": [1.0]}),), MissingColumnsError, "'total'"),
        ((pd.DataFrame({"total": []}, dtype=float),), InvalidValuesError, "no rows"),
    ],
)
def test_impossible_values(arguments, error, words):
    with pytest.raises(error, match=words):
        gini(*arguments)


def test_impossible_arguments():
    frame = pd.DataFrame({"total": [1.0, 2.0], "w": [1, -1]})
    with pytest.raises(InvalidValuesError, match=r"'w'.*negative"):
        gini(frame, weight="w")
    with pytest.raises(ParameterError, match="column's name"):
        gini(frame, weight=[1, 2])
    with pytest.raises(ParameterError, match="must be an array"):
        gini([1, 2], weight="w")
    with pytest.raises(ParameterError, match="equal length"):
        gini([1, 2], weight=[1])
    with pytest.raises(ParameterError, match="two customers"):
        gini([1], corrected=True)
    with pytest.raises(InvalidValuesError, match="two customers"):
        gini_interval([1])
    with pytest.raises(ParameterError, match="2 or more"):
        lorenz(frame, points=1)
    with pytest.raises(ParameterError, match="data frame"):
        lorenz([1, 2])
