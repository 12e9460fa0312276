"""Population margins: what they say, checked against the survey, and the cells that they cross."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from crmanalytics import columns as c
from crmanalytics.errors import InvalidValuesError, ParameterError
from crmanalytics.frames import Column, Contract, Kind, admit_eager, as_float

if TYPE_CHECKING:
    from collections.abc import Hashable, Mapping

    import narwhals.stable.v2 as nw
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]
    Ints = NDArray[np.int64]

__all__ = ["Margins", "read_margins", "read_weighted"]

_SHOWN: Final = 3
_SAME: Final = 1e-8


@dataclass(frozen=True)
class Margins:
    """A survey's rows in cells, and what each margin of the cells must sum to.

    Parameters
    ----------
    of_row : ndarray of shape (rows,)
        Number of each row's cell: the people who are alike in all margins.
    base : ndarray of shape (cells,)
        Sum of base weights of each cell.
    codes : tuple of ndarray of shape (cells,)
        For each margin, which of its categories the cell is in.
    targets : tuple of ndarray of shape (categories,)
        For each margin, the sums wanted.
    names : tuple of str
        The columns.
    labels : tuple of list
        The categories of each.
    """

    of_row: Ints
    base: Floats
    codes: tuple[Ints, ...]
    targets: tuple[Floats, ...]
    names: tuple[str, ...]
    labels: tuple[list[Any], ...]

    def gaps(self, cells: Floats) -> list[Floats]:
        """Return by how much each category misses its target, relative to it."""
        found = []
        for codes, target in zip(self.codes, self.targets, strict=True):
            total = np.bincount(codes, weights=cells, minlength=len(target))
            found.append((total - target) / target)
        return found


def read_weighted(
    survey: Any,  # noqa: ANN401 - any eager frame
    names: list[str],
    weight: str | None,
) -> tuple[nw.DataFrame[Any], Floats]:
    """Check a survey's columns of categories and return it with its base weights.

    Examples
    --------
    >>> import pandas as pd
    >>> read_weighted(pd.DataFrame({"sex": ["f", "m"]}), ["sex"], None)[1].tolist()
    [1.0, 1.0]
    """
    remedy = "give them a label of their own, or leave such rows out"
    wanted = [Column(name, Kind.LABEL, null_remedy=remedy) for name in names]
    if weight is not None:
        wanted.append(Column(weight, Kind.NUMBER, strictly_positive=True))
    own = admit_eager(survey, Contract("survey", tuple(wanted), names_row_by=c.RESPONDENT_ID))
    if not len(own):
        raise InvalidValuesError("survey has no rows: there is nobody to weight.")
    return own, as_float(own, weight) if weight is not None else np.ones(len(own))


def read_margins(
    own: nw.DataFrame[Any],
    base: Floats,
    targets: Mapping[str, Mapping[Hashable, float]],
    total: float | None,
) -> Margins:
    """Match margins with the categories that occur.

    Parameters
    ----------
    own : narwhals.DataFrame
        The survey.
    base : ndarray
        Base weights of its rows.
    targets : mapping
        Column to (category to sum or share wanted).
    total : float or None
        What weights sum to; the sum of the targets otherwise.

    Returns
    -------
    Margins
        Cells and targets.

    Raises
    ------
    InvalidValuesError
        If a category has a target and nobody in the survey, or the other way round.
    ParameterError
        If targets are not positive or do not sum to the same.

    Examples
    --------
    >>> import narwhals.stable.v2 as nw
    >>> own = nw.from_dict({"sex": ["f", "m", "f"]}, backend="pandas")
    >>> margins = read_margins(own, np.ones(3), {"sex": {"f": 0.5, "m": 0.5}}, 3)
    >>> margins.targets[0].tolist(), margins.base.tolist()
    ([1.5, 1.5], [2.0, 1.0])
    """
    problems: list[str] = []
    codes, labels, wanted = [], [], []
    for name, margin in targets.items():
        code, found = _matched(own, name, margin, problems)
        codes.append(code)
        labels.append(found)
        wanted.append(np.array([margin.get(label, np.nan) for label in found], dtype=float))
    if problems:
        raise InvalidValuesError("\n".join(problems))
    scaled = _same_sum(list(targets), wanted, total)
    cell = np.zeros(len(own), dtype=np.int64)
    for code, found in zip(codes, labels, strict=True):
        cell = np.unique(cell * len(found) + code, return_inverse=True)[1].astype(np.int64)
    example = np.empty(int(cell.max()) + 1, dtype=np.int64)
    example[cell] = np.arange(len(cell))
    return Margins(
        cell,
        np.bincount(cell, weights=base).astype(float),
        tuple(code[example] for code in codes),
        tuple(scaled),
        tuple(targets),
        tuple(labels),
    )


def _matched(
    own: nw.DataFrame[Any], name: str, margin: Mapping[Hashable, float], problems: list[str]
) -> tuple[Ints, list[Any]]:
    import pandas as pd

    native = own[name].to_native()
    series = native if isinstance(native, pd.Series) else pd.Series(own[name].to_list())
    codes, found = pd.factorize(series)
    present = list(found)
    for verb, missing in (
        ("has no target for", [label for label in present if label not in margin]),
        ("has a target but nobody in", [label for label in margin if label not in present]),
    ):
        if missing:
            shown = ", ".join(map(repr, missing[:_SHOWN]))
            problems.append(
                f"survey[{name!r}] {verb} {len(missing)} categories (first: {shown}). Join such "
                "categories with others, in the survey and in the targets."
            )
    return codes.astype(np.int64), present


def _same_sum(names: list[str], wanted: list[Floats], total: float | None) -> list[Floats]:
    sums = [float(each.sum()) for each in wanted]
    for name, each in zip(names, wanted, strict=True):
        if not (np.isfinite(each).all() and (each > 0).all()):
            raise ParameterError(f"the targets of {name!r} must be positive numbers")
    if not sums:
        raise ParameterError("targets must name at least one column")
    if max(sums) - min(sums) > _SAME * max(sums):
        shown = ", ".join(f"{name} {s:,.10g}" for name, s in zip(names, sums, strict=True))
        raise ParameterError(f"the targets must sum to the same in every column, not: {shown}")
    if total is not None and not 0 < total < np.inf:
        raise ParameterError(f"total must be a positive number, not {total!r}")
    return [each * ((total or sums[0]) / s) for each, s in zip(wanted, sums, strict=True)]
