"""What a call does, for the rules on order: a backward pass, a step, a mode."""

import ast
import re

from . import names
from .following import arguments
from .following.classes import is_network
from .following.follower import Follower
from .values import (
    NOTHING,
    Class,
    Derived,
    External,
    File,
    Frame,
    Function,
    Object,
    Output,
    Partial,
    Unknown,
    Value,
    Values,
    Wrapped,
    const,
    made_by,
    one,
    unwrap,
)

# A network or loss that comes from outside is known by its name alone.
NETWORK_NAME = re.compile(
    r"(^|_)(model|net|network|backbone|encoder|classifier|probe|student|teacher"
    r"|compiled)(_?\w{1,3})?$|^(netD|netG|cnn|resnet\d*|vit)$"
)
LOSS_NAME = re.compile(r"criterion|^loss_?(fn|func|fun|function)$|^(ce|bce)(_loss)?$")
STEPPED = (
    ("schedule", re.compile(r"sched|warmup|annealing", re.I)),
    ("scaler_step", re.compile(r"scaler", re.I)),
    ("step", re.compile(r"opt(im)?(imi[sz]er)?|^(sgd|adamw?)$", re.I)),
)
HANDLERS = re.compile(r"accelerator|fabric|engine|amp|strategy", re.I)

# Methods that neither step, nor clear, nor change a mode, whatever they belong to.
HARMLESS_METHODS = {
    "scale", "get_scale", "item", "state_dict", "parameters", "named_parameters",
    "modules", "named_modules", "children", "to", "cuda", "cpu", "size", "dim", "numel",
    "detach", "clone", "float", "get_last_lr", "sum", "mean", "argmax", "max",
    "register_forward_hook", "requires_grad_", "add_param_group",
}  # fmt: skip

Kind = tuple[str, Values, str]


def identifier(expr: ast.expr) -> str:
    """The last name in an expression: ``loss`` of ``self.losses.loss[0]``."""
    while isinstance(expr, ast.Subscript):
        expr = expr.value
    if isinstance(expr, ast.Attribute):
        return expr.attr
    return expr.id if isinstance(expr, ast.Name) else ""


def classify(follower: Follower, call: ast.Call, callees: Values, frame: Frame) -> Kind:
    """Say what a call does, to what, and by what name."""
    for callee in callees:
        by_value = _by_value(follower, callee, call, callees, frame)
        if by_value is not None:
            return by_value
    name = identifier(call.func)
    if all(isinstance(v, Unknown | Derived) for v in callees) and (
        LOSS_NAME.search(name)
    ):
        return "loss", callees, name
    if NETWORK_NAME.search(name) and all(map(_may_be_network, callees)):
        return "forward", callees, name
    if isinstance(call.func, ast.Call) and not call.args + call.keywords:
        # getattr(model, mode)(): it may be eval() or train()
        func = call.func
        getter = follower.value(func.func, frame)
        if len(func.args) == 2 and getter == one(External("builtins.getattr")):
            return "restore", follower.value(func.args[0], frame), ".train"
    if isinstance(call.func, ast.Attribute):
        by_method = _by_method(follower, call, call.func, frame)
        if by_method is not None:
            return by_method
    return "call", callees, name


def _may_be_network(value: Value) -> bool:
    """Whether nothing speaks against it: made by code that is not in the files."""
    if isinstance(value, Object):
        return isinstance(value.of, Unknown | Derived) or (
            isinstance(value.of, External)
            and value.of.name.split(".")[0] not in {*names.HARMLESS, "builtins"}
        )
    return isinstance(value, Unknown | Derived)


def _by_value(
    follower: Follower, callee: Value, call: ast.Call, callees: Values, frame: Frame
) -> Kind | None:
    if isinstance(callee, Partial):
        callee = callee.target
    if isinstance(callee, External):
        name = callee.name
        first = arguments.argument_expr(call, 0, "parameters")
        subject = NOTHING if first is None else follower.value(first, frame)
        if name in names.CLIPS:
            return "clip", subject, name
        if name == "torch.autograd.backward":
            return "backward", subject, name
        if name in names.LOSSES and name.startswith("torch.nn.functional."):
            return "loss", callees, name
        return "call", NOTHING, name
    made = made_by(callee)
    if made in names.LOSSES or (made.startswith("torch.nn.") and made.endswith("Loss")):
        return "loss", callees, made
    if is_network(follower, callee) and not made.startswith("torch.optim."):
        return "forward", callees, made
    return None


def _by_method(
    follower: Follower, call: ast.Call, func: ast.Attribute, frame: Frame
) -> Kind | None:
    attr, base = func.attr, follower.value(func.value, frame)
    name = f".{attr}"
    if all(isinstance(v, External | File) for v in base):
        return None
    match attr:
        case "backward" | "manual_backward":
            handled = attr == "manual_backward" or HANDLERS.search(
                identifier(func.value)
            )
            if handled and call.args:
                return "backward", follower.value(call.args[0], frame), name
            return "backward", base, name
        case "zero_grad":
            return "zero_grad", base, name
        case "step":
            return _role(follower, call, base, func.value, frame), base, name
        case "unscale_" | "unscale_gradients":
            return "unscale", base, name
        case "update" if _is_scaler(base, func.value):
            return "update", base, name
        case "clip_grad_norm_" | "clip_grad_value_" | "clip_gradients":
            return "clip", base, name
        case "eval" if not call.args:
            return "eval", base, name
        case "train" if len(call.args) + len(call.keywords) <= 1:
            return _mode(follower, call, frame), base, name
        case "append" | "extend" | "add" if call.args:
            return "grow", follower.value(call.args[0], frame), name
        case "forward" if any(is_network(follower, v) for v in base):
            return "forward", base, name
    return ("call", base, name) if not attr.startswith("__") else None


def _mode(follower: Follower, call: ast.Call, frame: Frame) -> str:
    if not call.args and not call.keywords:
        return "train"
    given = call.args[0] if call.args else call.keywords[0].value
    value = follower.value(given, frame)
    if value == const(True):
        return "train"
    return "eval" if value == const(False) else "restore"


def _is_scaler(base: Values, expr: ast.expr) -> bool:
    if any(made_by(v) in names.SCALERS for v in base):
        return True
    return all(isinstance(v, Unknown | Derived) for v in base) and (
        "scaler" in identifier(expr).lower()
    )


def _role(
    follower: Follower, call: ast.Call, base: Values, expr: ast.expr, frame: Frame
) -> str:
    """Whose ``step`` it is: by what made the thing, or by its name."""
    for value in base:
        made = made_by(unwrap(value))
        if "lr_scheduler" in made or "schedule" in made.lower():
            return "schedule"
        if made in names.SCALERS:
            return "scaler_step"
        if made.startswith("torch.optim.") or "optim" in made.lower():
            return "step"
    if call.args and any(
        made_by(v).startswith("torch.optim.")
        for v in follower.value(call.args[0], frame)
    ):
        return "scaler_step"
    name = identifier(expr)
    for kind, pattern in STEPPED:
        if pattern.search(name):
            return kind
    return "call"


def _of_library(value: Value) -> bool:
    return made_by(value).split(".")[0] in names.HARMLESS


def is_opaque(callees: Values) -> bool:
    """Whether a call may do anything to what it is given."""
    for value in callees:
        if isinstance(value, Derived) and value.how == "attr":
            if value.name not in HARMLESS_METHODS and not _of_library(value.parts[0]):
                return True
        elif isinstance(value, External):
            if value.name.split(".")[0] not in names.HARMLESS:
                return True
        elif not isinstance(value, Object | Class | Function | Output | Wrapped):
            return True
    return not callees


def added(stmt: ast.AST) -> ast.expr | None:
    """What ``x += y`` or ``x = x + y`` adds."""
    match stmt:
        case ast.AugAssign(op=ast.Add(), value=value):
            return value
        case ast.Assign(targets=[target], value=ast.BinOp(left, ast.Add(), right)):
            return right if ast.unparse(left) == ast.unparse(target) else None
    return None
