"""Grouping sets: which combinations of dimensions a cube has, and what each is called."""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING, Final, Literal

from crmanalytics.errors import ParameterError
from crmanalytics.wording import one_of

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["Sets", "grouping_name", "grouping_sets", "named_dimensions"]

Shape = Literal["cube", "rollup", "each", "finest"]
Sets = Shape | list[tuple[str, ...]]

_MOST_DIMENSIONS: Final = 10
_JOIN: Final = " x "
_TOTAL: Final = "total"


def grouping_sets(by: Sequence[str], sets: Sets) -> list[tuple[str, ...]]:
    """List the combinations of dimensions, coarse ones first.

    Parameters
    ----------
    by : sequence of str
        The dimensions.
    sets : {"cube", "rollup", "each", "finest"} or list of tuple of str
        All combinations; all leading ones (as years, months within years, ...); the total and each
        dimension by itself; only all of them together; or the combinations listed.

    Returns
    -------
    list of tuple of str
        Within each combination the dimensions have the order of `by`.

    Raises
    ------
    ParameterError
        If dimensions repeat or are unknown, or a cube has more than ten of them.

    Examples
    --------
    >>> grouping_sets(["region", "channel"], "cube")
    [(), ('region',), ('channel',), ('region', 'channel')]
    >>> grouping_sets(["region", "channel"], "rollup")
    [(), ('region',), ('region', 'channel')]
    """
    names = tuple(by)
    if len(set(names)) != len(names) or not names:
        raise ParameterError(f"by must name at least one dimension, each once: {list(names)}")
    if any(_JOIN in name or name == _TOTAL for name in names):
        raise ParameterError(f"a dimension may not be called {_TOTAL!r} or contain {_JOIN!r}")
    if not isinstance(sets, str):
        return _listed(names, sets)
    if sets == "cube" and len(names) > _MOST_DIMENSIONS:
        raise ParameterError(
            f"a cube of {len(names)} dimensions has {2 ** len(names):,} combinations: list those "
            "that you need in sets=[...], or use sets='rollup'"
        )
    shapes = {
        "cube": [
            chosen
            for size in range(len(names) + 1)
            for chosen in itertools.combinations(names, size)
        ],
        "rollup": [names[:size] for size in range(len(names) + 1)],
        "each": [(), *((name,) for name in names)],
        "finest": [names],
    }
    one_of("sets", sets, shapes, also="a list")
    return shapes[sets]


def _listed(names: tuple[str, ...], sets: Sequence[tuple[str, ...]]) -> list[tuple[str, ...]]:
    strange = sorted({name for chosen in sets for name in chosen} - set(names))
    if any(isinstance(chosen, str) for chosen in sets) or strange:
        raise ParameterError(f"sets must be a list of tuples of dimensions in by: {sets!r}")
    listed = [tuple(name for name in names if name in chosen) for chosen in sets]
    if len(set(listed)) != len(listed) or not listed:
        raise ParameterError(f"sets must list at least one combination, each once: {sets!r}")
    return listed


def grouping_name(chosen: Sequence[str]) -> str:
    """Return what a combination of dimensions is called in a cube.

    Examples
    --------
    >>> grouping_name(["region", "channel"]), grouping_name([])
    ('region x channel', 'total')
    """
    return _JOIN.join(chosen) if chosen else _TOTAL


def named_dimensions(grouping: str) -> tuple[str, ...]:
    """Return the dimensions of a combination by what it is called.

    Examples
    --------
    >>> named_dimensions("region x channel"), named_dimensions("total")
    (('region', 'channel'), ())
    """
    return () if grouping == _TOTAL else tuple(grouping.split(_JOIN))
