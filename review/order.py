"""Questions about the order of events within one round of a loop."""

import ast

from .events import Around, Event, Run
from .source import Source
from .values import Derived, Object, Value, Values, inside, unwrap

STEPS = ("step", "scaler_step")


def _has(run: Run, around: Around, kinds: tuple[str, ...]) -> bool:
    inside = run.kinds_in[around]
    if "scaler_step" in inside:
        inside = inside | {"step"}
    return inside >= set(kinds)


def loop_with(run: Run, event: Event, *kinds: str) -> Around | None:
    """The innermost loop around an event in which events of each kind happen."""
    for loop in reversed(event.loops()):
        if _has(run, loop, kinds):
            return loop
    return None


def round_with(run: Run, event: Event, *kinds: str) -> list[Event]:
    """The shortest stretch around an event in which events of each kind happen.

    That is a round of a loop, or a call of a function; failing both the function at
    which the trace starts, or the cell of a notebook.
    """
    for around in reversed(event.around):
        if around.kind in ("loop", "call") and _has(run, around, kinds):
            return run.round_of(around)
    source = run.main.source
    if run.root is None and source is not None and source.cells:
        cell = _cell(source, event)
        return [e for e in run.events if not e.around and _cell(source, e) == cell]
    return run.events


def _cell(source: Source, event: Event) -> int | None:
    return source.place(getattr(event.node, "lineno", 1), 0).cell


def before(events: list[Event], event: Event, *kinds: str) -> Event | None:
    """The nearest earlier event of some kinds that can happen in the same round."""
    for other in reversed(events):
        earlier = other.index < event.index and other.kind in kinds
        if earlier and not other.excludes(event):
            return other
    return None


def after(events: list[Event], event: Event, *kinds: str) -> Event | None:
    """The nearest later event of some kinds that can happen in the same round."""
    for other in events:
        later = other.index > event.index and other.kind in kinds
        if later and not other.excludes(event):
            return other
    return None


def between(events: list[Event], first: Event, last: Event) -> list[Event]:
    """What happens after one event and before another."""
    return [e for e in events if first.index < e.index < last.index]


def every_few(around: Around) -> bool:
    """Whether a branch is taken every so many batches: ``if i % n == 0``."""
    test = getattr(around.node, "test", None)
    return test is not None and any(
        isinstance(n, ast.BinOp) and isinstance(n.op, ast.Mod) for n in ast.walk(test)
    )


def touches(run: Run, event: Event, values: Values) -> bool:
    """Whether a call is handed one of some things, as argument or as its owner."""
    wanted = {unwrap(v) for v in values}
    exprs: list[ast.expr] = [*event.call.args, *(k.value for k in event.call.keywords)]
    if isinstance(event.call.func, ast.Attribute):
        exprs.append(event.call.func.value)
    for expr in exprs:
        for value in run.value(expr, event.frame):
            if unwrap(value) in wanted or _owns(value, wanted):
                return True
    return False


def _owns(value: Value, wanted: set[Value]) -> bool:
    """Whether something of the files may hold the thing: ``self``, a trainer."""
    holders = {
        p for w in wanted if isinstance(w, Derived) and w.how == "attr" for p in w.parts
    }
    return value in holders


def unknown_between(run: Run, events: list[Event], *values: Values) -> bool:
    """Whether a function from outside, handed one of some things, is among events."""
    wanted = frozenset(v for each in values for v in each)
    return any(
        e.kind == "opaque" and (not e.name or touches(run, e, wanted)) for e in events
    )


def made_within(run: Run, values: Values, loop: Around) -> bool:
    """Whether something is made anew in each round of a loop."""
    calls = {e.node for e in run.round_of(loop)}
    return any(
        isinstance(part, Object) and part.call in calls
        for value in values
        for part in inside(unwrap(value))
    )
