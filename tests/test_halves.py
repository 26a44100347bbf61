"""A run's split belongs to the run: the same images whatever happens to the folder."""

import json
import shutil
import unicodedata

import pytest
import torch

from helpers.data.fingerprint import fingerprint, read_contents
from helpers.data.halves import Halves, record
from helpers.data.loading import open_splits
from helpers.errors import UserError
from helpers.evaluation.examine import choose_images
from helpers.model.checkpoint import load_checkpoint, save_checkpoint
from helpers.model.resnet import ResNet
from helpers.model.trained import Trained
from toys import call, train_options

CLASSES = ["cat", "dog"]


def network(about):
    return Trained(
        ResNet(2, width=4).eval(), CLASSES, 16, (0.5,) * 3, (0.2,) * 3, about
    )


def run_on(root, **more):
    """Return an untrained network that says it was trained on a folder."""
    halves = record(root, open_splits(root))
    return network({"files": halves.state(), "seed": 0, "data": root.name} | more)


def paths(half, root):
    """Return the halves's paths without the split folder, sorted."""
    return sorted("/".join(path.rsplit("/", 2)[1:]) for path, _ in half.samples)


@pytest.fixture
def drawn(make_images):
    """A folder without splits, and a network of it."""
    root = make_images("photos", CLASSES, count=10)
    return root, run_on(root)


@pytest.fixture
def split(make_images):
    """A folder with splits, and a network of it."""
    make_images("photos/train", CLASSES, count=8)
    root = make_images("photos/val", CLASSES, count=3).parent
    for path in (root / "val").rglob("*.jpg"):
        path.write_bytes(path.read_bytes() + b"\0")  # no copies of training images
    return root, run_on(root)


def held_out(trained):
    return Halves.of_run(trained.about).val.paths


def trained_on(trained):
    return Halves.of_run(trained.about).train.paths


def choose(trained, root, part=None):
    return choose_images(trained, root, part)


# --- what a checkpoint keeps ----------------------------------------------------


def test_a_checkpoint_keeps_both_halves(drawn, tmp_path):
    root, trained = drawn
    splits = open_splits(root)
    halves = Halves.of_run(trained.about)
    save_checkpoint(tmp_path / "m.pt", {"files": halves.state()})
    again = Halves.of_run(load_checkpoint(tmp_path / "m.pt"))
    assert again == halves
    assert again.splits == []
    assert torch.load(tmp_path / "m.pt", weights_only=True)["files"]["val"][
        "sha256"
    ].shape == (4, 32)
    manifest = fingerprint(root)
    for half, images in zip(again[:2], splits, strict=True):
        assert half.paths == [path[len(str(root)) + 1 :] for path, _ in images.samples]
        assert half.sha256 == [manifest.files[path].sha256 for path in half.paths]
    assert Halves.of_run({}) is None


def test_a_manifest_spares_the_reading(drawn, monkeypatch):
    root, trained = drawn
    manifest = fingerprint(root)
    monkeypatch.setattr("helpers.data.halves.read_contents", None)
    again = record(root, open_splits(root), manifest)
    assert again == Halves.of_run(trained.about)


def test_only_what_is_asked_for_is_read(split, monkeypatch):
    root, trained = split
    read = []

    def reading(root, files, **options):
        read.extend(file.path for file in files)
        return read_contents(root, files, **options)

    monkeypatch.setattr("helpers.data.halves.read_contents", reading)
    choose(trained, root)
    assert sorted(read) == held_out(trained)


def test_a_machine_that_lacks_an_image_says_so(drawn):
    """Several machines read from disks of their own, and train on one list."""
    root, trained = drawn
    halves = Halves.of_run(trained.about)
    (root / halves.train.paths[0]).unlink()
    with pytest.raises(UserError, match="lacks 1 of the 16 images"):
        halves.open(root)


# --- a drawn split ----------------------------------------------------------------


def test_the_held_out_images_are_the_default(drawn):
    root, trained = drawn
    chosen = choose(trained, root)
    assert chosen.text == "4 images of photos (val, drawn with seed 0)"
    assert chosen.images.samples == open_splits(root).val.samples
    assert len(choose(trained, root, "train").images) == 16
    everything = choose(trained, root, "all")
    assert everything.text == "20 images of photos, of which the run trained on 16"


def test_renamed_images_keep_their_half(drawn):
    root, trained = drawn
    one, other = held_out(trained)[0], trained_on(trained)[0]
    (root / one).rename(root / "cat" / "zz.jpg")
    (root / other).rename(root / "cat" / "yy.jpg")
    chosen = choose(trained, root)
    assert chosen.text == "4 images of photos (val, drawn with seed 0; 1 renamed since)"
    names = paths(chosen.images, root)
    assert "cat/zz.jpg" in names
    assert set(names) - {"cat/zz.jpg"} == set(held_out(trained)[1:])
    assert "cat/yy.jpg" in paths(choose(trained, root, "train").images, root)


def test_images_that_change_names_are_told_apart(drawn):
    root, trained = drawn
    one, other = held_out(trained)[0], trained_on(trained)[0]
    (root / one).rename(root / "x")
    (root / other).rename(root / one)
    (root / "x").rename(root / other)
    chosen = choose(trained, root)
    assert other in paths(chosen.images, root)
    assert one not in paths(chosen.images, root)
    assert "1 renamed since" in chosen.text


def test_new_images_are_in_neither_half(drawn, make_images):
    root, trained = drawn
    before = choose(trained, root).images.samples
    for k in range(5):
        (root / "cat" / f"new{k}.jpg").write_bytes(b"%d" % k)
    chosen = choose(trained, root)
    assert chosen.images.samples == before
    assert "; 5 left out, new since and in neither half)" in chosen.text
    assert len(choose(trained, root, "train").images) == 16
    assert len(choose(trained, root, "all").images) == 25


def test_an_image_in_another_class_is_said(drawn):
    root, trained = drawn
    moved = next(path for path in held_out(trained) if path.startswith("cat"))
    (root / moved).rename(root / "dog" / "moved.jpg")
    chosen = choose(trained, root)
    assert "1 in another class since" in chosen.text
    assert chosen.images.targets.count(1) == 3


@pytest.mark.parametrize("part", [None, "val"])
def test_missing_and_changed_images_are_refused(drawn, part):
    root, trained = drawn
    gone, changed = held_out(trained)[:2]
    (root / gone).unlink()
    (root / changed).write_bytes(b"other")
    with pytest.raises(UserError, match="no longer holds all of the 4 images") as e:
        choose(trained, root, part)
    assert f"1 with another content ({changed}), 1 gone ({gone})" in str(e.value)
    assert "--split all" in str(e.value)
    assert "\n" not in str(e.value)
    assert len(choose(trained, root, "train").images) == 16  # this half is whole


def test_a_copy_in_each_half_stays_where_it_was(make_images):
    root = make_images("photos", CLASSES, count=10)
    splits = open_splits(root)
    one, other = (half.samples[0][0] for half in splits)
    shutil.copy(one, other)
    trained = run_on(root)
    assert choose(trained, root).images.samples == splits.val.samples
    assert choose(trained, root, "train").images.samples == splits.train.samples


# --- which folder it is -----------------------------------------------------------


def test_a_folder_is_known_by_its_files(drawn, make_images, tmp_path):
    root, trained = drawn
    renamed = tmp_path / "fotos"
    root.rename(renamed)
    assert choose(trained, renamed).text.startswith("4 images of fotos (val, drawn")
    other = make_images("photos", CLASSES, count=3)  # of the same name
    for path in other.rglob("*.jpg"):
        path.write_bytes(path.read_bytes() + b"\0")
    assert choose(trained, other).text == "6 images of photos"
    with pytest.raises(UserError, match="holds none of the 4 images that the run held"):
        choose(trained, other, "val")
    with pytest.raises(UserError, match="none of the 16 images that the run trained"):
        choose(trained, other, "train")


def test_a_folder_with_some_of_the_images_is_not_taken_for_new(drawn, make_images):
    root, trained = drawn
    other = make_images("others", CLASSES, count=3)
    for path in other.rglob("*.jpg"):
        path.write_bytes(path.read_bytes() + b"\0")
    shutil.copy(root / trained_on(trained)[0], other / "cat" / "copy.jpg")
    with pytest.raises(UserError, match="no longer holds all of the 4 images"):
        choose(trained, other)
    text = choose(trained, other, "all").text
    assert text == "7 images of others, of which the run trained on 1"


def test_a_folder_sorted_into_splits_since_is_the_same(drawn):
    root, trained = drawn
    for k, path in enumerate(sorted(root.glob("*/*.jpg"))):
        target = root / ("val" if k % 2 else "train") / path.parent.name / path.name
        target.parent.mkdir(parents=True, exist_ok=True)
        path.rename(target)
    for label in CLASSES:
        (root / label).rmdir()
    chosen = choose(trained, root)
    assert chosen.text == (
        "4 images of photos (val, drawn with seed 0; 8 left out, which the run "
        "trained on)"
    )
    assert paths(chosen.images, root) == sorted(held_out(trained))
    assert chosen.images.targets == [0, 0, 1, 1]


# --- train/ and val/ ----------------------------------------------------------------


def test_a_validation_folder_is_said_as_before(split):
    root, trained = split
    assert choose(trained, root).text == "6 images of photos/val"
    assert choose(trained, root, "train").text == "16 images of photos/train"
    assert choose(trained, root / "val").text == "6 images of val (val of the run)"


def test_what_came_into_val_is_left_out_and_said(split):
    root, trained = split
    before = choose(trained, root).images.samples
    (root / "train/cat/0.jpg").rename(root / "val/cat/moved.jpg")
    shutil.copy(root / "train/cat/1.jpg", root / "val/cat/copy.jpg")
    (root / "val/cat/new.jpg").write_bytes(b"new")
    chosen = choose(trained, root)
    assert chosen.images.samples == before
    assert "1 left out, new since and in neither half" in chosen.text
    assert "2 left out, which the run trained on" in chosen.text


def test_what_left_val_is_found_or_missed(split):
    root, trained = split
    (root / "val/cat/0.jpg").rename(root / "train/cat/late.jpg")
    chosen = choose(trained, root)
    assert chosen.text == "6 images of photos/val (1 renamed since)"
    assert chosen.images.targets == [0, 0, 0, 1, 1, 1]
    (root / "train/cat/late.jpg").unlink()
    with pytest.raises(UserError, match=r"1 gone \(val/cat/0.jpg\)"):
        choose(trained, root)


def test_the_splits_of_other_folders_are_theirs(split, make_images, tmp_path):
    _, trained = split
    make_images("other/train", CLASSES)
    root = make_images("other/val", CLASSES, count=2).parent
    for path in root.rglob("*.jpg"):
        path.write_bytes(path.read_bytes() + b"\1\1")
    for part in (None, "val"):
        assert choose(trained, root, part).text == "4 images of other/val"


# --- earlier versions ----------------------------------------------------------------


def test_an_early_checkpoint_of_a_drawn_split_gets_one_sentence(make_images):
    root = make_images("photos", CLASSES, count=20)
    trained = network({"data": "photos", "seed": 3, "settings": {"images": 32}})
    for part in (None, "val", "train"):
        with pytest.raises(UserError, match="does not say which images") as caught:
            choose(trained, root, part)
        assert "--split all" in str(caught.value)
    assert choose(trained, root, "all").text == "40 images of photos"


# --- the commands ---------------------------------------------------------------------


def test_evaluate_answers_the_same_images_after_a_renaming(make_images, tmp_path):
    root, out = make_images("photos", CLASSES, count=20), tmp_path / "m.pt"
    assert call(*train_options(root, out)).exit_code == 0
    before = json.loads(call("evaluate", out, root, "--json").stdout)
    first = sorted((root / "cat").iterdir())[:2]
    for k, path in enumerate(first):
        path.rename(root / "cat" / f"zz{k}.jpg")
    after = json.loads(call("evaluate", out, root, "--json").stdout)
    before.pop("data", None), after.pop("data", None)
    assert after == {**before, "loss": pytest.approx(before["loss"], rel=1e-5)}
    for command in ("explain", "report", "export"):
        done = call(command, out, root)
        assert done.exit_code == 0, done.output


def resumed(root, out, *more):
    return call(*train_options(root, out, "--resume", *more, epochs=2))


def test_resume_continues_on_the_same_images(make_images, tmp_path):
    root, out = make_images("photos", CLASSES, count=20), tmp_path / "m.pt"
    call(*train_options(root, out))
    before = load_checkpoint(out)
    for k in range(5):
        shutil.copy(root / "dog" / "0.jpg", root / "cat" / f"a{k}.jpg")
    done = resumed(root, out)
    assert done.exit_code == 0, done.output
    assert "5 images are new since the run began and belong to neither" in done.stdout
    assert "32 training and 8 validation" in done.stdout
    assert Halves.of_run(load_checkpoint(out)) == Halves.of_run(before)
    assert load_checkpoint(out)["settings"]["images"] == 32


@pytest.mark.parametrize("layout", ["drawn", "split"])
@pytest.mark.parametrize("half", ["train", "val"])
@pytest.mark.parametrize("change", ["renamed", "gone", "another content", "more"])
def test_resume_refuses_another_half(make_images, tmp_path, layout, half, change):
    root, out = tmp_path / "photos", tmp_path / "m.pt"
    if layout == "drawn":
        make_images("photos", CLASSES, count=10)
    else:
        make_images("photos/train", CLASSES, count=8)
        make_images("photos/val", CLASSES, count=2)
    assert call(*train_options(root, out, epochs=1)).exit_code == 0
    content = out.read_bytes()
    path = root / getattr(Halves.of_run(load_checkpoint(out)), half).paths[0]
    if change == "renamed":
        path.rename(path.with_name("zz.jpg"))
    elif change == "gone":
        path.unlink()
    elif change == "another content":
        path.write_bytes(path.read_bytes() + b"\0")
    elif layout == "split":
        shutil.copy(path, path.with_name("zz.jpg"))
    else:
        return  # new images of a drawn split are no part of it, see above
    done = call(*train_options(root, out, "--resume", epochs=1))
    assert done.exit_code == 1
    assert change in done.stderr
    assert ("zz.jpg" if change == "more" else path.name) in done.stderr
    assert done.stderr.count("\n") == 1
    assert out.read_bytes() == content


def test_resume_names_classes_that_look_alike(make_images, tmp_path):
    one, other = (unicodedata.normalize(form, "café") for form in ("NFC", "NFD"))
    root, out = make_images("photos", ["a", "b", "c", one], count=10), tmp_path / "m.pt"
    call(*train_options(root, out, epochs=1))
    (root / one).rename(root / other)
    done = resumed(root, out, "--epochs", 1)
    assert done.exit_code == 1
    assert r"lacks 'caf\xe9' and adds 'cafe\u0301'" in done.stderr


def test_resume_of_an_early_checkpoint(make_images, tmp_path):
    """Without the list a drawn split is unknown; folders go on as before."""
    for layout in ("drawn", "split"):
        root, out = tmp_path / layout, tmp_path / f"{layout}.pt"
        if layout == "drawn":
            make_images(layout, CLASSES, count=10)
        else:
            make_images(f"{layout}/train", CLASSES)
            make_images(f"{layout}/val", CLASSES)
        call(*train_options(root, out, epochs=1))
        saved = load_checkpoint(out)
        del saved["files"]
        save_checkpoint(out, saved)
        done = call(*train_options(root, out, "--resume", epochs=1))
        assert done.exit_code == (layout == "drawn")
        assert ("does not say which images" in done.stderr) == (layout == "drawn")
        if layout == "split":
            assert call("evaluate", out, root).stdout.startswith(
                "12 images of split/val: accuracy"
            )


# --- nothing is written among the images --------------------------------------------


def test_a_run_started_in_the_image_folder_goes_beside_it(
    make_images, tmp_path, monkeypatch
):
    root = make_images("photos", CLASSES, count=10)
    out = tmp_path / "runs" / "photos.pt"
    words = train_options(".", "unused", epochs=1)[:-2]
    for where, folder in ((root, "."), (root / "cat", "..")):
        monkeypatch.chdir(where)
        words[1] = folder
        done = call(*words, "--overwrite")
        assert done.exit_code == 0, done.output
        assert f"The run goes to {out}" in done.stdout
        assert out.exists()
        assert call("evaluate", out, folder).exit_code == 0
    assert sorted(path.name for path in root.iterdir()) == CLASSES
    monkeypatch.chdir(tmp_path)
    words[1] = "photos"
    done = call(*words, "--overwrite")
    assert "The run goes to" not in done.stdout
    assert "Checkpoint: runs/photos.pt" in done.stdout.replace("\\", "/")


@pytest.mark.parametrize(
    "command", ["train", "explain", "report", "export", "fingerprint"]
)
def test_no_command_writes_among_the_images(
    command, make_images, tmp_path, monkeypatch
):
    root, out = make_images("photos", CLASSES, count=10), tmp_path / "m.pt"
    call(*train_options(root, out, epochs=1))
    monkeypatch.chdir(root)
    linked = tmp_path / "linked"
    linked.symlink_to(root / "cat")
    before = sorted(root.rglob("*"))
    words = {"train": ["train", root], "fingerprint": ["fingerprint", root]}
    for target in ("x.out", root / "sub" / "x.out", linked / "x.out"):
        done = call(*words.get(command, [command, out, "."]), "--out", target)
        assert done.exit_code == 1
        assert "would lie in the image folder" in done.stderr
        assert done.stderr.count("\n") == 1
        assert sorted(root.rglob("*")) == before


def test_a_checkpoint_among_the_images_is_no_place_for_more(make_images, tmp_path):
    """What an earlier version left: its pictures would become a class."""
    root, out = make_images("photos", CLASSES, count=10), tmp_path / "m.pt"
    call(*train_options(root, out, epochs=1))
    (root / "runs").mkdir()
    old = shutil.move(out, root / "runs" / "photos.pt")
    assert "move runs out of the image folder" in call("evaluate", old, root).stderr
    assert "would lie in the image folder" in call("explain", old, root).stderr
