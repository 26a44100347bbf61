"""Reading images, transforms, splits and loaders."""

import pickle

import numpy as np
import pytest
import torch
import torchvision
from PIL import Image
from torchvision.transforms import v2

from helpers import magic
from helpers.data import images
from helpers.data.images import (
    ToNormalised,
    eval_transform,
    read_image,
    train_transform,
)
from helpers.data.loading import (
    ImageFolder,
    as_tensors,
    channel_statistics,
    make_loader,
    open_splits,
)
from helpers.errors import UserError


def pixels(shape=(20, 30, 3), seed=0):
    return np.random.default_rng(seed).integers(0, 256, shape, dtype=np.uint8)


@pytest.mark.parametrize(
    ("name", "mode"),
    [
        ("a.jpg", "RGB"),
        ("grey.jpg", "L"),
        ("cmyk.jpg", "CMYK"),
        ("a.png", "RGB"),
        ("palette.png", "P"),
        ("grey.png", "L"),
        ("a.bmp", "RGB"),
        ("a.tif", "RGB"),
        ("a.ppm", "RGB"),
        ("a.webp", "RGB"),
    ],
)
def test_read_image_agrees_with_pillow(tmp_path, monkeypatch, name, mode):
    path = tmp_path / name
    Image.fromarray(pixels()).convert(mode).save(path)
    image = read_image(path)
    expected = np.asarray(Image.open(path).convert("RGB"))
    assert image.dtype == torch.uint8
    # One grey level of slack: decoders round CMYK and chroma differently.
    difference = image.permute(1, 2, 0).numpy().astype(int) - expected
    assert abs(difference).max() <= 1
    monkeypatch.setattr(images, "decode_image", None)  # TorchCodec not installed
    difference = read_image(path).int() - image.int()
    assert difference.abs().max() <= 1


def test_read_image_keeps_the_levels_of_16_bit_images(tmp_path):
    levels = np.linspace(0, 65535, 256, dtype=np.uint16).reshape(16, 16)
    for name in ("deep.png", "deep.tif"):
        Image.fromarray(levels).save(tmp_path / name)
        image = read_image(tmp_path / name)
        expected = levels / 257  # 65535 / 255
        assert abs(image[0].numpy() - expected).max() <= 1


@pytest.mark.parametrize("name", ["moving.gif", "moving.webp"])
def test_read_image_takes_the_first_picture_of_an_animation(tmp_path, name):
    frames = [Image.fromarray(pixels(seed=k)) for k in range(3)]
    path = tmp_path / name
    frames[0].save(path, save_all=True, append_images=frames[1:], lossless=True)
    expected = np.asarray(Image.open(path).convert("RGB"))
    image = read_image(path).permute(1, 2, 0).numpy().astype(int)
    assert abs(image - expected).max() <= 1


def test_read_image_turns_the_picture_upright(tmp_path):
    exif = Image.Exif()
    exif[0x0112] = 6  # orientation tag: turn by 90 degrees
    for name in ("turned.jpg", "turned.tif"):
        Image.fromarray(pixels((20, 30, 3))).save(tmp_path / name, exif=exif)
        assert read_image(tmp_path / name).shape == (3, 30, 20)


@pytest.mark.parametrize("content", [b"", b"no image", b"\xff\xd8\xff\xe0 broken"])
def test_read_image_names_a_broken_file(tmp_path, content):
    path = tmp_path / "broken.jpg"
    path.write_bytes(content)
    with pytest.raises(UserError, match=r"broken\.jpg cannot be read as an image"):
        read_image(path)


def test_truncated_image_is_named(tmp_path):
    path = tmp_path / "half.jpg"
    Image.fromarray(pixels()).save(path)
    path.write_bytes(path.read_bytes()[:300])
    with pytest.raises(UserError, match="half.jpg"):
        read_image(path)


def test_folder_has_torchvisions_classes_and_order(make_images):
    root = make_images("set", ["10", "2", "B", "a"], count=2)
    ours = ImageFolder(root)
    theirs = torchvision.datasets.ImageFolder(str(root))
    assert ours.class_to_idx == theirs.class_to_idx
    assert ours.samples == theirs.samples
    assert ours.targets == theirs.targets


def test_folder_can_be_sent_to_a_worker(make_images):
    root = make_images("set", ["a", "b"])
    folder = ImageFolder(root, train_transform(16))
    assert len(pickle.loads(pickle.dumps(folder))) == len(folder)


def test_bad_folders_get_one_sentence(tmp_path, make_images):
    file = tmp_path / "file.jpg"
    file.write_bytes(b"x")
    (tmp_path / "bare").mkdir()
    (tmp_path / "hollow" / "a").mkdir(parents=True)
    hidden = make_images("hidden", ["a", "b", ".ipynb_checkpoints"])
    single = make_images("single", ["a"])
    for root, text in [
        (tmp_path / "nowhere", "There is no folder"),
        (file, "is a file"),
        (tmp_path / "bare", "no class folders"),
        (tmp_path / "hollow", "Found no valid file for the classes a"),
        (hidden, "hidden folder .ipynb_checkpoints"),
        (single, "one class only"),
    ]:
        with pytest.raises(UserError, match=text) as caught:
            open_splits(root)
        assert "\n" not in str(caught.value)


def test_a_circle_of_links_is_named_and_not_walked(make_images):
    """torchvision would read the images again in each of forty rounds."""
    root = make_images("photos", ["a", "b"])
    (root / "a" / "round").symlink_to(root)
    with pytest.raises(UserError, match="round is a link to a folder that it lies in"):
        ImageFolder(root)


def test_what_cannot_be_read_is_named_before_training(make_images):
    root = make_images("photos", ["a", "b"])
    (root / "a" / "9.jpg").symlink_to(root / "gone.jpg")
    with pytest.raises(UserError, match=r"9.jpg is a link to nothing: remove it"):
        ImageFolder(root)


def test_split_is_stratified_disjoint_and_repeatable(make_images):
    root = make_images("set", ["a", "b", "c"], count=10)
    splits = open_splits(root, share=0.2, seed=3)
    again = open_splits(root, share=0.2, seed=3)
    other = open_splits(root, share=0.2, seed=4)
    train, val = set(splits.train.samples), set(splits.val.samples)
    assert not train & val
    assert len(train | val) == 30
    assert [splits.val.targets.count(k) for k in range(3)] == [2, 2, 2]
    assert again.val.samples == splits.val.samples != other.val.samples
    splits.train.transform = train_transform(8)
    assert splits.val.transform is None  # a transform of one is not the other's


def test_splits_need_the_same_classes(make_images):
    root = make_images("set", ["train/a", "train/b", "val/a", "val/c"])
    with pytest.raises(UserError, match="b, c in one only"):
        open_splits(root)


def test_train_without_val_is_refused(make_images):
    root = make_images("set", ["train/a", "train/b"])
    with pytest.raises(UserError, match="no val folder beside it"):
        open_splits(root)


def test_too_few_images_to_split(make_images):
    with pytest.raises(UserError, match="too few images"):
        open_splits(make_images("set", ["a", "b"], count=1))


@pytest.mark.parametrize("shape", [(3, 96, 96), (3, 41, 200)])
def test_transforms_give_the_size_asked_for(shape):
    image = torch.randint(0, 256, shape, dtype=torch.uint8)
    for transform in (train_transform(32), eval_transform(32)):
        result = transform(image)
        assert result.shape == (3, 32, 32)
        assert result.dtype == torch.float32


def test_eval_transform_is_torchvisions_preset():
    """At 224 it is what torchvision evaluates its V1 weights with.

    The preset resizes in float and rounds, v2 resizes in integers: the results
    may differ by one grey level.
    """
    preset = torchvision.models.ResNet18_Weights.IMAGENET1K_V1.transforms()
    image = torch.randint(0, 256, (3, 300, 400), dtype=torch.uint8)
    ours = eval_transform(224, magic.IMAGENET_MEAN, magic.IMAGENET_STD)
    grey_level = 1 / 255 / min(magic.IMAGENET_STD)
    assert (ours(image) - preset(image)).abs().max() <= 1.01 * grey_level


def test_normalising_in_one_step_is_torchvisions_two_steps():
    image = torch.randint(0, 256, (3, 9, 7), dtype=torch.uint8)
    numbers = magic.IMAGENET_MEAN, magic.IMAGENET_STD
    before = image.clone()
    two_steps = v2.Compose(
        [v2.ToDtype(torch.float32, scale=True), v2.Normalize(*numbers)]
    )
    assert torch.allclose(ToNormalised(*numbers)(image), two_steps(image), atol=1e-6)
    assert torch.equal(image, before)


def test_statistics_are_those_of_all_pixels(make_images):
    folder = ImageFolder(make_images("set", ["a", "b"]))
    crop = v2.Compose([v2.Resize(16, antialias=True), v2.CenterCrop(16)])
    stack = torch.stack([crop(image) for image, _ in folder]) / 255
    mean, std = channel_statistics(folder, size=16)
    expected = stack.std((0, 2, 3), correction=0)
    assert mean == pytest.approx(stack.mean((0, 2, 3)).tolist(), abs=1e-3)
    assert std == pytest.approx(expected.tolist(), abs=1e-3)


def test_statistics_from_a_part_are_close(make_images):
    folder = ImageFolder(make_images("set", ["a", "b"], count=20))
    part = channel_statistics(folder, size=16, limit=8)
    whole = channel_statistics(folder, size=16)
    assert part.mean == pytest.approx(whole.mean, abs=0.02)


def test_evaluation_loader_gives_every_image_once_in_order(make_images):
    folder = ImageFolder(make_images("set", ["a", "b"], count=5))
    folder.transform = eval_transform(16)
    for workers in (0, 2):
        loader = make_loader(folder, 4, train=False, workers=workers)
        targets = torch.cat([targets for _, targets in loader])
        assert targets.tolist() == folder.targets


def test_batches_can_be_normalised_as_a_whole(make_images):
    """The same numbers as when each image is normalised by its transform."""
    folder = ImageFolder(make_images("set", ["a", "b"], count=5))
    numbers = magic.IMAGENET_MEAN, magic.IMAGENET_STD
    folder.transform = eval_transform(16, *numbers)
    each = [images for images, _ in make_loader(folder, 4, train=False)]
    folder.transform = eval_transform(16, None, None)
    for workers in (0, 1):
        loader = make_loader(
            folder,
            4,
            train=False,
            workers=workers,
            normalise=ToNormalised(*numbers),
        )
        for _ in range(2):  # epochs
            whole = [images for images, _ in loader]
            assert all(torch.equal(a, b) for a, b in zip(each, whole, strict=True))
        assert len(loader) == len(each)


def test_a_loader_normalises_where_its_numbers_are(make_images):
    """On a GPU the bytes are moved first; "meta" is a device that every machine has."""
    folder = ImageFolder(make_images("set", ["a", "b"]))
    folder.transform = eval_transform(16, None, None)
    normalise = ToNormalised(magic.IMAGENET_MEAN, magic.IMAGENET_STD).to("meta")
    loader = make_loader(folder, 4, train=False, normalise=normalise)
    batches, targets = next(iter(loader))
    assert (batches.device.type, batches.dtype) == ("meta", torch.float32)
    assert targets.device.type == "cpu"


@pytest.mark.parametrize("numbers", [((0.5,) * 3, None), (None, (0.5,) * 3)])
def test_mean_without_std_is_refused(numbers):
    """Left alone, half a normalisation would be none, without a word."""
    for make in (train_transform, eval_transform):
        with pytest.raises(ValueError, match="mean and std, or None for both"):
            make(16, *numbers)


def test_training_loader_shuffles_from_its_seed_and_drops_the_rest(make_images):
    folder = ImageFolder(make_images("set", ["a", "b"], count=5))
    folder.transform = eval_transform(16)

    def two_epochs(seed):
        loader = make_loader(folder, 4, train=True, seed=seed)
        return [[t.tolist() for _, t in loader] for _ in range(2)]

    first = two_epochs(0)
    assert first == two_epochs(0) != two_epochs(1)
    assert first[0] != first[1]
    assert [len(batch) for batch in first[0]] == [4, 4]  # 10 images: 2 left out
    tiny = make_loader(folder, 64, train=True)
    assert [len(targets) for _, targets in tiny] == [10]  # the only batch stays


def test_error_names_the_audit_command(tmp_path):
    path = tmp_path / "x.png"
    path.write_bytes(b"\x89PNG\r\n\x1a\n")
    with pytest.raises(UserError, match="helpers audit"):
        read_image(path)


def test_a_split_can_be_read_into_memory(make_images):
    """All of it, or some images in an order of one's own."""
    folder = ImageFolder(make_images("set", ["a", "b"], count=3, size=12))
    images, targets = as_tensors(folder)
    assert (images.shape, images.dtype) == ((6, 3, 12, 12), torch.uint8)
    assert targets.tolist() == [0, 0, 0, 1, 1, 1]
    some, of_them = as_tensors(folder, (5, 0))
    assert torch.equal(some, images[[5, 0]])
    assert of_them.tolist() == [1, 0]
