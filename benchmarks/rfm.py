"""RFM on a million customers: ours beside pandas.qcut per column and a label by DataFrame.apply.

Run it with ``python benchmarks/rfm.py [customers]``. Both sides score and label the same frame in
the same run; the figures are medians of CPU seconds (the row-wise side is measured once, as it
takes its time), and the labels are compared before anything is printed.
"""

from __future__ import annotations

import statistics
import sys
import time

import numpy as np
import pandas as pd

from crmanalytics.rfm import rules, score, segment

COLUMNS = {"r": "days_since_last", "f": "orders", "m": "total"}
BOXES = list(rules().table().itertuples(index=False))


def customers(n: int) -> pd.DataFrame:
    draw = np.random.default_rng(20240607)
    return pd.DataFrame(
        {
            "customer_id": np.arange(n),
            "days_since_last": draw.integers(0, 730, n),
            "orders": 1 + draw.negative_binomial(1.5, 0.2, n),
            "total": draw.lognormal(4.0, 1.1, n).round(2),
        }
    )


def with_crmanalytics(frame: pd.DataFrame) -> pd.DataFrame:
    return segment(score(frame))


def with_pandas(frame: pd.DataFrame) -> pd.DataFrame:
    scores = {
        f"{key}_score": pd.qcut(
            frame[name], 5, labels=[5, 4, 3, 2, 1] if key == "r" else [1, 2, 3, 4, 5]
        ).astype(int)
        for key, name in COLUMNS.items()
    }
    scored = frame.assign(**scores)
    return scored.assign(segment=scored.apply(label, axis=1))


def label(row: pd.Series) -> str:
    r, f, m = row["r_score"], row["f_score"], row["m_score"]
    for name, r0, r1, f0, f1, m0, m1 in BOXES:
        if r0 <= r <= r1 and f0 <= f <= f1 and m0 <= m <= m1:
            return name
    return "Others"


def cpu_seconds(function, frame: pd.DataFrame, times: int) -> tuple[float, pd.DataFrame]:
    found = []
    for _ in range(times):
        start = time.process_time()
        result = function(frame)
        found.append(time.process_time() - start)
    return statistics.median(found), result


def main() -> None:
    frame = customers(int(sys.argv[1]) if len(sys.argv) > 1 else 1_000_000)
    with_crmanalytics(frame.head(1000))
    ours, mine = cpu_seconds(with_crmanalytics, frame, 7)
    theirs, other = cpu_seconds(with_pandas, frame, 1)
    differ = int((mine["segment"].astype(str) != other["segment"].astype(str)).sum())
    print(f"{len(frame):,} customers scored and labelled; labels that differ: {differ:,}")
    print(f"crmanalytics        {ours:8.3f} CPU s (median of 7)")
    print(f"qcut and row apply  {theirs:8.3f} CPU s (once)")
    print(f"ratio               {theirs / ours:8.1f}")


if __name__ == "__main__":
    main()
