"""Numbers that the text gives away, and what is kept as a formula."""

import ast
from collections.abc import Callable
from typing import Any

from ..values import (
    Class,
    Const,
    Derived,
    Frame,
    Function,
    Items,
    Object,
    Output,
    Partial,
    Unknown,
    Value,
    Values,
    Wrapped,
    const,
    made_by,
    one,
)
from .follows import Follows

DEEPEST = 6  # steps of a formula; a longer one counts as unknown
LONGEST = 8  # entries of ``[0.5] * 3``
# What is certainly not None; the result of a library's function may be.
SOMETHING = (Class, Function, Items, Object, Output, Partial, Wrapped)


def _power(a: Any, b: Any) -> Any:
    if abs(b) > 64 or abs(a) > 1e6:
        raise OverflowError("a number that long is no setting")
    return a**b


OPERATORS: dict[type, Callable[[Any, Any], Any]] = {
    ast.Add: lambda a, b: a + b,
    ast.Sub: lambda a, b: a - b,
    ast.Mult: lambda a, b: a * b,
    ast.Div: lambda a, b: a / b,
    ast.FloorDiv: lambda a, b: a // b,
    ast.Pow: _power,
}


def computed(
    follower: Follows,
    expr: ast.AST,
    a: Value,
    op: ast.operator,
    b: Value,
    frame: Frame,
) -> Value:
    """What ``a op b`` is."""
    if isinstance(a, Const) and isinstance(b, Const):
        if not all(v.kind in (int, float) for v in (a, b)):
            return Unknown(expr, frame)
        try:
            result = OPERATORS[type(op)](a.value, b.value)
        except (KeyError, TypeError, ValueError, ArithmeticError):
            return Unknown(expr, frame)
        return Const(result, type(result))
    shifted = isinstance(b, Const) and isinstance(op, ast.Add | ast.Sub)
    if isinstance(a, Output) and shifted and a.kind != "scaled":
        return a  # probabilities + 1e-8
    if isinstance(b, Const) and isinstance(op, ast.Div) and b.value == 255:
        return Output("pixels", expr, frame, a)
    if isinstance(a, Items) and a.keys is None:
        times = b.value if isinstance(b, Const) and b.kind is int else -1
        if isinstance(op, ast.Mult) and 0 <= times <= LONGEST:
            return Items(a.values * times, None, a.repeated)  # [0.5] * 3
        if isinstance(b, Items) and b.keys is None and isinstance(op, ast.Add):
            return Items(a.values + b.values, None, a.repeated or b.repeated)
    return follower.derived(type(op).__name__, (a, b), "", expr, frame)


COMPARISONS: dict[type, Callable[[Any, Any], Any]] = {
    ast.Eq: lambda a, b: a == b,
    ast.NotEq: lambda a, b: a != b,
    ast.Lt: lambda a, b: a < b,
    ast.LtE: lambda a, b: a <= b,
    ast.Gt: lambda a, b: a > b,
    ast.GtE: lambda a, b: a >= b,
    ast.Is: lambda a, b: a is b,
    ast.IsNot: lambda a, b: a is not b,
}


def compared(left: Values, op: ast.cmpop, right: Values) -> bool | None:
    """The result of a comparison, if the text gives it away."""
    if len(left) != 1 or len(right) != 1:
        return None
    (a,), (b,) = left, right
    if isinstance(a, Const) and isinstance(b, Const):
        try:
            return bool(COMPARISONS[type(op)](a.value, b.value))
        except (KeyError, TypeError):
            return None
    nothing = Const(None, type(None))
    if nothing in (a, b) and isinstance(op, ast.Is | ast.IsNot):
        other = b if a == nothing else a
        if isinstance(other, SOMETHING):
            return isinstance(op, ast.IsNot)
    return None


def truth(values: Values) -> bool | None:
    """Whether something counts as true, if the text gives it away."""
    found = set()
    for value in values:
        if isinstance(value, Const):
            found.add(bool(value.value))
        elif isinstance(value, SOMETHING) and not isinstance(value, Items | Output):
            result = isinstance(value, Object) and not isinstance(value.of, Class)
            if result and not made_by(value).startswith(("torch.optim.", "torch.nn.")):
                return None  # it may be empty, zero, None
            found.add(True)
        else:
            return None
    return found.pop() if len(found) == 1 else None


def negative(value: Value) -> Values:
    """What ``-value`` is."""
    if isinstance(value, Const) and isinstance(value.value, int | float):
        return const(-value.value)
    return one(Derived("USub", (value,)))


def depth(value: Value, limit: int = DEEPEST) -> int:
    """In how many steps a value was derived, up to a limit."""
    parts: tuple[Value, ...] = ()
    if isinstance(value, Derived):
        parts = value.parts
    elif isinstance(value, Object) and isinstance(value.of, Derived):
        parts = value.of.parts
    elif isinstance(value, Items):
        parts = tuple(v for entry in value.values for v in entry)
    elif isinstance(value, Output) and value.of is not None:
        parts = (value.of,)
    else:
        return 0
    return 1 + max((depth(p, limit - 1) for p in parts), default=0) if limit else 0
