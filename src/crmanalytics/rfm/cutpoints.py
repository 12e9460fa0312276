"""The kept cuts: a value that scores any frame, can be read as a table, and stored as JSON."""

from __future__ import annotations

import itertools
import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, Self

import numpy as np

from crmanalytics import columns as c
from crmanalytics.errors import ParameterError
from crmanalytics.frames import Shown
from crmanalytics.persistence import register, save
from crmanalytics.rfm.cutting import MOST_SCORES, interval
from crmanalytics.wording import one_of

if TYPE_CHECKING:
    import os
    from collections.abc import Iterable
    from pathlib import Path

    import pandas as pd
    from numpy.typing import NDArray

    from crmanalytics.rfm.cutting import Closed

    Scores = NDArray[np.int64]

__all__ = ["DIMENSIONS", "Breaks", "Cuts", "interval_within"]

Cuts = tuple[float, ...]

DIMENSIONS: Final = {"r": c.DAYS_SINCE_LAST, "f": c.ORDERS, "m": c.TOTAL}


@register("rfm.Breaks")
@dataclass(frozen=True, repr=False)
class Breaks(Shown):
    """Where each dimension is cut.

    Made by :func:`breaks`; made by hand, it scores a frame by published cuts.

    Parameters
    ----------
    r, f, m : tuple of tuple of float
        Ascending cuts of days since the last purchase, of orders and of total. One tuple each; for
        nested breaks `f` holds one tuple per recency score and `m` one per recency and frequency
        score, scores ascending.
    method : {"quantile", "fixed", "nested"}
        How they were found.
    ties : str
        The rule for equal values by which they were found.
    closed : {"right", "left"}
        Whether a value equal to a cut lies below it ("right") or above it ("left").

    Examples
    --------
    >>> from crmanalytics.rfm import Breaks, score
    >>> import pandas as pd
    >>> mine = Breaks(r=((30.0, 90.0),), f=((1.0, 3.0),), m=((100.0, 500.0),))
    >>> customer = pd.DataFrame({"days_since_last": [12], "orders": [3], "total": [800.0]})
    >>> score(customer, mine)["rfm_score"].tolist()
    [323]
    """

    r: tuple[Cuts, ...]
    f: tuple[Cuts, ...]
    m: tuple[Cuts, ...]
    method: str = "fixed"
    ties: str = "cut"
    closed: Closed = "right"

    def __post_init__(self) -> None:
        one_of("closed", self.closed, ("right", "left"))
        for name, group in (("r", self.r), ("f", self.f), ("m", self.m)):
            _check_cuts(name, group)
        n_r, n_f, _ = self.n
        wanted = (1, n_r, n_r * n_f) if self.method == "nested" else (1, 1, 1)
        if (len(self.r), len(self.f), len(self.m)) != wanted:
            raise ParameterError(
                f"{self.method} breaks need {wanted} tuples of cuts for r, f and m, not "
                f"{(len(self.r), len(self.f), len(self.m))}"
            )

    @property
    def n(self) -> tuple[int, int, int]:
        """Scores of each dimension.

        Examples
        --------
        >>> Breaks(r=((30.0, 90.0),), f=((1.0,),), m=((),)).n
        (3, 2, 1)
        """
        return len(self.r[0]) + 1, len(self.f[0]) + 1, len(self.m[0]) + 1

    def scores(self, days_since_last: Any, orders: Any, total: Any) -> tuple[Scores, ...]:  # noqa: ANN401
        """Return the recency, frequency and monetary scores of three arrays of equal length.

        Parameters
        ----------
        days_since_last, orders, total : array_like of shape (n,)
            The three columns.

        Returns
        -------
        tuple of three ndarray of shape (n,)
            Scores from 1; the highest is the most recent, the most frequent, the most money.

        Examples
        --------
        >>> mine = Breaks(r=((30.0, 90.0),), f=((1.0, 3.0),), m=((100.0, 500.0),))
        >>> [each.tolist() for each in mine.scores([12, 95], [3, 1], [800.0, 100.0])]
        [[3, 1], [2, 1], [3, 1]]
        """
        n_r, n_f, _ = self.n
        days, times, money = (np.asarray(x, dtype=float) for x in (days_since_last, orders, total))
        r = n_r - interval(days, self.r[0], self.closed)
        if self.method != "nested":
            f, m = interval(times, self.f[0], self.closed), interval(money, self.m[0], self.closed)
            return r, f + 1, m + 1
        f = interval_within(times, r - 1, self.f, self.closed) + 1
        cell = (r - 1) * n_f + f - 1
        return r, f, interval_within(money, cell, self.m, self.closed) + 1

    def table(self) -> pd.DataFrame:
        """Return the cuts as a table that people can read.

        Returns
        -------
        DataFrame
            One row per dimension and score (and per score that it is nested within), with the
            bounds and whether any value at all can have the score: with many ties, not each can.

        Examples
        --------
        >>> mine = Breaks(r=((30.0, 90.0),), f=((1.0, 1.0),), m=((100.0, 500.0),))
        >>> print(mine.table().query("dimension == 'orders'").to_string(index=False))
        dimension within  score  above  up_to  reachable
           orders             1   -inf    1.0       True
           orders             2    1.0    1.0      False
           orders             3    1.0    inf       True
        """
        import pandas as pd

        rows = [row for key in DIMENSIONS for row in self._rows(key)]
        lower, upper = ("above", "up_to") if self.closed == "right" else ("from", "below")
        names = ["dimension", "within", "score", lower, upper, "reachable"]
        return pd.DataFrame(rows, columns=names)

    def _rows(self, key: str) -> Iterable[tuple[str, str, int, float, float, bool]]:
        groups: tuple[Cuts, ...] = getattr(self, key)
        for group, cuts in enumerate(groups):
            edges = [-math.inf, *cuts, math.inf]
            for place, (low, high) in enumerate(itertools.pairwise(edges)):
                points = len(edges) - 1 - place if key == "r" else place + 1
                yield DIMENSIONS[key], self._within(key, group), points, low, high, low < high

    def _within(self, key: str, group: int) -> str:
        if self.method != "nested" or key == "r":
            return ""
        if key == "f":
            return f"r={group + 1}"
        r, f = divmod(group, self.n[1])
        return f"r={r + 1}, f={f + 1}"

    def _told(self) -> list[str]:
        return [repr(self)]

    def _tables(self) -> dict[str, pd.DataFrame]:
        return {"": self.table()}

    def __repr__(self) -> str:
        def shown(groups: tuple[Cuts, ...]) -> str:
            if len(groups) > 1:
                return f"<{len(groups)} groups: see .table()>"
            return "[" + ", ".join(f"{x:g}" for x in groups[0]) + "]"

        return (
            f"Breaks(method={self.method!r}, ties={self.ties!r}, closed={self.closed!r}, "
            f"r={shown(self.r)}, f={shown(self.f)}, m={shown(self.m)})"
        )

    def to_dict(self) -> dict[str, Any]:
        """Return the content as plain JSON values.

        Examples
        --------
        >>> Breaks(r=((30.0,),), f=((1.0,),), m=((),)).to_dict()["r"]
        [[30.0]]
        """
        named = {k: [[_plain(x) for x in cuts] for cuts in getattr(self, k)] for k in DIMENSIONS}
        return {**named, "method": self.method, "ties": self.ties, "closed": self.closed}

    @classmethod
    def from_dict(cls, body: dict[str, Any]) -> Self:
        """Make breaks of their content, checking it.

        Examples
        --------
        >>> mine = Breaks(r=((30.0,),), f=((1.0,),), m=((),))
        >>> Breaks.from_dict(mine.to_dict()) == mine
        True
        """
        r, f, m = (tuple(tuple(float(x) for x in cuts) for cuts in body[key]) for key in DIMENSIONS)
        return cls(r, f, m, body["method"], body["ties"], body["closed"])

    def save(self, path: str | os.PathLike[str]) -> Path:
        """Write the breaks as a small JSON file, which :func:`crmanalytics.load` reads back.

        Examples
        --------
        >>> import tempfile
        >>> import crmanalytics as crm
        >>> mine = Breaks(r=((30.0,),), f=((1.0,),), m=((100.0,),))
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     crm.load(mine.save(f"{folder}/breaks.json")) == mine
        True
        """
        return save(self, path)


def interval_within(
    values: NDArray[np.float64], group: Scores, cuts: tuple[Cuts, ...], closed: str
) -> Scores:
    """Return which interval each value is in, from 0, by the cuts of its own group.

    Examples
    --------
    >>> values, group = np.array([2.0, 2.0]), np.array([0, 1])
    >>> interval_within(values, group, ((1.0,), (5.0,)), "right").tolist()
    [1, 0]
    """
    bounds = np.array(cuts).reshape(len(cuts), -1)
    place = np.zeros(len(values), dtype=np.int64)
    for column in bounds.T:
        own = column[group]
        place += (values > own) if closed == "right" else (values >= own)
    return place


def _check_cuts(name: str, groups: tuple[Cuts, ...]) -> None:
    if not groups or len({len(cuts) for cuts in groups}) > 1:
        raise ParameterError(f"{name} needs tuples of cuts of one length, not {groups!r}")
    if len(groups[0]) >= MOST_SCORES:
        raise ParameterError(f"{name} has {len(groups[0])} cuts; at most {MOST_SCORES - 1} fit")
    for cuts in groups:
        ascending = all(low <= high for low, high in itertools.pairwise(cuts))
        if not ascending or any(math.isnan(x) for x in cuts):
            raise ParameterError(f"cuts of {name!r} must ascend, not {list(cuts)}")


def _plain(number: float) -> float | str:
    return number if math.isfinite(number) else str(number)  # JSON knows no infinity
