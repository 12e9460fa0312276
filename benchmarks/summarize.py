"""Summarise one large log with crmanalytics and with lifetimes: CPU time and peak memory.

Both read the same pandas frame in the same process, in turn, and their results are compared. Peak
memory is measured in one child process per library and starts from the memory that the process
holds once the frame is built and the library is imported.

    python benchmarks/summarize.py --rows 10000000 --customers 1000000 --repeats 3 --ids int
"""

from __future__ import annotations

import argparse
import json
import statistics
import subprocess
import sys
import time
import warnings
from pathlib import Path

import numpy as np
import pandas as pd

END = "2023-12-31"


def build(rows: int, customers: int, ids: str) -> pd.DataFrame:
    """Return a log of dates without a time of day and amounts of whole cents, in random order."""
    random = np.random.default_rng(20240229)
    who = random.integers(0, customers, rows)
    start = np.datetime64("2022-01-01", "us")
    frame = pd.DataFrame(
        {
            "customer_id": who,
            "date": start + random.integers(0, 730, rows).astype("m8[D]"),
            "amount": random.integers(100, 10_000, rows) / 100,
        }
    )
    if ids == "str":
        names = pd.Series([f"C{number:09d}" for number in range(customers)])
        frame["customer_id"] = names.take(who).to_numpy()
        frame["customer_id"] = frame["customer_id"].astype("str")
    return frame


def ours(log: pd.DataFrame) -> pd.DataFrame:
    import crmanalytics as crm

    return crm.summarize(log, until=END, unit="D").set_index("customer_id")


def theirs(log: pd.DataFrame) -> pd.DataFrame:
    from lifetimes.utils import summary_data_from_transaction_data

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return summary_data_from_transaction_data(
            log, "customer_id", "date", "amount", observation_period_end=END
        )


LIBRARIES = {"crmanalytics": ours, "lifetimes": theirs}


def require_equal(left: pd.DataFrame, right: pd.DataFrame) -> None:
    for name in ("frequency", "recency", "T", "monetary_value"):
        np.testing.assert_allclose(left[name].to_numpy(), right[name].to_numpy(), rtol=1e-9)


def peak(library: str, arguments: argparse.Namespace) -> float:
    """Return the MB that a call takes beyond what the child held before it."""
    command = [sys.executable, __file__, "--child", library, "--rows", str(arguments.rows)]
    command += ["--customers", str(arguments.customers), "--ids", arguments.ids]
    done = subprocess.run(command, check=True, capture_output=True, text=True)
    return float(json.loads(done.stdout.splitlines()[-1]))


def child(library: str, arguments: argparse.Namespace) -> None:
    summarise = LIBRARIES[library]
    summarise(build(1000, 100, arguments.ids))
    log = build(arguments.rows, arguments.customers, arguments.ids)
    # Building the frame takes more than the frame itself, and ru_maxrss starts from the memory of
    # the process that launched this one: the mark is reset, so that it speaks of the call alone.
    Path("/proc/self/clear_refs").write_text("5")
    before = status("VmRSS")
    summarise(log)
    print(json.dumps(status("VmHWM") - before))


def status(field: str) -> float:
    """Return a figure of this process's memory in MB (Linux)."""
    lines = Path("/proc/self/status").read_text().splitlines()
    fields = dict(line.split(":", 1) for line in lines)
    return float(fields[field].split()[0]) / 1024


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=10_000_000)
    parser.add_argument("--customers", type=int, default=1_000_000)
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument("--ids", choices=["int", "str"], default="int")
    parser.add_argument("--child", choices=list(LIBRARIES))
    arguments = parser.parse_args()
    if arguments.child:
        child(arguments.child, arguments)
        return
    log = build(arguments.rows, arguments.customers, arguments.ids)
    small = build(1000, 100, arguments.ids)
    require_equal(ours(small), theirs(small))
    seconds: dict[str, list[float]] = {name: [] for name in LIBRARIES}
    results = {}
    for _ in range(arguments.repeats):
        for name, summarise in LIBRARIES.items():
            start = time.process_time()
            results[name] = summarise(log)
            seconds[name].append(time.process_time() - start)
    require_equal(results["crmanalytics"], results["lifetimes"])
    del log, results
    cpu = {name: statistics.median(values) for name, values in seconds.items()}
    memory = {name: peak(name, arguments) for name in LIBRARIES}
    print(
        f"{arguments.rows:,} rows, {arguments.customers:,} customers, {arguments.ids} identifiers"
    )
    for name in LIBRARIES:
        runs = ", ".join(f"{value:.2f}" for value in seconds[name])
        print(f"{name:>13}: {cpu[name]:7.2f} s CPU (runs {runs}), peak {memory[name]:,.0f} MB")
    print(f"CPU ratio {cpu['lifetimes'] / cpu['crmanalytics']:.1f}")
    print(f"memory share {memory['crmanalytics'] / memory['lifetimes']:.3f}")


if __name__ == "__main__":
    main()
