"""How ``grading`` starts a notebook's process, and how it ends it."""

import json
import os
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, NamedTuple

from helpers.classroom.submissions import Step

MAX_TOLD = 1_000_000  # bytes that are read of what a notebook's process says
KEPT = (  # environment variables that a notebook may see
    *("PATH", "LANG", "LC_ALL", "LC_CTYPE", "LD_LIBRARY_PATH", "OMP_NUM_THREADS"),
    *("SYSTEMROOT", "PATHEXT", "COMSPEC"),  # Windows
)
THREADS = "2"  # each further one takes 0.15 GB of address space
PACKAGE = Path(__file__).parents[1]


class Limits(NamedTuple):
    """What a notebook may use: seconds, and bytes of memory for each process."""

    seconds: float
    memory: int


class Outcome(NamedTuple):
    """What became of a run.

    Attributes:
        verdicts: what :func:`helpers.notebook.claims.exercise` said, by exercise.
        raised: the error of a step, by its number.
        ending: why the run did not come to its end, or ``None``.
    """

    verdicts: dict[str, str]
    raised: dict[int, str]
    ending: str | None


def package_files() -> dict[str, bytes]:
    """Return this package's files. Each run gets fresh copies of them."""
    return {
        str(path.relative_to(PACKAGE.parent)): path.read_bytes()
        for path in sorted(PACKAGE.rglob("*"))
        if path.is_file() and "__pycache__" not in path.parts
    }


def run_steps(steps: list[Step], limits: Limits, package: dict[str, bytes]) -> Outcome:
    """Run cells in a process of their own, in a folder of its own.

    Args:
        steps: the cells.
        limits: what they may use.
        package: see :func:`package_files`.

    Raises:
        OSError: if the machine has no room for the folder or the process.
    """
    cells = [(step.source, step.exercise) for step in steps]
    with (
        _own_folder() as folder,
        tempfile.TemporaryFile() as task,
        tempfile.TemporaryFile() as told,
    ):
        task.write(json.dumps({"cells": cells, "memory": limits.memory}).encode())
        task.seek(0)
        for name, content in package.items():
            path = folder / "package" / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content)
        process = subprocess.Popen(
            [sys.executable, "-m", "helpers.classroom.child"],
            stdin=task,
            stdout=told,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
            **_place(folder),
        )
        try:
            status = process.wait(limits.seconds)
        except subprocess.TimeoutExpired:
            status = None
        finally:
            _kill_group(process)
        told.seek(0)
        return _outcome(told.read(MAX_TOLD), status, steps, limits)


@contextmanager
def _own_folder() -> Iterator[Path]:
    """Make a folder and delete it, as far as what a run has left there lets us."""
    made = tempfile.TemporaryDirectory(prefix="grade-", ignore_cleanup_errors=True)
    try:
        yield Path(made.name)
    finally:
        with suppress(OSError, RecursionError):  # folders nested a thousand deep
            made.cleanup()


def _place(folder: Path) -> dict[str, Any]:
    """Return the working folder and the environment of a run."""
    home, scratch = folder / "home", folder / "scratch"
    home.mkdir()
    scratch.mkdir()
    package = str(folder / "package")
    kept = {name: os.environ[name] for name in KEPT if name in os.environ}
    return {
        "cwd": home,
        "env": {
            "OMP_NUM_THREADS": THREADS,
            **kept,
            **dict.fromkeys(("HOME", "USERPROFILE"), str(home)),
            **dict.fromkeys(("TMPDIR", "TEMP", "TMP"), str(scratch)),
            "PYTHONPATH": os.pathsep.join(
                [package, *filter(None, [os.environ.get("PYTHONPATH")])]
            ),
            "MPLBACKEND": "agg",
            "CUDA_VISIBLE_DEVICES": "",  # the same on every machine
        },
    }


def _kill_group(process: subprocess.Popen) -> None:
    """End a process and, where groups exist, all that it has started."""
    with suppress(ProcessLookupError, PermissionError):
        if hasattr(os, "killpg"):
            os.killpg(process.pid, signal.SIGKILL)
        else:
            process.kill()
    process.wait()


def _outcome(
    told: bytes, status: int | None, steps: list[Step], limits: Limits
) -> Outcome:
    """Make sense of what a process said, which may be anything."""
    verdicts: dict[str, str] = {}
    raised: dict[int, str] = {}
    place, done = "before its first cell", False
    for line in told.splitlines():
        with suppress(ValueError, RecursionError):
            match json.loads(line):
                case ["cell", int(number)] if number in range(len(steps)):
                    place = f"in {steps[number].label}"
                case ["raised", int(number), str(text)] if number in range(len(steps)):
                    raised[number] = text
                case ["verdict", str(name), str(text)]:
                    verdicts[name] = text
                case ["done"]:
                    done = True
    ending = None
    if status is None:
        ending = f"stopped after {limits.seconds:g} s {place}"
    elif status < 0:
        ending = f"crashed {place} ({_signal_name(-status)})"
    elif not done:
        ending = f"the process was ended {place} (exit status {status})"
    return Outcome(verdicts, raised, ending)


def _signal_name(number: int) -> str:
    """Return the name of a signal; most of the real-time signals have none.

    >>> _signal_name(signal.SIGTERM), _signal_name(40)
    ('SIGTERM', 'signal 40')
    """
    try:
        return signal.Signals(number).name
    except ValueError:
        return f"signal {number}"
