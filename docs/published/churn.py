"""Measures of churn, credit and uplift: values of papers' formulas that other packages give."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

import crmanalytics as crm
from published import numbers

if TYPE_CHECKING:
    from collections.abc import Iterator

    from published import Number

THEME = "Churn scores"
SOURCE = "empulse 0.11.1, 221 scores of its tests"
SCORES = Path(__file__).parents[2] / "tests" / "churn" / "scored_221.csv"
MONEY = {"clv": 200, "offer_cost": 10, "contact_cost": 1}


def _scored() -> pd.DataFrame:
    churned, score = np.loadtxt(SCORES, delimiter=",", skiprows=1, unpack=True)
    return pd.DataFrame({"churned": churned, "churn_probability": score})


def published() -> Iterator[Number]:
    """Give the numbers."""
    scored = _scored()
    for source, found in (
        (SOURCE, _expected_profit(scored)),
        (SOURCE, _maximum_profit(scored)),
        (SOURCE, _ranking(scored)),
        ("empulse 0.13.1, the same scores", _credit(scored)),
    ):
        yield from numbers(THEME, source, found)
    index = crm.churn.stability_index([1 / 3] * 3, [1 / 6, 1 / 3, 1 / 2])
    yield from numbers(THEME, "toad", {"PSI of three bins": ("0.1831020481", index)})


def _expected_profit(scored: pd.DataFrame) -> dict[str, tuple[str, float]]:
    churn = crm.churn
    usual = churn.empc(scored, **MONEY)
    return {
        "EMPC": ("14.9946647690", usual.profit),
        "EMPC, share to contact": ("0.5807038600", usual.target_rate),
        "EMPC, acceptance Beta(2, 14)": (
            "5.0451807756", churn.empc(scored, acceptance=(2, 14), **MONEY).profit,
        ),
        "EMPC, value of 50": (
            "1.6272913798", churn.empc(scored, **{**MONEY, "clv": 50}).profit,
        ),
        "EMPC, offer of 100": (
            "1.9549711658", churn.empc(scored, **{**MONEY, "offer_cost": 100}).profit,
        ),
    }  # fmt: skip


def _maximum_profit(scored: pd.DataFrame) -> dict[str, tuple[str, float]]:
    usual = crm.churn.mpc(scored, acceptance=0.3, **MONEY)
    fewer = crm.churn.mpc(scored, acceptance=0.2, **MONEY)
    cost = crm.churn.expected_cost(scored, acceptance=0.3, **MONEY)
    at = crm.decisions.break_even_probability(acceptance=0.3, **MONEY)
    return {
        "MPC, acceptance 0.3": ("14.8144796380", usual.profit),
        "MPC, share to contact": ("0.6651583710", usual.target_rate),
        "MPC, acceptance 0.2": ("9.0226244344", fewer.profit),
        "expected cost": ("-10.0804488651", cost),
        "break-even probability": ("0.1641791045", float(at)),
    }


def _ranking(scored: pd.DataFrame) -> dict[str, tuple[str, float]]:
    churn = crm.churn
    return {
        "lift of 10 %": ("2.7149877150", churn.lift(scored, share=0.1)),
        "lift of 20 %": ("2.3077395577", churn.lift(scored, share=0.2)),
        "AUC": ("0.8652325795", churn.auc(scored)),
        "Gini": ("0.7304651590", churn.gini(scored)),
        "Brier score": ("0.1413149974", churn.brier(scored)),
        "average precision": ("0.7327674543", churn.average_precision(scored)),
    }


def _credit(scored: pd.DataFrame) -> dict[str, tuple[str, float]]:
    def profit(roi: float, no_loss: float, total_loss: float) -> float:
        found = crm.churn.emp_credit(scored, roi=roi, no_loss=no_loss, total_loss=total_loss)
        return found.profit

    return {
        "EMP of credit": ("0.0627588763", profit(0.2644, 0.55, 0.1)),
        "EMP of credit, return of 0.1": ("0.0773808836", profit(0.1, 0.55, 0.1)),
    }
