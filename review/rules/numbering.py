"""Note 14, of the classes: numbers that follow an order nobody has fixed."""

import ast
import re

from ..events import Event, Run
from ..flow import FUNCTIONS
from ..following import parts
from ..kinds import identifier
from ..rule import Hit, Hits, hit, rule
from ..values import Frame, Object, made_by

CLASS = re.compile(
    r"class|label|categor|target|species|cls|folder|dirname|(2|_?to_?)(id|idx|index)\b",
    re.I,
)
ZIPPED = re.compile(r"dict\(zip\([^()]*, (range|count|itertools\.count)\(")
SETS = {"set", "frozenset", "union", "intersection", "difference"}


@rule("NOTE143")
def numbered_unsorted(run: Run) -> Hits:
    """Find class numbers that are places in an unsorted listing, or in a set."""
    if "torch" not in run.main.text:
        return
    yield from _numbered_by_hand(run)
    for event in run.named("builtins.enumerate", "builtins.zip", ".index"):
        if isinstance(event.call.func, ast.Attribute):
            whole = event.frame.module.statement(event.node)
            if CLASS.search(ast.unparse(whole)) is None:
                continue
            numbered = event.call.func.value
        elif event.call.args and _numbers_classes(event):
            numbered = event.call.args[0]
        else:
            continue
        if found := _unordered(run, numbered, event.frame):
            yield found


def _unordered(run: Run, expr: ast.expr, frame: Frame) -> Hit | None:
    """The finding, if something has no fixed order: where it was listed."""
    if _is_sorted_in_place(run, expr):
        return None
    text = "{} has no fixed order, and its places are taken as labels."
    for value in run.value(expr, frame):
        if (listing := parts.listing(value)) is not None:
            node, home = expr, frame
            made = listing if isinstance(listing, Object) else None
            if made and made.call and made.frame and made.frame.module is frame.module:
                node, home = made.call, made.frame
            what = made_by(listing) or "This listing"
            return hit(node, home, text.format(what))
    if any(_makes_set(e) for e in _written(expr, frame)):
        return hit(expr, frame, text.format("A set"))
    return None


def _written(expr: ast.expr, frame: Frame) -> list[ast.expr]:
    """An expression, or what its name was given, without list() around it."""
    found = [expr]
    if isinstance(expr, ast.Name):
        origins = [frame.module.origins.get(d) for d in frame.module.definitions(expr)]
        found = [o.expr for o in origins if o is not None and o.kind == "value"]
    return [_unlisted(each) for each in found]


def _unlisted(expr: ast.expr) -> ast.expr:
    while isinstance(expr, ast.Call) and isinstance(expr.func, ast.Name):
        if expr.func.id not in ("list", "tuple") or len(expr.args) != 1:
            break
        expr = expr.args[0]
    return expr


def _makes_set(expr: ast.expr) -> bool:
    if isinstance(expr, ast.Set | ast.SetComp):
        return True
    return isinstance(expr, ast.Call) and identifier(expr.func) in SETS


def _numbered_by_hand(run: Run) -> Hits:
    """Find ``label += 1``, ``ids[name] = len(ids)`` and ``for i in range(len(names))``.

    The last one in a dictionary: ``{names[i]: i for i in range(len(names))}``.
    """
    for loop in run.kinds_in:
        if loop.kind == "loop" and isinstance(loop.node, ast.For):
            if _counts_labels(loop.node) is None:
                continue
            if found := _unordered(run, loop.node.iter, loop.frame):
                yield found
    if run.root is not None:
        return
    for node in run.main.parent:
        match node:
            case ast.DictComp(
                value=ast.Name(id=number),
                generators=[
                    ast.comprehension(
                        target=ast.Name(id=counter),
                        iter=ast.Call(
                            ast.Name("range"), [ast.Call(ast.Name("len"), [listed])]
                        ),
                    )
                ],
            ) if number == counter:
                scope = run.main.scope(node)
                frame = (
                    run.follower.alone(scope, run.main)
                    if isinstance(scope, FUNCTIONS)
                    else run.frame
                )
                if found := _unordered(run, listed, frame):
                    yield found


def _counts_labels(loop: ast.For) -> ast.AST | None:
    """Where a loop keeps a number that it then counts up, as a label."""
    for part in ast.walk(loop):
        match part:
            case ast.Call(
                func=ast.Attribute(value=mapping, attr="setdefault"),
                args=[_, ast.Call(ast.Name("len"), [counted])],
            ) if ast.unparse(mapping) == ast.unparse(counted):
                return part
            case ast.Assign(
                targets=[ast.Subscript(value=mapping)],
                value=ast.Call(ast.Name("len"), [counted]),
            ) if ast.unparse(mapping) == ast.unparse(counted):
                return part
    for node in loop.body:
        match node:
            case ast.AugAssign(
                target=ast.Name(id=name), op=ast.Add(), value=ast.Constant(value=1)
            ) if CLASS.search(name) or CLASS.search(ast.unparse(loop.target)):
                for part in ast.walk(loop):
                    match part:
                        case ast.Assign(targets=[ast.Subscript()], value=value):
                            if _is_name(value, name):
                                return part
                        case _ if _keeps(part, name):
                            return part
    return None


def _numbers_classes(event: Event) -> bool:
    """Whether the numbers of an enumerate become labels of what lies below.

    They do in ``{name: number for ...}`` and ``dict(zip(names, range(n)))``, and in a
    loop over folders with a loop over their files inside, which puts the number beside
    each.
    """
    around = event.frame.module.parent[event.node]
    if event.name == "builtins.zip":
        written = ast.unparse(event.frame.module.statement(event.node))
        return CLASS.search(written) is not None and bool(ZIPPED.search(written))
    target = getattr(around, "target", None)
    if not isinstance(target, ast.Tuple) or not isinstance(target.elts[0], ast.Name):
        return False
    number = target.elts[0].id
    if isinstance(around, ast.comprehension):
        whole = event.frame.module.parent[around]
        written = ast.unparse(event.frame.module.statement(whole))
        return (
            isinstance(whole, ast.DictComp)
            and _is_name(whole.value, number)
            and (
                CLASS.search(written) is not None
                or any(map(_makes_set, _written(event.call.args[0], event.frame)))
            )
        )
    for part in ast.walk(around):
        match part:
            case ast.Assign(targets=[ast.Subscript() as entry], value=value):
                if _is_name(value, number) and CLASS.search(ast.unparse(entry)):
                    return True
            case ast.For() if part is not around:
                if any(_keeps(each, number) for each in ast.walk(part)):
                    return True
            case ast.ListComp(elt=each) | ast.GeneratorExp(elt=each):
                if _stands_in(each, number):
                    return True
    return False


def _keeps(node: ast.AST, number: str) -> bool:
    """Whether a number is appended or given out, alone or beside something."""
    match node:
        case ast.Call(func=ast.Attribute(attr="append"), args=[given]):
            return _is_name(given, number) or _stands_in(given, number)
        case ast.Yield(value=ast.expr() as given):
            return _stands_in(given, number)
    return False


def _stands_in(expr: ast.expr, number: str) -> bool:
    return isinstance(expr, ast.Tuple) and any(_is_name(e, number) for e in expr.elts)


def _is_name(expr: ast.expr, name: str) -> bool:
    return isinstance(expr, ast.Name) and expr.id == name


def _is_sorted_in_place(run: Run, expr: ast.expr) -> bool:
    """Whether something is put in order by its own method anywhere."""
    return "sort" in run.main.calls and any(
        isinstance(node, ast.Attribute)
        and node.attr == "sort"
        and ast.unparse(node.value) == ast.unparse(expr)
        for node in run.main.parent
    )
