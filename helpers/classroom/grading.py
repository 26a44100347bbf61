"""Results of many notebooks: each submission is run, and the chapter's checks decide.

A submission runs in a process and a folder of its own, under limits of time and
memory. The checks are the chapter's, whatever stands in the submission. Answers and
checks share a process nevertheless: who wants to cheat can. Nor is it a sandbox: a
notebook runs with the rights of whoever grades, and may read, delete, send over the
network and end processes as they may.
"""

import csv
import os
import time
from collections import Counter
from collections.abc import Callable
from fnmatch import filter as matching
from pathlib import Path
from typing import Any, NamedTuple

from tqdm import tqdm

from helpers import magic
from helpers.classroom.process import Limits, Outcome, package_files, run_steps
from helpers.classroom.submissions import (
    Chapter,
    Exercise,
    Notebook,
    Step,
    chapter_of,
    read_chapters,
    read_notebook,
    steps_of,
)
from helpers.errors import UserError
from helpers.notebook.claims import PASSED, UNFINISHED
from helpers.text import printable
from helpers.writing import replacing, require_writable

REPOSITORY = Path(__file__).parents[2]
CHAPTERS = [REPOSITORY / "notebooks", REPOSITORY / "book"]  # book/ has interludes
NOTEBOOK = ".ipynb"
WRONG, NOT_ATTEMPTED, ERROR = "wrong", "not attempted", "error"


class Row(NamedTuple):
    """A line of the table.

    Attributes:
        file: the submission, as a path inside the folder.
        exercise: its name, or nothing if the notebook cannot be graded.
        result: ``passed``, ``wrong``, ``not attempted`` or ``error``.
        message: what is wrong.
    """

    file: str
    exercise: str
    result: str
    message: str


def grade(
    folder: Path,
    out: Path,
    *,
    chapters: Path | None = None,
    seconds: float = magic.GRADE_SECONDS,
    memory: float = magic.GRADE_MEMORY_GB,
    progress: bool = False,
) -> list[Row]:
    """Run every notebook below a folder and write its results to a CSV file.

    The file is written anew after each notebook, so a stopped run leaves the results
    up to there.

    Args:
        folder: holds the submissions, at any depth.
        out: the CSV file.
        chapters: a folder with the original notebooks; the book's by default.
        seconds: what one notebook may take.
        memory: GB of address space that each process of a notebook may take.
        progress: show a bar.

    Raises:
        UserError: if there is nothing to grade, or nothing to grade it by.
    """
    limits = Limits(seconds, int(memory * 1e9))
    known = read_chapters([chapters] if chapters else CHAPTERS)
    package = package_files()
    found_files = _find(folder)
    if out.suffix.lower() == NOTEBOOK:
        raise UserError(f"{out}: the table is CSV, name it with .csv.")
    require_writable(out, reads=[path for _, path, _ in found_files])
    # All are read before the first one runs: it may delete the others.
    submissions = [
        (name, trouble or _tried(_read, path, known))
        for name, path, trouble in found_files
    ]
    rows: list[Row] = []
    for name, found in tqdm(
        submissions, desc="grade", unit="notebook", disable=not progress
    ):
        start = time.perf_counter()
        new: list[Row] | UserError
        if isinstance(found, UserError):
            new = found
        else:
            new = _tried(_graded, name, *found, limits, package)
        if isinstance(new, UserError):
            new = [Row(name, "", ERROR, printable(str(new)))]
        rows += new
        _write(rows, out)
        said = ", ".join(f"{row.exercise} {row.result}".strip() for row in new)
        seconds = time.perf_counter() - start
        tqdm.write(f"{name}: {said} ({seconds:.1f} s)")
    counts = Counter(row.result for row in rows)
    order = (PASSED, WRONG, NOT_ATTEMPTED, ERROR)
    summary = ", ".join(f"{counts[result]} {result}" for result in order)
    tqdm.write(f"\nNotebooks: {len(submissions)}; results: {summary}")
    tqdm.write(f"\nResults: {printable(str(out))}")
    return rows


def _find(folder: Path) -> list[tuple[str, Path, UserError | None]]:
    """Return the submissions' names, fit to print, their paths, and a trouble.

    A folder that cannot be listed is in the list too, for nobody knows what it holds.

    Raises:
        UserError: if there is none.
    """
    if not folder.is_dir():
        raise UserError(f"There is no folder {folder}: name the one of the notebooks.")
    found: dict[Path, UserError | None] = {}

    def note(error: OSError) -> None:
        trouble = f"is a folder that cannot be listed ({error.strerror})."
        found[Path(error.filename)] = UserError(trouble)

    for at, folders, files in os.walk(folder, onerror=note):
        folders[:] = [name for name in folders if name != ".ipynb_checkpoints"]
        for name in matching([*folders, *files], f"*{NOTEBOOK}"):
            found.setdefault(Path(at, name), None)
    if not found:
        raise UserError(f"There is no notebook (*.ipynb) in {folder}.")
    named = [
        (printable(path.relative_to(folder).as_posix()), path) for path in sorted(found)
    ]
    # A spreadsheet would take such a name for a formula.
    return [(f"./{n}" if n[0] in "=+-@" else n, p, found[p]) for n, p in named]


def _tried(work: Callable[..., Any], *arguments: Any) -> Any:
    """Return what a function returns, or what keeps it from it.

    Whatever is wrong with one submission, the others are graded.
    """
    try:
        return work(*arguments)
    except UserError as error:
        return error
    except OSError as error:
        return UserError(f"could not be graded ({error.strerror or error}).")
    except Exception as error:
        kind = type(error).__name__
        return UserError(f"raised {kind} in the grader itself: please report it.")


def _read(path: Path, known: list[Chapter]) -> tuple[Notebook, Chapter]:
    """Return a submission and its chapter.

    Raises:
        UserError: if it is no notebook, or one of no chapter.
    """
    notebook = read_notebook(path)
    return notebook, chapter_of(notebook, known)


def _graded(
    file: str,
    notebook: Notebook,
    chapter: Chapter,
    limits: Limits,
    package: dict[str, bytes],
) -> list[Row]:
    """Run a submission and return its rows."""
    steps = steps_of(notebook, chapter)
    outcome = run_steps(steps, limits, package)
    return _rows(file, notebook, chapter, steps, outcome)


def _rows(
    file: str,
    notebook: Notebook,
    chapter: Chapter,
    steps: list[Step],
    outcome: Outcome,
) -> list[Row]:
    """Return a row for each exercise of the chapter."""
    rows = []
    for exercise in chapter.exercises:
        verdict = outcome.verdicts.get(exercise.name)
        if verdict == PASSED:
            rows.append(Row(file, exercise.name, PASSED, ""))
            continue
        if verdict is None:
            result, reasons = ERROR, _why_no_verdict(exercise, steps, outcome)
        elif verdict == UNFINISHED:
            result, reasons = NOT_ATTEMPTED, []
        else:
            hungry = f"raised {MemoryError.__name__}" in verdict
            result, reasons = ERROR if hungry else WRONG, [verdict]
        reasons += _about_the_answer(exercise, notebook, chapter, steps, outcome)
        message = printable("; ".join(reasons))
        rows.append(Row(file, exercise.name, result, message))
    return rows


def _why_no_verdict(
    exercise: Exercise, steps: list[Step], outcome: Outcome
) -> list[str]:
    """Return why a check said nothing."""
    for number, step in enumerate(steps):
        if step.exercise == exercise.name and number in outcome.raised:
            first = min(outcome.raised)
            reasons = [f"its check raised {outcome.raised[number]}"]
            if steps[first].exercise is None and steps[first].id != exercise.answer:
                raised = outcome.raised[first]
                reasons.append(f"{steps[first].label} had raised {raised}")
            return reasons
    return [outcome.ending or "its check did not call exercise()"]


def _about_the_answer(
    exercise: Exercise,
    notebook: Notebook,
    chapter: Chapter,
    steps: list[Step],
    outcome: Outcome,
) -> list[str]:
    """Return what may explain that an exercise is not passed."""
    if exercise.answer in notebook.ids:
        return [
            f"the answer's cell raised {outcome.raised[number]}"
            for number, step in enumerate(steps)
            if step.id == exercise.answer and number in outcome.raised
        ]
    if notebook.ids & chapter.notebook.ids:  # else the ids are new ones
        return ["the answer's cell was deleted"]
    return []


def _write(rows: list[Row], out: Path) -> None:
    with (
        replacing(out) as part,
        part.open("w", encoding="utf-8", newline="") as file,
    ):
        table = csv.writer(file)
        table.writerow(Row._fields)
        table.writerows(rows)
