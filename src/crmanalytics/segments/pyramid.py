"""The customer pyramid: a few large customers at the top, the many small ones at the base."""

from __future__ import annotations

import math
from itertools import pairwise
from typing import TYPE_CHECKING, Any, Final, Literal, get_args

import narwhals.stable.v2 as nw
import numpy as np

from crmanalytics import columns as c
from crmanalytics.errors import InvalidValuesError, ParameterError
from crmanalytics.frames import (
    Column,
    Contract,
    Kind,
    admit,
    as_float,
    collected,
    with_new,
    with_parameters,
)
from crmanalytics.wording import one_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    Floats = NDArray[np.float64]

__all__ = ["TIERS", "pyramid", "tier_thresholds"]

TieRule = Literal["middle", "up", "down"]

#: Share of customers in each tier, the largest customers first.
TIERS: Final[dict[str, float]] = {"Top": 0.01, "Large": 0.04, "Medium": 0.15, "Small": 0.80}

_CLOSE: Final = 1e-9


def pyramid(
    customers: Any,  # noqa: ANN401 - any frame that narwhals knows
    value: str = c.TOTAL,
    *,
    tiers: Mapping[str, float] | None = None,
    thresholds: Mapping[str, float] | None = None,
    ties: TieRule = "middle",
    inactive: float | None = None,
    inactive_name: str = "Inactive",
) -> Any:  # noqa: ANN401 - a frame of the same kind
    """Say to which tier of the pyramid each customer belongs: top 1%, next 4%, next 15%, the rest.

    Parameters
    ----------
    customers : DataFrame of shape (customers, ...)
        One row per customer. Negative values are allowed: they lie at the base.
    value : str
        The column that customers are ordered by, the largest first.
    tiers : mapping of str to float, optional
        Name and share of customers of each tier, from the top down; the shares sum to 1. The
        default is :data:`TIERS`, the grading of Curry and Curry.
    thresholds : mapping of str to float, optional
        Frozen cuts: the smallest value of each tier, descending, as :func:`tier_thresholds` gives
        them. Everybody below the last of them is in the last tier. It takes the place of `tiers`.
    ties : {"middle", "up", "down"}
        Where customers of equal value go when a border runs through them; they always stay
        together: up if at least half of them would be, all up, or all down. Tiers then hold more or
        fewer customers than their share, and may hold nobody.
    inactive : float, optional
        Customers with this value or less (0 for those without revenue) stand outside of the
        pyramid, under `inactive_name`; shares are then of the others.
    inactive_name : str
        What to call them.

    Returns
    -------
    DataFrame
        Of the same kind, lazy frames staying lazy, with its index and all of its columns, and with
        ``tier``. For pandas
        ``attrs["crmanalytics"]`` keeps `value`, `tiers`, `ties`, `inactive` and `thresholds`.

    Raises
    ------
    DataError
        If the column is missing or holds missing values, or nobody is left for the pyramid.
    ParameterError
        If the shares do not sum to 1, the thresholds do not descend, or both are given.

    References
    ----------
    Curry, J. and Curry, A. (2000), *The Customer Marketing Method*, Free Press, chapter 1.

    Examples
    --------
    >>> import pandas as pd
    >>> from crmanalytics.segments import pyramid
    >>> customers = pd.DataFrame({"total": [500.0, 90.0, 90.0, 20.0, 10.0]})
    >>> pyramid(customers, tiers={"best": 0.2, "good": 0.2, "rest": 0.6})["tier"].tolist()
    ['best', 'good', 'good', 'rest', 'rest']
    """
    one_of("ties", ties, get_args(TieRule))
    if tiers is not None and thresholds is not None:
        raise ParameterError("tiers are found from the data, thresholds are frozen: give one")
    own = admit(customers, _contract(value))
    if isinstance(own, nw.LazyFrame):
        shares = None if thresholds else _checked_shares(TIERS if tiers is None else tiers)
        cuts = _cuts_on_engine(own, value, shares, thresholds, ties, inactive)
        if inactive is not None and inactive_name in cuts:
            raise ParameterError(f"inactive_name is the name of a tier too: {inactive_name!r}")
        return _placed_on_engine(own, value, cuts, inactive, inactive_name)
    values = as_float(own, value)
    inside = np.ones(len(values), dtype=bool) if inactive is None else values > inactive
    if thresholds is None:
        shares = _checked_shares(TIERS if tiers is None else tiers)
        if not inside.any():
            raise InvalidValuesError("customers has no rows that are in the pyramid.")
        cuts = tier_thresholds(values[inside], shares, ties=ties)
    else:
        shares, cuts = None, _checked_thresholds(thresholds)
    if inactive is not None and inactive_name in cuts:
        raise ParameterError(f"inactive_name is the name of a tier too: {inactive_name!r}")
    place = _place(values, np.array(list(cuts.values())))
    place[~inside] = len(cuts)
    named = np.array([*cuts, inactive_name])[place]
    return with_parameters(
        with_new(own, {"tier": named}),
        value=value, tiers=shares, ties=ties, inactive=inactive, thresholds=cuts,
    )  # fmt: skip


def tier_thresholds(
    values: Any,  # noqa: ANN401 - numbers
    tiers: Mapping[str, float] | None = None,
    *,
    ties: TieRule = "middle",
) -> dict[str, float]:
    """Return the smallest value of each tier, to use the same cuts on another day.

    Parameters
    ----------
    values : array_like of shape (customers,)
        One customer or more.
    tiers : mapping of str to float, optional
        As for :func:`pyramid`.
    ties : {"middle", "up", "down"}
        As for :func:`pyramid`.

    Returns
    -------
    dict of str to float
        From the top down. A tier that ties leave empty has the threshold of the tier above it,
        or infinity where that is empty as well; the last tier has no lower end.

    Raises
    ------
    ParameterError
        If the shares do not sum to 1.

    Examples
    --------
    >>> from crmanalytics.segments import tier_thresholds
    >>> tier_thresholds([500, 90, 90, 20, 10], {"best": 0.2, "good": 0.2, "rest": 0.6})
    {'best': 500.0, 'good': 90.0, 'rest': -inf}
    """
    shares = _checked_shares(TIERS if tiers is None else tiers)
    return _thresholds(*np.unique(np.asarray(values, np.float64), return_counts=True), shares, ties)


def _cuts_on_engine(
    own: nw.LazyFrame[Any],
    value: str,
    shares: Mapping[str, float] | None,
    thresholds: Mapping[str, float] | None,
    ties: TieRule,
    inactive: float | None,
) -> dict[str, float]:
    """Find the tiers' cuts; distinct values and their numbers come to the driver."""
    if shares is None:
        return _checked_thresholds(thresholds or {})
    number = nw.col(value).cast(nw.Float64)
    inside = own if inactive is None else own.filter(number > inactive)
    counted = inside.select(number.alias(value)).group_by(value).agg(nw.len().alias("times"))
    found = collected(counted).sort(value)
    if not len(found):
        raise InvalidValuesError("customers has no rows that are in the pyramid.")
    times = np.asarray(found["times"].to_numpy()).astype(np.int64)
    return _thresholds(as_float(found, value), times, shares, ties)


def _placed_on_engine(
    own: nw.LazyFrame[Any],
    value: str,
    cuts: Mapping[str, float],
    inactive: float | None,
    inactive_name: str,
) -> Any:  # noqa: ANN401 - the kind that came in
    number, names = nw.col(value).cast(nw.Float64), list(cuts)
    named = nw.lit(names[-1])
    for name in names[-2::-1]:
        if math.isfinite(cuts[name]):
            named = nw.when(number >= cuts[name]).then(nw.lit(name)).otherwise(named)
    if inactive is not None:
        named = nw.when(number <= inactive).then(nw.lit(inactive_name)).otherwise(named)
    return own.with_columns(named.alias("tier")).to_native()


def _thresholds(
    distinct: Floats, times: NDArray[Any], shares: Mapping[str, float], ties: TieRule
) -> dict[str, float]:
    distinct, times = distinct[::-1], times[::-1]
    last = np.cumsum(times)
    # the rank by which customers of equal value are placed: of the first, the last, or half way
    rank = {"up": last - times + 1, "down": last, "middle": last - times / 2}[ties]
    cumulated = np.cumsum(list(shares.values()))
    # 0.07 * 100 is a hair above 7 in floating point, and must not become 8 customers
    ends = [math.ceil(round(share * int(last[-1]), 9)) for share in cumulated]
    reach = np.searchsorted(rank, ends, "right")
    lowest = [math.inf if k == 0 else float(distinct[k - 1]) for k in reach]
    return dict(zip(shares, [*lowest[:-1], -math.inf], strict=True))


def _contract(value: str) -> Contract:
    identifier = Column(c.CUSTOMER_ID, Kind.IDENTIFIER, required=False)
    return Contract(
        "customers", (identifier, Column(value, Kind.NUMBER)), names_row_by=c.CUSTOMER_ID
    )


def _checked_shares(tiers: Mapping[str, float]) -> dict[str, float]:
    shares = {str(name): float(share) for name, share in tiers.items()}
    sound = all(0 < share <= 1 for share in shares.values())
    if not shares or not sound or abs(sum(shares.values()) - 1) > _CLOSE:
        raise ParameterError(f"tiers must be shares above 0 that sum to 1, not {dict(tiers)!r}")
    return shares


def _checked_thresholds(thresholds: Mapping[str, float]) -> dict[str, float]:
    cuts = {str(name): float(least) for name, least in thresholds.items()}
    each = list(cuts.values())
    if not each or any(low > high for high, low in pairwise(each)) or any(map(math.isnan, each)):
        raise ParameterError(f"thresholds must descend from tier to tier, not {dict(thresholds)!r}")
    return cuts


def _place(values: Floats, cuts: Floats) -> NDArray[np.intp]:
    """Return the first tier whose threshold a value reaches; the last tier takes the others."""
    above = np.searchsorted(-cuts, -values, "left")
    return np.minimum(above, len(cuts) - 1)
