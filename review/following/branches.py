"""Which branches a frame takes, where its tests are decided by what it was given."""

import ast
from typing import Any

from ..flow import FUNCTIONS, LOOPS, Module
from ..values import Frame
from . import arithmetic
from .follows import Follows

LEAVE = (ast.Return, ast.Continue, ast.Break, ast.Raise)
UNSURE = (*LOOPS, ast.Try, ast.TryStar, ast.Match, ast.IfExp, ast.BoolOp)


def leaves(body: list[ast.stmt]) -> bool:
    """Whether a block always ends in return, continue, break or raise."""
    return isinstance(body[-1], LEAVE)


def reached(follower: Follows, node: ast.AST, frame: Frame) -> bool | None:
    """Whether a frame certainly comes to a node, certainly not, or nobody knows.

    Only the branches around the node are asked, not those that leave before it.
    """
    module, certain = frame.module, True
    while (around := module.parent.get(node)) is not None:
        if isinstance(around, FUNCTIONS):
            break
        if isinstance(around, ast.If) and node is not around.test:
            taken = arithmetic.truth(follower.value(around.test, frame))
            if taken is not None and taken is (node in around.orelse):
                return False
            certain = certain and taken is not None
        certain = certain and not isinstance(around, UNSURE)
        node = around
    return certain or None


def left_before(follower: Follows, node: ast.AST, frame: Frame) -> bool:
    """Whether a branch that a frame certainly takes leaves its function first."""
    module = frame.module
    while (around := module.parent.get(node)) is not None:
        for body in _blocks(around):
            if node in body:
                for stmt in body[: body.index(node)]:
                    if isinstance(stmt, ast.If) and leaves(stmt.body):
                        test = follower.value(stmt.test, frame)
                        if arithmetic.truth(test):
                            return True
        if isinstance(around, FUNCTIONS):
            break
        node = around
    return False


def returns(
    follower: Follows, given: list[ast.expr | None], frame: Frame
) -> list[ast.expr | None]:
    """The expressions that a frame may return, of those that its function does."""
    if len(given) < 2:
        return given
    return [
        expr
        for expr in given
        if expr is None
        or reached(follower, expr, frame) is not False
        and not left_before(follower, expr, frame)
    ]


def live(follower: Follows, definitions: list[Any], frame: Frame) -> list[Any]:
    """The definitions of a name that the tests of a frame leave over.

    One that is certainly reached puts an end to those before it.
    """
    own = frame.function or frame.module.tree
    if len(definitions) < 2 or any(
        not isinstance(d, ast.Name | ast.arg)
        or (isinstance(d, ast.Name) and frame.module.scope(d) is not own)
        for d in definitions
    ):
        return definitions
    found: list[Any] = []
    for node in sorted(definitions, key=lambda d: (d.lineno, d.col_offset)):
        known = isinstance(node, ast.arg) or reached(follower, node, frame)
        if known is not False:
            found = [node] if known else [*found, node]
    return found


def _blocks(node: ast.AST) -> list[list[ast.stmt]]:
    found = [getattr(node, name, None) for name in ("body", "orelse", "finalbody")]
    return [body for body in found if isinstance(body, list)]


def is_skippable(module: Module, node: ast.AST, root: ast.AST) -> bool:
    """Whether a function may end without coming to a node: a branch decides."""
    while node is not root:
        around = module.parent[node]
        if isinstance(around, ast.If | ast.IfExp):
            return True
        for body in _blocks(around):
            if node in body and any(
                isinstance(stmt, ast.If) and leaves(stmt.body)
                for stmt in body[: body.index(node)]
            ):
                return True
        node = around
    return False
