"""Each chart of the gallery once, on real data: one function per chart, found by its name."""

from __future__ import annotations

import importlib
import pkgutil
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    from matplotlib.axes import Axes

__all__ = ["RECIPES", "Recipe", "collect", "recipe"]


@dataclass(frozen=True)
class Recipe:
    """How a chart of the gallery is made, and what it shows."""

    chart: str
    theme: str
    source: str
    caption: str
    draw: Callable[[Axes], object]
    size: tuple[float, float]


RECIPES: dict[str, Recipe] = {}


def recipe(
    chart: str, *, theme: str, source: str, caption: str, size: tuple[float, float] = (7.0, 4.2)
) -> Callable[[Callable[[Axes], object]], Callable[[Axes], object]]:
    """Note how a chart is drawn; the function takes the axes to draw on."""

    def note(draw: Callable[[Axes], object]) -> Callable[[Axes], object]:
        RECIPES[chart] = Recipe(chart, theme, source, caption, draw, size)
        return draw

    return note


def collect() -> dict[str, Recipe]:
    """Return all recipes, by the name of the chart."""
    for module in pkgutil.iter_modules(__path__):
        importlib.import_module(f"{__name__}.{module.name}")
    return RECIPES
