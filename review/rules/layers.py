"""Layers by themselves: a bias too many, a momentum from another library."""

import ast
from collections.abc import Iterator

from .. import names
from ..events import Event, Run
from ..following import arguments, layering
from ..rule import Hits, at, hit, rule
from ..values import (
    Derived,
    External,
    Frame,
    Object,
    Unknown,
    Value,
    const,
    made_by,
    number,
)

SUSPICIOUS = 0.5  # BatchNorm's momentum is 0.1; Keras writes the same as 0.9


@rule("NOTE032")
def bias_before_batch_norm(run: Run) -> Hits:
    """Find convolutions with a bias whose output goes straight into BatchNorm."""
    for conv, norm in _neighbours(run):
        if made_by(conv) not in names.CONVOLUTIONS or not isinstance(conv, Object):
            continue
        if made_by(norm) not in names.BATCH_NORMS:
            continue
        bias = arguments.made_with(run.follower, conv, 7, "bias")
        if bias and bias != const(True):
            continue
        if conv.call and conv.frame and not arguments.has_spread(conv.call):
            text = "This convolution has a bias that BatchNorm takes away."
            yield hit(conv.call, conv.frame, text)


def _neighbours(run: Run) -> Iterator[tuple[Value, Value]]:
    """Layers of which the second certainly gets what the first one gives."""
    for event in run.named("torch.nn.Sequential"):
        for made in run.value(event.node, event.frame):
            layers = layering.layers(run.follower, made, repeated=True) or []
            for first, second in zip(layers, layers[1:], strict=False):
                if len(first) == len(second) == 1:
                    yield next(iter(first)), next(iter(second))
    for event in run.of("forward"):
        given = run.value(event.call.args[0], event.frame) if event.call.args else ()
        if len(given) != 1 or len(event.subject) != 1:
            continue
        (output,) = given
        of = output.of if isinstance(output, Object) else None
        if isinstance(of, Derived) and of.how == "call":
            yield of.parts[0], next(iter(event.subject))


@rule("NOTE901")
def keras_momentum(run: Run) -> Hits:
    """Find BatchNorm layers with a momentum of a half or more."""
    for event in run.events:
        if event.kind == "store" and event.name == "momentum =":
            value = getattr(event.node, "value", None)
            momentum = number(run.value(value, event.frame))
            if not _is_norm(event):
                continue
        elif isinstance(event.node, ast.Call):
            momentum = _given_momentum(run, event.node, event.frame, event.name)
        else:
            continue
        if momentum is not None and momentum >= SUSPICIOUS:
            yield at(
                event,
                f"momentum={momentum:g} is the weight of the newest batch.",
            )


def _is_norm(event: Event) -> bool:
    """Whether an attribute is set on a BatchNorm, or after asking for one."""
    if any(made_by(v) in names.BATCH_NORMS for v in event.subject):
        return True
    tests = [a.node.test for a in event.around if isinstance(a.node, ast.If)]
    return any("BatchNorm" in ast.dump(test) for test in tests)


def _given_momentum(run: Run, call: ast.Call, frame: Frame, name: str) -> float | None:
    position: int | None = 2
    if name == "functools.partial" and call.args:
        layers = run.value(call.args[0], frame)
        position = None
    else:
        layers = run.value(call.func, frame)
    if not any(isinstance(v, External) and v.name in names.BATCH_NORMS for v in layers):
        return None
    values = arguments.argument_values(run.follower, call, frame, position, "momentum")
    for value in values:
        if isinstance(value, Unknown) and isinstance(value.node, ast.arg):
            function = frame.function  # a parameter: its default will often stand
            if isinstance(function, ast.FunctionDef):
                values = run.value(
                    arguments.default_expr(function.args, value.node), frame
                )
    return number(values)
