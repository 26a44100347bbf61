"""Note 6: the scheduler's place and its unit."""

import ast
import re
from collections.abc import Iterator
from typing import NamedTuple

from review.events import Around, Event, Run
from review.following import arguments
from review.kinds import identifier
from review.order import STEPS
from review.rule import Hits, at, hit, line_of, rule
from review.values import (
    Const,
    Derived,
    Frame,
    Items,
    Object,
    Unknown,
    Value,
    Values,
    const,
    inside,
    made_by,
    number,
)

PREFIX = "torch.optim.lr_scheduler."
# Where a scheduler takes its length: position and name.
LENGTHS = {
    "CosineAnnealingLR": ((1, "T_max"),),
    "CosineAnnealingWarmRestarts": ((1, "T_0"),),
    "PolynomialLR": ((1, "total_iters"),),
    "LinearLR": ((3, "total_iters"),),
    "ConstantLR": ((2, "total_iters"),),
    "StepLR": ((1, "step_size"),),
    "OneCycleLR": ((2, "total_steps"), (4, "steps_per_epoch")),
}
PER_EPOCH = re.compile(r"^(n|num|max|total|nb)?_?epochs?$", re.I)
PER_BATCH = re.compile(
    r"(steps|iters|iterations|batches)_per_epoch|(num|n|total)_(batches|steps|iters)"
    r"|estimated_stepping_batches|num_training_steps",
    re.I,
)
FAR = 2  # lengths of the run; beyond, a cosine has fallen by less than half at its end
ANY_RUN = 1_000_000  # epochs that no run has


def _lengths(run: Run, made: Object) -> list[tuple[str, Values]]:
    name = made_by(made).removeprefix(PREFIX)
    found = []
    for position, keyword in LENGTHS.get(name, ()):
        values = arguments.made_with(run.follower, made, position, keyword)
        if values and values != frozenset((Const(None, type(None)),)):
            found.append((keyword, values))
    return found


def _label(value: Value) -> str:
    if isinstance(value, Unknown | Derived):
        return value.name
    return ""


def counts_batches(values: Values) -> bool:
    """Whether a number is reckoned from the length of a loader."""
    for value in values:
        for part in inside(value):
            if isinstance(part, Derived) and part.how == "len":
                return True
            if PER_BATCH.search(_label(part)):
                return True
    return False


def counts_epochs(values: Values, loops: list[Around], run: Run) -> bool:
    """Whether a number is the epochs of the run, by value or by name."""
    rounds = {v for loop in loops for v in rounds_of(run, loop)}
    for value in values:
        for part in inside(value):
            if PER_EPOCH.match(_label(part)):
                return True
            if part in rounds:
                return True
    return False


def rounds_of(run: Run, loop: Around) -> Values:
    """How often a loop over ``range`` runs; nothing for another loop."""
    iterated = getattr(loop.node, "iter", None)
    found: set[Value] = set()
    for value in run.value(iterated, loop.frame):
        if not isinstance(value, Derived) or value.how not in ("range", "trange"):
            continue
        if len(value.parts) == 1:
            found.add(value.parts[0])
        elif len(value.parts) == 2:
            start, stop = value.parts
            if isinstance(stop, Derived) and stop.how == "Add":
                found.add(stop.parts[0])  # range(1, epochs + 1)
            elif isinstance(start, Const) and isinstance(stop, Const):
                found.add(Const(stop.value - start.value, int))
            else:
                found.add(stop)
    return frozenset(found)


def _is_range(run: Run, loop: Around) -> bool:
    return bool(rounds_of(run, loop)) or isinstance(loop.node, ast.While)


def _placed(run: Run) -> Iterator[tuple[Event, Object, list[Around], bool]]:
    """Each ``scheduler.step()`` in a training loop: the loops, and if per batch."""
    for event in run.of("schedule"):
        if event.call.args or event.call.keywords:
            continue
        loops = [
            loop
            for loop in event.loops()
            if run.kinds_in[loop] & {"backward", *STEPS} or _is_range(run, loop)
        ]
        if not any(run.kinds_in[loop] & {"backward", *STEPS} for loop in loops):
            continue
        others = [e for e in run.of("schedule") if e.subject == event.subject]
        if any(e.loops() != event.loops() for e in others):
            continue  # a switch decides which of the places counts
        inner = loops[-1]
        per_batch = bool(run.kinds_in[inner] & set(STEPS)) and not _has_inner(
            run, inner
        )
        for value in event.subject:
            if isinstance(value, Object) and made_by(value).startswith(PREFIX):
                yield event, value, loops, per_batch


def _has_inner(run: Run, loop: Around) -> bool:
    """Whether the optimiser's steps of a loop lie in another loop inside it."""
    for event in run.round_of(loop):
        if event.kind in STEPS:
            loops = event.loops()
            if loops.index(loop) < len(loops) - 1:
                return True
    return False


@rule("NOTE061")
def batches_called_per_epoch(run: Run) -> Hits:
    """Compare the unit of the length with the place of the call."""
    for event, made, _, per_batch in _placed(run):
        if per_batch or made.call is None or made.frame is None:
            continue
        for keyword, values in _lengths(run, made):
            if keyword == "steps_per_epoch" or counts_batches(values):
                where = line_of(event.node, event.frame)
                yield hit(
                    made.call,
                    made.frame,
                    f"{keyword} counts batches; {where} calls step() once per epoch.",
                )
                break


@rule("NOTE062")
def epochs_called_per_batch(run: Run) -> Hits:
    """Compare the unit of the length with the place of the call."""
    for event, made, loops, per_batch in _placed(run):
        outer = [loop for loop in loops[:-1] if rounds_of(run, loop)]
        if not per_batch or not outer or rounds_of(run, loops[-1]):
            continue
        where = f"{line_of(event.node, event.frame)} calls step()"
        yield from _in_epochs(run, made, outer, where)
    for made, node, frame in _stepped_by_lightning(run):
        where = f'the "interval" of {line_of(node, frame)} has it called'
        yield from _in_epochs(run, made, [], where)


def _in_epochs(run: Run, made: Object, loops: list[Around], where: str) -> Hits:
    if made.call is None or made.frame is None:
        return
    positions = {k: at for at, k in LENGTHS.get(made_by(made).split(".")[-1], ())}
    for keyword, values in _lengths(run, made):
        if keyword == "step_size" or counts_batches(values):
            continue
        expr = arguments.argument_expr(made.call, positions[keyword], keyword)
        if counts_epochs(values, loops, run) or (expr and _names_epochs(expr)):
            text = f"{keyword} counts epochs, and {where} after every batch."
            yield hit(made.call, made.frame, text)


def _names_epochs(expr: ast.expr) -> bool:
    """Whether a number is the epochs of the run or a part of them, by its words."""
    match expr:
        case ast.BinOp(left, ast.FloorDiv() | ast.Div() | ast.Sub(), ast.Constant()):
            return _names_epochs(left)
        case ast.Call(ast.Name("int" | "max" | "round"), args):
            return any(map(_names_epochs, args))
    return bool(PER_EPOCH.match(identifier(expr)))


def _stepped_by_lightning(run: Run) -> Iterator[tuple[Object, ast.AST, Frame]]:
    """The schedulers that Lightning is told to step after every batch."""
    root = run.root
    if not isinstance(root, ast.FunctionDef) or root.name != "configure_optimizers":
        return
    for node in ast.walk(root):
        if not isinstance(node, ast.Dict | ast.Call):
            continue
        for value in run.value(node, run.frame):
            if not isinstance(value, Items) or value.keys is None:
                continue
            told = dict(zip(value.keys, value.values, strict=True))
            every = told.get("frequency", const(1)) == const(1)
            if every and told.get("interval") == const("step"):
                for made in told.get("scheduler", ()):
                    if isinstance(made, Object) and made_by(made).startswith(PREFIX):
                        yield made, node, run.frame


class _Literal(NamedTuple):
    """A length of a scheduler that is called once per epoch, as a number.

    Attributes:
        epochs: of the run, if that is a number, too.
    """

    call: ast.Call
    frame: Frame
    keyword: str
    length: float
    epochs: float | None


def _literals(run: Run) -> Iterator[_Literal]:
    """The lengths in numbers of the schedulers that are called once per epoch."""
    for _, made, loops, per_batch in _placed(run):
        if per_batch or made.call is None or made.frame is None:
            continue
        epochs = number(rounds_of(run, loops[-1]))
        for keyword, values in _lengths(run, made):
            if (length := number(values)) is not None:
                yield _Literal(made.call, made.frame, keyword, length, epochs)


@rule("NOTE063")
def far_beyond_the_run(run: Run) -> Hits:
    """Compare a literal length with a literal number of epochs."""
    for call, frame, keyword, length, epochs in _literals(run):
        if keyword == "step_size":
            continue
        if epochs is not None and epochs > 0 and length > FAR * epochs:
            yield hit(
                call,
                frame,
                f"{keyword} is {length:,.0f} and the run has {epochs:,.0f} epochs: "
                "the rate has hardly fallen when it ends.",
            )
        elif epochs is None and length >= ANY_RUN:
            yield hit(
                call,
                frame,
                f"{keyword} is {length:,.0f}, called once per epoch: the rate "
                "stays where it is.",
            )


@rule("NOTE064")
def cosine_shorter_than_the_run(run: Run) -> Hits:
    """Compare a literal T_max with a literal number of epochs."""
    for call, frame, keyword, length, epochs in _literals(run):
        if keyword == "T_max" and length and epochs and length < epochs:
            yield hit(
                call,
                frame,
                f"T_max is {length:,.0f} and the run has {epochs:,.0f} epochs: "
                "from there on the rate climbs back.",
            )


@rule("NOTE065")
def scheduler_first(run: Run) -> Hits:
    """Find loops whose round begins with the schedule and steps afterwards."""
    for event, _, loops, _ in _placed(run):
        loop = next((a for a in reversed(loops) if run.kinds_in[a] & set(STEPS)), None)
        if loop is None or event.arms_inside(loop):
            continue
        steps = [e for e in run.round_of(loop) if e.kind in STEPS]
        if steps and all(e.index > event.index for e in steps):
            where = line_of(steps[0].node, steps[0].frame)
            yield at(
                event,
                f"scheduler.step() comes before the optimiser's step of {where}: the "
                "first value of the schedule is skipped.",
            )


@rule("NOTE066")
def plateau_without_metric(run: Run) -> Hits:
    """Find calls without arguments on that scheduler."""
    for event in run.of("schedule"):
        if event.call.args or event.call.keywords:
            continue
        made = {made_by(v) for v in event.subject}
        if made == {PREFIX + "ReduceLROnPlateau"}:
            yield at(event, "ReduceLROnPlateau.step() is called without the metric.")


@rule("NOTE067")
def lightning_interval(run: Run) -> Hits:
    """Find schedulers made for batches in a configure_optimizers without interval."""
    root = run.root
    if not isinstance(root, ast.FunctionDef) or root.name != "configure_optimizers":
        return
    said = {n.value for n in ast.walk(root) if isinstance(n, ast.Constant)}
    if "step" in said or any(isinstance(n, ast.DictComp) for n in ast.walk(root)):
        return
    for event in run.events:
        if not event.name.startswith(PREFIX):
            continue
        for made in run.value(event.node, event.frame):
            if not isinstance(made, Object):
                continue
            lengths = _lengths(run, made)
            if any(k == "steps_per_epoch" or counts_batches(v) for k, v in lengths):
                yield at(
                    event,
                    "This scheduler counts batches, and Lightning calls it once per "
                    "epoch.",
                )
