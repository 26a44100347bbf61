"""Files that are the old one or the new one, never half of one."""

import os

import pytest

from helpers.errors import UserError
from helpers.writing import replacing, require_writable


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
