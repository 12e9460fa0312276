"""crmanalytics churn train and score."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

SNAPSHOTS = ["--snapshot", "1997-10-01", "--snapshot", "1998-01-01", "--horizon", "90"]


@pytest.fixture
def table(tmp_path):
    draw = np.random.default_rng(1)
    n = 300
    frame = pd.DataFrame(
        {
            "customer_id": [f"K{each}" for each in range(n)],
            "tenure": draw.integers(1, 60, n),
            "plan": draw.choice(["monthly", "yearly"], n),
            "spend": np.where(draw.random(n) < 0.1, np.nan, draw.gamma(2, 20, n).round(2)),
        }
    )
    left = draw.random(n) < np.where(frame["plan"] == "monthly", 0.7, 0.2)
    frame["left"] = np.where(left, "Yes", "No")
    path = tmp_path / "customers.csv"
    frame.to_csv(path, index=False)
    return path


def test_a_table_is_learnt_and_scored(run, table, tmp_path):
    code, out, err = run("churn", "train", table, "--out", tmp_path / "m", "--target", "left")
    assert (code, err) == (0, "")
    assert "300 rows" in out
    again = run("churn", "train", table, "--out", tmp_path / "n", "--target", "left")
    assert again[0] == 0
    for name in ("churn_classifier.json", "columns.csv"):
        assert (tmp_path / "m" / name).read_bytes() == (tmp_path / "n" / name).read_bytes()
    scores = tmp_path / "scores.csv"
    code, out, err = run("churn", "score", table, "--model", tmp_path / "m", "--out", scores)
    assert (code, err) == (0, "")
    assert "300 customers" in out
    found = pd.read_csv(scores)
    names = ["customer_id", "churn_probability", "reason_1", "reason_2", "reason_3"]
    assert found.columns.tolist() == names
    assert found["churn_probability"].between(0, 1).all()
    assert found["reason_1"].str.contains("plan").mean() > 0.5


def test_a_log_is_learnt_and_scored(run, csv, tmp_path):
    model = tmp_path / "m"
    code, out, err = run("churn", "train", csv, "--out", model, *SNAPSHOTS)
    assert (code, err) == (0, "")
    assert "calibration: sigmoid, on the latest" in out
    scores = tmp_path / "scores.parquet"
    code, _, err = run("churn", "score", csv, "--model", model, "--out", scores)
    assert (code, err) == (0, "")
    found = pd.read_parquet(scores)
    assert found["customer_id"].is_unique
    assert found["churn_probability"].between(0, 1).all()


def test_what_will_not_do_is_refused(refused, table, csv, tmp_path):
    out = ("--out", tmp_path / "m")
    assert "no column 'gone'" in refused("churn", "train", table, *out, "--target", "gone")
    assert "two different --snapshot" in refused("churn", "train", csv, *out)
    assert "not both" in refused("churn", "train", table, *out, "--target", "left", *SNAPSHOTS)
    scored = ("--out", tmp_path / "s.csv")
    assert "no such file" in refused("churn", "score", csv, "--model", tmp_path / "m", *scored)
    (tmp_path / "m").mkdir()
    (tmp_path / "m" / "churn_classifier.json").write_text("{")
    told = refused("churn", "score", csv, "--model", tmp_path / "m", *scored)
    assert "is not a whole JSON document" in told
