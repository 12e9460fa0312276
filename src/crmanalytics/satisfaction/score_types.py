"""The choices that several scores share, as types."""

from __future__ import annotations

from typing import Literal

__all__ = ["Adjustment", "IntervalMethod", "ScoreName", "ShareMethod"]

IntervalMethod = Literal["mover", "score", "adjusted-wald", "wald"]
ShareMethod = Literal["wilson", "logit", "beta", "wald"]
ScoreName = Literal["nps", "top", "mean"]
Adjustment = Literal["holm", "benjamini-hochberg", "bonferroni", "none"]
