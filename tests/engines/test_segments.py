"""Segments: engines count distinct values, groups and moves; only those come to the driver."""

import numpy as np
import pandas as pd
import pytest

import crmanalytics as crm
from crmanalytics import segments
from crmanalytics.errors import InvalidValuesError, ParameterError


def table(native):
    return native if isinstance(native, pd.DataFrame) else native.to_pandas()


@pytest.fixture(scope="module")
def people(customers):
    """With ties, losses, and a number of customers that each row stands for."""
    draw = np.random.default_rng(4)
    return customers.assign(
        profit=(customers["total"] / 5 - 6).round(1),
        weight=draw.integers(0, 4, len(customers)),
        segment=draw.choice(["A", "B", "C"], len(customers)),
    )


SMALL = {
    "concentration": segments.concentration,
    "concentration of profit": lambda frame: segments.concentration(frame, "profit", top=(0.2, 1)),
    "lorenz": lambda frame: segments.lorenz(frame, weight="weight"),
    "lorenz of profit": lambda frame: segments.lorenz(frame, "profit", descending=True, points=11),
    "core": lambda frame: segments.core_customers(frame, share=(0.1, 0.5, 0.8, 1)),
    "core by profit": lambda frame: segments.core_customers(frame, "profit", share=(0.5, 1)),
    "whale curve": segments.whale_curve,
    "whale curve in steps": lambda frame: segments.whale_curve(frame, points=7),
    "whale summary": segments.whale_summary,
    "tiers": lambda frame: segments.tier_profile(segments.pyramid(frame)),
    "tiers in order": lambda frame: segments.tier_profile(
        frame, "profit", tier="segment", order=["C", "never", "A", "B"]
    ),
    "clusters": lambda frame: segments.cluster_profile(frame, ["total", "orders"], label="segment"),
}


@pytest.mark.parametrize("name", SMALL)
def test_small_tables(lazy, people, same, name):
    found = SMALL[name](lazy.put(people))
    assert isinstance(found, pd.DataFrame) == (lazy.name != "polars lazy")
    same(table(found), SMALL[name](people))


def test_inequality(lazy, people):
    native = lazy.put(people)
    for settings in ({}, {"corrected": True}, {"weight": "weight"}):
        found = segments.gini(native, **settings)
        assert found == pytest.approx(segments.gini(people, **settings), rel=1e-12)
    found = segments.gini_interval(native, "profit")
    assert found == pytest.approx(segments.gini_interval(people, "profit"), rel=1e-12)


def test_abc(lazy, people, same):
    native = lazy.put(people)
    for value in ("profit", "orders"):
        found = segments.abc(native, value)
        assert lazy.has_kind_of(found, native)
        same(lazy.get(found), segments.abc(people, value))


def test_clusters_found_in_a_sample_are_assigned_on_the_engine(lazy, people, same):
    known = segments.fit_clusters(people.head(500), 3, ["orders", "total"])
    native = lazy.put(people)
    found = known.assign(native)
    assert lazy.has_kind_of(found, native)
    same(lazy.get(found), known.assign(people))


@pytest.fixture(scope="module")
def days(people):
    """The base on two days: some came, some left, many moved."""
    before = people[["customer_id", "segment", "total"]].iloc[:-300]
    after = people[["customer_id", "segment", "total"]].iloc[300:]
    draw = np.random.default_rng(5)
    after = after.assign(
        segment=np.where(draw.random(len(after)) < 0.3, "A", after["segment"]),
        total=(after["total"] * 1.1).round(2),
    )
    return before, after


@pytest.mark.parametrize("settings", [{}, {"value": "total", "states": ["C", "B", "D", "A"]}])
def test_migration(lazy, days, same, settings):
    found = segments.migration(*_put(lazy, days), **settings)
    expected = segments.migration(*days, **settings)
    same(table(found), expected)
    again = segments.transition_matrix(found)
    pd.testing.assert_frame_equal(again, segments.transition_matrix(expected))


def test_migration_between_numbers(lazy, days, same):
    codes = [each.assign(segment=each["segment"].map(ord)) for each in days]
    settings = {"entered": 0, "left": -1}
    found = segments.migration(*_put(lazy, codes), **settings)
    same(table(found), segments.migration(*codes, **settings))


def test_migration_by_cuts(lazy, days, same):
    halves = {"upper": 0.5, "lower": 0.5}

    def by_total(frame, reference):
        values = pd.Series(
            reference["total"] if isinstance(reference, pd.DataFrame) else totals[id(reference)]
        )
        return segments.pyramid(frame, thresholds=segments.tier_thresholds(values, halves))

    native = _put(lazy, days)
    totals = {id(ours): each["total"] for ours, each in zip(native, days, strict=True)}
    settings = {"state": "tier", "value": "total"}
    found = segments.migration_by_cuts(*native, by_total, **settings)
    same(table(found), segments.migration_by_cuts(*days, by_total, **settings))


def _put(engine, frames):
    """Return two frames on one connection, or in one session."""
    if engine.name != "duckdb":
        return [engine.put(each) for each in frames]
    engine.put(frames[0])
    for k, each in enumerate(frames):
        engine.session.register(f"there{k}", each)
    return [engine.session.table(f"there{k}") for k in range(len(frames))]


def _said(call):
    with pytest.raises((InvalidValuesError, ParameterError)) as caught:
        call()
    return str(caught.value).split(" (first:")[0]


SPOILT = {
    "empty": lambda frame: frame.head(0),
    "lost": lambda frame: frame.assign(total=-1.0, profit=-1.0),
    "infinite": lambda frame: frame.assign(total=np.inf, profit=np.inf),
}


@pytest.mark.parametrize("kind", SPOILT)
@pytest.mark.parametrize(
    "measure", [segments.gini, segments.concentration, segments.whale_curve, segments.abc]
)
def test_bad_values_are_named_alike(lazy, people, measure, kind):
    spoilt = SPOILT[kind](people)
    if measure is segments.whale_curve and kind == "lost":
        pytest.skip("a whale curve is drawn of losses too")
    assert _said(lambda: measure(lazy.put(spoilt))) == _said(lambda: measure(spoilt))


def test_customers_who_repeat(lazy, days):
    twice = (pd.concat([days[0], days[0].head(2)]), days[1])
    said = _said(lambda: segments.migration(*_put(lazy, twice)))
    assert said == _said(lambda: segments.migration(*twice))


def test_numbers_and_texts_never_match(lazy, days):
    texts = (days[0], days[1].assign(customer_id=days[1]["customer_id"].astype(str)))
    with pytest.raises(InvalidValuesError, match="numbers and texts never match"):
        segments.migration(*_put(lazy, texts))


def test_frames_of_two_kinds(lazy, days):
    with pytest.raises(ParameterError, match="both in memory or both of one engine"):
        segments.migration(lazy.put(days[0]), days[1])


IN_MEMORY = {
    "fit": lambda frame: segments.fit_clusters(frame, 2),
    "cluster": lambda frame: segments.cluster(frame, 2),
    "stability": segments.cluster_stability,
    "gap": lambda frame: segments.gap_statistic(frame, ["total"]),
    "structure": lambda frame: segments.preference_structure(frame, ["total"], scale=(0, 9)),
}


@pytest.mark.parametrize("name", IN_MEMORY)
def test_what_needs_memory_says_so(lazy, people, name):
    with pytest.raises(ParameterError, match="collect a sample, fit_clusters"):
        IN_MEMORY[name](lazy.put(people))


def test_a_log_of_moves_is_small(lazy, days):
    moves = crm.segments.migration(*days)[["from_state", "to_state", "count"]]
    with pytest.raises(ParameterError, match=r"moves is a lazy frame .*collect it first"):
        segments.transition_matrix(lazy.put(moves))


def test_rhythm(lazy, log, same):
    native = lazy.put(log)
    found = segments.rhythm(native, until="1998-03-15")
    assert lazy.has_kind_of(found, native)
    same(lazy.get(found), segments.rhythm(log, until="1998-03-15"))


LIVES = {
    "by rhythm": ({}, []),
    "by dates": ({"loyal": 3, "prior": 2.0}, ["mean_gap", "last_gap", "gap_before"]),
    "by a usual gap": ({"usual_gap": 30.0, "dormant": 1.5, "lost": 2.5}, ["p_alive"]),
}


@pytest.fixture(scope="module")
def lives(log, customers):
    """Buyers and others, some with a probability of being alive, with missing values."""
    draw = np.random.default_rng(6)
    buyers = segments.rhythm(log, until="1997-09-30").merge(
        customers[["customer_id", "first_date", "last_date"]], on="customer_id"
    )
    alive = pd.Series(draw.random(len(buyers))).where(draw.random(len(buyers)) < 0.3)
    others = pd.DataFrame({"customer_id": range(-9, 0), "orders": [0, np.nan, 0] * 3})
    whole = pd.concat([buyers.assign(p_alive=alive), others], ignore_index=True)
    marked = draw.random((2, len(whole))) < 0.5
    return whole.assign(prospect=marked[0], target=marked[1].astype(int), state="old")


@pytest.mark.parametrize("name", LIVES)
def test_lifecycle(lazy, lives, same, name):
    settings, without = LIVES[name]
    frame = lives.drop(columns=without)
    native = lazy.put(frame)
    found = segments.lifecycle(native, **settings)
    assert lazy.has_kind_of(found, native)
    expected = segments.lifecycle(frame, **settings).sort_values("customer_id", ignore_index=True)
    assert expected["state"].nunique() > 6
    dates = ["first_date", "last_date"]  # of nobody who never bought
    same(lazy.get(found)[list(expected)].drop(columns=dates), expected.drop(columns=dates))


def test_lifecycle_where_nobody_came_back(lazy, same):
    frame = pd.DataFrame(
        {"customer_id": [1, 2], "orders": [1, 0], "days_since_last": [9.0, np.nan]}
    ).assign(mean_gap=np.nan)
    same(lazy.get(segments.lifecycle(lazy.put(frame))), segments.lifecycle(frame))


@pytest.mark.parametrize("definitions", [None, segments.Definitions(loyal=3, usual_gap=40.0)])
def test_lifecycle_counts(lazy, log, same, definitions):
    days = ["1996-06-30", "1997-03-31", "1997-12-31"]
    found = segments.lifecycle_counts(lazy.put(log), days, definitions=definitions)
    same(table(found), segments.lifecycle_counts(log, days, definitions=definitions))


LOGS = {
    "missing": lambda log: log.assign(date=log["date"].where(log.index > 2)),
    "refunds alone": lambda log: log.assign(amount=-1.0),
}


@pytest.mark.parametrize("kind", LOGS)
def test_bad_logs_are_named_alike(lazy, log, kind):
    spoilt = LOGS[kind](log)
    for call in (
        lambda frame: segments.rhythm(frame, until="1997-12-31"),
        lambda frame: segments.lifecycle_counts(frame, ["1997-12-31"]),
    ):
        assert _said(lambda ask=call: ask(lazy.put(spoilt))) == _said(lambda ask=call: ask(spoilt))


def test_people_without_a_rhythm(lazy, people):
    frame = people[["customer_id", "orders", "days_since_last"]]
    with pytest.raises(crm.errors.MissingColumnsError, match="neither 'mean_gap'"):
        segments.lifecycle(lazy.put(frame))
