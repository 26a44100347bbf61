"""The notebooks, as the tests see them."""

import contextlib
import io
import os
import re
import select
import signal
import warnings
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import nbformat
import torch
from nbformat import NotebookNode
from nbval.plugin import get_sanitize_patterns

import record
from patience import HANGS
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


def run(source: str, names: dict[str, Any], file: str = "<cell>") -> str:
    """Run a cell in the given names and return what it printed."""
    printed = io.StringIO()
    with contextlib.redirect_stdout(printed):
        exec(compile(source, file, "exec"), names)
    return printed.getvalue()


def compared(text: str) -> str:
    """Return what is left of printed lines when nbval compares them."""
    config = Path(__file__).parent / "sanitise.cfg"
    for pattern, instead in get_sanitize_patterns(config.read_text("utf-8")):
        text = re.sub(pattern, instead, text)
    return text


def first_error(sources: Iterable[str], names: dict[str, Any]) -> str | None:
    """Run cells in a copy of this process; return the first error, or None.

    Whatever they do, in this process everything stays as it is.
    """
    reading, writing = os.pipe()
    with warnings.catch_warnings():  # 3.12 warns of threads, which the copy lacks
        warnings.simplefilter("ignore", DeprecationWarning)
        child = os.fork()
    if child == 0:
        said = ""
        try:
            torch.set_num_threads(1)  # the threads of the pool are not in the copy
            for source in sources:
                run(source, names)
        except BaseException as error:
            said = f"{type(error).__name__}: {error}"
        finally:
            os.write(writing, said.encode())
            os._exit(0)
    os.close(writing)
    with os.fdopen(reading) as answer:
        if not select.select([answer], [], [], HANGS)[0]:
            os.kill(child, signal.SIGKILL)
        said = answer.read()
    os.waitpid(child, 0)
    return said or None
