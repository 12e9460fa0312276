"""A log small enough to be scored in a second, and the commands run as a user runs them."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import pytest

import crmanalytics as crm

if TYPE_CHECKING:
    from pathlib import Path

UNTIL = "1998-06-30"
MONEY = ["--until", UNTIL, "--horizon", "52", "--discount-rate", "0.1", "--margin", "0.3"]


@pytest.fixture(scope="session")
def log():
    sample = crm.datasets.load_cdnow_sample()
    return sample[sample["customer_id"] % 3 == 0].reset_index(drop=True)


@pytest.fixture(scope="session")
def csv(log, tmp_path_factory) -> Path:
    path = tmp_path_factory.mktemp("log") / "sales.csv"
    log.to_csv(path, index=False)
    return path


@pytest.fixture
def run(capfd, monkeypatch):
    """Run the command line within this process: exit code, standard output, error output."""
    from crmanalytics.cli import main

    def call(*arguments: object) -> tuple[int, str, str]:
        monkeypatch.setattr(sys, "argv", ["crmanalytics", *map(str, arguments)])
        monkeypatch.setenv("COLUMNS", "100")
        with pytest.raises(SystemExit) as ended:
            main()
        out, err = capfd.readouterr()
        return int(ended.value.code or 0), out, err

    return call


@pytest.fixture(scope="session")
def scored(csv, tmp_path_factory) -> Path:
    """The results of one run of the score command, in a process of its own."""
    import subprocess

    out = tmp_path_factory.mktemp("results") / "out"
    command = [sys.executable, "-c", "from crmanalytics.cli import main; main()"]
    subprocess.run([*command, "score", str(csv), "--out", str(out), *MONEY], check=True)
    return out


@pytest.fixture
def refused(run):
    """Run the command line, which must refuse in one sentence; return that."""

    def call(*arguments: object) -> str:
        code, out, err = run(*arguments)
        assert (code, out) == (2, ""), err
        assert err.startswith("crmanalytics: ")
        assert err.count("\n") == 1
        assert "Traceback" not in err
        return err.removeprefix("crmanalytics: ").strip()

    return call


@pytest.fixture(scope="session")
def models(log, tmp_path_factory) -> Path:
    """A folder of models that were fitted to the log, by calls of the library."""
    folder: Path = tmp_path_factory.mktemp("fitted") / "models"
    customers = crm.summarize(log, until=UNTIL, unit="W")
    crm.clv.MBGNBD.fit(customers).save(folder / "purchases.json")
    crm.clv.GammaGamma.fit(customers).save(folder / "spend.json")
    crm.rfm.breaks(customers).save(folder / "rfm_breaks.json")
    return folder


@pytest.fixture
def scores(run, models, tmp_path):
    """Score a log with the saved models, and read the scores."""
    import pandas as pd

    def call(path: object, *arguments: object) -> pd.DataFrame:
        out = tmp_path / "scores.parquet"
        code, _, err = run("predict", path, "--models", models, "--out", out, *arguments)
        assert (code, err) == (0, "")
        return pd.read_parquet(out)

    return call
