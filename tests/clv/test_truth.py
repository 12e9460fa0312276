"""All models together against values of fifty and more digits, ordinary and hostile."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from crmanalytics import clv
from crmanalytics.clv.btyd.bg_bb_outlook import survived_opportunities
from crmanalytics.clv.btyd.pareto_outlook import discounted_lifetime
from crmanalytics.clv.discounting import retention_value


def purchases(model, i, *, horizon, new=True):
    """Return what every purchase model is asked, and the history it is asked about."""
    one = pd.DataFrame(
        {"frequency": [i["x"]], "recency": [i["t_x"]], "T": [i.get("T", i.get("n"))]}
    )
    found = {
        "loglik": model.log_likelihood(one)[0],
        "p_alive": model.probability_alive(one)[0],
        "cond_exp": model.expected_purchases(one, horizon)[0],
    }
    if new:
        found["exp_new"] = model.expected_purchases_new(horizon)
    return found, one


def beta_geometric(cls):
    def compute(i):
        model = cls(i["r"], i["alpha"], i["a"], i["b"])
        found, _ = purchases(model, i, horizon=i["t"])
        n, t = np.array([float(i["n"])]), np.array([float(i["t"])])
        log_pmf = model._log_pmf(n, t)[0]
        return found | {"pmf": model.purchase_count_probability(n, t)[0], "log_pmf": log_pmf}

    return compute


def pareto(i):
    model = clv.ParetoNBD(i["r"], i["alpha"], i["s"], i["beta"])
    found, one = purchases(model, i, horizon=i["t"])
    life = discounted_lifetime(model.s, np.array([model.beta + i["T"]]), np.inf, float(i["delta"]))
    worth = model._mean_rate(one["frequency"], one["T"]) * life
    return found | {"dert": model._times_alive(*one.to_numpy(float).T, worth)[0]}


def beta_bernoulli(i):
    model = clv.BGBB(i["alpha"], i["beta"], i["gamma"], i["delta"])
    found, one = purchases(model, i, horizon=i["n_star"], new=False)
    stays = np.array([model.delta + i["n"]])
    life = survived_opportunities(model.gamma, stays, np.inf, np.log1p(i["d"]))
    worth = model._mean_probability(one["frequency"], one["T"]) * life
    return found | {
        "p_alive_next": model.probability_alive_next(one)[0],
        "dert": model._times_alive(*one.to_numpy(float).T, worth)[0],
    }


def gamma_gamma(i):
    model = clv.GammaGamma(i["p"], i["q"], i["v"])
    one = pd.DataFrame({"frequency": [i["x"]], "monetary_value": [float(i["zbar"])]})
    return {"loglik": model.log_likelihood(one)[0], "cond_spend": model.expected_spend(one)[0]}


def contractual(i):
    model, t = clv.ShiftedBetaGeometric(i["alpha"], i["beta"]), i["t"]
    residual, n, d = model.discounted_residual_lifetime, i["n"], i["d"]
    return {
        "log_pmf": model.log_churn_probability(t),
        "log_survival": model.log_survival(t),
        "pmf": model.churn_probability(t),
        "survival": model.survival(t),
        "retention": model.retention_rate(t),
        "del": model.discounted_lifetime(discount_rate=d),
        "derl": residual(n - 1, discount_rate=d, moment="before_renewal"),
        "derl_after": residual(n, discount_rate=d, moment="after_renewal"),
    }


def net_present_value(i):
    terms = {"periods_per_year": 1, "horizon": i["N"]}
    cases = {
        "start_certain": ("start", "certain"),
        "end_certain": ("end", "certain"),
        "end_at_risk": ("end", "at_risk"),
    }
    return {
        name: retention_value(i["m"], i["r"], i["d"], timing=timing, first=first, **terms)
        for name, (timing, first) in cases.items()
    }


def markov(i):
    chain = clv.MarkovChain(i["P"], i["R"])
    finite = chain.value(i["d"], periods_per_year=1, horizon=i["N"])
    found = {f"VN{state}": value for state, value in enumerate(finite)}
    last_pays = np.asarray(i["R"])[-1] != 0
    if i["d"] > 0 or not last_pays:  # else without end and without a value
        endless = chain.value(i["d"], periods_per_year=1)
        found |= {f"V{state}": value for state, value in enumerate(endless)}
    return found


COMPUTE = {
    "bgnbd": beta_geometric(clv.BGNBD),
    "mbgnbd": beta_geometric(clv.MBGNBD),
    "pnbd": pareto,
    "gg": gamma_gamma,
    "bgbb": beta_bernoulli,
    "sbg": contractual,
    "npv": net_present_value,
    "markov": markov,
}


def judged(case, compute):
    """Yield the name, the error and whether it is within tolerance, for each output of a case."""
    with np.errstate(all="raise", under="ignore"):
        found = compute(case["inputs"])
    for name, text in case["outputs"].items():
        got, truth = float(found[name]), float(text)
        scale = max(1.0, abs(truth)) if name.startswith("log") else abs(truth) or 1.0
        error = 0.0 if got == truth else abs(got - truth) / scale
        yield name, error, error <= max(1e-11, 50 * 2.220446049250313e-16 * case["cond"][name])


@pytest.fixture(scope="module")
def verdicts(truth):
    rows = [
        (model, case["id"], *verdict)
        for model, compute in COMPUTE.items()
        for case in truth[model]
        for verdict in judged(case, compute)
    ]
    return pd.DataFrame(rows, columns=["model", "case", "output", "error", "within"])


def test_every_model_is_here(truth, verdicts):
    assert COMPUTE.keys() == truth.keys()
    outputs = {m: sum(len(case["outputs"]) for case in cases) for m, cases in truth.items()}
    assert verdicts.groupby("model").size().to_dict() == outputs
    assert len(verdicts) == 1125


def test_no_output_is_far_off(verdicts):
    worst = verdicts.sort_values("error").tail(5)
    assert verdicts["error"].max() <= 1e-9, worst.to_string()


def test_nearly_all_are_within_the_tolerance_of_their_condition(verdicts):
    misses = verdicts[~verdicts["within"]]
    assert len(misses) <= 0.001 * len(verdicts), misses.to_string()
