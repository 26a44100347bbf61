"""Note 6: schedules under accumulation, and the direction of a metric."""

import ast
import re

from ..events import Around, Event, Run
from ..following import arguments
from ..kinds import identifier
from ..order import STEPS, every_few
from ..rule import Hits, at, hit, rule
from ..values import (
    Const,
    Derived,
    Object,
    Value,
    Values,
    const,
    inside,
    made_by,
    number,
)
from .gradients import accumulating
from .schedule import PREFIX, lengths, monitored_by_lightning, placed

ACCUMULATES = re.compile(r"accum|micro|passes_per|steps_per_update|update_(freq|every)")
HIGHER = re.compile(
    r"(^|[_/-])(acc|accs|accuracy|auc|auroc|f1|f1_?score|fscore|m?iou|dice|map|recall"
    r"|precision|psnr|ssim|kappa|bleu|top1|top_1)(_|\d|$)",
    re.I,
)
LOWER = re.compile(r"loss|error|(^|_)(err|mse|rmse|mae|nll|ppl|perplexity)(_|$)", re.I)
PLATEAU = PREFIX + "ReduceLROnPlateau"
# Callbacks of Lightning that wait for the smallest value unless they are told.
WAITING = re.compile(r"lightning\.callbacks\.(\w+\.)?(EarlyStopping|ModelCheckpoint)$")


@rule("NOTE068")
def counted_in_another_unit(run: Run) -> Hits:
    """Compare a length in updates or micro-batches with the place of the call."""
    for event, made, loops, per_batch in placed(run):
        inner = loops[-1]
        steps = [e for e in run.round_of(inner) if e.kind in STEPS]
        if not per_batch or not steps:
            continue
        every = [arm for e in steps for arm in e.arms_inside(inner) if every_few(arm)]
        rare = all(any(map(every_few, e.arms_inside(inner))) for e in steps)
        block = accumulating(run, event)
        if not rare and block is None and not _synchronised(event):
            continue
        per_update = any(map(every_few, event.arms_inside(inner)))
        per_update = per_update or _synchronised(event)
        every_n = {v for arm in every for v in _moduli(run, arm)}
        for keyword, values in lengths(run, made):
            divided = _is_divided(values, every_n)
            if divided and not per_update:
                yield at(
                    event,
                    f"{keyword} counts updates, and this is called in every "
                    "micro-batch: the schedule is over long before the run.",
                )
            elif per_update and not divided and _is_whole(values):
                if every_n and all(number(frozenset((n,))) == 1 for n in every_n):
                    continue
                yield at(
                    event,
                    f"{keyword} counts every batch, and this is called once per "
                    "update: the run ends in the first part of the schedule.",
                )


def _synchronised(event: Event) -> bool:
    """Whether a branch on ``accelerator.sync_gradients`` stands around a call."""
    tests = (getattr(around.node, "test", None) for around in event.around)
    return any(
        test is not None and "sync_gradients" in ast.dump(test) for test in tests
    )


def _moduli(run: Run, arm: Around) -> Values:
    """The n of ``if (i + 1) % n == 0``."""
    test = getattr(arm.node, "test", arm.node)
    return frozenset(
        v
        for node in ast.walk(test)
        if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Mod)
        for v in run.value(node.right, arm.frame)
    )


def _is_divided(values: Values, by: set[Value]) -> bool:
    """Whether a length is divided by the batches of an update."""
    for value in values:
        for part in inside(value):
            if isinstance(part, Derived) and part.how in ("FloorDiv", "Div"):
                divisor = part.parts[1]
                label = getattr(divisor, "name", "")
                if divisor in by or ACCUMULATES.search(str(label)):
                    return True
    return False


def _is_whole(values: Values) -> bool:
    """Whether a length is all batches of a loader, undivided."""
    parts = {part for value in values for part in inside(value)}
    derived = [part for part in parts if isinstance(part, Derived)]
    return any(part.how == "len" for part in derived) and not any(
        part.how in ("FloorDiv", "Div") or ACCUMULATES.search(part.name)
        for part in derived
    )


@rule("NOTE069")
def plateau_of_the_wrong_kind(run: Run) -> Hits:
    """Compare the mode of ReduceLROnPlateau with the name of what it is given."""
    for event in run.of("schedule"):
        given = arguments.argument_expr(event.call, 0, "metrics")
        for made in event.subject if given is not None else ():
            if isinstance(made, Object) and made_by(made) == PLATEAU:
                assert given is not None
                yield from _compared(run, made, metric_name(given))
    for made, told in monitored_by_lightning(run):
        if made_by(made) == PLATEAU:
            yield from _compared(run, made, told)


def _compared(run: Run, made: Object, metric: str) -> Hits:
    wrong = _wrong_way(arguments.made_with(run.follower, made, 1, "mode"), metric)
    if wrong and made.call is not None and made.frame is not None:
        text = f"{metric} is better the {wrong}, and this waits for the opposite."
        yield hit(made.call, made.frame, text)


def _wrong_way(mode: Values, metric: str) -> str:
    """Which values of a metric are better, if the mode says the opposite."""
    higher, lower = HIGHER.search(metric), LOWER.search(metric)
    if higher and not lower and (not mode or mode == const("min")):
        return "higher it is"
    return "lower it is" if lower and not higher and mode == const("max") else ""


def metric_name(expr: ast.expr) -> str:
    """What a metric is called: ``val_acc`` of ``logs["val_acc"].item()``."""
    while isinstance(expr, ast.Call):
        if isinstance(expr.func, ast.Attribute) and not expr.args:
            expr = expr.func.value
        elif identifier(expr.func) == "float" and expr.args:
            expr = expr.args[0]
        else:
            return ""
    match expr:
        case ast.Subscript(slice=ast.Constant(value=str(key))):
            return key
        case ast.Name() | ast.Attribute():
            return identifier(expr)
    return ""


@rule("NOTE965")
def waits_for_the_opposite(run: Run) -> Hits:
    """Compare the mode of Lightning's callbacks with the metric they watch."""
    for event in run.events:
        if not WAITING.match(event.name):
            continue
        position = 0 if "EarlyStopping" in event.name else None
        watched = run.argument(event, position, "monitor")
        mode = run.argument(event, None, "mode")
        for value in watched:
            if isinstance(value, Const) and isinstance(value.value, str):
                wrong = _wrong_way(mode, value.value)
                if wrong:
                    yield at(
                        event,
                        f"{value.value} is better the {wrong}, and this callback "
                        "waits for the opposite.",
                    )
