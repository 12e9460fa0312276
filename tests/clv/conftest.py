"""High-precision values to hold the formulas against."""

from __future__ import annotations

import json
import math
from pathlib import Path

import numpy as np
import pytest

TRUTH = Path(__file__).parents[1] / "reference" / "truth.json"
EPSILON = 2.220446049250313e-16


def relative_error(name: str, got: float, truth: float) -> float:
    if math.isinf(truth):
        return 0.0 if got == truth else math.inf
    scale = max(1.0, abs(truth)) if name.startswith("log") else abs(truth)
    return abs(got - truth) / scale if scale else abs(got)


@pytest.fixture(scope="session")
def truth():
    """Return the cases of a model: inputs as binary64, outputs to 20 digits."""
    return json.loads(TRUTH.read_text())


@pytest.fixture
def hold_against_truth(truth):
    """Return a function that runs every case of a model and fails with all misses at once."""

    def run(model: str, compute) -> int:
        misses, total = [], 0
        for case in truth[model]:
            with np.errstate(all="raise", under="ignore"):
                got = compute(case["inputs"])
            for name, text in case["outputs"].items():
                if name not in got:
                    continue
                total += 1
                error = relative_error(name, float(got[name]), float(text))
                allowed = max(1e-11, 50 * EPSILON * case["cond"][name])
                if not error <= allowed:
                    misses.append(f"{case['id']}.{name}: {got[name]} for {text} ({error:.1e})")
        assert not misses, "\n".join(misses)
        return total

    return run
