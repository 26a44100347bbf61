"""Notes 7 and 8: when gradients may be looked at, and when they are clipped."""

import ast
from collections.abc import Collection

from .. import names
from ..events import Around, Event, Run
from ..flow import FUNCTIONS
from ..following import arguments
from ..following.classes import attribute, inherits
from ..order import (
    STEPS,
    after,
    before,
    every_few,
    loop_with,
    made_within,
    round_with,
)
from ..rule import Hits, at, line_of, rule
from ..syntax import is_steady
from ..values import (
    Class,
    Const,
    Derived,
    Object,
    Value,
    const,
    inside,
    made_by,
)

CHECKS = {
    f"{library}{name}"
    for library in ("torch.", "math.", "numpy.", ".")
    for name in ("isnan", "isinf", "isfinite")
}


NORMS = {
    ".norm", "torch.norm", "torch.linalg.norm", "torch.linalg.vector_norm",
    "torch.nn.utils.get_total_norm",
}  # fmt: skip


def _looked_at(run: Run, event: Event) -> set[Value]:
    """What a check or norm looks at, and what that was computed from."""
    if not isinstance(event.node, ast.Call):
        return set()
    looked = event.subject if event.name[0] == "." else run.argument(event, 0, "x")
    return {part for value in looked for part in inside(value)}


def _of_gradients(run: Run, named: Collection[str]) -> list[Event]:
    """The calls of some names that look at a gradient."""
    return [
        event
        for event in run.named(*named)
        if any(
            isinstance(part, Derived) and part.how == "attr" and part.name == "grad"
            for part in _looked_at(run, event)
        )
    ]


def _checks(run: Run) -> list[Event]:
    """The checks for NaN that look at a gradient."""
    return _of_gradients(run, CHECKS)


@rule("NOTE071")
def check_before_backward(run: Run) -> Hits:
    """Find checks and norms with a backward pass behind and none in front."""
    checks = _checks(run)
    for event in (*checks, *_of_gradients(run, NORMS)):
        events = round_with(run, event, "backward")
        earlier = before(events, event, "backward", "zero_grad", *STEPS)
        later = after(events, event, "backward", *STEPS)
        if later is None or later.kind != "backward":
            continue
        if event not in checks and (
            earlier is None
            or earlier.kind != "zero_grad"
            or before(events, event, "backward")
        ):
            continue  # the norm of the round before, or of another network
        if earlier is None or earlier.kind != "backward":
            where = line_of(later.node, later.frame)
            yield at(
                event,
                f"These gradients are looked at before the backward pass of {where} "
                "has made them.",
            )


@rule("NOTE072")
def check_after_step(run: Run) -> Hits:
    """Find checks with a step in front and no backward pass behind."""
    yield from _skipped_too_late(run)
    seen = set()
    for event in _checks(run):
        events = round_with(run, event, "step")
        earlier = before(events, event, "backward", "zero_grad", *STEPS)
        later = after(events, event, "backward", *STEPS)
        if earlier is not None and earlier.kind in STEPS and later is None:
            statement = event.frame.module.statement(event.node)
            if statement in seen or _is_trial(earlier):
                continue
            seen.add(statement)  # isnan(...) or isinf(...)
            where = line_of(earlier.node, earlier.frame)
            yield at(
                event,
                f"These gradients are checked after {where} has moved the weights by "
                "them.",
            )


def _is_trial(step: Event) -> bool:
    """Whether an optimiser is made for one step, after which nothing goes on."""
    function = step.frame.function
    return (
        isinstance(function, FUNCTIONS)
        and not step.loops()
        and any(
            isinstance(v, Object) and v.frame is step.frame and v.call is not None
            for v in step.subject
        )
    )


def _skipped_too_late(run: Run) -> Hits:
    """Find checks of the loss behind the step that only leave the round out."""
    for event in run.named(*CHECKS):
        module = event.frame.module
        test: ast.AST = event.node
        while isinstance(test, ast.expr):
            test = module.parent[test]
        if not isinstance(test, ast.If) or event.node not in set(ast.walk(test.test)):
            continue
        if not any(isinstance(stmt, ast.Continue) for stmt in test.body):
            continue
        events = round_with(run, event, "backward", "step")
        earlier = before(events, event, "backward", "zero_grad", *STEPS)
        back = before(events, event, "backward")
        if earlier is None or back is None or earlier.kind not in STEPS:
            continue
        if back.subject & _looked_at(run, event):
            where = line_of(earlier.node, earlier.frame)
            yield at(
                event,
                f"The batch is left out after {where} has moved the weights by its "
                "gradients.",
            )


@rule("NOTE073")
def nan_without_infinity(run: Run) -> Hits:
    """Find checks with isnan in files that never ask for infinity."""
    if {"isinf", "isfinite"} & run.main.calls:
        return
    checks = _checks(run)
    for event in run.named(*(name for name in CHECKS if name.endswith("isnan"))):
        norm = any(made_by(part) in names.CLIPS for part in _looked_at(run, event))
        if norm or event in checks:
            yield at(event, "isnan() of a gradient, or of its norm, lets inf pass.")


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
        if (block := accumulating(run, event)) is not None:
            where = line_of(block.node, block.frame)
            yield at(
                event,
                "The gradients are clipped after every micro-batch, and the block of "
                f"{where} lets only some of the steps through.",
            )
            continue
        loop = loop_with(run, event, "backward")
        if loop is None:
            continue
        events = run.round_of(loop)
        back = before(events, event, "backward")
        if back is None or not all(is_steady(a, loop) for a in event.arms_inside(loop)):
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
        owners = frozenset(
            part
            for value in event.subject
            if isinstance(value, Object) and isinstance(value.of, Derived)
            for part in value.of.parts
        )
        if made_within(run, owners, loop):
            outside = []  # each round has its own network
        if rare or (not steps and outside):
            step = (steps or outside)[0]
            where = line_of(step.node, step.frame)
            yield at(
                event,
                "The gradients are clipped after every micro-batch, and the step of "
                f"{where} follows only after several.",
            )


def lightning_step(run: Run) -> Object | None:
    """The LightningModule whose training_step is traced, which runs once a batch."""
    root, owner = run.root, run.frame.owner
    if not isinstance(root, ast.FunctionDef) or root.name != "training_step":
        return None
    if not isinstance(owner, Object) or not isinstance(owner.of, Class):
        return None
    return owner if inherits(run.follower, owner.of, ("lightning.",)) else None


@rule("NOTE084")
def clip_in_training_step(run: Run) -> Hits:
    """Find clipping in a training_step with automatic optimisation."""
    owner = lightning_step(run)
    if owner is None or run.of("backward"):
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


def accumulating(run: Run, event: Event) -> Around | None:
    """The ``accelerator.accumulate`` around a clip that does not ask when to sync."""
    block = None
    for around in event.around:
        items = getattr(around.node, "items", ())
        for context in (item.context_expr for item in items):
            match context:
                case ast.Call(ast.Attribute(made, "accumulate")):
                    if any(_accumulates(run, v) for v in run.value(made, around.frame)):
                        block = around
        test = getattr(around.node, "test", None)
        if test is not None and "sync_gradients" in ast.dump(test):
            return None
    return block


def _accumulates(run: Run, value: Value) -> bool:
    """Whether an Accelerator was told to take a step only every so many batches."""
    if made_by(value) != "accelerate.Accelerator" or not isinstance(value, Object):
        return False
    steps = arguments.made_with(
        run.follower, value, None, "gradient_accumulation_steps"
    )
    plugin = arguments.made_with(
        run.follower, value, None, "gradient_accumulation_plugin"
    )
    return bool(plugin or steps - const(1))
