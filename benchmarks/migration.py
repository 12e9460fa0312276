"""Migration of a million customers: ours beside a merge and a cross table of pandas.

Run it with ``python benchmarks/migration.py [customers]``. Both sides count the same two frames in
the same run; the figures are medians of CPU seconds, and the counts and money are compared before
anything is printed. The pandas side counts, without errors and intervals.
"""

from __future__ import annotations

import statistics
import sys
import time

import numpy as np
import pandas as pd

from crmanalytics.segments import migration, migration_by_cuts, pyramid, tier_thresholds


def base(customers: int, *, named: bool) -> tuple[pd.DataFrame, pd.DataFrame]:
    draw = np.random.default_rng(20240607)
    total = draw.lognormal(4, 1.2, customers)
    before = pd.DataFrame({"customer_id": np.arange(customers), "total": total.round(2)})
    later = (total * draw.lognormal(0, 0.4, customers)).round(2)
    after = before.assign(customer_id=before["customer_id"] + customers // 20, total=later)
    after = after.sample(frac=1, random_state=1, ignore_index=True)
    if named:
        before, after = (
            f.assign(customer_id="c" + f["customer_id"].astype(str)) for f in (before, after)
        )
    return pyramid(before), pyramid(after)


def with_crmanalytics(before: pd.DataFrame, after: pd.DataFrame) -> pd.DataFrame:
    return migration(before, after, state="tier", value="total")


def with_pandas(before: pd.DataFrame, after: pd.DataFrame) -> pd.DataFrame:
    both = before.merge(after, on="customer_id", how="outer", suffixes=("_before", "_after"))
    both["from_state"] = both["tier_before"].fillna("Entered")
    both["to_state"] = both["tier_after"].fillna("Left")
    cells = both.groupby(["from_state", "to_state"])
    return cells.agg(
        count=("customer_id", "size"), before=("total_before", "sum"), after=("total_after", "sum")
    ).reset_index()


def by_total(frame: pd.DataFrame, reference: pd.DataFrame) -> pd.DataFrame:
    return pyramid(frame, thresholds=tier_thresholds(reference["total"]))


def cpu_seconds(function, *given, times: int = 5):
    found = []
    for _ in range(times):
        start = time.process_time()
        result = function(*given)
        found.append(time.process_time() - start)
    return statistics.median(found), result


def main() -> None:
    customers = int(sys.argv[1]) if len(sys.argv) > 1 else 1_000_000
    for named in (False, True):
        before, after = base(customers, named=named)
        ours, mine = cpu_seconds(with_crmanalytics, before, after)
        theirs, plain = cpu_seconds(with_pandas, before, after, times=3)
        both = plain.merge(mine, on=["from_state", "to_state"], suffixes=("_plain", ""))
        assert both["count"].tolist() == both["count_plain"].tolist()
        assert mine["count"].sum() == plain["count"].sum()
        np.testing.assert_allclose(both["value_after"], both["after"])
        kind = "texts" if named else "numbers"
        print(
            f"migration, {kind:<8}  {ours:6.2f} CPU s; pandas {theirs:6.2f} ({theirs / ours:.1f}x)"
        )
        cuts, _ = cpu_seconds(
            lambda a, b: migration_by_cuts(a, b, by_total, state="tier"), before, after
        )
        print(f"frozen and refitted  {cuts:6.2f} CPU s")
    tiers, _ = cpu_seconds(pyramid, before)
    print(f"pyramid              {tiers:6.2f} CPU s")


if __name__ == "__main__":
    main()
