"""What must hold of every structural fit, whatever the survey."""

from __future__ import annotations

import numpy as np
import pandas as pd
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

import crmanalytics as crm
from crmanalytics.errors import (
    ConvergenceError,
    FitError,
    InvalidValuesError,
    MissingColumnsError,
    ParameterError,
)
from crmanalytics.satisfaction import (
    Moments,
    construct_scores,
    fit_structural,
    fit_structural_moments,
    importance_performance,
    satisfaction_index,
    structural_model,
)
from crmanalytics.satisfaction.structural.algorithm import outer_weights
from crmanalytics.satisfaction.structural.layout import layout_of, solve

BLOCKS = {"Quality": ["q1", "q2", "q3"], "Value": ["v1", "v2"], "Joy": ["s1", "s2", "s3"]}
PATHS = ["Quality -> Value", "Quality -> Joy", "Value -> Joy"]
MODEL = structural_model(BLOCKS, PATHS)
FORMED = structural_model(BLOCKS, PATHS, modes={"Quality": "B"})
SCHEMES = ("path", "factorial", "centroid")


def columns(frame, *keys):
    return frame.set_index(list(keys)).sort_index()


@pytest.mark.parametrize("scheme", SCHEMES)
@pytest.mark.parametrize("model", [MODEL, FORMED])
def test_what_the_weights_are_is_what_the_algorithm_says(survey, scheme, model):
    """The definition, on scores of respondents: weights from proxies, proxies from neighbours."""
    fit = fit_structural(survey, model, scheme=scheme, tolerance=1e-13)
    z = survey[list(model.items)].to_numpy()
    z = (z - z.mean(axis=0)) / z.std(axis=0)
    scores = {b.construct: z[:, place] @ fit.item_weights[place] for b, place in placed(model)}
    for block, place in placed(model):
        proxy = np.zeros(len(z))
        for source, target in model.paths:
            if block.construct in (source, target):
                other = target if block.construct == source else source
                pull = np.corrcoef(scores[source], scores[target])[0, 1]
                if scheme == "centroid":
                    pull = np.sign(pull)
                elif scheme == "path" and block.construct == target:
                    parents = [a for a, b in model.paths if b == target]
                    drivers = np.column_stack([scores[a] for a in parents])
                    slopes = np.linalg.lstsq(drivers, scores[target], rcond=None)[0]
                    pull = slopes[parents.index(source)]
                proxy += pull * scores[other]
        block_z = z[:, place]
        raw = block_z.T @ proxy
        if block.mode == "B":
            raw = np.linalg.solve(block_z.T @ block_z, raw)
        assert np.allclose(raw / np.std(block_z @ raw), fit.item_weights[place], atol=1e-10)


def placed(model):
    start = 0
    for block in model.blocks:
        yield block, np.arange(start, start + len(block.items))
        start += len(block.items)


@pytest.mark.parametrize("consistent", [False, True])
def test_paths_are_regressions_on_scores(survey, consistent):
    fit = fit_structural(survey, MODEL, consistent=consistent)
    scored = construct_scores(fit, survey)
    z = scored[list(MODEL.constructs)].to_numpy()
    # scores are standardised by n - 1
    assert np.allclose(z.mean(axis=0), 0, atol=1e-12)
    assert np.allclose(z.std(axis=0, ddof=1), 1, atol=1e-12)
    slopes = np.linalg.lstsq(z[:, :2], z[:, 2], rcond=None)[0]
    paths = columns(fit.paths, "source", "target")["path"]
    same = np.allclose(slopes, paths.loc[["Quality", "Value"], "Joy"], atol=1e-10)
    assert same is not consistent
    if not consistent:
        rest = z[:, 2] - z[:, :2] @ slopes
        assert 1 - rest.var() / z[:, 2].var() == pytest.approx(fit.r2["r2"].iloc[1])


def test_neither_rows_nor_units_nor_the_order_of_blocks_matter(survey):
    fit = fit_structural(survey, MODEL)
    mixed = fit_structural(survey.sample(frac=1, random_state=3), MODEL)
    assert np.allclose(mixed.item_weights, fit.item_weights, atol=1e-12)
    in_cents = fit_structural(survey.assign(q1=survey["q1"] * 100 + 7), MODEL)
    assert np.allclose(in_cents.item_weights, fit.item_weights, atol=1e-10)
    turned = structural_model(dict(reversed(BLOCKS.items())), reversed(PATHS))
    other = columns(fit_structural(survey, turned).measurement, "item")
    assert np.allclose(other["weight"], columns(fit.measurement, "item")["weight"], atol=1e-9)
    paths = columns(fit_structural(survey, turned).paths, "source", "target")
    assert np.allclose(paths, columns(fit.paths, "source", "target"), atol=1e-9)


def test_an_item_turned_round_turns_its_weight(survey):
    fit = fit_structural(survey, MODEL)
    turned = fit_structural(survey.assign(q1=11 - survey["q1"]), MODEL)
    assert np.allclose(np.abs(turned.item_weights), np.abs(fit.item_weights), atol=1e-9)
    assert turned.item_weights[0] < 0
    assert np.allclose(turned.paths["path"], fit.paths["path"], atol=1e-9)
    with pytest.raises(FitError, match=r"\['q1'\] are negative"):
        importance_performance(turned, scale=(1, 10), target="Joy")
    # an index of another construct does not mind
    reverse = survey.assign(q1=11 - survey["q1"])
    found = satisfaction_index(
        turned, reverse, scale=(1, 10), weights="standardised", construct="Joy"
    )
    assert 0 < found["estimate"].iloc[0] < 100


def test_whole_weights_are_rows_repeated(survey):
    counts = np.random.default_rng(1).integers(0, 4, len(survey))
    repeated = survey.loc[np.repeat(survey.index, counts)]
    weighted = fit_structural(survey.assign(k=counts), MODEL, weight="k")
    plain = fit_structural(repeated, MODEL)
    assert np.allclose(weighted.item_weights, plain.item_weights, atol=1e-10)
    assert weighted.moments.n == (counts > 0).sum()
    assert weighted.moments.n_effective < weighted.moments.n
    index = {"scale": (1, 10), "weights": "unstandardised", "construct": "Joy"}
    first = satisfaction_index(weighted, survey.assign(k=counts), **index)
    second = satisfaction_index(plain, repeated, **index)
    # covariances of n rows are divided by n - 1: weights and repeated rows differ in n
    assert first["estimate"].iloc[0] == pytest.approx(second["estimate"].iloc[0], rel=1e-9)


@given(st.integers(0, 10_000), st.sampled_from(SCHEMES))
def test_many_matrices_at_once_are_each_alone(seed, scheme):
    rng = np.random.default_rng(seed)
    layout = layout_of(MODEL)
    loadings = rng.uniform(0.4, 1, (3, 8, 1))
    draws = rng.normal(size=(3, 8, 60)) + loadings * rng.normal(size=(3, 1, 60))
    matrices = np.stack([np.corrcoef(each) for each in draws])
    how = {"scheme": scheme, "tolerance": 1e-11, "most": 2000}
    together = outer_weights(matrices, layout, **how)
    for k, matrix in enumerate(matrices):
        alone = outer_weights(matrix[None], layout, **how)
        assert np.array_equal(alone.iterations, together.iterations[[k]])
        assert np.allclose(alone.each[0], together.each[k], atol=1e-12)
    assert together.converged.all()
    assert (together.shortfall <= 1e-11).all()


@given(st.integers(0, 10_000))
def test_the_bound_of_what_is_missing_holds(seed):
    rng = np.random.default_rng(seed)
    answers = rng.normal(size=(8, 80)) + rng.normal(size=(1, 80))
    matrix = np.corrcoef(answers)[None]
    layout = layout_of(MODEL)
    rough = outer_weights(matrix, layout, "path", tolerance=1e-4, most=2000)
    fine = outer_weights(matrix, layout, "path", tolerance=1e-13, most=2000)
    assert np.abs(rough.each - fine.each).max() <= 2 * 1e-4


def test_singular_systems_are_missing_and_alone():
    matrices = np.stack([np.eye(2), np.ones((2, 2))])
    found = solve(matrices, np.ones((2, 2, 1)))
    assert found[0].tolist() == [[1.0], [1.0]]
    assert np.isnan(found[1]).all()


def test_single_items_are_their_constructs(survey):
    model = structural_model({"Q": ["q1"], "S": ["s1"]}, ["Q -> S"])
    fit = fit_structural(survey, model)
    assert fit.paths["path"].iloc[0] == pytest.approx(survey["q1"].corr(survey["s1"]))
    assert (fit.reliability.iloc[:, 1:] == 1).all(axis=None)
    consistent = fit_structural(survey, model, consistent=True)
    assert consistent.paths.equals(fit.paths)


def test_consistent_fits_undo_noise():
    """A common factor behind items of known reliability: the true path is found."""
    reliability = np.array([0.5, 0.7, 0.6, 0.8])
    truth = 0.6
    loadings = np.sqrt(reliability)
    between = np.where(np.arange(4)[:, None] // 2 == np.arange(4) // 2, 1.0, truth)
    matrix = np.outer(loadings, loadings) * between
    np.fill_diagonal(matrix, 1)
    model = structural_model({"Q": ["a", "b"], "S": ["c", "d"]}, ["Q -> S"])
    moments = Moments.of(["a", "b", "c", "d"], matrix, n=1000)
    consistent = fit_structural_moments(moments, model, consistent=True)
    assert consistent.paths["path"].iloc[0] == pytest.approx(truth, abs=1e-9)
    assert consistent.measurement["loading"].tolist() == pytest.approx(loadings.tolist())
    assert consistent.admissible
    assert consistent.overall["srmr"].iloc[0] == pytest.approx(0, abs=1e-9)
    assert fit_structural_moments(moments, model).paths["path"].iloc[0] < truth - 0.05


def test_formed_constructs_have_no_reliability_but_explain_more(survey):
    formed = fit_structural(survey, FORMED)
    quality = formed.reliability.set_index("construct").loc["Quality"]
    assert quality.isna().all()
    assert (formed.measurement["vif"] > 1).all()
    reflected = fit_structural(survey, MODEL)
    value = "construct == 'Value'"
    assert formed.r2.query(value)["r2"].iloc[0] > reflected.r2.query(value)["r2"].iloc[0]


def test_missing_answers_need_a_word(survey):
    holes = survey.copy()
    holes.loc[[3, 5], "q1"] = np.nan
    holes.loc[5, "s2"] = np.nan
    with pytest.raises(InvalidValuesError, match=r"2 of 400 rows \(by item: {'q1': 2, 's2': 1}\)"):
        fit_structural(holes, MODEL)
    listwise = fit_structural(holes, MODEL, missing="listwise")
    assert listwise.moments.n == 398
    assert listwise.moments.n_missing == 2
    assert np.allclose(
        listwise.item_weights, fit_structural(survey.drop([3, 5]), MODEL).item_weights
    )
    replaced = fit_structural(holes, MODEL, missing="mean")
    means = holes.fillna(holes.mean())
    assert np.allclose(replaced.item_weights, fit_structural(means, MODEL).item_weights)
    scored = construct_scores(listwise, holes)
    assert scored["Joy"].isna().to_numpy().nonzero()[0].tolist() == [3, 5]
    assert construct_scores(replaced, holes)["Joy"].notna().all()
    found = satisfaction_index(listwise, holes, scale=(1, 10), weights="equal", construct="Joy")
    assert found[["n", "n_missing"]].to_numpy().tolist() == [[398, 2]]


def test_codes_for_no_answer(survey):
    coded = survey.assign(q1=survey["q1"].where(survey.index > 9, 99))
    with pytest.raises(InvalidValuesError, match="between 1 and 10"):
        fit_structural(coded, MODEL, scale=(1, 10))
    found = fit_structural(coded, MODEL, scale=(1, 10), no_answer=[99], missing="listwise")
    assert found.moments.n_missing == 10


def test_scores_join_to_customers(survey):
    fit = fit_structural(survey, MODEL)
    ours = survey.set_index(pd.Index([f"c{k}" for k in survey.index]))
    scored = construct_scores(fit, ours, kind="index", scale=(1, 10))
    assert scored.index.equals(ours.index)
    assert scored[list(MODEL.constructs)].to_numpy().min() >= 0
    assert scored[list(MODEL.constructs)].to_numpy().max() <= 100
    mean = scored["Joy"].mean()
    index = satisfaction_index(fit, ours, scale=(1, 10), weights="unstandardised", construct="Joy")
    assert mean == pytest.approx(index["estimate"].iloc[0])
    theirs = construct_scores(fit, pl.from_pandas(survey), kind="index", scale=(1, 10))
    assert isinstance(theirs, pl.DataFrame)
    assert np.allclose(theirs["Joy"].to_numpy(), scored["Joy"])


def test_reads_well(survey, mobi):
    text = repr(fit_structural(survey, MODEL))
    assert text.startswith("PLS, 8 items of 3 constructs, 400 respondents\npath scheme")
    assert "Quality" in text
    assert "ADMISSIBLE" not in text
    impossible = fit_structural_moments(mobi, crm.satisfaction.ecsi(), consistent=True)
    assert "NOT ADMISSIBLE" in repr(impossible)
    assert "NOT ADMISSIBLE" in impossible._repr_html_()


def test_saved_and_loaded(survey, tmp_path):
    fit = fit_structural(
        survey, FORMED, consistent=True, weight="w", missing="listwise", scale=(1, 10)
    )
    again = crm.load(fit.save(tmp_path / "fit.json"))
    assert again.reading == fit.reading
    assert again.how == fit.how
    assert again.model == fit.model
    for name in ("paths", "effects", "measurement", "reliability", "htmt", "overall"):
        assert again.table(name).equals(fit.table(name))
    assert construct_scores(again, survey).equals(construct_scores(fit, survey))


def test_says_what_is_wrong(survey):
    with pytest.raises(MissingColumnsError, match="q3"):
        fit_structural(survey.drop(columns="q3"), MODEL)
    with pytest.raises(InvalidValuesError, match=r"the same in \['q1'\]"):
        fit_structural(survey.assign(q1=5), MODEL)
    with pytest.raises(InvalidValuesError, match="repeat one another"):
        fit_structural(survey.assign(q1=survey["q2"]), FORMED)
    with pytest.raises(InvalidValuesError, match="1 rows that count"):
        fit_structural(survey.head(1), MODEL)
    with pytest.raises(InvalidValuesError, match=r"no answers at all in \['q1'\]"):
        fit_structural(survey.assign(q1=np.nan), MODEL, missing="mean")
    with pytest.raises(ConvergenceError, match="did not settle in 2 iterations"):
        fit_structural(survey, MODEL, max_iterations=2)
    for wrong in ({"scheme": "pca"}, {"tolerance": 0}, {"missing": "zero"}):
        with pytest.raises(ParameterError):
            fit_structural(survey, MODEL, **wrong)
    fit = fit_structural(survey, MODEL)
    with pytest.raises(ParameterError, match="one of 'paths', 'effects'"):
        fit.table("path")
    with pytest.raises(ParameterError, match="nothing drives"):
        importance_performance(fit, scale=(1, 10), target="Quality")
    with pytest.raises(ParameterError, match="lowest and the highest"):
        construct_scores(fit, survey, kind="index")
    with pytest.raises(ParameterError, match="rename"):
        construct_scores(fit, survey.assign(Joy=1))
    with pytest.raises(ParameterError, match="weights must be one of"):
        satisfaction_index(fit, survey, scale=(1, 10), weights="best", construct="Joy")


def test_moments_that_are_none():
    with pytest.raises(ParameterError, match="square"):
        Moments.of(["a", "b"], [[1.0]], n=10)
    with pytest.raises(ParameterError, match="symmetric"):
        Moments.of(["a", "b"], [[1.0, 0.2], [0.3, 1.0]], n=10)
    model = structural_model({"A": ["a"], "B": ["b"]}, ["A -> B"])
    with pytest.raises(InvalidValuesError, match="negative"):
        fit_structural_moments(Moments.of(["a", "b"], [[1.0, 2.0], [2.0, 1.0]], n=10), model)
    with pytest.raises(ParameterError, match=r"lack items of the model: \['b'\]"):
        fit_structural_moments(Moments.of(["a"], [[1.0]], n=10), model)


def test_constructs_that_repeat_each_other_are_named():
    rng = np.random.default_rng(3)
    level = rng.normal(size=(80, 1))
    frame = pd.DataFrame(level + rng.normal(size=(80, 4)), columns=["a1", "a2", "c1", "c2"])
    frame[["b1", "b2"]] = frame[["a1", "a2"]]
    blocks = {"A": ["a1", "a2"], "B": ["b1", "b2"], "C": ["c1", "c2"]}
    model = structural_model(blocks, ["A -> C", "B -> C"])
    with pytest.raises(InvalidValuesError, match="'B' repeat those of 'A'"):
        fit_structural(frame, model)
