"""Where to put the boxes of a path diagram so that arrows run to the right and cross little."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    Floats = NDArray[np.float64]
    Paths = Sequence[tuple[str, str]]

__all__ = ["arranged", "label_places"]

#: The arrangement in which the European index is usually drawn.
_KNOWN: Final = {
    "Image": (1.0, 3.3),
    "Expectation": (0.0, 1.7),
    "Quality": (1.15, -0.6),
    "Value": (1.45, 0.8),
    "Satisfaction": (3.0, 1.7),
    "Complaints": (4.4, 0.4),
    "Loyalty": (4.4, 2.7),
}
_LEVELS: Final = 5
_STARTS: Final = 8
_ALONG: Final = np.linspace(0.12, 0.88, 20)


def arranged(paths: Paths) -> dict[str, tuple[float, float]]:
    """Return a place for each name: causes left, effects right, arrows apart.

    Examples
    --------
    >>> places = arranged([("a", "b"), ("a", "c"), ("b", "c")])
    >>> places["a"][0] < places["b"][0] < places["c"][0]
    True
    """
    names = list(dict.fromkeys(end for path in paths for end in path))
    if set(names) == set(_KNOWN):
        return {name: _KNOWN[name] for name in names}
    across = np.array([float(_depth(name, paths)) for name in names])
    ends = np.array([(names.index(a), names.index(b)) for a, b in paths])
    up = _apart(across, ends)
    return {n: (1.3 * float(x), 0.8 * float(y)) for n, x, y in zip(names, across, up, strict=True)}


def _depth(name: str, paths: Paths) -> int:
    """Return how many arrows the longest way to a name has."""
    return max((1 + _depth(a, paths) for a, b in paths if b == name), default=0)


def _apart(across: Floats, ends: NDArray[np.int64]) -> Floats:
    """Try heights, one or two boxes at a time, until none makes the picture clearer."""
    rng = np.random.default_rng(0)
    best, least = np.zeros(len(across)), np.inf
    for _ in range(_STARTS):
        up = rng.integers(0, _LEVELS, len(across)).astype(float)
        cost, before = _unclear(across, up, ends), np.inf
        while cost < before:
            before = cost
            for box in range(len(across)):
                trials = np.repeat(up[None], _LEVELS, axis=0)
                trials[:, box] = np.arange(_LEVELS)
                costs = [_unclear(across, trial, ends) for trial in trials]
                up, cost = trials[int(np.argmin(costs))], min(costs)
        if cost < least:
            best, least = up, cost
    return best


def _unclear(across: Floats, up: Floats, ends: NDArray[np.int64]) -> float:
    """Say how hard a picture is to read: boxes on arrows, labels on labels, steep ways."""
    at = np.column_stack([1.6 * across, up])
    first, second = at[ends[:, 0]], at[ends[:, 1]]
    points = first[:, None] + (second - first)[:, None] * _ALONG[:, None]
    away = np.linalg.norm(points[:, :, None] - at, axis=-1).min(axis=1)
    own = (np.arange(len(at)) == ends[:, :1]) | (np.arange(len(at)) == ends[:, 1:])
    covered = np.where(own, 9.0, away)
    middles = (first + second) / 2
    between = np.linalg.norm(middles[:, None] - middles, axis=-1) + 9 * np.eye(len(ends))
    boxes = np.linalg.norm(at[:, None] - at, axis=-1) + 9 * np.eye(len(at))
    steep = np.abs(second - first)[:, 1].sum()
    hidden = 40 * np.maximum(0.75 - covered, 0).sum() + 20 * np.maximum(0.7 - between, 0).sum()
    return float(hidden + 60 * np.maximum(0.9 - boxes, 0).sum() + 0.2 * steep)


def label_places(places: dict[str, tuple[float, float]], paths: Paths) -> list[tuple[float, float]]:
    """Return where on each arrow its label is farthest from other labels and from boxes.

    Examples
    --------
    >>> label_places({"a": (0.0, 0.0), "b": (2.0, 0.0)}, [("a", "b")])
    [(1.0, 0.0)]
    """
    taken: list[Floats] = [np.array(place) for place in places.values()]
    found = []
    for a, b in paths:
        start, end = np.array(places[a]), np.array(places[b])
        shares = np.array([0.5, 0.44, 0.56, 0.38, 0.62, 0.32, 0.68])
        points = start + (end - start) * shares[:, None]
        room = np.linalg.norm(points[:, None] - np.array(taken), axis=-1).min(axis=1)
        # the middle, unless there is clearly more room elsewhere
        best = int(np.argmax(np.minimum(room, 0.45) - 0.02 * np.arange(len(shares))))
        taken.append(points[best])
        found.append((float(points[best][0]), float(points[best][1])))
    return found
