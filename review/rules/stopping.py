"""U6: when a value is taken for better than the best one so far."""

import ast
import re
from collections.abc import Iterator

from ..events import Run
from ..flow import FUNCTIONS
from ..rule import Hits, hit, rule

JUDGED = re.compile(r"best|loss|score|acc|metric|err|min|max", re.I)
# A loss, and the best one, where no patience is counted beside them.
LOSS = re.compile(r"loss|err|mse|mae|nll|perplex|metric|current", re.I)
BEST = re.compile(r"best|lowest|smallest|min_|_min", re.I)
COUNTED = re.compile(r"(^|\.)(n|num|count)_")
BETTER = re.compile(r"better|improv|best", re.I)  # functions that say so
NAN_CHECKS = {"isnan", "isfinite", "isinf"}


@rule("NOTE962")
def nan_improves(run: Run) -> Hits:
    """Find comparisons after which a NaN is kept as the best value."""
    if run.root is not None:
        return
    for node in run.main.parent:
        if not isinstance(node, ast.If):
            continue
        taken, test = _with_nan(node.test)
        if taken is None or test is None:
            continue
        names = _names(test)
        block = node.body if taken else _otherwise(run, node)
        if _says_better(run, node, block, test) and not _asks_for_nan(run, node):
            yield hit(
                node.test,
                run.frame,
                f"With NaN this condition is {str(taken).lower()}, and NaN counts as "
                "better than the best value so far.",
            )
        for kept, value in _assigned(block):
            judged = kept in names and value in names and kept != value
            if judged and _is_judged(node, kept, value):
                if not _asks_for_nan(run, node):
                    yield hit(
                        node.test,
                        run.frame,
                        f"With {value} = NaN this condition is {str(taken).lower()}, "
                        f"and NaN is kept in {kept} as the best value so far.",
                    )
                break


def _says_better(
    run: Run, node: ast.If, block: list[ast.stmt], test: ast.Compare
) -> bool:
    """Whether a block answers with True that a value is better than the best one."""
    match block:
        case [ast.Return(value=ast.Constant(value=True)), *_]:
            pass
        case _:
            return False
    if not BETTER.search(getattr(run.main.scope(node), "name", "")):
        return False
    left, right = (
        any(BEST.search(_name(n)) for n in ast.walk(side))
        for side in (test.left, test.comparators[0])
    )
    return left != right


def _with_nan(test: ast.expr) -> tuple[bool | None, ast.Compare | None]:
    """What a condition is if one side of its comparison is NaN, and the comparison.

    ``None`` if that depends on more, or nothing is compared.
    """
    match test:
        case ast.Compare(ops=[ast.Lt() | ast.LtE() | ast.Gt() | ast.GtE()]):
            return False, test
        case ast.UnaryOp(op=ast.Not(), operand=operand):
            taken, compared = _with_nan(operand)
            return (None if taken is None else not taken), compared
        case ast.BoolOp(op=ast.And(), values=values):
            for part in values:
                taken, compared = _with_nan(part)
                if taken is False:
                    return False, compared
    return None, None


def _is_judged(node: ast.If, kept: str, value: str) -> bool:
    """Whether a value is compared with the best one: by the names, or by patience."""
    if COUNTED.search(value):
        return False  # a whole number is never NaN
    if _counts(node.body):
        return bool(JUDGED.search(f"{kept} {value}"))
    return bool(BEST.search(kept) and LOSS.search(value))


def _otherwise(run: Run, node: ast.If) -> list[ast.stmt]:
    """What happens if a condition is false: else, or what follows a return."""
    if node.orelse or not isinstance(
        node.body[-1], ast.Return | ast.Continue | ast.Break | ast.Raise
    ):
        return node.orelse
    around = run.main.parent[node]
    body = getattr(around, "body", [])
    return body[body.index(node) + 1 :] if node in body else []


def _name(expr: ast.AST) -> str:
    """A name, ``self.name`` or ``name.item()`` as it is written."""
    named = isinstance(expr, ast.Name | ast.Attribute)
    asked = isinstance(expr, ast.Call) and not expr.args and not expr.keywords
    return ast.unparse(expr) if named or asked else ""


def _names(test: ast.Compare) -> set[str]:
    return {_name(n) for n in ast.walk(test)} - {""}


def _counts(body: list[ast.stmt]) -> bool:
    """Whether a branch begins with counting up by one."""
    for stmt in body:
        match stmt:
            case ast.AugAssign(op=ast.Add(), value=ast.Constant(value=1)):
                return True
            case ast.Assign(value=ast.BinOp(op=ast.Add(), right=ast.Constant(value=1))):
                return True
    return False


def _assigned(body: list[ast.stmt]) -> Iterator[tuple[str, str]]:
    """The names that a block sets, and the names they are set to."""
    for stmt in body:
        if isinstance(stmt, ast.Assign):
            for target, value in pairs(stmt):
                yield _name(target), _name(value)


def pairs(assign: ast.Assign) -> Iterator[tuple[ast.expr, ast.expr]]:
    """What an assignment sets, and to what; of tuples each part."""
    match assign:
        case ast.Assign(
            targets=[ast.Tuple(elts=targets)], value=ast.Tuple(elts=values)
        ):
            yield from zip(targets, values, strict=False)
        case ast.Assign(targets=[target], value=value):
            yield target, value


def _asks_for_nan(run: Run, node: ast.AST) -> bool:
    """Whether the function, or the class around it, asks for NaN anywhere."""
    around: ast.AST = node
    while around in run.main.parent and not isinstance(around, FUNCTIONS):
        around = run.main.parent[around]
    around = run.main.class_of(around) or around
    return any(
        isinstance(n, ast.Attribute)
        and n.attr in NAN_CHECKS
        or isinstance(n, ast.Name)
        and n.id in NAN_CHECKS
        for n in ast.walk(around)
    )
