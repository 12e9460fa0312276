"""How ranks depend on choices: known answers, laws, and messages."""

from __future__ import annotations

import numpy as np
import pandas as pd
import polars as pl
import pytest

from crmanalytics.errors import DataError, ParameterError
from crmanalytics.satisfaction import (
    CompositeChoices,
    composite_index,
    composite_plan,
    composite_sensitivity,
    composite_uncertainty,
)
from crmanalytics.satisfaction.composite.uncertainty import _Shares


@pytest.fixture(scope="module")
def shops():
    rng = np.random.default_rng(8)
    made = pd.DataFrame(rng.uniform(1, 10, (12, 4)), columns=["praise", "choice", "speed", "price"])
    # one that is best in everything, one that is worst
    made.loc[0] = [11, 11, 11, 0.5]
    made.loc[1] = [0.5, 0.5, 0.5, 11]
    return made.assign(shop=[f"s{k}" for k in range(12)], se=0.4)


PLAN = composite_plan(
    {"Goods": ["praise", "choice"], "Deal": ["speed", "price"]}, costs=["price"], bounds=(1, 100)
)
CHOICES = CompositeChoices(
    normalise=("minmax", "rank"),
    aggregate=("arithmetic", "geometric", "harmonic"),
    weights=("equal", "critic"),
    weight_noise=0.25,
    leave_out=True,
)


def test_the_best_and_the_worst_stay_so(shops):
    found = composite_uncertainty(shops, PLAN, CHOICES, draws=400, seed=1, name="shop")
    found = found.set_index("shop")
    assert found.loc["s0", ["index_rank", "rank_low", "rank_high"]].tolist() == [1, 1, 1]
    assert found.loc["s1", ["index_rank", "rank_low", "rank_high"]].tolist() == [12, 12, 12]
    assert found.loc["s0", "p_better_half"] == 1
    assert (found["rank_high"] - found["rank_low"]).median() >= 2
    assert (found["rank_low"] <= found["rank_median"]).all()
    assert (found["rank_median"] <= found["rank_high"]).all()
    assert found["rank_mean"].sum() == pytest.approx(78)
    published = composite_index(shops, PLAN)
    assert found["index"].tolist() == published["index"].tolist()


def test_same_seed_same_answer_whatever_the_order(shops):
    found = composite_uncertainty(shops, PLAN, CHOICES, draws=60, seed=3, name="shop")
    again = composite_uncertainty(
        shops.sample(frac=1, random_state=1), PLAN, CHOICES, draws=60, seed=3, name="shop"
    )
    found, again = (frame.set_index("shop").sort_index() for frame in (found, again))
    pd.testing.assert_frame_equal(found, again)
    errors = CompositeChoices(standard_errors={"praise": "se"}, weight_noise=0.1)
    noisy = [
        composite_uncertainty(frame, PLAN, errors, draws=60, seed=3, name="shop")
        for frame in (shops, shops.sample(frac=1, random_state=1))
    ]
    first, second = (frame.set_index("shop").sort_index() for frame in noisy)
    pd.testing.assert_frame_equal(first, second)
    other = composite_uncertainty(shops, PLAN, CHOICES, draws=60, seed=4, name="shop")
    assert not other["rank_mean"].equals(found["rank_mean"])


def test_frequencies_of_two_choices_are_halves(shops):
    """Of two equally likely means, each makes half of the draws."""
    choices = CompositeChoices(aggregate=("arithmetic", "harmonic"))
    found = composite_uncertainty(shops, PLAN, choices, draws=4000, seed=1)
    ranks = [
        composite_index(
            shops,
            composite_plan(
                {"Goods": ["praise", "choice"], "Deal": ["speed", "price"]},
                costs=["price"],
                bounds=(1, 100),
                aggregate=kind,
            ),
        )["index_rank"]
        for kind in ("arithmetic", "harmonic")
    ]
    assert np.allclose(found["rank_mean"], (ranks[0] + ranks[1]) / 2, atol=0.15)
    assert np.allclose(found["rank_low"], np.minimum(*ranks))
    assert np.allclose(found["rank_high"], np.maximum(*ranks))


def test_errors_of_the_data_widen_ranks(shops):
    names = ("praise", "choice", "speed", "price")
    ranges = []
    for size in (0.05, 0.5, 2.0):
        choices = CompositeChoices(standard_errors=dict.fromkeys(names, "se"))
        found = composite_uncertainty(shops.assign(se=size), PLAN, choices, draws=300, seed=1)
        ranges.append((found["rank_high"] - found["rank_low"]).mean())
    assert ranges[0] < ranges[1] < ranges[2]


def test_leaving_out_the_only_part_of_a_group(shops):
    plan = composite_plan({"Goods": ["praise", "choice"], "Deal": ["speed"]})
    choices = CompositeChoices(leave_out=True)
    found = composite_uncertainty(shops, plan, choices, draws=300, seed=1)
    assert found["rank_mean"].notna().all()
    assert found["rank_mean"].sum() == pytest.approx(78)


def test_shares_of_a_known_function():
    """Ishigami's function, whose shares are known: 0.3139, 0.4424, 0 and 0.5576, 0.4424, 0.2437."""
    rng = np.random.default_rng(2)

    def ishigami(u):
        x = np.pi * (2 * u - 1)
        return np.sin(x[:, 0]) * (1 + 0.1 * x[:, 2] ** 4) + 7 * np.sin(x[:, 1]) ** 2

    first, second = rng.random((2, 40_000, 3))
    mixed = []
    for place in range(3):
        points = first.copy()
        points[:, place] = second[:, place]
        mixed.append(ishigami(points))
    # the first output stands apart: the shares of all ranks are those of the others together
    columns = [np.column_stack([f, f, f]) for f in (ishigami(first), ishigami(second), *mixed)]
    shares = _Shares(columns[0], columns[1], np.stack(columns[2:]))
    alone, total = shares.at(np.full(40_000, 1 / 40_000))
    for output in range(4):
        assert alone[:, output] == pytest.approx([0.3139, 0.4424, 0.0], abs=0.02)
        assert total[:, output] == pytest.approx([0.5576, 0.4424, 0.2437], abs=0.02)


def test_shares_add_up_where_choices_do_not_interact():
    """Data errors of two far-off pairs: which one is first depends on either pair alone."""
    frame = pd.DataFrame({"x": [10.0, 10.1, 1.0, 1.1], "e": 0.1})
    plan = composite_plan(["x"], normalise="rank")
    choices = CompositeChoices(normalise=("rank", "minmax"), standard_errors={"x": "e"})
    found = composite_sensitivity(frame, plan, choices, draws=600, seed=1)
    ranks = found.query("output == 'ranks'").set_index(["factor", "metric"])["estimate"]
    # ranks of one indicator do not depend on how it is scaled
    assert ranks["normalise", "total"] == pytest.approx(0, abs=1e-12)
    assert ranks["data", "total"] == pytest.approx(1, abs=0.1)
    assert ranks["data", "first_order"] == pytest.approx(1, abs=0.1)


def test_every_output_has_shares_with_intervals(shops):
    found = composite_sensitivity(shops, PLAN, CHOICES, draws=80, seed=1, name="shop")
    assert found["output"].nunique() == 14
    assert set(found["factor"]) == set(CHOICES.factors)
    ranks = found.query("output == 'ranks'")
    assert (ranks["low"] <= ranks["estimate"]).all()
    assert (ranks["estimate"] <= ranks["high"]).all()
    total = ranks.query("metric == 'total'").set_index("factor")["estimate"]
    assert total.idxmax() == "left out"
    # what does not vary has no shares
    assert found.query("output == 'rank of s0'")["estimate"].isna().all()


def test_other_frames(shops):
    choices = CompositeChoices(leave_out=True)
    found = composite_uncertainty(
        pl.from_pandas(shops), PLAN, choices, draws=20, seed=1, name="shop"
    )
    assert isinstance(found, pl.DataFrame)


@pytest.mark.parametrize(
    ("how", "says"),
    [
        ({}, "nothing to choose"),
        ({"aggregate": ("arithmetic",)}, "nothing to choose"),
        ({"aggregate": "geometric"}, "several choices"),
        ({"weight_noise": 1.0}, "share below 1"),
    ],
)
def test_choices_that_are_none(how, says):
    with pytest.raises(ParameterError, match=says):
        CompositeChoices(**how)


def test_says_what_cannot_be(shops):
    wrong = CompositeChoices(normalise=("minmax", "zscore"), aggregate=("arithmetic", "geometric"))
    with pytest.raises(ParameterError, match=r"cannot be \(1 of 4\).*positive parts"):
        composite_uncertainty(shops, PLAN, wrong, draws=10, seed=1)
    with pytest.raises(ParameterError, match="only factor"):
        composite_sensitivity(shops, PLAN, CompositeChoices(leave_out=True), draws=10, seed=1)
    with pytest.raises(ParameterError, match="draws must be 2"):
        composite_uncertainty(shops, PLAN, CHOICES, draws=1, seed=1)
    errors = CompositeChoices(standard_errors={"colour": "se"})
    with pytest.raises(ParameterError, match="not in the index"):
        composite_uncertainty(shops, PLAN, errors, draws=10, seed=1)
    errors = CompositeChoices(standard_errors={"praise": "error"})
    with pytest.raises(DataError, match="error"):
        composite_uncertainty(shops, PLAN, errors, draws=10, seed=1)
