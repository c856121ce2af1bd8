"""`verify --since`: what a reader kept of a log binds it for ever."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from replayglass.proof.checkpoint import Checkpoint, format_checkpoint
from replayglass.proof.merkle import EMPTY_ROOT
from signedsites import ORIGIN, STREAMS, failed, keys, publish, remanifest, signer, tiny_run, verify
from sites import AUDIT, command, copy

if TYPE_CHECKING:
    from pathlib import Path

CHECKPOINT = "log/audit-events/checkpoint"


@pytest.fixture
def small(tmp_path: Path) -> Path:
    """Return a signed site of 5 events."""
    return publish(tiny_run(tmp_path / "small-run", 5), tmp_path / "small")


@pytest.fixture
def large(tmp_path: Path) -> Path:
    """Return a signed site of the same log with 9 events, built without knowing the smaller one."""
    return publish(tiny_run(tmp_path / "large-run", 9), tmp_path / "large")


def since(site: Path, kept: bytes, tmp_path: Path) -> tuple[int, str]:
    """Return exit code and answer of the command."""
    (tmp_path / "kept").write_bytes(kept)
    answer = command("verify", site, "--since", tmp_path / "kept", *(w for k in keys() for w in ("--vkey", k.vkey)))
    return answer.exit_code, answer.stdout


def test_growth_is_consistent(small: Path, large: Path, tmp_path: Path) -> None:
    """A log that grew extends what was kept of it; so does one that did not, and anything extends the empty log."""
    empty = format_checkpoint(Checkpoint(f"{ORIGIN}/audit-events", 0, EMPTY_ROOT))
    for kept in ((small / CHECKPOINT).read_bytes(), (large / CHECKPOINT).read_bytes(), empty):
        code, answer = since(large, kept, tmp_path)
        assert code == 0
        assert "that you know" in answer


def test_rollback(small: Path, large: Path, tmp_path: Path) -> None:
    """A site with fewer records than were known is a rollback; both checkpoints are printed as evidence."""
    kept = (large / CHECKPOINT).read_bytes()
    code, answer = since(small, kept, tmp_path)
    assert code == 3
    assert "rollback: you know 9 records" in answer
    for line in kept.decode().splitlines() + (small / CHECKPOINT).read_text().splitlines():
        assert f"| {line}" in answer
    assert answer.splitlines()[-1].startswith("INCONSISTENT: ")


def test_rewritten_history(small: Path, large: Path, tmp_path: Path) -> None:
    """A log that changed a record that was known is found, whoever signed it; the roots are printed as evidence."""
    run = tiny_run(tmp_path / "other-run", 9)
    path = run / AUDIT
    path.write_bytes(path.read_bytes().replace(b'"logicalTime":1,', b'"logicalTime":2,', 1))
    forged = publish(run, tmp_path / "forged")
    code, answer = since(forged, (small / CHECKPOINT).read_bytes(), tmp_path)
    assert code == 3
    assert "history rewritten: the first 5 records" in answer
    assert "root of its first 5 records: " in answer
    code, answer = since(forged, (large / CHECKPOINT).read_bytes(), tmp_path)
    assert code == 3
    assert "fork: " in answer


def test_another_log(small: Path, tmp_path: Path) -> None:
    """A site whose logs have other names is not the one that was known, and says so."""
    other = format_checkpoint(Checkpoint("elsewhere.example/audit-events", 1, EMPTY_ROOT))
    code, answer = since(small, other, tmp_path)
    assert code == 3
    assert "no log of this site has the origin elsewhere.example/audit-events" in answer


def test_a_kept_checkpoint_is_verified_too(small: Path, large: Path, tmp_path: Path) -> None:
    """With a pinned key, a kept note whose signature does not verify is no evidence: a failure, not a contradiction."""
    kept = (small / CHECKPOINT).read_bytes()
    code, answer = since(large, kept[:-10] + bytes([kept[-10] ^ 1]) + kept[-9:], tmp_path)
    assert code == 1
    assert "is no evidence" in answer
    head = verify(small).logs["audit-events"]
    text = format_checkpoint(Checkpoint(head.origin, head.size, EMPTY_ROOT))
    assert since(large, text, tmp_path)[0] == 3
    assert signer().verifier.name == head.origin


def test_damaged_tiles_are_no_contradiction(large: Path, small: Path) -> None:
    """Where the tiles that would tell are damaged, the answer is that the site is, not that history was rewritten."""
    kept = {"kept": (small / CHECKPOINT).read_bytes()}
    (large / "log/audit-events/tile/0/000.p/9").write_bytes(bytes(288))
    remanifest(large)
    report = verify(large, keys(), kept)
    assert report.exit_code == 1
    assert {check.name: check.status for check in report.checks}["since kept"] == "not done"


def test_a_damaged_checkpoint_is_no_contradiction(large: Path, small: Path) -> None:
    """A site whose checkpoint is damaged is damaged; it is not said to be another log's."""
    kept = {"kept": (small / CHECKPOINT).read_bytes()}
    (large / CHECKPOINT).write_bytes(b"")
    report = verify(large, keys(), kept)
    assert report.exit_code == 1
    assert {check.name: check.status for check in report.checks}["since kept"] == "not done"


def test_damaged_inner_tiles(tmp_path: Path) -> None:
    """A full tile that is missing below a good right edge leaves the question open as well."""
    run = tiny_run(tmp_path / "run", 9)
    lines = (run / AUDIT).read_bytes()
    (run / AUDIT).write_bytes(lines * 30)
    site = publish(run, tmp_path / "site")
    kept = {"kept": (site / CHECKPOINT).read_bytes()}
    (run / AUDIT).write_bytes(lines * 60)
    publish(run, site)
    assert failed(verify(site, keys(), kept)) == set()
    broken = copy(site, tmp_path / "broken")
    (broken / "log/audit-events/tile/0/001").unlink()
    report = verify(broken, keys(), kept)
    assert "since kept" in failed(report)
    assert report.exit_code == 1
    assert list(report.logs) == list(STREAMS)
