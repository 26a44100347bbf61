"""The checker on this project: every slip is found, and nothing else is."""

import json
import re
from pathlib import Path

import pytest

from notebook_files import IDS, PATHS, ROOT, read, tags
from review.checker import Finding, Folder, check_file
from review.rule import PAGES
from review.rules import LOUD, RULES
from seventeen.notebook_pages import Notebook

NAMED = re.compile(r"`(NOTE\d{3})` (.+?)( \(hint\))?(?:; |\.$)", re.MULTILINE)
EXCUSED = re.compile(r"  # noqa: (NOTE\d{3}(?:, NOTE\d{3})*)$", re.MULTILINE)


EVERY_NOTEBOOK = pytest.mark.parametrize("path", PATHS, ids=IDS)


def check(path: Path, codes) -> list[Finding]:
    """Check a file of the project as ``python -m review .`` does."""
    return check_file(path, Folder(ROOT), codes)


def excused(path: Path) -> list[tuple[int, str]]:
    """Return the cell and the code of everything that a notebook excuses."""
    return [
        (number, code)
        for number, cell in enumerate(read(path).cells, 1)
        if cell.cell_type == "code"
        for codes in EXCUSED.findall(cell.source)
        for code in codes.split(", ")
    ]


@EVERY_NOTEBOOK
def test_a_notebook_passes_the_checker(path):
    assert [f"{f.code} {f.path} {f.place} {f.text}" for f in check(path, LOUD)] == []


@EVERY_NOTEBOOK
def test_what_a_notebook_excuses_is_found(path, tmp_path):
    """Without its ``noqa`` each of these lines is a finding; none excuses nothing."""
    content = json.loads(path.read_text("utf-8"))
    for cell in content["cells"]:
        cell["source"] = EXCUSED.sub("", "".join(cell["source"]))
    bare = tmp_path / path.name
    bare.write_text(json.dumps(content), "utf-8")
    found = [
        (finding.place.cell, finding.code)
        for finding in check_file(bare, Folder(ROOT), list(RULES))
        if finding.path == str(bare)
    ]
    assert set(excused(path)) <= set(found)


@EVERY_NOTEBOOK
def test_the_slip_of_a_chapter_is_found(path):
    slips = {
        number
        for number, cell in enumerate(read(path).cells, 1)
        if "slip" in tags(cell)
    }
    page = path.relative_to(ROOT).with_suffix("").as_posix()
    own = [code for cell, code in excused(path) if cell in slips]
    if slips and page in PAGES.values():  # the interlude on ONNX has no rules
        assert any(RULES[code].page == page for code in own), own


@pytest.mark.parametrize("page", sorted(set(PAGES.values())))
def test_a_chapter_names_its_rules(page):
    path = ROOT / f"{page}.ipynb"
    if path.exists():
        text = Notebook(page, path).section("In review")
    else:
        text = path.with_suffix(".md").read_text("utf-8")
    assert NAMED.findall(text) == [
        (rule.code, rule.title, " (hint)" if rule.severity == "hint" else "")
        for _, rule in sorted(RULES.items())
        if rule.page == page
    ]
