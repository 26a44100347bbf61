"""Note 9: gradients from one step to the next, and their scale."""

import ast
import re

from ..events import Around, Event, Run
from ..following import arguments
from ..order import (
    STEPS,
    after,
    before,
    between,
    every_few,
    loop_with,
    made_within,
    round_with,
    unknown_between,
)
from ..rule import Hits, at, line_of, rule
from ..syntax import is_steady
from ..values import Derived, Object, const, made_by, same
from .gradients import lightning_step
from .loss import certainly

OLD_NAMES = {
    "torch.cuda.amp.GradScaler": 'torch.amp.GradScaler("cuda")',
    "torch.cuda.amp.autocast": 'torch.autocast("cuda")',
    "torch.cpu.amp.GradScaler": 'torch.amp.GradScaler("cpu")',
    "torch.cpu.amp.autocast": 'torch.autocast("cpu")',
    "torch.cuda.amp.custom_fwd": "torch.amp.custom_fwd",
    "torch.cuda.amp.custom_bwd": "torch.amp.custom_bwd",
}


def clears(event: Event) -> bool:
    """Whether gradients are set to zero or to None."""
    if event.kind == "zero_grad":
        return True
    if event.kind == "store":
        return event.name == "grad ="
    return event.name in (".zero_", "torch._foreach_zero_") and (
        event.name[0] != "."
        or any(
            isinstance(v, Derived) and v.name in ("grad", "data") for v in event.subject
        )
    )


def _step_loop(run: Run, step: Event) -> tuple[Around | None, Event | None]:
    """The loop of a step and its backward pass, which comes first."""
    loop = loop_with(run, step, "backward")
    if loop is None:
        return None, None
    return loop, before(run.round_of(loop), step, "backward")


@rule("NOTE091")
def clip_scaled(run: Run) -> Hits:
    """Find clipping between a scaled backward pass and the scaler's step."""
    for event in run.of("clip"):
        events = round_with(run, event, "backward")
        back = before(events, event, "backward")
        step = after(events, event, "scaler_step")
        if back is None or step is None:
            continue
        scaled = certainly(back.subject, "scaled")
        if scaled is None or _is_off(run, step):
            continue
        passed = between(events, back, event)
        if any(e.kind == "unscale" for e in passed):
            continue
        optimizer = run.argument(step, 0, "optimizer")
        if unknown_between(run, passed, step.subject, optimizer):
            continue
        where = line_of(back.node, back.frame)
        yield at(
            event,
            f"The gradients of {where} still carry the loss scale when they are "
            "clipped: no unscale_() stands in between.",
        )


def _is_off(run: Run, step: Event) -> bool:
    """Whether the scaler was certainly made with ``enabled=False``."""
    return any(
        isinstance(v, Object)
        and arguments.made_with(run.follower, v, None, "enabled") == const(False)
        for v in step.subject
    )


@rule("NOTE092")
def missing_zero_grad(run: Run) -> Hits:
    """Find loops with a backward pass and a step in which nothing is cleared."""
    by_hand = lightning_step(run) is not None and not any(
        "zero_grad" in name for name in run.main.calls
    )
    for step in run.of(*STEPS):
        loop, back = _step_loop(run, step)
        events = run.round_of(loop) if loop else run.events
        if loop is None and by_hand:
            back = before(events, step, "backward")
        if back is None or "torch" not in run.main.text + step.frame.module.text:
            continue  # of another library, which clears by itself
        optimizer = step.subject
        if step.kind == "scaler_step":
            optimizer = run.argument(step, 0, "optimizer")
        cleared = [e for e in events if clears(e)]
        if cleared and not _all_others(optimizer, cleared):
            continue
        if unknown_between(run, events, optimizer):
            continue
        if loop is not None and made_within(run, optimizer, loop):
            continue
        if same(step.subject, back.subject):
            continue  # an engine that has its own way of stepping
        where = line_of(step.node, step.frame)
        if cleared:
            text = (
                f"Only another optimiser's gradients are cleared, not those of {where}."
            )
        else:
            text = (
                f"This backward pass and the step of {where} repeat, and nothing "
                "clears the gradients in between: they add up."
            )
        yield at(back, text)


def _all_others(optimizer: frozenset, cleared: list[Event]) -> bool:
    """Whether all that is cleared belongs, for certain, to other optimisers."""

    def known(values: frozenset) -> bool:
        return bool(values) and all(
            made_by(v).startswith("torch.optim.") for v in values
        )

    return known(optimizer) and all(
        known(e.subject) and not same(e.subject, optimizer) for e in cleared
    )


@rule("NOTE093")
def zero_grad_per_micro_batch(run: Run) -> Hits:
    """Find clearing in every round where the step is taken less often."""
    for event in run.of("zero_grad"):
        loop = loop_with(run, event, "backward")
        if loop is None or event.arms_inside(loop):
            continue
        events = run.round_of(loop)
        backs = [e for e in events if e.kind == "backward" and not e.arms_inside(loop)]
        steps = [e for e in events if e.kind in STEPS]
        if not any(e.loops()[-1] == loop for e in backs):
            continue  # cleared once in front of several
        if _uses_gradients(run, loop):
            continue  # a step of its own: an attack, a meta-step
        rare = [e for e in steps if any(every_few(arm) for arm in e.arms_inside(loop))]
        if steps and len(rare) == len(steps):
            step: Event | None = rare[0]
        elif steps:
            continue
        else:
            step = _step_after(run, loop, event)
        if step is not None:
            where = line_of(step.node, step.frame)
            yield at(
                event,
                "The gradients are cleared in every micro-batch, and the step of "
                f"{where} follows only after several: it gets the last one alone.",
            )


def _uses_gradients(run: Run, loop: Around) -> bool:
    """Whether a loop, or what goes backward for it, reads ``.grad`` itself.

    As a step by hand does, or one on the pictures.
    """
    backs = [e.frame for e in run.round_of(loop) if e.kind == "backward"]
    called = [f.function for f in backs if f is not loop.frame and f.function]
    return any(
        isinstance(n, ast.Attribute)
        and n.attr == "grad"
        and isinstance(n.ctx, ast.Load)
        for around in (loop.node, *called)
        for n in ast.walk(around)
    )


def _step_after(run: Run, loop: Around, event: Event) -> Event | None:
    """A step behind a loop without one, for the optimiser or network it clears."""
    if unknown_between(run, run.round_of(loop), event.subject):
        return None
    for step in run.of(*STEPS):
        if step.index > event.index and step.frame is loop.frame:
            return step
    return None


@rule("NOTE099")
def unscaled_again(run: Run) -> Hits:
    """Find unscale_() or step() in every round of a loop, and update() in some only.

    Or unscale_() twice in one round.
    """
    yield from _unscaled_twice(run)
    for event in run.of("unscale", "scaler_step"):
        loop = loop_with(run, event, "backward")
        if loop is None or not all(is_steady(a, loop) for a in event.arms_inside(loop)):
            continue
        events = run.round_of(loop)
        updates = [e for e in events if e.kind == "update"]
        rare = [
            [
                arm
                for arm in update.arms_inside(loop)
                if arm not in event.around and not is_steady(arm, loop)
            ]
            for update in updates
        ]
        if not updates or not all(rare) or _is_off(run, updates[0]):
            continue
        if any(a.excludes(b) for a in updates for b in updates):
            continue  # each way has one
        if unknown_between(run, events, updates[0].subject):
            continue
        where = line_of(updates[0].node, updates[0].frame)
        when = "after several" if any(map(every_few, rare[0])) else "after some of them"
        name = "unscale_()" if event.kind == "unscale" else "step()"
        yield at(
            event,
            f"{name} is called in every batch and update() in {where} only "
            f"{when}: a second {name} before it raises an error.",
        )


def _unscaled_twice(run: Run) -> Hits:
    """Find a second unscale_() of the same optimiser before update()."""
    for first in run.of("unscale"):
        loop = loop_with(run, first, "backward")
        events = run.round_of(loop) if loop else run.events
        second = after(events, first, "unscale", "update")
        if second is None or second.kind == "update":
            continue
        optimizer = run.argument(first, 0, "optimizer")
        same_one = optimizer and optimizer == run.argument(second, 0, "optimizer")
        if same_one and first.subject == second.subject and not _is_off(run, first):
            where = line_of(first.node, first.frame)
            yield at(
                second,
                f"{where} has unscaled these gradients already: a second unscale_() "
                "before update() raises an error.",
            )


@rule("NOTE094")
def old_amp_names(run: Run) -> Hits:
    """Find calls and decorators with the old names."""
    for event in run.events:
        if event.name in OLD_NAMES and not _is_fallback(event):
            yield at(
                event, f"{event.name} is deprecated: write {OLD_NAMES[event.name]}."
            )


def _is_fallback(event: Event) -> bool:
    """Whether another branch of the file uses the new names."""
    text = event.frame.module.text
    new = re.search(r"torch\.amp\b|import amp\b", text) is not None
    return new and bool(event.arms_inside(None))


@rule("NOTE095")
def missing_update(run: Run) -> Hits:
    """Find loops with a scaler's step and no update."""
    for step in run.of("scaler_step"):
        loop, back = _step_loop(run, step)
        if loop is None or back is None:
            continue
        events = run.round_of(loop)
        if any(e.kind == "update" for e in events):
            continue
        if unknown_between(run, events, step.subject):
            continue
        yield at(
            step, "This scaler takes its step in a loop that never calls update()."
        )


@rule("NOTE096")
def backward_under_autocast(run: Run) -> Hits:
    """Find backward passes inside an autocast block."""
    for event in run.of("backward"):
        guard = event.guard("autocast", "no_autocast")
        if guard is not None and guard.kind == "autocast":
            where = line_of(guard.node, guard.frame)
            yield at(event, f"backward() runs inside the autocast block of {where}.")


@rule("NOTE097")
def plain_step_on_scaled(run: Run) -> Hits:
    """Find an optimiser's own step behind a scaled backward pass."""
    for step in run.of("step"):
        events = round_with(run, step, "backward")
        back = before(events, step, "backward")
        if back is None or certainly(back.subject, "scaled") is None:
            continue
        passed = between(events, back, step)
        if any(e.kind in ("unscale", "scaler_step") for e in passed):
            continue
        if unknown_between(run, passed, step.subject):
            continue
        where = line_of(back.node, back.frame)
        yield at(step, f"The gradients of {where} still carry the loss scale here.")


@rule("NOTE098")
def cleared_before_step(run: Run) -> Hits:
    """Find clearing between the backward pass and the step of the same optimiser."""
    for step in run.of(*STEPS):
        loop, back = _step_loop(run, step)
        if loop is None or back is None:
            continue
        optimizer = step.subject
        if step.kind == "scaler_step":
            optimizer = run.argument(step, 0, "optimizer")
        for event in between(run.round_of(loop), back, step):
            if event.kind != "zero_grad" or event.excludes(step):
                continue
            used = between(run.round_of(loop), back, event)
            if any(e.kind in STEPS and same(e.subject, step.subject) for e in used):
                continue  # a step has used them
            if len(event.subject) == 1 and same(event.subject, optimizer):
                where = line_of(back.node, back.frame)
                yield at(
                    event,
                    f"The gradients of {where} are cleared before the step uses them.",
                )
