"""From Parquet rows to scored customers with DuckDB, at growing sizes, in a bounded memory.

Per folder (see scale_data.py), each in a process of its own: a hand-written two-stage query, our
summary of the same, both written to Parquet; what the driver is sent to fit; and the whole command
`crmanalytics score --engine duckdb`. Times of the query and the summary are those of the statement,
checks included, with everything loaded; those of the command, and all peaks of memory, are of the
whole process, Python included.

    python benchmarks/scale.py FOLDER [FOLDER ...] [--memory 1GB]
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

UNTIL = "2024-12-31"
HAND = """
select customer_id, count(*) - 1 as frequency, (max(day) - min(day)) / 7.0 as recency,
    (date '2024-12-31' - min(day)) / 7.0 as T,
    (sum(spent) - arg_min(spent, day)) / greatest(count(*) - 1, 1) as monetary_value,
    min(day) as first_date, max(day) as last_date, date '2024-12-31' - max(day) as days_since_last,
    count(*) as orders, sum(spent) as total
from (
    select customer_id, date as day, sum(amount) as spent from log group by customer_id, day
) group by customer_id
"""


def connect(memory: str, spill: str):
    import duckdb

    settings = {"memory_limit": memory, "temp_directory": spill, "preserve_insertion_order": False}
    return duckdb.connect(config={"threads": 2, **settings})


def child(task: str, folder: str, memory: str, spill: str) -> None:
    import crmanalytics as crm

    connection = connect(memory, spill)
    first = "select 1 as customer_id, date '2024-01-01' as date, 1.0 as amount"
    crm.summarize(connection.sql(first), until=UNTIL).fetchall()  # so that everything is loaded
    log = connection.read_parquet(f"{folder}/*.parquet")
    out = f"{spill}/{task}.parquet"
    wall, cpu = time.perf_counter(), time.process_time()
    if task == "hand":
        log.query("log", HAND).to_parquet(out)
    if task == "ours":
        crm.summarize(log, until=UNTIL, unit="W").to_parquet(out)
    if task != "driver":
        wall, cpu = time.perf_counter() - wall, time.process_time() - cpu
        print(f"{folder} {task}: the statement alone {wall:.2f} s wall, {cpu:.2f} s CPU")
    else:
        customers = connection.read_parquet(f"{spill}/ours.parquet")
        cells = len(crm.clv.count_cells(customers))
        money = customers.filter("frequency > 0").project("frequency, monetary_value")
        spend = money.distinct().count("*").fetchall()[0][0]
        cuts = sum(
            customers.project(name).distinct().count("*").fetchall()[0][0]
            for name in ("days_since_last", "orders", "total")
        )
        rows = customers.count("*").fetchall()[0][0]
        print(f"{rows:,} customers: {cells:,} cells, {spend:,} spends, {cuts:,} values to cut")


def measured(command: list[str]) -> str:
    start = time.perf_counter()
    process = subprocess.Popen(command)
    _, status, used = os.wait4(process.pid, 0)
    wall = time.perf_counter() - start
    if status:
        return f"failed with {status}"
    cpu = used.ru_utime + used.ru_stime
    return f"{wall:.1f} s wall, {cpu:.1f} s CPU, {used.ru_maxrss / 2**20:.2f} GiB"


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("folders", nargs="*")
    parser.add_argument("--memory", default="1GB")
    parser.add_argument("--child", nargs=2)
    options = parser.parse_args()
    if options.child:
        child(options.child[0], options.folders[0], options.memory, options.child[1])
        return
    for folder in options.folders:
        with tempfile.TemporaryDirectory(dir=Path(folder).parent) as spill:
            own = [sys.executable, __file__, folder, "--memory", options.memory]
            for task in ("hand", "ours", "driver"):
                print(folder, task, measured([*own, "--child", task, spill]), flush=True)
            script = str(Path(sys.executable).with_name("crmanalytics"))
            command = [script, "score", folder, "--engine", "duckdb", "--memory", options.memory]
            command += ["--out", f"{spill}/out", "--until", UNTIL, "--discount-rate", "0.1"]
            print(folder, "score", measured([*command, "--margin", "0.3"]), flush=True)


if __name__ == "__main__":
    main()
