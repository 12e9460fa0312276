"""Lifetime value: the papers' tables, and what other packages give on the same data."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

import crmanalytics as crm
from crmanalytics import clv
from published import numbers

if TYPE_CHECKING:
    from collections.abc import Iterator

    from published import Number

FHL = "Fader, Hardie & Lee (2005), Marketing Science 24(2)"
NOTE25 = "Fader & Hardie (2013), note 025"
FHS = "Fader, Hardie & Shang (2010), Marketing Science 29(6)"
SBG = "Fader & Hardie (2007), J. Interactive Marketing 21(1)"
CLVTOOLS = "CLVTools (R), CDNOW"
BTYD = "BTYD (R), CDNOW"
BTYDPLUS = "BTYDplus (R), CDNOW"
REGULAR = [1000, 631, 468, 382, 326, 289, 262, 241]
HIGH_END = [1000, 869, 743, 653, 593, 551, 517, 491]


def published() -> Iterator[Number]:
    """Give the numbers."""
    summary = crm.datasets.load_cdnow_summary()
    log = crm.datasets.load_cdnow_sample()
    exact = crm.summarize(log, until="1997-09-30", unit="W")
    yield from _bg_nbd(summary, exact)
    yield from _others(summary, exact)
    yield from _bg_bb()
    yield from _contractual()
    yield from _discounted()


def _bg_nbd(summary: pd.DataFrame, exact: pd.DataFrame) -> Iterator[Number]:
    fit, model = clv.BGNBD.fit(summary), clv.BGNBD(0.243, 4.414, 0.793, 2.426)
    one = pd.DataFrame({"frequency": [2], "recency": [30.43], "T": [38.86]})
    found = dict(zip(("r", "alpha", "a", "b"), ("0.243", "4.414", "0.793", "2.426"), strict=True))
    estimates = {k: (v, getattr(fit.model, k)) for k, v in found.items()}
    estimates["log-likelihood"] = ("-9582.4", fit.log_likelihood)
    estimates["purchases in 39 weeks, x=2, t_x=30.43, T=38.86"] = (
        "1.226",
        model.expected_purchases(one, 39)[0],
    )
    yield from numbers("BG/NBD", FHL, estimates)
    ours = clv.BGNBD.fit(exact)
    errors = ours.parameters["standard_error"]
    yield from numbers(
        "BG/NBD",
        CLVTOOLS,
        {
            "log-likelihood": ("-9582.429207", ours.log_likelihood),
            "standard error of r": ("0.01256", errors["r"]),
            "standard error of b": ("0.7054", errors["b"]),
            "sum of P(alive)": ("1917.28", ours.model.probability_alive(exact).sum()),
            "sum of expected purchases, 39 weeks": (
                "1653.41",
                ours.model.expected_purchases(exact, 39).sum(),
            ),
        },
    )
    chances = ours.model.purchase_count_probability(np.arange(3), 39)
    printed = ("0.57430", "0.19919", "0.08532")
    counts = {f"P(X = {n}), new customer, 39 weeks": (printed[n], chances[n]) for n in range(3)}
    yield from numbers("BG/NBD", BTYD, counts)


def _others(summary: pd.DataFrame, exact: pd.DataFrame) -> Iterator[Number]:
    pareto = clv.ParetoNBD.fit(exact)
    first = exact.head(1)
    names = ("r", "alpha", "s", "beta")
    old = clv.ParetoNBD.fit(summary)
    printed = ("0.553", "10.578", "0.606", "11.669")
    classic = {k: (v, getattr(old.model, k)) for k, v in zip(names, printed, strict=True)}
    classic["log-likelihood"] = ("-9595.0", old.log_likelihood)
    yield from numbers("Pareto/NBD", FHL, classic, {"beta": 2})
    yield from numbers(
        "Pareto/NBD",
        CLVTOOLS,
        {
            "log-likelihood": ("-9594.97618", pareto.log_likelihood),
            "P(alive), customer 1": ("0.8692", pareto.model.probability_alive(first)[0]),
            "purchases in 39 weeks, customer 1": (
                "1.4553",
                pareto.model.expected_purchases(first, 39)[0],
            ),
        },
    )
    given = clv.ParetoNBD(0.5533971433, 10.5801985434, 0.6060624971, 11.6562236719)
    yield from numbers(
        "Pareto/NBD",
        BTYD,
        {
            "repeat purchases of a new customer, 52 weeks": (
                "1.47311269",
                given.expected_purchases_new(52),
            ),
            "P(X = 0), 52 weeks": ("0.57382427", given.purchase_count_probability([0], 52)[0]),
            "P(X = 1), 52 weeks": ("0.16052777", given.purchase_count_probability([1], 52)[0]),
        },
    )
    modified = clv.MBGNBD.fit(exact)
    two = pd.DataFrame({"frequency": [2, 0], "recency": [30.43, 0.0], "T": 38.86})
    alive = modified.model.probability_alive(two)
    yield from numbers(
        "MBG/NBD",
        BTYDPLUS,
        {
            "r": ("0.52484", modified.model.r),
            "alpha": ("6.1831", modified.model.alpha),
            "a": ("0.8914", modified.model.a),
            "b": ("1.6140", modified.model.b),
            "P(alive), x=2": ("0.7061", alive[0]),
            "P(alive), x=0, T=38.86": ("0.3897", alive[1]),
        },
    )
    spend = clv.GammaGamma.fit(summary)
    known = {"p": ("6.25", spend.model.p), "q": ("3.74", spend.model.q)}
    yield from numbers("Gamma-Gamma", NOTE25, known | {"v": ("15.44", spend.model.v)})
    mine = clv.GammaGamma.fit(exact)
    yield from numbers(
        "Gamma-Gamma",
        CLVTOOLS,
        {
            "log-likelihood": ("-4055.917695", mine.log_likelihood),
            "population mean": ("35.170", mine.model.mean_spend),
            "expected spend, customer 1": ("24.6540", mine.model.expected_spend(first)[0]),
        },
    )


def _bg_bb() -> Iterator[Number]:
    donors = crm.datasets.load_donations()
    fit = clv.BGBB.fit(donors, weight="weight")
    names = ("alpha", "beta", "gamma", "delta")
    printed = ("1.204", "0.750", "0.657", "2.783")
    found = {k: (v, getattr(fit.model, k)) for k, v in zip(names, printed, strict=True)}
    found["log-likelihood"] = ("-33225.6", fit.log_likelihood)
    yield from numbers("BG/BB", FHS, found)


def _contractual() -> Iterator[Number]:
    for name, cohort, alpha, beta, log_likelihood in (
        ("Regular", REGULAR, "0.704", "1.182", "-1680.27"),
        ("High End", HIGH_END, "0.668", "3.806", "-1611.16"),
    ):
        table = pd.DataFrame({"period": range(len(cohort)), "survivors": cohort})
        fit = clv.ShiftedBetaGeometric.fit_cohorts(table)
        found = {
            f"alpha, {name}": (alpha, fit.model.alpha),
            f"beta, {name}": (beta, fit.model.beta),
            f"log-likelihood, {name}": (log_likelihood, fit.log_likelihood),
        }
        yield from numbers("Shifted beta-geometric", SBG, found)


def _discounted() -> Iterator[Number]:
    chain = clv.markov.mailing_chain([0.3, 0.2, 0.15, 0.05], margin=40, mailing_cost=4)
    printed = ("52.3196", "5.5538", "1.2508", "-1.8200")
    values = chain.value(0.2, periods_per_year=1)
    found = {f"value at recency {n + 1}": (text, values.iloc[n]) for n, text in enumerate(printed)}
    source = "Pfeifer & Carraway (2000), J. Interactive Marketing 14(2)"
    yield from numbers("Markov chain", source, found)
    periodic = clv.discounting.cyclic_value(260.0, 50.0, 0.75, 0.2, cycles=10, cycles_per_year=1)
    source = "Berger & Nasr (1998), J. Interactive Marketing 12(1)"
    yield from numbers("Retention model", source, {"case 1": ("568.78", periodic)})
