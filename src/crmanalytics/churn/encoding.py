"""From a frame of mixed types to a matrix of numbers: learnt once, applied to any later frame.

Nothing is guessed at prediction: a category that was not seen counts as rare, a missing value as
missing, and a number beyond those seen as the nearest that was seen.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any, Final, Literal

import numpy as np
import pandas as pd

from crmanalytics.errors import FormatError, InvalidValuesError

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]
    Ints = NDArray[np.int64]

__all__ = ["CategoryColumn", "Encoder", "NumberColumn", "Style", "is_number"]

Style = Literal["smooth", "plain", "filled"]
_KNOTS: Final = (0.01, 0.25, 0.5, 0.75, 0.99)
_FEWEST: Final = 20  # rows of a category with a column of its own, where there are enough rows


@dataclass(frozen=True)
class NumberColumn:
    """A column of numbers as it was learnt.

    Parameters
    ----------
    name : str
        The column.
    centre, scale : float
        Median and standard deviation.
    knots : tuple of float
        Where a smooth effect may bend; quantiles.
    missing : float
        Share of the rows without a value.
    """

    name: str
    centre: float
    scale: float
    knots: tuple[float, ...]
    missing: float

    @classmethod
    def learn(cls, name: str, values: pd.Series) -> NumberColumn:
        """Learn a column from its values."""
        plain = _numbers(name, values)
        held = plain[~np.isnan(plain)]
        if not len(held):
            return cls(name, 0.0, 1.0, (), 1.0)
        spread = float(held.std())
        scale = spread if spread > 0 else 1.0
        return cls(name, float(np.median(held)), scale, _knots(held), _share(len(held), len(plain)))

    def width(self, style: Style) -> int:
        """Return how many columns of the matrix it takes."""
        if style == "plain":
            return 1
        return (self._bends() if style == "smooth" else 1) + (self.missing > 0)

    def fill(self, out: Floats, values: pd.Series, style: Style) -> None:
        """Write the column's part of the matrix, which is zero before."""
        plain = _numbers(self.name, values)
        if style == "plain":
            if self.missing < 1.0:  # trees cannot bin a column that never had a value
                out[:, 0] = plain
            return
        gone = np.isnan(plain)
        known = np.where(gone, self.centre, plain)
        if style == "smooth" and self._bends() != 1:
            _hats(out, known, np.asarray(self.knots))
        else:
            out[:, 0] = (known - self.centre) / self.scale
        if self.missing > 0:
            out[:, -1] = gone

    def _bends(self) -> int:
        return len(self.knots) if len(self.knots) > 2 else int(len(self.knots) > 1)


@dataclass(frozen=True)
class CategoryColumn:
    """A column of categories as it was learnt.

    Parameters
    ----------
    name : str
        The column.
    levels : tuple of str
        Categories with a column of their own.
    rare : tuple of str
        Categories that share one, with all that were never seen.
    missing : float
        Share of the rows without a value.
    """

    name: str
    levels: tuple[str, ...]
    rare: tuple[str, ...]
    missing: float

    @classmethod
    def learn(cls, name: str, values: pd.Series) -> CategoryColumn:
        """Learn a column from its values."""
        codes, names = _codes(values)
        sizes = np.bincount(codes[codes >= 0], minlength=len(names))
        enough = min(_FEWEST, max(2, len(values) // 20))
        seen = {str(n): int(size) for n, size in zip(names, sizes, strict=True) if size}
        levels = tuple(sorted(level for level, size in seen.items() if size >= enough))
        rare = tuple(sorted(set(seen) - set(levels)))
        return cls(name, levels, rare, _share(int((codes >= 0).sum()), len(codes)))

    def width(self, style: Style) -> int:
        """Return how many columns of the matrix it takes."""
        del style  # categories are written in one way
        return len(self.levels) + bool(self.rare) + (self.missing > 0)

    def fill(self, out: Floats, values: pd.Series, style: Style) -> None:
        """Write the column's part of the matrix, which is zero before."""
        del style
        codes, names = _codes(values)
        places = self._places(names)[codes]
        places[codes < 0] = out.shape[1] - 1 if self.missing > 0 else -1
        rows = np.flatnonzero(places >= 0)
        out[rows, places[rows]] = 1.0

    def unseen(self, values: pd.Series) -> tuple[int, list[str]]:
        """Return how many rows hold categories that were never seen, and which those are."""
        codes, names = _codes(values)
        known = set(self.levels) | set(self.rare)
        strange = np.array([str(each) not in known for each in names] + [False])[codes]
        return int(strange.sum()), sorted({str(names[each]) for each in codes[strange]})

    def _places(self, names: Any) -> Ints:  # noqa: ANN401 - an array or an index
        place = {level: at for at, level in enumerate(self.levels)}
        other = len(self.levels) if self.rare else -1
        # the last is for the code of a missing value, -1
        return np.array([place.get(str(each), other) for each in names] + [-1], dtype=np.int64)


@dataclass(frozen=True)
class Encoder:
    """Columns in the order of the frame, and how they are written for an estimator.

    Parameters
    ----------
    columns : tuple
        What was learnt of each column.
    style : {"smooth", "plain", "filled"}
        Numbers as bends of a piecewise linear effect, as they are, or centred and filled.

    Examples
    --------
    >>> frame = pd.DataFrame({"age": [30.0, None, 50.0, 40.0], "plan": ["a", "b", "a", "b"]})
    >>> encoder = Encoder.learn(frame, "filled")
    >>> encoder.encode(frame.tail(2)).round(1).tolist()
    [[1.2, 0.0, 1.0, 0.0], [0.0, 0.0, 0.0, 1.0]]
    """

    columns: tuple[NumberColumn | CategoryColumn, ...]
    style: Style

    @classmethod
    def learn(cls, frame: pd.DataFrame, style: Style) -> Encoder:
        """Learn all columns of a frame."""
        kinds = [NumberColumn if is_number(frame[name]) else CategoryColumn for name in frame]
        made = [kind.learn(str(n), frame[n]) for kind, n in zip(kinds, frame, strict=True)]
        return cls(tuple(made), style)

    @property
    def owner(self) -> Ints:
        """Return for each column of the matrix the column of the frame that it belongs to."""
        widths = [each.width(self.style) for each in self.columns]
        # a matrix must have a column, even where nothing varies
        return np.repeat(np.arange(len(widths)), widths) if sum(widths) else np.zeros(1, np.int64)

    def encode(self, frame: pd.DataFrame) -> Floats:
        """Return the matrix of a frame that has the columns in the same order."""
        ends = np.cumsum([each.width(self.style) for each in self.columns]).tolist()
        out = np.zeros((len(frame), max(1, ends[-1])))
        for column, name, end in zip(self.columns, frame, ends, strict=True):
            self._check_kind(column, frame[name])
            if width := column.width(self.style):
                column.fill(out[:, end - width : end], frame[name], self.style)
        return out

    @staticmethod
    def _check_kind(column: NumberColumn | CategoryColumn, values: pd.Series) -> None:
        if isinstance(column, NumberColumn) and not is_number(values) and values.notna().any():
            raise InvalidValuesError(
                f"X[{column.name!r}] must hold numbers, as when the classifier was fitted, not "
                f"{values.dtype}."
            )

    def to_dict(self) -> dict[str, Any]:
        """Return what was learnt as plain JSON values."""
        return {"style": self.style, "columns": [asdict(each) for each in self.columns]}

    @classmethod
    def from_dict(cls, body: dict[str, Any]) -> Encoder:
        """Make an encoder of what :meth:`to_dict` returned."""
        if body["style"] not in ("smooth", "plain", "filled"):
            raise FormatError(f"unknown style {body['style']!r}")
        return cls(tuple(_column(each) for each in body["columns"]), body["style"])


def is_number(values: pd.Series) -> bool:
    """Whether a column holds numbers; truth values are categories."""
    kind = values.dtype
    return pd.api.types.is_numeric_dtype(kind) and not pd.api.types.is_bool_dtype(kind)


def _column(body: dict[str, Any]) -> NumberColumn | CategoryColumn:
    if "knots" in body:
        knots = tuple(float(each) for each in body["knots"])
        centre, scale, gone = (float(body[each]) for each in ("centre", "scale", "missing"))
        return NumberColumn(str(body["name"]), centre, scale, knots, gone)
    levels, rare = (tuple(str(each) for each in body[name]) for name in ("levels", "rare"))
    return CategoryColumn(str(body["name"]), levels, rare, float(body["missing"]))


def _share(held: int, rows: int) -> float:
    return 1.0 - held / rows


def _knots(held: Floats) -> tuple[float, ...]:
    distinct = np.unique(held)
    knots = np.unique(np.quantile(held, _KNOTS))
    if len(knots) < 4 < len(distinct):  # most rows are alike: let the others say where it bends
        knots = np.union1d(knots, np.quantile(distinct, _KNOTS))
    if len(distinct) <= len(_KNOTS):
        knots = distinct
    return tuple(knots.tolist())


def _hats(out: Floats, known: Floats, knots: Floats) -> None:
    """Write linear B-splines: each knot's share in a number between two of them."""
    if len(knots) < 2:  # a single value says nothing
        return
    inside = np.clip(known, knots[0], knots[-1])
    left = np.clip(np.searchsorted(knots, inside, "right") - 1, 0, len(knots) - 2)
    share = (inside - knots[left]) / np.diff(knots)[left]
    rows = np.arange(len(known))
    out[rows, left] = 1.0 - share
    out[rows, left + 1] = share


def _numbers(name: str, values: pd.Series) -> Floats:
    plain = values.to_numpy(dtype=np.float64, na_value=np.nan)
    infinite = int(np.isinf(plain).sum())
    if infinite:
        raise InvalidValuesError(
            f"X[{name!r}] must be finite: {infinite:,} of {len(plain):,} rows are infinity (inf). "
            "Make them missing, or a number."
        )
    return plain


def _codes(values: pd.Series) -> tuple[Ints, Any]:
    """Return a number per row, -1 where missing, and what each number stands for."""
    if isinstance(values.dtype, pd.CategoricalDtype):
        return values.cat.codes.to_numpy().astype(np.int64), values.cat.categories
    if pd.api.types.is_datetime64_any_dtype(values.dtype):
        raise InvalidValuesError(
            f"X[{str(values.name)!r}] holds dates: turn it into days before the snapshot, or drop "
            "it."
        )
    codes, names = pd.factorize(values)
    return codes.astype(np.int64), names
