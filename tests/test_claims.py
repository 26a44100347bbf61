"""Claims fail when they should, exercises say what is wrong."""

import math

import numpy as np
import pytest
import torch

from helpers.notebook import claims
from helpers.notebook.claims import ClaimFailed, claim, exercise, tally
from notebook_files import compared


def test_a_claim_that_holds_is_printed(capsys):
    claim("two is two", True)
    claim("the mean is near a third", torch.tensor(True), 1 / 3)
    claim("shapes agree", np.True_, (2, 0.123456))
    assert capsys.readouterr().out.splitlines() == [
        "✓ two is two",
        "✓ the mean is near a third: 0.3333",
        "✓ shapes agree: (2, 0.1235)",
    ]


def test_what_was_measured_stands_beside_its_bound(capsys):
    claim("right", 0.98333, at_least=0.9)
    claim("loss", torch.tensor(0.5), above=0.25, below=1)
    claim("floor", 1.0436, near=1.04, within=0.01)
    claim("steps", [3, 7], equals=[3, 7], decides=True)
    claim("refused", ValueError("give 5 classes"), says="5 classes")
    assert capsys.readouterr().out.splitlines() == [
        "✓ right: 0.9833 ≥ 0.9",
        "✓ loss: 0.5 > 0.25 and < 1",
        "✓ floor: 1.044 ≈ 1.04 ± 0.01",
        "★ steps: [3, 7]",
        '✓ refused: "5 classes"',
    ]


@pytest.mark.parametrize(
    ("found", "bound"),
    [
        (0.9, {"above": 0.9}),
        (0.9, {"below": 0.9}),
        (0.8, {"at_least": 0.9}),
        (0.95, {"above": 0, "at_most": 0.9}),
        (1.0, {"near": 1.1, "within": 0.05}),
        (math.nan, {"at_least": 0}),
        (math.nan, {"near": 0, "within": 1}),
        (math.nan, {"equals": math.nan}),
        (3, {"equals": 4}),
        ("six", {"says": "five"}),
    ],
)
def test_a_bound_that_is_broken_stops(found, bound, capsys):
    with pytest.raises(ClaimFailed, match="does not hold: it is so: "):
        claim("it is so", found, **bound)
    assert capsys.readouterr().out == ""


def test_near_needs_within():
    with pytest.raises(ValueError, match="go together"):
        claim("it is so", 1, near=1)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("✓ right: 0.9833 ≥ 0.9", "✓ right: 0.97 ≥ 0.9"),
        ("★ loss: 0.5 > 0.25 and < 1", "★ loss: 1e-07 > 0.25 and < 1"),
        ("✓ floor: -1.044 ≈ 1.04 ± 0.01", "✓ floor: 1.04 ≈ 1.04 ± 0.01"),
        ("text\n✓ a: b: 0.5 > 0\nmore", "text\n✓ a: b: 0.6 > 0\nmore"),
    ],
)
def test_a_measured_number_is_not_compared(one, other):
    assert compared(one) == compared(other) != one


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("✓ right: 0.9833 ≥ 0.9", "✓ right: 0.9833 ≥ 0.8"),  # another bound
        ("✓ right: 0.9833 ≥ 0.9", "✓ right: 0.9833 > 0.9"),
        ("✓ right: 0.9833 ≥ 0.9", "✓ wrong: 0.9833 ≥ 0.9"),
        ("✓ steps: 3", "✓ steps: 4"),  # exact
        ("★ steps: [3, 7]", "★ steps: [3, 8]"),
        ("✓ steps: 3 ≥ 2", "★ steps: 3 ≥ 2"),
        ("right: 0.9833 ≥ 0.9", "right: 0.97 ≥ 0.9"),  # no claim
        ("✓ 2 > 1 holds: 5", "✓ 3 > 1 holds: 5"),
        ("✓ loss: 1.0 ≥ nan", "✓ loss: 2.0 ≥ nan"),
    ],
)
def test_all_else_is_compared(one, other):
    assert compared(one) != compared(other)


@pytest.mark.parametrize("false", [False, torch.tensor(False), np.False_, 0, None])
def test_a_claim_that_does_not_hold_stops(false, capsys):
    with pytest.raises(ClaimFailed, match="does not hold: one is two: 1"):
        claim("one is two", false, 1)
    assert capsys.readouterr().out == ""


def test_claims_fail_in_optimised_python_too():
    """``python -O`` removes assert statements; a claim must not be one."""
    import subprocess
    import sys

    code = "from helpers.notebook.claims import claim; claim('no', False)"
    done = subprocess.run([sys.executable, "-O", "-c", code], capture_output=True)
    assert b"ClaimFailed" in done.stderr


DOUBLE = (
    ("double(2) should be 4", lambda f: f(2) == 4),
    ("double(-1) should be -2", lambda f: f(-1) == -2),
)


def stub(x):
    raise NotImplementedError


@pytest.mark.parametrize(
    ("attempt", "message"),
    [
        (stub, "not attempted yet"),
        (..., "not attempted yet"),
        (lambda x: 2 * x, "passed"),
        (lambda x: x * x, "double(-1) should be -2"),
        (lambda x: x + "", "double(2) should be 4 (your answer raised TypeError: "),
        (None, "double(2) should be 4\n"),
    ],
)
def test_an_exercise_answers(attempt, message, capsys):
    exercise("9.1", attempt, *DOUBLE)
    assert capsys.readouterr().out.startswith(f"Exercise 9.1: {message}")


PAIR = (
    ("give a list of two numbers", lambda a: len(a) == 2),
    ("the first is 1, the second 0.5", lambda a: a == [1, 0.5]),
)


@pytest.mark.parametrize(
    ("attempt", "message"),
    [
        ([1, 0.5], "passed"),
        (np.array([1, 0.5]), "passed"),
        (torch.tensor([1, 0.5]), "passed"),
        (np.float64(1), "give a list of two numbers"),
        (torch.tensor([1, 2]), "the first is 1, the second 0.5"),
    ],
)
def test_a_value_may_come_from_numpy_or_torch(attempt, message, capsys):
    exercise("9.1", attempt, *PAIR)
    assert capsys.readouterr().out == f"Exercise 9.1: {message}\n"


ADDS_ONE = '("double(2) should be 4", lambda f: f(2) + 1 == 5)'


@pytest.mark.parametrize(
    ("answer", "message"),
    [
        ("def double(x): pass", ""),  # None + 1 is an error of the check
        ("def double(x): return [x, x]", ""),
        ("def double(x): return x + []", " (your answer raised TypeError: unsupp"),
        ("def double(x): assert x > 2", " (your answer raised AssertionError)"),
        ("def double(x): int('a\\nb')", " (your answer raised ValueError: invalid"),
        ("import torch; double = torch.stack", " (your answer raised TypeError: "),
        ("def double(x): raise KeyError('a\\nb')", " (your answer raised KeyError: "),
    ],
)
def test_only_errors_of_the_answer_are_shown(answer, message, capsys):
    names = {"exercise": exercise}
    exec(compile(answer, "<answer>", "exec"), names)
    exec(compile(f"exercise('9.1', double, {ADDS_ONE})", "<check>", "exec"), names)
    printed = capsys.readouterr().out
    assert printed.startswith(f"Exercise 9.1: double(2) should be 4{message}")
    assert printed.count("\n") == 1
    assert message or printed.endswith("should be 4\n")


def test_the_tally_names_what_is_still_open(capsys, monkeypatch):
    monkeypatch.setattr(claims, "RESULTS", {})
    tally("9.1", "9.2")
    exercise("9.1", lambda number: 2 * number, *DOUBLE)
    exercise("9.2", ...)
    tally("9.1", "9.2")
    tally("9.1")
    exercise("9.1", ..., *DOUBLE)
    tally("9.1")
    assert [line for line in capsys.readouterr().out.splitlines() if "of" in line] == [
        "Exercises passed: 0 of 2. Still open: 9.1, 9.2.",
        "Exercises passed: 1 of 2. Still open: 9.2.",
        "Exercises passed: 1 of 1.",
        "Exercises passed: 0 of 1. Still open: 9.1.",
    ]
