"""Claims that can fail, and exercises that answer.

A sentence of the book that states a fact of this machine is a *claim*: a cell
checks it, prints it and stops the notebook if it does not hold.
"""

import inspect
import traceback
from collections.abc import Callable
from typing import Any

NO_VALUE = object()
NOT_ATTEMPTED = (..., NotImplemented)
UNFINISHED, PASSED = "not attempted yet", "passed"

# What was last said of each exercise in this process; tally() and `grade` read it.
RESULTS: dict[str, str] = {}


class ClaimFailed(AssertionError):
    """A claim of the book does not hold on this machine."""


def claim(text: str, condition: object, value: object = NO_VALUE) -> None:
    """Print a claim that holds, with its value; stop at one that does not.

    Args:
        text: the claim, one sentence without a full stop.
        condition: what must be true; a NumPy or torch truth value will do.
        value: printed beside the text. Give it only where it is the same on
            every machine, because the printed line is compared in the tests.
            Floats are shown with four significant digits.

    Raises:
        ClaimFailed: if the condition is false.
    """
    shown = "" if value is NO_VALUE else f": {_show(value)}"
    if not bool(condition):
        raise ClaimFailed(f"does not hold: {text}{shown}")
    print(f"✓ {text}{shown}")


def _show(value: object) -> str:
    """Return a short text for a value; floats get four significant digits."""
    if isinstance(value, float):
        return f"{value:.4g}"
    if isinstance(value, tuple | list):
        inside = ", ".join(_show(item) for item in value)
        return f"({inside})" if isinstance(value, tuple) else f"[{inside}]"
    return str(value)


def exercise(
    name: str, attempt: Any, *checks: tuple[str, Callable[[Any], object]]
) -> None:
    """Say whether an attempt at an exercise is right, and if not, what is wrong.

    Prints one line: *not attempted yet*, *passed*, or what is wrong.

    Args:
        name: the exercise, such as ``"1.1"``.
        attempt: a value (``...`` while not attempted) or a function (which
            raises ``NotImplementedError`` while not attempted). The checks get a
            tensor or a NumPy value as Python's numbers and lists.
        checks: pairs of what is wrong if the check fails, and the check: a
            function of the attempt that returns something true when it is right.
    """
    RESULTS[name] = _judge(attempt, checks)
    print(f"Exercise {name}: {RESULTS[name]}")


def tally(*names: str) -> None:
    """Print how many of a notebook's exercises are passed, and which are open.

    Args:
        names: the exercises, such as ``"1.1"``. One whose check has not run since
            the notebook was started counts as open.
    """
    still_open = [name for name in names if RESULTS.get(name) != PASSED]
    line = f"Exercises passed: {len(names) - len(still_open)} of {len(names)}."
    print(f"{line} Still open: {', '.join(still_open)}." if still_open else line)


def _judge(attempt: Any, checks: tuple[tuple[str, Callable], ...]) -> str:
    """Return the line that :func:`exercise` prints after the name."""
    if any(attempt is marker for marker in NOT_ATTEMPTED):
        return UNFINISHED
    if hasattr(attempt, "tolist"):  # of torch or NumPy
        attempt = attempt.tolist()
    for wrong, check in checks:
        try:
            right = bool(check(attempt))
        except NotImplementedError:
            return UNFINISHED
        except Exception as error:  # the reader's code may raise anything
            if _check_stumbled(error, check, attempt):
                return wrong
            said = [type(error).__name__, *str(error).splitlines()[:1]]
            return f"{wrong} (your answer raised {': '.join(said)})"
        if not right:
            return wrong
    return PASSED


def _check_stumbled(error: Exception, check: Callable, attempt: Any) -> bool:
    """Return whether a line of the notebook raised that is not the reader's.

    It then met another kind of answer than it had expected, such as ``None`` for a
    number. What it says of that would puzzle the reader.
    """
    if not callable(attempt):
        return True
    frame = [frame for frame, _ in traceback.walk_tb(error.__traceback__)][-1]
    code = getattr(inspect.unwrap(attempt), "__code__", frame.f_code)
    namespaces = map(id, (globals(), getattr(check, "__globals__", None)))
    ours = id(frame.f_globals) in namespaces
    return ours and frame.f_code.co_filename != code.co_filename  # another cell
