"""Note 10: evaluation mode, and what an evaluation counts."""

import ast
import re

from review import names
from review.classes import is_network
from review.events import Around, Event, Run
from review.kinds import added
from review.order import unknown_between
from review.rule import Hits, at, hit, line_of, rule
from review.rules.providing import loader_of, sampler_of
from review.values import (
    Class,
    External,
    Object,
    Unknown,
    Value,
    Values,
    is_true,
    made_by,
    same,
    unwrap,
)

MODES = ("train", "eval", "restore")
HELD_OUT = re.compile(
    r"(^|_)(val|valid|validation|vali|test|eval|dev|holdout)(_|$)", re.I
)


def has_modes(run: Run, network: Value) -> bool:
    """Whether a network may do something else in training than in evaluation.

    Only a network whose every layer is in the files and has no mode is sure not to.
    """
    todo, seen = [unwrap(network)], set()
    while todo:
        value = todo.pop()
        if value in seen:
            continue
        seen.add(value)
        if not isinstance(value, Object):
            return True
        if isinstance(value.of, External):
            if value.of.name not in names.MODELESS:
                return True
            if value.call is not None and value.frame is not None:
                for arg in value.call.args:
                    todo += [
                        unwrap(v)
                        for v in run.value(arg, value.frame)
                        if is_network(run.follower, v)
                    ]
            continue
        if not isinstance(value.of, Class):
            return True
        for node in ast.walk(value.of.node):
            if isinstance(node, ast.Call):
                for callee in run.value(node.func, value.of.frame):
                    if isinstance(callee, External):
                        made = callee.name.startswith("torch.nn.")
                        layer = made and not callee.name.startswith(
                            ("torch.nn.functional.", "torch.nn.init.")
                        )
                        if layer and callee.name not in names.MODELESS:
                            return True
                        if callee.name.startswith("torch.nn.functional.dropout"):
                            return True
                    elif isinstance(callee, Class):
                        todo.append(Object(callee, None, None))
                    elif isinstance(callee, Unknown):
                        return True
    return False


def _mode_before(run: Run, forward: Event) -> Event | None:
    """The last call that set the mode of a network before one of its passes."""
    for event in reversed(run.of(*MODES)):
        earlier = event.index < forward.index and not event.excludes(forward)
        if earlier and same(event.subject, forward.subject):
            return event
    return None


def _is_evaluation(event: Event) -> bool:
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
        if not _is_evaluation(event) or not _used(event) or _is_help(run, event):
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
        if outside and _is_evaluation(event) and _used(event):
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
            for back in run.round_of(loop):
                if back.kind != "backward" or back.excludes(event):
                    continue
                if back.index < event.index and _same_tensor(back, event):
                    yield at(
                        event,
                        "This keeps the loss with its graph: memory grows with every "
                        "batch.",
                    )
                    break


def _same_tensor(back: Event, event: Event) -> bool:
    """Whether the loss itself is kept, under the same name."""
    target = back.call.func.value if isinstance(back.call.func, ast.Attribute) else None
    kept = added(event.node) or event.call.args[0]
    if not isinstance(target, ast.Name) or not isinstance(kept, ast.Name):
        return False
    return (
        target.id == kept.id
        and back.frame is event.frame
        and (back.subject == event.subject)
    )


def _evaluated_loaders(run: Run) -> list[tuple[Object, Event | None]]:
    """Loaders that are evaluated, or whose name says that they are held out."""
    found: list[tuple[Object, Event | None]] = []
    for event in run.of("forward"):
        if _is_evaluation(event):
            for loop in event.loops():
                loader = loader_of(run, loop)
                if loader is not None:
                    found.append((loader, event))
    for event in run.events:
        if event.name in names.LOADERS:
            statement = event.frame.module.statement(event.node)
            targets = getattr(statement, "targets", [])
            label = "".join(getattr(t, "id", getattr(t, "attr", "")) for t in targets)
            if HELD_OUT.search(label):
                values = run.value(event.node, event.frame)
                found += [(v, None) for v in values if isinstance(v, Object)]
    return found


def evaluated(run: Run) -> list[Object]:
    """The loaders that are evaluated, or whose name says that they are held out."""
    return list(dict.fromkeys(loader for loader, _ in _evaluated_loaders(run)))


@rule("NOTE105")
def dropped_validation(run: Run) -> Hits:
    """Find loaders with drop_last among those that are evaluated."""
    for loader, _ in _evaluated_loaders(run):
        if loader.call is None or loader.frame is None:
            continue
        for keyword in loader.call.keywords:
            if keyword.arg == "drop_last" and is_true(
                run.value(keyword.value, loader.frame)
            ):
                yield (
                    keyword.value,
                    loader.frame,
                    ("This loader is evaluated and leaves its last batch out."),
                )


def _cuts_repeats(run: Run) -> bool:
    """Whether a program cuts repeated answers off after gathering them."""
    return bool(re.search(r"gather_for_metrics|\[:\s*len\(", run.main.text))


@rule("NOTE106")
def padded_validation(run: Run) -> Hits:
    """Find DistributedSamplers on loaders that are evaluated."""
    if run.once(_cuts_repeats):
        return
    for loader, _ in _evaluated_loaders(run):
        sampler = sampler_of(run, loader)
        if sampler is None or loader.call is None or loader.frame is None:
            continue
        if made_by(sampler) != "torch.utils.data.DistributedSampler":
            continue
        dropped: Values = frozenset()
        if sampler.call is not None and sampler.frame is not None:
            for keyword in sampler.call.keywords:
                if keyword.arg == "drop_last":
                    dropped = run.value(keyword.value, sampler.frame)
        if is_true(dropped):
            continue
        yield hit(
            loader.call,
            loader.frame,
            "This loader is evaluated with a DistributedSampler, which repeats samples "
            "to fill the last round.",
        )
