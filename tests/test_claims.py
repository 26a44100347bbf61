"""Claims fail when they should, exercises say what is wrong."""

import numpy as np
import pytest
import torch

from helpers import claims
from helpers.claims import ClaimFailed, claim, exercise, tally


def test_a_claim_that_holds_is_printed(capsys):
    claim("two is two", True)
    claim("the mean is near a third", torch.tensor(True), 1 / 3)
    claim("shapes agree", np.True_, (2, 0.123456))
    assert capsys.readouterr().out.splitlines() == [
        "✓ two is two",
        "✓ the mean is near a third: 0.3333",
        "✓ shapes agree: (2, 0.1235)",
    ]


@pytest.mark.parametrize("false", [False, torch.tensor(False), np.False_, 0, None])
def test_a_claim_that_does_not_hold_stops(false, capsys):
    with pytest.raises(ClaimFailed, match="does not hold: one is two: 1"):
        claim("one is two", false, 1)
    assert capsys.readouterr().out == ""


def test_claims_fail_in_optimised_python_too():
    """``python -O`` removes assert statements; a claim must not be one."""
    import subprocess
    import sys

    code = "from helpers.claims import claim; claim('no', False)"
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
        (None, "double(2) should be 4 (your answer raised TypeError: "),
    ],
)
def test_an_exercise_answers(attempt, message, capsys):
    exercise("9.1", attempt, *DOUBLE)
    assert capsys.readouterr().out.startswith(f"Exercise 9.1: {message}")


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
