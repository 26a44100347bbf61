"""The checker as a command: what it prints, how it ends, and what it survives.

``test_review_rules`` has an example of every rule; here the same rules meet the pairs
of ``review_pairs``, written without a look at them, from which they have learnt since.
"""

import json
import os
import subprocess
import sys
import tomllib
from collections import Counter
from pathlib import Path

import pytest
from click.testing import CliRunner

from bench_review import CORPUS
from notebook_files import ROOT
from paired_code import NOTES, findings, marks, pairs, right
from review.__main__ import main
from review.checker import check_path
from review.pairs import PLACES, note_of, where_found
from review.rule import PAGES
from review.rules import RULES

# Of the 201 pairs, when this was written: by errors and warnings, and by hints alone.
AT_THE_MARK, IN_ALL, HINTED = 166, 180, 18
SLIP = RULES["NOTE051"].slip
PAIRS, RIGHT = pairs(), right()


def ran(*words: str | Path):
    """Run the command."""
    return CliRunner().invoke(main, [str(word) for word in words])


@pytest.fixture
def slip(tmp_path: Path) -> Path:
    """A program with a softmax in front of cross-entropy."""
    path = tmp_path / "train.py"
    path.write_text(SLIP, "utf-8")
    return path


def severe(programs: list[Path]) -> list[str]:
    """Return the errors and warnings of all programs."""
    return [
        f"{path.name}: {f.code} {f.place} {f.text}"
        for path in programs
        for f in findings(path)
        if f.severity != "hint"
    ]


# --- pairs --------------------------------------------------------------------------


def test_right_code_that_looks_wrong_is_left_alone():
    assert severe(RIGHT) == []


def test_the_right_half_of_a_pair_is_left_alone():
    assert severe([pair.good for pair in PAIRS]) == []


def test_most_faults_are_found():
    assert {note_of(note) for note in NOTES} <= set(PAGES)
    places = {p.name: where_found(p.bad, note_of(p.note), findings) for p in PAIRS}
    loud = Counter(place for place, hint in places.values() if not hint)
    assert loud[PLACES[0]] + loud[PLACES[1]] >= AT_THE_MARK, places
    assert loud.total() - loud[PLACES[-1]] >= IN_ALL, places
    assert sum(hint for _, hint in places.values()) <= HINTED, places


def test_every_rule_is_tried_in_two_styles_beside_its_own_example():
    slips = tomllib.loads((ROOT / "tests/review_programs.toml").read_text("utf-8"))
    tried = Counter(case["code"] for case in slips["slip"])
    for bad in [pair.bad for pair in PAIRS] + sorted(CORPUS.glob("*_bad.py")):
        tried.update({f.code for f in findings(bad)})
    assert [code for code in RULES if tried[code] < 2] == []


def test_a_fault_in_a_notebook_is_found_in_its_cell():
    notebooks = [pair for pair in PAIRS if pair.bad.suffix == ".ipynb"]
    assert len(notebooks) > 10
    hits = 0
    for pair in notebooks:
        cells = {mark.cell for mark in marks(pair.bad)}
        found = findings(pair.bad)
        assert all(f.place.cell is not None for f in found)
        hits += any(f.place.cell in cells for f in found)
    assert hits > len(notebooks) / 2


# --- the command --------------------------------------------------------------------


def test_the_exit_status_says_what_was_found(slip, tmp_path):
    mended = tmp_path / "mended.py"
    mended.write_text(RULES["NOTE051"].mended, "utf-8")
    assert ran(slip).exit_code == 1
    assert ran(mended).exit_code == 0
    assert ran(mended).output == ""
    for wrong in ((), (tmp_path / "none.py",), ("--select", "NOTE77", slip)):
        assert ran(*wrong).exit_code == 2


def test_a_finding_is_shown_in_words(slip):
    first, kind, instead, chapter, last = ran(slip).output.splitlines()
    assert first.startswith(f"{slip}:")
    assert "NOTE051 This softmax reaches" in first
    assert kind.strip().startswith("error: ")
    assert instead.strip() == f"Instead: {RULES['NOTE051'].instead}"
    assert chapter.strip() == f"Chapter: {PAGES[5]}.html"
    assert last == "Found 1 error."


def test_machines_can_read_the_findings(slip):
    (row,) = json.loads(ran("--format", "json", slip).output)
    assert (row["code"], row["severity"]) == ("NOTE051", "error")
    assert row["path"] == str(slip)
    log = json.loads(ran("--format", "sarif", slip).output)
    assert log["version"] == "2.1.0"
    (result,) = log["runs"][0]["results"]
    place = result["locations"][0]["physicalLocation"]
    assert place["region"]["startLine"] == row["line"]
    assert (
        log["runs"][0]["tool"]["driver"]["rules"][result["ruleIndex"]]["id"]
        == (result["ruleId"])
    )
    line = ran("--format", "github", slip).output.strip()
    assert line.startswith(f"::error file={slip},line={row['line']},col=")
    assert ",title=NOTE051::" in line


def test_a_file_name_is_an_address_in_sarif(slip, monkeypatch):
    monkeypatch.chdir(slip.parent)
    odd = slip.rename("my tést.py")
    log = json.loads(ran("--format", "sarif", odd).output)
    place = log["runs"][0]["results"][0]["locations"][0]["physicalLocation"]
    assert place["artifactLocation"] == {"uri": "my%20t%C3%A9st.py"}


def test_rules_are_selected_and_excused(slip):
    assert ran("--select", "NOTE05", slip).exit_code == 1
    assert ran("--ignore", "NOTE05", slip).exit_code == 0
    (row,) = json.loads(ran("--format", "json", slip).output)
    lines = SLIP.split("\n")
    for comment, status in (("noqa", 0), ("noqa: NOTE051", 0), ("noqa: NOTE061", 1)):
        changed = list(lines)
        changed[row["line"] - 1] += f"  # {comment}"
        slip.write_text("\n".join(changed), "utf-8")
        assert ran(slip).exit_code == status, comment


def test_hints_are_shown_on_request(tmp_path):
    path = tmp_path / "a.py"
    path.write_text(RULES["NOTE011"].slip, "utf-8")
    assert ran(path).exit_code == 0
    assert "NOTE011" in ran("--hints", path).output


def test_a_rule_is_explained():
    told = ran("--explain", "note051")
    assert told.exit_code == 0
    for part in ("NOTE051 (error", "Example:", "Instead:", f"Chapter: {PAGES[5]}.html"):
        assert part in told.output
    assert ran("--explain", "NOTE777").exit_code == 2


def test_flake8_has_the_rules(slip):
    done = subprocess.run(
        [sys.executable, "-m", "flake8", "--isolated", "--select", "NOTE", str(slip)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert "NOTE051 This softmax reaches" in done.stdout, done.stderr


# --- odd files ------------------------------------------------------------------------

ODD = {
    "no python.py": b"def f(:\n",
    "no text.py": b"\xff\xfe\x00",
    "other encoding.py": "# coding: latin-1\nx = 'ä'\n".encode("latin-1"),
    "unknown encoding.py": b"# coding: klingon\n",
    "deep.py": b"x = " + b"(" * 5000 + b")" * 5000,
    "long sum.py": b"x = " + b"1 + " * 20_000 + b"1\n",
    "zero.py": b"x = 1\n\0\n",
    "empty.py": b"",
    "empty.ipynb": b"",
    "a list.ipynb": b"[]",
    "no cells.ipynb": b'{"nbformat": 4}',
    "odd cells.ipynb": b'{"cells": [{"cell_type": "code", "source": 3}]}',
    "magics.ipynb": json.dumps(
        {"cells": [{"cell_type": "code", "source": "%%bash\nls\n"}]}
    ).encode(),
}


def test_odd_files_cost_one_line_and_the_others_are_checked(slip):
    for name, content in ODD.items():
        (slip.parent / name).write_bytes(content)
    found = list(check_path(slip.parent, list(RULES)))
    assert [f.code for f in found if f.path == str(slip)] == ["NOTE051"]
    for name in ODD:
        (*others,) = [f for f in found if f.path == str(slip.parent / name)]
        assert [f.code for f in others] in ([], ["NOTE000"]), name
        assert not any("a bug" in f.text for f in others), name
    codes = {f.path: f.code for f in found}
    for name in ("no python.py", "no text.py", "zero.py", "a list.ipynb"):
        assert codes[str(slip.parent / name)] == "NOTE000", name


def test_a_folder_that_cannot_be_listed_is_named_and_the_rest_is_checked(
    slip, monkeypatch
):
    locked, half = slip.parent / "locked", slip.parent / "half" / "a.py"
    locked.mkdir()
    half.parent.mkdir()
    half.write_text(SLIP)
    slip.with_name("b.py").write_text("import half.a, half.b\n" + SLIP)

    def refusing(function):
        def refused(path, *args, **kwargs):
            if Path(path) in (locked, half):
                raise PermissionError(13, "Permission denied", str(path))
            return function(path, *args, **kwargs)

        return refused

    for place, name in ((os, "scandir"), (Path, "stat"), (Path, "read_bytes")):
        monkeypatch.setattr(place, name, refusing(getattr(place, name)))
    done = ran(slip.parent)
    assert done.exit_code == 1
    assert f"{locked}:1:1: NOTE000 Not checked: it cannot be read (Per" in done.output
    assert f"{half}:1:1: NOTE000 Not checked: it cannot be read (Per" in done.output
    assert done.output.count("NOTE051") == 2
    monkeypatch.undo()
    assert ran(slip.parent / "nothing").exit_code == 2


@pytest.mark.skipif(os.name != "posix", reason="needs links and pipes")
def test_links_and_pipes_are_passed_over(slip):
    for name, target in (("a.py", "a.py"), ("b.py", "none.py"), ("c.py", "/dev/zero")):
        slip.with_name(name).symlink_to(target)
    slip.with_name("round").symlink_to(".")
    os.mkfifo(slip.with_name("pipe.py"))
    assert [f.path for f in check_path(slip.parent, list(RULES))] == [str(slip)]


def test_a_console_may_lack_letters(slip):
    odd = slip.rename(slip.with_name("李.py"))
    done = subprocess.run(
        [sys.executable, "-m", "review", str(odd)],
        env=os.environ | {"PYTHONIOENCODING": "latin-1"},
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 1
    assert "\\u674e.py" in done.stdout
