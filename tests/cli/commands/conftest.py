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
