"""Panels: each row knows no more than its snapshot, and splits keep what was not known apart."""

from __future__ import annotations

import numpy as np
import pandas as pd
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import cross_val_score

import crmanalytics as crm
from crmanalytics.churn import SnapshotSplit, features, label, panel
from crmanalytics.errors import ParameterError

DAYS = ["1997-10-01", "1997-08-01", "1997-12-01"]
WINDOWS = {"horizon": 60, "gap": 7, "observation": 180}


@pytest.fixture(scope="module")
def log():
    return crm.datasets.load_cdnow_sample()


@pytest.fixture(scope="module")
def rows(log):
    return panel(log, snapshots=DAYS, **WINDOWS)


def test_each_snapshot_has_its_own_labels_and_features(log, rows):
    for day in DAYS:
        mine = rows[rows["snapshot"] == day].reset_index(drop=True)
        labels = label(log, at=day, **WINDOWS)
        described = features(log, at=day).set_index("customer_id").loc[labels["customer_id"]]
        pd.testing.assert_frame_equal(mine[labels.columns], labels)
        pd.testing.assert_frame_equal(
            mine[described.columns], described.reset_index(drop=True), check_dtype=False
        )
    assert rows["snapshot"].is_monotonic_increasing
    assert rows.attrs["crmanalytics"]["snapshots"] == sorted(DAYS)


def test_what_comes_after_the_windows_changes_nothing(log, rows):
    cut = log[log["date"] < rows["outcome_end"].max()]
    pd.testing.assert_frame_equal(rows, panel(cut, snapshots=DAYS, **WINDOWS, until="1998-06-30"))


def test_a_model_may_be_fitted_at_each_snapshot(log):
    found = panel(log, snapshots=DAYS, **WINDOWS, extra={"purchases": crm.clv.MBGNBD.fit})
    alone = features(log, at=DAYS[0], purchases=crm.clv.MBGNBD.fit).set_index("customer_id")
    mine = found[found["snapshot"] == DAYS[0]].set_index("customer_id")["p_alive"]
    np.testing.assert_array_equal(mine, alone.loc[mine.index, "p_alive"])


def test_other_kinds_of_frames(log, rows):
    theirs = panel(pl.from_pandas(log), snapshots=DAYS, **WINDOWS)
    assert theirs.columns == list(rows.columns)
    assert theirs["churned"].to_list() == rows["churned"].tolist()
    assert theirs["spend"].to_list() == rows["spend"].tolist()


@pytest.mark.parametrize(
    ("wrong", "told"),
    [
        ({"snapshots": []}, "snapshots"),
        ({"snapshots": [DAYS[0]] * 2}, "none of them twice"),
        ({"snapshots": ["1998-06-01"]}, "not covered"),
        ({"extra": {"colour": 1}}, "has no argument 'colour'"),
    ],
)
def test_wrong_arguments_are_told(log, wrong, told):
    with pytest.raises(ParameterError, match=told):
        panel(log, **{"snapshots": DAYS, **WINDOWS} | wrong)


def test_labels_that_were_not_known_are_purged(rows):
    # 1 August + 67 days end on 7 October: not known on the 1st, but on 1 December
    split = SnapshotSplit(rows)
    assert split.get_n_splits() == 1
    train, test = next(split.split(rows))
    assert set(rows["snapshot"].iloc[train].astype(str)) == {"1997-08-01"}
    assert set(rows["snapshot"].iloc[test].astype(str)) == {"1997-12-01"}


def test_an_embargo_keeps_more_apart(rows):
    assert SnapshotSplit(rows, embargo=55).get_n_splits() == 1
    with pytest.raises(ParameterError, match="further apart"):
        SnapshotSplit(rows, embargo=56)
    with pytest.raises(ParameterError, match="n_splits"):
        SnapshotSplit(rows, n_splits=2)
    with pytest.raises(ParameterError, match="rows of the panel"):
        next(SnapshotSplit(rows).split(rows.head(3)))


def test_scikit_learn_takes_it_as_cross_validation(log):
    monthly = [f"1997-{month:02d}-01" for month in range(7, 13)]
    known = panel(log, snapshots=monthly, horizon=30, observation=90)
    X = known[["days_since_last", "purchases", "purchases_90d"]]
    split = SnapshotSplit(known, n_splits=3)
    scores = cross_val_score(
        LogisticRegression(max_iter=1000), X, known["churned"], cv=split, scoring="roc_auc"
    )
    assert len(scores) == 3
    assert (scores > 0.6).all()


@given(
    starts=st.lists(st.integers(0, 100), min_size=2, max_size=12),
    length=st.integers(1, 40),
    embargo=st.integers(0, 10),
)
def test_nothing_is_learned_from_that_was_not_known(starts, length, embargo):
    days = (np.datetime64("2024-01-01") + np.array(starts).astype("m8[D]")).astype("M8[us]")
    rows = pd.DataFrame({"snapshot": days, "outcome_end": days + np.timedelta64(length, "D")})
    try:
        split = SnapshotSplit(rows, embargo=embargo)
    except ParameterError:
        assert max(starts) < min(starts) + length + embargo
        return
    for train, test in split.split(rows):
        at = rows["snapshot"].iloc[test].unique()
        assert len(at) == 1
        assert len(train)
        ends = rows["outcome_end"].iloc[train] + np.timedelta64(embargo, "D")
        assert (ends <= at[0]).all()
        assert not set(train) & set(test)
