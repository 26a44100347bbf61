"""Make an assignment for Otter-Grader of chapters.

    python tools/otter_tests.py notebooks/05_cross_entropy_takes_logits.ipynb

writes ``_build/otter/05_cross_entropy_takes_logits/`` with the notebook, without its
solutions, and ``tests/`` with one test file an exercise, worth one point. What
students hand in is then graded with Otter's own commands, for instance

    otter check alice_05.ipynb --tests-path tests

A test runs the chapter's own check right after the cell in which the student's copy
has it. ``helpers`` must be installed where Otter runs.
"""

from pathlib import Path

import click
import nbformat

import classroom
from helpers.classroom.submissions import Exercise, read_chapter
from helpers.errors import UserError
from helpers.writing import replacing

OUT = Path(__file__).resolve().parent.parent / "_build" / "otter"
TEST = '''"""Otter-Grader: the chapter's own check of exercise {name}."""

from otter.test_files import test_case

OK_FORMAT = False
name = "{test}"
points = 1
CHECK = {check!r}


@test_case(name="{test}")
def test_exercise(env):
    from helpers.notebook import claims

    claims.RESULTS.pop("{name}", None)
    exec(CHECK, env)
    said = claims.RESULTS["{name}"]
    assert said == claims.PASSED, said
'''


def question_name(exercise: Exercise) -> str:
    """Return an exercise's name as Otter takes it."""
    return "q" + exercise.name.replace(".", "_")


def convert(path: Path, out: Path) -> Path:
    """Write the assignment of one chapter and return its folder.

    Raises:
        UserError: if the chapter has no exercises or cannot be read.
    """
    chapter = read_chapter(path)
    if not chapter.exercises:
        raise UserError(f"{path} is no chapter with exercises.")
    notebook = classroom.for_students(nbformat.read(path, as_version=4))
    tests = {
        exercise.check.id: question_name(exercise) for exercise in chapter.exercises
    }
    for cell in notebook.cells:
        if cell.id in tests:
            cell.metadata["otter"] = {"tests": [tests[cell.id]]}
    folder = out / path.stem
    with replacing(folder / path.name) as part:
        nbformat.write(notebook, part)
    for exercise in chapter.exercises:
        test = question_name(exercise)
        with replacing(folder / "tests" / f"{test}.py") as part:
            text = TEST.format(
                name=exercise.name, test=test, check=exercise.check.source
            )
            part.write_text(text, "utf-8")
    return folder


@click.command()
@click.argument(
    "paths",
    nargs=-1,
    required=True,
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
)
@click.option(
    "--out",
    default=OUT,
    type=click.Path(path_type=Path),
    help="Gets a folder for each chapter.  [default: _build/otter]",
)
def main(paths: tuple[Path, ...], out: Path) -> None:
    """Make an assignment for Otter-Grader of each chapter."""
    for path in paths:
        try:
            click.echo(convert(path, out))
        except UserError as error:
            raise click.ClickException(str(error)) from error


if __name__ == "__main__":
    main()
