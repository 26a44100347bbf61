"""What a call passes, and what a parameter is given.

``..._expr`` finds an expression in the text, ``..._values`` everything that it can be.
"""

import ast

from ..flow import FUNCTIONS
from ..values import (
    NOTHING,
    Frame,
    Items,
    Object,
    Partial,
    Unknown,
    Values,
    one,
)
from .classes import annotated
from .follows import Follows


def argument_expr(
    call: ast.Call, position: int | None, keyword: str
) -> ast.expr | None:
    """The expression given for a parameter, if it is given in the open."""
    for given in call.keywords:
        if given.arg == keyword:
            return given.value
    if position is None or position >= len(call.args):
        return None
    if any(isinstance(arg, ast.Starred) for arg in call.args[: position + 1]):
        return None
    return call.args[position]


def has_spread(call: ast.Call) -> bool:
    """Whether a call passes ``*args`` or ``**kwargs``."""
    return any(isinstance(arg, ast.Starred) for arg in call.args) or any(
        keyword.arg is None for keyword in call.keywords
    )


def spread_values(
    follower: Follows, call: ast.Call, frame: Frame, keyword: str
) -> Values | None:
    """What ``**kwargs`` passes for a parameter; ``None`` if that is not known."""
    found: Values = NOTHING
    for given in call.keywords:
        if given.arg is not None:
            continue
        if isinstance(given.value, ast.Name) and (
            given.value.id in frame.module.refilled
        ):
            return None
        values = follower.value(given.value, frame)
        (only,) = values if len(values) == 1 else (None,)
        if not isinstance(only, Items) or only.keys is None:
            return None
        if keyword in only.keys:
            found = only.values[only.keys.index(keyword)]
    return found


def argument_values(
    follower: Follows,
    call: ast.Call,
    frame: Frame,
    position: int | None,
    keyword: str,
) -> Values:
    """What a call passes for a parameter; nothing if it certainly passes none."""
    expr = argument_expr(call, position, keyword)
    if expr is not None:
        return follower.value(expr, frame)
    return spread_values(follower, call, frame, keyword) or NOTHING


def made_with(
    follower: Follows, made: Object | Partial, position: int | None, keyword: str
) -> Values:
    """What an object was made with; nothing if the argument is not given."""
    if made.call is None or made.frame is None:
        return NOTHING
    return argument_values(follower, made.call, made.frame, position, keyword)


def parameter_values(follower: Follows, arg: ast.arg, frame: Frame) -> Values:
    """What a parameter is in a frame: the caller's argument or the default."""
    function = frame.function
    if not isinstance(function, FUNCTIONS):
        return one(Unknown(arg, frame))
    args = function.args
    positional = args.posonlyargs + args.args
    bound = frame.owner is not None
    if bound and positional and arg is positional[0]:
        assert frame.owner is not None
        return one(frame.owner)
    if frame.call is None or frame.caller is None or arg is args.kwarg:
        return annotated(follower, arg, frame) or one(Unknown(arg, frame))
    if arg is args.vararg:
        rest = frame.call.args[len(positional) - bound :]
        if has_spread(frame.call):
            return one(Unknown(arg, frame))
        return one(Items(tuple(follower.value(e, frame.caller) for e in rest)))
    position = positional.index(arg) - bound if arg in positional else None
    if frame.bound is not None:  # functools.partial came first
        if position is not None:
            position -= len(frame.bound.call.args) - 1
        early = argument_expr(frame.bound.call, None, arg.arg)
        if position is not None and position < 0:
            early = frame.bound.call.args[position]
        if early is not None and argument_expr(frame.call, None, arg.arg) is None:
            return follower.value(early, frame.bound.frame)
    expr = argument_expr(frame.call, position, arg.arg)
    if expr is not None:
        return follower.value(expr, frame.caller)
    if has_spread(frame.call):
        starred = any(isinstance(a, ast.Starred) for a in frame.call.args)
        known = spread_values(follower, frame.call, frame.caller, arg.arg)
        if starred or known is None:
            return one(Unknown(arg, frame))
        if known:
            return known
    expr = default_expr(args, arg)
    if expr is None:
        return one(Unknown(arg, frame))
    return follower.value(expr, frame.outer or frame)


def caller_expr(name: ast.Name, frame: Frame) -> tuple[ast.expr, Frame] | None:
    """What a caller wrote for a parameter that was not assigned to since."""
    defined = frame.module.definitions(name)
    if len(defined) != 1 or frame.call is None or frame.caller is None:
        return None
    (arg,), function = defined, frame.function
    if not isinstance(function, FUNCTIONS) or frame.bound is not None:
        return None
    positional = function.args.posonlyargs + function.args.args
    if arg not in (*positional, *function.args.kwonlyargs):
        return None
    at = positional.index(arg) - (frame.owner is not None) if arg in positional else -1
    expr = argument_expr(frame.call, at if at >= 0 else None, arg.arg)
    return None if expr is None else (expr, frame.caller)


def default_expr(args: ast.arguments, arg: ast.arg) -> ast.expr | None:
    """The default of a parameter of a function, if it has one."""
    positional = args.posonlyargs + args.args
    if arg in args.kwonlyargs:
        return args.kw_defaults[args.kwonlyargs.index(arg)]
    if arg not in positional:
        return None
    index = positional.index(arg) - (len(positional) - len(args.defaults))
    return args.defaults[index] if index >= 0 else None
