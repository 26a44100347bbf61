"""Batches decoded by NVIDIA DALI, on the CPU or on a GPU (note 15).

The same batches as those of :func:`helpers.data.loading.make_loader`, apart from
rounding and random numbers: the files, their order and their class numbers are the
data set's own, so what DALI would make of a folder cannot matter.
"""

import os
from collections.abc import Iterator
from typing import Any

import torch
from torch import Tensor

from helpers import magic
from helpers.data.images import Channels
from helpers.data.loading import ImageFolder
from helpers.distributed import ALONE, World
from helpers.errors import UserError

READER = "files"


def make_dali_loader(
    dataset: ImageFolder,
    batch_size: int = magic.BATCH_SIZE,
    *,
    train: bool,
    size: int,
    mean: Channels,
    std: Channels,
    gpu: int | None = None,
    threads: int = 4,
    seed: int = 0,
    world: World = ALONE,
) -> "DaliLoader":
    """Return batches of images ``[N, 3, size, size]`` and targets ``[N]`` (int64).

    For training, each epoch has a new order, crops and flips, and a short last batch
    is left out; so are the last images that cannot be shared evenly. For evaluation
    every image comes once, in order.

    Args:
        dataset: says which files there are and of which class; its transform is not
            used.
        batch_size: images per step, all processes together.
        size: side of the images that come out, in pixels.
        mean, std: per channel, for pixels scaled to [0, 1].
        gpu: number of the GPU that holds the batches and helps to decode JPEG and
            JPEG 2000; the CPU decodes other formats, and the Huffman codes of most
            JPEG files. ``None`` does everything on the CPU.
        threads: of the CPU, for reading and decoding.
        seed: of the order, the crops and the flips.
        world: the processes that share the batches.

    Raises:
        UserError: if DALI is not installed, there is no such GPU, the batch cannot
            be split evenly among the processes, or training has no whole batch.
    """
    try:
        from nvidia.dali import Pipeline, fn, types
        from nvidia.dali.plugin.pytorch import (
            DALIClassificationIterator,
            LastBatchPolicy,
        )
    except ImportError as error:
        raise UserError(
            f"DALI cannot be imported ({error}): `pip install nvidia-dali-cuda120` on "
            "Linux, or use helpers.data.loading.make_loader."
        ) from error
    if gpu is not None and gpu >= torch.cuda.device_count():
        raise UserError(
            f"PyTorch sees no GPU number {gpu}: give gpu=None to decode on the CPU."
        )
    count = len(dataset.samples)
    if train and count < batch_size:
        raise UserError(
            f"There are fewer images ({count}) than a batch takes ({batch_size}): "
            "choose a smaller batch."
        )
    if train:  # from shares of unequal length DALI would make batches of copies
        count -= count % world.size
    paths, labels = zip(*dataset.samples[:count], strict=True)
    place = "cpu" if gpu is None else "mixed"
    # Fancy upsampling enlarges a JPEG file's colours on the GPU as the CPU does.
    decoding: dict[str, Any] = {"device": place, "jpeg_fancy_upsampling": True}
    order: dict[str, Any] = {"stick_to_shard": True}  # the same images in each pass
    if train:
        order = {"shuffle_after_epoch": True, "shuffle_after_epoch_seed": seed}

    pipeline = Pipeline(
        batch_size=world.share_of(batch_size),
        num_threads=threads,
        device_id=gpu,
        seed=seed + world.rank,
    )
    with pipeline:
        files, targets = fn.readers.file(
            files=[os.fspath(path) for path in paths],
            labels=list(labels),
            name=READER,
            pad_last_batch=True,
            **order,
            num_shards=world.size,
            shard_id=world.rank,
        )
        if train:  # decoded and cropped in one operator
            images = fn.decoders.image_random_crop(
                files,
                **decoding,
                random_area=magic.GENTLE_CROP_AREA,
                random_aspect_ratio=magic.CROP_RATIO,
            )
            images = fn.resize(images, size=(size, size))
        else:
            images = fn.decoders.image(files, **decoding)
            shorter = round(size * magic.EVAL_RESIZE)
            images = fn.resize(images, resize_shorter=shorter)
        images = fn.crop_mirror_normalize(  # [H, W, 3] -> [3, size, size]
            images,
            crop=(size, size),
            rounding="truncate",  # as torchvision, where the remainder is 1 mod 4
            dtype=types.FLOAT,
            mirror=fn.random.coin_flip() if train else 0,
            mean=[255 * channel for channel in mean],  # 255: the largest uint8
            std=[255 * channel for channel in std],
        )
        targets = fn.squeeze(fn.cast(targets, dtype=types.INT64), axes=0)  # [1] -> []
        pipeline.set_outputs(images, targets if gpu is None else targets.gpu())

    policy = LastBatchPolicy.DROP if train else LastBatchPolicy.PARTIAL
    return DaliLoader(
        DALIClassificationIterator(
            pipeline, reader_name=READER, last_batch_policy=policy, auto_reset=True
        )
    )


class DaliLoader:
    """The batches of a DALI iterator in the form that training takes.

    Args:
        batches: a ``DALIClassificationIterator`` of one pipeline.
    """

    def __init__(self, batches: "Iterator") -> None:
        self.batches = batches
        self._begun = False

    def __len__(self) -> int:
        """Return the number of batches in an epoch."""
        return len(self.batches)  # type: ignore[arg-type]

    def __iter__(self) -> Iterator[tuple[Tensor, Tensor]]:
        """Yield images ``[N, 3, size, size]`` and targets ``[N]``.

        A pass that was broken off is read to its end first: DALI cannot go back.
        """
        while self._begun and next(self.batches, None) is not None:
            pass
        self._begun = True
        for (batch,) in self.batches:
            yield batch["data"], batch["label"]
        self._begun = False
