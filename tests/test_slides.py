"""The slides in a real browser: they fit, work from a folder, and ask nobody.

Every slide of every deck is opened as a file in Chromium at 1280 by 720 pixels.
Without Playwright or a browser these tests are skipped.
"""

import re
import shutil
from dataclasses import dataclass, field

import pytest
from nbformat import v4

import deck
from browsing import NO_PLAYWRIGHT, launch
from built_book import NO_CHROMIUM, chromium
from notebook_files import CHAPTERS, IDS
from patience import HANGS_MS

sync_api = pytest.importorskip(
    "playwright.sync_api", reason=f"the slides are not opened: {NO_PLAYWRIGHT}"
)
if chromium() is None:
    pytest.skip(f"the slides are not opened: {NO_CHROMIUM}", allow_module_level=True)

SIZE = {"width": 1280, "height": 720}
SMALLEST_CODE, SMALLEST_TEXT, LOWEST_FIGURE = 16, 21, 340  # pixels, of 720
EVERY_FRAGMENT = 99
READY = "window.Reveal && Reveal.isReady()"
LOOK = """() => {
  const slide = Reveal.getCurrentSlide();
  const seen = (name) =>
    [...slide.querySelectorAll(name)].filter(
      (tag) => !tag.closest("aside") && tag.checkVisibility());
  const size = (tag) => parseFloat(getComputedStyle(tag).fontSize);
  const box = (tag) => tag.getBoundingClientRect();
  const foot = document.querySelector(".deck-name").getBoundingClientRect().top;
  const isOutside = (tag) =>
    box(tag).bottom > foot || box(tag).right > innerWidth || box(tag).left < 0 ||
    (tag.tagName === "PRE" && tag.scrollWidth > tag.clientWidth + 1);
  const outside = () =>
    seen("h1, h2, p, li, pre, img, summary, td, mjx-container > svg")
      .filter(isOutside).map((tag) => tag.outerHTML.slice(0, 99));
  const withAnswer = seen("details").flatMap((answer) => {
    answer.open = true;
    const found = outside();
    answer.open = false;
    return found;
  });
  const formulas = seen(".math");
  return {
    title: slide.querySelector("h1, h2").textContent,
    outside: outside().concat(withAnswer),
    code: seen(".part pre").map(size),
    text: seen(".part > p, .part > ul > li").map(size),
    figures: seen("img").map((tag) => (tag.naturalWidth ? box(tag).height : 0)),
    formulas: formulas.length,
    set: formulas.filter((tag) => tag.querySelector("mjx-container > svg")).length,
    waiting: seen(".fragment:not(.visible)").length,
  };
}"""


@dataclass
class Visit:
    """What was seen of one deck."""

    slides: list = field(default_factory=list)
    asked: list = field(default_factory=list)
    errors: list = field(default_factory=list)


@pytest.fixture(scope="module")
def folder(class_folder, tmp_path_factory):
    """The folder of the decks, to which a test adds one."""
    slides = tmp_path_factory.mktemp("slides")
    return shutil.copytree(class_folder / "slides", slides, dirs_exist_ok=True)


@pytest.fixture(scope="module")
def context():
    """A window of the size of a slide."""
    with sync_api.sync_playwright() as playwright:
        started = launch(playwright)
        window = started.new_context(viewport=SIZE)
        window.set_default_timeout(HANGS_MS)
        yield window
        started.close()


def opened(context, path):
    """Open a deck; return its page, and lists of what it asks for and what fails."""
    page = context.new_page()
    visit = Visit()
    page.on("request", lambda request: visit.asked.append(request.url))
    page.on("pageerror", lambda error: visit.errors.append(str(error)))
    page.on("requestfailed", lambda request: visit.errors.append(request.url[:99]))
    page.goto(path.as_uri())
    page.wait_for_function(READY)
    return page, visit


@pytest.fixture(scope="module", params=IDS[: len(CHAPTERS)])
def visit(request, folder, context):
    """All slides of a deck, seen with everything that a key brings."""
    page, visit = opened(context, folder / f"{request.param}.html")
    for number in range(page.evaluate("Reveal.getTotalSlides()")):
        page.evaluate(f"Reveal.slide({number}, 0, {EVERY_FRAGMENT})")
        visit.slides.append(page.evaluate(LOOK))
    page.close()
    return visit


def test_every_slide_fits(visit):
    assert 8 <= len(visit.slides) <= 15
    for slide in visit.slides:
        assert not slide["outside"], slide["title"]
        assert not slide["waiting"], slide["title"]


def test_type_and_figures_are_large_enough(visit):
    for slide in visit.slides:
        assert min(slide["code"], default=99) >= SMALLEST_CODE, slide["title"]
        assert min(slide["text"], default=99) >= SMALLEST_TEXT, slide["title"]
        assert min(slide["figures"], default=999) >= LOWEST_FIGURE, slide["title"]
    assert any(slide["figures"] for slide in visit.slides)


def test_formulas_are_set_and_nothing_is_asked_of_the_web(visit):
    for slide in visit.slides:
        assert slide["set"] == slide["formulas"], slide["title"]
    assert not [url for url in visit.asked if not re.match("file:|data:", url)]
    assert not visit.errors


def test_somewhere_are_formulas_and_notes(folder, context):
    page, _ = opened(context, folder / "05_cross_entropy_takes_logits.html")
    assert page.locator("section mjx-container > svg").count() >= 3
    assert page.locator("aside.notes").count() >= 3
    page.close()


def test_keys_go_on_and_back(folder, context):
    page, _ = opened(context, folder / "05_cross_entropy_takes_logits.html")
    place = "[Reveal.getIndices().h, Reveal.getIndices().f ?? -1]"
    seen = [page.evaluate(place)]
    for key in (*["ArrowRight"] * 4, "ArrowLeft", "ArrowLeft"):
        page.keyboard.press(key)
        seen.append(page.evaluate(place))
    assert seen == [[0, -1], [1, -1], [2, -1], [2, 0], [3, -1], [2, 0], [2, -1]]
    page.close()


def test_the_speaker_sees_notes_with_formulas(folder, context):
    page, _ = opened(context, folder / "05_cross_entropy_takes_logits.html")
    why = page.evaluate(
        "[...document.querySelectorAll('.slides > section')]"
        ".findIndex((slide) => slide.querySelector('h2')?.textContent === 'Why')"
    )
    page.evaluate(f"Reveal.slide({why})")
    with page.expect_popup() as popup:
        page.keyboard.press("s")
    speaker = popup.value
    notes = speaker.locator(".speaker-controls-notes .value")
    sync_api.expect(notes).to_contain_text("The gradient.")
    assert notes.locator("mjx-container > svg").count() >= 5
    assert notes.locator("mjx-assistive-mml").count() == 0  # it would be seen twice
    frame = speaker.frame_locator("#current-slide iframe")
    sync_api.expect(frame.locator("section.present h2")).to_have_text("Why")
    speaker.close()
    page.close()


def test_a_vote_is_taken_by_letters(folder, context):
    page, _ = opened(context, folder / "05_cross_entropy_takes_logits.html")
    last = page.evaluate("Reveal.getTotalSlides()") - 1
    page.evaluate(f"Reveal.slide({last})")
    answers = page.locator("section.present summary")
    assert answers.count() >= 3
    for letter, answer in zip("ABCD", answers.all(), strict=False):
        assert answer.inner_text().split()[0] == letter
        badge = answer.locator(".answer-letter")
        assert badge.is_visible()
        place, around = badge.bounding_box(), answer.bounding_box()
        assert place["x"] >= around["x"]
        assert place["y"] + place["height"] <= around["y"] + around["height"]
    colours = set()
    for kind in ("right", "wrong"):
        answer = page.locator(f"section.present details:has(> .answer-{kind})").first
        answer.locator("summary").click()
        colours.add(answer.evaluate("a => getComputedStyle(a).backgroundColor"))
    assert len(colours) == 2
    page.close()


@pytest.mark.parametrize("count", [10, 100])
def test_too_much_does_not_pass_for_a_slide(count, folder, context):
    cell = v4.new_markdown_cell("## Much\n\n" + "a word " * 15 * count)
    cell.metadata["slideshow"] = {"slide_type": "slide"}
    chapter = {"number": 1, "title": "Much"}
    notebook = v4.new_notebook(cells=[cell], metadata={"chapter": chapter})
    path = folder / "much.html"
    path.write_text(deck.page(notebook), "utf-8")
    page, _ = opened(context, path)
    assert bool(page.evaluate(LOOK)["outside"]) == (count == 100)
    page.close()
