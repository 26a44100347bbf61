"""Which assignment reaches which name.

beniget builds the def-use chains: for every name that is read, the assignments that
can reach it, through branches, loops, nested functions and ``global``. That is the
very question here, it asks it of ``ast``, which flake8 hands over, and it reads
nothing but the file; astroid and jedi know a name's scope but not the order of its
assignments, and infer by reading the installed torch, seconds of it, and libcst's
metadata know scopes only.
"""

import ast
import builtins
from functools import cached_property
from pathlib import Path
from typing import Any, NamedTuple

import beniget

from .source import NotReadable, Source

FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda)
REFILLS = {"update", "pop", "setdefault", "clear", "popitem"}
UNREMARKABLE = (ast.Name, ast.Constant, ast.expr_context, ast.keyword, ast.arg)
LOOPS = (ast.For, ast.AsyncFor, ast.While)
COMPREHENSIONS = (ast.ListComp, ast.SetComp, ast.DictComp, ast.GeneratorExp)
# beniget visits the body of a loop twice, so nested loops cost a power of two.
MOST_NESTED = 9
# Methods that change a list.
CHANGES = {"append", "extend", "insert", "pop", "remove", "clear", "sort", "reverse"}
# What beniget raises where it meets something new.
UNFOLLOWED = (RecursionError, AssertionError, LookupError, AttributeError, TypeError)

# One library under several names: what stands left is read as what stands right.
ALIASES = {
    "lightning.pytorch": "lightning",
    "pytorch_lightning": "lightning",
    "torch.nn.modules.loss": "torch.nn",
    "torch.nn.modules.activation": "torch.nn",
    "torch.nn.modules.batchnorm": "torch.nn",
    "torch.nn.modules": "torch.nn",
    "torch.nn.utils.clip_grad": "torch.nn.utils",
    "torch.utils.data.dataloader": "torch.utils.data",
    "torch.utils.data.dataset": "torch.utils.data",
    "torch.utils.data.distributed": "torch.utils.data",
    "torch.utils.data.sampler": "torch.utils.data",
    "torch.nn.parallel.distributed": "torch.nn.parallel",
    "torch.cuda.amp.grad_scaler": "torch.cuda.amp",
    "torch.cuda.amp.autocast_mode": "torch.cuda.amp",
    "torch.autograd.grad_mode": "torch",
    "torch.special": "torch",
    "torchvision.transforms.v2": "torchvision.transforms",
    "torchvision.transforms.transforms": "torchvision.transforms",
    "multiprocess": "multiprocessing",
    "torch.multiprocessing": "multiprocessing",
    "nvidia.dali.plugin.pytorch": "nvidia.dali.plugin",
}
LONGEST_ALIAS_FIRST = sorted(ALIASES, key=len, reverse=True)


class Origin(NamedTuple):
    """Where the value of an assigned name comes from.

    Attributes:
        kind: ``"value"``, or ``"element"`` of what is iterated over, ``"context"``
            of a ``with``, ``"changed"`` by ``+=``.
        expr: the expression on the right-hand side.
        path: which part of it, for ``a, (b, c) = ...``: indices from 0.
    """

    kind: str
    expr: ast.expr
    path: tuple[int, ...] = ()


class _Chains(beniget.DefUseChains):
    """beniget's chains, without its remarks on names that nothing defines."""

    def warn(self, msg: str, node: ast.AST) -> None:
        """Say nothing."""

    def visit_MatchSingleton(self, node: ast.MatchSingleton) -> Any:  # noqa: N802
        """Take ``case None`` as a constant: beniget 0.5 takes None for a node."""
        return self.chains.setdefault(node, beniget.beniget.Def(node))

    def visit_Global(self, node: ast.Global) -> None:  # noqa: N802
        """Pass over a ``global`` outside of functions: beniget 0.5 miscounts it."""
        if len(self._scopes) > 1:
            super().visit_Global(node)

    def process_functions_bodies(self) -> None:
        """Add the names that only unreachable lines set: beniget 0.5 misses them."""
        super().process_functions_bodies()
        known = self.locals[self._scopes[0]]
        for definition in known:
            self._definitions[0].setdefault(definition.name(), type(known)())


class Module:
    """A parsed file and the ways of its names.

    Attributes:
        parent: node -> the node around it.
        origins: assigned ``Name`` or ``Attribute`` -> where its value comes from.
        imported: ``alias`` node -> the qualified name it stands for.
    """

    def __init__(
        self,
        tree: ast.Module,
        path: str = "",
        name: str = "",
        source: Source | None = None,
    ) -> None:
        """Follow the names of a tree.

        Args:
            tree: of ``ast.parse``.
            path: of the file, for messages.
            name: under which others import it, for relative imports.
            source: the text, for the places of findings.

        Raises:
            NotReadable: if the tree is nested too deeply.
        """
        self.folder = Path(path).parent
        self.tree, self.path, self.name, self.source = tree, path, name, source
        self.parent: dict[ast.AST, ast.AST] = {}
        self.origins: dict[ast.AST, Origin] = {}
        self.imported: dict[ast.alias, str] = {}
        self.stars: list[str] = []  # modules of ``from x import *``
        # Statements that may change a list: by its name, and its scope.
        self.changes: dict[str, dict[ast.AST, list[ast.stmt]]] = {}
        self.size = 0
        self.attributes: set[str] = set()  # every attribute name that is read or set
        self.calls: set[str] = set()  # last part of the name of everything called
        # Names of dictionaries of which entries are set or taken out.
        self.refilled: set[str] = set()
        if self._survey() > MOST_NESTED:
            raise NotReadable(f"nests more than {MOST_NESTED} loops")
        chains = _Chains()
        try:
            chains.visit(tree)
        except UNFOLLOWED as error:
            raise NotReadable(
                f"has names that cannot be followed ({type(error).__name__})"
            ) from error
        # AST nodes, and for a builtin the builtin itself.
        self._definitions: dict[ast.AST, list[Any]] = {}
        for definition in [*chains.chains.values(), *chains._builtins.values()]:
            node = definition.node
            stored = isinstance(node, ast.Name) and not isinstance(node.ctx, ast.Load)
            if stored or not isinstance(node, ast.expr):
                for user in definition.users():
                    if isinstance(user.node, ast.Name):
                        known = self._definitions.setdefault(user.node, [])
                        known.append(definition.node)
        self.top: dict[str, list[ast.AST]] = {}
        for definition in chains.locals[tree]:
            if definition.islive:
                self.top.setdefault(definition.name(), []).append(definition.node)

    @property
    def text(self) -> str:
        """The text of the file."""
        return "" if self.source is None else self.source.text

    def definitions(self, name: ast.Name) -> list[Any]:
        """Return what reaches a name: nodes, or builtin objects; maybe nothing."""
        found = [d for d in self._definitions.get(name, ()) if d is not name]
        if not found and hasattr(builtins, name.id):
            return [getattr(builtins, name.id)]
        return found

    def scope(self, node: ast.AST) -> ast.AST:
        """Return the function or module whose frame holds a node's names."""
        at = self.parent.get(node)
        while at is not None and not isinstance(at, (*FUNCTIONS, ast.Module)):
            at = self.parent.get(at)
        return at or self.tree

    def class_of(self, function: ast.AST) -> ast.ClassDef | None:
        """Return the class whose method a function is."""
        around = self.parent.get(function)
        while isinstance(around, ast.If | ast.Try):
            around = self.parent.get(around)
        return around if isinstance(around, ast.ClassDef) else None

    def statement(self, node: ast.AST) -> ast.AST:
        """Return the statement a node stands in."""
        while not isinstance(node, ast.stmt) and node in self.parent:
            node = self.parent[node]
        return node

    def _survey(self) -> int:
        """Write down what each node is for; return how deeply loops are nested."""
        deepest = 0
        todo: list[tuple[ast.AST, int]] = [(self.tree, 0)]
        while todo:
            node, depth = todo.pop()
            self.size += 1
            depth += isinstance(node, LOOPS)
            deepest = max(deepest, depth)
            for child in ast.iter_child_nodes(node):
                self.parent[child] = node
                todo.append((child, depth))
            if isinstance(node, UNREMARKABLE):
                continue
            match node:
                case ast.Assign(targets=targets, value=value):
                    for target in targets:
                        self._assigned(target, Origin("value", value))
                case ast.AnnAssign(target=target, value=ast.expr() as value):
                    self._assigned(target, Origin("value", value))
                case ast.NamedExpr(target=target, value=value):
                    self._assigned(target, Origin("value", value))
                case ast.AugAssign(target=target, value=value):
                    self._assigned(target, Origin("changed", value))
                    if isinstance(target, ast.Name):
                        self._changes(node, target)
                case ast.Expr(ast.Call(ast.Attribute(ast.Name() as value, attr))):
                    if attr in CHANGES:
                        self._changes(node, value)
                case (
                    ast.For(target=target, iter=value)
                    | ast.AsyncFor(target=target, iter=value)
                ):
                    self._assigned(target, Origin("element", value))
                case ast.comprehension(target=target, iter=value):
                    self._assigned(target, Origin("element", value))
                case ast.withitem(context_expr=value, optional_vars=ast.expr() as t):
                    self._assigned(t, Origin("context", value))
                case ast.Import(names=names):
                    for name in names:
                        whole = name.name if name.asname else name.name.split(".")[0]
                        self.imported[name] = canonical(whole)
                case ast.ImportFrom(names=names):
                    self._import_from(node, names)
                case ast.Attribute(attr=attr):
                    self.attributes.add(attr)
                    if attr in REFILLS and isinstance(node.value, ast.Name):
                        self.refilled.add(node.value.id)
                case ast.Subscript(
                    value=ast.Name(id=name), ctx=ast.Store() | ast.Del()
                ):
                    self.refilled.add(name)
                case ast.Call(func=ast.Name(id=attr) | ast.Attribute(attr=attr)):
                    self.calls.add(attr)
        return deepest

    def _changes(self, stmt: ast.stmt, name: ast.Name) -> None:
        by_scope = self.changes.setdefault(name.id, {})
        by_scope.setdefault(self.scope(stmt), []).append(stmt)

    @cached_property
    def _bindings(self) -> dict[tuple[ast.AST, str], list[ast.Name]]:
        table: dict[tuple[ast.AST, str], list[ast.Name]] = {}
        for node, origin in self.origins.items():
            if not isinstance(node, ast.Name) or node.id not in self.changes:
                continue
            if origin.kind != "changed":
                table.setdefault((self.scope(node), node.id), []).append(node)
        return table

    def bindings(self, scope: ast.AST, name: str) -> list[ast.Name]:
        """Where a scope assigns a list that it changes elsewhere."""
        return self._bindings.get((scope, name), [])

    def _import_from(self, node: ast.ImportFrom, names: list[ast.alias]) -> None:
        base = node.module or ""
        if node.level:
            above = self.name.split(".")[: -node.level]
            base = ".".join([*above, *([base] if base else [])])
        for name in names:
            if name.name == "*":
                self.stars.append(canonical(base))
            else:
                self.imported[name] = canonical(f"{base}.{name.name}".strip("."))

    def _assigned(self, target: ast.expr, origin: Origin) -> None:
        """Note the origin of each name in a target such as ``a, (b, *c)``."""
        if isinstance(target, ast.Tuple | ast.List):
            starred = False
            for index, part in enumerate(target.elts):
                starred = starred or isinstance(part, ast.Starred)
                inner = part.value if isinstance(part, ast.Starred) else part
                step = -1 if starred else index  # -1: somewhere in it
                self._assigned(inner, origin._replace(path=(*origin.path, step)))
        elif isinstance(target, ast.Name | ast.Attribute | ast.Subscript):
            self.origins[target] = origin


def canonical(name: str) -> str:
    """Give a qualified name the form in which the rules know it.

    >>> canonical("torch.nn.modules.loss.NLLLoss"), canonical("torch.optim.sgd.SGD")
    ('torch.nn.NLLLoss', 'torch.optim.SGD')
    """
    for alias in LONGEST_ALIAS_FIRST:
        if name == alias or name.startswith(alias + "."):
            name = ALIASES[alias] + name[len(alias) :]
            break
    parts = name.split(".")
    in_file = parts[:2] == ["torch", "optim"] and len(parts) == 4 and parts[2].islower()
    if in_file and parts[2] != "lr_scheduler":
        del parts[2]  # torch.optim.sgd.SGD
    return ".".join(parts)


def results(function: ast.AST) -> tuple[list[ast.expr | None], bool]:
    """The expressions that a function returns, or yields, and whether it yields."""
    returned: list[ast.expr | None] = []
    yielded: list[ast.expr | None] = []
    todo = list(ast.iter_child_nodes(function))
    while todo:
        at = todo.pop()
        if isinstance(at, ast.Return):
            returned.append(at.value)
        elif isinstance(at, ast.Yield):
            yielded.append(at.value)
        elif isinstance(at, ast.YieldFrom):
            yielded.append(None)
        if not isinstance(at, (*FUNCTIONS, ast.ClassDef)):
            todo += ast.iter_child_nodes(at)
    return (yielded, True) if yielded else (returned, False)
