"""Reads the reviewers' notes of a run and what each is about; how they look is not known here."""

from __future__ import annotations

import os
import re
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING, Literal, NamedTuple

from replayglass.record import Finding, Severity

if TYPE_CHECKING:
    from collections.abc import Callable

MAX_NOTES = 1000
MAX_NOTE_BYTES = 256 * 1024
MAX_FRONT_MATTER_LINES = 50
MAX_TITLE_LENGTH = 200

TargetKind = Literal["event", "decision", "range"]

_NAME = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*")
_SEQUENCE = re.compile(r"[0-9]{1,16}")
_RANGE = re.compile(r"([0-9]{1,16})-([0-9]{1,16})")
_ID = re.compile(r"[0-9A-Za-z][0-9A-Za-z._:-]{0,127}")
_TITLE = re.compile(f"[^\x00-\x1f\x7f-\x9f\u2028\u2029]{{1,{MAX_TITLE_LENGTH}}}")
_TARGETS: tuple[TargetKind, ...] = ("event", "decision", "range")
_KEYS = ("title", *_TARGETS)


class Note(NamedTuple):
    """One note: ``name`` is fit for a file name and unique in the run, ``body`` the Markdown with LF line ends.

    ``target`` is None or text: for ``event`` an id or a sequence number, for ``decision`` an id, for ``range`` two
    sequence numbers, ``12-34``. Whether the run holds such a thing is not known here.
    """

    name: str
    title: str
    target_kind: TargetKind | None
    target: str | None
    body: str


def _as_it_is(_: str, text: str) -> str:
    return text


def read_notes(run: Path, scan: Callable[[str, str], str] = _as_it_is) -> tuple[tuple[Note, ...], tuple[Finding, ...]]:
    """Return the notes ``notes/*.md`` of ``run`` in the order of their file names, and what is wrong with them.

    ``scan`` takes the path of a note in the run and its text, and returns what of that may be published.

    A note is left out if it cannot be read as text, is longer than 256 KiB, or lies outside the run; it is shown
    without target if its front matter is wrong. Nothing about a note stops a run.
    """
    notes: dict[str, Note] = {}
    findings: list[Finding] = []
    names, problems = _list_notes(run)
    findings += problems
    for name in names[:MAX_NOTES]:
        data = _read(run, name)
        if isinstance(data, Finding):
            findings.append(data)
            continue
        note, problems = parse_note(name, scan(f"notes/{name}", data))
        findings += problems
        if note.name in notes:
            findings.append(_problem(name, "note.name-taken", f"left out: another note is named {note.name} too"))
        notes.setdefault(note.name, note)
    return tuple(notes.values()), tuple(findings)


def parse_note(file_name: str, text: str) -> tuple[Note, list[Finding]]:
    """Return the note in the file ``file_name`` with the content ``text``, and what is wrong with its front matter."""
    name = _page_name(file_name.removesuffix(".md"))
    front, body = _split(text.replace("\r\n", "\n"))
    if front is None:
        fault = f"the front matter is not closed by --- within {MAX_FRONT_MATTER_LINES} lines"
        return Note(name, name, None, None, body), [_problem(file_name, "note.front-matter", fault)]
    fields, findings = _read_fields(file_name, front)
    title = fields.get("title", name)
    if not _TITLE.fullmatch(title):
        fault = f"the title is not 1 to {MAX_TITLE_LENGTH} visible characters"
        findings.append(_problem(file_name, "note.title", fault))
        title = name
    kinds = [kind for kind in _TARGETS if kind in fields]
    if len(kinds) > 1:
        findings.append(_problem(file_name, "note.two-targets", f"more than one target: {', '.join(kinds)}"))
    if len(kinds) != 1:
        return Note(name, title, None, None, body), findings
    target = _target(kinds[0], fields[kinds[0]])
    if target is None:
        findings.append(_problem(file_name, "note.target", f"not a target that {kinds[0]} can name"))
    return Note(name, title, kinds[0] if target else None, target, body), findings


def _list_notes(run: Path) -> tuple[list[str], list[Finding]]:
    """Return the file names in the order of their bytes, whatever the file system's."""
    try:
        names = [entry.name for entry in (run / "notes").iterdir()]
    except FileNotFoundError:
        return [], []
    except OSError:
        return [], [_problem("notes", "note.unreadable", "the folder of the notes cannot be read")]
    names = sorted((name for name in names if name.endswith(".md") and not name.startswith(".")), key=os.fsencode)
    if len(names) <= MAX_NOTES:
        return names, []
    message = f"left out with all after it: a run has {MAX_NOTES} notes at most, this one {len(names)}"
    return names, [_problem(names[MAX_NOTES], "note.too-many", message)]


def _read(run: Path, name: str) -> str | Finding:
    try:
        path = Path(os.path.realpath(run / "notes" / name, strict=True))
        if not path.is_relative_to(os.path.realpath(run)):
            return _problem(name, "note.outside", "left out: it is a link to something outside the run")
        if not path.is_file():
            return _problem(name, "note.unreadable", "left out: it is not a regular file")
        with path.open("rb") as file:
            data = file.read(MAX_NOTE_BYTES + 1)
        if len(data) > MAX_NOTE_BYTES:
            return _problem(name, "note.too-long", f"left out: it has more than {MAX_NOTE_BYTES} bytes")
        return data.decode("utf-8-sig")
    except OSError:
        return _problem(name, "note.unreadable", "left out: it cannot be read")
    except UnicodeDecodeError:
        return _problem(name, "note.encoding", "left out: it is not UTF-8")


def _page_name(stem: str) -> str:
    """Return a name of a-z, 0-9 and dashes; a changed one carries a hash, so that it stays apart from the others."""
    if len(stem) <= 60 and stem != "index" and _NAME.fullmatch(stem):  # noqa: PLR2004 - index is the list of the notes
        return stem
    readable = "-".join(re.findall("[a-z0-9]+", stem.lower()))[:40].rstrip("-")
    return f"{readable or 'note'}-{sha256(os.fsencode(stem)).hexdigest()[:12]}"


def _split(text: str) -> tuple[list[str] | None, str]:
    """Return the lines of the front matter, None if it is not closed, and the rest."""
    lines = text.split("\n")
    if lines[0].rstrip() != "---":
        return [], text
    for number, line in enumerate(lines[1 : MAX_FRONT_MATTER_LINES + 2], 1):
        if line.rstrip() == "---":
            return lines[1:number], "\n".join(lines[number + 1 :])
    return None, text


def _read_fields(file_name: str, lines: list[str]) -> tuple[dict[str, str], list[Finding]]:
    fields: dict[str, str] = {}
    findings = []
    for line in filter(str.strip, lines):
        key, colon, value = (part.strip() for part in line.partition(":"))
        if colon and key in _KEYS and key not in fields:
            fields[key] = value
            continue
        fault = f"{key} is there twice" if key in fields else f"not a key of a note: {key[:40]!a}"
        findings.append(_problem(file_name, "note.key", fault))
    return fields, findings


def _target(kind: TargetKind, text: str) -> str | None:
    """Return ``text`` in its one spelling if it may name a ``kind``."""
    if kind == "range":
        found = _RANGE.fullmatch(text)
        if found is None or int(found[1]) > int(found[2]):
            return None
        return f"{int(found[1])}-{int(found[2])}"
    if kind == "event" and _SEQUENCE.fullmatch(text):
        return str(int(text))
    return text if _ID.fullmatch(text) else None


def _problem(file_name: str, code: str, message: str) -> Finding:
    printable = ascii(file_name[:100])[1:-1]
    return Finding(code, Severity.WARNING, message, "notes", printable)
