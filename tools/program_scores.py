"""Measure what the two scripts of ``helpers/program`` score, over five seeds.

    make scores        what is missing or out of date

Each script is run as a reader runs it, on the solids and on the solar cells, and its
last line is kept. A core has one run at a time, with one thread. The file is written
whole after each run, so the command may be stopped; it goes on where it ended.
"""

import json
import os
import re
import subprocess
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor, as_completed
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from tqdm import tqdm

import inputs
from helpers.data.elpv import elpv_root
from helpers.data.solids import solids_root
from helpers.devices import usable_cores
from helpers.errors import UserError
from helpers.writing import replacing
from machine import machine

ROOT = Path(__file__).resolve().parent.parent
FILE = Path("book", "evidence", "program", "scores.json")
SCRIPTS = ("handed_on.py", "corrected.py")
FOLDER = ROOT / "helpers" / "program"
DATA = {"solids": solids_root, "cells": elpv_root}
TITLES = {"solids": "solids, 6 classes", "cells": "solar cells, 2 classes"}
SEEDS = 5
LAST = re.compile(r"^accuracy (\d\.\d+)$", re.MULTILINE)


@dataclass(frozen=True)
class Score:
    """One run of a script.

    Attributes:
        script: its file's name.
        data: key of the data set.
        seed: that it was given.
        accuracy: that it printed last, from 0 to 1.
        digest: of the script.
        date, processor, cores, python, torch, torchvision: as :mod:`machine` gives
            them.
    """

    script: str
    data: str
    seed: int
    accuracy: float
    digest: str
    date: str
    processor: str
    cores: int
    python: str
    torch: str
    torchvision: str

    @property
    def key(self) -> tuple[str, str, int]:
        """Return which run it is."""
        return self.script, self.data, self.seed

    def is_current(self) -> bool:
        """Whether the script is the one that was run."""
        return self.digest == digest(self.script)


def digest(script: str) -> str:
    """Return a digest of what a script does; comments don't count."""
    return inputs.short_digest(FOLDER / script)


def read(path: Path) -> list[Score]:
    """Return the runs that a file holds; none if there is no file.

    Raises:
        UserError: if the file is damaged, or was made by hand.
    """
    if not path.exists():
        return []
    try:
        found = [Score(**run) for run in json.loads(path.read_text("utf-8"))]
    except (ValueError, TypeError) as error:
        raise UserError(f"{path}: {error}. Delete it, then: make scores") from error
    for score in found:
        known = score.script in SCRIPTS and score.data in DATA
        if not known or not isinstance(score.accuracy, float):
            raise UserError(f"{path}: no such run: {score}")
        if not (0 <= score.accuracy <= 1 and 0 <= score.seed < SEEDS):
            raise UserError(f"{path}: out of range: {score}")
    if len({score.key for score in found}) < len(found):
        raise UserError(f"{path}: a run is there twice.")
    return found


def write(path: Path, found: list[Score]) -> None:
    """Write the runs, sorted."""
    path.parent.mkdir(parents=True, exist_ok=True)
    rows = [asdict(score) for score in sorted(found, key=lambda score: score.key)]
    with replacing(path) as part:
        part.write_text(json.dumps(rows, indent=1) + "\n", encoding="utf-8")


def run(script: str, root: Path, seed: int) -> float:
    """Run a script in a folder of its own; return the accuracy that it prints.

    Raises:
        UserError: if it fails.
    """
    with tempfile.TemporaryDirectory() as folder:
        command = [sys.executable, str(FOLDER / script), str(root), "--seed", str(seed)]
        done = subprocess.run(
            command,
            cwd=folder, capture_output=True, text=True,
            env=os.environ | {"MPLBACKEND": "agg", "OMP_NUM_THREADS": "1"},
        )  # fmt: skip
    found = LAST.search(done.stdout)
    if done.returncode or found is None:
        raise UserError(f"{script} failed: {done.stderr.strip()[-500:]}")
    return float(found[1])


def facts(found: list[Score]) -> dict[str, str]:
    """Return what the runs were made with."""

    def each(name: str) -> str:
        return ", ".join(sorted({str(getattr(score, name)) for score in found}))

    return {
        "Seeds": each("seed"),
        "PyTorch": f"{each('torch')}, torchvision {each('torchvision')}",
        "Python": each("python"),
        "Processor": f"{each('processor')}, {each('cores')} cores",
        "Date": each("date"),
    }


def main() -> None:
    """Measure what is missing."""
    path = ROOT / FILE
    found = {score.key: score for score in read(path) if score.is_current()}
    wanted = [(s, d, n) for d in DATA for n in range(SEEDS) for s in SCRIPTS]
    about: dict[str, Any] = machine()
    roots = {data: find() for data, find in DATA.items()}
    with ThreadPoolExecutor(usable_cores()) as pool:
        jobs = {
            pool.submit(run, script, roots[data], seed): (script, data, seed)
            for script, data, seed in wanted
            if (script, data, seed) not in found
        }
        for job in tqdm(as_completed(jobs), total=len(jobs), unit="run"):
            script, data, seed = key = jobs[job]
            score = Score(script, data, seed, job.result(), digest(script), **about)
            found[key] = score
            write(path, list(found.values()))


if __name__ == "__main__":
    try:
        main()
    except UserError as error:
        sys.exit(f"Error: {error}")
