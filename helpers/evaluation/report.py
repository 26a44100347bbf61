"""One HTML page about a trained network that can be mailed: no other file needed."""

import base64
from collections.abc import Sequence
from dataclasses import dataclass, field
from importlib.resources import files
from pathlib import Path

from matplotlib.figure import Figure

from helpers import plots
from helpers.data.fingerprint import Manifest
from helpers.evaluation.examine import Chosen
from helpers.evaluation.mistakes import class_maps, worst
from helpers.evaluation.predictions import Predictions
from helpers.model.trained import Trained
from helpers.text import as_utf8
from helpers.writing import replacing

SHOWN, COLUMNS = 12, 4  # pictures of mistakes: large enough on a phone


@dataclass
class Section:
    """A part of the page: a text, a figure, a table, or several of them."""

    heading: str
    text: str = ""
    image: str = ""  # PNG in base64
    width: int = 0  # CSS pixels
    alt: str = ""
    head: Sequence[str] = ()
    rows: Sequence[Sequence[str]] = field(default_factory=list)

    def draw(self, fig: Figure, alt: str) -> "Section":
        """Add a figure and its description; return ``self``."""
        self.width, self.alt = plots.css_width(fig), alt
        self.image = base64.b64encode(plots.to_png(fig)).decode("ascii")
        return self


def write_report(
    path: str | Path,
    trained: Trained,
    name: str,
    chosen: Chosen,
    answers: Predictions,
    manifest: Manifest,
) -> None:
    """Write the page: scores, curves, confusion matrix, mistakes, maps, versions.

    Args:
        path: the HTML file.
        name: of the checkpoint.
        chosen: the images that were answered.
        answers: see :func:`helpers.evaluation.mistakes.answer`.
        manifest: of the folder that the images are from.

    Raises:
        UserError: if the file cannot be written.
    """
    import jinja2

    plots.use_style()
    template = files("helpers").joinpath("assets/report.html.j2").read_text("utf-8")
    page = jinja2.Environment(autoescape=True).from_string(template)
    text = page.render(
        title=f"{name} on {chosen.text}",
        summary="Every image was answered once, in evaluation mode. All figures on "
        "this page were computed when it was written.",
        facts={
            "Accuracy": f"{answers.accuracy:.1%}",
            "Mean recall": f"{answers.recall.nanmean().item():.1%}",
            "Loss": f"{answers.loss:.3f}",
            "Most frequent class": f"{answers.majority:.1%}",
        },
        sections=[
            *_training(trained),
            _confusion(trained, answers),
            _classes(trained, answers),
            *_mistakes(trained, chosen, answers),
            _origin(trained, manifest),
        ],
    )
    with replacing(path) as part:
        part.write_text(as_utf8(text) + "\n", "utf-8")


def _training(trained: Trained) -> list[Section]:
    history = trained.about.get("history")
    if not history:
        return []
    best = plots.best_epoch(history)
    alt = (
        f"Training and validation loss over {len(history)} epochs; the validation "
        f"loss is lowest, {best['val_loss']:.3f}, after epoch {best['number']}, where "
        f"the accuracy is {best['val_accuracy']:.1%}."
    )
    return [Section("Training").draw(plots.learning_curves(history), alt)]


def _confusion(trained: Trained, answers: Predictions) -> Section:
    counts = answers.confusion()
    right = int(counts.diagonal().sum())
    alt = (
        f"Confusion matrix of {len(answers.targets):,} images: {right:,} lie on the "
        "diagonal. Rows are true classes, columns predicted ones; the table below has "
        "the recall of each class."
    )
    figure = plots.confusion_heatmap(counts, trained.classes)
    return Section("Confusion matrix").draw(figure, alt)


def _classes(trained: Trained, answers: Predictions) -> Section:
    counts = answers.confusion()
    rows = zip(
        trained.classes,
        [f"{n:,}" for n in counts.sum(1).tolist()],
        [f"{n:,}" for n in counts.sum(0).tolist()],
        _shares(answers.recall.tolist()),
        _shares(answers.precision.tolist()),
        strict=True,
    )
    return Section(
        "Classes",
        "Recall is the share of a class that was found, precision the share of the "
        "answers with its name that were right.",
        head=("class", "images", "answers", "recall", "precision"),
        rows=list(rows),
    )


def _shares(values: list[float]) -> list[str]:
    return ["none" if value != value else f"{value:.1%}" for value in values]


def _mistakes(trained: Trained, chosen: Chosen, answers: Predictions) -> list[Section]:
    found = worst(answers, trained.classes, SHOWN)
    if not found:
        return [Section("Mistakes", "There are none: every answer is right.")]
    pictures, maps = class_maps(trained, chosen.images, found)
    titles = [str(mistake) for mistake in found]
    named = "; ".join(title.replace("\n", " ") for title in titles)
    wrong = int((answers.classes != answers.targets).sum())
    return [
        Section(
            "The worst mistakes",
            f"{len(found)} of {wrong:,} wrong answers, those with the largest loss "
            "first.",
        ).draw(
            plots.image_grid(list(pictures), titles, columns=COLUMNS),
            f"Pictures of: {named}.",
        ),
        Section(
            "Where the network looked",
            "Grad-CAM at the last block for the predicted class, in the same order; "
            "the line marks half of the peak.",
        ).draw(
            plots.cam_grid(list(pictures), list(maps), titles, columns=COLUMNS),
            f"The same {len(found)} pictures in grey with the class maps over them.",
        ),
    ]


def _origin(trained: Trained, manifest: Manifest) -> Section:
    import torch
    import torchvision

    import helpers

    settings = trained.about.get("settings", {})
    rows = [
        ("fingerprint of the folder", manifest.digest),
        ("in the folder", str(manifest)),
        ("input", f"{trained.size} x {trained.size} pixels"),
        ("mean", ", ".join(map(str, trained.mean))),
        ("standard deviation", ", ".join(map(str, trained.std))),
        *((key.replace("_", " "), str(settings[key])) for key in settings),
    ]
    if "fingerprint" in trained.about:
        rows.insert(1, ("fingerprint in training", trained.about["fingerprint"]))
    before = trained.about.get("versions", {})
    now = {
        "helpers": helpers.__version__,
        "torch": str(torch.__version__),
        "torchvision": str(torchvision.__version__),
    }
    for key, version in now.items():
        trained_with = before.get(key, "unknown")
        rows.append((key, f"{trained_with} in training, {version} here"))
    shown = [row for row in rows if row[0] not in ("classes", "size")]
    return Section("Data, settings and versions", rows=shown)
