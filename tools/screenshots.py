"""Take pictures of every kind of page: three widths, light and dark.

They are written to ``_build/screenshots/`` and are for looking at, nothing else.
Chapters are photographed at their top, and at their code, figure, solution and quiz.
"""

import sys
from pathlib import Path

import browser
from browsing import (
    BOOK,
    CHAPTER,
    KINDS,
    NO_PLAYWRIGHT,
    ROOT,
    launch,
    serve,
)
from helpers.errors import UserError
from patience import HANGS_MS

FOLDER = ROOT / "_build" / "screenshots"
WIDTHS = (360, 768, 1440)  # CSS pixels
HEIGHT = 1000
PARTS = {
    "code": ".tag_slip",
    "figure": ".cell_output img",
    "solution": ".tag_solution",
    "quiz": "#quiz",
}


def main() -> None:
    """Photograph the book that ``make book`` has built."""
    try:
        from playwright.sync_api import sync_playwright
    except ImportError:
        sys.exit(NO_PLAYWRIGHT)
    try:
        browser.find()
    except UserError as error:
        sys.exit(str(error))
    if not BOOK.exists():
        sys.exit("There is no book to photograph yet: run make book")
    FOLDER.mkdir(parents=True, exist_ok=True)
    with serve(BOOK) as address, sync_playwright() as playwright:
        opened = launch(playwright)
        for theme in ("light", "dark"):
            for width in WIDTHS:
                page = opened.new_page(
                    color_scheme=theme,
                    reduced_motion="reduce",
                    viewport={"width": width, "height": HEIGHT},
                )
                page.set_default_timeout(HANGS_MS)
                for name in KINDS:
                    query = "?q=logits" if name == "search.html" else ""
                    page.goto(address + name + query, wait_until="networkidle")
                    stem = f"{Path(name).stem}-{width}-{theme}"
                    page.screenshot(path=FOLDER / f"{stem}.png")
                    if name != CHAPTER:
                        continue
                    page.evaluate(
                        "document.querySelectorAll('details').forEach("
                        "details => { details.open = true })"
                    )
                    for part, selector in PARTS.items():
                        page.locator(selector).first.evaluate(
                            "part => { part.scrollIntoView(); scrollBy(0, -60) }"
                        )
                        page.screenshot(path=FOLDER / f"{stem}-{part}.png")
                page.close()
        opened.close()
    print(f"{len(list(FOLDER.glob('*.png')))} pictures are in {FOLDER}")


if __name__ == "__main__":
    main()
