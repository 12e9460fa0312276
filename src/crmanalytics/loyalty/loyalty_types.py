"""Two-way types of loyalty: the apostle matrix, and attitude against behaviour."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import numpy as np

from crmanalytics.errors import ParameterError
from crmanalytics.frames import with_new
from crmanalytics.inference import estimate_proportions, read_sample, tidy

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray

    from crmanalytics.inference import Sample

    Floats = NDArray[np.float64]

__all__ = [
    "APOSTLE_TYPES",
    "DICK_BASU_TYPES",
    "apostle_shares",
    "apostle_types",
    "dick_basu_shares",
    "dick_basu_types",
]

Cuts = tuple[float, float]
Names = dict[tuple[bool, bool], str]

#: By (satisfied, loyal), after Jones and Sasser (1995).
APOSTLE_TYPES: Final[Names] = {
    (True, True): "apostle",
    (True, False): "mercenary",
    (False, True): "hostage",
    (False, False): "defector",
}
#: By (favourable attitude, repeat patronage), after Dick and Basu (1994).
DICK_BASU_TYPES: Final[Names] = {
    (True, True): "loyalty",
    (True, False): "latent loyalty",
    (False, True): "spurious loyalty",
    (False, False): "no loyalty",
}


def apostle_types(
    survey: Any,  # noqa: ANN401 - any eager frame
    satisfaction: str,
    loyalty: str,
    *,
    satisfied_from: float,
    loyal_from: float,
    no_answer: Sequence[float] = (),
    terrorist_to: float | None = None,
) -> Any:  # noqa: ANN401 - the frame of the same kind
    """Say of each customer whether satisfaction and loyalty go together.

    Apostles are satisfied and stay; mercenaries are satisfied and leave all the same; hostages
    stay although they are not satisfied; defectors are neither. The worst of the defectors, who
    warn others, are called terrorists.

    Parameters
    ----------
    survey : DataFrame
        One row per customer.
    satisfaction, loyalty : str
        Columns of numbers, more being better: an answer, or a measure of behaviour.
    satisfied_from, loyal_from : float
        From where on a customer counts as satisfied, and as loyal.
    no_answer : sequence of float
        Codes that stand for no answer.
    terrorist_to : float, optional
        Defectors whose satisfaction is this or less are 'terrorist'.

    Returns
    -------
    DataFrame
        The frame with ``apostle_type``; missing where an answer is missing.

    Raises
    ------
    DataError
        If a column is missing or holds no numbers.
    ParameterError
        If `terrorist_to` is not below `satisfied_from`.

    References
    ----------
    Jones, T. O. and Sasser, W. E. (1995), "Why satisfied customers defect", Harvard Business
    Review 73(6), 88-99.

    Examples
    --------
    >>> import pandas as pd
    >>> survey = pd.DataFrame({"happy": [5, 5, 2, 1], "again": [5, 1, 4, 1]})
    >>> apostle_types(survey, "happy", "again", satisfied_from=4, loyal_from=4)[
    ...     "apostle_type"
    ... ].to_list()
    ['apostle', 'mercenary', 'hostage', 'defector']
    """
    sample = read_sample(survey, [satisfaction, loyalty], no_answer=no_answer)
    found = _apostles(sample, (satisfaction, loyalty), (satisfied_from, loyal_from), terrorist_to)
    return with_new(sample.own, {"apostle_type": found})


def apostle_shares(
    survey: Any,  # noqa: ANN401 - any eager frame
    satisfaction: str,
    loyalty: str,
    *,
    satisfied_from: float,
    loyal_from: float,
    terrorist_to: float | None = None,
    by: str | Sequence[str] | None = None,
    weight: str | None = None,
    strata: str | None = None,
    clusters: str | None = None,
    population: str | None = None,
    raked: str | Sequence[str] = (),
    base_weight: str | None = None,
    no_answer: Sequence[float] = (),
    level: float = 0.95,
) -> Any:  # noqa: ANN401 - a frame of the same kind
    """Say which shares of the customers are apostles, mercenaries, hostages and defectors.

    Parameters
    ----------
    survey, satisfaction, loyalty, satisfied_from, loyal_from, terrorist_to, no_answer
        As for :func:`apostle_types`.
    by, weight, strata, clusters, population, raked, base_weight : optional
        Columns to group by, of weights, of the sample's design, and of what weights were raked to
        and were before; see :func:`crmanalytics.inference.read_sample`.
    level : float
        Confidence level.

    Returns
    -------
    DataFrame
        Of the same kind, one row per group and type (``metric``): the columns of `by`,
        ``estimate``, ``se``, ``low``, ``high`` (Wilson), ``n``, ``n_effective``, ``n_missing``,
        ``method``.

    Raises
    ------
    DataError, ParameterError
        As for :func:`apostle_types`.

    Examples
    --------
    >>> import pandas as pd
    >>> survey = pd.DataFrame({"happy": [5, 5, 2, 1], "again": [5, 1, 4, 5]})
    >>> found = apostle_shares(survey, "happy", "again", satisfied_from=4, loyal_from=4)
    >>> found[["metric", "estimate"]]
          metric  estimate
    0    apostle      0.25
    1  mercenary      0.25
    2    hostage      0.50
    3   defector      0.00
    """
    sample = read_sample(
        survey, [satisfaction, loyalty], by=by, weight=weight, strata=strata, clusters=clusters,
        population=population, raked=raked, base_weight=base_weight, no_answer=no_answer,
        level=level,
    )  # fmt: skip
    found = _apostles(sample, (satisfaction, loyalty), (satisfied_from, loyal_from), terrorist_to)
    names = [*APOSTLE_TYPES.values(), *(["terrorist"] if terrorist_to is not None else [])]
    return _shares(sample, found, names)


def dick_basu_types(
    customers: Any,  # noqa: ANN401 - any eager frame
    attitude: str,
    patronage: str,
    *,
    favourable_from: float,
    repeat_from: float,
    no_answer: Sequence[float] = (),
) -> Any:  # noqa: ANN401 - the frame of the same kind
    """Say of each customer whether repeat buying rests on a favourable attitude.

    Loyalty is both. Latent loyalty would buy and does not: look for what is in the way. Spurious
    loyalty buys out of habit or for want of a choice, and is gone with the first offer.

    Parameters
    ----------
    customers : DataFrame
        One row per customer.
    attitude, patronage : str
        Columns of numbers: relative attitude (from a survey) and repeat buying (from the log).
    favourable_from, repeat_from : float
        From where on each counts as high.
    no_answer : sequence of float
        Codes that stand for no answer.

    Returns
    -------
    DataFrame
        The frame with ``loyalty_type``; missing where an answer is missing.

    Raises
    ------
    DataError
        If a column is missing or holds no numbers.

    References
    ----------
    Dick, A. S. and Basu, K. (1994), "Customer loyalty: toward an integrated conceptual
    framework", Journal of the Academy of Marketing Science 22(2), 99-113.

    Examples
    --------
    >>> import pandas as pd
    >>> customers = pd.DataFrame({"like": [5, 5, 2], "orders": [9, 1, 9]})
    >>> dick_basu_types(customers, "like", "orders", favourable_from=4, repeat_from=3)[
    ...     "loyalty_type"
    ... ].to_list()
    ['loyalty', 'latent loyalty', 'spurious loyalty']
    """
    sample = read_sample(customers, [attitude, patronage], no_answer=no_answer, frame="customers")
    found = _types(sample, (attitude, patronage), (favourable_from, repeat_from), DICK_BASU_TYPES)
    return with_new(sample.own, {"loyalty_type": found})


def dick_basu_shares(
    customers: Any,  # noqa: ANN401 - any eager frame
    attitude: str,
    patronage: str,
    *,
    favourable_from: float,
    repeat_from: float,
    by: str | Sequence[str] | None = None,
    weight: str | None = None,
    strata: str | None = None,
    clusters: str | None = None,
    population: str | None = None,
    raked: str | Sequence[str] = (),
    base_weight: str | None = None,
    no_answer: Sequence[float] = (),
    level: float = 0.95,
) -> Any:  # noqa: ANN401 - a frame of the same kind
    """Say which shares of the customers are loyal, latently or spuriously loyal, or neither.

    Parameters
    ----------
    customers, attitude, patronage, favourable_from, repeat_from, no_answer
        As for :func:`dick_basu_types`.
    by, weight, strata, clusters, population, raked, base_weight, level
        As for :func:`apostle_shares`.

    Returns
    -------
    DataFrame
        As for :func:`apostle_shares`.

    Raises
    ------
    DataError
        As for :func:`dick_basu_types`.

    Examples
    --------
    >>> import pandas as pd
    >>> customers = pd.DataFrame({"like": [5, 5, 2, 4], "orders": [9, 1, 9, 3]})
    >>> found = dick_basu_shares(customers, "like", "orders", favourable_from=4, repeat_from=3)
    >>> found.loc[found["metric"] == "loyalty", "estimate"].to_list()
    [0.5]
    """
    sample = read_sample(
        customers, [attitude, patronage], by=by, weight=weight, strata=strata, clusters=clusters,
        population=population, raked=raked, base_weight=base_weight, no_answer=no_answer,
        level=level, frame="customers",
    )  # fmt: skip
    found = _types(sample, (attitude, patronage), (favourable_from, repeat_from), DICK_BASU_TYPES)
    return _shares(sample, found, list(DICK_BASU_TYPES.values()))


def _types(
    sample: Sample, columns: tuple[str, str], cuts: Cuts, names: Mapping[tuple[bool, bool], str]
) -> NDArray[np.object_]:
    first, second = (sample.answers(column) for column in columns)
    high = first >= cuts[0], second >= cuts[1]
    found = np.full(len(first), None, dtype=object)
    for (one, other), name in names.items():
        found[(high[0] == one) & (high[1] == other)] = name
    found[np.isnan(first) | np.isnan(second)] = None
    return found


def _apostles(
    sample: Sample, columns: tuple[str, str], cuts: Cuts, terrorist_to: float | None
) -> NDArray[np.object_]:
    if terrorist_to is not None and terrorist_to >= cuts[0]:
        raise ParameterError(
            f"terrorist_to ({terrorist_to!r}) must be below satisfied_from ({cuts[0]!r})"
        )
    found = _types(sample, columns, cuts, APOSTLE_TYPES)
    if terrorist_to is not None:
        found[(found == "defector") & (sample.answers(columns[0]) <= terrorist_to)] = "terrorist"
    return found


def _shares(sample: Sample, types: NDArray[np.object_], names: list[str]) -> Any:  # noqa: ANN401
    missing = np.array([each is None for each in types], dtype=bool)
    hits = {name: np.where(missing, np.nan, types == name) for name in names}
    return tidy(sample, {name: estimate_proportions(sample, hit) for name, hit in hits.items()})
