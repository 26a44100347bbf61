"""Batches decoded by DALI on the CPU, against those of ImageFolder and PyTorch.

DALI exists for Linux only: where it is not installed, most of these are skipped.
"""

import shutil
import sys

import pytest
import torch
from PIL import Image
from torch.optim import SGD

from helpers.data.dali import make_dali_loader
from helpers.data.images import eval_transform
from helpers.data.loading import ImageFolder, as_tensors, open_splits
from helpers.data.solids import solids_root
from helpers.distributed import World
from helpers.errors import UserError
from helpers.evaluation.predictions import collect
from helpers.model.reference import reference_network
from helpers.training.fit import fit
from toys import LOSS, convolutional, same_weights

PLAIN = {"mean": (0.0, 0.0, 0.0), "std": (1.0, 1.0, 1.0)}


def load(dataset, batch_size=4, *, train=False, size=16, **changes):
    pytest.importorskip("nvidia.dali", exc_type=ImportError)
    options = PLAIN | {"threads": 1} | changes
    return make_dali_loader(dataset, batch_size, train=train, size=size, **options)


@pytest.fixture
def make_grey(tmp_path):
    """Return a function that makes a folder of images that are told by their grey."""

    def make(count):
        root = tmp_path / str(count)
        for number in range(count):
            folder = root / ("one" if number < count // 2 else "two")
            folder.mkdir(parents=True, exist_ok=True)
            image = Image.new("RGB", (24, 24), (5 * number,) * 3)
            image.save(folder / f"{number:02}.png")
        return ImageFolder(root)

    return make


def numbers(loader):
    """Return the numbers of the images of an epoch, batch by batch."""
    return [(images[:, 0, 8, 8] * 51).round().int().tolist() for images, _ in loader]


def joined(batches):
    return [number for batch in batches for number in batch]


# --- evaluation --------------------------------------------------------------------


@pytest.fixture(scope="module")
def both():
    """The solids' validation pictures through both loaders, one after the other."""
    reference = reference_network()
    size, mean, std = reference.size, reference.mean, reference.std
    transform = eval_transform(size, mean, std)
    val = ImageFolder(solids_root() / "val", transform)
    loader = load(val, 64, size=size, mean=mean, std=std)
    return reference, loader, list(loader), as_tensors(val)


def test_targets_are_those_of_imagefolder_in_its_order(both):
    _, loader, batches, (_, targets) = both
    assert [len(labels) for _, labels in batches] == [64, 64, 64, 64, 44]
    assert len(loader) == len(batches)
    for images, labels in batches:
        assert labels.dtype == torch.int64
        assert labels.shape == (len(images),)
        assert images.dtype == torch.float32
        assert images.shape[1:] == (3, 64, 64)
    assert torch.equal(torch.cat([labels for _, labels in batches]), targets)


def test_pixels_differ_by_rounding_only(both):
    """Of 73 pixels 64 are kept: the remainder, 9, is 1 mod 4."""
    reference, _, batches, (expected, _) = both
    std = torch.tensor(reference.std).view(3, 1, 1)  # [3] -> [3, 1, 1]
    images = torch.cat([images for images, _ in batches])
    difference = (images - expected).abs() * 255 * std  # in grey levels
    assert difference.max() < 2.5
    assert difference.mean() < 0.3


@pytest.mark.parametrize("size", [32, 56])  # remainders 5 and 8
def test_pixels_agree_at_other_sizes_too(size):
    val = ImageFolder(solids_root() / "val", eval_transform(size, **PLAIN))
    val.subset(list(range(0, 300, 30)))
    images, targets = next(iter(load(val, 10, size=size)))
    expected, classes = as_tensors(val)
    assert (255 * (images - expected)).abs().max() < 2.5
    assert torch.equal(targets, classes)  # those of the subset


def test_the_trained_network_is_as_good_as_before(both):
    reference, _, batches, (images, targets) = both
    answers = collect(reference.network, batches)
    assert answers.accuracy >= 0.97
    before = collect(reference.network, [(images, targets)])
    assert (answers.classes == before.classes).float().mean() >= 0.99


def test_each_pass_gives_every_image_once_and_the_same_pixels(both):
    _, loader, first, _ = both
    second = list(loader)
    assert len(second) == len(first)
    for (images, labels), (again, same) in zip(first, second, strict=True):
        assert torch.equal(images, again)
        assert torch.equal(labels, same)


@pytest.mark.parametrize("count", [8, 9, 11])
def test_evaluation_gives_each_image_once_in_each_pass(make_grey, count):
    loader = load(make_grey(count))
    expected = list(range(count))
    for _ in range(3):
        batches = numbers(loader)
        assert joined(batches) == expected
        assert len(batches) == len(loader)


@pytest.mark.parametrize("seen", [1, 2, 3])
def test_a_pass_that_was_broken_off_takes_nothing_from_the_next(make_grey, seen):
    loader = load(make_grey(11))
    for _, _ in zip(range(seen), loader, strict=False):
        pass
    for _ in range(2):
        assert joined(numbers(loader)) == list(range(11))
    training_loader = load(make_grey(12), train=True)
    next(iter(training_loader))
    for _ in range(2):
        assert sorted(joined(numbers(training_loader))) == list(range(12))


# --- training ----------------------------------------------------------------------


def test_training_gives_whole_batches_in_a_new_order_each_epoch(make_grey):
    loader = load(make_grey(11), train=True)
    epochs = [numbers(loader) for _ in range(4)]
    for epoch in epochs:
        assert [len(batch) for batch in epoch] == [4, 4]
        assert len(set(joined(epoch))) == 8  # none twice
        assert joined(epoch) != sorted(joined(epoch))  # not even the first
    assert len(loader) == 2
    assert len({str(epoch) for epoch in epochs}) == 4
    assert set(joined(joined(epochs))) == set(range(11))  # another 3 are left out


def test_training_labels_belong_to_their_images(make_grey):
    for images, labels in load(make_grey(12), train=True):
        greys = (images[:, 0, 8, 8] * 51).round()
        assert labels.tolist() == (greys >= 6).int().tolist()


def epochs(root, seed):
    loader = load(ImageFolder(root), train=True, seed=seed, threads=2)
    return [batch for _ in range(2) for batch in loader]


def test_the_seed_decides_order_crops_and_flips(make_images):
    root = make_images("photos", ["cat", "dog"])  # of noise: each crop is another
    one, same, other = epochs(root, 3), epochs(root, 3), epochs(root, 4)
    for (images, labels), (again, equal) in zip(one, same, strict=True):
        assert torch.equal(images, again)
        assert torch.equal(labels, equal)
    assert not any(
        torch.equal(images, another)
        for (images, _), (another, _) in zip(one, other, strict=True)
    )


def test_crops_differ_from_epoch_to_epoch(make_images):
    root = make_images("photos", ["cat", "dog"], count=1)
    loader = load(ImageFolder(root), 2, train=True, size=24)
    by_class = [images[labels.argsort()] for _ in range(3) for images, labels in loader]
    assert not torch.equal(by_class[0], by_class[1])
    assert not torch.equal(by_class[1], by_class[2])


def test_fit_trains_with_it(make_images):
    folder = ImageFolder(make_images("photos", ["cat", "dog"], count=8))
    train, val = load(folder, train=True, size=4), load(folder, 5, size=4)
    model = convolutional()
    history = fit(
        model, train, val, epochs=2, optimizer=SGD(model.parameters(), 0.1),
        loss_fn=LOSS, accumulate=2, progress=False,
    )  # fmt: skip
    assert len(history) == 2
    assert history[1].train_loss < history[0].train_loss
    assert history[1].val_accuracy == collect(model, val).accuracy > 0.5
    assert not same_weights(model, convolutional())


# --- several processes -------------------------------------------------------------


@pytest.mark.parametrize("count", [8, 9, 15, 17])
def test_shards_are_disjoint_and_together_everything(make_grey, count):
    dataset = make_grey(count)
    loaders = [load(dataset, 8, world=World(rank, 2)) for rank in (0, 1)]
    for _ in range(3):
        one, two = (joined(numbers(loader)) for loader in loaders)
        assert sorted(one + two) == list(range(count))
        assert abs(len(one) - len(two)) <= 1


@pytest.mark.parametrize("count", [8, 9, 15, 17])
def test_processes_train_on_as_many_batches_and_never_on_the_same_images(
    make_grey, count
):
    """Where one share of 4 images is whole and the other, of 5, is not, say."""
    dataset = make_grey(count)
    loaders = [load(dataset, 8, train=True, world=World(rank, 2)) for rank in (0, 1)]
    for _ in range(4):
        one, two = (numbers(loader) for loader in loaders)
        assert len(one) == len(two) == count // 8
        assert {len(batch) for batch in one + two} == {4}
        assert len(set(joined(one + two))) == count // 8 * 8  # none twice


def test_crops_of_two_processes_are_not_the_same(make_images):
    """Each draws its own, also for equal images."""
    root = make_images("photos", ["cat", "dog"], count=1)
    shutil.copy(root / "cat" / "0.jpg", root / "dog" / "0.jpg")
    one, two = (
        next(iter(load(ImageFolder(root), 2, train=True, world=World(rank, 2))))
        for rank in (0, 1)
    )
    assert len(one[0]) == len(two[0]) == 1
    assert not torch.equal(one[0], two[0])


# --- classes -----------------------------------------------------------------------


def test_classes_are_those_of_imagefolder(make_images):
    """By name, so "10" comes before "9"; DALI's own search leaves the nested out."""
    root = make_images("photos", ["10", "9", "Zebra", "ant"], count=2)
    (root / "9" / "deep" / "deeper").mkdir(parents=True)
    shutil.copy(root / "9" / "0.jpg", root / "9" / "deep" / "deeper" / "2.jpg")
    (root / "ant" / "note.wav").write_bytes(b"no picture")
    dataset = ImageFolder(root, eval_transform(16, **PLAIN))
    assert dataset.classes == ["10", "9", "Zebra", "ant"]
    assert len(dataset) == 9
    (images, labels), *more = load(dataset, 9)
    assert not more
    assert labels.tolist() == dataset.targets == [0, 0, 1, 1, 1, 2, 2, 3, 3]
    expected, _ = as_tensors(dataset)
    assert (255 * (images - expected)).abs().max() < 2.5


def test_the_split_decides_not_the_folder(make_images):
    root = make_images("photos", ["cat", "dog"], count=10)
    splits = open_splits(root, seed=1)
    (_, labels), *more = load(splits.val, 10)
    assert not more
    assert labels.tolist() == splits.val.targets == [0, 0, 1, 1]


# --- wrong use ---------------------------------------------------------------------


def test_a_gpu_that_is_not_there_is_said(make_grey):
    number = torch.cuda.device_count()  # 0 where there is none
    with pytest.raises(UserError, match=f"sees no GPU number {number}: give gpu=None"):
        load(make_grey(4), gpu=number)


@pytest.mark.parametrize("train", [True, False])
def test_a_batch_that_cannot_be_shared_is_refused(make_grey, train):
    with pytest.raises(UserError, match="batch of 4 images cannot be split evenly"):
        load(make_grey(12), 4, train=train, world=World(0, 3))


def test_training_images_that_make_no_batch_are_refused(make_grey):
    dataset = make_grey(3)
    with pytest.raises(UserError, match=r"fewer images \(3\) than a batch takes \(4\)"):
        load(dataset, train=True)
    assert numbers(load(dataset)) == [[0, 1, 2]]


def test_without_dali_one_sentence_says_what_to_install(make_grey, monkeypatch):
    for name in list(sys.modules):
        if name.startswith("nvidia.dali."):
            monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, "nvidia.dali", None)
    with pytest.raises(UserError, match="`pip install nvidia-dali-cuda120`") as caught:
        make_dali_loader(make_grey(4), 4, train=False, size=16, **PLAIN)
    assert "\n" not in str(caught.value)
    assert "helpers.data.loading.make_loader" in str(caught.value)
