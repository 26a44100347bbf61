"""The page *Check your own code*: the rules of the checker, and what they find.

The rules come from the package ``review`` itself, the outcomes from running it on the
pairs of programs in ``tests/review_corpus`` and ``tests/review_pairs``.
"""

from pathlib import Path

from docutils import nodes
from sphinx.application import Sphinx

import review
from review.checker import check_path
from review.pairs import good_half, judge_all, note_of, says_more
from review.rule import MEANING
from review.rules import LOUD, RULES
from seventeen.common import Cell, PageDirective, read_again, table

PAIRS = Path("tests", "review_corpus")
MORE_PAIRS = Path("tests", "review_pairs")
CHECKER = Path(review.__file__).parent
SEEN = "review_pairs"  # in a page's metadata


def _names(root: Path) -> list[str]:
    """Return which programs there are, and which files the checker has."""
    folders = (root / PAIRS, root / MORE_PAIRS, CHECKER)
    return sorted(str(path) for folder in folders for path in folder.rglob("*.*[!c]"))


class ReviewSeverities(PageDirective):
    """``review-severities``: what error, warning and hint mean."""

    def run(self) -> list[nodes.Node]:
        """Build the table."""
        return [table(("Severity", "Meaning"), MEANING.items(), "review-severities")]


class ReviewRules(PageDirective):
    """``review-rules``: a line for each rule, with its chapter."""

    def run(self) -> list[nodes.Node]:
        """Build the table."""
        self.depend_on(CHECKER)
        rows: list[list[Cell]] = []
        for code, rule in sorted(RULES.items()):
            chapter = self.link(rule.page)
            rows.append([nodes.literal(text=code), rule.title, rule.severity, chapter])
        head = ("Rule", "What it finds", "Severity", "Chapter")
        return [table(head, rows, "review-rules")]


class ReviewOutcomes(PageDirective):
    """``review-outcomes``: what is found in each pair, and how many false alarms."""

    def run(self) -> list[nodes.Node]:
        """Run the checker and build the table and a sentence."""
        folder = Path(self.env.srcdir) / PAIRS
        self.depend_on(folder)
        self.depend_on(CHECKER)
        self.env.metadata[self.env.docname][SEEN] = _names(Path(self.env.srcdir))
        rows: list[list[Cell]] = []
        outcomes = judge_all(folder)
        for outcome in outcomes:
            found = sorted({f.code for f in outcome.hits})
            codes = nodes.literal(text=", ".join(found)) if found else nodes.Text("")
            name = outcome.name.partition("_")[2].replace("_", " ")
            rows.append([name, outcome.note or "none", outcome.verdict, codes])
        slips = [o for o in outcomes if o.note]
        hits = sum(o.verdict == "found" for o in slips)
        alarms = sum(len(o.alarms) for o in outcomes)
        said = f"Found: {hits} of {len(slips)} slips. False alarms: {alarms}."
        head = ("Pair", "Note", "Verdict", "Rule")
        return [table(head, rows, "review-outcomes"), nodes.paragraph(text=said)]


class ReviewMorePairs(PageDirective):
    """``review-more-pairs``: a sentence on the larger set, whose programs are small."""

    def run(self) -> list[nodes.Node]:
        """Run the checker on both halves of every pair, and on what is right."""
        folder = Path(self.env.srcdir) / MORE_PAIRS
        self.depend_on(folder)
        self.depend_on(CHECKER)
        bad = sorted(folder.glob("*_bad*"))
        good = [good_half(path) for path in bad]
        found = sum(
            says_more(one, other, note_of(one.name.partition("_")[0]))
            for one, other in zip(bad, good, strict=True)
        )
        right = sorted(path for path in (folder / "right").iterdir() if path.is_file())
        alarms = sum(len(list(check_path(path, LOUD))) for path in (*good, *right))
        said = (
            f"Of the slips in {len(bad)} more pairs, {found} are found, hints counted. "
            f"Errors and warnings on their right halves and on {len(right)} right "
            f"programs more: {alarms}."
        )
        return [nodes.paragraph(text=said)]


def setup(app: Sphinx) -> None:
    """Register the directives."""
    app.add_directive("review-severities", ReviewSeverities)
    app.add_directive("review-rules", ReviewRules)
    app.add_directive("review-outcomes", ReviewOutcomes)
    app.add_directive("review-more-pairs", ReviewMorePairs)
    read_again(app, SEEN, _names)
