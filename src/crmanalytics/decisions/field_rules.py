"""The rule table of a two-way matrix: which field each pair of levels is."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from crmanalytics import columns as c
from crmanalytics.errors import ParameterError
from crmanalytics.frames import Column, Contract, Kind, admit_eager

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from crmanalytics.decisions.axis import Axis

__all__ = ["ANY", "FieldRules", "field_rules"]

#: Stands for every level in a rule.
ANY: Final = "*"

_TABLE: Final = Contract(
    frame="rules",
    columns=(
        Column("up", Kind.LABEL),
        Column("across", Kind.LABEL),
        Column(c.FIELD, Kind.LABEL),
        Column(c.PRIORITY, Kind.COUNT, required=False),
    ),
)


@dataclass(frozen=True)
class FieldRules:
    """The fields of a matrix, and which of them each pair of levels is.

    Parameters
    ----------
    names : tuple of str
        Fields in the order of the rules.
    priorities : tuple of int
        What comes first, per field.
    lookup : ndarray of shape (levels up, levels across)
        Place of the field.
    """

    names: tuple[str, ...]
    priorities: tuple[int, ...]
    lookup: NDArray[np.intp]


def field_rules(rules: Any, up: Axis, across: Axis) -> FieldRules:  # noqa: ANN401 - a mapping or frame
    """Check rules against the axes and lay them on the grid of levels.

    Parameters
    ----------
    rules : mapping or DataFrame
        (level up, level across) to field, first ones first in priority; or a table with the
        columns up, across, field and, if it is not the order of the fields, priority. ``"*"``
        stands for any level. The first rule that fits a pair of levels holds.
    up, across : Axis
        The axes.

    Returns
    -------
    FieldRules

    Raises
    ------
    ParameterError
        If a level is unknown, a pair of levels has no field, a rule never applies, or a field has
        two priorities.

    Examples
    --------
    >>> from crmanalytics.decisions.axis import Axis
    >>> rules = {("high", "high"): "star", ("*", "*"): "other"}
    >>> field_rules(rules, Axis("total", (5.0,)), Axis("growth", (0.0,))).lookup.tolist()
    [[1, 1], [1, 0]]
    """
    rows = _rows(rules)
    names = tuple(dict.fromkeys(name for _, _, name, _ in rows))
    lookup = np.full((len(up.names), len(across.names)), -1, dtype=np.intp)
    problems = []
    for high, wide, name, _ in rows:
        mask = np.outer(_fits(up, high), _fits(across, wide)) & (lookup < 0)
        if not mask.any():
            problems.append(
                f"the rule ({high!r}, {wide!r}) of {name!r} never applies: levels are {up.names} "
                f"up and {across.names} across, and the first rule that fits holds"
            )
        lookup[mask] = names.index(name)
    open_cells = [(up.names[i], across.names[j]) for i, j in np.argwhere(lookup < 0).tolist()]
    if open_cells:
        problems.append(f"no rule fits {open_cells}")
    if problems:
        raise ParameterError(
            "rules do not give each pair of levels one field:\n" + "\n".join(problems)
        )
    return FieldRules(names, _priorities(rows, names), lookup)


def _rows(rules: Any) -> list[tuple[str, str, str, int | None]]:  # noqa: ANN401 - a mapping or frame
    if hasattr(rules, "items") and not hasattr(rules, "columns"):
        return _listed(rules)
    own = admit_eager(rules, _TABLE)
    texts = [[str(x) for x in own[name].to_list()] for name in ("up", "across", c.FIELD)]
    given = own[c.PRIORITY].to_list() if c.PRIORITY in own.columns else [None] * len(own)
    return list(zip(*texts, given, strict=True))


def _listed(rules: Mapping[tuple[str, str], str]) -> list[tuple[str, str, str, int | None]]:
    if not all(isinstance(pair, tuple) and len(pair) == 2 for pair in rules):
        raise ParameterError(f"rules must have pairs (level up, level across) as keys: {rules!r}")
    return [(high, wide, name, None) for (high, wide), name in rules.items()]


def _fits(axis: Axis, level: str) -> NDArray[np.bool_]:
    return np.array([level in (ANY, name) for name in axis.names])


def _priorities(
    rows: list[tuple[str, str, str, int | None]], names: tuple[str, ...]
) -> tuple[int, ...]:
    said = {name: {p for _, _, each, p in rows if each == name} for name in names}
    twice = [name for name, given in said.items() if len(given) > 1]
    if twice:
        raise ParameterError(f"fields must have one priority each, which {twice} have not")
    given = [next(iter(said[name])) for name in names]
    return tuple(place if p is None else int(p) for place, p in enumerate(given, start=1))
