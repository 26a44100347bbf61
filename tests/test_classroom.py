"""Editions for a class: nothing leaks, nothing is missing, and all of it runs.

Everything is made once, from the real notebooks and a small one with all that a
chapter may hold: a cell for the instructor, two exercises, tags for slides.
"""

import ast
import copy
import hashlib
import os
import re
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import nbformat
import pytest
from bs4 import BeautifulSoup
from nbformat import v4

import browsing
import classroom
import deck
import pdf
from built_book import needs_chromium
from helpers.errors import UserError
from notebook_files import CHAPTERS, LESSONS, ROOT, read, tags
from seventeen import pair

QUICK = Path("notebooks", "14_dataset_fingerprint.ipynb")  # the quickest to run
INSTRUCTOR = """<details><summary>For teachers</summary>

**To open.** Ask who has lost a day to it.

**Where they get stuck.** At the second argument.

</details>"""
NOTE = """# The subject

What the chapter finds out.

*15 minutes*

:::{admonition} 注意 1
:class: attention
The note, with `code`.

一行中文。
:::

:::{admonition} Verdict: holds
:class: verdict verdict-holds
The finding.
:::"""


def markdown(source, slide=None, tag=None):
    """Return a Markdown cell."""
    return tagged(v4.new_markdown_cell(source), slide, tag)


def code(source, slide=None, tag=None, outputs=()):
    """Return a code cell, with outputs if it has run."""
    cell = v4.new_code_cell(source, execution_count=1, outputs=list(outputs))
    return tagged(cell, slide, tag)


def tagged(cell, slide, tag):
    """Set a cell's slide type and its tag."""
    if slide:
        cell.metadata["slideshow"] = {"slide_type": slide}
    if tag:
        cell.metadata["tags"] = [tag, "hide-cell"] if tag == "solution" else [tag]
    return cell


def said(text):
    """Return the output of a cell that prints."""
    return v4.new_output("stream", name="stdout", text=text)


def made_up():
    """Return a small chapter with all that a chapter may hold."""
    return v4.new_notebook(
        metadata={"chapter": {"number": 1, "title": "The subject"}},
        cells=[
            markdown(NOTE, "slide"),
            markdown(
                "## The slip\n\nShown, with [a link](other.md).\n\nSaid.", "slide"
            ),
            code("print('one')", "fragment", outputs=[said("one\n")]),
            code("claim(1)", "slide", outputs=[said("✓ it holds\nbeside it\n")]),
            markdown(
                "## Why\n\n### A formula\n\nThen\n\n$$x^2$$\n\nSaid, too.", "slide"
            ),
            markdown("Left out.\n\n## Limits of the note\n\nAt night.", "slide"),
            markdown("### Bug reports\n\n- one\n\n## In review\n\n- Look.", "slide"),
            markdown("## Exercises\n\n### 1.1 Add\n\nAdd them.", "slide"),
            code(
                "def add(a, b):\n    raise NotImplementedError", "fragment", "exercise"
            ),
            code('exercise("1.1", add)', tag="check"),
            code("def add(a, b):\n    return sum((a, b), start=0)", tag="solution"),
            code("total = ...", tag="exercise"),
            code('exercise("1.2", total)', tag="check"),
            code("total = 1000 - 7 * 11", tag="solution"),
            markdown(
                "## Quiz\n\n**1. Is it?**\n\n<details><summary>`x` is</summary>\n\n"
                "Right: yes.\n\n</details>\n\n**2. Or?**",
                "slide",
                "quiz",
            ),
            markdown(INSTRUCTOR, tag="instructor"),
        ],
    )


@pytest.fixture(scope="module")
def made(class_folder, tmp_path_factory):
    """The folder of a class, with a hand-out that stands for the printed one."""
    folder = tmp_path_factory.mktemp("classroom")
    shutil.copytree(class_folder, folder, dirs_exist_ok=True)
    (folder / "handouts").mkdir()
    (folder / "handouts" / "review-checklist.pdf").write_bytes(b"%PDF")
    return folder


@pytest.fixture(scope="module")
def unpacked(made, tmp_path_factory):
    """The folder that a student finds in the zip file."""
    folder = tmp_path_factory.mktemp("unpacked")
    classroom.pack_for_class(made, folder / classroom.CLASS)
    with zipfile.ZipFile(folder / classroom.CLASS) as packed:
        packed.extractall(folder)
    return folder / Path(classroom.CLASS).stem


def editions(made, name):
    """Return pairs of a notebook in the working tree and the edition's."""
    paths = [path.relative_to(ROOT) for path in LESSONS]
    return [(read(ROOT / path), read(made / name / path)) for path in paths]


# --- exercises and solutions --------------------------------------------------------


@pytest.mark.parametrize(
    ("stub", "solution", "fault"),
    [
        ("def f(a, b=1): ...", "def f(a: int, b: int = 1) -> int: ...", None),
        ("x, y = ..., ...", "y = 1\nx: int = 2", None),
        ("def f(a): ...", "def g(a): ...", "does not define f"),
        ("def f(a): ...", "def f(b): ...", "asked was (a)"),
        ("def f(a, b=1): ...", "def f(a, b=2): ...", "asked was (a, b=1)"),
        ("x = ...", "def x(): ...", "asked was a value"),
        ("class A: ...", "A = 1", "asked was a class"),
        ("x = ...", "y = 1", "does not define x"),
    ],
)
def test_a_solution_that_does_not_fit_its_exercise_is_found(stub, solution, fault):
    cells = [code(stub, tag="exercise"), code(solution, tag="solution")]
    found = list(classroom.parted(v4.new_notebook(cells=cells)))
    assert (fault is None) == (not found)
    assert all(fault in one for one in found)


def test_every_solution_would_be_recognised():
    for path in LESSONS:
        notebook = read(path)
        telling = classroom.telling_lines(notebook)
        assert len(telling) == len(classroom.exercises(notebook)) >= 2
        assert all(telling.values())


def plant_cell(made, told):
    made.cells.append(v4.new_markdown_cell(f"Hint: `{told[0]}`"))


def plant_check(made, told):
    check = next(cell for cell in made.cells if "check" in tags(cell))
    check.source += "\n" + "\n".join(told)


def plant_output(made, told):
    cell = next(cell for cell in made.cells if cell.cell_type == "code")
    cell.outputs = [said("\n".join(told))]


def plant_metadata(made, told):
    made.cells[0].metadata["answers"] = ["\n".join(told)]


def plant_notebook_metadata(made, told):
    made.metadata["answers"] = {"1.1": "\n".join(told)}


def plant_attachment(made, told):
    made.cells[0]["attachments"] = {"a": {"text/plain": "\n".join(told)}}


@pytest.mark.parametrize(
    "plant",
    [
        plant_cell,
        plant_check,
        plant_output,
        plant_metadata,
        plant_notebook_metadata,
        plant_attachment,
    ],
)
def test_a_planted_solution_is_found(plant):
    source = made_up()
    for told in (["return sum((a, b), start=0)"], ["total = 1000 - 7 * 11"]):
        made = classroom.for_students(source)
        assert not list(classroom.leaks(made, source))
        plant(made, told)
        assert any(repr(told[0]) in fault for fault in classroom.leaks(made, source))


@pytest.mark.parametrize("tag", ["solution", "instructor"])
def test_a_cell_that_stayed_is_found(tag):
    source = made_up()
    made = classroom.for_students(source)
    made.cells.append(next(cell for cell in source.cells if tag in tags(cell)))
    assert any("not for students" in fault for fault in classroom.leaks(made, source))


def test_words_to_the_instructor_are_found():
    source = made_up()
    made = classroom.for_students(source)
    made.cells[0].source += "\n\n**To open.** Ask who has lost a day to it."
    assert any("lost a day" in fault for fault in classroom.leaks(made, source))


def test_nothing_is_written_while_something_leaks(tmp_path, monkeypatch):
    leaking = made_up()
    leaking.cells[0].source += "\n\ntotal = 1000 - 7 * 11"
    leaking.cells.append(leaking.cells.pop(0))  # behind the exercises
    (tmp_path / "notebooks").mkdir()
    path = tmp_path / "notebooks" / "01_a.ipynb"
    nbformat.write(leaking, path)
    monkeypatch.setattr(classroom.record, "ROOT", tmp_path)
    with pytest.raises(UserError, match=r"01_a.ipynb: .*students could read"):
        classroom.make(tmp_path / "out")
    assert not (tmp_path / "out").exists()


def test_what_is_published_is_replaced_as_a_whole(tmp_path):
    """Slides and zip file; while something leaks, what was there stays."""
    folder = tmp_path / "_static" / "classroom"
    folder.mkdir(parents=True)
    (folder / "old.html").touch()
    classroom.publish(folder)
    there = {path.name for path in folder.iterdir()}
    assert there == {"slides", classroom.CLASS, f"{classroom.CLASS}.sha256"}
    assert (folder / "slides" / "index.html").exists()
    first = (folder / classroom.CLASS).read_bytes()
    classroom.publish(folder)
    assert (folder / classroom.CLASS).read_bytes() == first
    assert list(folder.parent.iterdir()) == [folder]


# --- the student's edition ----------------------------------------------------------


def test_students_get_exercises_and_checks_and_no_solution_or_output(made):
    for source, student in editions(made, "student"):
        nbformat.validate(student)
        assert not list(classroom.leaks(student, source))
        assert "recorded" not in student.metadata
        kept = [
            c for c in source.cells if not {"solution", "instructor"} & set(tags(c))
        ]
        assert [cell.id for cell in student.cells] == [cell.id for cell in kept]
        for cell, original in zip(student.cells, kept, strict=True):
            if cell.cell_type == "code":
                assert (cell.outputs, cell.execution_count) == ([], None)
                assert cell.source == original.source
        assert student.cells[0].id == "colab"
        assert "<details>" in student.cells[-1].source or "quiz" in str(student.cells)


def test_the_made_up_chapter_loses_what_is_not_for_students():
    student = classroom.for_students(made_up())
    text = nbformat.writes(student)
    assert "raise NotImplementedError" in text
    assert 'exercise(\\"1.2\\", total)' in text
    assert "<details><summary>`x` is</summary>" in text
    assert "start=0" not in text
    assert "To open" not in text
    assert not any(cell.get("outputs") for cell in student.cells)


def test_no_link_leads_out_of_the_edition(made):
    for edition in ("student", "instructor"):
        for path in (made / edition).rglob("*.ipynb"):
            for cell in read(path).cells:
                if cell.cell_type == "markdown":
                    for _, address in deck.LINK.findall(cell.source):
                        assert (path.parent / address).exists(), (path.name, address)


# --- the instructor's edition -------------------------------------------------------


def test_instructors_get_everything(made):
    for source, instructor in editions(made, "instructor"):
        nbformat.validate(instructor)
        assert [cell.id for cell in instructor.cells] == [c.id for c in source.cells]
        for cell, original in zip(instructor.cells, source.cells, strict=True):
            assert cell.get("outputs") == original.get("outputs")
            if cell.cell_type == "code":
                assert cell.source == original.source
            assert "hide-cell" not in tags(cell)
            assert set(tags(original)) - set(tags(cell)) <= {"hide-cell"}


def test_the_notes_of_an_instructor_are_unfolded():
    source = made_up()
    before = copy.deepcopy(source)
    made = classroom.for_instructors(source)
    assert source == before
    assert made.cells[-1].source == INSTRUCTOR.replace("<details>", "<details open>")
    assert "<details><summary>" in made.cells[-2].source  # the quiz stays folded


def test_the_key_to_the_exercise_in_pairs_is_for_instructors_only(made, unpacked):
    there = {path.name for path in (made / "instructor" / "pair").iterdir()}
    assert there == {pair.SCRIPT, pair.MENDED, "key.md"}
    key = (made / "instructor" / "pair" / "key.md").read_text("utf-8")
    for fault in pair.read(ROOT):
        assert f"## Line {fault.number}: note {fault.note}\n" in key
        assert fault.line in key
    for student in (made / "student", unpacked):
        assert [path.name for path in (student / "pair").iterdir()] == [pair.SCRIPT]
        assert not list(student.rglob(pair.MENDED))
        assert not list(student.rglob("key.*"))


# --- slides -------------------------------------------------------------------------


def test_the_slides_of_the_made_up_chapter():
    shown = [
        (slide.title, slide.section, [(part.kind, part.later) for part in slide.shown])
        for slide in deck.Deck(made_up()).slides
    ]
    assert shown == [
        ("The subject", "", [("text", False)]),
        (
            "The slip", "",
            [("text", False), ("code", True), ("printed", True)],
        ),
        ("The slip", "", [("printed", False)]),
        ("A formula", "Why", [("text", False)]),
        ("The verdict", "", [("text", False)]),
        ("Limits of the note", "", [("text", False)]),
        ("In review", "", [("text", False)]),
        ("1.1 Add", "Exercises", [("text", False), ("code", True)]),
        ("Quiz", "", [("text", False)]),
    ]  # fmt: skip


def test_the_objectives_are_on_the_second_slide():
    first, second, third, *_ = deck.Deck(made_up(), ["count `x`", "tell"]).slides
    assert second.title == "After this chapter you can …"
    assert second.shown[0].html == "<ul><li>count <code>x</code></li><li>tell</li></ul>"
    assert (first.title, third.title) == ("The subject", "The slip")


def test_the_answers_of_a_quiz_have_letters():
    *_, quiz = deck.Deck(made_up()).slides
    assert '<summary><span class="answer-letter">A</span> <code' in quiz.shown[0].html


def test_what_does_not_fit_is_said():
    pages = [
        (" ".join(part.html for part in slide.shown), " ".join(slide.notes))
        for slide in deck.Deck(made_up()).slides
    ]
    title, slip, claims, why, verdict, limits, review, exercise, quiz = pages
    assert '<span lang="zh-Hans">一行中文。</span>' in title[0]
    assert 'class="admonition attention"' in title[0]
    assert "The finding" not in title[0] + title[1]
    assert "The finding" in verdict[0]
    assert "15 minutes" in title[1]
    assert "To open" in title[1]
    assert "Shown, with a link." in slip[0]
    assert "Said." in slip[1]
    assert "<ul><li>it holds</li></ul><pre>beside it</pre>" in claims[0]
    assert r"\[x^2\]" in why[0]
    assert "Said, too." in why[1]
    assert "Left out" not in limits[0] + limits[1]
    assert "one" not in review[0] + review[1]
    assert "Where they get stuck" in exercise[1]
    assert "<code" in quiz[0]
    assert "2. Or" not in quiz[0] + quiz[1]


@pytest.mark.parametrize(
    ("cell", "sentence"),
    [
        (code("a = 1", "slide", "solution"), "a solution may not be on a slide"),
        (code("a = 1", "fragment"), "there is no slide yet"),
        (
            code("a", "slide", outputs=[
                v4.new_output("display_data", {"image/png": "eA=="})
            ]),
            "no description",
        ),
    ],
)  # fmt: skip
def test_what_cannot_be_a_slide_is_refused(cell, sentence):
    with pytest.raises(UserError, match=sentence):
        deck.Deck(v4.new_notebook(cells=[cell]))


def test_a_missing_package_is_named():
    with pytest.raises(UserError, match="no-such-package is missing: pip install"):
        deck.packaged("no-such-package", "a.js")


def test_every_chapter_has_a_deck_without_solutions(made):
    for path in CHAPTERS:
        text = (made / "slides" / f"{path.stem}.html").read_text("utf-8")
        soup = BeautifulSoup(text, "html.parser")
        slides = soup.select(".slides > section")
        assert 8 <= len(slides) <= 15, path.stem
        assert len(soup.find_all("h1")) == 1
        assert all(slide.find(["h1", "h2"]) for slide in slides)
        assert soup.select("aside.notes")
        assert slides[0].select(".admonition.attention [lang=zh-Hans]")
        assert soup.select(".admonition.verdict")
        assert soup.select("#quiz details:not([open])")
        assert ":::" not in soup.get_text()
        assert "](" not in soup.get_text()
        assert all(len(image["alt"].split()) >= 5 for image in soup.find_all("img"))
        for tag in soup.select("[src], link[href]"):
            name = str(tag.get("src") or tag["href"])
            assert name.startswith("data:") or (made / "slides" / name).exists(), name
        told = [
            line for ls in classroom.telling_lines(read(path)).values() for line in ls
        ]
        shown = "".join(slide.get_text() for slide in slides)
        assert not [line for line in told if len(line) > 25 and line in shown]


# --- the zip file -------------------------------------------------------------------


def test_the_zip_file_is_for_the_class_and_always_the_same(made, unpacked, tmp_path):
    first = unpacked.parent / classroom.CLASS
    for path in made.rglob("*"):
        path.touch()
    checksum = classroom.pack_for_class(made, tmp_path / classroom.CLASS)
    digest = hashlib.sha256(first.read_bytes()).hexdigest()
    assert checksum.read_text("utf-8").split() == [digest, classroom.CLASS]
    names = {path.relative_to(unpacked).as_posix() for path in unpacked.rglob("*")}
    assert {"handouts/review-checklist.pdf", "README.md", "pyproject.toml"} <= names
    assert {path.relative_to(ROOT).as_posix() for path in LESSONS} <= names
    assert not [name for name in names if "slides" in name or "instructor" in name]
    assert not [name for name in names if "__pycache__" in name]


def test_all_that_the_package_is_built_from_is_there(unpacked):
    names = {"helpers", "requirements.txt", "constraints.txt", "LICENSE-CONTENT"}
    assert all((unpacked / name).exists() for name in names)
    here = {
        path.name for path in (ROOT / "helpers").rglob("*") if path.suffix != ".pyc"
    }
    there = {path.name for path in (unpacked / "helpers").rglob("*")}
    assert here - {"__pycache__"} == there
    readme = (unpacked / "README.md").read_text("utf-8")
    for command in ("pip install -r requirements.txt", "helpers doctor", "jupyter lab"):
        assert command in readme


def test_a_notebook_runs_where_it_was_unpacked(unpacked):
    program = (
        "import json, nbformat, nbclient, helpers; print(helpers.__file__)\n"
        f"notebook = nbformat.read({str(QUICK.name)!r}, 4)\n"
        "nbclient.NotebookClient(notebook, kernel_name='python3').execute()\n"
        "print(json.dumps([o.get('text', '') for c in notebook.cells"
        " if c.cell_type == 'code' for o in c.outputs]))"
    )
    done = subprocess.run(
        [sys.executable, "-c", program],
        cwd=unpacked / QUICK.parent,
        env=os.environ | {"PYTHONPATH": str(unpacked)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-2000:]
    where, texts = done.stdout.splitlines()
    assert Path(where).is_relative_to(unpacked)
    for number in (1, 2, 3):
        assert f"Exercise 14.{number}: not attempted yet" in "".join(
            ast.literal_eval(texts)
        )


# --- the hand-out -------------------------------------------------------------------


@needs_chromium
def test_the_checklist_is_one_sheet_and_the_same_every_time(site, tmp_path):
    first, second = tmp_path / "first.pdf", tmp_path / "second.pdf"
    for target in (first, second):
        classroom.print_checklist(site, target)
    content = first.read_bytes()
    assert content.startswith(b"%PDF")
    assert content.count(b"/Type /Page\n") == 1
    links = set(re.findall(rb"/URI \(([^)]*)\)", content))
    assert links
    assert all(link.startswith(b"https://") for link in links), "a dead link on paper"
    assert content == second.read_bytes()


@needs_chromium
def test_what_is_printed_waits_for_its_formulas(site, tmp_path):
    page = tmp_path / "page.html"
    page.write_text(pdf.sheet(site / browsing.CHAPTER), "utf-8")
    with browsing.opened(page.as_uri()) as shown:
        assert shown.locator("mjx-container").count() >= 1
        assert "\\(" not in shown.inner_text("body")


def test_without_a_book_there_is_one_sentence(tmp_path):
    with pytest.raises(UserError, match="run `make book` first"):
        classroom.print_checklist(tmp_path, tmp_path / "checklist.pdf")
