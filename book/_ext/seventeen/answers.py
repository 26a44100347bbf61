"""Answers that wait until the reader asks for them: quiz and solutions.

A quiz is Markdown: each answer is a ``<details>`` element whose text starts with
"Right:" or "No:". That paragraph gets a class here, so that the style sheet can
colour an opened answer; the words themselves stay the message. Markdown is not read
inside ``<summary>``, so code in back ticks is set as code here. A folded cell tagged
``solution`` says on its button that it holds a solution.
"""

import re

from docutils import nodes
from sphinx.application import Sphinx
from sphinx.transforms import SphinxTransform

CLASSES = {"Right:": "answer-right", "No:": "answer-wrong"}
SUMMARY = re.compile(r"<summary>.*?</summary>", re.DOTALL)
CODE = re.compile(r"`([^`]+)`")
CODE_TAG = r'<code class="docutils literal notranslate">\1</code>'


class MarkAnswers(SphinxTransform):
    """Mark answers and solutions on one page."""

    default_priority = 870

    def apply(self, **kwargs: object) -> None:
        """Set the classes and the words on the buttons."""
        for section in self.document.findall(nodes.section):
            if "quiz" in section["names"]:
                for paragraph in section.findall(nodes.paragraph):
                    for start, name in CLASSES.items():
                        if paragraph.astext().startswith(start):
                            paragraph["classes"].append(name)
                for raw in section.findall(nodes.raw):
                    raw.children = [nodes.Text(with_code(raw.astext()))]
        for cell in self.document.findall(nodes.container):
            if "tag_solution" in cell["classes"]:
                cell["prompt_show"] = "Show a solution"
                cell["prompt_hide"] = "Hide the solution"


def with_code(html: str) -> str:
    """Set what stands in back ticks in a summary as code.

    >>> with_code("<summary>`x` is 1</summary> `y`")
    '<summary><code class="docutils literal notranslate">x</code> is 1</summary> `y`'
    """
    return SUMMARY.sub(lambda found: CODE.sub(CODE_TAG, found[0]), html)


def setup(app: Sphinx) -> None:
    """Register the transform."""
    app.add_transform(MarkAnswers)
