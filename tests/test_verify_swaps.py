"""Evidence that is good, but of something else: the bug class of real verifiers (verifiable-log.md section 5.2)."""

from __future__ import annotations

import json
import shutil
from base64 import b64encode
from typing import TYPE_CHECKING

import pytest

from replayglass.proof.checkpoint import Checkpoint, format_checkpoint
from replayglass.proof.merkle import leaf_hash
from replayglass.proof.note import sign_note
from replayglass.verify.proofs import entry_in, verify_proof
from replayglass.verify.whole import open_site
from signedsites import (
    EVENTS_JSON,
    ORIGIN,
    STREAMS,
    edit,
    failed,
    keys,
    publish,
    remanifest,
    rich_run,
    said,
    signer,
    tiny_run,
    verify,
)
from sites import AUDIT, SMALL, SNAPSHOTS, command, copy, make_run, records

if TYPE_CHECKING:
    from pathlib import Path

CHECKPOINT = "log/audit-events/checkpoint"
PAGE = "events/000000.html"


@pytest.fixture
def site(tmp_path: Path) -> Path:
    """Return a signed site of 9 events; its run is beside it."""
    return publish(tiny_run(tmp_path / "run"), tmp_path / "site")


@pytest.fixture(scope="module")
def rich(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the signed site of a run with every kind of record."""
    folder = tmp_path_factory.mktemp("rich")
    return publish(rich_run(folder / "run"), folder / "site")


def proof_of(site: Path, seq: int, stream: str = "audit-events") -> bytes:
    """Return the proof that `prove` prints."""
    answer = command("prove", site, stream, str(seq))
    assert answer.exit_code == 0
    return answer.stdout.encode()


def entries(site: Path) -> list[bytes]:
    """Return the events of the site's run."""
    return records(site.parent / "run" / AUDIT)


def proven(data: bytes, entry: bytes, seed: int = 1) -> str:
    """Return the verdict on a proof."""
    return verify_proof(data, entry_in(entry), None, keys(seed)).verdict


def test_a_valid_entry_of_something_else(site: Path) -> None:
    """A proof, however good, of another record of the same log proves nothing for this one."""
    lines = entries(site)
    assert proven(proof_of(site, 7), lines[7]) == "ok"
    assert proven(proof_of(site, 7), lines[8]) == "failed"
    assert proven(proof_of(site, 7), lines[7] + b" ") == "failed"


def test_a_proof_for_another_index(site: Path) -> None:
    """The same record at another place is not what the log commits to."""
    data = proof_of(site, 7)
    assert proven(data.replace(b"index 7", b"index 6"), entries(site)[7]) == "failed"


def test_the_signature_of_the_checkpoint_is_verified(site: Path) -> None:
    """A checkpoint that another key, or nobody, signed is refused when a key is pinned, in proofs and in sites."""
    head = verify(site).logs["audit-events"]
    text = format_checkpoint(Checkpoint(head.origin, head.size, head.root))
    stranger = sign_note(text, signer(seed=2))
    flipped = head.data[:-8] + bytes([head.data[-8] ^ 1]) + head.data[-7:]
    for forged in (stranger, flipped):
        proof = proof_of(site, 7)
        assert proven(proof.replace(head.data, forged), entries(site)[7]) == "failed"
        (site / CHECKPOINT).write_bytes(forged)
        (site / "log/audit-events/checkpoints/9").write_bytes(forged)
        remanifest(site)
        assert "checkpoint of audit-events" in failed(verify(site, keys()))
    (site / CHECKPOINT).unlink()
    (site / f"{CHECKPOINT}.unsigned").write_bytes(text)
    remanifest(site)
    assert "is not signed, but the key of its log is pinned" in said(verify(site, keys()))


def test_the_signed_checkpoint_of_another_stream(site: Path) -> None:
    """The other stream's log, whole and well signed, in the place of this one is refused, also without a key."""
    shutil.rmtree(site / "log/snapshots")
    shutil.copytree(site / "log/audit-events", site / "log/snapshots")
    remanifest(site)
    for pinned in ((), keys()):
        report = verify(site, pinned)
        assert "checkpoint of snapshots" in failed(report)
        assert f"the checkpoint is that of {ORIGIN}/audit-events, another log" in said(report)


def test_the_signed_checkpoint_of_another_origin(site: Path) -> None:
    """A checkpoint that the same key pair signed for another log is refused; so is a second name within a site."""
    report = verify(site)
    for stream, head in report.logs.items():
        other = signer(stream, origin="audit.example.org/run-2")
        text = format_checkpoint(Checkpoint(other.verifier.name, head.size, head.root))
        (site / f"log/{stream}/checkpoint").write_bytes(sign_note(text, other))
        remanifest(site)
        assert verify(site).verdict == "failed"
        assert "pinned keys" in failed(verify(site, keys()))


def test_the_signed_checkpoint_of_another_size(tmp_path: Path) -> None:
    """An older checkpoint of the same log, well signed, does not make the newer files its own."""
    publish(tiny_run(tmp_path / "run", 5), tmp_path / "site")
    site = publish(tiny_run(tmp_path / "run", 9), tmp_path / "site")
    older = (site / "log/audit-events/checkpoints/5").read_bytes()
    proof = proof_of(site, 2)
    assert proven(proof.replace((site / CHECKPOINT).read_bytes(), older), entries(site)[2]) == "failed"
    (site / CHECKPOINT).write_bytes(older)
    remanifest(site)
    report = verify(site, keys())
    assert {"log of audit-events", "pages of audit-events", "folder", "integrity document"} <= failed(report)


def test_the_root_of_the_checkpoint_is_compared(site: Path) -> None:
    """A well signed checkpoint whose root is not that of the tiles, or of the proof, is refused."""
    head = verify(site).logs["audit-events"]
    other = sign_note(format_checkpoint(Checkpoint(head.origin, head.size, leaf_hash(b"x"))), signer())
    assert proven(proof_of(site, 7).replace(head.data, other), entries(site)[7]) == "failed"
    (site / CHECKPOINT).write_bytes(other)
    (site / "log/audit-events/checkpoints/9").write_bytes(other)
    remanifest(site)
    report = verify(site, keys())
    assert "do not have the root of the checkpoint" in said(report)
    statuses = {check.name: check.status for check in report.checks}
    assert statuses["pages of audit-events"] == "not done"


def test_the_hash_of_a_leaf_is_never_taken_from_the_page(site: Path) -> None:
    """A row that shows something else, and names the right leaf, is refused: shortened rows show a real begin."""
    line = entries(site)[3]
    data = (site / PAGE).read_bytes()
    leaf = leaf_hash(line).hex().encode()
    row = line.replace(b"&", b"&amp;")
    start = data.index(row)
    end = start + len(row) + len(b"</pre></details>")
    for begin, good in ((b'{"id":"forged', False), (row[:20], True)):
        cut = b"<i class=cut data-leaf=%b>\xe2\x80\xa6 (240 bytes, not shown)</i>" % leaf
        (site / PAGE).write_bytes(data[:start] + begin + b"</pre></details>" + cut + data[end:])
        remanifest(site)
        report = verify(site, keys())
        assert ("pages of audit-events" not in failed(report)) == good
        assert good or "row 3 shows the begin of another record" in said(report)
    edit(site, PAGE, leaf, leaf_hash(b"other").hex().encode())
    assert "row 3 does not show the record" in said(verify(site, keys()))


def test_the_leaf_that_a_blob_row_names_is_compared(rich: Path, tmp_path: Path) -> None:
    """What a page says of the leaf of a record in a file of its own must be that leaf, and the file that record."""
    site = copy(rich, tmp_path / "site")
    data = (site / PAGE).read_bytes()
    _, _, row = data.partition(b" data-leaf=")
    edit(site, PAGE, b" data-leaf=" + row[:64], b" data-leaf=" + b"0" * 64)
    assert "pages of audit-events" in failed(verify(site))
    (site / PAGE).write_bytes(data)
    blobs = sorted({part[:64].decode() for part in data.split(b"blob/")[1:]})
    edit(site, PAGE, f"blob/{blobs[0]}".encode(), f"blob/{blobs[1]}".encode())
    assert "pages of audit-events" in failed(verify(site))


def test_a_key_from_the_site_is_no_key(site: Path, tmp_path: Path) -> None:
    """An attacker who rebuilds the whole site with a key of his own, under the old name, is found by the pinned key."""
    run = tiny_run(tmp_path / "forged-run")
    path = run / AUDIT
    path.write_bytes(b"\n".join([*entries(site)[:4], *entries(site)[5:], b""]))
    forged = publish(run, tmp_path / "forged", seed=2)
    assert verify(forged).verdict == "unauthenticated"
    assert verify(forged, keys(2)).verdict == "ok"
    report = verify(forged, keys())
    assert report.exit_code == 1
    assert {"checkpoint of audit-events", "checkpoint of snapshots"} <= failed(report)
    kept = {"kept": (site / CHECKPOINT).read_bytes()}
    assert verify(forged, (), kept).exit_code == 3


def test_the_key_that_the_site_names_must_be_its_own(site: Path) -> None:
    """The key in the script for browsers must fit the checkpoint and the pinned key; readers take it from there."""
    script = "log/audit-events/check.js"
    mine, other = signer().verifier.vkey.encode(), signer(seed=2).verifier.vkey.encode()
    edit(site, script, mine, other)
    for pinned in ((), keys()):
        assert "names a key that did not sign" in said(verify(site, pinned))
    edit(site, script, b'"' + other + b'"', b"null")
    assert failed(verify(site)) == {"integrity document"}


def test_swapped_pages_and_bundles(rich: Path, tmp_path: Path) -> None:
    """Pages or bundles in each other's place are found though the manifest fits."""
    site = copy(rich, tmp_path / "site")
    width = verify(site).logs["audit-events"].size - 256
    swaps = [
        (f"{EVENTS_JSON}/000000.json", f"{EVENTS_JSON}/000001.json"),
        ("events/000000.html", "events/000001.html"),
        ("events/000000.html", "snapshots/000000.html"),
        ("log/audit-events/tile/0/000", f"log/audit-events/tile/0/001.p/{width}"),
        ("log/audit-events/tile/entries/000", f"log/audit-events/tile/entries/001.p/{width}"),
        ("log/audit-events/check.js", "log/snapshots/check.js"),
        ("log/audit-events/check/000000.js", "log/snapshots/check/000000.js"),
        ("v1/observe/persistence/audit-events/latest.json", "v1/observe/persistence/snapshots/latest.json"),
    ]
    for one, other in swaps:
        for expected in (1, 0):
            first, second = (site / one).read_bytes(), (site / other).read_bytes()
            (site / one).write_bytes(second)
            (site / other).write_bytes(first)
            remanifest(site)
            assert verify(site, keys()).exit_code == expected, one


def test_records_cut_in_another_way(tmp_path: Path) -> None:
    """Entries that are JSON only together are not taken for the records that a reader of JSON sees."""
    lines = [b'{"a":[1', b"2]}", b"{},{}"]
    run = make_run(tmp_path / "run", b"\n".join([*lines, b""]), b"")
    site = publish(run, tmp_path / "site", None)
    assert failed(verify(site)) == set()
    page = site / f"{EVENTS_JSON}/000000.json"
    head = page.read_bytes().partition(b'"events":')[0]
    page.write_bytes(head + b'"events":[' + b",".join(lines) + b'],"unreadable":[]}\n')
    remanifest(site)
    assert "the records are not those of the log" in said(verify(site))


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (b'"count":9', b'"count":8'),
        (b'"first":0', b'"first":1'),
        (b'"unreadable":[]', b'"unreadable":[{"seq":9,"line":10,"offset":0,"code":"ndjson.empty"}]'),
        (b'"unreadable":[]', b'"unreadable":[{"seq":8,"line":9,"offset":0,"code":"json.syntax"}]'),
        (b'"unreadable":[]', b'"unreadable":[],"moved":[{"seq":8,"blob":"blob/%b","size":3}]' % (b"0" * 64)),
        (b'"unreadable":[]', b'"unreadable":[],"moved":[{"seq":9,"blob":"blob/%b","size":3}]' % (b"0" * 64)),
        (b'"unreadable":[]', b'"unreadable":[],"invalid":[]'),
        (b'"unreadable":[]', b'"unreadable":[{"seq":9,"line":10,"offset":0,"code":"ndjson.torn-tail"}]'),
        (b'"unreadable":[]', b'"unreadable":[],"events":[]'),
        (b'{"version":1', b'{ "version":1'),
    ],
)
def test_a_page_says_nothing_else_of_its_records(site: Path, old: bytes, new: bytes) -> None:
    """Counts, listed and moved records of a JSON page are those of the log, and it has one spelling."""
    edit(site, f"{EVENTS_JSON}/000000.json", old, new)
    assert "pages of audit-events" in failed(verify(site, keys()))


def test_a_record_is_no_torn_tail(tmp_path: Path) -> None:
    """The last record cannot be passed off as a torn tail, nor a torn tail as a record."""
    run = make_run(tmp_path / "run", b'{"a":1}\n{"b":')
    site = publish(run, tmp_path / "site", None)
    edit(site, PAGE, b" data-torn", b"")
    assert "torn tail" in said(verify(site))


def test_documents_about_the_logs(site: Path) -> None:
    """Counts, roots and latest records that other documents repeat must be those of the logs."""
    head = verify(site).logs["audit-events"]
    edits = [
        ("v1/index.json", b'"records":9,', b'"records":8,', "counts"),
        ("v1/index.json", b'"schema":"snapshots-page","count":3', b'"schema":"snapshots-page","count":4', "counts"),
        ("v1/index.json", b'"version":1', b'"version": 1', "counts"),
        ("verdict.js", b'"tone":"', b'"tone":"un', "verdict"),
        ("v1/integrity.json", head.root.hex().encode(), b"0" * 64, "integrity document"),
        ("v1/integrity.json", b'"version":1', b'"version":2', "integrity document"),
        ("v1/observe/persistence/audit-events/latest.json", entries(site)[8], entries(site)[7], "latest events"),
        ("v1/observe/persistence/audit-events/latest.json", b"]}\n", b"] }\n", "latest events"),
        ("v1/observe/persistence/snapshots/latest.json", b'{"snapshot":', b'{"snapshot": ', "latest snapshots"),
    ]
    for path, old, new, name in edits:
        before = (site / path).read_bytes()
        edit(site, path, old, new)
        assert name in failed(verify(site, keys())), (path, new)
        (site / path).write_bytes(before)
        remanifest(site)
    assert verify(site, keys()).verdict == "ok"


def test_pointers_to_large_documents(tmp_path: Path) -> None:
    """A pointer leads to the document that belongs there, and has one spelling; moved rows are the log's records."""
    wide = [b'{"wide":"%d%b"}' % (number, b"w" * 12_000) for number in range(80)]
    snapshot = records(SMALL / SNAPSHOTS)[-1][:-1] + b',"note":"' + b"n" * 70_000 + b'"}'
    config = "[limits]\nmax_file_bytes = 65536\n"
    run = make_run(tmp_path / "run", b"\n".join([*wide, b""]), snapshot + b"\n", config)
    site = publish(run, tmp_path / "site", None)
    events = "v1/observe/persistence/audit-events/latest.json"
    moved = json.loads((site / events).read_bytes())["moved"]
    edit(site, events, b'"seq":%d,' % moved[0]["seq"], b'"seq":%d,' % 900)
    assert "the moved record 900 is not one of the log's last" in said(verify(site))
    latest = "v1/observe/persistence/snapshots/latest.json"
    data = (site / latest).read_bytes()
    for wrong in (data.replace(b'"version":1', b'"version": 1'), b'{"snapshot":null}\n'):
        (site / latest).write_bytes(wrong)
        remanifest(site)
        assert "latest snapshots" in failed(verify(site))


def test_a_proof_against_a_site(site: Path, tmp_path: Path) -> None:
    """A proof is checked for what a site shows at its index, and the site must continue the proof's log."""
    proof = proof_of(site, 7)
    grown = publish(tiny_run(tmp_path / "run", 20), copy(site, tmp_path / "grown"))
    other = publish(make_run(tmp_path / "other-run", b"{}\n", b"", f'origin = "{ORIGIN}"'), tmp_path / "other")
    stranger = publish(make_run(tmp_path / "third-run", b"{}\n", b"", 'origin = "x"'), tmp_path / "third", None)
    streams = list(STREAMS)

    def answer(data: bytes, folder: Path, entry: bytes | None = None) -> tuple[str, int]:
        report = verify_proof(data, entry, (open_site(str(folder)), streams), keys())
        return report.verdict, report.exit_code

    assert answer(proof, site) == ("ok", 0)
    assert answer(proof, grown, entries(site)[7]) == ("ok", 0)
    assert answer(proof_of(grown, 15), site) == ("inconsistent", 3)
    assert answer(proof, other) == ("inconsistent", 3)
    assert answer(proof, stranger) == ("inconsistent", 3)
    assert answer(proof.replace(b"index 7", b"index 6"), site) == ("failed", 1)
    assert answer(b"no proof", site) == ("failed", 1)
    (site / "log/audit-events/tile/entries/000.p/9").write_bytes(b"")
    assert answer(proof, site) == ("failed", 1)


def test_a_proof_of_a_log_that_is_not_pinned(site: Path) -> None:
    """Without a key a proof is unauthenticated; with only the key of another log it fails."""
    proof, line = proof_of(site, 7), entry_in(entries(site)[7] + b"\n")
    assert verify_proof(proof, line, None, ()).verdict == "unauthenticated"
    assert verify_proof(proof, line, None, keys()[1:]).verdict == "failed"
    assert b64encode(verify(site).logs["audit-events"].root) in proof
