"""What a ``with`` or a decorator puts around a block: no gradients, autocast."""

import ast

from . import names
from .events import Around
from .flow import results
from .following import arguments
from .following.classes import decorators, method
from .following.follower import Follower
from .values import External, Frame, Function, Object, Partial, const, made_by

Target = tuple[Function, Partial | None]  # and what partial() has filled in


def guard(follower: Follower, context: ast.expr, frame: Frame) -> str:
    """The kind of a guard, or ``with`` for whatever else manages a block."""
    inner = context.func if isinstance(context, ast.Call) else context
    for value in follower.value(inner, frame):
        if isinstance(value, External) and value.name in names.GUARDS:
            return _kind_of_guard(follower, value.name, context, frame)
    for value in follower.value(context, frame):
        made = made_by(value)
        if made in names.GUARDS and isinstance(value, Object) and value.call:
            return _kind_of_guard(follower, made, value.call, value.frame or frame)
    return "with"


def _kind_of_guard(
    follower: Follower, name: str, context: ast.expr, frame: Frame
) -> str:
    kind = names.GUARDS[name]
    if isinstance(context, ast.Call):
        if kind == "autocast":
            enabled = arguments.argument_expr(context, None, "enabled")
            off = enabled is not None and follower.value(enabled, frame) == const(False)
            return "no_autocast" if off else kind
        if context.args:
            value = follower.value(context.args[0], frame)
            if kind == "maybe_grad" or name == "torch.inference_mode":
                without = const(name == "torch.inference_mode")
                return names.NO_GRAD if value == without else "maybe_grad"
    return kind


def generator(follower: Follower, context: ast.expr, frame: Frame) -> ast.AST | None:
    """The function of the files that manages a block and runs it where it yields."""
    if not isinstance(context, ast.Call):
        return None
    callees = follower.value(context.func, frame)
    (only,) = callees if len(callees) == 1 else (None,)
    if not isinstance(only, Function) or "contextmanager" not in decorators(only.node):
        return None
    yielded, _ = results(only.node)
    return only.node if len(yielded) == 1 else None


def manager(follower: Follower, context: ast.expr, frame: Frame) -> list[Target]:
    """The methods of a class of the files that enter and leave a block."""
    values = follower.value(context, frame)
    (only,) = values if len(values) == 1 else (None,)
    if not isinstance(only, Object):
        return []
    found = [method(follower, only, name) for name in ("__enter__", "__exit__")]
    return [(each, None) for each in found if each is not None] if all(found) else []


def decorated(follower: Follower, node: ast.AST, frame: Frame) -> tuple[Around, ...]:
    """The guards that a function's decorators put around its body."""
    found = []
    for decorator in getattr(node, "decorator_list", ()):
        kind = guard(follower, decorator, frame.outer or frame)
        if kind != "with":
            found.append(Around(kind, node, frame))
    return tuple(found)


def is_decorated_outside(follower: Follower, node: ast.AST, frame: Frame) -> bool:
    """Whether a decorator may do something around a function's body."""
    for decorator in getattr(node, "decorator_list", ()):
        made = decorator.func if isinstance(decorator, ast.Call) else decorator
        for value in follower.value(made, frame.outer or frame):
            name = value.name if isinstance(value, External) else ""
            if name.split(".")[0] not in names.HARMLESS:
                return True
    return False
