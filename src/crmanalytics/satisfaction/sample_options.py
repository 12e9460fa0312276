"""The arguments that every estimate from a survey takes: groups, weights, design, no answers."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypedDict

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["SampleOptions"]


class SampleOptions(TypedDict, total=False):
    """Arguments of :func:`crmanalytics.inference.read_sample` that are passed on to it.

    ``by`` : columns of groups. ``weight`` : column of weights, 0 or more. ``strata``, ``clusters``,
    ``population`` : columns of the design. ``no_answer`` : codes of no answer, such as 99.
    ``level`` : confidence level, 0.95 by default.
    """

    by: str | Sequence[str] | None
    weight: str | None
    strata: str | None
    clusters: str | None
    population: str | None
    no_answer: Sequence[float]
    level: float
