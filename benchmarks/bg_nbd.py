"""Fit the BG/NBD and the MBG/NBD to a million simulated customers and score them, beside lifetimes.

Customers are observed for 27 to 39 weeks at daily resolution. Both libraries read the same pandas
frame in the same process, in turn; figures are medians of CPU seconds. Log-likelihoods are compared
at both libraries' estimates with the same function. Peak memory is measured in one child process
per library, from what it holds once the frame is built and the library is imported (Linux).

    python benchmarks/bg_nbd.py --customers 1000000 --repeats 3
"""

from __future__ import annotations

import argparse
import json
import statistics
import subprocess
import sys
import time
import warnings
from pathlib import Path

import numpy as np
import pandas as pd

from crmanalytics.clv import BGNBD, MBGNBD, bootstrap, count_cells

TRUTH = BGNBD(r=0.243, alpha=4.414, a=0.793, b=2.426)
HORIZON = 39


def customers(n: int) -> pd.DataFrame:
    weeks = np.random.default_rng(1).integers(27 * 7, 39 * 7 + 1, n) / 7
    drawn = TRUTH.simulate(n, weeks, seed=2)
    days = np.ceil(drawn["recency"] * 7)  # the calendar day of the last purchase
    return drawn.assign(recency=np.minimum(days / 7, drawn["T"]))


def ours_fit(frame: pd.DataFrame) -> BGNBD:
    return BGNBD.fit(frame).model


def theirs_fit(frame: pd.DataFrame) -> BGNBD:
    fitter = lifetimes_fitter(frame)
    return BGNBD(**{name: float(value) for name, value in fitter.params_.items()})


def lifetimes_fitter(frame: pd.DataFrame):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        import lifetimes

        fitter = lifetimes.BetaGeoFitter()
        return fitter.fit(frame["frequency"], frame["recency"], frame["T"])


def timed(function, *arguments) -> tuple[float, object]:
    start = time.process_time()
    result = function(*arguments)
    return time.process_time() - start, result


def in_turn(repeats: int, pairs: dict[str, object], frame: pd.DataFrame) -> dict[str, tuple]:
    seconds = {name: [] for name in pairs}
    results = {}
    for _ in range(repeats):
        for name, function in pairs.items():
            took, results[name] = timed(function, frame)
            seconds[name].append(took)
    return {name: (statistics.median(seconds[name]), results[name]) for name in pairs}


def report(what: str, ours: float, theirs: float) -> None:
    print(f"{what:<46} {ours:8.3f} {theirs:8.3f} {theirs / ours:7.1f}x")


def peak(library: str, n: int) -> float:
    command = [sys.executable, __file__, "--child", library, "--customers", str(n)]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    return float(json.loads(done.stdout.splitlines()[-1]))


def child(library: str, n: int) -> None:
    fit = ours_fit if library == "crmanalytics" else theirs_fit
    fit(customers(500))
    frame = customers(n)
    Path("/proc/self/clear_refs").write_text("5")
    before = status("VmRSS")
    fit(frame)
    print(json.dumps(status("VmHWM") - before))


def status(field: str) -> float:
    lines = Path("/proc/self/status").read_text().splitlines()
    return float(dict(line.split(":", 1) for line in lines)[field].split()[0]) / 1024


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--customers", type=int, default=1_000_000)
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument("--draws", type=int, default=200)
    parser.add_argument("--child", choices=["crmanalytics", "lifetimes"])
    arguments = parser.parse_args()
    if arguments.child:
        child(arguments.child, arguments.customers)
        return
    frame = customers(arguments.customers)
    small = frame.head(2000)
    ours_fit(small), theirs_fit(small)
    print(f"{len(frame):,} customers in {len(count_cells(frame)):,} cells; CPU seconds, medians")
    print(f"{'':<46} {'ours':>8} {'theirs':>8} {'ratio':>8}")
    fits = in_turn(arguments.repeats, {"ours": ours_fit, "theirs": theirs_fit}, frame)
    report("fit, from the frame", fits["ours"][0], fits["theirs"][0])
    for name in ("ours", "theirs"):
        log_likelihood = fits[name][1].log_likelihood(frame).sum()
        print(f"    log-likelihood at the estimates of {name:<10} {log_likelihood:,.4f}")
    modified(frame, arguments.repeats)
    score(frame, arguments.repeats)
    fit = BGNBD.fit(frame)
    took, _ = timed(lambda: bootstrap(fit, frame, draws=arguments.draws, seed=1))
    report(f"{arguments.draws} bootstrap refits beside one fit of theirs", took, fits["theirs"][0])
    memory = {name: peak(name, arguments.customers) for name in ("crmanalytics", "lifetimes")}
    share = memory["crmanalytics"] / memory["lifetimes"]
    print(f"peak memory of a fit, MB: {memory['crmanalytics']:,.0f} and {memory['lifetimes']:,.0f}")
    print(f"    share {share:.3f}")


def modified(frame: pd.DataFrame, repeats: int) -> None:
    def theirs_modified(given):
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            import lifetimes

            fitter = lifetimes.ModifiedBetaGeoFitter()
            fitter.fit(given["frequency"], given["recency"], given["T"])
        return MBGNBD(**{name: float(value) for name, value in fitter.params_.items()})

    pairs = {"ours": lambda given: MBGNBD.fit(given).model, "theirs": theirs_modified}
    fits = in_turn(repeats, pairs, frame)
    report("fit of the MBG/NBD, from the frame", fits["ours"][0], fits["theirs"][0])
    for name in pairs:
        log_likelihood = fits[name][1].log_likelihood(frame).sum()
        print(f"    log-likelihood at the estimates of {name:<10} {log_likelihood:,.4f}")


def score(frame: pd.DataFrame, repeats: int) -> None:
    model = ours_fit(frame)
    fitter = lifetimes_fitter(frame.head(2000))
    fitter.params_ = pd.Series({k: getattr(model, k) for k in model.parameter_names()})
    triple = frame["frequency"], frame["recency"], frame["T"]

    def theirs_alive(_):
        return fitter.conditional_probability_alive(*triple)

    def theirs_expected(_):
        return fitter.conditional_expected_number_of_purchases_up_to_time(HORIZON, *triple)

    def ours_both(given):
        cells = count_cells(given)
        return model.probability_alive(cells), model.expected_purchases(cells, HORIZON)

    pairs = {
        "ours alive": model.probability_alive,
        "theirs alive": theirs_alive,
        "ours expected": lambda given: model.expected_purchases(given, HORIZON),
        "theirs expected": theirs_expected,
        "ours both": ours_both,
    }
    done = in_turn(repeats, pairs, frame)
    np.testing.assert_allclose(done["ours alive"][1], done["theirs alive"][1], rtol=1e-6)
    np.testing.assert_allclose(done["ours expected"][1], done["theirs expected"][1], rtol=1e-6)
    report("P(alive), from the frame", done["ours alive"][0], done["theirs alive"][0])
    report(
        "expected purchases, from the frame", done["ours expected"][0], done["theirs expected"][0]
    )
    theirs = done["theirs alive"][0] + done["theirs expected"][0]
    report("both, cells counted once", done["ours both"][0], theirs)


if __name__ == "__main__":
    main()
