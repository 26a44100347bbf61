"""U1: the mean and deviation of a normalisation, and the data they are of."""

import ast
import re

from ..events import Event, Run
from ..following import arguments
from ..providing import step_name, steps_of, transform_of
from ..rule import Hits, at, hit, line_of, rule
from ..values import (
    Const,
    Derived,
    Object,
    Value,
    Values,
    const,
    made_by,
    number,
    numbers,
)

# Means that people know by heart, to two digits, the data set they are of, and others
# for which they are as good.
STATISTICS = {
    (0.13,): ("MNIST", {"MNIST", "QMNIST", "EMNIST", "USPS"}),
    (0.29,): ("Fashion-MNIST", {"FashionMNIST"}),
    (0.49, 0.48, 0.45): ("CIFAR-10", {"CIFAR10", "CIFAR100"}),
    (0.51, 0.49, 0.44): ("CIFAR-100", {"CIFAR100", "CIFAR10"}),
    (0.44, 0.44, 0.47): ("SVHN", {"SVHN"}),
}
# The red channel's mean of colour pictures, to three digits: not that of digits.
RED = {0.491: "CIFAR-10", 0.507: "CIFAR-100", 0.485: "ImageNet"}
GREY = {"MNIST", "QMNIST", "EMNIST", "KMNIST", "FashionMNIST", "USPS"}
# Standard deviations people know by heart, which are no means.
DEVIATIONS = {
    (0.229, 0.224, 0.225), (0.247, 0.2435, 0.2616), (0.2023, 0.1994, 0.201),
    (0.3081,), (0.2675, 0.2565, 0.2761), (0.2470, 0.2430, 0.2610),
}  # fmt: skip
DEVIATION = re.compile(r"std|sigma|deviation", re.I)
FOLDERS = ("ImageFolder", "DatasetFolder")
Statistics = tuple[tuple[float, ...] | None, ...]  # mean and deviation


def statistics(run: Run, step: Object) -> Statistics:
    """The mean and deviation that a Normalize is given, if they are numbers."""
    return (
        numbers(arguments.made_with(run.follower, step, 0, "mean")),
        numbers(arguments.made_with(run.follower, step, 1, "std")),
    )


def _is_grey(run: Run, dataset: Value) -> bool:
    """Whether a data set makes its pictures grey, or may."""
    steps = steps_of(run, transform_of(run, dataset)) or []
    loader = isinstance(dataset, Object) and arguments.made_with(
        run.follower, dataset, 3, "loader"
    )
    return bool(loader) or any("Gray" in step_name(s) for s in steps)


def pretrained(run: Run) -> Event | None:
    """Where the program makes a network with weights from ImageNet."""
    for other in run.others:
        for event in other.events:
            if event.name.startswith("torchvision.models."):
                given = other.argument(event, None, "weights")
                given = given or other.argument(event, 0, "pretrained")
            elif event.name.startswith("timm.create_model"):
                given = other.argument(event, 1, "pretrained")
            else:
                continue
            if given and not given & _nothing():
                return event
    return None


def _nothing() -> Values:
    return frozenset((Const(None, type(None)), Const(False, bool)))


def _other(run: Run, name: str, dataset: Value, mean: tuple[float, ...]) -> str:
    """Of which other data set a mean is, and why that is none of this one."""
    whose, own = STATISTICS.get(tuple(round(m, 2) for m in mean), ("", {name}))
    weights = run.once(pretrained)
    red = RED.get(round(mean[0], 3)) if len(mean) == 1 and name in GREY else None
    if red is not None and (red != "ImageNet" or weights is None):
        return f"the first channel of {red}"
    if name in own or name == "FakeData":
        return ""
    if name not in FOLDERS or (len(mean) == 1 and not _is_grey(run, dataset)):
        return whose
    # Any pictures may lie in a folder, but weights ask for the numbers of their own.
    named = "cifar" in run.main.text.lower().replace(whose.lower(), "")
    if len(mean) == 1 or weights is None or named:
        return ""
    where = line_of(weights.node, weights.frame)
    return f"{whose}; the weights of {where} are of ImageNet"


@rule("NOTE911")
def other_statistics(run: Run) -> Hits:
    """Compare known statistics with the data set whose transform they stand in."""
    for event in run.events:
        if not event.name.startswith("torchvision.datasets."):
            continue
        name = event.name.rpartition(".")[2]
        for dataset in run.value(event.node, event.frame):
            for step in steps_of(run, transform_of(run, dataset)) or ():
                mean, _ = statistics(run, step)
                if step_name(step) != "Normalize" or mean is None:
                    continue
                whose = _other(run, name, dataset, mean)
                if whose and step.call is not None and step.frame is not None:
                    where = line_of(event.node, event.frame)
                    yield hit(
                        step.call,
                        step.frame,
                        f"{where} reads {name}, and these are the statistics of "
                        f"{whose}.",
                    )


@rule("NOTE912")
def swapped_statistics(run: Run) -> Hits:
    """Find Normalize whose mean is a well-known deviation, or equals the deviation."""
    for event in run.named("torchvision.transforms.Normalize"):
        for step in run.value(event.node, event.frame):
            if not isinstance(step, Object):
                continue
            mean, std = statistics(run, step)
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


@rule("NOTE915")
def averaged_deviations(run: Run) -> Hits:
    """Find deviations of single pictures that are summed or averaged over them."""
    for event in run.named(".mean", ".sum", "torch.mean", "torch.sum"):
        method = event.name.startswith(".")
        if run.argument(event, 0 if method else 1, "dim") != const(0):
            continue
        if not DEVIATION.search(_result(event)):
            continue
        func = event.call.func
        if method and isinstance(func, ast.Attribute):
            values = run.value(func.value, event.frame)
        else:
            values = run.argument(event, 0, "input")
        if any(_is_of_each(run, value) for value in values):
            yield at(event, "The deviation of each picture is averaged here.")


def _result(event: Event) -> str:
    """The name of what a statement computes or adds to, or of what returns it."""
    match event.frame.module.statement(event.node):
        case ast.Return():
            return getattr(event.frame.function, "name", "")
        case ast.Expr(ast.Call(func=func)):  # stds.append(...)
            return ast.unparse(func)
        case ast.Assign(targets=targets):
            return " ".join(map(ast.unparse, targets))
        case ast.AugAssign(target=target) | ast.AnnAssign(target=target):
            return ast.unparse(target)
    return ""


def _is_of_each(run: Run, value: Value) -> bool:
    """Whether a value is a deviation over places in a picture, not over pictures."""
    if not isinstance(value, Object):
        return False
    method = isinstance(value.of, Derived) and value.of.name == "std"
    if not method and made_by(value) != "torch.std":
        return False
    over = arguments.made_with(run.follower, value, 0 if method else 1, "dim")
    sides = numbers(over) or tuple(n for n in [number(over)] if n is not None)
    return bool(sides) and 0 not in sides
