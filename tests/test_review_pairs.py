"""The pairs of training code are pairs: one fault, one mark, few lines apart."""

import difflib
import re
from collections import Counter

import nbformat

from paired_code import FOLDER, NOTES, marks, pairs, programs, right, sources

PAIRS = pairs()
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


def does_not_compile(program):
    """Return what of a program is no Python, or that it holds none."""
    parts = sources(program)
    found = [] if parts else [f"{program.name} holds no code"]
    for (file, cell), code in parts.items():
        try:
            compile(code, f"{file.name}, cell {cell}", "exec")
        except SyntaxError as error:
            found.append(f"{program.name}: {error}")
    return found


def test_no_program_stands_alone():
    sides = {path for pair in PAIRS for path in (pair.bad, pair.good)}
    assert sides == set(programs())


def test_both_sides_compile():
    sides = [side for pair in PAIRS for side in (pair.bad, pair.good)]
    assert [wrong for side in sides for wrong in does_not_compile(side)] == []


def test_the_bad_side_is_marked_with_its_note():
    marked = {pair.name: {mark.note for mark in marks(pair.bad)} for pair in PAIRS}
    assert marked == {pair.name: {pair.note} for pair in PAIRS}


def test_the_good_side_speaks_of_no_fault():
    codes = {pair.name: sources(pair.good).values() for pair in PAIRS}
    assert [name for name, parts in codes.items() if "FAULT" in "".join(parts)] == []


def test_few_lines_differ():
    wrong = []
    for pair in PAIRS:
        diff = difflib.ndiff(lines(pair.bad), lines(pair.good))
        changed = sum(line[0] in "+-" for line in diff)
        if not 1 <= changed <= 8:
            wrong.append((pair.name, changed))
    assert wrong == []


def test_folders_are_two_modules_that_know_each_other():
    folders = [path for path in programs() if path.is_dir()]
    assert folders
    wrong = []
    for folder in folders:
        names = {path.stem for path in folder.glob("*.py")}
        others = "|".join(names - {"train"})
        imports = re.compile(rf"^from ({others}) import ", re.MULTILINE)
        if "train" not in names or not imports.search(
            (folder / "train.py").read_text("utf-8")
        ):
            wrong.append(folder.name)
    assert wrong == []


def test_notebooks_are_valid():
    paths = sorted(FOLDER.rglob("*.ipynb"))
    assert len(paths) > 20
    wrong = []
    for path in paths:
        try:
            nbformat.validate(nbformat.read(path, as_version=4))
        except Exception as error:  # nbformat raises whatever comes
            wrong.append(f"{path.name}: {error}")
    assert wrong == []


def test_right_files_compile_and_are_not_marked():
    assert [wrong for path in RIGHT for wrong in does_not_compile(path)] == []
    assert [path.name for path in RIGHT if marks(path)] == []


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
