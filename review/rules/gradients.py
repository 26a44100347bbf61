"""Notes 7 and 8: when gradients may be looked at, and when they are clipped."""

import ast

from review.classes import attribute, inherits
from review.events import Event, Run
from review.order import STEPS, after, before, every_few, loop_with, round_with
from review.rule import Hits, at, line_of, rule
from review.values import Class, Const, Derived, Object, inside

CHECKS = {
    f"{library}{name}"
    for library in ("torch.", "math.", "numpy.", ".")
    for name in ("isnan", "isinf", "isfinite")
}


def _checks(run: Run) -> list[Event]:
    """The checks for NaN that look at a gradient."""
    found = []
    for event in run.events:
        if event.name not in CHECKS or not isinstance(event.node, ast.Call):
            continue
        looked = event.subject if event.name[0] == "." else run.argument(event, 0, "x")
        if any(
            isinstance(part, Derived) and part.how == "attr" and part.name == "grad"
            for value in looked
            for part in inside(value)
        ):
            found.append(event)
    return found


@rule("NOTE071")
def check_before_backward(run: Run) -> Hits:
    """Find checks with a backward pass behind and none in front."""
    for event in _checks(run):
        events = round_with(run, event, "backward")
        earlier = before(events, event, "backward", "zero_grad", *STEPS)
        later = after(events, event, "backward", *STEPS)
        if later is None or later.kind != "backward":
            continue
        if earlier is None or earlier.kind != "backward":
            where = line_of(later.node, later.frame)
            yield at(
                event,
                f"These gradients are checked before the backward pass of {where} has "
                "made them.",
            )


@rule("NOTE072")
def check_after_step(run: Run) -> Hits:
    """Find checks with a step in front and no backward pass behind."""
    for event in _checks(run):
        events = round_with(run, event, "step")
        earlier = before(events, event, "backward", "zero_grad", *STEPS)
        later = after(events, event, "backward", *STEPS)
        if earlier is not None and earlier.kind in STEPS and later is None:
            where = line_of(earlier.node, earlier.frame)
            yield at(
                event,
                f"These gradients are checked after {where} has moved the weights by "
                "them.",
            )


@rule("NOTE073")
def nan_without_infinity(run: Run) -> Hits:
    """Find checks with isnan in files that never ask for infinity."""
    if {"isinf", "isfinite"} & run.main.calls:
        return
    for event in _checks(run):
        if event.name.endswith("isnan"):
            yield at(event, "isnan() of a gradient lets inf pass.")


@rule("NOTE081")
def clip_before_backward(run: Run) -> Hits:
    """Find clipping with a backward pass behind and none in front."""
    for event in run.of("clip"):
        events = round_with(run, event, "backward")
        earlier = before(events, event, "backward", *STEPS)
        later = after(events, event, "backward", *STEPS)
        if earlier is None and later is not None and later.kind == "backward":
            where = line_of(later.node, later.frame)
            yield at(
                event,
                f"The gradients are clipped before the backward pass of {where} makes "
                "them.",
            )


@rule("NOTE082")
def clip_after_step(run: Run) -> Hits:
    """Find clipping with a step in front and no step behind."""
    for event in run.of("clip"):
        events = round_with(run, event, "step")
        earlier = before(events, event, "backward", *STEPS)
        later = after(events, event, "backward", *STEPS)
        if earlier is None or earlier.kind not in STEPS:
            continue
        if later is None or later.kind == "backward":
            where = line_of(earlier.node, earlier.frame)
            yield at(
                event,
                f"The gradients are clipped after {where} has used them.",
            )


@rule("NOTE083")
def clip_per_micro_batch(run: Run) -> Hits:
    """Find clipping in every round where the step is taken less often."""
    for event in run.of("clip"):
        loop = loop_with(run, event, "backward")
        if loop is None:
            continue
        events = run.round_of(loop)
        back = before(events, event, "backward")
        if back is None or event.arms_inside(loop):
            continue
        steps = [e for e in events if e.kind in STEPS]
        rare = steps and all(
            any(every_few(arm) for arm in e.arms_inside(loop)) for e in steps
        )
        outside = [
            e
            for e in run.of(*STEPS)
            if e.index > event.index and e.frame is loop.frame and not e.within(loop)
        ]
        if rare or (not steps and outside):
            step = (steps or outside)[0]
            where = line_of(step.node, step.frame)
            yield at(
                event,
                "The gradients are clipped after every micro-batch, and the step of "
                f"{where} follows only after several.",
            )


@rule("NOTE084")
def clip_in_training_step(run: Run) -> Hits:
    """Find clipping in a training_step with automatic optimisation."""
    root = run.root
    if not isinstance(root, ast.FunctionDef) or root.name != "training_step":
        return
    owner = run.frame.owner
    if (
        run.of("backward")
        or not isinstance(owner, Object)
        or not isinstance(owner.of, Class)
    ):
        return
    if not inherits(run.follower, owner.of, ("lightning.",)):
        return
    manual = run.follower.every(
        frozenset((owner,)),
        lambda v: attribute(run.follower, v, "automatic_optimization"),
    )
    if Const(False, bool) in manual:
        return
    for event in run.of("clip"):
        yield at(
            event,
            "Lightning calls backward after this training_step returns: there are no "
            "gradients to clip yet.",
        )
