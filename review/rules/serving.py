"""Notes 16 and 17: torch.compile and what is timed."""

import ast
from collections.abc import Iterator

from .. import names
from ..events import Around, Event, Run
from ..moded import keeps_statistics
from ..order import made_within
from ..rule import Hits, at, line_of, rule
from ..values import (
    Derived,
    Frame,
    Object,
    Output,
    Values,
    Wrapped,
    inside,
    is_true,
    made_by,
    same,
    unwrap,
)
from .modes import MODES

COMPILE = "torch.compile"
TIMERS = (
    "time.time",
    "time.perf_counter",
    "time.monotonic",
    "time.perf_counter_ns",
    "time.time_ns",
    "timeit.default_timer",
)
WAITS = {".item", ".cpu", ".tolist", ".numpy", ".synchronize", "torch.cuda.synchronize"}
MADE_UP = {
    "torch.randn", "torch.rand", "torch.zeros", "torch.ones", "torch.empty",
    "torch.randn_like", "torch.zeros_like", "torch.ones_like", "torch.randint",
}  # fmt: skip


@rule("NOTE161")
def compiled_in_loop(run: Run) -> Hits:
    """Find torch.compile in loops that run the network and do not choose it."""
    for event in run.named(COMPILE):
        for loop in event.loops()[-1:]:
            if not {"forward", "backward"} & run.kinds_in[loop]:
                continue
            targets = [getattr(a.node, "target", None) for a in event.loops()]
            own = {
                n.id
                for target in targets
                if target is not None
                for n in ast.walk(target)
                if isinstance(n, ast.Name)
            }
            used = {n.id for n in ast.walk(event.call) if isinstance(n, ast.Name)}
            network = run.argument(event, 0, "model")
            if own & used or made_within(run, network, loop):
                continue
            if any(map(_asks_whether_it_exists, event.arms_inside(loop))):
                continue  # made once and kept
            yield at(event, "This loop compiles the same network in every round.")


def _asks_whether_it_exists(arm: Around) -> bool:
    """Whether a branch is taken only while something has not been made."""
    test = getattr(arm.node, "test", None)
    return test is not None and any(
        isinstance(n, ast.Compare) and isinstance(n.ops[0], ast.Is | ast.NotIn | ast.Eq)
        for n in ast.walk(test)
    )


@rule("NOTE162")
def compiled_keys(run: Run) -> Hits:
    """Follow what is saved back to the state_dict() of a compiled network."""
    if not run.named(".state_dict") or "_orig_mod" in run.main.text:
        return
    saved: set[ast.AST] = set()
    for event in run.named("torch.save"):
        if event.call.args:
            saved |= set(ast.walk(event.call.args[0]))
            for value in run.value(event.call.args[0], event.frame):
                saved |= {
                    p.call for p in inside(value) if isinstance(p, Object) and p.call
                }
    for event in run.named(".state_dict"):
        compiled = [v for v in event.subject if _is_compiled(v)]
        if event.node in saved and compiled:
            yield at(
                event, "These keys begin with _orig_mod.: the network is compiled."
            )


def _is_compiled(value: object) -> bool:
    return isinstance(value, Wrapped) and value.by == "compile"


@rule("NOTE163")
def shorter_last_batch(run: Run) -> Hits:
    """Find shuffled loaders with a shorter last batch beside a compiled network."""
    if not run.once(_compiles_for_one_length):
        return
    for event in run.named(*names.LOADERS):
        shuffled = is_true(run.argument(event, 2, "shuffle"))
        if shuffled and not run.argument(event, 8, "drop_last"):
            yield at(
                event,
                "The last batch of this loader may be shorter, and a network is "
                "compiled here: it compiles again.",
            )


def _compiles_for_one_length(run: Run) -> bool:
    """Whether the files compile a network, and leave the length of a batch fixed."""
    return any(
        all(keyword.arg != "dynamic" for keyword in event.call.keywords)
        for other in run.others
        for event in other.named(COMPILE)
    )


Timed = tuple[Event, Event, list[Event]]  # from, to, and what happens in between


def _timed(run: Run) -> list[Timed]:
    """Pairs of readings of one clock, with the passes between them."""
    found = []
    previous: dict[object, Event] = {}
    for event in run.named(*TIMERS):
        start = previous.get(_since(event)) or previous.get(_place(event))
        if start is not None:
            between = run.events[start.index + 1 : event.index]
            if any(e.kind == "forward" for e in between):
                found.append((start, event, between))
        previous[_place(event)] = event
        if (kept := _kept(event)) is not None:
            previous[kept] = event
    return found


def _place(event: Event) -> object:
    """Where a clock is read: a function, and the loop or branch inside of it."""
    around = [a for a in event.around if a.kind in ("loop", "arm", "call")]
    return (event.frame, *around)


def _kept(event: Event) -> object:
    """The attribute that a reading is kept in: ``self.start = time.time()``."""
    match event.frame.module.parent[event.node]:
        case ast.Assign(targets=[ast.Attribute(attr=name)]):
            return (event.frame.owner, name)
    return None


def _since(event: Event) -> object:
    """The attribute that a reading is counted from: ``time.time() - self.start``."""
    match event.frame.module.parent[event.node]:
        case ast.BinOp(left=left, op=ast.Sub(), right=ast.Attribute(attr=name)):
            return (event.frame.owner, name) if left is event.node else None
    return None


def _timed_by_events(run: Run) -> list[Timed]:
    """Pairs of events recorded on the GPU, with the passes between them."""
    found = []
    records = run.named(".record")
    for event in run.named(".elapsed_time"):
        ends = run.argument(event, 0, "end_event")
        first = [e for e in records if e.subject == event.subject]
        last = [e for e in records if e.subject == ends]
        for start, end in zip(first, last, strict=False):
            between = run.events[start.index + 1 : end.index]
            if any(e.kind == "forward" for e in between):
                found.append((start, end, between))
    return found


@rule("NOTE171")
def timed_without_waiting(run: Run) -> Hits:
    """Find clock readings around passes on a GPU with nothing that waits."""
    if not run.named(*TIMERS) or "cuda" not in run.main.text:
        return
    for start, end, between in _timed(run):
        passes = [e for e in between if e.kind == "forward"]
        rest = [e for e in between if e.index > passes[-1].index]
        if any(e.kind == "backward" for e in between):
            rest = _rounds(run, start, end) or between  # all the steps of training
        if any(map(_may_wait, rest)):
            continue
        if not _only_repeats(run, passes[-1], end):
            continue
        where = line_of(start.node, start.frame)
        yield at(
            end,
            f"Nothing waits for the GPU between {where} and here: the clock is read "
            "before the work is done.",
        )


def _may_wait(event: Event) -> bool:
    """Whether a call waits for the GPU, as far as one knows it."""
    tensor = event.subject and all(isinstance(v, Output) for v in event.subject)
    if event.name in ("builtins.float", "builtins.int", "builtins.print"):
        return True  # they read the number
    return event.name in WAITS or (event.kind == "opaque" and not tensor)


def _rounds(run: Run, start: Event, end: Event) -> list[Event]:
    """Everything in a round of the innermost loop around two readings."""
    loops = [loop for loop in start.loops() if loop in end.around]
    return run.round_of(loops[-1]) if loops else []


def _only_repeats(run: Run, event: Event, end: Event) -> bool:
    """Whether the loops between two readings do the same thing over and over."""
    loops = [loop for loop in event.loops() if loop not in end.around]
    return all(_counts_rounds(run, loop.node, loop.frame) for loop in loops)


def _counts_rounds(run: Run, loop: ast.AST, frame: Frame) -> bool:
    """Whether a loop only repeats: ``for _ in range(n)``."""
    return any(
        isinstance(v, Derived) and v.how in ("range", "trange")
        for v in run.value(getattr(loop, "iter", None), frame)
    )


@rule("NOTE172")
def compilation_timed(run: Run) -> Hits:
    """Find clock readings around the first pass of a compiled network."""
    pairs = [*_timed(run), *_timed_by_events(run)]
    for start, end, between in pairs:
        again = _rounds(run, start, end)
        if again and not any(e.name == COMPILE for e in again):
            continue  # one reading among many
        for event in between:
            if event.kind != "forward":
                continue
            if not event.subject or not all(map(_is_compiled, event.subject)):
                continue
            if not _only_repeats(run, event, end):
                continue  # the whole training or evaluation is timed
            earlier = [
                e for e in run.of("forward") if e.index < start.index
                and e.subject & event.subject
            ]  # fmt: skip
            times = [p for p in pairs if any(e.subject & event.subject for e in p[2])]
            if not earlier and len(times) == 1:
                yield at(event, "This first call of a compiled network is timed.")
                break


@rule("NOTE173")
def warm_up_in_training_mode(run: Run) -> Hits:
    """Find passes on made-up batches whose answer nobody uses, in training mode."""
    for event, mode in _warm_ups(run):
        if mode.kind != "train" if mode else not _fresh(event.subject):
            continue
        if keeps_statistics(run, next(iter(event.subject))) and not _is_lazy(run):
            yield at(
                event,
                "The network runs on a made-up batch in training mode, and its "
                "BatchNorm keeps that batch's statistics.",
            )


@rule("NOTE174")
def warm_up_in_any_mode(run: Run) -> Hits:
    """Find such passes of a network that comes from outside, in whatever mode."""
    for event, mode in _warm_ups(run):
        if mode is None and not _fresh(event.subject):
            yield at(event, "Nothing here calls eval() on the network it warms up.")


def _warm_ups(run: Run) -> Iterator[tuple[Event, Event | None]]:
    """Passes on made-up batches for nothing but themselves; what set the mode."""
    for event in run.of("forward"):
        if event.guard(names.NO_GRAD) is None or not event.call.args:
            continue
        statement = event.frame.module.statement(event.node)
        if not isinstance(statement, ast.Expr) or statement.value is not event.node:
            continue
        inputs = run.value(event.call.args[0], event.frame)
        if not inputs or not all(map(_is_made_up, inputs)) or not event.subject:
            continue
        modes = [e for e in run.of(*MODES) if same(e.subject, event.subject)]
        earlier = [e for e in modes if e.index < event.index]
        yield event, earlier[-1] if earlier else None


def _is_made_up(value: object) -> bool:
    for _ in range(4):
        if isinstance(value, Object):
            if made_by(value) in MADE_UP:
                return True
            if isinstance(value.of, Derived) and value.of.parts:
                value = value.of.parts[0]
                continue
        return False
    return False


def _fresh(values: Values) -> bool:
    """Whether a network was made in the files: then it begins in training mode."""
    return all(
        isinstance(unwrap(v), Object) and getattr(unwrap(v), "call", None) is not None
        for v in values
    )


def _is_lazy(run: Run) -> bool:
    return any(name.startswith("Lazy") for name in run.main.calls)
