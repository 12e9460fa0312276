"""What must hold of every buy-till-you-die model; a new one is found by itself."""

from __future__ import annotations

import inspect

import numpy as np
import pandas as pd
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import crmanalytics as crm
from crmanalytics import clv
from crmanalytics.clv import Cells, Fit, PurchaseModel, count_cells
from crmanalytics.errors import (
    CRMAnalyticsError,
    InvalidValuesError,
    MissingColumnsError,
    ParameterError,
)

DISCRETE = {"BGBB"}
MODELS = [
    cls
    for _, cls in inspect.getmembers(clv, inspect.isclass)
    if issubclass(cls, PurchaseModel) and not inspect.isabstract(cls)
]
PLAIN = [cls for cls in MODELS if "Covariates" not in cls.__name__]
CONTINUOUS = [cls for cls in PLAIN if cls.__name__ not in DISCRETE]


def example(cls):
    """Return a plausible model of the class, with a shape parameter on each side of one."""
    values = [0.6, 8.0, 0.8, 2.5]
    return cls(**dict(zip(cls.parameter_names(), values, strict=True)), unit="W")


@pytest.fixture(scope="module")
def sample():
    log = crm.datasets.load_cdnow_sample()
    return crm.summarize(log, until="1997-09-30", unit="W")


@pytest.fixture(scope="module")
def histories(sample):
    """Return frames that suit a model: weeks of a shop, or yearly chances to donate."""

    def suit(cls):
        if cls.__name__ in DISCRETE:
            return crm.datasets.load_donations()
        return sample.head(400)

    return suit


@pytest.fixture(scope="module")
def fits(histories):
    cache = {}

    def fitted(cls):
        if cls not in cache:
            cache[cls] = cls.fit(histories(cls), weight=weight_of(histories(cls)))
        return cache[cls]

    return fitted


def weight_of(frame):
    return "weight" if "weight" in frame else None


triples = st.tuples(st.integers(0, 5000), st.floats(0, 1), st.floats(1e-6, 1e4)).map(
    lambda v: (v[0], v[1] * v[2] if v[0] else 0.0, v[2])
)
shapes = st.tuples(*[st.floats(1e-3, 1e3)] * 4)


@pytest.mark.parametrize("cls", CONTINUOUS)
@given(triple=triples, shape=shapes, horizon=st.floats(0, 1e4))
@settings(max_examples=60)
def test_predictions_are_finite_probabilities_and_counts(cls, triple, shape, horizon):
    model = cls(*shape)
    one = pd.DataFrame([triple], columns=["frequency", "recency", "T"])
    with np.errstate(all="raise", under="ignore"):
        alive = model.probability_alive(one)[0]
        active = model.probability_active(one, horizon)[0]
        expected = model.expected_purchases(one, horizon)[0]
        assert 0 <= active <= alive <= 1
        assert np.isfinite(expected)
        assert expected >= active * (1 - 1e-9) >= 0
        assert np.isfinite(model.log_likelihood(one)[0])


@pytest.mark.parametrize("cls", CONTINUOUS)
@given(triple=triples, shape=shapes, first=st.floats(0, 1e3), more=st.floats(0, 1e3))
def test_more_time_brings_no_fewer_purchases(cls, triple, shape, first, more):
    model = cls(*shape)
    one = pd.DataFrame([triple], columns=["frequency", "recency", "T"])
    near = model.expected_purchases(one, first)[0]
    far = model.expected_purchases(one, first + more)[0]
    assert far >= near * (1 - 1e-9)
    assert model.expected_purchases_new(first + more) >= model.expected_purchases_new(first) * (
        1 - 1e-9
    )


@pytest.mark.parametrize("cls", CONTINUOUS)
def test_counts_of_a_new_customer_are_a_distribution_with_the_expected_mean(cls):
    model = example(cls)
    counts = np.arange(400)
    probabilities = model.purchase_count_probability(counts, 20.0)
    assert probabilities.sum() == pytest.approx(1, abs=1e-9)
    assert probabilities @ counts == pytest.approx(
        float(model.expected_purchases_new(20.0)), rel=1e-7
    )


@pytest.mark.parametrize("cls", PLAIN)
def test_order_of_rows_does_not_matter(cls, histories, fits):
    frame = histories(cls)
    weight = weight_of(frame)
    shuffled = frame.sample(frac=1, random_state=1)
    assert cls.fit(shuffled, weight=weight) == cls.fit(frame, weight=weight)
    model = fits(cls).model
    pd.testing.assert_series_equal(
        model.expected_purchases(shuffled, 5).sort_index(), model.expected_purchases(frame, 5)
    )


@pytest.mark.parametrize("cls", PLAIN)
def test_weights_equal_repeated_rows(cls, histories):
    frame = histories(cls).head(300).reset_index(drop=True)
    counts = np.tile([1, 2, 3, 4], 75)[: len(frame)]
    if weight_of(frame):
        counts = np.maximum(frame["weight"].to_numpy() // 20, 1)
    weighted = cls.fit(frame.assign(w=counts), weight="w")
    repeated = cls.fit(frame.loc[frame.index.repeat(counts)])
    assert weighted.n == repeated.n == counts.sum()
    assert weighted.log_likelihood == pytest.approx(repeated.log_likelihood, rel=1e-10)
    for name in cls.parameter_names():
        assert getattr(weighted.model, name) == pytest.approx(
            getattr(repeated.model, name), rel=1e-4
        )


@pytest.mark.parametrize("cls", CONTINUOUS)
def test_units_scale_out(cls, histories, fits):
    frame = histories(cls)
    days = frame.assign(recency=frame["recency"] * 7, T=frame["T"] * 7)
    in_days = cls.fit(days).model
    in_weeks = fits(cls).model
    np.testing.assert_allclose(
        in_days.expected_purchases(days, 70), in_weeks.expected_purchases(frame, 10), rtol=1e-4
    )


@pytest.mark.parametrize("cls", PLAIN)
def test_fit_is_a_proven_maximum_with_standard_errors(cls, fits):
    fit = fits(cls)
    assert isinstance(fit, Fit)
    assert fit.convergence.shortfall < 1e-6
    table = fit.parameters
    assert (table["standard_error"] > 0).all()
    assert (table["low"] < table["estimate"]).all()
    assert (table["estimate"] < table["high"]).all()
    assert fit.aic == pytest.approx(2 * len(table) - 2 * fit.log_likelihood)
    assert fit.bic > fit.aic


@pytest.mark.parametrize("cls", PLAIN)
def test_predictions_keep_the_index_and_the_kind_of_frame(cls, histories, fits):
    model = fits(cls).model
    frame = histories(cls).head(20)
    named = frame.set_axis([f"c{i}" for i in range(len(frame))])
    series = model.probability_alive(named)
    assert isinstance(series, pd.Series)
    assert series.index.equals(named.index)
    assert series.name == "p_alive"
    polars = model.probability_alive(pl.from_pandas(frame))
    assert isinstance(polars, pl.Series)
    assert polars.to_list() == series.to_list()
    from_cells = model.probability_alive(count_cells(named))
    pd.testing.assert_series_equal(from_cells, series)


@pytest.mark.parametrize("cls", PLAIN)
def test_models_and_fits_survive_a_file(cls, fits, tmp_path):
    fit = fits(cls)
    assert crm.load(fit.save(tmp_path / "fit.json")) == fit
    assert crm.load(fit.model.save(tmp_path / "model.json")) == fit.model


@pytest.mark.parametrize("cls", PLAIN)
def test_the_frame_is_not_changed(cls, histories, fits):
    frame = histories(cls).copy()
    before = frame.copy(deep=True)
    fits(cls).model.expected_purchases(frame, 3)
    cls.fit(frame, weight=weight_of(frame))
    pd.testing.assert_frame_equal(frame, before)


@pytest.mark.parametrize("cls", PLAIN)
@pytest.mark.parametrize("horizon", [-1, float("nan"), float("inf")])
def test_a_horizon_that_is_none_is_refused(cls, horizon, histories, fits):
    with pytest.raises(ParameterError, match="horizon"):
        fits(cls).model.expected_purchases(histories(cls), horizon)


@pytest.mark.parametrize("cls", PLAIN)
@pytest.mark.parametrize("value", [0, -1, float("nan"), float("inf"), "1", None, True])
def test_parameters_must_be_positive_numbers(cls, value):
    names = cls.parameter_names()
    with pytest.raises(ParameterError, match=names[0]):
        cls(**dict.fromkeys(names, 1.0) | {names[0]: value})


@pytest.mark.parametrize("cls", PLAIN)
@pytest.mark.parametrize(
    ("change", "error", "words"),
    [
        ({"T": None}, MissingColumnsError, "no column 'T'"),
        ({"frequency": -1}, InvalidValuesError, "must not be negative"),
        ({"frequency": 0.5}, InvalidValuesError, "whole number"),
        ({"recency": 1e9}, InvalidValuesError, "must not exceed"),
        ({"recency": float("nan")}, InvalidValuesError, "must not be missing"),
        ({"T": float("inf")}, InvalidValuesError, "must be finite"),
        ({"T": "x"}, InvalidValuesError, "must hold numbers"),
    ],
)
def test_bad_frames_end_in_one_clear_error(cls, change, error, words, histories):
    frame = histories(cls).head(10)
    for column, value in change.items():
        frame = frame.drop(columns=column) if value is None else frame.assign(**{column: value})
    with pytest.raises(error, match=words):
        cls.fit(frame)


@pytest.mark.parametrize("cls", PLAIN)
def test_a_base_without_repeat_purchases_is_refused(cls):
    once = pd.DataFrame({"frequency": [0] * 30, "recency": [0.0] * 30, "T": [5.0] * 30})
    with pytest.raises(CRMAnalyticsError):
        cls.fit(once)


@pytest.mark.parametrize("cls", PLAIN)
def test_an_empty_frame_is_refused(cls):
    empty = pd.DataFrame({"frequency": [], "recency": [], "T": []}, dtype=float)
    with pytest.raises(InvalidValuesError, match="no rows"):
        cls.fit(empty)


@pytest.mark.parametrize("cls", CONTINUOUS)
def test_a_penalty_pulls_towards_the_prior(cls, histories, fits):
    strong = cls.fit(histories(cls), penalty=1e6)
    weak = fits(cls)
    assert strong.log_likelihood < weak.log_likelihood
    untimed = [n for n in cls.parameter_names() if n not in ("alpha", "beta")]
    for name in untimed:
        assert getattr(strong.model, name) == pytest.approx(1, abs=0.05)
    with pytest.raises(ParameterError, match="penalty"):
        cls.fit(histories(cls), penalty=-1)


@pytest.mark.parametrize("cls", CONTINUOUS)
def test_discounting_at_no_rate_is_expectation(cls, sample):
    model, frame = example(cls), sample.head(50)
    plain = model.expected_purchases(frame, 26)
    for timing in ("continuous", "start", "middle", "end"):
        discounted = model.discounted_expected_purchases(
            frame, horizon=26, discount_rate=0.0, timing=timing
        )
        np.testing.assert_allclose(discounted, plain, rtol=1e-12)


@pytest.mark.parametrize("cls", CONTINUOUS)
def test_later_payment_is_worth_less(cls, sample):
    model, frame = example(cls), sample.head(50)
    values = [
        model.discounted_expected_purchases(frame, horizon=52, discount_rate=0.3, timing=timing)
        for timing in ("start", "continuous", "end")
    ]
    assert (values[0] >= values[1]).all()
    assert (values[1] >= values[2]).all()
    middle = model.discounted_expected_purchases(
        frame, horizon=52, discount_rate=0.3, timing="middle"
    )
    np.testing.assert_allclose(middle, values[1], rtol=1e-3)


@pytest.mark.parametrize("cls", CONTINUOUS)
def test_a_long_horizon_approaches_for_ever(cls, sample):
    model, frame = example(cls), sample.head(50)
    endless = model.discounted_expected_purchases(frame, horizon=None, discount_rate=0.2)
    long = model.discounted_expected_purchases(frame, horizon=52 * 300, discount_rate=0.2)
    np.testing.assert_allclose(long, endless, rtol=1e-9)


@pytest.mark.parametrize("cls", CONTINUOUS)
def test_for_ever_without_a_rate_may_be_infinitely_much(cls, sample):
    frame = sample.head(20)
    terms = {"horizon": None, "discount_rate": 0.0, "unit": "W"}
    endless = example(cls).discounted_expected_purchases(frame, **terms)
    assert np.isinf(endless[example(cls).probability_alive(frame) > 0]).all()
    finite = cls(0.6, 8.0, 2.5, 2.5).discounted_expected_purchases(frame, **terms)
    long = cls(0.6, 8.0, 2.5, 2.5).expected_purchases(frame, 1e7)
    assert np.isfinite(finite).all()
    assert (finite >= long * (1 - 1e-9)).all()
    np.testing.assert_allclose(finite, long, rtol=1e-2)


@pytest.mark.parametrize("cls", CONTINUOUS)
def test_discounting_needs_a_unit_and_a_rate(cls, sample):
    model = type(example(cls))(*[0.6, 8.0, 0.8, 2.5])
    bare = pd.DataFrame(sample)
    bare.attrs = {}
    with pytest.raises(ParameterError, match="time unit is not known"):
        model.discounted_expected_purchases(bare, horizon=10, discount_rate=0.1)
    with pytest.raises(ParameterError, match="discount_rate"):
        model.discounted_expected_purchases(bare, horizon=1, discount_rate=-0.1, unit="W")
    with pytest.raises(ParameterError, match="whole number of units"):
        model.discounted_expected_purchases(
            bare, horizon=1.5, discount_rate=0.1, unit="W", timing="end"
        )


def test_a_model_of_a_discrete_kind_is_known_to_be_so():
    assert {cls.__name__ for cls in PLAIN} - {cls.__name__ for cls in CONTINUOUS} <= DISCRETE


def test_cells_are_taken_wherever_customers_are(sample):
    cells = count_cells(sample)
    assert isinstance(cells, Cells)
    assert count_cells(cells) is cells
    assert cells.weight.sum() == len(sample)
    assert (np.diff(cells.frequency) >= 0).all()
    assert cells.unit == "W"
