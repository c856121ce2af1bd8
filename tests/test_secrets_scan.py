"""Records with secrets are refused, redacted or allowed before anything is published; all others pass untouched."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from replayglass.log.ndjson import read_batches
from replayglass.log.source import StreamSpec, find_stream
from replayglass.record import Batch, Finding, Severity
from replayglass.secretscan.detectors import BY_NAME
from replayglass.secretscan.refusal import MAX_PLACES, SecretError
from replayglass.secretscan.rules import Action, SecretRule
from replayglass.secretscan.scan import Scanner
from sites import AUDIT, PAPER, SMALL, SNAPSHOTS, make_run, records
from test_secrets_detectors import BODY, CANARIES, WORD, Canary, plainly, written

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from pathlib import Path

EVENTS = StreamSpec("audit-events", ("audit-events/data/audit_events",))
SHOTS = StreamSpec("snapshots", ("snapshots/data/snapshots",))
ONE_OF_EACH = {canary.detector: canary for canary in CANARIES}


def rules(action: Action, names: Iterable[str] = BY_NAME) -> list[SecretRule]:
    """Return the same rule for each detector."""
    return [SecretRule(name, action) for name in names]


def batch_of(raws: Sequence[bytes], torn: bytes | None = None, first: int = 0) -> Batch:
    """Return a batch of these records, in lines of their own."""
    return Batch(
        "audit-events", AUDIT, first, raws, range(1, len(raws) + 1), range(0, 1000 * len(raws), 1000), (), torn
    )


def scanned(batch: Batch, chosen: Sequence[SecretRule] = ()) -> tuple[Batch, list[Finding]]:
    """Return what becomes of ``batch`` and what is reported."""
    findings: list[Finding] = []
    (after,) = Scanner(chosen, findings.append).batches(batch.stream, [batch])
    return after, findings


def places(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:  # noqa: ANN401 - any JSON
    """Give the path of every text in a document; a key's path ends in None."""
    if isinstance(value, dict):
        for key, item in value.items():
            yield (*path, key, None)
            yield from places(item, (*path, key))
    elif isinstance(value, str):
        yield path


def planted(value: Any, path: tuple[Any, ...], text: str) -> Any:  # noqa: ANN401 - any JSON
    """Return the document with ``text`` at ``path``."""
    if not path:
        return text
    if path[1:] == (None,):
        return {text if key == path[0] else key: item for key, item in value.items()}
    return {key: planted(item, path[1:], text) if key == path[0] else item for key, item in value.items()}


def one_of_each_type() -> list[bytes]:
    """Return a record of every event type and every kind of target, and a snapshot with a position."""
    kinds: dict[tuple[str, str], bytes] = {}
    runs = [SMALL, *(PAPER / "extra").iterdir()]
    for raw in [raw for run in runs for file in (AUDIT, SNAPSHOTS) for raw in records(run / file)]:
        event = json.loads(raw)
        positions = "yes" if event.get("positions") else "no"
        kinds.setdefault((event["type"], event.get("target", {}).get("type", positions)), raw)
    assert len(kinds) >= 8 + 2
    return list(kinds.values())


@pytest.mark.parametrize("canary", ONE_OF_EACH.values(), ids=ONE_OF_EACH)
def test_no_place_of_any_event_hides_a_secret(canary: Canary) -> None:
    """In every text and key of every type: refused with stream and line, redacted without trace, or left as it is."""
    for raw in one_of_each_type():
        document = json.loads(raw)
        for path in places(document):
            line = json.dumps(planted(document, path, canary.text), separators=(",", ":")).encode()
            batch = batch_of([raw, line])
            with pytest.raises(SecretError) as error:
                scanned(batch)
            assert f"in audit-events, line 2 of {AUDIT}" in error.value.message
            assert error.value.exit_code == 2
            assert WORD not in error.value.message + error.value.hint
            after, findings = scanned(batch, rules("redact"))
            assert after.raws[0] == raw
            assert after.redacted == {1}
            assert canary.secret not in plainly(after.raws[1])
            assert WORD not in plainly(after.raws[1]) + repr(findings)
            json.loads(after.raws[1])
            allowed, findings = scanned(batch, rules("allow"))
            assert allowed is batch
            assert WORD not in repr(findings)


@pytest.mark.parametrize("canary", CANARIES, ids=lambda canary: canary.text.partition(WORD)[0])
def test_torn_tails_and_unreadable_lines_are_scanned(canary: Canary) -> None:
    """A torn tail and a line that is no JSON are published too, so nothing is different for them."""
    for notation, data in written(canary.text).items():
        for batch in (batch_of([b"{}", data]), batch_of([b"{}"], torn=data)):
            with pytest.raises(SecretError, match="secrets would be published") as error:
                scanned(batch)
            assert WORD not in error.value.message
            after, findings = scanned(batch, rules("redact"))
            published = [*after.raws, after.torn or b""]
            assert published[0] == b"{}", notation
            assert WORD not in "".join(map(plainly, published)), notation
            assert (after.lines, after.offsets) == (batch.lines, batch.offsets)
            assert [finding.seq for finding in findings] == [1]
            assert after.redacted == (set() if batch.torn else {1})


def test_a_key_over_several_lines_is_one_secret() -> None:
    """After the first line of a private key all that belongs to it is redacted, also in the next batch, and no more."""
    key = [
        "-----BEGIN RSA PRIVATE KEY-----",
        "Proc-Type: 4,ENCRYPTED",
        *BODY.split("\n"),
        "=ab+/",
        "-----END RSA PRIVATE KEY-----",
    ]
    event = records(SMALL / AUDIT)[0]
    for lines in (key, [f"{line}\r" for line in key], [f"{line}\0" for line in key], key[:4]):
        raws = [event, *(line.encode() for line in lines), event, b"MII/+="]
        batches = [batch_of(raws[:3]), batch_of(raws[3:], first=3)]
        findings: list[Finding] = []
        after = list(Scanner(rules("redact"), findings.append).batches("audit-events", batches))
        published = [raw for batch in after for raw in batch.raws]
        assert not any(part.encode() in raw for raw in published for part in (WORD, WORD[::-1], "Proc-Type", "=ab+/"))
        assert [published[0], *published[-2:]] == [event, event, b"MII/+="]
        assert {finding.seq for finding in findings} >= set(range(1, 5))
        with pytest.raises(SecretError, match="a private key in audit-events, line 2 of"):
            list(Scanner((), findings.append).batches("audit-events", batches))


def test_places_are_named_up_to_ten() -> None:
    """One message names the first ten places of a batch, each once, how many more there are, and the rules to add."""
    text = f"postgres://u:{WORD}@h".encode()
    with pytest.raises(SecretError) as error:
        scanned(batch_of([b'{"a":"%b"}' % text] * 13))
    named = error.value.message.split("; ")
    assert len(named) == MAX_PLACES + 1
    assert (
        named[0] == f"secrets would be published: a password in a connection string in audit-events, line 1 of {AUDIT}"
    )
    assert named[-1] == "and 3 more"
    assert '[[secrets.rules]]\ndetector = "connection-string"\naction = "redact"' in error.value.hint


def test_a_torn_tail_is_placed_by_its_finding(tmp_path: Path) -> None:
    """The line of a torn tail is the one in which it stands, as everywhere else."""
    torn = f'{{"a":"{CANARIES[0].text}'.encode()
    stream = find_stream(make_run(tmp_path, b'{"b":1}\n\n' + torn), EVENTS)
    with pytest.raises(SecretError, match="line 3 of"):
        list(Scanner((), print).batches("audit-events", read_batches(stream)))
    findings: list[Finding] = []
    (batch,) = Scanner(rules("redact"), findings.append).batches("audit-events", read_batches(stream))
    assert batch.torn == torn.replace(WORD.encode(), b"[redacted:connection-string]")
    message = "withheld from what is published: a password in a connection string (1)"
    assert findings == [Finding("secret.redacted", Severity.INFO, message, "audit-events", AUDIT, 1, 3, 9)]


def test_a_rule_for_the_stream_counts_more() -> None:
    """A rule with a stream is about that stream only and beats the one for all; what it does not cover is refused."""
    raw = json.dumps({"a": CANARIES[0].text, "b": f"x {CANARIES[0].text}"}).encode()
    chosen = [SecretRule("connection-string", "redact"), SecretRule("connection-string", "allow", "audit-events")]
    batch = batch_of([b"{}", raw, raw])
    after, findings = scanned(batch, chosen)
    assert after is batch
    assert [(finding.code, finding.seq, finding.line) for finding in findings] == [("secret.allowed", 1, 2)]
    after, findings = scanned(batch._replace(stream="snapshots"), chosen)
    assert after.redacted == {1, 2}
    assert [(finding.code, finding.message[-4:]) for finding in findings] == [("secret.redacted", " (2)")] * 2
    with pytest.raises(SecretError, match="in snapshots, line 2"):
        scanned(batch._replace(stream="snapshots"), chosen[1:])


def test_what_is_allowed_is_said_once_for_each_stream() -> None:
    """A rule that allows is reported at the first place in each stream, for each detector."""
    findings: list[Finding] = []
    scanner = Scanner(rules("allow"), findings.append)
    raw = json.dumps([CANARIES[0].text, f"glpat-{WORD}"]).encode()
    for stream in ("audit-events", "snapshots"):
        batches = [batch_of([raw, raw])._replace(stream=stream), batch_of([raw], first=2)._replace(stream=stream)]
        assert list(scanner.batches(stream, batches)) == batches
    assert [(finding.stream, finding.code, finding.seq) for finding in findings] == [
        (stream, "secret.allowed", 0) for stream in ("audit-events", "snapshots") for _ in range(2)
    ]


def test_one_record_may_be_redacted_and_allowed() -> None:
    """Each detector follows its own rule, also where one secret lies inside another."""
    raw = json.dumps({"a": f"DATABASE_URL=postgres://u:{WORD}@h/d", "b": f"glpat-{WORD[::-1]}"}).encode()
    chosen = [
        SecretRule("database-url", "allow"),
        *rules("redact", ["connection-string"]),
        *rules("allow", ["gitlab-token"]),
    ]
    after, findings = scanned(batch_of([raw]), chosen)
    assert after.raws == [raw.replace(WORD.encode(), b"[redacted:connection-string]")]
    assert [finding.code for finding in findings] == ["secret.allowed", "secret.allowed", "secret.redacted"]
    after, findings = scanned(batch_of([raw]), rules("redact"))
    assert after.raws[0].startswith(b'{"a": "DATABASE_URL=[redacted:database-url]"')
    expected = "the value of DATABASE_URL (1), a password in a connection string (1), a GitLab token (1)"
    assert findings[0].message == f"withheld from what is published: {expected}"


@pytest.mark.parametrize("spec", [EVENTS, SHOTS], ids=lambda spec: spec.name)
def test_the_conformance_logs_pass_untouched(spec: StreamSpec) -> None:
    """Every batch of every run, good or damaged, is given on as the same object, and nothing is reported."""
    runs = [SMALL, *(path for part in ("extra", "bad") for path in (PAPER / part).iterdir() if path.is_dir())]
    findings: list[Finding] = []
    for run in runs:
        batches = list(read_batches(find_stream(run, spec)))
        after = list(Scanner((), findings.append).batches(spec.name, iter(batches)))
        assert all(one is other for one, other in zip(after, batches, strict=True))
    assert findings == []


@settings(deadline=None)
@given(st.lists(st.text('0123456789abcdefXYZ-_.,:{}[] "\\/@=n', max_size=60).map(str.encode), max_size=9))
def test_what_holds_no_secret_is_not_touched(raws: list[bytes]) -> None:
    """Output equals input, object for object, whatever the lines look like."""
    batch = batch_of(raws)
    assert scanned(batch)[0] is batch
