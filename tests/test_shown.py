"""Every result that has a face reads well: in a terminal and in a notebook."""

from __future__ import annotations

import dataclasses
import inspect
from html.parser import HTMLParser

import numpy as np
import pandas as pd
import pytest

import crmanalytics as crm
from crmanalytics import transactions
from crmanalytics.frames import Shown, significant

ABSTRACT = {"ContractualModel", "PurchaseModel"}
LINES, WIDTH = 30, 120


def public_dataclasses():
    """Return the dataclasses that the rooms and their parts export, by name."""
    rooms = [getattr(crm, name) for name in crm.__all__]
    found, places = {}, [transactions, *filter(inspect.ismodule, rooms)]
    while places:
        place = places.pop()
        for name in getattr(place, "__all__", ()):
            thing = getattr(place, name)
            if inspect.ismodule(thing):
                places.append(thing)
            elif inspect.isclass(thing) and dataclasses.is_dataclass(thing):
                found[name] = thing
    return found


PUBLIC = public_dataclasses()
DRAW = np.random.default_rng(1)
LOG = crm.datasets.load_cdnow_sample()
WEEKS = crm.summarize(LOG, until="1998-06-30", unit="W")


def contracts(n=120):
    frame = pd.DataFrame({"visits": DRAW.poisson(2, n), "treated": np.arange(n) % 2})
    return frame.assign(
        customer_id=range(n),
        duration=DRAW.integers(1, 12, n),
        churned=DRAW.integers(0, 2, n),
        churn_probability=0.1 + frame["visits"] / 20,
    )


def survey(n=60):
    true = DRAW.normal(6, 2, n)
    noisy = {name: true + DRAW.normal(0, 1, n) for name in ("q1", "q2", "s1", "s2")}
    return pd.DataFrame(noisy)


ANSWERS = survey()
MODEL = crm.satisfaction.structural_model({"Q": ["q1", "q2"], "S": ["s1", "s2"]}, ["Q -> S"])


def structural():
    return crm.satisfaction.fit_structural(ANSWERS, MODEL)


def uplift():
    from sklearn.linear_model import LogisticRegression

    learner = crm.churn.uplift.TLearner(LogisticRegression())
    return learner.fit(contracts(), outcome="churned", features=["visits"])


def link(by=None):
    happy = np.tile([1, 2, 3, 4, 5], 40)
    asked = pd.DataFrame({"happy": happy, "again": (happy + np.arange(200) % 4 > 5).astype(int)})
    asked["shop"] = np.arange(200) % 2
    return crm.loyalty.satisfaction_link(
        asked, "happy", "again", forms=["isotonic", "logistic"], by=by
    )


def regain():
    from sklearn.linear_model import LogisticRegression

    past = pd.DataFrame({"regained": [1, 1, 0, 0] * 5, "months": [1, 2, 8, 9] * 5})
    return crm.decisions.learn_regain(past, LogisticRegression(), features=["months"])


def moves():
    rows = {"customer_id": [1, 1, 1, 2, 2, 2], "period": [1, 2, 3] * 2, "state": [*"abaaab"]}
    return crm.clv.markov.estimate_transitions(pd.DataFrame(rows))


def snapshots():
    days = pd.to_datetime(["2024-01-01", "2024-02-01", "2024-03-01"] * 30)
    rows = pd.DataFrame({"snapshot": days, "outcome_end": days + pd.Timedelta(days=31)})
    return crm.churn.SnapshotSplit(rows)


def material():
    customers = crm.summarize(LOG, until="1998-06-30", unit="W")
    breaks = crm.rfm.breaks(customers)
    purchases, spend = crm.clv.BGNBD.fit(customers), crm.clv.GammaGamma.fit(customers)
    scored = crm.rfm.segment(crm.rfm.score(customers, breaks)).assign(
        p_alive=1.0, p_active=1.0, expected_purchases=1.0, expected_spend=1.0
    )
    return crm.report.Material(
        LOG, scored, purchases, spend, breaks, "1998-06-30", 52, "1997-09-30"
    )


def totals():
    return crm.report.Totals(10, 5, 30, 900.0, "1997-01-01", 4.0, 7.5)


def digest():
    one, empty = material(), pd.DataFrame()
    return crm.report.Digest(
        totals(), empty, empty, empty, empty, empty, (), 10,
        one.purchases, one.spend, one.breaks, one.until, one.horizon,
    )  # fmt: skip


MONEY = {"clv": 200, "offer_cost": 10, "contact_cost": 1}
COEFFICIENTS = {"a": 0.8, "b": 2.5, "purchase": {"web": 0.1}}
MADE = {
    "Axis": lambda: crm.decisions.Axis("total", (100.0, 500.0), ("small", "medium", "large")),
    "BGBB": lambda: crm.clv.BGBB(1.2, 0.75, 0.66, 2.8),
    "BGCNBDk": lambda: crm.clv.BGCNBDk(0.5, 2.0, 0.8, 2.5, k=3),
    "BGNBD": lambda: crm.clv.BGNBD(0.243, 4.414, 0.793, 2.426, unit="W"),
    "BGNBDCovariates": lambda: crm.clv.BGNBDCovariates(r=0.2, alpha=4.4, **COEFFICIENTS),
    "BetaDiscreteWeibull": lambda: crm.clv.BetaDiscreteWeibull(0.7, 1.2, 1.5),
    "Block": lambda: MODEL.blocks[0],
    "Breaks": lambda: crm.rfm.breaks(WEEKS),
    "Cells": lambda: crm.clv.count_cells(WEEKS),
    "Cleaned": lambda: crm.clean(LOG, until="1997-09-30", refunds="separate"),
    "Clusters": lambda: crm.segments.fit_clusters(WEEKS, 3),
    "CompositeChoices": lambda: crm.satisfaction.CompositeChoices(leave_out=True),
    "CompositePlan": lambda: crm.satisfaction.composite_plan({"A": ["x", "y"], "B": ["z"]}),
    "CostPool": lambda: crm.profitability.CostPool("delivery", 900.0, basis="row"),
    "Definitions": crm.segments.Definitions,
    "Digest": digest,
    "DiscreteHazard": lambda: crm.churn.DiscreteHazard.fit(contracts(), ["visits"]),
    "Draws": lambda: crm.clv.bootstrap(crm.clv.BGNBD.fit(WEEKS), WEEKS, draws=20, seed=1),
    "Fit": lambda: crm.clv.BGNBD.fit(WEEKS),
    "GammaGamma": lambda: crm.clv.GammaGamma(6.25, 3.74, 15.44),
    "MBGCNBDk": lambda: crm.clv.MBGCNBDk(0.5, 2.0, 0.8, 2.5, k=2),
    "MBGNBD": lambda: crm.clv.MBGNBD(0.5, 6.0, 0.9, 1.6),
    "MarkovChain": lambda: crm.clv.MarkovChain([[0.3, 0.7], [0.0, 1.0]], [40, 0]),
    "Material": material,
    "Moments": lambda: structural().moments,
    "OneFactor": lambda: crm.surveys.fit_one_factor(np.corrcoef(ANSWERS.T)),
    "ParetoNBD": lambda: crm.clv.ParetoNBD(0.55, 10.6, 0.6, 11.7),
    "ParetoNBDCovariates": lambda: crm.clv.ParetoNBDCovariates(
        r=0.55, alpha=10.6, s=0.6, beta=11.7, purchase={"web": 0.1}
    ),
    "Profit": lambda: crm.churn.empc(contracts(), **MONEY),
    "RegainModel": regain,
    "Rules": crm.rfm.rules,
    "SatisfactionLink": link,
    "ShiftedBetaGeometric": lambda: crm.clv.ShiftedBetaGeometric(0.7, 1.2),
    "SnapshotSplit": snapshots,
    "StructuralBootstrap": lambda: crm.satisfaction.bootstrap_structural(
        structural(), ANSWERS, draws=50, seed=1
    ),
    "StructuralFit": structural,
    "StructuralModel": crm.satisfaction.ecsi,
    "Totals": totals,
    "TLearner": lambda: crm.churn.uplift.TLearner(None),
    "TransitionEstimate": moves,
    "UpliftModel": uplift,
    "ValueCuts": lambda: crm.decisions.ValueCuts(1.0, 2.0),
    "XLearner": lambda: crm.churn.uplift.XLearner(None, None),
}
OTHERS = {
    "breaks of 31 groups": lambda: crm.rfm.breaks(WEEKS, method="nested"),
    "cells of polars": lambda: crm.clv.count_cells(polars(WEEKS)),
    "a cleaned log of polars": lambda: crm.clean(polars(LOG), until="1997-09-30"),
    "a link by group": lambda: link("shop"),
    "a saturated hazard": lambda: crm.churn.DiscreteHazard.fit(contracts(), baseline="saturated"),
    "a mixture": lambda: crm.segments.fit_clusters(WEEKS, 3, method="gmm"),
    "a solution": lambda: structural().solution,
    "states that are numbers": lambda: crm.clv.MarkovChain(np.eye(30), np.ones(30)),
}


def polars(frame):
    return pytest.importorskip("polars").DataFrame(frame.to_dict("list"))


class Balanced(HTMLParser):
    """Raises where tags do not close in the order in which they opened."""

    def __init__(self):
        super().__init__()
        self.open = []

    def handle_starttag(self, tag, attrs):
        if tag != "br":
            self.open.append(tag)

    def handle_endtag(self, tag):
        assert self.open.pop() == tag


def test_none_is_forgotten():
    assert set(MADE) == set(PUBLIC) - ABSTRACT


@pytest.mark.parametrize("made", [*MADE.values(), *OTHERS.values()], ids=[*MADE, *OTHERS])
def test_it_reads_well(made):
    shown = made()
    lines = repr(shown).splitlines()
    assert 0 < len(lines) <= LINES
    shortest = min(len(line) for line in lines)
    assert shortest > 0
    for sign in ("array(", "<bound", "object at 0x", "e+0"):
        assert sign not in repr(shown)
    if isinstance(shown, Shown):
        assert len(lines) == 1 or max(map(len, lines)) <= WIDTH
        parser = Balanced()
        parser.feed(shown._repr_html_())
        assert parser.open == []
        assert len(shown._repr_html_()) < 20_000
    else:  # a small value: its text says how to make it again
        assert len(lines) == 1
        assert len(lines[0]) < 200


@pytest.mark.parametrize("name", sorted(set(PUBLIC) - ABSTRACT))
def test_what_holds_arrays_or_frames_tells_of_them(name):
    kinds = {str(field.type) for field in dataclasses.fields(PUBLIC[name]) if field.repr}
    if any("Floats" in kind or "DataFrame" in kind for kind in kinds):
        assert issubclass(PUBLIC[name], Shown)


class Named(Shown):
    def _told(self):
        return ["<b>bold</b> & more"]

    def _tables(self):
        table = pd.DataFrame({"<i>": ["<script>"], "n": [1234567.0], "none": [np.nan]})
        return {"": table, "<u>": pd.DataFrame({"n": range(1000)})}


def test_text_is_never_taken_for_markup():
    page = Named()._repr_html_()
    for tag in ("<b>bold", "<i>", "<script>", "<u>"):
        assert tag not in page
    assert "&lt;b&gt;bold&lt;/b&gt; &amp; more" in page


def test_long_tables_say_how_long():
    assert "... and 980 more rows" in repr(Named())
    assert "<p>... and 980 more rows</p>" in Named()._repr_html_()
    assert "1,234,567" in repr(Named())
    assert "NaN" not in repr(Named())


def test_lazy_frames_are_not_collected():
    pl = pytest.importorskip("polars")

    class Elsewhere(Shown):
        def _told(self):
            return ["elsewhere"]

        def _tables(self):
            return {"": pl.LazyFrame({"a": [1]})}

    assert "rows are not in memory" in repr(Elsewhere())
    assert "<th>a</th>" in Elsewhere()._repr_html_()


@pytest.mark.parametrize(
    ("value", "text"), [(0.0, "0"), (9999.4, "9999"), (-23570.0, "-23,570"), (np.inf, "inf")]
)
def test_numbers_have_four_digits_and_no_powers_of_ten(value, text):
    assert significant(value) == text
