"""In which order a program does things.

A trace starts at the top of a module, or at a function that nobody in the files
calls, and walks through the statements; a call of a function of the files is entered.
What comes out is a flat list of events, each with the loops, branches and ``with``
blocks around it. A rule about order reads this list and need not know over how many
functions a training step is spread.
"""

import ast
from collections.abc import Callable, Iterator

from . import guards
from .events import Around, Event, Run
from .flow import COMPREHENSIONS, FUNCTIONS, Module
from .following import arithmetic
from .following.branches import leaves
from .following.classes import (
    NETWORK_BASES,
    inherits,
    is_network,
    members,
    method,
)
from .following.follower import Follower
from .guards import Target
from .kinds import added, classify, is_opaque
from .values import (
    NOTHING,
    Class,
    Frame,
    Function,
    Object,
    Partial,
    Value,
    Values,
)

DEEPEST = 10  # functions entered one inside the other
# Statements walked for each node of the tree: each is walked ten times on average.
ENTERED = 1


MOST_FRAMES = 4  # calls of a method that are asked for what it sets
OF_MODULES = ("train", "eval", "restore", "zero_grad")  # methods of nn.Module
Arounds = tuple[Around, ...]


class Tracer:
    """Walks through the functions of a module and writes down what happens."""

    def __init__(self, follower: Follower, module: Module) -> None:
        self.follower, self.module = follower, module
        self.entered: set[ast.AST] = set()
        # Functions in which a branch was passed over, for an argument decided it.
        self.pruned: set[ast.AST | None] = set()
        self._left = ENTERED * module.size + 2_000
        self._run = Run(follower, module, None, follower.top(module))
        self._active: list[ast.AST] = []
        # Generators that manage a block, and what walks through it.
        self._waiting: list[tuple[ast.AST, Callable[[Arounds], None]]] = []

    def runs(self) -> Iterator[Run]:
        """Trace the module, then each function that no trace has entered."""
        yield self._trace(None, self.module.tree.body, self.follower.top(self.module))
        functions = [n for n in self.module.parent if isinstance(n, FUNCTIONS)]
        functions.sort(key=lambda n: (n.lineno, n.col_offset))
        # Those whose name is called somewhere come last: a caller may enter them.
        functions.sort(key=lambda n: getattr(n, "name", "") in self.module.calls)
        for node in functions:
            if isinstance(node, ast.Lambda):
                continue
            if node in self.entered and node not in self.pruned:
                continue
            if isinstance(self.module.scope(node), FUNCTIONS) and (
                self.module.scope(node) not in self.entered
            ):
                continue  # its turn comes with the function around it
            frame = self.follower.alone(node, self.module)
            yield self._trace(node, node.body, frame)
        yield from self._inherited()

    def _inherited(self) -> Iterator[Run]:
        """Trace a ``forward`` once more for each class that inherits it."""
        for node in members(self.module)[0]:
            if "forward" in members(self.module)[0][node].methods:
                continue
            outer = self.follower.top(self.module)
            owner = Object(Class(node, outer), None, None)
            found = method(self.follower, owner, "forward")
            if found is not None and isinstance(found.node, ast.FunctionDef):
                frame = self.follower.enter(found, None, None)
                yield self._trace(found.node, found.node.body, frame)

    def _trace(self, root: ast.AST | None, body: list[ast.stmt], frame: Frame) -> Run:
        self._run = Run(self.follower, self.module, root, frame)
        around: Arounds = ()
        if root is not None:
            self.entered.add(root)
            self._active = [root]
            around = guards.decorated(self.follower, root, frame)
        self._body(body, frame, around)
        self._active = []
        return self._run

    # --- statements ------------------------------------------------------------

    def _body(self, body: list[ast.stmt], frame: Frame, around: Arounds) -> None:
        for index, stmt in enumerate(body):
            self._left -= 1
            self._statement(stmt, frame, around)
            if isinstance(stmt, ast.If) and not stmt.orelse and leaves(stmt.body):
                taken = arithmetic.truth(self.follower.value(stmt.test, frame))
                if taken:
                    return
                if taken is False:
                    continue
                rest = (*around, Around("arm", stmt, frame, 1))
                self._body(body[index + 1 :], frame, rest)
                return

    def _statement(self, stmt: ast.stmt, frame: Frame, around: Arounds) -> None:
        match stmt:
            case ast.FunctionDef() | ast.AsyncFunctionDef():
                for decorator in stmt.decorator_list:
                    self._expr(decorator, frame, around)
            case ast.ClassDef(body=body):
                self._body(
                    [s for s in body if not isinstance(s, ast.FunctionDef)],
                    frame,
                    around,
                )
            case ast.For() | ast.AsyncFor() | ast.While():
                inner = (*around, Around("loop", stmt, frame))
                if isinstance(stmt, ast.While):
                    self._expr(stmt.test, frame, inner)
                else:
                    self._expr(stmt.iter, frame, around)
                self._body(stmt.body, frame, inner)
                self._body(stmt.orelse, frame, around)
            case ast.If(test=test):
                self._expr(test, frame, around)
                if _is_main(test):
                    self._body(stmt.body, frame, around)
                    return
                taken = arithmetic.truth(self.follower.value(test, frame))
                if taken is not None:
                    self.pruned.add(frame.function)
                    self._body(stmt.body if taken else stmt.orelse, frame, around)
                    return
                for arm, body in enumerate((stmt.body, stmt.orelse)):
                    inner = (*around, Around("arm", stmt, frame, arm))
                    self._body(body, frame, inner)
            case ast.With(items=items) | ast.AsyncWith(items=items):
                self._with(stmt, items, frame, around)
            case ast.Try() | ast.TryStar():
                self._body(stmt.body, frame, around)
                for arm, handler in enumerate(stmt.handlers, 1):
                    inner = (*around, Around("arm", stmt, frame, arm))
                    self._body(handler.body, frame, inner)
                self._body(stmt.orelse, frame, around)
                self._body(stmt.finalbody, frame, around)
            case ast.Match(subject=subject, cases=cases):
                self._expr(subject, frame, around)
                for arm, each in enumerate(cases):
                    inner = (*around, Around("arm", stmt, frame, arm))
                    self._body(each.body, frame, inner)
            case _:
                self._simple(stmt, frame, around)

    def _with(
        self,
        stmt: ast.With | ast.AsyncWith,
        items: list[ast.withitem],
        frame: Frame,
        around: Arounds,
    ) -> None:
        """Enter what a block is managed by, walk through it, and leave again."""
        if not items:
            self._body(stmt.body, frame, around)
            return
        context = items[0].context_expr

        def inside(around: Arounds) -> None:
            self._with(stmt, items[1:], frame, around)

        generator = guards.generator(self.follower, context, frame)
        if generator is not None:
            self._waiting.append((generator, inside))
            self._expr(context, frame, around)
            if self._waiting and self._waiting[-1] == (generator, inside):
                self._waiting.pop()  # it was not entered
                inside(around)
            return
        self._expr(context, frame, around)
        kind = guards.guard(self.follower, context, frame)
        manager = guards.manager(self.follower, context, frame)
        if manager:
            self._enter(manager[0], stmt, frame, around)
        inside((*around, Around(kind, stmt, frame)))
        if manager:
            self._enter(manager[1], stmt, frame, around)

    def _yield(self, frame: Frame, around: Arounds) -> None:
        """Walk through the block that a generator manages, where it yields."""
        if self._waiting and self._waiting[-1][0] is frame.function:
            _, inside = self._waiting.pop()
            generator = self._active.pop()  # the block may use it again
            inside(around)
            self._active.append(generator)

    def _simple(self, stmt: ast.stmt, frame: Frame, around: Arounds) -> None:
        for child in ast.iter_child_nodes(stmt):
            if isinstance(child, ast.expr):
                self._expr(child, frame, around)
        targets: list[ast.expr] = []
        if isinstance(stmt, ast.Assign):
            targets = stmt.targets
        elif isinstance(stmt, ast.AugAssign | ast.AnnAssign):
            targets = [stmt.target]
        elif isinstance(stmt, ast.Delete):
            targets = stmt.targets
        for target in targets:
            if isinstance(target, ast.Attribute):
                subject = self.follower.value(target.value, frame)
                self._add("store", stmt, frame, around, subject, f"{target.attr} =")
        if (kept := added(stmt)) is not None:
            subject = self.follower.value(kept, frame)
            self._add("grow", stmt, frame, around, subject, "+=")

    # --- expressions -----------------------------------------------------------

    def _expr(self, expr: ast.AST, frame: Frame, around: Arounds) -> None:
        if isinstance(expr, ast.Name | ast.Constant | ast.Lambda):
            return  # nothing happens in it
        if isinstance(expr, COMPREHENSIONS):
            inner = around
            for part in expr.generators:
                self._expr(part.iter, frame, inner)
                inner = (*inner, Around("loop", part, frame))
                for test in part.ifs:
                    self._expr(test, frame, inner)
            for name in ("key", "value", "elt"):
                if (child := getattr(expr, name, None)) is not None:
                    self._expr(child, frame, inner)
            return
        if isinstance(expr, ast.IfExp):
            self._expr(expr.test, frame, around)
            for arm, child in enumerate((expr.body, expr.orelse)):
                self._expr(child, frame, (*around, Around("arm", expr, frame, arm)))
            return
        for child in ast.iter_child_nodes(expr):
            if isinstance(child, ast.expr | ast.keyword):
                self._expr(child, frame, around)
        if isinstance(expr, ast.Call):
            self._call(expr, frame, around)
        elif isinstance(expr, ast.Yield):
            self._yield(frame, around)

    def _add(
        self,
        kind: str,
        node: ast.AST,
        frame: Frame,
        around: Arounds,
        subject: Values,
        name: str,
    ) -> None:
        events = self._run.events
        events.append(Event(kind, node, frame, around, subject, name, len(events)))

    def _call(self, call: ast.Call, frame: Frame, around: Arounds) -> None:
        callees = self.follower.value(call.func, frame)
        targets = [t for v in callees for t in self._targets(v)]
        kind, subject, name = classify(self.follower, call, callees, frame)
        if kind == "step" and call.args:  # optimizer.step(closure)
            for value in self.follower.value(call.args[0], frame):
                if isinstance(value, Function):
                    self._enter((value, None), call, frame, around)
        if kind in OF_MODULES and all(is_network(self.follower, v) for v in subject):
            targets = []  # overridden, and means the same
        if targets and kind not in ("forward", "loss"):
            kind = "call"
        elif kind == "call" and is_opaque(callees):
            kind = "opaque"
        self._add(kind, call, frame, around, subject, name)
        if kind == "forward":
            return
        for arm, target in enumerate(targets):
            inner = around
            if len(targets) > 1:
                inner = (*around, Around("arm", call, frame, arm))
            self._enter(target, call, frame, inner)

    def _targets(self, value: Value, bound: Partial | None = None) -> list[Target]:
        """The functions of the files that calling a value runs."""
        if isinstance(value, Function):
            return [(value, bound)]
        if isinstance(value, Partial) and bound is None:
            return self._targets(value.target, value)
        found: Function | None = None
        if isinstance(value, Class):
            if inherits(self.follower, value, NETWORK_BASES):
                return []  # building layers is no event
            found = method(self.follower, Object(value, None, None), "__init__")
        elif isinstance(value, Object) and not is_network(self.follower, value):
            found = method(self.follower, value, "__call__")
        return [(found, bound)] if found else []

    def _enter(
        self, target: Target, by: ast.AST, frame: Frame, around: Arounds
    ) -> None:
        """Walk through a function: of a call, or of what a ``with`` is managed by."""
        call = by if isinstance(by, ast.Call) else None
        function, bound = target
        node = function.node
        if node in self._active or len(self._active) >= DEEPEST or self._left < 0:
            self._add("opaque", by, frame, around, NOTHING, "")
            return
        if call and isinstance(node, ast.FunctionDef) and node.name == "__init__":
            for value in self.follower.value(call, frame):
                if isinstance(value, Object) and isinstance(value.of, Class):
                    function = Function(node, function.frame, value)
        inner = self.follower.enter(function, call, frame, bound)
        frames = self.follower.entered.setdefault(function, [])
        if inner not in frames and len(frames) < MOST_FRAMES:
            frames.append(inner)
        if guards.is_decorated_outside(self.follower, node, inner):
            self._add(
                "opaque", by, frame, around, NOTHING, ".decorated" if call else ""
            )
        around = (*around, Around("call", by, frame))
        self._active.append(node)
        if isinstance(node, ast.Lambda):
            self._expr(node.body, inner, around)
        elif isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            self.entered.add(node)
            around += guards.decorated(self.follower, node, inner)
            self._body(node.body, inner, around)
        self._active.pop()


def _is_main(test: ast.expr) -> bool:
    return isinstance(test, ast.Compare) and (
        isinstance(test.left, ast.Name) and test.left.id == "__name__"
    )
