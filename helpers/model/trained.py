"""A trained network with what it takes to use it: classes, size, normalisation."""

from pathlib import Path
from typing import Any, NamedTuple

from helpers.errors import UserError
from helpers.model.checkpoint import load_checkpoint
from helpers.model.resnet import ResNet

ABOUT = (
    "data", "files", "fingerprint", "seed", "settings", "epoch", "history", "versions",
)  # fmt: skip


class Trained(NamedTuple):
    """A trained network and what it needs to be used.

    Attributes:
        network: a :class:`helpers.model.resnet.ResNet` in evaluation mode.
        classes: in the order of the logits.
        size: side of its input in pixels.
        mean, std: its normalisation, per channel, for pixels in [0, 1].
        about: what else is known of the run: ``data``, ``files`` (see
            :mod:`helpers.data.halves`), ``seed``, ``history`` and so on; without the
            weights.
    """

    network: ResNet
    classes: list[str]
    size: int
    mean: tuple[float, float, float]
    std: tuple[float, float, float]
    about: dict[str, Any]


def rebuild(checkpoint: dict[str, Any]) -> Trained:
    """Return the network of a checkpoint that has been read.

    Raises:
        KeyError: if an entry is missing.
        RuntimeError: if the weights are those of another network.
    """
    network = ResNet(**checkpoint["model_args"])
    network.load_state_dict(checkpoint["model"])
    class_to_idx = checkpoint["class_to_idx"]
    return Trained(
        network.eval(),
        sorted(class_to_idx, key=class_to_idx.__getitem__),  # note 11
        checkpoint["size"],
        tuple(checkpoint["mean"]),
        tuple(checkpoint["std"]),
        {key: checkpoint[key] for key in ABOUT if key in checkpoint},
    )


def open_trained(path: str | Path) -> Trained:
    """Read a checkpoint of ``train`` and return its network.

    Raises:
        UserError: if the file is missing, damaged, something else, or its weights
            are not finite or not those of the network that it describes.
    """
    checkpoint = load_checkpoint(path)
    try:
        return rebuild(checkpoint)
    except KeyError as error:
        raise UserError(
            f"{path} lacks {error}, so it cannot be used: it is no checkpoint of train."
        ) from error
    except (AttributeError, RuntimeError, TypeError, ValueError) as error:
        raise UserError(
            f"{path} holds weights of another network than it describes (number of "
            "classes, or width): train it again."
        ) from error
