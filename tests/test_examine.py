"""A trained network on a folder: which images, which answers, which mistakes."""

import shutil

import pytest
import torch

from helpers.data.halves import record
from helpers.data.loading import as_tensors, open_splits
from helpers.errors import UserError
from helpers.evaluation.examine import answer, choose_images
from helpers.evaluation.mistakes import class_maps, worst
from helpers.evaluation.predictions import Predictions
from helpers.model.resnet import ResNet
from helpers.model.trained import Trained

CLASSES = ["cat", "dog"]


def network(about=None, classes=CLASSES):
    torch.manual_seed(0)
    model = ResNet(len(classes), width=4).eval()
    return Trained(model, classes, 16, (0.5,) * 3, (0.2,) * 3, about or {})


def names(images):
    return [path.rsplit("/", 2)[1:] for path, _ in images.samples]


def test_a_folder_with_splits_gives_the_split_that_is_asked_for(make_images, tmp_path):
    for split, count in (("train", 4), ("valid", 3), ("test", 2)):
        make_images(f"photos/{split}", CLASSES, count=count)
    root = tmp_path / "photos"
    for part, count, name in (
        (None, 6, "valid"),
        ("train", 8, "train"),
        ("test", 4, "test"),
    ):
        chosen = choose_images(network(), root, part)
        assert len(chosen.images) == count
        assert chosen.text == f"{count} images of photos/{name}"
        assert chosen.images[0][0].shape == (3, 16, 16)
    with pytest.raises(UserError, match="has no split all, but train, valid, test"):
        choose_images(network(), root, "all")
    shutil.rmtree(root / "test")
    with pytest.raises(UserError, match="has no split test, but train, valid"):
        choose_images(network(), root, "test")


def test_of_the_folder_it_was_trained_on_only_the_held_out_images_count(make_images):
    root = make_images("photos", CLASSES, count=20)
    splits = open_splits(root, seed=3)
    about = {"data": "photos", "seed": 3, "files": record(root, splits).state()}
    chosen = choose_images(network(about), root)
    assert names(chosen.images) == names(splits.val)
    assert chosen.text == "8 images of photos (val, drawn with seed 3)"
    # A network that no run is known of may answer every image.
    assert choose_images(network(), root).text == "40 images of photos"
    assert len(choose_images(network(about), root, "train").images) == 32
    assert len(choose_images(network(about), root, "all").images) == 40
    with pytest.raises(UserError, match="has no splits: say --split all"):
        choose_images(network(about), root, "test")


@pytest.mark.parametrize(
    ("there", "difference"),
    [
        (["cat", "dog", "emu"], "it adds emu"),
        (["cat", "emu"], "it lacks dog and it adds emu"),
        (["Cat", "dog"], "it lacks cat and it adds Cat"),
    ],
)
def test_other_classes_are_refused_and_named(make_images, there, difference):
    root = make_images("photos", there)
    with pytest.raises(UserError, match=f"the classes of the checkpoint: {difference}"):
        choose_images(network(), root, "all")


def test_a_split_that_lacks_a_class_is_refused(make_images, tmp_path):
    make_images("photos/train", ["a", "b", "c"])
    make_images("photos/val", ["a", "c"])
    with pytest.raises(UserError, match="it lacks b"):
        choose_images(network(classes=["a", "b", "c"]), tmp_path / "photos")


def test_every_image_is_answered_once_with_the_networks_normalisation(make_images):
    trained = network()
    images = choose_images(trained, make_images("photos", CLASSES), "all").images
    answers = answer(trained, images, batch_size=5)
    pixels, targets = as_tensors(images)
    with torch.inference_mode():
        expected = trained.network(((pixels / 255) - 0.5) / 0.2)
    assert torch.allclose(answers.logits, expected, atol=1e-4)
    assert torch.equal(answers.targets, targets)


def test_the_worst_mistakes_come_first():
    logits = torch.tensor([[4.0, 0, 0], [0, 9, 0], [0, 2, 0], [1.0, 1.1, 1.1]])
    answers = Predictions(logits, torch.tensor([0, 0, 2, 1]))
    found = worst(answers, ["a", "b", "c"], 9)
    assert [m.position for m in found] == [1, 2]  # 3 is right, though hardly
    assert (found[0].true, found[0].predicted) == ("a", "b")
    assert found[0].probability == pytest.approx(1, abs=1e-3)
    assert str(found[1]) == "c, said\nb 79%"
    assert [m.position for m in worst(answers, "abc", 9, wrong=False)] == [
        1,
        2,
        3,
        0,
    ]
    assert len(worst(answers, ["a", "b", "c"], 1)) == 1


def test_class_maps_belong_to_the_pictures(make_images):
    trained = network()
    images = choose_images(trained, make_images("photos", CLASSES), "all").images
    answers = answer(trained, images)
    found = worst(answers, CLASSES, 3, wrong=False)
    pictures, maps = class_maps(trained, images, found)
    assert pictures.dtype == torch.uint8
    assert maps.shape == (3, 16, 16)
    assert torch.equal(pictures[1], images[found[1].position][0])
    assert maps.min() >= 0
    assert maps.max() <= 1
