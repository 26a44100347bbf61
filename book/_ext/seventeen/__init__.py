"""What this book adds to Sphinx: thirteen small modules, one subject each.

``verdicts``       the table of the seventeen notes, from the notebooks' metadata
``magic_numbers``  the page of magic numbers, from ``helpers.magic``
``gpu_evidence``   the page *Measured on GPUs*, from the files in ``book/evidence``
``mathjax``        formulas without a network
``repository``     buttons that point at the repository which builds the book
``figures``        descriptions of the notebooks' figures
``answers``        quiz answers and folded solutions
``strict``         a strict build that failed fails again
``chinese``        Chinese text marked as Chinese, for screen readers and fonts
``icons``          the theme's icons without its script and fonts
``finish``         repairs of the finished pages, accessible and light
``bundle``         one style sheet a page, for ``finish``
``pictures``       light pictures that keep their place, for ``finish``

Jupyter Book loads the package through ``local_extensions`` in ``_config.yml``.
"""

from sphinx.application import Sphinx

from seventeen import (
    answers,
    chinese,
    figures,
    finish,
    gpu_evidence,
    icons,
    magic_numbers,
    mathjax,
    repository,
    strict,
    verdicts,
)

MODULES = (
    verdicts,
    magic_numbers,
    gpu_evidence,
    mathjax,
    repository,
    figures,
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
    return {
        "version": "1",
        # Raise this when what is kept in the environment changes its meaning:
        # Sphinx then reads every page again.
        "env_version": 1,
        "parallel_read_safe": True,
        "parallel_write_safe": True,
    }
