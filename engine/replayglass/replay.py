"""The only loop over a log: records in, the files of a site out."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple, Protocol

from replayglass.share import WHOLE

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

    from replayglass.cell import Link
    from replayglass.config import Config
    from replayglass.drawings import Chart
    from replayglass.log.source import StreamSpec
    from replayglass.page import Artifact, Facts, Table
    from replayglass.record import Batch, Finding
    from replayglass.row import Collection
    from replayglass.rule import Rule
    from replayglass.share import Share


class StreamFacts(NamedTuple):
    """What is known of a stream before it is read: its path in the run, whether it exists, its bytes on disk."""

    path: str
    exists: bool
    size: int | None


class Remark(NamedTuple):
    """A reviewer's note, as what it annotates refers to it: its number and its title."""

    number: int
    title: str


class Remarks(NamedTuple):
    """Notes by what they annotate: a sequence number (an event's, or an end of a range), an event id, a decision id."""

    by_seq: dict[int, list[Remark]]
    by_event: dict[str, list[Remark]]
    by_decision: dict[str, list[Remark]]

    @property
    def any(self) -> bool:
        """Say whether any event may have a note."""
        return bool(self.by_seq or self.by_event)


class Context(NamedTuple):
    """What a projection is given beside the records.

    ``report`` takes findings in the order in which they are met. ``files`` holds the domain's small files (None when
    missing). ``share`` says which pages are made: what only others need may be left out.
    """

    report: Callable[[Finding], None]
    config: Config
    streams: Mapping[str, StreamFacts]
    files: Mapping[str, bytes | None]
    remarks: Remarks
    share: Share = WHOLE

    @property
    def limit(self) -> int:
        """Return the size in bytes that no page may exceed."""
        return self.config.max_file_bytes


class Overview(NamedTuple):
    """What a domain puts on the overview; ``as_of`` is the last event's logical time."""

    as_of: int | None
    facts: Facts
    charts: tuple[Chart, ...]
    latest: Table


class Proven(NamedTuple):
    """What a domain recomputed: in one sentence (with its tone), as tables, and as numbers for the JSON."""

    sentence: str
    tone: str
    blocks: tuple[Table, ...]
    limits: tuple[str, ...]
    numbers: Mapping[str, Mapping[str, int]]


class Projection(Protocol):
    """A fold over the leading stream; it takes what it needs of the other streams itself."""

    def step(self, batch: Batch) -> Iterable[Artifact]:
        """Take a batch of the leading stream in; give the files that it completes."""

    def finish(self) -> Iterable[Artifact]:
        """Give all remaining files."""

    def overview(self) -> Overview:
        """Return the overview's part, after `finish`."""

    def proven(self) -> Proven:
        """Return what was recomputed and what that cannot prove, after `finish`."""

    def locate(self, kind: str, target: str) -> Link | None:
        """Return the place of what a note is about (``event``, ``decision`` or ``range``), if the run has it."""


class Domain(NamedTuple):
    """A kind of run we understand.

    ``title`` is that of a run which names none. The first stream leads, the others follow. ``places`` says where
    records show, ``sections`` are the navigation's entries (folder, words), ``schemas`` the document types by name,
    ``rules`` what its findings are checked by, ``explained`` the page that says more of a finding, by code.
    ``can_go_on`` says that a projection can be put aside between two batches and be taken up by a later build.
    """

    name: str
    title: str
    streams: tuple[StreamSpec, ...]
    files: tuple[str, ...]
    places: Mapping[str, Collection]
    sections: tuple[tuple[str, str], ...]
    schemas: Mapping[str, type]
    rules: Sequence[Rule]
    start: Callable[[Context, Mapping[str, Iterator[Batch]]], Projection]
    explained: Mapping[str, str] = {}
    can_go_on: bool = False


def start(domain: Domain, context: Context, batches: Mapping[str, Iterator[Batch]]) -> Projection:
    """Return the projection of a run at its beginning; it reads the streams that follow by itself."""
    leader = domain.streams[0].name
    return domain.start(context, {name: stream for name, stream in batches.items() if name != leader})


def replay(projection: Projection, leading: Iterator[Batch], pause: Callable[[], None]) -> Iterator[Iterable[Artifact]]:
    """Fold the leading stream of a run into ``projection``; gives, step by step, the files that each step completed.

    ``pause`` is called after each batch, when its files were taken: then the projection can be put aside.
    """
    for batch in leading:
        yield projection.step(batch)
        pause()
    yield projection.finish()
