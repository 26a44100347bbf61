"""What a rule is, and how it is written down.

A rule reads one trace (:class:`review.events.Run`) and yields what it finds: the node,
the frame it stands in, and one sentence that says what happens there and how that is
known. Its code says the note: ``NOTE051`` is note 5, rule 1. The unnumbered parts of
the program count from 90: 90 magic numbers, 91 normalisation, 92 crops, 96 early
stopping. Its words, severity and example stand in ``catalogue.toml``, and
its page, where that isn't the page of the note.
"""

import ast
import re
import tomllib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from importlib.resources import files
from pathlib import PurePath
from typing import Literal

from .events import Event, Run
from .values import Frame

Severity = Literal["error", "warning", "hint"]
MEANING = {
    "error": "the result is wrong, or the program stops",
    "warning": "wrong in most contexts",
    "hint": "worth a look; off unless asked for",
}
Hit = tuple[ast.AST, Frame, str]
Hits = Iterator[Hit]

PAGES = {
    1: "notebooks/01_imagefolder_layout",
    2: "notebooks/02_dataloader_workers",
    3: "notebooks/03_strided_first_conv",
    4: "notebooks/04_projection_shortcut",
    5: "notebooks/05_cross_entropy_takes_logits",
    6: "notebooks/06_scheduler_steps_per_epoch",
    7: "notebooks/07_nan_gradient_check",
    8: "notebooks/08_gradient_clipping",
    9: "notebooks/09_loss_scaling",
    10: "notebooks/10_collect_every_prediction",
    11: "notebooks/11_class_order",
    12: "notebooks/12_gradcam_last_conv",
    13: "notebooks/13_retain_graph",
    14: "notebooks/14_dataset_fingerprint",
    15: "notebooks/15_dali_gpu_decode",
    16: "notebooks/16_compile_first_call",
    17: "notebooks/17_compile_warmup",
    90: "book/magic-numbers",
    91: "book/normalisation",
    92: "book/random_crops",
    95: "book/export_to_onnx",
    96: "book/early_stopping",
}


@dataclass(frozen=True)
class Rule:
    """One rule.

    Attributes:
        code: ``NOTE``, two digits for the note, one for the rule.
        severity: see ``MEANING``.
        title: what is wrong, in a few words.
        why: one or two sentences on what happens.
        instead: one sentence on what to write.
        slip: a program that the rule finds something in.
        mended: the same program without the slip.
        check: yields the findings of one trace.
        page: the page of the book that tells about it, without its suffix.
    """

    code: str
    severity: Severity
    title: str
    why: str
    instead: str
    slip: str
    mended: str
    check: Callable[[Run], Hits]
    page: str

    @property
    def note(self) -> int:
        """The note it belongs to; from 90 for the unnumbered parts."""
        return int(self.code[4:6])


# Around the file of a place, until it is known in which file the finding stands.
BESIDE = "\0"
PLACED = re.compile(r"\0(?P<path>[^\0]*)\0(?P<where>(cell \d+, )?line \d+)")

RULES: dict[str, Rule] = {}
_WORDS = tomllib.loads((files(__package__) / "catalogue.toml").read_text("utf-8"))


def rule(code: str) -> Callable[[Callable[[Run], Hits]], Callable[[Run], Hits]]:
    """Register a function as the rule of this code in the catalogue."""

    def register(check: Callable[[Run], Hits]) -> Callable[[Run], Hits]:
        words = _WORDS[code]
        RULES[code] = Rule(
            code,
            words["severity"],
            words["title"],
            " ".join(words["why"].split()),
            " ".join(words["instead"].split()),
            words["slip"],
            words["mended"],
            check,
            words.get("page", PAGES[int(code[4:6])]),
        )
        return check

    return register


def hit(node: ast.AST, frame: Frame, text: str) -> Hit:
    """A finding at a node."""
    return node, frame, text


def at(event: Event, text: str) -> Hit:
    """A finding where an event stands."""
    return event.node, event.frame, text


def line_of(node: ast.AST, frame: Frame) -> str:
    """Say where a node is, for a sentence: ``line 12``, ``cell 3, line 2``."""
    source = frame.module.source
    number = getattr(node, "lineno", 1)
    if source is None:
        return f"line {number}"
    place = source.place(number, 0)
    cell = "" if place.cell is None else f"cell {place.cell}, "
    return f"{BESIDE}{frame.module.path}{BESIDE}{cell}line {place.line}"


def told(sentence: str, path: str) -> str:
    """A sentence as the reader of a file sees it: other files are named.

    >>> told("\0a/model.py\0line 3 gives logits.", "a/train.py")
    'Line 3 of model.py gives logits.'
    """

    def place(match: re.Match[str]) -> str:
        other, where = match["path"], match["where"]
        return where if other == path else f"{where} of {PurePath(other).name}"

    text = PLACED.sub(place, sentence)
    return text[0].upper() + text[1:] if sentence.startswith(BESIDE) else text
