"""CDNOW, as every recipe needs it: read and fitted once."""

from __future__ import annotations

from functools import cache

import crmanalytics as crm

UNTIL = "1998-06-30"
AT = "1997-09-30"
CDNOW = "CDNOW, 23,570 customers, 1997-01 to 1998-06"


@cache
def log():
    """Return the log."""
    return crm.datasets.load_cdnow()


@cache
def customers():
    """Return one row per customer."""
    return crm.summarize(log(), until=UNTIL, unit="W")


@cache
def early():
    """Return the customers as of the end of September 1997, with what came later."""
    return crm.split(log(), at=AT, until=UNTIL, unit="W")


@cache
def purchases():
    """Return the model of purchases, fitted to all that is known."""
    return crm.clv.MBGNBD.fit(customers())


@cache
def scored():
    """Return the customers with scores, segments, P(alive) and value."""
    spend = crm.clv.GammaGamma.fit(customers().query("frequency == 0 or monetary_value > 0"))
    value = crm.clv.lifetime_value(
        customers(), purchases(), spend, horizon=52, discount_rate=0.10, margin=0.30
    )
    segmented = crm.rfm.segment(crm.rfm.score(customers()))
    return segmented.assign(p_alive=purchases().model.probability_alive, clv=value)
