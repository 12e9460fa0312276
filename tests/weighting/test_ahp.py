"""AHP: published weights and ratios, and what a consistent matrix must give back."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
import pandas as pd
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from crmanalytics.errors import InvalidValuesError, ParameterError
from crmanalytics.weighting import ahp, consistency


def matrix(text):
    rows = [[float(Fraction(x)) for x in line.split()] for line in text.strip().splitlines()]
    names = [f"c{k}" for k in range(len(rows))]
    return pd.DataFrame(rows, columns=names, index=names)


# the house of Saaty (1980): size, transport, neighbourhood, age, yard, modern, condition, financing
HOUSE = matrix("""
1 5 3 7 6 6 1/3 1/4
1/5 1 1/3 5 3 3 1/5 1/7
1/3 3 1 6 3 4 6 1/5
1/7 1/5 1/6 1 1/3 1/4 1/7 1/8
1/6 1/3 1/3 3 1 1/2 1/5 1/6
1/6 1/3 1/4 4 2 1 1/5 1/6
3 5 1/6 7 5 5 1 1/2
4 7 5 8 6 6 2 1
""")
CITY = matrix("""
1 1/5 3 1/2 5
5 1 7 1 7
1/3 1/7 1 1/4 3
2 1 4 1 7
1/5 1/7 1/3 1/7 1
""")


def test_saatys_house():
    found = ahp(HOUSE)
    expected = [
        0.17301748, 0.05397572, 0.18811030, 0.01750791,
        0.03104374, 0.03632220, 0.16683367, 0.33318898,
    ]  # fmt: skip
    assert np.allclose(found["weight"], expected, atol=1e-8)
    kept = found.attrs["crmanalytics"]
    assert kept["largest_eigenvalue"] == pytest.approx(9.66888731712, abs=1e-10)
    assert kept["consistency_index"] == pytest.approx(0.238412473874, abs=1e-11)
    assert kept["consistency_ratio"] == pytest.approx(0.169086860904, abs=1e-11)
    other = consistency(HOUSE, random_index=1.4048466)
    assert other["consistency_ratio"][0] == pytest.approx(0.169707, abs=1e-6)
    worst = consistency(HOUSE).iloc[0]
    assert (worst["row"], worst["column"]) == ("c2", "c6")
    assert worst["judged"] == 6
    assert worst["implied"] == pytest.approx(0.18811030 / 0.16683367, abs=1e-6)


def test_the_cities():
    expected = [0.152167083431, 0.433454366266, 0.0715564764691, 0.305006433278, 0.037815640556]
    found = ahp(CITY)
    assert np.allclose(found["weight"], expected, atol=1e-11)
    kept = found.attrs["crmanalytics"]
    assert kept["largest_eigenvalue"] == pytest.approx(5.22523522093, abs=1e-10)
    assert kept["consistency_ratio"] == pytest.approx(0.050275718958, abs=1e-11)
    other = ahp(CITY, random_index=1.1081014).attrs["crmanalytics"]
    assert other["consistency_ratio"] == pytest.approx(0.050815570879, abs=1e-11)
    geometric = [
        0.152593714253, 0.422816190798, 0.0722581413249, 0.3147429404256, 0.0375890131987,
    ]  # fmt: skip
    assert np.allclose(ahp(CITY, method="geometric")["weight"], geometric, atol=1e-11)


@given(st.lists(st.floats(0.01, 100), min_size=1, max_size=12))
def test_a_consistent_matrix_returns_its_weights(raw):
    weights = np.array(raw) / np.sum(raw)
    names = [f"c{k}" for k in range(len(raw))]
    pairs = pd.DataFrame(weights[:, None] / weights[None, :], columns=names)
    for method in ("eigenvector", "geometric"):
        found = ahp(pairs, method=method)
        assert np.allclose(found["weight"], weights, rtol=1e-8)
        assert found["weight"].sum() == pytest.approx(1)
        assert found.attrs["crmanalytics"]["consistency_ratio"] == 0


@given(st.permutations(range(8)))
def test_the_order_of_the_criteria_does_not_matter(order):
    mixed = HOUSE.iloc[order, order]
    expected = ahp(HOUSE).set_index("criterion")["weight"]
    found = ahp(mixed).set_index("criterion")["weight"]
    pd.testing.assert_series_equal(found.sort_index(), expected.sort_index())


def test_two_criteria_cannot_contradict_each_other_and_polars_is_polars():
    pairs = pl.DataFrame({"a": [1.0, 0.125], "b": [8.0, 1.0]})
    found = ahp(pairs)
    assert isinstance(found, pl.DataFrame)
    assert found["weight"].to_list() == pytest.approx([8 / 9, 1 / 9])
    assert consistency(pairs)["consistency_ratio"].to_list() == [0.0]


@pytest.mark.parametrize(
    ("call", "error", "message"),
    [
        (lambda: ahp(HOUSE.head(3)), InvalidValuesError, "square: it has 3 rows and 8"),
        (lambda: ahp(CITY.assign(c1=2.0)), InvalidValuesError, "reciprocal"),
        (lambda: ahp(CITY * -1), InvalidValuesError, "must be positive"),
        (lambda: ahp(CITY * np.nan), InvalidValuesError, "missing"),
        (lambda: ahp(CITY, method="mean"), ParameterError, "eigenvector"),
        (
            lambda: ahp(pd.DataFrame(np.ones((16, 16)), columns=list("abcdefghijklmnop"))),
            ParameterError,
            "ends at 15",
        ),
    ],
)
def test_says_what_is_wrong(call, error, message):
    with pytest.raises(error, match=message):
        call()
