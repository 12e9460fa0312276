"""Profit and other measures of a million churn scores: ours beside empulse and scikit-learn.

Run it with ``python benchmarks/churn_metrics.py [customers] [draws]``. All sides measure the same
scores in the same run, and results are compared before anything is printed; the figures are CPU
seconds (medians of three). empulse is used where it is installed. The bootstrap is compared with
the usual formulation: rows drawn again with replacement, and each measure taken anew.
"""

from __future__ import annotations

import statistics
import sys
import time

import numpy as np
import pandas as pd
from sklearn.metrics import average_precision_score, brier_score_loss, roc_auc_score

from crmanalytics.churn import auc, drift, empc, evaluate
from crmanalytics.churn.uplift import qini
from crmanalytics.decisions import retention_plan

MONEY = {"clv": 200, "offer_cost": 10, "contact_cost": 1}


def scores(customers: int) -> pd.DataFrame:
    draw = np.random.default_rng(20240607)
    p = draw.beta(1, 3, customers)
    return pd.DataFrame(
        {
            "customer_id": np.arange(customers),
            "churned": (draw.random(customers) < p).astype(int),
            "churn_probability": p,
            "clv": draw.gamma(2, 100, customers),
            "treated": draw.integers(0, 2, customers),
        }
    )


def cpu_seconds(function, *given, times: int = 3):
    found = []
    for _ in range(times):
        start = time.process_time()
        result = function(*given)
        found.append(time.process_time() - start)
    return statistics.median(found), result


def plain_bootstrap(frame: pd.DataFrame, draws: int) -> np.ndarray:
    y, p = frame["churned"].to_numpy(), frame["churn_probability"].to_numpy()
    draw = np.random.default_rng(0)
    found = []
    for _ in range(draws):
        at = draw.integers(0, len(y), len(y))
        again = y[at], p[at]
        top = np.argsort(-again[1])[: len(y) // 10]
        found.append(
            [
                roc_auc_score(*again),
                average_precision_score(*again),
                brier_score_loss(*again),
                again[0][top].mean() / again[0].mean(),
            ]
        )
    return np.std(found, axis=0, ddof=1)


def compare_profit(frame: pd.DataFrame) -> None:
    ours, found = cpu_seconds(lambda: empc(frame, **MONEY))
    try:
        from empulse.metrics import empc_score
    except ImportError:
        print(f"EMPC           {ours:7.3f} CPU s (empulse is not installed)")
        return
    y, p = frame["churned"].to_numpy(), frame["churn_probability"].to_numpy()
    theirs, value = cpu_seconds(
        lambda: empc_score(y, p, clv=200, incentive_cost=10, contact_cost=1)
    )
    np.testing.assert_allclose(found.profit, value, rtol=1e-9)
    print(f"EMPC           {ours:7.3f} CPU s; empulse {theirs:7.3f}")


def compare_area(frame: pd.DataFrame) -> None:
    ours, found = cpu_seconds(lambda: auc(frame))
    theirs, value = cpu_seconds(lambda: roc_auc_score(frame["churned"], frame["churn_probability"]))
    np.testing.assert_allclose(found, value, rtol=1e-12)
    print(f"AUC            {ours:7.3f} CPU s; scikit-learn {theirs:7.3f}")


def compare_bootstrap(frame: pd.DataFrame, draws: int) -> None:
    judged = frame.drop(columns="customer_id")
    ours, table = cpu_seconds(lambda: evaluate(judged, draws=draws, **MONEY), times=1)
    theirs, errors = cpu_seconds(plain_bootstrap, judged, draws, times=1)
    named = table.set_index("metric")["standard_error"]
    mine = named[["auc", "average_precision", "brier", "lift_10%"]]
    np.testing.assert_allclose(mine, errors, rtol=0.8)
    print(f"{draws} draws of 14 measures, profits among them {ours:7.2f} CPU s")
    print(f"{draws} draws of 4 measures, plain formulation   {theirs:7.2f} CPU s")


def main() -> None:
    given = [int(each) for each in sys.argv[1:3]]
    customers, draws = (given + [1_000_000, 20][len(given) :])[:2]
    frame = scores(customers)
    compare_profit(frame)
    compare_area(frame)
    compare_bootstrap(frame, draws)
    costs = {"offer_cost": 10, "contact_cost": 1, "acceptance": 0.3}
    limits = {"budget": customers / 4, "capacity": customers // 10}
    uplifted = frame.assign(uplift=frame["churn_probability"])
    for name, function in (
        ("retention plan", lambda: retention_plan(frame, **costs, **limits)),
        ("Qini", lambda: qini(uplifted, outcome="churned", normalization="end")),
        ("drift, 3 columns", lambda: drift(frame, frame, ["churn_probability", "clv", "treated"])),
    ):
        print(f"{name:<16} {cpu_seconds(function)[0]:7.2f} CPU s")


if __name__ == "__main__":
    main()
