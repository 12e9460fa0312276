"""Calibration of probabilities: true models are calibrated, wrong ones are found out."""

from __future__ import annotations

import numpy as np
import pandas as pd
import polars as pl
import pytest

from crmanalytics.clv import BGNBD
from crmanalytics.clv.diagnostics import activity_calibration, activity_scores
from crmanalytics.errors import InvalidValuesError, MissingColumnsError, ParameterError
from crmanalytics.inference import wilson_interval

TRUTH = BGNBD(r=0.243, alpha=4.414, a=0.793, b=2.426, unit="W")
HORIZON = 39.0


@pytest.fixture(scope="module")
def base():
    past = TRUTH.simulate(40_000, T=np.linspace(20, 39, 40_000), seed=1)
    later = TRUTH.simulate_future(past, HORIZON, draws=1, seed=2)[:, 0]
    return past.assign(frequency_holdout=later, duration_holdout=HORIZON)


def test_the_true_model_is_calibrated(base):
    table = activity_calibration(TRUTH, base, level=0.999)
    assert len(table) == 10
    assert table["customers"].sum() == len(base)
    assert ((table["low"] <= table["predicted"]) & (table["predicted"] <= table["high"])).all()
    assert (table["lowest"] <= table["predicted"]).all()
    assert (table["predicted"] <= table["highest"]).all()
    assert (table["highest"].to_numpy()[:-1] < table["lowest"].to_numpy()[1:]).all()
    scores = activity_scores(TRUTH, base).iloc[0]
    assert scores["calibration_error"] < 0.01
    assert scores["predicted"] == pytest.approx(scores["observed"], abs=0.01)
    assert 0 < scores["brier_skill"] < 1


def test_a_wrong_model_is_found_out(base):
    eager = BGNBD(r=1.0, alpha=4.414, a=0.1, b=2.426)
    table = activity_calibration(eager, base)
    assert (table["high"] < table["predicted"]).mean() > 0.8
    wrong, right = activity_scores(eager, base), activity_scores(TRUTH, base)
    for name in ("brier", "calibration_error", "largest_gap"):
        assert wrong[name].iloc[0] > right[name].iloc[0]


def test_being_alive_is_more_likely_than_buying(base):
    alive = activity_calibration(TRUTH, base, of="alive")
    assert (alive["predicted"] >= alive["observed"]).all()
    assert alive["highest"].max() == 1.0  # whoever never came back is alive for this model
    assert len(alive) < 10  # and these are in one group together


def test_figures_by_hand():
    rows = [
        (0, 0.0, 9.0, 0),
        (0, 0.0, 9.0, 1),
        (5, 8.0, 9.0, 1),
        (5, 8.0, 9.0, 2),
        (5, 1.0, 9.0, 0),
    ]
    names = ["frequency", "recency", "T", "frequency_holdout"]
    frame = pd.DataFrame(rows, columns=names).assign(duration_holdout=9.0)
    chance = TRUTH.probability_active(frame, 9.0).to_numpy()
    bought = np.array([0, 1, 1, 1, 0])
    table = activity_calibration(TRUTH, frame, bins=5)
    assert table["customers"].tolist() == [1, 2, 2]
    assert table["observed"].tolist() == [0.0, 0.5, 1.0]
    np.testing.assert_allclose(table["predicted"], np.unique(chance), rtol=1e-12)
    assert table["low"].tolist() == wilson_interval([0, 1, 2], [1, 2, 2])[0].tolist()
    scores = activity_scores(TRUTH, frame, bins=5).iloc[0]
    brier = ((chance - bought) ** 2).mean()
    assert scores["brier"] == pytest.approx(brier)
    assert scores["brier_skill"] == pytest.approx(1 - brier / 0.24)
    gaps = np.abs(table["predicted"] - table["observed"])
    assert scores["calibration_error"] == pytest.approx((gaps * [1, 2, 2]).sum() / 5)
    assert scores["largest_gap"] == pytest.approx(gaps.max())


def test_order_and_kind_of_rows(base):
    few = base.head(500)
    table = activity_calibration(TRUTH, few)
    shuffled = few.sample(frac=1, random_state=3)
    pd.testing.assert_frame_equal(activity_calibration(TRUTH, shuffled), table)
    polars = activity_calibration(TRUTH, pl.from_pandas(few))
    assert isinstance(polars, pl.DataFrame)
    np.testing.assert_allclose(polars["predicted"].to_numpy(), table["predicted"])


def test_where_nobody_bought_there_is_no_skill(base):
    none = base.head(50).assign(frequency_holdout=0)
    scores = activity_scores(TRUTH, none).iloc[0]
    assert np.isnan(scores["brier_skill"])
    assert scores["brier"] > 0


def test_what_is_refused(base):
    few = base.head(20)
    with pytest.raises(ParameterError, match="of must be one of"):
        activity_calibration(TRUTH, few, of="asleep")
    with pytest.raises(ParameterError, match="bins"):
        activity_scores(TRUTH, few, bins=0)
    with pytest.raises(ParameterError, match="level"):
        activity_calibration(TRUTH, few, level=95)
    with pytest.raises(MissingColumnsError, match="frequency_holdout"):
        activity_calibration(TRUTH, few.drop(columns="frequency_holdout"))
    with pytest.raises(InvalidValuesError, match="one length for all"):
        activity_scores(TRUTH, few.assign(duration_holdout=np.arange(1.0, 21.0)))
