"""Every rule finds its own slip and is silent when it is mended."""

import ast
import re
from pathlib import Path

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


MENDED = {code: found_in("NOTE", rule.mended) for code, rule in sorted(RULES.items())}


def test_a_rule_finds_its_slip_and_nothing_when_it_is_mended():
    slips = [code for code, rule in RULES.items() if not found_in(code, rule.slip)]
    assert slips == [], "slips that are not found"
    assert [code for code, found in MENDED.items() if code in found] == [], "not silent"


def test_no_other_rule_complains_about_the_mended_program():
    loud = {code for code, rule in RULES.items() if rule.severity != "hint"}
    others = {code: ({*found} & loud) - {code} for code, found in MENDED.items()}
    assert {code: found for code, found in others.items() if found} == {}


def is_complete(code: str) -> bool:
    """Whether a rule has all its words, in the form that the formats expect."""
    rule = RULES[code]
    told = explain(rule, "")
    return (
        re.fullmatch(r"NOTE\d{3}", code) is not None
        and rule.severity in MEANING
        and rule.note in PAGES
        and not rule.title.endswith(".")
        and rule.why.endswith(".")
        and rule.instead.endswith(".")
        and rule.slip != rule.mended
        and all(part in told for part in (code, rule.why, rule.instead, rule.page))
    )


def test_the_words_of_a_rule_are_complete():
    assert [code for code in RULES if not is_complete(code)] == []


def test_every_rule_of_the_catalogue_exists():
    from review.rule import _WORDS

    assert set(_WORDS) == set(RULES)


def test_every_note_has_a_rule():
    assert {rule.note for rule in RULES.values()} >= set(range(1, 18))
