"""What an expression stands for: a value followed through names, calls and classes."""

import ast
from collections.abc import Callable, Iterable
from typing import Any

from .. import names
from ..flow import FUNCTIONS, Module, Origin, results
from ..values import (
    NOTHING,
    Class,
    Derived,
    External,
    File,
    Frame,
    Function,
    Items,
    Object,
    Unknown,
    Value,
    Values,
    const,
    one,
)
from . import (
    arguments,
    arithmetic,
    branches,
    calling,
    classes,
    growing,
    parts,
)

DEEPEST_CALL = 8  # frames; the chain of helper functions in a program is shorter
DEEPEST = 60  # expressions inside one another, calls included
MOST = 8  # alternatives of a value; beyond, it counts as unknown


class Follower:
    """Follows values through the modules of one folder.

    Args:
        find_module: from a qualified name to the module of that name in the folder,
            or ``None``.
        budget: so many expressions are followed; then everything is unknown. It
            keeps the time proportional to the length of the text.
    """

    def __init__(
        self, find_module: Callable[[str, Module], Module | None], budget: int
    ) -> None:
        self.find_module = find_module
        self.budget = budget
        self._known: dict[tuple[ast.AST, Frame], Values] = {}
        self._running: set[tuple[ast.AST, Frame]] = set()
        self._frames: dict[tuple[Any, ...], Frame] = {}
        self._tops: dict[Module, Frame] = {}
        self._asked: set[tuple[Module, str]] = set()  # members on the way
        # The frames in which the trace has run a function of the files.
        self.entered: dict[Function, list[Frame]] = {}
        self._results: dict[ast.AST, tuple[list[ast.expr | None], bool]] = {}

    # --- frames ----------------------------------------------------------------

    def top(self, module: Module) -> Frame:
        """The frame of a module's own statements."""
        if module not in self._tops:
            self._tops[module] = Frame(module)
        return self._tops[module]

    def enter(
        self,
        function: Function,
        call: ast.Call | None,
        caller: Frame | None,
        bound: Any = None,
    ) -> Frame:
        """The frame of one call of a function; the same call has the same frame."""
        key = (function, call, caller, bound)
        if key not in self._frames:
            self._frames[key] = Frame(
                function.frame.module,
                function.node,
                call,
                caller,
                function.owner,
                function.frame,
                bound,
                (caller.depth if caller else 0) + 1,
            )
        return self._frames[key]

    def alone(self, node: ast.AST, module: Module) -> Frame:
        """The frame of a function that nobody in the files calls."""
        around = module.scope(node)
        outer = (
            self.top(module) if around is module.tree else self.alone(around, module)
        )
        owner: Value | None = None
        if (cls := module.class_of(node)) is not None:
            owner = Object(Class(cls, outer), None, None)
        return self.enter(Function(node, outer, owner), None, None)

    # --- expressions -----------------------------------------------------------

    def value(self, expr: ast.AST, frame: Frame) -> Values:
        """Return everything that an expression can be; nothing if it runs in a ring."""
        key = (expr, frame)
        if key in self._known:
            return self._known[key]
        if key in self._running:
            return NOTHING
        self.budget -= 1
        if self.budget < 0 or len(self._running) > DEEPEST:
            return one(Unknown(expr, frame))
        self._running.add(key)
        try:
            found = self._value(expr, frame)
        finally:
            self._running.discard(key)
        if len(found) > MOST:
            found = one(Unknown(expr, frame))
        self._known[key] = found
        return found

    def values(self, exprs: Iterable[ast.AST], frame: Frame) -> Values:
        """Return what any of several expressions can be."""
        return frozenset(v for e in exprs for v in self.value(e, frame))

    def _value(self, expr: ast.AST, frame: Frame) -> Values:
        match expr:
            case ast.Constant(value=value):
                return const(value)
            case ast.Name():
                return self._name(expr, frame)
            case ast.Attribute(value=base, attr=attr):
                return self.every(
                    self.value(base, frame), lambda v: classes.attribute(self, v, attr)
                )
            case ast.Call():
                return calling.result(self, expr, frame)
            case ast.Tuple(elts=elts) | ast.List(elts=elts) | ast.Set(elts=elts):
                if any(isinstance(e, ast.Starred) for e in elts):
                    return self._starred(elts, frame)
                return one(Items(tuple(self.value(e, frame) for e in elts)))
            case ast.Dict(keys=keys, values=values):
                if not all(isinstance(k, ast.Constant) for k in keys):
                    return one(Derived("each", tuple(self.values(values, frame))))
                named = tuple(k.value for k in keys if isinstance(k, ast.Constant))
                return one(Items(tuple(self.value(v, frame) for v in values), named))
            case ast.IfExp(test=test, body=body, orelse=orelse):
                taken = arithmetic.truth(self.value(test, frame))
                if taken is None:
                    return self.values((body, orelse), frame)
                return self.value(body if taken else orelse, frame)
            case ast.BoolOp(op=op, values=values):
                return self._either(values, isinstance(op, ast.Or), frame)
            case ast.NamedExpr(value=value) | ast.Await(value=value):
                return self.value(value, frame)
            case ast.Starred(value=value):
                return self.value(value, frame)
            case ast.Lambda():
                return one(Function(expr, frame))
            case ast.Subscript(value=base, slice=index):
                indices = self.value(index, frame)
                return self.every(
                    self.value(base, frame), lambda v: parts.item(self, v, indices)
                )
            case ast.UnaryOp(op=ast.USub(), operand=operand):
                return self.every(self.value(operand, frame), arithmetic.negative)
            case ast.UnaryOp(op=ast.Not(), operand=operand):
                known = arithmetic.truth(self.value(operand, frame))
                return one(Unknown(expr, frame)) if known is None else const(not known)
            case ast.Compare(left=left, ops=[op], comparators=[right]):
                result = arithmetic.compared(
                    self.value(left, frame), op, self.value(right, frame)
                )
                return one(Unknown(expr, frame)) if result is None else const(result)
            case ast.BinOp(left=left, op=op, right=right):
                return self._binary(expr, left, op, right, frame)
            case ast.DictComp(value=value):
                return one(Derived("each", tuple(self.value(value, frame))))
            case ast.ListComp() | ast.SetComp() | ast.GeneratorExp():
                over = self.values([g.iter for g in expr.generators], frame)
                name = parts.UNSORTED if any(map(parts.listing, over)) else ""
                return one(Derived("each", tuple(self.value(expr.elt, frame)), name))
        return one(Unknown(expr, frame))

    def every(self, values: Values, change: Callable[[Value], Values]) -> Values:
        """Apply a change to each alternative and join what comes out."""
        return frozenset(v for value in values for v in change(value))

    def _either(self, exprs: list[ast.expr], ends: bool, frame: Frame) -> Values:
        """``a or b``, ``a and b``: up to the first that decides it."""
        found: set[Value] = set()
        for expr in exprs:
            values = self.value(expr, frame)
            truth = arithmetic.truth(values)
            if truth is not (not ends) or expr is exprs[-1]:
                found |= values
            if truth is ends:
                break
        return frozenset(found)

    def _starred(self, elts: list[ast.expr], frame: Frame) -> Values:
        """Spread ``*x`` where its entries are known."""
        entries: list[Values] = []
        repeated = False
        for elt in elts:
            values = self.value(elt, frame)
            if not isinstance(elt, ast.Starred):
                entries.append(values)
                continue
            (only,) = values if len(values) == 1 else (None,)
            if not isinstance(only, Items) or only.keys is not None:
                return one(Derived("each", tuple(self.values(elts, frame))))
            entries += only.values
            repeated = repeated or only.repeated
        return one(Items(tuple(entries), None, repeated))

    def _binary(
        self,
        expr: ast.AST,
        left: ast.expr,
        op: ast.operator,
        right: ast.expr,
        frame: Frame,
    ) -> Values:
        found: set[Value] = set()
        for a in self.value(left, frame):
            for b in self.value(right, frame):
                found.add(arithmetic.computed(self, expr, a, op, b, frame))
        return frozenset(found)

    def derived(
        self, how: str, parts: tuple[Value, ...], name: str, node: ast.AST, frame: Frame
    ) -> Value:
        """Something computed, or unknown if the chain is too long to be of use."""
        if any(arithmetic.depth(part) >= arithmetic.DEEPEST for part in parts):
            return Unknown(node, frame)
        return Derived(how, parts, name)

    # --- calls -----------------------------------------------------------------

    def returned(self, frame: Frame) -> Values:
        """What a call of a function gives back."""
        node = frame.function
        if node is None or frame.depth > DEEPEST_CALL or frame.is_recursive:
            return one(Unknown(node or frame.module.tree, frame))
        if isinstance(node, ast.Lambda):
            return self.value(node.body, frame)
        found: set[Value] = set()
        if node not in self._results:
            self._results[node] = results(node)
        given, generator = self._results[node]
        for expr in branches.returns(self, given, frame):
            found |= const(None) if expr is None else self.value(expr, frame)
        if generator:
            return one(Derived("each", tuple(found)))
        return frozenset(found) if given else const(None)

    # --- names -----------------------------------------------------------------

    def _name(self, name: ast.Name, frame: Frame) -> Values:
        module = frame.module
        definitions = module.definitions(name)
        if not definitions:
            for star in module.stars:
                local = self.find_module(star, module)
                if local is not None and name.id in local.top:
                    return self.member(local, name.id)
                if star.split(".")[0] in names.HARMLESS:
                    return one(External(f"{star}.{name.id}"))
            return one(Unknown(name, frame))
        if (filled := growing.grown(self, name, frame)) is not None:
            return filled
        found: set[Value] = set()
        for definition in branches.live(self, definitions, frame):
            found |= self.defined(definition, name, frame)
        return frozenset(found)

    def member(self, module: Module, name: str) -> Values:
        """What a name at the top of a module is to those who import it."""
        top = self.top(module)
        if (module, name) in self._asked:  # two modules import it from each other
            return one(Unknown(module.tree, top))
        self._asked.add((module, name))
        found: set[Value] = set()
        for node in module.top.get(name, ()):
            found |= self.defined(node, node, top)
        self._asked.remove((module, name))
        return frozenset(found) or one(Unknown(module.tree, top))

    def defined(self, node: Any, name: Any, frame: Frame) -> Values:
        """What a definition gives to a name that it reaches."""
        if not isinstance(node, ast.AST):  # a builtin
            called = getattr(node, "__name__", None)
            return one(External(f"builtins.{called}")) if called else NOTHING
        module = frame.module
        if isinstance(node, ast.alias):
            return self.imported(module.imported.get(node, node.name), module)
        home = self._home(node, frame)
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            return one(Function(node, home))
        if isinstance(node, ast.ClassDef):
            return one(Class(node, home))
        if isinstance(node, ast.arg):
            return arguments.parameter_values(self, node, home)
        origin = module.origins.get(node)
        if origin is None:
            return one(Unknown(node, home))
        return self.arrived(origin, node, home)

    def arrived(self, origin: Origin, node: ast.AST, frame: Frame) -> Values:
        """What an assignment puts into a name or attribute."""
        if origin.kind == "changed":
            return one(Unknown(node, frame))
        values = self.value(origin.expr, frame)
        if origin.kind == "element":
            values = self.every(values, lambda v: parts.element(self, v))
        elif origin.kind == "context":
            values = self.every(values, parts.opened)
        for index in origin.path:
            at = const(index)
            values = frozenset(
                v for value in values for v in parts.item(self, value, at)
            )
        return values

    def _home(self, definition: ast.AST, frame: Frame) -> Frame:
        """The frame that a definition belongs to, seen from where it is used."""
        module = frame.module
        if isinstance(definition, ast.arg):
            scope = module.parent[module.parent[definition]]
        else:
            scope = module.scope(definition)
        at: Frame | None = frame
        while at is not None:
            if at.function is scope or (at.function is None and scope is module.tree):
                return at
            at = at.outer
        if isinstance(scope, FUNCTIONS):
            return self.alone(scope, module)
        return self.top(module)

    def imported(self, name: str, module: Module) -> Values:
        """A module, or a member of one, of the folder or of a library."""
        local = self.find_module(name, module)
        if local is not None:
            return one(File(local))
        if "." in name:
            base, _, attr = name.rpartition(".")
            local = self.find_module(base, module)
            if local is not None and local is not module and attr in local.top:
                return self.member(local, attr)
        return one(External(name))
