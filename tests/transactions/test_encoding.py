import narwhals.stable.v2 as nw
import numpy as np
import pandas as pd
import polars as pl
import pytest

from crmanalytics.transactions.encoding import codes_of, encoded

CASES = [
    [5, 3, 5, 9],
    [0, 2, 1, 0],
    [-7, 10**17, 3, 3],
    [2**64 - 1, 1, 2, 2],
    ["b", "a", "b", "é"],
    [1.5, -2.0, 1.5, 0.0],
    [pd.Timestamp("2024-01-02"), pd.Timestamp("2024-01-01")],
]


@pytest.mark.parametrize("values", CASES, ids=str)
def test_there_and_back(values):
    ids = pd.Series(values)
    codes, decode = encoded(ids)
    assert codes.dtype == np.int64
    assert codes.min() >= 0
    back = decode(codes)
    assert back.to_list() == values
    assert back.dtype == ids.dtype


@pytest.mark.parametrize("values", CASES, ids=str)
def test_codes_are_in_the_order_of_the_identifiers(values):
    codes, _ = encoded(pd.Series(values))
    by_code = [values[i] for i in np.argsort(codes, kind="stable")]
    assert by_code == sorted(values)


def test_categories_keep_their_own_order():
    kind = pd.CategoricalDtype(["late", "early", "never"], ordered=True)
    ids = pd.Series(["early", "late", "early"], dtype=kind)
    codes, decode = encoded(ids)
    assert codes.tolist() == [1, 0, 1]
    assert decode(np.array([0, 1])).dtype == kind


def test_mixed_identifiers_are_told_apart():
    codes, _ = encoded(pd.Series([1, "1", 1], dtype=object))
    assert codes[0] == codes[2] != codes[1]


@pytest.mark.parametrize("make", [pd.Series, pl.Series])
def test_missing_values_have_no_code(make):
    values = nw.from_native(make(["b", None, "a", "b"]), series_only=True)
    assert codes_of(values).tolist() == [1, -1, 0, 1]
