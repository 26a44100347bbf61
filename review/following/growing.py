"""Lists that are filled bit by bit: ``layers = []``, ``layers.append(...)``."""

import ast

from ..flow import LOOPS
from ..values import Frame, Items, Unknown, Values, const, one
from . import arithmetic
from .branches import reached
from .follows import Follows

LONGEST = 64  # entries
MOST = 4  # lists that it may be, for branches that nothing decides
Entries = tuple[Values, ...]


def grown(follower: Follows, name: ast.Name, frame: Frame) -> Values | None:
    """What a list holds where it is named; ``None`` if nothing was added to it."""
    module = frame.module
    by_scope = module.changes.get(name.id)
    if by_scope is None:
        return None
    scope = module.scope(name)
    changes = by_scope.get(scope, [])
    if not changes:
        return None
    here = _place(name)
    starts = [n for n in module.bindings(scope, name.id) if _place(n) < here]
    start = max(starts, key=_place, default=None)
    if start is None:
        return None
    origin = module.origins[start]
    if origin.kind != "value":
        return None
    first = follower.arrived(origin, start, frame)
    (only,) = first if len(first) == 1 else (None,)
    if not isinstance(only, Items) or only.keys is not None:
        return None
    block = module.parent[module.statement(start)]
    around = _around(module.parent, name, block)
    if around is None:
        return one(Unknown(name, frame))
    changes = sorted((c for c in changes if _place(c) > _place(start)), key=_place)
    loops = {id(a) for a in around if isinstance(a, LOOPS)}
    lists: list[Entries] = [only.values]
    repeated = only.repeated
    for change in changes:
        outer = _around(module.parent, change, block) or []
        if any(id(a) in loops for a in outer):
            return one(Unknown(name, frame))  # it grows around the place itself
        if _place(change) > here:
            continue
        certain = reached(follower, change, frame)
        if certain is False:
            continue
        longer = [_changed(follower, change, entries, frame) for entries in lists]
        known = [entries for entries in longer if entries is not None]
        branches = certain is None and any(
            isinstance(a, ast.If | ast.Match) for a in outer
        )
        lists = (lists if branches else []) + known
        repeated = repeated or any(isinstance(a, LOOPS) for a in outer)
        if len(known) < len(longer) or len(lists) > MOST:
            return one(Unknown(name, frame))
    found = [Items(entries, None, repeated) for entries in lists]
    if any(arithmetic.depth(items) >= arithmetic.DEEPEST for items in found):
        return one(Unknown(name, frame))
    return frozenset(found)


def _place(node: ast.AST) -> tuple[int, int]:
    return getattr(node, "lineno", 0), getattr(node, "col_offset", 0)


def _around(
    parent: dict[ast.AST, ast.AST], node: ast.AST, block: ast.AST
) -> list[ast.AST] | None:
    """What stands between a node and a block that it lies in."""
    found: list[ast.AST] = []
    while node in parent:
        node = parent[node]
        if node is block:
            return found
        found.append(node)
    return None


def _changed(
    follower: Follows, change: ast.stmt, entries: Entries, frame: Frame
) -> Entries | None:
    """The entries after ``append``, ``extend``, ``insert`` or ``+=``."""
    match change:
        case ast.AugAssign(op=ast.Add(), value=more):
            added = follower.value(more, frame)
        case ast.Expr(ast.Call(ast.Attribute(attr="append"), [entry])):
            return _short((*entries, follower.value(entry, frame)))
        case ast.Expr(ast.Call(ast.Attribute(attr="extend"), [more])):
            added = follower.value(more, frame)
        case ast.Expr(ast.Call(ast.Attribute(attr="insert"), [index, entry])):
            if follower.value(index, frame) != const(0):
                return None
            return _short((follower.value(entry, frame), *entries))
        case _:
            return None
    (only,) = added if len(added) == 1 else (None,)
    if not isinstance(only, Items) or only.keys is not None or only.repeated:
        return None
    return _short((*entries, *only.values))


def _short(entries: Entries) -> Entries | None:
    return entries if len(entries) <= LONGEST else None
