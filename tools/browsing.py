"""What opens the book in a browser: a server, a page, and one page of each kind."""

from __future__ import annotations

import contextlib
import http.server
import threading
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import browser
from helpers.errors import UserError
from patience import HANGS_MS

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page, Playwright

ROOT = Path(__file__).parent.parent
BOOK = ROOT / "_build" / "html"
NO_PLAYWRIGHT = "Playwright and axe are needed: pip install -r requirements.txt"
FLAGS = (
    "--no-sandbox",  # in a container Chromium runs as root
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)

TYPESET = """async () => {
    await window.MathJax?.startup?.promise;
    await document.fonts.ready;
}"""

COMPRESSED = {".html", ".css", ".js", ".svg", ".json"}  # by GitHub Pages

# One page of each kind.
CHAPTER = "notebooks/05_cross_entropy_takes_logits.html"
KINDS = (
    "book/welcome.html",
    "book/how-to-read.html",
    CHAPTER,
    "notebooks/12_gradcam_last_conv.html",
    "book/early_stopping.html",
    "book/the_whole_program.html",
    "book/several-gpus.html",
    "book/review-checklist.html",
    "book/check-your-code.html",
    "book/which-note.html",
    "book/shapes.html",
    "book/magic-numbers.html",
    "book/glossary.html",
    "book/program.html",
    "book/teaching.html",
    "book/grading.html",
    "book/hub.html",
    "book/data.html",
    "book/status.html",
    "book/references.html",
    "search.html",
)


class Handler(http.server.SimpleHTTPRequestHandler):
    """Serve files without a word, and let the browser keep none."""

    protocol_version = "HTTP/1.1"

    def log_message(self, format: str, *args: object) -> None:
        """Say nothing."""

    def end_headers(self) -> None:
        """Forbid keeping."""
        self.send_header("Cache-Control", "no-store")
        super().end_headers()


@contextlib.contextmanager
def serve(
    folder: Path, handler: type[http.server.SimpleHTTPRequestHandler] = Handler
) -> Iterator[str]:
    """Serve a folder on this machine; give its address, which ends in a slash."""
    files = partial(handler, directory=str(folder))
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), files) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}/"
        server.shutdown()


def launch(playwright: Playwright) -> Browser:
    """Start Chromium without a window.

    Raises:
        UserError: if there is none.
    """
    return playwright.chromium.launch(
        executable_path=browser.find(), args=list(FLAGS), timeout=HANGS_MS
    )


@contextlib.contextmanager
def opened(address: str) -> Iterator[Page]:
    """Open an address in Chromium, and wait until its formulas and fonts are there.

    The command line's ``--virtual-time-budget`` does not wait for them: on a slow
    machine formulas were missing from the print.

    Raises:
        UserError: if there is no Playwright or no Chromium, or it fails.
    """
    try:
        from playwright.sync_api import Error, sync_playwright
    except ImportError as error:
        raise UserError(NO_PLAYWRIGHT) from error
    try:
        with sync_playwright() as tool:
            chromium = launch(tool)
            page = chromium.new_page()
            page.set_default_timeout(HANGS_MS)
            page.goto(address)
            page.evaluate(TYPESET)
            yield page
            chromium.close()
    except Error as error:
        raise UserError(f"Chromium failed: {str(error)[:500]}") from error
