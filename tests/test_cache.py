"""Folders that are made once: all of a folder is there, or none of it."""

import errno
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from helpers.data import cache
from helpers.errors import UserError
from patience import HANGS


def fill(part: Path) -> None:
    (part / "one").write_text("1")
    (part / "two").write_text("2")


def names(folder):
    return sorted(os.listdir(folder))


def test_a_folder_is_made_and_replaced(tmp_path):
    target = tmp_path / "deep" / "set"
    assert cache.make_folder(target, fill) == target
    assert names(target) == ["one", "two"]
    (target / "one").unlink()
    cache.make_folder(target, fill)  # a damaged one is replaced
    assert names(target) == ["one", "two"]
    assert names(target.parent) == ["set"]


@pytest.mark.parametrize(
    ("code", "sentence"),
    [
        (errno.ENOSPC, "is full: make room"),
        (errno.EACCES, "no permission to write"),
        (errno.EROFS, "no permission to write"),
        (errno.EIO, "cannot be written"),
    ],
)
def test_a_failed_fill_leaves_nothing(tmp_path, code, sentence):
    def failing(part):
        fill(part)
        raise OSError(code, os.strerror(code))

    with pytest.raises(UserError, match=sentence) as caught:
        cache.make_folder(tmp_path / "set", failing)
    assert cache.VARIABLE in str(caught.value)
    assert names(tmp_path) == []
    cache.make_folder(tmp_path / "set", fill)  # the next run works
    assert names(tmp_path / "set") == ["one", "two"]


def test_ctrl_c_leaves_nothing(tmp_path):
    def interrupted(part):
        fill(part)
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        cache.make_folder(tmp_path / "set", interrupted)
    assert names(tmp_path) == []


def test_a_cache_below_a_file_is_explained(tmp_path):
    (tmp_path / "file").touch()
    with pytest.raises(UserError, match="under a file"):
        cache.make_folder(tmp_path / "file" / "set", fill)


KILLED = """
import sys
from pathlib import Path
from helpers.data.cache import make_folder
def fill(part):
    (part / "one").write_text("1")
    print("half", flush=True)
    sys.stdin.read()  # until its end: the test has ended, or gone on
make_folder(Path(sys.argv[1]), fill)
"""


def test_a_killed_process_leaves_no_half_folder(tmp_path):
    target = tmp_path / "set"
    with subprocess.Popen(
        [sys.executable, "-c", KILLED, target],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    ) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == b"half\n"
        process.send_signal(signal.SIGKILL)
    assert not target.exists()
    (part,) = tmp_path.iterdir()
    cache.make_folder(target, fill)
    assert names(target) == ["one", "two"]
    assert part.exists()  # it might be another process at work, until it is old
    old = time.time() - cache.STALE_SECONDS - 1
    os.utime(part, (old, old))
    cache.make_folder(target, fill)
    assert names(tmp_path) == ["set"]


def test_two_processes_at_once_are_both_served(tmp_path):
    code = KILLED.replace("sys.stdin.read()", '(part / "two").write_text("2")')
    target = tmp_path / "set"
    processes = [
        subprocess.Popen([sys.executable, "-c", code, target], stdout=subprocess.PIPE)
        for _ in range(3)
    ]
    assert [process.wait(HANGS) for process in processes] == [0, 0, 0]
    for process in processes:
        assert process.stdout is not None
        process.stdout.close()
    assert names(target) == ["one", "two"]
    assert names(tmp_path) == ["set"]


def test_the_cache_is_where_the_variable_says(tmp_path, monkeypatch):
    monkeypatch.setenv(cache.VARIABLE, str(tmp_path))
    assert cache.cache_folder() == tmp_path
    assert cache.cache_folder(tmp_path / "x") == tmp_path / "x"
    monkeypatch.delenv(cache.VARIABLE)
    assert cache.cache_folder().name == "seventeen-notes"
