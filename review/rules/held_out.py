"""Note 10: what the loaders of an evaluation leave out or count twice."""

import ast
import re
from collections.abc import Iterator

from .. import names
from ..events import Event, Run
from ..flow import FUNCTIONS, Module
from ..following import arguments
from ..kinds import identifier
from ..providing import loader_of, sampler_of
from ..rule import Hits, hit, rule
from ..values import Object, is_true, made_by
from .modes import is_evaluation

HELD_OUT = re.compile(
    r"(^|_)(val|valid|validation|vali|test|eval|dev|holdout)"
    r"(_?(set|ds|dl|data|dataset|loader|dataloader))?(_|$)",
    re.I,
)


def evaluated(run: Run) -> list[Object]:
    """The loaders that are evaluated, or whose name says that they are held out."""
    found: list[Object] = []
    for event in run.of("forward"):
        if is_evaluation(event):
            loaders = [
                loader_of(run, loop)
                for loop in event.loops()
                if "backward" not in run.kinds_in[loop]  # trained on, around it
            ]
            found += [loader for loader in loaders if loader is not None]
    for event in run.named(*names.LOADERS):
        if _is_held_out(event):
            values = run.value(event.node, event.frame)
            found += [v for v in values if isinstance(v, Object)]
    return list(dict.fromkeys(found))


def _is_held_out(event: Event) -> bool:
    """Whether names say so: what a loader is called, or what it is made of."""
    labels = list(labels_of(event.frame.module, event.call))
    data = arguments.argument_expr(event.call, 0, "dataset")
    if data is not None and not any("train" in label.lower() for label in labels):
        labels.append(identifier(data))
    return any(map(HELD_OUT.search, labels))


def _is_for_training(loader: Object) -> bool:
    """Whether its name says that a loader is for training, whoever evaluates it."""
    if loader.call is None or loader.frame is None:
        return False
    labels = list(labels_of(loader.frame.module, loader.call))
    named = any("train" in label.lower() for label in labels)
    return named and not any(map(HELD_OUT.search, labels))


def labels_of(module: Module, call: ast.Call) -> Iterator[str]:
    """The names under which a loader is kept, handed on or returned."""
    around = module.parent[call]
    match around:
        case ast.Assign(targets=targets):
            yield from map(identifier, targets)
        case ast.keyword(arg=str() as name):
            yield name
        case ast.Dict(keys=keys, values=values):
            key = keys[values.index(call)]
            if isinstance(key, ast.Constant) and isinstance(key.value, str):
                yield key.value
        case ast.Return():
            function = module.scope(around)
            name = getattr(function, "name", "")
            if isinstance(function, FUNCTIONS) and "load" in name:
                yield name


@rule("NOTE105")
def dropped_validation(run: Run) -> Hits:
    """Find loaders with drop_last among those that are evaluated."""
    for loader in evaluated(run):
        if loader.call is None or loader.frame is None:
            continue
        if takes_all(loader) or _is_for_training(loader):
            continue
        if is_true(arguments.made_with(run.follower, loader, 8, "drop_last")):
            yield hit(
                arguments.argument_expr(loader.call, 8, "drop_last") or loader.call,
                loader.frame,
                "This loader is evaluated and leaves its last batch out.",
            )


def takes_all(loader: Object) -> bool:
    """Whether a loader gives its whole data set as one batch."""
    size = loader.call and arguments.argument_expr(loader.call, 1, "batch_size")
    return isinstance(size, ast.Call) and identifier(size.func) == "len"


def _cuts_repeats(run: Run) -> bool:
    """Whether a program cuts repeated answers off after gathering them."""
    return bool(re.search(r"gather_for_metrics|\[:\s*len\(", run.main.text))


@rule("NOTE106")
def padded_validation(run: Run) -> Hits:
    """Find DistributedSamplers on loaders that are evaluated."""
    if run.once(_cuts_repeats):
        return
    for loader in evaluated(run):
        sampler = sampler_of(run, loader)
        if sampler is None or loader.call is None or loader.frame is None:
            continue
        if _is_for_training(loader):
            continue
        if made_by(sampler) != "torch.utils.data.DistributedSampler":
            continue
        if is_true(arguments.made_with(run.follower, sampler, 5, "drop_last")):
            continue
        yield hit(
            loader.call,
            loader.frame,
            "This loader is evaluated with a DistributedSampler, which repeats samples "
            "to fill the last round.",
        )
