"""What readers see first, find, and get on a phone and on paper."""

import csv
import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from bs4 import BeautifulSoup
from PIL import Image

from browsing import CHAPTER
from built_book import ROOT
from built_book import page as page_of
from opened_book import PHONE, NewPage, all_pages
from record import notebooks
from seventeen import claims, first_screen, pictures, search

if TYPE_CHECKING:
    from playwright import sync_api

HERE = Path(__file__).parent
QUERIES = list(csv.DictReader((HERE / "search_queries.csv").read_text().splitlines()))
SCREENS = [(1280, 800), (390, 844)]
RATE = 0.95  # of the queries whose first hit is the right page
NOTEBOOKS = [path.relative_to(ROOT).with_suffix("").as_posix() for path in notebooks()]
CHAPTERS = [name for name in NOTEBOOKS if name.startswith("notebooks/")]
Pages = dict[Path, BeautifulSoup]


# --- first screens -----------------------------------------------------------------


@pytest.mark.parametrize("screen", SCREENS)
def test_the_first_screen_says_what_for_whom_and_where_to_go(
    page: "sync_api.Page", screen: tuple[int, int]
) -> None:
    width, height = screen
    page.set_viewport_size({"width": width, "height": height})
    page.goto("book/welcome.html")
    assert "PyTorch" in page.title()
    description = page.locator('meta[name="description"]').get_attribute("content")
    sentence = page.locator("article section > p:not(:has(.subtitle))").first
    assert "PyTorch" in (description or "")
    assert "PyTorch" in sentence.inner_text().partition(".")[0]
    ways = page.locator(".ways a")
    assert [way.inner_text() for way in ways.all()] == [
        "My run is broken",
        "Start reading",
        "Check my code",
        "Teach it",
    ]
    for part in (sentence, *ways.all(), *page.locator(".exhibit .verdict-label").all()):
        box = part.bounding_box()
        assert box is not None
        assert box["y"] >= 0
        assert box["y"] + box["height"] <= height
    figure = page.locator(".exhibit img").bounding_box()
    assert figure is not None
    assert figure["y"] + figure["height"] <= height


@pytest.mark.parametrize("name", NOTEBOOKS)
def test_the_key_figure_comes_before_the_first_heading(pages: Pages, name: str) -> None:
    soup = page_of(pages, f"{name}.html")
    figure = soup.select_one("figure.key-figure")
    assert figure is not None
    assert figure.find_parent("section") is soup.select_one("article h1").parent
    screen = figure.find_parent(class_="first-screen")
    assert not screen.find_previous_siblings("section")
    assert len(figure.select_one("figcaption").get_text(strip=True).split()) >= 5
    shown = figure.img["src"]
    assert len(soup.select(f'img[src="{shown}"]')) == 2  # here and at its cell
    if name in CHAPTERS:
        before = screen.find_previous_sibling()
        assert "verdict" in before["class"]


def test_a_key_figure_that_does_not_exist_is_noticed(tmp_path: Path) -> None:
    notebook = {"cells": [{"id": "a", "cell_type": "code"}], "metadata": {}}
    transform = first_screen.ShowKeyFigure.__new__(first_screen.ShowKeyFigure)
    transform.document = first_screen.nodes.container("")
    assert transform.image(notebook, "a") is None


# --- claims ------------------------------------------------------------------------


@pytest.mark.parametrize("name", NOTEBOOKS)
def test_every_claim_is_a_line_of_its_own_with_its_value(
    pages: Pages, name: str
) -> None:
    notebook = json.loads((ROOT / f"{name}.ipynb").read_text("utf-8"))
    printed = [
        line
        for cell in notebook["cells"]
        if "remove-cell" not in cell["metadata"].get("tags", [])
        for output in cell.get("outputs", ())
        for line in "".join(output.get("text", "")).splitlines()
        if line.startswith(claims.MARKS)
    ]
    soup = page_of(pages, f"{name}.html")
    items = soup.select("ul.claims > li")
    expected = [
        "Decides:" * line.startswith(claims.STAR) + "".join(claims.split(line[2:]))
        for line in printed
    ]
    assert ["".join(item.get_text().split()) for item in items] == [
        "".join(text.split()) for text in expected
    ]
    starred = [item for item in items if "decides" in item.get("class", ())]
    assert len(starred) == sum(line.startswith(claims.STAR) for line in printed)
    texts = [pre.get_text() for pre in soup.select(".cell_output pre")]
    assert not [text for text in texts if "✓" in text or "★" in text]


# --- the search --------------------------------------------------------------------


@pytest.fixture(scope="module")
def answers(open_page: NewPage) -> Callable[[str], list[str]]:
    """Return a function that asks the search page."""
    page = open_page()
    page.goto("search.html?q=nan")
    page.locator("#search-results li").first.wait_for()

    def ask(query: str) -> list[str]:
        ask = "query => searchNotes(query).map(page => page.entry.page)"
        return page.evaluate(ask, query)

    return ask


def test_the_first_hit_is_right(answers: Callable[[str], list[str]]) -> None:
    assert len(QUERIES) >= 40
    assert {row["page"] for row in QUERIES} >= set(CHAPTERS)
    wrong = [
        f"{row['query']}: {found[:2]}, not {row['page']}"
        for row in QUERIES
        if (found := answers(row["query"]))[:1] != [row["page"]]
    ]
    assert len(wrong) <= (1 - RATE) * len(QUERIES), "\n".join(wrong)


def test_what_is_nowhere_is_said_to_be_nowhere(page: "sync_api.Page") -> None:
    page.goto("search.html?q=xylophonequartet")
    status = page.locator('#search-results [role="status"]')
    status.wait_for()
    assert "No page has these words" in status.inner_text()


def test_the_search_works_from_a_disk(browser: "sync_api.Browser", site: Path) -> None:
    page = browser.new_page()
    page.goto(f"{(site / 'search.html').as_uri()}?q=softmax+twice")
    first = page.locator("#search-results li > a").first
    first.wait_for()
    first.click()
    page.wait_for_url("**/05_cross_entropy_takes_logits.html")
    page.close()


def test_every_page_has_words_to_be_found_by() -> None:
    known = search.read_keywords(ROOT)
    assert set(known) == {name.removesuffix(".html") for name in all_pages()[:-2]}
    for name in CHAPTERS:
        assert any("\u4e00" <= letter <= "\u9fff" for letter in known[name]["words"])


# --- every page ----------------------------------------------------------------------


def test_the_symptoms_are_one_click_away(pages: Pages) -> None:
    for path, soup in pages.items():
        if soup.select_one(".article-header-buttons") and path.stem != "which-note":
            link = soup.select_one(".article-header-buttons > a.symptoms-link")
            assert link is not None, path.name
            assert (path.parent / str(link["href"])).name == "which-note.html"


def test_panels_go_below_each_other_on_a_phone(page: "sync_api.Page") -> None:
    page.goto(CHAPTER)
    whole, panels = page.locator("img.panels").first, page.locator(".panel")
    assert whole.is_visible()
    assert not panels.first.is_visible()
    page.set_viewport_size({"width": PHONE, "height": 900})
    assert not whole.is_visible()
    first, second = (panels.nth(number).bounding_box() for number in range(2))
    assert first["width"] == second["width"] > 0.8 * PHONE
    assert second["y"] > first["y"] + first["height"] / 2
    assert panels.first.get_attribute("aria-label")
    assert panels.nth(1).get_attribute("aria-label") is None


def test_the_book_brings_its_fonts(page: "sync_api.Page") -> None:
    page.goto(CHAPTER)
    names = "['Notes Sans', 'Notes Serif', 'Notes Mono']"
    loaded = "[...document.fonts].filter(it => it.status === 'loaded')"
    page.wait_for_function(
        f"{names}.every(name => {loaded}.some(it => it.family.includes(name)))"
    )


def test_the_side_bar_shows_where_one_is(page: "sync_api.Page") -> None:
    entry = page.locator(".bd-docs-nav .current.active").first
    page.goto("notebooks/17_compile_warmup.html")
    expect = pytest.importorskip("playwright.sync_api").expect
    expect(entry).to_be_in_viewport()
    page.set_viewport_size({"width": PHONE, "height": 700})
    page.reload()
    page.click(".primary-toggle")
    expect(page.locator("dialog[open] .current.active")).to_be_in_viewport()


def test_printing_waits_for_the_formulas(new_page: NewPage) -> None:
    page = new_page()
    page.add_init_script(
        """window.print = () => {
          const formulas = [...document.querySelectorAll('.math')];
          window.printed = formulas.map(it => !!it.querySelector('mjx-container'));
        }"""
    )
    page.goto(CHAPTER)
    page.keyboard.press("Control+p")
    page.wait_for_function("window.printed")
    assert page.evaluate("printed.length") > 0
    assert page.evaluate("printed.every(Boolean)")


def test_a_light_copy_follows_its_picture(tmp_path: Path) -> None:
    png, webp = tmp_path / "a.png", tmp_path / "a.webp"
    for colour in ("red", "blue"):
        Image.new("RGB", (8, 8), colour).save(png)
        if webp.exists():  # a copy that is older than the picture, on any clock
            os.utime(webp, ns=(0, 0))
        pictures.copy(png, webp)
        with Image.open(webp) as copy, Image.open(png) as drawn:
            assert copy.getpixel((0, 0)) == drawn.getpixel((0, 0))
