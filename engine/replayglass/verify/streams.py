"""Checks one stream: its log from first to last tile, and that the pages show every leaf, in one walk over both."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from replayglass.collection import json_path
from replayglass.proof.bundle import MAX_BUNDLE
from replayglass.proof.checkpoint import Checkpoint
from replayglass.proof.failure import ProofError
from replayglass.proof.reader import LogReader
from replayglass.proof.tiles import WIDTH, tiles_of
from replayglass.row import page_path
from replayglass.verify import htmlpages, jsonpages
from replayglass.verify.archive import check_archive, read_archive
from replayglass.verify.latest import REPEATED, check_latest
from replayglass.verify.records import Blobs, Leaves, records_of
from replayglass.verify.report import Check, Commitment, Failures, Status
from replayglass.verify.scripts import check_scripts
from replayglass.verify.seen import Seen

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from replayglass.proof.earlier import Earlier
    from replayglass.proof.keys import Verifier
    from replayglass.row import Collection
    from replayglass.verify.site import SiteFolder


class Place(NamedTuple):
    """A stream in a site; its records are on the pages of ``collection``."""

    site: SiteFolder
    stream: str
    collection: Collection


class StreamResult(NamedTuple):
    """The checks of a stream, and what is known after them.

    ``reader`` is None where the log does not have its checkpoint's root, ``seen`` where a page is not right.
    """

    checks: tuple[Check, ...]
    reader: LogReader | None
    seen: Seen | None
    archive: Sequence[Earlier]


def log_reader(site: SiteFolder, stream: str, head: Commitment) -> LogReader:
    """Return the log of ``stream`` as ``head`` commits to it.

    Raises:
        ProofError: its last tiles do not have the root of the checkpoint.
    """
    folder = f"log/{stream}/"
    checkpoint = Checkpoint(head.origin, head.size, head.root)
    return LogReader(lambda path: site.read(folder + path, MAX_BUNDLE), checkpoint)


def check_stream(
    place: Place, head: Commitment, keys: Sequence[Verifier], announce: Callable[[str, int], None]
) -> StreamResult:
    """Check the log and the pages of the stream at ``place``."""
    site, stream, collection = place
    failures = Failures()
    own = [key for key in keys if key.name == head.origin]
    archive = read_archive(site, stream, own, failures)
    blobs = Blobs(site)
    walk = _Walk(place, blobs)
    reader = None
    scripts = 0
    try:
        reader = log_reader(site, stream, head)
    except ProofError as error:
        failures.add(f"log/{stream}: {error}")
    if reader is not None:
        walk.check(reader, failures, announce)
        check_archive(stream, head, archive, reader, failures)
    if not failures.count:
        scripts = check_scripts(site, stream, head, own, failures)
    checks = [_log_check(stream, head, len(archive), scripts, failures), walk.result()]
    seen = walk.whole()
    if seen is not None and collection.field in REPEATED:
        checks.append(check_latest(site, blobs, collection, seen))
    return StreamResult(tuple(checks), reader, seen, archive)


def _log_check(stream: str, head: Commitment, archived: int, scripts: int, failures: Failures) -> Check:
    counts = {"entries": head.size, "checkpoints": archived, "scripts": scripts}
    if not failures.count:
        counts["files"] = sum(1 for _ in tiles_of(head.size))
    says = "every tile and bundle is what the checkpoint's root demands; earlier checkpoints are of the same log"
    return failures.check(f"log of {stream}", says, counts)


class _Walk:
    """Goes over the bundles of a log and over the pages beside them."""

    def __init__(self, place: Place, blobs: Blobs) -> None:
        self._site, self._stream, self._collection = place
        self._blobs = blobs
        self._failures = Failures()
        self._seen = Seen()
        self._is_done = False

    def check(self, reader: LogReader, failures: Failures, announce: Callable[[str, int], None]) -> None:
        """Check every bundle, and the pages of every bundle that is whole; what is wrong with the log is ``failures``.

        The page after a full last one is there, too, and is empty.
        """
        for number in range(reader.size // WIDTH + 1):
            if failures.enough:
                return
            try:
                entries = reader.bundle(number) if number * WIDTH < reader.size else []
            except ProofError as error:
                failures.add(f"log/{self._stream}: {error}")
                continue
            if not self._failures.enough:
                self._check_pages(number, entries)
            announce(self._stream, number * WIDTH + len(entries))
        self._is_done = not failures.count

    def result(self) -> Check:
        """Return the check of the pages."""
        seen = self._seen
        names = ("pages", "events", "unreadable", "unread", "torn", "shortened")
        counts = {name: getattr(seen, name) for name in names}
        name = f"pages of {self._stream}"
        if not self._is_done and not self._failures.count:
            return Check(name, Status.NOT_DONE, "not compared to the end, because the log is not whole", counts)
        says = "every leaf of the log is shown once, with its exact bytes"
        if seen.torn:
            says += "; behind the last there is a torn tail, which is no leaf, and so nothing vouches for it"
        if seen.shortened:
            says += "; HTML shows some only in part, their bytes are in the JSON page beside it"
        return self._failures.check(name, says, counts)

    def whole(self) -> Seen | None:
        """Return what the pages came to, if all are right."""
        return self._seen if self._is_done and not self._failures.count else None

    def _check_pages(self, number: int, entries: Sequence[bytes]) -> None:
        path = ""
        try:
            leaves = Leaves(number * WIDTH, entries, records_of(entries, self._blobs))
            path = json_path(self._collection, number)
            data = self._site.require(path, jsonpages.most_bytes(leaves.records))
            rows = jsonpages.check_json(self._collection, data, leaves, self._blobs)
            path = page_path(self._collection, number)
            data = self._site.require(path, htmlpages.most_bytes(leaves.records))
            self._seen.shortened += htmlpages.check_html(data, leaves, rows, self._blobs)
            self._seen.add(leaves, rows)
        except ProofError as error:
            said = str(error)
            self._failures.add(said if path in said or not path else f"{path}: {said}")
