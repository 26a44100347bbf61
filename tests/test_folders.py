"""What counts as a split, as a class and as neither, for every command alike."""

import unicodedata

import pytest

from helpers.data.audit import audit
from helpers.data.fingerprint import fingerprint
from helpers.data.folders import find_splits, is_hidden, open_root, split_of
from helpers.data.loading import open_splits
from helpers.errors import UserError
from helpers.text import few
from toys import call, train_options

CLASSES = ["cat", "dog"]


def both(make_images, *splits, name="photos", count=6):
    """Make a folder of splits with the same classes in each."""
    for split in splits:
        root = make_images(f"{name}/{split}", CLASSES, count=count)
    return root.parent


@pytest.mark.parametrize(
    ("train", "val"),
    [
        ("train", "val"),
        ("Train", "Validation"),
        ("train", "Val"),
        ("TRAIN", "VAL"),
        ("training_set", "test_set"),
        ("train_set", "valid-set"),
        ("trainset", "testset"),
        ("training", "dev"),
        ("train2017", "val2017"),
        ("train_images", "validation_images"),
    ],
)
def test_every_command_knows_the_same_splits(make_images, tmp_path, train, val):
    root = both(make_images, train, val)
    splits = open_splits(root)
    assert splits.train.classes == CLASSES
    assert splits.train.root == str(root / train)
    assert splits.val.root == str(root / val)
    assert list(audit(root).splits) == [train, val]
    assert fingerprint(root).splits == (train, val)
    assert open_root(root)[1] == [train, val]


def test_the_commands_train_and_evaluate_on_capital_splits(make_images, tmp_path):
    root, out = both(make_images, "Train", "Validation"), tmp_path / "m.pt"
    done = call(*train_options(root, out, epochs=1))
    assert "12 training and 12 validation images of 2 classes" in done.stdout
    done = call("evaluate", out, root)
    assert done.stdout.startswith("12 images of photos/Validation: accuracy"), done


@pytest.mark.parametrize(
    "name", ["trains", "tester", "value", "cat", "devil", "testimony", "training_dog"]
)
def test_other_words_are_no_splits(name):
    assert split_of(name) is None


def test_a_test_split_serves_only_where_there_is_no_other(make_images):
    root = both(make_images, "train", "test", "valid")
    assert open_splits(root).val.root == str(root / "valid")


@pytest.mark.parametrize("name", ["train", "test", "val", "Train"])
def test_a_class_may_have_the_name_of_a_split(make_images, tmp_path, name):
    root = make_images("photos", ["bus", "car", name], count=10)
    assert open_splits(root).train.classes == sorted(["bus", "car", name])
    assert list(audit(root).splits) == ["."]
    assert fingerprint(root).splits == ()
    # Also with folders in it, as long as images lie beside them.
    make_images(f"photos/{name}", ["steam"])
    assert open_splits(root).train.classes == sorted(["bus", "car", name])
    out = tmp_path / "m.pt"
    assert call(*train_options(root, out, epochs=1)).exit_code == 0
    assert call("evaluate", out, root).exit_code == 0


def test_two_readings_are_named(make_images):
    """Either a split without its partner, or a class with folders in it."""
    root = make_images("photos", ["car", "plane", "train/steam", "train/tram"])
    for look in (open_splits, audit, fingerprint, open_root):
        with pytest.raises(UserError, match="read in two ways") as caught:
            look(root)
        text = str(caught.value)
        assert "train as a split that holds the classes steam, tram" in text
        assert "car, plane, train as classes" in text
        assert "add a folder val" in text
        assert "train_class" in text
    assert call("audit", root).exit_code == 1


def test_splits_beside_folders_that_are_no_classes(make_images, tmp_path):
    root = both(make_images, "train")
    (root / "runs").mkdir()
    (root / "runs" / "photos.pt").touch()
    assert open_root(root)[1] == ["train"]
    with pytest.raises(UserError, match="no val folder beside it"):
        open_splits(root)
    make_images("photos/val", CLASSES)
    make_images("photos/masks", ["train", "val"])
    assert open_root(root)[1] == ["train", "val"]


def test_two_folders_for_one_split_are_named(make_images):
    root = both(make_images, "train", "Training", "val")
    for look in (open_splits, audit, fingerprint):
        with pytest.raises(UserError, match="holds Training and train, which both"):
            look(root)


def test_likely_splits_are_not_trained_as_classes(make_images):
    root = both(make_images, "seg_train", "seg_test")
    with pytest.raises(UserError, match="call them train and test"):
        open_splits(root)
    # Without common folders below them they are classes.
    root = make_images("other", ["test_tube/a", "train_station/b"], count=10)
    assert open_splits(root).train.classes == ["test_tube", "train_station"]


def test_splits_without_class_folders_are_refused(make_images):
    root = make_images("photos", ["train", "test"])
    assert find_splits(root, ["train", "test"]) == ["train", "test"]
    with pytest.raises(UserError, match="holds no class folders.* itself a class"):
        open_splits(root)


# --- hidden folders -----------------------------------------------------------


@pytest.mark.parametrize(
    "name", ["@eaDir", "__MACOSX", ".ipynb_checkpoints", "lost+found", "$RECYCLE.BIN"]
)
@pytest.mark.parametrize("filled", [True, False])
def test_what_the_audit_calls_hidden_is_no_class(make_images, name, filled):
    root = make_images("photos", CLASSES)
    make_images("photos", [name]) if filled else (root / name).mkdir()
    assert is_hidden(name)
    with pytest.raises(UserError, match="hidden folder") as caught:
        open_splits(root)
    assert name in str(caught.value)
    assert "hidden-class" in [finding.code for finding in audit(root).findings]


def test_thumbnails_below_a_class_are_no_images_of_it(make_images):
    root = make_images("photos", ["cat", "dog", "dog/@eaDir/1.jpg"])
    with pytest.raises(UserError, match="dog/@eaDir/1.jpg/0.jpg lies in a hidden"):
        open_splits(root)
    assert "hidden-folder" in [f.code for f in audit(root).findings]


@pytest.mark.parametrize("also", [[], ["photos.gradcam.png"]])
def test_the_files_of_an_earlier_version_are_named(make_images, also):
    root = make_images("photos", CLASSES)
    (root / "runs").mkdir()
    for name in ("photos.pt", "photos.csv", *also):
        (root / "runs" / name).write_bytes(b"x")
    with pytest.raises(UserError, match="move runs out of the image folder"):
        open_splits(root)


# --- names in sentences -------------------------------------------------------


def test_names_that_look_alike_show_their_code_points(make_images):
    one, other = (unicodedata.normalize(form, "café") for form in ("NFC", "NFD"))
    assert few([one, other, "tea"]) == r"'caf\xe9', 'cafe\u0301', tea"
    assert few(["tea "], ["tea"]) == "'tea '"
    assert few(["Tea"], ["tea"]) == "Tea"  # can be told apart
    assert few([one]) == one
    for split, name in (("train", one), ("val", other)):
        root = make_images(f"photos/{split}", [name, "tea"]).parent
    with pytest.raises(UserError, match=r"'cafe\\u0301', 'caf\\xe9' in one only"):
        open_splits(root)
    (finding,) = (f for f in audit(root).findings if f.code == "classes-differ")
    assert r"lacks 'caf\xe9' and adds 'cafe\u0301'" in finding.message


# --- too few images -----------------------------------------------------------


def test_a_class_of_one_is_named(make_images):
    root = make_images("photos", ["a", "b"], count=10)
    make_images("photos", ["c"], count=1)
    with pytest.raises(UserError, match="only one of c, and every class needs") as e:
        open_splits(root)
    assert "20%" in str(e.value)


def test_too_few_held_out_images_for_the_classes(make_images):
    """Ten classes of four: a fifth are eight images."""
    root = make_images("photos", [f"{k:02d}" for k in range(10)], count=4)
    with pytest.raises(UserError, match="too few images") as caught:
        open_splits(root)
    text = str(caught.value)
    assert "8 of the 40 images would be held out" in text
    assert "cannot cover 10 classes" in text
    assert "46 or more" in text
    assert "two" not in text
    with pytest.raises(UserError, match="4 of the 40 images would be left to train"):
        open_splits(root, share=0.9)
    (root / "00" / "0.jpg").unlink()  # enough if more is held out
    assert len(open_splits(root, share=0.3).val) == 12
