"""Names in sentences and in tables: a name may hold anything."""

import unicodedata
from collections.abc import Collection, Iterable, Sequence
from itertools import zip_longest

EXAMPLES = 3  # paths or names that a sentence shows


def printable(text: str) -> str:
    """Return ``text`` with line breaks, control characters and bytes that are not
    UTF-8 written as escapes: a name may hold anything."""
    return "".join(
        char if char.isprintable() else char.encode("unicode_escape").decode()
        for char in text
    )


def as_utf8(text: str) -> str:
    """Return ``text`` with only those bytes written as escapes that are not UTF-8.

    In a JSON text such an escape stands for itself: the name comes back whole.
    """
    return text.encode("utf-8", "backslashreplace").decode("utf-8")


def likeness(name: str) -> str:
    """Return the same text for names that differ only in case, outer spaces or the
    Unicode form of their accents."""
    return unicodedata.normalize("NFC", name.casefold()).strip()


def few(names: Iterable[str], beside: Iterable[str] = ()) -> str:
    """Return the first few of ``names``, and how many more there are, fit to print.

    Where a name looks like another one, its code points are shown.

    Args:
        beside: further names that the sentence mentions.
    """
    names = list(names)
    forms: dict[str, set[str]] = {}
    for name in (*names, *beside):
        forms.setdefault(likeness(name), set()).add(name.casefold())
    more = len(names) - EXAMPLES
    shown = ", ".join(
        ascii(name) if len(forms[likeness(name)]) > 1 else printable(name)
        for name in names[:EXAMPLES]
    )
    return f"{shown} and {more} more" if more > 0 else shown


def differences(known: Collection[str], there: Collection[str]) -> list[str]:
    """Return what ``there`` lacks and adds, compared with ``known``; empty if equal."""
    missing, extra = sorted({*known} - {*there}), sorted({*there} - {*known})
    parts = [f"lacks {few(missing, extra)}"] if missing else []
    return parts + ([f"adds {few(extra, missing)}"] if extra else [])


def table(
    rows: Iterable[Sequence[str]], widths: Sequence[int], right: Collection[int] = ()
) -> list[str]:
    """Return the lines of a table for a terminal, where Chinese takes two columns.

    Args:
        widths: of the columns, which are two spaces apart; longer cells are broken.
        right: which columns begin at their right edge, counted from 0.
    """
    from wcwidth import ljust, rjust, wrap  # the doctor comes to where it is missing

    lines = []
    for row in rows:
        cells = [wrap(c, width) for c, width in zip(row, widths, strict=True)]
        for parts in zip_longest(*cells, fillvalue=""):
            placed = (
                rjust(part, width) if position in right else ljust(part, width)
                for position, (part, width) in enumerate(
                    zip(parts, widths, strict=True)
                )
            )
            lines.append("  ".join(placed).rstrip())
    return lines
