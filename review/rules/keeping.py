"""U6: whether what is kept as the best stays as it was."""

import ast
import re
from collections.abc import Iterator

from ..events import Event, Run
from ..flow import LOOPS, Module
from ..following import arguments, calling
from ..following.classes import is_network
from ..kinds import NETWORK_NAME, identifier
from ..order import STEPS, made_within, unknown_between
from ..rule import Hits, hit, line_of, rule
from ..values import (
    Derived,
    Items,
    Object,
    Unknown,
    Value,
    Values,
    inside,
    made_by,
    same,
)
from .stopping import BEST, pairs

# The state of these is made anew by their steps.
NO_NETWORK = re.compile(r"opt|sched|scaler", re.I)


def _states(run: Run, value: Value) -> Iterator[Object]:
    """The calls of state_dict() whose tensors a value holds, not copies of them."""
    for _ in range(4):
        if isinstance(value, Derived) and value.how == "each":
            for part in _entries(value):  # {k: v for k, v in state.items()}
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
            given = arguments.made_with(run.follower, value, 0, "")
            if len(given) != 1:
                return
            (value,) = given
        else:
            return


def _entries(each: Derived) -> Iterator[Value]:
    """What a comprehension collects; of pairs, what stands right."""
    for part in each.parts:
        if isinstance(part, Items) and part.keys is None and len(part.values) == 2:
            yield from map(_attached, part.values[1])
        else:
            yield _attached(part)


def _attached(value: Value) -> Value:
    """The tensor whose memory a detached one shares."""
    while isinstance(value, Object) and isinstance(value.of, Derived):
        if value.of.how != "attr" or value.of.name != "detach":
            break
        value = value.of.parts[0]
    return value


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
                    f"{where} takes what is kept here for the "
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
        if event.node is state.call and event.frame is state.frame:
            return any(
                loop not in around and run.kinds_in[loop] & set(STEPS)
                for loop in event.loops()
            )
    return False


@rule("NOTE963")
def same_network_kept(run: Run) -> Hits:
    """Find networks put aside as the best in the loop that goes on training them."""
    for loop, kinds in run.kinds_in.items():
        if loop.kind != "loop" or not kinds & set(STEPS):
            continue
        module, scope = loop.frame.module, loop.frame.function or loop.frame.module.tree
        for node in ast.walk(loop.node):
            if not isinstance(node, ast.Assign) or module.scope(node) is not scope:
                continue
            for kept, value in pairs(node):
                networks = run.value(value, loop.frame)
                if (
                    BEST.search(identifier(kept))
                    and _is_trained(run, identifier(value), networks)
                    and _loop_of(module, node) is loop.node
                    and not _leaves(module, node)
                    and not made_within(run, networks, loop)
                ):
                    yield hit(
                        node,
                        loop.frame,
                        "This is another name for the network, no copy: every step "
                        "changes what is kept.",
                    )


def _is_trained(run: Run, name: str, networks: Values) -> bool:
    """Whether something is a network, by what made it or by its name."""
    if not networks or BEST.search(name):
        return False
    return all(
        is_network(run.follower, v)
        or (isinstance(v, Unknown | Derived) and NETWORK_NAME.search(name) is not None)
        for v in networks
    )


def _leaves(module: Module, node: ast.stmt) -> bool:
    """Whether the loop ends in the block that a statement stands in."""
    around = module.parent[node]
    blocks = [getattr(around, name, []) for name in ("body", "orelse", "finalbody")]
    (block,) = [b for b in blocks if node in b] or [[]]
    return any(isinstance(stmt, ast.Break | ast.Return | ast.Raise) for stmt in block)


def _loop_of(module: Module, node: ast.AST) -> ast.AST:
    """The innermost loop around a node."""
    while not isinstance(node, (*LOOPS, ast.Module)):
        node = module.parent[node]
    return node
