"""Whether a network does something else in training than in evaluation."""

import ast
import re
from collections.abc import Collection

from . import names
from .events import Run
from .following import arguments
from .following.classes import bases, is_network, method
from .following.follower import DEEPEST_CALL
from .values import (
    Class,
    Const,
    External,
    Frame,
    Function,
    Items,
    Object,
    Unknown,
    Value,
    const,
    made_by,
    unwrap,
)

ANY = re.compile("")
STATEFUL = re.compile("BatchNorm|InstanceNorm|batch_norm|spectral_norm")
# Networks of timm and torchvision without BatchNorm, by their names.
PLAIN = re.compile(
    r"(^|[._/])(vit|deit|swin|beit|cait|eva|mixer|convnext|alexnet|squeezenet"
    r"|vgg\d+(?!_bn)(\b|_))",
    re.I,
)


def has_modes(run: Run, network: Value, only: re.Pattern[str] = ANY) -> bool:
    """Whether a network may do something else in training than in evaluation.

    Only a network whose every layer is in the files or in torch.nn, and none of them
    with a mode, is sure not to. With ``only``, layers by other names do not count.
    """
    todo, seen = [unwrap(network)], set()
    while todo:
        value = todo.pop()
        if value in seen:
            continue
        seen.add(value)
        made: list[Value] | None
        if isinstance(value, Function):
            made = _made_in(run, value.node, value.frame, only)
        elif isinstance(value, Object) and isinstance(value.of, Class):
            made = _made_by(run, value, value.of, only)
        elif made_by(value).startswith("torch.nn.") and isinstance(value, Object):
            made = _given_layers(run, value, only)
        elif only is STATEFUL and isinstance(value, Object) and value.call:
            name, frame = made_by(value), value.frame or run.frame
            made = None if _may_be_stateful(run, name, value.call, frame) else []
        else:
            return True
        if made is None:
            return True
        todo += made
    return False


def keeps_statistics(run: Run, network: Value) -> bool:
    """Whether a pass in training mode may leave something behind in a network.

    Dropout leaves nothing. A network of timm by an unknown name may have no BatchNorm.
    """
    return has_modes(run, network, STATEFUL)


def _may_be_stateful(run: Run, name: str, call: ast.Call, frame: Frame) -> bool:
    """Whether a library's network has BatchNorm, as far as its name says."""
    if not name.startswith("timm.create"):
        return not PLAIN.search(name)
    expr = arguments.argument_expr(call, 0, "model_name")
    named = run.value(expr, frame)
    return bool(named) and all(
        isinstance(v, Const) and not PLAIN.search(str(v.value)) for v in named
    )


def _given_layers(run: Run, layer: Object, only: re.Pattern[str]) -> list[Value] | None:
    """What a Sequential or the like is called with; ``None`` for a layer with modes."""
    if layer.call is None or (frame := layer.frame) is None:
        return []
    if _differs(run, made_by(layer), layer.call, frame, only):
        return None
    given: list[Value] = []
    for arg in layer.call.args:
        for value in run.value(arg, frame):
            if isinstance(value, Items):  # Sequential(*layers), ModuleList([...])
                given += [v for entry in value.values for v in entry]
            elif isinstance(arg, ast.Starred):
                return None  # layers that nobody sees here
            else:
                given.append(value)
    return [unwrap(v) for v in given if is_network(run.follower, v)]


def _made_by(
    run: Run, network: Object, cls: Class, only: re.Pattern[str]
) -> list[Value] | None:
    """What a class of the files calls, and its bases; ``None`` as :func:`_made_in`."""
    found: list[Value] = []
    init = method(run.follower, network, "__init__")
    known: tuple[ast.AST, ...] = ()
    if init is not None and network.call is not None:
        # Here, and not in the class, it is known what the constructor is given.
        known = (init.node,)
        frame = run.follower.enter(init, network.call, network.frame)
        made = _made_in(run, init.node, frame, only)
        if made is None:
            return None
        found += made
    for base in bases(run.follower, cls):
        if isinstance(base, External):
            if base.name.startswith(names.HIDDEN):
                return None
            if base.name in names.MODED and only.search(base.name):
                return None
        elif isinstance(base, Class):
            made = _made_in(run, base.node, base.frame, only, known)
            if made is None:
                return None
            found += made
    return found


def _made_in(
    run: Run,
    node: ast.AST,
    frame: Frame,
    only: re.Pattern[str],
    without: Collection[ast.AST] = (),
) -> list[Value] | None:
    """What a piece of code calls; ``None`` if it has modes, or may have."""
    found: list[Value] = []
    todo = [node]
    while todo:
        at = todo.pop()
        todo += [child for child in ast.iter_child_nodes(at) if child not in without]
        match at:
            case ast.Attribute(attr="training", ctx=ast.Load()) if only is ANY:
                return None
            case ast.Call():
                pass
            case _:
                continue
        for callee in run.value(at.func, frame):
            if isinstance(callee, Unknown):
                return None
            if isinstance(callee, External) and _differs(
                run, callee.name, at, frame, only
            ):
                return None
            if isinstance(callee, Class):
                known = frame.depth < DEEPEST_CALL  # a block may hold itself
                found.append(Object(callee, *((at, frame) if known else (None, None))))
            elif isinstance(callee, Function):
                found.append(callee)
    return found


def _differs(
    run: Run, name: str, call: ast.Call, frame: Frame, only: re.Pattern[str]
) -> bool:
    """Whether a layer or function of a library may do something else in training."""
    if name.startswith(names.HIDDEN):
        return only is not STATEFUL or _may_be_stateful(run, name, call, frame)
    if name not in names.MODED or not only.search(name):
        return False
    if arguments.has_spread(call):
        return True
    for position, keyword, default, off in names.MODED[name]:
        expr = arguments.argument_expr(call, position, keyword)
        values = const(default) if expr is None else run.value(expr, frame)
        if all(isinstance(v, Const) and v.value == off for v in values) and values:
            return False
    return True
