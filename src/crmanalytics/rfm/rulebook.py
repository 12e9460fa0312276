"""What rules are: boxes of scores with a segment's name, and what can be wrong with them."""

from __future__ import annotations

import itertools
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, Literal, NamedTuple, Self

import numpy as np

from crmanalytics.errors import ParameterError
from crmanalytics.frames import Shown
from crmanalytics.persistence import register, save
from crmanalytics.rfm.cutting import MOST_SCORES
from crmanalytics.wording import one_of

if TYPE_CHECKING:
    import os
    from collections.abc import Iterator
    from pathlib import Path

    import pandas as pd
    from numpy.typing import NDArray

__all__ = ["BOUNDS", "Box", "Overlap", "Rules"]

Overlap = Literal["refuse", "first"]

BOUNDS: Final = ("r_low", "r_high", "f_low", "f_high", "m_low", "m_high")
_NOBODY: Final = -1


class Box(NamedTuple):
    """One rule: a segment and the scores that belong to it, both ends included."""

    segment: str
    r_low: int
    r_high: int
    f_low: int
    f_high: int
    m_low: int
    m_high: int


@register("rfm.Rules")
@dataclass(frozen=True, repr=False)
class Rules(Shown):
    """Rules that give each cell of scores its segment.

    Made by :func:`crmanalytics.rfm.rules`.

    Parameters
    ----------
    boxes : tuple of Box
        The rules, the first one first.
    overlap : {"refuse", "first"}
        Whether rules of different segments may share cells, the first one winning.
    others : str, optional
        Segment of the cells that no rule covers.
    n : tuple of int
        Scores of r, f and m.
    """

    boxes: tuple[Box, ...]
    overlap: Overlap = "refuse"
    others: str | None = None
    n: tuple[int, int, int] = (5, 5, 5)

    def _told(self) -> list[str]:
        scores = " x ".join(map(str, self.n))
        rest = f", all others {self.others}" if self.others else ""
        return [f"Rules: {len(self.boxes)} on scores of {scores}, overlap {self.overlap!r}{rest}"]

    def _tables(self) -> dict[str, pd.DataFrame]:
        return {"": self.table()}

    def __post_init__(self) -> None:
        one_of("overlap", self.overlap, ("refuse", "first"))
        if len(self.n) != 3 or any(not 1 <= size <= MOST_SCORES for size in self.n):
            raise ParameterError(f"n must be three numbers from 1 to {MOST_SCORES}, not {self.n!r}")
        if not self.boxes:
            raise ParameterError("rules need at least one rule")
        wrong = [box for box in self.boxes if not _fits(box, self.n)]
        if wrong:
            raise ParameterError(f"bounds must ascend and lie within 1 to {self.n}: {wrong}")

    @property
    def segments(self) -> tuple[str, ...]:
        """Names of the segments in the order of the rules, the name for the others last.

        Examples
        --------
        >>> Rules((Box("Best", 3, 5, 1, 5, 1, 5),), others="Rest").segments
        ('Best', 'Rest')
        """
        names = dict.fromkeys(box.segment for box in self.boxes)
        if self.others is not None:
            names[self.others] = None
        return tuple(names)

    def table(self) -> pd.DataFrame:
        """Return the rules as a table, which can be edited and passed to ``rules(...)`` again.

        Returns
        -------
        DataFrame
            One row per rule: ``segment`` and the six bounds.

        Examples
        --------
        >>> from crmanalytics.rfm import rules
        >>> print(rules().table().head(2).to_string(index=False))
                segment  r_low  r_high  f_low  f_high  m_low  m_high
              Champions      5       5      4       5      1       5
        Loyal Customers      3       4      4       5      1       5
        """
        import pandas as pd

        return pd.DataFrame(self.boxes, columns=["segment", *BOUNDS])

    def cells(self) -> pd.DataFrame:
        """Return each cell of scores with its segment.

        Returns
        -------
        DataFrame
            One row per cell: ``r_score, f_score, m_score``, ``rules`` (how many cover it) and
            ``segment`` (of the first of them, or the name for the others, or missing).

        Examples
        --------
        >>> from crmanalytics.rfm import rules
        >>> cells = rules().cells()
        >>> len(cells), set(cells["rules"])
        (125, {1})
        """
        import pandas as pd

        names = np.array([*self.segments, None], dtype=object)
        r, f, m = (axis.ravel() + 1 for axis in np.indices(self.n))
        named = names[self.lookup().ravel()]
        covered = self._masks().sum(axis=0).ravel()
        return pd.DataFrame(
            {"r_score": r, "f_score": f, "m_score": m, "rules": covered, "segment": named}
        )

    def lookup(self) -> NDArray[np.intp]:
        """Return the place in :attr:`segments` of each cell, first match first; -1 for none.

        Returns
        -------
        ndarray of shape n
            At ``[r - 1, f - 1, m - 1]``.

        Examples
        --------
        >>> from crmanalytics.rfm import rules
        >>> rules().segments[rules().lookup()[4, 0, 2]]
        'New Customers'
        """
        names = self.segments
        rest = _NOBODY if self.others is None else names.index(self.others)
        cube = np.full(self.n, rest, dtype=np.intp)
        for box, mask in zip(self.boxes[::-1], self._masks()[::-1], strict=True):
            cube[mask] = names.index(box.segment)
        return cube

    def check(self) -> pd.DataFrame:
        """Report rules that can never apply, rules that contradict each other, and gaps.

        Returns
        -------
        DataFrame
            One row per problem: ``problem`` ("unreachable": the rules above it take all of its
            cells; "overlapping": it shares cells with ``other``, a rule below it of another
            segment; "uncovered": no rule has these cells), ``segment``, ``rule`` (its number from
            0, -1 for none), ``other``, ``cells`` (how many) and ``where`` (their codes). Empty for
            rules without a problem.

        Examples
        --------
        >>> from crmanalytics.rfm import rules
        >>> rules("rfm-r-0.3.0").check()["problem"].value_counts().to_dict()
        {'overlapping': 24, 'uncovered': 1}
        """
        import pandas as pd

        found = [*self._unreachable(), *self._overlapping(), *self._uncovered()]
        frame = pd.DataFrame(found, columns=["problem", "segment", "rule", "other", "cube"])
        cubes = frame.pop("cube")
        counts = [int(cube.sum()) for cube in cubes]
        codes = [_codes(cube) for cube in cubes]
        return frame.assign(
            cells=pd.Series(counts, dtype="int64"), where=pd.Series(codes, dtype=str)
        )

    def _masks(self) -> NDArray[np.bool_]:
        masks = np.zeros((len(self.boxes), *self.n), dtype=bool)
        for mask, (_, r0, r1, f0, f1, m0, m1) in zip(masks, self.boxes, strict=True):
            mask[r0 - 1 : r1, f0 - 1 : f1, m0 - 1 : m1] = True
        return masks

    def _unreachable(self) -> Iterator[tuple[str, str, int, str, NDArray[np.bool_]]]:
        taken = np.zeros(self.n, dtype=bool)
        for place, (box, mask) in enumerate(zip(self.boxes, self._masks(), strict=True)):
            if not (mask & ~taken).any():
                yield "unreachable", box.segment, place, "", mask
            taken |= mask

    def _overlapping(self) -> Iterator[tuple[str, str, int, str, NDArray[np.bool_]]]:
        numbered = enumerate(zip(self.boxes, self._masks(), strict=True))
        for (place, (box, mask)), (_, (other, theirs)) in itertools.combinations(numbered, 2):
            shared = np.logical_and(mask, theirs)
            if box.segment != other.segment and shared.any():
                yield "overlapping", box.segment, place, other.segment, shared

    def _uncovered(self) -> Iterator[tuple[str, str, int, str, NDArray[np.bool_]]]:
        rest = np.equal(self._masks().sum(axis=0), 0)
        if rest.any():
            yield "uncovered", self.others or "", _NOBODY, "", rest

    def to_dict(self) -> dict[str, Any]:
        """Return the content as plain JSON values.

        Examples
        --------
        >>> Rules((Box("Best", 3, 5, 1, 5, 1, 5),), others="Rest").to_dict()["boxes"]
        [['Best', 3, 5, 1, 5, 1, 5]]
        """
        boxes = [list(box) for box in self.boxes]
        return {"boxes": boxes, "overlap": self.overlap, "others": self.others, "n": list(self.n)}

    @classmethod
    def from_dict(cls, body: dict[str, Any]) -> Self:
        """Make rules of their content, checking it.

        Examples
        --------
        >>> mine = Rules((Box("Best", 3, 5, 1, 5, 1, 5),), others="Rest")
        >>> Rules.from_dict(mine.to_dict()) == mine
        True
        """
        boxes = tuple(Box(*box) for box in body["boxes"])
        r, f, m = body["n"]
        return cls(boxes, body["overlap"], body["others"], (r, f, m))

    def save(self, path: str | os.PathLike[str]) -> Path:
        """Write the rules as a small JSON file, which :func:`crmanalytics.load` reads back.

        Examples
        --------
        >>> import tempfile
        >>> import crmanalytics as crm
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     crm.load(crm.rfm.rules().save(f"{folder}/rules.json")) == crm.rfm.rules()
        True
        """
        return save(self, path)


def _fits(box: Box, n: tuple[int, int, int]) -> bool:
    lows, highs = box[1::2], box[2::2]
    return all(1 <= low <= high <= size for low, high, size in zip(lows, highs, n, strict=True))


def _codes(cube: NDArray[np.bool_]) -> str:
    return " ".join(f"{r + 1}{f + 1}{m + 1}" for r, f, m in np.argwhere(cube))
