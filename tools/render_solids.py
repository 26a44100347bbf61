"""Render the shipped diagnostic image set, or a variant of it with faults.

The shipped archive is made by

    python tools/render_solids.py --archive helpers/assets/solids.zip

which prints the fingerprint that `helpers/data/solids.py` expects.
"""

import hashlib
import os
import tempfile
from pathlib import Path

import click
import numpy as np

# One thread for numpy in each process: the processes share the cores already.
os.environ.setdefault("OMP_NUM_THREADS", "1")
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

from solids import dataset
from solids.faults import FAULTS, make_plan

LICENCE = Path(__file__).parents[1] / "helpers" / "assets" / "SOLIDS-LICENCE.txt"
TRAIN, VAL = 1500, 300  # images of the shipped set


def _fault_help() -> str:
    rows = [
        f"{name}: {(fault.__doc__ or '').strip()}" for name, fault in FAULTS.items()
    ]
    return "Plant a fault; may be repeated. " + " ".join(rows)


@click.command()
@click.option(
    "--out",
    type=click.Path(path_type=Path, file_okay=False),
    help="Folder to render into; it must be empty or missing.",
)
@click.option(
    "--archive",
    type=click.Path(path_type=Path, dir_okay=False),
    help="Also pack the folder into this zip file.",
)
@click.option(
    "--contact-sheet",
    type=click.Path(path_type=Path, dir_okay=False),
    help="Write a picture of the first images of each class.",
)
@click.option(
    "--report",
    type=click.Choice(["quick", "full"]),
    is_flag=False,
    flag_value="quick",
    help="Measure the set; full adds empty scenes.",
)
@click.option(
    "--from",
    "source",
    help="Use this rendered folder; render nothing.",
    type=click.Path(path_type=Path, exists=True, file_okay=False),
)
@click.option(
    "--train",
    default=TRAIN,
    show_default=True,
    help="Training images.",
    type=click.IntRange(min=6),
)
@click.option(
    "--val",
    default=VAL,
    show_default=True,
    help="Validation images.",
    type=click.IntRange(min=6),
)
@click.option("--seed", default=0, show_default=True, type=click.IntRange(min=0))
@click.option(
    "--fault",
    "faults",
    multiple=True,
    type=click.Choice(list(FAULTS)),
    help=_fault_help(),
)
@click.option(
    "--processes",
    default=2,
    show_default=True,
    type=click.IntRange(min=1),
    help="Processes that render; their number changes no byte.",
)
def main(
    out: Path | None,
    archive: Path | None,
    contact_sheet: Path | None,
    report: str | None,
    source: Path | None,
    train: int,
    val: int,
    seed: int,
    faults: tuple[str, ...],
    processes: int,
) -> None:
    """Render lit solids of six classes on patterned grounds, with masks.

    Writes train/CLASS/, val/CLASS/, masks/ and metadata.json. Everything follows
    from the seed. The images are in the public domain (CC0).
    """
    if not (out or archive or contact_sheet or report):
        raise click.UsageError("say what to make: --out, --archive, ...")
    if out is not None and out.exists() and any(out.iterdir()):
        raise click.UsageError(f"{out} is not empty; name a new folder.")
    plan = make_plan(seed, train, val)
    for k, name in enumerate(faults):
        plan = FAULTS[name](plan, np.random.default_rng([seed, k]))
    with tempfile.TemporaryDirectory() as folder:
        root = source or out or Path(folder)
        if source is None:
            dataset.write(plan, root, processes)
            (root / "LICENCE.txt").write_bytes(LICENCE.read_bytes())
        if archive is not None:
            dataset.pack(root, archive)
            digest = hashlib.sha256(archive.read_bytes()).hexdigest()
            click.echo(f"{archive}: {archive.stat().st_size:,} bytes, SHA-256 {digest}")
        if contact_sheet is not None:
            dataset.contact_sheet(root).save(contact_sheet, optimize=True, quality=88)
        if report is not None:
            from solids import report as measure  # needs scikit-learn and torch

            def empty(place: Path) -> None:
                dataset.write(plan, place, processes, with_object=False)

            for line in measure.report(root, empty if report == "full" else None):
                click.echo(line)


if __name__ == "__main__":
    main()
