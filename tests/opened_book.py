"""The built book in a browser, for the tests that look at it.

It is served from this machine and opened in Chromium by Playwright. Without them the
tests are skipped.
"""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
import yaml

from browsing import NO_PLAYWRIGHT, launch, serve
from built_book import NO_CHROMIUM, ROOT, chromium
from patience import HANGS_MS

if TYPE_CHECKING:
    from playwright import sync_api

PHONE, TABLET, LAPTOP, DESKTOP = 360, 768, 1280, 1440  # CSS pixels
HEIGHT = 900


def all_pages() -> list[str]:
    """Return the address of every page of the book."""
    toc = yaml.safe_load((ROOT / "_toc.yml").read_text(encoding="utf-8"))
    names = [toc["root"]]
    names += [entry["file"] for part in toc["parts"] for entry in part["chapters"]]
    return [f"{name}.html" for name in [*names, "search", "genindex"]]


@pytest.fixture(scope="module")
def address(site: Path) -> Iterator[str]:
    """Serve the book; return where."""
    with serve(site) as address:
        yield address


@pytest.fixture(scope="module")
def browser() -> Iterator["sync_api.Browser"]:
    """Return the one browser of all tests."""
    sync_api = pytest.importorskip("playwright.sync_api", reason=NO_PLAYWRIGHT)
    if chromium() is None:
        pytest.skip(NO_CHROMIUM)
    with sync_api.sync_playwright() as playwright:
        browser = launch(playwright)
        yield browser
        browser.close()


NewPage = Callable[..., "sync_api.Page"]


@pytest.fixture(scope="module")
def open_page(browser: "sync_api.Browser", address: str) -> NewPage:
    """Return a function that opens a page; the options are those of a context."""

    def open_page(height: int = HEIGHT, **options):
        context = browser.new_context(
            base_url=address,
            reduced_motion="reduce",
            viewport={"width": DESKTOP, "height": height},
            **options,
        )
        context.set_default_timeout(HANGS_MS)
        return context.new_page()

    return open_page


@pytest.fixture
def new_page(open_page: NewPage) -> Iterator[NewPage]:
    """Return a function that opens a page for one test."""
    pages = []

    def new_page(**options):
        pages.append(open_page(**options))
        return pages[-1]

    yield new_page
    for page in pages:
        page.context.close()


@pytest.fixture(scope="module")
def common_page(open_page: NewPage) -> "sync_api.Page":
    """Return the page of most tests: the next one in it is there in half the time."""
    return open_page()


@pytest.fixture
def page(common_page: "sync_api.Page") -> "sync_api.Page":
    """Return a page on a desktop, with nothing remembered."""
    common_page.context.clear_permissions()
    common_page.unroute_all()
    common_page.goto("_static/seal.svg")  # what a site remembers, all its files see
    common_page.evaluate("localStorage.clear(); sessionStorage.clear()")
    common_page.set_viewport_size({"width": DESKTOP, "height": HEIGHT})
    common_page.mouse.move(0, 0)
    return common_page
