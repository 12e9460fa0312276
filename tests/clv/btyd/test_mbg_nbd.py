"""The MBG/NBD model against other implementations."""

from __future__ import annotations

import pandas as pd
import pytest

import crmanalytics as crm
from crmanalytics.clv import MBGNBD

BTYDPLUS = MBGNBD(0.5248435586, 6.1830928445, 0.8913877804, 1.6140483349)


@pytest.fixture(scope="module")
def customers():
    return crm.summarize(crm.datasets.load_cdnow_sample(), until="1997-09-30", unit="W")


def test_fit_reaches_the_maximum_found_independently():
    fit = MBGNBD.fit(crm.datasets.load_cdnow_summary())
    model = fit.model
    assert fit.log_likelihood == pytest.approx(-9582.13268, abs=5e-6)
    assert [model.r, model.alpha, model.a, model.b] == pytest.approx(
        [0.52484, 6.18299, 0.89136, 1.61400], abs=6e-6
    )


def test_fit_on_exact_dates_agrees_with_btydplus(customers):
    model = MBGNBD.fit(customers).model
    assert [model.r, model.alpha, model.a, model.b] == pytest.approx(
        [0.5248435586, 6.1830928445, 0.8913877804, 1.6140483349], rel=2e-4
    )


def test_predictions_agree_with_btydplus(customers):
    two = pd.DataFrame({"frequency": [2, 0], "recency": [30.43, 0.0], "T": [38.86, 38.86]})
    assert BTYDPLUS.probability_alive(two).to_list() == pytest.approx(
        [0.7061217281, 0.3897142189], abs=2e-5
    )
    assert BTYDPLUS.expected_purchases(two, 39)[0] == pytest.approx(1.262657345, rel=1e-4)
    assert BTYDPLUS.expected_purchases(customers, 39).sum() == pytest.approx(1576.711946, rel=1e-4)
    # at estimates that differ from the printed ones in the sixth digit
    assert float(BTYDPLUS.expected_purchases_new(52)) == pytest.approx(1.418863151, rel=1e-5)
