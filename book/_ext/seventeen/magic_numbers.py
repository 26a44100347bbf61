"""The page of magic numbers, made from ``helpers.magic``.

Nothing is written twice: value, meaning, source and "change when" come from
``NUMBERS``; the groups come from the section comments of the module's source
(``# --- images ----``). Every number is a section of its own, with the label
``magic-<name>`` (lower case, hyphens), so any page can link to it, and it reads on a
narrow screen, which a table of five columns does not.
"""

import re
import runpy
from pathlib import Path
from typing import TYPE_CHECKING

from docutils import nodes
from sphinx.application import Sphinx

from seventeen.common import PageDirective

if TYPE_CHECKING:
    from helpers.magic import Number

MODULE = Path("helpers", "magic.py")
SECTION = re.compile(r"^# --- (?P<title>.+?) -+$")
ASSIGNED = re.compile(r"^(?P<name>[A-Z][A-Z0-9_]*)\b.*=\s*number\(")
UNGROUPED = "other numbers"
DIGITS = 4  # significant digits of a fraction such as 4/3

# What a source names, and the address behind it.
ARXIV = re.compile(r"arXiv:(?P<id>\d{4}\.\d{4,5})")
ISSUE = re.compile(r"(?<![\w/])(?P<repo>[\w.-]+/[\w.-]+|pytorch)#(?P<id>\d+)")


def groups(source: str) -> dict[str, list[str]]:
    """Return {section title: names of its numbers} in the order of the source."""
    found: dict[str, list[str]] = {}
    title = UNGROUPED
    for line in source.splitlines():
        if section := SECTION.match(line):
            title = section["title"]
        elif assigned := ASSIGNED.match(line):
            found.setdefault(title, []).append(assigned["name"])
    return found


def show(value: object) -> str:
    """Write a value as a reader expects it.

    >>> show((3 / 4, 4 / 3)), show(1e-05), show(65536.0)
    ('0.75, 1.333', '1e-5', '65536')
    """
    if isinstance(value, tuple | list):
        return ", ".join(show(item) for item in value)
    if isinstance(value, float):
        text = f"{value:.0f}" if value.is_integer() else f"{value:.{DIGITS}g}"
        return re.sub(r"e([+-])0+", r"e\1", text)
    return str(value)


def linked(text: str) -> list[nodes.Node]:
    """Turn the papers and issues that a sentence names into links.

    ``pytorch#15314`` and ``pytorch/vision#1439`` are GitHub threads,
    ``arXiv:1512.03385`` a paper.
    """
    places: list[tuple[int, int, str]] = []
    for match in ARXIV.finditer(text):
        address = f"https://arxiv.org/abs/{match['id']}"
        places.append((match.start(), match.end(), address))
    for match in ISSUE.finditer(text):
        repo = "pytorch/pytorch" if match["repo"] == "pytorch" else match["repo"]
        address = f"https://github.com/{repo}/issues/{match['id']}"
        places.append((match.start(), match.end(), address))
    parts: list[nodes.Node] = []
    end = 0
    for start, stop, address in sorted(places):
        parts.append(nodes.Text(text[end:start]))
        parts.append(nodes.reference("", text[start:stop], refuri=address))
        end = stop
    parts.append(nodes.Text(text[end:]))
    return parts


class MagicNumbers(PageDirective):
    """``magic-numbers``: a section for each group, a card for each number."""

    def run(self) -> list[nodes.Node]:
        """Build the sections and note the module they come from."""
        path = Path(self.env.srcdir) / MODULE
        self.env.note_dependency(str(path))
        # Run by itself, so that the page shows the tree and not what is installed.
        numbers = runpy.run_path(str(path))["NUMBERS"]
        grouped = groups(path.read_text(encoding="utf-8"))
        named = {name for names in grouped.values() for name in names}
        rest = [name for name in numbers if name not in named]
        if rest:
            grouped.setdefault(UNGROUPED, []).extend(rest)
        sections: list[nodes.Node] = []
        for title, names in grouped.items():
            heading = title[0].upper() + title[1:]
            section = self.section([nodes.Text(heading)], f"magic-{title}")
            section += [self.card(numbers[n]) for n in names if n in numbers]
            sections.append(section)
        return sections

    def card(self, number: "Number") -> nodes.section:
        """Return the section of one number: its value and three facts."""
        card = self.section([nodes.literal(text=number.name)], f"magic-{number.name}")
        card["classes"].append("magic-number")
        value = nodes.literal(text=show(number.value))
        card += nodes.paragraph("", "", value, classes=["magic-value"])
        facts = nodes.definition_list(classes=["magic-facts"])
        for term, text in (
            ("Meaning", number.meaning),
            ("Source", number.source),
            ("Change it when", number.change_when),
        ):
            facts += nodes.definition_list_item(
                "",
                nodes.term(text=term),
                nodes.definition("", nodes.paragraph("", "", *linked(text))),
            )
        card += facts
        return card


def setup(app: Sphinx) -> None:
    """Register the directive."""
    app.add_directive("magic-numbers", MagicNumbers)
