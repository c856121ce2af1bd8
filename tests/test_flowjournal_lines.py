"""The lines of journal and ledger: what is valid is read as written, and every damage has its code."""

from __future__ import annotations

import json
import re
from typing import Any

import jsonschema
import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from replayglass.damage import TOO_LONG, Unreadable
from replayglass.domains.flow.decode import Invalid, decode_journal, decode_ledger
from replayglass.domains.flow.lines import (
    BeatLine,
    DecisionLine,
    HeaderLine,
    IntentLine,
    JournalLine,
    encode_line,
    schema,
)
from replayglass.domains.flow.scenario import Size
from replayglass.domains.flow.simulate import Simulation, simulate
from replayglass.domains.flow.state import BUCKETS
from replayglass.record import Batch, Severity
from replayglass.reread import MAX_FLAWS
from sites import REPO

HEADER = {"type": "header", "version": 1, "rules": 2, "name": "n", "origin": None}
INTENT = {"type": "intent", "beat": 0, "bucket": "inst_start", "txn": "t", "fields": {"id": "a"}}
DECISION = {"type": "decision", "fate": "recorded", "beat": 1, "instance": "i", "site": "s", "cell": {"choice": "x"}}
DOC = REPO / "docs" / "formats" / "flow.md"


def batch(*raws: bytes) -> Batch:
    """Return a batch of lines, from line 1 on."""
    return Batch("flow-journal", "flow/journal.ndjson", 0, raws, range(1, len(raws) + 1), [0] * len(raws))


def written(line: dict[str, Any], *without: str, **changes: object) -> bytes:
    """Return a line as its writer would write it, with changes."""
    changed = {name: value for name, value in {**line, **changes}.items() if name not in without}
    return json.dumps(changed, separators=(",", ":")).encode()


texts = st.text(st.characters(exclude_categories=["Cs"]))
trees = st.recursive(st.dictionaries(texts, texts, max_size=3), lambda inner: st.dictionaries(texts, inner, max_size=3))
numbers = st.integers(0, 2**53 - 1)
names = texts.filter(lambda text: 0 < len(text.encode()) <= 256)
journal_lines = st.one_of(
    st.builds(HeaderLine, st.just(1), st.sampled_from([1, 2]), texts, st.none() | texts),
    st.builds(IntentLine, numbers, st.sampled_from(BUCKETS), names, trees),
    st.builds(BeatLine, numbers),
)
decision_lines = st.builds(
    DecisionLine,
    st.sampled_from(["recorded", "replayed", "vetoed", "archived", "expired"]),
    numbers,
    texts,
    texts,
    st.dictionaries(texts, texts | trees | st.just({"$link": None}), max_size=3),
)


@given(journal_lines, decision_lines)
def test_what_is_written_is_read(entry: object, decision: object) -> None:
    """A line that is written is read as it was, in our own spelling and in any other, without a finding."""
    for line, decode in ((entry, decode_journal), (decision, decode_ledger)):
        raw = encode_line(line)[:-1]  # type: ignore[arg-type]
        spelled = json.dumps(json.loads(raw)).encode()
        kept = msgspec.to_builtins(line)
        items, findings = decode(batch(raw, spelled))
        assert [msgspec.to_builtins(item) for item in items] == [kept, kept]
        assert findings == []


DAMAGED = [
    ("journal", written(HEADER, version=2), "flow.unknown-version", "version must be 1, found 2"),
    ("journal", written(HEADER, version=True), "flow.unknown-version", "found true"),
    ("journal", written(HEADER, rules=3), "flow.unknown-rules", "rules must be 1 or 2, found 3"),
    ("journal", written(HEADER, "name"), "flow.missing-field", "The field name is missing"),
    ("journal", written(HEADER, origin=7), "flow.field-type", "origin must be a text, found 7"),
    ("journal", written(HEADER, name="\ud800"), "flow.field-type", "one that holds a lone surrogate"),
    ("journal", written(HEADER, type="head"), "flow.unknown-type", "header or intent or beat, found 'head'"),
    ("journal", written(HEADER, "type"), "flow.unknown-type", "found none"),
    ("journal", written(INTENT, bucket="inst_stop"), "flow.unknown-bucket", "found 'inst_stop'"),
    ("journal", written(INTENT, bucket=["a"]), "flow.unknown-bucket", "found an array of 1"),
    ("journal", written(INTENT, beat=-1), "flow.field-type", "2^53 - 1, found -1"),
    ("journal", written(INTENT, beat=1.0), "flow.field-type", "found 1.0"),
    ("journal", written(INTENT, beat=True), "flow.field-type", "found true"),
    ("journal", written(INTENT, beat=2**53), "flow.field-type", "found 9007199254740992"),
    ("journal", written(INTENT, beat={}), "flow.field-type", "found an object of 0"),
    ("journal", written(INTENT, txn=""), "flow.intent-name", "must have 1 to 256 bytes"),
    ("journal", written(INTENT, txn="\u00e9" * 129), "flow.intent-name", "must have 1 to 256 bytes"),
    ("journal", written(INTENT, txn=5), "flow.field-type", "found 5"),
    ("journal", written(INTENT, fields=[]), "flow.intent-fields", "must be an object, found an array of 0"),
    ("journal", written(INTENT, fields={"a": {"b": 1}}), "flow.intent-fields", "at 'a' at 'b' must be a text, found 1"),
    ("journal", written(INTENT, fields={"a": None}), "flow.intent-fields", "must be a text, found null"),
    ("journal", written(INTENT, fields={"$link": None}), "flow.intent-fields", "must be a text, found null"),
    ("journal", written(INTENT, fields={"\ud800": ""}), "flow.intent-fields", "which holds a lone surrogate"),
    ("journal", written(INTENT, fields={"a": "\ud800"}), "flow.intent-fields", "is a text that holds a lone surrogate"),
    ("ledger", written(DECISION, fate="lost"), "flow.unknown-fate", "found 'lost'"),
    ("ledger", written(DECISION, cell="x"), "flow.cell-fields", "must be an object, found 'x'"),
    ("ledger", written(DECISION, cell={"pc": 0}), "flow.cell-fields", "at 'pc' must be a text, found 0"),
    ("ledger", written(DECISION, cell={"pc": None}), "flow.cell-fields", "at 'pc' must be a text, found null"),
    ("ledger", written(DECISION, site="x" * 99, instance=["y"]), "flow.field-type", "found an array of 1"),
    ("ledger", written(INTENT), "flow.unknown-type", "must be decision, found 'intent'"),
]


@pytest.mark.parametrize(("stream", "raw", "code", "words"), DAMAGED, ids=range(len(DAMAGED)))
def test_damaged_line(stream: str, raw: bytes, code: str, words: str) -> None:
    """A line that is not valid stands as such, with one finding at its place that says what was expected and found."""
    lines = batch(b"{", raw, b"[")
    items: list[Any]
    items, findings = decode_journal(lines) if stream == "journal" else decode_ledger(lines)
    before, item, after = items
    assert isinstance(item, Invalid)
    assert item.code == code
    assert words in item.message
    assert [(finding.code, finding.line) for finding in findings] == [
        ("json.incomplete", 1),
        (code, 2),
        ("json.syntax", 3),
    ]
    assert isinstance(before, Unreadable)
    assert isinstance(after, Unreadable)


def test_fields_nest_so_deep_and_no_deeper() -> None:
    """An intent nests 32 dictionaries, as the machine takes them; one more is damage, and so is any number beyond."""
    fields: dict[str, Any] = {}
    for _ in range(31):
        fields = {"a": fields}
    raws = [written(INTENT, fields=fields), written(INTENT, fields={"a": fields})]
    raws += [b'{"type":"intent","fields":' + b'{"a":' * depth + b"{}" + b"}" * depth + b"}" for depth in (80, 100_000)]
    items, findings = decode_journal(batch(*raws))
    assert isinstance(items[0], IntentLine)
    assert [finding.code for finding in findings] == ["flow.intent-fields", "json.too-deep", "json.too-deep"]


def test_surplus_fields_are_told_and_left() -> None:
    """Unknown fields do no harm: the line is valid without them, each is told, and many are summed up."""
    raw = written({**INTENT, **{f"x{at}": at for at in range(MAX_FLAWS + 2)}})
    (item,), findings = decode_journal(batch(raw))
    assert msgspec.to_builtins(item) == INTENT
    assert {finding.severity for finding in findings} == {Severity.INFO}
    assert [finding.code for finding in findings] == ["flow.surplus-field"] * MAX_FLAWS + ["flow.more-flaws"]
    (_,), findings = decode_journal(batch(written(json.loads(raw), beat="")))
    assert (findings[0].code, findings[-1].severity) == ("flow.field-type", Severity.ERROR)


def test_what_a_damaged_header_still_says() -> None:
    """Of a damaged header the rules are kept if they are well-formed."""
    raws = [written(HEADER, version=9, rules=rules) for rules in (1, 2, True, "1", 3)]
    items, _ = decode_journal(batch(*raws))
    assert [item.rules for item in items if isinstance(item, Invalid)] == [1, 2, None, None, None]


def test_a_line_that_was_not_held() -> None:
    """A line that is too long was reported when it was read; it stands as what it is."""
    assert decode_journal(batch(b"")) == ([TOO_LONG], [])
    assert decode_ledger(batch(b'{"type":"decision","type":"x"}'))[1][0].code == "json.duplicate-key"


def documented() -> list[dict[str, Any]]:
    """Return the schemas that the document shows."""
    return [json.loads(block) for block in re.findall(r"```json\n(\{\n.*?)```", DOC.read_text(), re.DOTALL)]


def test_the_document_has_the_schemas() -> None:
    """docs/formats/flow.md shows the schemas of the types, as they are."""
    assert documented() == [schema(JournalLine), schema(DecisionLine)]


def test_the_schemas_describe_the_lines() -> None:
    """Every simulated line is valid under its schema, and no damaged one is, but for what a schema cannot say."""
    journal, ledger = (jsonschema.Draft202012Validator(kind) for kind in documented())
    for beat in simulate(Simulation(3, Size(12, 40))):
        for validator, raw in ((journal, beat.journal), (ledger, beat.ledger)):
            for line in raw.splitlines():
                validator.validate(json.loads(line))
    for stream, raw, *_ in DAMAGED:
        validator = journal if stream == "journal" else ledger
        is_beyond = b"\\ud800" in raw or b"\\u00e9" in raw or b"1.0" in raw
        assert validator.is_valid(json.loads(raw)) == is_beyond, raw
