"""Evidence of GPUs: what a file must say, what a cell shows, how it is recorded."""

import dataclasses
import json
import re
from pathlib import Path

import pytest
from click.testing import CliRunner
from nbformat import v4

import gpu
import inputs
import record
from helpers import evidence
from helpers.errors import UserError
from notebook_files import PATHS, code_cells, read
from toys import evidence_of

KEY = "amp-step"  # a figure whose lines can be compared
ROWS = (
    evidence.Row("float32", 3, 5, 60.0, (59.0, 61.5)),
    evidence.Row("bfloat16", 3, 5, 20.0, (19.5, 20.25)),
)


def of_card(card="NVIDIA Test 100"):
    """Return complete evidence of a card that does not exist."""
    return evidence_of(card, figures={KEY: ROWS})


def as_table(found=None):
    """Return evidence as the table that its file holds."""
    return json.loads(json.dumps(dataclasses.asdict(found or of_card())))


# --- the file --------------------------------------------------------------------


def test_what_is_written_is_read_again(tmp_path):
    path = evidence.write(of_card(), tmp_path)
    assert path.name == "nvidia-test-100.json"
    assert evidence.read_all(tmp_path) == [of_card()]


def test_a_missing_folder_holds_nothing(tmp_path):
    assert evidence.read_all(tmp_path / "none") == []


@pytest.mark.parametrize("name", [f.name for f in dataclasses.fields(of_card())])
def test_a_file_that_lacks_a_field_is_refused(tmp_path, name):
    table = as_table()
    del table[name]
    path = tmp_path / "nvidia-test-100.json"
    path.write_text(json.dumps(table))
    with pytest.raises(UserError, match=f"{path.name} lacks {name}: record it again"):
        evidence.read_all(tmp_path)


@pytest.mark.parametrize("name", [f.name for f in dataclasses.fields(evidence.Row)])
def test_a_line_that_lacks_a_field_is_refused(name):
    table = as_table()
    del table["figures"][KEY][1][name]
    with pytest.raises(ValueError, match=f"lacks {name}, in {KEY}"):
        evidence.checked(table)


def change(path, value):
    """Return a complete table with one value changed; ``path`` leads to it."""
    table = as_table()
    *way, last = path
    place = table
    for step in way:
        place = place[step]
    place[last] = value
    return table


ROW = ("figures", KEY, 0)


@pytest.mark.parametrize(
    ("path", "value", "message"),
    [
        (("format",), 0, "format 0"),
        (("driver",), " ", "empty driver"),
        (("card",), None, "empty card"),
        (("torch",), 2.11, "empty torch"),
        (("date",), "26.11.2026", "date '26.11.2026', not YYYY-MM-DD"),
        (("date",), "2026-13-01", "month must be in 1..12"),
        (("cores",), 0, "0 cores"),
        (("cores",), True, "True cores"),
        (("figures",), {}, "no figures"),
        (("figures", "speed"), [], "unknown figure speed"),
        (("figures", KEY), [], "no lines"),
        (("remark",), "fast", "unknown entry remark"),
        ((*ROW, "spread"), [1.0], "not two quartiles"),
        ((*ROW, "spread"), [61.0, 62.0], "median outside its spread"),
        ((*ROW, "median"), "60", "finite numbers"),
        ((*ROW, "median"), float("nan"), "finite numbers"),
        ((*ROW, "runs"), 2, "runs 2"),
        ((*ROW, "warm_up"), -1, "warm_up -1"),
        ((*ROW, "name"), "bfloat16", "two lines of one name"),
        ((*ROW, "name"), "", "line without a name"),
        (("figures", KEY, 0), 60, "line that is none"),
    ],
)
def test_a_file_that_says_something_else_is_refused(path, value, message):
    with pytest.raises(ValueError, match=re.escape(message)):
        evidence.checked(change(path, value))


@pytest.mark.parametrize("text", ["", "{", "[]", "null"])
def test_a_file_that_is_no_table_is_refused(tmp_path, text):
    path = tmp_path / "card.json"
    path.write_text(text)
    with pytest.raises(UserError, match=r"card\.json .*record it again"):
        evidence.read(path)


def test_a_file_is_named_after_its_card(tmp_path):
    evidence.write(of_card(), tmp_path).rename(tmp_path / "other.json")
    with pytest.raises(UserError, match="named otherwise than its card"):
        evidence.read_all(tmp_path)


def test_a_rehearsal_is_kept_out_of_the_book(tmp_path):
    evidence.write(of_card(evidence.FAKE_CARD), tmp_path)
    with pytest.raises(UserError, match="from a rehearsal and not from a GPU"):
        evidence.read_all(tmp_path)


def test_the_book_holds_complete_evidence_of_real_cards_only():
    found = evidence.read_all(record.ROOT / "book" / "evidence")
    assert all(entry.driver != gpu.NONE for entry in found)
    assert not any("test" in entry.card.lower() for entry in found)


# --- lines and text ----------------------------------------------------------------


def test_runs_are_summed_up_by_median_and_quartiles():
    line = evidence.row("a", [5, 1, 4, 2, 3], warm_up=2)
    assert line == evidence.Row("a", 2, 5, 3.0, (2.0, 4.0))


@pytest.mark.parametrize("values", [[], [1, 2], [1, 2, float("nan")], [1, 2, 1e999]])
def test_too_few_runs_or_no_numbers_are_refused(values):
    with pytest.raises(ValueError, match="a: give 3 finite numbers or more"):
        evidence.row("a", values, warm_up=0)


def test_a_table_shows_every_number_and_fits_a_page():
    text = evidence.table(KEY, ROWS)
    head, first, second = text.splitlines()
    assert "mixed precision, ms" in head
    assert first.split() == ["float32", "60", "59–61.5", "5", "1.0x"]
    assert second.split() == ["bfloat16", "20", "19.5–20.2", "5", "3.0x"]


def test_more_of_a_speed_is_better():
    speed = evidence.FIGURES["loader-throughput"]
    assert evidence.ratio(speed, ROWS[0], ROWS[1]) == "0.3x"
    assert evidence.ratio(evidence.FIGURES["data-wait"], *ROWS) == ""


@pytest.mark.parametrize("key", evidence.FIGURES)
def test_a_heading_leaves_room_for_the_numbers(key):
    long = evidence.Row("a" * 38, 0, 300, 123_456.0, (100_000.0, 200_000.0))
    lines = evidence.table(key, [long]).splitlines()
    assert all(len(line) <= 78 for line in lines)
    assert len({line.index("median") for line in lines[:1]}) == 1
    assert lines[0].index("median") == 44


def test_a_cell_without_a_gpu_shows_each_card(tmp_path):
    for card in ("Test A", "Test B"):
        evidence.write(of_card(card), tmp_path)
    text = evidence.recorded(KEY, tmp_path)
    assert text.count("No GPU here. Test ") == 2
    assert "Test B, 2026-01-31, PyTorch 2.11.0" in text
    assert "no GPU result is recorded yet" in evidence.recorded("data-wait", tmp_path)


# --- the chapters --------------------------------------------------------------------


def test_every_figure_is_measured_by_the_chapter_that_it_names():
    measured = [
        (key, path.stem)
        for path in PATHS
        for cell in code_cells(read(path))
        for key in re.findall(r'evidence\.on_gpu\(\s*"([\w-]+)"', cell.source)
    ]
    named = [(key, figure.chapter) for key, figure in evidence.FIGURES.items()]
    assert sorted(measured) == sorted(named)


def test_new_evidence_makes_the_outputs_that_show_it_stale(tmp_path, monkeypatch):
    monkeypatch.setattr(inputs, "ROOT", tmp_path)
    shows = v4.new_notebook(cells=[v4.new_code_cell("evidence.on_gpu('a', f)")])
    other = v4.new_notebook(cells=[v4.new_code_cell("print(1)")])
    before = [inputs.inputs_digest(notebook) for notebook in (shows, other)]
    evidence.write(of_card(), tmp_path / "book" / "evidence")
    after = [inputs.inputs_digest(notebook) for notebook in (shows, other)]
    assert before[0] != after[0]
    assert before[1] == after[1]


# --- recording -----------------------------------------------------------------

GOOD = f"""
from helpers import evidence
def measure(device, runs=2):
    yield evidence.row("a line on the " + device, range(runs), warm_up=1)
evidence.on_gpu("{KEY}", measure, rehearsal={{"runs": 3}})
"""


@pytest.fixture
def recording(tmp_path, monkeypatch):
    """Return a function that records cells and returns what came of it."""
    monkeypatch.setattr(record, "ROOT", tmp_path)
    monkeypatch.setattr(gpu, "UNFINISHED", tmp_path / "unfinished")
    monkeypatch.setattr(gpu, "gpu_tests_pass", lambda: True)
    monkeypatch.delenv(evidence.REHEARSAL, raising=False)
    folder = tmp_path / "notebooks"
    folder.mkdir()

    def run(*sources, options=("--rehearse",)):
        for position, source in enumerate(sources):
            notebook = v4.new_notebook(cells=[v4.new_code_cell(source)])
            record.write_atomically(notebook, folder / f"{position}.ipynb")
        command = [*options, "--out", str(tmp_path / "evidence")]
        return CliRunner().invoke(gpu.main, command)

    yield run
    # The command sets it for the notebooks, and this process is the test's.
    monkeypatch.delenv(evidence.REHEARSAL, raising=False)


def test_a_rehearsal_records_a_card_that_is_none(recording, tmp_path):
    done = recording(GOOD, "raise RuntimeError('does not measure, is not run')")
    assert done.exit_code == 0, done.output
    (path,) = (tmp_path / "evidence").iterdir()
    found = evidence.read(path)
    assert found.card == evidence.FAKE_CARD
    assert found.figures == {
        KEY: (evidence.Row("a line on the cpu", 1, 3, 1.0, (0.5, 1.5)),)
    }
    with pytest.raises(UserError, match="rehearsal"):
        evidence.read_all(tmp_path / "evidence")


def test_after_a_failure_the_old_file_stays_and_the_rest_is_kept(recording, tmp_path):
    kept = evidence.write(of_card(evidence.FAKE_CARD), tmp_path / "evidence")
    before = kept.read_bytes()
    broken = GOOD.replace(KEY, "data-wait").replace("range(runs)", "[1 / 0]")
    done = recording(GOOD, broken)
    assert done.exit_code == 1
    assert "ZeroDivisionError" in done.output
    assert kept.read_bytes() == before
    (path,) = (tmp_path / "unfinished").iterdir()
    assert list(evidence.read(path).figures) == [KEY]


def test_a_failed_gpu_test_counts_as_a_failure(recording, tmp_path, monkeypatch):
    monkeypatch.setattr(gpu, "gpu_tests_pass", lambda: False)
    done = recording(GOOD)
    assert done.exit_code == 1
    assert not (tmp_path / "evidence").exists()


def test_without_a_gpu_recording_says_so_and_writes_nothing(
    recording, tmp_path, monkeypatch
):
    monkeypatch.setattr("torch.cuda.is_available", lambda: False)
    done = recording(GOOD, options=())
    assert done.exit_code == 1
    assert "sees no CUDA GPU" in done.output
    assert not list(tmp_path.rglob("*.json"))


def test_the_gpu_is_named_and_its_driver_asked(monkeypatch, tmp_path):
    monkeypatch.setattr("torch.cuda.is_available", lambda: True)
    monkeypatch.setattr("torch.cuda.get_device_name", lambda device: "Test card")
    tool = tmp_path / "nvidia-smi"
    tool.write_text("#!/bin/sh\necho 580.1\necho 580.1\n")
    tool.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path), prepend=":")
    facts = gpu.machine(rehearse=False)
    assert (facts["card"], facts["driver"]) == ("Test card", "580.1")
    rows = [dataclasses.asdict(line) | {"spread": list(line.spread)} for line in ROWS]
    assert evidence.checked({**facts, "figures": {KEY: rows}}).card == "Test card"
    tool.write_text("#!/bin/sh\nexit 9\n")
    with pytest.raises(UserError, match="put nvidia-smi on the PATH"):
        gpu.machine(rehearse=False)


def test_dali_may_be_absent(monkeypatch):
    monkeypatch.setitem(__import__("sys").modules, "nvidia.dali", None)
    assert gpu.dali_version() == "absent"


def test_recording_outputs_hides_the_gpu(tmp_path, monkeypatch):
    """Else the outputs that are stored would depend on the machine."""
    monkeypatch.setattr(record, "ROOT", tmp_path)
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", "0")
    path = Path(tmp_path, "one.ipynb")
    cell = v4.new_code_cell(
        "import os; print(repr(os.environ['CUDA_VISIBLE_DEVICES']))"
    )
    record.write_atomically(v4.new_notebook(cells=[cell]), path)
    done = CliRunner().invoke(record.main, [str(path)])
    assert done.exit_code == 0, done.output
    assert read(path).cells[0].outputs[0].text == "''\n"
