"""Note 14: in which order files are read, and what a fingerprint of them covers."""

import ast

from ..events import Around, Event, Run
from ..following import arguments, parts
from ..order import made_within
from ..rule import Hits, at, hit, line_of, rule
from ..values import Derived, Object, Value, Values, inside, made_by

CONTENTS = {"read", "read_bytes", "read1", "readinto"}


def _updates(run: Run) -> list[Event]:
    """The updates of a hash that was begun before the loop over files."""
    return [
        e
        for e in run.named(".update")
        if e.call.args and any(made_by(v).startswith("hashlib.") for v in e.subject)
    ]


def _iterated(run: Run, loop: Around) -> Values:
    return run.value(getattr(loop.node, "iter", None), loop.frame)


def _sorts(loop: Around) -> bool:
    """Whether the loop's names, or what it runs over, are sorted in place."""
    frame, node = loop.frame, loop.node
    around = frame.function or frame.module.tree
    mine = {
        n.id for n in ast.walk(getattr(node, "iter", node)) if isinstance(n, ast.Name)
    }
    for part in ast.walk(around):
        match part:
            case ast.Call(func=ast.Attribute(value=ast.Name(id=name), attr="sort")):
                if name in mine:
                    return True
    return False


def _walk_is_sorted(loop: Around) -> bool:
    """Whether a loop over os.walk puts the folders in order for the walk itself."""
    target = getattr(loop.node, "target", None)
    if not isinstance(target, ast.Tuple) or len(target.elts) != 3:
        return False
    folders = target.elts[1]
    for part in ast.walk(loop.node):
        match part:
            case ast.Call(func=ast.Attribute(value=ast.Name(id=name), attr="sort")):
                pass
            case ast.Assign(
                targets=[ast.Subscript(value=ast.Name(id=name), slice=ast.Slice())],
                value=ast.Call(func=ast.Name(id="sorted")),
            ):
                pass
            case _:
                continue
        if isinstance(folders, ast.Name) and folders.id == name:
            return True
    return False


@rule("NOTE141")
def unsorted_hash(run: Run) -> Hits:
    """Find hashes that are updated in a loop over an unsorted listing."""
    seen: set[Values] = set()
    for event in _updates(run):
        for loop in event.loops():
            if event.subject in seen or made_within(run, event.subject, loop):
                continue
            listing = _unsorted(run, loop)
            if listing is None:
                continue
            seen.add(event.subject)
            what = made_by(listing) or "This listing"
            where = line_of(event.node, event.frame)
            text = f"{what} has no fixed order, and {where} hashes in it."
            yield hit(loop.node, loop.frame, text)


def _unsorted(run: Run, loop: Around) -> Value | None:
    """The listing that a loop runs over as the file system gives it."""
    for value in _iterated(run, loop):
        listing = parts.listing(value)
        if listing is None or _sorts(loop):
            continue
        walk = value == listing and made_by(listing) == "os.walk"
        if not walk or not _walk_is_sorted(loop):
            return listing
    return None


@rule("NOTE142")
def contents_only(run: Run) -> Hits:
    """Find hashes over many files into which nothing goes but what was read."""
    seen = set()
    updates = _updates(run)
    for event in updates:
        loops = [
            loop
            for loop in event.loops()
            if any(_mentions_listing(run, v) for v in _iterated(run, loop))
            and not made_within(run, event.subject, loop)
        ]
        if not loops or event.subject in seen:
            continue
        seen.add(event.subject)
        same = [e for e in updates if e.subject == event.subject]
        given = [v for e in same for v in run.argument(e, 0, "data")]
        if given and all(map(_is_content, given)):
            yield at(
                event, "Nothing but the contents goes into this digest of many files."
            )


def _mentions_listing(run: Run, value: Value) -> bool:
    """Whether a loop runs over the files of a folder, in whatever order."""
    for part in inside(value):
        if parts.listing(part) is not None:
            return True
        if isinstance(part, Object) and made_by(part) == "builtins.sorted":
            given = arguments.made_with(run.follower, part, 0, "iterable")
            if any(_mentions_listing(run, v) for v in given):
                return True
    return False


def _is_content(value: Value) -> bool:
    """Whether bytes certainly come from reading a file, and from nothing else."""
    if isinstance(value, Derived) and value.how in ("Add", "Mod"):
        return all(map(_is_content, value.parts))
    for part in inside(value):
        of = part.of if isinstance(part, Object) else None
        if isinstance(of, Derived) and of.how == "attr" and of.name in CONTENTS:
            return True
    return False
