"""fit keeps models, predict scores with them and fits nothing."""

from __future__ import annotations

import pandas as pd
import pytest

import crmanalytics as crm

MONEY = ["--until", "1998-06-30", "--horizon", "52", "--discount-rate", "0.1", "--margin", "0.3"]


@pytest.mark.parametrize("suffix", [".parquet", ".csv"])
def test_predict_repeats_the_scores(scored, csv, run, tmp_path, suffix):
    file = tmp_path / f"scores{suffix}"
    code, out, err = run("predict", csv, "--models", scored, "--out", file, *MONEY)
    assert (code, err) == (0, "")
    assert str(file) in out
    ours = pd.read_parquet(scored / "scores.parquet")
    if suffix == ".parquet":
        assert file.read_bytes() == (scored / "scores.parquet").read_bytes()
    else:
        found = pd.read_csv(file, parse_dates=["first_date", "last_date"])
        pd.testing.assert_frame_equal(found, ours, check_dtype=False, rtol=1e-12)


def test_fit_writes_the_models_that_score_writes(scored, csv, run, tmp_path):
    code, out, _ = run("fit", csv, "--out", tmp_path, "--until", "1998-06-30")
    assert code == 0
    assert "log-likelihood" in out
    for name in ("purchases", "spend", "rfm_breaks"):
        file = f"models/{name}.json"
        assert (tmp_path / file).read_bytes() == (scored / file).read_bytes()


def test_models_fitted_to_others_are_not_fitted_again(csv, log, run, tmp_path):
    few = log[log["customer_id"] < log["customer_id"].median()]
    few.to_csv(tmp_path / "few.csv", index=False)
    assert run("fit", csv, "--out", tmp_path, "--model", "pareto-nbd", "--unit", "M")[0] == 0
    code, _, _ = run(
        "predict", tmp_path / "few.csv", "--models", tmp_path / "models", "--horizon", "12",
        "--out", tmp_path / "few.parquet",
    )  # fmt: skip
    assert code == 0
    fit = crm.load(tmp_path / "models" / "purchases.json")
    assert isinstance(fit.model, crm.clv.ParetoNBD)
    customers = crm.summarize(few, unit="M")
    expected = fit.model.expected_purchases(customers, 12)
    found = pd.read_parquet(tmp_path / "few.parquet")["expected_purchases"]
    assert found.tolist() == pytest.approx(expected.tolist(), rel=1e-9)


def test_refuses_other_files(csv, run, scored, tmp_path):
    code, _, err = run("predict", csv, "--models", scored, "--out", tmp_path / "scores.txt")
    assert (code, ".parquet or .csv" in err) == (2, True)
    code, _, err = run("predict", csv, "--models", tmp_path, "--out", tmp_path / "scores.csv")
    assert (code, "purchases.json: no such file" in err) == (2, True)
    models = tmp_path / "models"
    models.mkdir()
    for source, name in (("spend", "purchases"), ("spend", "spend"), ("rfm_breaks", "rfm_breaks")):
        text = (scored / "models" / f"{source}.json").read_bytes()
        (models / f"{name}.json").write_bytes(text)
    code, _, err = run("predict", csv, "--models", models, "--out", tmp_path / "scores.csv")
    assert (code, "fitted PurchaseModel" in err) == (2, True)
    (models / "purchases.json").write_text("{}")
    code, _, err = run("predict", csv, "--models", models, "--out", tmp_path / "scores.csv")
    assert (code, "not written by crmanalytics" in err) == (2, True)
