"""Charts of the link from satisfaction to loyalty, and of types of loyalty."""

from __future__ import annotations

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import pytest

import crmanalytics as crm
from crmanalytics.errors import DataError, ParameterError


@pytest.fixture(autouse=True)
def _close():
    yield
    plt.close("all")


@pytest.fixture(scope="module")
def survey():
    draw = np.random.default_rng(1)
    happy = draw.integers(1, 8, 600)
    again = draw.random(600) < 0.2 + 0.15 * np.maximum(happy - 4, 0)
    return pd.DataFrame({"happy": happy, "again": again.astype(int), "shop": happy % 2})


def test_all_forms_are_lines_and_the_best_comes_first(survey):
    link = crm.loyalty.satisfaction_link(survey, "happy", "again")
    axes = crm.plots.plot_satisfaction_link(link)
    texts = [each.get_text() for each in axes.get_legend().get_texts()]
    assert [text.split()[0] for text in texts[1:5]] == link.comparison["form"].tolist()
    points = axes.collections[1].get_offsets()
    np.testing.assert_allclose(points[:, 1], link.curve["share"])


def test_one_form_alone_has_no_break(survey):
    link = crm.loyalty.satisfaction_link(survey, "happy", "again")
    axes = crm.plots.plot_satisfaction_link(link, forms=["isotonic"])
    assert len(axes.lines) == 1
    with pytest.raises(ParameterError, match="each of forms must be one of"):
        crm.plots.plot_satisfaction_link(link, forms=["cubic"])


def test_the_area_of_a_square_is_the_share(survey):
    cuts = {"satisfied_from": 5, "loyal_from": 1, "terrorist_to": 1}
    shares = crm.loyalty.apostle_shares(survey, "happy", "again", **cuts)
    axes = crm.plots.plot_loyalty_types(shares)
    areas = sorted(each.get_width() * each.get_height() for each in axes.patches)
    wanted = shares[shares["metric"] != "terrorist"]["estimate"]
    np.testing.assert_allclose(areas, sorted(wanted))
    assert any("terrorists" in each.get_text() for each in axes.texts)


def test_types_of_dick_and_basu_name_their_axes(survey):
    shares = crm.loyalty.dick_basu_shares(
        survey, "happy", "again", favourable_from=5, repeat_from=1
    )
    assert crm.plots.plot_loyalty_types(shares).get_ylabel() == "Repeat buying"


def test_several_groups_are_refused(survey):
    cuts = {"satisfied_from": 5, "loyal_from": 1}
    shares = crm.loyalty.apostle_shares(survey, "happy", "again", **cuts, by="shop")
    with pytest.raises(DataError, match="one group"):
        crm.plots.plot_loyalty_types(shares)
    with pytest.raises(DataError, match="without a place"):
        crm.plots.plot_loyalty_types(shares.head(4).assign(metric=list("abcd")))


def test_a_link_of_groups_is_drawn_group_by_group(survey):
    link = crm.loyalty.satisfaction_link(
        survey.assign(half=survey.index % 2), "happy", "again", by="half", forms=["logistic"]
    )
    with pytest.raises(ParameterError, match="draw one of them"):
        crm.plots.plot_satisfaction_link(link)
    assert crm.plots.plot_satisfaction_link(link.groups[0,]).get_xlabel() == "Satisfaction"
