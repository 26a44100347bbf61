"""Keep of a run's checkpoint what a network needs to be used, and nothing else.

    python tools/keep_weights.py RUN.pt WEIGHTS.pt

The optimiser's state and all that only a resumed run needs are two thirds of the
file.
"""

from pathlib import Path

import click

from helpers.model.checkpoint import load_checkpoint, save_checkpoint
from helpers.writing import require_writable

NEEDED = ("model", "model_args", "class_to_idx", "size", "mean", "std")
KNOWN_OF_IT = ("data", "files", "settings", "epoch")


@click.command()
@click.argument("run", type=click.Path(path_type=Path))
@click.argument("weights", type=click.Path(path_type=Path))
def main(run: Path, weights: Path) -> None:
    """Write the weights of RUN to WEIGHTS."""
    require_writable(weights, reads=[run])
    checkpoint = load_checkpoint(run)
    known = [key for key in KNOWN_OF_IT if key in checkpoint]
    save_checkpoint(weights, {key: checkpoint[key] for key in [*NEEDED, *known]})
    click.echo(f"{weights}: {weights.stat().st_size / 1e6:.1f} MB")  # 10^6 bytes


if __name__ == "__main__":
    main()
