"""The shipped diagnostic set: rendered solids of six classes, with masks.

1,500 training and 300 validation images of 96x96 pixels, made by
``tools/render_solids.py`` and in the public domain (CC0). Location, colour, ground
and occlusion of every object are known, no ground or texture of ``val`` occurs
in ``train``, and colour and ground tell nothing about the class.
"""

import hashlib
import json
import zipfile
import zlib
from importlib.resources import files
from pathlib import Path
from typing import Any

from helpers.data.cache import cache_folder, make_folder
from helpers.errors import UserError

ASSETS = Path(str(files("helpers") / "assets"))
ARCHIVE = ASSETS / "solids.zip"
SHA256 = "757cc31452e693f9236ab608072b1ee0e071e4082f85a05bf719f2ea70c142c2"
SOLIDS_CLASSES = ("ball", "cone", "cube", "mug", "ring", "star")
REINSTALL = "install helpers again (make setup), or restore it with git."


def solids_root(cache: Path | None = None) -> Path:
    """Return the folder of the solids, unpacked on first use.

    It holds ``train/`` and ``val/`` with a folder per class, ``masks/`` with the
    same tree of PNG files (255 where the object is seen), and ``metadata.json``.

    Args:
        cache: where the folder is made; see :mod:`helpers.data.cache`.

    Raises:
        UserError: if the archive is damaged or the cache cannot be written.
    """
    target = cache_folder(cache) / f"solids-{SHA256[:8]}"
    if _is_complete(target):
        return target

    def fill(part: Path) -> None:
        with zipfile.ZipFile(ARCHIVE) as archive:
            archive.extractall(part)

    _check_archive()
    return make_folder(target, fill)


def _check_archive() -> None:
    """Raise a UserError unless the archive is the one this module was made for."""
    try:
        with open(ARCHIVE, "rb") as file:
            digest = hashlib.file_digest(file, "sha256")
    except OSError as error:
        reason = error.strerror
        raise UserError(f"{ARCHIVE} cannot be read ({reason}): {REINSTALL}") from error
    if digest.hexdigest() != SHA256:
        raise UserError(f"{ARCHIVE} is damaged: {REINSTALL}")


def _is_complete(target: Path) -> bool:
    """Whether every file of the archive is there, with its content."""
    if not target.is_dir():
        return False
    try:
        with zipfile.ZipFile(ARCHIVE) as archive:
            members = [m for m in archive.infolist() if not m.is_dir()]
        return all(_crc(f"{target}/{m.filename}") == m.CRC for m in members)
    except (OSError, zipfile.BadZipFile):
        return False


def _crc(path: str) -> int:
    with open(path, "rb", buffering=0) as file:
        return zlib.crc32(file.read())


def metadata(root: Path) -> list[dict[str, Any]]:
    """Return what is known of every image, in the order of the file names.

    Keys: ``file`` (relative to ``root``), ``split``, ``class``, ``position`` (x and
    z of the object on the ground, in units of about half its height), ``bbox``
    (left, top, right, bottom in pixels), ``occluded`` (share of the object that
    something covers), ``colour``, ``texture``, ``ground``, ``palette``,
    ``backdrop``, ``light`` (direction), ``props``, ``quality`` (JPEG), ``seed``.
    """
    return json.loads((root / "metadata.json").read_text("utf-8"))


def mask_path(image: Path) -> Path:
    """Return the mask that belongs to ``ROOT/split/class/name.jpg``."""
    root = image.parents[2]
    return (root / "masks" / image.relative_to(root)).with_suffix(".png")
