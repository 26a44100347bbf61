"""What ``grading`` reads: notebooks, the chapters' exercises, what is to be run."""

import json
import re
import stat
from pathlib import Path
from typing import Any, NamedTuple

from helpers.errors import UserError

FORMAT = 4  # of notebooks; 3 was the last before 2015
MAX_BYTES = 50_000_000  # the largest chapter, with its figures, has 2 million
CALL = re.compile(r'\bexercise\(\s*"([^"]+)"')  # in a check cell


class Cell(NamedTuple):
    """A code cell of a notebook."""

    id: str
    tags: tuple[str, ...]
    source: str


class Notebook(NamedTuple):
    """What counts of a notebook: its code, and the chapter's number if it says one."""

    number: Any
    cells: list[Cell]

    @property
    def ids(self) -> set[str]:
        """The ids of its code cells."""
        return {cell.id for cell in self.cells if cell.id}


class Exercise(NamedTuple):
    """An exercise as a chapter has it: its name, the answer's cell, the check."""

    name: str
    answer: str
    check: Cell


class Chapter(NamedTuple):
    """A chapter, its exercises and the ids of the cells with solutions."""

    name: str
    notebook: Notebook
    exercises: list[Exercise]
    solutions: set[str]


class Step(NamedTuple):
    """A cell to be run, and of which exercise it is the check, if of any."""

    source: str
    exercise: str | None
    id: str
    label: str


def read_notebook(path: Path) -> Notebook:
    """Read the code cells of a notebook of any origin.

    Raises:
        UserError: if it cannot be read, is no notebook, or of another format.
    """
    try:
        about = path.stat()
        if not stat.S_ISREG(about.st_mode):  # a pipe would keep us waiting for ever
            what = "a folder" if stat.S_ISDIR(about.st_mode) else "no regular file"
            raise UserError(f"is {what}, not a notebook.")
        if about.st_size > MAX_BYTES:
            raise UserError(
                f"has more than {MAX_BYTES // 1_000_000} MB: clear its outputs."
            )
        content = json.loads(path.read_bytes())
    except OSError as error:
        raise UserError(f"cannot be read ({error.strerror}).") from error
    except (ValueError, RecursionError, MemoryError) as error:
        raise UserError("is not valid JSON, so not a notebook.") from error
    if not isinstance(content, dict) or "nbformat" not in content:
        raise UserError("is JSON, but not a notebook.")
    if content["nbformat"] != FORMAT:
        raise UserError(
            f"is not in notebook format {FORMAT}: open it in JupyterLab and save it."
        )
    try:
        chapter = content.get("metadata", {}).get("chapter", {})
        cells = [_cell(cell) for cell in content["cells"] if _is_code(cell)]
        return Notebook(chapter.get("number"), cells)
    except (AttributeError, KeyError, TypeError) as error:
        raise UserError("is damaged: a part of the notebook is missing.") from error


def _is_code(cell: Any) -> bool:
    return cell["cell_type"] == "code"


def _cell(cell: Any) -> Cell:
    """Return a code cell; Colab keeps the id in the metadata."""
    about = cell.get("metadata", {})
    found = cell.get("id") or about.get("id")
    return Cell(
        found if isinstance(found, str) else "",
        tuple(tag for tag in about.get("tags", ()) if isinstance(tag, str)),
        "".join(cell["source"]),
    )


def read_chapters(folders: list[Path]) -> list[Chapter]:
    """Read the notebooks of the book that have exercises.

    Raises:
        UserError: if there is none, or one cannot be read.
    """
    paths = sorted(path for folder in folders for path in folder.glob("*.ipynb"))
    chapters = [chapter for chapter in map(read_chapter, paths) if chapter.exercises]
    if not chapters:
        raise UserError(
            f"No chapter with exercises in {' or '.join(map(str, folders))}: name the "
            "folder of the book's own notebooks with --chapters."
        )
    return chapters


def read_chapter(path: Path) -> Chapter:
    """Read one of the book's own notebooks.

    Raises:
        UserError: if it cannot be read.
    """
    try:
        notebook = read_notebook(path)
    except UserError as error:
        raise UserError(f"The chapter {path} {error}") from error
    exercises, solutions, answer = [], set(), ""
    for cell in notebook.cells:
        name = CALL.search(cell.source)
        if "exercise" in cell.tags:
            answer = cell.id
        elif "solution" in cell.tags:
            solutions.add(cell.id)
        elif "check" in cell.tags and name:
            exercises.append(Exercise(name[1], answer, cell))
    return Chapter(path.stem, notebook, exercises, solutions)


def chapter_of(notebook: Notebook, chapters: list[Chapter]) -> Chapter:
    """Return the chapter that a notebook is a copy of.

    It says so itself, or has the ids of the chapter's cells.

    Raises:
        UserError: if it is a copy of none.
    """
    for chapter in chapters:
        if None is not notebook.number == chapter.notebook.number:
            return chapter

    def likeness(chapter: Chapter) -> float:
        ours, theirs = chapter.notebook.ids, notebook.ids
        return len(ours & theirs) / len(ours | theirs)

    best = max(chapters, key=likeness)
    wanted = {e.check.id for e in best.exercises} | {e.answer for e in best.exercises}
    if not wanted & notebook.ids:
        raise UserError(
            "belongs to no chapter: it has no chapter number and no cell of one."
        )
    return best


def steps_of(notebook: Notebook, chapter: Chapter) -> list[Step]:
    """Return what is to be run of a submission, in order.

    A check is always the chapter's own; one that is missing comes at the end. The
    cells of the folded solutions are left out.
    """
    checks = {e.check.id: e for e in chapter.exercises}
    copies = {e.check.source: e for e in chapter.exercises}
    known = chapter.notebook.ids
    steps, missing = [], list(chapter.exercises)
    for number, cell in enumerate(notebook.cells, 1):
        exercise = checks.get(cell.id)
        if cell.id not in known:  # some programs give new ids
            exercise = copies.get(cell.source)
        solved = cell.id not in known and "solution" in cell.tags
        if exercise:
            steps.append(_check(exercise))
            missing = [e for e in missing if e is not exercise]
        elif not solved and cell.id not in chapter.solutions:
            steps.append(Step(cell.source, None, cell.id, f"code cell {number}"))
    return steps + [_check(exercise) for exercise in missing]


def _check(exercise: Exercise) -> Step:
    label = f"the check of {exercise.name}"
    return Step(exercise.check.source, exercise.name, exercise.check.id, label)
