"""Scores of a million answers in a thousand groups: ours beside a function applied to each group.

Run it with ``python benchmarks/satisfaction_scores.py [answers] [groups]``. The peer is what a
notebook does: ``groupby(...).apply`` of a function that counts, and a Wald interval; ours has
MOVER-Wilson intervals, effective sizes and counts of missing answers besides. Figures are medians
of CPU seconds in one process; scores and standard errors are compared before anything is printed.
"""

from __future__ import annotations

import statistics
import sys
import time

import numpy as np
import pandas as pd

from crmanalytics.satisfaction import change, csat, nps
from crmanalytics.surveys import rake


def survey(answers: int, groups: int) -> pd.DataFrame:
    draw = np.random.default_rng(20240607)
    return pd.DataFrame(
        {
            "shop": draw.integers(0, groups, answers),
            "likely": draw.choice(np.r_[0:11, np.nan], answers),
            "wave": draw.integers(0, 2, answers),
            "w": draw.lognormal(0, 0.4, answers),
            "sex": draw.choice(["f", "m"], answers),
            "age": draw.integers(0, 6, answers),
        }
    )


def one_group(scores: pd.Series) -> pd.Series:
    known = scores.dropna()
    p, d, n = (known >= 9).mean(), (known <= 6).mean(), len(known)
    score = p - d
    error = np.sqrt((p + d - score**2) / n)
    return pd.Series(
        {
            "estimate": score,
            "se": error,
            "low": score - 1.96 * error,
            "high": score + 1.96 * error,
            "n": n,
            "n_missing": len(scores) - n,
        }
    )


def with_apply(frame: pd.DataFrame) -> pd.DataFrame:
    return frame.groupby("shop")["likely"].apply(one_group).unstack()  # noqa: PD010 - nothing to sum up


def with_weights(frame: pd.DataFrame) -> pd.DataFrame:
    def one(group: pd.DataFrame) -> pd.Series:
        known = group.dropna(subset="likely")
        w = known["w"] / known["w"].sum()
        v = np.where(known["likely"] >= 9, 1, np.where(known["likely"] <= 6, -1, 0))
        score = (w * v).sum()
        return pd.Series({"estimate": score, "se": np.sqrt((w**2 * (v - score) ** 2).sum())})

    return frame.groupby("shop")[["likely", "w"]].apply(one)


def cpu_seconds(function, *given, times: int = 5):
    found = []
    for _ in range(times):
        start = time.process_time()
        result = function(*given)
        found.append(time.process_time() - start)
    return statistics.median(found), result


def main() -> None:
    answers = int(sys.argv[1]) if len(sys.argv) > 1 else 1_000_000
    groups = int(sys.argv[2]) if len(sys.argv) > 2 else 1_000
    frame = survey(answers, groups)
    print(f"{answers:,} answers, {groups:,} groups; CPU seconds, medians")
    for name, ours, peer in (
        ("nps by group", lambda f: nps(f, "likely", by="shop"), with_apply),
        ("nps by group, weighted", lambda f: nps(f, "likely", by="shop", weight="w"), with_weights),
    ):
        mine, found = cpu_seconds(ours, frame)
        theirs, plain = cpu_seconds(peer, frame, times=3)
        np.testing.assert_allclose(found["estimate"], plain["estimate"], atol=1e-12)
        np.testing.assert_allclose(found["se"], plain["se"], atol=1e-12)
        print(f"{name:<28} {mine:6.3f}; groupby.apply {theirs:6.3f} ({theirs / mine:.1f}x)")
    targets = {"sex": {"f": 52, "m": 48}, "age": dict(enumerate((10, 20, 20, 20, 20, 10)))}
    for name, call in (
        ("nps, clusters", lambda f: nps(f, "likely", weight="w", clusters="shop")),
        (
            "csat and mean by group",
            lambda f: csat(f, "likely", scale=(0, 10), by="shop", mean=True),
        ),
        ("change between waves", lambda f: change(f, "likely", between="wave", by="shop")),
        ("raking to two margins", lambda f: rake(f, targets, weight="w")),
    ):
        print(f"{name:<28} {cpu_seconds(call, frame)[0]:6.3f}")


if __name__ == "__main__":
    main()
