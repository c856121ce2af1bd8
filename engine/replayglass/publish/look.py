"""What stands at a target before a site is published there: whose it is, what it vouches for, its checkpoints."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from replayglass.canon import digest
from replayglass.errors import OutputError
from replayglass.output.commit import is_head
from replayglass.output.manifest import (
    FORMAT_VERSION,
    GENERATOR,
    FileEntry,
    decode_manifest,
    decode_marker,
    decode_shard,
)
from replayglass.output.paths import MANIFEST
from replayglass.output.published import MAX_DOCUMENT
from replayglass.proof.note import MAX_NOTE
from replayglass.publish.claim import CLAIM, DRAFT, MAX_CLAIM, Claim, decode_claim
from replayglass.verify.manifest import MAX_SHARD

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from replayglass.publish.source import Source
    from replayglass.publish.target import Stored, Target


class Look(NamedTuple):
    """A target at one moment.

    ``files`` are all that it holds, ``manifest`` the bytes of its ``manifest.json`` (None: it has none), ``vouched``
    what that lists, as far as its shards can be read. ``heads`` are the checkpoints by path. ``claim`` was left by a
    publishing that did not end (or is at work now), ``claimed`` are its bytes.
    """

    files: Mapping[str, Stored]
    manifest: bytes | None
    vouched: Mapping[str, FileEntry]
    heads: Mapping[str, bytes]
    claim: Claim | None
    claimed: bytes | None

    @property
    def base(self) -> str | None:
        """Return the digest of the manifest."""
        return None if self.manifest is None else digest(self.manifest)


def look_at(target: Target, source: Source) -> Look:
    """Return what stands at a target where ``source`` is going to be published.

    Raises:
        OutputError: it holds something that is not ours, or that this version does not know, or cannot be read.
    """
    files = dict(target.files())
    claimed = target.read(CLAIM, MAX_CLAIM) if CLAIM in files else None
    manifest = target.read(MANIFEST, MAX_DOCUMENT + 1) if MANIFEST in files else None
    claim = None if claimed is None else _claim(target.shown, claimed)
    own = {CLAIM, DRAFT}
    if manifest is None and claim is None and not files.keys() <= own:
        raise _foreign(target.shown)
    vouched = {} if manifest is None else dict(_vouched(target, source, manifest, files))
    heads = {path: target.read(path, MAX_NOTE + 1) or b"" for path in sorted(files) if is_head(path)}
    others = {path: stored for path, stored in files.items() if path not in own}
    return Look(others, manifest, vouched, heads, claim, claimed)


def _claim(shown: str, data: bytes) -> Claim:
    try:
        return decode_claim(data)
    except (ValueError, RecursionError) as error:
        message = f"{shown}/{CLAIM} is damaged, so it is not known what an earlier publishing left undone"
        raise OutputError(message, "delete that file if nobody is publishing there, and publish again") from error


def _vouched(
    target: Target, source: Source, manifest: bytes, files: Mapping[str, Stored]
) -> Iterator[tuple[str, FileEntry]]:
    """Give what the manifest lists; a shard that is another one by now vouches for nothing.

    A shard that the source has, too, is read from there.
    """
    try:
        marker = decode_marker(manifest)
        if marker.generator != GENERATOR:
            raise _foreign(target.shown)
        if marker.version > FORMAT_VERSION:
            message = f"{target.shown} was published by a newer version of replayglass"
            raise OutputError(message, "upgrade replayglass, or choose another place")
        for row in decode_manifest(manifest).shards:
            listed = FileEntry(row.path, row.sha256, row.size)
            yield row.path, listed
            if source.files.get(row.path) == listed:
                data: bytes | None = source.read(row.path)
            else:
                data = target.read(row.path, MAX_SHARD) if row.path in files else None
            if data is not None and digest(data) == row.sha256:
                yield from ((entry.path, entry) for entry in decode_shard(data))
    except (ValueError, RecursionError) as error:
        message = f"the manifest of {target.shown} is damaged"
        raise OutputError(message, "empty the place, or choose another one") from error


def _foreign(shown: str) -> OutputError:
    message = f"{shown} is not empty and was not published by replayglass"
    return OutputError(message, "choose an empty or new place")
