"""Answers to Gabor and Granger's question, checked: who was asked which price, and said what."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from crmanalytics.errors import InvalidValuesError
from crmanalytics.inference import read_sample

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from crmanalytics.inference import Sample

    Floats = NDArray[np.float64]
    Ints = NDArray[np.int64]

__all__ = ["Asked", "read_asked"]


@dataclass(frozen=True, eq=False)
class Asked:
    """Answers of the people who were asked: person, price and answer of each row."""

    sample: Sample
    person: Ints
    price: Floats
    answer: Floats


def read_asked(
    answers: Any,  # noqa: ANN401
    columns: tuple[str, str, str],
    by: str | Sequence[str] | None,
    weight: str | None,
    level: float,
    design: tuple[str | None, str | None, str | None],
) -> Asked:
    """Check the answers: one of each person to each price.

    Examples
    --------
    >>> import pandas as pd
    >>> frame = pd.DataFrame({"who": ["b", "b", "a"], "price": [5, 9, 5], "buys": [1, 0, 1]})
    >>> no_design = (None, None, None)
    >>> read_asked(frame, ("who", "price", "buys"), None, None, 0.95, no_design).person.tolist()
    [0, 0, 1]
    """
    import pandas as pd

    respondent, price, would_buy = columns
    strata, clusters, population = design
    if strata or population:
        clusters = clusters or respondent  # the rows of a person are one unit
    sample = read_sample(
        answers, [price, would_buy], by=by, labels=[respondent], weight=weight, level=level,
        scale={price: (0.0, np.inf), would_buy: (0.0, 1.0)}, frame="answers",
        strata=strata, clusters=clusters, population=population,
    )  # fmt: skip
    ids = sample.own[respondent].to_list()
    person = pd.factorize(np.asarray(ids, dtype=object))[0].astype(np.int64)
    read = Asked(sample, person, sample.answers(price), sample.answers(would_buy))
    known = ~np.isnan(read.price)
    free = known & (read.price <= 0)
    if free.any():
        raise InvalidValuesError(
            f"answers[{price!r}] must be above 0: {int(free.sum()):,} rows are not (first: "
            f"{np.flatnonzero(free)[:3].tolist()})"
        )
    keys = pd.DataFrame({"who": read.person, "price": read.price, "group": sample.groups.of_row})
    twice = known & keys.duplicated().to_numpy()
    if twice.any():
        raise InvalidValuesError(
            f"a person must answer once per price: {int(twice.sum()):,} rows are further answers "
            f"(first: {np.flatnonzero(twice)[:3].tolist()}). Keep one of each."
        )
    if sample.design is not None:
        _require_one_cluster(person, sample.design.cluster)
    return read


def _require_one_cluster(person: Ints, cluster: Ints) -> None:
    first = np.unique(person, return_index=True)[1]
    apart = cluster != cluster[first][person]
    if apart.any():
        raise InvalidValuesError(
            f"a person must be in one stratum and one cluster: {int(apart.sum()):,} rows are in "
            f"another one than the person's first (first: {np.flatnonzero(apart)[:3].tolist()})"
        )
