"""An axis of a two-way matrix: a column and from where on its levels begin."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING, Any, Literal, Self

import numpy as np

from crmanalytics import columns as c
from crmanalytics.errors import InvalidValuesError, ParameterError
from crmanalytics.frames import Column, Contract, Kind, admit_eager, as_float
from crmanalytics.persistence import register, save
from crmanalytics.wording import one_of

if TYPE_CHECKING:
    import os
    from collections.abc import Sequence
    from pathlib import Path

    from numpy.typing import NDArray

    Floats = NDArray[np.float64]
    Ints = NDArray[np.intp]

__all__ = ["Axis", "Cut", "axis_at", "learn_axis", "middle"]

Cut = float | Literal["median", "mean"]

_TWO = ("low", "high")


@register("decisions.Axis")
@dataclass(frozen=True)
class Axis:
    """A column and its levels.

    Parameters
    ----------
    column : str
        The column of numbers.
    cuts : tuple of float
        Ascending; a value at or above a cut is in the next level.
    levels : tuple of str
        Names from the lowest level up, one more than there are cuts.
    missing : str, optional
        Level of those without a value; without a name for it they are refused.

    Examples
    --------
    >>> Axis("total", (100.0, 500.0), ("small", "medium", "large")).names
    ('small', 'medium', 'large')
    """

    column: str
    cuts: tuple[float, ...]
    levels: tuple[str, ...] = _TWO
    missing: str | None = None

    def __post_init__(self) -> None:
        cuts = np.asarray(self.cuts, dtype=np.float64)
        ascend = all(low < high for low, high in pairwise(self.cuts))
        if not len(cuts) or not np.isfinite(cuts).all() or not ascend:
            raise ParameterError(
                f"cuts of {self.column!r} must be finite numbers that ascend: {self.cuts!r}"
            )
        if len(self.levels) != len(cuts) + 1 or len(set(self.names)) != len(self.names):
            raise ParameterError(
                f"levels of {self.column!r} must be {len(cuts) + 1} different names, one more than "
                f"there are cuts: {self.names!r}"
            )

    @property
    def names(self) -> tuple[str, ...]:
        """Return the levels, that of missing values last.

        Examples
        --------
        >>> Axis("nps", (9.0,), missing="unknown").names
        ('low', 'high', 'unknown')
        """
        return self.levels if self.missing is None else (*self.levels, self.missing)

    def place(self, values: Floats) -> Ints:
        """Return the place of each value among :attr:`names`.

        Examples
        --------
        >>> Axis("total", (5.0,), missing="unknown").place(np.array([4.9, 5.0, np.nan])).tolist()
        [0, 1, 2]
        """
        found = np.searchsorted(np.asarray(self.cuts), values, side="right")
        return np.where(np.isnan(values), len(self.levels), found)

    def to_dict(self) -> dict[str, Any]:
        """Return the content as plain JSON values.

        Examples
        --------
        >>> Axis("total", (5.0,)).to_dict()["cuts"]
        [5.0]
        """
        return {
            "column": self.column,
            "cuts": list(self.cuts),
            "levels": list(self.levels),
            "missing": self.missing,
        }

    @classmethod
    def from_dict(cls, body: dict[str, Any]) -> Self:
        """Make an axis of its content, checking it.

        Examples
        --------
        >>> Axis.from_dict(Axis("total", (5.0,)).to_dict()) == Axis("total", (5.0,))
        True
        """
        cuts, levels = tuple(map(float, body["cuts"])), tuple(body["levels"])
        return cls(body["column"], cuts, levels, body["missing"])

    def save(self, path: str | os.PathLike[str]) -> Path:
        """Write the axis as a small JSON file, which :func:`crmanalytics.load` reads back.

        Examples
        --------
        >>> import tempfile
        >>> import crmanalytics as crm
        >>> axis = crm.decisions.Axis("nps", (9.0,), missing="unknown")
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     crm.load(axis.save(f"{folder}/axis.json")) == axis
        True
        """
        return save(self, path)


def learn_axis(
    customers: Any,  # noqa: ANN401 - any eager frame
    column: str,
    *,
    at: Cut | Sequence[float],
    levels: Sequence[str] = _TWO,
    missing: str | None = None,
) -> Axis:
    """Find from where on customers are high in something, to keep for the next time.

    With an axis that is learned once and kept, a customer's level changes only when he does.

    Parameters
    ----------
    customers : DataFrame
        One row per customer.
    column : str
        The column of numbers.
    at : {"median", "mean"}, float or sequence of float
        Cut at the median or the mean of those who have a value, at a number of your own, or at
        several quantiles between 0 and 1.
    levels : sequence of str
        Names from the lowest level up.
    missing : str, optional
        Level of those without a value, who are refused otherwise.

    Returns
    -------
    Axis

    Raises
    ------
    DataError
        If the column is missing, nobody has a value, or quantiles coincide.
    ParameterError
        If `at` is none of these.

    Examples
    --------
    >>> import pandas as pd
    >>> from crmanalytics.decisions import learn_axis
    >>> learn_axis(pd.DataFrame({"total": [1.0, 2.0, 9.0]}), "total", at="mean")
    Axis(column='total', cuts=(4.0,), levels=('low', 'high'), missing=None)
    """
    wanted = Column(column, Kind.NUMBER, nullable=missing is not None)
    own = admit_eager(customers, Contract("customers", (wanted,), names_row_by=c.CUSTOMER_ID))
    if not isinstance(at, str) and np.ndim(at) == 0:
        return Axis(column, (float(at),), tuple(levels), missing)  # type: ignore[arg-type] # one number
    values = as_float(own, column)
    values = values[~np.isnan(values)]
    if not len(values):
        raise InvalidValuesError(f"customers has no rows with {column!r}: there is nothing to cut")
    return Axis(column, _cuts(values, column, at), tuple(levels), missing)


def _cuts(values: Floats, column: str, at: Cut | Sequence[float]) -> tuple[float, ...]:
    if isinstance(at, str):
        one_of("at", at, ("median", "mean"), also="numbers")
        return (middle(values, at),)
    quantiles = np.asarray(at, dtype=np.float64)
    if not ((quantiles > 0) & (quantiles < 1)).all():
        raise ParameterError(f"quantiles must lie between 0 and 1, not {at!r}")
    cuts = np.quantile(values, quantiles)
    if len(np.unique(cuts)) < len(cuts):
        raise InvalidValuesError(
            f"customers[{column!r}] has the same value at several of the quantiles {at!r}: "
            f"{cuts.tolist()}. Use fewer levels, or cuts of your own."
        )
    return tuple(cuts.tolist())


def axis_at(
    customers: Any,  # noqa: ANN401 - any eager frame
    column: str,
    at: Cut | Axis,
    missing: str | None = None,
) -> Axis:
    """Return an axis that is given, or find it.

    Examples
    --------
    >>> import pandas as pd
    >>> axis_at(pd.DataFrame({"total": [1.0, 3.0]}), "total", "median").cuts
    (2.0,)
    """
    if isinstance(at, Axis):
        return at
    return learn_axis(customers, column, at=at, missing=missing)


def middle(values: Floats, method: str) -> float:
    """Return the median or the mean, to the same digit whatever the order of the values.

    Examples
    --------
    >>> middle(np.array([9.0, 1.0, 2.0]), "median")
    2.0
    """
    ordered = np.sort(values)
    return float(np.median(ordered) if method == "median" else ordered.mean())
