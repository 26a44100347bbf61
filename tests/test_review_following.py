"""Values and order are followed over functions, classes, cells and files."""

import ast
import json
import textwrap
import tomllib
from pathlib import Path

import pytest

from review.checker import Finding, Folder, check_path, check_tree
from review.rules import RULES
from review.source import Source

PROGRAMS = tomllib.loads(
    Path(__file__).with_name("review_programs.toml").read_text("utf-8")
)
LOUD = [code for code, rule in RULES.items() if rule.severity != "hint"]


def check(text: str, hint: str = "") -> list[Finding]:
    """Ask the loud rules, and the hint of this code if there is one."""
    text = textwrap.dedent(text)
    source = Source(Path("program.py"), text)
    asked = {*LOUD, hint} & set(RULES)
    return check_tree(source, ast.parse(text), Folder(None), sorted(asked))


def codes(findings: list[Finding]) -> list[str]:
    return [finding.code for finding in findings]


def test_a_slip_is_found_in_another_style():
    """And nothing else is."""
    wrong = []
    for case in PROGRAMS["slip"]:
        found = codes(check(case["program"], case["code"]))
        if not found or not all(code.startswith(case["code"]) for code in found):
            wrong.append((case["name"], case["code"], found))
    assert wrong == []


def test_right_code_sets_nothing_off():
    wrong = []
    for case in PROGRAMS["right"]:
        if found := codes(check(case["program"], case.get("code", ""))):
            wrong.append((case["name"], found))
    assert wrong == []


# A training loop spread over two files: the network returns probabilities.
MODEL = """
import torch.nn as nn

class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.fc = nn.Linear(8, 3)

    def forward(self, x):
        return self.fc(x).softmax(1)
"""
TRAIN = """
from torch import nn
from {module} import Net

def loss_of(x, y):
    return nn.CrossEntropyLoss()(Net()(x), y)
"""


def test_modules_may_import_a_name_from_each_other(tmp_path):
    (tmp_path / "one.py").write_text("from two import Net\n")
    (tmp_path / "two.py").write_text("from one import Net\n")
    train = "from one import Net\n\ndef fit(model: Net):\n    model(1)\n"
    (tmp_path / "train.py").write_text(train)
    assert list(check_path(tmp_path, LOUD)) == []


@pytest.mark.parametrize(
    ("name", "module"),
    [
        ("model.py", "model"),
        ("parts/model.py", "parts.model"),
        ("parts/model.py", ".parts.model"),
        ("parts/__init__.py", "parts"),
    ],
)
def test_a_value_is_followed_through_an_import_of_the_folder(tmp_path, name, module):
    (tmp_path / "parts").mkdir()
    (tmp_path / name).write_text(MODEL)
    (tmp_path / "train.py").write_text(TRAIN.format(module=module))
    (found,) = check_path(tmp_path, LOUD)
    assert (found.code, Path(found.path)) == ("NOTE051", tmp_path / name)
    assert found.place.line == 10


def test_a_single_file_knows_nothing_of_its_imports(tmp_path):
    (tmp_path / "model.py").write_text(MODEL)
    (tmp_path / "train.py").write_text(TRAIN.format(module="model"))
    assert list(check_path(tmp_path / "train.py", LOUD)) == []


def test_files_that_import_each_other_come_to_an_end(tmp_path):
    (tmp_path / "a.py").write_text("from b import f\ndef g(x):\n    return f(x)\n")
    (tmp_path / "b.py").write_text("from a import g\ndef f(x):\n    return g(x)\n")
    assert list(check_path(tmp_path, LOUD)) == []


def notebook(*cells: str) -> str:
    """A notebook with a text cell in front and these code cells."""
    made = [{"cell_type": "markdown", "source": "# A title", "metadata": {}}]
    for code in cells:
        lines = textwrap.dedent(code).strip("\n").splitlines(keepends=True)
        made.append({"cell_type": "code", "source": lines, "metadata": {}})
    return json.dumps({"cells": made, "nbformat": 4, "nbformat_minor": 5})


def test_a_value_is_followed_from_cell_to_cell(tmp_path):
    path = tmp_path / "train.ipynb"
    path.write_text(
        notebook(
            "%matplotlib inline\nimport torch.nn.functional as F\n!nvidia-smi",
            "def probabilities(logits):\n    return F.softmax(logits, 1)",
            """
            %%time
            def loss_of(logits, y):
                p = probabilities(logits)
                return F.cross_entropy(p, y)
            """,
        )
    )
    (found,) = check_path(path, LOUD)
    assert (found.code, found.place.cell, found.place.line) == ("NOTE051", 3, 2)
    assert "in cell 4, line 4" in found.text


def test_the_order_of_cells_decides_which_definition_counts(tmp_path):
    cells = (
        "import torch.nn.functional as F\ndef head(z):\n    return F.softmax(z, 1)",
        "first = F.cross_entropy(head(z), y)",
        "def head(z):\n    return z",
        "second = F.cross_entropy(head(z), y)",
    )
    path = tmp_path / "heads.ipynb"
    path.write_text(notebook(*cells))
    (found,) = check_path(path, LOUD)
    assert "in cell 3, line 1" in found.text
    path.write_text(notebook(cells[0], cells[2], cells[1], cells[3]))
    assert list(check_path(path, LOUD)) == []


def test_a_cell_that_is_no_python_is_named_and_the_others_are_checked(tmp_path):
    path = tmp_path / "broken.ipynb"
    path.write_text(notebook("def f(:", "import torch", "torch.cuda.amp.autocast()"))
    unreadable, old = check_path(path, LOUD)
    assert (unreadable.code, unreadable.place.cell) == ("NOTE000", 2)
    assert (old.code, old.place.cell) == ("NOTE094", 4)


@pytest.mark.parametrize(
    "cell",
    [
        "cd ../src",
        "pip install timm",
        "# keeps the tab alive\n%%javascript\nvar ping = setInterval(click, 60000);",
        "\n  images = 3\n\n  print(images)",
    ],
)
def test_a_cell_that_ipython_runs_is_no_trouble(tmp_path, cell):
    path = tmp_path / "cells.ipynb"
    path.write_text(notebook(cell, "import torch", "torch.cuda.amp.autocast()"))
    assert [f.code for f in check_path(path, LOUD)] == ["NOTE094"]


def test_lines_that_are_never_reached_are_no_trouble():
    text = """
    import torch
    for batch in batches:
        print(batch)
        break
        outputs = batch
        print(outputs)
    torch.cuda.amp.autocast()
    """
    assert codes(check(text)) == ["NOTE094"]


def test_a_loader_taken_out_by_phase_is_none_in_particular():
    """Whether it is trained on is not known, so the other must not be taken for it."""
    text = """
    import torch
    from torch.utils.data import DataLoader
    from torchvision import transforms
    from torchvision.datasets import ImageFolder

    chance = transforms.Compose([transforms.RandomCrop(32), transforms.ToTensor()])
    train_loader = DataLoader(ImageFolder("train", chance), 32, shuffle=True)
    val_loader = DataLoader(ImageFolder("val", chance), 32)
    loaders = {"train": train_loader, "val": val_loader}
    for phase in ("train", "val"):
        model.train(phase == "train")
        for x, y in loaders[phase]:
            optimizer.zero_grad()
            with torch.set_grad_enabled(phase == "train"):
                loss = criterion(model(x), y)
                if phase == "train":
                    loss.backward()
                    optimizer.step()
    """
    found = [finding for finding in check(text) if finding.code == "NOTE921"]
    assert [finding.place.line for finding in found] == [9]


STEP = """
import torch

def train(model, loader, optimizer, criterion{more}):
    for x, y in loader:
        optimizer.zero_grad()
        loss = criterion(model(x), y)
        {first}
        {second}
        optimizer.step()
"""


@pytest.mark.parametrize("more", ["", ", helper"])
def test_the_order_is_that_of_the_round_and_not_of_the_lines(more):
    clip = "torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)"
    right = STEP.format(more=more, first="loss.backward()", second=clip)
    wrong = STEP.format(more=more, first=clip, second="loss.backward()")
    assert codes(check(right)) == []
    assert codes(check(wrong)) == ["NOTE081"]


def test_an_argument_decides_which_branch_is_taken():
    text = """
    import torch

    def run(model, loader, optimizer=None):
        if optimizer is None:
            {mode}
        for x, y in loader:
            with torch.set_grad_enabled(optimizer is not None):
                loss = torch.nn.functional.cross_entropy(model(x), y)
            if optimizer is not None:
                optimizer.zero_grad()
                loss.backward()
                optimizer.step()

    def main(model, train, val):
        sgd = torch.optim.SGD(model.parameters(), 0.1)
        for epoch in range(3):
            model.train()
            run(model, train, sgd)
            run(model, val)
    """
    assert codes(check(text.replace("{mode}", "model.eval()"))) == []
    assert codes(check(text.replace("{mode}", "print(1)"))) == ["NOTE101"]


@pytest.mark.parametrize(
    ("call", "found"),
    [
        ("getattr(model, mode)()", []),
        ("getattr(model, 'eval')()", []),
        ("getattr(loader, mode)()", ["NOTE101"]),
        ("getattr(model, mode)(loader)", ["NOTE101"]),  # no mode takes a loader
    ],
)
def test_a_mode_whose_name_is_a_variable(call, found):
    text = f"""
    import torch

    def run(model, loader, mode="eval"):
        {call}
        for x, y in loader:
            with torch.no_grad():
                loss = torch.nn.functional.cross_entropy(model(x), y)

    def main(model, train, val):
        sgd = torch.optim.SGD(model.parameters(), 0.1)
        for epoch in range(3):
            model.train()
            for x, y in train:
                sgd.zero_grad()
                torch.nn.functional.cross_entropy(model(x), y).backward()
                sgd.step()
            run(model, val)
    """
    assert codes(check(text)) == found


def test_what_comes_from_outside_is_not_judged():
    text = """
    import torch
    from elsewhere import {name}

    def train(model, loader, optimizer):
        for x, y in loader:
            loss = torch.nn.functional.cross_entropy(model(x), y)
            loss.backward()
            optimizer.step()
            {name}({given})
    """
    assert codes(check(text.format(name="finish", given="optimizer"))) == []
    assert codes(check(text.format(name="log", given="x"))) == ["NOTE092"]


def test_every_kind_of_pattern_can_be_matched():
    text = """
    import torch.nn.functional as F

    def loss_of(kind, z, y):
        match kind:
            case None | True | "plain" | 1:
                p = F.softmax(z, 1)
            case {"a": _, **rest} | [_, *rest] | str() as rest:
                p = F.softmax(z, 1)
        return F.cross_entropy(p, y)
    """
    assert codes(check(text)) == ["NOTE051"]


TWO_FOLDERS = """
    from torchvision.datasets import ImageFolder

    def score(net, loader, known):
        test = ImageFolder("test")
        number = {numbers}
        return [(number[y], net(x)) for x, y in loader(test)]

    def main(net, loader):
        print(score(net, loader, ImageFolder("train").class_to_idx))
"""


@pytest.mark.parametrize(
    ("numbers", "silent"),
    [
        ("list(range(len(test.classes)))", False),
        ("[known[name] for name in test.classes]", True),
        ("{test.class_to_idx[c]: known[c] for c in test.class_to_idx}", True),
        ("[name.lower() for name in test.classes]", False),
    ],
)
def test_folders_whose_numbers_are_translated_need_no_comparison(numbers, silent):
    text = textwrap.dedent(TWO_FOLDERS).replace("{numbers}", numbers)
    source = Source(Path("score.py"), text)
    found = check_tree(source, ast.parse(text), Folder(None), ["NOTE011"])
    assert (found == []) == silent


def test_a_loss_is_said_to_be_kept_where_it_is_handed_on():
    (case,) = [c for c in PROGRAMS["slip"] if c["name"].startswith("a meter keeps")]
    (finding,) = check(case["program"])
    line = case["program"].splitlines()[finding.place.line - 1]
    assert line.strip() == "meter.update(objective, n=len(x))"


# --- one fault, one finding -----------------------------------------------------------


def test_a_block_is_found_fault_with_once_however_often_it_is_used():
    """The sum stands in a base class, and two instances are made elsewhere."""
    found = check("""
        from torch import nn
        class Residual(nn.Module):
            def __init__(self, a, b, stride):
                super().__init__()
                self.short = nn.Conv2d(a, b, 1, stride)
            def forward(self, x):
                return self.branch(x) + self.short(x)
        class Block(Residual):
            def __init__(self, a, b, stride=1):
                super().__init__(a, b, stride)
                self.conv1 = nn.Conv2d(a, b, 3, stride, 1, bias=False)
                self.conv2 = nn.Conv2d(b, b, 3, stride, 1, bias=False)
            def branch(self, x):
                return self.conv2(self.conv1(x))
        def network():
            return nn.Sequential(Block(3, 8, 2), Block(8, 16, 2))
    """)
    assert [(f.code, f.place.line) for f in found] == [("NOTE031", 13)]


def test_global_outside_of_functions_changes_nothing():
    program = next(iter(PROGRAMS["slip"]))
    code, text = program["code"], program["program"]
    assert codes(check(f"global best\nbest = 0\n{text}")) == [code]
