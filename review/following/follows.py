"""What the modules of this folder may ask of the follower that calls them."""

import ast
from collections.abc import Callable
from typing import Any, Protocol

from ..flow import Module, Origin
from ..values import Frame, Function, Value, Values


class Follows(Protocol):
    """Follows values through names, calls and classes; see ``follower.py``."""

    entered: dict[Function, list[Frame]]

    def value(self, expr: ast.AST, frame: Frame) -> Values:
        """Return everything that an expression can be."""

    def every(self, values: Values, change: Callable[[Value], Values]) -> Values:
        """Apply a change to each alternative and join what comes out."""

    def derived(
        self, how: str, parts: tuple[Value, ...], name: str, node: ast.AST, frame: Frame
    ) -> Value:
        """Something computed, or unknown if the chain is too long to be of use."""

    # --- calls ---

    def enter(
        self,
        function: Function,
        call: ast.Call | None,
        caller: Frame | None,
        bound: Any = None,
    ) -> Frame:
        """The frame of one call of a function; the same call has the same frame."""

    def returned(self, frame: Frame) -> Values:
        """What a call of a function gives back."""

    # --- names ---

    def top(self, module: Module) -> Frame:
        """The frame of a module's own statements."""

    def member(self, module: Module, name: str) -> Values:
        """What a name at the top of a module is to those who import it."""

    def imported(self, name: str, module: Module) -> Values:
        """A module, or a member of one, of the folder or of a library."""

    def defined(self, node: Any, name: Any, frame: Frame) -> Values:
        """What a definition gives to a name that it reaches."""

    def arrived(self, origin: Origin, node: ast.AST, frame: Frame) -> Values:
        """What an assignment puts into a name or attribute."""
