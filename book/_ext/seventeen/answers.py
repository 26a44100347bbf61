"""Answers that wait until the reader asks for them: quiz and solutions.

A quiz is Markdown: each answer is a ``<details>`` element whose text starts with
"Right:" or "No:". That paragraph gets a class here, so that the style sheet can
colour an opened answer; the words themselves stay the message. A folded
cell tagged ``solution`` says on its button that it holds a solution.
"""

from docutils import nodes
from sphinx.application import Sphinx
from sphinx.transforms import SphinxTransform

CLASSES = {"Right:": "answer-right", "No:": "answer-wrong"}


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
        for cell in self.document.findall(nodes.container):
            if "tag_solution" in cell["classes"]:
                cell["prompt_show"] = "Show a solution"
                cell["prompt_hide"] = "Hide the solution"


def setup(app: Sphinx) -> None:
    """Register the transform."""
    app.add_transform(MarkAnswers)
