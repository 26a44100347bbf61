"""The exercise in pairs: seven faults that raise no error, and the key to them."""

import difflib
import importlib.util
import os
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType

import pytest
import torch
from torch import nn

from built_book import ROOT, page
from review.checker import check_path
from review.rules import LOUD, RULES
from seventeen import pair

FOLDER = ROOT / pair.FOLDER
FAULTS = pair.read(ROOT)
CLASSES = ["dent", "good", "scratch", "stain"]
FLAWED, MENDED = (
    [line.strip() for line in (FOLDER / name).read_text("utf-8").splitlines()]
    for name in (pair.SCRIPT, pair.MENDED)
)


def load(name: str) -> ModuleType:
    """Import a script, and make its pictures and its run small."""
    spec = importlib.util.spec_from_file_location(
        name.removesuffix(".py"), FOLDER / name
    )
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    module.SIZE, module.WORKERS, module.EPOCHS, module.BATCH = 32, 0, 2, 4
    module.DEVICE = "cpu"
    return module


@pytest.fixture
def parts(make_images, tmp_path, monkeypatch):
    """Return a folder of pictures such as the scripts are for."""
    for split in ("train", "val"):
        make_images(f"parts/{split}", CLASSES)
    monkeypatch.chdir(tmp_path)
    return tmp_path / "parts"


# --- the key ---------------------------------------------------------------------


def test_there_are_seven_faults_of_seven_notes() -> None:
    assert len({fault.note for fault in FAULTS}) == len(FAULTS) == 7
    assert 60 <= len(FLAWED) <= 90


def test_the_key_names_every_difference_and_nothing_else() -> None:
    changed = {
        (mark, line[2:])
        for line in difflib.ndiff(FLAWED, MENDED)
        if (mark := line[0]) in "-+"
    }
    known = {fault.line for fault in FAULTS}
    instead = {line for fault in FAULTS for line in fault.instead}
    for mark, line in changed:
        assert line in known | instead, line
        assert mark == "+" or line not in MENDED or line in instead, line
    for fault in FAULTS:
        assert FLAWED[fault.number - 1] == fault.line
        assert any(("+", line) in changed for line in fault.instead), fault.note
        start = MENDED.index(fault.instead[0])
        assert MENDED[start : start + len(fault.instead)] == list(fault.instead)


def test_the_checker_finds_what_the_key_says_and_nothing_else() -> None:
    found = {(f.place.line, f.code) for f in check_path(FOLDER / pair.SCRIPT, RULES)}
    assert found == {(fault.number, fault.rule) for fault in FAULTS if fault.rule}
    assert not list(check_path(FOLDER / pair.MENDED, RULES))
    for fault in FAULTS:
        assert not fault.rule or RULES[fault.rule].note == fault.note


def test_the_page_counts_what_the_checker_finds() -> None:
    """It says: five of the seven, a sixth with hints."""
    loud = [f for f in check_path(FOLDER / pair.SCRIPT, LOUD)]
    every = [f for f in check_path(FOLDER / pair.SCRIPT, RULES)]
    assert (len(loud), len(every)) == (5, 6)


def test_a_key_that_names_no_line_is_refused(tmp_path) -> None:
    folder = tmp_path / pair.FOLDER
    folder.mkdir(parents=True)
    (folder / pair.SCRIPT).write_text("x = 1\nx = 1\n", "utf-8")
    fault = "- {note: 1, line: x = 1, costs: much, instead: [x = 2]}\n"
    (folder / pair.KEY).write_text(fault, "utf-8")
    with pytest.raises(ValueError, match="must hold this line once: x = 1"):
        pair.read(tmp_path)


def test_the_key_is_on_the_page_and_folded(pages) -> None:
    soup = page(pages, "book/teaching.html")
    terms = [term.get_text().strip() for term in soup.select("details dl.pair-key dt")]
    assert terms == [f"Line {fault.number}: {fault.line}" for fault in FAULTS]
    downloads = [str(link["href"]) for link in soup.select("a.download[href]")]
    assert [name.rpartition("/")[2] for name in downloads] == [pair.SCRIPT, pair.MENDED]


# --- the scripts -------------------------------------------------------------------


@dataclass
class Ran:
    """What was seen of a run: the rate at its end, the report, what is on the disk."""

    rate: float
    classes: list[str]
    keys: set[str]


def run(script: ModuleType, parts: Path, capsys, monkeypatch) -> Ran:
    """Run a script on a folder."""
    made = []

    class SGD(torch.optim.SGD):
        def __init__(self, *settings, **named) -> None:
            super().__init__(*settings, **named)
            made.append(self)

    monkeypatch.setattr(script.optim, "SGD", SGD)
    script.main(parts)
    first = [line.split()[0] for line in capsys.readouterr().out.splitlines() if line]
    assert first[:2] == ["0:", "1:"]
    (optimizer,) = made
    return Ran(
        optimizer.param_groups[0]["lr"],
        [word for word in first if word in CLASSES],
        set(torch.load("defects.pt")),
    )


@pytest.mark.filterwarnings("ignore:Precision is ill-defined")
def test_both_run_without_an_error_and_one_is_wrong(parts, capsys, monkeypatch) -> None:
    """Its schedule does not end, and its report gives the scores to other classes."""
    flawed, mended = (
        run(load(name), parts, capsys, monkeypatch)
        for name in (pair.SCRIPT, pair.MENDED)
    )
    assert flawed.keys == mended.keys == {"network", "classes", "data"}
    assert flawed.rate > 0.02
    assert mended.rate == pytest.approx(0)
    assert mended.classes == CLASSES
    assert flawed.classes != CLASSES
    assert sorted(flawed.classes) == CLASSES


def test_a_network_that_ends_in_a_softmax() -> None:
    sums = {}
    for name in (pair.SCRIPT, pair.MENDED):
        network = load(name).Classifier(4).eval()
        sums[name] = network(torch.zeros(2, 3, 32, 32)).sum(dim=1)
    assert torch.allclose(sums[pair.SCRIPT], torch.ones(2))
    assert not torch.allclose(sums[pair.MENDED], torch.ones(2))


def test_a_picture_that_changes_its_class(parts) -> None:
    """Only the mended fingerprint sees the last of a class move to the next."""
    changes = {}
    for name in (pair.SCRIPT, pair.MENDED):
        script = load(name)
        before = script.fingerprint(parts)
        source = parts / "train" / "dent" / "5.jpg"
        moved = parts / "train" / "good" / "-.jpg"  # the first of its class
        os.rename(source, moved)
        changes[name] = script.fingerprint(parts) != before
        os.rename(moved, source)
    assert changes == {pair.SCRIPT: False, pair.MENDED: True}


def test_a_missing_class(parts) -> None:
    (parts / "val" / "dent").rename(parts / "elsewhere")
    load(pair.SCRIPT).make_loaders(parts)
    with pytest.raises(AssertionError):
        load(pair.MENDED).make_loaders(parts)


def test_an_evaluation_that_changes_the_network(parts) -> None:
    changed = {}
    for name in (pair.SCRIPT, pair.MENDED):
        script = load(name)
        _, loader = script.make_loaders(parts)
        network = script.Classifier(4)
        before = {key: it.clone() for key, it in network.state_dict().items()}
        script.evaluate(network, loader)
        changed[name] = any(
            not torch.equal(it, before[key]) for key, it in network.state_dict().items()
        )
    assert changed == {pair.SCRIPT: True, pair.MENDED: False}


def test_a_step_that_was_not_clipped(parts) -> None:
    """Where the gradients are long, one script leaps and the other one steps."""
    lengths = {}
    for name in (pair.SCRIPT, pair.MENDED):
        script = load(name)
        loader, _ = script.make_loaders(parts)
        network = Loud()
        before = network.layer.weight.detach().clone()
        optimizer = torch.optim.SGD(network.parameters(), lr=1.0)
        script.train_epoch(network, list(loader)[:1], optimizer)
        lengths[name] = float((network.layer.weight.detach() - before).norm())
    assert lengths[pair.MENDED] <= 5.0 + 1e-3 < lengths[pair.SCRIPT]


class Loud(nn.Module):
    """A network whose gradients are long."""

    def __init__(self) -> None:
        super().__init__()
        self.layer = nn.Linear(3, 4)

    def forward(self, images: torch.Tensor) -> torch.Tensor:
        """Return logits that are much too large."""
        return self.layer(images.mean(dim=(2, 3))) * 1000
