"""Raking and post-stratification: published tables, bounds, proof of convergence, laws."""

from __future__ import annotations

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from crmanalytics.errors import ConvergenceError, DataError, ParameterError
from crmanalytics.inference import estimate_means, read_sample
from crmanalytics.surveys import post_stratify, rake, weight_summary

KINDS = {"pandas": lambda x: x, "polars": pl.from_pandas, "pyarrow": pa.Table.from_pandas}
# loglin of R on the seed below, rows to 20, 18, 22 and columns to 18, 16, 12, 14
SEED = [[8, 4, 6, 7], [3, 6, 5, 2], [9, 11, 3, 1]]
FITTED = [
    [5.57936139402, 2.16246694164, 3.89187371519, 8.36629794916],
    [3.43319967646, 5.32260255615, 5.32182752994, 3.92237023746],
    [8.98743892952, 8.51493050222, 2.78629875488, 1.71133181339],
]
ROWS, COLUMNS = dict(enumerate((20, 18, 22))), dict(enumerate((18, 16, 12, 14)))
CELLS = pd.DataFrame(
    [(i, j, float(SEED[i][j])) for i in range(3) for j in range(4)], columns=["row", "col", "seed"]
)
SCHOOLS = {"stype": {"E": 4421, "H": 755, "M": 1018}, "sch.wide": {"No": 1072, "Yes": 5122}}
SCHOOL_WEIGHTS = {  # converged, of the R package survey; its default stops earlier
    ("E", "No"): 39.8392362447,
    ("E", "Yes"): 29.8706754920,
    ("H", "No"): 67.1255292420,
    ("H", "Yes"): 50.3294011186,
    ("M", "No"): 49.0690721672,
    ("M", "Yes"): 36.7910248679,
}


@pytest.mark.parametrize("kind", KINDS)
def test_a_table_is_fitted_as_loglin_of_r_does(kind):
    native = KINDS[kind](CELLS)
    found = rake(native, {"row": ROWS, "col": COLUMNS}, weight="seed")
    assert type(found) is type(native)
    weights = np.array(found["weight"].to_pylist() if kind == "pyarrow" else found["weight"])
    np.testing.assert_allclose(weights.reshape(3, 4), FITTED, atol=1e-8)


def test_a_table_of_people_is_fitted_like_one_of_counts():
    people = CELLS.loc[CELLS.index.repeat(CELLS["seed"].astype(int)), ["row", "col"]]
    found = rake(people, {"row": ROWS, "col": COLUMNS})
    sums = found.groupby(["row", "col"])["weight"].sum().to_numpy()
    np.testing.assert_allclose(sums.reshape(3, 4), FITTED, atol=1e-8)


def test_schools_on_base_weights(shared_data):
    schools = pd.read_csv(shared_data("apiclus1_subset.csv"))
    found = rake(schools, SCHOOLS, weight="pw", name="raked")
    each = found.groupby(["stype", "sch.wide"])["raked"].agg(["min", "max"])
    for cell, weight in SCHOOL_WEIGHTS.items():
        assert each.loc[cell].tolist() == pytest.approx([weight, weight], abs=1e-8)
    assert found.attrs["crmanalytics"]["raking"]["largest_gap"] <= 1e-10
    design = {"clusters": "dnum", "population": "fpc"}
    sample = read_sample(found, "api00", weight="raked", **design)
    assert estimate_means(sample, sample.answers("api00")).estimate[0] == pytest.approx(
        641.23032, abs=1e-5
    )
    # linearised with the residuals of the margins, as the R package survey does
    sample = read_sample(
        found, "api00", weight="raked", raked=["stype", "sch.wide"], base_weight="pw", **design
    )
    assert estimate_means(sample, sample.answers("api00")).se[0] == pytest.approx(
        23.70362, abs=1e-5
    )


def test_bounds_hold_and_margins_too():
    targets = {"row": ROWS, "col": COLUMNS}
    free = rake(CELLS, targets, weight="seed")
    bound = rake(CELLS, targets, weight="seed", bounds=(0.6, 2.0))
    scale = 60 / CELLS["seed"].sum()
    factors = free["weight"] / CELLS["seed"] / scale
    assert factors.min() < 0.6
    assert factors.max() > 2
    held = bound["weight"] / CELLS["seed"] / scale
    assert held.min() >= 0.6 - 1e-12
    assert held.max() <= 2 + 1e-12
    for name, target in targets.items():
        np.testing.assert_allclose(bound.groupby(name)["weight"].sum(), list(target.values()))


def test_bounds_that_do_not_bind_change_nothing():
    free = rake(CELLS, {"row": ROWS, "col": COLUMNS}, weight="seed")
    bound = rake(CELLS, {"row": ROWS, "col": COLUMNS}, weight="seed", bounds=(0.01, 100))
    np.testing.assert_allclose(bound["weight"], free["weight"], rtol=1e-9)


def test_bounded_weights_are_the_nearest_ones():
    """A general optimiser finds no others nearer to the base weights."""
    from scipy.optimize import minimize

    targets = {"row": ROWS, "col": COLUMNS}
    start = CELLS["seed"].to_numpy() * 60 / CELLS["seed"].sum()
    found = rake(CELLS, targets, weight="seed", bounds=(0.6, 2.0))["weight"].to_numpy()
    matrix = np.array([CELLS[n] == k for n, t in targets.items() for k in t], dtype=float)
    wanted = [x for t in targets.values() for x in t.values()]

    def distance(w):
        return float((w * np.log(w / start) - w + start).sum())

    peer = minimize(
        distance, start, bounds=[(0.6 * s, 2 * s) for s in start], method="SLSQP",
        jac=lambda w: np.log(w / start),
        constraints={
            "type": "eq", "fun": lambda w: (matrix @ w - wanted)[:-1], "jac": lambda _: matrix[:-1]
        },
        options={"ftol": 1e-14, "maxiter": 500},
    )  # fmt: skip
    assert distance(found) == pytest.approx(distance(peer.x), abs=1e-6)
    np.testing.assert_allclose(found, peer.x, atol=1e-3)


def test_what_cannot_be_met_is_proved_and_told():
    frame = pd.DataFrame({"a": [0, 0, 1, 1], "b": [0, 0, 1, 1]})
    with pytest.raises(ConvergenceError, match="no weights can meet these targets together"):
        rake(frame, {"a": {0: 1, 1: 3}, "b": {0: 2, 1: 2}})
    with pytest.raises(ConvergenceError, match=r"no weights within the bounds .*or wider bounds"):
        rake(CELLS, {"row": ROWS, "col": COLUMNS}, weight="seed", bounds=(0.9, 1.1))


def test_what_takes_longer_says_so():
    with pytest.raises(ConvergenceError, match=r"has not arrived yet.*allow more rounds"):
        rake(CELLS, {"row": ROWS, "col": COLUMNS}, weight="seed", rounds=2)


@pytest.mark.parametrize(
    ("targets", "error", "text"),
    [
        ({"row": {0: 20, 1: 18}}, DataError, r"survey\['row'\] has no target for 1 categories"),
        ({"row": {**ROWS, 9: 5}}, DataError, r"has a target but nobody in 1 categories"),
        ({"row": ROWS, "col": {0: 1, 1: 1, 2: 1, 3: 1}}, ParameterError, "sum to the same"),
        ({"row": {0: 20, 1: 18, 2: -1}}, ParameterError, "must be positive numbers"),
        ({}, ParameterError, "at least one column"),
        ({"nothing": {0: 1}}, DataError, "no column 'nothing'"),
    ],
)
def test_targets_that_cannot_be(targets, error, text):
    with pytest.raises(error, match=text):
        rake(CELLS, targets)


@pytest.mark.parametrize(
    ("options", "text"),
    [
        ({"bounds": (1.2, 3)}, "bounds must be"),
        ({"tolerance": 0}, "tolerance must be positive"),
        ({"rounds": 0}, "rounds at least 1"),
        ({"total": -1}, "total must be"),
    ],
)
def test_arguments_that_cannot_be(options, text):
    with pytest.raises(ParameterError, match=text):
        rake(CELLS, {"row": ROWS}, **options)


def test_surveys_that_cannot_be_weighted():
    with pytest.raises(DataError, match="must not be missing"):
        rake(CELLS.assign(row=[None, *CELLS["row"][1:]]), {"row": ROWS})
    with pytest.raises(DataError, match="must be positive"):
        rake(CELLS.assign(seed=0.0), {"row": ROWS}, weight="seed")
    with pytest.raises(DataError, match="nobody to weight"):
        rake(CELLS.iloc[:0], {"row": ROWS})


def test_shares_and_totals():
    shares = {"row": {0: 0.5, 1: 0.25, 2: 0.25}}
    assert rake(CELLS, shares, total=12)["weight"].mean() == pytest.approx(1)
    assert rake(CELLS, shares)["weight"].sum() == pytest.approx(1)


def test_one_margin_is_post_stratification():
    raked = rake(CELLS, {"row": ROWS}, weight="seed")["weight"]
    post = post_stratify(CELLS, "row", ROWS, weight="seed")["weight"]
    np.testing.assert_allclose(raked, post)


@pytest.mark.parametrize("kind", KINDS)
def test_cells_of_several_columns(kind):
    frame = pd.DataFrame({"sex": list("ffmf"), "old": [0, 1, 1, 0], "w": [1.0, 1.0, 1.0, 3.0]})
    targets = {("f", 0): 20, ("f", 1): 30, ("m", 1): 50}
    found = post_stratify(KINDS[kind](frame), ["sex", "old"], targets, weight="w")
    assert list(np.array(found["weight"])) == pytest.approx([5, 30, 50, 15])
    with pytest.raises(DataError, match="has a target but nobody in"):
        post_stratify(frame, ["sex", "old"], {**targets, ("m", 0): 1})


tables = st.lists(st.lists(st.integers(1, 30), min_size=3, max_size=3), min_size=2, max_size=4)


@given(tables, tables)
def test_margins_of_any_other_table_can_be_met(seed, other):
    size = min(len(seed), len(other))
    seed, other = np.array(seed[:size]), np.array(other[:size])
    rows = [(i, j, float(seed[i, j])) for i in range(size) for j in range(3)]
    frame = pd.DataFrame(rows, columns=list("ijw"))
    targets = {"i": dict(enumerate(other.sum(axis=1))), "j": dict(enumerate(other.sum(axis=0)))}
    found = rake(frame, targets, weight="w")["weight"].to_numpy().reshape(size, 3)
    np.testing.assert_allclose(found.sum(axis=1), other.sum(axis=1))
    np.testing.assert_allclose(found.sum(axis=0), other.sum(axis=0))
    # odds ratios are those of the base weights: nothing else was changed
    ratio = found / seed
    np.testing.assert_allclose(ratio[0, 0] * ratio[1, 1], ratio[0, 1] * ratio[1, 0], rtol=1e-9)


def test_order_of_rows_and_of_margins_is_nothing():
    shuffled = CELLS.sample(frac=1, random_state=3)
    one = rake(CELLS, {"row": ROWS, "col": COLUMNS}, weight="seed", tolerance=1e-13)["weight"]
    other = rake(shuffled, {"col": COLUMNS, "row": ROWS}, weight="seed", tolerance=1e-13)["weight"]
    np.testing.assert_allclose(other.sort_index(), one, rtol=1e-10)


def test_what_weights_cost():
    frame = pd.DataFrame({"weight": [1.0, 1.0, 2.0, 4.0, 0.0], "g": list("aabbb")})
    found = weight_summary(frame).iloc[0]
    assert found["n"] == 4
    assert found["n_effective"] == pytest.approx(64 / 22)
    assert found["design_effect"] == pytest.approx(1 + found["cv"] ** 2)
    assert (found["low"], found["high"], found["ratio"]) == (1, 4, 4)
    by = weight_summary(frame, by="g")
    assert by["n_effective"].tolist() == pytest.approx([2, 36 / 20])
    none = weight_summary(frame.assign(weight=0.0)).iloc[0]
    assert none["n"] == 0
    assert np.isnan(none["n_effective"])
