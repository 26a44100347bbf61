"""Note 10: what is left of a loop over batches when it is over."""

import ast
import re
from collections.abc import Iterator

from ..events import Around, Run
from ..flow import Module
from ..following import arguments
from ..kinds import added, identifier
from ..providing import loader_of
from ..rule import Hits, at, hit, line_of, rule
from ..syntax import loop_of, names_read, names_set, own
from ..values import Object, is_true
from .held_out import takes_all

METRIC = re.compile(
    r"(^|_)(acc|accuracy|f1|iou|miou|dice|auc|auroc|precision|recall|top1|correct)(_|$)",
    re.I,
)
REPORTS = "sklearn.metrics."
COLLECTED = {"compute", "average", "mean", "get", "aggregate", "result"}
METERS = COLLECTED - {"mean"} | {"avg", "value"}
GROWS = {"append", "extend", "update", "add", "push", "put", "add_batch"}


@rule("NOTE107")
def metric_of_the_last_batch(run: Run) -> Hits:
    """Find metrics of one batch that are read after the loop over all of them."""
    for loop, kinds in run.kinds_in.items():
        if loop.kind != "loop" or "forward" not in kinds:
            continue
        if not isinstance(loop.node, ast.For) or not _over_data(loop.node):
            continue
        loader = loader_of(run, loop)
        if loader is not None and takes_all(loader):
            continue
        module = loop.frame.module
        inner = [e for e in run.round_of(loop) if e.kind == "forward"]
        if not any(e.loops()[-1] == loop for e in inner):
            continue
        grown = _grown(loop.node)
        made = _made(module, loop.node, grown)
        for name, use in _used_behind(module, loop.node, made):
            if METRIC.search(name.id) or _is_reported(run, loop, use):
                where = line_of(name, loop.frame)
                yield hit(
                    use,
                    loop.frame,
                    f"{name.id} was set in {where} for one batch: what is left of it "
                    "here is the last batch's.",
                )
                break


def _over_data(loop: ast.For) -> bool:
    """Whether the rounds of a loop are batches, not repetitions of a whole set."""
    called = loop.iter.func if isinstance(loop.iter, ast.Call) else None
    if called is None or identifier(called) not in ("range", "trange"):
        return True
    counters = names_set(loop.target)
    return any(
        isinstance(n, ast.Subscript) and not counters.isdisjoint(names_read(n.slice))
        for n in ast.walk(loop)
    ) or any(
        isinstance(n, ast.Assign)
        and isinstance(n.value, ast.Subscript)
        and not counters.isdisjoint(names_read(n.value))
        for n in ast.walk(loop)
    )


def _grown(loop: ast.For) -> set[str]:
    """The names that gather something over the rounds."""
    found: set[str] = set()
    for node in ast.walk(loop):
        match node:
            case ast.AugAssign(target=ast.Name(id=name)):
                found.add(name)
            case ast.AugAssign(target=ast.Subscript(value=ast.Name(id=name))):
                found.add(name)
            case ast.Assign(targets=[ast.Name(id=name)], value=value):
                if name in names_read(value):
                    found.add(name)
            case ast.Call(func=ast.Attribute(value=ast.Name(id=name), attr=attr)):
                if attr in GROWS | COLLECTED:
                    found.add(name)
    return found


def _made(module: Module, loop: ast.For, grown: set[str]) -> set[ast.AST]:
    """The names of a round that are computed from nothing gathered before."""
    found: set[ast.AST] = set()
    carried = set(grown)
    for node in own(loop):
        if not isinstance(node, ast.Name) or not isinstance(node.ctx, ast.Store):
            continue
        origin = module.origins.get(node)
        if (
            origin is None
            or origin.kind != "value"
            or loop_of(module, node) is not loop
        ):
            continue
        if node.id in grown or not carried.isdisjoint(names_read(origin.expr)):
            continue
        if any(
            isinstance(n, ast.Attribute) and n.attr in METERS
            for n in ast.walk(origin.expr)
        ):
            continue  # of a meter
        if _is_best(module, node, loop):
            continue  # of all rounds until now
        found.add(node)
    return found


def _is_best(module: Module, name: ast.Name, loop: ast.For) -> bool:
    """Whether a name is set only where its last value is beaten: ``if acc > best``."""
    around: ast.AST = name
    while around is not loop:
        around = module.parent[around]
        if isinstance(around, ast.If) and any(
            isinstance(n, ast.Compare) and name.id in names_read(n)
            for n in ast.walk(around.test)
        ):
            return True
    return False


def _used_behind(
    module: Module, loop: ast.For, made: set[ast.AST]
) -> Iterator[tuple[ast.Name, ast.Name]]:
    """The names that are read after a loop and come from inside of it alone."""
    scope = module.scope(loop)
    inside = set(ast.walk(loop))
    for node in own(scope):
        if not isinstance(node, ast.Name) or not isinstance(node.ctx, ast.Load):
            continue
        if node in inside or node.lineno <= (loop.end_lineno or 0):
            continue
        for definition in module.definitions(node):
            if definition in made and isinstance(definition, ast.Name):
                others = [d for d in module.definitions(node) if d is not definition]
                if all(getattr(d, "lineno", 0) < loop.lineno for d in others):
                    yield definition, node


def _is_reported(run: Run, loop: Around, use: ast.Name) -> bool:
    """Whether a metric of scikit-learn is given something."""
    node: ast.AST = use
    parent = loop.frame.module.parent
    while not isinstance(node, ast.stmt):
        node = parent[node]
        if isinstance(node, ast.Call):
            for value in run.value(node.func, loop.frame):
                if getattr(value, "name", "").startswith(REPORTS):
                    return True
    return False


@rule("NOTE108")
def average_of_averages(run: Run) -> Hits:
    """Find accuracies of batches that are averaged, whatever the batches' lengths."""
    for loop, kinds in run.kinds_in.items():
        if loop.kind != "loop" or "forward" not in kinds or "backward" in kinds:
            continue
        loader = loader_of(run, loop)
        if loader is not None and (takes_all(loader) or _drops_last(run, loader)):
            continue
        for event in run.round_of(loop):
            if event.kind != "grow" or event.loops()[-1] != loop:
                continue
            kept = added(event.node) or event.call.args[0]
            if _is_share_of_batch(event.frame.module, kept):
                yield at(
                    event,
                    "A share of each batch is gathered here: averaged, the images of a "
                    "shorter last batch count for more than the others.",
                )


def _drops_last(run: Run, loader: Object) -> bool:
    return is_true(arguments.made_with(run.follower, loader, 8, "drop_last"))


def _is_share_of_batch(module: Module, expr: ast.expr) -> bool:
    """Whether something is ``(pred == y).float().mean()``, under a name or not."""
    if isinstance(expr, ast.Name):
        origins = [module.origins.get(d) for d in module.definitions(expr)]
        return any(
            o is not None
            and o.kind == "value"
            and not isinstance(o.expr, ast.Name)
            and _is_share_of_batch(module, o.expr)
            for o in origins
        )
    averaged = False
    while isinstance(expr, ast.Call) and isinstance(expr.func, ast.Attribute):
        averaged = averaged or expr.func.attr == "mean"
        expr = expr.func.value
    compared = isinstance(expr, ast.Compare) and isinstance(expr.ops[0], ast.Eq)
    return averaged and compared
