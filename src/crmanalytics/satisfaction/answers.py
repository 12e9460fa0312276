"""Which answers were given, and how often: the distribution behind a score."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from crmanalytics import columns as c
from crmanalytics.errors import ParameterError
from crmanalytics.frames import with_parameters
from crmanalytics.inference import TIDY, estimate_proportions, names_of, read_sample, tidy_table

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from crmanalytics.satisfaction.score_types import ShareMethod

    Floats = NDArray[np.float64]

__all__ = ["answer_shares"]

_MOST = 101


def answer_shares(
    survey: Any,  # noqa: ANN401 - any eager frame
    answers: str | Sequence[str],
    *,
    scale: tuple[int, int],
    by: str | Sequence[str] | None = None,
    weight: str | None = None,
    strata: str | None = None,
    clusters: str | None = None,
    population: str | None = None,
    raked: str | Sequence[str] = (),
    base_weight: str | None = None,
    no_answer: Sequence[float] = (),
    missing: bool = False,
    method: ShareMethod = "wilson",
    level: float = 0.95,
) -> Any:  # noqa: ANN401 - a frame of the same kind
    """Say which share of the people gave each answer.

    Parameters
    ----------
    survey : DataFrame
        One row per answer sheet.
    answers : str or sequence of str
        Columns of whole numbers.
    scale : tuple of int
        Lowest and highest answer; each one between is a row, whether it occurs or not.
    by, weight, strata, clusters, population, raked, base_weight, no_answer, method, level
        As for :func:`csat`.
    missing : bool
        Whether not answering is an answer too: then shares are of all rows, and a row whose
        ``answer`` is missing says how many gave none.

    Returns
    -------
    DataFrame
        Of the same kind, one row per group, item and answer: the columns of `by`, ``item``,
        ``answer``, and then as for :func:`nps`, with the metric 'share'.

    Raises
    ------
    DataError
        If columns are missing or answers are out of range.
    ParameterError
        If the scale is none.

    Examples
    --------
    >>> import pandas as pd
    >>> found = answer_shares(pd.DataFrame({"happy": [1, 3, 3, None]}), "happy", scale=(1, 3))
    >>> found[["item", "answer", "estimate", "n"]].round(3)
        item  answer  estimate  n
    0  happy     1.0     0.333  3
    1  happy     2.0     0.000  3
    2  happy     3.0     0.667  3
    """
    steps = scale[1] - scale[0] + 1
    if not 2 <= steps <= _MOST:
        raise ParameterError(f"scale must have from 2 to {_MOST} answers, not {scale!r}")
    items = names_of(answers)
    sample = read_sample(
        survey, items, by=by, scale=scale, whole=True, weight=weight, strata=strata,
        clusters=clusters, population=population, raked=raked, base_weight=base_weight,
        no_answer=no_answer, level=level,
    )  # fmt: skip
    kinds = [*range(scale[0], scale[1] + 1), *([None] if missing else [])]
    keys = [(item, kind) for item in items for kind in kinds]
    found = [
        estimate_proportions(sample, _hits(sample.answers(item), kind, missing=missing), method)
        for item, kind in keys
    ]
    size = sample.groups.size
    table: dict[str, Any] = {
        "item": [item for item, _ in keys] * size,
        "answer": np.array([np.nan if kind is None else kind for _, kind in keys] * size, float),
        c.METRIC: ["share"] * len(keys) * size,
    }
    for name in TIDY[1:-1]:
        table[name] = np.column_stack([getattr(each, name) for each in found]).ravel()
    table[c.METHOD] = [method] * len(keys) * size
    laid = tidy_table(sample.own, table, sample.groups.labels, len(keys))
    return with_parameters(laid, level=level, scale=scale)


def _hits(given: Floats, kind: int | None, *, missing: bool) -> Floats:
    unknown = np.isnan(given)
    if kind is None:
        return unknown.astype(float)
    hit = (given == kind).astype(float)
    return hit if missing else np.where(unknown, np.nan, hit)
