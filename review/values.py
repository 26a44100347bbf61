"""What an expression can stand for, as far as the text tells.

A value is compared by what it is made of: two names stand for the same optimiser if
both come from the same call in the same frame. What comes from outside the files is
:class:`Unknown`, and rules say nothing about it.
"""

import ast
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Union

if TYPE_CHECKING:
    from .flow import Module


@dataclass(eq=False)
class Frame:
    """A module being executed, or one call of a function.

    Attributes:
        module: the file the code stands in.
        function: its node; ``None`` for the top of the module.
        call: the call that made the frame; ``None`` if the caller is not known.
        caller: the frame in which ``call`` stands.
        owner: what ``self`` is.
        outer: the frame in which the function was defined.
        bound: what ``functools.partial`` had filled in.
    """

    module: "Module"
    function: ast.AST | None = None
    call: ast.Call | None = None
    caller: "Frame | None" = None
    owner: "Value | None" = None
    outer: "Frame | None" = None
    bound: "Partial | None" = None
    depth: int = 0

    @property
    def inside(self) -> "Frame":
        """The frame itself: the one that the names of its body belong to."""
        return self

    @property
    def is_recursive(self) -> bool:
        """Whether a function is called by itself, directly or not."""
        caller = self.caller
        while caller is not None:
            if caller.function is self.function:
                return True
            caller = caller.caller
        return False


@dataclass(frozen=True)
class Unknown:
    """Something from outside, told apart by where it enters."""

    node: ast.AST
    frame: Frame | None

    @property
    def name(self) -> str:
        """The name under which it enters, or nothing."""
        node = self.node
        if isinstance(node, ast.arg):
            return node.arg
        if isinstance(node, ast.Attribute):
            return node.attr
        return node.id if isinstance(node, ast.Name) else ""


@dataclass(frozen=True)
class Const:
    """A number, a text, ``True``, ``None``."""

    value: Any
    kind: type = field(default=object)  # tells 1 from 1.0 and True


@dataclass(frozen=True)
class External:
    """A module, class or function of a library, by its qualified name."""

    name: str


@dataclass(frozen=True)
class File:
    """A module of the folder that is checked."""

    module: "Module"


@dataclass(frozen=True)
class Function:
    """A function or lambda of the files; a method with its ``self``."""

    node: ast.AST
    frame: Frame  # in which it is defined
    owner: "Value | None" = None


@dataclass(frozen=True)
class Class:
    """A class of the files."""

    node: ast.ClassDef
    frame: Frame


@dataclass(frozen=True)
class Object:
    """What calling something gave: an instance, or the result of a library's call.

    ``of`` is the class, or the function or method that was called.
    """

    of: Union[Class, External, "Derived"]
    call: ast.Call | None
    frame: Frame | None


@dataclass(frozen=True)
class Partial:
    """``functools.partial(target, ...)``."""

    target: "Value"
    call: ast.Call
    frame: Frame


@dataclass(frozen=True)
class Wrapped:
    """A network behind ``torch.compile``, ``DataParallel`` and the like."""

    by: str
    inner: "Value"


@dataclass(frozen=True)
class Output:
    """A tensor of which it is known what was done to it last.

    ``kind`` is softmax, log_softmax, sigmoid, logits (a linear layer), scaled (a loss
    times a scale) or pixels (an image divided by 255).
    """

    kind: str
    node: ast.AST
    frame: Frame
    of: "Value | None" = None


@dataclass(frozen=True)
class Items:
    """A tuple, list or dictionary with known entries; keys are for dictionaries.

    ``repeated`` is for a list filled in a loop: nobody knows how often.
    """

    values: tuple["Values", ...]
    keys: tuple[Any, ...] | None = None
    repeated: bool = False


@dataclass(frozen=True)
class Derived:
    """Something computed from other values: ``len(x)``, ``x.name``, ``a * b``."""

    how: str
    parts: tuple["Value", ...]
    name: str = ""


Value = (
    Unknown
    | Const
    | External
    | File
    | Function
    | Class
    | Object
    | Partial
    | Wrapped
    | Output
    | Items
    | Derived
)
Values = frozenset[Value]  # what something can be; one entry if it is certain
NOTHING: Values = frozenset()


def one(value: Value) -> Values:
    """A value that is certain."""
    return frozenset((value,))


def const(value: Any) -> Values:
    """A literal that is certain."""
    return one(Const(value, type(value)))


def unwrap(value: Value) -> Value:
    """The network behind its wrappers."""
    while isinstance(value, Wrapped):
        value = value.inner
    return value


def same(left: Values, right: Values) -> bool:
    """Whether two things may be one and the same network, optimiser and so on."""
    return not {unwrap(v) for v in left}.isdisjoint(unwrap(v) for v in right)


def made_by(value: Value | None) -> str:
    """The qualified name of the library's class or function that made a value."""
    if isinstance(value, Object) and isinstance(value.of, External):
        return value.of.name
    return ""


def number(values: Values) -> float | None:
    """The number that something certainly is."""
    if len(values) != 1:
        return None
    (value,) = values
    if isinstance(value, Const) and value.kind in (int, float):
        return value.value
    return None


def numbers(values: Values) -> tuple[float, ...] | None:
    """The numbers in a tuple or list, if all are certain."""
    if len(values) != 1:
        return None
    (value,) = values
    if not isinstance(value, Items) or value.keys is not None or value.repeated:
        return None
    found = [number(entry) for entry in value.values]
    return tuple(n for n in found if n is not None) if None not in found else None


def is_true(values: Values) -> bool:
    """Whether something is certainly ``True``."""
    return values == const(True)


def inside(value: Value) -> set[Value]:
    """A value and everything it was computed from."""
    found: set[Value] = set()
    todo = [value]
    while todo:
        at = todo.pop()
        if at in found:
            continue
        found.add(at)
        if isinstance(at, Derived):
            todo += at.parts
        elif isinstance(at, Items):
            todo += [v for entry in at.values for v in entry]
        elif isinstance(at, Output) and at.of is not None:
            todo.append(at.of)
        elif isinstance(at, Object) and isinstance(at.of, Derived):
            todo += at.of.parts
    return found
