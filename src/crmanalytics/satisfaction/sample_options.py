"""The arguments that every estimate from a survey takes: groups, weights, design, no answers."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypedDict

from crmanalytics.errors import ParameterError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

__all__ = ["DrawnOptions", "SampleOptions", "refuse_raked"]


class DrawnOptions(TypedDict, total=False):
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


class SampleOptions(DrawnOptions, total=False):
    """The same, and what linearised variances can know of the weights besides.

    ``raked`` : columns that the weights were raked to. ``base_weight`` : column of the weights
    before raking.
    """

    raked: str | Sequence[str]
    base_weight: str | None


def refuse_raked(options: Mapping[str, object]) -> None:
    """Say that samples drawn again keep their weights, if they are said to be raked.

    Examples
    --------
    >>> refuse_raked({"weight": "w"})
    """
    if options.get("raked"):
        raise ParameterError(
            "samples drawn again keep the weights they had, so that raked=... would have no "
            "effect: leave it out (intervals are then a little too wide)"
        )
