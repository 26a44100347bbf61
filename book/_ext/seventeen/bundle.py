"""One style sheet instead of ten, so that a page is shown after one round trip."""

import hashlib
import re
from pathlib import Path, PurePosixPath

LINK = re.compile(
    r'\s*<link(?=[^>]*rel="stylesheet")[^>]*href="(?P<href>[^"?:]+)[^>]*>'
)
ADDRESS = re.compile(r"""url\((?P<quote>["']?)(?!data:|#|/|\w+:)(?P<path>[^"')]+)""")


def bundle(html: str, page: Path, static: Path) -> str:
    """Return the HTML of a page with one style sheet in place of all of them."""
    links = list(LINK.finditer(html))
    if len(links) < 2:  # a page that was bundled before, or one without a style
        return html
    paths = [(page.parent / link["href"]).resolve() for link in links]
    text = "\n".join(_read(path, static.resolve()) for path in paths)
    name = f"book-{hashlib.sha256(text.encode()).hexdigest()[:8]}.css"
    if not (static / name).exists():
        (static / name).write_text(text, encoding="utf-8")
    root = links[0]["href"].partition("_static/")[0]
    first = links[0].start()
    html = LINK.sub("", html)
    link = f'\n    <link rel="stylesheet" href="{root}_static/{name}" />'
    return html[:first] + link + html[first:]


def _read(path: Path, static: Path) -> str:
    """Read a style sheet and let its addresses start at the static folder."""
    folder = PurePosixPath(path.parent.relative_to(static).as_posix())
    text = path.read_text(encoding="utf-8").replace('@charset "UTF-8";', "")
    return ADDRESS.sub(
        lambda match: f"url({match['quote']}{folder / match['path']}", text
    )
