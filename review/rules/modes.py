"""Note 10: training and evaluation mode, and losses that are kept."""

import ast

from .. import names
from ..events import Around, Event, Run
from ..following import arguments
from ..following.classes import is_network
from ..kinds import added
from ..moded import has_modes
from ..order import made_within, unknown_between
from ..rule import Hits, at, hit, line_of, rule
from ..values import (
    Class,
    Derived,
    Frame,
    Object,
    Value,
    const,
    inside,
    same,
    unwrap,
)

MODES = ("train", "eval", "restore")


def _mode_before(run: Run, forward: Event) -> Event | None:
    """The last call that set the mode of a network before one of its passes."""
    for event in reversed(run.of(*MODES)):
        earlier = event.index < forward.index and not event.excludes(forward)
        if earlier and same(event.subject, forward.subject):
            return event
    return None


def is_evaluation(event: Event) -> bool:
    """Whether a forward pass runs without gradients and its answer is used."""
    guard = event.guard(names.NO_GRAD, "grad", "maybe_grad")
    return guard is not None and guard.kind == names.NO_GRAD and bool(event.loops())


def _is_help(run: Run, event: Event) -> bool:
    """Whether a pass without gradients serves the training step around it."""
    return "backward" in run.kinds_in[event.loops()[-1]]


def _used(event: Event) -> bool:
    statement = event.frame.module.statement(event.node)
    return not (isinstance(statement, ast.Expr) and statement.value is event.node)


@rule("NOTE101")
def evaluated_in_training_mode(run: Run) -> Hits:
    """Follow the mode of each network to its passes without gradients."""
    trained = _trained(run)
    for event in run.of("forward"):
        if not is_evaluation(event) or not _used(event) or _is_help(run, event):
            continue
        mode = _mode_before(run, event)
        network = next(iter(event.subject), None)
        if network is None or not has_modes(run, network):
            continue
        guard = event.guard(names.NO_GRAD)
        assert guard is not None
        if _handed_on(run, mode, event):
            continue
        if mode is None:
            made_here = all(_made_here(v) for v in event.subject)
            earlier = [b for b in trained if b.index < event.index]
            if not made_here or not any(
                same(b.subject, event.subject) for b in earlier
            ):
                continue
            if unknown_between(run, run.events[: event.index], event.subject):
                continue
            text = (
                "The network is evaluated here without gradients, and nothing has "
                "called eval() on it."
            )
        elif mode.kind == "train":
            if any(arm not in event.around for arm in mode.arms_inside(None)):
                continue
            passed = run.events[mode.index + 1 : event.index]
            if unknown_between(run, passed, event.subject):
                continue
            where = line_of(mode.node, mode.frame)
            text = (
                "The network is evaluated here without gradients and is still in the "
                f"training mode of {where}."
            )
        else:
            continue
        yield guard.node, guard.frame, text


def _handed_on(run: Run, mode: Event | None, forward: Event) -> bool:
    """Whether an object that is no network was told its mode since: a trainer's state.

    Its method comes from outside of the files, and may tell the network.
    """
    since = -1 if mode is None else mode.index
    return any(
        since < event.index < forward.index
        and any(
            isinstance(v, Object)
            and isinstance(v.of, Class)
            and not is_network(run.follower, v)
            for v in event.subject
        )
        for event in run.of(*MODES)
    )


def _made_here(value: Value) -> bool:
    inner = unwrap(value)
    return isinstance(inner, Object) and inner.call is not None


def _trained(run: Run) -> list[Event]:
    """Forward passes with gradients in loops that have a backward pass."""
    return [
        e
        for e in run.of("forward")
        if e.guard(names.NO_GRAD) is None
        and any("backward" in run.kinds_in[loop] for loop in e.loops())
    ]


@rule("NOTE102")
def evaluation_without_eval(run: Run) -> Hits:
    """Find evaluations of a network that comes from outside."""
    for event in run.of("forward"):
        outside = not any(_made_here(v) for v in event.subject)
        if outside and is_evaluation(event) and _used(event):
            mode = _mode_before(run, event)
            if mode is None:
                yield at(event, "Nothing here calls eval() on this network.")


@rule("NOTE103")
def never_back_to_train(run: Run) -> Hits:
    """Find training loops whose round ends in evaluation mode and never starts anew."""
    seen = set()
    for forward in _trained(run):
        for loop in forward.loops():
            if "backward" not in run.kinds_in[loop]:
                continue
            events = run.round_of(loop)
            modes = [
                e
                for e in events
                if e.kind in MODES and same(e.subject, forward.subject)
            ]
            if any(e.index < forward.index for e in modes) or not modes:
                continue
            last = modes[-1]
            if last.kind != "eval" or last in seen:
                continue
            rest = [e for e in events if e.index > last.index]
            if unknown_between(run, rest, last.subject) or _ends_loop(last, loop):
                continue
            if any(e.kind == "store" and e.name == "training =" for e in rest):
                continue  # the modes are put back, module by module
            network = next(iter(last.subject), None)
            if network is None or not has_modes(run, network):
                continue
            if _is_frozen(run, last):
                continue  # its weights stay, and so may its mode
            if made_within(run, last.subject, loop):
                continue  # the next round has a network of its own
            seen.add(last)
            where = line_of(forward.node, forward.frame)
            yield at(
                last,
                f"Nothing calls train() after this: {where} goes on training in "
                "evaluation mode.",
            )


def _trained_by_optimizers(run: Run) -> set[Value] | None:
    """The networks whose own parameters() optimisers get; ``None`` if not known."""
    found: set[Value] = set()
    for other in run.others:
        for event in other.events:
            if not event.name.startswith("torch.optim.") or "sched" in event.name:
                continue
            for value in other.argument(event, 0, "params"):
                of = value.of if isinstance(value, Object) else None
                if not isinstance(of, Derived) or of.name != "parameters":
                    return None
                found |= {unwrap(part) for part in of.parts}
    return found or None


def _is_frozen(run: Run, mode: Event) -> bool:
    """Whether the weights of a network are told, or left, to stay as they are."""
    trained = run.once(_trained_by_optimizers)
    if trained is not None and not trained & {unwrap(v) for v in mode.subject}:
        return True
    for other in run.others:
        for event in other.events:
            frozen = event.name == ".requires_grad_" and (
                other.argument(event, 0, "requires_grad") == const(False)
            )
            if frozen and same(event.subject, mode.subject):
                return True
            if event.kind != "store" or event.name != "requires_grad =":
                continue
            if not isinstance(getattr(event.node, "value", None), ast.Constant):
                continue
            owners = {part for v in event.subject for part in inside(v)}
            if owners & {unwrap(v) for v in mode.subject}:
                return True
    return False


def _ends_loop(event: Event, loop: Around) -> bool:
    """Whether a break or return follows in the same branch: then no round does."""
    module = event.frame.module
    at_node: ast.AST = event.node
    if event.frame is not loop.frame:
        return False
    while at_node is not loop.node and at_node in module.parent:
        around = module.parent[at_node]
        for body in (getattr(around, "body", []), getattr(around, "orelse", [])):
            if isinstance(body, list) and at_node in body and around is not loop.node:
                rest = body[body.index(at_node) :]
                if any(isinstance(s, ast.Break | ast.Return | ast.Raise) for s in rest):
                    return True
        at_node = around
    return False


@rule("NOTE104")
def kept_losses(run: Run) -> Hits:
    """Find appends and sums of the very tensor that a backward pass starts from.

    Or of a loss that is computed with gradients where no backward pass follows.
    """
    yield from _kept_in_evaluation(run)
    for event in run.of("grow"):
        if event.guard(names.NO_GRAD) is not None or not event.subject:
            continue
        for loop in event.loops()[-1:]:
            backs = [e for e in run.round_of(loop) if e.kind == "backward"]
            if _is_begun_anew(event, loop):
                continue
            for back in backs:
                if not back.excludes(event) and _same_tensor(run, back, event):
                    yield hit(
                        _handed_on_at(event, back.frame),
                        back.frame,
                        "This keeps the loss with its graph: memory grows with every "
                        "batch.",
                    )
                    break


def _kept_in_evaluation(run: Run) -> Hits:
    """Losses kept with their graphs in a loop that evaluates without ``no_grad``."""
    backs = run.of("backward")
    for event in run.of("grow"):
        if event.guard(names.NO_GRAD, "maybe_grad") is not None or not event.loops():
            continue
        if _is_decorated(event.frame):
            continue  # perhaps with no_grad
        loop = event.loops()[-1]
        kinds = run.kinds_in[loop]
        if "backward" in kinds or not {"forward", "loss"} <= kinds:
            continue
        if any(b.index > event.index for b in backs if b.frame is event.frame):
            continue  # the sum may be what is differentiated
        evaluated = [e for e in run.of(*MODES) if e.index < event.index]
        if not evaluated or evaluated[-1].kind != "eval":
            continue
        kept = added(event.node) or event.call.args[0]
        made = [e for e in run.round_of(loop) if e.kind == "loss"]
        factors = [kept]
        if isinstance(kept, ast.BinOp) and isinstance(kept.op, ast.Mult | ast.Div):
            factors = [kept.left, kept.right]  # total += loss * len(images)
        if any(
            isinstance(part, ast.Name | ast.Call)
            and run.value(e.node, e.frame) == run.value(part, event.frame)
            for e in made
            for part in factors
        ):
            yield at(
                event,
                "This keeps each loss with its graph: nothing here runs under "
                "no_grad(), and memory grows with every batch.",
            )


def _is_decorated(frame: Frame | None) -> bool:
    """Whether a function that is running has a decorator."""
    while frame is not None:
        if getattr(frame.function, "decorator_list", ()):
            return True
        frame = frame.caller
    return False


def _handed_on_at(event: Event, outer: Frame) -> ast.AST:
    """Where an outer frame does it, or calls what does it."""
    node, frame = event.node, event.frame
    while frame is not outer and frame.call is not None and frame.caller is not None:
        node, frame = frame.call, frame.caller
    return node


def _is_begun_anew(event: Event, loop: Around) -> bool:
    """Whether each round of a loop begins with an empty list or sum."""
    match event.node:
        case ast.AugAssign(target=target):
            pass
        case ast.Call(func=ast.Attribute(value=target)):
            pass
        case _:
            return False
    kept = ast.unparse(target)
    for stmt in getattr(loop.node, "body", ()) if event.frame is loop.frame else ():
        match stmt:
            case ast.Assign(targets=targets) if kept in map(ast.unparse, targets):
                return True
            case ast.Delete(targets=[ast.Subscript(value=emptied)]):
                if ast.unparse(emptied) == kept:
                    return True
            case ast.Expr(ast.Call(ast.Attribute(value=emptied, attr="clear"))):
                if ast.unparse(emptied) == kept:
                    return True
    return False


def _same_tensor(run: Run, back: Event, event: Event) -> bool:
    """Whether the loss itself is kept, weighted or not, under the name it had."""
    target = back.call.func.value if isinstance(back.call.func, ast.Attribute) else None
    if back.call.args and run.argument(back, 0, "loss") == back.subject:
        target = back.call.args[0]  # accelerator.backward(loss)
    match target:
        case ast.Call(func=ast.Attribute(attr="scale"), args=[ast.Name() as target]):
            pass  # scaler.scale(loss).backward()
    if not isinstance(target, ast.Name):
        return False
    kept = added(event.node) or event.call.args[0]
    parts = [kept]
    if isinstance(kept, ast.BinOp) and isinstance(kept.op, ast.Mult | ast.Div):
        parts = [kept.left, kept.right]  # total += loss * len(images)
    for part in parts:
        found = _as_called(part, event.frame, back.frame)
        if isinstance(found, ast.Name) and found.id == target.id:
            wanted = run.value(target, back.frame)
            return run.value(found, back.frame) == wanted
    return False


def _as_called(expr: ast.expr, frame: Frame, outer: Frame) -> ast.expr | None:
    """What stands for a parameter in the frame from which it was handed on."""
    while frame is not outer:
        found = (
            arguments.caller_expr(expr, frame) if isinstance(expr, ast.Name) else None
        )
        if found is None:
            return None
        expr, frame = found
    return expr
