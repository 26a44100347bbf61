"""What a layer makes of its input, and the layers inside a Sequential."""

import ast
from weakref import WeakKeyDictionary

from .. import names
from ..flow import Module
from ..values import (
    NOTHING,
    Class,
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
    one,
)
from . import arguments
from .classes import inherits, is_network, method
from .follows import Follows

FILLS = {"add_module", "register_module", "append", "extend", "insert"}
# The names to which something is added, each with its scope.
_filled: WeakKeyDictionary[Module, set[tuple[ast.AST, str]]] = WeakKeyDictionary()


def instance(follower: Follows, value: Object, call: ast.Call, frame: Frame) -> Values:
    """What calling an instance gives: ``forward`` of a module, else ``__call__``."""
    if isinstance(value.of, Class):
        name = "forward" if is_network(follower, value) else "__call__"
        bound = method(follower, value, name) or method(follower, value, "__call__")
        if bound is not None:
            return follower.returned(follower.enter(bound, call, frame))
        if not inherits(follower, value.of, ("torch.nn.Sequential",)):
            return one(Unknown(call, frame))
    inputs = follower.value(call.args[0], frame) if call.args else NOTHING
    return applied(follower, value, inputs, call, frame)


def applied(
    follower: Follows, layer: Value, inputs: Values, node: ast.AST, frame: Frame
) -> Values:
    """What a library's layer makes of its input."""
    made = made_by(layer)
    if made in names.SOFTMAX_LAYERS:
        kind = names.SOFTMAX_LAYERS[made]
        assert isinstance(layer, Object)
        where = layer.call if kind != "logits" and layer.call else node
        of = layer.frame if where is layer.call and layer.frame else frame
        return output(kind, where, of, inputs)
    if made in names.SAME_NUMBERS_LAYERS:
        return inputs
    inner = layers(follower, layer, repeated=True)
    if inner is not None:
        whole = one(Object(Derived("call", (layer,)), _as_call(node), frame))
        at = inputs
        for entry in inner:
            if len(entry) != 1:
                return whole
            (only,) = entry
            if isinstance(only, Object) and isinstance(only.of, Class):
                forward = method(follower, only, "forward")
                if forward is None:
                    return whole
                at = follower.returned(follower.enter(forward, None, None))
            else:
                at = applied(follower, only, at, node, frame)
        return at if all(isinstance(v, Output) for v in at) else whole
    return one(Object(Derived("call", (layer,)), _as_call(node), frame))


def _as_call(node: ast.AST) -> ast.Call | None:
    return node if isinstance(node, ast.Call) else None


def output(kind: str, node: ast.AST, frame: Frame, inputs: Values) -> Values:
    """A tensor that something was done to; a second log_softmax changes nothing."""
    if kind == "log_softmax" and inputs:
        kinds = {v.kind if isinstance(v, Output) else "" for v in inputs}
        if kinds == {"log_softmax"}:
            return inputs
    of = next(iter(inputs)) if len(inputs) == 1 else None
    return one(Output(kind, node, frame, of if isinstance(of, Output) else None))


def layers(
    follower: Follows, value: Value, repeated: bool = False
) -> list[Values] | None:
    """The entries of an ``nn.Sequential``, if they are in the open.

    With ``repeated`` some of them may be there several times.
    """
    if isinstance(value, Object) and isinstance(value.of, Class):
        value = _as_sequential(follower, value, value.of) or value
    if made_by(value) != "torch.nn.Sequential":
        return None
    assert isinstance(value, Object)
    if value.call is None or value.frame is None or value.call.keywords:
        return None
    if _is_filled_later(value.call, value.frame.module):
        return None
    args = value.call.args
    if len(args) == 1 and not isinstance(args[0], ast.Starred):
        (only, *more) = follower.value(args[0], value.frame) or (None,)
        if not more and made_by(only) in names.LOADERS if only else False:
            return None
        if not more and isinstance(only, Object) and made_by(only).endswith("Dict"):
            only = next(iter(arguments.made_with(follower, only, 0, "") or (only,)))
            if isinstance(only, Items):  # OrderedDict([("name", layer), ...])
                pairs = [next(iter(p)) for p in only.values if len(p) == 1]
                if all(isinstance(p, Items) and len(p.values) == 2 for p in pairs):
                    return [p.values[1] for p in pairs if isinstance(p, Items)]
            return None
    found: list[Values] = []
    for arg in args:
        values = follower.value(arg, value.frame)
        if isinstance(arg, ast.Starred):
            (spread,) = values if len(values) == 1 else (None,)
            if not isinstance(spread, Items) or spread.repeated > repeated:
                return None
            found += spread.values
        else:
            found.append(values)
    return found


def _is_filled_later(call: ast.Call, module: Module) -> bool:
    """Whether layers are added to a Sequential after it was made: ``add_module``."""
    if module not in _filled:
        _filled[module] = {
            (module.scope(node), ast.unparse(node.func.value))
            for node in module.parent
            if isinstance(node, ast.Call)
            and isinstance(node.func, ast.Attribute)
            and node.func.attr in FILLS
        }
    match module.parent.get(call):
        case ast.Assign(targets=targets) as statement:
            scope = module.scope(statement)
            return any((scope, ast.unparse(t)) in _filled[module] for t in targets)
    return False


def _as_sequential(follower: Follows, value: Object, cls: Class) -> Object | None:
    """The Sequential that a class of the files builds in its ``__init__``."""
    if not inherits(follower, cls, ("torch.nn.Sequential",)):
        return None
    init = method(follower, value, "__init__")
    if method(follower, value, "forward") or not init:
        return None
    frame = follower.enter(init, value.call, value.frame)
    for node in ast.walk(init.node):
        match node:
            case ast.Call(ast.Attribute(ast.Call(ast.Name("super")), "__init__")):
                return Object(External("torch.nn.Sequential"), node, frame)
    return None


def log(inputs: Values, call: ast.Call, frame: Frame) -> Values:
    kinds = {v.kind if isinstance(v, Output) else "" for v in inputs}
    if kinds == {"softmax"}:
        return one(Output("log_softmax", call, frame))
    return one(Unknown(call, frame))
