"""Scores of respondents: each construct's value, on the scale that is asked for."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, Literal

import numpy as np

from crmanalytics.errors import FitError, ParameterError
from crmanalytics.frames import with_new
from crmanalytics.satisfaction.structural.answers import read_answers
from crmanalytics.satisfaction.structural.layout import layout_of
from crmanalytics.wording import one_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from crmanalytics.satisfaction.structural.fit import StructuralFit

    Floats = NDArray[np.float64]

__all__ = ["IndexWeights", "check_range", "construct_scores", "from_0_to_100", "index_weights"]

IndexWeights = Literal["unstandardised", "standardised", "equal"]
Kind = Literal["standardised", "answers", "index"]

_RULES: Final = ("unstandardised", "standardised", "equal")


def construct_scores(
    fit: StructuralFit,
    survey: Any,  # noqa: ANN401 - any eager frame
    *,
    kind: Kind = "standardised",
    scale: tuple[float, float] | None = None,
    weights: IndexWeights = "unstandardised",
) -> Any:  # noqa: ANN401 - a frame of the same kind
    """Score each respondent on every construct, ready to be merged with customers.

    Parameters
    ----------
    fit : StructuralFit
        A fit, to this survey or another one with the same items.
    survey : DataFrame
        One row per respondent; read as for the fit.
    kind : {"standardised", "answers", "index"}
        Means of 0 and variance 1 in the survey that was fitted; weighted means of the answers; or
        these from 0 to 100.
    scale : tuple of float, optional
        Lowest and highest possible answer, for ``"index"``.
    weights : {"unstandardised", "standardised", "equal"}
        As for :func:`satisfaction_index`, for ``"answers"`` and ``"index"``.

    Returns
    -------
    DataFrame
        The survey with one more column per construct, named as it (``Satisfaction``). Rows that
        were left out as incomplete have no scores.

    Raises
    ------
    ParameterError
        If an argument is unknown, or the scale is lacking.
    FitError
        If weights are negative, so that a mean of answers would leave their scale.
    DataError
        If the survey lacks answers, or has a column of a construct's name.

    Examples
    --------
    >>> import pandas as pd
    >>> import crmanalytics as crm
    >>> survey = pd.DataFrame({"q": [3, 5, 8, 9, 6], "s": [4, 5, 7, 9, 7]}, index=list("abcde"))
    >>> model = crm.satisfaction.structural_model({"Q": ["q"], "Joy": ["s"]}, ["Q -> Joy"])
    >>> fit = crm.satisfaction.fit_structural(survey, model)
    >>> crm.satisfaction.construct_scores(fit, survey, kind="index", scale=(1, 9)).head(2)
       q  s     Q   Joy
    a  3  4  25.0  37.5
    b  5  5  50.0  50.0
    """
    one_of("kind", kind, ("standardised", "answers", "index"))
    answers = read_answers(survey, fit.model.items, fit.reading)
    taken = [name for name in fit.model.constructs if name in answers.sample.own.columns]
    if taken:
        raise ParameterError(f"survey has columns named as constructs, {taken}: rename them first.")
    member = layout_of(fit.model).member
    if kind == "standardised":
        deviation = np.sqrt(np.diag(fit.moments.covariance))
        away = (answers.matrix - fit.moments.mean) / deviation
        values = away @ (fit.item_weights[:, None] * member)
    else:
        values = answers.matrix @ (index_weights(fit, weights)[:, None] * member)
    if kind == "index":
        values = from_0_to_100(values, check_range(scale))
    whole = np.full((len(answers.kept), values.shape[1]), np.nan)
    whole[answers.kept] = values
    return with_new(answers.sample.own, dict(zip(fit.model.constructs, whole.T, strict=True)))


def index_weights(
    fit: StructuralFit, rule: IndexWeights, constructs: Sequence[str] | None = None
) -> Floats:
    """Return weights of answers that sum to 1 in each block, by one of three rules.

    Raises
    ------
    FitError
        If a weight is negative.
    """
    one_of("weights", rule, _RULES)
    found = fit.solution
    if rule == "equal":
        return found.shares(np.ones_like(fit.item_weights))
    wanted = set(fit.model.constructs if constructs is None else constructs)
    asked = [block.construct in wanted for block in fit.model.blocks for _ in block.items]
    bad = [
        item
        for item, weight, ask in zip(fit.model.items, fit.item_weights, asked, strict=True)
        if weight < 0 and ask
    ]
    if bad:
        raise FitError(
            f"the weights of {bad} are negative, so that a weighted mean could leave the scale of "
            "the answers. Reverse or leave out these items, or say weights='equal'."
        )
    return found.answer_weights if rule == "unstandardised" else found.shares(fit.item_weights)


def from_0_to_100(answers: Floats, scale: tuple[float, float]) -> Floats:
    """Return answers of a scale from 0, the lowest possible one, to 100.

    Examples
    --------
    >>> from_0_to_100(np.array([1.0, 5.5, 10.0]), (1.0, 10.0)).tolist()
    [0.0, 50.0, 100.0]
    """
    return np.asarray(100 * (answers - scale[0]) / (scale[1] - scale[0]))


def check_range(scale: tuple[float, float] | None) -> tuple[float, float]:
    """Return the lowest and the highest possible answer, or say that they are needed."""
    if scale is None or not len(scale) == 2 or not scale[0] < scale[1]:
        raise ParameterError(
            "scale must be the lowest and the highest possible answer, as in scale=(1, 10), not "
            f"{scale!r}"
        )
    return float(scale[0]), float(scale[1])
