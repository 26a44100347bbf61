"""Fingerprint and manifest: what counts, what does not, and what changed."""

import hashlib
import json
import os
import shutil
import subprocess
import sys
import threading
import tracemalloc
import unicodedata
from pathlib import Path

import pytest

from helpers.data import fingerprint as module
from helpers.data.fingerprint import Changes, Manifest, compare, fingerprint
from helpers.data.folders import find_splits, loaded_files
from helpers.data.loading import ImageFolder
from helpers.errors import UserError
from toys import call

NOTHING = Changes([], [], [], [], [])


def tree(root, files):
    """Write ``{path: content}`` below ``root`` and return ``root``."""
    for name, content in files.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    return root


@pytest.fixture
def root(tmp_path):
    return tree(
        tmp_path / "photos",
        {
            "cat/1.jpg": b"one",
            "cat/2.JPEG": b"two",
            "cat/deep/3.png": b"three",
            "dog/1.jpg": b"four",
            "dog/2.jpg": b"five",
        },
    )


def loader_files(root):
    """Return the paths that ImageFolder reads, sorted."""
    samples = ImageFolder(root).samples
    return sorted(Path(path).relative_to(root).as_posix() for path, _ in samples)


# --- what counts --------------------------------------------------------------


def test_the_digest_is_that_of_the_documented_records(root):
    total = hashlib.sha256()
    for path in ("cat/1.jpg", "cat/2.JPEG", "cat/deep/3.png", "dog/1.jpg", "dog/2.jpg"):
        content = (root / path).read_bytes()
        record = f"{path}\0{len(content)}\0{hashlib.sha256(content).hexdigest()}\n"
        total.update(record.encode())
    assert fingerprint(root).digest == total.hexdigest()


def test_exactly_the_files_count_that_the_loader_reads(root):
    tree(
        root,
        {
            "cat/.DS_Store": b"x", "cat/notes.txt": b"x", "cat/a.gif": b"x",
            ".DS_Store": b"x", "stray.jpg": b"x", "dog/._1.jpg": b"apple",
        },
    )  # fmt: skip
    loaded = [
        Path(path).relative_to(root).as_posix() for path, _ in ImageFolder(root).samples
    ]
    assert sorted(fingerprint(root).files) == sorted(loaded)


def test_in_a_folder_with_splits_the_splits_count(tmp_path):
    files = {"train/a/1.jpg": b"1", "val/a/1.jpg": b"2", "masks/train/a/1.png": b"3"}
    manifest = fingerprint(tree(tmp_path, files))
    assert list(manifest.files) == ["train/a/1.jpg", "val/a/1.jpg"]
    assert manifest.splits == ("train", "val")
    assert manifest.label("val/a/1.jpg") == "a"
    assert str(manifest) == "train 1, val 1, 1 classes, 2 bytes"


@pytest.mark.parametrize(
    "change",
    ["relabel", "boundary", "rename", "rename class", "empty file", "bytes", "remove"],
)
def test_what_the_bytes_alone_do_not_tell_changes_the_digest(root, change):
    before = fingerprint(root).digest
    if change == "relabel":
        (root / "dog/1.jpg").rename(root / "cat/z.jpg")
    elif change == "boundary":
        (root / "dog/1.jpg").write_bytes(b"fou")
        (root / "dog/2.jpg").write_bytes(b"rfive")
    elif change == "rename":
        (root / "dog/1.jpg").rename(root / "dog/0.jpg")
    elif change == "rename class":
        (root / "dog").rename(root / "wolf")
    elif change == "empty file":
        (root / "dog/3.jpg").touch()
    elif change == "bytes":
        (root / "dog/1.jpg").write_bytes(b"foul")
    else:
        (root / "dog/1.jpg").unlink()
    assert fingerprint(root).digest != before


def test_times_and_other_files_do_not_change_the_digest(root, tmp_path):
    before = fingerprint(root)
    os.utime(root / "dog/1.jpg", (0, 0))
    tree(root, {"dog/.DS_Store": b"x", "README.md": b"x"})
    copy = shutil.copytree(root, tmp_path / "elsewhere")
    for folder in (root, copy):
        after = fingerprint(folder)
        assert after.digest == before.digest
        assert compare(before, after) == NOTHING


def test_composed_and_decomposed_names_are_one(tmp_path):
    """macOS may hand names out decomposed; the same folder is the same."""
    composed, decomposed = (
        {unicodedata.normalize(form, "café/né.jpg"): b"x", "tea/1.jpg": b"y"}
        for form in ("NFC", "NFD")
    )
    assert composed.keys() != decomposed.keys()
    one = fingerprint(tree(tmp_path / "one", composed))
    two = fingerprint(tree(tmp_path / "two", decomposed))
    assert one.digest == two.digest
    assert compare(one, two) == NOTHING


def test_files_are_in_the_order_of_their_bytes_whatever_the_disk_says(tmp_path):
    names = ["b/1.jpg", "a-b/1.jpg", "a/1.jpg", "B/1.jpg", "ä/1.jpg", "z/10.jpg"]
    manifest = fingerprint(tree(tmp_path, dict.fromkeys(names, b"x")))
    assert list(manifest.files) == sorted(names, key=str.encode)


def test_many_files_on_many_threads_keep_their_order(tmp_path, monkeypatch):
    monkeypatch.setattr(module, "AT_ONCE", 7)
    files = {f"{k % 5}/{k:04d}.jpg": str(k).encode() for k in range(500)}
    manifest = fingerprint(tree(tmp_path, files))
    for path, entry in manifest.files.items():
        assert entry.sha256 == hashlib.sha256(files[path]).hexdigest()
    assert manifest.reread == 500


def test_a_large_file_is_read_in_pieces(tmp_path):
    size = 30_000_000  # bytes; more than may be held at once
    tree(tmp_path, {"a/1.jpg": b"", "b/1.jpg": b"small"})
    with open(tmp_path / "a/1.jpg", "wb") as stream:
        stream.truncate(size)
    tracemalloc.start()
    manifest = fingerprint(tmp_path)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < size / 10
    zeros = hashlib.sha256(bytes(size)).hexdigest()
    assert manifest.files["a/1.jpg"].sha256 == zeros


# --- the manifest -------------------------------------------------------------


def test_a_manifest_comes_back(root, tmp_path):
    manifest, path = fingerprint(root), tmp_path / "new" / "manifest.json"
    manifest.save(path)
    again = Manifest.load(path)
    assert again.files == manifest.files
    assert again.digest == manifest.digest
    assert json.loads(path.read_text())["fingerprint"] == manifest.digest
    assert sorted(os.listdir(path.parent)) == ["manifest.json", "manifest.sha256"]


@pytest.mark.skipif(shutil.which("sha256sum") is None, reason="needs GNU coreutils")
def test_sha256sum_checks_the_list(root, tmp_path):
    tree(root, {"cat/a\\b.jpg": b"x", "cat/li\nne.jpg": b"y", "cat/ä b.jpg": b"z"})
    if sys.platform == "linux":
        tree(root, {os.fsdecode(b"cat/\xff.jpg"): b"not UTF-8"})
    fingerprint(root).save(tmp_path / "m.json")
    command = ["sha256sum", "--check", "--strict", "--quiet", tmp_path / "m.sha256"]
    done = subprocess.run(command, cwd=root, capture_output=True, text=True)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    (root / "dog/1.jpg").write_bytes(b"changed")
    assert subprocess.run(command, cwd=root, capture_output=True).returncode == 1


@pytest.mark.parametrize(
    "content",
    [
        "",
        "hello",
        "[]",
        "{}",
        "[" * 100_000,
        '{"files": []}',
        '{"files": {"a": [1]}}',
        b"\xff\xfe",
    ],
)
def test_what_is_no_manifest_gets_one_sentence(tmp_path, content):
    path = tmp_path / "m.json"
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    with pytest.raises(UserError, match="is not a manifest: make one"):
        Manifest.load(path)


def test_an_edited_manifest_is_refused(root, tmp_path):
    path = tmp_path / "m.json"
    fingerprint(root).save(path)
    path.write_text(path.read_text().replace("dog/1.jpg", "dog/7.jpg"))
    with pytest.raises(UserError, match="is damaged"):
        Manifest.load(path)
    with pytest.raises(UserError, match="cannot be read"):
        Manifest.load(tmp_path / "none.json")
    with pytest.raises(UserError, match=r"name it with \.json"):
        fingerprint(root).save(tmp_path / "m.sha256")


# --- what changed -------------------------------------------------------------


def test_each_kind_of_change_is_told(root):
    before = fingerprint(root)
    (root / "cat/1.jpg").rename(root / "dog/9.jpg")
    (root / "cat/2.JPEG").rename(root / "cat/8.jpg")
    (root / "dog/1.jpg").unlink()
    (root / "dog/2.jpg").write_bytes(b"FIVE")
    tree(root, {"dog/3.jpg": b"new"})
    changes = compare(before, fingerprint(root))
    assert changes == Changes(
        added=["dog/3.jpg"],
        removed=["dog/1.jpg"],
        changed=["dog/2.jpg"],
        relabelled=[("cat/1.jpg", "dog/9.jpg")],
        moved=[("cat/2.JPEG", "cat/8.jpg")],
    )
    assert str(changes).splitlines() == [
        "added       dog/3.jpg",
        "removed     dog/1.jpg",
        "changed     dog/2.jpg",
        "relabelled  cat/1.jpg -> dog/9.jpg",
        "moved       cat/2.JPEG -> cat/8.jpg",
    ]


def test_two_files_that_changed_places_are_two_relabellings(root):
    before = fingerprint(root)
    (root / "cat/1.jpg").write_bytes(b"four")
    (root / "dog/1.jpg").write_bytes(b"one")
    pairs = [("cat/1.jpg", "dog/1.jpg"), ("dog/1.jpg", "cat/1.jpg")]
    assert compare(before, fingerprint(root)) == NOTHING._replace(relabelled=pairs)


def test_a_copy_is_an_addition_and_a_renamed_class_relabels_all(root):
    before = fingerprint(root)
    shutil.copy(root / "cat/1.jpg", root / "dog/copy.jpg")
    assert compare(before, fingerprint(root)) == NOTHING._replace(
        added=["dog/copy.jpg"]
    )
    (root / "dog/copy.jpg").unlink()
    (root / "dog").rename(root / "wolf")
    changes = compare(before, fingerprint(root))
    assert changes == NOTHING._replace(
        relabelled=[("dog/1.jpg", "wolf/1.jpg"), ("dog/2.jpg", "wolf/2.jpg")]
    )


def test_a_file_that_took_another_ones_place(root):
    before = fingerprint(root)
    (root / "dog/2.jpg").replace(root / "dog/1.jpg")
    changes = compare(before, fingerprint(root))
    moved = [("dog/2.jpg", "dog/1.jpg")]
    assert changes == NOTHING._replace(changed=["dog/1.jpg"], moved=moved)


# --- the quick way ------------------------------------------------------------


def settle(root):
    """Make every file older than a manifest that is written now."""
    for path in root.rglob("*.*"):
        os.utime(path, ns=(10**18, 10**18))


def test_unchanged_files_are_not_read_again(root, monkeypatch):
    settle(root)
    before = fingerprint(root)
    (root / "dog/1.jpg").write_bytes(b"longer than before")
    after = fingerprint(root, known=before)
    assert after.reread == 1
    assert compare(before, after) == NOTHING._replace(changed=["dog/1.jpg"])
    monkeypatch.setattr(module, "_read", refuse)
    assert fingerprint(root, known=after._replace(written_ns=2**63)).reread == 0


def refuse(*_):
    raise AssertionError("a file was read")


@pytest.mark.parametrize(
    ("modified", "age", "again"),
    [
        (10**18, 1.9, True),  # seconds without a fraction: a coarse clock
        (10**18, 2.1, False),
        (10**18 + 1, 0.01, True),
        (10**18 + 1, 0.03, False),
    ],
)
def test_a_file_as_young_as_the_manifest_is_read_again(root, modified, age, again):
    """It may have changed within the same tick of the file system's clock."""
    for path in root.rglob("*.*"):
        os.utime(path, ns=(modified, modified))
    if (root / "dog/1.jpg").stat().st_mtime_ns != modified:
        pytest.skip("this file system has a coarse clock")
    before = fingerprint(root)._replace(written_ns=modified + int(age * 1e9))
    assert fingerprint(root, known=before).reread == (len(before.files) if again else 0)


# --- bad input ----------------------------------------------------------------


def test_a_missing_or_empty_folder_gets_one_sentence(tmp_path):
    (tmp_path / "file").touch()
    (tmp_path / "empty").mkdir()
    (tmp_path / "bare/cat").mkdir(parents=True)
    for name, sentence in {
        "none": "There is no folder", "file": "is a file, not a folder",
        "empty": "is empty", "bare": "holds no image in a class folder",
    }.items():  # fmt: skip
        with pytest.raises(UserError, match=sentence):
            fingerprint(tmp_path / name)


def test_a_circle_of_links_is_named(root):
    (root / "cat/loop").symlink_to(root)
    with pytest.raises(UserError, match="loop is a link to a folder that it lies in"):
        fingerprint(root)


def test_a_link_to_another_folder_is_followed_as_the_loader_does(root, tmp_path):
    tree(tmp_path / "more", {"9.jpg": b"nine"})
    (root / "cat/linked").symlink_to(tmp_path / "more")
    (root / "dog/linked").symlink_to(tmp_path / "more")
    loaded = [
        Path(path).relative_to(root).as_posix() for path, _ in ImageFolder(root).samples
    ]
    assert sorted(fingerprint(root).files) == sorted(loaded)
    (root / "cat/dead.jpg").symlink_to(tmp_path / "none.jpg")
    with pytest.raises(UserError, match="is a link to nothing: remove it"):
        fingerprint(root)


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="needs named pipes")
def test_a_pipe_is_not_waited_for(root):
    os.mkfifo(root / "cat/pipe.jpg")
    with pytest.raises(UserError, match="not a regular file"):
        fingerprint(root)


@pytest.mark.skipif(os.name == "nt" or os.geteuid() == 0, reason="root reads all")
def test_an_unreadable_file_is_named(root):
    (root / "dog/1.jpg").chmod(0)
    with pytest.raises(UserError, match=r"dog/1.jpg cannot be read \(Permission"):
        fingerprint(root)


@pytest.mark.parametrize("function", ["open", "scandir"])
def test_a_refusal_of_the_system_is_one_sentence(root, monkeypatch, function):
    allowed = getattr(os, function)

    def refuse(path, *rest):
        if "dog" in str(path):
            raise PermissionError(13, "Permission denied")
        return allowed(path, *rest)

    monkeypatch.setattr(os, function, refuse)
    with pytest.raises(UserError, match=r"dog.* cannot be read \(Permission denied\)"):
        fingerprint(root)


@pytest.mark.parametrize("size", [4, 2 << 20])
def test_a_file_that_changes_while_it_is_read_is_an_error(root, monkeypatch, size):
    path = root / "dog/1.jpg"
    path.write_bytes(bytes(size))
    read = os.read

    def digest(stream, name):
        value = hashlib.sha256(stream.read())
        path.write_bytes(bytes(size + 1))
        return value

    def read_then_change(descriptor, count):
        data = read(descriptor, count)
        path.write_bytes(b"other")
        return data

    if size > module.READ_WHOLE:
        monkeypatch.setattr(hashlib, "file_digest", digest)
    else:
        monkeypatch.setattr(os, "read", read_then_change)
    with pytest.raises(UserError, match="changed while it was being read"):
        fingerprint(root)


def test_a_file_that_vanishes_is_an_error(root, monkeypatch):
    in_order = module._in_order

    def delete(folder, files):
        ordered = in_order(folder, files)
        (root / "dog/1.jpg").unlink()
        return ordered

    monkeypatch.setattr(module, "_in_order", delete)
    with pytest.raises(UserError, match=r"dog/1.jpg vanished"):
        fingerprint(root)


def test_two_forms_of_one_name_are_refused(tmp_path):
    names = [unicodedata.normalize(form, "é.jpg") for form in ("NFC", "NFD")]
    tree(tmp_path, {f"a/{name}": b"x" for name in names})
    if len(os.listdir(tmp_path / "a")) == 1:
        pytest.skip("this file system takes the two for one")
    with pytest.raises(UserError, match=r"e\\u0301.jpg.*\\xe9.jpg"):
        fingerprint(tmp_path)


def test_unusual_and_long_names_count(tmp_path):
    names = ["日本/猫 🐈.jpg", f"long/{'x' * 250}.jpg", "a/b\nc.jpg", "a/d\\e.jpg"]
    manifest = fingerprint(tree(tmp_path, dict.fromkeys(names, b"x")))
    assert sorted(manifest.files) == sorted(names)
    changes = compare(manifest, manifest._replace(files={}))
    assert r"a/b\nc.jpg" in str(changes)
    assert len(str(changes).splitlines()) == len(names)


def test_an_error_stops_the_other_threads(tmp_path, monkeypatch):
    monkeypatch.setattr(module, "AT_ONCE", 1)
    done, lock = [], threading.Lock()

    def work(file):
        with lock:
            done.append(file)
        raise UserError("no")

    monkeypatch.setattr(module, "_read", lambda root, file: work(file))
    files = {f"a/{k}.jpg": b"x" for k in range(2000)}
    with pytest.raises(UserError, match="no"):
        fingerprint(tree(tmp_path, files))
    assert len(done) < len(files)


# --- the command --------------------------------------------------------------


def test_the_command_prints_writes_and_checks(root, tmp_path):
    settle(root)
    manifest = tmp_path / "m.json"
    done = call("fingerprint", root, "--out", manifest)
    assert done.exit_code == 0
    assert done.stdout.splitlines() == [
        fingerprint(root).digest, "5 images, 2 classes, 19 bytes",
    ]  # fmt: skip
    done = call("fingerprint", root, "--check", manifest, "--quick")
    assert done.exit_code == 0
    assert "by size and modification time; 0 files were read." in done.stdout
    (root / "cat/1.jpg").rename(root / "dog/9.jpg")
    done = call("fingerprint", root, "--check", manifest)
    assert done.exit_code == 1
    assert done.stdout.splitlines()[-2:] == [
        f"Differs from {manifest}:", "relabelled  cat/1.jpg -> dog/9.jpg",
    ]  # fmt: skip


def test_the_command_answers_bad_input_in_one_sentence(root, tmp_path):
    done = call("fingerprint", root, "--quick")
    assert done.exit_code == 2
    assert "--quick needs the manifest" in done.stderr
    for words in (["--check", tmp_path / "none.json"], ["--out", tmp_path]):
        done = call("fingerprint", root, *words)
        assert done.exit_code == 1
        assert done.stderr.startswith("Error: ")
        assert done.stderr.count("\n") == 1


@pytest.mark.parametrize("method", ["write_text", "write_bytes"])
def test_on_a_full_disk_both_files_stay_as_they_were(
    root, tmp_path, monkeypatch, method
):
    names = tmp_path / "m.json", tmp_path / "m.sha256"
    assert call("fingerprint", root, "--out", names[0]).exit_code == 0
    before = [name.read_bytes() for name in names]
    (root / "cat/1.jpg").rename(root / "cat/9.jpg")

    def full(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path, method, full)
    done = call("fingerprint", root, "--out", names[0])
    assert done.exit_code == 1
    assert "No space left" in done.stderr
    monkeypatch.undo()
    assert [name.read_bytes() for name in names] == before
    assert {path.name for path in tmp_path.iterdir()} == {
        root.name, "m.json", "m.sha256",
    }  # fmt: skip


def test_a_manifest_in_the_place_of_its_list_is_refused_before_reading(root, tmp_path):
    done = call("fingerprint", root, "--out", tmp_path / "m.sha256")
    assert done.exit_code == 1
    assert "written to the same place" in done.stderr
    assert not done.stdout
    (tmp_path / "m.sha256").mkdir()
    done = call("fingerprint", root, "--out", tmp_path / "m.json")
    assert "m.sha256 is a folder" in done.stderr
    assert not (tmp_path / "m.json").exists()


def test_the_command_does_not_load_torch(root):
    code = (
        "import sys; from helpers.__main__ import main; "
        f"main(['fingerprint', {str(root)!r}], standalone_mode=False); "
        "print('torch' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert done.stdout.splitlines()[-1] == "False", done.stderr


def test_a_plain_folder_may_have_a_class_called_test(tmp_path):
    tree(tmp_path, {"test/1.jpg": b"x", "other/1.jpg": b"y"})
    assert find_splits(tmp_path, ["other", "test"]) == []
    assert len(list(loaded_files(tmp_path, []))) == 2
