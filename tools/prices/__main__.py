"""Measure what each slip costs, and keep it in book/evidence/prices.

    make prices                     what is missing or out of date, five seeds of all
    make prices ROWS="softmax"      these rows
    python -m prices --rehearse     every row, small, to find mistakes

A process for each core computes, with one thread; on a GPU it is one process. A row's
file is written after each run, so it may be stopped at any time: the same command goes
on where it ended. On two quiet cores all of it takes about two hours.
"""

from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor, as_completed
from dataclasses import replace
from pathlib import Path
from typing import Any, NamedTuple

import click
import torch
from tqdm import tqdm

from helpers.devices import usable_cores
from helpers.errors import UserError
from helpers.writing import require_writable
from machine import machine
from prices import files, rows, tasks
from prices.files import Cell, Run
from prices.measures import Measure
from prices.rows import ROWS, Row, bases, digest, key
from prices.training import Look, Training, run

TASKS = {
    "solids": tasks.solids_task,
    "cells": tasks.cells_task,
    "tuned": tasks.tuned_task,
}
REHEARSED = Path(__file__).parents[2] / "_build" / "prices"


class Job(NamedTuple):
    """What one process does in one go: runs of one seed that belong together.

    Attributes:
        task: its key; ``"measured"`` for a measure.
        kind: of the run, or the measure.
        looks: at the run.
        seed: of all.
    """

    task: str
    kind: Any
    looks: tuple[type[Look], ...]
    seed: int


def jobs(seeds: int) -> Iterator[Job]:
    """Yield all jobs, row by row, so that each row is soon complete."""
    every = range(seeds)
    for task in TASKS:
        for base, looks in bases(task).items():
            yield from (Job(task, base, tuple(looks), seed) for seed in every)
        for row in ROWS:
            if issubclass(row, Training) and task in row.tasks:
                yield from (Job(task, row, (), seed) for seed in every)
    for row in ROWS:
        if issubclass(row, Measure):
            yield from (Job("measured", row, (), seed) for seed in every)


def work(job: Job, small: bool) -> dict[str, Run]:
    """Do a job; return a run for each row, by the row's key."""
    torch.set_num_threads(1)
    facts: dict[str, Any] = {**machine(), "device": "cpu", "seed": job.seed}
    if issubclass(job.kind, Measure):
        value, fair = job.kind().measure(job.seed, small)
        return {key(job.kind): made(value, fair, [], [], facts)}
    device = "cuda" if torch.cuda.is_available() else "cpu"
    if device == "cuda":
        facts["device"] = torch.cuda.get_device_name()
    training = job.kind(TASKS[job.task](small), job.seed, device)
    outcomes = run(training, [look(training) for look in job.looks])
    return {
        key(kind): made(o.value, o.fair, o.train_losses, o.val_losses, facts)
        for kind, o in zip([job.kind, *job.looks], outcomes, strict=True)
    }


def made(
    value: float,
    fair: float | None,
    train_losses: list[float],
    val_losses: list[float],
    facts: dict[str, Any],
) -> Run:
    """Return a run as it is kept."""
    kept = files.rounded(value)
    assert kept is not None
    losses = [tuple(map(files.rounded, part)) for part in (train_losses, val_losses)]
    return Run(
        value=kept,
        fair=files.rounded(fair),
        train_losses=losses[0],
        val_losses=losses[1],
        **facts,
    )


class Store:
    """The cells of a folder, as they grow.

    Args:
        folder: of the files.
        rehearsal: whether the numbers mean nothing.
    """

    def __init__(self, folder: Path, rehearsal: bool) -> None:
        self.folder, self.rehearsal = folder, rehearsal
        self.cells: dict[tuple[str, str], Cell] = {}
        for path in sorted(folder.glob("*/*.json")):
            cell = files.read(path)
            self.cells[cell.row, cell.task] = cell

    def has(self, kind: type, job: Job) -> bool:
        """Whether there is a run of this seed that is up to date."""
        cell = self.cells.get((key(kind), job.task))
        up_to_date = cell is not None and cell.digest == digest(kind)
        return up_to_date and job.seed in {run.seed for run in cell.runs}  # type: ignore[union-attr]

    def add(self, kind: type, job: Job, found: Run) -> None:
        """Put a run into its cell, and write the cell."""
        name = key(kind), job.task
        now = digest(kind)
        cell = self.cells.get(name)
        if cell is None or cell.digest != now:
            cell = Cell(files.FORMAT, *name, now, self.rehearsal, ())
        others = [run for run in cell.runs if run.seed != found.seed]
        runs = tuple(sorted([*others, found], key=lambda run: run.seed))
        self.cells[name] = replace(cell, runs=runs)
        files.write(self.cells[name], self.folder)


@click.command()
@click.argument("chosen", nargs=-1, metavar="[ROW]...")
@click.option("--rehearse", is_flag=True, help="One seed, small; it means nothing.")
@click.option("--seeds", default=files.SEEDS, show_default=True, help="How many.")
@click.option(
    "--out",
    type=click.Path(file_okay=False, path_type=Path),
    help="Folder of the files.",
)
def main(chosen: tuple[str, ...], rehearse: bool, seeds: int, out: Path | None) -> None:
    """Measure what ROWs cost; all of them, if none is named."""
    try:
        record(chosen, rehearse, seeds, out)
    except UserError as error:
        raise SystemExit(f"{error}") from error
    except KeyboardInterrupt:
        click.echo("Stopped. What was measured is kept; the same command goes on.")
        raise SystemExit(130) from None


def record(
    chosen: tuple[str, ...], rehearse: bool, seeds: int, out: Path | None
) -> None:
    """Do what is missing.

    Raises:
        UserError: if a row is unknown, a file is damaged, or the folder is read-only.
    """
    known: dict[str, Row] = {key(row): row for row in ROWS}
    if unknown := set(chosen) - known.keys():
        names = ", ".join(known)
        raise UserError(f"There is no row {sorted(unknown)[0]}: there are {names}.")
    folder = out or (REHEARSED if rehearse else files.FOLDER)
    require_writable(folder / "file.json")
    store = Store(folder, rehearse)
    wanted = {known[name] for name in chosen or known}
    wanted_bases = {rows.base(row) for row in wanted}
    todo = []
    for job in jobs(1 if rehearse else seeds):
        looks = tuple(k for k in job.looks if k in wanted and not store.has(k, job))
        missing = job.kind in wanted | wanted_bases and not store.has(job.kind, job)
        if missing or looks:
            todo.append(job._replace(looks=looks))
    alone = [job for job in todo if issubclass(job.kind, Measure)]  # they time things
    beside = [job for job in todo if job not in alone]
    many = 1 if torch.cuda.is_available() else usable_cores()
    with tqdm(total=len(todo), unit="run", disable=None) as bar:
        for some, processes in ((beside, many), (alone, 1)):
            for job, found in in_processes(some, processes, rehearse):
                for kind in (job.kind, *job.looks):
                    store.add(kind, job, found[key(kind)])
                bar.update()


def in_processes(
    todo: list[Job], processes: int, small: bool
) -> Iterator[tuple[Job, dict[str, Run]]]:
    """Do jobs in several processes; yield each with its runs as soon as it is done."""
    with ProcessPoolExecutor(processes) as pool:
        waiting = {pool.submit(work, job, small): job for job in todo}
        try:
            for done in as_completed(waiting):
                yield waiting[done], done.result()
        except BaseException:
            pool.shutdown(wait=False, cancel_futures=True)
            raise


if __name__ == "__main__":
    main()
