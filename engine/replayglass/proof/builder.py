"""A stream's records to its published log: tiles, bundles, digest blobs, checkpoint, archive."""

from __future__ import annotations

from typing import TYPE_CHECKING

from replayglass.collection import blob_of
from replayglass.page import Blob
from replayglass.proof.checkpoint import Checkpoint, format_checkpoint
from replayglass.proof.earlier import ARCHIVE, archive_name, checkpoint_name, roots_of
from replayglass.proof.growth import Grown, Growth
from replayglass.proof.leaf import are_plain, entries_of
from replayglass.proof.note import parse_note, sign_note
from replayglass.proof.rewritten import RewrittenError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from replayglass.proof.earlier import Earlier
    from replayglass.proof.growth import Edge, Group
    from replayglass.proof.keys import Signer
    from replayglass.record import Unread


class LogBuilder:
    """Records in, files of the site out.

    ``origin`` is the log's own (`log_origin`) and must be the name of the ``signer``'s key; ``earlier`` is the archive
    of what was published before, in any order. After `add`, ``groups`` has the groups of 256 pages that it completed.

    Raises:
        RewrittenError: the earlier checkpoints contradict each other or are of another origin.
        ValueError: the signer's key has another name than the log.
    """

    def __init__(self, stream: str, origin: str, earlier: Sequence[Earlier] = (), signer: Signer | None = None) -> None:
        if signer is not None and signer.verifier.name != origin:
            message = f"the key {signer.verifier.name} is not that of the log {origin}"
            raise ValueError(message)
        self.stream = stream
        self.origin = origin
        self._folder = f"log/{stream}/"
        self._earlier = sorted(earlier, key=lambda one: (one.size, one.name))
        self._signer = signer
        self._roots = roots_of(stream, origin, self._earlier)
        self._growth = Growth(self._roots)
        self._compare()

    @property
    def size(self) -> int:
        """Return how many records were added."""
        return self._growth.size

    @property
    def root(self) -> bytes:
        """Return the root over them."""
        return self._growth.root()

    @property
    def groups(self) -> Sequence[Group]:
        """Return the groups that the last `add` completed."""
        return self._growth.groups

    @property
    def grown(self) -> Grown:
        """Return what another builder of the same log needs to go on."""
        return Grown(self._growth, {size: root for size, root in self._roots.items() if size <= self.size})

    def go_on(self, grown: Grown) -> None:
        """Go on where another builder of the same log was.

        Raises:
            ValueError: it knew other earlier checkpoints than this one.
        """
        growth, roots = grown
        known = {**roots, growth.size: growth.root()}
        now = {size: root for size, root in self._roots.items() if size <= growth.size}
        if not roots.items() <= now.items() <= known.items():
            message = "the archive of checkpoints is another one"
            raise ValueError(message)
        self._growth = growth
        self._growth.expect(self._roots)

    def edge(self) -> Edge:
        """Return what leads from a page and its group to the root."""
        return self._growth.edge()

    def add(self, raws: Sequence[bytes], unread: Mapping[int, Unread] | None = None) -> list[Blob]:
        """Append records (lines without LF); return the blobs they need and the tiles and bundles that are full now.

        ``unread`` has, by index in ``raws``, the lines that are too long to be read.

        Raises:
            RewrittenError: the records are not those that were published before.
        """
        blobs: list[Blob] = []
        data = raws
        if unread or not are_plain(raws):
            entries = entries_of(raws, unread or {})
            blobs = [blob_of(entry.blob) for entry in entries if entry.blob is not None]
            data = [entry.data for entry in entries]
        files = self._growth.add(data)
        self._compare()
        return [*blobs, *map(self._placed, files)]

    def finish(self) -> Iterator[Blob]:
        """Give the open tiles and bundles, also as earlier checkpoints need them, the archive, last the checkpoint.

        Raises:
            RewrittenError: the log has fewer records than were published before.
        """
        published = max(self._roots, default=0)
        if published > self.size:
            was = f"with {published} records and the root {self._roots[published].hex()}"
            message = f"the log {self.stream} was published {was}, but now it has only {self.size} records"
            raise RewrittenError(message)
        yield from map(self._placed, self._growth.finish())
        data, signed = self._checkpoint(), self._signer is not None
        archive = {archive_name(self.size, signed=signed): data}
        archive.update((one.name, one.data) for one in self._earlier)
        for archived, content in sorted(archive.items()):
            yield self._placed(Blob(f"{ARCHIVE}/{archived}", content))
        yield self._placed(Blob(checkpoint_name(signed=signed), data))

    def _checkpoint(self) -> bytes:
        text = format_checkpoint(Checkpoint(self.origin, self.size, self.root))
        if self._signer is None:
            return text
        data = sign_note(text, self._signer)
        line = parse_note(data).signatures[0]
        for one in self._earlier:
            if one.size == self.size and one.signed:
                note = parse_note(one.data)
                if note.text == text and line in note.signatures:
                    return one.data  # the same checkpoint, perhaps with cosignatures of witnesses
        return data

    def _compare(self) -> None:
        for size, root in self._growth.roots.items():
            if root != self._roots[size]:
                was = f"the log {self.stream} was published at size {size} with the root {self._roots[size].hex()}"
                message = f"{was}, but its first {size} records now have the root {root.hex()}"
                raise RewrittenError(message)
        self._growth.roots.clear()

    def _placed(self, file: Blob) -> Blob:
        return Blob(self._folder + file.path, file.data)
