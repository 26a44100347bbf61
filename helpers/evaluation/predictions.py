"""What a trained network answers: every prediction, collected once."""

import math
from collections.abc import Iterable, Sequence
from typing import NamedTuple

import torch
from jaxtyping import Float, Int
from torch import Tensor, nn

from helpers import distributed
from helpers.data.sampling import Share
from helpers.errors import UserError
from helpers.text import printable, table

CLASSES_ACROSS = 12  # columns of a confusion matrix that a terminal has room for
MIN_COLUMN = 5  # letters, room for 9,999 images


class Predictions(NamedTuple):
    """The network's answers for a whole split, on the CPU.

    Attributes:
        logits: ``[N, C]``, one row per image, in the loader's order.
        targets: ``[N]``, the true classes.
    """

    logits: Float[Tensor, "n c"]
    targets: Int[Tensor, " n"]

    @property
    def classes(self) -> Int[Tensor, " n"]:
        """The class with the largest logit; no softmax is needed for it."""
        return self.logits.argmax(1)  # [N, C] -> [N]

    @property
    def accuracy(self) -> float:
        """Share of images whose class is right, from 0 to 1.

        It is NaN if a logit is NaN or infinite: ``argmax`` would still name a class.
        """
        if not (self.logits < math.inf).all():  # false for NaN, too
            return math.nan
        return (self.classes == self.targets).float().mean().item()

    @property
    def majority(self) -> float:
        """Accuracy of always naming the most frequent class, from 0 to 1."""
        return self.targets.bincount().max().item() / len(self.targets)

    @property
    def recall(self) -> Float[Tensor, " c"]:
        """Share of each class that was found; NaN for a class without images."""
        counts = self.confusion()
        return counts.diagonal() / counts.sum(1)  # [C, C] -> [C]

    @property
    def precision(self) -> Float[Tensor, " c"]:
        """Share of the answers with a class's name that are right; NaN if none is."""
        counts = self.confusion()
        return counts.diagonal() / counts.sum(0)  # [C, C] -> [C]

    @property
    def loss(self) -> float:
        """Mean cross-entropy over the images, in nats."""
        return nn.functional.cross_entropy(self.logits, self.targets).item()

    def confusion(self) -> Int[Tensor, "c c"]:
        """Count images by true class (rows) and predicted class (columns)."""
        c = self.logits.shape[1]
        pairs = self.targets * c + self.classes  # one number per (row, column)
        return torch.bincount(pairs, minlength=c * c).view(c, c)  # [C*C] -> [C, C]


def collect(
    model: nn.Module,
    loader: Iterable[tuple[Tensor, Tensor]],
    device: torch.device | str = "cpu",
) -> Predictions:
    """Run the network over a loader in evaluation mode and keep every answer.

    Two switches are set, and they are not the same: ``eval()`` stops BatchNorm
    and Dropout from behaving as in training, ``inference_mode`` stops autograd
    from recording. Each module's mode is put back afterwards (note 10).

    Where several processes share a loader with :class:`helpers.data.sampling.Share`,
    each gets the answers of all, every image once and in order.

    Args:
        model: maps images ``[N, 3, H, W]`` to logits ``[N, C]``.
        loader: yields images and integer targets ``[N]``.
        device: where the model is.

    Raises:
        ValueError: if the loader is empty.
    """
    logits: list[Tensor] = []
    targets: list[Tensor] = []
    modes = {module: module.training for module in model.modules()}
    model.eval()
    try:
        with torch.inference_mode():
            for images, labels in loader:
                logits.append(model(images.to(device, non_blocking=True)))
                targets.append(labels)
    finally:
        for module, mode in modes.items():
            module.training = mode
    if not logits:
        raise ValueError("the loader gave no batch: there is nothing to evaluate")
    answers = Predictions(_join(logits), _join(targets))
    sampler = getattr(loader, "sampler", None)
    if not isinstance(sampler, Share) or sampler.world.size == 1:
        return answers
    joined = (distributed.join_shares(part, sampler.length) for part in answers)
    return Predictions(*joined)


def _join(parts: list[Tensor]) -> Tensor:
    """Return the parts as one tensor on the CPU, and empty the list.

    A GPU never holds a second copy of everything: each part is let go of as soon
    as it is copied. Made outside inference mode, the result is an ordinary tensor.
    """
    first = parts[0]
    whole = torch.empty((sum(map(len, parts)), *first.shape[1:]), dtype=first.dtype)
    parts.reverse()
    start = 0
    while parts:
        part = parts.pop()
        whole[start : start + len(part)] = part
        start += len(part)
    return whole


def require_finite(answers: Predictions, of: str) -> Predictions:
    """Return the answers, unless some of them are no numbers.

    Finite weights may give such answers, if they are large enough to overflow.

    Args:
        of: what answered, for the message.

    Raises:
        UserError: if an image's logits or its loss are NaN or infinite.
    """
    losses = nn.functional.cross_entropy(
        answers.logits, answers.targets, reduction="none"
    )
    fine = answers.logits.isfinite().all(1) & losses.isfinite()  # [N, C], [N] -> [N]
    if not fine.all():
        raise UserError(
            f"{of} answers {int((~fine).sum()):,} of {len(fine):,} images with NaN or "
            "infinity, so there is nothing to count: train again with a lower learning "
            "rate."
        )
    return answers


def confusion_table(answers: Predictions, class_names: Sequence[str]) -> str:
    """Return the confusion matrix as text: true classes down, predicted across.

    The last column is the recall, the share of the class that was found. With more
    than twelve classes a matrix would be wider than any screen: then each class has
    its number of images, its recall, and what it was taken for most often.

    Args:
        class_names: in the order of the logits, ``dataset.classes``.
    """
    from wcwidth import wcswidth

    counts, names = answers.confusion(), [printable(name) for name in class_names]
    recall = ["-" if r != r else f"{r:.3f}" for r in answers.recall.tolist()]  # NaN
    if len(names) <= CLASSES_ACROSS:
        head = ["true class", *names, "recall"]
        columns = [[f"{n:,}" for n in column] for column in counts.T.tolist()]
        columns = [names, *columns, recall]
    else:
        head = ["true class", "images", "recall", "most often taken for"]
        most, other = counts.clone().fill_diagonal_(0).max(1)  # [C, C] -> [C], [C]
        pairs = zip(most.tolist(), other.tolist(), strict=True)
        taken = [f"{names[k]} ({n:,})" if n else "" for n, k in pairs]
        columns = [names, [f"{n:,}" for n in counts.sum(1).tolist()], recall, taken]
    columns = [[title, *cells] for title, cells in zip(head, columns, strict=True)]
    widths = [max(MIN_COLUMN, *map(wcswidth, column)) for column in columns]
    right = range(1, len(columns))
    return "\n".join(table(zip(*columns, strict=True), widths, right))
