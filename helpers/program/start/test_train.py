"""One epoch on made-up pictures: does the whole program run?"""

import re
import subprocess
import sys
from pathlib import Path

from PIL import Image

PROGRAM = Path(__file__).with_name("train.py")
COLOURS = {"dark": (40, 60, 80), "light": (200, 180, 160)}


def make_pictures(folder: Path, count: int) -> None:
    """Write ``count`` pictures of 32 x 32 pixels for each of two classes."""
    for name, colour in COLOURS.items():
        (folder / name).mkdir(parents=True)
        for index in range(count):
            shade = tuple(channel + index for channel in colour)
            Image.new("RGB", (32, 32), shade).save(folder / name / f"{index}.png")


def test_it_trains_evaluates_explains_and_exports(tmp_path: Path) -> None:
    """Run the program as a user does, and look at what it prints and writes."""
    make_pictures(tmp_path / "data/train", 8)
    make_pictures(tmp_path / "data/val", 3)
    options = ["--epochs", "1", "--batch-size", "4", "--size", "32"]
    command = [sys.executable, str(PROGRAM), "data", *options]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert re.search(r"^accuracy [01]\.\d{3}$", done.stdout, re.MULTILINE)
    files = {path.name for path in (tmp_path / "runs").iterdir()}
    assert files == {"checkpoint.pt", "confusion.png", "maps.png", "model.onnx"}
