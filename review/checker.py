"""Check files: read, trace, ask every rule, leave out what ``noqa`` excuses."""

import ast
import os
import re
import sys
from collections.abc import Collection, Iterator
from pathlib import Path
from typing import Any, NamedTuple

from . import source as reading
from .events import Run
from .flow import Module
from .following.follower import Follower
from .rule import Rule, told
from .rules import RULES
from .source import NotReadable, Place, Source
from .trace import Tracer

UNREADABLE = "NOTE000"
# flake8's own form, with codes or without.
NOQA = re.compile(
    r"# noqa(?::\s?(?P<codes>[A-Z]+[0-9]+(?:[,\s]+[A-Z]+[0-9]+)*))?", re.IGNORECASE
)
BUDGET = 8  # expressions followed for each node of the tree; programs take about one
AT_LEAST = 10_000
# A file may have such a name, as d2l/torch.py has: an import means the library.
LIBRARIES = {"torch", "torchvision", "torchaudio", "numpy", "sklearn"}
MOST_MODULES = 200  # kept in memory
RECURSION = 6_000  # Python's own 1,000 is little for a tree with long sums


class Finding(NamedTuple):
    """One finding, ready to be shown; ``rule`` is ``None`` for an unreadable file."""

    path: str
    place: Place
    rule: Rule | None
    text: str

    @property
    def code(self) -> str:
        """The rule's code."""
        return self.rule.code if self.rule else UNREADABLE

    @property
    def severity(self) -> str:
        """The rule's severity; an unreadable file is an error."""
        return self.rule.severity if self.rule else "error"


class Folder:
    """Finds the modules that a file imports, in one folder and below.

    Args:
        root: the folder; ``None`` follows no imports.
    """

    def __init__(self, root: Path | None) -> None:
        self.root = root
        self._modules: dict[Path, Module | None] = {}
        self._paths: dict[tuple[Path, str], Path | None] = {}

    def find(self, name: str, importer: Module) -> Module | None:
        """Return the module of a name, seen from the file that imports it."""
        if self.root is None or not name or name.startswith("."):
            return None
        if name.split(".")[0] in LIBRARIES:
            return None
        key = (importer.folder, name)
        if key not in self._paths:
            self._paths[key] = self._path(*key)
        path = self._paths[key]
        return None if path is None else self._load(path)

    def _path(self, base: Path, name: str) -> Path | None:
        """Look for a module beside the importer, then in the folders around it."""
        parts = name.split(".")
        while True:
            for path in (base.joinpath(*parts), base.joinpath(*parts, "__init__")):
                path = path.with_name(path.name + ".py")
                if os.path.isfile(path):  # False if that cannot be seen
                    return path
            if base == self.root or base == base.parent:
                return None
            base = base.parent

    def _load(self, path: Path) -> Module | None:
        if path not in self._modules:
            self._keep(path, None)  # while it is read, and if it cannot be
            try:
                text = reading.read(path)
                self.module(text, reading.parse(text.text))
            except NotReadable:
                pass
        return self._modules[path]

    def _keep(self, path: Path, module: Module | None) -> None:
        if len(self._modules) >= MOST_MODULES:
            self._modules.clear()
        self._modules[path] = module

    def module(self, text: Source, tree: ast.Module) -> Module:
        """Follow the names of a file, once for itself and all that import it."""
        if (known := self._modules.get(text.path)) is not None:
            return known
        if self.root is None or text.path.suffix != ".py":
            return Module(tree, str(text.path), "", text)
        parts = list(text.path.relative_to(self.root).with_suffix("").parts)
        name = ".".join(parts[:-1] if parts[-1] == "__init__" else parts)
        module = Module(tree, str(text.path), name, text)
        self._keep(text.path, module)
        return module


def check_path(path: Path, codes: Collection[str]) -> Iterator[Finding]:
    """Check a file, or every file below a folder, with the rules of these codes.

    Raises:
        FileNotFoundError: if there is nothing at ``path``.
    """
    folder = Folder(path if path.is_dir() else None)
    seen: set[tuple[str, Place, str]] = set()
    for file in reading.find(path):
        for finding in check_file(file, folder, codes):
            key = (finding.path, finding.place, finding.code)
            if key not in seen:
                seen.add(key)
                yield finding


def check_file(path: Path, folder: Folder, codes: Collection[str]) -> list[Finding]:
    """Check one file; whatever is wrong with it, the answer is a list."""
    try:
        text = reading.read(path)
        tree = reading.parse(text.text)
        found = [_unreadable(path, place, why) for place, why in text.troubles]
        return found + check_tree(text, tree, folder, codes)
    except NotReadable as error:
        return [_unreadable(path, Place(error.line, 1), str(error))]
    except Exception as error:  # one odd file must not end the run
        kind = type(error).__name__
        return [_unreadable(path, Place(1, 1), f"raised {kind} in the checker: a bug")]


def _unreadable(path: Path, place: Place, why: str) -> Finding:
    return Finding(str(path), place, None, f"Not checked: it {why}.")


def check_tree(
    text: Source, tree: ast.Module, folder: Folder, codes: Collection[str]
) -> list[Finding]:
    """Check a parsed file.

    Raises:
        NotReadable: if it is nested too deeply to be followed.
    """
    limit = sys.getrecursionlimit()
    sys.setrecursionlimit(max(limit, RECURSION))
    try:
        module = folder.module(text, tree)
        follower = Follower(folder.find, BUDGET * module.size + AT_LEAST)
        found: dict[tuple[str, Place, str], Finding] = {}
        runs = list(Tracer(follower, module).runs())
        facts: dict[Any, Any] = {}
        for run in runs:
            run.others, run.facts = runs, facts
            for finding in _asked(run, codes):
                found.setdefault((finding.path, finding.place, finding.code), finding)
        return sorted(found.values(), key=lambda f: (f.path, _order(f.place), f.code))
    except RecursionError as error:
        raise NotReadable("is nested too deeply to be followed") from error
    finally:
        sys.setrecursionlimit(limit)


def _order(place: Place) -> tuple[int, int, int]:
    return (place.cell or 0, place.line, place.column)


def _asked(run: Run, codes: Collection[str]) -> Iterator[Finding]:
    for code in codes:
        for node, frame, sentence in RULES[code].check(run):
            text = frame.module.source
            assert text is not None
            line = getattr(node, "lineno", 1)
            body = getattr(node, "body", None)  # of a statement: only its head
            last = (
                body[0].lineno - 1
                if isinstance(body, list) and body
                else (getattr(node, "end_lineno", line))
            )
            if _excused(text, code, line, last):
                continue
            place = text.place(line, getattr(node, "col_offset", 0))
            said = told(sentence, str(text.path))
            yield Finding(str(text.path), place, RULES[code], said)


def _excused(text: Source, code: str, first: int, last: int) -> bool:
    """Whether a line of the expression has a ``noqa`` that covers the code."""
    for line in text.lines[first - 1 : last]:
        if found := NOQA.search(line):
            listed = found["codes"]
            if listed is None:
                return True
            named = re.split(r"[,\s]+", listed.upper())
            if any(code.startswith(prefix) for prefix in named if prefix):
                return True
    return False
