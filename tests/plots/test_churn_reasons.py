"""Charts of reasons and of time to churn."""

from __future__ import annotations

import matplotlib as mpl
import pandas as pd
import pytest

from crmanalytics.churn import ChurnClassifier, kaplan_meier, model_card
from crmanalytics.errors import InvalidValuesError
from crmanalytics.plots import plot_reasons, plot_time_to_churn

mpl.use("Agg")


@pytest.fixture(scope="module")
def base():
    X = pd.DataFrame({"months": range(60), "plan": ["pay", "sim"] * 30})
    return X, [1] * 20 + [0, 1] * 10 + [0] * 20


def test_reasons_as_bars(base):
    X, y = base
    told = ChurnClassifier().fit(X, y).reasons(X.head(2))
    axes = plot_reasons(told[told["row"] == 0])
    assert [bar.get_width() for bar in axes.patches] == told["contribution"].head(2).tolist()
    with pytest.raises(InvalidValuesError, match="several customers"):
        plot_reasons(told)


def test_time_to_churn_has_a_line_per_group():
    customers = pd.DataFrame(
        {"duration": [1, 2, 2, 3], "churned": [1, 0, 1, 0], "plan": list("abab")}
    )
    axes = plot_time_to_churn(kaplan_meier(customers, by="plan"), by="plan")
    assert [line.get_label() for line in axes.lines] == ["a", "b"]
    assert axes.lines[1].get_ydata().tolist() == [1.0, 1.0, 1.0]


def test_model_card_says_what_was_measured(base):
    X, y = base
    model = ChurnClassifier().fit(X, y)
    card = model_card(model, X, y, data="made up", period="2024", limits=["none"], draws=20)
    told = card.set_index(["section", "item"])["value"]
    assert told["data", "training rows"] == "60"
    assert "interval" in told["performance", "auc"]
    assert told["features", "plan"] == "category with 2 values, 0.0% missing"
    assert told["limits", "4"] == "none"
