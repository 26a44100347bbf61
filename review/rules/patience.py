"""U6: the counter of an early stop."""

import ast
import re

from ..events import Run
from ..flow import FUNCTIONS, LOOPS, Module
from ..kinds import identifier
from ..rule import Hits, hit, rule
from ..syntax import leaves, loop_of, own
from .stopping import BEST, JUDGED

PATIENT = re.compile(r"patience|tolerance|max_no|wait|early|no_improv", re.I)
STOPS = re.compile(r"stop|done|finished|end_training", re.I)
FIRST = ("__init__", "reset", "on_train_begin", "on_train_start", "on_fit_start")


@rule("NOTE964")
def never_set_back(run: Run) -> Hits:
    """Find counters of epochs without a better value that only ever grow."""
    if run.root is not None:
        return
    module = run.main
    for node in module.parent:
        match node:
            case ast.AugAssign(
                target=ast.Name() | ast.Attribute() as target,
                op=ast.Add(),
                value=ast.Constant(value=1),
            ):
                pass
            case _:
                continue
        written = ast.unparse(target)
        if not _counts_failures(module, node) or not _ends_it(module, node, written):
            continue
        if not _is_set_back(module, node, target, written):
            yield hit(
                node,
                run.frame,
                f"Nothing sets {written} back when the value gets better: it counts "
                "all epochs without progress, not those in a row.",
            )


def _counts_failures(module: Module, node: ast.AugAssign) -> bool:
    """Whether the branch of a counter compares a value with the best one."""
    around = module.parent[node]
    while isinstance(around, ast.If):
        if any(
            isinstance(n, ast.Compare)
            and BEST.search(ast.unparse(n))
            and JUDGED.search(ast.unparse(n))
            for n in ast.walk(around.test)
        ):
            return True
        around = module.parent[around]
    return False


def _ends_it(module: Module, node: ast.AugAssign, written: str) -> bool:
    """Whether a comparison of the counter ends the training."""
    scope: ast.AST = module.scope(node)
    if isinstance(node.target, ast.Attribute):
        scope = module.class_of(scope) or scope
    for other in ast.walk(scope):
        match other:
            case ast.If(test=test, body=body):
                pass
            case _:
                continue
        compared = [
            n
            for n in ast.walk(test)
            if isinstance(n, ast.Compare)
            and any(ast.unparse(side) == written for side in (n.left, *n.comparators))
            and isinstance(n.ops[0], ast.Gt | ast.GtE | ast.Eq)
        ]
        if compared and (leaves(body) or any(map(_says_stop, body))):
            label = written + " ".join(map(ast.unparse, compared))
            if PATIENT.search(label):
                return True
    return False


def _says_stop(stmt: ast.stmt) -> bool:
    match stmt:
        case ast.Assign(targets=[target], value=ast.Constant(value=True)):
            return STOPS.search(identifier(target)) is not None
    return False


def _is_set_back(
    module: Module, node: ast.AugAssign, target: ast.expr, written: str
) -> bool:
    """Whether a counter gets another value while the training runs."""
    home = module.scope(node)
    if isinstance(target, ast.Attribute):
        around = module.class_of(home)
        for other in ast.walk(around or home):
            if isinstance(other, ast.Assign | ast.AnnAssign):
                targets = (
                    other.targets if isinstance(other, ast.Assign) else [other.target]
                )
                named = [n for t in targets for n in ast.walk(t)]
                method = getattr(module.scope(other), "name", "")
                if any(
                    isinstance(n, ast.Attribute) and ast.unparse(n) == written
                    for n in named
                ) and (method not in FIRST or method == getattr(home, "name", "")):
                    return True
        return around is None or _set_from_outside(module, target.attr)
    loop = loop_of(module, node)
    if not isinstance(loop, LOOPS):
        return True  # counted from outside
    return any(
        isinstance(n, ast.Name)
        and isinstance(n.ctx, ast.Store)
        and n.id == written
        and not isinstance(module.parent[n], ast.AugAssign)
        for n in own(_outermost(module, loop))
    )


def _outermost(module: Module, loop: ast.AST) -> ast.AST:
    """The loop over epochs around a counter: the counter begins outside of it."""
    while isinstance(around := loop_of(module, loop), LOOPS):
        loop = around
    return loop


def _set_from_outside(module: Module, attr: str) -> bool:
    """Whether somebody else sets the attribute: ``stopper.counter = 0``."""
    return any(
        isinstance(target, ast.Attribute)
        and target.attr == attr
        and not (isinstance(target.value, ast.Name) and target.value.id == "self")
        for target in module.origins
    ) or not any(isinstance(f, FUNCTIONS) for f in module.parent)
