"""How models and fits look where they are seen."""

from __future__ import annotations

import numpy as np
import pytest

from crmanalytics.clv import BGNBD, BGCNBDk, BGNBDCovariates, GammaGamma, ShiftedBetaGeometric
from crmanalytics.datasets import load_cdnow_summary


@pytest.fixture(scope="module")
def customers():
    frame = load_cdnow_summary()
    return frame.assign(late=np.arange(len(frame)) % 2)


def test_a_model_says_how_to_make_it_again():
    model = BGNBD(0.243, 4.414, 0.793, 2.426, unit="W")
    assert eval(repr(model)) == model  # noqa: S307 - our own text


def test_a_model_is_a_small_table_in_a_notebook():
    shown = BGCNBDk(0.5, 2.0, 0.8, 2.5, k=3, unit="D")._repr_html_()
    for part in ("BGCNBDk, time in D", "<th>alpha</th>", "<td>2</td>", "<td>3</td>"):
        assert part in shown
    assert "time in" not in ShiftedBetaGeometric(0.7, 1.2)._repr_html_()


def test_a_fit_says_what_it_found(customers):
    fit = BGNBD.fit(customers, unit="W")
    lines = repr(fit).splitlines()
    assert lines[0] == "BGNBD fitted to 2,357 customers, time in W"
    assert lines[1].startswith("log-likelihood -9,582.43, AIC 19,172.85")
    assert len(lines) == 4 + len(fit.parameters)
    shown = fit._repr_html_()
    assert lines[0] in shown
    assert "<th>alpha</th>" in shown


def test_a_penalty_is_told_and_weights_are_counted(customers):
    fit = GammaGamma.fit(customers[customers["frequency"] > 0])
    assert "penalty" not in repr(fit)
    shrunk = BGNBD.fit(customers.assign(copies=1.5), weight="copies", penalty=0.1)
    assert "fitted to 3,535.5 customers" in repr(shrunk)
    assert "penalty 0.10" in repr(shrunk)


def test_coefficients_are_named(customers):
    fit = BGNBDCovariates.fit(customers, purchase_covariates=["late"])
    assert "late" in repr(fit)
