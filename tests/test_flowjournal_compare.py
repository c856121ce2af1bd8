"""The recorded ledger against the re-executed one: every edit is found, with its line and its cell, and no more."""

from __future__ import annotations

import json
from functools import cache
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from replayglass.domains.flow.compare import AHEAD, MAX_SHOWN, MAX_UNCLAIMED, Comparison
from replayglass.domains.flow.decode import read_journal, read_ledger
from replayglass.domains.flow.divergence import Divergence, Kind
from replayglass.domains.flow.intents import AnyIntent, Policy, Program, Start, Variant, intent
from replayglass.domains.flow.journal import Replay
from replayglass.domains.flow.scenario import Size
from replayglass.domains.flow.simulate import Simulation, record, simulate
from replayglass.domains.flow.specs import Decide
from replayglass.record import Batch

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from replayglass.record import Finding

Line = dict[str, Any]


_SIZE = Size(24, 48)


@cache
def recorded(size: Size = _SIZE) -> tuple[tuple[bytes, ...], tuple[bytes, ...]]:
    """Return the journal and the ledger of a simulated run, in lines."""
    journal, ledger = [], []
    for beat in simulate(Simulation(5, size)):
        journal += beat.journal.splitlines()
        ledger += beat.ledger.splitlines()
    return tuple(journal), tuple(ledger)


def lines_of(ledger: Iterable[bytes]) -> list[Line]:
    """Return the lines of a ledger as values."""
    return [json.loads(raw) for raw in ledger]


def batches(stream: str, raws: Iterable[bytes]) -> list[Batch]:
    """Return the lines of a stream as they are read, from line 1 on."""
    listed = list(raws)
    return [
        Batch(
            stream,
            f"flow/{stream[5:]}.ndjson",
            first,
            listed[first : first + 256],
            range(first + 1, first + 257),
            [0] * 256,
        )
        for first in range(0, len(listed), 256)
    ]


class Compared:
    """A journal that was executed, with a ledger beside it."""

    def __init__(self, ledger: Iterable[bytes | Line] | None, journal: Iterable[bytes] | None = None) -> None:
        self.findings: list[Finding] = []
        raws = (
            None if ledger is None else [raw if isinstance(raw, bytes) else json.dumps(raw).encode() for raw in ledger]
        )
        lines = None if raws is None else read_ledger(batches("flow-decisions", raws), self.findings.append)
        self.comparison = Comparison(lines, self.findings.append)
        replay = Replay(self.findings.append)
        for place, item in read_journal(batches("flow-journal", journal or recorded()[0]), self.findings.append):
            for number, beat in replay.take(item, place):
                self.comparison.step(number, beat.verdicts, replay.flow.cell)
        self.comparison.finish()

    @property
    def codes(self) -> list[tuple[str, int | None]]:
        """Codes and lines of what was found."""
        return [(finding.code, finding.line) for finding in self.findings]

    @property
    def first(self) -> Divergence:
        """The first divergence; there is one."""
        assert self.comparison.first is not None
        return self.comparison.first


def place_of(lines: list[Line], **wanted: str) -> int:
    """Return the index of a line in the midst of the ledger, whose beat has several, with these fields."""
    return next(
        at
        for at in range(20, len(lines))
        if all(str(lines[at][name]) == value for name, value in wanted.items())
        and lines[at - 1]["beat"] == lines[at]["beat"] == lines[at + 1]["beat"]
    )


def test_an_untouched_ledger_is_equal() -> None:
    """Each line of an untouched ledger is equal; without one, everything is re-derived; an empty one lacks it all."""
    _, ledger = recorded()
    whole = Compared(ledger)
    assert whole.comparison.status == "equal"
    assert whole.comparison.equal == len(ledger)
    assert whole.findings == []
    assert {line["fate"] for line in lines_of(ledger)} == {"recorded", "replayed", "vetoed", "archived", "expired"}
    derived = Compared(None)
    assert (derived.comparison.status, derived.findings) == ("re-derived", [])
    empty = Compared([])
    assert (empty.comparison.status, empty.first.place) == ("diverged", None)
    assert empty.comparison.counts == {Kind.MISSING: len(ledger)}
    assert {code for code, _ in empty.codes} == {"flow.divergence", "flow.missing-decision"}
    assert empty.findings[-1].message == f"There are {len(ledger)} divergences of this kind; the first 16 are listed."


def put(path: str, value: object) -> Callable[[Line], None]:
    """Return an edit that sets a field of a line."""

    def edit(line: Line) -> None:
        *inner, last = path.split("/")
        node = line
        for name in inner:
            node = node[name]
        if value is None:
            del node[last]
        else:
            node[last] = value

    return edit


EDITS = [
    ("cell/choice", "other", "choice", "other"),
    ("cell/validation/telemetry/score", "0.000001", "validation/telemetry/score", "0.000001"),
    ("cell/validation/fingerprint", "a|b", "validation/fingerprint", "a|b"),
    ("cell/retain", "permanent", "retain", "permanent"),
    ("cell/retain_upto", None, "retain_upto", None),
    ("cell/evidence/state", {"a": "b"}, "evidence/state", '{"a":"b"}'),
    ("cell/validation", "none", "validation", "none"),
    ("cell/policy", {"$link": None}, "policy/$link", "null"),
    ("cell/surplus", "x", "surplus", "x"),
    ("fate", "replayed", "fate", "replayed"),
]


@pytest.mark.parametrize(("path", "value", "field", "found"), EDITS, ids=[edit[0] for edit in EDITS])
def test_an_edited_field(path: str, value: object, field: str, found: str | None) -> None:
    """An edited field is the one divergence, with line and cell, what was expected and what was found."""
    lines = lines_of(recorded()[1])
    at = next(at for at in range(20, len(lines)) if lines[at]["fate"] == "archived")
    before = json.loads(json.dumps(lines[at]))
    put(path, value)(lines[at])
    compared = Compared(lines)
    assert compared.codes == [("flow.divergence", at + 1)]
    first = compared.first
    assert (first.field, first.found, first.instance, first.site) == (field, found, before["instance"], before["site"])
    assert first.beat == before["beat"]
    assert compared.comparison.equal == len(lines) - 1
    node: Any = before if field == "fate" else before["cell"]
    for name in field.split("/"):
        node = node.get(name)
    assert first.expected == (node if isinstance(node, str | None) else json.dumps(node, separators=(",", ":")))
    message = compared.findings[0].message
    assert message.startswith(f"Beat {first.beat}, instance '{first.instance}', site '{first.site}': {field} must be ")


def test_a_missing_line() -> None:
    """A decision that no line records is found where it should stand."""
    lines = lines_of(recorded()[1])
    at = place_of(lines, fate="recorded")
    gone = lines.pop(at)
    compared = Compared(lines)
    next_beat = next(index for index in range(at, len(lines)) if lines[index]["beat"] > gone["beat"])
    assert compared.codes == [("flow.divergence", next_beat + 1)]
    first = compared.first
    assert first[:7] == (Kind.MISSING, gone["beat"], gone["instance"], gone["site"], "fate", "recorded", None)
    assert "the decision was recorded here, but no valid line says so" in compared.findings[0].message
    *head, last = lines_of(recorded()[1])
    at_end = Compared(head)
    assert at_end.codes == [("flow.divergence", len(head))]
    assert (at_end.first.beat, at_end.first.instance) == (last["beat"], last["instance"])


def test_a_damaged_line_records_nothing() -> None:
    """The decision of a line that is not valid is missing, beside the finding about the line."""
    for damage in (b"{", b'{"type":"decision"}'):
        raws = list(recorded()[1])
        raws[30] = damage
        codes = [code for code, _ in Compared(raws).codes if not code.startswith("flow.missing-field")]
        assert codes[-1] == "flow.divergence"
        assert len(codes) == (2 if damage == b"{" else 1)


def test_an_extra_line() -> None:
    """A line that records what was not is found at itself: in a beat, twice, and after the last beat."""
    lines = lines_of(recorded()[1])
    at = place_of(lines, fate="replayed")
    extra = {**lines[at], "instance": "inst.999"}
    doubled = Compared([*lines[:at], lines[at], *lines[at:]])
    assert doubled.first.kind is Kind.EXTRA
    late = {**extra, "beat": 4000}
    compared = Compared([*lines[:at], extra, *lines[at:], late])
    assert compared.codes == [("flow.divergence", at + 1), ("flow.extra-decision", len(lines) + 2)]
    assert compared.first[:7] == (Kind.EXTRA, extra["beat"], "inst.999", extra["site"], "fate", None, "replayed")
    assert compared.comparison.equal == len(lines)
    assert "a decision is recorded as replayed that was not" in compared.findings[0].message


@pytest.mark.parametrize("fate", ["recorded", "replayed", "vetoed", "archived", "expired"])
@pytest.mark.parametrize("shift", [-3, -1, 1, 3])
def test_a_wrong_beat(fate: str, shift: int) -> None:
    """A line among its neighbours with another beat is found as that."""
    lines = lines_of(recorded()[1])
    at = place_of(lines, fate=fate)
    beat = lines[at]["beat"]
    lines[at]["beat"] += shift
    compared = Compared(lines)
    assert compared.codes == [("flow.divergence", at + 1)]
    assert compared.first[:3] == (Kind.WRONG_BEAT, beat, lines[at]["instance"])
    assert compared.first[4:7] == ("beat", str(beat), str(beat + shift))


def test_a_wrong_beat_far_away() -> None:
    """A line with the number of a beat that was compared long ago is found as well, where it stands."""
    lines = lines_of(recorded()[1])
    assert len(lines) > 2 * AHEAD
    beat, lines[-AHEAD // 2]["beat"] = lines[-AHEAD // 2]["beat"], 0
    compared = Compared(lines)
    assert compared.codes == [("flow.divergence", len(lines) - AHEAD // 2 + 1)]
    assert compared.first[4:7] == ("beat", str(beat), "0")


def archived_and_replayed() -> tuple[list[bytes], list[Line]]:
    """Return journal and ledger of an instance that is started again and again after its decision was archived."""
    program = Program("prog.a", (Decide("pol.a", "s", "x"),))
    definitions: list[AnyIntent] = [Policy("pol.a", "archive:2"), program, Variant("var.a", "prog.a")]
    start: list[AnyIntent] = [Start("inst.a", "var.a")]
    script = [definitions, start, start, start, start, []]
    named = [[intent(f"t.{beat}.{at}", one) for at, one in enumerate(asked)] for beat, asked in enumerate(script)]
    written = list(record(named, "archived"))
    return b"".join(beat.journal for beat in written).splitlines(), lines_of(
        b"".join(beat.ledger for beat in written).splitlines()
    )


def test_an_archived_decision_is_compared() -> None:
    """A decision that the live ledger no longer has is replayed from the archive, and compared with that cell."""
    journal, lines = archived_and_replayed()
    fates = [(line["fate"], line["beat"]) for line in lines]
    assert fates == [("recorded", 2), ("replayed", 3), ("replayed", 4), ("archived", 4), ("replayed", 5)]
    whole = Compared(lines, journal)
    assert (whole.comparison.status, whole.comparison.equal) == ("equal", 5)
    lines[-1]["cell"]["choice"] = "y"
    assert Compared(lines, journal).codes == [("flow.divergence", 5)]


def test_what_may_happen_again_is_not_taken_for_a_wrong_beat() -> None:
    """A lost replay is missing, although the same is rightly recorded in a later beat."""
    journal, lines = archived_and_replayed()
    del lines[1]
    compared = Compared(lines, journal)
    assert compared.codes == [("flow.divergence", 2)]
    assert compared.first[:2] == (Kind.MISSING, 3)


def test_another_order_within_a_beat_is_no_divergence() -> None:
    """Within a beat, lines may stand in any order."""
    _, ledger = recorded()
    shuffled = sorted(lines_of(ledger), key=lambda line: (line["beat"], line["site"], line["fate"]))
    assert Compared(shuffled).comparison.status == "equal"


def test_many_divergences_are_counted() -> None:
    """Of each kind so many are listed, and the others are counted: nothing floods, nothing is lost."""
    lines = lines_of(recorded()[1])
    for line in lines:
        line["cell"]["choice"] = "other"
    compared = Compared(lines)
    assert compared.comparison.counts == {Kind.WRONG_CELL: len(lines)}
    assert [code for code, _ in compared.codes] == ["flow.divergence"] + ["flow.wrong-cell"] * MAX_SHOWN
    assert len(compared.comparison.shown) == MAX_SHOWN
    assert compared.codes[-1][1] is None


def test_a_flood_in_one_beat_is_not_held() -> None:
    """Lines of one beat that no decision is of are held up to a bound; each counts."""
    lines = lines_of(recorded()[1])
    flood = [{**lines[0], "instance": f"x{at}"} for at in range(MAX_UNCLAIMED + 3)]
    compared = Compared([*lines[:1], *flood, *lines[1:]])
    assert compared.comparison.counts == {Kind.EXTRA: len(flood)}
    assert compared.comparison.equal == len(lines)


class _Counted:
    """Counts how many lines of a ledger were read."""

    def __init__(self, items: Iterable[Any]) -> None:
        self.read = 0
        self._items = items

    def __iter__(self) -> Iterator[Any]:
        for item in self._items:
            self.read += 1
            yield item


def test_the_ledger_is_read_as_far_as_needed() -> None:
    """After each beat no more than 64 lines of later beats were read."""
    journal, ledger = recorded()
    lines = _Counted(read_ledger(batches("flow-decisions", ledger), print))
    comparison, replay = Comparison(lines, print), Replay(print)
    beats = [line["beat"] for line in lines_of(ledger)]
    for place, item in read_journal(batches("flow-journal", journal), print):
        for number, beat in replay.take(item, place):
            comparison.step(number, beat.verdicts, replay.flow.cell)
            assert lines.read <= sum(beat <= number for beat in beats) + AHEAD
    comparison.finish()
    assert comparison.equal == len(ledger)


@settings(max_examples=60, deadline=None)
@given(st.data())
def test_any_few_edits(data: st.DataObject) -> None:
    """However lines are lost, doubled, moved or edited, what is equal and what diverges accounts for every line."""
    journal, ledger = recorded(Size(8, 20))
    lines = lines_of(ledger)
    for _ in range(data.draw(st.integers(1, 6))):
        at = data.draw(st.integers(0, len(lines) - 1))
        edit = data.draw(st.sampled_from(["drop", "double", "move", "beat", "fate", "cell"]))
        line = json.loads(json.dumps(lines.pop(at)))
        if edit == "beat":
            line["beat"] = data.draw(st.integers(0, 24))
        elif edit == "fate":
            line["fate"] = data.draw(st.sampled_from(["recorded", "replayed", "vetoed", "archived", "expired"]))
        elif edit == "cell":
            line["cell"]["pc"] = data.draw(st.sampled_from(["0", "1", "2"]))
        to = data.draw(st.integers(0, len(lines))) if edit == "move" else at
        lines[to:to] = [] if edit == "drop" else [line] * (2 if edit == "double" else 1)
    compared = Compared(lines, journal).comparison
    recorded_lines = compared.equal + sum(compared.counts.values()) - compared.counts[Kind.MISSING]
    assert recorded_lines == len(lines)
    assert recorded_lines - compared.counts[Kind.EXTRA] + compared.counts[Kind.MISSING] == len(ledger)
    assert (compared.status == "equal") == (not compared.counts)
