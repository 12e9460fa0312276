"""Features of a million customers from ten million rows, beside a plain pandas formulation.

Run it with ``python benchmarks/churn_features.py [rows]``. Both describe the same customers at the
same snapshot in the same run; figures are CPU seconds, and the features that both have are compared
before anything is printed.
"""

from __future__ import annotations

import statistics
import sys
import time

import numpy as np
import pandas as pd

import crmanalytics as crm

AT = "2023-10-01"
WINDOWS = (30, 90, 180)


def purchases(rows: int) -> pd.DataFrame:
    draw = np.random.default_rng(20240613)
    customers = max(rows // 10, 1)
    start = draw.integers(0, 600, customers)
    buyer = draw.integers(0, customers, rows)
    day = np.minimum(start[buyer] + draw.integers(0, 400, rows), 729)
    amount = draw.lognormal(3, 1, rows).round(2)
    amount[draw.random(rows) < 0.02] *= -1
    return pd.DataFrame(
        {
            "customer_id": buyer,
            "date": (np.datetime64("2022-01-01") + day.astype("m8[D]")).astype("M8[us]"),
            "amount": amount.round(2),
            "product_id": draw.integers(0, 500, rows),
        }
    )


def with_pandas(log: pd.DataFrame) -> pd.DataFrame:
    at = pd.Timestamp(AT)
    known = log[log["date"] < at]
    bought = known[known["amount"] >= 0]
    days = bought[["customer_id", "date"]].drop_duplicates().sort_values(["customer_id", "date"])
    by = days.groupby("customer_id")["date"]
    gaps = by.diff().dt.days.groupby(days["customer_id"])
    table = pd.DataFrame(
        {
            "days_since_last": (at - by.max()).dt.days,
            "tenure": (at - by.min()).dt.days,
            "purchases": by.size(),
            "gap_mean": gaps.mean(),
            "gap_sd": gaps.std(),
            "gap_longest": gaps.max(),
            "spend": known.groupby("customer_id")["amount"].sum(),
            "products": bought.groupby("customer_id")["product_id"].nunique(),
        }
    ).dropna(subset="purchases")
    for window in WINDOWS:
        now = at - pd.Timedelta(days=window)
        before = at - pd.Timedelta(days=2 * window)
        for name, low, high in (("", now, at), ("_before", before, now)):
            part = days[(days["date"] >= low) & (days["date"] < high)]
            money = known[(known["date"] >= low) & (known["date"] < high)]
            table[f"purchases_{window}d{name}"] = part.groupby("customer_id").size()
            table[f"spend_{window}d{name}"] = money.groupby("customer_id")["amount"].sum()
        part = bought[bought["date"] >= now]
        table[f"products_{window}d"] = part.groupby("customer_id")["product_id"].nunique()
    return table


def with_crmanalytics(log: pd.DataFrame) -> pd.DataFrame:
    return crm.churn.features(log, at=AT, windows=WINDOWS)


def cpu_seconds(function, log: pd.DataFrame, times: int):
    found = []
    for _ in range(times):
        start = time.process_time()
        result = function(log)
        found.append(time.process_time() - start)
    return statistics.median(found), result


def main() -> None:
    log = purchases(int(sys.argv[1]) if len(sys.argv) > 1 else 10_000_000)
    ours, mine = cpu_seconds(
        lambda frame: crm.churn.features(frame, at=AT, windows=WINDOWS), log, 3
    )
    theirs, plain = cpu_seconds(with_pandas, log, 1)
    mine = mine.set_index("customer_id")
    np.testing.assert_array_equal(mine.index, plain.index)
    for name in plain.columns[~plain.columns.str.endswith("_before")]:
        counted = (
            plain[name].fillna(0) if name.startswith(("purch", "spend", "prod")) else plain[name]
        )
        np.testing.assert_allclose(mine[name], counted, rtol=1e-9, atol=1e-6)
    print(f"{len(log):,} rows, {len(mine):,} customers, {mine.shape[1]} features")
    print(f"crmanalytics {ours:6.2f} CPU s; pandas {theirs:6.2f} ({theirs / ours:.1f}x)")


if __name__ == "__main__":
    main()
