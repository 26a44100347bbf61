"""Formulas without a network.

The PyPI package ``sphinx-mathjax-offline`` carries all of MathJax 3.2.2; only what
a page can ask for is copied into the built book: the parts of the program named in
``_config.yml`` (all but the menu, which is two fifths of it), its fonts and the TeX
extensions that load themselves when a formula uses one. Only pages with
formulas load it: Sphinx would also load it on pages that list such a page in
their contents, which here is the first page, the one that must be light.
"""

import shutil
from importlib.metadata import PackageNotFoundError, distribution
from pathlib import Path
from typing import Any

from sphinx.application import Sphinx
from sphinx.errors import ExtensionError

PROGRAM = "startup.js"
PARTS = (
    "core.js",
    "input/tex.js",
    "output/chtml.js",
    "output/chtml/fonts/tex.js",
    "a11y/assistive-mml.js",
)
FOLDERS = ("output/chtml/fonts/woff-v2", "input/tex/extensions")
BUNDLE = "all-packages.js"  # all TeX extensions once more, in one file


def source_folder() -> Path:
    """Return MathJax's folder in the installed package.

    Raises:
        ExtensionError: if ``sphinx-mathjax-offline`` is not installed.
    """
    try:
        files = distribution("sphinx-mathjax-offline").files or []
    except PackageNotFoundError:
        files = []
    for file in files:
        if file.name == PROGRAM:
            return Path(str(file.locate())).parent
    raise ExtensionError(
        "MathJax is missing: run `pip install sphinx-mathjax-offline` in the "
        "environment that builds the book"
    )


def copy_mathjax(app: Sphinx) -> None:
    """Copy MathJax beside the other static files of an HTML build, once."""
    if app.builder.format != "html":
        return
    source = source_folder()
    target = Path(app.outdir) / "_static" / "mathjax"
    if (target / PROGRAM).exists():
        return
    for folder in FOLDERS:
        shutil.copytree(
            source / folder,
            target / folder,
            ignore=shutil.ignore_patterns(BUNDLE),
            dirs_exist_ok=True,
        )
    for part in (*PARTS, PROGRAM):  # the program last: it marks the copy whole
        (target / part).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(source / part, target / part)


def unload_mathjax(
    app: Sphinx,
    pagename: str,
    templatename: str,
    context: dict[str, Any],
    doctree: object,
) -> None:
    """Take MathJax from a page that has no formula of its own."""
    if app.env.get_domain("math").data["has_equations"].get(pagename, False):
        return
    scripts = context.get("script_files", [])
    scripts[:] = [script for script in scripts if not _is_mathjax(script)]


def _is_mathjax(script: Any) -> bool:
    body = getattr(script, "attributes", {}).get("body") or ""
    name = str(getattr(script, "filename", script))
    return name.endswith(f"mathjax/{PROGRAM}") or body.startswith("window.MathJax")


def setup(app: Sphinx) -> None:
    """Copy the files before the first page is written, and link them sparingly."""
    app.connect("builder-inited", copy_mathjax)
    # After Sphinx's own handler, whose priority is the default, 500.
    app.connect("html-page-context", unload_mathjax, priority=600)
