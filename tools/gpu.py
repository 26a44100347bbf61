"""Measure on a GPU what the book says of GPUs, and keep it in book/evidence.

    python tools/gpu.py              what this card's file lacks
    python tools/gpu.py FIGURE ...   these figures, also if the file has them
    python tools/gpu.py --rehearse   on any machine, to find mistakes before a GPU does

First it looks for what is missing, then it runs the tests of ``tests/test_gpu.py``,
and then the notebooks that measure, each up to its exercises. A figure is in the card's
file as soon as it is measured. So a run that was stopped, or in which something
failed, loses nothing, and the same command goes on where it ended.

Needs PyTorch and torchvision, pytest, and a few small packages that ``make gpu-kit``
packs for a machine without a network. DALI may be absent.
"""

import dataclasses
import datetime
import json
import os
import re
import statistics
import subprocess
import sys
import tempfile
import time
import timeit
from collections.abc import Iterator
from dataclasses import asdict
from importlib.util import find_spec
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import click
import torch
import torchvision
from tqdm import tqdm

from helpers.errors import UserError
from helpers.model.compiling import clock
from helpers.notebook import evidence
from helpers.notebook.evidence import FIGURES, Evidence
from helpers.writing import require_writable
from machine import machine
from patience import HANGS

ROOT = Path(__file__).resolve().parent.parent
EVIDENCE = ROOT / "book" / "evidence"
REHEARSED = ROOT / "_build" / "evidence"
GPU_TESTS = "tests/test_gpu.py"
NEEDED = ("pytest", "IPython", "matplotlib", "jaxtyping", "platformdirs", "simplejpeg")
FREE = 2e9  # bytes of the GPU; with less, something else is running on it
TICK = 0.2  # seconds between two looks at a notebook that runs
UNKNOWN = "unknown"
MAY_CHANGE = {"clock", "overhead", "tests", "figures"}  # from run to run


# --- before it starts --------------------------------------------------------------


def preflight(rehearse: bool) -> list[str]:
    """Return what this machine lacks for some of the figures, a sentence each.

    Raises:
        UserError: if it lacks what all of them need.
    """
    if missing := [name for name in NEEDED if find_spec(name) is None]:
        raise UserError(
            f"Packages are missing: {', '.join(missing)}. Install them with `python "
            "-m pip install`, or bring them along with `make gpu-kit` if this "
            "machine has no network."
        )
    lacks: list[str] = []
    if not rehearse:
        if torch.version.cuda is None:
            raise UserError(
                f"PyTorch {torch.__version__} was built without CUDA: install one "
                "with it, see https://pytorch.org/get-started."
            )
        if not torch.cuda.is_available():
            raise UserError(
                "PyTorch sees no CUDA GPU here: run this on a machine with one, whose "
                f"driver is new enough for CUDA {torch.version.cuda}, or try `python "
                "tools/gpu.py --rehearse`."
            )
        free, whole = torch.cuda.mem_get_info()
        if free < FREE:
            raise UserError(
                f"Of the GPU's {whole / 1e9:.1f} GB only {free / 1e9:.1f} are free, "
                f"and {FREE / 1e9:.0f} are needed: end what else runs on it, or choose "
                "another card with CUDA_VISIBLE_DEVICES."
            )
    lacks += [f"{key} can't be measured: {why}." for key, why in lacking().items()]
    if not evidence.has_dali():
        lacks.append("Of loader-throughput, the lines of DALI can't be measured.")
    if find_spec("sklearn") is None:
        lacks.append("The tests that train are skipped: scikit-learn is absent.")
    return lacks


def lacking() -> dict[str, str]:
    """Return the figures that can't be measured here, and why."""
    return {key: why for key in FIGURES if (why := evidence.lacking(key))}


def facts(rehearse: bool) -> dict[str, Any]:
    """Return what the figures depend on: every field of the evidence but they.

    Raises:
        UserError: if the GPU's driver cannot be asked.
    """
    found: dict[str, Any] = {
        "format": evidence.FORMAT,
        "card": evidence.FAKE_CARD,
        "multiprocessors": 1,
        "memory": 0.0,
        "clock": UNKNOWN,
        "driver": UNKNOWN,
        "cuda": torch.version.cuda or UNKNOWN,
        "dali": dali_version(),
        **machine(),
        "torch": torch.__version__,  # with the CUDA version it was built for
        "torchvision": torchvision.__version__,
        "overhead": overhead(),
        "caches": "empty at the start",
        "tests": [],
    }
    del found["date"]  # each figure has its own
    if rehearse:
        return found
    card = torch.cuda.get_device_properties(0)
    driver, clock = ask_driver(str(getattr(card, "uuid", "")))
    return found | {
        "card": card.name,
        "multiprocessors": card.multi_processor_count,
        "memory": round(card.total_memory / 1e9, 1),
        "clock": clock,
        "driver": driver,
    }


def ask_driver(uuid: str) -> tuple[str, str]:
    """Return the driver's version and the highest clock of a card.

    Args:
        uuid: of the card; that of a slice of one is not in the driver's list.
    """
    query = "--query-gpu=uuid,driver_version,clocks.max.sm"
    command = ["nvidia-smi", query, "--format=csv,noheader"]
    try:
        done = subprocess.run(command, capture_output=True, text=True, check=True)
        cards = [line.split(", ") for line in done.stdout.splitlines()]
        fits = [card for card in cards if uuid and uuid in card[0]]
        _, driver, clock = (fits or cards)[0]
    except (OSError, subprocess.CalledProcessError, IndexError, ValueError) as error:
        raise UserError(
            f"The driver's version is unknown (`{' '.join(command)}`: {error}): put "
            "nvidia-smi on the PATH."
        ) from error
    one_card = fits or len(cards) == 1
    known = one_card and re.match(r"\d+ MHz", clock)
    return driver.strip(), clock.strip() if known else UNKNOWN


def dali_version() -> str:
    """Return DALI's version, or that it is absent."""
    try:
        import nvidia.dali
    except ImportError:
        return "absent"
    return nvidia.dali.__version__


def overhead() -> float:
    """Return how long it takes to wait for an idle GPU and read the clock, in µs."""
    times = timeit.Timer("pass", timer=clock).repeat(100, 1)
    return float(f"{1e6 * statistics.median(times):.3g}")


def run_tests() -> list[str]:
    """Run the tests on the GPU, with nothing but pytest itself.

    Returns:
        The names of those that passed with no case skipped.

    Raises:
        UserError: if one fails.
    """
    with tempfile.TemporaryDirectory() as folder:
        report = Path(folder, "report.xml")
        command = [
            *(sys.executable, "-m", "pytest", GPU_TESTS, "--noconftest", "--quiet"),
            *("-o", "addopts=", "-o", f"pythonpath={ROOT}/tools"),
            f"--junitxml={report}",
        ]
        alone = os.environ | {"PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"}
        if subprocess.run(command, cwd=ROOT, env=alone, check=False).returncode:
            raise UserError(
                "A test failed, so nothing is measured: what the book's code computes "
                "on this GPU is not what it should. `--skip-tests` measures all the "
                "same, and the card's file says that the tests did not pass."
            )
        return passed(report)


def passed(report: Path) -> list[str]:
    """Return the tests of a JUnit file of which no case failed or was skipped."""
    whole: dict[str, bool] = {}
    for case in ElementTree.parse(report).iter("testcase"):
        name = case.attrib["name"].partition("[")[0]
        whole[name] = whole.get(name, True) and len(case.findall("*")) == 0
    return sorted(name for name in whole if whole[name])


# --- measuring ---------------------------------------------------------------------


def measure(chapter: str, keys: list[str]) -> Iterator[tuple[str, Any]]:
    """Run a notebook; yield each of its figures as soon as it is measured.

    Yields:
        A figure's key and its rows, or a text that says why it has none. The name of
        the notebook and a text, if a cell failed that measures nothing.
    """
    path = ROOT / "notebooks" / f"{chapter}.ipynb"
    left = list(keys)
    with tempfile.TemporaryDirectory() as folder:
        lines, log = Path(folder, "lines"), Path(folder, "log")
        lines.touch()
        names = {
            evidence.RECORDING: str(lines),
            evidence.CHOSEN: " ".join(keys),
            "PYTHONPATH": os.pathsep.join(
                [str(ROOT), os.environ.get("PYTHONPATH", "")]
            ),
            "MPLBACKEND": "agg",
            # Else a call is fast because another run, or a test, compiled it before.
            "TORCHINDUCTOR_CACHE_DIR": str(Path(folder, "inductor")),
            "TRITON_CACHE_DIR": str(Path(folder, "triton")),
        }
        with open(log, "w") as out, open(lines, encoding="utf-8") as news:
            start = time.monotonic()
            process = subprocess.Popen(
                [sys.executable, ROOT / "tools" / "cells.py", path],
                cwd=path.parent, env=os.environ | names, stdout=out, stderr=out,
            )  # fmt: skip
            try:
                ended = ""
                while left and not ended:
                    ended = end_of(process, time.monotonic() - start)
                    for line in news:
                        found = json.loads(line)
                        key = found["figure"]
                        if key in left:
                            left.remove(key)
                        yield key or path.name, found.get("rows", found.get("error"))
            finally:
                process.kill()
                process.wait()
        last = [text for text in log.read_text(errors="replace").splitlines() if text]
    for key in left:
        yield key, f"{path.name} {ended}. Its last line: {(last or ['none'])[-1]}"


def end_of(process: subprocess.Popen, seconds: float) -> str:
    """Wait a moment; return how a process has ended, or "" if it may run on.

    Args:
        seconds: since it was started. What takes longer than HANGS is said to hang.
    """
    try:
        status = process.wait(TICK)
    except subprocess.TimeoutExpired:
        return f"hangs: it was stopped after {HANGS} s" if seconds > HANGS else ""
    if status < 0:
        return f"was killed by signal {-status}"
    return f"stopped with exit status {status}" if status else "did not measure it"


# --- the card's file ---------------------------------------------------------------


def begin(found: dict[str, Any], folder: Path) -> Evidence:
    """Return the card's evidence so far: what its file holds, or nothing.

    Raises:
        UserError: if the file is damaged, or was measured with other versions.
    """
    new = Evidence(**{**found, "tests": tuple(found["tests"]), "figures": {}})
    path = folder / new.name
    if not path.exists():
        return new
    old = evidence.read(path)
    for field in dataclasses.fields(Evidence):
        before, now = getattr(old, field.name), getattr(new, field.name)
        if field.name not in MAY_CHANGE and before != now:
            raise UserError(
                f"{path} was measured with another {field.name} ({before}, and here "
                f"it is {now}): move it away to measure all figures again."
            )
    return dataclasses.replace(new, figures=old.figures)


def with_figure(card: Evidence, key: str, rows: list[dict[str, Any]]) -> Evidence:
    """Return the evidence with a figure more, or with this one measured anew."""
    today = datetime.date.today().isoformat()
    new = {"date": today, "run": FIGURES[key].run, "rows": rows}
    plain = asdict(card)
    plain["figures"][key] = new
    return evidence.checked(json.loads(json.dumps(plain)))


@click.command()
@click.argument("figures", nargs=-1, type=click.Choice(list(FIGURES)))
@click.option("--rehearse", is_flag=True, help="On the CPU; the figures mean nothing.")
@click.option("--skip-tests", is_flag=True, help="Measure without testing first.")
@click.option(
    "--out",
    type=click.Path(file_okay=False, path_type=Path),
    help="Folder of the file; book/evidence, and of a rehearsal _build/evidence.",
)
def main(
    figures: tuple[str, ...], rehearse: bool, skip_tests: bool, out: Path | None
) -> None:
    """Measure FIGURES on this machine's GPU, or all that its file lacks."""
    os.environ.pop(evidence.REHEARSAL, None)
    if rehearse:
        os.environ[evidence.REHEARSAL] = "1"
    try:
        failed = record_card(figures, rehearse, skip_tests, out)
    except UserError as error:
        raise SystemExit(f"{error}") from error
    except KeyboardInterrupt:
        click.echo("Stopped. What was measured is kept; the same command goes on.")
        raise SystemExit(130) from None
    if failed:
        raise SystemExit("The same command measures what is missing.")
    if not rehearse:
        click.echo("Now `make record` shows them in the chapters.")


def record_card(
    figures: tuple[str, ...], rehearse: bool, skip_tests: bool, out: Path | None
) -> bool:
    """Test, measure and write; return whether a figure failed.

    Raises:
        UserError: if it cannot begin.
    """
    lacks = preflight(rehearse)
    folder = out or (REHEARSED if rehearse else EVIDENCE)
    card = begin(facts(rehearse), folder)
    require_writable(folder / card.name)
    for lack in lacks:
        click.echo(lack)
    click.echo(
        f"{card.card}, {card.multiprocessors} multiprocessors, {card.memory} GB, "
        f"PyTorch {card.torch}, DALI {card.dali}"
    )
    wanted = figures or [key for key in FIGURES if key not in card.figures]
    missing = lacking()
    keys = [key for key in FIGURES if key in wanted and key not in missing]
    if not keys:
        click.echo("What can be measured is recorded. Name what to measure again.")
        return False
    if not skip_tests:
        card = dataclasses.replace(card, tests=tuple(run_tests()))
    chapters: dict[str, list[str]] = {}
    for key in keys:
        chapters.setdefault(FIGURES[key].chapter, []).append(key)
    failed = False
    with tqdm(total=len(keys), unit="figure", disable=None) as bar:
        for chapter, its_keys in chapters.items():
            for key, rows in measure(chapter, its_keys):
                if isinstance(rows, str):
                    failed = True
                    tqdm.write(f"{key} failed. {rows}", file=sys.stderr)
                elif rows:
                    card = with_figure(card, key, rows)
                    evidence.write(card, folder)
                    tqdm.write(f"{key}: {len(rows)} lines")
                bar.update(key in FIGURES)
    return failed


if __name__ == "__main__":
    main()
