"""Notes 12 and 13: hooks, activation maps and graphs that are kept."""

import ast
import re
from collections.abc import Iterator

from .. import names
from ..events import Event, Run
from ..following import arguments, layering
from ..following.classes import method
from ..order import after, before
from ..rule import Hits, at, hit, line_of, rule
from ..values import (
    Derived,
    External,
    Frame,
    Function,
    Object,
    Output,
    Value,
    Values,
    inside,
    is_true,
    made_by,
)

FORWARD_HOOKS = (".register_forward_hook",)
HOOKS = (
    ".register_forward_hook",
    ".register_forward_pre_hook",
    ".register_full_backward_hook",
    ".register_backward_hook",
)
IN_PLACE = {"relu_", "leaky_relu_", "add_", "mul_", "hardtanh_"}
RESNETS = re.compile(r"torchvision\.models\.(resnet\.)?(wide_)?resne(t|xt)\d")
LAYER_PATH = re.compile(r"[a-z_]\w*(\.\w+)*\.\d+(\.\w+)*")  # layer4.2.conv3
MAPS = ("pytorch_grad_cam.", "torchcam.")
KEEPING = {"append", "add", "put", "appendleft"}


def _kept(function: ast.AST, output: str) -> Iterator[tuple[ast.expr, str]]:
    """What a hook keeps of its output without a copy: the expression, and how."""
    for node in ast.walk(function):
        exprs: list[ast.expr] = []
        match node:
            case ast.Assign(targets=[ast.Subscript() | ast.Attribute()], value=value):
                exprs = [value]
            case ast.Call(func=ast.Attribute(attr=name), args=[first, *_]):
                exprs = [first] if name in KEEPING else []
        for expr in exprs:
            how = _peeled(expr, output)
            if how is not None:
                yield expr, how


def _peeled(expr: ast.expr, output: str) -> str | None:
    """How an expression is the output itself: bare or detached; ``None`` if copied."""
    how = "as it is"
    while True:
        match expr:
            case ast.Call(func=ast.Attribute(value=inner, attr="detach"), args=[]):
                how, expr = "detached, which shares its memory", inner
            case ast.Attribute(value=inner, attr="data"):
                how, expr = "through .data, which shares its memory", inner
            case ast.Name(id=name):
                return how if name == output else None
            case _:
                return None


def _works_in_place(run: Run) -> ast.AST | None:
    """Evidence that a network of the file changes tensors in place."""
    for node in run.main.parent:
        match node:
            case ast.keyword(arg="inplace", value=ast.Constant(value=True) as value):
                return value
            case ast.Call(func=ast.Attribute(attr=name)) if name in IN_PLACE:
                if run.main.class_of(run.main.scope(node)) is not None:
                    return node
    return None


@rule("NOTE121")
def overwritten_output(run: Run) -> Hits:
    """Look into forward hooks for outputs kept without a copy."""
    hooks = run.named(*FORWARD_HOOKS)
    evidence = _works_in_place(run) if hooks else None
    for event in hooks:
        shown = _overwritten(run, event)
        if shown is None and not (
            _is_followed_safely(run, event) or _is_named_before_norm(run, event)
        ):
            shown = line_of(evidence, run.frame) if evidence else None
        if shown is None or not event.call.args:
            continue
        for value in run.value(event.call.args[0], event.frame):
            if not isinstance(value, Function) or not isinstance(
                value.node, ast.FunctionDef | ast.Lambda
            ):
                continue
            args = value.node.args.args
            index = 2 + (value.owner is not None)
            if len(args) <= index:
                continue
            for expr, how in _kept(value.node, args[index].arg):
                yield hit(
                    expr,
                    value.frame,
                    f"The output is kept {how}, and {shown} works in place: it may "
                    "overwrite what is kept.",
                )


def _overwritten(run: Run, event: Event) -> str | None:
    """What certainly works in place on a hooked layer's output."""
    layer = (
        event.call.func.value if isinstance(event.call.func, ast.Attribute) else None
    )
    if layer is None:
        return None
    for value in run.value(layer, event.frame):
        uses, frame = _uses(run, value)
        module = frame.module
        for node in ast.walk(frame.function) if uses and frame.function else ():
            if isinstance(node, ast.AugAssign) and isinstance(node.target, ast.Name):
                for defined in module.definitions(node.target):
                    origin = module.origins.get(defined)
                    if origin is not None and origin.expr in uses:
                        return line_of(node, frame)
        if isinstance(layer, ast.Attribute) and _is_norm_of_resnet(value):
            return "this ResNet"
    return None


def _is_norm_of_resnet(value: Value) -> bool:
    """Whether a layer is a BatchNorm of a ResNet of torchvision.

    Behind each comes an addition or a ReLU, both in place.
    """
    if not isinstance(value, Derived) or not re.fullmatch(r"bn\d", value.name):
        return False
    return any(RESNETS.match(made_by(part)) for part in inside(value))


def _is_followed_safely(run: Run, event: Event) -> bool:
    """Whether nothing works in place on a hooked layer's output, as far as one sees."""
    func = event.call.func
    layer = func.value if isinstance(func, ast.Attribute) else None
    if isinstance(layer, ast.Subscript):
        return _safe_in_sequential(run, event, layer)
    if not isinstance(layer, ast.Attribute):
        return False
    if any(
        made_by(v).startswith("torchvision.")
        for v in run.value(layer.value, event.frame)
    ):
        return True  # a stage of another network
    hooked = run.value(layer, event.frame)
    return bool(hooked) and all(_safe_in_forward(run, v) for v in hooked)


def _is_named_before_norm(run: Run, event: Event) -> bool:
    """Whether a layer is looked up by a name, and names say: before a BatchNorm.

    ``"layer4.2.conv3"``, in a file that knows of BatchNorm and names no other layer.
    """
    func = event.call.func
    layer = func.value if isinstance(func, ast.Attribute) else None
    values = run.value(layer, event.frame)
    parts = {part for value in values for part in inside(value)}
    if not any(made_by(part) == "builtins.getattr" for part in parts):
        return False
    named = {
        node.value.rpartition(".")[2]
        for node in run.main.parent
        if isinstance(node, ast.Constant)
        and isinstance(node.value, str)
        and LAYER_PATH.fullmatch(node.value)
    }
    convolutions = all(re.fullmatch(r"conv\d*", name) for name in named)
    return bool(named) and convolutions and "BatchNorm" in run.main.text


def _safe_in_sequential(run: Run, event: Event, layer: ast.Subscript) -> bool:
    """Whether the layer behind one of a Sequential makes a tensor of its own."""
    hooked = run.value(layer, event.frame)
    for whole in run.value(layer.value, event.frame):
        entries = layering.layers(run.follower, whole)
        if entries is None or hooked not in entries:
            return not isinstance(layer.slice, ast.Name)  # a whole block: layer4[-1]
        behind = entries[entries.index(hooked) + 1 :][:1]
        return not any(_is_in_place(run, v) for entry in behind for v in entry)
    return False


def _uses(run: Run, layer: Value) -> tuple[list[ast.expr], Frame]:
    """The calls of a layer in the forward of the class it was made in."""
    frame = layer.frame if isinstance(layer, Object) else None
    if not isinstance(layer, Object) or layer.call is None or frame is None:
        return [], run.frame
    statement = frame.module.statement(layer.call)
    targets = getattr(statement, "targets", ())
    names_ = {t.attr for t in targets if isinstance(t, ast.Attribute)}
    forward = frame.owner and method(run.follower, frame.owner, "forward")
    if not forward:
        return [], run.frame
    uses: list[ast.expr] = [
        node
        for node in ast.walk(forward.node)
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and node.func.attr in names_
    ]
    return uses, run.follower.enter(forward, None, None)


def _safe_in_forward(run: Run, layer: Value) -> bool:
    """Whether a layer's output goes, in forward, straight into one that copies."""
    uses, frame = _uses(run, layer)
    around = [frame.module.parent[node] for node in uses]
    return bool(around) and all(_copies(run, node, frame) for node in around)


def _copies(run: Run, node: ast.AST, frame: Frame) -> bool:
    """Whether the call around a tensor certainly leaves it as it is."""
    if not isinstance(node, ast.Call):
        return False
    if any(keyword.arg == "inplace" for keyword in node.keywords):
        return False
    callees = run.value(node.func, frame)
    return bool(callees) and all(
        isinstance(v, External) or (made_by(v) and not _is_in_place(run, v))
        for v in callees
    )


def _is_in_place(run: Run, layer: Value) -> bool:
    """Whether a layer was made with ``inplace=True``."""
    return isinstance(layer, Object) and is_true(
        arguments.made_with(run.follower, layer, 0, "inplace")
    )


@rule("NOTE122")
def hook_stays(run: Run) -> Hits:
    """Find hooks in files that remove none."""
    if "remove" not in run.main.calls:
        for event in run.named(*HOOKS):
            yield at(event, "Nothing in this file removes this hook.")


@rule("NOTE123")
def hooks_pile_up(run: Run) -> Hits:
    """Find hooks registered in loops that also run the network."""
    for event in run.named(*HOOKS):
        for loop in event.loops()[-1:]:
            events = run.round_of(loop)
            if "forward" in run.kinds_in[loop] and not any(
                e.name in (".remove", ".close") for e in events
            ):
                node, frame = _made_at(event, loop.frame)
                yield hit(node, frame, "Every round of this loop adds another hook.")


def _made_at(event: Event, outer: Frame) -> tuple[ast.AST, Frame]:
    """Where a hook is registered, or the object is made whose constructor does."""
    node, frame = event.node, event.frame
    while frame is not outer and getattr(frame.function, "name", "") == "__init__":
        if frame.call is None or frame.caller is None:
            break
        node, frame = frame.call, frame.caller
    return node, frame


@rule("NOTE131")
def retained_in_loop(run: Run) -> Hits:
    """Find retaining passes in a round that computes its own graph and goes once."""
    for event in _retaining(run):
        for loop in event.loops()[-1:]:
            events = run.round_of(loop)
            if before(events, event, "forward") is None:
                continue
            if after(events, event, "backward") is not None or _differentiated(events):
                continue
            yield at(
                event,
                "Each round builds its own graph, goes through it once and keeps it.",
            )


@rule("NOTE132")
def retained_for_nothing(run: Run) -> Hits:
    """Find retaining passes outside of loops with no other behind."""
    for event in _retaining(run):
        again = after(run.events, event, "backward") or _differentiated(run.events)
        if not again and not event.loops():
            yield at(event, "No second backward pass through this graph is in sight.")


def _retaining(run: Run) -> list[Event]:
    return [
        e
        for e in run.of("backward")
        if is_true(run.argument(e, 1, "retain_graph"))
        and not is_true(run.argument(e, 2, "create_graph"))
    ]


def _differentiated(events: list[Event]) -> bool:
    return any(e.name == "torch.autograd.grad" for e in events)


@rule("NOTE133")
def map_without_gradients(run: Run) -> Hits:
    """Find calls of Grad-CAM objects, and backward passes, inside no_grad."""
    yield from _without_graph(run)
    for event in run.events:
        guard = event.guard(names.NO_GRAD, "grad", "maybe_grad")
        if guard is None or guard.kind != names.NO_GRAD:
            continue
        where = line_of(guard.node, guard.frame)
        if event.kind in ("call", "opaque", "forward") and _draws_map(event.subject):
            if isinstance(event.call.func, ast.Name | ast.Attribute):
                yield at(event, f"Grad-CAM runs inside the no_grad of {where}.")
        elif event.kind == "backward" or event.name == "torch.autograd.grad":
            passes = [
                e
                for e in run.of("forward")
                if e.index < event.index and e.guard(names.NO_GRAD) is guard
            ]
            if passes and all(made_by(v) == "" for v in event.subject):
                yield at(
                    event,
                    f"The no_grad of {where} let no graph be built.",
                )


def _without_graph(run: Run) -> Hits:
    """Find backward passes from an answer that was computed under no_grad."""
    for back in run.of("backward"):
        if back.guard(names.NO_GRAD) is not None:
            continue
        parts = {p for v in back.subject for p in inside(v)}
        calls: set[ast.AST | None] = {p.call for p in parts if isinstance(p, Object)}
        calls |= {p.node for p in parts if isinstance(p, Output)}
        for event in run.of("forward"):
            guard = event.guard(names.NO_GRAD, "grad", "maybe_grad")
            if guard is None or guard.kind != names.NO_GRAD or event.node not in calls:
                continue
            where = line_of(back.node, back.frame)
            yield hit(
                guard.node,
                guard.frame,
                f"No graph is built here, and {where} wants to go back through it.",
            )


def _draws_map(values: Values) -> bool:
    return any(made_by(v).startswith(MAPS) and isinstance(v, Object) for v in values)
