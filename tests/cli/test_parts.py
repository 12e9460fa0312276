"""Scoring Parquet in parts: the same customers as in memory, and safe to kill."""

import os
import signal
import subprocess
import sys
import time

import pandas as pd
import pytest

import crmanalytics as crm
from crmanalytics import cli
from crmanalytics.cli import parts

SPARK = pytest.param("spark", marks=[pytest.mark.slow, pytest.mark.spark])
MAIN = "from crmanalytics.cli import main; main()"
COMMON = ["--until", "1997-09-30", "--discount-rate", "0.1", "--margin", "0.3"]


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    folder = tmp_path_factory.mktemp("log")
    log = crm.datasets.load_cdnow_sample()
    for part, rows in log.groupby(log["date"].dt.year * 100 + log["date"].dt.month):
        rows.to_parquet(folder / f"{part}.parquet")
    return folder


def run(folder, out, engine, *more):
    command = [sys.executable, "-c", MAIN, "score", str(folder), "--out", str(out)]
    command += ["--engine", engine, "--parts", "3", *COMMON, *more]
    environment = os.environ | {"PYSPARK_PYTHON": sys.executable, "SPARK_LOCAL_IP": "127.0.0.1"}
    return subprocess.run(command, capture_output=True, text=True, check=False, env=environment)


def scores(out):
    files = sorted((out / "scores").glob("*.parquet"))
    return pd.concat([pd.read_parquet(f) for f in files]).sort_values(
        "customer_id", ignore_index=True
    )


def contents(out):
    return {f.name: f.read_bytes() for f in (out / "scores").glob("*.parquet")}


def everything(out):
    return {f.relative_to(out): f.read_bytes() for f in out.rglob("*") if f.is_file()}


@pytest.mark.slow
@pytest.mark.parametrize("engine", ["polars", "duckdb", SPARK])
def test_it_scores_as_in_memory(folder, tmp_path, engine):
    found = run(folder, tmp_path / engine, engine)
    assert found.returncode == 0, found.stderr
    memory = [str(folder), "--out", str(tmp_path / "memory"), *COMMON]
    command = [sys.executable, "-c", MAIN, "fit", *memory[:3]]
    command += ["--until", "1997-09-30"]
    assert subprocess.run(command, check=False).returncode == 0
    table = tmp_path / "memory.parquet"
    predict = [sys.executable, "-c", MAIN, "predict", str(folder)]
    predict += ["--models", str(tmp_path / "memory"), "--out", str(table), *COMMON]
    assert subprocess.run(predict, check=False).returncode == 0
    ours, theirs = scores(tmp_path / engine), pd.read_parquet(table)
    assert list(ours.columns) == list(theirs.columns)
    for name in ("customer_id", "frequency", "rfm_score", "segment"):
        assert ours[name].tolist() == theirs[name].tolist()
    for name in ("p_alive", "p_active", "expected_purchases", "expected_spend", "clv"):
        assert ours[name].to_numpy() == pytest.approx(theirs[name].to_numpy(), rel=1e-7)


@pytest.mark.slow
@pytest.mark.parametrize("engine", ["polars", "duckdb", SPARK])
def test_two_runs_give_the_same_bytes(folder, tmp_path, engine):
    for out in ("a", "b"):
        found = run(folder, tmp_path / out, engine)
        assert found.returncode == 0, found.stderr
    assert everything(tmp_path / "a") == everything(tmp_path / "b")


@pytest.mark.slow
def test_a_finished_run_is_left_alone_and_other_arguments_begin_anew(folder, tmp_path):
    assert "3 parts scored, 0 found" in run(folder, tmp_path, "duckdb").stdout
    assert "0 parts scored, 3 found" in run(folder, tmp_path, "duckdb").stdout
    assert "3 parts scored, 0 found" in run(folder, tmp_path, "duckdb", "--horizon", "26").stdout


@pytest.mark.slow
def test_a_run_that_was_stopped_goes_on_where_it_was(folder, tmp_path, monkeypatch):
    whole, out = tmp_path / "whole", tmp_path / "out"
    assert run(folder, whole, "duckdb").returncode == 0
    arguments = ["score", str(folder), "--out", str(out), "--engine", "duckdb", "--parts", "3"]
    real, calls = parts._scored, []

    def failing(*given):
        calls.append(1)
        if len(calls) == 2:
            raise KeyboardInterrupt
        return real(*given)

    monkeypatch.setattr(parts, "_scored", failing)
    monkeypatch.setattr(sys, "argv", ["crmanalytics", *arguments, *COMMON])
    with pytest.raises((SystemExit, KeyboardInterrupt)):
        cli.main()
    kept = {f: f.stat().st_mtime_ns for f in (out / "scores").glob("*.parquet")}
    assert len(kept) == 1
    assert "2 parts scored, 1 found" in run(folder, out, "duckdb").stdout
    assert all(f.stat().st_mtime_ns == then for f, then in kept.items())
    assert contents(out) == contents(whole)


@pytest.fixture(scope="module")
def whole(folder, tmp_path_factory):
    out = tmp_path_factory.mktemp("whole")
    assert run(folder, out, "duckdb").returncode == 0
    return everything(out)


STAGES = [
    "job.json",
    ".work/log.part",
    ".work/log",
    ".work/cleaning/0.json",
    ".work/cleaning/2.json",
    "models/spend.json",
    "models/purchases.json",
    "scores/part-00000.parquet",
    "scores/part-00001.parquet",
    "scores/part-00002.parquet",
    "segments.csv",
]


@pytest.mark.slow
@pytest.mark.parametrize("stage", STAGES)
def test_killed_at_any_stage_it_ends_in_the_same_bytes(folder, tmp_path, whole, stage):
    command = [sys.executable, "-c", MAIN, "score", str(folder), "--out", str(tmp_path)]
    process = subprocess.Popen(
        [*command, "--engine", "duckdb", "--parts", "3", *COMMON], stdout=subprocess.DEVNULL
    )
    while not (tmp_path / stage).exists() and process.poll() is None:
        time.sleep(0.001)
    process.send_signal(signal.SIGKILL)
    process.wait()
    kept = {f: f.stat().st_mtime_ns for f in tmp_path.glob("scores/part-*.parquet")}
    for path in kept:
        assert path.read_bytes() == whole[path.relative_to(tmp_path)]
    again = run(folder, tmp_path, "duckdb")
    assert again.returncode == 0, again.stderr
    assert f"{3 - len(kept)} parts scored, {len(kept)} found" in again.stdout
    assert all(path.stat().st_mtime_ns == then for path, then in kept.items())
    assert everything(tmp_path) == whole


@pytest.mark.parametrize(
    ("more", "said"),
    [
        (["--date-format", "%d.%m.%Y"], "--date-format is for dates that are texts"),
        (["--customer-id", "who"], "no column 'who'"),
    ],
)
def test_what_engines_do_not_do_is_refused(folder, tmp_path, more, said):
    found = run(folder, tmp_path, "duckdb", *more)
    assert found.returncode == 2
    assert said in found.stderr
