"""A cube over ten million sales, beside the same in plain pandas.

    python benchmarks/cube.py [rows]

Prints the CPU seconds of each (best of three) and checks that they agree.
"""

from __future__ import annotations

import itertools
import sys
import time

import numpy as np
import pandas as pd

from crmanalytics.profitability import cube

BY = ["region", "channel", "product"]
LIMIT = 3.0


def sales(rows, seed=0):
    rng = np.random.default_rng(seed)
    regions = np.array([f"region {k}" for k in range(12)])
    channels = np.array(["web", "shop", "phone", "partner"])
    amount = rng.integers(100, 20_000, rows) / 100
    return pd.DataFrame(
        {
            "region": pd.Categorical.from_codes(rng.integers(0, 12, rows), regions),
            "channel": pd.Categorical.from_codes(rng.integers(0, 4, rows), channels),
            "product": rng.integers(0, 500, rows),
            "amount": amount,
            "cost": np.round(amount * rng.uniform(0.4, 1.1, rows), 2),
        }
    )


def with_strings(log):
    return log.assign(region=log["region"].astype(str), channel=log["channel"].astype(str))


def by_pandas(log):
    profit = log.assign(profit=log["amount"] - log["cost"])
    pieces = []
    for size in range(len(BY) + 1):
        for chosen in map(list, itertools.combinations(BY, size)):
            money = profit[["amount", "cost", "profit"]]
            if chosen:
                keys = [profit[name] for name in chosen]
                sums = money.groupby(keys, observed=True).sum()
                sums["rows"] = profit.groupby(chosen, observed=True).size()
            else:
                sums = money.sum().to_frame().T.assign(rows=len(profit))
            pieces.append(sums.reset_index())
    found = pd.concat(pieces, ignore_index=True)
    return found.assign(
        margin=found["profit"] / found["amount"],
        productivity=found["profit"] / found["cost"],
        profit_share=found["profit"] / profit["profit"].sum(),
    )


def timed(call, log):
    best = np.inf
    for _ in range(3):
        start = time.process_time()
        found = call(log)
        best = min(best, time.process_time() - start)
    return best, found


def main():
    rows = int(sys.argv[1]) if len(sys.argv) > 1 else 10_000_000
    log = sales(rows)
    for kind, frame in (("categories", log), ("strings", with_strings(log))):
        ours, found = timed(lambda x: cube(x, BY, costs="cost"), frame)
        theirs, expected = timed(by_pandas, frame)
        for name in ("profit", "margin", "profit_share"):
            assert np.allclose(np.sort(found[name]), np.sort(expected[name])), name
        print(f"{kind:10}  {rows:,} rows  cube {ours:.2f} s  plain pandas {theirs:.2f} s (CPU)")
        if rows >= 10_000_000 and kind == "categories":
            assert ours <= LIMIT, f"{ours:.2f} s is more than {LIMIT:.0f} s"


if __name__ == "__main__":
    main()
