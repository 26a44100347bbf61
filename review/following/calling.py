"""What a call gives."""

import ast

from .. import names
from ..values import (
    NOTHING,
    Class,
    Const,
    Derived,
    External,
    Frame,
    Function,
    Items,
    Object,
    Output,
    Partial,
    Unknown,
    Value,
    Values,
    Wrapped,
    const,
    one,
)
from . import arguments, layering, parts
from .classes import is_network, method
from .follows import Follows

ROUNDING = {"builtins.int", "builtins.float", "builtins.round", "builtins.abs"}
COMPUTED = {  # functions of numbers that are kept as they stand
    "tqdm.trange", "tqdm.auto.trange", "builtins.len", "builtins.min", "builtins.max",
    "builtins.range", "builtins.int", "builtins.float", "builtins.round",
    "builtins.sum", "math.floor", "math.ceil",
}  # fmt: skip
COPIES = {"copy.copy", "builtins.dict", "collections.OrderedDict"}  # same tensors


def result(follower: Follows, call: ast.Call, frame: Frame) -> Values:
    """What a call gives."""
    if isinstance(call.func, ast.Attribute):
        by_method = _method_result(follower, call, call.func, frame)
        if by_method is not None:
            return by_method
    callees = follower.value(call.func, frame)
    if len(callees) > 1:  # nobody calls None: a test before the call has seen to it
        callees -= const(None)
    return follower.every(callees, lambda value: called(follower, value, call, frame))


def called(follower: Follows, value: Value, call: ast.Call, frame: Frame) -> Values:
    """What calling one value gives."""
    if isinstance(value, Function):
        return follower.returned(follower.enter(value, call, frame))
    if isinstance(value, Partial):
        if isinstance(value.target, Function):
            entered = follower.enter(value.target, call, frame, value)
            return follower.returned(entered)
        return called(follower, value.target, call, frame)
    if isinstance(value, Class):
        return one(Object(value, call, frame))
    if isinstance(value, External):
        return _library(follower, value, call, frame)
    if isinstance(value, Wrapped):
        return called(follower, value.inner, call, frame)
    if isinstance(value, Object):
        return layering.instance(follower, value, call, frame)
    if isinstance(value, Derived):
        return one(Object(value, call, frame))
    return one(Unknown(call, frame))


def _library(
    follower: Follows, value: External, call: ast.Call, frame: Frame
) -> Values:
    """What a library's function or class gives."""
    name = value.name
    first = call.args[0] if call.args and not arguments.has_spread(call) else None
    inputs = follower.value(first, frame) if first is not None else NOTHING
    if name in names.SOFTMAX:
        if first is None:
            expr = arguments.argument_expr(call, 0, "input")
            inputs = follower.value(expr, frame) if expr else NOTHING
        return layering.output(names.SOFTMAX[name], call, frame, inputs)
    if name in names.LOG:
        return layering.log(inputs, call, frame)
    if name in names.SAME_NUMBERS and first is not None:
        known = [v for v in _spread_items(inputs) if isinstance(v, Output)]
        if known and len(known) == len(_spread_items(inputs)):
            return frozenset(known)
    if name in names.WRAPPERS and first is not None:
        by = names.WRAPPERS[name]
        return follower.every(inputs, lambda v: one(Wrapped(by, v)))
    if name in names.ITERATES and first is not None:
        return inputs
    if name == "builtins.next" and first is not None:
        return follower.every(inputs, lambda v: parts.element(follower, v))
    if name in ("builtins.enumerate", "builtins.zip"):
        zipped = tuple(
            next(iter(v)) if len(v) == 1 else Unknown(a, frame)
            for a in (call.args[:1] if name.endswith("enumerate") else call.args)
            for v in [follower.value(a, frame)]
        )
        return one(Derived(name.removeprefix("builtins."), zipped))
    if name == "builtins.dict" and not call.args and not arguments.has_spread(call):
        named = [(k.arg, follower.value(k.value, frame)) for k in call.keywords]
        return one(Items(tuple(v for _, v in named), tuple(k for k, _ in named)))
    if name == "functools.partial" and first is not None:
        return follower.every(inputs, lambda v: one(Partial(v, call, frame)))
    if name == "builtins.super":
        return _super(follower, frame)
    if name == "builtins.getattr" and len(call.args) >= 2:
        attr = call.args[1]
        if isinstance(attr, ast.Constant) and isinstance(attr.value, str):
            pretend = ast.Attribute(call.args[0], attr.value, ast.Load())
            return follower.value(ast.copy_location(pretend, call), frame)
    if name in COMPUTED:
        return _computed(follower, name, call, frame)
    return one(Object(value, call, frame))


def _spread_items(values: Values) -> list[Value]:
    """The entries of lists among the values, for ``torch.stack([...])``."""
    found: list[Value] = []
    for value in values:
        if isinstance(value, Items):
            found += [v for entry in value.values for v in entry]
        elif isinstance(value, Derived) and value.how == "each":
            found += value.parts
        else:
            found.append(value)
    return found


def _super(follower: Follows, frame: Frame) -> Values:
    at: Frame | None = frame
    while at is not None and at.function is not None:
        cls = at.module.class_of(at.function)
        if cls is not None and at.owner is not None:
            around = at.outer or follower.top(at.module)
            return one(Derived("super", (at.owner, Class(cls, around))))
        at = at.outer
    return one(Derived("super", (Const(None), Const(None))))


def _computed(follower: Follows, name: str, call: ast.Call, frame: Frame) -> Values:
    """``len(x)``, ``int(x)``, ``min(x, y)``: kept, or reckoned if it is a number."""
    parts = [follower.value(arg, frame) for arg in call.args]
    if any(len(part) != 1 for part in parts) or call.keywords:
        return one(Unknown(call, frame))
    only = tuple(next(iter(part)) for part in parts)
    plain = [v.value for v in only if isinstance(v, Const)]
    short = name.rpartition(".")[2]
    if len(plain) == len(only) and short in ("int", "float", "round", "floor", "ceil"):
        try:
            return const(float(plain[0]) if short == "float" else int(plain[0]))
        except (TypeError, ValueError, OverflowError, IndexError):
            return one(Unknown(call, frame))
    if short in ("int", "float", "round", "floor", "ceil") and len(only) == 1:
        return one(only[0])
    return one(follower.derived(short, only, "", call, frame))


def _method_result(
    follower: Follows, call: ast.Call, func: ast.Attribute, frame: Frame
) -> Values | None:
    """What a method gives whose meaning does not depend on the class."""
    name = func.attr
    base = follower.value(func.value, frame)
    if not base or any(isinstance(v, External | Class | Function) for v in base):
        return None
    if any(method(follower, v, name) for v in base):
        return None
    if all(is_network(follower, v) for v in base):
        return base if name in names.SAME_MODULE_METHODS else None
    if name in names.SOFTMAX_METHODS:
        return layering.output(name, call, frame, base)
    if name == "log":
        return layering.log(base, call, frame)
    outputs = [v for v in base if isinstance(v, Output)]
    if name in names.SAME_NUMBERS_METHODS:
        if len(outputs) == len(base) and (name != "detach" or len(outputs)):
            return base
        if name in ("to", "cuda", "cpu", "float", "contiguous", "requires_grad_"):
            return base  # the same thing for whoever asks which it is
        return None
    if name in ("train", "eval") and not outputs:
        return base
    if name == "scale" and len(call.args) == 1:
        return one(Output("scaled", call, frame, next(iter(base))))
    own = any(isinstance(v, Object) and isinstance(v.of, Class) for v in base)
    if name == "prepare" and not own and call.args and not arguments.has_spread(call):
        # accelerate gives back what it is given
        given_values = tuple(follower.value(arg, frame) for arg in call.args)
        return given_values[0] if len(given_values) == 1 else one(Items(given_values))
    if name in ("items", "values", "keys"):
        return follower.every(base, lambda v: _dictionary(v, name))
    if name == "copy" and not call.args:
        return None
    return None


def _dictionary(value: Value, name: str) -> Values:
    if isinstance(value, Items) and value.keys is not None:
        if name == "values":
            return one(Items(value.values))
        names_ = [const(key) for key in value.keys]
        if name == "keys":
            return one(Items(tuple(names_)))
        pairs = [one(Items(pair)) for pair in zip(names_, value.values, strict=True)]
        return one(Items(tuple(pairs)))
    return one(Derived(name, (value,)))
