"""The checker on this project: every slip is found, and nothing else is."""

import json
import re
from pathlib import Path

import pytest

from notebook_files import PATHS, ROOT, read, tags
from review.checker import Finding, Folder, check_file
from review.rule import PAGES
from review.rules import LOUD, RULES
from seventeen.notebook_pages import Notebook

NAMED = re.compile(r"`(NOTE\d{3})` (.+?)( \(hint\))?(?:; |\.$)", re.MULTILINE)
EXCUSED = re.compile(r"  # noqa: (NOTE\d{3}(?:, NOTE\d{3})*)$", re.MULTILINE)


FOLDER = Folder(ROOT)  # reads once what several notebooks import


def check(path: Path, codes) -> list[Finding]:
    """Check a file of the project as ``python -m review .`` does."""
    return check_file(path, FOLDER, codes)


def excused(path: Path) -> list[tuple[int, str]]:
    """Return the cell and the code of everything that a notebook excuses."""
    return [
        (number, code)
        for number, cell in enumerate(read(path).cells, 1)
        if cell.cell_type == "code"
        for codes in EXCUSED.findall(cell.source)
        for code in codes.split(", ")
    ]


def test_the_notebooks_pass_the_checker():
    found = [f for path in PATHS for f in check(path, LOUD)]
    assert [f"{f.code} {f.path} {f.place} {f.text}" for f in found] == []


def findings(path: Path, content: dict) -> set[tuple[int | None, str]]:
    """Write a notebook and return the cell and the code of each finding in it."""
    path.write_text(json.dumps(content), "utf-8")
    found = check(path, list(RULES))
    return {(f.place.cell, f.code) for f in found if f.path == str(path)}


def test_what_a_notebook_excuses_is_found(tmp_path):
    """Without its ``noqa`` each of these lines is a finding; none excuses nothing.

    The fix in the same notebook may be what answers a finding: in chapter 1 it compares
    the classes that the slip does not. So each notebook is read without it, too.
    """
    needless = []
    for path in PATHS:
        content = json.loads(path.read_text("utf-8"))
        for cell in content["cells"]:
            cell["source"] = EXCUSED.sub("", "".join(cell["source"]))
        bare = tmp_path / path.name
        found = findings(bare, content)
        for cell in content["cells"]:
            if "fix" in cell["metadata"].get("tags", []):
                cell["source"] = ""
        found |= findings(bare, content)
        needless += [(path.name, *one) for one in excused(path) if one not in found]
    assert needless == []


# No rule can find this slip: a program doesn't say where its weights were trained.
# Another line of the chapter has to show one of the chapter's rules.
UNSEEN = {"notebooks/03_strided_first_conv"}
NO_RULE_YET = {"book/export_to_onnx"}  # its rule is for what onnxruntime reads


def test_the_slip_of_a_chapter_is_found():
    missed = []
    for path in PATHS:
        slips = {
            number
            for number, cell in enumerate(read(path).cells, 1)
            if "slip" in tags(cell)
        }
        page = path.relative_to(ROOT).with_suffix("").as_posix()
        excuses = excused(path)
        own = [code for cell, code in excuses if cell in slips or page in UNSEEN]
        rules = {RULES[code].page for code in own}
        if slips and page in {*PAGES.values()} - NO_RULE_YET and page not in rules:
            missed.append((page, own))
    assert missed == []


# A rule may be told about on another page than its note's.
TOLD_ON = {*PAGES.values(), *(rule.page for rule in RULES.values())}


@pytest.mark.parametrize("page", sorted(TOLD_ON))
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
