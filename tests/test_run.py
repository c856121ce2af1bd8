"""A run folder, opened: what it holds is known before a stream is read."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

import pytest

from paperlog import AUDIT, DATA, SNAPSHOTS
from replayglass.domains.paper.domain import PAPER
from replayglass.errors import InputError
from replayglass.notes import Note
from replayglass.replay import Remark, StreamFacts
from replayglass.run import open_run, remarks

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def small(tmp_path: Path) -> Path:
    """Return a copy of the small run."""
    for name in (AUDIT, SNAPSHOTS):
        (tmp_path / "run" / name).parent.mkdir(parents=True)
        shutil.copy(DATA / "small" / name, tmp_path / "run" / name)
    return tmp_path / "run"


def test_a_run_knows_its_files(small: Path) -> None:
    """Streams with path and size, configuration, settings file and notes are there; findings are about files."""
    (small / "runtime.env").write_bytes(b"LOG_LEVEL=info\n")
    (small / "replayglass.toml").write_text('title = "Ours"\n')
    (small / "notes").mkdir()
    (small / "notes" / "good.md").write_text("---\ntitle: Good\n---\nText")
    (small / "notes" / "torn.md").write_bytes(b"\xff")
    run = open_run(small, PAPER)
    assert run.config.title == "Ours"
    assert run.files == {"runtime.env": b"LOG_LEVEL=info\n"}
    assert run.facts == {
        "audit-events": StreamFacts(AUDIT, exists=True, size=(small / AUDIT).stat().st_size),
        "snapshots": StreamFacts(SNAPSHOTS, exists=True, size=(small / SNAPSHOTS).stat().st_size),
    }
    assert [stream.name for stream in run.streams] == ["audit-events", "snapshots"]
    assert [note.title for note in run.notes] == ["Good"]
    assert [finding.stream for finding in run.findings] == ["notes"]


def test_a_missing_stream_is_normal(small: Path) -> None:
    """A runtime that executed nothing has no snapshots: the place where they would be is named."""
    (small / SNAPSHOTS).unlink()
    run = open_run(small, PAPER)
    assert run.facts["snapshots"] == StreamFacts(SNAPSHOTS, exists=False, size=None)
    assert run.files == {"runtime.env": None}


def test_what_is_no_folder_is_no_run(small: Path) -> None:
    """A file, or nothing at all, is refused with one sentence."""
    for path in (small / AUDIT, small / "nothing"):
        with pytest.raises(InputError):
            open_run(path, PAPER)


def test_notes_stand_by_what_they_are_about() -> None:
    """A note about an event, a decision or a range is found there, about a range at both ends; a free one nowhere."""
    notes = (
        Note("a", "A", "event", "12", ""),
        Note("b", "B", "event", "3f2504e0-4f89-41d3-9a0c-0305e82c3301", ""),
        Note("c", "C", "decision", "d", ""),
        Note("d", "D", "range", "12-15", ""),
        Note("e", "E", "range", "7-7", ""),
        Note("f", "F", None, None, ""),
    )
    found = remarks(notes)
    assert found.by_seq == {12: [Remark(0, "A"), Remark(3, "D")], 15: [Remark(3, "D")], 7: [Remark(4, "E")]}
    assert found.by_event == {"3f2504e0-4f89-41d3-9a0c-0305e82c3301": [Remark(1, "B")]}
    assert found.by_decision == {"d": [Remark(2, "C")]}
    assert found.any
    assert not remarks(notes[2:3]).any
