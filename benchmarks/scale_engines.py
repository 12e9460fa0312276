"""The whole command `score --engine ...`, one engine after the other, at growing sizes.

Per folder (see scale_data.py) and engine: wall and CPU time of the command with all that it starts
(Spark's Java too), the peak of their memory together, and the sum of expected purchases, which all
engines must agree on.

    python benchmarks/scale_engines.py FOLDER [FOLDER ...] [--engines duckdb polars spark]
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from pathlib import Path

import psutil
import pyarrow.compute as pc
import pyarrow.dataset as ds

UNTIL = "2024-12-31"
EVERY = 0.1  # seconds between looks at the processes


def used(process: psutil.Popen) -> tuple[dict[int, float], float]:
    """Return CPU seconds by process, and the memory of all of them in GiB, as of now."""
    seconds, memory = {}, 0
    for each in [process, *process.children(recursive=True)]:
        try:
            times = each.cpu_times()
            seconds[each.pid] = times.user + times.system
            memory += each.memory_info().rss
        except psutil.NoSuchProcess:
            continue
    return seconds, memory / 2**30


def measured(command: list[str]) -> str:
    start, process = time.perf_counter(), psutil.Popen(command)
    seconds: dict[int, float] = {}
    peak = 0.0
    while process.poll() is None:
        try:
            now, memory = used(process)
        except psutil.NoSuchProcess:
            break
        seconds |= now
        peak = max(peak, memory)
        time.sleep(EVERY)
    wall = time.perf_counter() - start
    if process.wait():
        raise SystemExit(f"{' '.join(command)} failed")
    return f"{wall:.1f} s wall, {sum(seconds.values()):.1f} s CPU, {peak:.2f} GiB"


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("folders", nargs="*")
    parser.add_argument("--engines", nargs="+", default=["duckdb", "polars", "spark"])
    parser.add_argument("--memory", default="1GB")
    options = parser.parse_args()
    script = str(Path(sys.executable).with_name("crmanalytics"))
    for folder in options.folders:
        for engine in options.engines:
            with tempfile.TemporaryDirectory(dir=Path(folder).parent) as out:
                command = [script, "score", folder, "--engine", engine, "--out", out]
                command += ["--memory", options.memory, "--until", UNTIL]
                told = measured([*command, "--discount-rate", "0.1", "--margin", "0.3"])
                scores = ds.dataset(f"{out}/scores", format="parquet")
                ahead = scores.to_table(columns=["expected_purchases"])["expected_purchases"]
                total = f"{len(ahead):,} customers, {pc.sum(ahead).as_py():.6f} purchases expected"
                print(f"{folder} {engine}: {told}; {total}", flush=True)


if __name__ == "__main__":
    main()
