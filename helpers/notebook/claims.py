"""Claims that can fail, and exercises that answer.

A sentence of the book that states a fact of this machine is a *claim*: a cell
checks it, prints it and stops the notebook if it does not hold.
"""

import inspect
import operator
import traceback
from collections.abc import Callable
from typing import Any

NO_VALUE = object()
TICK, STAR = MARKS = "✓ ", "★ "  # what a claim's line begins with
NOT_ATTEMPTED = (..., NotImplemented)
Number = int | float
UNFINISHED, PASSED = "not attempted yet", "passed"

# What was last said of each exercise in this process; tally() and `grade` read it.
RESULTS: dict[str, str] = {}


class ClaimFailed(AssertionError):
    """A claim of the book does not hold on this machine."""


def claim(
    text: str,
    found: Any,
    value: object = NO_VALUE,
    *,
    equals: object = NO_VALUE,
    above: Number | None = None,
    below: Number | None = None,
    at_least: Number | None = None,
    at_most: Number | None = None,
    near: Number | None = None,
    within: Number | None = None,
    says: str | None = None,
    decides: bool = False,
) -> None:
    """Print a claim that holds, with the value that was found; stop at one that fails.

    What was measured is given with a bound and printed beside it:

    >>> claim("images named rightly with logits", 0.98333, at_least=0.9)
    ✓ images named rightly with logits: 0.9833 ≥ 0.9
    >>> claim("different numbers in an epoch", 16, equals=16, decides=True)
    ★ different numbers in an epoch: 16

    A number before a comparison sign may differ between machines, so the tests leave
    it out when they compare the line (``tests/sanitise.cfg``). All else is compared.

    Args:
        text: the claim, one sentence without a full stop.
        found: a number, tensor of one number, or text, to hold against the keywords;
            without any, whether the claim is true.
        value: printed beside a claim that has no keyword; the same on every machine.
        equals: what ``found`` is exactly, on every machine.
        above, below, at_least, at_most: bounds of a number; several may be given.
        near, within: the number expected, and how far from it ``found`` may be.
        says: a part of the text in ``found``, which may be an error.
        decides: whether the chapter's verdict rests on this claim; it gets a star.

    Raises:
        ClaimFailed: if the claim does not hold. No bound holds for NaN.
        ValueError: if ``near`` comes without ``within``, or the other way round.
    """
    if (near is None) != (within is None):
        raise ValueError("near and within go together")
    if hasattr(found, "item"):  # of torch or NumPy
        found = found.item()
    bounds = (
        (">", above, operator.gt), ("<", below, operator.lt),
        ("≥", at_least, operator.ge), ("≤", at_most, operator.le),
    )  # fmt: skip
    given = [(sign, bound, test) for sign, bound, test in bounds if bound is not None]
    holds = all(test(found, bound) for _, bound, test in given)
    limits = [f"{sign} {_show(bound)}" for sign, bound, _ in given]
    if near is not None and within is not None:
        holds = holds and abs(found - near) <= within
        limits.append(f"≈ {_show(near)} ± {_show(within)}")
    shown = f": {_show(found)} {' and '.join(limits)}"
    if equals is not NO_VALUE:
        holds, shown = holds and bool(found == equals), f": {_show(found)}"
    elif says is not None:
        holds, shown = says in str(found), f': "{says}"'
    elif not limits:
        holds, shown = bool(found), ""
        if value is not NO_VALUE:
            shown = f": {_show(value)}"
    if not holds:
        raise ClaimFailed(f"does not hold: {text}{shown}")
    print(f"{STAR if decides else TICK}{text}{shown}")


def _show(value: object) -> str:
    """Return a short text for a value; floats get four significant digits."""
    if hasattr(value, "item"):
        value = value.item()
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
