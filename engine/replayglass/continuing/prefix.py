"""Whether what was read before is still there: sizes of the streams, ends of what was read, and sampled tiles."""

from __future__ import annotations

from random import SystemRandom
from typing import TYPE_CHECKING

from replayglass.canon import digest
from replayglass.errors import InputError
from replayglass.log.ndjson import read_batches
from replayglass.log.segment import file_size, open_segment
from replayglass.proof.leaf import entries_of
from replayglass.proof.merkle import leaf_hashes
from replayglass.proof.tiles import Tile
from replayglass.publishedlogs import LOG_FOLDER
from replayglass.record import PAGE_SIZE, Position
from replayglass.secretscan.scan import Scanner
from replayglass.trail import ELSEWHERE

if TYPE_CHECKING:
    from collections.abc import Callable

    from replayglass.continuing.aside import Aside
    from replayglass.log.source import Stream
    from replayglass.run import Run
    from replayglass.trail import Reached

TAIL = 64 << 10
"""Bytes before the place where reading goes on that are read again, all of them."""

SAMPLES = 8
"""Pages of each stream that are read again, chosen at random: nothing that is published depends on which."""


def tail_of(stream: Stream, reached: Reached) -> str:
    """Return the SHA-256 of the last bytes of a stream that were read.

    Raises:
        InputError: they cannot be read any more.
    """
    if not stream.segments:
        return ""
    end = reached.size if reached.place is None else reached.place.offset
    last = stream.segments[-1]._replace(compression="none", end=end)
    with open_segment(last, max(0, end - TAIL)) as reader:
        return digest(reader.read(TAIL))


def is_there(run: Run, aside: Aside, tile_digest: Callable[[str], str | None]) -> bool:
    """Say whether the streams still begin with what was read, as far as that can be told from samples.

    ``tile_digest`` gives the SHA-256 of a file of the site that is whole.
    """
    try:
        return all(_holds(run, stream, aside, tile_digest) for stream in run.streams)
    except InputError:  # it cannot be read, or there is a secret in it now: the full build says which
        return False


def _holds(run: Run, stream: Stream, aside: Aside, tile_digest: Callable[[str], str | None]) -> bool:
    reached = aside.halted[stream.name].reached
    if not stream.segments:
        return True
    size = file_size(stream.segments[-1])
    place = reached.place
    if size != reached.size if place is None else size < place.offset:
        return False
    if tail_of(stream, reached) != aside.tails[stream.name]:
        return False
    if place is None:
        return True
    full = [page for page in range(place.seq // PAGE_SIZE) if reached.pages[page] != ELSEWHERE]
    chosen = SystemRandom().sample(full, min(SAMPLES, len(full)))
    return all(_is_tile(run, stream, reached, page, tile_digest) for page in sorted(chosen))


def _is_tile(run: Run, stream: Stream, reached: Reached, page: int, tile_digest: Callable[[str], str | None]) -> bool:
    """Say whether the records of a page have the leaf hashes of their tile."""
    start = Position(stream.name, stream.segments[-1].path, page * PAGE_SIZE, 1, reached.pages[page])
    read = read_batches(stream, max_line_bytes=run.config.max_line_bytes, start=start)
    batch = next(Scanner(run.config.secret_rules, lambda _: None).batches(stream.name, read))
    hashes = leaf_hashes([entry.data for entry in entries_of(batch.raws, batch.unread)])
    return digest(b"".join(hashes)) == tile_digest(f"{LOG_FOLDER}{stream.name}/{Tile(0, page).path}")
