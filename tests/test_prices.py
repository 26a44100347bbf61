"""Prices of slips: pairs are pairs, bad files are refused, sums are right."""

import copy
import importlib
import json
import math
import sys
from dataclasses import asdict, replace
from pathlib import Path

import pytest
import torch
from click.testing import CliRunner

import prices.__main__ as command
from helpers.errors import UserError
from notebook_files import PATHS, ROOT
from prices import files, looks, measures, rows, slips, summary, tasks, training
from prices.files import Cell, Run
from prices.logs import alarms
from seventeen import prices as page

SMALL = tasks.solids_task(small=True)


# --- every row runs -----------------------------------------------------------------


@pytest.fixture(scope="module")
def rehearsed(tmp_path_factory) -> Path:
    """Return a folder in which every row was rehearsed."""
    folder = tmp_path_factory.mktemp("prices")
    done = CliRunner().invoke(command.main, ["--rehearse", "--out", str(folder)])
    assert done.exit_code == 0, done.output
    return folder


def test_every_row_is_rehearsed_on_every_task(rehearsed):
    expected = {
        f"{task}/{rows.key(row)}.json" for row in rows.ROWS for task in row.tasks
    }
    for task in command.TASKS:
        expected |= {f"{task}/{rows.key(run)}.json" for run in rows.bases(task)}
    assert {
        path.relative_to(rehearsed).as_posix() for path in rehearsed.glob("*/*")
    } == (expected)


def test_a_rehearsal_is_refused(rehearsed):
    with pytest.raises(UserError, match="comes from a rehearsal: delete it"):
        list(files.read_all(rehearsed))


def test_what_is_there_is_not_measured_again(rehearsed, monkeypatch):
    monkeypatch.setattr(command, "work", None)  # would fail
    done = CliRunner().invoke(command.main, ["--rehearse", "--out", str(rehearsed)])
    assert done.exit_code == 0, done.output


def test_an_unknown_row_is_named():
    done = CliRunner().invoke(command.main, ["soft-max"])
    assert "There is no row soft-max: there are missing-folder, " in str(done.output)


# --- a recording that is stopped goes on --------------------------------------------


def a_run(seed: int, value: float = 50.0, fair: float | None = None, **other) -> Run:
    """Return a run that a file would hold."""
    facts = {
        "date": "2026-11-30", "device": "cpu", "processor": "a processor", "cores": 2,
        "python": "3.11.7", "torch": "2.14.1", "torchvision": "0.29.1",
    }  # fmt: skip
    losses = {"train_losses": (1.0, 0.5), "val_losses": (1.0, 0.8)}
    return Run(seed=seed, value=value, fair=fair, **(losses | facts | other))


def test_a_stopped_recording_loses_nothing(tmp_path, monkeypatch):
    done = []

    def some(todo, processes, small):
        for job in todo:
            if len(done) == 3:
                raise KeyboardInterrupt
            done.append(job)
            yield job, {rows.key(k): a_run(job.seed) for k in (job.kind, *job.looks)}

    monkeypatch.setattr(command, "in_processes", some)
    words = ["softmax", "--out", str(tmp_path)]
    stopped = CliRunner().invoke(command.main, words)
    assert stopped.exit_code == 130
    assert "the same command goes on" in stopped.output
    assert len(files.read(tmp_path / "solids" / "training.json").runs) == 3
    before, done[:] = list(done), []
    while CliRunner().invoke(command.main, words).exit_code:
        before += done
        done.clear()
    jobs = [(job.task, job.kind, job.seed) for job in before + done]
    assert len(jobs) == len(set(jobs)) == 3 * 2 * files.SEEDS  # none twice
    assert [cell.row for cell in files.read_all(tmp_path)] == [
        "softmax",
        "training",
    ] * 3


# --- files --------------------------------------------------------------------------


def a_cell(**other) -> Cell:
    """Return a cell of one run."""
    fields = {
        "format": files.FORMAT, "row": "softmax", "task": "solids", "digest": "abc",
        "rehearsal": False, "runs": (a_run(0),),
    }  # fmt: skip
    return Cell(**(fields | other))


def test_a_file_is_read_as_it_was_written(tmp_path):
    cell = a_cell(runs=(a_run(0), a_run(1, 40.0, 60.0, train_losses=(None, 0.1))))
    files.write(cell, tmp_path)
    assert files.read(tmp_path / cell.name) == cell
    assert list(files.read_all(tmp_path)) == [cell]


def changed(where: str, value) -> dict:
    """Return what a file holds, one entry changed; "runs.x" is of its first run."""
    found = json.loads(json.dumps(asdict(a_cell())))
    part = found["runs"][0] if where.startswith("runs.") else found
    if value is ...:
        del part[where.removeprefix("runs.")]
    else:
        part[where.removeprefix("runs.")] = value
    return found


@pytest.mark.parametrize(
    ("where", "value", "said"),
    [
        ("format", 0, "has format 0"),
        ("rehearsal", "no", "does not say whether it is a rehearsal"),
        ("digest", "", "has an empty digest"),
        ("runs", [], "holds no runs"),
        ("runs", ..., "lacks runs"),
        ("note", "by hand", "has the unknown entry note"),
        ("runs.value", math.nan, "something else than finite numbers"),
        ("runs.value", "50", "something else than finite numbers"),
        ("runs.fair", math.inf, "something else than finite numbers"),
        ("runs.seed", 0.5, "as seed"),
        ("runs.seed", ..., "lacks seed"),
        ("runs.val_losses", [1.0], "more losses of one kind"),
        ("runs.train_losses", 1.0, "no lists"),
        ("runs.date", "today", "has the date"),
        ("runs.processor", " ", "has an empty processor"),
    ],
)
def test_a_damaged_file_is_refused(where, value, said, tmp_path):
    path = tmp_path / "solids" / "softmax.json"
    path.parent.mkdir()
    path.write_text(json.dumps(changed(where, value)))
    with pytest.raises(
        UserError, match=f"(?s)solids/softmax.json .*{said}.*make prices"
    ):
        files.read(path)


@pytest.mark.parametrize("seeds", [(0, 0), (1, 0)])
def test_seeds_come_once_and_in_order(seeds):
    found = json.loads(json.dumps(asdict(a_cell(runs=tuple(map(a_run, seeds))))))
    with pytest.raises(ValueError, match="a seed twice, or not in order"):
        files.checked(found)


def test_a_file_lies_where_it_says(tmp_path):
    files.write(a_cell(), tmp_path)
    (tmp_path / "cells").mkdir()
    (tmp_path / "solids" / "softmax.json").rename(tmp_path / "cells" / "softmax.json")
    with pytest.raises(UserError, match="holds solids/softmax.json"):
        list(files.read_all(tmp_path))


# --- what was recorded is up to date ------------------------------------------------


def test_no_recorded_row_is_out_of_date():
    """After a change of a slip, `make prices` must measure its row again."""
    assert summary.stale(files.read_all()) == []


def test_another_digest_is_out_of_date(tmp_path):
    fresh = a_cell(digest=rows.digest(slips.Softmax))
    assert summary.stale([fresh]) == []
    assert summary.stale([a_cell(digest="old")]) == ["solids/softmax.json"]
    assert summary.stale([a_cell(row="no-row")]) == ["solids/no-row.json"]


SLIP = """
class Slip:
    '''What it is.'''

    says = "words"
    rate = 1

    def update(self, loss):
        return loss  # a comment
"""


@pytest.mark.parametrize(
    ("old", "new", "same"),
    [
        ("words", "other words", True),
        ("What it is", "What it is not", True),
        ("a comment", "another one", True),
        ("rate = 1", "rate = 2", False),
        ("return loss", "return -loss", False),
    ],
)
def test_the_code_of_a_slip_decides_its_digest(old, new, same, tmp_path, monkeypatch):
    found = []
    for number, text in enumerate((SLIP, SLIP.replace(old, new))):
        monkeypatch.syspath_prepend(tmp_path)
        (tmp_path / f"planted{number}.py").write_text(text)
        monkeypatch.delitem(sys.modules, f"planted{number}", raising=False)
        module = importlib.import_module(f"planted{number}")
        found.append(rows.code(module.Slip))
    assert (found[0] == found[1]) == same


def test_what_a_slip_builds_on_decides_its_digest():
    """Its own methods, those it inherits, and the functions and classes it names."""
    assert {slips.BadBatch, slips.ClippedAfter, slips.Momentum} <= set(
        rows.own_classes(slips.BadBatchAfter)
    )
    assert {slips.bottlenecks, slips.Bottleneck} <= set(rows.own_classes(slips.V1))
    assert looks.macro_f1 in set(rows.own_classes(looks.MeanOfBatches))


def test_every_note_has_a_row():
    pages = {row.page for row in rows.ROWS}
    known = {path.relative_to(ROOT).with_suffix("").as_posix() for path in PATHS}
    assert pages <= known
    numbers = {int(p.split("/")[1][:2]) for p in pages if p.startswith("notebooks/")}
    assert numbers == set(range(1, 18))


# --- runs are pairs -----------------------------------------------------------------


def seen_by(kind: type[training.Training]) -> list[torch.Tensor]:
    """Return what a run's network gets in training, batch by batch."""
    run, inputs = kind(SMALL, seed=3), []
    original = run.train_inputs

    def record(chosen: torch.Tensor) -> torch.Tensor:
        inputs.append(original(chosen))
        return inputs[-1]

    run.train_inputs = record  # type: ignore[method-assign]
    training.run(run)
    return inputs


PAIRS = [
    (row, rows.base(row)) for row in rows.ROWS if issubclass(row, training.Training)
]
SAME_INPUTS = [
    (row, run)
    for row, run in PAIRS
    if "solids" in row.tasks and row is not slips.ImageNetNumbers
]


@pytest.mark.parametrize(("row", "run"), SAME_INPUTS)
def test_both_runs_of_a_pair_see_the_same_images(row, run):
    one, other = seen_by(row), seen_by(run)
    assert len(one) == len(other) > 0
    for mine, theirs in zip(one, other, strict=True):
        assert torch.equal(mine.nan_to_num(7), theirs.nan_to_num(7))


def test_looks_leave_the_run_as_it_is():
    alone = training.run(training.Training(SMALL, 0))[0]
    run = training.Training(SMALL, 0)
    beside = training.run(
        run, [look(run) for look in rows.bases("solids")[training.Training]]
    )
    assert beside[0] == alone
    assert len(beside) > 5


def test_the_same_seed_gives_the_same_run_and_another_one_another():
    values = [training.run(slips.Softmax(SMALL, seed)) for seed in (0, 0, 1)]
    assert values[0] == values[1] != values[2]


def test_mean_recall_counts_classes_alike_and_knows_broken_networks():
    logits = torch.eye(3)[[0, 0, 0, 1, 2]]
    assert training.mean_recall(logits, torch.tensor([0, 0, 1, 1, 2])) == pytest.approx(
        100 * (1 + 0.5 + 1) / 3
    )
    logits[0, 0] = math.nan
    assert training.mean_recall(logits, torch.tensor([0, 0, 1, 1, 2])) == 100 / 3


# --- rules and sums -----------------------------------------------------------------


@pytest.mark.parametrize(
    ("train", "val", "found"),
    [
        ([1.8, 0.9], [1.0, 0.9], []),
        ([1.8, 1.63], [1.0, 0.9], ["hardly learns"]),
        ([1.8, 1.61], [1.0, 1.24], []),
        ([1.8, 0.9], [1.0, 1.26], ["validation loss rises"]),
        ([1.8, 1.8], [1.0, 2.0], ["hardly learns", "validation loss rises"]),
        ([1.8, math.nan], [1.0, 0.9], ["not finite"]),
        ([1.8, 0.9], [math.inf, 0.9], ["not finite"]),
    ],
)
def test_what_a_log_shows(train, val, found):
    assert alarms(train, val) == found


def priced(ours, theirs, row=slips.Softmax, task="solids"):
    """Return the price of runs with these values."""
    cells = [
        a_cell(runs=tuple(a_run(k, v) for k, v in enumerate(values)))
        for values in (ours, theirs)
    ]
    return summary.compare(row, task, *cells)


def test_a_price_is_a_difference_of_pairs():
    price = priced([50, 51, 52, 50, 49], [60, 61, 60, 60, 61])
    assert price.costs == (10, 10, 8, 10, 12)
    assert (price.mean, price.worse, price.better, price.sure) == (10, 5, 0, True)
    assert price.spread == pytest.approx(math.sqrt(2))
    assert (price.shown, price.alarms) == (0, 0)
    assert summary.sentence(price) == "costs 10.0 ± 1.4 points over 5 seeds"


def test_a_sign_that_depends_on_the_seed_is_said():
    price = priced([50, 51, 52, 50, 49], [51, 50, 53, 49, 50])
    assert not price.sure
    assert "the sign depends on the seed: worse in 3 of 5" in summary.sentence(price)
    assert summary.short([price], slips.Softmax).startswith("costs nothing that five")
    ties = priced([51, 50, 53, 50, 50], [50, 50, 50, 50, 50])
    assert summary.sentence(ties).endswith(
        "better in 2 of 5 seeds, equal in the others"
    )
    free = priced([50] * 5, [50] * 5)
    assert summary.sentence(free) == "costs nothing in 5 seeds"


def test_a_slip_may_gain():
    price = priced([60, 61, 62, 60, 61], [55] * 5)
    assert price.sure
    assert summary.sentence(price).startswith("gains 5.8 ± ")
    assert summary.short([price], slips.Softmax) == "gains 5.8 points of mean recall"


def test_four_seeds_are_no_price():
    assert priced([50] * 4, [60] * 5) is None
    assert priced([50] * 5, [60] * 4) is None


def test_less_is_better_for_memory_and_more_for_speed():
    for row, costs in ((measures.KeptGraphs, -5), (measures.TooManyWorkers, 5)):
        runs = tuple(a_run(k, 10.0, 15.0) for k in range(5))
        cell = a_cell(runs=runs)
        price = summary.compare(row, "measured", cell, cell)
        assert set(price.costs) == {costs}
        assert price.shown is None
        assert summary.sentence(price).startswith("10.0 instead of 15.0 ")


def test_losses_decide_what_the_log_shows():
    flat = {"train_losses": (1.0, 0.99)}
    ours = a_cell(runs=tuple(a_run(k, 10.0, **flat) for k in range(5)))
    theirs = a_cell(runs=tuple(a_run(k, 20.0) for k in range(5)))
    price = summary.compare(slips.Softmax, "solids", ours, theirs)
    assert (price.shown, price.alarms) == (5, 0)


# --- the page -----------------------------------------------------------------------


@pytest.fixture
def book(tmp_path) -> Path:
    """Return a book's root in which one row was recorded on two tasks."""
    folder = tmp_path / page.FOLDER
    for task, lost in (("solids", 3.0), ("cells", 0.25)):
        for kind, value in ((slips.Softmax, 80 - lost), (training.Training, 80.0)):
            runs = tuple(a_run(seed, value) for seed in range(5))
            cell = a_cell(row=rows.key(kind), task=task, runs=runs)
            files.write(replace(cell, digest=rows.digest(kind)), folder)
    return tmp_path


def test_only_rows_that_are_recorded_are_shown(book):
    found = page.recorded(book)
    assert [(price.row, price.task) for price in found] == [
        (slips.Softmax, "solids"), (slips.Softmax, "cells")
    ]  # fmt: skip
    assert page.cells(found[0]) == [
        "A softmax before the loss", "solids, from scratch", "+3.0 points", "± 0.0",
        "5 of 5", "0 of 5",
    ]  # fmt: skip
    assert page.words(book, slips.Softmax).astext() == (
        "(costs 0.2 to 3.0 points of mean recall)"
    )
    assert page.words(book, slips.NeverBack).astext() == ""
    assert "3.0 on solids, from scratch, 0.2 on solar cells" in page.describe(found)
    assert page.draw(found).startswith(b"\x89PNG")


def test_a_chapter_quotes_its_own_rows(book):
    (found,) = page.of_page(book, slips.Softmax.page)
    assert (
        "Costs 3.0 ± 0.0 points over 5 seeds (solids, from scratch)." in found.astext()
    )
    assert page.of_page(book, "notebooks/01_imagefolder_layout") == []


def test_a_row_whose_code_changed_is_left_out(book, monkeypatch):
    original = summary.digest
    monkeypatch.setattr(
        summary, "digest", lambda kind: kind is slips.Softmax or original(kind)
    )
    assert page.recorded(book) == []


def test_a_file_that_cannot_be_trusted_is_a_warning(book, caplog):
    path = next((book / page.FOLDER).glob("*/softmax.json"))
    path.write_text("{}")
    assert page.recorded(book) == []


def test_a_copy_is_kept_of_the_best_weights_and_not_without_one():
    kept, lost = slips.Kept(SMALL, 0), slips.KeptByReference(SMALL, 0)
    for run in (kept, lost):
        run.state = run.keep()
    before = copy.deepcopy(kept.state)
    for run in (kept, lost):
        with torch.no_grad():
            for parameter in run.model.parameters():
                parameter += 1
    assert all(torch.equal(kept.state[key], before[key]) for key in before)
    assert not torch.equal(lost.state["fc.weight"], before["fc.weight"])
