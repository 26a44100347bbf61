"""The checker as a plugin of flake8, which finds it by its entry point.

flake8 wants plugins to register with three letters, so the entry point is called NOT;
the codes begin with NOTE all the same.
"""

import ast
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from .checker import Folder, check_tree
from .rules import LOUD
from .source import NotReadable, Source


class Plugin:
    """Checks one file; flake8 deals with ``noqa`` and with the selection."""

    name = "seventeen-notes-review"
    version = "0.1"

    def __init__(self, tree: ast.Module, filename: str, lines: list[str]) -> None:
        self.tree, self.filename, self.text = tree, filename, "".join(lines)

    def run(self) -> Iterator[tuple[int, int, str, type[Any]]]:
        """Yield line, column, text and this class for each finding."""
        source = Source(Path(self.filename), self.text)
        try:
            findings = check_tree(source, self.tree, Folder(None), LOUD)
        except NotReadable:
            return  # python -m review says why
        for found in findings:
            assert found.rule is not None
            text = f"{found.code} {found.text} Instead: {found.rule.instead}"
            yield found.place.line, found.place.column - 1, text, type(self)
