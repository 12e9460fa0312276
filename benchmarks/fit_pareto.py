"""Fitting the Pareto/NBD model: a million customers here beside lifetimes' ParetoNBDFitter.

Run it with ``python benchmarks/fit_pareto.py [customers] [sample]``. Both sides run in the same
process on customers drawn from one model, with histories of up to two years in whole days.
lifetimes takes too long for a million customers, so it fits the first `sample` (20,000) of them;
its time is then scaled by the number of customers, as its likelihood visits every one. Ours is
measured on all of them, from the frame to the standard errors, and on the sample too, where the two
maxima are compared. Times are CPU seconds: the median of three for ours, one run for lifetimes.
"""

from __future__ import annotations

import statistics
import sys
import time
import warnings
from typing import TYPE_CHECKING

import numpy as np
from lifetimes import ParetoNBDFitter

from crmanalytics.clv import ParetoNBD, count_cells

if TYPE_CHECKING:
    import pandas as pd

    from crmanalytics.clv import Fit

TRUTH = ParetoNBD(r=0.55, alpha=10.6, s=0.61, beta=11.7, unit="W")


def customers(n: int) -> pd.DataFrame:
    """Return histories in weeks, each time a whole number of days."""
    T = np.random.default_rng(1).integers(26 * 7, 104 * 7 + 1, n) / 7
    drawn = TRUTH.simulate(n, T, seed=20240607)
    days = np.ceil(drawn["recency"] * 7)
    # one purchase a day at most, as in a summary of calendar days
    return drawn.assign(recency=days / 7, frequency=np.minimum(drawn["frequency"], days))


def seconds(call) -> tuple[float, object]:
    start = time.process_time()
    result = call()
    return time.process_time() - start, result


def with_lifetimes(frame: pd.DataFrame) -> ParetoNBD:
    fitter = ParetoNBDFitter(penalizer_coef=0.0)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # its own, about old interfaces and overflow
        fitter.fit(frame["frequency"], frame["recency"], frame["T"])
    return ParetoNBD(**{name: float(fitter.params_[name]) for name in ParetoNBD.parameter_names()})


def with_crmanalytics(frame: pd.DataFrame) -> Fit[ParetoNBD]:
    return ParetoNBD.fit(frame)


def main(n: int = 1_000_000, sample: int = 20_000) -> None:
    everyone = customers(n)
    few = everyone.head(sample)
    with_crmanalytics(few)  # imports and first calls are paid here
    ours = statistics.median(seconds(lambda: with_crmanalytics(everyone))[0] for _ in range(3))
    ours_few, fit = seconds(lambda: with_crmanalytics(few))
    theirs_few, model = seconds(lambda: with_lifetimes(few))
    theirs = theirs_few * n / sample
    print(f"{n:,} customers in {len(count_cells(everyone)):,} cells, drawn from {TRUTH}")
    print(f"crmanalytics, {n:,} customers: {ours:.2f} s of CPU")
    print(f"lifetimes, {sample:,} customers: {theirs_few:.1f} s; scaled to {n:,}: {theirs:.0f} s")
    print(f"ratio, per customer (lifetimes at {sample:,}, ours at {n:,}): {theirs / ours:.0f}")
    print(f"ratio at {sample:,} customers, nothing scaled: {theirs_few / ours_few:.0f}")
    print(f"log-likelihood at {sample:,}, ours:      {fit.log_likelihood:.6f} at {fit.model}")
    reached = model.log_likelihood(few).sum()
    print(f"log-likelihood at {sample:,}, lifetimes: {reached:.6f} at {model}")


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
