"""The ways of a tensor through a block: which layers, which strides."""

import ast
from collections.abc import Iterator
from dataclasses import dataclass

from . import names
from .events import Run
from .following import arguments, layering
from .following.branches import is_skippable
from .values import (
    Class,
    Const,
    Derived,
    External,
    Frame,
    Function,
    Items,
    Object,
    Output,
    Unknown,
    Value,
    Values,
    const,
    made_by,
)

POOLS = ("torch.nn.AvgPool", "torch.nn.MaxPool")
# Layers and functions that leave height and width as they are.
PLAIN = (
    "torch.nn.BatchNorm", "torch.nn.ReLU", "torch.nn.Identity", "torch.nn.Dropout",
    "torch.nn.GELU", "torch.nn.SiLU", "torch.nn.LeakyReLU", "torch.nn.GroupNorm",
    "torch.nn.InstanceNorm", "torch.nn.ELU", "torch.nn.Hardswish", "torch.nn.PReLU",
    "torch.nn.Mish", "torch.nn.SyncBatchNorm", "torch.nn.ReLU6",
)  # fmt: skip
PLAIN_FUNCTIONS = {"relu", "relu_", "gelu", "silu", "leaky_relu", "elu", "dropout"}
LONGEST = 40  # layers in a branch
MOST_INSTANCES = 8  # of a class that are looked at


@dataclass(frozen=True)
class Path:
    """The way of a tensor from a block's input: the layers it went through."""

    start: Value
    layers: tuple[Object, ...] = ()

    def steps(self, run: Run) -> list[Values]:
        """What the stride of each layer can be, where it is not certainly 1."""
        found: list[Values] = []
        for layer in self.layers:
            made = made_by(layer)
            if made in names.CONVOLUTIONS:
                values = arguments.made_with(run.follower, layer, 3, "stride")
            elif made.startswith(POOLS):
                values = arguments.made_with(run.follower, layer, 1, "stride")
                values = values or arguments.made_with(
                    run.follower, layer, 0, "kernel_size"
                )
            else:
                continue
            sides = frozenset(
                side
                for v in values
                for side in (v.values[0] if isinstance(v, Items) and v.values else (v,))
            )
            if sides - const(1):
                found.append(sides)
        return found

    def strides(self, run: Run) -> list[Value] | None:
        """The strides other than 1, or ``None`` if one is not known."""
        found: list[Value] = []
        for sides in self.steps(run):
            (side,) = sides if len(sides) == 1 else (None,)
            if not isinstance(side, Const | Unknown):
                return None
            found.append(side)
        return found

    def convolutions(self) -> list[Object]:
        """The convolutions among the layers."""
        return [layer for layer in self.layers if made_by(layer) in names.CONVOLUTIONS]


def paths(run: Run, values: Values, depth: int = LONGEST) -> set[Path] | None:
    """The ways a tensor may have come, or ``None`` if one is not known."""
    found: set[Path] = set()
    for value in values:
        ways = _paths(run, value, depth)
        if ways is None:
            return None
        found |= ways
    return found if found and len(found) <= 8 else None


def _paths(run: Run, value: Value, depth: int) -> set[Path] | None:
    if isinstance(value, Unknown):
        return {Path(value)} if isinstance(value.node, ast.arg) else None
    if isinstance(value, Output) and isinstance(value.node, ast.Call):
        return None
    if not isinstance(value, Object) or value.call is None or value.frame is None:
        return None
    if depth <= 0:
        return None
    of = value.of
    if isinstance(of, Derived) and of.how == "attr" and of.name in PLAIN_FUNCTIONS:
        return paths(run, frozenset(of.parts), depth - 1)
    if not value.call.args:
        return None
    inputs = run.value(value.call.args[0], value.frame)
    if isinstance(of, External):
        if of.name.rpartition(".")[2] in PLAIN_FUNCTIONS:
            return paths(run, inputs, depth - 1)
        return None
    if isinstance(of, Derived) and of.how == "call":
        ways = paths(run, inputs, depth - 1)
        layers = flat(run, of.parts[0])
        if ways is None or layers is None:
            return None
        return {Path(way.start, (*way.layers, *layers)) for way in ways}
    return None


def flat(run: Run, layer: Value, depth: int = 4) -> list[Object] | None:
    """The layers inside a layer, if none of them does something unknown to shapes."""
    made = made_by(layer)
    if not isinstance(layer, Object) or depth == 0:
        return None
    inner = layering.layers(run.follower, layer)
    if inner is not None:
        found: list[Object] = []
        for entry in inner:
            part = flat(run, next(iter(entry)), depth - 1) if len(entry) == 1 else None
            if part is None:
                return None
            found += part
        return found
    if made in names.CONVOLUTIONS or made.startswith((*PLAIN, *POOLS)):
        return [layer]
    return None


@dataclass(frozen=True)
class Sum:
    """A branch and a shortcut that are added in a ``forward``."""

    node: ast.AST
    frame: Frame
    branch: set[Path]
    shortcut: set[Path]


def sums(run: Run) -> Iterator[Sum]:
    """Find the sums of two ways from one input in the forward that is traced.

    Once for the class, and once for each of its instances that the files make.
    """
    root, owner = run.root, run.frame.owner
    module = run.frame.module
    if not isinstance(root, ast.FunctionDef) or not isinstance(owner, Object):
        return
    added = [
        (node, parts)
        for node in ast.walk(root)
        if (parts := _added(node)) and not is_skippable(module, node, root)
    ]
    if not added:
        return
    frames = [run.frame]
    for made in run.once(_instances).get(owner.of, ())[:MOST_INSTANCES]:
        function = Function(root, run.frame.outer or run.frame, made)
        frames.append(run.follower.enter(function, None, None))
    for frame in frames:
        for node, (left, right) in added:
            a = paths(run, run.value(left, frame))
            b = paths(run, run.value(right, frame))
            if not a or not b or {p.start for p in a} != {p.start for p in b}:
                continue
            longer = [min(len(p.convolutions()) for p in ways) for ways in (a, b)]
            if max(longer) > 0:
                branch, shortcut = (a, b) if longer[0] >= longer[1] else (b, a)
                yield Sum(node, frame, branch, shortcut)


def _added(node: ast.AST) -> tuple[ast.expr, ast.expr] | None:
    match node:
        case ast.BinOp(left=left, op=ast.Add(), right=right):
            return left, right
        case ast.AugAssign(target=ast.Name() as left, op=ast.Add(), value=right):
            return left, right
        case ast.Call(ast.Attribute(ast.Name(id="torch"), "add"), [left, right]):
            return left, right
    return None


def _instances(run: Run) -> dict[Value, list[Object]]:
    """What calling the classes of the files makes."""
    table: dict[Value, list[Object]] = {}
    for event in (e for other in run.others for e in other.of("call", "opaque")):
        for made in run.value(event.node, event.frame):
            if isinstance(made, Object) and isinstance(made.of, Class):
                known = table.setdefault(made.of, [])
                if made not in known:
                    known.append(made)
    return table
