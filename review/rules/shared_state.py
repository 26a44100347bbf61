"""Notes 2 and U2: what workers copy, what processes share, what halves share."""

import ast
import re

from .. import names
from ..events import Run
from ..following import arguments
from ..following.classes import bases, members
from ..providing import loader_of, sampler_of
from ..rule import Hits, at, hit, line_of, rule
from ..values import (
    Class,
    Const,
    Derived,
    External,
    Object,
    const,
    inside,
    made_by,
)

GENERATORS = {
    "numpy.random.default_rng", "numpy.random.RandomState", "numpy.random.Generator",
    "random.Random", "torch.Generator",
}  # fmt: skip
SAMPLER = "torch.utils.data.DistributedSampler"
SPLIT = "torch.utils.data.random_split"
PREPARED = re.compile(r"\b(lightning|accelerate|ignite|deepspeed|ray)\b")


@rule("NOTE025")
def same_order_each_epoch(run: Run) -> Hits:
    """Find epochs over a DistributedSampler that nobody tells the epoch."""
    for event in run.of("backward"):
        loops = event.loops()
        for outer, loop in zip(loops, loops[1:], strict=False):
            loader = loader_of(run, loop)
            sampler = loader and sampler_of(run, loader)
            if loader is None or sampler is None or made_by(sampler) != SAMPLER:
                continue
            frames = (outer.frame, loop.frame, sampler.frame)
            modules = {run.main, *(f.module for f in frames if f is not None)}
            if any(
                "set_epoch" in m.attributes or PREPARED.search(m.text) for m in modules
            ):
                continue
            shuffle = arguments.made_with(run.follower, sampler, 3, "shuffle")
            if shuffle == const(False) or not sampler.call or not sampler.frame:
                continue
            where = line_of(outer.node, outer.frame)
            yield hit(
                sampler.call,
                sampler.frame,
                f"Nothing calls set_epoch() in the loop of {where}: every epoch has "
                "the order of the first.",
            )


@rule("NOTE026")
def generator_copied(run: Run) -> Hits:
    """Find data sets with a generator of their own behind loaders with workers."""
    for event in run.named(*names.LOADERS):
        workers = run.argument(event, 5, "num_workers")
        if not workers or const(0) == workers:
            continue
        if run.argument(event, 8, "worker_init_fn"):
            continue
        for dataset in run.argument(event, 0, "dataset"):
            for part in inside(dataset):
                if isinstance(part, Object) and isinstance(part.of, Class):
                    yield from _generators(run, part.of)


def _generators(run: Run, cls: Class) -> Hits:
    """The generators that a data set keeps and draws from."""
    names_ = [v.name for v in bases(run.follower, cls) if isinstance(v, External)]
    if not any(name.startswith("torch.utils.data.") for name in names_):
        return
    module = cls.frame.module
    table = members(module)[0][cls.node]
    if "get_worker_info" in module.calls:
        return
    getter = table.methods.get("__getitem__")
    for attr, stores in table.stores.items():
        if getter is None or not _draws(table.methods, getter, attr):
            continue
        if any(method.name != "__init__" for _, method in stores):
            continue  # made anew somewhere, perhaps in each worker
        for node, method in stores:
            call = module.origins[node].expr
            frame = run.follower.alone(method, module)
            made = run.value(call, frame) if isinstance(call, ast.Call) else ()
            if any(made_by(v) in GENERATORS for v in made):
                yield hit(
                    call,
                    frame,
                    f"Each worker gets a copy of this generator, in every epoch: "
                    f"self.{attr} gives all of them the same numbers.",
                )


def _draws(methods: dict, getter: ast.AST, attr: str) -> bool:
    """Whether ``__getitem__``, or a method that it calls, reads an attribute."""
    todo, seen = [getter], set()
    while todo:
        at_method = todo.pop()
        seen.add(at_method)
        for node in ast.walk(at_method):
            match node:
                case ast.Attribute(value=ast.Name(id="self"), attr=name):
                    if name == attr:
                        return True
                    if name in methods and methods[name] not in seen:
                        todo.append(methods[name])
    return False


@rule("NOTE923")
def transform_of_both(run: Run) -> Hits:
    """Find transforms set on the data set behind a part of a random_split."""
    stores = run.of("store")
    if any(e.name == "dataset =" for e in stores):
        return  # each part may have been given its own
    found: dict[Object, list] = {}
    for event in stores:
        if event.name not in ("transform =", "transforms ="):
            continue
        for value in event.subject:
            if not isinstance(value, Derived) or (value.how, value.name) != (
                "attr",
                "dataset",
            ):
                continue
            for part in inside(value):
                if isinstance(part, Object) and made_by(part) == SPLIT:
                    found.setdefault(part, []).append(event)
    for split, events in found.items():
        if split.call is None or split.frame is None:
            continue
        where = line_of(split.call, split.frame)
        last = events[-1]
        text = f"The parts of {where} share one data set: this transform is set for all"
        if len(events) > 1:
            first = line_of(events[0].node, events[0].frame)
            text += f", and that of {first} is gone"
        yield hit(last.node, last.frame, text + ".")


@rule("NOTE057")
def weights_per_class(run: Run) -> Hits:
    """Find samplers that are given the weights of classes, not of images."""
    for event in run.named("torch.utils.data.WeightedRandomSampler"):
        given = arguments.argument_expr(event.call, 0, "weights")
        values = run.argument(event, 0, "weights")
        if not values or given is None:
            continue
        named = PER_CLASS_NAME.match(
            getattr(given, "id", "") or getattr(given, "attr", "")
        )
        unknown = all(not isinstance(v, Object | Derived | Const) for v in values)
        if all(_per_class(run, v) for v in values) or (named and unknown):
            yield at(
                event,
                "The sampler draws as many images as there are weights, and there is "
                "one for each class.",
            )


PER_CLASS = {
    "torch.bincount", "numpy.bincount", "numpy.unique", "collections.Counter",
    "sklearn.utils.class_weight.compute_class_weight",
    "sklearn.utils.compute_class_weight",
}  # fmt: skip
PER_CLASS_NAME = re.compile(r"^(class|cls|label)_?weights?$|^weights?_(per|by)_class$")


def _per_class(run: Run, value: object) -> bool:
    """Whether numbers are certainly those of the classes."""
    if isinstance(value, Derived):
        if value.how in ("Div", "Mult", "Add", "Sub", "Pow"):
            return any(_per_class(run, part) for part in value.parts)
        return False
    if not isinstance(value, Object):
        return False
    made = made_by(value)
    if made in PER_CLASS:
        return True
    if made in names.SAME_NUMBERS | {"torch.DoubleTensor", "torch.sqrt", "torch.pow"}:
        given = arguments.made_with(run.follower, value, 0, "data")
        return bool(given) and all(_per_class(run, v) for v in given)
    of = value.of
    kept = names.SAME_NUMBERS_METHODS | {"sqrt", "pow", "reciprocal"}
    if isinstance(of, Derived) and of.how == "attr" and of.name in kept:
        return any(_per_class(run, part) for part in of.parts)
    return False
