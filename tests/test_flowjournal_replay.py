"""Journals are executed as the runs that they are of; what is out of order is said and does not stop the rest."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from flowruns import SCENARIOS, Scenario
from replayglass.domains.flow.decode import read_journal
from replayglass.domains.flow.journal import MAX_MISSING, Replay
from replayglass.domains.flow.lines import BeatLine, HeaderLine, IntentLine, encode_line
from replayglass.domains.flow.rules import RULES_1
from replayglass.record import Batch

if TYPE_CHECKING:
    from collections.abc import Iterable

    from replayglass.domains.flow.rules import Rules
    from replayglass.record import Finding

HEADER = {"type": "header", "version": 1, "rules": 1, "name": "n", "origin": None}


def beat(number: object) -> dict[str, Any]:
    """Return a beat line."""
    return {"type": "beat", "beat": number}


def intent(number: int, txn: str = "t") -> dict[str, Any]:
    """Return an intent line."""
    fields = {"kind": "policy", "id": "pol.a"}
    return {"type": "intent", "beat": number, "bucket": "fl_upsert", "txn": txn, "fields": fields}


class Played:
    """A journal of lines, executed to its end: the machine, the numbers of its beats, the findings."""

    def __init__(self, *lines: dict[str, Any] | bytes, rules: Rules | None = None) -> None:
        raws = [line if isinstance(line, bytes) else json.dumps(line).encode() for line in lines]
        batch = Batch("flow-journal", "flow/journal.ndjson", 0, raws, range(1, len(raws) + 1), [0] * len(raws))
        self.found: list[Finding] = []
        self.replay = Replay(self.found.append, rules)
        self.beats = []
        self.outcomes = {}
        for place, item in read_journal([batch], self.found.append):
            for step in self.replay.take(item, place):
                self.beats.append(step.number)
                self.outcomes.update({one.txn: step.number for one in step.beat.outcomes})

    @property
    def findings(self) -> list[tuple[str, int | None]]:
        """Codes and lines of what was found."""
        return [(finding.code, finding.line) for finding in self.found]

    @property
    def rules(self) -> int:
        """The version of the rules that were followed."""
        return self.replay.flow.rules.version


def journal_of(scenario: Scenario) -> Iterable[bytes]:
    """Yield a recorded run as the lines of a journal."""
    yield encode_line(HeaderLine(1, 1, "recorded", None))
    for number in range(scenario.beats):
        for one in scenario.intents:
            if one["submit_beat"] == number:
                yield encode_line(IntentLine(number, one["bucket"], one["txn"], one["fields"]))
        yield encode_line(BeatLine(number))


@pytest.mark.parametrize("name", SCENARIOS)
def test_recorded_run_as_a_journal(name: str) -> None:
    """A recorded run that is written as a journal gives, after every beat, the recorded state; fatal beats count."""
    scenario, found = Scenario(name), list[object]()
    raws = [line[:-1] for line in journal_of(scenario)]
    batch = Batch("flow-journal", "flow/journal.ndjson", 0, raws, range(1, len(raws) + 1), [0] * len(raws))
    replay, dumps = Replay(found.append), []
    for place, item in read_journal([batch], found.append):
        dumps += [replay.flow.dump() for _ in replay.take(item, place)]
    assert dumps == [json.loads(dump) for dump in scenario.dumps]
    assert found == []
    assert replay.header == HeaderLine(1, 1, "recorded", None)


def test_what_is_in_order() -> None:
    """Intents before a beat line are executed in the beat after it; nothing is found."""
    played = Played(HEADER, intent(0, "a"), beat(0), intent(1, "b"), beat(1), beat(2))
    assert played.findings == []
    assert played.beats == [0, 1, 2]
    assert played.outcomes == {"a": 1, "b": 2}


def test_a_lost_beat_is_executed() -> None:
    """Beats whose lines are lost are executed before the next line, with a finding there."""
    played = Played(HEADER, beat(0), b"{", intent(2), beat(2), beat(5))
    assert played.findings == [("json.incomplete", 3), ("flow.beat-missing", 4), ("flow.beat-missing", 6)]
    assert played.beats == [0, 1, 2, 3, 4, 5]
    assert "must be 1 here, found 2" in played.found[1].message


def test_a_repeated_beat_is_not_executed_again() -> None:
    """A beat line of an earlier beat is left, an intent of an earlier beat is submitted where it stands."""
    played = Played(HEADER, beat(0), beat(0), intent(0), beat(1), beat(2))
    assert played.findings == [("flow.beat-backwards", 3), ("flow.beat-backwards", 4)]
    assert played.beats == [0, 1, 2]
    assert played.outcomes == {"t": 2}
    assert "must be 1 here, found 0" in played.found[0].message


def test_a_beat_without_a_number_is_one() -> None:
    """A beat line is executed although its number cannot be read."""
    played = Played(HEADER, beat(0), beat("x"), beat(2))
    assert played.findings == [("flow.field-type", 3)]
    assert played.beats == [0, 1, 2]


def test_a_number_alone_makes_no_work() -> None:
    """No more than 4096 lost beats are executed; beyond, a line counts as the next one, and each jump is told once."""
    far = 2**53 - 1
    played = Played(
        HEADER, beat(far), beat(1), intent(far, "t"), beat(2 + MAX_MISSING), beat(9000), beat(9001), beat(9002)
    )
    assert played.findings == [("flow.beat-missing", line) for line in (2, 4, 5, 6)]
    assert played.beats == list(range(2 + MAX_MISSING + 4))


def test_a_journal_without_header() -> None:
    """Without a header rules 2 are followed, and the first line that needs one says so."""
    for line in (intent(0), beat(0), beat(None)):
        played = Played(b"garbage", line, HEADER)
        assert ("flow.header-missing", 2) in played.findings
        assert played.findings[-1] == ("flow.header-repeated", 3)
        assert played.rules == 2
        assert played.replay.header is None
    assert Played(b"garbage", {"type": "intent"}, HEADER, beat(0)).rules == 1


def test_a_second_header_is_not_used() -> None:
    """Only the first header counts."""
    played = Played(HEADER, beat(0), {**HEADER, "rules": 2})
    assert played.findings == [("flow.header-repeated", 3)]
    assert played.rules == 1


def test_a_damaged_header() -> None:
    """Of a header that is not valid the rules count if they can be read, and no other header is missed."""
    for damage, rules in (({"version": 7}, 1), ({"rules": 7}, 2)):
        played = Played({**HEADER, **damage}, beat(0))
        assert [line for _, line in played.findings] == [1]
        assert played.rules == rules


def test_the_caller_may_choose_the_rules() -> None:
    """Rules that are asked for go before those of the header."""
    assert Played({**HEADER, "rules": 2}, beat(0), rules=RULES_1).rules == 1
    assert Played(rules=RULES_1).rules == 1
