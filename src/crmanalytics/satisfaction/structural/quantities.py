"""What is reported of a structural model: the labels of each number, and how it is worked out.

A quantity is a column of labels beside an array whose last axis follows them, so that an estimate
and a thousand resamples of it are laid out by the same few lines.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np

from crmanalytics.satisfaction.structural import quality
from crmanalytics.wording import one_of

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from numpy.typing import NDArray

    from crmanalytics.satisfaction.structural.model import StructuralModel
    from crmanalytics.satisfaction.structural.solution import Solution

    Floats = NDArray[np.float64]

__all__ = ["QUANTITIES", "Quantity", "quantity", "reached"]


@dataclass(frozen=True, eq=False)
class Quantity:
    """Numbers with their labels.

    Parameters
    ----------
    labels : mapping of str to list of str
        Column of labels; all of equal length.
    metrics : mapping of str to ndarray of shape (..., labels)
        Numbers, by the name of the metric.
    """

    labels: Mapping[str, Sequence[str]]
    metrics: Mapping[str, Floats]


def quantity(name: str, model: StructuralModel, found: Solution, n: int) -> Quantity:
    """Work out one of :data:`QUANTITIES`."""
    one_of("table", name, QUANTITIES)
    return QUANTITIES[name](model, found, n)


def reached(model: StructuralModel) -> list[tuple[int, int]]:
    """Return the pairs of constructs of which the first drives the second, however far away."""
    number = {name: k for k, name in enumerate(model.constructs)}
    links = np.zeros((len(number), len(number)), dtype=bool)
    for source, target in model.paths:
        links[number[source], number[target]] = True
    way = links.copy()
    for _ in number:
        way = links | ((links.astype(int) @ way.astype(int)) > 0)
    return [(int(a), int(b)) for a, b in np.argwhere(way)]


def _between(
    model: StructuralModel, pairs: Sequence[tuple[int, int]], names: tuple[str, str]
) -> dict[str, list[str]]:
    known = model.constructs
    return {names[0]: [known[a] for a, _ in pairs], names[1]: [known[b] for _, b in pairs]}


def _picked(values: Floats, pairs: Sequence[tuple[int, int]]) -> Floats:
    first, second = (np.array(side, dtype=np.int64) for side in zip(*pairs, strict=True))
    return np.asarray(values[..., first, second])


_ENDS: Final = ("source", "target")
_PAIR: Final = ("first", "second")


def _arrows(model: StructuralModel) -> list[tuple[int, int]]:
    number = {name: k for k, name in enumerate(model.constructs)}
    return [(number[a], number[b]) for a, b in model.paths]


def _paths(model: StructuralModel, found: Solution, _: int) -> Quantity:
    pairs = _arrows(model)
    metrics = {
        "path": found.paths,
        "f2": quality.effect_sizes(found),
        "vif": quality.inflation(found),
    }
    return Quantity(
        _between(model, pairs, _ENDS), {k: _picked(v, pairs) for k, v in metrics.items()}
    )


def _effects(model: StructuralModel, found: Solution, _: int) -> Quantity:
    pairs, total = reached(model), found.total
    deviation = found.answer_deviation()
    on_answers = total * deviation[..., None, :] / deviation[..., :, None]
    metrics = {
        "direct": found.paths,
        "indirect": total - found.paths,
        "total": total,
        "total_answers": on_answers,
    }
    return Quantity(
        _between(model, pairs, _ENDS), {k: _picked(v, pairs) for k, v in metrics.items()}
    )


def _items(model: StructuralModel) -> dict[str, list[str]]:
    return {
        "construct": [block.construct for block in model.blocks for _ in block.items],
        "item": list(model.items),
    }


def _measurement(model: StructuralModel, found: Solution, _: int) -> Quantity:
    metrics = {
        "weight": found.weights,
        "answer_weight": found.answer_weights,
        "loading": found.loadings,
        "vif": quality.item_inflation(found),
    }
    return Quantity(_items(model), metrics)


def _crossloadings(model: StructuralModel, found: Solution, _: int) -> Quantity:
    named = {name: found.across[..., k] for k, name in enumerate(model.constructs)}
    return Quantity(_items(model), named)


def _r2(model: StructuralModel, found: Solution, n: int) -> Quantity:
    driven = [k for k, parents in enumerate(found.layout.parents) if len(parents)]
    counts = np.array([len(found.layout.parents[k]) for k in driven])
    r2 = found.r2[..., driven]
    spare = n - counts - 1
    adjusted = np.where(spare > 0, 1 - (1 - r2) * (n - 1) / np.where(spare > 0, spare, 1), np.nan)
    names = [model.constructs[k] for k in driven]
    return Quantity({"construct": names}, {"r2": r2, "r2_adjusted": adjusted})


def _reliability(model: StructuralModel, found: Solution, _: int) -> Quantity:
    sizes = np.array([len(block.items) for block in model.blocks])
    formed = np.array(found.layout.formed) & (sizes > 1)
    metrics = {
        "alpha": quality.alpha(found),
        "alpha_raw": quality.alpha_raw(found),
        "rho_a": np.where(formed, np.nan, found.rho),
        "rho_c": quality.composite_reliability(found),
        "ave": quality.average_variance(found),
    }
    return Quantity({"construct": list(model.constructs)}, metrics)


def _pairs(model: StructuralModel) -> list[tuple[int, int]]:
    size = len(model.constructs)
    return [(a, b) for a in range(size) for b in range(a + 1, size)]


def _htmt(model: StructuralModel, found: Solution, _: int) -> Quantity:
    pairs = _pairs(model)
    kinds = {"htmt": "absolute", "htmt_signed": "signed", "htmt2": "geometric"}
    metrics = {k: _picked(quality.htmt(found, kind), pairs) for k, kind in kinds.items()}
    return Quantity(_between(model, pairs, _PAIR), metrics)


def _correlations(model: StructuralModel, found: Solution, _: int) -> Quantity:
    pairs = _pairs(model)
    picked = {"correlation": _picked(found.among, pairs)}
    return Quantity(_between(model, pairs, _PAIR), picked)


def _overall(_: StructuralModel, found: Solution, __: int) -> Quantity:
    metrics = {
        "srmr": quality.srmr(found, saturated=False)[..., None],
        "srmr_saturated": quality.srmr(found, saturated=True)[..., None],
        "gof": quality.goodness_of_fit(found)[..., None],
    }
    return Quantity({}, metrics)


#: What can be reported, by name.
QUANTITIES: Final[dict[str, Callable[[StructuralModel, Solution, int], Quantity]]] = {
    "paths": _paths,
    "effects": _effects,
    "measurement": _measurement,
    "crossloadings": _crossloadings,
    "r2": _r2,
    "reliability": _reliability,
    "htmt": _htmt,
    "correlations": _correlations,
    "overall": _overall,
}
