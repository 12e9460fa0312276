"""Coverage of intervals by enumeration, and the sizes that surveys need."""

from __future__ import annotations

import numpy as np
import pytest

from crmanalytics.errors import ParameterError
from crmanalytics.inference import wilson_interval
from crmanalytics.satisfaction import (
    nps_coverage,
    nps_interval,
    sample_size_nps,
    sample_size_share,
)

SHARES = {  # promoters, detractors
    "balanced": (1 / 3, 1 / 3),
    "typical": (0.60, 0.15),
    "strong": (0.85, 0.05),
    "extreme": (0.95, 0.02),
    "polar": (0.48, 0.5),
}
METHODS = ("wald", "adjusted-wald", "mover")
# coverage and mean width of intervals of 95%, of a full enumeration made apart from this library
PUBLISHED = {
    ("balanced", 10): ((0.909, 0.95), (0.961, 0.83), (0.927, 0.848)),
    ("balanced", 20): ((0.925, 0.695), (0.943, 0.642), (0.943, 0.649)),
    ("balanced", 30): ((0.934, 0.573), (0.947, 0.542), (0.947, 0.546)),
    ("balanced", 50): ((0.94, 0.447), (0.948, 0.432), (0.95, 0.434)),
    ("balanced", 100): ((0.946, 0.318), (0.949, 0.313), (0.95, 0.313)),
    ("typical", 10): ((0.899, 0.832), (0.956, 0.793), (0.931, 0.788)),
    ("typical", 20): ((0.912, 0.625), (0.956, 0.599), (0.943, 0.599)),
    ("typical", 30): ((0.924, 0.517), (0.951, 0.501), (0.95, 0.502)),
    ("typical", 50): ((0.939, 0.405), (0.952, 0.397), (0.951, 0.397)),
    ("typical", 100): ((0.944, 0.288), (0.949, 0.285), (0.949, 0.285)),
    ("strong", 10): ((0.797, 0.447), (0.945, 0.679), (0.953, 0.61)),
    ("strong", 20): ((0.864, 0.384), (0.963, 0.477), (0.96, 0.448)),
    ("strong", 30): ((0.899, 0.337), (0.963, 0.385), (0.953, 0.368)),
    ("strong", 50): ((0.9, 0.273), (0.961, 0.293), (0.945, 0.286)),
    ("strong", 100): ((0.929, 0.197), (0.952, 0.204), (0.948, 0.201)),
    ("extreme", 10): ((0.4, 0.184), (0.941, 0.594), (0.941, 0.488)),
    ("extreme", 20): ((0.64, 0.174), (0.98, 0.384), (0.937, 0.333)),
    ("extreme", 30): ((0.784, 0.164), (0.976, 0.296), (0.945, 0.265)),
    ("extreme", 50): ((0.799, 0.148), (0.976, 0.216), (0.963, 0.199)),
    ("extreme", 100): ((0.9, 0.119), (0.969, 0.142), (0.938, 0.136)),
    ("polar", 10): ((0.892, 1.149), (0.943, 0.977), (0.943, 1.002)),
    ("polar", 20): ((0.928, 0.845), (0.951, 0.766), (0.951, 0.777)),
    ("polar", 30): ((0.936, 0.696), (0.936, 0.65), (0.956, 0.657)),
    ("polar", 50): ((0.947, 0.543), (0.948, 0.521), (0.948, 0.524)),
    ("polar", 100): ((0.948, 0.386), (0.95, 0.378), (0.951, 0.379)),
}


@pytest.mark.parametrize(("scenario", "n"), PUBLISHED)
def test_coverage_is_the_published_one(scenario, n):
    found = nps_coverage(*SHARES[scenario], n, method=METHODS)
    wanted = np.array(PUBLISHED[scenario, n])
    np.testing.assert_allclose(found["coverage"], wanted[:, 0], atol=5.1e-4)
    # the width of Wald's at n = 10 in one scenario was rounded up
    np.testing.assert_allclose(found["width"], wanted[:, 1], atol=1.1e-3)


def test_the_default_holds_its_level_where_the_textbooks_does_not():
    found = nps_coverage(0.95, 0.02, [10, 30], method=METHODS).set_index(["n", "method"])
    assert found.loc[(10, "wald"), "coverage"] < 0.41
    assert found.loc[(10, "mover"), "coverage"] > 0.94
    assert found["outside"].xs("mover", level="method").max() == 0
    assert found.loc[(10, "adjusted-wald"), "outside"] > 0.5


@pytest.mark.slow
def test_the_default_holds_its_level_wherever_the_truth_lies():
    """No true shares on a fine grid bring the default far below its level."""
    worst = {"mover": 1.0, "wald": 1.0}
    for p in np.arange(1, 20) / 20:
        for d in np.arange(0, 20) / 20:
            if p + d <= 1:
                found = nps_coverage(p, min(d, 1 - p), 30, method=list(worst))
                for method, each in zip(found["method"], found["coverage"], strict=True):
                    worst[method] = min(worst[method], each)
    assert worst["mover"] > 0.9
    assert worst["wald"] < 0.9


@pytest.mark.parametrize("truth", [(1.0, 0.0), (0.0, 1.0), (0.0, 0.0)])
def test_truths_at_the_edge(truth):
    found = nps_coverage(*truth, 5)
    assert found["coverage"].between(0, 1 + 1e-12).all()
    assert found.set_index("method").loc["mover", "coverage"] == pytest.approx(1)


@pytest.mark.parametrize(
    ("shares", "n", "text"),
    [
        ((0.7, 0.5), 10, "shares that sum"),
        ((0.5, -0.1), 10, "shares that sum"),
        ((0.5, 0.2), 0, "n must be from 1"),
        ((0.5, 0.2), [], "n must be from 1"),
    ],
)
def test_coverage_of_what_cannot_be(shares, n, text):
    with pytest.raises(ParameterError, match=text):
        nps_coverage(*shares, n)


def test_the_size_for_a_margin_gives_the_margin():
    n = int(sample_size_nps(0.5, 0.2, margin=0.05)["n"].iloc[0])
    for size, wide in ((n, False), (n - 1, True)):
        low, high = nps_interval(0.5, 0.2, size, method="wald")
        assert ((high - low) / 2 > 0.05) == wide


@pytest.mark.parametrize("share", [0.05, 0.5, 0.8])
@pytest.mark.parametrize("margin", [0.02, 0.1])
def test_the_size_for_a_margin_of_a_share_is_that_of_wilsons_interval(share, margin):
    n = int(sample_size_share(share, margin=margin)["n"].iloc[0])
    for size, wide in ((n, False), (n - 1, True)):
        low, high = wilson_interval(share * size, size)
        assert ((high - low) / 2 > margin) == wide


def test_textbook_sizes():
    """Cochran's 384 for 5 points at most (here with Wilson's interval: 4 fewer), 278 of 1000."""
    assert sample_size_share(0.5, margin=0.05)["n"].iloc[0] == 381
    assert sample_size_share(0.5, margin=0.05, population=1000)["n"].iloc[0] == 276
    assert sample_size_nps(0.5, 0.5, margin=0.1)["n"].iloc[0] == 385


def test_the_size_for_a_change_finds_it_as_often_as_was_asked():
    n = int(sample_size_nps(0.475, 0.325, detect=0.1, power=0.8)["n"].iloc[0])
    rng = np.random.default_rng(2)
    before = rng.multinomial(n, (0.45, 0.2, 0.35), 20_000) / n
    after = rng.multinomial(n, (0.5, 0.2, 0.3), 20_000) / n
    scores = [x[:, 0] - x[:, 2] for x in (before, after)]
    variances = [x[:, 0] + x[:, 2] - s**2 for x, s in zip((before, after), scores, strict=True)]
    z = (scores[1] - scores[0]) / np.sqrt((variances[0] + variances[1]) / n)
    assert (z > 1.959964).mean() == pytest.approx(0.8, abs=0.01)


def test_what_makes_a_survey_larger_or_smaller():
    plain = sample_size_nps(0.5, 0.2, detect=0.1).iloc[0]
    assert plain["invitations"] == plain["n"]
    again = sample_size_nps(0.5, 0.2, detect=0.1, correlation=0.5, design_effect=2).iloc[0]
    assert again["n"] == pytest.approx(plain["n"], abs=1)
    assert (
        sample_size_nps(0.5, 0.2, detect=0.1, response_rate=0.1)["invitations"].iloc[0]
        == 10 * plain["n"]
    )
    rise, fall = (sample_size_share(0.8, detect=d)["n"].iloc[0] for d in (0.1, -0.1))
    assert rise < fall  # shares near one half vary most


@pytest.mark.parametrize(
    ("options", "text"),
    [
        ({}, "either margin or detect"),
        ({"margin": 0.1, "detect": 0.1}, "either margin or detect"),
        ({"margin": 0.0}, "margin must lie"),
        ({"detect": 0.0}, "detect must lie"),
        ({"detect": 0.1, "power": 0.5}, "power must lie"),
        ({"detect": 0.1, "power": 1.0}, "power must lie"),
        ({"margin": 0.1, "design_effect": 0.0}, "design_effect must lie"),
        ({"margin": 0.1, "response_rate": 0.0}, "response_rate must lie"),
        ({"margin": 0.1, "population": 0}, "population must lie"),
        ({"margin": 0.1, "level": 95}, "level must lie"),
        ({"detect": 0.1, "correlation": 1.0}, "correlation must lie"),
    ],
)
def test_plans_that_cannot_be(options, text):
    with pytest.raises(ParameterError, match=text):
        sample_size_nps(0.5, 0.2, **options)


def test_shares_that_cannot_be():
    with pytest.raises(ParameterError, match="share must lie"):
        sample_size_share(1.0, margin=0.1)
    with pytest.raises(ParameterError, match=r"share \+ detect must stay"):
        sample_size_share(0.95, detect=0.1)
    with pytest.raises(ParameterError, match="shares that sum"):
        sample_size_nps(0.9, 0.2, margin=0.1)
