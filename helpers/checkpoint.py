"""The file a run leaves: complete at every moment, and safe to load."""

import os
import warnings
from pathlib import Path
from typing import Any

import torch

from helpers.errors import UserError
from helpers.writing import replacing

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
