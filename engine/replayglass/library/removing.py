"""A publication is removed: a tombstone in the place of each page, the checkpoints stay, all else goes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from replayglass.canon import digest
from replayglass.errors import OutputError
from replayglass.library.shape import tombstone
from replayglass.output.manifest import decode_manifest, decode_shard
from replayglass.output.paths import MANIFEST
from replayglass.output.published import MAX_DOCUMENT
from replayglass.proof.earlier import CHECKPOINT

if TYPE_CHECKING:
    from replayglass.library.catalogue import Publication
    from replayglass.library.storage import Storage
    from replayglass.output.manifest import ShardEntry


def remove_publication(storage: Storage, one: Publication) -> None:
    """Remove what is left of a publication; its manifest goes last, so that this can be done again at any moment.

    Raises:
        OutputError: its manifest is damaged, or a file cannot be written or removed.
    """
    for path in listed_of(storage, one.address):
        place = f"{one.address}/{path}"
        if path.endswith(".html"):
            storage.write(place, tombstone(one, path))
        elif not _is_checkpoint(path):
            storage.remove(place)


def listed_of(storage: Storage, address: str) -> list[str]:
    """Return the files of the publication at ``address``, its manifest last; those whose shard is gone are none.

    Raises:
        OutputError: the manifest is damaged, or cannot be read.
    """
    data = storage.read(f"{address}/{MANIFEST}", MAX_DOCUMENT)
    if data is None:
        return []
    try:
        shards = decode_manifest(data).shards
        files = [path for shard in shards for path in _paths(storage, address, shard)]
    except (ValueError, RecursionError) as error:
        message = f"the manifest of {storage.shown}/{address} is damaged"
        raise OutputError(message, "add the publication once more, or restore it from a copy") from error
    return [*files, *(shard.path for shard in shards), MANIFEST]


def _paths(storage: Storage, address: str, shard: ShardEntry) -> list[str]:
    data = storage.read(f"{address}/{shard.path}", MAX_DOCUMENT)
    if data is None:  # shards go when all files are gone
        return []
    if digest(data) != shard.sha256:
        raise ValueError(shard.path)
    return [entry.path for entry in decode_shard(data)]


def _is_checkpoint(path: str) -> bool:
    """Tell whether a file is the newest checkpoint of a log, or one in its archive."""
    parts = path.split("/")
    return parts[0] == "log" and any(part.startswith(CHECKPOINT) for part in parts[2:])
