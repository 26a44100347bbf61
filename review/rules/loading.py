"""Notes 1 and 2: folders of classes, and the workers of a loader."""

import ast

from review import calling, names
from review.events import Event, Run
from review.flow import FUNCTIONS
from review.rule import Hits, at, hit, rule
from review.values import (
    Const,
    Derived,
    Function,
    Object,
    Unknown,
    Value,
    const,
    inside,
    is_true,
    made_by,
)

CPU_COUNTS = {"os.cpu_count", "multiprocessing.cpu_count", "psutil.cpu_count"}
FOLDERS = "torchvision.datasets.ImageFolder"
SEEDERS = {"numpy.random.seed", "random.seed"}
FRESH = {"torch.initial_seed", "torch.utils.data.get_worker_info", "torch.seed"}


def _loaders(run: Run) -> list[Event]:
    return run.named(*names.LOADERS)


@rule("NOTE011")
def folders_not_compared(run: Run) -> Hits:
    """Find a second ImageFolder in a file that compares no classes."""
    if run.root is not None:
        return
    folders = [e for other in run.others for e in other.named(FOLDERS)]
    nodes = {e.node: e for e in folders}
    if len(nodes) < 2 or run.once(compares_classes):
        return
    yield at(
        list(nodes.values())[1],
        "Nothing in this file compares the classes of this folder with the other's.",
    )


def compares_classes(run: Run) -> bool:
    """Whether a program compares the classes of folders anywhere."""
    return any(
        isinstance(part, ast.Attribute) and part.attr in ("class_to_idx", "classes")
        for node in run.main.parent
        if isinstance(node, ast.Compare)
        for part in ast.walk(node)
    )


def from_cpu_count(value: Value) -> bool:
    """Whether a number is reckoned from the CPUs of the machine, without a limit."""
    if made_by(value) in CPU_COUNTS:
        return True
    if isinstance(value, Derived):
        if value.how == "min":
            return all(map(from_cpu_count, value.parts))
        return any(map(from_cpu_count, value.parts))
    return False


@rule("NOTE021")
def workers_from_cpu_count(run: Run) -> Hits:
    """Follow num_workers back to a count of CPUs."""
    for event in _loaders(run):
        expr = calling.argument(event.call, 5, "num_workers") or event.node
        if any(map(from_cpu_count, run.argument(event, 5, "num_workers"))):
            yield hit(
                expr,
                event.frame,
                "The number of workers comes from the CPUs of the machine, not from "
                "those that the job may use.",
            )
    for event in run.named(".add_argument"):
        label = " ".join(map(ast.unparse, event.call.args))
        default = run.argument(event, None, "default")
        if "workers" in label and any(map(from_cpu_count, default)):
            yield at(
                event, "The default number of workers is that of the machine's CPUs."
            )


@rule("NOTE022")
def workers_missing(run: Run) -> Hits:
    """Compare the settings of workers with their number."""
    for event in _loaders(run):
        if calling.is_spread(event.call):
            continue
        workers = run.argument(event, 5, "num_workers")
        if workers and workers != const(0):
            continue
        if is_true(run.argument(event, None, "persistent_workers")):
            yield at(event, "persistent_workers=True needs num_workers > 0.")
        prefetch = run.argument(event, None, "prefetch_factor")
        if prefetch and all(isinstance(v, Const) and v.value for v in prefetch):
            yield at(event, "prefetch_factor needs num_workers > 0.")


@rule("NOTE023")
def same_seed_each_epoch(run: Run) -> Hits:
    """Look into worker_init_fn for seeds that do not change between epochs."""
    for event in _loaders(run):
        if is_true(run.argument(event, None, "persistent_workers")):
            continue
        for value in run.argument(event, 8, "worker_init_fn"):
            if not isinstance(value, Function):
                continue
            frame = run.follower.enter(value, None, None)
            for node in ast.walk(value.node):
                if isinstance(node, ast.Call) and _seeds(run, node, value):
                    seed = run.value(node.args[0], frame)
                    if seed and all(_repeats(v, value.node) for v in seed):
                        yield hit(
                            node,
                            frame,
                            "This seed of a worker is the same in every epoch, and so "
                            "are its random numbers.",
                        )


def _seeds(run: Run, node: ast.Call, function: Function) -> bool:
    frame = run.follower.enter(function, None, None)
    called = run.value(node.func, frame)
    return len(node.args) == 1 and any(
        getattr(v, "name", "") in SEEDERS for v in called
    )


def _repeats(value: Value, function: ast.AST) -> bool:
    """Whether a seed is made of constants, the worker's number and numpy's state."""
    assert isinstance(function, FUNCTIONS)
    own = {*function.args.args, *function.args.posonlyargs}
    parts = inside(value)
    if any(made_by(p) in FRESH for p in parts):
        return False
    if any(made_by(p) == "numpy.random.get_state" for p in parts):
        return True
    for part in parts:
        if isinstance(part, Unknown) and part.node not in own:
            if "seed" not in part.name.lower():
                return False
        elif isinstance(part, Object):
            return False
    return True


@rule("NOTE024")
def pinned_for_nothing(run: Run) -> Hits:
    """Find pinning loaders in files that never copy without blocking."""
    for event in _loaders(run):
        if "non_blocking" in run.main.text:
            return
        if is_true(run.argument(event, 7, "pin_memory")):
            yield at(event, "Nothing in this file copies with non_blocking=True.")
