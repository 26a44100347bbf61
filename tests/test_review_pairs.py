"""The pairs of training code are pairs: one fault, one mark, few lines apart."""

import difflib
import re
from collections import Counter

import nbformat
import pytest

from paired_code import FOLDER, NOTES, marks, pairs, programs, right, sources

PAIRS = pairs()
EVERY_PAIR = pytest.mark.parametrize("pair", PAIRS, ids=[p.name for p in PAIRS])
RIGHT = right()


def tables():
    """Return the rows of the README's two tables, as lists of cells."""
    text = (FOLDER / "README.md").read_text("utf-8")
    rows = [
        [cell.strip() for cell in line.strip("|").split("|")]
        for part in text.split("\n## ")[1:]
        for line in part.splitlines()
        if line.startswith("|") and not line.startswith("| :")
    ]
    starts = [k for k, row in enumerate(rows) if row[0] in {"Pair", "File"}]
    assert len(starts) == 2
    return rows[1 : starts[1]], rows[starts[1] + 1 :]


def lines(program):
    """Return all lines of a program, without the marks' comments."""
    return [
        re.sub(r"\s*# FAULT .*", "", line)
        for code in sources(program).values()
        for line in code.splitlines()
    ]


def compile_all(program):
    parts = sources(program)
    assert parts, f"{program.name} holds no code"
    for (file, cell), code in parts.items():
        compile(code, f"{file.name}, cell {cell}", "exec")


def test_no_program_stands_alone():
    sides = {path for pair in PAIRS for path in (pair.bad, pair.good)}
    assert sides == set(programs())


@EVERY_PAIR
def test_both_sides_compile(pair):
    compile_all(pair.bad)
    compile_all(pair.good)


@EVERY_PAIR
def test_the_bad_side_is_marked_with_its_note(pair):
    assert {mark.note for mark in marks(pair.bad)} == {pair.note}


@EVERY_PAIR
def test_the_good_side_speaks_of_no_fault(pair):
    assert not [line for line in sources(pair.good).values() if "FAULT" in line]


@EVERY_PAIR
def test_few_lines_differ(pair):
    diff = difflib.ndiff(lines(pair.bad), lines(pair.good))
    changed = sum(line[0] in "+-" for line in diff)
    assert 1 <= changed <= 8


@EVERY_PAIR
def test_folders_are_two_modules_that_know_each_other(pair):
    for program in (pair.bad, pair.good):
        if program.is_dir():
            names = {path.stem for path in program.glob("*.py")}
            assert "train" in names
            others = "|".join(names - {"train"})
            train = (program / "train.py").read_text("utf-8")
            assert re.search(rf"^from ({others}) import ", train, re.MULTILINE)


@pytest.mark.parametrize(
    "path", sorted(FOLDER.rglob("*.ipynb")), ids=lambda path: path.stem
)
def test_notebooks_are_valid(path):
    nbformat.validate(nbformat.read(path, as_version=4))


@pytest.mark.parametrize("path", RIGHT, ids=lambda path: path.stem)
def test_right_files_compile_and_are_not_marked(path):
    compile_all(path)
    assert not marks(path)


def test_every_note_has_two_pairs():
    counts = Counter(pair.note for pair in PAIRS)
    assert set(counts) == set(NOTES)
    assert min(counts.values()) >= 2
    assert len(PAIRS) >= 60
    assert len(RIGHT) >= 40


def test_the_readme_names_every_pair_and_every_right_file():
    paired, single = tables()
    assert sorted(row[0] for row in paired) == sorted(pair.name for pair in PAIRS)
    assert sorted(row[0] for row in single) == [path.stem for path in RIGHT]


def test_every_kind_is_written_in_two_ways():
    paired, _ = tables()
    ways = {kind: {row[2] for row in paired if row[1] == kind} for _, kind, _ in paired}
    assert [kind for kind, styles in ways.items() if len(styles) < 2] == []
