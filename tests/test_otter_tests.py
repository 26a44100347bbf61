"""The assignment for Otter-Grader: Otter, where it is installed, grades with it."""

import subprocess
import sys

import nbformat
import pytest
from click.testing import CliRunner

import otter_tests
from notebook_files import LESSONS, tags
from test_grading import ANSWERS, CHAPTER, notebook


@pytest.fixture
def assignment(tmp_path):
    """The folder that is made of a small chapter."""
    path = tmp_path / "one.ipynb"
    path.write_text(notebook(CHAPTER))
    done = CliRunner().invoke(otter_tests.main, [str(path), "--out", str(tmp_path)])
    assert done.exit_code == 0
    assert done.stdout.strip() == str(tmp_path / "one")
    return tmp_path / "one"


def test_the_notebook_has_no_solution_and_names_its_tests(assignment):
    made = nbformat.read(assignment / "one.ipynb", as_version=4)
    assert [c.id for c in made.cells] == [n for n in CHAPTER if "solution" not in n]
    named = {c.id: c.metadata.get("otter") for c in made.cells if "otter" in c.metadata}
    assert named == {
        "c-check1": {"tests": ["q1_1"]},
        "c-check2": {"tests": ["q1_2"]},
    }
    tests = sorted(path.name for path in (assignment / "tests").iterdir())
    assert tests == ["q1_1.py", "q1_2.py"]


def test_every_chapter_can_be_converted(tmp_path):
    for path in LESSONS:
        folder = otter_tests.convert(path, tmp_path)
        made = nbformat.read(folder / path.name, as_version=4)
        assert not [cell for cell in made.cells if "solution" in tags(cell)]
        named = [c.metadata.otter.tests[0] for c in made.cells if "otter" in c.metadata]
        files = {file.stem for file in (folder / "tests").iterdir()}
        assert set(named) == files
        assert len(named) >= 2
        for file in (folder / "tests").iterdir():
            compile(file.read_text("utf-8"), file, "exec")


def test_what_is_no_chapter_gets_a_sentence(tmp_path):
    path = tmp_path / "one.ipynb"
    path.write_text(notebook({"a": "1"}))
    done = CliRunner().invoke(otter_tests.main, [str(path)])
    assert done.exit_code == 1
    assert "is no chapter with exercises" in done.stderr


def test_otter_grades_with_it(assignment):
    pytest.importorskip("otter", reason="otter-grader is not installed")
    submitted = nbformat.read(assignment / "one.ipynb", as_version=4)
    for answers, said in (
        ({}, "not attempted yet"),
        (ANSWERS | {"c-stub1": "first = 3"}, "give 4"),
        (ANSWERS, "All tests passed!"),
    ):
        for cell in submitted.cells:
            cell.source = answers.get(cell.id, cell.source)
        nbformat.write(submitted, assignment / "alice.ipynb")
        done = subprocess.run(
            [sys.executable, "-m", "otter", "check", "alice.ipynb", "-t", "tests"],
            cwd=assignment,
            capture_output=True,
            text=True,
        )
        assert said in done.stdout, done.stdout + done.stderr
