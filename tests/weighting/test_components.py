"""Weights from principal components: their definition, and the laws that they obey."""

from __future__ import annotations

import numpy as np
import pandas as pd
import polars as pl
import pytest

from crmanalytics.errors import InvalidValuesError, ParameterError
from crmanalytics.weighting import pca


@pytest.fixture(scope="module")
def answers():
    """Two themes of three questions each, and one question apart."""
    rng = np.random.default_rng(5)
    first, second = rng.normal(size=(2, 300))
    made = {f"a{k}": first + 0.5 * rng.normal(size=300) for k in range(3)}
    made |= {f"b{k}": second + 0.7 * rng.normal(size=300) for k in range(3)}
    return pd.DataFrame({**made, "c": rng.normal(size=300)})


def test_first_component_by_definition(answers):
    found = pca(answers, components="first")
    roots, vectors = np.linalg.eigh(answers.corr())
    assert found["weight"].tolist() == pytest.approx((vectors[:, -1] ** 2).tolist())
    assert found["explained"].iloc[0] == pytest.approx(roots[-1] / 7)
    assert (found["loading"] ** 2).sum() == pytest.approx(roots[-1])


def test_rotation_finds_the_themes(answers):
    found = pca(answers).set_index("criterion")
    assert len(set(found.loc[["a0", "a1", "a2"], "component"])) == 1
    assert len(set(found.loc[["b0", "b1", "b2"], "component"])) == 1
    assert found.loc["a0", "component"] != found.loc["b0", "component"]
    assert found["weight"].sum() == pytest.approx(1)
    assert (found["loading"].drop("c") > 0.7).all()


def test_no_small_turn_would_be_simpler(answers):
    """Varimax is a maximum: of the variance of squared loadings, rows made equally long."""
    from crmanalytics.weighting.components import _varimax

    roots, vectors = np.linalg.eigh(answers.corr().to_numpy())
    loadings = vectors[:, -3:] * np.sqrt(roots[-3:])
    rows = _varimax(loadings)
    rows = rows / np.sqrt((rows**2).sum(axis=1, keepdims=True))
    assert np.allclose((_varimax(loadings) ** 2).sum(axis=1), (loadings**2).sum(axis=1))
    best = (rows**2).var(axis=0).sum()
    for i, j in [(0, 1), (0, 2), (1, 2)]:
        for angle in (-0.1, -0.01, 0.01, 0.1):
            turn = np.eye(3)
            turn[np.ix_([i, j], [i, j])] = [
                [np.cos(angle), -np.sin(angle)],
                [np.sin(angle), np.cos(angle)],
            ]
            assert ((rows @ turn) ** 2).var(axis=0).sum() < best


@pytest.mark.parametrize("components", ["first", "rotated"])
def test_neither_order_nor_unit_nor_sign_matters(answers, components):
    found = pca(answers, components=components)
    mixed = pca(answers.sample(frac=1, random_state=1), components=components)
    pd.testing.assert_frame_equal(mixed, found)
    other = pca(answers.assign(a0=-3 * answers["a0"] + 5), components=components)
    assert np.allclose(other["weight"], found["weight"])
    turned = pca(answers[answers.columns[::-1]], components=components)
    assert np.allclose(turned["weight"][::-1], found["weight"])


def test_what_moves_alike_shares_its_weight(answers):
    """A question asked twice counts for less each time than one that is asked once."""
    twice = answers[["b0", "b1", "c"]].assign(b2=answers["b0"], b3=answers["b0"])
    assert pca(twice)["weight"].max() < 0.3
    assert pca(answers[["a0"]])["weight"].tolist() == [1.0]


def test_other_frames_and_bad_ones(answers):
    assert isinstance(pca(pl.from_pandas(answers)), pl.DataFrame)
    with pytest.raises(InvalidValuesError, match=r"alike in \['c'\]"):
        pca(answers.assign(c=1))
    with pytest.raises(ParameterError, match="'first', 'rotated'"):
        pca(answers, components="all")
