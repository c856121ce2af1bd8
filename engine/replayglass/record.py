"""Records, positions and findings: what is known of a line before anyone knows its meaning."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

PAGE_SIZE = 256
"""Records in one full page of a collection; also the width of a log tile."""


class Severity(StrEnum):
    """How much a finding weighs: an error fails the build, the other two do not."""

    ERROR = "error"
    WARNING = "warning"
    INFO = "info"


class Position(NamedTuple):
    """Where a record stands.

    ``seq`` counts the stream's records from 0, ``line`` the lines of its file from 1 (empty lines count), ``offset``
    is the byte offset of the line's first byte in the decompressed file; ``segment`` is the file's path in the run.
    """

    stream: str
    segment: str
    seq: int
    line: int
    offset: int


class Finding(NamedTuple):
    """Something wrong (or odd) with a run, as data.

    ``seq``, ``line`` and ``offset`` are None when it has no one place.
    """

    code: str
    severity: Severity
    message: str
    stream: str
    segment: str | None = None
    seq: int | None = None
    line: int | None = None
    offset: int | None = None

    @classmethod
    def at(cls, code: str, severity: Severity, message: str, place: Position) -> Finding:
        """Return the finding ``code`` about the record at ``place``."""
        return cls(code, severity, message, place.stream, place.segment, place.seq, place.line, place.offset)


class Unread(NamedTuple):
    """What is known of a line that is too long to be read: its size in bytes and its SHA-256 in hex."""

    size: int
    digest: str


class Batch(NamedTuple):
    """Consecutive records of one stream that belong to one page: ``raws[i]`` is record ``first + i``.

    Raw bytes are the line without its LF. ``lines`` and ``offsets`` are parallel to ``raws``. ``findings`` are about
    the lines between and around the records (empty lines, a torn tail). ``torn`` is an unterminated, incomplete last
    line: it stands where record ``first + len(raws)`` would, but is no record yet. ``unread`` has, by index, the lines
    that are too long to be read (their raw bytes are empty here), ``redacted`` the indexes of records of which a part
    is withheld.
    """

    stream: str
    segment: str
    first: int
    raws: Sequence[bytes]
    lines: Sequence[int]
    offsets: Sequence[int]
    findings: Sequence[Finding] = ()
    torn: bytes | None = None
    unread: Mapping[int, Unread] = {}
    redacted: frozenset[int] = frozenset()

    def position(self, index: int) -> Position:
        """Return where record ``first + index`` stands."""
        return Position(self.stream, self.segment, self.first + index, self.lines[index], self.offsets[index])
