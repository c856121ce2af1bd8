"""Checks the scripts with which pages check themselves in a browser: they must say what the log's tiles say."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import msgspec

from replayglass.logscript import GROUP, Head, check_path, check_script, group_path, group_script
from replayglass.proof.failure import ProofError
from replayglass.proof.growth import Edge
from replayglass.proof.keys import parse_vkey
from replayglass.proof.merkle import HASH_BYTES
from replayglass.proof.note import parse_note
from replayglass.proof.tiles import WIDTH, count_at, tile_at
from replayglass.verify.split import decode

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from replayglass.proof.keys import Verifier
    from replayglass.verify.report import Commitment, Failures
    from replayglass.verify.site import SiteFolder

_MOST = 1 << 26
_HEAD = 1 << 21
_HASH = 67
"""Bytes of a hash in a script: 64 digits, quotes, a comma."""


class _Named(msgspec.Struct):
    key: str | None


_NAMED: Any = msgspec.json.Decoder(tuple[str, _Named])


def check_scripts(site: SiteFolder, stream: str, head: Commitment, keys: Sequence[Verifier], failures: Failures) -> int:
    """Check the scripts of a log whose tiles were checked; return how many there are.

    The key that the site names must fit its checkpoint and the pinned ones; it is never used to verify anything.
    """
    groups = group_count(head.size)
    try:
        _check_head(site, stream, head, keys)
        for group in range(groups):
            _check_group(site, stream, head.size, group)
    except ProofError as error:
        failures.add(error)
    return 1 + groups


def named_key(site: SiteFolder, stream: str) -> Verifier | None:
    """Return the key that the site says its log is signed with, None if it names none; it vouches for nothing.

    Raises:
        ProofError: the script that names it is missing or damaged.
    """
    path = check_path(stream)
    key = _named_key(path, site.require(path, _MOST), stream)
    return None if key is None else parse_vkey(key)


def group_count(size: int) -> int:
    """Return how many group scripts a log of ``size`` records has: each group with a page has one."""
    return size // WIDTH // GROUP + 1


def _check_head(site: SiteFolder, stream: str, head: Commitment, keys: Sequence[Verifier]) -> None:
    path = check_path(stream)
    level2 = _hashes(site, stream, 2, 0, count_at(2, head.size))
    edge = Edge(list(_last(site, stream, 0, head.size)), list(_last(site, stream, 1, head.size)), level2)
    data = site.require(path, _HEAD + _HASH * len(level2) + len(head.data) * 6)
    key = _named_key(path, data, stream)
    said = Head(head.origin, head.size, head.root, head.signed, head.data.decode(), key)
    if check_script(stream, said, edge) != data:
        message = f"{path} does not say what the log says"
        raise ProofError(message)
    if key is not None:
        _check_key(path, parse_vkey(key), head, keys)


def _check_key(path: str, key: Verifier, head: Commitment, keys: Sequence[Verifier]) -> None:
    marks = {signature[:2] for signature in parse_note(head.data).signatures} if head.signed else set()
    if (key.name, key.key_id) not in marks or (keys and key not in keys):
        message = f"{path} names a key that did not sign the checkpoint, or is not the pinned one"
        raise ProofError(message)


def _named_key(path: str, data: bytes, stream: str) -> str | None:
    start, end = b"replayglass.log(", b");\n"
    if not data.startswith(start) or not data.endswith(end):
        message = f"{path} is not a script of ours"
        raise ProofError(message)
    name, said = decode(b"[%b]" % data[len(start) : -len(end)], _NAMED)
    if name != stream:
        message = f"{path} is that of another log"
        raise ProofError(message)
    return said.key  # type: ignore[no-any-return]


def _check_group(site: SiteFolder, stream: str, size: int, group: int) -> None:
    path = group_path(stream, group)
    first = group * GROUP
    pages = _hashes(site, stream, 1, first, min(first + GROUP, count_at(1, size)))
    if site.require(path, _HEAD) != group_script(stream, group, pages):
        message = f"{path} does not say what the log says"
        raise ProofError(message)


def _last(site: SiteFolder, stream: str, level: int, size: int) -> Iterator[bytes]:
    """Give the hashes of the open tile of a level."""
    count = count_at(level, size)
    yield from _hashes(site, stream, level, count - count % WIDTH, count)


def _hashes(site: SiteFolder, stream: str, level: int, start: int, stop: int) -> list[bytes]:
    """Return hashes of a level that begin at a tile, from the tiles of a log of which ``stop`` hashes are there."""
    hashes: list[bytes] = []
    for index in range(start // WIDTH, -(-stop // WIDTH)):
        tile = tile_at(level, index, stop << 8 * level)
        data = site.require(f"log/{stream}/{tile.path}", WIDTH * HASH_BYTES)
        hashes += (data[at : at + HASH_BYTES] for at in range(0, len(data), HASH_BYTES))
    return hashes
