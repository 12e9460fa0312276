"""Questions whose answers become shares or means."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from crmanalytics.errors import ParameterError
from crmanalytics.inference import read_sample
from crmanalytics.surveys.asked import columns_asked, estimate_asked, named


def test_three_ways_to_ask():
    survey = pd.DataFrame({"yes": [True, False, True], "rating": [9.0, 3.0, np.nan]})
    sample = read_sample(survey, "rating", flags=["yes"])
    assert estimate_asked(sample, "yes").estimate.tolist() == pytest.approx([2 / 3])
    assert estimate_asked(sample, ("rating", 9)).estimate.tolist() == [0.5]
    mean = estimate_asked(sample, ("rating", "mean"))
    assert (mean.estimate.tolist(), mean.n_missing.tolist()) == ([6.0], [1.0])


@pytest.mark.parametrize("asked", [("a",), ("a", "median"), (1, 2), ["a", 3]])
def test_other_ways_are_refused(asked):
    with pytest.raises(ParameterError, match="ask for a column"):
        columns_asked([asked])


def test_names_are_exact_and_codes_no_names():
    survey = pd.DataFrame({"first": [1, 2, 99]})
    sample = read_sample(survey, "first", no_answer=[99])
    np.testing.assert_array_equal(named(sample, "first", [1]), [1, 0, np.nan])
