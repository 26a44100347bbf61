"""Every rule finds its own slip and is silent when it is mended."""

import ast
import re
from pathlib import Path

import pytest

from review.checker import Folder, check_tree
from review.formats import explain
from review.rule import MEANING, PAGES
from review.rules import RULES
from review.source import Source


def found_in(code: str, text: str, path: str = "example.py") -> list[str]:
    """The codes that rules find in a text, hints too."""
    findings = check_tree(
        Source(Path(path), text), ast.parse(text), Folder(None), RULES
    )
    return [finding.code for finding in findings if finding.code.startswith(code)]


@pytest.mark.parametrize("code", sorted(RULES))
def test_a_rule_finds_its_slip_and_nothing_when_it_is_mended(code):
    rule = RULES[code]
    assert found_in(code, rule.slip), "the slip is not found"
    assert not found_in(code, rule.mended), "the mended program is not silent"


@pytest.mark.parametrize("code", sorted(RULES))
def test_no_other_rule_complains_about_the_mended_program(code):
    codes = [c for c in found_in("NOTE", RULES[code].mended) if c != code]
    assert [c for c in codes if RULES[c].severity != "hint"] == []


@pytest.mark.parametrize("code", sorted(RULES))
def test_the_words_of_a_rule_are_complete(code):
    rule = RULES[code]
    assert re.fullmatch(r"NOTE\d{3}", code)
    assert rule.severity in MEANING
    assert rule.note in PAGES
    assert not rule.title.endswith(".")
    assert rule.why.endswith(".")
    assert rule.instead.endswith(".")
    assert rule.slip != rule.mended
    told = explain(rule, "")
    for part in (code, rule.why, rule.instead, rule.page):
        assert part in told


def test_every_rule_of_the_catalogue_exists():
    from review.rule import _WORDS

    assert set(_WORDS) == set(RULES)


def test_every_note_has_a_rule():
    assert {rule.note for rule in RULES.values()} >= set(range(1, 18))
