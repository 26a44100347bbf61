"""One optimiser step, in the only order that works.

Batches go forward and backward; then the gradients are unscaled, looked at,
clipped and used, and only then does the schedule move (notes 6 to 9). Every line
that stands elsewhere in people's programs gives a bug that no error reports.
"""

from collections.abc import Callable, Iterable
from contextlib import AbstractContextManager, nullcontext
from typing import Literal, get_args

import torch
from torch import Tensor, nn
from torch.nn.utils import clip_grads_with_norm_, get_total_norm
from torch.optim import Optimizer
from torch.optim.lr_scheduler import LRScheduler

from helpers import distributed, magic

Precision = Literal["float32", "bfloat16", "float16"]
LossFunction = Callable[[Tensor, Tensor], Tensor]


class Stepper:
    """Takes optimiser steps over one batch or several.

    Args:
        model: maps images ``[N, 3, H, W]`` to logits ``[N, C]``; on ``device``.
        loss_fn: maps logits and targets ``[N]`` to the mean loss of the batch.
        scheduler: of the learning rate, if it counts steps (note 6).
        device: where the model is and batches go.
        precision: of the forward pass. ``"float16"`` scales the loss, for small
            gradients would become zero; ``"bfloat16"`` has the range of float32
            and needs no scale (note 9). The weights stay float32.
        accumulate: batches per step. The gradients are those of one large batch,
            each image counting alike; BatchNorm still sees small batches, and a
            loss with class weights divides by their sum in each batch (note 5).
        max_norm: gradients with a larger norm, all parameters together, are scaled
            down to it; ``None`` leaves them (note 8).

    Attributes:
        network: the model without the wrapper of several processes.
        grad_norm: norm of this step's gradients before clipping, if ``max_norm`` or
            a ``look`` made it known.
        losses: scalars of this step's batches, detached.
        sizes: images in each of them.
        scaler: of the loss, for float16 only.
    """

    def __init__(
        self,
        model: nn.Module,
        optimizer: Optimizer,
        loss_fn: LossFunction,
        *,
        scheduler: LRScheduler | None = None,
        device: torch.device | str = "cpu",
        precision: Precision = "float32",
        accumulate: int = 1,
        max_norm: float | None = None,
    ) -> None:
        if precision not in get_args(Precision):
            raise ValueError(
                f"precision is in {get_args(Precision)}, not {precision!r}"
            )
        if accumulate < 1:
            raise ValueError(f"accumulate is 1 or more, not {accumulate}")
        if max_norm is not None and not max_norm > 0:
            raise ValueError(f"max_norm is positive or None, not {max_norm}")
        self.model = model
        self.network = distributed.unwrap(model)
        self.parameters = list(self.network.parameters())
        self.optimizer = optimizer
        self.loss_fn = loss_fn
        self.scheduler = scheduler
        self.device = torch.device(device)
        self.accumulate = accumulate
        self.max_norm = max_norm
        self.grad_norm: Tensor | None = None
        self.losses: list[Tensor] = []
        self.sizes: list[int] = []
        kind = self.device.type
        self.scaler: torch.amp.GradScaler | None = None
        if precision == "float16":
            self.scaler = torch.amp.GradScaler(
                kind,
                init_scale=magic.LOSS_SCALE_START,
                growth_interval=magic.LOSS_SCALE_INTERVAL,
            )
        self._autocast: AbstractContextManager = nullcontext()
        if precision != "float32":
            self._autocast = torch.autocast(kind, getattr(torch, precision))
        self._skip = False
        self._graph: Tensor | None = None

    def step(
        self,
        batches: Iterable[tuple[Tensor, Tensor]],
        count: int = 1,
        look: Callable[[], None] | None = None,
    ) -> bool:
        """Go from batches to new weights.

        Args:
            batches: images ``[N, 3, H, W]`` and targets ``[N]``, asked for one by one.
            count: how many there are: ``accumulate``, or fewer where the epoch ends.
            look: called when the gradients are whole and unscaled, before clipping;
                may call :meth:`skip`.

        Returns:
            Whether the weights were moved. They are not after :meth:`skip`, nor
            when float16 overflowed, and then the schedule stands still as well.
        """
        scaler, scale = self.scaler, self.scaler.get_scale() if self.scaler else 1.0
        self.losses, self.sizes, self._skip = [], [], False
        for position, (images, targets) in enumerate(batches, start=1):
            images = images.to(self.device, non_blocking=True)  # [N, 3, H, W]
            targets = targets.to(self.device, non_blocking=True)  # [N]
            with self._exchange(last=position == count):
                with self._autocast:  # the forward pass only
                    loss = self.loss_fn(self.model(images), targets)  # -> scalar
                if position == 1:
                    self.optimizer.zero_grad()  # else gradients add up over the steps
                share = self._share(loss, len(targets))
                (scaler.scale(share) if scaler else share).backward()
            self._graph = loss  # freed now, its memory would have to be fetched again
            self.losses.append(loss.detach())  # not read here: a GPU need not wait
            self.sizes.append(len(targets))
        if scaler is not None:
            scaler.unscale_(self.optimizer)  # before anybody looks (note 9)
        self._weigh()
        if look is not None or self.max_norm is not None:
            self.grad_norm = get_total_norm(self.gradients())
        if look is not None:
            look()
            self._skip = distributed.anywhere(self._skip, self.device)
        if self._skip:
            if scaler is not None:
                scaler.update(scale)  # no overflow: the scale is not to blame
            return False
        if self.max_norm is not None and self.grad_norm is not None:
            clip_grads_with_norm_(self.parameters, self.max_norm, self.grad_norm)
        if scaler is None:
            self.optimizer.step()
        else:
            scaler.step(self.optimizer)  # nothing happens if a gradient is inf
            scaler.update()
            if scaler.get_scale() < scale:
                return False
        if self.scheduler is not None:
            self.scheduler.step()  # after the optimiser's step (note 6)
        return True

    def skip(self) -> None:
        """Leave the weights as they are in this step; for a ``look``.

        If one process asks for it, all do.
        """
        self._skip = True

    def gradients(self) -> list[Tensor]:
        """Return the gradients there are, in the order of the parameters."""
        return [p.grad for p in self.parameters if p.grad is not None]

    def _exchange(self, *, last: bool) -> AbstractContextManager:
        """Let processes exchange gradients once a step, in its last backward pass."""
        return nullcontext() if last else getattr(self.model, "no_sync", nullcontext)()

    def _share(self, loss: Tensor, images: int) -> Tensor:
        """Return what a batch adds to the loss of a step of full batches."""
        if self.accumulate == 1:
            return loss
        return loss * (images / (self.accumulate * (self.sizes or [images])[0]))

    def _weigh(self) -> None:
        """Scale the gradients of a step with fewer images than :meth:`_share` took."""
        missing = self.accumulate * self.sizes[0] / sum(self.sizes)
        if missing != 1:
            for gradient in self.gradients():
                gradient *= missing
