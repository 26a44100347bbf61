"""The record of an epoch: what callbacks decide by, logs keep and figures show."""

from dataclasses import asdict, dataclass, field


@dataclass(frozen=True)
class Epoch:
    """What one epoch gave.

    Attributes:
        number: counted from 1.
        train_loss: mean over the images of the steps that were taken, in training
            mode, while the weights were still moving.
        val_loss: mean cross-entropy over the validation split, after the epoch.
        val_accuracy: share of validation images that are right, 0 to 1.
        lr: learning rate of the epoch's last step.
        seconds: wall clock, validation included.
        skipped: steps that were not taken, see
            :meth:`helpers.training.steps.Stepper.step`.
        metrics: what callbacks add.
    """

    number: int
    train_loss: float
    val_loss: float
    val_accuracy: float
    lr: float
    seconds: float
    skipped: int = 0
    metrics: dict[str, float] = field(default_factory=dict)

    def __str__(self) -> str:
        parts = [
            f"epoch {self.number:3d}",
            f"train loss {self.train_loss:.4f}",
            f"val loss {self.val_loss:.4f}",
            f"val accuracy {self.val_accuracy:.3f}",
            f"lr {self.lr:.2e}",
        ]
        parts += [f"{k.replace('_', ' ')} {v:.3g}" for k, v in self.metrics.items()]
        parts += [f"skipped {self.skipped}"] if self.skipped else []
        return "   ".join([*parts, f"{self.seconds:.1f} s"])

    def flat(self) -> dict[str, int | float]:
        """Return every number by its name, the callbacks' beside the others."""
        numbers = asdict(self)
        return numbers | numbers.pop("metrics")
