"""Indicators made comparable: one direction, one scale."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from crmanalytics.errors import InvalidValuesError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from crmanalytics.satisfaction.composite.plan import CompositePlan

    Floats = NDArray[np.float64]

__all__ = ["filled", "normalised"]

#: Cuts of the handbook's classes, and the share of the way from worst to best that each gets.
_CUTS = (0.05, 0.25, 0.65, 0.85, 0.95)
_AROUND = 0.2


def filled(values: Floats, plan: CompositePlan, names: Sequence[str]) -> Floats:
    """Do about missing values what the plan says, column by column.

    Parameters
    ----------
    values : ndarray of shape (rows, indicators)
        Values, missing ones as NaN.
    plan : CompositePlan
        The plan.
    names : sequence of str
        Indicators.

    Returns
    -------
    ndarray
        Values; still with gaps for ``"available"`` and ``"listwise"`` (there whole rows).

    Raises
    ------
    InvalidValuesError
        If values are missing and the plan refuses, or an indicator has none at all.
    """
    void = np.isnan(values)
    gone = np.asarray(void.all(axis=0)).tolist()
    empty = [name for name, each in zip(names, gone, strict=True) if each]
    if empty:
        raise InvalidValuesError(f"alternatives has no values at all in {empty}: leave these out.")
    if plan.missing == "refuse" and void.any():
        counts = {n: int(k) for n, k in zip(names, void.sum(axis=0), strict=True) if k}
        raise InvalidValuesError(
            f"alternatives has missing values in {int(void.any(axis=1).sum()):,} of "
            f"{len(values):,} rows (by indicator: {counts}). Say in the plan missing='available', "
            "'mean', 'median' or 'listwise'."
        )
    if plan.missing in ("mean", "median"):
        centre = np.nanmean if plan.missing == "mean" else np.nanmedian
        return np.where(void, centre(values, axis=0), values)
    if plan.missing == "listwise":
        broken = void.any(axis=1)
        if broken.sum() > len(values) - 2:
            raise InvalidValuesError(
                "alternatives has fewer than two rows without gaps: choose another way than "
                "missing='listwise'."
            )
        return np.where(np.reshape(broken, (-1, 1)), np.nan, values)
    return values


def normalised(values: Floats, plan: CompositePlan, names: Sequence[str]) -> Floats:
    """Return indicators on one scale, more being better in all of them.

    Raises
    ------
    InvalidValuesError
        If an indicator has no spread to be normalised by, or is not positive where it must be.
    """
    turned = np.array([name in plan.costs for name in names])
    if plan.normalise == "zscore":
        return _zscore(values, names) * np.where(turned, -1.0, 1.0)
    low, high = plan.bounds
    if plan.normalise == "distance":
        return _distance(values, turned, names) * high
    if plan.normalise == "minmax":
        share = _minmax(values, plan, names)
    elif plan.normalise == "rank":
        share = np.column_stack([_beaten(each) for each in values.T])
    elif plan.normalise == "categories":
        share = _classes(values)
    else:
        share = _above_below(values, names)
    # goalposts say themselves which end is the worst
    fixed = np.array([name in plan.goalposts for name in names])
    share = np.where(turned & ~fixed, 1 - share, share)
    return np.asarray(low + (high - low) * share)


def _zscore(values: Floats, names: Sequence[str]) -> Floats:
    spread = np.nanstd(values, axis=0, ddof=1)
    _require_spread(spread, names)
    return np.asarray((values - np.nanmean(values, axis=0)) / spread)


def _require_spread(spread: Floats, names: Sequence[str]) -> None:
    still = [name for name, each in zip(names, spread, strict=True) if not each > 0]
    if still:
        raise InvalidValuesError(
            f"all alternatives are alike in {still}, which cannot be normalised by its own spread: "
            "leave it out, or give it goalposts (with normalise='minmax')."
        )


def _minmax(values: Floats, plan: CompositePlan, names: Sequence[str]) -> Floats:
    low, high = np.nanmin(values, axis=0), np.nanmax(values, axis=0)
    for place, name in enumerate(names):
        if name in plan.goalposts:
            low[place], high[place] = plan.goalposts[name]
    _require_spread(np.abs(high - low), names)
    share = (values - low) / (high - low)
    return np.asarray(np.clip(share, 0, 1))


def _distance(values: Floats, turned: NDArray[np.bool_], names: Sequence[str]) -> Floats:
    low, high = np.nanmin(values, axis=0), np.nanmax(values, axis=0)
    bad = [name for name, each in zip(names, low, strict=True) if not each > 0]
    if bad:
        raise InvalidValuesError(
            f"normalise='distance' divides by the best: {bad} must be positive throughout."
        )
    return np.asarray(np.where(turned, low / values, values / high))


def _beaten(values: Floats) -> Floats:
    """Return the share of the others that each is above, equal ones counting half."""
    out = np.full(len(values), np.nan)
    known = ~np.isnan(values)
    ordered = np.sort(values[known])
    if len(ordered) == 1:
        return np.asarray(np.where(known, 0.5, np.nan))
    below = np.searchsorted(ordered, values[known], "left")
    equals = np.searchsorted(ordered, values[known], "right") - below - 1
    out[known] = (below + equals / 2) / (len(ordered) - 1)
    return out


def _classes(values: Floats) -> Floats:
    cuts = np.nanquantile(values, _CUTS, axis=0)
    above = (values[None] >= cuts[:, None, :]).sum(axis=0) / len(_CUTS)
    return np.asarray(np.where(np.isnan(values), np.nan, above))


def _above_below(values: Floats, names: Sequence[str]) -> Floats:
    mean = np.nanmean(values, axis=0)
    bad = [name for name, each in zip(names, mean, strict=True) if not each > 0]
    if bad:
        raise InvalidValuesError(
            f"normalise='above_below' compares with the mean, which must be positive: of {bad} it "
            "is not."
        )
    ratio = values / mean
    place = np.where(ratio > 1 + _AROUND, 1.0, np.where(ratio < 1 - _AROUND, 0.0, 0.5))
    return np.where(np.isnan(values), np.nan, place)
