"""Notes 15 to 17: DALI, torch.compile and what is timed."""

import ast

from review import calling, names
from review.events import Event, Run
from review.order import made_within
from review.rule import Hits, at, line_of, rule
from review.rules.modes import MODES, has_modes
from review.values import (
    Const,
    Derived,
    External,
    Frame,
    Object,
    Output,
    Values,
    Wrapped,
    inside,
    made_by,
    numbers,
    same,
    unwrap,
)

DALI = "nvidia.dali."
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
        if not event.name.startswith(DALI) or not event.name.endswith(
            ("crop_mirror_normalize", "fn.normalize")
        ):
            continue
        given = {keyword.arg for keyword in event.call.keywords}
        if "scale" in given or calling.is_spread(event.call):
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
            yield at(event, "This loop compiles the same network in every round.")


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


def _timed(run: Run) -> list[tuple[Event, Event, list[Event]]]:
    """Pairs of clock readings in one function, with the passes between them."""
    found = []
    previous: dict[tuple[Frame, tuple], Event] = {}
    for event in run.named(*TIMERS):
        key = (event.frame, event.around)
        start = previous.get(key)
        if start is not None:
            between = run.events[start.index + 1 : event.index]
            passes = [e for e in between if e.kind == "forward"]
            if passes:
                found.append((start, event, between))
        previous[key] = event
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
            continue
        if any(e.name in WAITS or e.kind == "opaque" for e in rest):
            continue
        loops = [loop for loop in passes[-1].loops() if loop not in end.around]
        if any(not _counts_rounds(run, loop.node, loop.frame) for loop in loops):
            continue
        where = line_of(start.node, start.frame)
        yield at(
            end,
            f"Nothing waits for the GPU between {where} and here: the clock is read "
            "before the work is done.",
        )


def _counts_rounds(run: Run, loop: ast.AST, frame: Frame) -> bool:
    """Whether a loop only repeats: ``for _ in range(n)``."""
    return any(
        isinstance(v, Derived) and v.how in ("range", "trange")
        for v in run.value(getattr(loop, "iter", None), frame)
    )


@rule("NOTE172")
def compilation_timed(run: Run) -> Hits:
    """Find clock readings around the first pass of a compiled network."""
    pairs = _timed(run)
    for start, _, between in pairs:
        for event in between:
            if event.kind != "forward":
                continue
            if not event.subject or not all(map(_is_compiled, event.subject)):
                continue
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
    for event in run.of("forward"):
        if event.guard(names.NO_GRAD) is None or not event.call.args:
            continue
        statement = event.frame.module.statement(event.node)
        if not isinstance(statement, ast.Expr) or statement.value is not event.node:
            continue
        inputs = run.value(event.call.args[0], event.frame)
        if not inputs or not all(_is_made_up(v) for v in inputs):
            continue
        modes = [
            e
            for e in run.of(*MODES)
            if e.index < event.index and same(e.subject, event.subject)
        ]
        network = next(iter(event.subject), None)
        if network is None or (modes and modes[-1].kind != "train"):
            continue
        if not modes and not _fresh(event.subject):
            continue
        if has_modes(run, network) and not _is_lazy(run):
            yield at(
                event,
                "The network runs on a made-up batch in training mode, and its "
                "BatchNorm keeps that batch's statistics.",
            )


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


__all__ = ["Const", "External"]
