"""What several rules ask of loaders: their data, sampler and transforms."""

import ast

from . import names
from .events import Around, Run
from .following import arguments
from .following.classes import method
from .values import Class, Derived, Items, Object, Value, Values, inside, made_by


def loader_of(run: Run, loop: Around) -> Object | None:
    """The DataLoader that a loop certainly runs over."""
    iterated = getattr(loop.node, "iter", None)
    values = run.value(iterated, loop.frame)
    found = [loader for v in values if (loader := _loader(v)) is not None]
    return found[0] if len(found) == 1 and len(values) == 1 else None


def _loader(value: Value) -> Object | None:
    """The one loader in a value: ``loaders[phase]`` may be any of several."""
    found = {
        part
        for part in inside(value)
        if isinstance(part, Object) and made_by(part) in names.LOADERS
    }
    return found.pop() if len(found) == 1 else None


def only(values: Values) -> Value | None:
    """The one thing that something certainly is."""
    return next(iter(values)) if len(values) == 1 else None


def trained_on(run: Run) -> set[Object | None]:
    """The loaders of loops with a backward pass."""
    return {
        loader_of(other, loop)
        for other in run.others
        for event in other.of("backward")
        for loop in event.loops()
    }


def sampler_of(run: Run, loader: Object) -> Object | None:
    """The sampler that a loader was certainly given."""
    sampler = only(arguments.made_with(run.follower, loader, 3, "sampler"))
    return sampler if isinstance(sampler, Object) else None


def dataset_of(run: Run, loader: Object) -> Value | None:
    """The data set that a loader was certainly given."""
    return only(arguments.made_with(run.follower, loader, 0, "dataset"))


SPLITS = ("torch.utils.data.random_split", "torch.utils.data.Subset")
# Where torchvision's data sets take their transform.
TRANSFORM_AT = {
    "ImageFolder": 1,
    "DatasetFolder": 3,
    "CIFAR10": 2,
    "CIFAR100": 2,
    "MNIST": 2,
    "FashionMNIST": 2,
    "KMNIST": 2,
    "SVHN": 2,
    "STL10": 3,
}
TIMM = "timm.data.create_transform"
TRANSFORMS = ("torchvision.transforms.", "albumentations.", TIMM)
TRAIN_AT = {"CIFAR10": 1, "CIFAR100": 1, "MNIST": 1, "FashionMNIST": 1, "KMNIST": 1}


def whole_of(run: Run, dataset: Value | None) -> Object | None:
    """The data set behind a Subset or a part of a random_split, or itself."""
    for _ in range(4):
        if isinstance(dataset, Derived) and dataset.how in ("item", "element"):
            dataset = dataset.parts[0] if dataset.parts else None
        elif made_by(dataset) in SPLITS and isinstance(dataset, Object):
            dataset = only(arguments.made_with(run.follower, dataset, 0, "dataset"))
        else:
            return dataset if isinstance(dataset, Object) else None
    return None


def transform_of(run: Run, dataset: Value | None) -> Value | None:
    """The transform of a data set, also behind Subset or random_split."""
    whole = whole_of(run, dataset)
    if whole is None:
        return None
    made = made_by(whole)
    if isinstance(whole.of, Class):  # a data set of the files: as it is named there
        given = only(arguments.made_with(run.follower, whole, None, "transform"))
        return given or _own_transform(run, whole)
    if not made.startswith("torchvision.datasets."):
        return None
    position = TRANSFORM_AT.get(made.rpartition(".")[2])
    return only(arguments.made_with(run.follower, whole, position, "transform"))


def _own_transform(run: Run, dataset: Object) -> Value | None:
    """The Compose that ``__getitem__`` of a data set calls."""
    getter = method(run.follower, dataset, "__getitem__")
    if getter is None:
        return None
    frame = run.follower.enter(getter, None, None)
    for node in ast.walk(getter.node):
        if isinstance(node, ast.Call):
            called = only(run.value(node.func, frame))
            if made_by(called).endswith(".Compose"):
                return called
    return None


def steps_of(run: Run, transform: Value | None) -> list[Object] | None:
    """The steps of a Compose, if all of them are in the open."""
    if not isinstance(transform, Object):
        return None
    made = made_by(transform)
    if made.endswith((".Compose", ".Sequential")):
        listed = only(arguments.made_with(run.follower, transform, 0, "transforms"))
        if not isinstance(listed, Items):
            return None
        found: list[Object] = []
        for entry in listed.values:
            inner = steps_of(run, only(entry))
            if inner is None:
                return None
            found += inner
        return found
    return [transform] if made.startswith(TRANSFORMS) else None


def step_name(step: Object) -> str:
    """The class of a transform: ``RandomCrop``."""
    return made_by(step).rpartition(".")[2]
