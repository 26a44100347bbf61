"""Classes of the files: their attributes, methods and bases."""

import ast
from dataclasses import dataclass, field
from weakref import WeakKeyDictionary

from ..flow import FUNCTIONS, Module, canonical
from ..values import (
    NOTHING,
    Class,
    Derived,
    External,
    File,
    Frame,
    Function,
    Object,
    Output,
    Unknown,
    Value,
    Values,
    Wrapped,
    one,
)
from .follows import Follows

MOST_BASES = 12
NETWORK_BASES = ("torch.nn.", "lightning.", "torchvision.models.", "timm.")
Method = ast.FunctionDef | ast.AsyncFunctionDef


@dataclass
class Members:
    """What a class defines.

    Attributes:
        methods: by name.
        fields: names with annotations in the class's body, in order, with defaults.
        level: other names of the class's body -> the node that is assigned.
        stores: attribute -> the places ``self.attribute = ...``, each in its method.
    """

    methods: dict[str, Method] = field(default_factory=dict)
    fields: dict[str, ast.AST | None] = field(default_factory=dict)
    level: dict[str, ast.AST] = field(default_factory=dict)
    stores: dict[str, list[tuple[ast.AST, Method]]] = field(default_factory=dict)


_tables: WeakKeyDictionary[Module, tuple[dict[ast.ClassDef, Members], set[str]]]
_tables = WeakKeyDictionary()


def members(module: Module) -> tuple[dict[ast.ClassDef, Members], set[str]]:
    """Return the classes of a module, and the attributes set from outside of any."""
    if module not in _tables:
        _tables[module] = _survey(module)
    return _tables[module]


def _survey(module: Module) -> tuple[dict[ast.ClassDef, Members], set[str]]:
    classes: dict[ast.ClassDef, Members] = {}
    foreign: set[str] = set()
    for node in module.parent:
        if isinstance(node, ast.ClassDef):
            classes.setdefault(node, Members())
        elif isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            if (cls := module.class_of(node)) is not None:
                classes.setdefault(cls, Members()).methods[node.name] = node
        elif isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name):
            around = module.parent[node]
            if isinstance(around, ast.ClassDef):
                table = classes.setdefault(around, Members())
                table.fields[node.target.id] = node.value
    for target in module.origins:
        if isinstance(target, ast.Name):
            statement = module.statement(target)
            holder = module.parent.get(statement)
            if isinstance(holder, ast.ClassDef):
                classes[holder].level[target.id] = target
        elif isinstance(target, ast.Attribute):
            method = _method_of_self(target, module)
            if method is None:
                foreign.add(target.attr)
                continue
            cls = module.class_of(method)
            assert cls is not None
            classes[cls].stores.setdefault(target.attr, []).append((target, method))
    return classes, foreign


def _method_of_self(target: ast.Attribute, module: Module) -> Method | None:
    """The method whose first parameter the attribute is set on."""
    if not isinstance(target.value, ast.Name):
        return None
    at = module.scope(target)
    while isinstance(at, FUNCTIONS):
        if isinstance(at, ast.FunctionDef | ast.AsyncFunctionDef):
            first = at.args.posonlyargs + at.args.args
            if module.class_of(at) is not None and first:
                return at if first[0].arg == target.value.id else None
        at = module.scope(at)
    return None


def bases(follower: Follows, cls: Class) -> list[Value]:
    """A class of the files and everything it inherits from, nearest first."""
    found: list[Value] = []
    todo: list[Value] = [cls]
    while todo and len(found) < MOST_BASES:
        at = todo.pop(0)
        if at in found:
            continue
        found.append(at)
        if isinstance(at, Class):
            for base in at.node.bases:
                if isinstance(base, ast.Subscript):
                    base = base.value  # Generic[T], Dataset[int]
                todo += follower.value(base, at.frame)
    return found


def is_network(follower: Follows, value: Value) -> bool:
    """Whether something is certainly an ``nn.Module``, wrapped or not."""
    if isinstance(value, Wrapped):
        return True
    if not isinstance(value, Object):
        return False
    if isinstance(value.of, External):
        name = value.of.name
        return name.startswith(("torch.nn.", "torchvision.models.", "timm.create"))
    if isinstance(value.of, Class):
        return inherits(follower, value.of, NETWORK_BASES)
    return False


def annotated(follower: Follows, arg: ast.arg, frame: Frame) -> Values:
    """An instance of the class of the files that a parameter's annotation names."""
    if not isinstance(arg.annotation, ast.Name):
        return NOTHING
    named = [*follower.value(arg.annotation, frame.outer or frame)]
    if len(named) != 1 or not isinstance(named[0], Class):
        return NOTHING
    return one(Object(named[0], None, None))


def inherits(follower: Follows, cls: Class, prefixes: tuple[str, ...]) -> bool:
    """Whether a class has a library's class of such a name among its bases."""
    return any(
        isinstance(base, External) and base.name.startswith(prefixes)
        for base in bases(follower, cls)
    )


def is_open(follower: Follows, cls: Class) -> bool:
    """Whether a class has a base that is neither in the files nor of torch."""
    return any(
        isinstance(base, Unknown | Derived)
        or (
            isinstance(base, External)
            and not base.name.startswith((*NETWORK_BASES, "builtins.", "torch."))
        )
        for base in bases(follower, cls)
    )


def method(follower: Follows, value: Value, name: str) -> Function | None:
    """A method of an instance or class, bound to it."""
    if isinstance(value, Wrapped):
        return method(follower, value.inner, name)
    cls = value.of if isinstance(value, Object) else value
    if not isinstance(cls, Class):
        return None
    for base in bases(follower, cls):
        if not isinstance(base, Class):
            continue
        node = members(base.frame.module)[0][base.node].methods.get(name)
        if node is not None:
            return Function(node, base.frame, _owner(node, value, cls))
    return None


def _owner(node: Method, value: Value, cls: Class) -> Value | None:
    if "staticmethod" in decorators(node):
        return None
    if "classmethod" in decorators(node):
        return cls
    return value if isinstance(value, Object) else None


def decorators(node: ast.AST) -> set[str]:
    """The last names of a function's decorators."""
    found = set()
    for decorator in getattr(node, "decorator_list", ()):
        inner = decorator.func if isinstance(decorator, ast.Call) else decorator
        if isinstance(inner, ast.Attribute):
            found.add(inner.attr)
        elif isinstance(inner, ast.Name):
            found.add(inner.id)
    return found


def attribute(follower: Follows, value: Value, attr: str) -> Values:
    """What ``value.attr`` is."""
    if isinstance(value, External):
        return one(External(canonical(f"{value.name}.{attr}")))
    if isinstance(value, File):
        if attr in value.module.top:
            return follower.member(value.module, attr)
        return follower.imported(f"{value.module.name}.{attr}", value.module)
    if isinstance(value, Wrapped):
        if attr in ("module", "_orig_mod"):
            return one(value.inner)
        return attribute(follower, value.inner, attr)
    if isinstance(value, Object) and isinstance(value.of, Class):
        found = _of_instance(follower, value, value.of, attr)
        if found:
            return found
    if isinstance(value, Class):
        bound = method(follower, value, attr)
        if bound is not None:
            return one(bound)
        for base in bases(follower, value):
            if isinstance(base, Class):
                table = members(base.frame.module)[0][base.node]
                if attr in table.level:
                    node = table.level[attr]
                    return follower.defined(node, node, base.frame)
    if isinstance(value, Output) and attr in ("T", "mT", "data"):
        return one(value)
    if isinstance(value, Derived) and value.how == "super":
        return _of_super(follower, value, attr)
    return one(Derived("attr", (value,), attr))


def _of_super(follower: Follows, value: Derived, attr: str) -> Values:
    (owner, cls) = value.parts
    if isinstance(cls, Class):
        for base in bases(follower, cls)[1:]:
            if isinstance(base, Class):
                table = members(base.frame.module)[0][base.node]
                node = table.methods.get(attr)
                if node is not None:
                    return one(Function(node, base.frame, owner))
    return one(Derived("attr", (value,), attr))


def _of_instance(follower: Follows, value: Object, cls: Class, attr: str) -> Values:
    """An attribute of an instance: method, property, what methods set, field."""
    bound = method(follower, value, attr)
    if bound is not None:
        if decorators(bound.node) & {"property", "cached_property"}:
            return follower.returned(follower.enter(bound, None, None))
        return one(bound)
    found: set[Value] = set()
    for base in bases(follower, cls):
        if not isinstance(base, Class):
            continue
        table = members(base.frame.module)[0][base.node]
        for node, where in table.stores.get(attr, ()):
            origin = base.frame.module.origins[node]
            for frame in _frames_of(follower, value, base, where):
                found |= follower.arrived(origin, node, frame)
        if attr in table.fields and attr not in table.stores:
            found |= _field(follower, value, base, table, attr)
        elif attr in table.level and not found:
            node = table.level[attr]
            found |= follower.defined(node, node, base.frame)
        if found:
            break
    if found and attr in members(cls.frame.module)[1]:
        found.add(Derived("attr", (value,), attr))  # somebody may have replaced it
    return frozenset(found)


def _frames_of(
    follower: Follows, value: Object, base: Class, where: Method
) -> list[Frame]:
    """The calls of the method that sets an attribute, as far as they are known."""
    function = Function(where, base.frame, value)
    own = method(follower, value, "__init__")
    if where.name != "__init__" or own is None:
        known = follower.entered.get(function, [])
        return known or [follower.enter(function, None, None)]
    frame = follower.enter(own, value.call, value.frame)
    if own.node is where:
        return [frame]
    for node in ast.walk(own.node):  # the class's own __init__ calls that of a base
        match node:
            case ast.Call(
                func=ast.Attribute(
                    value=ast.Call(func=ast.Name(id="super")), attr="__init__"
                )
            ):
                return [follower.enter(function, node, frame)]
    return [follower.enter(function, None, None)]


def _field(
    follower: Follows, value: Object, base: Class, table: Members, attr: str
) -> Values:
    """A field of a dataclass or NamedTuple: as given, or its default."""
    call, default = value.call, table.fields[attr]
    if call is None or value.frame is None or "__init__" in table.methods:
        return NOTHING
    for keyword in call.keywords:
        if keyword.arg == attr:
            return follower.value(keyword.value, value.frame)
    index = list(table.fields).index(attr)
    spread = any(isinstance(arg, ast.Starred) for arg in call.args)
    if spread or any(keyword.arg is None for keyword in call.keywords):
        return one(Derived("attr", (value,), attr))
    if index < len(call.args):
        return follower.value(call.args[index], value.frame)
    return NOTHING if default is None else follower.value(default, base.frame)
