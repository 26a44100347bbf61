"""The ways of a tensor through a block: which layers, which strides."""

import ast
from collections.abc import Iterator
from dataclasses import dataclass

from review import calling, layering, names
from review.events import Run
from review.flow import Module
from review.values import (
    Const,
    Derived,
    External,
    Frame,
    Items,
    Object,
    Output,
    Unknown,
    Value,
    Values,
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


@dataclass(frozen=True)
class Path:
    """The way of a tensor from a block's input: the layers it went through."""

    start: Value
    layers: tuple[Object, ...] = ()

    def strides(self, run: Run) -> list[Value] | None:
        """The strides other than 1, or ``None`` if one is not known."""
        found: list[Value] = []
        for layer in self.layers:
            made = made_by(layer)
            if made in names.CONVOLUTIONS:
                values = calling.given(run.follower, layer, 3, "stride")
            elif made.startswith(POOLS):
                values = calling.given(run.follower, layer, 1, "stride")
                values = values or calling.given(run.follower, layer, 0, "kernel_size")
            else:
                continue
            if not values:
                continue
            if len(values) > 1:
                return None
            (value,) = values
            if isinstance(value, Items):
                value = next(iter(value.values[0]), value) if value.values else value
            if not isinstance(value, Const | Unknown):
                return None
            if value != Const(1, int):
                found.append(value)
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
    """Find the sums of two ways from one input in the forward that is traced."""
    root = run.root
    frame, module = run.frame, run.frame.module
    if not isinstance(root, ast.FunctionDef) or module.class_of(root) is None:
        return
    for node in ast.walk(root):
        match node:
            case ast.BinOp(left=left, op=ast.Add(), right=right):
                pass
            case ast.AugAssign(target=ast.Name() as left, op=ast.Add(), value=right):
                pass
            case _:
                continue
        if _is_conditional(module, node, root):
            continue
        a, b = paths(run, run.value(left, frame)), paths(run, run.value(right, frame))
        if a is None or b is None or {p.start for p in a} != {p.start for p in b}:
            continue
        long_a, long_b = (min(len(p.convolutions()) for p in ways) for ways in (a, b))
        if max(long_a, long_b) > 0:
            branch, shortcut = (a, b) if long_a >= long_b else (b, a)
            yield Sum(node, frame, branch, shortcut)


def _is_conditional(module: Module, node: ast.AST, root: ast.AST) -> bool:
    at_node = module.parent[node]
    while at_node is not root:
        if isinstance(at_node, ast.If | ast.IfExp):
            return True
        at_node = module.parent[at_node]
    return False
