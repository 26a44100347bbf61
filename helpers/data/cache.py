"""Folders that are made once and kept: all of a folder is there, or none of it.

The cache lies where the operating system wants caches, or where the environment
variable ``SEVENTEEN_NOTES_CACHE`` says.
"""

import errno
import os
import shutil
import tempfile
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import platformdirs

from helpers.errors import UserError

VARIABLE = "SEVENTEEN_NOTES_CACHE"
PART = ".part-"  # in the name of a folder that is being filled
STALE_SECONDS = 3600  # a fill takes seconds: an hour-old part is a dead one


def cache_folder(cache: Path | None = None) -> Path:
    """Return the folder for unpacked data: the argument, the variable, the custom."""
    if cache is not None:
        return Path(cache)
    chosen = os.environ.get(VARIABLE)
    return Path(chosen) if chosen else platformdirs.user_cache_path("seventeen-notes")


def make_folder(target: Path, fill: Callable[[Path], None]) -> Path:
    """Fill a new folder and rename it to ``target`` when it is complete.

    A rename is one step for the file system: an interruption, a crash or a full
    disk leaves no half-filled ``target``. If ``target`` exists it is replaced.
    Two processes may do this at once; one of them wins and both are served.

    Args:
        target: the folder to make.
        fill: writes everything into the empty folder that it is given.

    Raises:
        UserError: if there is no permission or no room.
    """
    part = None
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        _remove_stale_parts(target)
        part = Path(tempfile.mkdtemp(prefix=f"{target.name}{PART}", dir=target.parent))
        fill(part)
        part.chmod(0o755)  # mkdtemp makes private folders
        _replace_folder(part, target)
    except OSError as error:
        raise UserError(_explain(error, target.parent)) from error
    finally:
        if part is not None:
            shutil.rmtree(part, ignore_errors=True)
    return target


def _replace_folder(part: Path, target: Path) -> None:
    """Move a complete folder to its place, an older one there out of the way."""
    with suppress(OSError):
        os.rename(part, target)
        return
    old = Path(tempfile.mkdtemp(prefix=f"{target.name}{PART}", dir=target.parent))
    with suppress(FileNotFoundError):  # another process has moved it away
        os.rename(target, old / target.name)
    try:
        os.rename(part, target)
    except OSError:  # another process has put its complete one there
        if not target.is_dir():
            raise
    finally:
        shutil.rmtree(old, ignore_errors=True)


def _remove_stale_parts(target: Path) -> None:
    """Delete what killed processes left behind; a fresh part is somebody's work."""
    for part in target.parent.glob(f"{target.name}{PART}*"):
        with suppress(OSError):
            if time.time() - part.stat().st_mtime > STALE_SECONDS:
                shutil.rmtree(part, ignore_errors=True)


def _explain(error: OSError, folder: Path) -> str:
    """Return one sentence on why the cache could not be written."""
    move = f"set {VARIABLE} to a folder elsewhere"
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        return f"The disk that holds {folder} is full: make room, or {move}."
    if error.errno in (errno.EACCES, errno.EPERM, errno.EROFS):
        return f"There is no permission to write in {folder}: change it, or {move}."
    if error.errno in (errno.ENOTDIR, errno.EEXIST):
        return f"{folder} lies under a file, not a folder: remove the file, or {move}."
    return f"The folder {folder} cannot be written ({error.strerror or error}): {move}."
