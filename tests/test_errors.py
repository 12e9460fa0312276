"""The exceptions: one family, and what a caller may catch."""

from __future__ import annotations

import inspect
import re

import pytest

import crmanalytics as crm
from crmanalytics import errors

FAMILY = [getattr(errors, name) for name in errors.__all__]


@pytest.mark.parametrize(
    ("error", "parents"),
    [
        (errors.DataError, (errors.CRMAnalyticsError, ValueError)),
        (errors.MissingColumnsError, (errors.DataError,)),
        (errors.InvalidValuesError, (errors.DataError,)),
        (errors.ParameterError, (errors.CRMAnalyticsError, ValueError)),
        (errors.FitError, (errors.CRMAnalyticsError, RuntimeError)),
        (errors.ConvergenceError, (errors.FitError,)),
        (errors.FormatError, (errors.CRMAnalyticsError, ValueError)),
        (errors.MissingExtraError, (errors.CRMAnalyticsError, ImportError)),
    ],
)
def test_the_tree_is_the_one_drawn(error, parents):
    assert error.__bases__ == parents


def test_every_exception_is_exported_drawn_and_of_the_family():
    defined = {n for n, c in inspect.getmembers(errors, inspect.isclass) if c in FAMILY}
    drawn = set(re.findall(r"\b(\w+Error)\b", errors.__doc__))
    assert defined == set(errors.__all__) <= drawn
    assert all(issubclass(error, errors.CRMAnalyticsError) for error in FAMILY)


def test_an_argument_is_never_mistaken_for_a_frame():
    assert not issubclass(errors.ParameterError, errors.DataError)
    assert not issubclass(errors.DataError, errors.ParameterError)


@pytest.mark.parametrize(
    "wrong",
    [
        lambda: crm.summarize("log.csv", until="1997-09-30"),
        lambda: crm.clv.BGNBD(r=-1, alpha=1, a=1, b=1),
        lambda: crm.summarize(crm.datasets.load_cdnow_sample(), customer_id="who"),
    ],
)
def test_one_clause_catches_whatever_the_library_raises(wrong):
    with pytest.raises(errors.CRMAnalyticsError):
        wrong()
    with pytest.raises(ValueError, match=r"."):
        wrong()
