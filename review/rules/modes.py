"""Note 10: training and evaluation mode, and losses that are kept."""

import ast

from review import names
from review.events import Around, Event, Run
from review.following import arguments
from review.kinds import added, identifier
from review.moded import has_modes
from review.order import unknown_between
from review.rule import Hits, at, hit, line_of, rule
from review.values import Frame, Object, Value, same, unwrap

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
            seen.add(last)
            where = line_of(forward.node, forward.frame)
            yield at(
                last,
                f"Nothing calls train() after this: {where} goes on training in "
                "evaluation mode.",
            )


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
    """Find appends and sums of the very tensor that a backward pass starts from."""
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


def _handed_on_at(event: Event, outer: Frame) -> ast.AST:
    """Where an outer frame does it, or calls what does it."""
    node, frame = event.node, event.frame
    while frame is not outer and frame.call is not None and frame.caller is not None:
        node, frame = frame.call, frame.caller
    return node


def _is_begun_anew(event: Event, loop: Around) -> bool:
    """Whether each round of a loop begins with an empty list or sum."""
    match event.node:
        case ast.AugAssign(target=ast.Name(id=name)):
            pass
        case ast.Call(func=ast.Attribute(value=ast.Name(id=name))):
            pass
        case _:
            return False
    return event.frame is loop.frame and any(
        isinstance(stmt, ast.Assign) and name in map(identifier, stmt.targets)
        for stmt in getattr(loop.node, "body", ())
    )


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
