"""Write a purchase log of any size as a folder of Parquet files, in chunks, with DuckDB.

    python benchmarks/scale_data.py FOLDER ROWS CUSTOMERS

Rows of a customer are scattered over all files, which is the hard case of grouping. Customers start
within a year, buy at rates of their own, and leave; the log covers two years.
"""

from __future__ import annotations

import sys
from pathlib import Path

import duckdb

CHUNK = 4_000_000
DAYS = 730
KEPT = 0.29

_QUERY = """
with draws as (
    -- one number per draw, each hashed by itself: hashes of pairs are not independent
    select hash(4 * i) / 18446744073709551616.0 as u, hash(4 * i + 1) / 18446744073709551616.0 as v,
           hash(4 * i + 2) / 18446744073709551616.0 as w
    from range({first}, {last}) t(i)
), bought as (
    select cast(floor({customers} * power(u, 1.3)) as bigint) as customer_id, v, w from draws
), dated as (
    select customer_id, w, cast(floor(v * {days}) as integer) as day,
           cast(hash(8 * customer_id + 0) % 365 as integer) as start,
           -300 * ln((hash(8 * customer_id + 1) % 1000000 + 1) / 1000001.0) as life,
           20 * exp(0.7 * (hash(8 * customer_id + 2) % 1000) / 500.0) as level
    from bought
)
select customer_id, date '2023-01-01' + day as date,
       round(level * (0.3 + 1.4 * w), 2) as amount
from dated where day >= start and day <= start + life
"""


def write(folder: Path, rows: int, customers: int) -> int:
    """Write at least so many rows, cut to the number in the last file; return how many."""
    folder.mkdir(parents=True, exist_ok=True)
    connection = duckdb.connect(config={"threads": 2, "memory_limit": "1GB"})
    done = first = part = 0
    while done < rows:
        last = first + min(CHUNK, int((rows - done) / KEPT) + 1000)
        query = _QUERY.format(first=first, last=last, customers=customers, days=DAYS)
        path = folder / f"part-{part:04d}.parquet"
        limit = rows - done
        connection.execute(f"copy ({query} limit {limit}) to '{path}' (compression zstd)")
        done += connection.execute(f"select count(*) from '{path}'").fetchone()[0]
        first, part = last, part + 1
    return done


if __name__ == "__main__":
    if len(sys.argv) != 4:
        sys.exit(__doc__ if len(sys.argv) > 1 else 0)  # run without arguments by make bench
    print(write(Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3])))
