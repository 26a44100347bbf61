"""U1 and U2: the statistics of a normalisation, and where augmentation belongs."""

from review import calling, names
from review.classes import members
from review.events import Event, Run
from review.rule import Hits, at, hit, line_of, rule
from review.rules.modes import evaluated
from review.rules.providing import (
    TRAIN_AT,
    dataset_of,
    loader_of,
    only,
    step_name,
    steps_of,
    transform_of,
    whole_of,
)
from review.values import (
    Derived,
    Object,
    Output,
    Value,
    Values,
    inside,
    is_true,
    made_by,
    numbers,
    same,
)

# Means that people know by heart, to two digits, and the data sets they are of.
STATISTICS = {
    (0.13,): {"MNIST", "QMNIST", "EMNIST", "KMNIST", "USPS", "FashionMNIST"},
    (0.49, 0.48, 0.45): {"CIFAR10", "CIFAR100"},
    (0.51, 0.49, 0.44): {"CIFAR100", "CIFAR10"},
}
NAMES = {
    (0.13,): "MNIST",
    (0.49, 0.48, 0.45): "CIFAR-10",
    (0.51, 0.49, 0.44): "CIFAR-100",
}
# Standard deviations people know by heart, which are no means.
DEVIATIONS = {
    (0.229, 0.224, 0.225), (0.247, 0.2435, 0.2616), (0.2023, 0.1994, 0.201),
    (0.3081,), (0.2675, 0.2565, 0.2761), (0.2470, 0.2430, 0.2610),
}  # fmt: skip
SUBSET = "torch.utils.data.Subset"
FOLDERS = ("ImageFolder", "DatasetFolder")
RANDOM = {
    "ColorJitter", "RandAugment", "AutoAugment", "TrivialAugmentWide", "AugMix",
    "GaussianBlur", "ElasticTransform", "GaussianNoise", "ScaleJitter",
}  # fmt: skip
FROM_PIXELS = {"ToTensor", "PILToTensor", "ToImage", "ToDtype", "ConvertImageDtype"}


def _is_grey(run: Run, dataset: Value) -> bool:
    """Whether a data set makes its pictures grey, or may."""
    steps = steps_of(run, transform_of(run, dataset)) or []
    loader = isinstance(dataset, Object) and calling.given(
        run.follower, dataset, 3, "loader"
    )
    return bool(loader) or any("Gray" in step_name(s) for s in steps)


def _statistics(run: Run, step: Object) -> tuple[tuple[float, ...] | None, ...]:
    return (
        numbers(calling.given(run.follower, step, 0, "mean")),
        numbers(calling.given(run.follower, step, 1, "std")),
    )


@rule("NOTE911")
def other_statistics(run: Run) -> Hits:
    """Compare known statistics with the data set whose transform they stand in."""
    for event in run.events:
        if not event.name.startswith("torchvision.datasets."):
            continue
        name = event.name.rpartition(".")[2]
        for dataset in run.value(event.node, event.frame):
            for step in steps_of(run, transform_of(run, dataset)) or ():
                mean, _ = _statistics(run, step)
                if step_name(step) != "Normalize" or mean is None:
                    continue
                key = tuple(round(m, 2) for m in mean)
                own = STATISTICS.get(key)
                if own is None or name in own or name == "FakeData":
                    continue
                if name in FOLDERS and (len(mean) > 1 or _is_grey(run, dataset)):
                    continue  # any pictures may lie in a folder
                where = line_of(event.node, event.frame)
                if step.call is not None and step.frame is not None:
                    yield hit(
                        step.call,
                        step.frame,
                        f"These are the statistics of {NAMES[key]}, and {where} reads "
                        f"{name}.",
                    )


@rule("NOTE912")
def swapped_statistics(run: Run) -> Hits:
    """Find Normalize whose mean is a well-known deviation, or equals the deviation."""
    for event in run.named("torchvision.transforms.Normalize"):
        for step in run.value(event.node, event.frame):
            if not isinstance(step, Object):
                continue
            mean, std = _statistics(run, step)
            if mean is None:
                continue
            if mean in DEVIATIONS and std not in DEVIATIONS:
                yield at(
                    event, "The mean given here is a well-known standard deviation."
                )
            elif mean == std and len(set(mean)) > 1:
                yield at(
                    event, "Mean and standard deviation are the same numbers here."
                )


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
        if not any(same(event.subject, subject) for subject, _ in trained):
            continue
        values = run.value(event.call.args[0], event.frame)
        if values and all(_is_raw(run, v, event) for v in values):
            where = line_of(trained[0][1].node, trained[0][1].frame)
            yield at(
                event,
                f"The network was trained on normalised pictures ({where}); these only "
                "go from 0 to 1.",
            )


def _is_raw(run: Run, value: Value, event: Event) -> bool:
    """Whether pixels come from 0 to 1 and certainly not from a Normalize."""
    for _ in range(8):
        if isinstance(value, Output):
            return value.kind == "pixels"
        if isinstance(value, Derived) and value.how in ("item", "element"):
            found = [loader_of(run, loop) for loop in event.loops()]
            return any(
                loader is not None
                and loader in inside(value)
                and _is_plain(run, transform_of(run, dataset_of(run, loader)))
                for loader in found
            )
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
            inner = only(calling.given(run.follower, value, 0, "input"))
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


def is_random(step: Object) -> bool:
    """Whether a transform changes a picture at random."""
    name = step_name(step)
    return name.startswith("Random") or name in RANDOM


def _augmented(run: Run, loader: Object) -> Object | None:
    dataset = dataset_of(run, loader)
    for step in steps_of(run, transform_of(run, dataset)) or ():
        if is_random(step):
            return step
    return None


def _split(run: Run, loader: Object) -> Object | None:
    """The random_split or Subset between a loader and its data set."""
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
    whole = calling.given(run.follower, subset, 0, "dataset")
    return [
        e
        for other in run.others
        for e in other.named(SUBSET)
        if whole and other.argument(e, 0, "dataset") == whole
    ]


def _trained_on(run: Run) -> set[Object | None]:
    """The loaders of loops with a backward pass."""
    return {
        loader_of(other, loop)
        for other in run.others
        for event in other.of("backward")
        for loop in event.loops()
    }


def _held_out(run: Run) -> list[tuple[Object, Object]]:
    """Loaders that are evaluated, are not trained on, and augment: with the step."""
    trained, found = run.once(_trained_on), []
    for loader in evaluated(run):
        step = _augmented(run, loader)
        if loader in trained or step is None or _is_training_data(run, loader):
            continue
        found.append((loader, step))
    return found


def _is_training_data(run: Run, loader: Object) -> bool:
    """Whether somebody looks at the training data in evaluation, on purpose."""
    if _split(run, loader) is not None:
        return False
    whole = whole_of(run, dataset_of(run, loader))
    if whole is None:
        return False
    position = TRAIN_AT.get(made_by(whole).rpartition(".")[2])
    return is_true(calling.given(run.follower, whole, position, "train"))


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
