"""A student's notebook in JupyterLab: run, answered, restarted, and run again.

The server, its settings and the browser live in temporary folders, and all of them
end with the test. Without Playwright or a browser it is skipped.
"""

import contextlib
import json
import os
import re
import secrets
import shutil
import subprocess
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path

import psutil
import pytest

import classroom
from browsing import NO_PLAYWRIGHT, launch
from built_book import NO_CHROMIUM, chromium
from notebook_files import ROOT, read, tags
from patience import HANGS, HANGS_MS
from toys import free_port

sync_api = pytest.importorskip(
    "playwright.sync_api", reason=f"JupyterLab is not opened: {NO_PLAYWRIGHT}"
)
if chromium() is None:
    pytest.skip(f"JupyterLab is not opened: {NO_CHROMIUM}", allow_module_level=True)

NAME = Path("notebooks", "04_projection_shortcut.ipynb")  # one of the quickest
SETTINGS = {
    # All cells are in the page, also those that are not in sight.
    "@jupyterlab/notebook-extension/tracker": {"windowingMode": "none"},
    "@jupyterlab/apputils-extension/notification": {
        "fetchNews": "false",
        "checkForUpdates": False,
    },
}
# A cell whose source is folded away, as the first one is, has an empty prompt.
ALL_HAVE_RUN = """(count) => {
  const prompts = [...document.querySelectorAll(".jp-CodeCell .jp-InputPrompt")]
    .map((prompt) => prompt.textContent.trim()).filter((text) => text);
  return prompts.length >= count && prompts.every((text) => /^\\[\\d+\\]:$/.test(text));
}"""


@contextlib.contextmanager
def ending(process):
    """End a process and all that it has started, whatever happens."""
    try:
        yield
    finally:
        started = [psutil.Process(process.pid)] if process.poll() is None else []
        started += [child for one in started for child in one.children(recursive=True)]
        process.terminate()  # the server shuts its kernels down
        process.wait()
        for one in started:
            with contextlib.suppress(psutil.NoSuchProcess):
                one.kill()


@pytest.fixture
def lab(class_folder, tmp_path):
    """JupyterLab on the student's edition: the address of the notebook."""
    student = shutil.copytree(class_folder / "student", tmp_path / "student")
    for name, values in SETTINGS.items():
        path = tmp_path / "settings" / f"{name}.jupyterlab-settings"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps(values), "utf-8")
    port = free_port()
    token = secrets.token_hex()
    folders = {
        "HOME": "home",
        "XDG_CACHE_HOME": "cache",
        "JUPYTER_CONFIG_DIR": "config",
        "JUPYTER_DATA_DIR": "data",
        "JUPYTER_RUNTIME_DIR": "runtime",
        "JUPYTERLAB_SETTINGS_DIR": "settings",
        "JUPYTERLAB_WORKSPACES_DIR": "workspaces",
        "IPYTHONDIR": "ipython",
    }
    log = tmp_path / "lab.log"
    with log.open("w") as output:
        process = subprocess.Popen(
            [
                *(sys.executable, "-m", "jupyterlab", "--no-browser", "--allow-root"),
                *(f"--ServerApp.port={port}", "--ServerApp.port_retries=0"),
                f"--ServerApp.root_dir={student}",
            ],
            env={
                **os.environ,
                **{name: str(tmp_path / folder) for name, folder in folders.items()},
                "PYTHONPATH": str(student),
                "JUPYTER_TOKEN": token,
            },
            stdout=output,
            stderr=subprocess.STDOUT,
        )
    with ending(process):
        address = f"http://127.0.0.1:{port}"
        deadline = time.monotonic() + HANGS
        while True:
            try:
                urllib.request.urlopen(f"{address}/api").close()
                break
            except (urllib.error.URLError, ConnectionError):
                late = time.monotonic() > deadline or process.poll() is not None
                assert not late, log.read_text("utf-8")[-2000:]
                time.sleep(0.3)
        yield f"{address}/lab/tree/{NAME.as_posix()}?token={token}"
    assert not psutil.pid_exists(process.pid)


@pytest.fixture
def page(lab):
    """The notebook, opened in Chromium."""
    with sync_api.sync_playwright() as playwright:
        started = launch(playwright)
        page = started.new_page(viewport={"width": 1400, "height": 1000})
        page.set_default_timeout(HANGS_MS)
        page.goto(lab)
        yield page
        started.close()


def choose(page, menu, item):
    """Choose from the menu bar."""
    bar = page.locator(".lm-MenuBar-item", has_text=re.compile(f"^{menu}$"))
    bar.click()
    page.locator(".lm-Menu-item", has_text=re.compile(f"^{item}")).click()


def wait_until_all_have_run(page, count):
    """Wait until every code cell has a number, and none a star."""
    page.wait_for_function(ALL_HAVE_RUN, arg=count)


def test_an_answer_passes_in_jupyterlab_and_again_after_a_restart(page):
    notebook = read(ROOT / NAME)
    [stub, solution], *_ = classroom.exercises(notebook)
    count = sum(
        cell.cell_type == "code" and not {"solution", "remove-cell"} & set(tags(cell))
        for cell in notebook.cells
    )
    first_line = stub.source.splitlines()[0]
    cell = page.locator(
        ".jp-CodeCell", has=page.locator(".cm-line", has_text=first_line)
    )
    check = page.locator(".jp-CodeCell", has_text="Exercise 4.1:")

    page.locator(".jp-CodeCell").first.wait_for()
    sync_api.expect(page.locator("#jp-main-statusbar")).to_contain_text("| Idle")
    choose(page, "Run", "Run All Cells")
    wait_until_all_have_run(page, count)
    sync_api.expect(check).to_contain_text("Exercise 4.1: not attempted yet")

    cell.locator(".cm-content").click()
    page.keyboard.press("ControlOrMeta+a")
    page.keyboard.insert_text(solution.source)
    page.keyboard.press("Shift+Enter")
    page.keyboard.press("Shift+Enter")  # its check
    sync_api.expect(check).to_contain_text("Exercise 4.1: passed")
    number = check.locator(".jp-InputPrompt").first.text_content()

    choose(page, "Kernel", "Restart Kernel and Run All Cells")
    page.locator(".jp-Dialog .jp-mod-accept").click()
    sync_api.expect(check.locator(".jp-InputPrompt").first).not_to_have_text(number)
    wait_until_all_have_run(page, count)
    sync_api.expect(check).to_contain_text("Exercise 4.1: passed")
    sync_api.expect(
        page.locator(".jp-CodeCell", has_text="Exercise 4.2: not")
    ).to_have_count(1)
