"""The file a run leaves: complete at every moment, and safe to load."""

import os
import stat
import warnings
import zipfile
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from helpers.errors import UserError
from helpers.writing import replacing

CHECKPOINT_FORMAT = 1  # raise it when a key changes its meaning


def save_checkpoint(path: str | Path, checkpoint: dict[str, Any]) -> None:
    """Write a checkpoint so that the file is either the old one or the new one.

    It is written beside its place and then renamed, which is one step for the
    file system: a crash or a full disk leaves the old file alone. So does a network
    that has broken down. Versions of the libraries are added.

    Args:
        checkpoint: tensors, numbers, texts, lists and dictionaries only, so that
            it loads without running code from the file (``weights_only=True``).
            ``model`` is the network's state, ``epoch`` how far it was trained.

    Raises:
        FloatingPointError: if a weight or a buffer of ``model`` is not finite.
        UserError: if the folder cannot be written or the disk is full.
    """
    import torchvision

    import helpers

    if broken := _not_finite(checkpoint):
        raise FloatingPointError(
            f"{broken}: {path} is left as it was. Lower the learning rate, or look for "
            "bad values in the data."
        )
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


def load_checkpoint(path: str | Path) -> dict[str, Any]:
    """Read a checkpoint of :func:`save_checkpoint`, without running code from it.

    ``torch.load`` takes damaged numbers for numbers: it does not look at the CRC that
    the file, a zip archive, keeps of each tensor. Here each is checked first, which
    takes 0.1 s for 100 MB.

    Raises:
        UserError: if the file is missing, damaged or something else, or if its
            network has a weight or a buffer that is not finite.
    """
    try:
        if not stat.S_ISREG(os.stat(path).st_mode):  # a pipe would be waited for
            raise UserError(f"{path} is not a file: name a checkpoint of train.")
        with open(path, "rb") as file, warnings.catch_warnings():
            warnings.simplefilter("ignore")  # what it is not is said below, once
            with zipfile.ZipFile(file) as archive:
                damaged = archive.testzip()
            if damaged is None:
                file.seek(0)
                checkpoint = torch.load(file, map_location="cpu", weights_only=True)
    except UserError:
        raise
    except (FileNotFoundError, NotADirectoryError) as error:
        raise UserError(f"There is no checkpoint {path}: train one first.") from error
    except PermissionError as error:
        raise UserError(f"{path} cannot be read ({error.strerror}).") from error
    except Exception as error:  # neither of the two has an error class of its own
        raise UserError(
            f"{path} is not a checkpoint of this program, or is damaged."
        ) from error
    if damaged is not None:
        raise UserError(
            f"{path} is damaged (the checksum of {damaged} is wrong): restore it from "
            "a copy, or train again."
        )
    known = isinstance(checkpoint, dict)
    if not known or checkpoint.get("format") != CHECKPOINT_FORMAT:
        raise UserError(f"{path} is not a checkpoint of this version of the program.")
    if broken := _not_finite(checkpoint):
        raise UserError(
            f"{path} cannot be used, for {broken}: take an earlier checkpoint, or "
            "train again with a lower learning rate."
        )
    return checkpoint


def _not_finite(checkpoint: dict[str, Any]) -> str:
    """Say which weight or buffer of a network is not finite; nothing if all are."""
    state = checkpoint.get("model")
    for name, tensor in state.items() if isinstance(state, dict) else ():
        if isinstance(tensor, Tensor) and not tensor.isfinite().all():
            epoch = checkpoint.get("epoch", "unknown")
            return f"{name} holds NaN or infinity after epoch {epoch}"
    return ""
