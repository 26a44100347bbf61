"""The last touch on each page: what the theme's HTML lacks, and what it can spare.

The theme and Sphinx write some HTML that no option changes. When all pages are
written, each is read once more and repaired here: names and roles for screen
readers, light pictures that keep their place, and no scripts that do nothing in
this book. A page that is repaired already stays as it is.
"""

import re
from pathlib import Path

from bs4 import BeautifulSoup, Comment
from sphinx.application import Sphinx

from seventeen import bundle, pictures
from seventeen.bundle import remove

ICON_RULES = re.compile(
    r"(?<=[},])(?:\.fa-[\w-]+(?::before)?,?)+\{(?:--fa|content):[^{}]*\}|"
    r"@font-face\{[^{}]*Font ?Awesome[^{}]*\}"
)
FOR_SEARCH = {  # Sphinx's scripts of the search page, and what takes their place
    "searchtools.js": "_static/minisearch/minisearch.js",
    "language_data.js": "_static/language_data.js",
    "searchindex.js": "_static/search-entries.js",
}
SEARCH = "_static/search.js"
WAITING = (
    *("doctools.js", "sphinx_highlight.js", "clipboard.min.js", "copybutton.js"),
    *("print.js", "sidebar.js", "sphinx-book-theme.js", "togglebutton.js"),
)


def repair(soup: BeautifulSoup, page: Path) -> None:
    """Repair everything in a page."""
    name_things(soup)
    link_symptoms(soup)
    spare_scripts(soup, page)
    spare_styles(soup)
    for image in soup.select('img[alt="Binder logo"], img[alt="Colab logo"]'):
        image["loading"] = "lazy"  # until their menu opens
    pictures.lighten(soup, page)


def name_things(soup: BeautifulSoup) -> None:
    """Give screen readers names and roles that say what is there."""
    for bar in soup.select("#pst-primary-sidebar"):  # everything is in a landmark
        bar["role"], bar["aria-label"] = "complementary", "Side bar"
    # A control is called what it shows.
    for control in soup.select(
        'summary[aria-label="Toggle hidden content"], '
        'button.search-button-field[aria-label="Search"]'
    ):
        del control["aria-label"]
    for icon in soup.select("i[class], span[class]"):  # icons say nothing
        if any(name.startswith("fa-") for name in icon["class"]):
            del icon["title"]
            icon["aria-hidden"] = "true"
    for entry in soup.select('[role="doc-biblioentry"]'):  # the role is deprecated
        entry["role"] = "listitem"
    for head in soup.select("th"):  # an empty cell is no header
        if not head.get_text(strip=True) and not head.find(lambda tag: tag.name != "p"):
            head.name = "td"


def link_symptoms(soup: BeautifulSoup) -> None:
    """Put a link to the symptoms above every page: one click from everywhere."""
    buttons = soup.select_one(".article-header-buttons")
    entry = soup.select_one('.bd-sidebar-primary a[href$="which-note.html"]')
    if buttons is None or entry is None or buttons.select_one(".symptoms-link"):
        return
    link = soup.new_tag("a", href=str(entry["href"]), attrs={"class": "symptoms-link"})
    link.string = "Symptoms"
    link["title"] = "Which note bit me? From what you see to its chapter"
    buttons.insert(0, link)


def spare_scripts(soup: BeautifulSoup, page: Path) -> None:
    """Take out scripts that do nothing here, and let others wait for the page."""
    is_search = page.name == "search.html"
    for script in soup.select("script[src]"):
        source = str(script["src"])
        name = source.partition("?")[0].rpartition("/")[2]
        # The icons come from icons.css, and the search has its own page.
        if name == "fontawesome.js" or name in FOR_SEARCH and not is_search:
            remove(script)
        elif name in FOR_SEARCH:
            script["src"] = FOR_SEARCH[name]
            if name == list(FOR_SEARCH)[-1]:
                script.insert_after(soup.new_tag("script", src=SEARCH))
        elif name in WAITING and not is_search:  # those of the search need them
            script["defer"] = ""
        elif "/mathjax/" in source:  # until a formula comes near: see formulas.js
            script["data-mathjax"] = source
            script["src"] = source.partition("mathjax/")[0] + "formulas.js"
            script["defer"] = ""
        elif name == "documentation_options.js":  # three lines to wait for
            del script["src"]
            path = page.parent / source.partition("?")[0]
            script.string = path.read_text(encoding="utf-8")
    for comment in soup.find_all(string=lambda text: isinstance(text, Comment)):
        if "users can add custom icons" in comment:
            remove(comment)


def spare_styles(soup: BeautifulSoup) -> None:
    """Take out what a page asks for twice, or in vain."""
    for link in soup.select('link[href*="styles/theme.css"]'):  # fetches another
        link["href"] = str(link["href"]).partition("styles/")[0] + "basic.css"
    for viewport in soup.select('meta[name="viewport"]')[:-1]:
        remove(viewport)
    if not soup.select('[class^="sd-"]'):  # no grid, card or tab of sphinx-design
        for tag in soup.select('[href*="sphinx-design.min.css"], [src*="design-tabs"]'):
            remove(tag)


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
        soup = BeautifulSoup(text, "html.parser")
        repair(soup, path)
        bundle.bundle(soup, path, Path(app.outdir) / "_static")
        if (repaired := str(soup)) != text:
            path.write_text(repaired, encoding="utf-8")


def setup(app: Sphinx) -> None:
    """Repair the pages when all are written."""
    # After the theme, which writes the colours of code when a build is finished.
    app.connect("build-finished", finish, priority=800)
