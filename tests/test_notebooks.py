"""Guards on every notebook: what is stored is true, clean and in the pattern.

Each guard is a function of a notebook that returns what is wrong; beside each
stands a fault that it has to find.
"""

import copy
import re
import tomllib

import nbformat
import pytest
from nbformat import v4

import inputs
from helpers.notebook.claims import MARKS, STAR
from notebook_files import (
    CHAPTERS,
    IDS,
    LESSON_IDS,
    LESSONS,
    PATHS,
    code_cells,
    read,
    record,
    tags,
)
from seventeen.claims import split

# Claims that no number or text goes with, and why.
WITHOUT_VALUE = tomllib.loads(
    (record.ROOT / "tests" / "claims_without_value.toml").read_text("utf-8")
)

REVIEW_AND_PRACTICE = ["Limits of the note", "In review", "Exercises", "Quiz"]
ORDERS = [  # of the sections; in the first, the reason comes before the remedy
    [
        *("The slip", "Why", "The fix", "The evidence", "What to write"),
        *REVIEW_AND_PRACTICE,
    ],
    ["The code", "The slip", "The fix", "Why", *REVIEW_AND_PRACTICE],
]
SECTIONS = {title for order in ORDERS for title in order}
GPU_SECTION = "On a GPU"
VERDICTS = {
    "holds": "Verdict: holds",
    "within limits": "Verdict: holds within limits",
    "corrected": "Verdict: corrected",
}
TEACHER_NOTES = [  # one source: the page *Teach from this book* is made from them
    "## For teachers",
    "<details><summary>Notes for a lesson on this chapter</summary>",
    "**To open.** ",
    "**Believed before.** ",
    "**Where they get stuck.** ",
    "**Short of time.** ",
    "</details>",
]
MAX_LINES, MAX_COLUMNS = 25, 78  # a cell fits a projector
SPREAD = re.compile(r"(\d+(?:\.\d+)?)\s*±\s*(\d+(?:\.\d+)?)")
MACHINE_PATH = re.compile(r"/(?:home|root|Users|work|tmp|var|opt)/|[A-Z]:\\\\")


def not_executed_in_order(notebook):
    """Every code cell has an execution count, from 1 upwards."""
    counts = [cell.execution_count for cell in code_cells(notebook)]
    if counts != list(range(1, len(counts) + 1)):
        yield f"execution counts are {counts}"


def stale(notebook):
    """The outputs belong to the present code of the notebook and of helpers."""
    if not record.is_recorded(notebook):
        yield "outputs are not those of the present code: run make record"


def unclean_output(notebook):
    """No machine's path, no warning and no traceback that is not meant."""
    for cell in code_cells(notebook):
        for output in cell.outputs:
            if output.output_type == "error" and record.RAISES not in tags(cell):
                yield f"an error is stored: {output.ename}"
            if output.get("name") == "stderr":
                yield f"stderr is stored: {output.text[:60]!r}"
            if record.WIDGET in output.get("data", {}):
                yield "a progress bar is stored"
            texts = [output.get("text", ""), *output.get("traceback", [])]
            texts += [
                str(value)
                for kind, value in output.get("data", {}).items()
                if kind.startswith("text/")
            ]
            for text in texts:
                if MACHINE_PATH.search(text):
                    yield f"a path of a machine is stored: {text[:80]!r}"


def figure_without_description(notebook):
    """Every picture has a description, stored with it."""
    for cell in code_cells(notebook):
        for output in cell.outputs:
            if "image/png" not in output.get("data", {}):
                continue
            alt = output.metadata.get("image/png", {}).get("alt", "")
            if len(alt.split()) < 5:
                yield f"a figure without description: {cell.source[-60:]!r}"


def machinery_in_sight(notebook):
    """A page folds imports, checks and the code of figures."""
    folded = {"hide-input", "hide-cell", "remove-cell"}
    taught = {"slip", "fix", "exercise"}
    for cell in code_cells(notebook):
        draws = "plots.show(" in cell.source and not taught & {*tags(cell)}
        is_machinery = draws or {"setup", "check"} & {*tags(cell)}
        if is_machinery and not folded & {*tags(cell)}:
            yield f"tag it hide-input: {cell.source[-60:]!r}"


def cell_too_large(notebook):
    """A cell fits a projector."""
    for cell in code_cells(notebook):
        lines = cell.source.splitlines()
        if len(lines) > MAX_LINES:
            yield f"a cell of {len(lines)} lines: {lines[0]!r}"
        for line in lines:
            if len(line) > MAX_COLUMNS:
                yield f"a line of {len(line)} columns: {line!r}"


def no_prose_between(notebook):
    """Between two code cells stands prose, except after an exercise's cells."""
    previous = None
    for cell in notebook.cells:
        both_code = previous is not None and cell.cell_type == "code"
        if both_code and previous.cell_type == "code":
            parts_of_one = {"check", "solution"} & set(tags(cell))
            if not parts_of_one:
                yield f"two code cells without prose: {cell.source[:60]!r}"
        previous = cell


def section_missing(notebook):
    """The sections stand in the order that a reader knows."""
    text = "\n".join(c.source for c in notebook.cells if c.cell_type == "markdown")
    found = re.findall(r"^## (.+)$", text, re.MULTILINE)
    if [title for title in found if title in SECTIONS] not in ORDERS:
        yield f"the sections are {found}"
    if "注意" not in text:
        yield "the note itself is missing"
    if not re.search(r"^:::\{admonition\} Verdict: ", text, re.MULTILINE):
        yield "the verdict is missing"


def gpu_cell_in_mid_argument(notebook):
    """What needs a GPU stands together, in the last section before the exercises."""
    section, sections, inside = "", [], set()
    for cell in notebook.cells:
        if cell.cell_type == "markdown":
            titles = re.findall(r"^## (.+)$", cell.source, re.MULTILINE)
            section = [section, *titles][-1]
            sections += titles
        elif "evidence.on_gpu(" in cell.source:
            inside.add(section)
    if inside - {GPU_SECTION}:
        yield f"a cell that needs a GPU stands in {inside - {GPU_SECTION}}"
    if (GPU_SECTION in sections) != bool(inside):
        yield f"the section {GPU_SECTION!r} and cells that need one go together"
    if GPU_SECTION in sections and sections[sections.index(GPU_SECTION) + 1 :][:1] != [
        "Exercises"
    ]:
        yield f"the section {GPU_SECTION!r} does not stand before the exercises"


def slip_or_fix_missing(notebook):
    """One cell is the slip, one the fix, and both define the same names."""
    cells = {}
    for tag in ("slip", "fix"):
        found = [cell for cell in code_cells(notebook) if tag in tags(cell)]
        if len(found) != 1:
            yield f"{len(found)} cells are tagged {tag}"
            return
        cells[tag] = defined_names(found[0].source)
    if cells["slip"] != cells["fix"]:
        yield f"slip defines {cells['slip']}, fix defines {cells['fix']}"


def defined_names(source):
    """Return the names that a cell binds at its top level, sorted."""
    import ast

    names = set()
    for node in ast.parse(source).body:
        if isinstance(node, ast.FunctionDef | ast.ClassDef):
            names.add(node.name)
        elif isinstance(node, ast.Assign):
            names |= {
                leaf.id
                for target in node.targets
                for leaf in ast.walk(target)
                if isinstance(leaf, ast.Name) and isinstance(leaf.ctx, ast.Store)
            }
    return sorted(names)


def quiz_out_of_shape(notebook):
    """Three questions, one right answer each, every wrong one explained."""
    quizzes = [c for c in notebook.cells if "quiz" in tags(c)]
    if len(quizzes) != 1:
        yield f"{len(quizzes)} cells are tagged quiz"
        return
    questions = re.split(r"^\*\*\d\. ", quizzes[0].source, flags=re.MULTILINE)[1:]
    if len(questions) != 3:
        yield f"the quiz has {len(questions)} questions"
    for question in questions:
        answers = re.findall(
            r"<details><summary>.+?</summary>\s+(Right|No): .{20,}?</details>",
            question,
            re.DOTALL,
        )
        count = question.count("<details>")
        if len(answers) != count or count < 3 or answers.count("Right") != 1:
            yield f"answers {answers} of {count}: {question[:50]!r}"


def teacher_notes_out_of_shape(notebook):
    """The last cell holds the four paragraphs for teachers, and no other does."""
    found = [cell for cell in notebook.cells if "instructor" in tags(cell)]
    if found != notebook.cells[-1:]:
        yield f"{len(found)} cells are tagged instructor; the last one has to be"
        return
    parts = found[0].source.split("\n\n")
    if len(parts) != len(TEACHER_NOTES):
        yield f"the notes for teachers have {len(parts)} parts"
    for part, start in zip(parts, TEACHER_NOTES, strict=False):
        words = part.removeprefix(start).split()
        if not part.startswith(start) or (start.startswith("**") and len(words) < 8):
            yield f"not a paragraph that begins with {start!r}: {part[:40]!r}"


def no_claim(notebook):
    """At least two claims are printed in cells whose output is compared."""
    compared = (
        cell for cell in code_cells(notebook) if "nbval-ignore-output" not in tags(cell)
    )
    held = [line for cell in compared for line in claims_of(cell)]
    if len(held) < 2:
        yield f"{len(held)} claims are printed"


def claims_of(cell):
    """Return the lines of a cell's output that are claims."""
    printed = "\n".join(output.get("text", "") for output in cell.outputs)
    return [line for line in printed.splitlines() if line.startswith(MARKS)]


def claim_without_value(notebook):
    """A claim's line shows a value, or ``claims_without_value.toml`` says why not."""
    for cell in code_cells(notebook):
        for line in claims_of(cell):
            sentence, value, _ = split(line[2:])
            if not value and sentence not in WITHOUT_VALUE:
                yield f"no value: {line}"


def first_screen_unprinted(notebook):
    """Each mean and spread of the first screen is what some cell has printed.

    A paragraph that links to the page of prices takes its numbers from there.
    """
    shown = "\n".join(
        output.get("text", "") + str(output.get("metadata", ""))
        for cell in code_cells(notebook)
        for output in cell.outputs
    )
    printed = SPREAD.findall(shown.replace(",", ""))
    first = next(cell for cell in notebook.cells if cell.cell_type == "markdown")
    for paragraph in first.source.split("\n\n"):
        if "prices.md" not in paragraph:
            for mean, spread in SPREAD.findall(paragraph.replace(",", "")):
                if (mean, spread) not in printed:
                    yield f"no cell prints {mean} ± {spread}"


def deciding_claims(notebook):
    """Two or three claims have a star: those on which the verdict rests."""
    lines = [line for cell in code_cells(notebook) for line in claims_of(cell)]
    stars = sum(line.startswith(STAR) for line in lines)
    if stars not in (2, 3):
        yield f"{stars} claims decide"


GUARDS = [
    not_executed_in_order,
    stale,
    unclean_output,
    figure_without_description,
    machinery_in_sight,
    cell_too_large,
    no_prose_between,
    no_claim,
    claim_without_value,
    first_screen_unprinted,
]
LESSON_GUARDS = [
    section_missing,
    deciding_claims,
    gpu_cell_in_mid_argument,
    slip_or_fix_missing,
    quiz_out_of_shape,
]
ALL_GUARDS = [*GUARDS, *LESSON_GUARDS, teacher_notes_out_of_shape]


@pytest.mark.parametrize("guard", GUARDS, ids=lambda guard: guard.__name__)
@pytest.mark.parametrize("path", PATHS, ids=IDS)
def test_guard(path, guard):
    assert not list(guard(read(path)))


@pytest.mark.parametrize("guard", LESSON_GUARDS, ids=lambda guard: guard.__name__)
@pytest.mark.parametrize("path", LESSONS, ids=LESSON_IDS)
def test_guard_of_lessons(path, guard):
    assert not list(guard(read(path)))


@pytest.mark.parametrize("path", CHAPTERS, ids=[path.stem for path in CHAPTERS])
def test_teachers_find_their_notes_in_every_chapter(path):
    notebook = read(path)
    assert not list(teacher_notes_out_of_shape(notebook))
    assert notebook.cells[-1].id == f"c{notebook.metadata.chapter.number:02}-teach"


@pytest.mark.parametrize("path", PATHS, ids=IDS)
def test_notebook_is_valid(path):
    nbformat.validate(read(path))


def test_there_are_notebooks():
    """Otherwise every test above would pass for want of anything to test."""
    assert CHAPTERS
    assert len({path.name[:2] for path in CHAPTERS}) == len(CHAPTERS)


@pytest.mark.parametrize("path", CHAPTERS, ids=[path.stem for path in CHAPTERS])
def test_page_says_what_its_metadata_says(path):
    """The table of verdicts is made from the metadata: both must agree."""
    notebook = read(path)
    chapter = notebook.metadata["chapter"]
    text = "\n".join(c.source for c in notebook.cells if c.cell_type == "markdown")
    flowing = re.sub(r"\s+", " ", text)
    assert path.name.startswith(f"{chapter['number']:02d}_")
    assert f"# {chapter['number']} · {chapter['title']}\n" in text
    assert f":::{{admonition}} 注意 {chapter['number']}\n" in text
    assert f":::{{admonition}} {VERDICTS[chapter['verdict']]}\n" in text
    assert chapter["finding"] in flowing
    assert chapter["chinese"] in text
    assert f"{chapter['minutes']} minutes" in flowing


# --- each guard finds the fault it is for ---------------------------------------


def sound():
    """Return a small notebook that every guard accepts."""
    quiz = "## Quiz\n" + "\n".join(
        f"**{k}. Why?**\n\n"
        + "\n".join(
            f"<details><summary>answer</summary>\n\n{start}: {'because ' * 4}\n\n"
            "</details>"
            for start in ("No", "Right", "No")
        )
        for k in (1, 2, 3)
    )
    alt = "two bars, the second one twice as high"
    picture = v4.new_output(
        "display_data", {"image/png": "AAAA"}, metadata={"image/png": {"alt": alt}}
    )
    claims = v4.new_output("stream", name="stdout", text="★ one: 1\n★ two: 2\n")
    text = v4.new_markdown_cell
    cells = [
        text(
            "# Title\n\n:::{admonition} 注意 1\n:::\n\n:::{admonition} Verdict: holds"
        ),
        text("## The code"),
        v4.new_code_cell("import torch"),
        text("## The slip"),
        v4.new_code_cell("value, other = 1, 0", metadata={"tags": ["slip"]}),
        text("## The fix"),
        v4.new_code_cell(
            "value = 2\nother = 3",
            metadata={"tags": ["fix"]},
            outputs=[claims, picture],
        ),
        text("## Why\n## Limits of the note\n## In review\n## Exercises"),
        v4.new_code_cell("answer = ...", metadata={"tags": ["exercise"]}),
        v4.new_code_cell("exercise()", metadata={"tags": ["check", "hide-input"]}),
        text(quiz),
        text("\n\n".join(start + "word " * 8 for start in TEACHER_NOTES)),
    ]
    cells[-2].metadata["tags"] = ["quiz"]
    cells[-1].metadata["tags"] = ["instructor"]
    notebook = v4.new_notebook(cells=cells)
    for count, cell in enumerate(code_cells(notebook), start=1):
        cell.execution_count = count
    notebook.metadata["recorded"] = {"inputs": inputs.inputs_digest(notebook)}
    return notebook


@pytest.mark.parametrize("guard", ALL_GUARDS, ids=lambda guard: guard.__name__)
def test_a_sound_notebook_passes(guard):
    assert not list(guard(sound()))


def plant(change):
    """Return a sound notebook with one fault: ``change`` gets its cells."""
    notebook = copy.deepcopy(sound())
    change(notebook, notebook.cells)
    return notebook


def output(text, name="stdout"):
    return v4.new_output("stream", name=name, text=text)


ON_GPU = "evidence.on_gpu('figure', measure)"
FAULTS = [
    (not_executed_in_order, lambda nb, c: c[4].update(execution_count=None)),
    (not_executed_in_order, lambda nb, c: c[4].update(execution_count=7)),
    (stale, lambda nb, c: c[2].update(source="import numpy")),
    (stale, lambda nb, c: nb.metadata.pop("recorded")),
    (unclean_output, lambda nb, c: c[2].update(outputs=[output("in /home/me/x.py")])),
    (unclean_output, lambda nb, c: c[2].update(outputs=[output("W", "stderr")])),
    (
        unclean_output,
        lambda nb, c: c[2].update(outputs=[v4.new_output("error", ename="KeyError")]),
    ),
    (figure_without_description, lambda nb, c: c[6].outputs[1].metadata.clear()),
    (
        figure_without_description,
        lambda nb, c: c[6].outputs[1].metadata["image/png"].update(alt="figure 1"),
    ),
    (machinery_in_sight, lambda nb, c: c[2].metadata.update(tags=["setup"])),
    (machinery_in_sight, lambda nb, c: c[2].update(source="plots.show(fig, alt='a')")),
    (cell_too_large, lambda nb, c: c[2].update(source="x = 1\n" * 26)),
    (cell_too_large, lambda nb, c: c[2].update(source="x" * 79)),
    (no_prose_between, lambda nb, c: c.pop(3)),
    (section_missing, lambda nb, c: c[7].update(source="## Why\n## In review")),
    (section_missing, lambda nb, c: c[7].update(source=c[7].source + "\n## The fix")),
    (section_missing, lambda nb, c: c[1].update(source="## The evidence")),
    (section_missing, lambda nb, c: c[0].update(source="# Title")),
    (gpu_cell_in_mid_argument, lambda nb, c: c[6].update(source=ON_GPU)),
    (
        gpu_cell_in_mid_argument,
        lambda nb, c: (c[5].update(source="## On a GPU"), c[6].update(source=ON_GPU)),
    ),
    (gpu_cell_in_mid_argument, lambda nb, c: c[5].update(source="## On a GPU")),
    (slip_or_fix_missing, lambda nb, c: c[4].metadata.update(tags=[])),
    (slip_or_fix_missing, lambda nb, c: c[6].update(source="wrong_name = 2")),
    (quiz_out_of_shape, lambda nb, c: c[-2].update(source="## Quiz")),
    (
        quiz_out_of_shape,
        lambda nb, c: c[-2].update(source=c[-2].source.replace("Right:", "No:")),
    ),
    (teacher_notes_out_of_shape, lambda nb, c: c.pop()),
    (teacher_notes_out_of_shape, lambda nb, c: c.append(c.pop(-2))),
    (
        teacher_notes_out_of_shape,
        lambda nb, c: c[-1].update(source=c[-1].source.replace("**Short", "**Shor")),
    ),
    (
        teacher_notes_out_of_shape,
        lambda nb, c: c[-1].update(
            source=c[-1].source.replace("**To open.** ", "**To open.** why? " + "\n\n")
        ),
    ),
    (no_claim, lambda nb, c: c[6].update(outputs=[output("✓ one: 1")])),
    (deciding_claims, lambda nb, c: c[6].update(outputs=[output("★ a: 1\n✓ b: 2")])),
    (deciding_claims, lambda nb, c: c[2].update(outputs=[output("★ a: 1\n★ b: 2")])),
    (claim_without_value, lambda nb, c: c[2].update(outputs=[output("✓ it holds")])),
    (claim_without_value, lambda nb, c: c[2].update(outputs=[output("★ so: it is")])),
    (no_claim, lambda nb, c: c[6].metadata.update(tags=["nbval-ignore-output"])),
    (
        first_screen_unprinted,
        lambda nb, c: (
            c[0].update(source="It costs 21.1 ± 6.7 points."),
            c[2].update(outputs=[output("lost +21.1± 5.5")]),
        ),
    ),
]


@pytest.mark.parametrize(("guard", "change"), FAULTS)
def test_guard_finds_a_planted_fault(guard, change):
    assert list(guard(plant(change)))


def digest_of(code, folder, modules, monkeypatch):
    """Return the digest of a notebook of one cell beside these modules."""
    monkeypatch.setattr(inputs, "ROOT", folder)
    for name, text in modules.items():
        path = folder / "helpers" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return inputs.inputs_digest(v4.new_notebook(cells=[v4.new_code_cell(code)]))


def test_a_changed_helper_makes_outputs_stale(tmp_path, monkeypatch):
    """The digest covers what helpers do, and not how they are commented."""
    digests = [
        digest_of("from helpers import one", tmp_path, {"one.py": text}, monkeypatch)
        for text in (
            '"""Doc."""\nx = 1\n',
            '"""Other doc."""\nx = 1  # comment\n',
            '"""Doc."""\nx = 2\n',
        )
    ]
    assert digests[0] == digests[1] != digests[2]


@pytest.mark.parametrize(
    ("code", "modules"),
    [
        ("import helpers.one", ["__init__.py", "one.py"]),
        ("import helpers.one as one", ["__init__.py", "one.py"]),
        ("from helpers import one, x", ["__init__.py", "one.py"]),
        ("from helpers.one import x", ["__init__.py", "one.py"]),
        ("def f():\n    from helpers.one import *", ["__init__.py", "one.py"]),
        ("from helpers.room import x", ["__init__.py", "room/__init__.py"]),
        (
            "from helpers.room import two",
            [
                "__init__.py",
                "one.py",
                "room/__init__.py",
                "room/three.py",
                "room/two.py",
            ],
        ),
        (
            "from helpers.room.deep import four",
            [
                *("__init__.py", "one.py", "room/__init__.py", "room/deep/__init__.py"),
                *("room/deep/four.py", "room/three.py", "room/two.py"),
            ],
        ),
        ("run([python, '-m', 'helpers'])", ["__init__.py", "__main__.py"]),
        ("run(python, '-m', 'helpers.one')", ["__init__.py", "one.py"]),
        ("import numpy  # helpers.one", []),
        ("print('helpers', 'helpers.one')", []),
    ],
)
def test_a_digest_covers_the_modules_that_are_reached(
    tmp_path, monkeypatch, code, modules
):
    """Directly or by others, in rooms too; and no other module."""
    texts = {
        "__init__.py": "",
        "__main__.py": "",
        "one.py": "",
        "other.py": "import helpers.one",
        "room/__init__.py": "x = 1",
        "room/two.py": "from . import three",
        "room/three.py": "def f():\n    from helpers import one",
        "room/deep/__init__.py": "",
        "room/deep/four.py": "from ..two import y",
    }
    before = digest_of(code, tmp_path, texts, monkeypatch)
    changed = [
        name
        for name, text in texts.items()
        if digest_of(code, tmp_path, texts | {name: f"{text}\ny = 2"}, monkeypatch)
        != before
    ]
    assert sorted(changed) == modules
