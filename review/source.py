"""Read what is to be checked: Python files, and notebooks as one program.

A notebook becomes one text: its code cells in the order in which they stand, joined
line by line, so that a value can be followed from cell to cell. :class:`Source`
keeps which line came from which cell.
"""

import ast
import io
import json
import os
import re
import stat
import textwrap
import tokenize
import warnings
from bisect import bisect_right
from collections.abc import Iterable
from pathlib import Path
from typing import NamedTuple

LONGEST = 5_000_000  # characters; data written as code is longer, programs are not
SUFFIXES = (".py", ".ipynb")
# Folders that hold other people's code, or copies.
SKIPPED = {"__pycache__", "node_modules", "site-packages", "build", "dist", "venv"}

MAGIC = re.compile(r"^(?P<indent>\s*)(?P<mark>%%?|!|\?)")
TIMED = re.compile(r"^(?P<indent>\s*)%%?(time|timeit|prun|capture)\b(\s+-\S+)*\s*")
CAPTURED = re.compile(r"^(?P<target>\s*[\w, ]+=)\s*[%!].*$")
# A shell's command without a mark, which IPython takes as one.
COMMAND = re.compile(
    r"^(?P<indent>\s*)(cd|ls|ll|pwd|cat|cp|mv|rm|mkdir|rmdir|pip|conda)(\s+[^=\s].*)?$"
)
HELP = re.compile(r"^(?P<indent>\s*)[\w.]+\?\??\s*$")


class NotReadable(Exception):
    """This file cannot be checked; the message says why, in half a sentence."""

    def __init__(self, why: str, line: int = 1) -> None:
        super().__init__(why)
        self.line = line


class Place(NamedTuple):
    """Where a finding stands, as an editor counts: lines and columns from 1."""

    line: int
    column: int
    cell: int | None = None  # of a notebook, from 1, text cells counted too


class Source(NamedTuple):
    """A text to check.

    Attributes:
        path: the file it came from.
        text: Python, without the magics of a notebook.
        starts: the line of ``text`` at which each code cell begins.
        cells: the number of each of these cells.
        troubles: cells that are no Python, with the line and the reason.
    """

    path: Path
    text: str
    starts: tuple[int, ...] = ()
    cells: tuple[int, ...] = ()
    troubles: tuple[tuple[Place, str], ...] = ()

    @property
    def lines(self) -> list[str]:
        """The lines of the text."""
        return self.text.split("\n")

    def place(self, line: int, column: int) -> Place:
        """Turn a line of ``text`` (from 1) and a column (from 0) into a place."""
        index = bisect_right(self.starts, line) - 1
        if index < 0:
            return Place(line, column + 1)
        return Place(line - self.starts[index] + 1, column + 1, self.cells[index])


def find(path: Path) -> list[Path]:
    """Return the files to check below a folder, or the file itself, sorted.

    A folder that cannot be listed is among them: reading it says why.

    Raises:
        FileNotFoundError: if there is nothing at ``path``.
    """
    if not os.path.isdir(path):
        if not os.path.lexists(path):
            raise FileNotFoundError(path)
        return [path]
    found: list[Path] = []

    def note(error: OSError) -> None:
        found.append(Path(error.filename))

    for at, folders, files in os.walk(path, onerror=note):
        folders[:] = [f for f in folders if not f.startswith(".") and f not in SKIPPED]
        paths = (Path(at, name) for name in files)
        found.extend(p for p in paths if p.suffix in SUFFIXES and _may_be_read(p))
    return sorted(found)


def _may_be_read(path: Path) -> bool:
    """Whether to try: a broken link holds nothing, and a pipe would make us wait."""
    try:
        return stat.S_ISREG(path.stat().st_mode)
    except PermissionError:
        return True  # to be told that it cannot be read
    except OSError:
        return False


def read(path: Path) -> Source:
    """Read a Python file or a notebook.

    Raises:
        NotReadable: if it is neither.
    """
    try:
        raw = path.read_bytes()
    except OSError as error:
        raise NotReadable(f"cannot be read ({error.strerror})") from error
    if path.suffix == ".ipynb":
        return _notebook(path, raw)
    try:
        encoding, _ = tokenize.detect_encoding(io.BytesIO(raw).readline)
        text = raw.decode(encoding)
    except (SyntaxError, UnicodeDecodeError, LookupError) as error:
        raise NotReadable(f"is not text in the encoding it names ({error})") from error
    return Source(path, _bounded(text.replace("\r\n", "\n").replace("\r", "\n")))


def parse(text: str) -> ast.Module:
    """Parse Python without printing its warnings.

    Raises:
        NotReadable: if it is no Python of this interpreter's version.
    """
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return ast.parse(text)
    except SyntaxError as error:
        message = f"is not Python ({error.msg})"
        raise NotReadable(message, error.lineno or 1) from error
    except (ValueError, MemoryError, RecursionError, OverflowError) as error:
        raise NotReadable(f"cannot be parsed ({type(error).__name__})") from error


def _bounded(text: str) -> str:
    if len(text) > LONGEST:
        raise NotReadable(f"is longer than {LONGEST:,} characters: data, not a program")
    return text


def _notebook(path: Path, raw: bytes) -> Source:
    """Join the code cells; one that is no Python is left out and named."""
    try:
        cells = json.loads(raw)["cells"]
        codes = [
            (number, _joined(cell["source"]))
            for number, cell in enumerate(cells, 1)
            if cell["cell_type"] == "code"
        ]
    except (ValueError, KeyError, TypeError, RecursionError) as error:
        raise NotReadable("is not a notebook of format 4") from error
    return joined(path, codes)


def joined(path: Path, codes: Iterable[tuple[int, str]]) -> Source:
    """Join code cells, each with its number; one that is no Python is named.

    Raises:
        NotReadable: if they are too long.
    """
    lines: list[str] = []
    starts, numbers, troubles = [], [], []
    for number, code in codes:
        code = _bounded(code)
        try:
            parse(code)
        except NotReadable:
            code = without_magics(code)
            try:
                parse(code)
            except NotReadable as error:
                troubles.append((Place(error.line, 1, number), str(error)))
                code = ""
        starts.append(len(lines) + 1)
        numbers.append(number)
        lines += code.split("\n")
    text = _bounded("\n".join(lines))
    return Source(path, text, tuple(starts), tuple(numbers), tuple(troubles))


def _joined(source: object) -> str:
    if isinstance(source, list):
        source = "".join(source)
    if not isinstance(source, str):
        raise TypeError("the source of a cell is text")
    return source.replace("\r\n", "\n").replace("\r", "\n")


def without_magics(code: str) -> str:
    """Take IPython's magics out of a cell and keep every other line in its place.

    >>> without_magics("%time loss = step()\\n!ls")
    'loss = step()\\npass'
    """
    lines = textwrap.dedent(code).split("\n")
    written = (line.lstrip() for line in lines)
    first = next((line for line in written if line and line[0] != "#"), "")
    if first.startswith("%%") and not TIMED.match(first):
        return "\n" * (len(lines) - 1)  # another language, or another process
    for index, line in enumerate(lines):
        if timed := TIMED.match(line):
            rest = line[timed.end() :]
            lines[index] = timed["indent"] + (rest or "pass")
        elif captured := CAPTURED.match(line):
            lines[index] = f"{captured['target']} None"
        elif found := MAGIC.match(line) or COMMAND.match(line) or HELP.match(line):
            lines[index] = found["indent"] + "pass"
    return "\n".join(lines)
