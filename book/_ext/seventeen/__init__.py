"""What this book adds to Sphinx: small modules, one subject each.

``common``         what the directives share
``verdicts``       the table of the seventeen notes, from the notebooks' metadata
``magic_numbers``  the page of magic numbers, from ``helpers.magic``
``gpu_evidence``   the page *Measured on GPUs*, from the files in ``book/evidence``
``notebook_pages`` the notebooks, for the pages that follow
``checklist``      the page *Review checklist*, from the chapters' *In review*
``shapes``         the page *Shapes*, from the network itself
``status``         the page *Status*, from what was recorded
``minutes``        how long a chapter takes, counted from its notebook
``plans``          timetables made of chapters
``objectives``     what a reader can do after each chapter
``pair``           the exercise in pairs: a script with seven faults, and its key
``material``       slides and a zip file for a class, built with the book
``teaching``       the page *Teach from this book*, from all these and the notes
``folds``          parts of a page that are folded until they are asked for
``hub``            the page *A hub for a class*: links and sizes
``review_rules``   the page *Check your own code*, from the checker itself
``source_list``    the page *Sources*, from the chapters' links
``mathjax``        formulas without a network
``repository``     buttons that point at the repository which builds the book
``social``         what search engines and shared links show of a page
``breadcrumbs``    where a page stands in the book
``figures``        descriptions of the notebooks' figures
``first_screen``   a chapter's key figure, line to write and price under its verdict
``prices``         the page *What a slip costs*, from ``book/evidence/prices``
``side_by_side``   the page *The program*: two scripts, before and after
``claims``         claims as lists with their values
``search``         what the search finds where
``terms``          words of the glossary, linked where a page first uses them
``answers``        quiz answers and folded cells
``strict``         a strict build that failed fails again
``chinese``        Chinese text marked as Chinese, for screen readers and fonts
``icons``          the theme's icons without its script and fonts
``finish``         repairs of the finished pages, accessible and light
``bundle``         one style sheet a page, for ``finish``
``pictures``       light pictures that keep their place, for ``finish``

Jupyter Book loads the package through ``local_extensions`` in ``_config.yml``.
"""

import sys
import zlib
from pathlib import Path

from sphinx.application import Sphinx

import helpers

TOOLS = Path(helpers.__file__).parents[1] / "tools"  # beside the package
if str(TOOLS) not in sys.path:
    sys.path.append(str(TOOLS))  # some pages are made with modules from there

from seventeen import (  # noqa: E402
    answers,
    breadcrumbs,
    checklist,
    chinese,
    claims,
    figures,
    finish,
    first_screen,
    folds,
    gpu_evidence,
    hub,
    icons,
    magic_numbers,
    material,
    mathjax,
    notebook_pages,
    pair,
    prices,
    repository,
    review_rules,
    search,
    shapes,
    side_by_side,
    social,
    source_list,
    status,
    strict,
    teaching,
    terms,
    verdicts,
)

MODULES = (
    verdicts,
    magic_numbers,
    gpu_evidence,
    notebook_pages,
    checklist,
    shapes,
    status,
    folds,
    pair,
    material,
    teaching,
    hub,
    review_rules,
    source_list,
    mathjax,
    repository,
    social,
    breadcrumbs,
    figures,
    prices,
    side_by_side,
    first_screen,
    claims,
    search,
    terms,
    answers,
    strict,
    chinese,
    icons,
    finish,
)


def setup(app: Sphinx) -> dict[str, object]:
    """Register the modules with Sphinx."""
    for module in MODULES:
        module.setup(app)
    here = Path(__file__).parent
    sources = sorted([*here.glob("*.py"), *here.glob("../../_static/*.[cj]s*")])
    return {
        "version": "1",
        # Another number makes Sphinx read every page again.
        "env_version": zlib.crc32(b"".join(map(Path.read_bytes, sources))),
        "parallel_read_safe": True,
        "parallel_write_safe": True,
    }
