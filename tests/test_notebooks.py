"""Every notebook runs from top to bottom, uses the public API only, and is kept without output."""

from __future__ import annotations

import re
from pathlib import Path

import nbclient
import nbformat
import pytest

from .conftest import ROOT

NOTEBOOKS = sorted((ROOT / "notebooks").glob("*.ipynb"))


@pytest.fixture(params=NOTEBOOKS, ids=lambda path: path.stem)
def notebook(request: pytest.FixtureRequest) -> nbformat.NotebookNode:
    return nbformat.read(request.param, as_version=4)


def test_the_first_notebook_is_there() -> None:
    assert "01-paste-an-ad" in {path.stem for path in NOTEBOOKS}


def test_it_runs(notebook: nbformat.NotebookNode, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MPLBACKEND", "Agg")
    nbclient.NotebookClient(
        notebook, timeout=120, kernel_name="python3", resources={"metadata": {"path": str(tmp_path)}}
    ).execute()
    outputs = [output for cell in notebook.cells if cell.cell_type == "code" for output in cell.outputs]
    assert not [o for o in outputs if o.output_type == "error"]
    assert not [o for o in outputs if o.output_type == "stream" and o.name == "stderr"]
    assert any("text/html" in o.get("data", {}) for o in outputs)


def test_it_uses_the_public_api_only(notebook: nbformat.NotebookNode) -> None:
    nbformat.validate(notebook)
    for cell in notebook.cells:
        if cell.cell_type == "code":
            assert not re.search(r"^\s*(?:from|import) matcher\.", cell.source, re.M)
            assert not re.search(r"\bmatcher\._|\._\w+\(", cell.source)
            assert not cell.outputs, "clear the outputs before committing"
