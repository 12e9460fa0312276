"""What drives satisfaction: ours beside a loop over the rows.

Run it with ``python benchmarks/drivers.py [rows] [draws]``. The loop is the plain formulation: each
bootstrap sample takes rows, and each subset of drivers a least-squares fit on them, by numpy. Both
get the same task, and the estimates are compared before anything is printed. Figures are CPU
seconds; the loop is timed on few samples and its time per sample is multiplied up, which the output
says. Threads of BLAS are held to one on both sides.
"""

from __future__ import annotations

import sys
import time
from math import factorial

import numpy as np
import pandas as pd
from threadpoolctl import threadpool_limits

import crmanalytics as crm

SAMPLES_OF_THE_LOOP = 3


def survey(rows: int, drivers: int) -> pd.DataFrame:
    draw = np.random.default_rng(20240607)
    common = draw.normal(size=(rows, 1))
    answers = np.clip(np.round(6 + 1.2 * common + draw.normal(size=(rows, drivers))), 1, 10)
    frame = pd.DataFrame(answers, columns=[f"driver {k}" for k in range(drivers)])
    frame["overall"] = np.clip(np.round(answers.mean(axis=1) + draw.normal(size=rows)), 1, 10)
    return frame


def lmg_by_loop(values: np.ndarray) -> np.ndarray:
    """Fit every subset of drivers to the rows, and average what each adds."""
    p = values.shape[1] - 1
    outcome = values[:, -1]
    total = ((outcome - outcome.mean()) ** 2).sum()
    explained = np.zeros(2**p)
    for subset in range(1, 2**p):
        columns = [j for j in range(p) if subset >> j & 1]
        design = np.column_stack([np.ones(len(values)), values[:, columns]])
        left = outcome - design @ np.linalg.lstsq(design, outcome, rcond=None)[0]
        explained[subset] = 1 - (left @ left) / total
    shares = np.zeros(p)
    for j in range(p):
        for subset in range(2**p):
            if not subset >> j & 1:
                size = subset.bit_count()
                weight = factorial(size) * factorial(p - size - 1) / factorial(p)
                shares[j] += weight * (explained[subset | 1 << j] - explained[subset])
    return shares


def johnson_by_loop(values: np.ndarray) -> np.ndarray:
    correlation = np.corrcoef(values.T)
    spread, vectors = np.linalg.eigh(correlation[:-1, :-1])
    root = vectors @ np.diag(np.sqrt(spread)) @ vectors.T
    return root**2 @ np.linalg.solve(root, correlation[:-1, -1]) ** 2


def cpu_seconds(function, *given):
    start = time.process_time()
    result = function(*given)
    return time.process_time() - start, result


def compare(name: str, frame: pd.DataFrame, drivers: int, draws: int, plain) -> None:
    names = [f"driver {k}" for k in range(drivers)]
    values = frame[[*names, "overall"]].to_numpy()
    seconds, found = cpu_seconds(
        lambda: crm.satisfaction.drivers(frame, "overall", names, method=name, draws=draws)
    )
    draw = np.random.default_rng(1)
    rows = len(values)
    samples = [values] + [
        values[draw.integers(0, rows, rows)] for _ in range(SAMPLES_OF_THE_LOOP - 1)
    ]
    each, plainly = cpu_seconds(lambda: [plain(one) for one in samples])
    np.testing.assert_allclose(found["estimate"], plainly[0], atol=1e-10)
    loop = each / SAMPLES_OF_THE_LOOP * (draws + 1)
    print(
        f"{name:<8} {drivers:>3} drivers, {rows:>7,} rows, {draws} draws: {seconds:7.3f} CPU s; "
        f"loop {loop:9.1f} ({loop / seconds:,.0f}x; from {SAMPLES_OF_THE_LOOP} samples)"
    )


def main() -> None:
    rows = int(sys.argv[1]) if len(sys.argv) > 1 else 10_000
    draws = int(sys.argv[2]) if len(sys.argv) > 2 else 500
    with threadpool_limits(1):
        frame = survey(rows, 15)
        crm.satisfaction.drivers(frame, "overall", ["driver 0"], draws=20)  # imports, untimed
        compare("lmg", frame, 5, draws, lmg_by_loop)
        compare("lmg", frame, 8, draws, lmg_by_loop)
        compare("johnson", frame, 15, draws, johnson_by_loop)
        names = [f"driver {k}" for k in range(15)]
        for size in (rows, 10 * rows):
            large = survey(size, 15)
            seconds, _ = cpu_seconds(
                lambda large=large: crm.satisfaction.drivers(large, "overall", names, draws=draws)
            )
            print(f"lmg       15 drivers, {size:>7,} rows, {draws} draws: {seconds:7.3f} CPU s")


if __name__ == "__main__":
    main()
