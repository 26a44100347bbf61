"""Answers that wait until the reader asks for them: quiz and solutions.

A quiz is Markdown: each answer is a ``<details>`` element whose text starts with
"Right:" or "No:". That paragraph gets a class here, so that the style sheet can
colour an opened answer; the words themselves stay the message. Markdown is not read
inside ``<summary>``, so code in back ticks is set as code here. Each answer gets a
letter, so that a class can vote. The button of a folded cell says what is in it.
"""

import re
from collections.abc import Iterator
from string import ascii_uppercase

from docutils import nodes
from sphinx.application import Sphinx
from sphinx.transforms import SphinxTransform

CLASSES = {"Right:": "answer-right", "No:": "answer-wrong"}
FOLDED = {  # the first that a cell has; others draw figures
    "tag_solution": "a solution",
    "tag_setup": "the imports",
    "tag_check": "the check",
    "tag_hide-input": "the code of the figure",
}
NO_FIGURE = "the code"
QUESTION = re.compile(r"\d+\.")
SUMMARY = re.compile(r"<summary>.*?</summary>", re.DOTALL)
LETTER = '<summary><span class="answer-letter">{}</span> '
CODE = re.compile(r"`([^`]+)`")
CODE_TAG = r'<code class="docutils literal notranslate">\1</code>'


class MarkAnswers(SphinxTransform):
    """Mark answers and solutions on one page."""

    default_priority = 870

    def apply(self, **kwargs: object) -> None:
        """Set the classes and the words on the buttons."""
        for section in self.document.findall(nodes.section):
            if "quiz" in section["names"]:
                mark(section)
        for cell in self.document.findall(nodes.container):
            for tag, what in FOLDED.items():
                if tag in cell["classes"]:
                    if what == FOLDED["tag_hide-input"] and not has_figure(cell):
                        what = NO_FIGURE
                    cell["prompt_show"] = f"Show {what}"
                    cell["prompt_hide"] = f"Hide the {what.split(maxsplit=1)[1]}"
                    break


def has_figure(cell: nodes.container) -> bool:
    """Tell whether a cell draws something."""
    return next(cell.findall(nodes.image), None) is not None


def mark(quiz: nodes.section) -> None:
    """Mark the questions and answers of a quiz, and give each answer its letter."""
    letters = iter(ascii_uppercase)
    for node in list(quiz.findall(nodes.Element)):
        if isinstance(node, nodes.raw):
            node.children = [nodes.Text(lettered(with_code(node.astext()), letters))]
        elif not isinstance(node, nodes.paragraph):
            continue
        elif is_question(node):
            node["classes"].append("quiz-question")
            letters = iter(ascii_uppercase)
        else:
            for start, name in CLASSES.items():
                if node.astext().startswith(start):
                    node["classes"].append(name)


def is_question(paragraph: nodes.paragraph) -> bool:
    """Tell whether a paragraph begins in bold type with a number."""
    first = next((part for part in paragraph.children if part.astext()), None)
    return isinstance(first, nodes.strong) and bool(QUESTION.match(first.astext()))


def lettered(html: str, letters: Iterator[str] | None = None) -> str:
    """Put the next letter before each answer of a question.

    Args:
        html: with the answers as summaries.
        letters: that are left; all of them if not given.

    >>> lettered("<summary>yes</summary>")
    '<summary><span class="answer-letter">A</span> yes</summary>'
    """
    left = iter(ascii_uppercase) if letters is None else letters

    def put(found: re.Match[str]) -> str:
        return found[0].replace("<summary>", LETTER.format(next(left)), 1)

    return SUMMARY.sub(put, html)


def judged(html: str) -> str:
    """Mark what is said of right and of wrong answers, where that is HTML already.

    >>> judged("<p>Right: it does.</p>")
    '<p class="answer-right">Right: it does.</p>'
    """
    for start, name in CLASSES.items():
        html = html.replace(f"<p>{start}", f'<p class="{name}">{start}')
    return html


def with_code(html: str) -> str:
    """Set text between back ticks in a summary as code.

    >>> with_code("<summary>`x` is 1</summary> `y`")
    '<summary><code class="docutils literal notranslate">x</code> is 1</summary> `y`'
    """
    return SUMMARY.sub(lambda found: CODE.sub(CODE_TAG, found[0]), html)


def setup(app: Sphinx) -> None:
    """Register the transform."""
    app.add_transform(MarkAnswers)
