"""Quizzes and the page for teachers in a browser: votes, colours, folded parts."""

from typing import TYPE_CHECKING

import pytest

from browsing import CHAPTER
from opened_book import DESKTOP, HEIGHT, PHONE

if TYPE_CHECKING:
    from playwright import sync_api

TEACHING = "book/teaching.html"


@pytest.mark.parametrize("width", [DESKTOP, PHONE])
def test_a_quiz_is_set_so_that_a_class_can_vote(
    page: "sync_api.Page", width: int
) -> None:
    """Lines begin below each other, and a question keeps its distance."""
    page.set_viewport_size({"width": width, "height": HEIGHT})
    page.goto(CHAPTER)
    places = page.locator("#quiz summary").evaluate_all(
        """answers => answers.map(answer => {
          const range = document.createRange();
          range.setStartAfter(answer.querySelector('.answer-letter'));
          range.setEndAfter(answer.lastChild);
          const lines = [...range.getClientRects()].filter(it => it.width > 1);
          const letter = answer.querySelector('.answer-letter').getBoundingClientRect();
          return [letter.right, Math.min(...lines.map(it => it.left))];
        })"""
    )
    assert len(places) >= 9
    assert all(letter < text for letter, text in places)
    assert len({round(text) for _, text in places}) == 1
    gaps = page.locator("#quiz .quiz-question").evaluate_all(
        """questions => questions.slice(1).map(question =>
          question.getBoundingClientRect().top
            - question.previousElementSibling.getBoundingClientRect().bottom)"""
    )
    assert len(gaps) == 2
    assert min(gaps) >= 24


def test_a_wrong_answer_has_a_colour_of_its_own(page: "sync_api.Page") -> None:
    """Not that of *within limits*, and a cross where the right one has a tick."""
    page.goto(CHAPTER)
    limits = page.evaluate(
        "getComputedStyle(document.documentElement).getPropertyValue('--notes-limits')"
    )
    signs = []
    for kind in ("wrong", "right"):
        answer = page.locator(f"#quiz details:has(> .answer-{kind})").first
        answer.locator("summary").click()
        colour = answer.evaluate(
            "a => getComputedStyle(a).getPropertyValue('--answer')"
        )
        assert colour != limits
        signs.append(
            answer.locator("summary").evaluate(
                "s => getComputedStyle(s, '::after').maskImage"
            )
        )
    assert all(sign.startswith('url("data:') for sign in signs)
    assert len(set(signs)) == 2


@pytest.mark.parametrize("way", ["address", "link", "script"])
@pytest.mark.parametrize("name", ["teach-5", "teach-normalisation"])
def test_a_link_opens_what_is_folded(
    page: "sync_api.Page", way: str, name: str
) -> None:
    """``script``: as in a browser that does not open it by itself."""
    from playwright.sync_api import expect

    content = page.locator(f"#{name}")
    if way == "address":
        page.goto(f"{TEACHING}#{name}")
    else:
        page.goto(TEACHING)
        assert not content.is_visible()
        if way == "link":
            page.evaluate(
                """name => document.querySelector('article').insertAdjacentHTML(
                  'afterbegin', `<a href="#${name}" id="try">try</a>`)""",
                name,
            )
            page.click("#try")
        else:
            page.evaluate(
                """name => {
                  history.replaceState(null, '', `#${name}`);
                  dispatchEvent(new HashChangeEvent('hashchange'));
                }""",
                name,
            )
    expect(content).to_be_visible()
    summary = page.locator(f"details:has(> #{name}) > summary")
    expect(summary).to_be_in_viewport()
    assert page.locator("details.fold[open]").count() == 1
