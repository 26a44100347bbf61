"""Note 14: Python's own hash() differs from run to run."""

import ast
import re

from ..events import Run
from ..flow import FUNCTIONS
from ..rule import Hits, at, rule
from ..values import Const, Derived

KEPT = re.compile(r"fingerprint|checksum|digest|signature|manifest|hash|version", re.I)
NUMBERS = {"builtins.len", "builtins.int", "builtins.id"}


@rule("NOTE144")
def salted_hash(run: Run) -> Hits:
    """Find hash() of texts or bytes that names a data set or splits it."""
    if "PYTHONHASHSEED" in run.main.text:
        return
    for event in run.named("builtins.hash"):
        module, call = event.frame.module, event.call
        function = event.frame.function
        name = getattr(function, "name", "") if isinstance(function, FUNCTIONS) else ""
        if name.startswith("__") or len(call.args) != 1:
            continue
        if _is_number(run, call.args[0], event.frame):
            continue
        if _is_hash(module.parent[call]):
            continue  # the outer one is named
        splits = _is_remainder(module.parent, call)
        stored = name + " " + _targets(module.statement(call))
        if splits or KEPT.search(stored):
            yield at(
                event,
                "hash() of a text or of bytes differs in every run of Python"
                + (", and so does this split." if splits else ": keep no such number."),
            )


def _is_hash(node: ast.AST) -> bool:
    match node:
        case ast.Call(func=ast.Name(id="hash")):
            return True
    return False


def _is_number(run: Run, expr: ast.expr, frame: object) -> bool:
    values = run.value(expr, frame)  # type: ignore[arg-type]
    return bool(values) and all(
        (isinstance(v, Const) and v.kind in (int, float, bool))
        or (isinstance(v, Derived) and v.how in ("len", "index", "round", "int"))
        for v in values
    )


def _is_remainder(parent: dict[ast.AST, ast.AST], call: ast.Call) -> bool:
    """Whether a remainder is taken: ``abs(hash(name)) % 10``."""
    node: ast.AST = call
    while isinstance(parent[node], ast.expr):
        node = parent[node]
        if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Mod | ast.BitAnd):
            return True
    return False


def _targets(statement: ast.AST) -> str:
    match statement:
        case ast.Assign(targets=targets):
            return " ".join(map(ast.unparse, targets))
        case ast.AnnAssign(target=target) | ast.AugAssign(target=target):
            return ast.unparse(target)
    return ""
