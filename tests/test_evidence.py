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
from helpers.errors import UserError
from helpers.notebook import evidence
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
    del table["figures"][KEY]["rows"][1][name]
    with pytest.raises(ValueError, match=f"lacks {name}, in {KEY}"):
        evidence.checked(table)


@pytest.mark.parametrize(
    "name", [f.name for f in dataclasses.fields(evidence.Measured)]
)
def test_a_figure_that_lacks_a_field_is_refused(name):
    table = as_table()
    del table["figures"][KEY][name]
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


ROW = ("figures", KEY, "rows", 0)


@pytest.mark.parametrize(
    ("path", "value", "message"),
    [
        (("format",), 0, "format 0"),
        (("driver",), " ", "empty driver"),
        (("card",), None, "empty card"),
        (("torch",), 2.11, "empty torch"),
        (("cores",), 0, "0 cores"),
        (("cores",), True, "True cores"),
        (("multiprocessors",), None, "None multiprocessors"),
        (("memory",), -1.0, "memory -1.0"),
        (("overhead",), "5 µs", "overhead '5 µs'"),
        (("tests",), "all", "tests that are no list"),
        (("tests",), [1], "tests that are no list"),
        (("figures",), {}, "no figures"),
        (("figures", "speed"), [], "unknown figure speed"),
        (("figures", KEY), [], f"no table for {KEY}"),
        (("figures", KEY, "rows"), [], f"no lines for {KEY}"),
        (("figures", KEY, "run"), "one step", "runs of another kind ('one step')"),
        (("figures", KEY, "date"), "26.11.2026", "date '26.11.2026', not YYYY-MM-DD"),
        (("figures", KEY, "date"), "2026-13-01", "month must be in 1..12"),
        (("remark",), "fast", "unknown entry remark"),
        ((*ROW, "spread"), [1.0], "not two quartiles"),
        ((*ROW, "spread"), [61.0, 62.0], "median outside its spread"),
        ((*ROW, "median"), "60", "finite numbers"),
        ((*ROW, "median"), float("nan"), "finite numbers"),
        ((*ROW, "runs"), 2, "runs 2"),
        ((*ROW, "warm_up"), -1, "warm_up -1"),
        ((*ROW, "name"), "bfloat16", "two lines of one name"),
        ((*ROW, "name"), "", "line without a name"),
        (("figures", KEY, "rows", 0), 60, "line that is none"),
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
    assert all(entry.driver != gpu.UNKNOWN for entry in found)
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
    assert "Not recorded yet." in evidence.recorded("data-wait", tmp_path)


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
