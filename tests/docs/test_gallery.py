"""The gallery shows every chart once, and each says what it shows."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

import crmanalytics as crm

DOCS = Path(__file__).parents[2] / "docs"


@pytest.fixture(scope="module")
def recipes():
    sys.path.insert(0, str(DOCS))
    try:
        from recipes import collect

        yield collect()
    finally:
        sys.path.remove(str(DOCS))


def test_every_chart_is_there(recipes):
    charts = {name for name in crm.plots.__all__ if name.startswith("plot_")}
    assert set(recipes) == charts


@pytest.mark.slow
@pytest.mark.parametrize("chart", [n for n in crm.plots.__all__ if n.startswith("plot_")])
def test_each_chart_has_a_title_and_names_its_source(recipes, chart):
    from matplotlib.figure import Figure

    recipe = recipes[chart]
    figure = Figure(figsize=recipe.size, layout="constrained")
    recipe.draw(figure.subplots())
    assert any(axes.get_title() or axes.get_title("left") for axes in figure.axes)
    assert recipe.source
    assert recipe.caption.endswith(".")
    figure.canvas.draw()
