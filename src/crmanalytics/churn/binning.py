"""Bins of one column: ranges of numbers or categories, with a bin of its own for what is missing.

Bins are learnt from one frame and used on others, so that both are counted alike.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import narwhals.stable.v2 as nw
import numpy as np
import pandas as pd

from crmanalytics.errors import ParameterError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    Floats = NDArray[np.float64]
    Ints = NDArray[np.int64]

__all__ = ["ColumnBins", "learn_bins"]

_MISSING, _OTHER = "missing", "other"


@dataclass(frozen=True, eq=False)
class ColumnBins:
    """The bins of a column.

    Parameters
    ----------
    name : str
        The column.
    edges : ndarray or None
        Upper ends of the ranges, which belong to them; there is one range more. None for
        categories.
    categories : tuple
        Values with a bin of their own; all others share one.
    dates : bool
        Whether the edges are days, counted from 1970.
    """

    name: str
    edges: Floats | None
    categories: tuple[Any, ...] = ()
    dates: bool = False

    @property
    def kind(self) -> str:
        """Whether the column holds numbers, dates or categories."""
        return "categories" if self.edges is None else "dates" if self.dates else "numbers"

    @property
    def labels(self) -> list[str]:
        """What the bins are called, the one of missing values last."""
        if self.edges is None:
            return [*map(str, self.categories), _OTHER, _MISSING]
        ends = [self._written(edge) for edge in self.edges.tolist()]
        if not ends:
            return ["any date" if self.dates else "any number", _MISSING]
        between = [f"{low} to {high}" for low, high in pairwise(ends)]
        return [f"up to {ends[0]}", *between, f"above {ends[-1]}", _MISSING]

    def _written(self, edge: float) -> str:
        return str(np.datetime64(int(edge), "D")) if self.dates else f"{edge:.6g}"

    def numbers(self, own: nw.DataFrame[Any]) -> Ints:
        """Return the bin of each row."""
        if self.edges is None:
            values, missing = _categories(own, self.name)
            codes = pd.Index(self.categories, dtype=object).get_indexer(
                pd.Index(values, dtype=object)
            )
            found = np.where(codes < 0, len(self.categories), codes)
        else:
            plain, missing = _numbers(own, self.name)
            found = np.searchsorted(self.edges, plain, "left")
        return np.where(missing, len(self.labels) - 1, found).astype(np.int64)

    def unseen(self, own: nw.DataFrame[Any]) -> float:
        """Return the share of rows with a category that has no bin of its own."""
        if self.edges is not None:
            return 0.0
        return float(np.mean(self.numbers(own) == len(self.categories)))


def learn_bins(
    own: nw.DataFrame[Any],
    name: str,
    bins: int = 10,
    edges: Sequence[float] | None = None,
) -> ColumnBins:
    """Learn the bins of a column: of about equally many rows, or one per category.

    Examples
    --------
    >>> own = nw.from_native(pd.DataFrame({"x": [1, 2, 3, 4], "y": list("abba")}), eager_only=True)
    >>> learn_bins(own, "x", 2).labels
    ['up to 2', 'above 2', 'missing']
    >>> learn_bins(own, "y").numbers(own).tolist()
    [0, 1, 1, 0]
    """
    if isinstance(bins, bool) or not isinstance(bins, int) or bins < 1:
        raise ParameterError(f"bins must be a whole number from 1, not {bins!r}")
    if not _is_number(own, name):
        if edges is not None:
            raise ParameterError(f"{name!r} holds no numbers, and cannot be cut at edges")
        values, missing = _categories(own, name)
        known = pd.Series(values[~missing]).unique().tolist()
        return ColumnBins(name, None, tuple(sorted(known, key=str)))
    dates = not own.schema[name].is_numeric()
    if edges is not None:
        cuts = np.asarray(edges, dtype=np.float64)
        if dates or cuts.ndim != 1 or not np.isfinite(cuts).all() or (np.diff(cuts) <= 0).any():
            raise ParameterError(
                f"edges of {name!r} must be finite numbers that rise; dates cannot be cut at them"
            )
        return ColumnBins(name, cuts)
    plain, missing = _numbers(own, name)
    held = plain[~missing]
    if not len(held):
        return ColumnBins(name, np.array([]), dates=dates)
    at = np.arange(1, bins) / bins
    cuts = np.unique(np.quantile(held, at, method="inverted_cdf")) if bins > 1 else np.array([])
    distinct = np.unique(held)
    if len(distinct) <= bins:
        cuts = distinct[:-1]
    return ColumnBins(name, cuts[cuts < distinct[-1]], dates=dates)


def _is_number(own: nw.DataFrame[Any], name: str) -> bool:
    dtype = own.schema[name]
    return bool(dtype.is_numeric() or isinstance(dtype, nw.Datetime | nw.Date))


def _numbers(own: nw.DataFrame[Any], name: str) -> tuple[Floats, NDArray[np.bool_]]:
    if own.schema[name].is_numeric():
        plain = np.asarray(own[name].cast(nw.Float64).to_numpy(), dtype=np.float64)
        return plain, np.isnan(plain)
    days = np.asarray(own[name].to_numpy()).astype("M8[D]")
    return days.astype(np.int64).astype(np.float64), np.isnat(days)


def _categories(own: nw.DataFrame[Any], name: str) -> tuple[Any, NDArray[np.bool_]]:
    values = pd.Series(own[name].to_list(), dtype=object)
    return values.to_numpy(), values.isna().to_numpy()
