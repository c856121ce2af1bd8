"""`prove` and what `verify` makes of its files."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from replayglass.proof.leaf import entry_of
from replayglass.proof.tlogproof import parse_proof
from replayglass.verify.proofs import verify_proof
from replayglass.verify.report import Status
from signedsites import keys, odd_records, publish, rich_run, tiny_run
from sites import AUDIT, SNAPSHOTS, command, records

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the signed site of a run with every kind of record."""
    folder = tmp_path_factory.mktemp("rich")
    return publish(rich_run(folder / "run"), folder / "site")


def test_every_kind_of_record_can_be_proven(site: Path, tmp_path: Path) -> None:
    """The proof of a record, large and odd ones too, is checked by its bytes alone; with one changed it fails."""
    run = site.parent / "run"
    lines = {"audit-events": records(run / AUDIT), "snapshots": records(run / SNAPSHOTS)}
    proof, record = tmp_path / "one.tlog-proof", tmp_path / "record"
    pinned = [word for key in keys() for word in ("--vkey", key.vkey)]
    for stream, seq in [("audit-events", 0), ("audit-events", 299), ("snapshots", 1)] + [
        ("audit-events", 40 + number) for number in range(len(odd_records()) - 1)
    ]:
        answer = command("prove", site, stream, str(seq), "--out", proof, "--record", record)
        assert answer.exit_code == 0, answer.stderr
        assert (
            answer.stdout == f"{proof}: record {seq} of {answer.stdout.split()[4]} in {keys()[0].name[:-12]}{stream}\n"
        )
        raw = record.read_bytes()
        assert raw == lines[stream][seq]
        own = keys()[stream == "snapshots"]
        report = verify_proof(proof.read_bytes(), entry_of(raw).data, None, [own])
        assert (report.verdict, report.logs["proof"].origin) == (Status.OK, own.name)
        answer = command("verify", proof, "--record", record, *pinned)
        assert (answer.exit_code, answer.stdout.splitlines()[-1][:3]) == (0, "OK:")
        answer = command("verify", proof, "--record", record)
        assert (answer.exit_code, answer.stdout.splitlines()[-1][:16]) == (0, "UNAUTHENTICATED:")
        record.write_bytes(raw[:-1] + b"!")
        assert command("verify", proof, "--record", record, *pinned).exit_code == 1
    assert command("verify", proof, "--site", site, *pinned).exit_code == 0


def test_a_line_too_long_to_be_read_is_proven_by_its_digest(site: Path, tmp_path: Path) -> None:
    """The log has the SHA-256 of such a line: it can be proven, but its bytes cannot be handed out."""
    seq = 40 + len(odd_records()) - 1
    proof, record = tmp_path / "one.tlog-proof", tmp_path / "record"
    assert command("prove", site, "audit-events", str(seq), "--record", record).exit_code == 2
    answer = command("prove", site, "audit-events", str(seq), "--out", proof)
    assert answer.exit_code == 0
    assert command("verify", proof, "--site", site, "--vkey", keys()[0].vkey).exit_code == 0
    assert not record.exists()


def test_a_proof_is_printed(site: Path) -> None:
    """Without --out the exact bytes of the file go to standard output, and are always the same."""
    answer = command("prove", site, "audit-events", "5")
    assert parse_proof(answer.stdout.encode())[0] == 5
    assert command("prove", site, "audit-events", "5") == answer


def test_a_flipped_byte_of_a_proof(site: Path, tmp_path: Path) -> None:
    """Whatever byte of the file changes, it proves nothing any more."""
    proof, record = tmp_path / "one.tlog-proof", tmp_path / "record"
    assert command("prove", site, "audit-events", "5", "--out", proof, "--record", record).exit_code == 0
    data = proof.read_bytes()
    for at in range(0, len(data), 7):
        proof.write_bytes(data[:at] + bytes([data[at] ^ 1 << at % 8]) + data[at + 1 :])
        assert command("verify", proof, "--record", record, "--vkey", keys()[0].vkey).exit_code == 1, at


def test_what_cannot_be_proven(site: Path, tmp_path: Path) -> None:
    """No such stream or record, an unsigned or damaged log, a file within the site: exit code 2 and a sentence."""
    unsigned = publish(tiny_run(tmp_path / "run"), tmp_path / "unsigned", None)
    (tmp_path / "loop").symlink_to(tmp_path / "loop")
    damaged = publish(tmp_path / "run", tmp_path / "damaged")
    headless = publish(tmp_path / "run", tmp_path / "headless")
    (damaged / "log/audit-events/tile/entries/000.p/9").write_bytes(b"")
    (headless / "log/audit-events/checkpoint").write_bytes(b"")
    refused: list[tuple[list[str | Path], str]] = [
        ([site, "decisions", "0"], "no stream of this name"),
        ([site, "audit-events", "1000"], "there is no record 1000"),
        ([unsigned, "audit-events", "0"], "is not signed"),
        ([damaged, "audit-events", "0"], "does not hold exactly 9 entries"),
        ([headless, "audit-events", "0"], "not a signed note"),
        ([site, "audit-events", "0", "--out", site / "x.tlog-proof"], "does not list"),
        ([site, "audit-events", "0", "--out", tmp_path], "cannot be written"),
        ([site, "audit-events", "0", "--out", tmp_path / "loop"], "cannot be written"),
        ([tmp_path / "run", "audit-events", "0"], "is not a site"),
    ]
    for words, sentence in refused:
        answer = command("prove", *words)
        assert (answer.exit_code, answer.stdout) == (2, "")
        assert sentence in answer.stderr
