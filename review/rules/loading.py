"""Notes 1 and 2: folders of classes, and the workers of a loader."""

import ast

from .. import names
from ..events import Event, Run
from ..flow import COMPREHENSIONS, FUNCTIONS
from ..following import arguments
from ..rule import Hits, at, hit, rule
from ..values import (
    Const,
    Derived,
    External,
    Frame,
    Function,
    Items,
    Object,
    Partial,
    Unknown,
    Value,
    const,
    inside,
    is_true,
    made_by,
)

CPU_COUNTS = {"os.cpu_count", "multiprocessing.cpu_count", "psutil.cpu_count"}
AFFINITY = {"os.sched_getaffinity", "os.process_cpu_count"}
CLASSES = {"classes", "class_names", "class_to_idx", "label_names"}
FOLDERS = "torchvision.datasets.ImageFolder"
SEEDERS = {"numpy.random.seed", "random.seed"}
FRESH = {"torch.initial_seed", "torch.utils.data.get_worker_info", "torch.seed"}


def _loaders(run: Run) -> list[Event]:
    return run.named(*names.LOADERS)


@rule("NOTE011")
def folders_not_compared(run: Run) -> Hits:
    """Find a second ImageFolder in a file that compares no classes.

    Or one in a function that is given class names and does not look at them.
    """
    for event in run.named(FOLDERS):
        if name := _unread(event.frame.function):
            yield at(event, f"{name} is given and not compared with this folder's.")
    if run.root is not None or run.once(compares_classes):
        return
    seen: dict[object, Event] = {}
    for event in (e for other in run.others for e in other.named(FOLDERS)):
        first = seen.setdefault(_folder(run, event), event)
        several = _several(run, event)
        if several or (len(seen) > 1 and first is event):
            yield at(
                event,
                "Nothing in this file compares the classes of this folder with the "
                "other's.",
            )
            return


def _unread(function: ast.AST | None) -> str:
    """A parameter for class names that a function does not read; "" without."""
    if not isinstance(function, ast.FunctionDef):
        return ""
    read = {n.id for n in ast.walk(function) if isinstance(n, ast.Name)}
    given = (arg.arg for arg in (*function.args.args, *function.args.kwonlyargs))
    return next((name for name in given if name in CLASSES and name not in read), "")


def _folder(run: Run, event: Event) -> object:
    """What tells folders apart: the place, and the path if it is known."""
    path = run.argument(event, 0, "root")
    return event.node, path if event.frame.call is not None else None


def _several(run: Run, event: Event) -> bool:
    """Whether one expression makes a folder for each of several names."""
    for loop in event.loops():
        over = run.value(getattr(loop.node, "iter", None), loop.frame)
        for value in over:
            if isinstance(value, Items) and len(value.values) > 1:
                return True
    return False


def compares_classes(run: Run) -> bool:
    """Whether a program compares the classes of folders, or translates their numbers.

    ``[known[name] for name in folder.classes]`` translates.
    """
    folders = [e for other in run.others for e in other.named(FOLDERS)]
    modules = {run.main, *(e.frame.module for e in folders)}
    return any(_compares(node) for module in modules for node in module.parent)


def _compares(node: ast.AST) -> bool:
    if isinstance(node, ast.Compare):
        return any(map(_is_classes, ast.walk(node)))
    if not isinstance(node, COMPREHENSIONS):
        return False
    (over, *_) = node.generators
    name = getattr(over.target, "id", None)
    return _is_classes(over.iter) and any(
        isinstance(part, ast.Subscript)
        and isinstance(part.slice, ast.Name)
        and part.slice.id == name
        for part in ast.walk(node)
    )


def _is_classes(node: ast.AST) -> bool:
    return isinstance(node, ast.Attribute) and node.attr in ("class_to_idx", "classes")


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
    prepared = [e for e in run.named("functools.partial") if _is_of_loader(run, e)]
    for event in (*_loaders(run), *prepared):
        position = None if event in prepared else 5
        expr = (
            arguments.argument_expr(event.call, position, "num_workers") or event.node
        )
        values = run.argument(event, position, "num_workers")
        if any(made_by(part) in AFFINITY for v in values for part in inside(v)):
            continue  # and counts the machine's where nobody can tell the job's
        for value in values:
            if from_cpu_count(value):
                node, frame = _counted(value) or (expr, event.frame)
                yield hit(
                    node,
                    frame,
                    "The number of workers comes from the CPUs of the machine, not "
                    "from those that the job may use.",
                )
    for event in run.named(".add_argument", "click.option", "typer.Option"):
        label = " ".join(map(ast.unparse, event.call.args))
        default = run.argument(event, None, "default")
        if "workers" in label and any(map(from_cpu_count, default)):
            yield at(
                event, "The default number of workers is that of the machine's CPUs."
            )


def _counted(value: Value) -> tuple[ast.AST, Frame] | None:
    """Where the CPUs are counted: often far from the loader."""
    for part in inside(value):
        if made_by(part) in CPU_COUNTS and isinstance(part, Object):
            node, frame = part.call, part.frame
            return (node, frame) if node is not None and frame is not None else None
    return None


def _is_of_loader(run: Run, partial: Event) -> bool:
    made = run.value(partial.node, partial.frame)
    return any(
        isinstance(v, Partial)
        and isinstance(v.target, External)
        and v.target.name in names.LOADERS
        for v in made
    )


@rule("NOTE022")
def workers_missing(run: Run) -> Hits:
    """Compare the settings of workers with their number."""
    for event in _loaders(run):
        if arguments.has_spread(event.call):
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
        if _stay(run, event):
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


def _stay(run: Run, loader: Event) -> bool:
    """Whether workers may stay for the next epoch: ``num_workers > 0`` says so, too."""
    expr = arguments.argument_expr(loader.call, None, "persistent_workers")
    given = run.argument(loader, None, "persistent_workers")
    return isinstance(expr, ast.Compare) or bool(given - const(False))


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
