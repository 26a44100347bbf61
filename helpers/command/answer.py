"""What ``evaluate``, ``explain``, ``report`` and ``export`` do."""

import json
from pathlib import Path
from typing import NamedTuple

import click
import torch

from helpers import magic, plots
from helpers.data.fingerprint import fingerprint
from helpers.data.images import ToNormalised
from helpers.data.loading import as_tensors
from helpers.devices import choose_device
from helpers.errors import UserError
from helpers.evaluation.examine import Chosen, Part, answer, choose_images
from helpers.evaluation.mistakes import class_maps, worst
from helpers.evaluation.predictions import (
    Predictions,
    confusion_table,
    require_finite,
)
from helpers.evaluation.report import COLUMNS, write_report
from helpers.model import export
from helpers.model.trained import Trained, open_trained
from helpers.progress import show_progress
from helpers.text import printable
from helpers.writing import beside, replacing, require_outside, require_writable

COMPARED = 1000  # images at most on which an exported file is compared


class Subject(NamedTuple):
    """What is examined: a network, and images to answer.

    Attributes:
        checkpoint: a file of :func:`helpers.command.train.train`.
        root: an image folder with the same classes.
        name: the data set's name.
        split: which images, see :func:`helpers.evaluation.examine.choose_images`.
        device: a name, or ``None`` for the fastest.
        workers: processes that read images ahead.
    """

    checkpoint: Path
    root: Path
    name: str
    split: Part | None
    device: str | None
    workers: int

    def examine(self) -> tuple[Trained, Chosen, Predictions]:
        """Return the network, the images and its answers, each once and in order.

        Raises:
            UserError: if the checkpoint, the folder or the device cannot be used, or
                the answers are no numbers.
        """
        trained = open_trained(self.checkpoint)
        chosen = self.choose(trained, self.split)
        answers = answer(
            trained,
            chosen.images,
            workers=self.workers,
            device=choose_device(self.device),
            progress=show_progress(),
        )
        return trained, chosen, require_finite(answers, f"{self.checkpoint}")

    def choose(self, trained: Trained, split: Part | None) -> Chosen:
        """Return the images of a split, see :func:`choose_images`."""
        return choose_images(
            trained, self.root, split, self.name, progress=show_progress()
        )

    def places(self, out: Path | None, *endings: str) -> list[Path]:
        """Return where files are to be written, by default beside the checkpoint.

        Args:
            out: the first file as asked for.
            endings: of the names beside the checkpoint, or beside ``out``.

        Raises:
            UserError: if one lies in the image folder, cannot be written, or would
                replace another one, the checkpoint or its log.
        """
        first, *more = endings
        out = out or beside(self.checkpoint, first)
        files = [out, *(beside(out, ending) for ending in more)]
        for file in files:
            require_outside(file, self.root)
        log = beside(self.checkpoint, ".csv")
        require_writable(*files, reads=[self.checkpoint, log])
        return files


def evaluate(subject: Subject, *, as_json: bool = False) -> Predictions:
    """Print how a network answers a folder of images, and return its answers.

    Args:
        as_json: print one JSON object instead of text.

    Raises:
        UserError: if the checkpoint, the folder or the device cannot be used.
    """
    trained, chosen, answers = subject.examine()
    if as_json:
        numbers = {
            "data": chosen.text,
            "images": len(answers.targets),
            "accuracy": answers.accuracy,
            "mean_recall": answers.recall.nanmean().item(),
            "loss": answers.loss,
            "majority": answers.majority,
            "classes": trained.classes,
            "confusion": answers.confusion().tolist(),
        }
        click.echo(json.dumps(numbers, indent=2))
        return answers
    click.echo(
        f"{chosen.text}: accuracy {answers.accuracy:.3f}, mean recall "
        f"{answers.recall.nanmean().item():.3f}, loss {answers.loss:.4f}; always "
        f"answering the most frequent class gives {answers.majority:.3f}.\n"
    )
    click.echo(confusion_table(answers, trained.classes))
    return answers


def explain(
    subject: Subject,
    *,
    out: Path | None = None,
    count: int = 12,
    mistakes: bool = False,
) -> None:
    """Draw Grad-CAM on the answers with the largest loss.

    Args:
        out: the PNG; by default beside the checkpoint.
        count: at most so many pictures.
        mistakes: only wrong answers.

    Raises:
        UserError: as :func:`evaluate`, or if there is nothing to draw.
    """
    (out,) = subject.places(out, ".gradcam.png")
    trained, chosen, answers = subject.examine()
    found = worst(answers, trained.classes, count, wrong=mistakes)
    if not found:
        raise UserError(f"{chosen.text}: no answer is wrong; leave --mistakes out.")
    plots.use_style()
    pictures, maps = class_maps(trained, chosen.images, found)
    titles = [str(mistake) for mistake in found]
    figure = plots.cam_grid(list(pictures), list(maps), titles, columns=COLUMNS)
    with replacing(out) as part:
        part.write_bytes(plots.to_png(figure))
    for mistake in found:
        path = Path(chosen.images.samples[mistake.position][0]).relative_to(
            subject.root
        )
        answer = str(mistake).replace("\n", " ")
        click.echo(f"{printable(str(path))}: {answer}")
    click.echo(f"\nClass maps: {printable(str(out))}")


def report(subject: Subject, *, out: Path | None = None) -> None:
    """Write one HTML page about the network that can be mailed.

    Args:
        out: the page; by default beside the checkpoint.

    Raises:
        UserError: as :func:`evaluate`.
    """
    (out,) = subject.places(out, ".html")
    trained, chosen, answers = subject.examine()
    manifest = fingerprint(subject.root, progress=show_progress())
    write_report(out, trained, subject.checkpoint.name, chosen, answers, manifest)
    click.echo(f"{chosen.text}: accuracy {answers.accuracy:.3f}")
    click.echo(f"\nReport: {printable(str(out))}")


def export_files(
    subject: Subject,
    *,
    out: Path | None = None,
    opset: int = magic.ONNX_OPSET,
    int8: bool = False,
) -> None:
    """Write an ONNX file, in int8 as well if asked, and compare the answers.

    Args:
        out: the file; by default beside the checkpoint.
        opset: version of the operators.
        int8: quantise too, with ranges from training images; then both files are
            written or neither.

    Raises:
        UserError: as :func:`evaluate`, or if the export fails.
    """
    endings = (".onnx", ".int8.onnx") if int8 else (".onnx",)
    files = subject.places(out, *endings)
    out = files[0]
    trained, chosen, answers = subject.examine()
    normalise = ToNormalised(trained.mean, trained.std)
    compared = range(0, len(chosen.images), -(-len(chosen.images) // COMPARED))
    images, targets = as_tensors(chosen.images, compared)
    images, expected = normalise(images), answers.logits[torch.tensor(compared)]
    copy = None
    if int8:
        training = subject.choose(trained, "train").images
        step = max(1, len(training) // magic.CALIBRATION_IMAGES)
        calibration, _ = as_tensors(training, range(0, len(training), step))
        batches = normalise(calibration).split(magic.BATCH_SIZE)
        copy = export.Int8(files[1], batches)
    export.export_onnx(
        trained.network,
        out,
        size=trained.size,
        opset=opset,
        about=export.describe(trained),
        int8=copy,
    )
    accuracy = Predictions(expected, targets).accuracy
    click.echo(
        f"{chosen.text}, {len(images):,} compared: accuracy {accuracy:.3f} in PyTorch"
    )
    for file in files:
        logits = export.run_onnx(file, images)
        parity = export.compare_outputs(expected, logits)
        exported = require_finite(Predictions(logits, targets), f"{file}")
        click.echo(
            f"{printable(str(file))}: {file.stat().st_size / 1e6:.2f} MB, accuracy "
            f"{exported.accuracy:.3f}, same class for {parity.agreement:.1%}, largest "
            f"difference of a logit {parity.difference:.2g}"
        )
