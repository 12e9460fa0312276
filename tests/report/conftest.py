"""One report of a small log, rendered once."""

from __future__ import annotations

import pytest

import crmanalytics as crm

UNTIL = "1998-06-30"


def make(log, **changes):
    """Score a log and put together what a report is made of."""
    customers = crm.summarize(log, until=UNTIL, unit="W")
    breaks = crm.rfm.breaks(customers)
    purchases, spend = crm.clv.BGNBD.fit(customers), crm.clv.GammaGamma.fit(customers)
    model = purchases.model
    scored = crm.rfm.segment(crm.rfm.score(customers, breaks)).assign(
        p_alive=model.probability_alive(customers),
        p_active=model.probability_active(customers, 52),
        expected_purchases=model.expected_purchases(customers, 52),
        expected_spend=spend.model.expected_spend(customers),
        clv=crm.clv.lifetime_value(
            customers, purchases, spend, horizon=52, discount_rate=0.1, margin=0.3
        ),
    )
    given = {
        "transactions": log,
        "scored": scored,
        "purchases": purchases,
        "spend": spend,
        "breaks": breaks,
        "until": UNTIL,
        "horizon": 52,
        "check_at": "1997-09-30",
        "discount_rate": 0.1,
        "margin": 0.3,
        "currency": "$",
        "cleaning": crm.clean(log).log,
    }
    return crm.report.Material(**given | changes)


@pytest.fixture(scope="session")
def log():
    return crm.datasets.load_cdnow_sample()


@pytest.fixture(scope="session")
def material(log):
    return make(log)


@pytest.fixture(scope="session")
def page(material):
    return crm.report.render(material)


@pytest.fixture(scope="session")
def changed(material):
    """Return the material with some of it replaced."""
    from dataclasses import replace

    return lambda **changes: replace(material, **changes)
