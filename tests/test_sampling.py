"""Orders and shares: the same with any number of workers and of processes."""

import random

import numpy as np
import pytest
import torch
from torch.utils.data import Dataset

from helpers.data.loading import make_loader
from helpers.data.sampling import Seeded, Share, Shuffled
from helpers.distributed import World
from helpers.errors import UserError


class Draws(Dataset):
    """Every item is its position and three random numbers."""

    def __len__(self):
        return 23

    def __getitem__(self, index):
        return (index, torch.rand(1), np.random.rand(), random.random()), index


def epochs(count=2, workers=0, seed=0, batch=4):
    """Return, for each epoch, what the loader gave."""
    loader = make_loader(Draws(), batch, train=True, workers=workers, seed=seed)
    return [[torch.stack([*map(torch.as_tensor, item)]).tolist()
             for (items, _) in loader for item in
             zip(items[0], items[1].flatten(), *items[2:], strict=True)]
            for _ in range(count)]  # fmt: skip


def test_batches_are_the_same_with_any_number_of_workers():
    assert epochs(workers=0) == epochs(workers=1) == epochs(workers=2)


def test_orders_and_draws_change_with_epoch_and_seed():
    (one, two), (other, _) = epochs(), epochs(seed=1)
    assert one != two
    assert one != other
    assert len({tuple(item[1:]) for item in one}) == len(one)  # no draw twice
    # Epoch 1 of seed 0 is not epoch 0 of seed 1.
    assert two != other


def test_an_epoch_can_be_chosen():
    """As a resumed run does."""
    sampler = Shuffled(10, seed=3)
    orders = [list(sampler) for _ in range(3)]
    again = Shuffled(10, seed=3)
    again.set_epoch(2)
    assert list(again) == orders[2]


def test_seeding_an_image_leaves_the_generators_alone():
    def draw():
        return torch.rand(1).item(), np.random.rand(), random.random()

    torch.manual_seed(1)
    np.random.seed(1)
    random.seed(1)
    expected = [draw(), draw()]
    torch.manual_seed(1)
    np.random.seed(1)
    random.seed(1)
    first = draw()
    Seeded(Draws())[4, 99]
    assert [first, draw()] == expected


@pytest.mark.parametrize("size", [1, 2, 3])
@pytest.mark.parametrize("length", [6, 7, 8])
def test_processes_share_the_images(length, size):
    worlds = [World(rank, size) for rank in range(size)]
    val = [list(Share(length, world)) for world in worlds]
    assert sorted(sum(val, [])) == list(range(length))  # each once, none twice
    joint = list(Shuffled(length, seed=0))
    train = [list(Shuffled(length, seed=0, world=world)) for world in worlds]
    assert {len(part) for part in train} == {length // size}
    # Step by step the processes hold the images of the joint batch.
    dealt = [pair for together in zip(*train, strict=True) for pair in together]
    assert dealt == joint[: length // size * size]


def test_a_batch_is_split_evenly_or_refused():
    loader = make_loader(Draws(), 6, train=True, world=World(1, 3))
    assert loader.batch_size == 2
    assert len(loader) == 23 // 6
    with pytest.raises(UserError, match="batch of 4 images cannot be split evenly"):
        make_loader(Draws(), 4, train=True, world=World(0, 3))
    with pytest.raises(UserError, match=r"fewer images \(23\) than processes"):
        make_loader(Draws(), 48, train=False, world=World(0, 24))
