"""Each rule of the rulebook: a log that breaks it is found out, where it breaks it, and told what was expected."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from paperlog import replay, simulated
from replayglass.domains.paper.rulebook import RULES
from replayglass.record import Severity
from replayglass.rule import Rule
from rulecases import IDS, TICKS
from sites import AUDIT, LOGS, PAPER, SNAPSHOTS, records
from snapshotcases import CASES as LEDGERS

if TYPE_CHECKING:
    from pathlib import Path

    from rulelogs import Case

CASES = [*TICKS, *IDS, *LEDGERS]
DAMAGED = sorted(path for path in (PAPER / "bad").iterdir() if path.is_dir())
EXPECTED_AND_FOUND = re.compile(r".*\b[Ee]xpected .+\bfound .+\.", re.DOTALL)

on_every_case = pytest.mark.parametrize("case", CASES, ids=lambda case: case.broken.code)


@on_every_case
def test_a_broken_rule_is_found_where_it_is_broken(case: Case) -> None:
    """A log that breaks a rule has the rule's finding at that record, its severity, and no finding of another rule."""
    findings = replay(case.audit, case.snapshots, redacted=case.redacted).findings
    found = [(own.code, own.severity.value, own.stream, own.seq) for own in findings]
    if case not in IDS:
        found = [own for own in found if not own[0].startswith("identity.")]
    wanted = (case.broken.code, case.broken.severity.value, case.stream, case.seq)
    assert sorted(found) == sorted([wanted, *case.others])


@on_every_case
def test_a_finding_says_what_was_expected_and_what_was_found(case: Case) -> None:
    """The message names both, what was expected first."""
    findings = replay(case.audit, case.snapshots, redacted=case.redacted).findings
    said = next(own.message for own in findings if (own.code, own.seq) == (case.broken.code, case.seq))
    assert case.said[0] in said
    assert case.said[1] in said.partition(case.said[0])[2]
    assert EXPECTED_AND_FOUND.fullmatch(said)


@pytest.mark.parametrize("log", DAMAGED, ids=lambda log: log.name)
def test_findings_of_damaged_logs_say_both_too(log: Path) -> None:
    """However a rule is broken in the damaged logs, its message names what was expected and what was found."""
    findings = replay(records(log / AUDIT), records(log / SNAPSHOTS)).findings
    said = [own.message for own in findings if own.code in {rule.code for rule in RULES}]
    assert [message for message in said if not EXPECTED_AND_FOUND.fullmatch(message)] == []


def test_every_rule_has_its_case() -> None:
    """The table of cases is the rulebook: each rule once."""
    assert sorted(case.broken.code for case in CASES) == sorted(rule.code for rule in RULES)
    assert len({rule.code for rule in RULES}) == len(RULES)


def test_every_rule_says_what_holds_and_from_where() -> None:
    """A rule is a sentence with the sections of the semantics that it follows from."""
    for rule in RULES:
        assert rule.holds.endswith("."), rule.code
        assert re.fullmatch(r"\d+(?:, \d+)*", rule.source), rule.code


def test_what_a_lost_record_may_explain_is_a_warning_at_most() -> None:
    """An error that is uncertain is a warning and says why; a warning or an info stays what it is."""
    for severity, uncertain in ((Severity.WARNING, Severity.WARNING), (Severity.INFO, Severity.INFO)):
        rule = Rule("a.b", severity, "Holds.", "6")
        assert rule.broken("Words.", uncertain=True) == rule.broken("Words.") == ("a.b", uncertain, "Words.")
    rule = Rule("a.b", Severity.ERROR, "Holds.", "6")
    assert rule.broken("Words.") == ("a.b", Severity.ERROR, "Words.")
    explained = ("a.b", Severity.WARNING, "Words. A damaged record before it may be the cause.")
    assert rule.broken("Words.", uncertain=True) == explained


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 2**32), st.integers(1, 400))
def test_simulated_logs_break_no_rule(seed: int, events: int) -> None:
    """What the runtime writes has no finding that is an error or a warning, whatever the run."""
    findings = replay(*simulated(events, seed)).findings
    assert [own for own in findings if own.severity is not Severity.INFO] == []


@pytest.mark.parametrize("log", LOGS, ids=lambda log: log.name)
def test_recorded_logs_break_no_rule(log: Path) -> None:
    """What the original runtime wrote breaks no rule of the rulebook, but for a decision that feedback made up."""
    found = {own.code for own in replay(records(log / AUDIT), records(log / SNAPSHOTS)).findings}
    infos = {"duplicate.identical", "ledger.same-execution"}
    assert found & {rule.code for rule in RULES} <= {*infos, "replay.feedback-unknown-decision"}
