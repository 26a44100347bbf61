"""Note 8: an iterator of parameters gives them once."""

import ast
from collections.abc import Iterator

from .. import names
from ..events import Run
from ..flow import FUNCTIONS, LOOPS, Module
from ..following.classes import is_network
from ..kinds import NETWORK_NAME, identifier
from ..rule import Hits, hit, line_of, rule
from ..syntax import excludes, loop_of
from ..values import External, Frame, Function, unwrap

PARTS = {"parameters", "named_parameters", "buffers", "modules", "named_modules"}
LAZY = {"builtins.filter", "builtins.map", "itertools.chain"}
WALKS = {  # they walk through what they are given
    "builtins.list", "builtins.tuple", "builtins.sum", "builtins.sorted",
    "builtins.max", "builtins.min", "builtins.any", "builtins.all", "builtins.set",
    "torch.nn.utils.parameters_to_vector", "torch.nn.utils.get_total_norm",
    "torch._foreach_norm", *names.CLIPS,
}  # fmt: skip


@rule("NOTE085")
def used_up(run: Run) -> Hits:
    """Find iterators of parameters that are walked through more than once."""
    if not PARTS & run.main.attributes:
        return
    for event in run.events:
        if isinstance(event.node, ast.Call):
            for given, name, walks in _handed_on(run, event.node, event.frame):
                first, second = walks
                where = line_of(first, event.frame), line_of(second, event.frame)
                yield hit(
                    given,
                    event.frame,
                    f"This iterator is used up after {where[0]}: {name} is empty when "
                    f"{where[1]} walks through it again.",
                )
    if run.root is None:
        yield from _kept(run)


def _kept(run: Run) -> Hits:
    """Iterators that a name is kept for, walked through twice in the same function."""
    module = run.main
    for target, origin in module.origins.items():
        if origin.kind != "value" or origin.path:
            continue
        if isinstance(target, ast.Attribute):
            yield from _kept_by_object(run, target, origin.expr)
            continue
        if not isinstance(target, ast.Name):
            continue
        if not _is_iterator(run, origin.expr, run.frame):
            continue
        walks = _walks(run, module, target, module.scope(target))
        if walks is not None:
            where = line_of(walks[0], run.frame)
            text = f"{target.id} is an iterator, used up by {where}: it is empty here."
            yield hit(walks[1], run.frame, text)


def _kept_by_object(run: Run, target: ast.Attribute, expr: ast.expr) -> Hits:
    """Iterators that an object keeps, walked through in two places of its class."""
    module, written = run.main, ast.unparse(target)
    method = module.scope(target)
    cls = module.class_of(method)
    stores = [t for t in module.origins if ast.unparse(t) == written]
    if cls is None or len(stores) > 1:
        return
    if not _is_iterator(run, expr, run.follower.alone(method, module)):
        return
    walks = [
        node
        for node in ast.walk(cls)
        if isinstance(node, ast.Attribute)
        and isinstance(node.ctx, ast.Load)
        and ast.unparse(node) == written
        and _is_walked(run, module, node)
    ]
    walks.sort(key=lambda node: (node.lineno, node.col_offset))
    if walks and (len(walks) > 1 or module.scope(walks[0]) is not method):
        where = line_of(walks[0], run.frame)
        if len(walks) == 1:
            text = f"{written} is an iterator, used up by the first call of this."
            yield hit(walks[0], run.frame, text)
        else:
            text = f"{written} is an iterator, used up by {where}: it is empty here."
            yield hit(walks[1], run.frame, text)


def _handed_on(
    run: Run, call: ast.Call, frame: Frame
) -> Iterator[tuple[ast.expr, str, tuple[ast.AST, ast.AST]]]:
    """Iterators given to functions of the file that walk through them twice."""
    for index, given in enumerate(call.args):
        if not _is_iterator(run, given, frame):
            continue
        for value in run.value(call.func, frame):
            if not isinstance(value, Function) or not isinstance(value.node, FUNCTIONS):
                continue
            positional = value.node.args.posonlyargs + value.node.args.args
            at = index + (value.owner is not None)
            if at < len(positional) and value.frame.module is frame.module:
                arg = positional[at]
                walks = _walks(run, frame.module, arg, value.node)
                if walks is not None:
                    yield given, arg.arg, walks


def _is_iterator(run: Run, expr: ast.expr, frame: Frame) -> bool:
    """Whether an expression certainly gives its entries only once."""
    if isinstance(expr, ast.GeneratorExp):
        return any(_is_iterator(run, part.iter, frame) for part in expr.generators)
    if not isinstance(expr, ast.Call):
        return False
    match expr.func:
        case ast.Attribute(value=owner, attr=attr) if attr in PARTS:
            owners = run.value(owner, frame)
            if owners and all(is_network(run.follower, unwrap(v)) for v in owners):
                return True
            return NETWORK_NAME.search(identifier(owner)) is not None
    callees = {v.name for v in run.value(expr.func, frame) if isinstance(v, External)}
    return bool(callees & LAZY) and any(
        _is_iterator(run, arg, frame) for arg in expr.args
    )


def _walks(
    run: Run, module: Module, source: ast.AST, scope: ast.AST
) -> tuple[ast.AST, ast.AST] | None:
    """Two places where the same iterator is walked through, one after the other."""
    wanted = source.arg if isinstance(source, ast.arg) else getattr(source, "id", "")
    found = [
        node
        for node in ast.walk(scope)
        if isinstance(node, ast.Name)
        and node.id == wanted
        and isinstance(node.ctx, ast.Load)
        and module.scope(node) is scope
        and module.definitions(node) == [source]
        and _is_walked(run, module, node)
    ]
    found.sort(key=lambda node: (node.lineno, node.col_offset))
    around = loop_of(module, source)
    for node in found:
        home = loop_of(module, node)
        if _is_iter_of(module, node, home):
            home = loop_of(module, home)
        repeats = isinstance(home, LOOPS) and _inside(module, home, around)
        if repeats and home is not around and not _leaves(module, node):
            return node, node
    for first, second in zip(found, found[1:], strict=False):
        if not excludes(module, first, second) and not _leaves(module, first):
            return first, second
    return None


def _inside(module: Module, node: ast.AST, around: ast.AST) -> bool:
    while node in module.parent:
        node = module.parent[node]
        if node is around:
            return True
    return False


def _is_iter_of(module: Module, node: ast.AST, loop: ast.AST) -> bool:
    return module.parent[node] is loop and getattr(loop, "iter", None) is node


def _leaves(module: Module, node: ast.AST) -> bool:
    return isinstance(module.statement(node), ast.Return | ast.Raise)


def _is_walked(run: Run, module: Module, name: ast.expr) -> bool:
    """Whether the place of a name walks through what it stands for."""
    around = module.parent[name]
    if isinstance(around, ast.For | ast.AsyncFor | ast.comprehension):
        return around.iter is name
    if not isinstance(around, ast.Call) or name not in around.args:
        return False
    if identifier(around.func) in names.CLIP_METHODS:
        return True
    frame = (
        run.follower.alone(scope, module)
        if isinstance(scope := module.scope(name), FUNCTIONS)
        else run.follower.top(module)
    )
    return any(
        isinstance(v, External)
        and (v.name in WALKS or v.name.startswith("torch.optim."))
        for v in run.value(around.func, frame)
    )
