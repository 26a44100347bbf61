"""One style sheet instead of ten, so that a page is shown after one round trip.

The book's own fonts are small and go into it: text that is set once stays where it is.
"""

import base64
import hashlib
import re
from pathlib import Path, PurePosixPath

from bs4 import BeautifulSoup, NavigableString, PageElement

FONTS = PurePosixPath("fonts")
# Read only where a machine has no Chinese font of its own.
LEFT_OUT = ("noto-sans-sc.woff2",)
ADDRESS = re.compile(r"""url\((?P<quote>["']?)(?!data:|#|/|\w+:)(?P<path>[^"')]+)""")


def bundle(soup: BeautifulSoup, page: Path, static: Path) -> None:
    """Put one style sheet into a page in place of all of them."""
    links = soup.select('link[rel="stylesheet"]')
    if len(links) < 2:  # a page that was bundled before, or one without a style
        return
    addresses = [str(link["href"]).partition("?")[0] for link in links]
    paths = [(page.parent / address).resolve() for address in addresses]
    text = "\n".join(_read(path, static.resolve()) for path in paths)
    name = f"book-{hashlib.sha256(text.encode()).hexdigest()[:8]}.css"
    if not (static / name).exists():
        (static / name).write_text(text, encoding="utf-8")
    first, *others = links
    root = addresses[0].partition("_static/")[0]
    first.attrs = {"rel": "stylesheet", "href": f"{root}_static/{name}"}
    for link in others:
        remove(link)


def remove(node: PageElement) -> None:
    """Take a node out of a page, with the line break that follows it."""
    after = node.next_sibling
    if isinstance(after, NavigableString) and not after.strip():
        after.extract()
    node.extract()


def _read(path: Path, static: Path) -> str:
    """Read a style sheet and let its addresses start at the static folder."""
    folder = PurePosixPath(path.parent.relative_to(static).as_posix())

    def placed(match: re.Match[str]) -> str:
        target = folder / match["path"]
        if target.parent != FONTS or target.name in LEFT_OUT:
            return f"url({match['quote']}{target}"
        data = base64.b64encode((static / target).read_bytes()).decode("ascii")
        return f"url({match['quote']}data:font/woff2;base64,{data}"

    text = path.read_text(encoding="utf-8").replace('@charset "UTF-8";', "")
    return ADDRESS.sub(placed, text)
