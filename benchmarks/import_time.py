"""What ``import crmanalytics`` adds to ``import pandas``, and what its first use adds.

Run it with ``python benchmarks/import_time.py [processes]``. Each figure is the median over fresh
processes; the statements take turns, so that a slow minute of the machine falls on all of them.
"""

from __future__ import annotations

import statistics
import subprocess
import sys

STATEMENTS = {
    "import crmanalytics": "import crmanalytics",
    "import pandas": "import pandas",
    "import pandas, crmanalytics": "import pandas, crmanalytics",
    "... and crmanalytics.summarize": "import pandas, crmanalytics; crmanalytics.summarize",
    "... and crmanalytics.clv": "import pandas, crmanalytics; crmanalytics.clv",
    "... and every room": (
        "import pandas, crmanalytics; [getattr(crmanalytics, n) for n in crmanalytics.__all__]"
    ),
}
TIMED = "import time; start = time.perf_counter(); {}; print(time.perf_counter() - start)"


def seconds(statement: str) -> float:
    """Return the time that a statement takes in a process of its own."""
    command = [sys.executable, "-c", TIMED.format(statement)]
    return float(subprocess.run(command, check=True, capture_output=True).stdout)


def main() -> None:
    processes = int(sys.argv[1]) if len(sys.argv) > 1 else 15
    for statement in STATEMENTS.values():
        seconds(statement)  # the files are in the page cache from here on
    times = {name: [] for name in STATEMENTS}
    for _ in range(processes):
        for name, statement in STATEMENTS.items():
            times[name].append(seconds(statement))
    medians = {name: statistics.median(found) for name, found in times.items()}
    base = medians["import pandas"]
    print(f"median of {processes} fresh processes each, in seconds; and beyond import pandas")
    for name, median in medians.items():
        beyond = f"{median - base:+7.3f}" if "pandas," in name or "..." in name else ""
        print(f"{name:32} {median:7.3f}   {beyond}".rstrip())


if __name__ == "__main__":
    main()
