"""The page for teachers: minutes that are counted, and plans that can be followed."""

import json
import re
from pathlib import Path

import pytest
import yaml
from bs4 import BeautifulSoup

from built_book import ROOT, page
from seventeen import minutes, notebook_pages, teaching

CHAPTERS = {n.number: n for n in notebook_pages.read_all(ROOT) if n.number}
COUNTED = {number: minutes.count(notebook) for number, notebook in CHAPTERS.items()}
PLANS = minutes.read_plans(ROOT, COUNTED)
Pages = dict[Path, BeautifulSoup]


def words(text: str) -> str:
    """Return the letters and digits of a text, whatever its mark-up."""
    return re.sub(r"[\W_]+", "", re.sub(r"\$[^$]*\$|\\\(.*?\\\)", "", text))


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
    """It stands at the top of the page and in the metadata: both are counted."""
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
    why = counted(tmp_path, ("markdown", before, []), ("code", code, []))
    assert why.core == minutes.OPENING + minutes.QUIZ
    assert why.whole == minutes.OPENING + minutes.QUIZ + 5
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
    for number, chapter in COUNTED.items():
        assert list(chapter.exercises) == [f"{number}.{k}" for k in (1, 2, 3)]
        assert chapter.exercises[f"{number}.1"] <= 10


def test_the_table_has_every_chapter_and_the_sums(pages: Pages) -> None:
    table = page(pages, "book/teaching.html").select_one("table.minutes-table")
    assert table is not None
    *rows, last = [
        [int(cell.get_text().replace(",", "")) for cell in row.select("td")]
        for row in table.select("tbody tr")
    ]
    assert last == [sum(column) for column in zip(*rows, strict=True)]
    for row, found in zip(rows, COUNTED.values(), strict=True):
        practice = minutes.up(sum(found.exercises.values()))
        assert row == [found.read, found.core, found.whole, practice, found.seconds]


# --- plans -----------------------------------------------------------------------


def test_the_plans_on_the_page_add_up(pages: Pages) -> None:
    tables = page(pages, "book/teaching.html").select("table.plan-table")
    sittings = [sitting for plan in PLANS for sitting in plan.sittings]
    assert len(tables) == len(sittings) >= 9
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
            assert stretch <= minutes.SITTING, what
            if lesson := re.match(r"Note (\d+): .+, (core|whole)$", what):
                assert int(takes) == getattr(COUNTED[int(lesson[1])], lesson[2])
        assert 0 <= sitting.start + sitting.minutes - now <= 15  # spare


def test_the_course_teaches_every_chapter_once_and_leaves_no_exercise_out() -> None:
    (course,) = (plan for plan in PLANS if "seven weeks" in plan.name)
    items = [item for sitting in course.sittings for item in sitting.items]
    lessons = [item.what for item in items if item.kind in ("core", "whole")]
    assert lessons == sorted(CHAPTERS)
    done = [key for item in items if item.kind == "exercises" for key in item.what]
    done += [key for sitting in course.sittings for key in sitting.homework]
    assert sorted(done) == sorted(k for c in COUNTED.values() for k in c.exercises)


SITTING = {"start": "9:00", "minutes": 100, "items": [{"core": 5}, {"break": 10}]}
FAULTS = [
    ({"minutes": 9}, "minutes do not fit into 9"),
    (
        {"items": [{"core": 5}, {"other": "x", "minutes": 71}, {"break": 1}]},
        f"{COUNTED[5].core + 71} minutes without a break",
    ),
    ({"items": [{"other": "x"}]}, "no lesson 'other: x'"),
    ({"items": [{"core": 18}]}, "no lesson 'core: 18'"),
    ({"items": [{"half": 5}]}, "no lesson 'half: 5'"),
    ({"items": [{"exercises": ["5.9"]}]}, "no exercise 5.9"),
]


def plans(tmp_path: Path, **changes: object) -> list[minutes.Plan]:
    """Read one plan with one sitting."""
    told = [{"name": "P", "about": "A.", "sittings": [{**SITTING, **changes}]}]
    (tmp_path / "book").mkdir(exist_ok=True)
    (tmp_path / minutes.PLANS).write_text(yaml.safe_dump(told), encoding="utf-8")
    return minutes.read_plans(tmp_path, COUNTED)


def test_a_plan_takes_its_minutes_from_the_chapters(tmp_path: Path) -> None:
    items = [{"core": 5}, {"break": 10}, {"whole": 6}, {"exercises": ["5.1"]}]
    ((sitting,),) = (p.sittings for p in plans(tmp_path, items=items, homework=True))
    starts = [start for start, _ in sitting.starts()]
    assert starts[:3] == ["9:00", f"9:{COUNTED[5].core}", f"9:{COUNTED[5].core + 10}"]
    assert sitting.homework == ("5.2", "5.3", "6.1", "6.2", "6.3")


@pytest.mark.parametrize(("changes", "message"), FAULTS)
def test_a_plan_that_cannot_be_followed_is_refused(
    tmp_path: Path, changes: dict, message: str
) -> None:
    with pytest.raises(minutes.PlanError, match=message):
        plans(tmp_path, **changes)


# --- notes -----------------------------------------------------------------------


def test_the_page_has_the_notes_of_every_chapter(pages: Pages) -> None:
    soup = page(pages, "book/teaching.html")
    for number, notebook in CHAPTERS.items():
        section = soup.select_one(f"section#teach-{number}")
        assert section is not None
        assert section.h3 is not None
        assert section.h3.a is not None
        assert section.h3.a["href"] == f"../{notebook.document}.html"
        about = notebook.content["metadata"]["chapter"]
        verdict, *notes = [part.get_text() for part in section.select("p")]
        assert words(verdict) == words(about["verdict"] + about["finding"])
        told = teaching.TAGS.sub("", notebook.section(teaching.HEADING)).split("\n\n")
        assert [words(note) for note in notes] == [words(t) for t in told if t.strip()]
        assert len(notes) == 4


def test_a_chapter_folds_its_notes(pages: Pages) -> None:
    for notebook in CHAPTERS.values():
        soup = page(pages, f"{notebook.document}.html")
        (details,) = soup.select("section#for-teachers details")
        assert not details.has_attr("open")
        assert len(details.select("p")) == 4
