"""Note 6: the scheduler's place and its unit."""

import ast
import re
from collections.abc import Iterator
from typing import Any, NamedTuple

from ..events import Around, Event, Run
from ..following import arguments
from ..kinds import identifier
from ..order import STEPS
from ..rule import Hits, at, hit, line_of, rule
from ..values import (
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
    # Of transformers:
    "get_constant_schedule_with_warmup": ((1, "num_warmup_steps"),),
    "get_linear_schedule_with_warmup": ((2, "num_training_steps"),),
    "get_cosine_schedule_with_warmup": ((2, "num_training_steps"),),
    "get_polynomial_decay_schedule_with_warmup": ((2, "num_training_steps"),),
    "get_scheduler": ((3, "num_training_steps"),),
}
PER_EPOCH = re.compile(r"^(n|num|max|total|nb)?_?epochs?$", re.I)
PER_BATCH = re.compile(
    r"(steps|iters|iterations|batches)_per_epoch|(num|n|total)_(batches|steps|iters)"
    r"|estimated_stepping_batches|num_training_steps",
    re.I,
)
TOTAL = re.compile(r"total|max_(steps|iters)|num_training|t_max|n_steps", re.I)
FAR = 2  # lengths of the run; beyond, a cosine has fallen by less than half at its end
ANY_RUN = 1_000_000  # epochs that no run has


def is_schedule(value: Value) -> bool:
    """Whether something is a schedule of PyTorch or of transformers."""
    made = made_by(value)
    return made.startswith(PREFIX) or (
        made.startswith("transformers.") and made.rpartition(".")[2] in LENGTHS
    )


def lengths(run: Run, made: Object) -> list[tuple[str, Values]]:
    """The lengths that a schedule was made with, by their names."""
    name = made_by(made).rpartition(".")[2]
    found = []
    for position, keyword in LENGTHS.get(name, ()):
        values = arguments.made_with(run.follower, made, position, keyword)
        if values and values != frozenset((Const(None, type(None)),)):
            found.append((keyword, values))
    if name == "LambdaLR" and made.frame is not None:
        found += _of_its_maker(run, made.frame)
    return found


def _of_its_maker(run: Run, frame: Frame) -> list[tuple[str, Values]]:
    """The lengths given to the function that makes a schedule of its own."""
    function = frame.function
    if not isinstance(function, ast.FunctionDef) or frame.call is None:
        return []
    args = [*function.args.posonlyargs, *function.args.args, *function.args.kwonlyargs]
    return [
        (arg.arg, arguments.parameter_values(run.follower, arg, frame))
        for arg in args
        if TOTAL.search(arg.arg)
    ]


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


def placed(run: Run) -> Iterator[tuple[Event, Object, list[Around], bool]]:
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
            if isinstance(value, Object) and is_schedule(value):
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
    for event, made, _, per_batch in placed(run):
        if per_batch or made.call is None or made.frame is None:
            continue
        for keyword, values in lengths(run, made):
            if keyword == "steps_per_epoch" or counts_batches(values):
                if keyword == "steps_per_epoch":  # the length is right, not the place
                    where = line_of(made.call, made.frame)
                    yield at(
                        event,
                        f"The schedule of {where} counts batches, and this is called "
                        "once per epoch.",
                    )
                    break
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
    for event, made, loops, per_batch in placed(run):
        outer = [loop for loop in loops[:-1] if rounds_of(run, loop)]
        if not per_batch or not outer or rounds_of(run, loops[-1]):
            continue
        if found := _in_epochs(run, made, outer):
            yield at(event, f"{found}, and this is called after every batch.")
    for made, node, frame in _stepped_by_lightning(run):
        if (found := _in_epochs(run, made, [])) and made.call and made.frame:
            where = f'the "interval" of {line_of(node, frame)}'
            text = f"{found}, and {where} has it called after every batch."
            yield hit(made.call, made.frame, text)


def _in_epochs(run: Run, made: Object, loops: list[Around]) -> str:
    """Which length of a schedule counts epochs; "" if none does."""
    if made.call is None or made.frame is None:
        return ""
    positions = {k: at for at, k in LENGTHS.get(made_by(made).split(".")[-1], ())}
    for keyword, values in lengths(run, made):
        if keyword == "step_size" or counts_batches(values):
            continue
        at_ = positions.get(keyword)
        expr = arguments.argument_expr(made.call, at_, keyword)
        if counts_epochs(values, loops, run) or (expr and _names_epochs(expr)):
            return f"{keyword} of {line_of(made.call, made.frame)} counts epochs"
    return ""


def _names_epochs(expr: ast.expr) -> bool:
    """Whether a number is the epochs of the run or a part of them, by its words."""
    match expr:
        case ast.BinOp(left, ast.FloorDiv() | ast.Div() | ast.Sub(), ast.Constant()):
            return _names_epochs(left)
        case ast.Call(ast.Name("int" | "max" | "round"), args):
            return any(map(_names_epochs, args))
    return bool(PER_EPOCH.match(identifier(expr)))


def _told_to_lightning(run: Run) -> Iterator[tuple[ast.AST, dict[Any, Values]]]:
    """The dictionaries in which Lightning is told what to do with a scheduler."""
    root = run.root
    if not isinstance(root, ast.FunctionDef) or root.name != "configure_optimizers":
        return
    for node in ast.walk(root):
        if isinstance(node, ast.Dict | ast.Call):
            for value in run.value(node, run.frame):
                if isinstance(value, Items) and value.keys is not None:
                    yield node, dict(zip(value.keys, value.values, strict=True))


def _stepped_by_lightning(run: Run) -> Iterator[tuple[Object, ast.AST, Frame]]:
    """The schedulers that Lightning is told to step after every batch."""
    for node, told in _told_to_lightning(run):
        every = told.get("frequency", const(1)) == const(1)
        if every and told.get("interval") == const("step"):
            for made in told.get("scheduler", ()):
                if isinstance(made, Object) and is_schedule(made):
                    yield made, node, run.frame


def monitored_by_lightning(run: Run) -> Iterator[tuple[Object, str]]:
    """The schedulers that Lightning steps with a metric, and the metric's name."""
    for _, told in _told_to_lightning(run):
        made = {v for key in ("scheduler", "lr_scheduler") for v in told.get(key, ())}
        for monitor in told.get("monitor", ()):
            if isinstance(monitor, Const) and isinstance(monitor.value, str):
                for value in made:
                    if isinstance(value, Object):
                        yield value, monitor.value


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
    for _, made, loops, per_batch in placed(run):
        if per_batch or made.call is None or made.frame is None:
            continue
        epochs = number(rounds_of(run, loops[-1]))
        for keyword, values in lengths(run, made):
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
    for event, _, loops, _ in placed(run):
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
            units = lengths(run, made)
            if any(k == "steps_per_epoch" or counts_batches(v) for k, v in units):
                yield at(
                    event,
                    "This scheduler counts batches, and Lightning calls it once per "
                    "epoch.",
                )
