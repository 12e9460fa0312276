"""The European satisfaction index on a large survey: bootstraps, and one refit beside plspm.

Run it with ``python benchmarks/structural.py [respondents] [draws] [folder of an environment]``.
The Python package plspm runs with pandas 2 only: it is installed into an environment of its own
(in a temporary folder unless one is named), where it reads the same survey from a file and runs
its own bootstrap loop in one process. Path coefficients are compared before times are printed; all
times are CPU seconds, with one thread on either side.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import time
import venv
from pathlib import Path

import numpy as np
import pandas as pd

from crmanalytics.satisfaction import bootstrap_structural, ecsi, fit_structural

PEER = """
import json, sys, time
from multiprocessing import Queue
import numpy as np, pandas as pd
import plspm.config as c, plspm.inner_model as im, plspm.weights as w
from plspm.bootstrap import BootstrapProcess
from plspm.estimator import Estimator
from plspm.mode import Mode
from plspm.plspm import Plspm
from plspm.scale import Scale
from plspm.scheme import Scheme

spec, refits = json.loads(sys.argv[2]), int(sys.argv[3])
data = pd.read_csv(sys.argv[1])
structure = c.Structure()
for source, target in spec["paths"]:
    structure.add_path([source], [target])
config = c.Config(structure.path(), default_scale=Scale.NUM)
for name, items in spec["blocks"]:
    config.add_lv(name, Mode.A, *[c.MV(item) for item in items])
start = time.process_time()
fit = Plspm(data, config, Scheme.PATH, 100, 1e-7)
once = time.process_time() - start
filtered = config.filter(data)
correction = np.sqrt(len(filtered) / (len(filtered) - 1))
calculator = w.WeightsCalculatorFactory(config, 100, 1e-7, correction, Scheme.PATH)
_, scores, _ = Estimator(config).estimate(calculator, filtered)
inner = im.InnerModel(config.path(), scores)
loop = BootstrapProcess(Queue(), config, filtered, inner, calculator, refits)
np.random.seed(1)
start = time.process_time()
loop.run()
each = (time.process_time() - start) / refits
paths = fit.path_coefficients()
found = [float(paths.loc[target, source]) for source, target in spec["paths"]]
print(json.dumps({"once": once, "each": each, "paths": found}), flush=True)
import os
os._exit(0)  # the queue holds results that nobody takes
"""


def survey(n: int) -> pd.DataFrame:
    """Draw answers from 1 to 10 of a model like the index."""
    rng = np.random.default_rng(20260601)
    model = ecsi()
    drivers = {name: [a for a, b in model.paths if b == name] for name in model.constructs}
    scores: dict[str, np.ndarray] = {}
    answers = {}
    for block in model.blocks:
        name = block.construct
        signal = sum((scores[a] for a in drivers[name]), start=np.zeros(n))
        scores[name] = 0.5 * signal + rng.normal(size=n)
        scores[name] /= scores[name].std()
        for item in block.items:
            answers[item] = np.clip(np.round(7 + 1.5 * scores[name] + rng.normal(size=n)), 1, 10)
    return pd.DataFrame(answers)


def peer_of(folder: Path) -> Path:
    """Return the interpreter of an environment that has plspm, made if need be."""
    python = folder / "bin" / "python"
    if not python.exists():
        venv.create(folder, with_pip=True)
        command = [python, "-m", "pip", "install", "-q", "plspm==0.5.7", "pandas<3"]
        subprocess.run(command, check=True)
    return python


def with_plspm(python: Path, frame: pd.DataFrame, refits: int) -> dict:
    model = ecsi()
    spec = json.dumps(
        {"paths": model.paths, "blocks": [(b.construct, b.items) for b in model.blocks]}
    )
    single = dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS"), "1")
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "survey.csv"
        frame.to_csv(path, index=False)
        command = [python, "-W", "ignore", "-c", PEER, path, spec, str(refits)]
        done = subprocess.run(
            command, check=True, capture_output=True, text=True, env={**os.environ, **single}
        )
    return json.loads(done.stdout.splitlines()[-1])


def compared(python: Path, n: int, draws: int, refits: int) -> None:
    frame = survey(n)
    fit = fit_structural(frame, ecsi())
    start = time.process_time()
    fit = fit_structural(frame, ecsi())
    once = time.process_time() - start
    start = time.process_time()
    resampled = bootstrap_structural(fit, frame, draws=draws, seed=1)
    whole = time.process_time() - start
    theirs = with_plspm(python, frame, refits)
    apart = np.abs(fit.paths["path"].to_numpy() - theirs["paths"]).max()
    print(f"{n:,} respondents, {len(fit.model.items)} items; paths differ by {apart:.1e} at most")
    print(f"  one fit          {once:9.4f} s   plspm {theirs['once']:9.4f} s")
    print(f"  {draws} refits       {whole:9.4f} s   ({resampled.size} settled)")
    print(f"  each refit       {whole / draws:9.6f} s   plspm {theirs['each']:9.6f} s")
    print(f"  ratio per refit  {theirs['each'] / (whole / draws):9.0f}")


def main() -> None:
    n = int(sys.argv[1]) if len(sys.argv) > 1 else 100_000
    draws = int(sys.argv[2]) if len(sys.argv) > 2 else 500
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(sys.argv[3]) if len(sys.argv) > 3 else Path(temporary) / "plspm"
        python = peer_of(folder)
        compared(python, 250, draws, 100)
        compared(python, n, draws, 10)


if __name__ == "__main__":
    main()
