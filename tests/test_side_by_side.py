"""The page *The program* shows both scripts whole, and the scores as recorded."""

import json
import re
from copy import copy
from dataclasses import asdict, replace
from pathlib import Path

import pytest
from bs4 import BeautifulSoup

import program_scores
from built_book import ROOT
from built_book import page as page_of
from helpers.errors import UserError
from seventeen import side_by_side

PAGE = "book/the-program.html"
Pages = dict[Path, BeautifulSoup]


@pytest.fixture
def score() -> program_scores.Score:
    """A run as it is recorded."""
    facts = {"date": "2026-01-01", "processor": "x", "python": "3.11", "torch": "2.14"}
    return program_scores.Score(
        "corrected.py", "solids", 0, 0.5, "0" * 16, cores=2, torchvision="0.29", **facts
    )


@pytest.mark.parametrize("name", side_by_side.NAMES)
def test_the_page_shows_every_line(pages: Pages, name: str) -> None:
    label = side_by_side.TITLES[name].replace(" ", "-")
    columns = copy(page_of(pages, PAGE).select_one("article"))
    for seal in columns.select("a.program-seal"):
        seal.extract()
    lines = columns.select(f".program-{label} .line")
    shown = [line.get_text().rstrip("\n") for line in lines]
    text = (ROOT / side_by_side.FOLDER / name).read_text("utf-8")
    whole = [line for line in text.splitlines() if line.strip()]
    wanted = [line for line in whole if not side_by_side.PART.fullmatch(line)]
    assert sorted(filter(str.strip, shown)) == sorted(wanted)


def test_each_note_has_a_seal_in_both(pages: Pages) -> None:
    soup = page_of(pages, PAGE)
    for label in ("handed-on", "corrected"):
        seals = soup.select(f".program-{label} a.program-seal")
        assert {int(seal.get_text()) for seal in seals} == set(range(1, 18))
        for seal in seals:
            number = int(seal.get_text())
            assert re.match(rf"\.\./notebooks/{number:02}_", str(seal["href"]))
            assert str(seal["aria-label"]).startswith(f"Note {number}: ")
            assert soup.find(id=f"{label}-note-{number}") is not None


def test_rows_follow_both_scripts() -> None:
    left, right = ({name: [] for name in names} for names in ("acde", "abcxe"))
    assert list(side_by_side.rows(left, right)) == list("abcdxe")


def test_the_scores_on_the_page_are_recorded(pages: Pages) -> None:
    found = program_scores.read(ROOT / program_scores.FILE)
    current = [run for run in found if run.is_current()]
    table = page_of(pages, PAGE).select_one("table.program-scores")
    assert table is not None
    for script in side_by_side.NAMES:
        for data in program_scores.DATA:
            runs = [r.accuracy for r in current if (r.script, r.data) == (script, data)]
            assert side_by_side.spread(runs) in table.get_text()


def test_scores_are_read_as_they_were_written(
    tmp_path: Path, score: program_scores.Score
) -> None:
    path = tmp_path / "a" / "scores.json"
    assert program_scores.read(path) == []
    other = replace(score, seed=1)
    program_scores.write(path, [other, score])
    assert program_scores.read(path) == [score, other]
    assert not score.is_current()


@pytest.mark.parametrize(
    "change",
    [
        {"accuracy": 1.2},
        {"accuracy": "0.5"},
        {"accuracy": float("nan")},
        {"script": "other.py"},
        {"data": "mnist"},
        {"seed": 9},
        {"more": 1},
    ],
)
def test_scores_made_by_hand_are_refused(
    tmp_path: Path, score: program_scores.Score, change: dict[str, object]
) -> None:
    path = tmp_path / "scores.json"
    path.write_text(json.dumps([asdict(score) | change]))
    with pytest.raises(UserError, match="scores.json"):
        program_scores.read(path)


def test_a_run_that_is_there_twice_is_refused(
    tmp_path: Path, score: program_scores.Score
) -> None:
    path = tmp_path / "scores.json"
    path.write_text(json.dumps([asdict(score)] * 2))
    with pytest.raises(UserError, match="twice"):
        program_scores.read(path)


def test_a_script_that_fails_is_named(tmp_path: Path) -> None:
    with pytest.raises(UserError, match=r"corrected\.py failed: .*No such file"):
        program_scores.run("corrected.py", tmp_path / "nothing", 0)
