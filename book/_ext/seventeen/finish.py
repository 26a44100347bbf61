"""The last touch on each page: what the theme's HTML lacks, and what it can spare.

The theme and Sphinx write some HTML that no option changes. When all pages are
written, each is read once more and repaired here: names and roles for screen
readers, light pictures that keep their place, and no scripts that do nothing in
this book. A page that is repaired already stays as it is.
"""

import re
from pathlib import Path

from sphinx.application import Sphinx

from seventeen import bundle, pictures

REPAIRS = tuple(
    (re.compile(pattern), replacement)
    for pattern, replacement in (
        # Everything stands in a landmark, the side bar too.
        (
            r'<div id="pst-primary-sidebar" class',
            '<div role="complementary" aria-label="Side bar" '
            'id="pst-primary-sidebar" class',
        ),
        # A control is called what it shows.
        (r'<summary aria-label="Toggle hidden content">', "<summary>"),
        (r'(<button class="btn search-button-field [^>]*?) aria-label="Search"', r"\1"),
        # Icons say nothing; their buttons do.
        (r'(<(?:i|span) class="[^"]*\bfa-[^>]*?) title="[^"]*">', r"\1>"),
        (
            r'(<(?:i|span) class="[^"]*\bfa-(?:(?!aria-hidden)[^>])*?)>',
            r'\1 aria-hidden="true">',
        ),
        # The role is deprecated; a list has list items.
        (r' role="doc-biblioentry"', ' role="listitem"'),
        # An empty cell is no header.
        (r"<th([^>]*)>(\s*(?:<p>\s*</p>)?\s*)</th>", r"<td\1>\2</td>"),
        # The theme's icons come from icons.css, and the search has its own page.
        (r'\s*<script defer src="[^"]*/fontawesome\.js[^"]*"></script>', ""),
        (r"\s*<!-- So that users can add custom icons -->", ""),
        # A menu's pictures are loaded when it opens.
        (r'<img (alt="(?:Binder|Colab) logo")', r'<img loading="lazy" \1'),
        # MathJax waits until a formula comes near: see formulas.js.
        (
            r'<script defer="defer" src="([^"]*/)(mathjax/[^"]*)"></script>',
            r'<script defer src="\1formulas.js" data-mathjax="\1\2"></script>',
        ),
        # A style sheet that only fetches another costs a round trip.
        (r"styles/theme\.css\?digest=\w+", "basic.css"),
        # One viewport is enough.
        (r'(<meta name="viewport"[^>]*>)(?=.*?<meta name="viewport")', ""),
    )
)
SEARCH = re.compile(
    r'\s*<script src="[^"]*(?:searchtools|language_data|searchindex)\.js"></script>'
)


ICON_RULES = re.compile(
    r"(?<=[},])(?:\.fa-[\w-]+(?::before)?,?)+\{(?:--fa|content):[^{}]*\}|"
    r"@font-face\{[^{}]*Font ?Awesome[^{}]*\}"
)
WAITING = re.compile(
    r'<script (src="[^"]*/(?:doctools|sphinx_highlight|clipboard\.min|'
    r"copybutton|print|sphinx-book-theme|togglebutton)\.js)"
)
OPTIONS = re.compile(
    r'<script src="(?P<src>[^"?]*documentation_options\.js)[^"]*"></script>'
)
DESIGN = re.compile(
    r"\s*<(?:link|script)[^>]*/(?:sphinx-design\.min\.css|design-tabs\.js)[^>]*>"
    r"(?:</script>)?"
)


def repair(text: str, page: Path) -> str:
    """Return a page's HTML with everything repaired."""
    for pattern, replacement in REPAIRS:
        text = pattern.sub(replacement, text)
    if ' class="sd-' not in text:  # no grid, card or tab of sphinx-design
        text = DESIGN.sub("", text)
    if page.name != "search.html":
        text = SEARCH.sub("", text)
        # The others wait until the page is shown; those of the search need them.
        text = WAITING.sub(r"<script defer \1", text)
    options = OPTIONS.search(text)
    if options:  # three lines that a page would wait for
        source = (page.parent / options["src"]).read_text(encoding="utf-8")
        text = OPTIONS.sub(lambda _: f"<script>{source}</script>", text)
    return pictures.lighten(text, page)


def prune(app: Sphinx) -> None:
    """Take the icons that icons.css replaces out of the theme's style sheet."""
    path = Path(app.outdir) / "_static" / "styles" / "pydata-sphinx-theme.css"
    if path.exists():
        text = path.read_text(encoding="utf-8")
        path.write_text(ICON_RULES.sub("", text), encoding="utf-8")


def finish(app: Sphinx, error: Exception | None) -> None:
    """Repair every page that was written."""
    if error or app.builder.format != "html":
        return
    prune(app)
    for path in Path(app.outdir).rglob("*.html"):
        if "_static" in path.parts:
            continue
        text = path.read_text(encoding="utf-8")
        repaired = bundle.bundle(repair(text, path), path, Path(app.outdir) / "_static")
        if repaired != text:
            path.write_text(repaired, encoding="utf-8")


def setup(app: Sphinx) -> None:
    """Repair the pages when all are written."""
    # After the theme, which writes the colours of code when a build is finished.
    app.connect("build-finished", finish, priority=800)
