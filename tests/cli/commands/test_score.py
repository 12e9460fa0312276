"""The score command: what it writes, that it is the same again, that a kill does no harm."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import pytest

import crmanalytics as crm

if TYPE_CHECKING:
    from pathlib import Path

MONEY = ["--until", "1998-06-30", "--horizon", "52", "--discount-rate", "0.1", "--margin", "0.3"]
COMMAND = [sys.executable, "-c", "from crmanalytics.cli import main; main()"]
FILES = {
    "scores.parquet",
    "segments.csv",
    "models/purchases.json",
    "models/spend.json",
    "models/rfm_breaks.json",
    "report.html",
}


def content(folder: Path) -> dict[str, bytes]:
    return {
        str(path.relative_to(folder)): path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file()
    }


def test_writes_all_results(scored):
    assert set(content(scored)) == FILES


def test_scores_are_those_of_the_library(scored, log):
    customers = crm.summarize(log, until="1998-06-30", unit="W")
    purchases, spend = crm.clv.MBGNBD.fit(customers), crm.clv.GammaGamma.fit(customers)
    expected = crm.rfm.segment(crm.rfm.score(customers)).assign(
        p_alive=purchases.model.probability_alive(customers),
        p_active=purchases.model.probability_active(customers, 52),
        expected_purchases=purchases.model.expected_purchases(customers, 52),
        expected_spend=spend.model.expected_spend(customers),
        clv=crm.clv.lifetime_value(
            customers, purchases, spend, horizon=52, discount_rate=0.1, margin=0.3
        ),
    )
    found = pd.read_parquet(scored / "scores.parquet")
    assert list(found) == list(expected)
    numbers = expected.select_dtypes("number").columns
    assert np.allclose(found[numbers], expected[numbers], rtol=1e-9)
    assert found["segment"].tolist() == expected["segment"].tolist()
    profile = pd.read_csv(scored / "segments.csv")
    assert profile["customers"].sum() == len(found)
    assert profile["clv"].sum() == pytest.approx(found["clv"].sum())
    assert crm.load(scored / "models" / "purchases.json").model.r == pytest.approx(
        purchases.model.r
    )


def test_again_gives_the_same_bytes(scored, csv, run, tmp_path):
    code, out, err = run("score", csv, "--out", tmp_path / "again", *MONEY)
    assert (code, err) == (0, "")
    assert content(tmp_path / "again") == content(scored)
    assert "Champions" in out
    assert str(tmp_path / "again" / "report.html") in out


def test_parquet_and_other_names_give_the_same_scores(scored, log, run, tmp_path):
    theirs = log.rename(columns={"customer_id": "Who", "date": "When", "amount": "Paid"})
    theirs.assign(amount="not this one").to_parquet(tmp_path / "log.parquet")
    named = ["--customer-id", "Who", "--date", "When", "--amount", "Paid"]
    out = ["--models", scored, "--out", tmp_path / "scores.parquet"]
    code, _, err = run("predict", tmp_path / "log.parquet", *out, *named, *MONEY)
    assert (code, err) == (0, "")
    assert (tmp_path / "scores.parquet").read_bytes() == (scored / "scores.parquet").read_bytes()


def test_the_order_of_rows_is_of_no_consequence(scored, log, run, tmp_path):
    log.sample(frac=1, random_state=4).to_csv(tmp_path / "log.csv", index=False)
    assert run("fit", tmp_path / "log.csv", "--out", tmp_path, "--until", "1998-06-30")[0] == 0
    assert content(tmp_path / "models") == content(scored / "models")
    out = ["--models", scored, "--out", tmp_path / "scores.parquet"]
    assert run("predict", tmp_path / "log.csv", *out, *MONEY)[0] == 0
    assert (tmp_path / "scores.parquet").read_bytes() == (scored / "scores.parquet").read_bytes()


def test_without_rate_and_margin_there_is_no_value(run, csv, tmp_path):
    code, out, _ = run("score", csv, "--out", tmp_path, "--model", "bg-nbd")
    assert code == 0
    assert "No clv" in out
    assert "the log's last day" in out
    assert "clv" not in pd.read_parquet(tmp_path / "scores.parquet")
    assert "clv" not in pd.read_csv(tmp_path / "segments.csv")
    assert "were not given" in (tmp_path / "report.html").read_text()


def test_a_pipe_stays_silent_and_a_terminal_shows_progress(csv, tmp_path):
    arguments = [*COMMAND, "fit", str(csv), "--out", str(tmp_path)]
    piped = subprocess.run(arguments, capture_output=True, text=True, check=True)
    assert piped.stderr == ""
    assert "MBGNBD" in piped.stdout
    controller, terminal = os.openpty()
    with subprocess.Popen(arguments, stdout=subprocess.DEVNULL, stderr=terminal) as process:
        os.close(terminal)
        shown = b""
        try:
            while piece := os.read(controller, 4096):
                shown += piece
        except OSError:  # the terminal is closed by its last user
            pass
        assert process.wait() == 0
    os.close(controller)
    assert b"fitting models" in shown


OLD = {"scores.parquet": b"old scores", "segments.csv": b"old", "report.html": b"old page"}
MOMENTS = {
    "at work": lambda out: any(out.parent.iterdir()),
    "first result": lambda out: (out / "scores.parquet").read_bytes() != OLD["scores.parquet"],
    "models": lambda out: (out / "models" / "purchases.json").exists(),
}


@pytest.mark.slow
@pytest.mark.parametrize("moment", MOMENTS)
def test_killed_at_any_moment_it_leaves_whole_files(scored, csv, tmp_path, moment):
    """Old or new, each file is one or the other; and another run puts everything right."""
    out = tmp_path / "out"
    out.mkdir()
    for name, text in OLD.items():
        (out / name).write_bytes(text)
    command, new = [*COMMAND, "score", str(csv), "--out", str(out), *MONEY], content(scored)
    with subprocess.Popen(command, stdout=subprocess.DEVNULL) as process:
        if moment == "at work":
            time.sleep(1.0)
        while process.poll() is None and not MOMENTS[moment](out):
            time.sleep(0.0005)
        process.send_signal(signal.SIGKILL)
    left = {name: text for name, text in content(out).items() if not name.endswith(".part")}
    assert all(text in (OLD.get(name), new[name]) for name, text in left.items())
    if moment == "models":
        subprocess.run(command, stdout=subprocess.DEVNULL, check=True)
        again = content(out)
        assert {name: again[name] for name in again if not name.endswith(".part")} == new


def test_parts_left_by_a_kill_are_swept_up_when_stale(csv, run, tmp_path):
    stale, fresh = tmp_path / ".scores.parquet.x.part", tmp_path / ".report.html.y.part"
    for part in (stale, fresh):
        part.write_bytes(b"half")
    os.utime(stale, (1e9, 1e9))
    assert run("score", csv, "--out", tmp_path)[0] == 0
    assert (stale.exists(), fresh.exists()) == (False, True)


def test_interrupted_it_says_so(run, csv, tmp_path, monkeypatch):
    def interrupted(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("crmanalytics.cli.app.count", interrupted)
    code, _, err = run("score", csv, "--out", tmp_path)
    assert (code, err) == (130, "crmanalytics: interrupted\n")


def test_models_are_plain_json_without_the_time_of_day(scored):
    body = json.loads((scored / "models" / "purchases.json").read_text())
    assert body["kind"] == "clv.Fit"
    assert body["body"]["model"]["unit"] == "W"


def test_refunds_set_apart_are_written(log, run, tmp_path):
    refund = log.head(1).assign(amount=-5.0, date=pd.Timestamp("1998-06-01"))
    pd.concat([log, refund]).to_csv(tmp_path / "log.csv", index=False)
    code, out, _ = run("score", tmp_path / "log.csv", "--out", tmp_path, "--refunds", "separate")
    assert code == 0
    assert pd.read_csv(tmp_path / "refunds.csv")["amount"].tolist() == [-5.0]
    assert "left out: 1 row, refunds set apart (money -5.00)" in out


def test_customers_are_left_out_by_name(log, run, tmp_path, csv):
    who = int(log["customer_id"].iloc[0])
    code, out, _ = run("fit", csv, "--out", tmp_path, "--exclude-customer", who)
    assert code == 0
    assert "excluded customers" in out
    code, _, err = run("fit", csv, "--out", tmp_path, "--exclude-customer", "bob")
    assert (code, "'bob'" in err) == (2, True)
