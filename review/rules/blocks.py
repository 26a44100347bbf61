"""Notes 3 and 4: the strides of a block, and its shortcut."""

import ast
import re

from .. import names
from ..events import Event, Run
from ..flow import FUNCTIONS, Module
from ..following import arguments
from ..following.classes import bases, members
from ..rule import Hits, at, hit, line_of, rule
from ..values import (
    Class,
    Frame,
    Function,
    Object,
    Unknown,
    Value,
    Values,
    const,
    made_by,
    number,
)
from ..ways import Path, Sum, flat, sums


def _mismatched(run: Run, found: Sum) -> tuple[list[Value], list[Value]] | None:
    """The strides of branch and shortcut, if no choice of ways makes them agree."""
    pairs = []
    for way in found.branch:
        for short in found.shortcut:
            left, right = way.strides(run), short.strides(run)
            if left is None or right is None:
                return None
            if len({v for v in left + right if isinstance(v, Unknown)}) > 1:
                return None  # two names may stand for the same number
            if sorted(map(hash, left)) == sorted(map(hash, right)):
                return None
            pairs.append((left, right))
    return max(pairs, key=lambda pair: len(pair[1]))


def _written(run: Run, layer: Object, found: Sum) -> tuple[ast.AST, Frame] | None:
    """Where a layer is made: in a class, not in a function or layer that it uses."""
    node, frame = layer.call, layer.frame
    owner = found.frame.owner
    assert isinstance(owner, Object)
    assert isinstance(owner.of, Class)
    block = [b.node for b in bases(run.follower, owner.of) if isinstance(b, Class)]
    while frame is not None and frame.call is not None and frame.caller is not None:
        function = frame.function
        if function is None:
            break
        home = frame.module.class_of(function)
        if home in block or home and getattr(function, "name", "") != "__init__":
            break
        if home is None and not _only_makes(function):
            break
        node, frame = frame.call, frame.caller
    return None if node is None or frame is None else (node, frame)


def _only_makes(function: ast.AST) -> bool:
    """Whether a function does nothing but make a layer: ``conv3x3``."""
    body = (
        [
            stmt
            for stmt in getattr(function, "body", ())
            if not (isinstance(stmt, ast.Expr) and isinstance(stmt.value, ast.Constant))
        ]
        if isinstance(function, ast.FunctionDef)
        else []
    )
    return all(isinstance(stmt, ast.Return | ast.Assign) for stmt in body)


@rule("NOTE031")
def strided_twice(run: Run) -> Hits:
    """Compare the strides along a branch with those of its shortcut."""
    for found in run.found(sums):
        strides = _mismatched(run, found)
        if strides is None or not 1 <= len(strides[1]) < len(strides[0]):
            continue
        way = max(found.branch, key=lambda p: len(p.convolutions()))
        strided = [c for c in way.convolutions() if Path(c, (c,)).strides(run)]
        last = strided[-1]
        if (place := _written(run, last, found)) is not None:
            where = line_of(found.node, found.frame)
            yield hit(
                *place,
                f"{len(strides[0])} layers of this branch carry a stride and "
                f"{len(strides[1])} of the shortcut it is added to in {where}.",
            )


@rule("NOTE041")
def missing_projection(run: Run) -> Hits:
    """Find sums of an input and a branch whose stride is somewhere more than 1."""
    for found in run.found(sums):
        if any(p.layers for p in found.shortcut):
            continue
        if all(_is_strided(run, way) for way in found.branch):
            text = "The branch has a stride and the shortcut is the input itself"
            made = found.frame.owner
            if isinstance(made, Object) and made.call is not None and made.frame:
                where = line_of(made.call, made.frame)
                text = f"{text}; {where} gives a stride of more than 1"
            yield hit(found.node, found.frame, f"{text}.")


def _is_strided(run: Run, way: Path) -> bool:
    """Whether a stride along a way is more than 1 in one case at least."""
    return any(
        (number(frozenset((side,))) or 1) > 1
        for sides in way.steps(run)
        for side in sides
    )


@rule("NOTE042")
def other_stride(run: Run) -> Hits:
    """Compare the strides along a branch with those of a projection."""
    for found in run.found(sums):
        strides = _mismatched(run, found)
        projected = [p for p in found.shortcut if p.convolutions()]
        if strides is None or not projected or len(strides[0]) > len(strides[1]) > 0:
            continue
        conv = projected[0].convolutions()[0]
        place = _written(run, conv, found)
        if place is not None and not _is_for_stride(run, *place, strides):
            where = line_of(found.node, found.frame)
            yield hit(
                *place,
                "This projection has another stride than the branch it is added to in "
                f"{where}.",
            )


def _is_for_stride(
    run: Run, node: ast.AST, frame: Frame, strides: tuple[list[Value], list[Value]]
) -> bool:
    """Whether a projection with a stride of 2 is made only where the branch has one.

    ``if stride != 1`` says so of a network whose strides are 1 and 2.
    """
    branch, shortcut = map(frozenset, strides)
    parent = frame.module.parent
    while number(shortcut) == 2 and not isinstance(node, FUNCTIONS) and node in parent:
        inner, node = node, parent[node]
        match node:
            case ast.If(test=test, body=body) if inner in body:
                pass
            case ast.IfExp(test=test, body=body) if inner is body:
                pass
            case _:
                continue
        match test:
            case ast.Compare(left, [ast.NotEq() | ast.Gt()], [right]):
                asked = run.value(left, frame), run.value(right, frame)
                if asked == (branch, const(1)):
                    return True
    return False


@rule("NOTE043")
def one_condition(run: Run) -> Hits:
    """Read the condition under which a projection replaces the identity."""
    owner = run.frame.owner
    if getattr(run.root, "name", "") != "forward" or not isinstance(owner, Object):
        return
    if not isinstance(owner.of, Class):
        return
    module, cls = owner.of.frame.module, owner.of.node
    for stores in members(module)[0][cls].stores.values():
        for node, where in stores:
            frame = run.follower.enter(
                Function(where, owner.of.frame, owner), None, None
            )
            test, expr = _choice(module, node, len(stores))
            if test is None or expr is None:
                continue
            for value in run.value(expr, frame):
                for conv in flat(run, value) or ():
                    kernel = arguments.made_with(run.follower, conv, 2, "kernel_size")
                    if made_by(conv) not in names.CONVOLUTIONS or number(kernel) != 1:
                        continue
                    if missing := _forgotten(run, conv, test, frame):
                        text = f"This condition does not ask for {missing}."
                        yield hit(test, frame, text)


def _choice(
    module: Module, node: ast.AST, stores: int
) -> tuple[ast.expr | None, ast.expr | None]:
    """The condition under which an attribute becomes a value, and the value."""
    expr = module.origins[node].expr
    if isinstance(expr, ast.IfExp):
        return expr.test, expr.body
    around = module.parent[module.statement(node)]
    if isinstance(around, ast.If) and (stores > 1 or around.orelse):
        return around.test, expr
    return None, None


def _forgotten(run: Run, conv: Object, test: ast.expr, frame: Frame) -> str:
    """What a condition on comparisons of numbers does not ask for, or nothing."""
    asked: set[Value] = set()
    for node in ast.walk(test):
        if isinstance(node, ast.Call):
            return ""
        if isinstance(node, ast.Name | ast.Attribute):
            asked |= run.value(node, frame)
    if not any(isinstance(n, ast.Compare) for n in ast.walk(test)):
        return ""

    def parts(position: int, keyword: str) -> Values:
        return arguments.made_with(run.follower, conv, position, keyword)

    before, behind = parts(0, "in_channels"), parts(1, "out_channels")
    stride = parts(3, "stride")
    symbols = [v for v in stride if isinstance(v, Unknown)]
    channels = [v for v in before | behind if isinstance(v, Unknown)]
    if symbols and not asked & stride and asked & (before | behind):
        return "the stride"
    changes = before != behind and channels and not asked & (before | behind)
    return "the channels" if changes and asked & stride else ""


@rule("NOTE044")
def hasattr_shortcut(run: Run) -> Hits:
    """Find hasattr(self, ...) in methods of networks."""
    for event in run.named("builtins.hasattr"):
        if _asked_attribute(run, event.call) and event.frame.owner is not None:
            yield at(event, "hasattr() decides here whether a layer is there.")


@rule("NOTE045")
def hasattr_none(run: Run) -> Hits:
    """Find hasattr(self, name) in front of a call, in classes that set it to None."""
    for event in run.named("builtins.hasattr"):
        attr, owner = _asked_attribute(run, event.call), event.frame.owner
        if not attr or not isinstance(owner, Object) or not isinstance(owner.of, Class):
            continue
        module = owner.of.frame.module
        table = members(module)[0][owner.of.node]
        origins = [module.origins[node].expr for node, _ in table.stores.get(attr, ())]
        cleared = any(map(_may_be_none, origins))
        if cleared and _calls_it(event, attr):
            text = f"self.{attr} is set to None somewhere, and hasattr says yes."
            yield at(event, text)


def _may_be_none(expr: ast.AST | None) -> bool:
    if isinstance(expr, ast.IfExp):
        return _may_be_none(expr.body) or _may_be_none(expr.orelse)
    return isinstance(expr, ast.Constant) and expr.value is None


def _calls_it(event: Event, attr: str) -> bool:
    """Whether the branch behind a hasattr calls the attribute and asks no further."""
    module, node = event.frame.module, event.node
    while not isinstance(node, ast.If | ast.IfExp | ast.stmt):
        node = module.parent[node]
    if not isinstance(node, ast.If | ast.IfExp):
        return False
    calls = False
    for part in ast.walk(node):
        match part:
            case ast.Compare(ops=[ast.Is() | ast.IsNot()]):
                return False
            case ast.Call(func=ast.Attribute(value=ast.Name(id="self"), attr=name)):
                calls = calls or name == attr
    return calls


def _asked_attribute(run: Run, call: ast.Call) -> str:
    match call.args:
        case [ast.Name(id="self"), ast.Constant(value=str(attr))]:
            return attr
    return ""


SHORTCUT = re.compile(r"^(identity|shortcut|residual|skip|short_?cut|res)$", re.I)


@rule("NOTE046")
def forgotten_shortcut(run: Run) -> Hits:
    """Find a forward pass that keeps its shortcut and never uses it."""
    owner, root = run.frame.owner, run.root
    if getattr(root, "name", "") != "forward" or root is None:
        return
    if not isinstance(owner, Object) or not isinstance(owner.of, Class):
        return
    module = run.frame.module
    read = {n.id for n in ast.walk(root) if isinstance(n, ast.Name) and is_read(n)}
    for target in module.origins:
        if not isinstance(target, ast.Name) or module.scope(target) is not root:
            continue
        if SHORTCUT.match(target.id) and target.id not in read:
            text = f"{target.id} is computed here and never added to anything."
            yield hit(target, run.frame, text)


def is_read(name: ast.Name) -> bool:
    """Whether a name is read, not set."""
    return isinstance(name.ctx, ast.Load)
