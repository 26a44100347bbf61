"""What this book adds to Sphinx: fourteen small modules, one subject each.

``verdicts``       the table of the seventeen notes, from the notebooks' metadata
``magic_numbers``  the page of magic numbers, from ``helpers.magic``
``gpu_evidence``   the page *Measured on GPUs*, from the files in ``book/evidence``
``notebook_pages`` the notebooks, for the pages that follow
``checklist``      the page *Review checklist*, from the chapters' *In review*
``shapes``         the page *Shapes*, from the network itself
``status``         the page *Status*, from what was recorded
``source_list``    the page *Sources*, from the chapters' links
``mathjax``        formulas without a network
``repository``     buttons that point at the repository which builds the book
``figures``        descriptions of the notebooks' figures
``answers``        quiz answers and folded solutions
``strict``         a strict build that failed fails again
``chinese``        Chinese text marked as Chinese, for screen readers and fonts

Jupyter Book loads the package through ``local_extensions`` in ``_config.yml``.
"""

from sphinx.application import Sphinx

from seventeen import (
    answers,
    checklist,
    chinese,
    figures,
    gpu_evidence,
    magic_numbers,
    mathjax,
    notebook_pages,
    repository,
    shapes,
    source_list,
    status,
    strict,
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
    source_list,
    mathjax,
    repository,
    figures,
    answers,
    strict,
    chinese,
)


def setup(app: Sphinx) -> dict[str, object]:
    """Register the fourteen modules with Sphinx."""
    for module in MODULES:
        module.setup(app)
    return {
        "version": "1",
        # Raise this when what is kept in the environment changes its meaning:
        # Sphinx then reads every page again.
        "env_version": 1,
        "parallel_read_safe": True,
        "parallel_write_safe": True,
    }
