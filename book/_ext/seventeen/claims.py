"""Claims as readers should see them: a list of sentences, each with its value.

``helpers.notebook.claim`` prints a line that begins with a tick. On the page such lines
become a list in the text's own font; what else a cell printed stays as it was.
"""

from collections.abc import Iterator
from itertools import groupby

from docutils import nodes
from sphinx.application import Sphinx
from sphinx.transforms import SphinxTransform

TICK = "✓ "


class ListClaims(SphinxTransform):
    """Make lists of the claims that cells printed on one page."""

    default_priority = 860  # after quotation marks became typographic in the prose

    def apply(self, **kwargs: object) -> None:
        """Replace each printed block that holds a claim."""
        for block in list(self.document.findall(nodes.literal_block)):
            if block.parent.get("nb_element") != "cell_code_output":
                continue
            lines = block.astext().rstrip("\n").split("\n")
            if any(line.startswith(TICK) for line in lines):
                block.parent.replace(block, list(parts(block, lines)))


def parts(block: nodes.literal_block, lines: list[str]) -> Iterator[nodes.Element]:
    """Yield the claims of a printed block as lists, and the rest as printed blocks."""
    for is_claim, group in groupby(lines, lambda line: line.startswith(TICK)):
        if is_claim:
            items = [claim_item(line.removeprefix(TICK)) for line in group]
            yield nodes.bullet_list("", *items, classes=["claims"], bullet="-")
        elif text := "\n".join(group).strip("\n"):
            rest = block.deepcopy()
            rest.rawsource, rest.children = text, []
            rest += nodes.Text(text)
            yield rest


def claim_item(line: str) -> nodes.list_item:
    """Return a claim as an item, its value marked."""
    sentence, value = split(line)
    paragraph = nodes.paragraph("", "", nodes.inline(text=sentence))
    if value:
        paragraph += nodes.Text(" ")
        paragraph += nodes.strong(text=value, classes=["claim-value"])
    return nodes.list_item("", paragraph)


def split(line: str) -> tuple[str, str]:
    """Return a claim's sentence and its value, which may be empty.

    >>> split("the floor is log(1 + 9/e): 1.461")
    ('the floor is log(1 + 9/e)', '1.461')
    >>> split("both maps agree: block and sum")
    ('both maps agree: block and sum', '')
    """
    sentence, colon, value = line.rpartition(": ")
    starts = ("-", "+", "(", "[", "{", "'", '"', "True", "False", "torch.")
    if colon and (value[:1].isdigit() or value.startswith(starts)):
        return sentence, value
    return line, ""


def setup(app: Sphinx) -> None:
    """Register the transform."""
    app.add_transform(ListClaims)
