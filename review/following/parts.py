"""Parts of things: what ``value[index]`` is, and what a loop over a value gives."""

from .. import names
from ..values import (
    Const,
    Derived,
    Items,
    Object,
    Output,
    Value,
    Values,
    Wrapped,
    made_by,
    one,
)
from . import arithmetic, layering
from .follows import Follows

UNSORTED = "unsorted"  # the name of a comprehension over a list of files


def item(follower: Follows, value: Value, index: Values) -> Values:
    """What ``value[index]`` is."""
    (only,) = index if len(index) == 1 else (None,)
    key = only.value if isinstance(only, Const) else None
    if isinstance(value, Items):
        return _entry(value, key)
    if isinstance(value, Output):
        return one(value)
    if isinstance(value, Derived) and value.how == "each":
        return frozenset(value.parts)
    if isinstance(value, Wrapped):
        return item(follower, value.inner, index)
    layers = layering.layers(follower, value)
    if layers and isinstance(key, int) and -len(layers) <= key < len(layers):
        return layers[key]
    if arithmetic.depth(value) >= arithmetic.DEEPEST:
        return one(Derived("item", ()))
    return one(Derived("item", (value,), "" if key is None else str(key)))


def _entry(value: Items, key: object) -> Values:
    """An entry of a dictionary, list or tuple; any, if the key is not known."""
    if value.keys is not None:
        pairs = zip(value.keys, value.values, strict=True)
        found = [entry for known, entry in pairs if known == key]
        return found[-1] if found else one(Derived("item", (value,)))
    if value.repeated:
        key = None
    if isinstance(key, int) and -len(value.values) <= key < len(value.values):
        return value.values[key]
    return frozenset(v for entry in value.values for v in entry)


def element(follower: Follows, value: Value) -> Values:
    """What a loop over a value gives."""
    if isinstance(value, Items):
        if value.keys is not None:
            return frozenset(Const(k, type(k)) for k in value.keys)
        return frozenset(v for entry in value.values for v in entry)
    if isinstance(value, Output):
        return one(value)
    if isinstance(value, Derived) and value.how == "each":
        return frozenset(value.parts)
    if isinstance(value, Derived) and value.how in ("enumerate", "zip"):
        entries = [element(follower, part) for part in value.parts]
        if value.how == "enumerate":
            entries.insert(0, one(Derived("index", ())))
        return one(Items(tuple(entries)))
    if arithmetic.depth(value) >= arithmetic.DEEPEST:
        return one(Derived("element", ()))
    return one(Derived("element", (value,)))


def opened(value: Value) -> Values:
    """What ``with value as name`` binds: of a generator, what it yields."""
    if isinstance(value, Derived) and value.how == "each":
        return frozenset(value.parts)
    return one(value)


def listing(value: Value) -> Value | None:
    """The list of files behind a value, if it comes in the file system's order."""
    for _ in range(5):
        if made_by(value) in names.LISTINGS:
            return value
        if isinstance(value, Object):
            of = value.of
            if isinstance(of, Derived) and of.how == "attr":
                return value if of.name in names.LISTING_METHODS else None
            return None
        if not isinstance(value, Derived):
            return None
        if value.how == "each" and value.name == UNSORTED:
            return value
        if value.how not in ("item", "element", "enumerate") or not value.parts:
            return None
        value = value.parts[0]
    return None
