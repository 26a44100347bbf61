"""What happened in a trace, in order, and what stood around it."""

import ast
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, TypeVar

from .flow import Module
from .following import arguments
from .following.follower import Follower
from .values import NOTHING, Frame, Values

T = TypeVar("T")


@dataclass(eq=False, frozen=True)
class Around:
    """What stands around an event: a loop, an arm of a branch, a guard, a call.

    Attributes:
        kind: ``loop``, ``arm``, ``call``, or the kind of a ``with`` (``no_grad``,
            ``autocast``, ...).
        node: the statement, or the call that was entered.
        arm: which branch: two events with other arms of the same node exclude each
            other.
    """

    kind: str
    node: ast.AST
    frame: Frame
    arm: int = 0


@dataclass(eq=False)
class Event:
    """Something a rule may care about.

    Attributes:
        kind: ``backward``, ``zero_grad``, ``step`` (of an optimiser), ``scaler_step``,
            ``schedule``, ``unscale``, ``update``, ``clip``, ``eval``, ``train``,
            ``forward``, ``loss``, ``grow`` (an append or ``+=``), ``store`` (of an
            attribute), ``opaque`` (a call that may do anything) or ``call``.
        subject: the optimiser, network and so on that it is done to.
        name: the qualified name of what is called, or ``.method``.
    """

    kind: str
    node: ast.AST
    frame: Frame
    around: tuple[Around, ...]
    subject: Values
    name: str
    index: int

    @property
    def call(self) -> ast.Call:
        """The node, which is a call for every kind but ``grow`` and ``store``."""
        assert isinstance(self.node, ast.Call)
        return self.node

    def loops(self) -> list[Around]:
        """The loops around it, outermost first."""
        return [a for a in self.around if a.kind == "loop"]

    def within(self, around: Around) -> bool:
        """Whether it lies inside a loop, arm or block."""
        return around in self.around

    def guard(self, *kinds: str) -> Around | None:
        """The innermost ``with`` block of these kinds around it."""
        for around in reversed(self.around):
            if around.kind in kinds:
                return around
        return None

    def excludes(self, other: "Event") -> bool:
        """Whether the two lie in different arms of one branch."""
        arms = {id(a.node): a.arm for a in self.around if a.kind == "arm"}
        return any(
            a.kind == "arm" and arms.get(id(a.node), a.arm) != a.arm
            for a in other.around
        )

    def arms_inside(self, around: Around | None) -> list[Around]:
        """The branches between it and something around it, or all."""
        start = self.around.index(around) + 1 if around in self.around else 0
        return [a for a in self.around[start:] if a.kind == "arm"]


@dataclass
class Run:
    """One trace, with what the rules need to read it.

    Attributes:
        main: the module that is being checked.
        root: the function it starts at; ``None`` for the top of the module.
        frame: the frame of that function, or of the module.
        events: in the order in which they happen.
        others: all traces of the module, this one too.
        facts: what :meth:`once` has found out about the module.
    """

    follower: Follower
    main: Module
    root: ast.AST | None
    frame: Frame
    events: list[Event] = field(default_factory=list)
    others: list["Run"] = field(default_factory=list)
    facts: dict[Any, Any] = field(default_factory=dict)

    def once(self, fact: Callable[["Run"], T]) -> T:
        """Find something out about the whole module, for all its traces at once."""
        if fact not in self.facts:
            self.facts[fact] = fact(self)
        return self.facts[fact]

    def found(self, search: Callable[["Run"], Iterable[T]]) -> list[T]:
        """Search this trace for something that several rules ask for, once."""
        key = (search, self.frame)
        if key not in self.facts:
            self.facts[key] = list(search(self))
        return self.facts[key]

    @cached_property
    def _by_kind(self) -> dict[str, list[Event]]:
        table: dict[str, list[Event]] = {}
        for event in self.events:
            table.setdefault(event.kind, []).append(event)
        return table

    @cached_property
    def _inside(self) -> dict[Around, list[Event]]:
        table: dict[Around, list[Event]] = {}
        for event in self.events:
            for around in event.around:
                if around.kind in ("loop", "call"):
                    table.setdefault(around, []).append(event)
        return table

    def of(self, *kinds: str) -> list[Event]:
        """The events of some kinds, in order."""
        if len(kinds) == 1:
            return self._by_kind.get(kinds[0], [])
        return sorted(
            (e for kind in kinds for e in self._by_kind.get(kind, ())),
            key=lambda e: e.index,
        )

    @cached_property
    def _by_name(self) -> dict[str, list[Event]]:
        table: dict[str, list[Event]] = {}
        for event in self.events:
            table.setdefault(event.name, []).append(event)
        return table

    def named(self, *called: str) -> list[Event]:
        """The calls of these qualified names, or ``.methods``, in order."""
        found = [e for name in called for e in self._by_name.get(name, ())]
        return sorted(found, key=lambda e: e.index) if len(called) > 1 else found

    def round_of(self, around: Around) -> list[Event]:
        """The events of one round of a loop, or of a call that was entered."""
        return self._inside.get(around, [])

    @cached_property
    def kinds_in(self) -> dict[Around, set[str]]:
        """The kinds of events in each loop and call."""
        return {a: {e.kind for e in events} for a, events in self._inside.items()}

    def value(self, expr: ast.AST | None, frame: Frame) -> Values:
        """What an expression can be; nothing if there is none."""
        return NOTHING if expr is None else self.follower.value(expr, frame)

    def argument(self, event: Event, position: int | None, keyword: str) -> Values:
        """What a call is given for a parameter; nothing if it is not given."""
        return arguments.argument_values(
            self.follower, event.call, event.frame, position, keyword
        )
