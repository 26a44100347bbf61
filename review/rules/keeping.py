"""U6: what early stopping keeps, and when it takes a loss for better."""

import ast
import re
from collections.abc import Iterator

from review import calling
from review.classes import is_network
from review.events import Event, Run
from review.flow import FUNCTIONS
from review.kinds import identifier
from review.order import STEPS, unknown_between
from review.rule import Hits, hit, line_of, rule
from review.values import Derived, Items, Object, Unknown, Value, inside, made_by, same

# The state of these is made anew by their steps.
NO_NETWORK = re.compile(r"opt|sched|scaler", re.I)
JUDGED = re.compile(r"best|loss|score|acc|metric|err|min|max", re.I)
NAN_CHECKS = {"isnan", "isfinite", "isinf"}


def _states(run: Run, value: Value) -> Iterator[Object]:
    """The calls of state_dict() whose tensors a value holds, not copies of them."""
    for _ in range(4):
        if isinstance(value, Derived) and value.how == "each":
            for part in value.parts:  # {k: v for k, v in state.items()}
                if isinstance(part, Derived):
                    for at in inside(part):
                        if isinstance(at, Object) and _is_state(at):
                            yield at
            return
        if isinstance(value, Items):
            for entry in value.values:
                for at in entry:
                    if isinstance(at, Object) and _is_state(at):
                        yield at
            return
        if not isinstance(value, Object):
            return
        if _is_state(value):
            yield value
            return
        of = value.of
        if isinstance(of, Derived) and of.how == "attr" and of.name == "copy":
            value = of.parts[0]
        elif made_by(value) in calling.COPIES:
            given = calling.given(run.follower, value, 0, "")
            if len(given) != 1:
                return
            (value,) = given
        else:
            return


def _is_state(value: Object) -> bool:
    of = value.of
    return isinstance(of, Derived) and of.how == "attr" and of.name == "state_dict"


@rule("NOTE961")
def kept_by_reference(run: Run) -> Hits:
    """Follow what is loaded or saved at the end back to a state_dict() before."""
    if not run.of("backward", *STEPS):
        return
    for event in run.named(".load_state_dict", "torch.save"):
        if not event.call.args:
            continue
        expr = event.call.args[0]
        direct = set(ast.walk(expr))
        for value in run.value(expr, event.frame):
            for state in _states(run, value):
                if state.call is None or state.frame is None or state.call in direct:
                    continue
                assert isinstance(state.of, Derived)
                kept = frozenset(state.of.parts)
                if not _is_network(run, state):
                    continue
                if event.name == ".load_state_dict":
                    if not same(kept, event.subject) or not _moved(run, state, event):
                        continue
                elif not _saved_later(run, state, event.around):
                    continue
                where = line_of(event.node, event.frame)
                yield hit(
                    state.call,
                    state.frame,
                    f"{where[0].upper()}{where[1:]} takes what is kept here for the "
                    "weights of this moment, and every step changes it.",
                )


def _is_network(run: Run, state: Object) -> bool:
    """Whether a state_dict() is a network's, by what made it or by its name."""
    assert isinstance(state.of, Derived)
    owner, func = state.of.parts[0], state.call.func if state.call else None
    if _is_changed(state):
        return False
    if isinstance(func, ast.Attribute) and NO_NETWORK.search(identifier(func.value)):
        return False
    if isinstance(owner, Unknown | Derived):
        return not NO_NETWORK.search(owner.name)
    return is_network(run.follower, owner)


def _is_changed(state: Object) -> bool:
    """Whether entries of the dictionary are set afterwards: copies, perhaps."""
    assert state.call is not None
    assert state.frame is not None
    module = state.frame.module
    names = {
        ast.unparse(t) for t in getattr(module.statement(state.call), "targets", ())
    }
    return any(
        isinstance(target, ast.Subscript) and ast.unparse(target.value) in names
        for target in module.origins
    )


def _moved(run: Run, state: Object, load: Event) -> bool:
    """Whether the weights have moved between the two, as far as the trace tells."""
    taken = [e for e in run.named(".state_dict") if e.node is state.call]
    start = min((e.index for e in taken), default=-1)
    if any(run.kinds_in[a] & set(STEPS) for e in taken for a in e.loops()):
        return True
    between = [e for e in run.events if start < e.index < load.index]
    if any(e.kind in STEPS for e in between):
        return True
    return unknown_between(run, between, load.subject)


def _saved_later(run: Run, state: Object, around: tuple) -> bool:
    """Whether a state is taken inside a training loop and saved outside of it."""
    for event in run.named(".state_dict"):
        if event.node is state.call:
            return any(
                loop not in around and run.kinds_in[loop] & set(STEPS)
                for loop in event.loops()
            )
    return False


@rule("NOTE962")
def nan_improves(run: Run) -> Hits:
    """Find comparisons whose true branch counts and whose false branch keeps."""
    if run.root is not None:
        return
    for node in run.main.parent:
        if not isinstance(node, ast.If) or not _counts(node.body):
            continue
        test = _comparison(node.test)
        if test is None:
            continue
        names = _names(test)
        for kept, value in _assigned(_otherwise(run, node)):
            judged = kept in names and value in names and kept != value
            if judged and JUDGED.search(f"{kept} {value}"):
                if not _asks_for_nan(run, node):
                    yield hit(
                        node.test,
                        run.frame,
                        f"With {value} = NaN this comparison is false, and NaN is kept "
                        f"in {kept} as the best value so far.",
                    )
                break


def _comparison(test: ast.expr) -> ast.Compare | None:
    """The comparison by which a condition fails for NaN: alone, or behind an and."""
    parts = [test]
    if isinstance(test, ast.BoolOp) and isinstance(test.op, ast.And):
        parts = test.values
    for part in parts:
        if isinstance(part, ast.Compare) and isinstance(
            part.ops[0], ast.Lt | ast.LtE | ast.Gt | ast.GtE
        ):
            return part
    return None


def _otherwise(run: Run, node: ast.If) -> list[ast.stmt]:
    """What happens if a condition is false: else, or what follows a return."""
    if node.orelse or not isinstance(node.body[-1], ast.Return | ast.Continue):
        return node.orelse
    around = run.main.parent[node]
    body = getattr(around, "body", [])
    return body[body.index(node) + 1 :] if node in body else []


def _name(expr: ast.expr) -> str:
    return ast.unparse(expr) if isinstance(expr, ast.Name | ast.Attribute) else ""


def _names(test: ast.Compare) -> set[str]:
    return {_name(n) for n in ast.walk(test) if isinstance(n, ast.Name | ast.Attribute)}


def _counts(body: list[ast.stmt]) -> bool:
    """Whether a branch begins with counting up by one."""
    for stmt in body:
        match stmt:
            case ast.AugAssign(op=ast.Add(), value=ast.Constant(value=1)):
                return True
            case ast.Assign(value=ast.BinOp(op=ast.Add(), right=ast.Constant(value=1))):
                return True
    return False


def _assigned(body: list[ast.stmt]) -> Iterator[tuple[str, str]]:
    for stmt in body:
        if isinstance(stmt, ast.Assign) and len(stmt.targets) == 1:
            yield _name(stmt.targets[0]), _name(stmt.value)


def _asks_for_nan(run: Run, node: ast.AST) -> bool:
    """Whether the function, or the class around it, asks for NaN anywhere."""
    around: ast.AST = node
    while around in run.main.parent and not isinstance(around, FUNCTIONS):
        around = run.main.parent[around]
    around = run.main.class_of(around) or around
    return any(
        isinstance(n, ast.Attribute)
        and n.attr in NAN_CHECKS
        or isinstance(n, ast.Name)
        and n.id in NAN_CHECKS
        for n in ast.walk(around)
    )
