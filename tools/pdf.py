"""Print the built book as one PDF, with Chromium.

    python tools/pdf.py              after `make book`; `make pdf` does both

The pages of the HTML build are put one after the other into one page, in the order
of ``_toc.yml``, behind a title page and a table of contents. Sphinx's own
``singlehtml`` is not used: there, two chapters with a section of the same name get
the same anchor, and links to the second lead to the first. How paper looks is
said in the print section of ``seventeen.css``.
"""

import posixpath
import re
import sys
import time
from pathlib import Path
from urllib.parse import unquote, urldefrag, urljoin, urlparse

import yaml
from bs4 import BeautifulSoup, Tag

import browser
import browsing
import helpers
import record
from archive import BUILD, NAME
from helpers.errors import UserError

DROPPED = "script, button, .headerlink, .toctree-wrapper"
PAGE = """<!DOCTYPE html>
<html lang="en" data-theme="light" data-mode="light" data-content_root="{root}">
<head><meta charset="utf-8"><title>{title}</title></head>
<body><div class="bd-main"><div class="bd-content">
<main class="bd-article-container print-book"></main></div></div></body></html>
"""


def parts(root: Path) -> list[tuple[str, list[str]]]:
    """Return the parts of the book: a caption and the names of its pages."""
    toc = yaml.safe_load((root / "_toc.yml").read_text("utf-8"))
    named = toc.get("parts", [{"caption": "", "chapters": toc.get("chapters", [])}])
    return [("", [toc["root"]])] + [
        (part["caption"], [chapter["file"] for chapter in part["chapters"]])
        for part in named
    ]


def anchor(page: str, name: str = "") -> str:
    """Return an anchor that no other page has.

    >>> anchor("book/data", "licence")
    'book-data--licence'
    """
    return page.replace("/", "-") + (f"--{name}" if name else "")


def moved(address: str, page: str, pages: set[str], html: str) -> str:
    """Return an address of ``page`` as it is in the one page beside ``html``."""
    if urlparse(address).scheme or address.startswith("//"):
        return address
    name, place = urldefrag(address)
    path = posixpath.normpath(
        posixpath.join(posixpath.dirname(page), unquote(name.partition("?")[0]))
    )
    target = path.removesuffix(".html") if name else page
    if target in pages:
        return f"#{anchor(target, place)}"
    return f"{html}/{path}"


def article(soup: BeautifulSoup, page: str, pages: set[str], html: str) -> Tag:
    """Return the text of a page, ready to go into one file with all others."""
    text = soup.select_one("article.bd-article")
    if text is None:
        raise UserError(f"{page} has no text: run `make clean`, then `make book`.")
    for tag in text.select(DROPPED):
        tag.decompose()
    for tag in text.select("a.image-reference"):
        tag.unwrap()  # on paper a picture cannot be opened
    publish(text, page, pages, soup.select_one("link[rel=canonical]"))
    for tag in text.find_all(["a", "img"]):
        for key in {"href", "src"} & tag.attrs.keys():
            tag[key] = moved(str(tag[key]), page, pages, html)
        if tag.get("href") == tag.get_text():
            tag["class"] = f"{' '.join(tag.get('class') or [])} says-its-address"
        tag.attrs.pop("loading", None)  # what is not in sight is printed, too
    for tag in text.find_all(id=True):
        tag["id"] = anchor(page, str(tag["id"]))
    for tag in text.find_all("details"):
        tag["open"] = ""
    text["id"] = anchor(page)
    return text


def publish(text: Tag, page: str, pages: set[str], canonical: Tag | None) -> None:
    """Let links to files beside the pages, such as slides, lead to the web.

    Where the address of the book is not known they become plain text: the reader of
    the PDF has no such files.
    """
    for link in text("a", href=True):
        address = moved(str(link["href"]), page, pages, "")
        if address.startswith("/"):
            if canonical:
                link["href"] = urljoin(str(canonical["href"]), str(link["href"]))
            else:
                del link["href"]


def one_page(root: Path, html: Path, target: Path) -> None:
    """Write the whole book as one HTML page.

    Args:
        root: folder of ``_toc.yml``.
        html: folder of the built book.
        target: the file to write.
    """
    beside = Path(posixpath.relpath(html, target.parent)).as_posix()
    grouped = parts(root)
    names = [name for _, part in grouped for name in part]
    soups = {
        name: BeautifulSoup((html / f"{name}.html").read_text("utf-8"), "html.parser")
        for name in names
    }
    first = soups[names[0]]
    title = str(first.h1.contents[0]) if first.h1 else NAME
    book = BeautifulSoup(PAGE.format(root=f"{beside}/", title=title), "html.parser")
    assert book.head is not None
    assert book.main is not None
    seen = set()
    for name, soup in soups.items():  # styles, and MathJax with its settings
        for tag in soup.select("link[rel=stylesheet], script"):
            if tag.name == "script" and "mathjax" not in str(tag).lower():
                continue
            tag = at_once(tag)
            for key in {"href", "src"} & tag.attrs.keys():
                tag[key] = moved(str(tag[key]), name, set(), beside)
            if str(tag) not in seen:
                seen.add(str(tag))
                book.head.append(tag)
    articles = {
        name: article(soup, name, set(names), beside) for name, soup in soups.items()
    }
    book.main.append(title_page(articles[names[0]], beside))
    book.main.append(contents(grouped, articles))
    for text in articles.values():
        book.main.append(text)
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_text(str(book), "utf-8")


def at_once(script: Tag) -> Tag:
    """Return MathJax itself for what loads it later: paper does not wait.

    ``formulas.js`` loads it when a formula comes near, or after some seconds.
    """
    if not (source := script.get("data-mathjax")):
        return script
    return BeautifulSoup("", "html.parser").new_tag("script", src=str(source), defer="")


def sheet(page: Path) -> str:
    """Return a page of the built book as it is printed alone, from any folder.

    Of its scripts only MathJax stays. Its links lead to the published book, and are
    plain text where no address is known: a link into a folder of this machine would
    be dead for everybody who is given the sheet.
    """
    soup = BeautifulSoup(page.read_text("utf-8"), "html.parser")
    assert soup.head is not None
    for script in soup("script"):
        if "mathjax" in str(script).lower():
            script.replace_with(at_once(script))
        else:
            script.decompose()
    published = soup.select_one("link[rel=canonical]")
    for link in soup("a", href=True):
        if published:
            link["href"] = urljoin(str(published["href"]), str(link["href"]))
        else:
            del link["href"]
    soup.head.insert(0, soup.new_tag("base", href=page.as_uri()))
    return str(soup)


def title_page(welcome: Tag, html: str) -> Tag:
    """Move title and subtitle of the first page to a page of their own."""
    page = BeautifulSoup(
        f'<header class="print-title"><img src="{html}/_static/seal.svg" alt="">'
        f"<p>Version {helpers.__version__}</p>"
        "<p>The text and the figures are under CC BY 4.0, the code is under the MIT "
        "licence.</p></header>",
        "html.parser",
    ).header
    assert page is not None
    for tag in reversed(welcome.select("h1, p:has(> .subtitle)")):
        page.insert(1, tag.extract())
    return page


def contents(grouped: list[tuple[str, list[str]]], articles: dict[str, Tag]) -> Tag:
    """Return the table of contents: captions, and a link to each page's title."""
    soup = BeautifulSoup(
        '<nav class="print-contents"><h2>Contents</h2></nav>', "html.parser"
    )
    assert soup.nav is not None
    for caption, names in grouped:
        if caption:
            soup.nav.append(heading := soup.new_tag("p"))
            heading.string = caption
        soup.nav.append(entries := soup.new_tag("ul"))
        for name in names:
            if (title := articles[name].h1) is not None:
                entries.append(entry := soup.new_tag("li"))
                entry.append(link := soup.new_tag("a", href=f"#{anchor(name)}"))
                link.string = title.get_text()
    return soup.nav


def print_page(page: Path, target: Path) -> None:
    """Print an HTML file as a PDF.

    Raises:
        UserError: if there is no Playwright or no Chromium, or it fails.
    """
    with browsing.opened(page.as_uri()) as shown:
        content = shown.pdf(
            print_background=True, prefer_css_page_size=True, outline=True, tagged=True
        )
    target.write_bytes(content)


def page_numbers(content: bytes) -> dict[str, int]:
    """Return {anchor: number of its page} of every anchor that a link leads to.

    Chromium writes the pages in their order, and the anchors in plain text.
    """
    pages = re.findall(rb"(\d+) 0 obj\s<</Type /Page\s", content)
    places = re.findall(rb"/([\w.-]+) \[(\d+) 0 R /XYZ", content)
    return {
        name.decode(): pages.index(page) + 1 for name, page in places if page in pages
    }


def print_book(page: Path, target: Path) -> None:
    """Print the one page twice: the table of contents needs the pages' numbers.

    Raises:
        UserError: if there is no Chromium, or it fails.
    """
    print_page(page, target)
    numbers = page_numbers(target.read_bytes())
    soup = BeautifulSoup(page.read_text("utf-8"), "html.parser")
    for link in soup.select(".print-contents a"):
        number = soup.new_tag("span")
        number.string = str(numbers.get(str(link["href"]).removeprefix("#"), ""))
        link.insert_after(number)
    page.write_text(str(soup), "utf-8")
    print_page(page, target)


def main() -> None:
    """Print the book that `make book` has built."""
    start = time.perf_counter()
    target = BUILD / f"{NAME}.pdf"
    try:
        print(f"Printing the whole book with {browser.find()}: a minute or two.")
        page = BUILD / "pdf" / "book.html"
        one_page(record.ROOT, BUILD / "html", page)
        print_book(page, target)
    except UserError as error:
        sys.exit(str(error))
    size, seconds = target.stat().st_size / 1e6, time.perf_counter() - start
    name = target.relative_to(record.ROOT)
    print(f"The book on paper: {name} ({size:.1f} MB), in {seconds:.0f} s")


if __name__ == "__main__":
    main()
