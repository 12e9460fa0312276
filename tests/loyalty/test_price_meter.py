"""The price meter: published points, curves that coincide, answers that do not rise."""

from __future__ import annotations

import numpy as np
import pandas as pd
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from crmanalytics.errors import DataError, ParameterError
from crmanalytics.loyalty import price_sensitivity, price_sensitivity_curves

NAMES = {"too_cheap": "tch", "cheap": "ch", "expensive": "ex", "too_expensive": "tex"}
INTENT = {
    "buy_at": ("pi_ch", "pi_ex"),
    "calibration": {5: 0.7, 4: 0.5, 3: 0.3, 2: 0.1, 1: 0.0},
}
# the R package pricesensitivitymeter on its own example (simulated answers, seed 42)
ORDERED = {"PMC": 9.145, "PME": 12.565, "IDP": 10.93, "OPP": 10.79}
ORDERED |= {"best reach": 10.97, "best revenue": 11.08}
ALL = {"PMC": 9.2, "PME": 12.395, "IDP": 11.08, "OPP": 10.55}


@pytest.fixture(scope="module")
def demo(shared_data):
    return pd.read_csv(shared_data("psm_demo_seed42.csv"))


def points(survey, **arguments):
    found = price_sensitivity(survey, **NAMES, **{"bootstraps": 20, "pick": "low"} | arguments)
    return found.set_index("metric")


def test_published_points_of_answers_in_order(demo):
    found = points(demo, intransitive="exclude", **INTENT)
    for name, price in ORDERED.items():
        assert found.loc[name, "estimate"] == pytest.approx(price, abs=1e-9), name
    assert found.loc["OPP", "coincide_high"] == pytest.approx(11.67)
    assert (found["n"] == 154).all()
    assert (found["n_missing"] == 96).all()
    assert found.attrs["crmanalytics"]["disordered"] == 96


def test_published_points_of_all_answers(demo):
    found = points(demo, intransitive="keep")
    for name, price in ALL.items():
        assert found.loc[name, "estimate"] == pytest.approx(price, abs=1e-9), name
    assert (found["n"] == 250).all()


def test_the_published_narrower_range(demo):
    found = points(demo, intransitive="exclude", limits="narrower")
    assert found.loc["PMC", "estimate"] == pytest.approx(10.36)
    ends = found.loc["PME", ["coincide_low", "coincide_high"]]
    assert ends.iloc[0] <= 11.78 <= ends.iloc[1]


def test_answers_that_do_not_rise_are_refused_unless_told(demo):
    with pytest.raises(DataError, match=r"96 of 250 rows do not .*intransitive='exclude'"):
        points(demo)


def test_the_pick_says_where_in_a_stretch(demo):
    low, middle, high = (
        points(demo, intransitive="exclude", pick=pick).loc["OPP", "estimate"]
        for pick in ("low", "middle", "high")
    )
    assert (low, high) == (10.79, 11.67)
    assert middle == pytest.approx((low + high) / 2)


def test_a_repeated_row_is_a_weight(demo):
    ordered = demo[(demo[["tch", "ch", "ex", "tex"]].diff(axis=1).iloc[:, 1:] > 0).all(axis=1)]
    weighted = ordered.assign(w=1 + np.arange(len(ordered)) % 3)
    repeated = weighted.loc[weighted.index.repeat(weighted["w"])]
    columns = ["estimate", "coincide_low", "coincide_high"]
    pd.testing.assert_frame_equal(
        points(weighted, weight="w", **INTENT)[columns], points(repeated, **INTENT)[columns]
    )


def test_groups_are_estimated_apart_and_their_order_of_rows_does_not_matter(demo):
    kept = demo.assign(shop=np.where(np.arange(250) % 2, "a", "b"))
    found = price_sensitivity(kept, **NAMES, intransitive="exclude", by="shop", bootstraps=20)
    mixed = price_sensitivity(
        kept.sample(frac=1, random_state=3),
        **NAMES,
        intransitive="exclude",
        by="shop",
        bootstraps=20,
    )
    pd.testing.assert_frame_equal(found, mixed)
    one = points(kept[kept["shop"] == "b"], intransitive="exclude", pick="middle")
    same = found[found["shop"] == "b"].set_index("metric")
    pd.testing.assert_series_equal(same["estimate"], one["estimate"])


def test_other_kinds_of_frames(demo):
    theirs = price_sensitivity(
        pl.from_pandas(demo), **NAMES, intransitive="exclude", bootstraps=20, pick="low"
    )
    assert isinstance(theirs, pl.DataFrame)
    ours = points(demo, intransitive="exclude")
    assert theirs["estimate"].to_list() == ours["estimate"].tolist()


def test_money_scales(demo):
    once = points(demo, intransitive="exclude")
    scaled = demo.assign(**{name: demo[name] * 100 for name in NAMES.values()})
    np.testing.assert_allclose(
        points(scaled, intransitive="exclude")["estimate"], once["estimate"] * 100
    )


def test_curves_are_shares_of_the_people(demo):
    found = price_sensitivity_curves(demo, **NAMES, intransitive="exclude", **INTENT)
    kept = demo[(demo[["tch", "ch", "ex", "tex"]].diff(axis=1).iloc[:, 1:] > 0).all(axis=1)]
    for name, answer in (("too_cheap", "tch"), ("cheap", "ch")):
        plain = [(kept[answer] > price).mean() for price in found["price"]]
        np.testing.assert_allclose(found[name], plain, atol=1e-12)
    plain = [(kept["ex"] <= price).mean() for price in found["price"]]
    np.testing.assert_allclose(found["expensive"], plain, atol=1e-12)
    chance = INTENT["calibration"]
    heights = np.column_stack(
        [
            np.zeros(len(kept)),
            kept["pi_ch"].map(chance),
            kept["pi_ex"].map(chance),
            np.zeros(len(kept)),
        ]
    )
    corners = kept[["tch", "ch", "ex", "tex"]].to_numpy()
    plain = [
        np.mean([np.interp(price, x, y) for x, y in zip(corners, heights, strict=True)])
        for price in found["price"]
    ]
    np.testing.assert_allclose(found["trial"], plain, atol=1e-9)
    np.testing.assert_allclose(found["revenue"], found["trial"] * found["price"])


def test_intervals_hold_the_points_and_shrink_with_more_people(demo):
    few = price_sensitivity(demo.head(80), **NAMES, intransitive="exclude", bootstraps=200)
    many = price_sensitivity(demo, **NAMES, intransitive="exclude", bootstraps=200)
    for found in (few, many):
        assert (found["low"] <= found["estimate"]).all()
        assert (found["estimate"] <= found["high"]).all()
    width = [(found["high"] - found["low"]).sum() for found in (few, many)]
    assert width[1] < width[0]


@pytest.mark.parametrize(
    "wrong",
    [
        {"intransitive": "drop"},
        {"limits": "wide"},
        {"pick": "best"},
        {"bootstraps": 1},
        {"buy_at": ("pi_ch", "pi_ex")},
        {"buy_at": ("pi_ch", "pi_ex"), "calibration": {5: 2.0}},
    ],
)
def test_wrong_arguments_are_told(demo, wrong):
    with pytest.raises(ParameterError):
        points(demo, **{"intransitive": "exclude"} | wrong)


def test_bad_answers_are_told(demo):
    with pytest.raises(DataError, match="calibration does not name"):
        points(demo, intransitive="exclude", **INTENT | {"calibration": {5: 0.7}})
    with pytest.raises(DataError):
        points(demo.assign(ch=-1.0), intransitive="exclude")
    with pytest.raises(DataError, match="no complete answers"):
        points(demo.assign(ch=np.nan), intransitive="exclude")


prices = st.lists(
    st.lists(st.integers(1, 60), min_size=4, max_size=4, unique=True).map(sorted),
    min_size=2,
    max_size=25,
)


@given(rows=prices)
def test_the_points_lie_in_order(rows):
    survey = pd.DataFrame(rows, columns=list(NAMES.values()), dtype=float)
    found = points(survey, bootstraps=2, pick="middle")["estimate"]
    known = found.dropna()
    assert ((known >= 0) & (known <= 60)).all()
    if found[["PMC", "IDP", "PME"]].notna().all():
        assert found["PMC"] <= found["IDP"] + 1e-9
        assert found["IDP"] <= found["PME"] + 1e-9
        assert found["range width"] == pytest.approx(found["PME"] - found["PMC"])


BOUNDS = ["estimate", "se", "low", "high"]


def of_shops(people=60, seed=4):
    """People asked in shops of their own price level, 5 in each, in two regions."""
    draw = np.random.default_rng(seed)
    shop = np.arange(people) // 5
    first = 10 + 4 * draw.normal(size=shop.max() + 1)[shop].clip(-2, 2)
    prices = np.cumsum([first, *draw.uniform(1, 3, (3, people))], axis=0).T
    frame = pd.DataFrame(prices, columns=list(NAMES.values()))
    return frame.assign(row=np.arange(people), shop=shop, region=shop % 2, w=1.0 + shop % 3)


def test_people_of_one_cluster_are_alike_and_so_intervals_are_wider():
    alone, together = (points(of_shops(), bootstraps=300, clusters=x) for x in (None, "shop"))
    np.testing.assert_array_equal(alone["estimate"], together["estimate"])
    assert together.loc["OPP", "se"] > 1.4 * alone.loc["OPP", "se"]


def test_clusters_of_one_are_as_good_as_none():
    survey = of_shops(200)
    one = points(survey, bootstraps=600, clusters="row")[BOUNDS]
    same = points(survey.assign(all=1), bootstraps=600, strata="all")[BOUNDS]
    pd.testing.assert_frame_equal(one, same)
    none = points(survey, bootstraps=600)[BOUNDS]
    np.testing.assert_allclose(one.loc["OPP", "se"], none.loc["OPP", "se"], rtol=0.12)


@pytest.mark.parametrize("design", [{}, {"strata": "region"}, {"weight": "w"}])
def test_copies_of_rows_in_the_cluster_of_the_row_add_nothing(design):
    survey = of_shops()
    twice = pd.concat([survey, survey]).sample(frac=1, random_state=1)
    found = points(survey, clusters="row", **design)[BOUNDS]
    pd.testing.assert_frame_equal(found, points(twice, clusters="row", **design)[BOUNDS])


def test_the_order_of_rows_and_an_engine_change_nothing_with_a_design():
    survey = of_shops()
    design = {"strata": "region", "bootstraps": 20, **NAMES}
    found = price_sensitivity(survey, **design)
    mixed = price_sensitivity(survey.sample(frac=1, random_state=3), **design)
    pd.testing.assert_frame_equal(found, mixed)
    other = price_sensitivity(pl.from_pandas(survey), **design, clusters="shop").to_pandas()
    np.testing.assert_allclose(
        other[BOUNDS], price_sensitivity(survey, **design, clusters="shop")[BOUNDS]
    )


def test_a_group_that_few_clusters_hold_and_a_sample_drawn_whole():
    survey = of_shops().assign(group=lambda f: (f["shop"] > 1).astype(int), all=12)
    found = price_sensitivity(survey, **NAMES, by="group", clusters="shop", bootstraps=60)
    assert found[BOUNDS].notna().all(axis=None)
    whole = points(survey, clusters="shop", population="all")
    np.testing.assert_allclose(whole["se"], 0, atol=1e-12)
    with pytest.raises(DataError, match="one cluster"):
        points(survey, clusters="all")


def test_prices_too_large_to_be_squared():
    survey = of_shops()
    columns = list(NAMES.values())
    huge = survey.assign(**{name: survey[name] * 2.0**660 for name in columns})
    found, other = points(survey), points(huge)
    np.testing.assert_allclose(other[BOUNDS] / 2.0**660, found[BOUNDS], rtol=1e-12)
