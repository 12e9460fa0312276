"""Killed at any of the moments that matter, the command leaves whole files, and mends itself."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from crmanalytics.persistence import write_atomically

posix = pytest.mark.skipif(os.name != "posix", reason="only POSIX systems have kill -9 and fork")
FILES = (  # in the order in which they are written
    "scores.parquet",
    "segments.csv",
    "models/purchases.json",
    "models/spend.json",
    "models/rfm_breaks.json",
    "report.html",
)

# one process imports everything once; each run is a child of it, that kills itself when the
# file numbered `fatal` is written beside its place ("fsync") or about to take it ("replace")
RUNS = """
import json, os, signal, sys
from pathlib import Path
from crmanalytics import cli, persistence
from crmanalytics.cli import app

def run(log, out, home, step, fatal):
    written, real = 0, getattr(home, step)
    def die(*arguments):
        nonlocal written
        written += 1
        if written == fatal:
            os.kill(os.getpid(), signal.SIGKILL)
        return real(*arguments)
    setattr(home, step, die)
    sys.stdout = open(os.devnull, "w")
    sys.argv = ["crmanalytics", "score", log, "--out", out, "--until", "1998-06-30"]
    cli.main()

homes = {"fsync": os, "replace": Path}
ended = []
for log, out, step, fatal in json.loads(sys.argv[1]):
    child = os.fork()
    if child == 0:
        run(log, out, homes[step], step, fatal)
        os._exit(99)
    ended.append(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]))
print(json.dumps(ended))
"""


def run(*runs):
    command = [sys.executable, "-c", RUNS, json.dumps(runs)]
    done = subprocess.run(command, capture_output=True, text=True, check=True, timeout=300)
    assert done.stderr == ""
    return json.loads(done.stdout)


def files(folder):
    folder = Path(folder)
    found = (path for path in folder.rglob("*") if path.is_file() and path.suffix != ".part")
    return {str(path.relative_to(folder)): path.read_bytes() for path in found}


@posix
@pytest.mark.slow
def test_killed_at_each_step_of_writing(log, tmp_path):
    """Two runs die over earlier results: one while it writes a part, one before the last file."""
    path = str(tmp_path / "log.csv")
    log[log["customer_id"] % 4 == 0].to_csv(path, index=False)
    whole, early, late = (str(tmp_path / name) for name in ("whole", "early", "late"))
    old = {name: b"old " + name.encode() for name in FILES}
    for name, content in old.items():
        for out in (early, late):
            write_atomically(f"{out}/{name}", content)
    runs = [(path, whole, "fsync", 0), (path, early, "fsync", 3), (path, late, "replace", 6)]
    assert run(*runs) == [0, -signal.SIGKILL, -signal.SIGKILL]
    new = files(whole)
    assert set(new) == set(FILES)
    assert files(early) == old | {FILES[0]: new[FILES[0]]}
    assert files(late) == new | {FILES[-1]: old[FILES[-1]]}
    assert run((path, early, "fsync", 0)) == [0]
    assert files(early) == new


@posix
@pytest.mark.parametrize(("sent", "code"), [(signal.SIGINT, 130), (signal.SIGKILL, -9)])
def test_stopped_from_outside_while_it_reads(tmp_path, sent, code):
    """The log is a pipe that nobody writes to yet: the command waits in the middle of its work."""
    pipe = tmp_path / "log.csv"
    os.mkfifo(pipe)
    start = "from crmanalytics.cli import main; main()"
    command = [sys.executable, "-c", start, "fit", str(pipe), "--out", str(tmp_path / "out")]
    with (
        subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as child,
        pipe.open("wb"),  # opens once the command has begun to read
    ):
        child.send_signal(sent)
        out, err = child.communicate(timeout=60)
    assert (child.returncode, out) == (code, b"")
    assert err == (b"crmanalytics: interrupted\n" if sent == signal.SIGINT else b"")
    assert not (tmp_path / "out").exists()


@posix
def test_a_reader_that_has_gone_away_is_no_traceback(log, tmp_path):
    path, out = tmp_path / "log.csv", tmp_path / "out"
    log.to_csv(path, index=False)
    start = "from crmanalytics.cli import main; main()"
    command = [sys.executable, "-c", start, "fit", str(path), "--out", str(out)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as child:
        child.stdout.close()
        err = child.stderr.read()
        assert (child.wait(timeout=60), err) == (1, b"")
    assert len(files(out)) == 3  # the work was done


def test_a_refusal_is_silent_on_the_standard_output_and_says_2(tmp_path):
    path = tmp_path / "log.csv"
    path.write_text("who,when,what\n1,2024-01-01,5\n")
    start = "from crmanalytics.cli import main; main()"
    command = [sys.executable, "-c", start, "fit", str(path), "--out", str(tmp_path)]
    ended = subprocess.run(command, capture_output=True, text=True, check=False, timeout=60)
    assert (ended.returncode, ended.stdout) == (2, "")
    assert ended.stderr.startswith(f"crmanalytics: {path} has no column 'customer_id'")
    assert ended.stderr.count("\n") == 1


def test_the_console_script_is_the_one_tested_here():
    from importlib.metadata import entry_points

    (script,) = entry_points(group="console_scripts", name="crmanalytics")
    assert script.value == "crmanalytics.cli:main"
