"""From items to dimensions to one score per respondent."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from crmanalytics.errors import ParameterError

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from numpy.typing import NDArray

    Floats = NDArray[np.float64]

__all__ = ["Layout", "layout_of", "scored"]


@dataclass(frozen=True)
class Layout:
    """How items make up dimensions, and dimensions the whole.

    Parameters
    ----------
    dimensions : mapping of str to tuple of str
        Dimension to its items; empty where items alone make up the whole.
    items : tuple of str
        All items.
    importance : mapping of str to str or float, or None
        What each dimension counts: a number or a column.
    answered : float
        Share of its items that must be answered.
    """

    dimensions: Mapping[str, tuple[str, ...]]
    items: tuple[str, ...]
    importance: Mapping[str, str | float] | None
    answered: float

    @property
    def points(self) -> list[str]:
        """Return the columns in which respondents gave points to dimensions."""
        given = (self.importance or {}).values()
        return list(dict.fromkeys(each for each in given if isinstance(each, str)))

    def scales(
        self, columns: Iterable[str], scale: tuple[float, float] | None
    ) -> dict[str, tuple[float, float]]:
        """Return between what the answers of each column must lie; points are not negative."""
        bounds = {} if scale is None else dict.fromkeys(columns, scale)
        return bounds | dict.fromkeys(self.points, (0.0, math.inf))


def layout_of(
    items: Iterable[str],
    dimensions: Mapping[str, Sequence[str]] | None,
    importance: Mapping[str, str | float] | None,
    answered: float,
) -> Layout:
    """Check how items make up dimensions.

    Parameters
    ----------
    items : iterable of str
        All items.
    dimensions : mapping of str to sequence of str, or None
        Dimension to its items.
    importance : mapping of str to str or float, or None
        What each dimension counts.
    answered : float
        Share of its items that must be answered, above 0 and at most 1.

    Returns
    -------
    Layout
        The same, in order.

    Raises
    ------
    ParameterError
        If an item is in no dimension or in two, or dimensions and importance do not fit.

    Examples
    --------
    >>> layout_of(["clean"], {"tangibles": ["clean"]}, {"tangibles": 100}, 1.0).points
    []
    """
    known, groups = tuple(items), {k: tuple(v) for k, v in (dimensions or {}).items()}
    listed = [item for group in groups.values() for item in group]
    if groups and (sorted(listed) != sorted(known) or not all(groups.values())):
        odd = sorted(set(listed) ^ set(known) | {x for x in listed if listed.count(x) > 1})
        raise ParameterError(f"dimensions must hold each item once, and no others: see {odd}")
    if importance is not None and set(importance) != set(groups):
        raise ParameterError(
            f"importance must name each dimension once: {sorted(groups)}, not {sorted(importance)}"
        )
    numbers = [x for x in (importance or {}).values() if not isinstance(x, str)]
    if numbers and (min(numbers) < 0 or not all(map(math.isfinite, numbers))):
        raise ParameterError(f"importance must not be negative: {importance!r}")
    if not 0 < answered <= 1:
        raise ParameterError(f"answered must be a share above 0 and at most 1, not {answered!r}")
    return Layout(groups, known, importance, answered)


def scored(
    layout: Layout, values: Mapping[str, Floats], points: Mapping[str, Floats]
) -> dict[tuple[str, str], Floats]:
    """Return each respondent's scores of items, dimensions and overall.

    Parameters
    ----------
    layout : Layout
        How items make up the whole.
    values : mapping of str to ndarray
        Item to one value per respondent, missing for no answer.
    points : mapping of str to ndarray
        Column of points to one value per respondent.

    Returns
    -------
    dict of (str, str) to ndarray
        Part and name to one score per respondent; the overall mean is that of the dimensions.

    Examples
    --------
    >>> layout = layout_of(["a", "b"], None, None, 0.5)
    >>> values = {"a": np.array([1.0, np.nan]), "b": np.array([2.0, 4.0])}
    >>> scored(layout, values, {})["overall", "mean"].tolist()
    [1.5, 4.0]
    """
    found = {("item", item): values[item] for item in layout.items}
    for name, items in layout.dimensions.items():
        found["dimension", name] = _mean([values[item] for item in items], layout.answered)
    if not layout.dimensions:
        found["overall", "mean"] = _mean(list(values.values()), layout.answered)
        return found
    parts = [found["dimension", name] for name in layout.dimensions]
    found["overall", "mean"] = _mean(parts, 1.0)
    if layout.importance is not None:
        given = [layout.importance[name] for name in layout.dimensions]
        rows = [
            points[x] if isinstance(x, str) else np.full(len(parts[0]), float(x)) for x in given
        ]
        weight = np.stack(rows)
        total = weight.sum(axis=0)
        known = np.where(total > 0, total, np.nan)
        # a dimension of no importance to someone need not have been scored by them
        kept = np.where(weight > 0, weight * np.stack(parts), 0.0)
        found["overall", "weighted"] = kept.sum(axis=0) / known
    return found


def _mean(parts: list[Floats], least: float) -> Floats:
    stacked = np.stack(parts)
    known = ~np.isnan(stacked)
    count = known.sum(axis=0)
    enough = count >= max(least * len(parts) - 1e-9, 1)
    total = np.where(known, stacked, 0.0).sum(axis=0)
    return np.where(enough, total / np.maximum(count, 1), np.nan)
