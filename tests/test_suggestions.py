"""A column or an option that is misspelt is answered with the one that was meant, in every room."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

import crmanalytics as crm
from crmanalytics.errors import CRMAnalyticsError
from crmanalytics.wording import no_column

LOG = crm.datasets.load_cdnow_sample().head(400)
UNTIL = "1998-06-30"
CUSTOMERS = crm.summarize(LOG, until=UNTIL, unit="W").assign(region="north", clv=5.0)
GROUPS = CUSTOMERS.assign(segment="a", tier="a", period="2024-01")
DRAW = np.random.default_rng(1)
ROWS = pd.DataFrame(
    {
        "customer_id": range(60),
        "churned": np.arange(60) % 2,
        "churn_probability": DRAW.random(60),
        "duration": DRAW.integers(1, 9, 60),
        "contract": "monthly",
        "visits": DRAW.poisson(2, 60),
        "treated": np.arange(60) % 2,
        "uplift": DRAW.random(60),
        "clv": 100.0,
    }
)
SURVEY = pd.DataFrame(
    {
        "respondent_id": range(40),
        "answer": DRAW.integers(0, 11, 40),
        "happy": DRAW.integers(1, 6, 40),
        "quality": DRAW.integers(1, 6, 40),
        "loyal": np.arange(40) % 2,
        "region": ["north", "south"] * 20,
        "wave": ["a"] * 20 + ["b"] * 20,
    }
)
SALES = pd.DataFrame({"region": ["n", "s"], "amount": [9.0, 7.0], "cost": [3.0, 2.0]})
MONEY = {"clv": 200, "offer_cost": 10, "contact_cost": 1}
OFFER = {"offer_cost": 10, "contact_cost": 1, "acceptance": 0.3}
MODEL = crm.clv.BGNBD(r=0.243, alpha=4.414, a=0.793, b=2.426, unit="W")
SPEND = crm.clv.GammaGamma(p=6.25, q=3.74, v=15.44)
VALUED = {"horizon": 52, "discount_rate": 0.1, "margin": 0.3}
PLS = crm.satisfaction.structural_model({"Q": ["quality"], "S": ["happy"]}, ["Q -> S"])


def value(**changes):
    given = {"purchases": MODEL, "spend": SPEND, **VALUED} | changes
    return crm.clv.lifetime_value(CUSTOMERS, **given)


COLUMNS = {
    "summarize": (lambda: crm.summarize(LOG, until=UNTIL, customer_id="custmer_id"), "customer_id"),
    "summarize, default": (
        lambda: crm.summarize(LOG.rename(columns=str.upper), until=UNTIL),
        "DATE",
    ),
    "clean": (lambda: crm.clean(LOG, date="dat"), "date"),
    "split": (lambda: crm.split(LOG, at="1997-09-30", until=UNTIL, amount="amout"), "amount"),
    "rfm.score": (lambda: crm.rfm.score(CUSTOMERS.rename(columns={"orders": "Orders"})), "Orders"),
    "rfm.grid": (lambda: crm.rfm.grid(crm.rfm.score(CUSTOMERS), value="totl"), "total"),
    "rfm.profile": (
        lambda: crm.rfm.profile(GROUPS.rename(columns={"segment": "segmnt"})),
        "segmnt",
    ),
    "segments.concentration": (
        lambda: crm.segments.concentration(CUSTOMERS, value="totl"),
        "total",
    ),
    "segments.gini": (lambda: crm.segments.gini(CUSTOMERS, value="Total"), "total"),
    "segments.lorenz": (lambda: crm.segments.lorenz(CUSTOMERS, value="totall"), "total"),
    "segments.abc": (lambda: crm.segments.abc(CUSTOMERS, value="tot_al"), "total"),
    "segments.pyramid": (lambda: crm.segments.pyramid(CUSTOMERS, value="totl"), "total"),
    "segments.whale_curve": (lambda: crm.segments.whale_curve(CUSTOMERS, value="totl"), "total"),
    "segments.cluster": (lambda: crm.segments.cluster(CUSTOMERS, 2, ["totl"]), "total"),
    "segments.migration": (
        lambda: crm.segments.migration(GROUPS, GROUPS, state="segmet"),
        "segment",
    ),
    "cohorts.retention": (lambda: crm.cohorts.retention(LOG, until=UNTIL, date="dte"), "date"),
    "cohorts.survival": (
        lambda: crm.cohorts.survival(LOG, until=UNTIL, customer_id="customerid"),
        "customer_id",
    ),
    "profitability.cube": (
        lambda: crm.profitability.cube(SALES, by=["regoin"], costs="cost"),
        "region",
    ),
    "profitability.cube, costs": (
        lambda: crm.profitability.cube(SALES, by=["region"], costs="costt"),
        "cost",
    ),
    "clv.BGNBD.fit": (
        lambda: crm.clv.BGNBD.fit(CUSTOMERS.rename(columns={"recency": "recensy"})),
        "recensy",
    ),
    "clv.BGNBD.fit, weight": (
        lambda: crm.clv.BGNBD.fit(CUSTOMERS.assign(copies=1), weight="copis"),
        "copies",
    ),
    "clv.GammaGamma": (
        lambda: SPEND.expected_spend(CUSTOMERS.rename(columns={"monetary_value": "money_value"})),
        "money_value",
    ),
    "clv.lifetime_value": (lambda: value(margin="regon"), "region"),
    "clv.lifetime_value, spend": (lambda: value(spend="totl"), "total"),
    "clv.customer_equity": (lambda: crm.clv.customer_equity(CUSTOMERS, by="regon"), "region"),
    "clv.wallet_size": (
        lambda: crm.clv.discounting.wallet_size(
            CUSTOMERS, quantile=0.8, spend="total", segment="regoin"
        ),
        "region",
    ),
    "churn.auc": (lambda: crm.churn.auc(ROWS, target="churnd"), "churned"),
    "churn.evaluate": (
        lambda: crm.churn.evaluate(ROWS, score="churn_probabilty"),
        "churn_probability",
    ),
    "churn.empc": (
        lambda: crm.churn.empc(ROWS, **MONEY | {"clv": "cvl"}),
        "clv",
    ),
    "churn.kaplan_meier": (lambda: crm.churn.kaplan_meier(ROWS, by="contrct"), "contract"),
    "churn.kaplan_meier, duration": (
        lambda: crm.churn.kaplan_meier(ROWS, duration="duratoin"),
        "duration",
    ),
    "churn.logrank": (lambda: crm.churn.logrank(ROWS, "contrat"), "contract"),
    "churn.DiscreteHazard": (lambda: crm.churn.DiscreteHazard.fit(ROWS, ["visit"]), "visits"),
    "churn.calibration_by": (lambda: crm.churn.calibration_by(ROWS, by="contrct"), "contract"),
    "churn.ChurnClassifier": (
        lambda: crm.churn.ChurnClassifier(groups="customer").fit(ROWS, ROWS["churned"]),
        "customer_id",
    ),
    "churn.information_value": (lambda: crm.churn.information_value(ROWS, ["visit"]), "visits"),
    "churn.drift": (lambda: crm.churn.drift(ROWS, ROWS, columns=["visit"]), "visits"),
    "churn.uplift.qini": (
        lambda: crm.churn.uplift.qini(ROWS, outcome="churnd", normalization="none"),
        "churned",
    ),
    "churn.uplift.treatment_effect": (
        lambda: crm.churn.uplift.treatment_effect(ROWS, "churned", treatment="treatd"),
        "treated",
    ),
    "surveys.encode": (lambda: crm.surveys.encode(SURVEY, "hapy", {1: 1}), "happy"),
    "surveys.reverse": (lambda: crm.surveys.reverse(SURVEY, ["hapy"], scale=(1, 5)), "happy"),
    "surveys.to_long": (lambda: crm.surveys.to_long(SURVEY, ["hapy"]), "happy"),
    "surveys.rake": (lambda: crm.surveys.rake(SURVEY, {"regoin": {"north": 1.0}}), "region"),
    "surveys.reliability": (
        lambda: crm.surveys.reliability(SURVEY, ["happy", "qualty", "loyal"]),
        "quality",
    ),
    "satisfaction.nps": (lambda: crm.satisfaction.nps(SURVEY, "anwser"), "answer"),
    "satisfaction.nps, by": (lambda: crm.satisfaction.nps(SURVEY, "answer", by="regoin"), "region"),
    "satisfaction.csat": (lambda: crm.satisfaction.csat(SURVEY, "hapy", scale=(1, 5)), "happy"),
    "satisfaction.change": (
        lambda: crm.satisfaction.change(SURVEY, "answer", between="wav"),
        "wave",
    ),
    "satisfaction.drivers": (
        lambda: crm.satisfaction.drivers(SURVEY, "answer", ["hapy", "quality"]),
        "happy",
    ),
    "satisfaction.fit_structural": (
        lambda: crm.satisfaction.fit_structural(SURVEY.rename(columns={"happy": "hapy"}), PLS),
        "hapy",
    ),
    "loyalty.satisfaction_link": (
        lambda: crm.loyalty.satisfaction_link(SURVEY, "hapy", "loyal"),
        "happy",
    ),
    "loyalty.apostle_types": (
        lambda: crm.loyalty.apostle_types(SURVEY, "happy", "loyl", satisfied_from=4, loyal_from=1),
        "loyal",
    ),
    "decisions.retention_plan": (
        lambda: crm.decisions.retention_plan(ROWS, **OFFER, clv="cvl"),
        "clv",
    ),
    "decisions.retention_plan, uplift": (
        lambda: crm.decisions.retention_plan(ROWS, **OFFER, uplift="upift"),
        "uplift",
    ),
    "decisions.scorecard": (lambda: crm.decisions.scorecard(CUSTOMERS, ["totl"]), "total"),
    "decisions.value_cuts": (
        lambda: crm.decisions.value_cuts(CUSTOMERS, method="mean", current="totl", potential="clv"),
        "total",
    ),
    "decisions.learn_axis": (
        lambda: crm.decisions.learn_axis(CUSTOMERS, "totl", at="mean"),
        "total",
    ),
    "weighting.entropy": (lambda: crm.weighting.entropy(CUSTOMERS, ["totl", "orders"]), "total"),
}
OPTIONS = {
    "summarize": (lambda: crm.summarize(LOG, until=UNTIL, occasion="dya"), "day"),
    "clean": (lambda: crm.clean(LOG, refunds="mtach"), "match"),
    "rfm.breaks": (lambda: crm.rfm.breaks(CUSTOMERS, method="quantlie"), "quantile"),
    "rfm.rules": (lambda: crm.rfm.rules("defualt"), "default"),
    "segments.fit_clusters": (
        lambda: crm.segments.fit_clusters(CUSTOMERS, 2, method="kmean"),
        "kmeans",
    ),
    "cohorts.retention": (
        lambda: crm.cohorts.retention(LOG, until=UNTIL, value="revenu"),
        "revenue",
    ),
    "profitability.cube": (
        lambda: crm.profitability.cube(SALES, by=["region"], costs="cost", sets="cueb"),
        "cube",
    ),
    "profitability.CostPool": (
        lambda: crm.profitability.CostPool("a", 1.0, "amout", "x"),
        "amount",
    ),
    "clv.interval": (lambda: crm.clv.interval(lambda m: 1.0, scale="lgoit"), "logit"),
    "clv.lifetime_value": (lambda: value(timing="midle"), "middle"),
    "churn.ChurnClassifier": (
        lambda: crm.churn.ChurnClassifier("bosting").fit(ROWS[["visits"]], ROWS["churned"]),
        "boosting",
    ),
    "churn.ChurnClassifier, calibration": (
        lambda: crm.churn.ChurnClassifier(calibration="sigmod").fit(
            ROWS[["visits"]], ROWS["churned"]
        ),
        "sigmoid",
    ),
    "churn.DiscreteHazard": (
        lambda: crm.churn.DiscreteHazard.fit(ROWS, baseline="satuarted"),
        "saturated",
    ),
    "churn.calibration": (lambda: crm.churn.calibration(ROWS, binning="quantle"), "quantile"),
    "satisfaction.nps": (lambda: crm.satisfaction.nps(SURVEY, "answer", method="moover"), "mover"),
    "satisfaction.csat": (
        lambda: crm.satisfaction.csat(SURVEY, "happy", scale=(1, 5), method="wilsn"),
        "wilson",
    ),
    "satisfaction.drivers": (
        lambda: crm.satisfaction.drivers(SURVEY, "answer", ["happy", "quality"], method="jonson"),
        "johnson",
    ),
    "satisfaction.change": (
        lambda: crm.satisfaction.change(SURVEY, "answer", between="wave", adjust="home"),
        "holm",
    ),
    "satisfaction.fit_structural": (
        lambda: crm.satisfaction.fit_structural(SURVEY, PLS, scheme="pth"),
        "path",
    ),
    "satisfaction.fit_structural, missing": (
        lambda: crm.satisfaction.fit_structural(SURVEY, PLS, missing="listwice"),
        "listwise",
    ),
    "satisfaction.composite_plan": (
        lambda: crm.satisfaction.composite_plan({"a": ["x", "y"]}, aggregate="geomtric"),
        "geometric",
    ),
    "loyalty.satisfaction_link": (
        lambda: crm.loyalty.satisfaction_link(SURVEY, "happy", "loyal", forms=["isotnic"]),
        "isotonic",
    ),
    "decisions.retention_plan": (
        lambda: crm.decisions.retention_plan(ROWS, **OFFER, budget_covers="everyon"),
        "everyone",
    ),
    "decisions.scorecard": (
        lambda: crm.decisions.scorecard(CUSTOMERS, ["total"], weights="entrpy"),
        "entropy",
    ),
    "decisions.learn_axis": (
        lambda: crm.decisions.learn_axis(CUSTOMERS, "total", at="medain"),
        "median",
    ),
    "weighting.ahp": (
        lambda: crm.weighting.ahp(pd.DataFrame([[1.0]]), method="eigenvectr"),
        "eigenvector",
    ),
}
CASES = [pytest.param(*case, id=f"column of {name}") for name, case in COLUMNS.items()]
CASES += [pytest.param(*case, id=f"option of {name}") for name, case in OPTIONS.items()]


@pytest.mark.parametrize(("call", "meant"), CASES)
def test_the_nearest_name_is_suggested(call, meant):
    with pytest.raises(CRMAnalyticsError) as caught:
        call()
    assert f"did you mean {meant!r}?" in str(caught.value)


def test_of_very_many_columns_only_some_are_listed():
    text = no_column("customers", "age", [f"x{n}" for n in range(500)])
    assert text.endswith("'x19' and 480 more.")
