"""Exercises answer, and what waits for a GPU can run.

A notebook is run once: the cells up to the exercises give the names. Then what its
GPU cells measure is rehearsed on the CPU, and each exercise is tried with every
answer. Wrong answers stand in ``tests/wrong_answers``, one file a notebook, in
sections headed ``# 1.1: part of the message``.
"""

import contextlib
import io
import re
from pathlib import Path

import pytest

from helpers import evidence
from notebook_files import LESSON_IDS, LESSONS, ROOT, code_cells, read, tags

WRONG = ROOT / "tests" / "wrong_answers"
SECTION = re.compile(r"^# (\w+\.\d+): (.+)$", re.MULTILINE)


def exercises(notebook):
    """Return (stub, check, solution) cells of a notebook, in order."""
    kinds = {"exercise", "check", "solution"}
    cells = [c for c in code_cells(notebook) if kinds & set(tags(c))]
    groups = [cells[k : k + 3] for k in range(0, len(cells), 3)]
    for group in groups:
        assert [next(tag for tag in tags(cell) if tag in kinds) for cell in group] == [
            "exercise",
            "check",
            "solution",
        ]
    return groups


def wrong_answers(path):
    """Return (exercise, part of the message, code) for a notebook."""
    parts = SECTION.split((WRONG / f"{path.stem}.py").read_text("utf-8"))[1:]
    return list(zip(parts[::3], parts[1::3], parts[2::3], strict=True))


def run(source, names):
    """Run a cell in the given names and return what it printed."""
    printed = io.StringIO()
    with contextlib.redirect_stdout(printed):
        exec(compile(source, "<cell>", "exec"), names)
    return printed.getvalue()


@pytest.fixture(scope="module", params=LESSONS, ids=LESSON_IDS)
def tried(request):
    """A notebook, and the names its cells before the exercises define."""
    path: Path = request.param
    notebook = read(path)
    groups = exercises(notebook)
    first = notebook.cells.index(groups[0][0])
    names: dict = {"__name__": "__main__"}
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(path.parent)
        for cell in code_cells(notebook):
            if notebook.cells.index(cell) >= first:
                break
            if "nbval-raises-exception" not in tags(cell):
                run(cell.source, names)
        yield path, groups, names


def test_what_waits_for_a_gpu_can_run(tried, monkeypatch):
    path, _, names = tried
    cells = [c for c in code_cells(read(path)) if "evidence.on_gpu(" in c.source]
    figures = [f for f in evidence.FIGURES.values() if f.chapter == path.stem]
    assert len(cells) == len(figures)
    monkeypatch.setenv(evidence.REHEARSAL, "1")
    monkeypatch.chdir(path.parent)
    for cell in cells:
        try:
            printed = run(cell.source, names).splitlines()
        except Exception as error:
            if "InvalidCxxCompiler" in f"{type(error).__name__} {error}":
                pytest.skip("the default backend needs a C++ compiler")
            raise
        assert evidence.FAKE_CARD in printed[0]
        assert len(printed) >= 4  # that line, the heading, two lines of numbers


def test_there_are_enough_exercises_and_wrong_answers(tried):
    path, groups, _ = tried
    assert 2 <= len(groups) <= 3
    answers = [name for name, _, _ in wrong_answers(path)]
    for _, check, _ in groups:
        name = re.search(r'exercise\(\s*"(\w+\.\d+)"', check.source)
        assert name, "a check cell names its exercise"
        assert answers.count(name[1]) >= 3


def test_untouched_stub_is_not_attempted(tried):
    _, groups, names = tried
    for stub, check, _ in groups:
        run(stub.source, names)
        printed = run(check.source, names)
        assert printed.rstrip().endswith("not attempted yet")


def test_solution_passes(tried):
    _, groups, names = tried
    for stub, check, solution in groups:
        run(stub.source, names)
        run(solution.source, names)
        assert run(check.source, names).rstrip().endswith(": passed")


def test_wrong_answer_is_told_what_is_wrong(tried):
    path, groups, names = tried
    for name, message, code in wrong_answers(path):
        check = next(c for _, c, _ in groups if f'"{name}"' in c.source)
        run(code, names)
        printed = run(check.source, names)
        assert message in printed, f"{name}: {printed}"
        assert "passed" not in printed
