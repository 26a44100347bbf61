"""Files that are the old one or the new one, never half of one."""

import os
import stat
import sys
from pathlib import Path

import pytest

from helpers.errors import UserError
from helpers.writing import beside, replacing, require_writable

posix = pytest.mark.skipif(os.name != "posix", reason="needs links and pipes")


def test_an_unwritable_place_is_found_before_a_long_run(tmp_path):
    file = tmp_path / "file"
    file.touch()
    with pytest.raises(UserError, match="cannot be written"):
        require_writable(file / "model.pt")
    with pytest.raises(UserError, match="is a folder"):
        require_writable(tmp_path)
    good = tmp_path / "model.pt"
    good.write_text("precious")
    require_writable(good)
    assert good.read_text() == "precious"
    assert sorted(os.listdir(tmp_path)) == ["file", "model.pt"]


def test_what_a_killed_run_left_behind_is_cleared_away(tmp_path):
    """A process that was killed while writing leaves one part, and no more."""
    (tmp_path / "model.pt.part").write_bytes(b"half")
    with replacing(tmp_path / "model.pt") as part:
        part.write_text("whole")
    assert os.listdir(tmp_path) == ["model.pt"]


@pytest.mark.parametrize("error", [KeyboardInterrupt, ValueError("no"), UserError("x")])
def test_an_interruption_leaves_the_old_file(tmp_path, error):
    path = tmp_path / "file"
    path.write_text("old")
    with pytest.raises(error if isinstance(error, type) else type(error)):
        write_half(path, error)
    assert path.read_text() == "old"
    assert os.listdir(tmp_path) == ["file"]


def write_half(path, error):
    with replacing(path) as part:
        part.write_text("ha")
        raise error


# --- links, pipes, devices, permissions --------------------------------------------


@posix
@pytest.mark.parametrize("exists", [True, False])
def test_a_link_stays_and_its_target_is_replaced(tmp_path, exists):
    target, link = tmp_path / "far" / "model.pt", tmp_path / "model.pt"
    target.parent.mkdir()
    if exists:
        target.write_text("old")
    link.symlink_to("far/model.pt")
    require_writable(link)
    with replacing(link) as part:
        assert part.parent == target.parent.resolve()  # one step needs one disk
        part.write_text("new")
    assert link.is_symlink()
    assert target.read_text() == "new"
    assert os.listdir(target.parent) == ["model.pt"]


@posix
def test_a_circle_of_links_gets_one_sentence(tmp_path):
    (tmp_path / "a").symlink_to("b")
    (tmp_path / "b").symlink_to("a")
    with pytest.raises(UserError, match="leads in a circle"):
        require_writable(tmp_path / "a")


@pytest.mark.skipif(sys.platform != "linux", reason="needs Linux's /dev")
@pytest.mark.parametrize("kind", ["pipe", "/dev/null", "link to /dev/null", "stdout"])
def test_what_is_no_file_is_refused_and_left_alone(tmp_path, kind, capfd):
    path = tmp_path / "x"
    if kind == "pipe":
        os.mkfifo(path)
    elif kind == "link to /dev/null":
        path.symlink_to("/dev/null")
    else:
        path = Path({"stdout": "/dev/stdout"}.get(kind, kind))
    before = os.stat(path)
    for write in (require_writable, lambda path: write_half(path, None)):
        with pytest.raises(UserError, match="name of a file") as caught:
            write(path)
        assert "\n" not in str(caught.value)
    assert os.path.samestat(before, os.stat(path))
    assert not list(tmp_path.glob("*.part"))


@posix
def test_a_replaced_file_keeps_its_permissions_and_a_new_one_has_the_usual(tmp_path):
    path = tmp_path / "model.pt"
    path.touch()
    path.chmod(0o640)
    old, new = path, tmp_path / "new.pt"
    (tmp_path / "usual").touch()
    for file in (old, new):
        with replacing(file) as part:
            part.write_text("whole")
    rights = [stat.S_IMODE((tmp_path / n).stat().st_mode) for n in ("new.pt", "usual")]
    assert stat.S_IMODE(old.stat().st_mode) == 0o640
    assert rights[0] == rights[1]


def test_a_write_protected_file_is_not_replaced(tmp_path, monkeypatch):
    path = tmp_path / "model.pt"
    path.write_text("precious")
    monkeypatch.setattr(os, "access", lambda *_: False)  # root may write everything
    with pytest.raises(UserError, match="write-protected"):
        require_writable(path)
    assert path.read_text() == "precious"
    require_writable(tmp_path / "new.pt")


# --- several files ------------------------------------------------------------------


@pytest.mark.parametrize("full", [0, 1])
def test_of_two_files_both_are_replaced_or_neither(tmp_path, full):
    paths = tmp_path / "a", tmp_path / "b"
    for path in paths:
        path.write_text("old")
    with pytest.raises(UserError, match="No space left"):
        write_both(*paths, full)
    assert [path.read_text() for path in paths] == ["old", "old"]
    write_both(*paths, None)
    assert [path.read_text() for path in paths] == ["new", "new"]
    assert sorted(os.listdir(tmp_path)) == ["a", "b"]


def write_both(one, two, full):
    with replacing(one) as first, replacing(two) as second:
        for number, part in enumerate((first, second)):
            if number == full:
                raise OSError(28, "No space left on device")
            part.write_text("new")


def test_two_files_in_one_place_are_refused(tmp_path):
    path = tmp_path / "m.csv"
    with pytest.raises(UserError, match="written to the same place"):
        require_writable(path, beside(path, ".csv"))
    with pytest.raises(UserError, match="written to the same place"):
        require_writable(path, tmp_path / "m.csv.part")
    if os.name == "posix":
        (tmp_path / "link").symlink_to("m.csv")
        with pytest.raises(UserError, match="written to the same place"):
            require_writable(path, tmp_path / "link")
    require_writable(path, tmp_path / "m.pt")


@pytest.mark.parametrize("name", ["m.pt", "sub/../m.pt", "link", "hard", "m"])
def test_a_file_that_is_read_is_not_replaced(tmp_path, name):
    read = tmp_path / ("m.part" if name == "m" else "m.pt")
    read.write_text("precious")
    (tmp_path / "sub").mkdir()
    if name == "link":
        (tmp_path / "link").symlink_to("m.pt")
    elif name == "hard":
        os.link(read, tmp_path / "hard")
    with pytest.raises(UserError, match="would replace") as caught:
        require_writable(tmp_path / name, reads=[read])
    assert str(read) in str(caught.value)
    assert read.read_text() == "precious"


def test_a_name_that_can_only_be_a_folder(tmp_path):
    for path in (tmp_path.anchor, "."):
        with pytest.raises(UserError, match="is a folder"):
            beside(type(tmp_path)(path), ".csv")
