"""Exercises answer, and what waits for a GPU can run.

A notebook is run once: the cells up to the exercises give the names. Then what its
GPU cells measure is rehearsed on the CPU, and each exercise is tried with every
answer. Answers stand in ``tests/right_answers`` and ``tests/wrong_answers``, one file
a notebook, in sections headed ``# 1.1`` (right) or ``# 1.1: part of the message``.
"""

import contextlib
import io
import re
import time
from pathlib import Path

import pytest
import torch

from helpers import evidence
from notebook_files import LESSON_IDS, LESSONS, ROOT, code_cells, read, tags

SECTION = re.compile(r"^# (\w+\.\d+)(?:: (.+))?$", re.MULTILINE)
CPU_SECONDS = 1.0  # what the check of a right answer may take


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


def answers(kind, path):
    """Return (exercise, part of the message or None, code) for a notebook."""
    file = ROOT / "tests" / f"{kind}_answers" / f"{path.stem}.py"
    parts = SECTION.split(file.read_text("utf-8"))[1:]
    return list(zip(parts[::3], parts[1::3], parts[2::3], strict=True))


def named(check):
    """Return the name of the exercise that a check cell judges."""
    name = re.search(r'exercise\(\s*"(\w+\.\d+)"', check.source)
    assert name, "a check cell names its exercise"
    return name[1]


def run(source, names, file="<cell>"):
    """Run a cell in the given names and return what it printed."""
    printed = io.StringIO()
    with contextlib.redirect_stdout(printed):
        exec(compile(source, file, "exec"), names)
    return printed.getvalue()


def judge(code, check, names):
    """Run an answer, then the check; return the last line that it prints."""
    run(code, names, "<answer>")  # a notebook's cells are files of their own, too
    return run(check.source, names).splitlines()[-1]


def cpu_seconds(check, names):
    """Return how long a check takes: the best of three, others use the machine."""
    seconds = []
    for _ in range(3):
        start = time.process_time()
        run(check.source, names)
        seconds.append(time.process_time() - start)
    return min(seconds)


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


def test_there_are_enough_exercises_and_answers(tried):
    path, groups, _ = tried
    assert 2 <= len(groups) <= 3
    names = [named(check) for _, check, _ in groups]
    for kind, enough in (("right", 2), ("wrong", 3)):
        found = [name for name, _, _ in answers(kind, path)]
        assert set(found) == set(names)
        assert min(map(found.count, names)) >= enough, f"too few {kind} answers"


def test_untouched_stub_is_not_attempted(tried):
    _, groups, names = tried
    for stub, check, _ in groups:
        assert judge(stub.source, check, names).endswith("not attempted yet")


def test_solution_passes_within_a_second(tried):
    _, groups, names = tried
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    for _, check, solution in groups:
        assert judge(solution.source, check, names).endswith(": passed")
        assert cpu_seconds(check, names) < CPU_SECONDS, named(check)
    torch.set_num_threads(threads)


def test_right_answer_passes(tried):
    path, groups, names = tried
    for name, message, code in answers("right", path):
        assert message is None
        check = next(c for _, c, _ in groups if named(c) == name)
        assert judge(code, check, names) == f"Exercise {name}: passed", code


def test_wrong_answer_is_told_what_is_wrong(tried):
    path, groups, names = tried
    for name, message, code in answers("wrong", path):
        check = next(c for _, c, _ in groups if named(c) == name)
        printed = judge(code, check, names)
        assert message in printed, f"{name}: {printed}\n{code}"
        assert "passed" not in printed


def test_last_code_cell_counts_what_is_passed(tried):
    path, groups, names = tried
    tally = code_cells(read(path))[-1]
    assert tags(tally) == ["tally", "remove-cell"]  # the page has no progress to show
    exercises = [named(check) for _, check, _ in groups]
    assert re.findall(r'"(\w+\.\d+)"', tally.source) == exercises
    number = len(groups)
    for kind, passed in ((0, 0), (2, number)):  # the stubs, then the solutions
        for group in groups:
            judge(group[kind].source, group[1], names)
        line = f"Exercises passed: {passed} of {number}."
        assert run(tally.source, names).startswith(line)
