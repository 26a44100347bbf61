"""What the checker finds in marked programs, in this project, and in damaged ones."""

import ast
from pathlib import Path

import pytest

import bench_review
from notebook_files import ROOT
from review import checker
from review.checker import Folder, check_file, check_path, check_tree
from review.following.follower import Follower
from review.pairs import LOUD, judge, judge_all, note_of
from review.rules import RULES
from review.source import Source

ENOUGH = 107  # of 109
DAMAGED = 300
HANDED_ON = str(ROOT / "helpers/program/handed_on.py")


@pytest.fixture(scope="module")
def outcomes():
    return judge_all(bench_review.CORPUS)


def test_the_marked_slips_are_found_where_they_are_marked(outcomes):
    slips = [o for o in outcomes if o.note]
    missed = [o.name for o in slips if o.verdict != "found"]
    assert len(slips) == 109
    assert len(slips) - len(missed) >= ENOUGH, missed


def test_the_mended_programs_and_the_trap_set_nothing_off(outcomes):
    assert len(outcomes) == 110
    assert [(o.name, f.code) for o in outcomes for f in o.alarms] == []


def test_a_finding_belongs_to_the_note_of_the_slip(outcomes):
    """Two kinds have their rule with another note than the one that is marked.

    Class numbers in the order of a folder stand with note 14, a skipped step that
    leaves its gradients with note 7.
    """
    kin = {"11": {14}, "9": {7}}
    for outcome in (o for o in outcomes if o.hits):
        found = {finding.rule.note for finding in outcome.hits if finding.rule}
        numbers = {note_of(outcome.note), *kin.get(outcome.note, ())}
        assert found & numbers, (outcome.name, found)


def test_a_pair_is_judged_by_its_mark(tmp_path):
    bad, good = tmp_path / "a_bad.py", tmp_path / "a_good.py"
    rule = RULES["NOTE051"]
    lines = rule.slip.splitlines()
    at = next(i for i, line in enumerate(lines) if "softmax" in line)
    marked = list(lines)
    marked[at] += "  # FAULT note 5"
    good.write_text(rule.mended)
    bad.write_text("\n".join(marked))
    assert (judge(bad).verdict, judge(bad).note) == ("found", "5")
    bad.write_text("\n".join([*lines, *[""] * 20, "x = 1  # FAULT note 5"]))
    assert judge(bad).verdict == "missed"
    bad.write_text(rule.slip)
    assert judge(bad).verdict == "false alarm"  # no mark: a trap
    good.write_text(rule.slip)
    bad.write_text("\n".join(marked))
    assert judge(bad).verdict == "false alarm"


@pytest.mark.parametrize("folder", ["helpers", "tools", "review", "book/_ext"])
def test_the_projects_own_code_passes(folder):
    """All of it but the script that is wrong on purpose: a page counts its findings."""
    found = [f for f in check_path(ROOT / folder, LOUD) if f.path != HANDED_ON]
    assert [f"{f.path}:{f.place.line} {f.code}" for f in found] == []


def test_the_checker_finds_out_the_program_handed_on():
    """Note 3 is missing rightly: its block strides twice and its shortcut as far."""
    found = check_path(Path(HANDED_ON), LOUD)
    notes = sorted({f.rule.note for f in found if f.rule})
    assert notes == [2, 5, 7, 9, 10, 11, 14, 15, 17]


def test_damaged_programs_get_an_answer(tmp_path):
    answers = set()
    for suffix, raw in bench_review.mangled(DAMAGED, seed=1):
        path = tmp_path / f"mangled{suffix}"
        path.write_bytes(raw)
        found = check_file(path, Folder(None), RULES)
        assert not any(bench_review.CRASHED in f.text for f in found), raw
        answers.add(any(f.code == checker.UNREADABLE for f in found))
    assert answers == {True, False}, "some are Python still, some are not"


def test_the_work_is_proportional_to_the_length(monkeypatch):
    followers = []

    class Counting(Follower):
        def __init__(self, find_module, budget):
            super().__init__(find_module, budget)
            self.start = budget
            followers.append(self)

    monkeypatch.setattr(checker, "Follower", Counting)
    followed = []
    for lines in (1_000, 4_000):
        text = bench_review.long_program(lines)
        source = Source(Path("long.py"), text)
        check_tree(source, ast.parse(text), Folder(None), RULES)
        followed.append(followers[-1].start - followers[-1].budget)
    assert 0 < followed[1] < 6 * followed[0]
