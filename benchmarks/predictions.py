"""Everything the models predict of a million customers, beside the lifetimes package.

Customers are observed for up to two years at daily resolution; each has a mean spend of its own.
Models are built from published parameters, the same for both libraries, so that nothing but the
predictions is timed; ours work on cells that are counted before (anew for every repeat, and the
time of that is printed too). Both libraries run in turn in one process; figures are medians of CPU
seconds, and the values are compared before they are printed. Our first prediction bears the cost of
finding each row's cell, which the others then share. The lifetime values differ a little:
lifetimes discounts by months of four weeks and a bit, ours when a purchase is made.

    python benchmarks/predictions.py --customers 1000000 --repeats 5
"""

from __future__ import annotations

import argparse
import statistics
import time
import warnings
from collections import defaultdict

import numpy as np
import pandas as pd

from crmanalytics import clv

MODELS = {
    "BGNBD": clv.BGNBD(r=0.243, alpha=4.414, a=0.793, b=2.426, unit="W"),
    "MBGNBD": clv.MBGNBD(r=0.525, alpha=6.183, a=0.891, b=1.614, unit="W"),
    "ParetoNBD": clv.ParetoNBD(r=0.553, alpha=10.578, s=0.606, beta=11.669, unit="W"),
}
SPEND = clv.GammaGamma(p=6.25, q=3.74, v=15.44)
HORIZON, RATE = 52, 0.1


def customers(model: clv.PurchaseModel, n: int) -> pd.DataFrame:
    weeks = np.random.default_rng(1).integers(1, 104 * 7 + 1, n) / 7
    drawn = model.simulate(n, weeks, seed=2)
    days = np.ceil(drawn["recency"] * 7)  # the calendar day of the last purchase
    random = np.random.default_rng(3)
    x = drawn["frequency"].to_numpy()
    means = random.gamma(SPEND.p * np.maximum(x, 1), 1 / random.gamma(SPEND.q, 1 / SPEND.v, n))
    spend = np.where(x > 0, np.round(means / np.maximum(x, 1), 2), 0.0)
    return drawn.assign(recency=np.minimum(days / 7, drawn["T"]), monetary_value=spend)


def timed(function) -> tuple[float, object]:
    start = time.process_time()
    result = function()
    return time.process_time() - start, result


def medians(repeats: int, made) -> dict[str, tuple[float, object]]:
    """Return each function's median time and last result; they are made anew for every repeat."""
    seconds, results = defaultdict(list), {}
    for _ in range(repeats):
        for name, function in made().items():
            took, results[name] = timed(function)
            seconds[name].append(took)
    return {name: (statistics.median(seconds[name]), results[name]) for name in results}


def ours(model: clv.PurchaseModel, frame: pd.DataFrame) -> dict:
    cells = clv.count_cells(frame)

    def value():
        counted = model.discounted_expected_purchases(cells, horizon=HORIZON, discount_rate=RATE)
        return counted * SPEND.expected_spend(frame) * 0.3

    return {
        "P(alive)": lambda: model.probability_alive(cells),
        "P(active)": lambda: model.probability_active(cells, HORIZON),
        "expected purchases": lambda: model.expected_purchases(cells, HORIZON),
        "expected spend": lambda: SPEND.expected_spend(frame),
        "lifetime value": value,
    }


def theirs(model: clv.PurchaseModel, frame: pd.DataFrame) -> dict:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        import lifetimes
    names = {
        "BGNBD": lifetimes.BetaGeoFitter,
        "MBGNBD": lifetimes.ModifiedBetaGeoFitter,
        "ParetoNBD": lifetimes.ParetoNBDFitter,
    }
    fitter, money = names[type(model).__name__](), lifetimes.GammaGammaFitter()
    fitter.params_ = pd.Series({k: getattr(model, k) for k in model.parameter_names()})
    money.params_ = pd.Series({k: getattr(SPEND, k) for k in SPEND.parameter_names()})
    fitter.predict = fitter.conditional_expected_number_of_purchases_up_to_time
    triple = frame["frequency"], frame["recency"], frame["T"]
    x, mean = frame["frequency"], frame["monetary_value"]

    def value():
        monthly = (1 + RATE) ** (1 / 12) - 1
        return 0.3 * money.customer_lifetime_value(
            fitter, *triple, mean, time=12, discount_rate=monthly, freq="W"
        )

    return {
        "P(alive)": lambda: fitter.conditional_probability_alive(*triple),
        "expected purchases": lambda: fitter.predict(HORIZON, *triple),
        "expected spend": lambda: money.conditional_expected_average_profit(x, mean),
        "lifetime value": value,
    }


def compare(name: str, n: int, repeats: int, *, slow: bool) -> None:
    model = MODELS[name]
    frame = customers(model, n)
    counting, cells = timed(lambda: clv.count_cells(frame))
    print(f"{name}: {n:,} customers, {len(cells):,} cells counted in {counting:.2f} s of CPU time")
    found = medians(repeats, lambda: ours(model, frame))
    with warnings.catch_warnings(), np.errstate(all="ignore"):
        warnings.simplefilter("ignore")
        beside = medians(1 if slow else repeats, lambda: theirs(model, frame))
    total = [0.0, 0.0]
    for what, (took, values) in found.items():
        if what not in beside:
            print(f"    {what:<22} {took:8.3f}")
            total[0] += took
            continue
        other, expected = beside[what]
        difference = np.asarray(values) / np.asarray(expected, dtype=float) - 1
        agree = np.nanmedian(np.abs(difference))
        print(
            f"    {what:<22} {took:8.3f} {other:8.3f} {other / took:7.1f}x"
            f"   median relative difference {agree:.1e}"
        )
        total[0], total[1] = total[0] + took, total[1] + other
    print(f"    {'all of them':<22} {total[0]:8.3f} {total[1]:8.3f} {total[1] / total[0]:7.1f}x")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--customers", type=int, default=1_000_000)
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument("--models", nargs="+", default=["BGNBD", "MBGNBD"], choices=list(MODELS))
    arguments = parser.parse_args()
    for name in arguments.models:
        compare(name, arguments.customers, arguments.repeats, slow=name == "ParetoNBD")


if __name__ == "__main__":
    main()
