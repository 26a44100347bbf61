"""The notebooks, as the tests see them."""

from pathlib import Path

import nbformat
from nbformat import NotebookNode

import record
from record import tags

ROOT = record.ROOT
PATHS = record.notebooks()
CHAPTERS = [path for path in PATHS if path.parent.name == "notebooks"]
IDS = [path.stem for path in PATHS]
# The capstone puts no note to the test: it has no slip, exercises or quiz.
PROGRAM = ROOT / "book" / "the_whole_program.ipynb"
LESSONS = [path for path in PATHS if path != PROGRAM]
LESSON_IDS = [path.stem for path in LESSONS]


def read(path: Path) -> NotebookNode:
    """Return a notebook of the working tree."""
    return nbformat.read(path, as_version=4)


def code_cells(notebook: NotebookNode) -> list[NotebookNode]:
    """Return the code cells that hold code, in order."""
    return [
        cell
        for cell in notebook.cells
        if cell.cell_type == "code" and cell.source.strip()
    ]


def only(notebook: NotebookNode, tag: str) -> NotebookNode:
    """Return the one cell with this tag."""
    found = [cell for cell in notebook.cells if tag in tags(cell)]
    assert len(found) == 1, f"{len(found)} cells are tagged {tag}"
    return found[0]
