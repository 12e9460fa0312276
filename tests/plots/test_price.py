"""Charts of the price meter and of demand."""

from __future__ import annotations

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import pytest

import crmanalytics as crm
from crmanalytics.errors import DataError

NAMES = {"too_cheap": "a", "cheap": "b", "expensive": "c", "too_expensive": "d"}
ASKED = {"respondent": "who", "price": "price", "would_buy": "buys"}


@pytest.fixture(autouse=True)
def _close():
    yield
    plt.close("all")


@pytest.fixture(scope="module")
def survey():
    draw = np.random.default_rng(1)
    prices = np.cumsum(draw.integers(1, 6, (60, 4)), axis=1).astype(float)
    return pd.DataFrame(prices, columns=list("abcd")).assign(shop=np.arange(60) % 2)


@pytest.fixture(scope="module")
def asked():
    limit = np.random.default_rng(1).uniform(0, 12, 50)
    rows = [(n, p, int(p <= x)) for n, x in enumerate(limit) for p in (2.0, 4.0, 6.0)]
    return pd.DataFrame(rows, columns=["who", "price", "buys"])


def test_the_curves_and_points_of_the_meter_are_drawn(survey):
    curves = crm.loyalty.price_sensitivity_curves(survey, **NAMES)
    points = crm.loyalty.price_sensitivity(survey, **NAMES, bootstraps=20)
    plain = crm.plots.plot_price_meter(curves)
    assert len(plain.lines) == 6
    marked = crm.plots.plot_price_meter(curves, points, currency="$")
    assert [each.get_text().split()[0] for each in marked.texts] == ["PMC", "OPP", "IDP", "PME"]
    np.testing.assert_allclose(marked.lines[2].get_ydata(), curves["too_cheap"])


def test_the_best_prices_are_marked_in_the_chart_of_demand(asked):
    curve = crm.loyalty.demand_curve(asked, **ASKED, cost=1.0, bootstraps=20)
    best = crm.loyalty.best_price(asked, **ASKED, cost=1.0, bootstraps=20)
    axes = crm.plots.plot_demand(curve, best)
    texts = [each.get_text() for each in axes.get_legend().get_texts()]
    assert [text for text in texts if text.startswith("best price")]
    assert {"revenue", "profit"} <= set(texts)


def test_several_groups_are_refused(survey, asked):
    one = crm.loyalty.price_sensitivity_curves(survey, **NAMES)
    curves = pd.concat([one, one])
    points = crm.loyalty.price_sensitivity(survey, **NAMES, by="shop", bootstraps=5)
    with pytest.raises(DataError, match="one group"):
        crm.plots.plot_price_meter(curves)
    with pytest.raises(DataError, match="one group"):
        crm.plots.plot_price_meter(one, points)
    with pytest.raises(DataError, match="PME"):
        crm.plots.plot_price_meter(one, points.head(1))
    both = pd.concat([asked.assign(shop=1), asked.assign(shop=2)])
    with pytest.raises(DataError, match="one group"):
        crm.plots.plot_demand(crm.loyalty.demand_curve(both, **ASKED, by="shop", bootstraps=5))
