"""Formulas beside values of fifty and more digits: the largest error of each quantity.

The values, ordinary and hostile, and how each formula is asked are those of `tests/clv`.
"""

from __future__ import annotations

import importlib.util
import json
from pathlib import Path
from typing import TYPE_CHECKING

from published import Number

if TYPE_CHECKING:
    from collections.abc import Iterator
    from types import ModuleType

TESTS = Path(__file__).parents[2] / "tests"
MODELS = {
    "bgnbd": "BG/NBD",
    "mbgnbd": "MBG/NBD",
    "pnbd": "Pareto/NBD",
    "gg": "Gamma-Gamma",
    "bgbb": "BG/BB",
    "sbg": "shifted beta-geometric",
    "npv": "present value",
    "markov": "Markov chain",
}
QUANTITIES = {
    "loglik": "log-likelihood",
    "p_alive": "P(alive)",
    "p_alive_next": "P(alive) at the next opportunity",
    "cond_exp": "expected purchases",
    "exp_new": "expected purchases of a new customer",
    "pmf": "probability of a count or time",
    "log_pmf": "its logarithm",
    "dert": "discounted residual purchases",
    "cond_spend": "expected spend",
    "survival": "survival",
    "log_survival": "log survival",
    "retention": "retention rate",
    "del": "discounted lifetime",
    "derl": "discounted residual lifetime",
    "derl_after": "the same, after a renewal",
    "start_certain": "paid at the start",
    "end_certain": "paid at the end",
    "end_at_risk": "paid at the end, at risk",
}


def published() -> Iterator[Number]:
    """Give the largest error of each quantity; a place of one thousand-millionth must agree."""
    truth = json.loads((TESTS / "reference" / "truth.json").read_text(encoding="utf-8"))
    test = _test()
    for model, compute in test.COMPUTE.items():
        errors: dict[str, list[float]] = {}
        for case in truth[model]:
            for name, error, _ in test.judged(case, compute):
                errors.setdefault(QUANTITIES.get(name, "value of a state"), []).append(error)
        for quantity, of in errors.items():
            what = f"{MODELS[model]}, {quantity}: largest relative error of {len(of)}"
            yield Number(
                "Formulas beside 50 digits", what, "mpmath, 50 digits", "0.000000000", max(of)
            )


def _test() -> ModuleType:
    spec = importlib.util.spec_from_file_location("truth_of_clv", TESTS / "clv" / "test_truth.py")
    if spec is None or spec.loader is None:
        raise FileNotFoundError(TESTS / "clv" / "test_truth.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module
