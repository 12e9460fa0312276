"""The pages that are made of the package itself: the reference, room by room, and the notebooks."""

from __future__ import annotations

import importlib
import inspect
import shutil
from typing import TYPE_CHECKING

from recipes import collect

import crmanalytics as crm

if TYPE_CHECKING:
    from pathlib import Path
    from types import ModuleType

    from recipes import Recipe

VERBS = ("clean", "summarize", "split", "load", "show_versions")
GALLERY = """# Gallery

Every chart once, on real data. Each is a function that takes a result and, if you like, the axes to
draw on.
"""
PARTS = {"clv": ("diagnostics", "discounting", "markov", "contractual")}


def write(docs: Path) -> None:
    """Write the pages that others link to: the reference and the copies of the notebooks."""
    reference = docs / "reference"
    shutil.rmtree(reference, ignore_errors=True)
    reference.mkdir()
    names = [f"crmanalytics.{room}" for room in rooms()]
    for name in names:
        (reference / f"{name}.md").write_text(page(name), encoding="utf-8")
    (reference / "crmanalytics.md").write_text(front(), encoding="utf-8")
    (reference / "index.md").write_text(contents(["crmanalytics", *names]), encoding="utf-8")
    draw_gallery(docs / "gallery")
    notebooks = docs / "notebooks"
    shutil.rmtree(notebooks, ignore_errors=True)
    shutil.copytree(
        docs.parent / "notebooks", notebooks, ignore=shutil.ignore_patterns(".*", "*.py")
    )


def rooms() -> list[str]:
    """Return the rooms of the package that have a face."""
    return [name for name in crm.__all__ if inspect.ismodule(getattr(crm, name))]


def page(name: str) -> str:
    """Return the page of one room: what its face exports, and its parts."""
    module = importlib.import_module(name)
    shown = set(things(module))
    sections = [f"# {name.removeprefix('crmanalytics.')}\n\n{said(module)}\n", table(module, shown)]
    sections.append(constants(module))
    for part in PARTS.get(name.rpartition(".")[2], ()):
        inner = importlib.import_module(f"{name}.{part}")
        new = {key for key in things(inner) if key not in shown}
        if new:
            sections.append(f"## {part}\n\n{said(inner)}\n\n{table(inner, new)}")
    return "\n".join(sections)


def said(module: ModuleType) -> str:
    """Return what a module says of itself, without its examples."""
    return (module.__doc__ or "").partition("\n>>>")[0].strip()


def things(module: ModuleType) -> list[str]:
    """Return the functions and classes that a module exports."""
    named = [(key, getattr(module, key)) for key in getattr(module, "__all__", ())]
    return [key for key, thing in named if inspect.isfunction(thing) or inspect.isclass(thing)]


def constants(module: ModuleType) -> str:
    """Return a line on the tables and constants that a module exports."""
    named = [key for key in getattr(module, "__all__", ()) if key.isupper()]
    listed = ", ".join(f"`{key}`" for key in named)
    return f"Tables and constants: {listed}.\n" if named else ""


def table(module: ModuleType, names: set[str]) -> str:
    """Return a table of functions and classes with their first sentences."""
    entries = "\n".join(f"   {key}" for key in things(module) if key in names)
    return (
        f"```{{eval-rst}}\n.. currentmodule:: {module.__name__}\n\n.. autosummary::\n"
        f"   :toctree: generated\n   :nosignatures:\n\n{entries}\n```\n"
    )


def front() -> str:
    """Return the page of what stands at the top of the package."""
    entries = "\n".join(f"   {key}" for key in VERBS if hasattr(crm, key))
    return (
        "# From a log to customers\n\nThe functions at the top of the package: "
        "`import crmanalytics as crm`.\n\n```{eval-rst}\n.. currentmodule:: crmanalytics\n\n"
        f".. autosummary::\n   :toctree: generated\n   :nosignatures:\n\n{entries}\n```\n"
    )


def contents(names: list[str]) -> str:
    """Return the index of the reference."""
    entries = "\n".join(names)
    return f"# Reference\n\n```{{toctree}}\n:maxdepth: 1\n\n{entries}\n```\n"


def draw_gallery(folder: Path) -> None:
    """Draw each chart once on real data, and write the page that shows them."""
    import matplotlib as mpl

    mpl.use("Agg")
    import matplotlib.pyplot as plt

    folder.mkdir(exist_ok=True)
    recipes = collect()
    for name, recipe in recipes.items():
        figure, axes = plt.subplots(figsize=recipe.size, layout="constrained")
        recipe.draw(axes)
        figure.savefig(folder / f"{name}.png", dpi=144, metadata={"Software": None})
        plt.close(figure)
    themes = dict.fromkeys(recipe.theme for recipe in recipes.values())
    parts = [GALLERY]
    for theme in themes:
        parts.append(f"\n## {theme}\n")
        parts += [entry(recipe) for recipe in recipes.values() if recipe.theme == theme]
    (folder / "index.md").write_text("\n".join(parts), encoding="utf-8")


def entry(recipe: Recipe) -> str:
    """Return one chart of the gallery with what it shows."""
    return (
        f"### `{recipe.chart}`\n\n{recipe.caption}\n\n"
        f"```{{figure}} {recipe.chart}.png\n:width: 90%\n:alt: {recipe.caption}\n\n"
        f"{recipe.source}\n```\n"
    )
