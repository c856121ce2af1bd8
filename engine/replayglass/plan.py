"""Every file of a site, in the order in which a replay completes them; pure."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, NamedTuple, Protocol

from replayglass import facetshape, integrity
from replayglass import findings as found
from replayglass.account import Account
from replayglass.findings import Findings
from replayglass.integrity import integrity_artifacts, integrity_table
from replayglass.notepages import note_pages
from replayglass.overview import overview_page
from replayglass.page import Blob, Document, Page
from replayglass.replay import Context, replay, start
from replayglass.run import remarks
from replayglass.share import WHOLE
from replayglass.siteindex import TYPES as INDEX_TYPES
from replayglass.siteindex import SiteIndex, moved_document
from replayglass.verdictscript import PATH as VERDICT
from replayglass.verdictscript import verdict_script

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping

    from replayglass.account import Line
    from replayglass.page import Artifact
    from replayglass.proof.growth import Grown
    from replayglass.publishedlogs import LogState, PublishedLogs
    from replayglass.record import Batch, Finding
    from replayglass.replay import Projection
    from replayglass.run import Run
    from replayglass.share import Share

SECTIONS_AFTER = (("findings", "Findings"), ("integrity", "Integrity"), ("notes", "Notes"), ("api", "API"))


class Outcome(NamedTuple):
    """What a replay came to: the account of each stream, the findings in numbers, the last logical time, the logs."""

    account: list[Line]
    findings: Findings
    as_of: int | None
    logs: list[LogState]


class State(NamedTuple):
    """A replay between two batches."""

    account: Account
    findings: Findings
    listed: SiteIndex
    blobs: set[str]
    grown: Mapping[str, Grown]
    projection: Projection


class Halts(Protocol):
    """Where a replay may be put aside, and taken up by a later one; what is ``outside`` a state goes by its name."""

    def pause(self, state: State, outside: Mapping[str, object]) -> None:
        """Put ``state`` aside, if this is a place for it."""

    def take_up(self, outside: Mapping[str, object]) -> State | None:
        """Return the state from which the replay goes on, None to begin at the beginning."""


class Plan:
    """Gives the files of a site one after the other; `outcome` is empty until all were given.

    ``logs`` are published with the site; without them nothing is proven, only replayed. Pages and documents that are
    not of ``share`` may be hollow.
    """

    def __init__(
        self,
        run: Run,
        logs: PublishedLogs | None = None,
        keep: Callable[[Finding], None] | None = None,
        share: Share = WHOLE,
    ) -> None:
        self._run = run
        self._logs = logs
        self._keep = keep
        self._share = share
        self._account = Account(stream.name for stream in run.streams)
        self._findings = Findings(run.domain.places, run.config.max_file_bytes, run.domain.explained)
        self.outcome = Outcome([], self._findings, None, [])
        self._waiting: list[Finding] = list(run.findings)
        self._index = SiteIndex()
        self._blobs: set[str] = set()

    def artifacts(self, batches: Mapping[str, Iterator[Batch]], halts: Halts | None = None) -> Iterator[Artifact]:
        """Replay the streams and give every file of the site, except assets and manifest.

        ``halts`` may put the replay aside between two batches, and take up an earlier one: then ``batches`` begin where
        that was, and only the files that come after it are given.

        Raises:
            ValueError: the earlier replay cannot be taken up.
            AccountError: (while files are given) a record that was read is shown nowhere.
            RewrittenError: (while files are given) the records are not those that were published before.
        """
        run = self._run
        context = Context(self._waiting.append, run.config, run.facts, run.files, remarks(run.notes), self._share)
        counted = {name: self._counted(name, stream) for name, stream in batches.items()}
        outside = {
            "context": context,
            "report": context.report,
            "remarks": context.remarks,
            "share": self._share,
            **counted,
        }
        earlier = None if halts is None else halts.take_up(outside)
        projection = start(run.domain, context, counted) if earlier is None else self._go_on(earlier)
        pause = partial(self._pause, projection, outside, halts)
        return self._given(projection, counted[run.domain.streams[0].name], pause)

    def _given(self, projection: Projection, leading: Iterator[Batch], pause: Callable[[], None]) -> Iterator[Artifact]:
        for made in replay(projection, leading, pause):
            yield from self._noted(made)
            yield from self._noted(self._report())
            yield from self._noted(self._tiles())
        yield from self._noted(self._end(projection))

    def _pause(self, projection: Projection, outside: Mapping[str, object], halts: Halts | None) -> None:
        if halts is not None:
            grown = {} if self._logs is None else self._logs.grown()
            halts.pause(State(self._account, self._findings, self._index, self._blobs, grown, projection), outside)

    def _go_on(self, state: State) -> Projection:
        self._account, self._findings, self._index, self._blobs, grown, projection = state
        self.outcome = Outcome([], self._findings, None, [])
        self._waiting.clear()
        if self._logs is not None:
            self._logs.go_on(grown)
        return projection

    def _end(self, projection: Projection) -> Iterator[Artifact]:
        run = self._run
        yield from note_pages(run.notes, projection, self._waiting.append)
        yield from self._report()
        yield from self._findings.finish()
        overview = projection.overview()
        if self._logs is not None:
            yield from self._logs.finish()
        states = [] if self._logs is None else self._logs.states
        self.outcome = Outcome(self._account.lines(), self._findings, overview.as_of, states)
        proven = projection.proven()
        yield from integrity_artifacts(
            proven, run.domain.rules, self._findings.counts(), states, self._findings.lists()
        )
        yield Blob(VERDICT, verdict_script(self._findings.by_severity, overview.as_of))
        short = integrity_table(proven, states)
        yield overview_page(run, overview, self.outcome.account, self._findings.by_severity, short)
        types = {**run.domain.schemas, **facetshape.TYPES, **found.TYPES, **integrity.TYPES, **INDEX_TYPES}
        yield from self._index.finish(run, self.outcome.account, self._findings, overview.as_of, types)

    def _counted(self, stream: str, batches: Iterator[Batch]) -> Iterator[Batch]:
        yield from self._account.count(stream, self._logged(stream, batches))

    def _logged(self, stream: str, batches: Iterator[Batch]) -> Iterator[Batch]:
        return batches if self._logs is None else self._logs.follow(stream, batches)

    def _tiles(self) -> list[Blob]:
        return [] if self._logs is None else self._logs.drain()

    def _report(self) -> Iterator[Artifact]:
        waiting, self._waiting[:] = list(self._waiting), []
        for finding in waiting:
            if self._keep is not None:
                self._keep(finding)
            yield from self._findings.add(finding)

    def _noted(self, made: Iterable[Artifact]) -> Iterator[Artifact]:
        for artifact in made:
            if isinstance(artifact, Page):
                is_hollow = artifact.stretch is not None and not self._share.makes(artifact.stretch)
                self._account.show(artifact, is_hollow=is_hollow)
                yield artifact
            elif isinstance(artifact, Document):
                yield from self._listed(artifact)
            else:
                yield from self._once(artifact)

    def _listed(self, document: Document) -> Iterator[Artifact]:
        """Give a document, or what stands for it if it is too large; pages of a collection moved their rows already."""
        if document.paged is None and len(document.data) > self._run.config.max_file_bytes:
            blob, document = moved_document(document)
            yield from self._once(blob)
        self._index.add(document)
        yield document

    def _once(self, blob: Blob) -> Iterator[Artifact]:
        if blob.path not in self._blobs:
            self._blobs.add(blob.path)
            yield blob
