"""Claims as readers should see them: a list of sentences, each with its value.

``helpers.notebook.claim`` prints a line that begins with a tick. On the page such lines
become a list in the text's own font; what else a cell printed stays as it was.
"""

import re
from collections.abc import Iterator
from itertools import groupby

from docutils import nodes
from sphinx.application import Sphinx
from sphinx.transforms import SphinxTransform

from helpers.notebook.claims import MARKS, STAR

MEASURED = re.compile(r"(.*): (\S+) ([<>≥≤≈] .+)")


class ListClaims(SphinxTransform):
    """Make lists of the claims that cells printed on one page."""

    default_priority = 860  # after quotation marks became typographic in the prose

    def apply(self, **kwargs: object) -> None:
        """Replace each printed block that holds a claim."""
        for block in list(self.document.findall(nodes.literal_block)):
            if block.parent.get("nb_element") != "cell_code_output":
                continue
            lines = block.astext().rstrip("\n").split("\n")
            if any(line.startswith(MARKS) for line in lines):
                block.parent.replace(block, list(parts(block, lines)))


def parts(block: nodes.literal_block, lines: list[str]) -> Iterator[nodes.Element]:
    """Yield the claims of a printed block as lists, and the rest as printed blocks."""
    for is_claim, group in groupby(lines, lambda line: line.startswith(MARKS)):
        if is_claim:
            items = [claim_item(line) for line in group]
            yield nodes.bullet_list("", *items, classes=["claims"], bullet="-")
        elif text := "\n".join(group).strip("\n"):
            rest = block.deepcopy()
            rest.rawsource, rest.children = text, []
            rest += nodes.Text(text)
            yield rest


def claim_item(line: str) -> nodes.list_item:
    """Return a claim as an item: its sentence, its value and the value's bound."""
    mark = line[: len(STAR)]
    sentence, value, bound = split(line.removeprefix(mark))
    paragraph = nodes.paragraph("", "", nodes.inline(text=sentence))
    if mark == STAR:
        hidden = nodes.inline(text="Decides: ", classes=["visually-hidden"])
        paragraph.insert(0, hidden)
    if value:
        paragraph += nodes.Text(" ")
        found = nodes.inline("", "", nodes.strong(text=value), classes=["claim-value"])
        if bound:
            found += nodes.inline(text=f" {bound}", classes=["claim-bound"])
        paragraph += found
    return nodes.list_item("", paragraph, classes=["decides"] if mark == STAR else [])


def split(line: str) -> tuple[str, str, str]:
    """Return a claim's sentence, its value and the bound; either may be empty.

    >>> split("the floor is log(1 + 9/e): 1.461")
    ('the floor is log(1 + 9/e)', '1.461', '')
    >>> split("images named rightly: 0.983 ≥ 0.9")
    ('images named rightly', '0.983', '≥ 0.9')
    >>> split("both maps agree: block and sum")
    ('both maps agree: block and sum', '', '')
    >>> split('a batch of 3 is refused: "batch: got 3, expected 1"')
    ('a batch of 3 is refused', '"batch: got 3, expected 1"', '')
    """
    if line.endswith('"') and ': "' in line:
        sentence, _, said = line.partition(': "')
        return sentence, f'"{said}', ""
    if measured := MEASURED.fullmatch(line):
        return measured[1], measured[2], measured[3]
    sentence, colon, value = line.rpartition(": ")
    starts = ("-", "+", "(", "[", "{", "'", '"', "True", "False", "torch.")
    if colon and (value[:1].isdigit() or value.startswith(starts)):
        return sentence, value, ""
    return line, "", ""


def setup(app: Sphinx) -> None:
    """Register the transform."""
    app.add_transform(ListClaims)
