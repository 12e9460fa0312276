"""Every score from a survey knows, if it is told, what its weights were raked to."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from crmanalytics.errors import ParameterError
from crmanalytics.loyalty import (
    apostle_shares,
    dick_basu_shares,
    loyalty_measures,
    very_satisfied_ratio,
    word_of_mouth,
)
from crmanalytics.satisfaction import (
    answer_shares,
    ces,
    change,
    csat,
    delivered_value,
    disconfirmation,
    fit_structural,
    importance_performance_analysis,
    kano,
    nps,
    penalty_reward_contrast,
    satisfaction_index,
    satisfaction_indicators,
    servperf,
    servqual,
    structural_model,
)
from crmanalytics.surveys import rake

TARGETS = {"region": {"n": 0.3, "s": 0.7}, "sex": {"f": 0.5, "m": 0.5}}


def _survey(n: int = 240, seed: int = 3) -> pd.DataFrame:
    """Answers that are mostly a matter of the region."""
    rng = np.random.default_rng(seed)
    region, sex = rng.choice(2, n, p=[0.6, 0.4]), rng.choice(2, n)
    level = 2.0 + 2 * region
    frame = pd.DataFrame({"region": np.array(["n", "s"])[region], "sex": np.array(["f", "m"])[sex]})
    for name in ("y", "expected", "got", "other"):
        frame[name] = np.clip(np.round(level + rng.normal(0, 0.7, n)), 1, 5)
    frame["expected"] = 3.0
    frame["likely"] = 2 * frame["y"]
    frame["with"], frame["without"] = 6 - frame["y"], 3.0
    frame["loyal"] = (frame["got"] > 3).astype(int)
    return rake(frame, TARGETS)


SURVEY = _survey()
WINDOW = {"start": "2024-01-01", "end": "2024-04-01"}
LINK = {"satisfied_from": 4, "loyal_from": 4}
HEARD = {"satisfied_from": 4, "dissatisfied_to": 2, "told_by_satisfied": 3}


def _index(survey, **options):
    model = structural_model({"Q": ["got", "other"], "Joy": ["y"]}, ["Q -> Joy"])
    fit = fit_structural(survey, model, weight=options.pop("weight"))
    return satisfaction_index(
        fit, survey, scale=(1, 5), weights="equal", construct="Joy", **options
    )


SCORES = {
    "nps": lambda s, **o: nps(s, "likely", **o),
    "csat": lambda s, **o: csat(s, "y", scale=(1, 5), mean=True, **o),
    "ces": lambda s, **o: ces(s, "y", scale=(1, 5), top=2, **o),
    "answers": lambda s, **o: answer_shares(s, "y", scale=(1, 5), **o).iloc[[0, 4]],
    "disconfirmation": lambda s, **o: disconfirmation(s, {"a": ("expected", "got")}, **o).iloc[1:4],
    "servqual": lambda s, **o: servqual(s, {"a": ("expected", "got")}, **o).query(
        "metric == 'gap'"
    ),
    "servperf": lambda s, **o: servperf(s, {"a": "got"}, **o),
    "value": lambda s, **o: delivered_value(s, value=["got"], cost=["expected"], **o).query(
        "metric == 'delivered_value'"
    ),
    "kano": lambda s, **o: kano(s, {"a": ("with", "without")}, **o).query("metric == 'functional'"),
    "indicators": lambda s, **o: satisfaction_indicators(
        **WINDOW, survey=s, praise=("y", 4), price_sensitivity=("got", "mean"), **o
    ),
    "loyalty": lambda s, **o: loyalty_measures(**WINDOW, survey=s, defects=("y", 4), **o),
    "apostles": lambda s, **o: apostle_shares(s, "y", "got", **LINK, **o).iloc[[0, 3]],
    "dick-basu": lambda s, **o: dick_basu_shares(
        s, "y", "got", favourable_from=4, repeat_from=4, **o
    ).iloc[[0, 3]],
    "heard": lambda s, **o: word_of_mouth(s, "y", **HEARD, told_by_dissatisfied=9, **o),
    "index": _index,
}


@pytest.mark.parametrize("score", list(SCORES))
def test_margins_that_explain_answers_make_scores_more_certain(score):
    given = SCORES[score](SURVEY, weight="weight")
    known = SCORES[score](SURVEY, weight="weight", raked=["region", "sex"])
    np.testing.assert_allclose(given["estimate"], known["estimate"])
    assert (known["se"] < 0.98 * given["se"]).all()
    assert (known["high"] - known["low"] < given["high"] - given["low"]).all()
    assert (known["n_effective"] >= given["n_effective"]).all()


def test_the_ratio_takes_the_design_and_the_margins():
    sides = {"very": 5, "satisfied": 4}
    plain = very_satisfied_ratio(SURVEY, "y", "loyal", **sides).set_index("metric")
    assert plain.loc["ratio", "n_missing"] == 0
    each = very_satisfied_ratio(
        SURVEY.assign(row=range(len(SURVEY))), "y", "loyal", **sides, clusters="row"
    ).set_index("metric")
    n = len(SURVEY)
    assert each.loc["ratio", "se"] == pytest.approx(plain.loc["ratio", "se"] * np.sqrt(n / (n - 1)))
    raked = very_satisfied_ratio(SURVEY, "y", "loyal", **sides, weight="weight", raked="sex")
    assert np.isfinite(raked["se"]).all()


def _waves() -> pd.DataFrame:
    waves = [_survey(200, 5).assign(wave=1), _survey(240, 6).assign(wave=2)]
    return pd.concat(waves, ignore_index=True).assign(who=[*range(200), *range(100, 340)])


@pytest.mark.parametrize("score", ["mean", "top"])
def test_waves_are_raked_each_by_itself(score):
    waves = _waves()
    options = {"weight": "weight", "raked": ["region", "sex"]}
    found = change(waves, "y", between="wave", score=score, scale=(1, 5), **options).iloc[0]
    row = 0 if score == "top" else 1
    errors = [
        csat(part, "y", scale=(1, 5), mean=True, **options)["se"].iloc[row]
        for _, part in waves.groupby("wave")
    ]
    assert found["se"] == pytest.approx(np.hypot(*errors))
    taken = change(waves, "y", between="wave", score=score, scale=(1, 5), weight="weight").iloc[0]
    assert found["estimate"] == taken["estimate"]
    assert found["se"] < 0.8 * taken["se"]


def test_raked_pairs_of_the_same_people():
    waves = _waves()
    arguments = {"between": "wave", "score": "mean", "scale": (1, 5), "paired": "who"}
    found = change(waves, "y", **arguments, weight="weight", raked=["region", "sex"]).iloc[0]
    taken = change(waves, "y", **arguments, weight="weight").iloc[0]
    assert found["n"] == taken["n"] == 200
    assert found["estimate"] == taken["estimate"]
    assert found["se"] != taken["se"]


@pytest.mark.parametrize(
    "call",
    [
        lambda: nps(SURVEY, "likely", weight="weight", raked=["sex"], method="bootstrap"),
        lambda: csat(SURVEY, "y", scale=(1, 5), weight="weight", raked=["sex"], method="bootstrap"),
        lambda: penalty_reward_contrast(
            SURVEY, "y", ["got"], poor=2, good=4, weight="weight", raked=["sex"]
        ),
        lambda: importance_performance_analysis(
            SURVEY, {"a": "got", "b": "other"}, outcome="y", weight="weight", raked=["sex"]
        ),
    ],
)
def test_samples_drawn_again_say_that_they_keep_their_weights(call):
    with pytest.raises(ParameterError, match="keep the weights"):
        call()


def test_margins_without_weights_are_refused():
    with pytest.raises(ParameterError, match="go together"):
        csat(SURVEY, "y", scale=(1, 5), raked=["sex"])
    with pytest.raises(ParameterError, match="go together"):
        csat(SURVEY, "y", scale=(1, 5), weight="weight", base_weight="weight")


def test_margins_that_explain_all_leave_an_interval_next_to_nothing():
    frame = pd.DataFrame({"g": [0] * 30 + [1] * 70, "happy": [1] * 30 + [5] * 70})
    raked = rake(frame, {"g": {0: 50, 1: 50}})
    found = csat(raked, "happy", scale=(1, 5), weight="weight", raked="g").iloc[0]
    assert found["high"] - found["low"] < 1e-3
