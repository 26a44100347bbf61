"""U2: where augmentation belongs."""

import ast
import re

from .. import names
from ..events import Event, Run
from ..following import arguments
from ..following.classes import members
from ..providing import (
    TRAIN_AT,
    dataset_of,
    sampler_of,
    step_name,
    steps_of,
    trained_on,
    transform_of,
    whole_of,
)
from ..rule import Hits, at, hit, line_of, rule
from ..values import (
    Class,
    Object,
    inside,
    is_true,
    made_by,
)
from .held_out import HELD_OUT, evaluated, labels_of
from .normalising import named_sides

SUBSET = "torch.utils.data.Subset"
RANDOM = {
    "ColorJitter", "RandAugment", "AutoAugment", "TrivialAugmentWide", "AugMix",
    "GaussianBlur", "ElasticTransform", "GaussianNoise", "ScaleJitter",
    # Of Albumentations, at random unless told otherwise:
    "HorizontalFlip", "VerticalFlip", "Transpose", "D4", "Rotate", "SafeRotate",
    "Affine", "ShiftScaleRotate", "Perspective", "GridDistortion", "OpticalDistortion",
    "CoarseDropout", "GaussNoise", "ISONoise", "MotionBlur", "HueSaturationValue",
}  # fmt: skip


def is_random(step: Object) -> bool:
    """Whether a transform changes a picture at random."""
    name = step_name(step)
    if name == "create_transform":  # of timm: for training, or not
        return step.call is not None and any(
            keyword.arg == "is_training" and ast.unparse(keyword.value) == "True"
            for keyword in step.call.keywords
        )
    return name.startswith("Random") or name in RANDOM


def _augmented(run: Run, loader: Object) -> Object | None:
    dataset = dataset_of(run, loader)
    for step in steps_of(run, transform_of(run, dataset)) or ():
        if is_random(step):
            return step
    return None


def _split(run: Run, loader: Object) -> Object | None:
    """The random_split or Subset between a loader and its data set, or its sampler."""
    sampler = sampler_of(run, loader)
    if made_by(sampler) == "torch.utils.data.SubsetRandomSampler":
        return sampler
    dataset = dataset_of(run, loader)
    for part in inside(dataset) if dataset is not None else ():
        if not isinstance(part, Object):
            continue
        if made_by(part) == "torch.utils.data.random_split":
            return part
        if made_by(part) == SUBSET and len(_parts_of(run, part)) > 1:
            return part
    return None


def _parts_of(run: Run, subset: Object) -> list[Event]:
    """The subsets that are made of the same data set."""
    whole = arguments.made_with(run.follower, subset, 0, "dataset")
    return [
        e
        for other in run.others
        for e in other.named(SUBSET)
        if whole and other.argument(e, 0, "dataset") == whole
    ]


def _held_out(run: Run) -> list[tuple[Object, Object]]:
    """Loaders that are evaluated, are not trained on, and augment: with the step."""
    trained, found = run.once(trained_on), []
    for loader in evaluated(run):
        step = _augmented(run, loader)
        if loader in trained or step is None or _is_training_data(run, loader):
            continue
        found.append((loader, step))
    return found


def _followed(run: Run) -> set[Object]:
    """The steps with chance that a loader leads to."""
    return {step for other in run.others for _, step in _held_out(other)}


def _is_training_data(run: Run, loader: Object) -> bool:
    """Whether somebody looks at the training data in evaluation, on purpose."""
    if _split(run, loader) is not None:
        return False
    whole = whole_of(run, dataset_of(run, loader))
    if whole is None:
        return False
    if isinstance(whole.of, Class) and loader.call and loader.frame:
        labels = labels_of(loader.frame.module, loader.call)
        if any(map(HELD_OUT.search, labels)):
            return False  # train=True is the slip itself: it switches chance on
    position = TRAIN_AT.get(made_by(whole).rpartition(".")[2])
    return is_true(arguments.made_with(run.follower, whole, position, "train"))


def _patched(run: Run) -> bool:
    """Whether somebody sets the transform or data set of a split from outside."""
    return bool(members(run.main)[1] & {"transform", "transforms", "dataset"})


@rule("NOTE921")
def augmented_validation(run: Run) -> Hits:
    """Follow loaders that are evaluated to a transform with chance in it."""
    if _patched(run):
        return
    for loader, step in _held_out(run):
        if _split(run, loader) is None and loader.call and loader.frame:
            where = line_of(step.call or loader.call, step.frame or loader.frame)
            yield hit(
                loader.call,
                loader.frame,
                f"What this loader gives is evaluated, and {step_name(step)} ({where}) "
                "changes it at random.",
            )
    yield from _at_random(run)
    sides = list(named_sides(run))
    for_training = {side.group for side in sides if side.training}
    for side in sides:
        if side.training or side.group not in for_training:
            continue
        for step in steps_of(run, side.transform) or ():
            found = is_random(step) and step not in run.once(_followed)
            if found and step.call and step.frame:
                yield hit(
                    step.call,
                    step.frame,
                    f"The name says that this transform is for evaluation, and "
                    f"{step_name(step)} changes pictures at random.",
                )


PREDICTS = re.compile(r"predict|infer|classify|recogni[sz]e|serve|demo|single", re.I)


def _at_random(run: Run) -> Hits:
    """Find pictures that a transform with chance prepares for an answer."""
    if run.of("backward"):
        return
    for event in run.events:
        if not isinstance(event.node, ast.Call) or event.kind == "forward":
            continue
        name = getattr(event.frame.function, "name", "")
        if event.guard(names.NO_GRAD) is None and not PREDICTS.search(name):
            continue
        several = event.loops() and isinstance(
            event.loops()[-1].node, ast.comprehension
        )
        if several or "tta" in name.lower():
            continue  # several views of one picture
        for value in run.value(event.node.func, event.frame):
            steps = steps_of(run, value) if isinstance(value, Object) else None
            if chance := [step for step in steps or () if is_random(step)]:
                step = chance[0]
                where = line_of(step.call or event.node, step.frame or event.frame)
                yield at(
                    event,
                    f"{step_name(step)} ({where}) changes at random what is to be "
                    "answered here.",
                )


@rule("NOTE922")
def augmented_split(run: Run) -> Hits:
    """Follow held-out loaders through random_split to a transform with chance in it."""
    if _patched(run):
        return
    for loader, step in _held_out(run):
        split = _split(run, loader)
        if split is not None and split.call is not None and split.frame is not None:
            where = line_of(step.call or split.call, step.frame or split.frame)
            yield hit(
                split.call,
                split.frame,
                f"The part that is evaluated keeps the transform of the whole, with "
                f"{step_name(step)} ({where}).",
            )
