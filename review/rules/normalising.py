"""U1: the same normalisation in training, in evaluation and in use."""

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass

from .. import names
from ..events import Event, Run
from ..following import arguments
from ..kinds import identifier
from ..providing import (
    TRAIN_AT,
    dataset_of,
    loader_of,
    only,
    step_name,
    steps_of,
    trained_on,
    transform_of,
    whole_of,
)
from ..rule import Hits, at, hit, line_of, rule
from ..values import (
    Class,
    Const,
    Derived,
    Object,
    Output,
    Value,
    Values,
    inside,
    made_by,
    same,
    unwrap,
)
from .held_out import HELD_OUT, evaluated
from .statistics import Statistics, statistics

FROM_PIXELS = {"ToTensor", "PILToTensor", "ToImage", "ToDtype", "ConvertImageDtype"}
TRAINING = re.compile(r"(^|_)(train|training|trn)(_|$)", re.I)


def _normalised_training(run: Run) -> list[tuple[Values, Event]]:
    """Networks trained on pictures that a Normalize has prepared."""
    found = []
    for other in run.others:
        for event in other.of("forward"):
            for loop in event.loops():
                if "backward" not in other.kinds_in[loop]:
                    continue
                loader = loader_of(other, loop)
                steps = loader and steps_of(
                    other, transform_of(other, dataset_of(other, loader))
                )
                if steps and any(step_name(s) == "Normalize" for s in steps):
                    found.append((event.subject, event))
    return found


@rule("NOTE913")
def normalised_in_training_only(run: Run) -> Hits:
    """Find passes of a network on pixels divided by 255 that nothing normalised."""
    trained = run.once(_normalised_training)
    if not trained:
        return
    for event in run.of("forward"):
        innermost = event.loops()[-1:]
        if not event.call.args or any(
            "backward" in run.kinds_in[loop] for loop in innermost
        ):
            continue
        if not any(_serves(run, event.subject, subject) for subject, _ in trained):
            continue
        values = run.value(event.call.args[0], event.frame)
        if values and all(_is_raw(run, v, event) for v in values):
            where = line_of(trained[0][1].node, trained[0][1].frame)
            yield at(
                event,
                f"The network was trained on normalised pictures ({where}); these only "
                "go from 0 to 1.",
            )


def _serves(run: Run, used: Values, trained: Values) -> bool:
    """Whether a network is the trained one, or its like that nobody trains.

    That is one of its class, or made at the same place.
    """
    if same(used, trained):
        return True
    one, other = (_likes(values) for values in (used, trained))
    return bool(one & other) and not any(
        same(used, values) for values in run.once(_all_trained)
    )


def _likes(networks: Values) -> set[object]:
    made = [unwrap(v) for v in networks]
    return {
        v.of if isinstance(v.of, Class) else v.call
        for v in made
        if isinstance(v, Object) and (v.call or isinstance(v.of, Class))
    }


def _all_trained(run: Run) -> list[Values]:
    """The networks that are called in a loop with a backward pass."""
    return [
        event.subject
        for other in run.others
        for event in other.of("forward")
        if any("backward" in other.kinds_in[loop] for loop in event.loops())
    ]


def _is_raw(run: Run, value: Value, event: Event) -> bool:
    """Whether pixels come from 0 to 1 and certainly not from a Normalize."""
    for _ in range(8):
        if isinstance(value, Output):
            return value.kind == "pixels"
        if isinstance(value, Derived) and value.how in ("item", "element"):
            loaders = [loader_of(run, loop) for loop in event.loops()]
            known = [v for v in loaders if v is not None and v in inside(value)]
            if known or not value.parts:
                return any(
                    _is_plain(run, transform_of(run, dataset_of(run, v))) for v in known
                )
            value = value.parts[0]  # picture[None]
            continue
        if not isinstance(value, Object):
            return False
        of = value.of
        if made_by(value).endswith("functional.to_tensor"):
            return True
        if isinstance(of, Derived) and of.how == "call":
            return _is_plain(run, of.parts[0])
        if isinstance(of, Derived) and of.name in names.SAME_NUMBERS_METHODS:
            value = of.parts[0]
            continue
        inner: Value | None = None
        if made_by(value) in names.SAME_NUMBERS:
            inner = only(arguments.made_with(run.follower, value, 0, "input"))
        if inner is None:
            return False
        value = inner
    return False


def _is_plain(run: Run, transform: Value | None) -> bool:
    """Whether a transform makes tensors and certainly does not normalise."""
    steps = steps_of(run, transform)
    if not steps:
        return False
    known = [step_name(s) for s in steps]
    return "Normalize" not in known and bool(FROM_PIXELS & set(known))


@dataclass(frozen=True)
class Side:
    """A transform and what it serves.

    Attributes:
        group: what tells which sides belong together: a class of data sets, or a
            place with names that differ in ``train`` and ``val`` only.
        training: whether it serves training, else evaluation.
    """

    group: object
    training: bool
    transform: Object


def _sides(run: Run) -> list[Side]:
    """The transforms of which the program says what they serve."""
    found = [side for other in run.others for side in _of_data(other)]
    found += [side for other in run.others for side in named_sides(other)]
    for loaders, training in ((run.once(trained_on), True), (_evaluated(run), False)):
        for loader in loaders:
            whole = whole_of(run, loader and dataset_of(run, loader))
            transform = transform_of(run, whole)
            if whole is not None and isinstance(transform, Object):
                found.append(Side(whole.of, training, transform))
    return list(dict.fromkeys(found))


def _evaluated(run: Run) -> list[Object]:
    trained = run.once(trained_on)
    loaders = [v for other in run.others for v in evaluated(other)]
    return [loader for loader in loaders if loader not in trained]


def _of_data(run: Run) -> Iterator[Side]:
    """The data sets that are made with ``train=True`` or ``train=False``."""
    for event in run.events:
        name = event.name.removeprefix("torchvision.datasets.")
        if name == event.name or name not in TRAIN_AT:
            continue
        for dataset in run.value(event.node, event.frame):
            train = only(run.argument(event, TRAIN_AT[name], "train"))
            transform = transform_of(run, dataset)
            if not isinstance(train, Const) or not isinstance(train.value, bool):
                continue
            if isinstance(transform, Object) and isinstance(dataset, Object):
                yield Side(dataset.of, train.value, transform)


def named_sides(run: Run) -> Iterator[Side]:
    """The transforms under names, or keys, that say train or val."""
    for event in run.events:
        if not event.name.endswith(".Compose"):
            continue
        module = event.frame.module
        around = module.parent[event.node]
        place: ast.AST = module.scope(around)
        label = ""
        match around:
            case ast.Assign(targets=[target]):
                label = identifier(target)
            case ast.Dict(keys=keys, values=values):
                key, place = keys[values.index(event.call)], around
                if isinstance(key, ast.Constant) and isinstance(key.value, str):
                    label = key.value
        for training, pattern in ((True, TRAINING), (False, HELD_OUT)):
            if pattern.search(label):
                rest = pattern.sub("", label)
                for made in run.value(event.node, event.frame):
                    if isinstance(made, Object):
                        yield Side((place, rest), training, made)


def _normalisation(run: Run, side: Side) -> tuple[Object, Statistics] | None:
    """The Normalize of a transform and its numbers, or itself without; if known."""
    for step in steps_of(run, side.transform) or ():
        if step_name(step) == "Normalize":
            found = statistics(run, step)
            return None if None in found else (step, found)
    return (side.transform, ()) if _is_plain(run, side.transform) else None


@rule("NOTE914")
def other_normalisation(run: Run) -> Hits:
    """Compare the Normalize of training with that of evaluation."""
    if run.root is not None:
        return
    groups: dict[object, tuple[list[Side], list[Side]]] = {}
    for side in run.once(_sides):
        groups.setdefault(side.group, ([], []))[side.training].append(side)
    for evaluation, training in groups.values():
        taught = [_normalisation(run, side) for side in training]
        known = {found[1] for found in taught if found is not None}
        asked = [_normalisation(run, side) for side in evaluation]
        if None in taught or not taught:
            continue
        agree = any(found is not None and found[1] in known for found in asked)
        for found in asked:
            if found is None or found[1] in known:
                continue
            if not found[1] and (agree or run.once(_normalised_training)):
                continue  # pictures to look at; or NOTE913 knows more
            step = found[0]
            first = next(f[0] for f in taught if f is not None)
            if step.call and step.frame and first.call and first.frame:
                where = line_of(first.call, first.frame)
                text = "Evaluation is normalised otherwise than training"
                if not found[1]:
                    text = "Evaluation is not normalised, and training is"
                yield hit(step.call, step.frame, f"{text} ({where}).")
