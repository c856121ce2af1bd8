"""Where the files of logs and of record pages can be, given how many records there are."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

from replayglass.logscript import check_path, group_path
from replayglass.proof.earlier import ARCHIVE, checkpoint_name
from replayglass.proof.failure import ProofError
from replayglass.proof.tiles import WIDTH, Tile, count_at, kept_partials, parse_tile_path
from replayglass.verify.archive import published_sizes
from replayglass.verify.scripts import group_count

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from replayglass.proof.earlier import Earlier
    from replayglass.row import Collection
    from replayglass.verify.report import Commitment

_NUMBERED = re.compile(r"(?P<folder>.+)/(?P<number>[0-9]{6,15})\.(?P<kind>html|js|json)")


class LogPlaces(NamedTuple):
    """What is known of a stream: its checkpoint, the names in its archive, the partial tiles that must be there."""

    head: Commitment
    archive: frozenset[str]
    partials: frozenset[Tile]


def log_places(head: Commitment, archive: Sequence[Earlier]) -> LogPlaces:
    """Return what is known of a log with this archive."""
    partials = kept_partials(head.size, published_sizes(head.size, archive))
    return LogPlaces(head, frozenset(one.name for one in archive), frozenset(partials))


class Places:
    """Tells of a path whether a site with these logs can have it; a stream of which nothing is known can have all."""

    def __init__(self, streams: Mapping[str, Collection], logs: Mapping[str, LogPlaces]) -> None:
        self._streams = streams
        self._logs = logs
        self._pages: dict[str, int] = {}
        for stream, known in logs.items():
            collection = streams[stream]
            pages = known.head.size // WIDTH + 1
            self._pages[collection.folder] = self._pages[f"{collection.json_folder}/pages"] = pages

    def has(self, path: str) -> bool:
        """Tell whether there is a place for ``path``."""
        if path.startswith("log/"):
            stream, _, rest = path.removeprefix("log/").partition("/")
            if stream not in self._streams:
                return False
            known = self._logs.get(stream)
            return known is None or self._has_log_file(stream, known, rest, path)
        numbered = _NUMBERED.fullmatch(path)
        return numbered is None or int(numbered["number"]) < self._pages.get(numbered["folder"], 1 << 62)

    def _has_log_file(self, stream: str, known: LogPlaces, rest: str, path: str) -> bool:
        head = known.head
        if rest.startswith("tile/"):
            return _is_tile(rest, known)
        if rest.startswith(f"{ARCHIVE}/"):
            return rest.removeprefix(f"{ARCHIVE}/") in known.archive
        if rest.startswith("check/"):
            number = rest.removeprefix("check/").removesuffix(".js")
            is_number = number.isascii() and number.isdigit() and int(number) < group_count(head.size)
            return is_number and path == group_path(stream, int(number))
        return path == check_path(stream) or rest == checkpoint_name(signed=head.signed)


def _is_tile(path: str, known: LogPlaces) -> bool:
    try:
        level, index, width = tile = parse_tile_path(path)
    except ProofError:
        return False
    return tile in known.partials or (width == WIDTH and index < count_at(level, known.head.size) // WIDTH)
