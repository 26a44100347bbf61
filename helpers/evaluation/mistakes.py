"""The answers that a network got most wrong, and where it looked then."""

from collections.abc import Sequence
from typing import NamedTuple

import torch
from jaxtyping import Float, UInt8
from torch import Tensor
from torch.nn import functional as F

from helpers.data.images import ToNormalised
from helpers.data.loading import ImageFolder, as_tensors
from helpers.evaluation.gradcam import enlarge, grad_cam
from helpers.evaluation.predictions import Predictions
from helpers.model.trained import Trained
from helpers.text import printable


class Mistake(NamedTuple):
    """An image whose answer is wrong, or nearly.

    Attributes:
        position: of the image in the data set.
        true, predicted: names of classes.
        probability: what the network gave the predicted class, 0 to 1.
        loss: cross-entropy in nats; the larger, the surer and wronger.
    """

    position: int
    true: str
    predicted: str
    probability: float
    loss: float

    def __str__(self) -> str:
        true, predicted = printable(self.true), printable(self.predicted)
        return f"{true}, said\n{predicted} {self.probability:.0%}"


def worst(
    answers: Predictions, classes: Sequence[str], count: int, *, wrong: bool = True
) -> list[Mistake]:
    """Return the answers with the largest loss, the worst first.

    Args:
        classes: in the order of the logits.
        count: at most so many.
        wrong: only answers that are wrong; else right ones may follow.
    """
    losses = F.cross_entropy(answers.logits, answers.targets, reduction="none")  # [N]
    probabilities = answers.logits.softmax(1)  # [N, C]
    found = []
    for index in losses.argsort(descending=True, stable=True).tolist():
        target, predicted = int(answers.targets[index]), int(answers.classes[index])
        if wrong and target == predicted:
            continue  # among many classes a right answer may have the larger loss
        found.append(
            Mistake(
                index,
                classes[target],
                classes[predicted],
                probabilities[index, predicted].item(),
                losses[index].item(),
            )
        )
        if len(found) == count:
            break
    return found


def class_maps(
    trained: Trained, images: ImageFolder, chosen: Sequence[Mistake]
) -> tuple[UInt8[Tensor, "n 3 h w"], Float[Tensor, "n h w"]]:
    """Return the chosen pictures and where the network saw the predicted class.

    The maps are Grad-CAM's at the last block (note 12), enlarged to the pictures
    and scaled to [0, 1] each.
    """
    pictures, _ = as_tensors(images, [m.position for m in chosen])
    network = trained.network
    device = next(network.parameters()).device
    normalise = ToNormalised(trained.mean, trained.std).to(device)
    predicted = [trained.classes.index(mistake.predicted) for mistake in chosen]
    maps = grad_cam(
        network, network.layer4[-1], normalise(pictures), torch.tensor(predicted)
    )
    return pictures, enlarge(maps, trained.size).cpu()
