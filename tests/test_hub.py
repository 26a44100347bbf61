"""The recipe for a class: two students on a JupyterHub that is started here.

They log in, get the notebooks by the link that the book shows, run a chapter on one
shared copy of the data, and keep their work to themselves, also when the notebooks
change. Hub, proxy and servers listen on 127.0.0.1 only and end with the tests.
"""

import json
import os
import re
import runpy
import shutil
import subprocess
import sys
import time
import tomllib
import types
import uuid
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import nbformat
import psutil
import pytest
import requests
import yaml
from sphinx.errors import ExtensionError

from browsing import launch
from built_book import needs_chromium
from helpers.data import cache, elpv, solids
from helpers.model import imagenet
from helpers.notebook.claims import MARKS
from notebook_files import PATHS, ROOT, code_cells, compared, read, tags
from patience import HANGS, HANGS_MS
from seventeen import hub as page
from seventeen import repository
from seventeen.notebook_pages import Notebook, read_all
from toys import free_port

FILES = ROOT / "tools" / "hub"
CONSTRAINTS = (ROOT / "constraints.txt").read_text()
CONFIG = FILES / "jupyterhub_config.py"
PASSWORD = "a-password-to-try"
CHAPTER = "notebooks/14_dataset_fingerprint"  # quick, and uses the solids
needs_hub = pytest.mark.skipif(
    any(
        shutil.which(name, path=str(Path(sys.executable).parent)) is None
        for name in ("jupyterhub", "configurable-http-proxy", "gitpuller")
    ),
    reason="no JupyterHub here: pip install -r tools/hub/requirements.txt",
)


def wait_until(what, ready):
    """Ask again until ``ready()`` is true, and return what it gave."""
    end = time.monotonic() + HANGS
    while time.monotonic() < end:
        try:
            if found := ready():
                return found
        except requests.ConnectionError:
            pass
        time.sleep(0.2)
    raise TimeoutError(f"{what}: not after {HANGS} s")


def end_all(hub: subprocess.Popen) -> None:
    """End the hub and whatever it has started, in whichever session that runs."""
    started = psutil.Process(hub.pid).children(recursive=True)
    hub.kill()  # first, or it would start its proxy again
    hub.wait()
    for process in started:
        with suppress(psutil.NoSuchProcess):
            process.kill()
    assert not psutil.wait_procs(started, timeout=HANGS)[1]


class Student:
    """Somebody with a browser and an account."""

    def __init__(self, hub: str, name: str, home: Path) -> None:
        self.hub, self.name, self.home = hub, name, home
        self.server = f"{hub}/user/{name}"
        self.browser = requests.Session()

    def get(self, address: str, **options) -> requests.Response:
        """Open an address as the browser does, with its cookies."""
        return self.browser.get(address, timeout=HANGS, **options)

    def log_in(self) -> None:
        """Fill in the form, which also starts the server, and get a token."""
        self.get(f"{self.hub}/hub/login")
        form = {"username": self.name, "password": PASSWORD, "_xsrf": self.xsrf}
        self.browser.post(f"{self.hub}/hub/login", form, timeout=HANGS)
        answer = self.browser.post(
            f"{self.hub}/hub/api/users/{self.name}/tokens",
            json={},
            headers={"X-XSRFToken": self.xsrf},
            timeout=HANGS,
        )
        answer.raise_for_status()
        self.token = {"Authorization": f"token {answer.json()['token']}"}

    @property
    def xsrf(self) -> str:
        """The hub's secret against forged requests."""
        return str(self.browser.cookies.get("_xsrf", path="/hub/"))

    def is_ready(self) -> bool:
        """Whether the server of this student answers."""
        return self.api("GET", "status", check=False).status_code == 200

    def api(self, method: str, path: str, json=None, check=True) -> requests.Response:
        """Ask the student's own Jupyter server."""
        answer = requests.request(
            method,
            f"{self.server}/api/{path}",
            json=json,
            headers=self.token,
            timeout=HANGS,
            allow_redirects=False,  # which lead from a stopped server to the hub
        )
        if check:
            answer.raise_for_status()
        return answer

    def follow(self, link: str) -> str:
        """Open a link of the book, wait for the notebooks, return where it leads."""
        opened = self.get(link)
        opened.raise_for_status()
        asked = {
            name: value[0] for name, value in parse_qs(urlsplit(link).query).items()
        }
        assert urlsplit(opened.url).path == f"/user/{self.name}/git-pull"
        assert f'data-path="{asked["urlpath"]}"' in opened.text
        # What the page's script does:
        with requests.get(
            f"{self.server}/git-pull/api",
            {"repo": asked["repo"], "branch": asked["branch"]},
            headers=self.token,
            stream=True,
            timeout=HANGS,
        ) as answer:
            lines = [line[6:] for line in answer.iter_lines() if line]
        said = [json.loads(line) for line in lines]
        assert said[-1]["phase"] == "finished", said
        return asked["urlpath"].removeprefix("lab/tree/")

    def read(self, path: str):
        """Return a notebook as the student's server holds it."""
        content = self.api("GET", f"contents/{path}").json()["content"]
        return nbformat.from_dict(content)

    def write(self, path: str, notebook) -> None:
        """Save a notebook as JupyterLab does."""
        self.api("PUT", f"contents/{path}", {"type": "notebook", "content": notebook})

    def run(self, path: str, sources: list[str]) -> str:
        """Run code in the notebook's kernel; return what it prints."""
        from websocket import create_connection  # part of jupyter_server

        session = {"path": path, "type": "notebook", "name": ""}
        started = self.api(
            "POST", "sessions", {**session, "kernel": {"name": "python3"}}
        ).json()
        channels = f"kernels/{started['kernel']['id']}/channels"
        address = f"{self.server}/api/{channels}".replace("http://", "ws://")
        socket = create_connection(address, header=self.token, timeout=HANGS)
        try:
            return "".join(execute(socket, source) for source in sources)
        finally:
            socket.close()
            self.api("DELETE", f"sessions/{started['id']}")


def execute(socket, source: str) -> str:
    """Have one cell run over a kernel's websocket; return what it prints."""
    header = {
        "msg_id": uuid.uuid4().hex,
        "msg_type": "execute_request",
        "username": "",
        "session": uuid.uuid4().hex,
        "version": "5.3",
    }
    content = {"code": source, "silent": False, "allow_stdin": False}
    message = {"header": header, "parent_header": {}, "metadata": {}}
    socket.send(json.dumps({**message, "content": content, "channel": "shell"}))
    printed = ""
    while True:
        answer = json.loads(socket.recv())
        if answer["parent_header"].get("msg_id") != header["msg_id"]:
            continue
        content = answer["content"]
        if answer["msg_type"] == "error":
            raise AssertionError("\n".join(content["traceback"]))
        if answer["msg_type"] == "stream":
            printed += content["text"]
        if content.get("execution_state") == "idle":
            return printed


def claims(text: str) -> list[str]:
    """Return what held, of what was printed, as far as nbval compares it."""
    lines = compared(text).splitlines()
    return [line for line in lines if line.startswith(MARKS)]


def git(folder: Path, *words: str) -> None:
    """Run git as somebody, whoever runs the tests."""
    who = ("-c", "user.name=Teacher", "-c", "user.email=teacher@example.org")
    subprocess.run(["git", *who, *words], cwd=folder, check=True, capture_output=True)


@pytest.fixture(scope="module")
def upstream(tmp_path_factory) -> Path:
    """Return a repository with the notebooks, as a teacher would publish it."""
    folder = tmp_path_factory.mktemp("published") / "notes"
    for name in ("notebooks", "book"):
        shutil.copytree(
            ROOT / name,
            folder / name,
            ignore=shutil.ignore_patterns(".ipynb_checkpoints", "__pycache__"),
        )
    git(folder, "init", "--quiet", "--initial-branch=main")
    git(folder, "add", ".")
    git(folder, "commit", "--quiet", "-m", "The notebooks")
    return folder


@pytest.fixture(scope="module")
def shared(tmp_path_factory) -> Iterator[Path]:
    """Return a cache that is filled and can no longer be written."""
    folder = tmp_path_factory.mktemp("shared")
    solids.solids_root(folder)
    subprocess.run(["chmod", "-R", "a-w", folder], check=True)
    yield folder
    subprocess.run(["chmod", "-R", "u+w", folder], check=True)


@pytest.fixture(scope="module")
def hub(tmp_path_factory, shared) -> Iterator[tuple[str, Path]]:
    """Start the hub of the recipe; give its address and its folder."""
    folder = tmp_path_factory.mktemp("hub")
    address, inner, api = (f"http://127.0.0.1:{free_port()}" for _ in range(3))
    with open(folder / "log", "w") as log:
        process = subprocess.Popen(
            [
                *(sys.executable, "-m", "jupyterhub", "-f", str(CONFIG)),
                f"--JupyterHub.bind_url={address}",
                f"--JupyterHub.hub_bind_url={inner}",
                f"--ConfigurableHTTPProxy.api_url={api}",
            ],
            cwd=folder,
            env={
                **os.environ,
                "HUB_PASSWORD": PASSWORD,
                cache.VARIABLE: str(shared),
                "PYTHONPATH": str(ROOT),  # the helpers of this working tree
            },
            stdout=log,
            stderr=log,
        )
        try:
            wait_until(
                "hub", lambda: requests.get(f"{address}/hub/api", timeout=HANGS).ok
            )
            yield address, folder
        finally:
            end_all(process)


@pytest.fixture(scope="module")
def students(hub) -> list[Student]:
    """Return two students whose servers run."""
    address, folder = hub
    found = [Student(address, name, folder / "homes" / name) for name in ("ann", "ben")]
    for student in found:
        student.log_in()
    for student in found:
        wait_until(f"the server of {student.name}", student.is_ready)
    return found


@pytest.fixture(scope="module")
def opened(students, upstream) -> str:
    """Let both follow the link of the page; return the chapter's path."""
    address = students[0].hub
    link = page.pull_link(address, upstream.as_uri(), "main", CHAPTER)
    ann, ben = (student.follow(link) for student in students)
    assert ann == ben
    return ann


@needs_hub
def test_the_link_brings_the_notebooks_to_every_student(students, opened, upstream):
    assert opened == f"notes/{CHAPTER}.ipynb"
    published = upstream / f"{CHAPTER}.ipynb"
    for student in students:
        assert (student.home / opened).read_bytes() == published.read_bytes()
        shown = [cell.source for cell in student.read(opened).cells]
        assert shown == [cell.source for cell in read(published).cells]


@needs_hub
def test_both_students_run_a_chapter_on_the_shared_data(students, opened, shared):
    before = sorted(shared.rglob("*")), shared.stat().st_mtime_ns
    notebook = read(ROOT / f"{CHAPTER}.ipynb")
    recorded = "".join(
        output.get("text", "")
        for cell in code_cells(notebook)
        for output in cell.outputs
        if output.get("name") == "stdout"
    )
    where = "from helpers.data import solids\nprint(solids.solids_root().parent)"
    sources = [cell.source for cell in code_cells(notebook)]
    assert len(claims(recorded)) > 3
    for student in students:
        printed = student.run(opened, [*sources, where])
        assert printed.splitlines()[-1] == str(shared)
        assert claims(printed) == claims(recorded)
    assert (sorted(shared.rglob("*")), shared.stat().st_mtime_ns) == before


@needs_hub
def test_work_is_kept_apart(students, opened):
    ann, ben = students
    note = {"type": "file", "format": "text", "content": "of ann"}
    ann.api("PUT", "contents/mine.txt", note)
    assert (ann.home / "mine.txt").read_text() == "of ann"
    names = [item["name"] for item in ben.api("GET", "contents").json()["content"]]
    assert names == ["notes"]
    assert not (ben.home / "mine.txt").exists()
    address = f"{ann.server}/api/contents/mine.txt"
    for token, status in ((ann.token, 200), (ben.token, 403), ({}, 403)):
        assert requests.get(address, headers=token, timeout=HANGS).status_code == status
    # Nor with the cookies of a browser in which ben is logged in.
    assert ben.get(address).status_code == 403
    assert ben.get(f"{ben.hub}/hub/api/users/ann").status_code in (403, 404)


@needs_hub
def test_a_new_version_leaves_the_work_of_a_student(students, opened, upstream):
    ann, ben = students
    published = upstream / f"{CHAPTER}.ipynb"
    notebook = read(published)
    position, cell = next(
        (position, cell)
        for position, cell in enumerate(notebook.cells)
        if "exercise" in tags(cell)
    )
    hers = ann.read(opened)
    hers.cells[position].source = "answer = 'of ann'"
    ann.write(opened, hers)
    cell.source = "answer = 'of the teacher'"
    notebook.cells[1].source += "\n\nA new paragraph."
    nbformat.write(notebook, published)
    (upstream / "new.md").write_text("A new page\n")
    git(upstream, "add", ".")
    git(upstream, "commit", "--quiet", "-m", "A new version")
    (ann.home / opened).with_name("17_compile_warmup.ipynb").unlink()
    link = page.pull_link(ann.hub, upstream.as_uri(), "main", CHAPTER)
    for student, answer in ((ann, "'of ann'"), (ben, "'of the teacher'")):
        student.follow(link)
        found = student.read(opened)
        assert found.cells[position].source == f"answer = {answer}"
        assert found.cells[1].source.endswith("A new paragraph.")
        assert (student.home / "notes" / "new.md").is_file()
        nbformat.validate(found)
    # What was deleted comes back: the way to begin anew.
    assert (ann.home / opened).with_name("17_compile_warmup.ipynb").is_file()


@needs_hub
@needs_chromium
def test_in_a_browser_the_link_ends_at_the_chapter(hub, upstream, opened):
    playwright = pytest.importorskip("playwright.sync_api")
    address, _ = hub
    link = page.pull_link(address, upstream.as_uri(), "main", CHAPTER)
    title = read(ROOT / f"{CHAPTER}.ipynb").cells[1].source.splitlines()[0]
    with playwright.sync_playwright() as tool:
        window = launch(tool)
        tab = window.new_page()
        tab.set_default_timeout(HANGS_MS)
        tab.goto(link)
        tab.fill("#username_input", "ann")
        tab.fill("#password_input", PASSWORD)
        tab.click("#login_submit")
        tab.wait_for_url(f"{address}/user/ann/lab/**")
        heading = tab.locator(".jp-Notebook h1").first
        assert heading.inner_text().startswith(title.removeprefix("# "))
        window.close()


@needs_hub
def test_the_hub_knows_every_setting(hub, students):
    """A misspelt setting is only a line in the log."""
    _, folder = hub
    log = (folder / "log").read_text()
    assert "not recognized" not in log


# --- the files that are for a server, as far as they can be checked here --------


def test_the_image_is_made_from_files_that_exist():
    text = (FILES / "Dockerfile").read_text()
    copied = [
        source
        for line in re.findall(r"^COPY (.+)$", text, re.MULTILINE)
        for source in line.split()[:-1]
    ]
    assert len(copied) > 5
    assert [name for name in copied if not (ROOT / name).exists()] == []
    # The builder is sent these and nothing else.
    listed = (FILES / "Dockerfile.dockerignore").read_text().splitlines()
    assert sorted(copied) == sorted(name[1:] for name in listed if name[:1] == "!")


def test_the_image_has_what_the_package_is_built_from():
    text = (FILES / "Dockerfile").read_text()
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    (extras,) = re.findall(r'"/opt/seventeen-notes\[(.+)\]"', text)
    assert set(extras.split(",")) <= set(project["optional-dependencies"])
    for name in (project["readme"], *project["license-files"][:2]):
        assert re.search(rf"^COPY .*\b{name}\b", text, re.MULTILINE), name


def test_the_image_has_versions_that_are_tested():
    text = (FILES / "Dockerfile").read_text()
    (base,) = re.findall(r"^ARG BASE=(.+)$", text, re.MULTILINE)
    assert re.fullmatch(r"quay\.io/jupyter/minimal-notebook:\d{4}-\d\d-\d\d", base)
    (python,) = re.findall(r"has Python (3\.\d+)", text)
    tested = yaml.safe_load((ROOT / ".github/workflows/test.yml").read_text())
    assert python in tested["jobs"]["test"]["strategy"]["matrix"]["python"]


def test_the_constraints_name_every_package_of_the_hub():
    pinned = set(re.findall(r"^([\w.-]+)==", CONSTRAINTS, re.MULTILINE))
    for line in (FILES / "requirements.txt").read_text().splitlines():
        if line and not line.startswith("#"):
            assert re.split(r"[>=<]", line)[0] in pinned
    # On a server the hub brings its own, see there.
    everywhere = (ROOT / "requirements.txt").read_text()
    assert "jupyterhub" not in everywhere


def test_the_limits_are_those_that_were_measured():
    found = page.sizes(json.loads((ROOT / page.FILE).read_text()), read_all(ROOT))
    student = yaml.safe_load((FILES / "values.yaml").read_text())["singleuser"]
    assert student["memory"] == {
        "limit": f"{found.limit:g}G",
        "guarantee": f"{found.guarantee:g}G",
    }
    tljh = (FILES / "tljh.sh").read_text()
    assert re.findall(r"limits\.memory (\S+)", tljh) == [f"{found.limit:g}G"]
    # As many threads as cores, in every way to set up a hub.
    threads = student["extraEnv"]["OMP_NUM_THREADS"]
    assert int(threads) == student["cpu"]["limit"]
    assert re.findall(r"limits\.cpu (\S+)", tljh) == [threads]
    for name in ("tljh_config.py", "jupyterhub_config.py"):
        said = re.findall(r'"OMP_NUM_THREADS": "(\d+)"', (FILES / name).read_text())
        assert said == [threads], name


def test_every_notebook_is_measured():
    measured = json.loads((ROOT / page.FILE).read_text())
    names = {path.relative_to(ROOT).with_suffix("").as_posix() for path in PATHS}
    assert set(measured["notebooks"]) == names, "run tools/measure_memory.py"


def test_the_script_is_bash():
    script = FILES / "tljh.sh"
    subprocess.run(["bash", "-n", script], check=True)
    done = subprocess.run(["bash", script], capture_output=True, text=True)
    assert done.returncode != 0  # it asks for a name before it does anything
    assert "Name the administrator" in done.stderr
    for name in re.findall(r"tools/hub/\S+\.py", script.read_text()):
        assert (ROOT / name).is_file(), name


def test_what_all_share_is_filled_and_then_only_read(tmp_path, monkeypatch, capsys):
    pytest.importorskip("elpv_dataset")
    monkeypatch.setenv(cache.VARIABLE, str(tmp_path))
    weights = types.SimpleNamespace(name="weights")  # a test fetches nothing
    monkeypatch.setattr(imagenet, "imagenet_network", lambda: weights)
    runpy.run_path(str(FILES / "fill_cache.py"))
    assert capsys.readouterr().out.splitlines()[-1] == "weights"
    for module in (solids, elpv):  # the students' turn
        monkeypatch.setattr(module, "make_folder", None)
    assert {solids.solids_root().parent, elpv.elpv_root().parent} == {tmp_path}


def test_a_link_leads_to_the_notebook_of_the_repository():
    link = page.pull_link(
        "https://hub.example.org", "https://github.com/a/b", "main", CHAPTER
    )
    asked = parse_qs(urlsplit(link).query)
    assert asked["repo"] == ["https://github.com/a/b"]
    assert asked["urlpath"] == [f"lab/tree/b/{CHAPTER}.ipynb"]


def test_a_class_that_names_its_hub_gets_a_button():
    address = repository.hub_url({"BOOK_HUB_URL": "https://hub.example.org/"})
    options = repository.theme_options("https://github.com/a/b", "main", address)
    assert options["launch_buttons"]["jupyterhub_url"] == "https://hub.example.org"
    without = repository.theme_options("https://github.com/a/b", "main")
    assert "jupyterhub_url" not in without["launch_buttons"]
    assert repository.hub_url({"BOOK_HUB_URL": ""}) == ""
    for wrong in ("hub.example.org", "https://", "https://hub.example.org/?a=b"):
        with pytest.raises(ExtensionError, match="BOOK_HUB_URL"):
            repository.hub_url({"BOOK_HUB_URL": wrong})


def test_the_sizes_follow_from_the_figures():
    taken = {"a": 700, "b": 1000, "c": 900}
    measured = {"server": 200, "notebooks": {k: {"all": v} for k, v in taken.items()}}
    notebooks = [Notebook(name, ROOT / f"{name}.ipynb") for name in taken]
    for notebook, seconds in zip(notebooks, (10, 30, 15), strict=True):
        run = {"seconds": seconds, "cores": 2}
        notebook.__dict__["content"] = {"metadata": {"recorded": run}}
    found = page.sizes(measured, notebooks)
    assert (found.most, found.typical) == (1.2, 1.1)
    assert found.limit == 2.0  # 1.2 and 30 % are 1.56
    assert found.guarantee == 1.1
    assert found.cores == pytest.approx(3 * 15 * 2 / 900)
    assert found.students(13.0) == 10
