"""Questions about the text of a program: which names it reads and sets, and where."""

import ast
from collections.abc import Iterator

from .events import Around
from .flow import FUNCTIONS, LOOPS, Module
from .kinds import identifier

LEAVES = (ast.Return, ast.Raise, ast.Break, ast.Continue)
EXITS = {"exit", "_exit", "abort"}


def own(node: ast.AST) -> Iterator[ast.AST]:
    """Everything in a function or module, without the functions inside it."""
    todo = list(ast.iter_child_nodes(node))
    while todo:
        at = todo.pop()
        yield at
        if not isinstance(at, (*FUNCTIONS, ast.ClassDef)):
            todo += ast.iter_child_nodes(at)


def names_read(node: ast.AST) -> set[str]:
    """The names that a piece of a program reads."""
    return {
        n.id
        for n in ast.walk(node)
        if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Load)
    }


def names_set(node: ast.AST) -> set[str]:
    """The names that a piece of a program sets, by whatever statement."""
    return {
        n.id
        for n in ast.walk(node)
        if isinstance(n, ast.Name) and not isinstance(n.ctx, ast.Load)
    }


def loop_of(module: Module, node: ast.AST) -> ast.AST:
    """The innermost loop of a function around a node, or the function itself."""
    at = module.parent.get(node, module.tree)
    while not isinstance(at, (*LOOPS, *FUNCTIONS, ast.Module)):
        at = module.parent[at]
    return at


def leaves(body: list[ast.stmt]) -> bool:
    """Whether a block ends in return, raise, break, continue, or an exit."""
    for stmt in body:
        if isinstance(stmt, LEAVES):
            return True
        called = stmt.value if isinstance(stmt, ast.Expr) else None
        if isinstance(called, ast.Call) and identifier(called.func) in EXITS:
            return True
    return False


def excludes(module: Module, first: ast.AST, second: ast.AST) -> bool:
    """Whether two places lie in different branches of one ``if``."""
    branches: dict[ast.AST, ast.AST] = {}
    at = first
    while at in module.parent:
        branches[module.parent[at]] = at
        at = module.parent[at]
    at = second
    while at in module.parent:
        around = module.parent[at]
        if isinstance(around, ast.If | ast.IfExp) and around in branches:
            return _arm(around, branches[around]) != _arm(around, at)
        if around in branches:
            return False
        at = around
    return False


def _arm(test: ast.If | ast.IfExp, child: ast.AST) -> bool:
    body = test.body if isinstance(test.body, list) else [test.body]
    return child in body


def is_steady(arm: Around, loop: Around) -> bool:
    """Whether a branch is taken in all rounds of a loop or in none.

    ``if args.clip:`` is such a branch; one on the number of the batch, or on what the
    batch gave, is not.
    """
    test = getattr(arm.node, "test", None)
    if test is None or arm.frame is not loop.frame:
        return False
    if any(
        isinstance(n, ast.Attribute) and "sync" in n.attr or isinstance(n, ast.Mod)
        for n in ast.walk(test)
    ):
        return False
    return names_read(test).isdisjoint(names_set(loop.node))
