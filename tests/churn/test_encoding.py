"""Columns as a classifier sees them: those that hardly vary."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from crmanalytics.churn import ChurnClassifier
from crmanalytics.churn.encoding import Encoder


def test_of_a_single_value_only_its_absence_counts():
    frame = pd.DataFrame({"gap": [np.nan, 3.0, 3.0, np.nan]})
    assert Encoder.learn(frame, "smooth").encode(frame).tolist() == [[1.0], [0.0], [0.0], [1.0]]


@pytest.mark.parametrize("estimator", ["logistic", "boosting"])
def test_such_a_column_is_learnt_from(estimator):
    churned = np.arange(200) % 2
    frame = pd.DataFrame({"gap": np.where(churned, np.nan, 3.0), "same": 1.0, "none": np.nan})
    found = ChurnClassifier(estimator).fit(frame, churned).probability(frame)
    assert found[churned == 1].min() > found[churned == 0].max()
