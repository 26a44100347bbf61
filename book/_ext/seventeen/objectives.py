"""What a reader can do after each chapter, from ``book/objectives.yml``."""

from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

import yaml

FILE = Path("book", "objectives.yml")
TITLE = "After this chapter you can"
FEWEST, MOST = 2, 3
VAGUE = ("understand", "know", "learn", "appreciate", "be ", "get ", "see ")

Objectives = Mapping[str, list[str]]  # by page, such as notebooks/01_x


def read(root: Path) -> Objectives:
    """Return the objectives of every chapter."""
    return yaml.safe_load((root / FILE).read_text(encoding="utf-8"))


def faults(told: Objectives, pages: Iterable[str]) -> Iterator[str]:
    """Yield what is wrong with the objectives of a book.

    Args:
        told: what ``read`` returns.
        pages: of the notebooks in the book's table of contents.

    >>> told = {"a": ["predict x", "know y"], "b": ["count z"]}
    >>> print(*faults(told, ["a", "c"]), sep=", ")
    a: nobody can test "know y", b is no notebook of the book, c has 0 objectives
    """
    pages = set(pages)
    for page in sorted(pages | told.keys()):
        if page not in pages:
            yield f"{page} is no notebook of the book"
        elif not FEWEST <= len(told.get(page, [])) <= MOST:
            yield f"{page} has {len(told.get(page, []))} objectives"
        else:
            for text in told[page]:
                if text.startswith(VAGUE):
                    yield f'{page}: nobody can test "{text}"'
