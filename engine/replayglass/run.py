"""A run folder, opened: what it holds, before its streams are read."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import msgspec

from replayglass.config import CONFIG_FILE, Config, load_config, read_small_file
from replayglass.log.source import find_streams, stream_size
from replayglass.notes import read_notes
from replayglass.replay import Remark, Remarks, StreamFacts
from replayglass.secretscan.scan import Scanner, refuse_text

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from replayglass.log.source import Stream
    from replayglass.notes import Note
    from replayglass.record import Finding
    from replayglass.replay import Domain


class Run(NamedTuple):
    """An opened run folder; ``findings`` are about its files, not about records."""

    domain: Domain
    config: Config
    streams: tuple[Stream, ...]
    facts: Mapping[str, StreamFacts]
    files: Mapping[str, bytes | None]
    notes: tuple[Note, ...]
    findings: tuple[Finding, ...]


def open_run(path: Path, domain: Domain) -> Run:
    """Open the run folder ``path``; nothing is written to it.

    Raises:
        InputError: it is no run folder, one of its files cannot be used, or holds a secret that no rule is about.
    """
    config = load_config(path) if path.is_dir() else Config()
    config = config if config.title else msgspec.structs.replace(config, title=domain.title)
    streams = find_streams(path, domain.streams, config.segment_order)
    facts = {spec.name: _facts(stream, spec.places[0]) for spec, stream in zip(domain.streams, streams, strict=True)}
    files = {name: read_small_file(path, name) for name in domain.files}
    _refuse_secrets(config)
    withheld: list[Finding] = []
    notes, problems = read_notes(path, Scanner(config.secret_rules, withheld.append).scan_text)
    findings = (*(finding for stream in streams for finding in stream.findings), *withheld, *problems)
    return Run(domain, config, streams, facts, files, notes, findings)


def _refuse_secrets(config: Config) -> None:
    """Refuse a secret in what every page shows."""
    for name in ("title", "origin", "library", "runtime_version", "node_version"):
        refuse_text(f"the {name} in {CONFIG_FILE}", getattr(config, name) or "")


def _facts(stream: Stream, place: str) -> StreamFacts:
    if not stream.segments:
        return StreamFacts(f"{place}.ndjson", exists=False, size=None)
    return StreamFacts(stream.segments[-1].path, exists=True, size=stream_size(stream))


def remarks(notes: Sequence[Note]) -> Remarks:
    """Return the notes by what they are about; a range is remarked on at both its ends."""
    found = Remarks({}, {}, {})
    for number, note in enumerate(notes):
        remark = Remark(number, note.title)
        for listed in _lists(note, found):
            listed.append(remark)
    return found


def _lists(note: Note, found: Remarks) -> list[list[Remark]]:
    """Return the lists that a note belongs to: two for a range, none for a note about the whole run."""
    target = note.target
    if target is None:
        return []
    if note.target_kind == "decision":
        return [found.by_decision.setdefault(target, [])]
    if note.target_kind == "event" and not target.isdigit():
        return [found.by_event.setdefault(target, [])]
    return [found.by_seq.setdefault(seq, []) for seq in dict.fromkeys(map(int, target.split("-")))]
