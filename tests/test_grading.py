"""Grading: a submission costs its own rows at most, whatever it does."""

import contextlib
import csv
import json
import os
import shutil
import subprocess
import sys
import time
from pathlib import Path

import pytest

from helpers.classroom import grading
from helpers.classroom.process import Limits, package_files, run_steps
from helpers.classroom.submissions import Step
from notebook_files import LESSONS, ROOT, code_cells, read, tags
from patience import HANGS
from test_lessons import answers, exercises
from toys import call

posix = pytest.mark.skipif(os.name != "posix", reason="needs limits and groups")
ANSWERS = {"c-stub1": "first = 4", "c-stub2": "def double(x):\n    return 2 * x"}
CHAPTER = {
    "c-setup": "from helpers.notebook.claims import exercise",
    "c-stub1": "first = ...",
    "c-check1": 'exercise("1.1", first, ("give 4", lambda a: a == 4))',
    "c-solution1": "first = 4",
    "c-stub2": "def double(x):\n    raise NotImplementedError",
    "c-check2": 'exercise(\n  "1.2", double, ("double(3) is 6", lambda f: f(3) == 6))',
    "c-solution2": ANSWERS["c-stub2"],
}
HOG = "kept = []\nwhile True:\n    kept.append(bytearray(10**7))"
TAGS = {"stub": "exercise", "check": "check", "solution": "solution"}


def notebook(sources, number=1, **changes):
    """Return a notebook as JSON; of sources by cell id."""
    made = []
    for name, source in sources.items():
        kind = name.partition("-")[2].strip("0123456789")
        about = {"tags": [TAGS[kind]]} if kind in TAGS else {}
        cell = {"cell_type": "code", "id": name, "metadata": about, "source": source}
        made.append({**cell, "outputs": [], "execution_count": None})
    chapter = {} if number is None else {"chapter": {"number": number}}
    return json.dumps(
        {"cells": made, "metadata": chapter, "nbformat": 4, "nbformat_minor": 5}
        | changes
    )


def answered(*, without=(), before="", after="", **answers):
    """Return the chapter's cells as a student hands them in.

    Args:
        without: cells that are deleted.
        before: a new cell, before the first answer.
        after: a new cell, after the first check.
        answers: new sources, by the id without ``c-``.
    """
    cells = {}
    for name, source in (CHAPTER | ANSWERS).items():
        if name == "c-stub1" and before:
            cells["new-1"] = before
        if name not in without:
            cells[name] = answers.get(name[2:], source)
        if name == "c-check1" and after:
            cells["new-2"] = after
    return cells


@pytest.fixture(scope="module")
def chapters(tmp_path_factory):
    """A folder with one chapter, one interlude without a number."""
    folder = tmp_path_factory.mktemp("chapters")
    folder.joinpath("one.ipynb").write_text(notebook(CHAPTER))
    other = {f"other-{name[2:]}": source for name, source in CHAPTER.items()}
    other["other-check1"] = 'exercise("N.1", first, ("give 5", lambda a: a == 5))'
    del other["other-check2"]
    folder.joinpath("two.ipynb").write_text(notebook(other, None))
    return folder


def results(folder, chapters, **options):
    """Grade a folder and return {file: [(result, message), ...]}."""
    out = folder.parent / f"{folder.name}.csv"
    rows = grading.grade(folder, out, chapters=chapters, **options)
    with out.open(encoding="utf-8", newline="") as file:
        assert [grading.Row(*row) for row in csv.reader(file)][1:] == rows
    found = {}
    for row in rows:
        found.setdefault(row.file, []).append((row.result, row.message))
    return found


# A submission, and of each row the result and a part of the message.
SUBMISSIONS = {
    "right": (answered(), [("passed", ""), ("passed", "")]),
    "untouched": (CHAPTER, [("not attempted", ""), ("not attempted", "")]),
    "wrong": (
        answered(stub1="first = 3", stub2="def double(x):\n    return x + ''"),
        [("wrong", "give 4"), ("wrong", "double(3) is 6 (your answer raised Type")],
    ),
    "answer in a new cell": (
        answered(without=["c-stub1"], before="first = 4"),
        [("passed", ""), ("passed", "")],
    ),
    "answer deleted": (
        answered(without=["c-stub1"]),
        [("error", "NameError: name 'first' is not defined; the answer's cell was d"),
         ("passed", "")],
    ),
    "checks deleted": (
        answered(without=["c-check1", "c-check2"]),
        [("passed", ""), ("passed", "")],
    ),
    "checks softened": (
        answered(stub1="first = 3", check1='exercise("1.1", 4)', check2="1"),
        [("wrong", "give 4"), ("passed", "")],
    ),
    "solution moved up": (
        {"c-setup": CHAPTER["c-setup"], "c-stub1": "first = ...",
         "c-solution1": "first = 4", "c-check1": "1"},
        [("not attempted", ""), ("error", "the answer's cell was deleted")],
    ),
    "imports deleted": (
        answered(without=["c-setup"]), [("passed", ""), ("passed", "")]
    ),
    "lesson broken": (
        answered(setup="import nothing_like_this\nbase = 4", stub1="first = base"),
        [("error", "the answer's cell raised NameError: name 'base'"), ("passed", "")],
    ),
    "syntax error": (
        answered(stub1="first = = 4"),
        [("error", "the answer's cell raised SyntaxError"), ("passed", "")],
    ),
    "magics": (
        answered(before="%time 1\n!echo hello\nawait __import__('asyncio').sleep(0)",
                 stub1="get_ipython()\nfirst = 4"),
        [("passed", ""), ("passed", "")],
    ),
    "asks for input": (
        answered(before="input('name?')"), [("passed", ""), ("passed", "")]
    ),
    "sys.exit": (answered(after="import sys; sys.exit(3)"), [("passed", "")] * 2),
    "exit in the answer": (
        answered(stub2="def double(x):\n    raise SystemExit"),
        [("passed", ""), ("error", "its check raised SystemExit")],
    ),
    "os._exit": (
        answered(after="import os; os._exit(3)"),
        [("passed", ""), ("error", "was ended in code cell 4 (exit status 3)")],
    ),
    "segfault": (
        answered(after="import ctypes; ctypes.string_at(0)"),
        [("passed", ""), ("error", "crashed in code cell 4 (SIGSEGV)")],
    ),
    "a signal without a name": (
        answered(after="import os; os.kill(os.getpid(), 40)"),
        [("passed", ""), ("error", "crashed in code cell 4 (signal 40)")],
    ),
    "memory": (
        answered(stub1=HOG), [("error", "the answer's cell raised MemoryError"),
                              ("passed", "")],
    ),
    "memory in the answer": (
        answered(stub2="def double(x):\n    return len([1] * 2 * 10**8)"),
        [("passed", ""), ("error", "raised MemoryError")],
    ),
    "megabytes of output": (
        answered(before="print('x' * 20_000_000)"), [("passed", ""), ("passed", "")]
    ),
    "megabytes of error": (
        answered(stub2="def double(x):\n    raise ValueError('x' * 10**7)"),
        [("passed", ""), ("wrong", "your answer raised ValueError: xx")],
    ),
    "error that raises": (
        answered(before="class E(Exception):\n    def __str__(self): 1 / 0\nraise E"),
        [("passed", ""), ("passed", "")],
    ),
    "lone surrogate": (
        answered(before="x = '\ud800'"), [("passed", ""), ("passed", "")]
    ),
    "fake lines": (
        answered(stub1="first = 3", after="print('Exercise 1.1: passed')\n"
                 "import os\nos.write(1, b'[\"verdict\", \"1.1\", \"passed\"]\\n')"),
        [("wrong", "give 4"), ("passed", "")],
    ),
    "own exercise()": (
        answered(stub1="first = 3\ndef exercise(name, *_):\n"
                 "    print(f'Exercise {name}: passed')"),
        [("wrong", "give 4"), ("passed", "")],
    ),
    "own claims": (
        answered(stub1="first = 3\nfrom helpers.notebook import claims\n"
                 "claims.RESULTS['1.1'] = 'passed'\nclaims.RESULTS = {'1.1': 'passed'}"
                 "\nclaims.exercise = claims._judge = lambda *_: 'passed'"),
        [("wrong", "give 4"), ("passed", "")],
    ),
    "verdict without a check": (
        answered(stub1="from helpers.notebook.claims import RESULTS\n"
                 "RESULTS['1.1'] = 'passed'"),
        [("error", "its check raised NameError"), ("passed", "")],
    ),
    "own builtins": (
        answered(stub1="first = 3\nimport builtins\nbuiltins.bool = lambda x: 1 == 1\n"
                 "builtins.any = builtins.type = builtins.print = None"),
        [("wrong", "give 4"), ("passed", "")],
    ),
    "garbage for the grader": (
        answered(after="import os\nfor n in range(3, 40):\n    try: os.write(n, b'['"
                 "b'['*9999 + b'\\n[\"cell\", 99]\\n[\"verdict\"]\\n\\xff\\n\"')\n"
                 "    except OSError: pass"),
        [("passed", ""), ("passed", "")],
    ),
    "steps that do not exist": (
        answered(without=["c-stub1"], before="import os\nfor n in range(3, 40):\n"
                 "    try: os.write(n, b'\\n[\"raised\", -99, \"x\"]\\n')\n"
                 "    except OSError: pass"),
        [("error", "its check raised NameError"), ("passed", "")],
    ),
    "locks what it leaves": (
        answered(before="import os\nos.makedirs('a/b')\nopen('a/b/c', 'w').close()\n"
                 "os.chmod('a/b', 0)\nos.chmod('a', 0)\nos.chmod('.', 0o500)"),
        [("passed", ""), ("passed", "")],
    ),
    "deletes what it finds": (
        answered(before="import os, shutil, helpers\nfrom pathlib import Path\n"
                 "shutil.rmtree(Path(helpers.__file__).parent)\n"
                 "shutil.rmtree(Path.home())\nshutil.rmtree(os.environ['TMPDIR'])"),
        [("passed", ""), ("passed", "")],
    ),
    "forks": (
        answered(before="import os, time\nif os.fork() == 0:\n    time.sleep(600)"),
        [("passed", ""), ("passed", "")],
    ),
    "a thread that goes on": (
        answered(before="import threading, time\n"
                 "threading.Thread(target=time.sleep, args=[600]).start()"),
        [("passed", ""), ("passed", "")],
    ),
}  # fmt: skip

# What is no notebook, or none of the book: the file, and a part of the message.
UNREADABLE = {
    "no json": ("# a script", "not valid JSON"),
    "bytes": (b"\xff\xfe\x00\xd8", "not valid JSON"),
    "deep": ("[" * 100_000, "not valid JSON"),
    "empty file": ("", "not valid JSON"),
    "a list": ("[1]", "not a notebook"),
    "old": (notebook({}, nbformat=3), "open it in JupyterLab and save it"),
    "no cells": (json.dumps({"nbformat": 4}), "damaged"),
    "bad cells": (notebook({}, cells=[7]), "damaged"),
    "bad source": (notebook({"c-stub1": {"a": 1}, "x": 7}), "damaged"),
    "bad metadata": (notebook({}, metadata=[]), "damaged"),
    "foreign": (notebook({"a": "1"}, None), "belongs to no chapter"),
    "bare": (notebook({}, [1]), "belongs to no chapter"),
}


@pytest.fixture(scope="module")
def graded(chapters, tmp_path_factory):
    """The results of all submissions above in one folder."""
    folder = tmp_path_factory.mktemp("all") / "submitted"
    folder.mkdir()
    for name, (cells, _) in SUBMISSIONS.items():
        folder.joinpath(f"{name}.ipynb").write_text(notebook(cells))
    for name, (content, _) in UNREADABLE.items():
        raw = content if isinstance(content, bytes) else content.encode()
        folder.joinpath(f"{name}.ipynb").write_bytes(raw)
    runs = tmp_path_factory.getbasetemp() / "runs"
    runs.mkdir()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("tempfile.tempdir", str(runs))
        return results(folder, chapters, memory=1.0, seconds=float(HANGS))


def running_in(folder):
    """Return the processes whose temporary files lie in a folder."""
    found = []
    for path in Path("/proc").glob("[0-9]*/environ"):
        with contextlib.suppress(OSError):  # it has ended meanwhile
            if os.fsencode(folder) + b"/grade-" in path.read_bytes():
                found.append(path.parent.name)
    return found


def matches(found, expected):
    assert [result for result, _ in found] == [result for result, _ in expected], found
    for (_, message), (_, part) in zip(found, expected, strict=True):
        assert part in message
        assert part or not message
        assert len(message) < 1500  # characters: it fits a table
        assert "\n" not in message


@posix
@pytest.mark.parametrize("name", SUBMISSIONS)
def test_a_submission_gets_its_rows(name, graded):
    matches(graded[f"{name}.ipynb"], SUBMISSIONS[name][1])


@posix
@pytest.mark.parametrize("name", UNREADABLE)
def test_what_cannot_be_graded_gets_one_row(name, graded):
    matches(graded[f"{name}.ipynb"], [("error", UNREADABLE[name][1])])


@pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
def test_nothing_is_left(graded, tmp_path_factory):
    """Neither a sleeping child of the notebooks above, nor their folders."""
    folder = tmp_path_factory.getbasetemp() / "runs"
    assert list(folder.iterdir()) == []
    assert running_in(folder) == []


LIMIT = 4.0  # seconds, counted from where the endless part begins


@pytest.fixture
def begun(tmp_path, monkeypatch):
    """A file that a notebook makes when its endless part begins.

    The limit counts from there: a slow machine needs longer to come so far.
    """
    file = tmp_path / "begun"
    wait = subprocess.Popen.wait

    def wait_from_there(process, timeout=None):
        if timeout == LIMIT:
            end = time.monotonic() + HANGS
            while not file.exists() and time.monotonic() < end:
                time.sleep(0.05)
            timeout = 0.2
        return wait(process, timeout)

    monkeypatch.setattr(subprocess.Popen, "wait", wait_from_there)
    return file


@posix
@pytest.mark.parametrize(
    "loop",
    [
        "while True: pass",
        "while True: print('x' * 1000)",
        "import os, signal, time\nsignal.signal(signal.SIGTERM, signal.SIG_IGN)\n"
        "os.fork()\ntime.sleep(600)",
    ],
)
def test_an_endless_run_is_ended_with_its_children(
    loop, chapters, tmp_path, monkeypatch, begun
):
    runs, folder = tmp_path / "runs", tmp_path / "submitted"
    runs.mkdir()
    folder.mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(runs))
    endless = f"open({str(begun)!r}, 'w').close()\n{loop}"
    folder.joinpath("a.ipynb").write_text(notebook(answered(after=endless)))
    found = results(folder, chapters, seconds=LIMIT)
    expected = [("passed", ""), ("error", "stopped after 4 s in code cell 4")]
    matches(found["a.ipynb"], expected)
    assert list(runs.iterdir()) == []
    assert running_in(runs) == []


def test_a_check_that_hangs_is_named(chapters, tmp_path, begun):
    endless = f"def double(x):\n    open({str(begun)!r}, 'w').close()\n"
    endless += "    while True:\n        pass"
    folder = tmp_path / "submitted"
    folder.mkdir()
    folder.joinpath("a.ipynb").write_text(notebook(answered(stub2=endless)))
    found = results(folder, chapters, seconds=LIMIT)["a.ipynb"]
    matches(found, [("passed", ""), ("error", "after 4 s in the check of 1.2")])


@posix
def test_submissions_and_chapters_are_read_before_one_can_delete_them(tmp_path):
    originals, folder = tmp_path / "chapters", tmp_path / "submitted"
    originals.mkdir()
    originals.joinpath("one.ipynb").write_text(notebook(CHAPTER))
    folder.mkdir()
    delete = f"import shutil\nfor p in {[str(folder), str(originals)]}:\n"
    delete += "    shutil.rmtree(p)"
    folder.joinpath("a.ipynb").write_text(notebook(answered(before=delete)))
    folder.joinpath("b.ipynb").write_text(notebook(answered()))
    found = results(folder, originals)
    assert not folder.exists()
    matches(found["a.ipynb"], [("passed", ""), ("passed", "")])
    matches(found["b.ipynb"], [("passed", ""), ("passed", "")])


def test_names_may_be_anything(chapters, tmp_path):
    folder = tmp_path / "submitted"
    names = ["=1+1.ipynb", "sub/deep/李 alice.ipynb", "two\nlines.ipynb", "-x.ipynb"]
    if sys.platform == "linux":
        names.append(os.fsdecode(b"\xff\xfe.ipynb"))
    text = notebook({"c-stub1": "first = 4"})
    for name in [*names, ".ipynb_checkpoints/left.ipynb"]:
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    found = results(folder, chapters)
    shown = [
        "./=1+1.ipynb",
        "sub/deep/李 alice.ipynb",
        "two\\nlines.ipynb",
        "./-x.ipynb",
    ]
    assert set(shown) <= set(found)
    assert len(found) == len(names)
    assert all(name.isprintable() for name in found)


@posix
def test_what_is_no_file_gets_one_row(chapters, tmp_path):
    folder = tmp_path / "submitted"
    folder.mkdir()
    folder.joinpath("good.ipynb").write_text(notebook(answered()))
    folder.joinpath("folder.ipynb").mkdir()
    folder.joinpath("folder.ipynb/inside.ipynb").write_text(notebook(CHAPTER))
    folder.joinpath("loop.ipynb").symlink_to("loop.ipynb")
    folder.joinpath("broken.ipynb").symlink_to("nowhere")
    folder.joinpath("endless.ipynb").symlink_to("/dev/zero")
    folder.joinpath("round").symlink_to(".")
    os.mkfifo(folder / "pipe.ipynb")
    found = results(folder, chapters)
    assert len(found) == 7
    matches(found["good.ipynb"], [("passed", "")] * 2)
    matches(found["folder.ipynb/inside.ipynb"], [("not attempted", "")] * 2)
    for name, part in {
        "folder": "is a folder",
        "loop": "Too many levels of symbolic links",
        "broken": "No such file",
        "endless": "is no regular file",
        "pipe": "is no regular file",
    }.items():
        matches(found[f"{name}.ipynb"], [("error", part)])


def test_what_the_system_refuses_costs_one_row(chapters, tmp_path, monkeypatch):
    """A notebook that vanishes, one and a folder that are locked, no process to run."""
    folder = tmp_path / "submitted"
    for name in ("bob/a", "bob/b", "gone", "locked", "unlucky", "worse", "zoe"):
        path = folder / f"{name}.ipynb"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(notebook(answered(setup=f"name = {name!r}")))
    scan, read_bytes, run = os.scandir, Path.read_bytes, grading.run_steps

    def scandir(path="."):
        if path == str(folder / "bob"):
            raise PermissionError(13, "Permission denied", path)
        return scan(path)

    def read(path):
        if path.name == "gone.ipynb":
            path.unlink()
        if path.name == "locked.ipynb":
            raise PermissionError(13, "Permission denied", str(path))
        return read_bytes(path)

    def run_steps(steps, *rest):
        if "unlucky" in steps[0].source:
            raise OSError(12, "Cannot allocate memory")
        if "worse" in steps[0].source:
            raise KeyError("worse")
        return run(steps, *rest)

    monkeypatch.setattr(os, "scandir", scandir)
    monkeypatch.setattr(Path, "read_bytes", read)
    monkeypatch.setattr(grading, "run_steps", run_steps)
    found = results(folder, chapters)
    matches(found["zoe.ipynb"], [("passed", "")] * 2)
    for name, part in {
        "bob": "is a folder that cannot be listed (Permission denied).",
        "gone.ipynb": "cannot be read (No such file or directory).",
        "locked.ipynb": "cannot be read (Permission denied).",
        "unlucky.ipynb": "could not be graded (Cannot allocate memory).",
        "worse.ipynb": "raised KeyError in the grader itself",
    }.items():
        matches(found.pop(name), [("error", part)])
    assert list(found) == ["zoe.ipynb"]


@posix
@pytest.mark.parametrize(
    "error", [None, PermissionError(1, "Operation not permitted"), RecursionError()]
)
def test_what_cannot_be_deleted_stays(error, chapters, tmp_path, monkeypatch):
    """Folders in folders, deeper than Python's recursion; a file that is immutable."""
    runs, folder = tmp_path / "runs", tmp_path / "submitted"
    runs.mkdir()
    folder.mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(runs))
    deep = "import os\nfor _ in range(1500):\n    os.mkdir('d'); os.chdir('d')"
    for name in ("a", "b"):
        folder.joinpath(f"{name}.ipynb").write_text(notebook(answered(before=deep)))
    if error is not None:

        def refuse(*_, **__):
            raise error

        monkeypatch.setattr("shutil.rmtree", refuse)
    try:
        found = results(folder, chapters)
    finally:  # else pytest would stumble over what is left
        subprocess.run(["rm", "-rf", runs], check=True)
    matches(found["a.ipynb"], [("passed", "")] * 2)
    matches(found["b.ipynb"], [("passed", "")] * 2)


def test_a_console_that_lacks_letters_costs_nothing(chapters, tmp_path):
    folder = tmp_path / "submitted"
    folder.mkdir()
    folder.joinpath("李.ipynb").write_text("no notebook")
    done = subprocess.run(
        [sys.executable, "-m", "helpers", "grade", str(folder), "--out",
         str(tmp_path / "g.csv"), "--chapters", str(chapters)],
        env=os.environ | {"PYTHONIOENCODING": "ascii"}, cwd=ROOT,
        capture_output=True, text=True,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith("\\u674e.ipynb: error (")


@pytest.mark.skipif(sys.platform != "linux", reason="such names need Linux")
def test_folders_and_the_table_may_have_names_that_are_no_text(chapters, tmp_path):
    odd = os.fsdecode(b"\xff")
    folder, out = tmp_path / f"submitted {odd}", tmp_path / f"table {odd}.csv"
    chapters = shutil.copytree(chapters, tmp_path / f"chapters {odd}")
    folder.mkdir()
    folder.joinpath(f"a {odd}.ipynb").write_text(notebook(answered()))
    done = call("grade", folder, "--out", out, "--chapters", chapters)
    assert done.exit_code == 0, done.output
    assert done.stdout.count("\\udcff") == 2
    assert "a \\udcff.ipynb,1.1,passed" in out.read_text("utf-8")


def test_a_huge_file_is_not_read(chapters, tmp_path):
    folder = tmp_path / "submitted"
    folder.mkdir()
    with folder.joinpath("a.ipynb").open("wb") as file:
        file.truncate(10**12)  # bytes, none of which takes room
    matches(results(folder, chapters)["a.ipynb"], [("error", "more than 50 MB")])


def test_a_chapter_is_known_by_its_cells(chapters, tmp_path):
    folder = tmp_path / "submitted"
    folder.mkdir()
    interlude = json.loads(chapters.joinpath("two.ipynb").read_text())
    interlude["cells"][1]["source"] = ["first =", " 5"]
    folder.joinpath("interlude.ipynb").write_text(json.dumps(interlude))
    folder.joinpath("unnumbered.ipynb").write_text(notebook(answered(), None))
    colab = json.loads(notebook(answered(without=["c-stub1"])))  # ids in the metadata
    for cell in colab["cells"]:
        cell["metadata"]["id"] = cell.pop("id")
    folder.joinpath("colab.ipynb").write_text(json.dumps(colab))
    new = json.loads(notebook(answered(stub1="first = 3")))  # new ids and no tags
    for number, cell in enumerate(new["cells"]):
        cell.update(id=f"new-{number}", metadata={})
    folder.joinpath("new.ipynb").write_text(json.dumps(new), encoding="utf-8-sig")
    found = results(folder, chapters)
    matches(found["interlude.ipynb"], [("passed", "")])
    matches(found["unnumbered.ipynb"], [("passed", ""), ("passed", "")])
    matches(found["colab.ipynb"], [("error", "cell was deleted"), ("passed", "")])
    matches(found["new.ipynb"], [("wrong", "give 4"), ("passed", "")])


def test_a_notebook_sees_no_secret_and_works_in_a_folder_of_its_own(
    monkeypatch, tmp_path
):
    monkeypatch.setenv("MY_TOKEN", "secret")
    told = (
        "import os, pathlib, tempfile, helpers\n"
        "assert 'MY_TOKEN' not in os.environ\n"
        "assert len({str(p).split('grade-')[1][:8] for p in (os.getcwd(),"
        " pathlib.Path.home(), tempfile.gettempdir(), helpers.__file__)}) == 1"
    )
    outcome = run_steps(
        [Step(told, None, "", "a cell")], Limits(60, 10**9), package_files()
    )
    assert outcome == ({}, {}, None)


def test_the_command_prints_a_line_a_notebook_and_the_sum(chapters, tmp_path):
    folder = tmp_path / "submitted"
    folder.mkdir()
    folder.joinpath("alice.ipynb").write_text(notebook(answered(stub1="first = 3")))
    folder.joinpath("bob.ipynb").write_text("no notebook")
    out = tmp_path / "table.csv"
    done = call("grade", folder, "--out", out, "--chapters", chapters)
    assert done.exit_code == 0
    lines = done.stdout.splitlines()
    assert lines[0].startswith("alice.ipynb: 1.1 wrong, 1.2 passed (")
    assert lines[1].startswith("bob.ipynb: error (")
    assert "Notebooks: 2; results: 1 passed, 1 wrong, 0 not attempted, 1 error" in lines
    assert lines[-1] == f"Results: {out}"
    assert out.read_text().splitlines() == [
        "file,exercise,result,message",
        "alice.ipynb,1.1,wrong,give 4",
        "alice.ipynb,1.2,passed,",
        'bob.ipynb,,error,"is not valid JSON, so not a notebook."',
    ]


def test_a_stopped_run_leaves_what_was_finished(chapters, tmp_path, monkeypatch):
    folder, out = tmp_path / "submitted", tmp_path / "table.csv"
    folder.mkdir()
    for name in ("a", "b"):
        folder.joinpath(f"{name}.ipynb").write_text(notebook(answered()))
    run, runs = grading.run_steps, []

    def stop_at_the_second(*arguments):
        runs.append(1)
        if len(runs) == 2:
            raise KeyboardInterrupt
        return run(*arguments)

    monkeypatch.setattr(grading, "run_steps", stop_at_the_second)
    done = call("grade", folder, "--out", out, "--chapters", chapters)
    assert done.exit_code == 130
    assert [line[:7] for line in out.read_text().splitlines()[1:]] == ["a.ipynb"] * 2


def test_bad_input_gets_one_sentence(chapters, tmp_path):
    empty = tmp_path / "empty"
    empty.mkdir()
    folder = tmp_path / "submitted"
    folder.mkdir()
    folder.joinpath("a.ipynb").write_text(notebook(CHAPTER))
    broken = tmp_path / "broken"
    broken.mkdir()
    broken.joinpath("one.ipynb").write_text("{")
    link = tmp_path / "link.csv"
    link.symlink_to(folder / "a.ipynb")
    out = tmp_path / "table.csv"
    for arguments, sentence in (
        ([tmp_path / "none"], "There is no folder"),
        ([empty], "There is no notebook"),
        ([folder, "--chapters", empty], "No chapter with exercises in"),
        ([folder, "--chapters", broken], "one.ipynb is not valid JSON"),
        ([folder, "--out", tmp_path], "is a folder"),
        ([folder, "--out", folder / "a.ipynb"], "name it with .csv"),
        ([folder, "--out", folder / "b.ipynb"], "name it with .csv"),
        ([folder, "--out", link], "would replace"),
    ):
        done = call("grade", "--out", out, "--chapters", chapters, *arguments)
        assert done.exit_code == 1
        assert sentence in done.stderr
        assert len(done.stderr.strip().splitlines()) == 1
    assert not out.exists()
    assert folder.joinpath("a.ipynb").read_text() == notebook(CHAPTER)
    assert call("grade", folder, "--seconds", 0).exit_code == 2


def test_help_and_page_say_what_it_does_not_protect_from():
    said = " ".join(call("grade", "--help").stdout.split())
    assert "can fake the result" in said
    assert "no sandbox" in said
    page = (ROOT / "book" / "grading.md").read_text("utf-8")
    for word in ("nbgrader.readthedocs.io", "otter-grader.readthedocs.io", "sandbox"):
        assert word in page


def test_every_chapter_with_exercises_is_found():
    known = {c.name: c for c in grading.read_chapters(grading.CHAPTERS)}
    assert set(known) == {path.stem for path in LESSONS}
    for path in LESSONS:
        found = known[path.stem]
        assert len(found.exercises) == len(exercises(read(path)))
        assert grading.chapter_of(found.notebook, list(known.values())) is found


def test_a_real_chapter(tmp_path):
    """Chapter 4 with its solutions, and with wrong answers."""
    path = next(path for path in LESSONS if path.stem.startswith("04"))
    original, folder = read(path), tmp_path / "submitted"
    folder.mkdir()
    wrong = {}
    for name, message, code in answers("wrong", path):
        wrong.setdefault(name, (message, code))
    right = {}
    for stub, check, solution in exercises(original):
        name = next(n for n in wrong if f'"{n}"' in check.source)
        right[stub.id] = solution.source
        wrong[stub.id] = wrong.pop(name)
    for file, given in (
        ("right", right), ("wrong", {k: code for k, (_, code) in wrong.items()})
    ):  # fmt: skip
        submitted = read(path)
        for cell in code_cells(submitted):
            if "exercise" in tags(cell):
                cell.source += f"\n\n{given[cell.id]}"
        folder.joinpath(f"{file}.ipynb").write_text(json.dumps(submitted))
    found = results(folder, None)
    matches(found["right.ipynb"], [("passed", "")] * len(right))
    matches(found["wrong.ipynb"], [("wrong", message) for message, _ in wrong.values()])
