"""Note 15: what a DALI pipeline hands out."""

import re

from ..events import Run
from ..following import arguments
from ..rule import Hits, at, rule
from ..values import (
    Derived,
    Object,
    Output,
    Value,
    inside,
    made_by,
    number,
    numbers,
)
from .held_out import HELD_OUT, labels_of

LABELS = {"label", "labels", "target", "targets", "y"}  # names in an output map
AS_THEY_ARE = {"long", "int", "to", "cuda", "type"}  # methods that keep the shape
DALI = "nvidia.dali."
NORMALISES = ("crop_mirror_normalize", "fn.normalize", "ops.CropMirrorNormalize")
# Iterators, and where they take the number of pictures and the reader's name.
ITERATORS = {"DALIClassificationIterator": (1, 2), "DALIGenericIterator": (2, 3)}


@rule("NOTE151")
def labels_not_unpacked(run: Run) -> Hits:
    """Find decoders that are given both outputs of a reader."""
    for event in run.events:
        if not event.name.startswith(DALI) or "decoders" not in event.name:
            continue
        for value in run.argument(event, 0, "input"):
            made = made_by(value)
            if made.startswith(DALI) and made.endswith("readers.file"):
                yield at(
                    event, "readers.file returns files and labels; this takes both."
                )


@rule("NOTE152")
def unit_statistics_on_bytes(run: Run) -> Hits:
    """Find DALI's normalisation with means that do not exceed 1."""
    for event in run.events:
        if not event.name.startswith(DALI) or not event.name.endswith(NORMALISES):
            continue
        given = {keyword.arg for keyword in event.call.keywords}
        if "scale" in given or arguments.has_spread(event.call):
            continue
        mean = numbers(run.argument(event, None, "mean"))
        image = run.argument(event, 0, "input")
        divided = any(
            (isinstance(p, Derived) and p.how in ("Div", "Mult"))
            or (isinstance(p, Output) and p.kind == "pixels")
            for v in image
            for p in inside(v)
        )
        if mean and max(mean) <= 1 and any(mean) and not divided:
            yield at(event, "These means are for pixels from 0 to 1; these are bytes.")


@rule("NOTE153")
def squashed(run: Run) -> Hits:
    """Find DALI's resize with both sides."""
    for event in run.events:
        if not event.name.startswith(DALI) or not event.name.endswith("resize"):
            continue
        if {"resize_x", "resize_y"} <= {k.arg for k in event.call.keywords}:
            yield at(event, "Both sides are set: the picture is squashed.")


def _iterator(name: str) -> tuple[int, int] | None:
    """Where an iterator of DALI takes size and reader_name; ``None`` for others."""
    known = ITERATORS.get(name.rpartition(".")[2])
    return known if name.startswith(DALI) else None


EVALUATES = re.compile(r"val|test|eval", re.I)


@rule("NOTE154")
def counted_twice(run: Run) -> Hits:
    """Find iterators that fill up the last batch of an evaluation."""
    for event in run.events:
        places = _iterator(event.name)
        given = {k.arg for k in event.call.keywords} if places else set()
        if places is None:
            continue
        policy = run.argument(event, None, "last_batch_policy")
        fills = bool(policy) and all(_is_fill(v) for v in policy)
        if given & {"last_batch_policy", "fill_last_batch", None} and not fills:
            continue
        size = number(run.argument(event, places[0], "size"))
        by_hand = arguments.argument_expr(event.call, places[0], "size") and size != -1
        named = arguments.argument_expr(event.call, places[1], "reader_name")
        held_out = any(map(HELD_OUT.search, labels_of(event.frame.module, event.call)))
        function = getattr(event.frame.function, "name", "")
        held_out = held_out or bool(fills and EVALUATES.search(function))
        if held_out or (by_hand and not named):
            yield at(
                event,
                "The last batch is filled up with pictures that are counted twice"
                + (", and the next pass begins elsewhere." if by_hand else "."),
            )


def _is_fill(value: Value) -> bool:
    return getattr(value, "name", "").rpartition(".")[2] == "FILL"


@rule("NOTE155")
def labels_in_a_column(run: Run) -> Hits:
    """Follow the target of a loss back to the labels of a DALI iterator."""
    if run.once(_reshapes):
        return
    for event in run.of("loss"):
        if any(map(_is_label, run.argument(event, 1, "target"))):
            yield at(event, "DALI gives these labels as a column of int32.")


def _is_label(value: Value) -> bool:
    """Whether something is what a DALI iterator gives as labels, in that shape."""
    while isinstance(value, Object) and isinstance(value.of, Derived):
        if value.of.how != "attr" or value.of.name not in AS_THEY_ARE:
            break
        value = value.of.parts[0]
    if not isinstance(value, Derived) or value.how != "item":
        return False
    return value.name in LABELS and any(
        _iterator(made_by(part)) for part in inside(value)
    )


def _reshapes(run: Run) -> bool:
    """Whether a pipeline that is not in sight, or one of these, flattens its labels."""
    called = [e.name for other in run.others for e in other.events]
    pipelines = [name for name in called if name.startswith(DALI)]
    return not any("readers" in name for name in pipelines) or any(
        name.endswith(("squeeze", "reshape", "element_extract")) for name in pipelines
    )
