"""The book to take away: the archive, the PDF, and whether its addresses answer.

A book of three pages stands for the real one: it is built with the same settings,
extension and style. What needs Chromium is skipped where there is none.
"""

import hashlib
import re
import shutil
import subprocess
import sys
import zipfile
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Event, Thread
from urllib.parse import unquote, urldefrag, urlparse

import pytest
import yaml
from bs4 import BeautifulSoup

import archive
import browsing
import check_links
import pdf
from built_book import needs_chromium
from helpers.errors import UserError
from patience import HANGS

ROOT = Path(__file__).parent.parent
JUPYTER_BOOK = "from jupyter_book.cli.main import main; main()"
NAMES = ["index", "one", "folder/two"]
PAGE = """# {title}

Logits and $e^x$, [elsewhere](https://example.org/a), [the other](../one.md#quiz).

## Quiz

<details><summary>An answer</summary>

Right: indeed.

</details>
"""


@pytest.fixture(scope="module")
def book(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder with a small book, built."""
    root = tmp_path_factory.mktemp("book")
    shutil.copy(ROOT / "_config.yml", root)
    ignore = shutil.ignore_patterns("__pycache__", "*.png")
    for folder in ("_ext", "_static"):
        shutil.copytree(ROOT / "book" / folder, root / "book" / folder, ignore=ignore)
    (root / "book" / "references.bib").touch()
    (root / "folder").mkdir()
    index = "# The title\n\n[注意]{.subtitle}\n\n[](folder/two.md)\n"
    (root / "index.md").write_text(index, "utf-8")
    one = PAGE.replace("../one.md", "folder/two.md").format(title="One")
    (root / "one.md").write_text(one, "utf-8")
    (root / "folder" / "two.md").write_text(PAGE.format(title="Two"), "utf-8")
    chapters = [{"file": name} for name in NAMES[1:]]
    toc = {"format": "jb-book", "root": NAMES[0], "chapters": chapters}
    (root / "_toc.yml").write_text(yaml.safe_dump(toc), "utf-8")
    command = [sys.executable, "-c", JUPYTER_BOOK, "build", str(root), "-W", "--quiet"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return root


@pytest.fixture(scope="module")
def unpacked(book: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the folder that a reader finds in the archive."""
    folder = tmp_path_factory.mktemp("unpacked")
    archive.pack(book / "_build" / "html", folder / "notes-1.zip")
    with zipfile.ZipFile(folder / "notes-1.zip") as packed:
        packed.extractall(folder)
    return folder / "notes-1"


# --- the archive -----------------------------------------------------------------


def test_the_archive_is_the_same_byte_for_byte(book: Path, tmp_path: Path) -> None:
    html = tmp_path / "html"
    shutil.copytree(book / "_build" / "html", html, copy_function=shutil.copy)
    for path in html.rglob("*"):
        path.touch()  # another date, on a copy
    first, second = tmp_path / "a" / "notes.zip", tmp_path / "b" / "notes.zip"
    for target, source in ((first, book / "_build" / "html"), (second, html)):
        target.parent.mkdir()
        checksum = archive.pack(source, target)
        digest = hashlib.sha256(target.read_bytes()).hexdigest()
        assert checksum.read_text("utf-8") == f"{digest}  notes.zip\n"
    assert first.read_bytes() == second.read_bytes()


def test_the_archive_holds_all_that_a_page_asks_for(unpacked: Path) -> None:
    assert (unpacked / "index.html").exists()
    assert (unpacked / "LICENSE").exists()
    assert (unpacked / "searchindex.js").exists()
    assert not list(unpacked.rglob("*.map"))
    assert not (unpacked / ".buildinfo").exists()
    missing = set()
    for page in unpacked.rglob("*.html"):
        soup = BeautifulSoup(page.read_text("utf-8"), "html.parser")
        for tag in soup.select("[href], [src]"):
            address = str(tag.get("href") or tag.get("src"))
            name = unquote(urldefrag(address)[0].partition("?")[0])
            inside = name and not urlparse(address).scheme
            if inside and not (page.parent / name).exists():
                missing.add(f"{page.name}: {address}")
    for style in unpacked.rglob("*.css"):
        for name in re.findall(
            r"url\([\"']?(?!data:)([\w./-]+)", style.read_text("utf-8")
        ):
            if not (style.parent / name).exists():
                missing.add(f"{style.name}: {name}")
    assert not missing


def test_without_a_book_there_is_one_sentence(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="run `make book` first"):
        archive.pack(tmp_path, tmp_path / "notes.zip")


@needs_chromium
def test_search_and_formulas_work_without_a_server(unpacked: Path) -> None:
    with browsing.opened(f"{unpacked.as_uri()}/search.html?q=logits") as page:
        for name in ("one.html", "folder/two.html"):
            page.wait_for_selector(f"ul.search a[href$='{name}']")
    with browsing.opened(f"{unpacked.as_uri()}/folder/two.html") as page:
        page.wait_for_selector("mjx-container")


SLOW = """<!DOCTYPE html><title>Slow</title><body><script>
const set = () => document.body.append("set");
const later = new Promise((done) => setTimeout(done, 1500)).then(set);
window.MathJax = { startup: { promise: later } };
</script></body>"""


@needs_chromium
def test_a_page_is_open_when_its_formulas_are_set(tmp_path: Path) -> None:
    (tmp_path / "slow.html").write_text(SLOW, "utf-8")
    with browsing.opened((tmp_path / "slow.html").as_uri()) as page:
        assert "set" in page.inner_text("body")


# --- the PDF ------------------------------------------------------------------------


def test_one_page_holds_all_pages_and_its_links_lead_to_the_right_one(
    book: Path, tmp_path: Path
) -> None:
    page = tmp_path / "book.html"
    pdf.one_page(book, book / "_build" / "html", page)
    soup = BeautifulSoup(page.read_text("utf-8"), "html.parser")
    ids = [str(tag["id"]) for tag in soup.find_all(id=True)]
    assert len(ids) == len(set(ids))
    assert [str(tag["id"]) for tag in soup.select("article")] == [
        pdf.anchor(name) for name in NAMES
    ]
    links = [str(tag["href"]) for tag in soup.select(".bd-article-container a[href]")]
    assert "#folder-two--quiz" in links  # from one
    assert "#one--quiz" in links  # from two
    for address in links:
        assert address.startswith("https://") or address.removeprefix("#") in ids
    assert all(tag.has_attr("open") for tag in soup.find_all("details"))
    for tag in soup.select("link[rel=stylesheet], [src]"):
        name = str(tag.get("href") or tag.get("src")).partition("?")[0]
        assert (tmp_path / name).exists(), name


LINKS = """<html><head>{canonical}</head><body><article class="bd-article" id="top">
<a href="../_static/slides.html">slides</a> <a href="two.html#quiz">page</a>
<a href="https://example.org/">web</a></article></body></html>"""


@pytest.mark.parametrize(
    ("canonical", "slides"),
    [
        ("", None),
        (
            '<link rel="canonical" href="https://a.org/folder/one.html">',
            "https://a.org/_static/slides.html",
        ),
    ],
)
def test_a_file_beside_the_pages_is_found_on_the_web_or_is_no_link(
    canonical: str, slides: str | None
) -> None:
    soup = BeautifulSoup(LINKS.format(canonical=canonical), "html.parser")
    text = pdf.article(soup, "folder/one", {"folder/one", "folder/two"}, "../html")
    found = [link.get("href") for link in text("a")]
    assert found == [slides, "#folder-two--quiz", "https://example.org/"]


@needs_chromium
def test_the_pdf_has_pages_links_and_formulas(book: Path, tmp_path: Path) -> None:
    page, target = tmp_path / "book.html", tmp_path / "book.pdf"
    pdf.one_page(book, book / "_build" / "html", page)
    pdf.print_book(page, target)
    content = target.read_bytes()
    assert content.startswith(b"%PDF")
    # A title page, the contents, and a page for each of the three.
    assert len(re.findall(rb"/Type /Page\b", content)) == 2 + len(NAMES)
    soup = BeautifulSoup(page.read_text("utf-8"), "html.parser")
    numbers = [tag.get_text() for tag in soup.select(".print-contents li span")]
    assert numbers == ["4", "5"]  # the first page's title is the book's
    assert b"/URI (https://example.org/a)" in content
    assert b"MJX" in content or b"MathJax" in content  # the fonts of the formulas


def test_without_chromium_there_is_one_sentence(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.delenv("CHROMIUM", raising=False)
    with pytest.raises(SystemExit) as stopped:
        pdf.main()
    assert "apt install chromium" in str(stopped.value)
    assert "\n" not in str(stopped.value)  # and status 1, as Python has it


# --- addresses ------------------------------------------------------------------------


ANSWERS = 3  # seconds that the check waits for an address on this very machine
DONE = Event()


class Site(BaseHTTPRequestHandler):
    """A web site with a page, a page that has moved, and one that never answers."""

    def do_HEAD(self) -> None:
        """Answer as the path says."""
        if self.path == "/slow":
            DONE.wait(HANGS)  # longer than the check waits
        codes = {"/here": 200, "/moved": 301}
        self.send_response(codes.get(self.path, 404))
        if self.path == "/moved":
            self.send_header("Location", "/here")
        self.end_headers()

    do_GET = do_HEAD  # noqa: N815

    def log_message(self, *args: object) -> None:
        """Say nothing."""


@pytest.fixture
def site() -> Iterator[str]:
    """Return the address of a site on this machine."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), Site)
    Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}"
    DONE.set()
    server.shutdown()


def test_links_are_asked_for_and_reported(site: str, tmp_path: Path) -> None:
    root = tmp_path / "book"
    root.mkdir()
    paths = ["here", "moved", "lost", "slow"]
    text = "\n".join(f"[{path}]({site}/{path})" for path in paths)
    (root / "index.md").write_text(f"# Index\n\n{text}\n", "utf-8")
    (root / "_toc.yml").write_text("format: jb-book\nroot: index\n", "utf-8")
    settings = {"linkcheck_timeout": ANSWERS, "linkcheck_retries": 1}
    config = {"title": "Book", "sphinx": {"config": settings}}
    (root / "_config.yml").write_text(yaml.safe_dump(config), "utf-8")

    links = check_links.check(root, tmp_path)
    said = {urlparse(link.address).path[1:]: link for link in links}
    assert said["here"].status == "working"
    assert said["moved"].status == "redirected"
    assert said["slow"].status in check_links.GONE
    assert said["lost"].status == "broken"
    table = check_links.report(links)
    assert table.startswith("4 addresses, 2 of them")
    assert "working" not in table
    for path in paths[1:]:
        assert f"| {site}/{path} |" in table
