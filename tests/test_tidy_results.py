"""One contract for all estimates from surveys: the same columns, whoever asks and in which frame.

A new public function of these rooms must be named below, as an estimate or as something else.
"""

from __future__ import annotations

import contextlib
import inspect
from functools import cache

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest

import crmanalytics as crm
from crmanalytics.errors import CRMAnalyticsError, FitError
from crmanalytics.inference import TIDY

s, loyalty, surveys, weighting = crm.satisfaction, crm.loyalty, crm.surveys, crm.weighting
ROOMS = {"satisfaction": s, "loyalty": loyalty, "surveys": surveys, "weighting": weighting}
WINDOW = {"start": "2024-01-01", "end": "2024-04-01"}
START = pd.Timestamp("2024-01-01")
N = 240


@cache
def survey() -> pd.DataFrame:
    """Answers of 240 people of two regions, some of them missing or 'do not know' (99)."""
    draw = np.random.default_rng(0)
    level = draw.normal(0, 1, N)
    frame = pd.DataFrame(
        {"customer_id": np.arange(N), "region": np.where(draw.random(N) < 0.4, "n", "s")}
    )
    for k in range(1, 7):
        frame[f"q{k}"] = np.clip(np.round(5.5 + 1.6 * level + draw.normal(0, 1.5, N)), 1, 10)
    frame["likely"] = np.clip(np.round(6.5 + 2 * level + draw.normal(0, 2, N)), 0, 10)
    frame["e1"], frame["e2"] = 8.0, draw.integers(6, 10, N).astype(float)
    frame["with"], frame["without"] = draw.integers(1, 6, (2, N)).astype(float)
    frame["loyal"] = (level + draw.normal(0, 1, N) > 0).astype(int)
    frame["w"] = draw.uniform(0.5, 2, N)
    frame["wave"] = np.arange(N) % 2
    frame["cheap0"] = draw.integers(5, 10, N).astype(float)
    for k in range(1, 4):
        frame[f"cheap{k}"] = frame[f"cheap{k - 1}"] + draw.integers(1, 5, N)
    return frame


@cache
def gaps() -> pd.DataFrame:
    """The same with answers missing and of 'do not know'."""
    frame = survey().copy()
    for k, name in enumerate(("q1", "likely", "with")):
        frame.loc[k::17, name] = np.nan
        frame.loc[k::19, name] = 99.0
    return frame


@cache
def log() -> pd.DataFrame:
    draw = np.random.default_rng(1)
    rows = 900
    units = draw.integers(1, 9, rows).astype(float)
    return pd.DataFrame(
        {
            "customer_id": draw.integers(0, N, rows),
            "date": START + pd.to_timedelta(draw.integers(-60, 90, rows), "D"),
            "product_id": draw.integers(0, 8, rows),
            "quantity": units,
            "amount": units * draw.choice([10.0, 9.0, 7.0], rows),
        }
    )


@cache
def complaints() -> pd.DataFrame:
    return log()[["customer_id", "date"]].iloc[::9].reset_index(drop=True)


@cache
def prices() -> pd.DataFrame:
    draw = np.random.default_rng(2)
    who = np.repeat(np.arange(60), 4)
    price = np.tile([5.0, 7.0, 9.0, 12.0], 60)
    buys = (draw.uniform(3, 14, 60)[who] > price).astype(int)
    return pd.DataFrame(
        {"who": who, "price": price, "buys": buys, "region": np.array(["n", "s"])[who % 2]}
    )


MODEL = s.structural_model({"Quality": ["q1", "q2", "q3"], "Joy": ["q4", "q5"]}, ["Quality -> Joy"])
PAIRS = {"speed": ("e1", "q1"), "tone": ("e2", "q2")}
KANO = {"search": ("with", "without")}
METER = dict(
    zip(
        ("too_cheap", "cheap", "expensive", "too_expensive"),
        ("cheap0", "cheap1", "cheap2", "cheap3"),
        strict=True,
    )
)
CUTS = {"satisfied_from": 7, "loyal_from": 7}
ASKED = {"respondent": "who", "price": "price", "would_buy": "buys"}
PLAN = s.composite_plan(["q1", "q2", "q3"])
CHOICES = s.CompositeChoices(weight_noise=0.3, leave_out=True)


def fit():
    return s.fit_structural(survey(), MODEL)


#: Every function whose result is estimates: how to call it (with a maker of frames and options),
#: and the columns that say what a row is about, between groups and metric.
ESTIMATES = {
    "satisfaction.nps": (lambda of, **o: s.nps(of(gaps()), "likely", no_answer=[99], **o), []),
    "satisfaction.csat": (
        lambda of, **o: s.csat(of(gaps()), "q1", scale=(1, 10), mean=True, no_answer=[99], **o),
        [],
    ),
    "satisfaction.ces": (
        lambda of, **o: s.ces(of(gaps()), "q1", scale=(1, 10), no_answer=[99], **o),
        [],
    ),
    "satisfaction.answer_shares": (
        lambda of, **o: s.answer_shares(of(gaps()), "q1", scale=(1, 10), no_answer=[99], **o),
        ["item", "answer"],
    ),
    "satisfaction.change": (
        lambda of, **o: s.change(of(gaps()), "likely", between="wave", no_answer=[99], **o),
        ["wave_from", "wave_to"],
    ),
    "satisfaction.satisfaction_indicators": (
        lambda of, **o: s.satisfaction_indicators(
            **WINDOW,
            survey=of(survey()),
            transactions=of(log()),
            complaints=of(complaints()),
            customers=of(survey()[["customer_id", "region"]]),
            praise=("q1", 8),
            naming="loyal",
            price_sensitivity=("q2", "mean"),
            discount=0.05,
            price_days=14,
            **o,
        ),
        [],
    ),
    "satisfaction.disconfirmation": (
        lambda of, **o: s.disconfirmation(of(gaps()), PAIRS, scale=(1, 10), no_answer=[99], **o),
        ["item"],
    ),
    "satisfaction.servqual": (
        lambda of, **o: s.servqual(
            of(gaps()),
            PAIRS,
            dimensions={"all": ["speed", "tone"]},
            importance={"all": 1.0},
            no_answer=[99],
            **o,
        ),
        ["part", "item"],
    ),
    "satisfaction.servperf": (
        lambda of, **o: s.servperf(of(gaps()), {"speed": "q1"}, no_answer=[99], **o),
        ["part", "item"],
    ),
    "satisfaction.delivered_value": (
        lambda of, **o: s.delivered_value(
            of(gaps()), value=["q1"], cost=["e1"], no_answer=[99], **o
        ),
        ["part"],
    ),
    "satisfaction.kano": (
        lambda of, **o: s.kano(of(gaps()), KANO, no_answer=[99], **o),
        ["feature"],
    ),
    "satisfaction.drivers": (
        lambda of, **o: s.drivers(of(gaps()), "q4", ["q1", "q2"], draws=30, no_answer=[99], **o),
        ["driver"],
    ),
    "satisfaction.importance_performance_analysis": (
        lambda of, **o: s.importance_performance_analysis(
            of(gaps()), {"a": "q1", "b": "q2"}, outcome="q4", draws=30, no_answer=[99], **o
        ),
        ["attribute"],
    ),
    "satisfaction.penalty_reward_contrast": (
        lambda of, **o: s.penalty_reward_contrast(
            of(survey()), "q4", ["q1", "q2"], poor=4, good=7, draws=30, **o
        ),
        ["attribute"],
    ),
    "satisfaction.satisfaction_index": (
        lambda of, **o: s.satisfaction_index(
            fit(), of(survey()), scale=(1, 10), weights="equal", construct="Joy", **o
        ),
        [],
    ),
    "satisfaction.index_bootstrap": (
        lambda of: s.index_bootstrap(
            s.bootstrap_structural(fit(), of(survey()), draws=30, seed=1),
            scale=(1, 10),
            weights="equal",
        ),
        ["construct"],
    ),
    "satisfaction.importance_performance_bootstrap": (
        lambda of: s.importance_performance_bootstrap(
            s.bootstrap_structural(fit(), of(survey()), draws=30, seed=1),
            scale=(1, 10),
            target="Joy",
        ),
        ["attribute"],
    ),
    "satisfaction.composite_sensitivity": (
        lambda of: s.composite_sensitivity(of(survey()[:9]), PLAN, CHOICES, draws=40, seed=1),
        ["output", "factor"],
    ),
    "loyalty.loyalty_measures": (
        lambda of, **o: loyalty.loyalty_measures(
            **WINDOW,
            survey=of(survey()),
            transactions=of(log()),
            decision_time="q1",
            customers=of(survey()[["customer_id", "region"]]),
            defects=("q2", 8),
            competitors="loyal",
            wallet="cheap3",
            spend="cheap0",
            discount=0.05,
            price_days=14,
            **o,
        ),
        [],
    ),
    "loyalty.apostle_shares": (
        lambda of, **o: loyalty.apostle_shares(
            of(gaps()), "q1", "q2", **CUTS, terrorist_to=2, no_answer=[99], **o
        ),
        [],
    ),
    "loyalty.dick_basu_shares": (
        lambda of, **o: loyalty.dick_basu_shares(
            of(gaps()), "q1", "q2", favourable_from=7, repeat_from=7, no_answer=[99], **o
        ),
        [],
    ),
    "loyalty.very_satisfied_ratio": (
        lambda of, **o: loyalty.very_satisfied_ratio(
            of(gaps()), "q1", "loyal", very=[9, 10], satisfied=[7, 8], no_answer=[99], **o
        ),
        [],
    ),
    "loyalty.word_of_mouth": (
        lambda of, **o: loyalty.word_of_mouth(
            of(gaps()),
            "q1",
            satisfied_from=8,
            dissatisfied_to=4,
            told_by_satisfied=3,
            told_by_dissatisfied=(9, 1),
            no_answer=[99],
            **o,
        ),
        [],
    ),
    "loyalty.price_sensitivity": (
        lambda of, **o: loyalty.price_sensitivity(of(survey()), **METER, bootstraps=30, **o),
        [],
    ),
    "loyalty.demand_curve": (
        lambda of, **o: loyalty.demand_curve(of(prices()), **ASKED, cost=2.0, bootstraps=30, **o),
        ["price"],
    ),
    "loyalty.best_price": (
        lambda of, **o: loyalty.best_price(of(prices()), **ASKED, cost=2.0, bootstraps=30, **o),
        [],
    ),
    "surveys.reliability": (
        lambda of, **o: surveys.reliability(of(survey()), ["q1", "q2", "q3"], **o),
        [],
    ),
}

#: Everything else, by what it is.
OTHERS = {
    "rows of the caller's frame with new columns": [
        "satisfaction.composite_index", "satisfaction.construct_scores",
        "satisfaction.delivered_value_scores", "satisfaction.kano_classify",
        "satisfaction.nps_category", "satisfaction.servqual_scores", "loyalty.apostle_types",
        "loyalty.dick_basu_types", "surveys.encode", "surveys.reverse", "surveys.rake",
        "surveys.post_stratify", "surveys.per_customer", "surveys.to_long", "surveys.to_wide",
    ],
    "fitted objects and choices, whose tables have tests of their own": [
        "satisfaction.fit_structural", "satisfaction.fit_structural_moments",
        "satisfaction.bootstrap_structural", "satisfaction.structural_model", "satisfaction.ecsi",
        "satisfaction.composite_plan", "loyalty.satisfaction_link", "surveys.fit_one_factor",
    ],
    "descriptions of what is given, without error": [
        "satisfaction.composite_weights", "satisfaction.composite_uncertainty",
        "satisfaction.kano_table", "satisfaction.refitted_effect_sizes",
        "satisfaction.importance_performance", "satisfaction.priority_matrix",
        "surveys.item_statistics", "surveys.weight_summary", "loyalty.price_sensitivity_curves",
        "weighting.ahp", "weighting.consistency", "weighting.critic", "weighting.entropy",
        "weighting.equal", "weighting.pca", "weighting.weight_table", "weighting.weights_for",
    ],
    "mathematics without a survey": [
        "satisfaction.nps_coverage", "satisfaction.nps_interval", "satisfaction.sample_size_nps",
        "satisfaction.sample_size_share",
    ],
}  # fmt: skip

KINDS = {
    "pandas": lambda frame: frame,
    "polars": pl.from_pandas,
    "pyarrow": lambda frame: pa.Table.from_pandas(frame, preserve_index=False),
}
TYPES = {"pandas": pd.DataFrame, "polars": pl.DataFrame, "pyarrow": pa.Table}
#: These describe a fit or a plan, in pandas, whatever the survey was.
ALWAYS_PANDAS = {
    "satisfaction.index_bootstrap",
    "satisfaction.importance_performance_bootstrap",
    "satisfaction.composite_sensitivity",
}


def test_every_public_function_is_known():
    public = {
        f"{room}.{name}"
        for room, module in ROOMS.items()
        for name in module.__all__
        if inspect.isfunction(getattr(module, name))
    }
    named = [*ESTIMATES, *(name for names in OTHERS.values() for name in names)]
    assert len(named) == len(set(named))
    assert set(named) == public


def _function(name):
    room, called = name.split(".")
    return getattr(ROOMS[room], called)


def _takes_by(name):
    return (
        "by" in inspect.signature(_function(name)).parameters
        or "options" in inspect.signature(_function(name)).parameters
    )


def _as_pandas(frame):
    return frame if isinstance(frame, pd.DataFrame) else frame.to_pandas()


@pytest.mark.parametrize("kind", list(KINDS))
@pytest.mark.parametrize("name", list(ESTIMATES))
def test_estimates_are_tidy(name, kind):
    call, keys = ESTIMATES[name]
    of, by = KINDS[kind], _takes_by(name)
    found = call(of, **({"by": "region"} if by else {}))
    assert isinstance(found, TYPES["pandas" if name in ALWAYS_PANDAS else kind])
    table = _as_pandas(found)
    expected = [*(["region"] if by else []), *keys, *TIDY]
    assert list(table.columns)[: len(expected)] == expected
    numbers = table[["estimate", "se", "low", "high", "n", "n_effective", "n_missing"]]
    assert all(np.issubdtype(kind, np.number) for kind in numbers.dtypes)
    assert (table[["n", "n_missing"]].dtypes == "int64").all()
    assert table["method"].notna().all()
    assert (table["se"].dropna() >= 0).all()
    sure = table.dropna(subset=["estimate", "low", "high"])
    assert len(sure)
    assert (sure["low"] <= sure["high"]).all()
    if by:
        assert set(table["region"]) == {"n", "s"}


@pytest.mark.parametrize("name", list(ESTIMATES))
def test_neither_the_order_of_rows_nor_the_kind_of_frame_matters(name):
    call, _ = ESTIMATES[name]
    options = {"by": "region"} if _takes_by(name) else {}
    plain = call(lambda frame: frame, **options)
    shuffled = call(lambda frame: frame.sample(frac=1, random_state=3), **options)
    polars = _as_pandas(
        call(lambda frame: pl.from_pandas(frame.sample(frac=1, random_state=4)), **options)
    )
    for other in (shuffled, polars):
        for column in TIDY[1:-1]:
            np.testing.assert_allclose(
                other[column], plain[column], rtol=1e-9, atol=1e-12, err_msg=column
            )


@pytest.mark.parametrize("name", [name for name in ESTIMATES if _takes_by(name)])
def test_a_group_is_as_if_it_were_alone(name, monkeypatch):
    """Estimates of a group are those of its rows, but where errors are drawn."""
    call, _ = ESTIMATES[name]
    if name == "satisfaction.satisfaction_index":
        pytest.skip("the fit is of all groups")
    whole = call(lambda frame: frame, by="region")
    mine = whole[whole["region"] == "n"].reset_index(drop=True)
    alone = call(lambda frame: frame[frame["region"] == "n"] if "region" in frame else frame)
    np.testing.assert_allclose(mine["estimate"], alone["estimate"], rtol=1e-9)
    np.testing.assert_allclose(mine["n"], alone["n"])
    if not mine["method"].str.contains("bootstrap|draws").any():
        np.testing.assert_allclose(mine["high"], alone["high"], rtol=1e-9)


ANSWERS = [*(f"q{k}" for k in range(1, 7)), "likely", "e1", "e2", "with", "without", "loyal"]
ANSWERS += ["cheap0", "cheap1", "cheap2", "cheap3", "buys"]


def _silent(frame, rows):
    """Take the answers of some rows away."""
    given = [name for name in ANSWERS if name in frame]
    return frame.assign(**{name: frame[name].astype(float).mask(rows) for name in given})


def _of_region(frame, make):
    return make(frame, frame["region"] == "n") if "region" in frame else frame


def _lone(frame, rows):
    """Put one person into a group of their own, called n."""
    first = np.flatnonzero(rows)[0]
    labels = np.where(np.arange(len(frame)) == first, "n", "s")
    same = frame["who"] == frame["who"].iloc[first] if "who" in frame else labels == "n"
    return frame.assign(region=np.where(same, "n", "s"))


#: What may happen to one group of a survey, and must not trouble the other one.
TROUBLES = {
    "nobody answered": _silent,
    "one respondent": _lone,
    "no weight": lambda frame, rows: frame.assign(w=np.where(rows, 0.0, 1.0)),
    "all the same": lambda frame, rows: frame.assign(
        **{name: frame[name].where(~rows, 1) for name in ("loyal", "buys") if name in frame},
        **{name: frame[name].where(~rows, 7.0) for name in ANSWERS[:7] if name in frame},
    ),
}
#: Functions of a fit to all respondents, who must all have answered.
OF_ALL = "satisfaction.satisfaction_index"


@pytest.mark.parametrize("trouble", list(TROUBLES))
@pytest.mark.parametrize("name", [x for x in ESTIMATES if _takes_by(x) and x != OF_ALL])
def test_a_group_without_a_result_stops_no_other(name, trouble):
    call, _ = ESTIMATES[name]
    options = {"by": "region"}
    if trouble == "no weight":
        if not {"weight", "options"} & set(inspect.signature(_function(name)).parameters):
            pytest.skip("takes no weights")
        options["weight"] = "w"

    def of(frame):
        own = frame.assign(w=1.0) if "region" in frame else frame
        return _of_region(own, TROUBLES[trouble])

    found = call(of, **options)
    other = found[found["region"] == "s"]
    assert other["estimate"].notna().any()
    assert not np.isinf(found[["estimate", "se", "low", "high"]].to_numpy(float)).any()
    troubled = found[found["region"] == "n"]
    if trouble in ("nobody answered", "no weight") and name not in OF_PURCHASES:
        assert troubled["estimate"].isna().all()


#: Their purchases are there whoever answered.
OF_PURCHASES = {"satisfaction.satisfaction_indicators", "loyalty.loyalty_measures"}


@pytest.mark.parametrize("kind", ["pandas", "polars"])
@pytest.mark.parametrize("name", list(ESTIMATES))
@pytest.mark.parametrize("rows", [0, 1, 2])
def test_next_to_nothing_gives_a_result_or_says_why(name, rows, kind):
    call, keys = ESTIMATES[name]
    options = {"by": "region"} if _takes_by(name) else {}
    found = None
    with contextlib.suppress(CRMAnalyticsError):
        found = call(lambda frame: KINDS[kind](frame.head(rows)), **options)
    if found is None:  # refused, in our own words
        return
    table = _as_pandas(found)
    assert list(table.columns)[len(options) :][: len(keys) + len(TIDY)] == [*keys, *TIDY]
    assert not np.isinf(table[["estimate", "se", "low", "high"]].to_numpy(float)).any()


def test_weights_of_any_size_are_only_ratios():
    plain = s.nps(survey(), "likely", weight="w")
    for far in (1e200, 1e-200):
        found = s.nps(survey().assign(w=survey()["w"] * far), "likely", weight="w")
        np.testing.assert_allclose(found[TIDY_NUMBERS], plain[TIDY_NUMBERS])
        summary = surveys.weight_summary(survey().assign(w=survey()["w"] * far), "w")
        mine = surveys.weight_summary(survey(), "w")
        assert summary["sum"].iloc[0] == pytest.approx(mine["sum"].iloc[0] * far)
        assert summary["n_effective"].iloc[0] == pytest.approx(mine["n_effective"].iloc[0])
    mixed = survey().assign(w=np.where(np.arange(N) % 3, 1e300, 1e-300))
    for name in ("surveys.reliability", "satisfaction.change", "loyalty.best_price"):
        found = ESTIMATES[name][0](
            lambda frame: frame.assign(w=mixed["w"].head(len(frame))), weight="w"
        )
        assert found["estimate"].notna().all()


TIDY_NUMBERS = ["estimate", "se", "low", "high", "n", "n_effective"]


def test_an_item_that_does_not_vary_any_more_is_a_counted_failure():
    still = survey().assign(q1=5.0)
    with pytest.raises(FitError, match="an item did not vary': 20"):
        s.bootstrap_structural(fit(), still, draws=20, seed=1)


def test_a_missing_label_a_category_and_odd_dtypes_are_groups_and_numbers_too():
    frame = survey().assign(region=survey()["region"].astype(object).where(np.arange(N) % 5 > 0))
    found = s.csat(frame, "q1", scale=(1, 10), by="region")
    assert found["region"].isna().tolist() == [False, False, True]
    ordered = pd.Categorical(survey()["region"], categories=["s", "unused", "n"])
    found = s.csat(survey().assign(region=ordered), "q1", scale=(1, 10), by="region")
    assert found["region"].tolist() == ["s", "n"]
    for backend in ("numpy_nullable", "pyarrow"):
        odd = survey().convert_dtypes(dtype_backend=backend)
        same = s.csat(odd, "q1", scale=(1, 10), by="region")
        plain = s.csat(survey(), "q1", scale=(1, 10), by="region")
        np.testing.assert_array_equal(same["estimate"], plain["estimate"])


def _takes(name, argument):
    return bool({argument, "options"} & set(inspect.signature(_function(name)).parameters))


def _drawn(frame):
    """Two strata of twenty clusters each: half of all that there are."""
    if "region" not in frame:
        return frame
    who = frame["who"] if "who" in frame else frame["customer_id"]
    return frame.assign(stratum=who % 2, cluster=who % 40, clusters=40)


DESIGN = {"strata": "stratum", "clusters": "cluster"}


CHANCES = "satisfaction.importance_performance_analysis"  # of quadrants, given the errors
#: Errors in which the sample is not all there is, or that move by steps.
NOT_ONLY_DRAWN = {
    "loyalty.word_of_mouth",  # how many are told has an error of its own
    "loyalty.price_sensitivity",  # the next price that was named
    "loyalty.best_price",  # the next price that was asked
}
DRAWN = [each for each in ESTIMATES if _takes(each, "population")]


@pytest.mark.parametrize("name", [each for each in DRAWN if each not in {*NOT_ONLY_DRAWN, CHANCES}])
def test_half_of_all_clusters_leave_half_of_the_variance(name):
    call, _ = ESTIMATES[name]
    some, half = (call(_drawn, **DESIGN, **more) for more in ({}, {"population": "clusters"}))
    np.testing.assert_allclose(half["estimate"], some["estimate"], rtol=1e-12)
    ratio = (half["se"] / some["se"])[some["se"] > 0].to_numpy()
    redrawn = some["method"].str.contains("bootstrap|draws")[some["se"] > 0].to_numpy()
    np.testing.assert_allclose(ratio[redrawn], np.sqrt(0.5), rtol=0.15)
    linear = ratio[~redrawn]
    if name in OF_PURCHASES:  # what the log tells of all customers is no sample
        linear = linear[linear != 1]
    assert len(linear) + redrawn.sum()
    np.testing.assert_allclose(linear, np.sqrt(0.5), rtol=1e-9)


@pytest.mark.parametrize("name", sorted(NOT_ONLY_DRAWN))
def test_a_share_of_all_clusters_makes_nothing_less_sure(name):
    call, _ = ESTIMATES[name]
    some, half = (call(_drawn, **DESIGN, **more) for more in ({}, {"population": "clusters"}))
    known = some["se"] > 0
    assert (half["se"][known] <= some["se"][known]).all()
