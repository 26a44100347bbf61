"""Claims can fail, exercises answer, and what waits for a GPU can run.

A notebook is run once, up to its exercises. On the way, a copy of the process goes on
with the slip in the place of the fix, and must meet a claim that fails. Then what the
GPU cells measure is rehearsed on the CPU, and each exercise is tried with every
answer. Answers are in ``tests/right_answers`` and ``tests/wrong_answers``, one file
a notebook, in sections headed ``# 1.1`` (right) or ``# 1.1: part of the message``.
"""

import re
import time
from pathlib import Path

import jaxtyping
import pytest
import torch
from nbformat import v4

from helpers.notebook import evidence
from notebook_files import (
    LESSON_IDS,
    LESSONS,
    ROOT,
    code_cells,
    first_error,
    only,
    read,
    run,
    tags,
)

SECTION = re.compile(r"^# (\w+\.\d+)(?:: (.+))?$", re.MULTILINE)
SHARE = 0.1  # of the time that a lesson computes: more and a check keeps one waiting


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


def judge(code, check, names):
    """Run an answer, then the check; return the last line that it prints."""
    run(code, names, "<answer>")  # a notebook's cells are files of their own, too
    return run(check.source, names).splitlines()[-1]


def cpu_seconds(check, names):
    """Return how long a check computes: the best of three, others use the machine."""
    seconds = []
    for _ in range(3):
        start = time.process_time()
        run(check.source, names)
        seconds.append(time.process_time() - start)
    return min(seconds)


def run_with_the_slip(notebook, names):
    """Run a notebook's cells up to its exercises.

    Returns:
        The first error that the cells from the fix on give when the slip is in its
        place; None if there is none.
    """
    cells, slip, found = [], only(notebook, "slip"), None
    for cell in code_cells(notebook):
        if "exercise" in tags(cell):
            break
        if "nbval-raises-exception" not in tags(cell):
            cells.append(cell)
    for position, cell in enumerate(cells):
        if "fix" in tags(cell):
            rest = [later.source for later in cells[position + 1 :]]
            found = first_error([slip.source, *rest], names)
        run(cell.source, names)
    return found


@pytest.fixture(scope="module", params=LESSONS, ids=LESSON_IDS)
def tried(request):
    """A notebook, its exercises, the names its cells before them define, what became
    of the slip in the place of the fix, and how long the cells computed."""
    path: Path = request.param
    notebook = read(path)
    names: dict = {"__name__": "__main__"}
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(path.parent)
        if "compile" in path.stem:  # PyTorch 2.11 traces into the checks of shapes
            patch.setattr(jaxtyping.config, "jaxtyping_disable", True)
        start = time.process_time()
        error = run_with_the_slip(notebook, names)
        seconds = time.process_time() - start
        yield path, exercises(notebook), names, error, seconds


def test_a_claim_fails_with_the_slip(tried):
    *_, error, _ = tried
    assert str(error).startswith("ClaimFailed")


def test_a_notebook_whose_claims_cannot_fail_is_found():
    """The test above would notice a claim that is true whatever happens."""
    notebook = v4.new_notebook(
        cells=[
            v4.new_code_cell("value = 1", metadata={"tags": ["slip"]}),
            v4.new_code_cell("value = 2", metadata={"tags": ["fix"]}),
            v4.new_code_cell(
                "from helpers.notebook.claims import claim\n"
                "claim('a tautology', value or True)"
            ),
        ]
    )
    assert run_with_the_slip(notebook, names := {}) is None
    assert names["value"] == 2
    notebook.cells[2].source = notebook.cells[2].source.replace("or True", "== 2")
    assert "ClaimFailed" in run_with_the_slip(notebook, {})


def test_what_waits_for_a_gpu_can_run(tried, monkeypatch):
    path, _, names, *_ = tried
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
    path, groups, *_ = tried
    assert 2 <= len(groups) <= 3
    names = [named(check) for _, check, _ in groups]
    for kind, enough in (("right", 2), ("wrong", 3)):
        found = [name for name, _, _ in answers(kind, path)]
        assert set(found) == set(names)
        assert min(map(found.count, names)) >= enough, f"too few {kind} answers"


def test_untouched_stub_is_not_attempted(tried):
    _, groups, names, *_ = tried
    for stub, check, _ in groups:
        assert judge(stub.source, check, names).endswith("not attempted yet")


def test_solution_passes_without_a_long_wait(tried):
    _, groups, names, _, seconds = tried
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    for _, check, solution in groups:
        assert judge(solution.source, check, names).endswith(": passed")
        assert cpu_seconds(check, names) < SHARE * seconds, named(check)
    torch.set_num_threads(threads)


def test_right_answer_passes(tried):
    path, groups, names, *_ = tried
    for name, message, code in answers("right", path):
        assert message is None
        check = next(c for _, c, _ in groups if named(c) == name)
        assert judge(code, check, names) == f"Exercise {name}: passed", code


def test_wrong_answer_is_told_what_is_wrong(tried):
    path, groups, names, *_ = tried
    for name, message, code in answers("wrong", path):
        check = next(c for _, c, _ in groups if named(c) == name)
        printed = judge(code, check, names)
        assert message in printed, f"{name}: {printed}\n{code}"
        assert "passed" not in printed


def test_last_code_cell_counts_what_is_passed(tried):
    path, groups, names, *_ = tried
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
