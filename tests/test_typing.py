"""What a type checker tells a user of the package, and what an editor completes."""

from __future__ import annotations

import importlib
import inspect
import re
import subprocess
import sys

import pytest

import crmanalytics as crm

SCRIPT = """
import crmanalytics as crm

customers = crm.summarize(crm.datasets.load_cdnow_sample(), until="1997-09-30", unit="W")
fit = crm.clv.BGNBD.fit(customers)
reveal_type(fit)
reveal_type(fit.model)
reveal_type(fit.model.r)
reveal_type(fit.log_likelihood)
reveal_type(fit.parameters)
reveal_type(crm.clv.ShiftedBetaGeometric(0.7, 1.2))
reveal_type(crm.satisfaction.nps_coverage(0.6, 0.2, 20))
"""
EXPECTED = [
    "Fit[crmanalytics.clv.btyd.bg_nbd.BGNBD]",
    "BGNBD",
    "float",
    "float",
    "DataFrame",
    "ShiftedBetaGeometric",
    "DataFrame",
]
ROOMS = [name for name in crm.__all__ if inspect.ismodule(getattr(crm, name))]


def checked(tmp_path, script):
    """Return what mypy prints of a user's script, away from the package's own configuration."""
    pytest.importorskip("mypy")
    (tmp_path / "script.py").write_text(script, encoding="utf-8")
    run = [sys.executable, "-m", "mypy", "--strict", "--cache-dir", "cache", "script.py"]
    return subprocess.run(
        run, capture_output=True, text=True, timeout=300, cwd=tmp_path, check=False
    )


@pytest.mark.slow
def test_a_users_script_is_typed_through_the_lazy_rooms(tmp_path):
    run = checked(tmp_path, SCRIPT)
    assert run.returncode == 0, run.stdout + run.stderr
    revealed = re.findall(r'Revealed type is "(.+)"', run.stdout)
    assert len(revealed) == len(EXPECTED)
    for found, wanted in zip(revealed, EXPECTED, strict=True):
        assert found.replace("builtins.", "") == wanted or found.endswith(f".{wanted}")


@pytest.mark.slow
def test_a_misspelt_argument_is_found_before_the_script_runs(tmp_path):
    wrong = "import crmanalytics as crm\ncrm.clv.BGNBD(r=1.0, alpha=2.0, a=1.0, c=3.0)\n"
    run = checked(tmp_path, wrong)
    assert run.returncode == 1
    assert 'Unexpected keyword argument "c"' in run.stdout


def test_the_editor_is_told_every_name():
    assert set(crm.__all__) <= set(dir(crm))
    assert {"clean", "summarize", "split", "load", "clv", "plots"} <= set(dir(crm))


@pytest.mark.parametrize("room", ROOMS)
def test_the_editor_is_told_every_name_of_a_room(room):
    module = importlib.import_module(f"crmanalytics.{room}")
    assert set(module.__all__) <= set(dir(module))
    assert [name for name in module.__all__ if not hasattr(module, name)] == []
