"""Weight of evidence and information value of features, and scores in points."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy as np

from crmanalytics import columns as c
from crmanalytics.churn.binning import learn_bins
from crmanalytics.errors import InvalidValuesError, ParameterError
from crmanalytics.frames import (
    Column,
    Contract,
    Kind,
    admit_eager,
    as_float,
    column_like,
    frame_like,
    with_parameters,
)

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import narwhals.stable.v2 as nw
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]

__all__ = ["information_value", "points", "weight_of_evidence"]


def weight_of_evidence(
    customers: Any,  # noqa: ANN401 - any eager frame
    columns: str | Sequence[str],
    *,
    zero: float = 0.5,
    bins: int = 10,
    edges: Mapping[str, Sequence[float]] | None = None,
    target: str = c.CHURNED,
) -> Any:  # noqa: ANN401 - a frame of the same kind
    """Say bin by bin how much a feature speaks for churn.

    The weight is ln(share of the churners in the bin / share of the others in it): positive where
    there is more churn than on average. Some packages have the opposite sign.

    Parameters
    ----------
    customers : DataFrame of shape (customers, ...)
        One row per customer.
    columns : str or sequence of str
        Features: numbers and dates are cut into ranges, all else are categories. What is missing
        is a bin of its own.
    zero : float
        For how many customers an empty cell counts, where a bin has no churner or no other.
        Packages differ in this, and so do their values.
    bins : int
        Ranges of about equally many customers.
    edges : mapping, optional
        Upper ends of the ranges of a column, in place of such ranges.
    target : str
        Column: who churned.

    Returns
    -------
    DataFrame
        Of the same kind, one row per column and bin that holds customers: ``column``, ``bin``,
        ``customers``, ``churned``, ``churn_rate``, ``weight_of_evidence``, its
        ``standard_error`` (by the delta method) and ``information_value`` (the bin's part).

    Raises
    ------
    DataError
        If columns or outcomes are missing, or nobody or everybody churned.
    ParameterError
        If an argument is none of these.

    References
    ----------
    Good, I. J. (1950), *Probability and the Weighing of Evidence*, Griffin; information value as
    the divergence of Kullback and Leibler (1951).

    Examples
    --------
    >>> import pandas as pd
    >>> from crmanalytics.churn import weight_of_evidence
    >>> customers = pd.DataFrame(
    ...     {"plan": ["monthly"] * 4 + ["yearly"] * 4, "churned": [1, 1, 1, 0, 1, 0, 0, 0]}
    ... )
    >>> weight_of_evidence(customers, "plan")[["bin", "churn_rate", "weight_of_evidence"]].round(3)
           bin  churn_rate  weight_of_evidence
    0  monthly        0.75               1.099
    1   yearly        0.25              -1.099
    """
    own, names, churned = _admitted(customers, columns, zero, target)
    given = dict(edges or {})
    strange = sorted(set(given) - set(names))
    if strange:
        raise ParameterError(f"edges names columns that are not asked for: {', '.join(strange)}")
    found = [_column(own, name, churned, zero, bins, given.get(name)) for name in names]
    table = {key: [x for each in found for x in each[key]] for key in found[0]}
    return with_parameters(frame_like(own, table), zero=zero, bins=bins, edges=given)


def information_value(
    customers: Any,  # noqa: ANN401 - any eager frame
    columns: str | Sequence[str],
    *,
    zero: float = 0.5,
    bins: int = 10,
    edges: Mapping[str, Sequence[float]] | None = None,
    target: str = c.CHURNED,
) -> Any:  # noqa: ANN401 - a frame of the same kind
    """Rank features by how much they tell of churn, each by itself.

    Parameters
    ----------
    customers, columns, zero, bins, edges, target
        As for :func:`weight_of_evidence`.

    Returns
    -------
    DataFrame
        Of the same kind, one row per column, the most telling first: ``column``, ``bins``,
        ``information_value`` and ``by_chance``, its mean for a feature that tells nothing.

    Raises
    ------
    DataError, ParameterError
        As for :func:`weight_of_evidence`.

    Examples
    --------
    >>> import pandas as pd
    >>> from crmanalytics.churn import information_value
    >>> customers = pd.DataFrame(
    ...     {"plan": ["monthly"] * 4 + ["yearly"] * 4, "churned": [1, 1, 1, 0, 1, 0, 0, 0]}
    ... )
    >>> information_value(customers, "plan").round(3)
      column  bins  information_value  by_chance
    0   plan     2              1.099        0.5
    """
    own, names, churned = _admitted(customers, columns, zero, target)
    given = dict(edges or {})
    hits, others = float(churned.sum()), float((1 - churned).sum())
    rows = []
    for name in names:
        found = _column(own, name, churned, zero, bins, given.get(name))
        used = len(found["bin"])
        chance = (used - 1) * (1 / hits + 1 / others)
        rows.append((name, used, float(np.sum(found["information_value"])), chance))
    rows.sort(key=lambda row: (-row[2], row[0]))
    keys = ("column", "bins", "information_value", "by_chance")
    return frame_like(own, {key: [row[k] for row in rows] for k, key in enumerate(keys)})


def points(
    scored: Any,  # noqa: ANN401 - any eager frame
    *,
    pdo: float,
    odds: float,
    at: float,
    score: str = c.CHURN_PROBABILITY,
) -> Any:  # noqa: ANN401 - a series of the frame's kind
    """Write probabilities of churn as points, of which more are better.

    Parameters
    ----------
    scored : DataFrame of shape (customers, ...)
        One row per customer.
    pdo : float
        Points that double the odds of staying.
    odds : float
        Odds of staying, such as 50 for 50 to 1, ...
    at : float
        ... that a customer with so many points has.
    score : str
        Column of probabilities, above 0 and below 1.

    Returns
    -------
    Series
        ``points``, aligned to the frame: offset + factor ln((1 - p) / p), with factor pdo / ln 2
        and offset at - factor ln odds.

    Raises
    ------
    DataError
        If the column is missing or holds no such probabilities.
    ParameterError
        If `pdo` or `odds` is not positive.

    References
    ----------
    Siddiqi, N. (2006), *Credit Risk Scorecards*, Wiley, chapter 6.

    Examples
    --------
    >>> import pandas as pd
    >>> from crmanalytics.churn import points
    >>> scored = pd.DataFrame({"churn_probability": [1 / 51, 1 / 101, 0.5]})
    >>> points(scored, pdo=20, odds=50, at=600).round(2).tolist()
    [600.0, 620.0, 487.12]
    """
    if not (0 < pdo < math.inf and 0 < odds < math.inf and math.isfinite(at)):
        raise ParameterError("pdo and odds must be positive numbers, and at a number")
    own = admit_eager(scored, Contract("scored", (Column(score, Kind.NUMBER, low=0, high=1),)))
    p = as_float(own, score)
    if ((p == 0) | (p == 1)).any():
        raise InvalidValuesError(
            f"scored[{score!r}] must lie above 0 and below 1: odds have no end."
        )
    factor = pdo / math.log(2.0)
    found = at - factor * math.log(odds) + factor * (np.log1p(-p) - np.log(p))
    return column_like(own, "points", found)


def _admitted(
    customers: Any,  # noqa: ANN401 - any eager frame
    columns: str | Sequence[str],
    zero: float,
    target: str,
) -> tuple[nw.DataFrame[Any], list[str], Floats]:
    names = [columns] if isinstance(columns, str) else list(columns)
    if not names:
        raise ParameterError("columns must name at least one column")
    if isinstance(zero, bool) or not 0 < zero < math.inf:
        raise ParameterError(f"zero must be a positive number of customers, not {zero!r}")
    wanted = [Column(name, Kind.LABEL, nullable=True) for name in names]
    contract = Contract("customers", (Column(target, Kind.FLAG), *wanted))
    own = admit_eager(customers, contract)
    churned = as_float(own, target)
    if not 0 < churned.sum() < len(churned):
        raise InvalidValuesError(
            f"customers[{target!r}] must hold customers who churned and others: there is no "
            "evidence in one kind alone."
        )
    return own, names, churned


def _column(
    own: nw.DataFrame[Any],
    name: str,
    churned: Floats,
    zero: float,
    bins: int,
    edges: Sequence[float] | None,
) -> dict[str, list[Any]]:
    cut = learn_bins(own, name, bins, edges)
    number = cut.numbers(own)
    size = np.bincount(number, minlength=len(cut.labels)).astype(float)
    hits = np.bincount(number, churned, minlength=len(cut.labels))
    held = np.flatnonzero(size > 0)
    size, hits = size[held], hits[held]
    stayed = size - hits
    bad, good = (np.where(x == 0, zero, x) for x in (hits, stayed))
    share_bad, share_good = bad / hits.sum(), good / stayed.sum()
    weight = np.log(share_bad) - np.log(share_good)
    error = np.sqrt(np.maximum(1 / bad + 1 / good - 1 / hits.sum() - 1 / stayed.sum(), 0.0))
    return {
        "column": [name] * len(held),
        "bin": [cut.labels[k] for k in held],
        "customers": size.astype(int).tolist(),
        c.CHURNED: hits.astype(int).tolist(),
        "churn_rate": (hits / size).tolist(),
        "weight_of_evidence": weight.tolist(),
        c.STANDARD_ERROR: error.tolist(),
        "information_value": ((share_bad - share_good) * weight).tolist(),
    }
