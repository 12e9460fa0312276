"""How much memory it takes to fit and to score ten million customers.

A child process per model draws the customers (daily resolution, up to two years), then has the
kernel forget the peak so far, fits, scores, and reads the peak: with the frame and the libraries
that it holds anyway, and without them (Linux only). The limit is for all of it together.

    python benchmarks/memory.py --customers 10000000
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from crmanalytics import clv

if TYPE_CHECKING:
    import pandas as pd

MODELS = {
    "BGNBD": clv.BGNBD(r=0.243, alpha=4.414, a=0.793, b=2.426, unit="W"),
    "MBGNBD": clv.MBGNBD(r=0.525, alpha=6.183, a=0.891, b=1.614, unit="W"),
    "ParetoNBD": clv.ParetoNBD(r=0.553, alpha=10.578, s=0.606, beta=11.669, unit="W"),
}
LIMIT = 4096  # MiB


def customers(model: clv.PurchaseModel, n: int) -> pd.DataFrame:
    weeks = np.random.default_rng(1).integers(1, 104 * 7 + 1, n) / 7
    drawn = model.simulate(n, weeks, seed=2)
    days = np.ceil(drawn["recency"] * 7)
    return drawn.assign(recency=np.minimum(days / 7, drawn["T"]))


def status(field: str) -> float:
    lines = Path("/proc/self/status").read_text().splitlines()
    return float(dict(line.split(":", 1) for line in lines)[field].split()[0]) / 1024


def watched(function) -> dict[str, float]:
    """Return what the process holds before, the peak meanwhile, and CPU seconds."""
    Path("/proc/self/clear_refs").write_text("5")
    before, start = status("VmRSS"), time.process_time()
    function()
    seconds = time.process_time() - start
    return {"before": before, "peak": status("VmHWM"), "seconds": seconds}


def child(name: str, n: int) -> None:
    truth = MODELS[name]
    type(truth).fit(customers(truth, 2_000))  # loads what is loaded on first use
    frame = customers(truth, n)
    fits = []
    fitting = watched(lambda: fits.append(type(truth).fit(frame)))
    model = fits[0].model

    def score() -> None:
        cells = clv.count_cells(frame)
        frame.assign(
            p_alive=model.probability_alive(cells),
            expected=model.expected_purchases(cells, 52),
            discounted=model.discounted_expected_purchases(cells, horizon=52, discount_rate=0.1),
        )

    print(json.dumps({"fit": fitting, "score": watched(score)}))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--customers", type=int, default=10_000_000)
    parser.add_argument("--models", nargs="+", default=list(MODELS), choices=list(MODELS))
    parser.add_argument("--child", choices=list(MODELS))
    arguments = parser.parse_args()
    if arguments.child:
        child(arguments.child, arguments.customers)
        return
    print(f"{arguments.customers:,} customers; MiB, limit {LIMIT:,}")
    print(f"{'':<22} {'before':>8} {'peak':>8} {'more':>8} {'CPU s':>8}")
    worst = 0.0
    for name in arguments.models:
        command = [sys.executable, __file__, "--child", name]
        command += ["--customers", str(arguments.customers)]
        done = subprocess.run(command, capture_output=True, text=True, check=True)
        for step, figures in json.loads(done.stdout.splitlines()[-1]).items():
            before, peak, seconds = figures["before"], figures["peak"], figures["seconds"]
            print(
                f"{name + ', ' + step:<22} {before:8,.0f} {peak:8,.0f} {peak - before:8,.0f} "
                f"{seconds:8.2f}"
            )
            worst = max(worst, peak)
    print("within the limit" if worst <= LIMIT else "OVER THE LIMIT")
    sys.exit(worst > LIMIT)


if __name__ == "__main__":
    main()
