"""Make what a class needs from the notebooks, into ``_build/classroom``.

    python tools/classroom.py        after `make book`; `make classroom` does both

``student/`` has no outputs, no solutions and no word to the instructor;
``instructor/`` has everything, unfolded; ``slides/`` holds a deck for each chapter;
``handouts/`` the review checklist on one sheet. A zip file for the class is made of
the first and the last. Nothing is written while an exercise and its solution do not
fit together, or while a solution could be found in the student's edition. The book
itself offers the slides and the zip file, without the sheet: see ``publish``.
"""

import ast
import copy
import os
import re
import shutil
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from itertools import chain
from pathlib import Path

import nbformat
from nbformat import NotebookNode

import archive
import deck
import helpers
import pdf
import record
from helpers.errors import UserError
from helpers.writing import replacing
from record import tags

sys.path.insert(0, str(record.ROOT / "book" / "_ext"))

from seventeen import objectives, pair
from seventeen.material import CLASS

TARGET = archive.BUILD / "classroom"
PAIR = "pair"  # in an edition: the exercise in pairs
BESIDE = ("pyproject.toml", "requirements.txt", "constraints.txt", *archive.LICENCES)
CHECKLIST = "review-checklist"
UNDATED = b"19800101000000"  # as in the zip files: the same hand-out, the same bytes
DATE = re.compile(rb"(?<=Date \(D:)\d{14}")
IN_PASSING = 1 / 3  # of its lines: a check may compute a part of the answer itself
SHORTEST = 12  # characters of a line by which a solution is known
FOLDED, INSTRUCTOR = "hide-cell", "instructor"
NOT_FOR_STUDENTS = {"solution", INSTRUCTOR}
FOLDERS = ("helpers", "review", "book/evidence")

README = """# Seventeen Notes on an Image Classifier: {edition}

Version {version}. `notebooks/` holds the seventeen chapters, `book/` the interludes,
`helpers/` the program that both use.

You need Python 3.11 or newer, and on Linux about 8 GB of disk, because PyTorch brings
the CUDA libraries with it. In this folder:

```bash
python3 -m venv .venv
source .venv/bin/activate          # on Windows: .venv\\Scripts\\activate
pip install -r requirements.txt -c constraints.txt --editable ".[real,pretrained]"
python -m helpers doctor           # is everything there?
jupyter lab notebooks
```

{use}

Code: MIT ([LICENSE](LICENSE)). Text, figures and pictures:
[LICENSE-CONTENT](LICENSE-CONTENT).
"""
FOR_STUDENTS = (
    "Run the cells of a chapter from top to bottom. Each exercise is a cell to fill in "
    "and, below it, a cell that checks it: it says *not attempted yet*, *passed*, or "
    f"what is wrong. `{PAIR}/{pair.SCRIPT}` is for an exercise in pairs: find its "
    "seven faults, none of which raises an error."
)
FOR_INSTRUCTORS = (
    "All outputs, solutions and notes for teaching are shown, and "
    f"`{PAIR}/key.md` names the seven faults of `{PAIR}/{pair.SCRIPT}`. This edition "
    "is not for the class."
)


# --- exercises and solutions --------------------------------------------------------


def exercises(notebook: NotebookNode) -> list[tuple[NotebookNode, NotebookNode]]:
    """Return the pairs of an exercise's cell and its solution, in order."""
    stubs = [cell for cell in notebook.cells if "exercise" in tags(cell)]
    solutions = [cell for cell in notebook.cells if "solution" in tags(cell)]
    return list(zip(stubs, solutions, strict=True))


def signatures(source: str) -> dict[str, str]:
    """Return {name: parameters, "a class" or "a value"} of what a cell defines.

    >>> signatures("answer = ...\\ndef f(x, *, y: int = 1): pass")
    {'answer': 'a value', 'f': '(x, *, y=1)'}
    """
    found = {}
    for node in ast.parse(source).body:
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            found[node.name] = f"({ast.unparse(strip_annotations(node.args))})"
        elif isinstance(node, ast.ClassDef):
            found[node.name] = "a class"
        elif isinstance(node, ast.Assign | ast.AnnAssign):
            targets = node.targets if isinstance(node, ast.Assign) else [node.target]
            names = (leaf for target in targets for leaf in ast.walk(target))
            found |= {
                leaf.id: "a value" for leaf in names if isinstance(leaf, ast.Name)
            }
    return found


def strip_annotations(arguments: ast.arguments) -> ast.arguments:
    """Return parameters without their types, which a solution may leave out."""
    for node in ast.walk(arguments):
        if isinstance(node, ast.arg):
            node.annotation = None
    return arguments


def parted(notebook: NotebookNode) -> Iterator[str]:
    """Yield where a solution does not define what its exercise asks for."""
    for stub, solution in exercises(notebook):
        solved = signatures(solution.source)
        for name, parameters in signatures(stub.source).items():
            if name not in solved:
                yield f"{solution.id}: the solution does not define {name}"
            elif solved[name] != parameters:
                yield f"{solution.id}: {name} is {solved[name]}, asked was {parameters}"


def telling_lines(notebook: NotebookNode) -> dict[str, set[str]]:
    """Return {id of a solution: the lines by which it would be known}.

    A line that is also in the exercise, or in the chapter before the exercises, gives
    nothing away.
    """
    first = next(k for k, cell in enumerate(notebook.cells) if "exercise" in tags(cell))
    known = "\n".join(cell.source for cell in notebook.cells[:first])
    return {
        solution.id: {
            line
            for line in lines(solution.source) - lines(stub.source)
            if line not in known
        }
        or {solution.source}
        for stub, solution in exercises(notebook)
    }


def lines(text: str) -> set[str]:
    """Return the lines of a text that are long enough to be recognised."""
    found = {line.strip() for line in text.splitlines()}
    return {line for line in found if len(line) >= SHORTEST}


def strings(node: object) -> Iterator[str]:
    """Yield every text in a notebook: sources, outputs, metadata, names."""
    if isinstance(node, str):
        yield node
    elif isinstance(node, Mapping):
        yield from chain.from_iterable(map(strings, chain(node, node.values())))
    elif isinstance(node, list | tuple):
        yield from chain.from_iterable(map(strings, node))


def leaks(made: NotebookNode, source: NotebookNode) -> Iterator[str]:
    """Yield what a student's notebook holds that is not for students.

    Args:
        made: the student's notebook.
        source: the notebook that it was made from.
    """
    secrets = [(*told, IN_PASSING) for told in telling_lines(source).items()]
    secrets += [
        (c.id, lines(c.source), 0) for c in source.cells if INSTRUCTOR in tags(c)
    ]
    for text in strings(made):
        for name, told, share in secrets:
            read = sorted(line for line in told if line in text)
            if len(read) > len(told) * share:
                yield f"{name}: students could read {read[0]!r}"
    for cell in made.cells:
        if NOT_FOR_STUDENTS & set(tags(cell)):
            yield f"{cell.id}: this cell is not for students"
        if cell.get("outputs") or cell.get("execution_count"):
            yield f"{cell.id}: there is an output"


# --- editions -------------------------------------------------------------------------


def for_students(notebook: NotebookNode) -> NotebookNode:
    """Return a notebook without outputs, solutions and words to the instructor."""
    made = copy.deepcopy(notebook)
    made.metadata.pop("recorded", None)  # it speaks of the outputs
    made.cells = [c for c in made.cells if not NOT_FOR_STUDENTS & set(tags(c))]
    for cell in made.cells:
        if cell.cell_type == "code":
            cell.outputs, cell.execution_count = [], None
    return made


def for_instructors(notebook: NotebookNode) -> NotebookNode:
    """Return a notebook with all that it has, unfolded."""
    made = copy.deepcopy(notebook)
    for cell in made.cells:
        if FOLDED in tags(cell):
            cell.metadata.tags.remove(FOLDED)
        if INSTRUCTOR in tags(cell):
            cell.source = cell.source.replace("<details>", "<details open>")
    return made


def write_edition(
    folder: Path,
    notebooks: Mapping[Path, NotebookNode],
    edit: Callable[[NotebookNode], NotebookNode],
    readme: str,
) -> None:
    """Write an edition that runs where it lies.

    Args:
        folder: where to write.
        notebooks: {path relative to the repository: notebook}.
        edit: makes the edition's notebook of one.
        readme: the text of its README.md.
    """
    for path, notebook in notebooks.items():
        made = edit(notebook)
        beside = {os.path.relpath(other, path.parent) for other in notebooks}
        for cell in made.cells:
            if cell.cell_type == "markdown":
                cell.source = deck.without_links(cell.source, beside)
        nbformat.validate(made)
        (folder / path.parent).mkdir(parents=True, exist_ok=True)
        record.write_atomically(made, folder / path)
    unused = shutil.ignore_patterns("__pycache__")
    for name in FOLDERS:
        if (record.ROOT / name).exists():
            shutil.copytree(record.ROOT / name, folder / name, ignore=unused)
    for name in BESIDE:
        shutil.copy(record.ROOT / name, folder)
    (folder / "README.md").write_text(readme, "utf-8")


def lessons() -> dict[Path, NotebookNode]:
    """Return the notebooks with exercises, by their paths in the repository.

    Raises:
        UserError: if an exercise and its solution do not fit together, or a student
            could read a solution.
    """
    notebooks = {
        path.relative_to(record.ROOT): notebook
        for path in record.notebooks()
        if exercises(notebook := nbformat.read(path, as_version=4))
    }
    wrong = [
        f"{path}: {fault}"
        for path, notebook in notebooks.items()
        for fault in (*parted(notebook), *leaks(for_students(notebook), notebook))
    ]
    if wrong:
        raise UserError("\n".join(wrong))
    return notebooks


def write_student(folder: Path, notebooks: Mapping[Path, NotebookNode]) -> None:
    """Write the student's edition, with the script of the exercise in pairs."""
    readme = README.format(
        edition="student", version=helpers.__version__, use=FOR_STUDENTS
    )
    write_edition(folder, notebooks, for_students, readme)
    copy_scripts(folder, pair.SCRIPT)


def write_instructor(folder: Path, notebooks: Mapping[Path, NotebookNode]) -> None:
    """Write the instructor's edition, with the key to the exercise in pairs."""
    readme = README.format(
        edition="instructor", version=helpers.__version__, use=FOR_INSTRUCTORS
    )
    write_edition(folder, notebooks, for_instructors, readme)
    copy_scripts(folder, pair.SCRIPT, pair.MENDED)
    key = pair.markdown(pair.read(record.ROOT))
    (folder / PAIR / "key.md").write_text(key, "utf-8")


def copy_scripts(folder: Path, *names: str) -> None:
    """Copy scripts of the exercise in pairs into an edition."""
    (folder / PAIR).mkdir()
    for name in names:
        shutil.copy(record.ROOT / pair.FOLDER / name, folder / PAIR)


def write_slides(folder: Path, notebooks: Mapping[Path, NotebookNode]) -> None:
    """Write a deck for each chapter that says what its slides show."""
    decks = {
        path.stem: notebook
        for path, notebook in notebooks.items()
        if any("slideshow" in cell.metadata for cell in notebook.cells)
    }
    told = objectives.read(record.ROOT)
    deck.write(decks, folder, {Path(page).name: aims for page, aims in told.items()})


def make(folder: Path) -> None:
    """Write both editions and the slides.

    Raises:
        UserError: as ``lessons`` does.
    """
    notebooks = lessons()
    write_student(folder / "student", notebooks)
    write_instructor(folder / "instructor", notebooks)
    write_slides(folder / "slides", notebooks)


def publish(folder: Path) -> None:
    """Write what the built book offers for download: slides and a zip file.

    The folder is replaced as a whole. No hand-out is in the zip file, because a book is
    built without a browser.

    Raises:
        UserError: as ``lessons`` does.
    """
    notebooks = lessons()
    part = folder.with_name(f"{folder.name}.part")
    shutil.rmtree(part, ignore_errors=True)
    with tempfile.TemporaryDirectory() as made:
        write_student(Path(made, "student"), notebooks)
        part.mkdir(parents=True)
        pack_for_class(Path(made), part / CLASS)
    write_slides(part / "slides", notebooks)
    shutil.rmtree(folder, ignore_errors=True)
    part.rename(folder)


def print_checklist(html: Path, target: Path) -> None:
    """Print the checklist of the built book, the same bytes every time.

    Raises:
        UserError: if there is no built book or no Chromium.
    """
    page = html / "book" / f"{CHECKLIST}.html"
    if not page.exists():
        raise UserError(f"no built book in {html}: run `make book` first")
    with tempfile.TemporaryDirectory() as folder, replacing(target) as part:
        copy = Path(folder, page.name)
        copy.write_text(pdf.sheet(page.resolve()), "utf-8")
        pdf.print_page(copy, part)
        part.write_bytes(DATE.sub(UNDATED, part.read_bytes()))


def pack_for_class(folder: Path, target: Path) -> Path:
    """Pack the student's edition and the hand-outs; return the checksum's file."""
    student = folder / "student"
    names = {path.relative_to(student): path for path in student.rglob("*")}
    names |= {path.relative_to(folder): path for path in folder.glob("handouts/*")}
    return archive.pack_files(
        {name.as_posix(): path for name, path in names.items() if path.is_file()},
        target,
    )


def size(folder: Path) -> str:
    """Return the size of everything in a folder, in MB."""
    total = sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())
    return f"{total / 1e6:.1f} MB"


def main() -> None:
    """Make the editions from the notebooks and the built book."""
    start = time.perf_counter()
    part = TARGET.with_name("classroom.part")
    shutil.rmtree(part, ignore_errors=True)
    html = archive.BUILD / "html"
    try:
        make(part)
        try:
            print_checklist(html, part / "handouts" / f"{CHECKLIST}.pdf")
        except UserError as error:
            print(f"No hand-out: {error}")
            print(f"Print {html / 'book' / CHECKLIST}.html: it fits on one sheet.")
        pack_for_class(part, part / CLASS)
        shutil.rmtree(TARGET, ignore_errors=True)
        part.rename(TARGET)
    except UserError as error:
        sys.exit(str(error))
    finally:
        shutil.rmtree(part, ignore_errors=True)
    for path in sorted(TARGET.iterdir()):
        shown = size(path) if path.is_dir() else f"{path.stat().st_size / 1e6:.1f} MB"
        print(f"{path.relative_to(record.ROOT)}  {shown}")
    print(f"Made in {time.perf_counter() - start:.0f} s; for a class: {CLASS}")


if __name__ == "__main__":
    main()
