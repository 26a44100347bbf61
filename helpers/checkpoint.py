"""The file a run leaves: complete at every moment, and safe to load."""

import os
import warnings
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import torch

from helpers.errors import UserError

CHECKPOINT_FORMAT = 1  # raise it when a key changes its meaning


def save_checkpoint(path: str | Path, checkpoint: dict[str, Any]) -> None:
    """Write a checkpoint so that the file is either the old one or the new one.

    It is written beside its place and then renamed, which is one step for the
    file system: a crash or a full disk leaves the old file alone. Versions of
    the libraries are added.

    Args:
        checkpoint: tensors, numbers, texts, lists and dictionaries only, so that
            it loads without running code from the file (``weights_only=True``).

    Raises:
        UserError: if the folder cannot be written or the disk is full.
    """
    import torchvision

    import helpers

    checkpoint = checkpoint | {
        "format": CHECKPOINT_FORMAT,
        "versions": {
            "helpers": helpers.__version__,
            "torch": str(torch.__version__),
            "torchvision": str(torchvision.__version__),
        },
    }
    with replacing(path) as temporary:
        torch.save(checkpoint, temporary)
        with open(temporary, "rb+") as file:
            os.fsync(file.fileno())  # on the disk before the name changes


def load_checkpoint(path: str | Path) -> dict[str, Any]:
    """Read a checkpoint of :func:`save_checkpoint`, without running code from it.

    Raises:
        UserError: if the file is missing, broken or something else.
    """
    try:
        with warnings.catch_warnings():  # what it is not is said below, once
            warnings.simplefilter("ignore")
            checkpoint = torch.load(path, map_location="cpu", weights_only=True)
    except FileNotFoundError as error:
        raise UserError(f"There is no checkpoint {path}: train one first.") from error
    except Exception as error:  # torch.load has no error class of its own
        raise UserError(
            f"{path} is not a checkpoint of this program, or is damaged."
        ) from error
    known = isinstance(checkpoint, dict)
    if not known or checkpoint.get("format") != CHECKPOINT_FORMAT:
        raise UserError(f"{path} is not a checkpoint of this version of the program.")
    return checkpoint


def require_writable(path: str | Path) -> None:
    """Find out before a long run whether a file can be written there.

    Raises:
        UserError: if it cannot.
    """
    path = Path(path)
    if path.is_dir():
        raise UserError(f"{path} is a folder: give --out the name of a file in it.")
    with suppress(_OnlyTrying), replacing(path) as temporary:
        temporary.touch()
        raise _OnlyTrying


class _OnlyTrying(Exception):
    """Leaves :func:`replacing` without replacing anything."""


@contextmanager
def replacing(path: str | Path) -> Iterator[Path]:
    """Give a name to write to, and rename that file to ``path`` at the end.

    Raises:
        UserError: if the folder cannot be written or the disk is full.
    """
    path = Path(path)
    temporary = path.with_name(f"{path.name}.part")  # a killed run leaves one at most
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        yield temporary
        os.replace(temporary, path)
    except (OSError, RuntimeError) as error:  # torch.save raises RuntimeError
        reason = getattr(error, "strerror", None) or error
        raise UserError(
            f"{path} cannot be written ({reason}): choose another place with --out, "
            "or make room."
        ) from error
    finally:
        with suppress(OSError):
            temporary.unlink()
