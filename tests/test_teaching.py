"""The page for teachers: counted minutes, plans that work, objectives, material."""

import doctest
import json
import re
import zipfile
from pathlib import Path
from types import SimpleNamespace

import pytest
import yaml
from bs4 import BeautifulSoup, Tag

from built_book import ROOT, page
from helpers.errors import UserError
from seventeen import (
    answers,
    material,
    minutes,
    notebook_pages,
    objectives,
    plans,
    teaching,
)

NOTEBOOKS = {plans.lesson(n): n for n in notebook_pages.read_all(ROOT)}
CHAPTERS = {n.number: n for n in NOTEBOOKS.values() if n.number}
COUNTED = {name: minutes.count(notebook) for name, notebook in NOTEBOOKS.items()}
PLANS = plans.read(ROOT, COUNTED)
OBJECTIVES = objectives.read(ROOT)
LESSON = re.compile(r"(?:Note (?P<number>\d+): )?(?P<title>.+), (?P<kind>core|whole)$")
Pages = dict[Path, BeautifulSoup]


def words(text: str) -> str:
    """Return the letters and digits of a text, whatever its mark-up."""
    return re.sub(r"[\W_]+", "", re.sub(r"\$[^$]*\$|\\\(.*?\\\)", "", text))


@pytest.mark.parametrize(
    "module", [answers, material, objectives, plans, teaching], ids=lambda m: m.__name__
)
def test_the_examples_in_the_docs_are_right(module) -> None:
    found = doctest.testmod(module)
    assert found.attempted > 0
    assert found.failed == 0


def write(path: Path, *cells: tuple[str, str, list[str]], seconds: int = 0) -> None:
    """Write a notebook of cells: kind, source, tags."""
    made = [
        {"cell_type": kind, "source": text, "metadata": {"tags": tags}, "outputs": []}
        for kind, text, tags in cells
    ]
    metadata = {"recorded": {"seconds": seconds}, "chapter": {"number": 5}}
    path.write_text(json.dumps({"metadata": metadata, "cells": made}), "utf-8")


def counted(tmp_path: Path, *cells: tuple[str, str, list[str]], seconds: int = 0):
    """Return the minutes of a notebook of such cells."""
    write(tmp_path / "a.ipynb", *cells, seconds=seconds)
    return minutes.count(notebook_pages.Notebook("a", tmp_path / "a.ipynb"))


# --- minutes ---------------------------------------------------------------------


@pytest.mark.parametrize("number", CHAPTERS)
def test_a_chapter_says_how_long_it_takes(number: int) -> None:
    """The page says so at its top and the metadata do: both are counted."""
    said = CHAPTERS[number].content["metadata"]["chapter"]["minutes"]
    assert said == COUNTED[number].read, "write the counted minutes into both places"


def test_words_and_lines_are_counted_by_section(tmp_path: Path) -> None:
    prose = "## The slip\n" + "word " * 10 * minutes.SILENT  # ten minutes to read
    before = "## Why\n" + "[word](https://example.org/not/read) " * minutes.ALOUD
    code = "x = 1\n\n" * minutes.CODE_LINES  # a minute; an empty line is none
    empty = counted(tmp_path)
    assert (empty.read, empty.core) == (0, minutes.OPENING + minutes.QUIZ)
    slip = counted(tmp_path, ("markdown", prose, []))
    assert slip.read == 15  # and two words of heading, rounded up
    why, fix = ("markdown", before, []), ("markdown", "## The fix", [])
    after = counted(tmp_path, fix, why, ("code", code, []))
    assert after.core == minutes.OPENING + minutes.QUIZ + minutes.STEP  # two words
    ahead = counted(tmp_path, why, ("code", code * 5, []), fix)
    assert ahead.core == ahead.whole > after.core
    assert after.whole == minutes.OPENING + minutes.QUIZ + minutes.STEP
    long = counted(tmp_path, ("markdown", "## The fix", []), ("code", code * 9, []))
    assert long.read == 10
    assert long.core == minutes.OPENING + minutes.QUIZ + 10


@pytest.mark.parametrize(
    "cell",
    [
        ("code", "x = 1\n" * 200, ["remove-cell"]),
        ("code", "x = 1\n" * 200 + "plots.show(fig)", []),
        ("code", "x = 1\n" * 200, ["solution"]),
        ("markdown", "## Exercises\n" + "word " * 1000, []),
        ("markdown", "## Quiz\n" + "word " * 1000, []),
        ("markdown", "## For teachers\n" + "word " * 1000, []),
    ],
)
def test_what_is_not_read_does_not_count(
    tmp_path: Path, cell: tuple[str, str, list[str]]
) -> None:
    found = counted(tmp_path, cell)
    assert (found.read, found.whole) == (0, minutes.OPENING + minutes.QUIZ)


def test_the_run_and_the_solutions_count(tmp_path: Path) -> None:
    found = counted(
        tmp_path,
        ("markdown", "## Exercises\n\n### 5.1 One\n\nText.", []),
        ("code", "x = 1\ny = 2", ["solution", "hide-cell"]),
        ("markdown", "### 5.2 Two", []),
        ("code", "z = 3", ["solution", "hide-cell"]),
        seconds=61,
    )
    each = minutes.ANSWER + minutes.WRITTEN
    assert found.exercises == {"5.1": each + minutes.WRITTEN, "5.2": each}
    assert found.core == minutes.OPENING + minutes.QUIZ + 5  # two minutes of running


def test_the_first_exercise_takes_ten_minutes_at_the_most() -> None:
    """The page says so."""
    for number in CHAPTERS:
        exercises = COUNTED[number].exercises
        assert list(exercises) == [f"{number}.{k}" for k in (1, 2, 3)]
        assert exercises[f"{number}.1"] <= 10


def test_a_chapter_without_a_number_is_counted_too(tmp_path: Path) -> None:
    for name, found in COUNTED.items():
        assert found.read > 0, name
        assert found.whole > 0, name
        assert (found.core is None) == (not found.exercises), name
    assert COUNTED["normalisation"].exercises.keys() == {"N.1", "N.2", "N.3"}
    prose = "## Anything\n" + "word " * minutes.ALOUD * 4
    left_out = "## Quiz\n" + "word " * 1000
    path = tmp_path / "a.ipynb"
    write(path, ("markdown", prose, []), ("markdown", left_out, []), seconds=61)
    content = json.loads(path.read_text("utf-8"))
    del content["metadata"]["chapter"]
    path.write_text(json.dumps(content), "utf-8")
    found = minutes.count(notebook_pages.Notebook("a", path))
    assert (found.core, found.whole, found.exercises) == (None, 10, {})


def test_the_table_has_every_chapter_and_the_sums(pages: Pages) -> None:
    table = page(pages, "book/teaching.html").select_one("table.minutes-table")
    assert table is not None
    *rows, last = [
        [
            int(cell.get_text().replace(",", "").replace(teaching.NOTHING, "0"))
            for cell in row.select("td")
        ]
        for row in table.select("tbody tr")
    ]
    assert last == [sum(column) for column in zip(*rows, strict=True)]
    for row, found in zip(rows, COUNTED.values(), strict=True):
        practice = minutes.up(sum(found.exercises.values()))
        core = found.core or 0
        assert row == [found.read, core, found.whole, practice, found.seconds]


# --- plans -----------------------------------------------------------------------


def test_the_plans_on_the_page_add_up(pages: Pages) -> None:
    tables = page(pages, "book/teaching.html").select("table.plan-table")
    sittings = [sitting for plan in PLANS for sitting in plan.sittings]
    assert len(tables) == len(sittings) >= 9
    by_title = {notebook.title: name for name, notebook in NOTEBOOKS.items()}
    for table, sitting in zip(tables, sittings, strict=True):
        now, stretch = sitting.start, 0
        for row in table.select("tbody tr"):
            start, takes, what = (
                cell.get_text().strip() for cell in row.find_all(["th", "td"])
            )
            hours, past = map(int, start.split(":"))
            assert 60 * hours + past == now, what
            now += int(takes)
            stretch = 0 if what == "Break" else stretch + int(takes)
            assert stretch <= plans.SITTING, what
            if lesson := LESSON.match(what):
                found = COUNTED[by_title[lesson["title"]]]
                assert int(takes) == getattr(found, lesson["kind"])
            if what.startswith("The homework"):
                exercises = re.findall(r"\d+\.\d", what)
                assert int(takes) >= plans.DISCUSS * len(exercises) > 0
        assert 0 <= sitting.start + sitting.minutes - now <= 15  # spare


def test_the_course_teaches_every_chapter_once() -> None:
    """Each with an exercise or more, in class or at home, and the others are read."""
    (course,) = (plan for plan in PLANS if "seven weeks" in plan.name)
    lessons = [name for sitting in course.sittings for name in sitting.lessons]
    assert lessons == sorted(CHAPTERS)
    done = [key for it in course.sittings for key in it.exercises("exercises")]
    done += [key for sitting in course.sittings for key in sitting.homework]
    assert len(set(done)) == len(done)
    chosen = {key.partition(".")[0] for key in done}
    without = {str(n) for n in CHAPTERS} - chosen
    assert without <= {"15", "17"}  # of the last week, which has no homework
    read = [name for sitting in course.sittings for name in sitting.reading]
    assert read == [name for name, it in NOTEBOOKS.items() if not it.number]


def test_nobody_is_asked_for_what_they_have_not_brought() -> None:
    """An item about people's own code says that it needs it."""
    talk = PLANS[0]
    assert not talk.brings
    for plan in PLANS:
        for sitting in plan.sittings:
            for item in sitting.items:
                if item.kind == "other":
                    assert ("your own" in item.what) == (item.needs == "code")
                    on_machine = "helpers doctor" in item.what
                    assert not on_machine or "laptop" in plan.brings


SITTING = {"start": "9:00", "minutes": 100, "items": [{"core": 5}, {"break": 10}]}
FAULTS = [
    ({"minutes": 9}, "minutes do not fit into 9"),
    (
        {"items": [{"core": 5}, {"other": "x", "minutes": 71}, {"break": 1}]},
        f"{(COUNTED[5].core or 0) + 71} minutes without a break",
    ),
    ({"items": [{"other": "x"}]}, "no lesson 'other: x'"),
    ({"items": [{"core": 18}]}, "no lesson 'core: 18'"),
    ({"items": [{"half": 5}]}, "no lesson 'half: 5'"),
    ({"items": [{"exercises": ["5.9"]}]}, "no exercise 5.9"),
    ({"items": [{"discuss": ["5.9"]}]}, "no exercise 5.9"),
    ({"items": [{"core": "the_whole_program"}]}, "no lesson 'core: the_whole_program'"),
    ({"items": [{"other": "x", "minutes": 5, "needs": "luck"}]}, "no lesson"),
    ({"reading": ["nothing"]}, "no chapter 'nothing'"),
    ({"homework": ["5.9"]}, "no exercise 5.9"),
    ({"homework": ["6.1"]}, "exercise 6.1 is of a chapter to come"),
    (
        {"items": [{"core": 5}, {"exercises": ["5.1"]}], "homework": ["5.1"]},
        "exercise 5.1 is done already",
    ),
    ({"homework": ["5.1", "5.2"]}, "is 5.1 and 5.2, but .* discusses nothing"),
    ({"items": [{"discuss": ["5.1"]}]}, "is nothing, but .* discusses 5.1"),
]


def read_plans(tmp_path: Path, *sittings: dict, **told: object) -> list[plans.Plan]:
    """Read one plan."""
    plan = {"name": "P", "about": "A.", "brings": ["laptop"], **told}
    (tmp_path / "book").mkdir(exist_ok=True)
    text = yaml.safe_dump([{**plan, "sittings": list(sittings)}])
    (tmp_path / plans.FILE).write_text(text, encoding="utf-8")
    return plans.read(tmp_path, COUNTED)


def test_a_plan_takes_its_minutes_from_the_chapters(tmp_path: Path) -> None:
    items = [{"core": 5}, {"break": 10}, {"whole": 6}, {"exercises": ["5.1"]}]
    first = {**SITTING, "items": items, "homework": ["5.2", "6.1"]}
    second = {**SITTING, "items": [{"discuss": ["6.1", "5.2"]}]}
    (plan,) = read_plans(tmp_path, first, second)
    starts = [start for start, _ in plan.sittings[0].starts()]
    core = COUNTED[5].core
    assert core is not None
    assert starts[:3] == ["9:00", f"9:{core}", f"9:{core + 10}"]
    assert plan.sittings[0].homework == ("5.2", "6.1")
    assert plan.sittings[1].planned == 2 * plans.DISCUSS


def test_what_was_read_at_home_may_be_practised_at_home(tmp_path: Path) -> None:
    first = {**SITTING, "homework": ["N.1"], "reading": ["normalisation"]}
    second = {**SITTING, "items": [{"discuss": ["N.1"]}]}
    (plan,) = read_plans(tmp_path, first, second)
    assert plan.sittings[0].reading == ("normalisation",)


@pytest.mark.parametrize(("changes", "message"), FAULTS)
def test_a_plan_that_cannot_be_followed_is_refused(
    tmp_path: Path, changes: dict, message: str
) -> None:
    with pytest.raises(plans.PlanError, match=message):
        read_plans(tmp_path, {**SITTING, **changes})


@pytest.mark.parametrize(
    ("items", "brings", "message"),
    [
        ([{"exercises": ["5.1"]}], [], "nobody brings a laptop"),
        ([{"other": "x", "minutes": 5, "needs": "code"}], ["laptop"], "their own"),
        ([{"core": 5}], ["cake"], "knows how to bring 'cake'"),
    ],
)
def test_a_plan_asks_for_nothing_that_nobody_brings(
    tmp_path: Path, items: list, brings: list, message: str
) -> None:
    with pytest.raises(plans.PlanError, match=message):
        read_plans(tmp_path, {**SITTING, "items": items}, brings=brings)


# --- objectives ------------------------------------------------------------------


def test_every_notebook_has_objectives_that_can_be_tested() -> None:
    pages = [notebook.document for notebook in NOTEBOOKS.values()]
    assert not list(objectives.faults(OBJECTIVES, pages))
    assert list(OBJECTIVES) == pages  # in the order of the book


def test_objectives_are_on_the_page_and_on_the_second_slide(
    pages: Pages, class_folder: Path
) -> None:
    soup = page(pages, "book/teaching.html")
    for notebook in NOTEBOOKS.values():
        told = [words(text) for text in OBJECTIVES[notebook.document]]
        listed = notes_of(soup, notebook).select("ul > li")
        assert [words(item.get_text()) for item in listed[: len(told)]] == told
        if material.has_slides(notebook):
            path = class_folder / "slides" / f"{notebook.path.stem}.html"
            deck = BeautifulSoup(path.read_text("utf-8"), "html.parser")
            second = deck.select(".slides > section")[1]
            assert second.h2 is not None
            assert second.h2.get_text() == f"{objectives.TITLE} …"
            assert [words(item.get_text()) for item in second.select("li")] == told


# --- quizzes ---------------------------------------------------------------------


def test_the_answers_to_each_question_are_lettered_from_a(pages: Pages) -> None:
    """In the text itself, so that they are read aloud and printed, too."""
    for notebook in NOTEBOOKS.values():
        soup = page(pages, f"{notebook.document}.html")
        quiz = soup.select_one("section#quiz")
        assert (quiz is None) == (not COUNTED[plans.lesson(notebook)].exercises)
        if quiz is None:
            continue
        letters: list[str] = []
        for tag in quiz.find_all(["p", "summary"], recursive=True):
            if "quiz-question" in (tag.get("class") or []):
                letters.append("")
            elif tag.name == "summary":
                assert tag.span is not None
                letters[-1] += tag.get_text()[0]
                assert tag.span.get_text() == letters[-1][-1]
        assert len(letters) == 3, notebook.document
        assert set(letters) <= {"ABC", "ABCD"}, notebook.document


# --- material --------------------------------------------------------------------


def test_the_material_is_there(pages: Pages, site: Path) -> None:
    """Each chapter with slides has them linked, and each with notes those."""
    soup = page(pages, "book/teaching.html")
    table = soup.select_one("table.material-table")
    assert table is not None
    rows = table.select("tbody tr")
    for row, notebook in zip(rows, NOTEBOOKS.values(), strict=True):
        slides, notes = row.select("td")
        if material.has_slides(notebook):
            assert slides.a is not None
            path = (site / "book" / str(slides.a["href"])).resolve()
            assert path == site / material.SLIDES / f"{notebook.path.stem}.html"
            assert path.exists()
        else:
            assert slides.get_text(strip=True) == "none"
        if teaching.notes(notebook):
            assert notes.a is not None
            assert notes.a["href"] == f"#{teaching.label(notebook)}"
        else:
            assert notes.get_text(strip=True) == "none"
    links = {str(link["href"]) for link in soup.select("article a[href]")}
    assert "review-checklist.html" in links
    assert f"../{material.SLIDES}/index.html" in links
    zipped = f"../{material.FOLDER}/{material.CLASS}"
    assert zipped in links
    with zipfile.ZipFile(site / "book" / zipped) as packed:
        names = packed.namelist()
    assert any(name.endswith("notebooks/01_imagefolder_layout.ipynb") for name in names)
    assert not [name for name in names if "instructor" in name or "slides" in name]


def test_a_book_with_a_leak_is_not_published(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each fault is a warning, which a strict build turns into an error."""
    import classroom

    def leaking() -> None:
        raise UserError("students could read one\nand another")

    warned: list[str] = []
    monkeypatch.setattr(classroom, "lessons", leaking)
    monkeypatch.setattr(material.logger, "warning", warned.append)
    html = SimpleNamespace(format="html")
    material.publish(SimpleNamespace(builder=html, srcdir=ROOT, outdir=tmp_path))
    assert warned == ["students could read one", "and another"]
    assert not list(tmp_path.rglob("*.zip"))


def test_the_slides_of_the_book_ask_no_other_host(site: Path) -> None:
    decks = sorted((site / material.SLIDES).glob("*.html"))
    assert len(decks) == len(CHAPTERS) + 1  # and the list of them
    for deck in decks:
        soup = BeautifulSoup(deck.read_text("utf-8"), "html.parser")
        for tag in soup.select("[src], link[href]"):
            name = str(tag.get("src") or tag["href"])
            assert name.startswith("data:") or (deck.parent / name).exists(), name


# --- notes -----------------------------------------------------------------------


def notes_of(soup: BeautifulSoup, notebook: notebook_pages.Notebook) -> Tag:
    """Return what the page folds for a chapter."""
    found = soup.select_one(f"details.fold > div#{teaching.label(notebook)}")
    assert found is not None
    return found


def test_the_page_has_the_notes_of_every_chapter(pages: Pages) -> None:
    soup = page(pages, "book/teaching.html")
    for notebook in CHAPTERS.values():
        inside = notes_of(soup, notebook)
        assert inside.parent is not None
        assert inside.parent.h3 is not None
        assert not inside.parent.has_attr("open")
        about = notebook.content["metadata"]["chapter"]
        title = words(inside.parent.h3.get_text())
        assert title == words(notebook.name + about["verdict"])
        where, finding, _, *rest = inside.find_all("p", recursive=False)
        assert where.a["href"] == f"../{notebook.document}.html"
        assert words(finding.get_text()) == words(about["finding"])
        told = teaching.notes(notebook).split("\n\n")
        assert [words(note.get_text()) for note in rest] == [words(t) for t in told]
        assert len(rest) == 4


def test_the_page_says_which_chapters_have_no_notes(pages: Pages) -> None:
    soup = page(pages, "book/teaching.html")
    for notebook in NOTEBOOKS.values():
        said = "has no notes for teachers" in notes_of(soup, notebook).get_text()
        assert said == (not teaching.notes(notebook))
        assert not (said and notebook.number)


def test_a_chapter_folds_its_notes(pages: Pages) -> None:
    for notebook in CHAPTERS.values():
        soup = page(pages, f"{notebook.document}.html")
        (details,) = soup.select("section#for-teachers details")
        assert not details.has_attr("open")
        assert len(details.select("p")) == 4
