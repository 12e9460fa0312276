"""Cohorts of ten million rows: ours beside a plain pandas formulation.

Run it with ``python benchmarks/cohorts.py [rows]``. Both sides count the same log in the same run;
the figures are CPU seconds (medians of three for ours, once for pandas), and the triangles are
compared before anything is printed. The pandas side counts, without intervals. Then DuckDB counts
the same log, from Parquet and with a limit of 1 GB, beside a query by hand, which checks no values.
"""

from __future__ import annotations

import statistics
import sys
import tempfile
import time

import numpy as np
import pandas as pd

from crmanalytics.cohorts import average_retention, retention, survival, triangle
from crmanalytics.segments import lifecycle, lifecycle_counts, rhythm

UNTIL = "2023-12-31"
QUERY = """
with months as (
    select distinct customer_id, year(date) * 12 + month(date) as month
    from log where date < date '2024-01-01'
), cohorts as (select customer_id, min(month) as cohort from months group by customer_id)
select cohort, month - cohort as since, count(*) from months join cohorts using (customer_id)
group by all
"""


def purchases(rows: int) -> pd.DataFrame:
    draw = np.random.default_rng(20240607)
    order = draw.integers(0, rows // 3, rows)
    # an order has one buyer and one day; customers come one after another
    buyer = draw.integers(0, max(rows // 10, 1), rows // 3)
    day = np.minimum(buyer * 365 // max(rows // 10, 1) + draw.integers(0, 365, rows // 3), 729)
    return pd.DataFrame(
        {
            "customer_id": buyer[order],
            "date": np.datetime64("2022-01-01", "s") + day[order].astype("m8[D]"),
            "amount": draw.lognormal(3, 1, rows).round(2),
            "order_id": order,
        }
    )


def with_pandas(log: pd.DataFrame, value: str) -> np.ndarray:
    month = log["date"].dt.year * 12 + log["date"].dt.month
    first = month.groupby(log["customer_id"]).transform("min")
    cells = log.assign(cohort=first, period=month - first).groupby(["cohort", "period"])
    if value == "customers":
        table = cells["customer_id"].nunique()
    else:
        table = cells["order_id"].nunique() if value == "orders" else cells["amount"].sum()
    return table.reset_index(name="n").pivot_table("n", "cohort", "period").to_numpy()


def with_crmanalytics(log: pd.DataFrame, value: str) -> np.ndarray:
    found = retention(log, value=value, until=UNTIL)
    return triangle(found, "active" if value == "customers" else value).to_numpy()


def cpu_seconds(function, *given, times: int = 3):
    found = []
    for _ in range(times):
        start = time.process_time()
        result = function(*given)
        found.append(time.process_time() - start)
    return statistics.median(found), result


def with_duckdb(log: pd.DataFrame) -> None:
    import duckdb

    with tempfile.TemporaryDirectory() as folder:
        log.to_parquet(f"{folder}/log.parquet")
        connection = duckdb.connect(config={"memory_limit": "1GB"})
        lazy = connection.read_parquet(f"{folder}/log.parquet")
        by_hand = lambda: lazy.query("log", QUERY).fetchall()  # noqa: E731 - called as the others
        print(f"DuckDB, by hand       {cpu_seconds(by_hand)[0]:6.2f} CPU s")
        for value in ("customers", "orders", "revenue"):
            how = {"value": value, "until": UNTIL}
            seconds, found = cpu_seconds(lambda how=how: retention(lazy, **how))
            pd.testing.assert_frame_equal(found, retention(log, **how), rtol=1e-12)
            print(f"DuckDB, {value:<12}  {seconds:6.2f} CPU s")
        seconds, found = cpu_seconds(lambda: survival(lazy, until=UNTIL))
        pd.testing.assert_frame_equal(found, survival(log, until=UNTIL), rtol=1e-12)
        print(f"DuckDB, survival      {seconds:6.2f} CPU s")


def main() -> None:
    log = purchases(int(sys.argv[1]) if len(sys.argv) > 1 else 10_000_000)
    for value in ("customers", "orders", "revenue"):
        ours, mine = cpu_seconds(with_crmanalytics, log, value)
        theirs, plain = cpu_seconds(with_pandas, log, value, times=1)
        same = mine[mine[:, 0] > 0][:, : plain.shape[1]]
        np.testing.assert_allclose(np.nan_to_num(same), np.nan_to_num(plain), rtol=1e-9)
        print(
            f"retention, {value:<9}  {ours:6.2f} CPU s; pandas {theirs:6.2f} ({theirs / ours:.1f}x)"
        )
    followed = retention(log, value="revenue", until=UNTIL)
    month_ends = pd.date_range("2022-01-31", UNTIL, freq="ME").date
    for name, function, given in (
        ("average curve", average_retention, (followed,)),
        ("survival", lambda frame: survival(frame, until=UNTIL), (log,)),
        ("rhythm", lambda frame: rhythm(frame, until=UNTIL), (log,)),
        ("states", lambda frame: lifecycle(rhythm(frame, until=UNTIL)), (log,)),
        ("states, 24 days", lambda frame: lifecycle_counts(frame, month_ends), (log,)),
    ):
        print(f"{name:<20}  {cpu_seconds(function, *given)[0]:6.2f} CPU s")
    with_duckdb(log)


if __name__ == "__main__":
    main()
