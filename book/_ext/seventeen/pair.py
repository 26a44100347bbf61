"""The exercise in pairs: a script with seven faults, and its key.

The scripts and ``key.yml`` are in ``book/pair``. The key names each fault by the text
of its line, so the numbers of the lines are always right.
"""

from dataclasses import dataclass
from pathlib import Path

import yaml
from docutils import nodes
from sphinx.application import Sphinx

from review.rules import RULES
from seventeen.notebook_pages import NotebookDirective

FOLDER = Path("book", "pair")
SCRIPT, MENDED, KEY = "train_defects.py", "train_defects_mended.py", "key.yml"


@dataclass(frozen=True)
class Fault:
    """One planted fault.

    Attributes:
        note: that it breaks.
        number: of its line, from 1.
        line: the text of the line.
        costs: what happens because of it, in Markdown.
        instead: the lines of the mended script.
        rule: of the checker, or "" if none finds it.
    """

    note: int
    number: int
    line: str
    costs: str
    instead: tuple[str, ...]
    rule: str

    @property
    def found_by(self) -> str:
        """Say which rule of the checker finds it."""
        if not self.rule:
            return "The checker does not find it."
        rule = RULES[self.rule]
        option = " with `--hints`" if rule.severity == "hint" else ""
        return f"The checker finds it{option}: `{rule.code}`, {rule.title}."


def read(root: Path) -> list[Fault]:
    """Return the faults in the order of their lines.

    Raises:
        ValueError: if the script does not hold a line of the key exactly once.
    """
    lines = (root / FOLDER / SCRIPT).read_text(encoding="utf-8").splitlines()
    stripped = [line.strip() for line in lines]
    found = []
    for told in yaml.safe_load((root / FOLDER / KEY).read_text(encoding="utf-8")):
        line = told["line"].strip()
        if stripped.count(line) != 1:
            raise ValueError(f"{SCRIPT} must hold this line once: {line}")
        fault = Fault(
            note=told["note"],
            number=stripped.index(line) + 1,
            line=line,
            costs=told["costs"].strip(),
            instead=tuple(told["instead"]),
            rule=told.get("rule", ""),
        )
        found.append(fault)
    return sorted(found, key=lambda fault: fault.number)


def markdown(faults: list[Fault]) -> str:
    """Return the key as a page of its own."""
    parts = [
        f"# The key to `{SCRIPT}`",
        f"`{MENDED}` is the same script without the faults.",
    ]
    for fault in faults:
        code = "\n".join(fault.instead)
        parts += [
            f"## Line {fault.number}: note {fault.note}",
            f"`{fault.line}`",
            fault.costs,
            f"Instead:\n\n```python\n{code}\n```",
            fault.found_by,
        ]
    return "\n\n".join(parts) + "\n"


class PairKey(NotebookDirective):
    """``pair-key``: a list of the faults, by their lines."""

    def run(self) -> list[nodes.Node]:
        """Build the list."""
        self.depend_on(Path(self.env.srcdir) / FOLDER)
        chapters = {notebook.number: notebook for notebook in self.notebooks()}
        found = nodes.definition_list(classes=["pair-key"])
        for fault in read(Path(self.env.srcdir)):
            chapter = chapters[fault.note]
            line = nodes.literal(text=fault.line)
            term = nodes.term("", f"Line {fault.number}: ", line)
            code = "\n".join(fault.instead)
            definition = nodes.definition()
            link = self.link(chapter.document, chapter.name)
            definition += nodes.paragraph("", "", link, nodes.Text("."))
            definition += self.parse_text_to_nodes(fault.costs)
            definition += nodes.paragraph(text="Instead:")
            definition += nodes.literal_block(code, code, language="python")
            definition += self.parse_text_to_nodes(fault.found_by)
            found += nodes.definition_list_item("", term, definition)
        return [found]


def setup(app: Sphinx) -> None:
    """Register the directive."""
    app.add_directive("pair-key", PairKey)
