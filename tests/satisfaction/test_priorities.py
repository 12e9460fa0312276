"""What to work on first: importance against performance, and penalty against reward."""

from __future__ import annotations

import numpy as np
import pandas as pd
import polars as pl
import pytest

import crmanalytics as crm
from crmanalytics.errors import InvalidValuesError, MissingColumnsError, ParameterError

ATTRIBUTES = {"staff": "p0", "price": "p1", "parking": "p2", "opening": "p3"}
STATED = {name: column.replace("p", "i") for name, column in ATTRIBUTES.items()}
QUADRANTS = [
    "p_concentrate_here",
    "p_keep_up_the_good_work",
    "p_low_priority",
    "p_possible_overkill",
]


def survey(n=300, seed=0):
    draw = np.random.default_rng(seed)
    made = pd.DataFrame(draw.normal(size=(n, 4)), columns=[f"p{k}" for k in range(4)])
    made += [3.0, 8, 3, 8]
    means = [9.0, 9, 2, 2]
    for k in range(4):
        made[f"i{k}"] = means[k] + draw.normal(size=n)
    made["overall"] = 2 * made["p0"] + 2 * made["p1"] + draw.normal(size=n)
    return made


def analysed(given=None, **arguments):
    arguments = {"importance": STATED, "draws": 200} | arguments
    given = survey() if given is None else given
    return crm.satisfaction.importance_performance_analysis(given, ATTRIBUTES, **arguments)


@pytest.mark.parametrize("source", [{}, {"importance": None, "outcome": "overall"}])
def test_the_four_quadrants(source):
    matrix = crm.satisfaction.priority_matrix(analysed(**source))
    assert dict(zip(matrix["attribute"], matrix["quadrant"], strict=True)) == {
        "staff": "concentrate here",
        "price": "keep up the good work",
        "parking": "low priority",
        "opening": "possible overkill",
    }
    assert matrix["quadrant_priority"].tolist() == [1, 2, 3, 4]
    np.testing.assert_allclose(matrix[QUADRANTS].sum(axis=1), 1)
    assert (matrix["certainty"] > 0.99).all()
    assert matrix["importance_level"].tolist() == ["high", "high", "low", "low"]
    assert matrix["performance_level"].tolist() == ["low", "high", "low", "high"]


def test_estimates_are_means_and_the_lines_their_means():
    given = survey()
    found = analysed(given)
    values = found[found["metric"] == "performance"].set_index("attribute")
    for name, column in ATTRIBUTES.items():
        assert values.loc[name, "estimate"] == pytest.approx(given[column].mean())
        assert values.loc[name, "se"] == pytest.approx(given[column].std() / np.sqrt(300), rel=0.2)
    assert found["performance_cut"].unique() == pytest.approx(values["estimate"].mean())


def test_an_attribute_on_the_line_is_in_doubt():
    given = survey(seed=1)
    given["p1"] = given["p1"] - given["p1"].mean() + given[["p0", "p2", "p3"]].to_numpy().mean()
    matrix = crm.satisfaction.priority_matrix(analysed(given)).set_index("attribute")
    assert 0.3 < matrix.loc["price", "p_concentrate_here"] < 0.7
    assert matrix.loc["price", "p_low_priority"] < 0.01
    fixed = crm.satisfaction.priority_matrix(analysed(given, cut=(5.0, 2.5))).set_index("attribute")
    assert fixed.loc["price", "p_keep_up_the_good_work"] == 1
    assert fixed["performance_cut"].unique().tolist() == [2.5]


def test_derived_importance_is_that_of_the_drivers():
    given = survey()
    found = analysed(given, importance=None, outcome="overall", method="lmg")
    expected = crm.satisfaction.drivers(
        given, "overall", list(ATTRIBUTES.values()), method="lmg", draws=200
    )
    rows = found[found["metric"] == "importance"]
    np.testing.assert_allclose(rows["estimate"], expected["estimate"])
    np.testing.assert_allclose(rows["se"], expected["se"], rtol=0.15)


def test_missing_answers_count_where_they_are():
    given = survey()
    given.loc[:49, "p0"] = np.nan
    found = analysed(given, importance=None, outcome="overall")
    rows = found[found["attribute"] == "staff"].set_index("metric")
    assert rows.loc["performance", "n_missing"] == 50
    other = found[found["attribute"] == "price"].set_index("metric")
    assert other.loc["performance", "n"] == 300
    assert other.loc["importance", "n"] == 250


def test_rows_groups_clusters_and_kinds_of_frames():
    given = survey().assign(unit=np.resize(["b", "a"], 300), shop=np.arange(300) // 10)
    first = analysed(given, by="unit", clusters="shop")
    again = analysed(given.sample(frac=1, random_state=3), by="unit", clusters="shop")
    pd.testing.assert_frame_equal(first, again)
    assert first["unit"].tolist() == ["a"] * 24 + ["b"] * 24
    matrix = crm.satisfaction.priority_matrix(analysed(pl.from_pandas(given), by="unit"))
    assert isinstance(matrix, pl.DataFrame)
    assert matrix["unit"].to_list() == ["a"] * 4 + ["b"] * 4
    assert matrix["quadrant_priority"].to_list() == [1, 2, 3, 4] * 2


@pytest.mark.parametrize("cut", ["mean", "median"])
def test_an_attribute_that_nobody_rated_does_not_move_the_lines(cut):
    given = survey()
    three = {name: column for name, column in ATTRIBUTES.items() if name != "opening"}
    stated = {name: STATED[name] for name in three}
    alone = crm.satisfaction.importance_performance_analysis(
        given, three, importance=stated, cut=cut, draws=50
    )
    found = analysed(given.assign(p3=np.nan, i3=np.nan), cut=cut, draws=50)
    unrated = found["attribute"] == "opening"
    assert found.loc[unrated, "estimate"].isna().all()
    assert found.loc[unrated, "quadrant"].isna().all()
    columns = ["estimate", "quadrant", "performance_cut"]
    pd.testing.assert_frame_equal(found.loc[~unrated, columns], alone[columns], rtol=0.1)
    matrix = crm.satisfaction.priority_matrix(found)
    assert matrix["attribute"].iloc[-1] == "opening"


def test_without_draws_there_are_estimates_alone():
    found = analysed(draws=0)
    assert found["estimate"].notna().sum() == 8
    matrix = crm.satisfaction.priority_matrix(found)
    assert matrix["quadrant"].iloc[0] == "concentrate here"
    assert matrix["certainty"].isna().all()


@pytest.mark.parametrize(
    ("arguments", "error", "says"),
    [
        ({"outcome": "overall"}, ParameterError, "either"),
        ({"importance": None}, ParameterError, "either"),
        ({"importance": {"staff": "i0"}}, ParameterError, "same attributes"),
        ({"importance": None, "outcome": "p0"}, ParameterError, "cannot be the performance"),
        ({"importance": None, "outcome": "overall", "method": "x"}, ParameterError, "method"),
        ({"cut": "middle"}, ParameterError, "cut"),
        ({"scale": (0, 5)}, InvalidValuesError, "must lie between"),
        ({"importance": None, "outcome": "flat"}, InvalidValuesError, "does not vary"),
        ({"importance": None, "outcome": "gone"}, MissingColumnsError, "gone"),
    ],
)
def test_what_is_refused(arguments, error, says):
    with pytest.raises(error, match=says):
        analysed(survey().assign(flat=1.0), **arguments)


def test_a_part_of_an_analysis_is_no_matrix():
    with pytest.raises(InvalidValuesError, match="all of its rows"):
        crm.satisfaction.priority_matrix(analysed().iloc[1:])


def rated(n=500, seed=0):
    draw = np.random.default_rng(seed)
    made = pd.DataFrame(draw.integers(1, 6, (n, 3)), columns=["clean", "staff", "gift"])
    low, high = made <= 2, made >= 4
    made["overall"] = 5.0 - 2 * low["clean"] + 1.0 * high["staff"] - 1.0 * low["staff"]
    made["overall"] += 2 * high["gift"] + draw.normal(size=n)
    return made


def contrasted(given, **arguments):
    arguments = {"poor": 2, "good": 4, "draws": 300} | arguments
    return crm.satisfaction.penalty_reward_contrast(
        given, "overall", ["clean", "staff", "gift"], **arguments
    )


def test_contrasts_are_a_regression_on_marks():
    given = rated()
    found = contrasted(given)
    low, high = ((given.iloc[:, :3] <= 2), (given.iloc[:, :3] >= 4))
    design = np.column_stack([np.ones(len(given)), low, high]).astype(float)
    slopes, residual, *_ = np.linalg.lstsq(design, given["overall"], rcond=None)
    wide = found.pivot_table(index="attribute", columns="metric", values="estimate", sort=False)
    np.testing.assert_allclose(wide["penalty"], slopes[1:4])
    np.testing.assert_allclose(wide["reward"], slopes[4:])
    np.testing.assert_allclose(wide["range"], slopes[4:] - slopes[1:4])
    error = np.sqrt(np.diag(np.linalg.inv(design.T @ design)) * residual[0] / (len(given) - 7))
    errors = found[found["metric"] == "penalty"]["se"]
    np.testing.assert_allclose(errors, error[1:4], rtol=0.2)
    roles = found.drop_duplicates("attribute")["role"].tolist()
    assert roles == ["frustrator", "hybrid", "delighter"]
    staff = found[(found["attribute"] == "staff") & (found["metric"] == "asymmetry")].iloc[0]
    assert staff["low"] < 0 < staff["high"]
    assert staff[["low", "high"]].between(-1, 1).all()


def test_asymmetry_where_effects_are_the_wrong_way_round():
    given = rated()
    noise = np.random.default_rng(1).normal(size=500) / 9
    upside_down = contrasted(given.assign(overall=noise - given["gift"]))
    rows = upside_down[upside_down["attribute"] == "gift"].set_index("metric")
    assert rows.loc["penalty", "estimate"] > 0 > rows.loc["reward", "estimate"]
    assert rows.loc["asymmetry", ["estimate", "low", "high"]].isna().all()
    assert rows["role"].isna().all()
    # both sides below the middle: all penalty
    hill = contrasted(given.assign(overall=noise + 5 * (given["gift"] == 3)))
    row = hill[(hill["attribute"] == "gift") & (hill["metric"] == "asymmetry")].iloc[0]
    assert row[["estimate", "low", "high"]].tolist() == [-1, -1, -1]


def test_contrasts_by_group_with_weights_and_order():
    given = rated().assign(unit=np.resize(["x", "y"], 500), w=np.resize([1.0, 2, 3], 500))
    found = contrasted(given, by="unit", weight="w")
    again = contrasted(given.sample(frac=1, random_state=1), by="unit", weight="w")
    pd.testing.assert_frame_equal(found, again)
    assert found["n_effective"].iloc[0] < found["n"].iloc[0] == 250
    other = contrasted(pl.from_pandas(given), by="unit", weight="w")
    np.testing.assert_allclose(other["low"].to_numpy(), found["low"])


@pytest.mark.parametrize(
    ("arguments", "error", "says"),
    [
        ({"poor": 4}, ParameterError, "less than good"),
        ({"poor": 0}, InvalidValuesError, "nobody, or everybody"),
        ({"scale": (1, 3)}, InvalidValuesError, "must lie between"),
    ],
)
def test_contrasts_that_are_refused(arguments, error, says):
    given = rated()
    with pytest.raises(error, match=says):
        contrasted(given, **arguments)
    with pytest.raises(InvalidValuesError, match="too few"):
        contrasted(given.head(3))
    twice = given.assign(staff=given["clean"])
    with pytest.raises(InvalidValuesError, match="cannot be told apart"):
        contrasted(twice)
    with pytest.raises(ParameterError, match="different columns"):
        crm.satisfaction.penalty_reward_contrast(given, "overall", [], poor=1, good=2)


def test_a_group_too_small_says_so_where_its_estimates_would_be():
    given = rated().assign(few=["a"] * 497 + ["b"] * 3)
    found = contrasted(given, by="few")
    small = found[found["few"] == "b"]
    assert small["estimate"].isna().all()
    assert small["method"].str.contains("too few").all()
    assert found.loc[found["few"] == "a", "estimate"].notna().all()
