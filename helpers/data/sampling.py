"""Which images come when: a fresh order each epoch, and a share per process.

The order of an epoch, and the random crop of each image in it, follow from the
seed and the epoch's number alone. So they are the same with any number of
workers and of processes, and a resumed run continues where it stopped.
"""

from collections.abc import Iterator
from typing import Any

import numpy as np
import torch
from torch.utils.data import Dataset, Sampler, get_worker_info

from helpers.distributed import ALONE, World
from helpers.randomness import get_generators, seed_generators, set_generators


class Shuffled(Sampler[tuple[int, int]]):
    """Yield every image once an epoch, in random order, with a seed of its own.

    Under several processes each yields every ``size``-th of the same order, as
    many on each: up to ``size - 1`` images sit an epoch out, another time others.

    Args:
        length: images in the data set.
        seed: of all orders; :meth:`set_epoch` chooses one.
    """

    def __init__(self, length: int, seed: int, world: World = ALONE) -> None:
        self.length = length
        self.seed = seed
        self.world = world
        self.epoch = 0

    def set_epoch(self, epoch: int) -> None:
        """Choose the order that comes next, as in ``DistributedSampler``."""
        self.epoch = epoch

    def __len__(self) -> int:
        """Return the number of images for this process."""
        return self.length // self.world.size

    def __iter__(self) -> Iterator[tuple[int, int]]:
        """Yield (position in the data set, seed of this image's transform)."""
        # Mixed, not added: else epoch 1 of seed 0 would be epoch 0 of seed 1.
        mixed = np.random.SeedSequence((self.seed, self.epoch)).generate_state(1)
        generator = torch.Generator().manual_seed(int(mixed[0]))
        self.epoch += 1  # for loops that do not call set_epoch
        order = torch.randperm(self.length, generator=generator).tolist()
        seeds = torch.randint(2**32, (self.length,), generator=generator).tolist()
        pairs = list(zip(order, seeds, strict=True))
        yield from pairs[self.world.rank :: self.world.size][: len(self)]


class Share(Sampler[int]):
    """Yield every ``size``-th image in order, none of them twice.

    ``DistributedSampler`` repeats images until all shares are of one length, and
    a mean over them counts these twice (pytorch/pytorch#25162).
    """

    def __init__(self, length: int, world: World = ALONE) -> None:
        self.length = length  # of the whole data set
        self.world = world
        self.positions = range(world.rank, length, world.size)

    def __len__(self) -> int:
        """Return the number of images for this process."""
        return len(self.positions)

    def __iter__(self) -> Iterator[int]:
        """Yield positions in the data set."""
        return iter(self.positions)


class Seeded(Dataset):
    """A data set whose random transforms are seeded image by image.

    Args:
        dataset: draws from PyTorch's, NumPy's or Python's global generator, or
            from none.
    """

    def __init__(self, dataset: Dataset) -> None:
        self.dataset = dataset

    def __len__(self) -> int:
        """Return the number of images."""
        return len(self.dataset)  # type: ignore[arg-type]

    def __getitem__(self, pair: tuple[int, int]) -> Any:
        """Return the image at a position, transformed as the seed says."""
        index, seed = pair
        alone = get_worker_info() is None  # nothing else draws in a worker
        before = get_generators() if alone else None
        seed_generators(seed)
        try:
            return self.dataset[index]
        finally:
            if before is not None:
                set_generators(before)
