"""Measure how much memory each notebook takes, for the sizes on *A hub for a class*.

    python tools/measure_memory.py      about seven minutes; writes book/memory.json

Each notebook runs once in a kernel of its own. Twenty times a second the memory of
the kernel and of all processes that it has started is added up, and the highest sum
is kept. What they share counts once. So does what they have read from files, such as
the code of PyTorch; that part a machine holds once for all its users, so it is told
apart. Beside it stands the kernel's own high-water mark, which the system keeps
without gaps. GPUs are out of sight. Linux only.
"""

import json
import os
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import click
import nbformat
import psutil
from tqdm import tqdm

import record
from helpers.writing import replacing
from machine import machine

FILE = record.ROOT / "book" / "memory.json"
EVERY = 0.05  # seconds between two looks
SETTLED = 10.0  # seconds until an idle JupyterLab has loaded its extensions
MB = 1_000_000  # as memory is sold and as Kubernetes writes M; not 2**20


class Peak:
    """The most memory that the processes below this one took, in bytes."""

    def __init__(self) -> None:
        self.together = 0  # all of them at one moment
        self.own = 0  # of that, what is in no file
        self.largest = 0  # the high-water mark of a single one

    def look(self) -> None:
        """Add up what the processes take now."""
        own = files = 0
        for process in psutil.Process().children(recursive=True):
            with suppress(OSError):  # it has ended meanwhile
                found = sizes(process.pid)
                own += found["Pss_Anon"] + found["Pss_Shmem"]
                files = max(files, found["RssFile"])  # forks map the same files
                self.largest = max(self.largest, found["VmHWM"])
        self.own = max(self.own, own)
        self.together = max(self.together, own + files)


def sizes(pid: int) -> Counter[str]:
    """Return what Linux says about a process's memory, in bytes.

    ``Pss_Anon`` and ``Pss_Shmem`` are its share of memory that is in no file,
    ``RssFile`` what it has of files, and ``VmHWM`` the most it ever had of both.
    """
    found: Counter[str] = Counter()  # an ended process has no lines: 0
    for name in ("smaps_rollup", "status"):
        for line in Path(f"/proc/{pid}/{name}").read_text().splitlines():
            key, _, value = line.partition(":")
            if value.endswith(" kB"):
                found[key] = int(value.split()[0]) * 1024
    return found


@contextmanager
def watching() -> Iterator[Peak]:
    """Look at the processes below this one, again and again, until the end."""
    peak, done = Peak(), threading.Event()

    def watch() -> None:
        while not done.wait(EVERY):
            peak.look()

    thread = threading.Thread(target=watch)
    thread.start()
    try:
        yield peak
    finally:
        done.set()
        thread.join()


def measure_notebook(path: Path) -> dict[str, int]:
    """Run one notebook and return its memory in MB."""
    notebook = nbformat.read(path, as_version=4)
    with watching() as peak:
        record.execute(notebook, path.parent)
    return {
        "kernel": round(peak.largest / MB),
        # Between two looks the kernel alone may have had more than all when seen.
        "all": round(max(peak.together, peak.largest) / MB),
        "own": round(peak.own / MB),
    }


def measure_server() -> int:
    """Return the MB that a JupyterLab server takes before it has a kernel."""
    lab = [sys.executable, "-m", "jupyterlab", "--no-browser", "--port=0"]
    if hasattr(os, "geteuid") and os.geteuid() == 0:
        lab.append("--allow-root")
    with (
        watching() as peak,
        subprocess.Popen(
            lab, cwd=record.ROOT, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        ) as server,
    ):
        time.sleep(SETTLED)
        if server.poll() is not None:
            raise click.ClickException("JupyterLab has ended: does make lab work?")
        server.terminate()
    return round(peak.together / MB)


@click.command()
def main() -> None:
    """Measure every notebook and the server, and keep it in book/memory.json."""
    if not Path("/proc/self/smaps_rollup").exists():
        raise click.ClickException("Only Linux says what processes share: use one.")
    os.environ["CUDA_VISIBLE_DEVICES"] = ""
    found = {
        "machine": machine(),
        "server": measure_server(),
        "notebooks": {
            path.relative_to(record.ROOT).with_suffix("").as_posix(): (
                measure_notebook(path)
            )
            for path in tqdm(record.notebooks(), unit="notebook", disable=None)
        },
    }
    with replacing(FILE) as part:
        part.write_text(json.dumps(found, indent=2) + "\n")
    click.echo(f"Written: {FILE.relative_to(record.ROOT)}")


if __name__ == "__main__":
    main()
