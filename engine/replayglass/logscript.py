"""What a page needs to check itself in a browser, as classic scripts: browsers load nothing else from file://.

A script calls `replayglass.log` or `replayglass.group` of the page that loads it, with the name of the stream and plain
data. Every hash is that of a perfect subtree of the stream's log (RFC 9162 section 2.1), in hex.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from replayglass.canon import encode_inline

if TYPE_CHECKING:
    from collections.abc import Sequence

    from replayglass.proof.growth import Edge

GROUP = 256
"""Pages whose hashes stand in one script; their subtrees are one of 65,536 leaves."""

_ESCAPES = [(sign.encode(), f"\\u{ord(sign):04x}".encode()) for sign in "<>&\u2028\u2029"]


class Head(NamedTuple):
    """A published checkpoint of a log.

    ``checkpoint`` is the text of its file: the body alone, or a note with its signatures (``is_signed``). ``key`` is
    the verifier key (C2SP signed-note) that the site names, which proves only that its files belong together.
    """

    origin: str
    size: int
    root: bytes
    is_signed: bool
    checkpoint: str
    key: str | None = None


def script_json(value: object) -> bytes:
    """Return ``value`` as JSON that may stand in a script, inside a page or in a file of its own.

    JSON is JavaScript, except that some text ends a script or a line in one of its contexts; so that is escaped.
    """
    data = encode_inline(value)
    for sign, escaped in _ESCAPES:
        data = data.replace(sign, escaped)
    return data


def check_path(stream: str) -> str:
    """Return the path of `check_script`, which changes with each publication."""
    return f"log/{stream}/check.js"


def group_path(stream: str, group: int) -> str:
    """Return the path of `group_script` number ``group``."""
    return f"log/{stream}/check/{group:06d}.js"


def scripts_of_group(stream: str, group: int) -> tuple[str, str]:
    """Return the paths of the two scripts that the pages of a group load; the paths never change, nor do full pages."""
    return check_path(stream), group_path(stream, group)


def check_script(stream: str, head: Head, edge: Edge) -> bytes:
    """Return the script with the newest checkpoint and the tree's right edge.

    It takes 67 bytes for each 65,536 records, and stays below 512 KiB up to 400 million records.
    """
    data = {
        "origin": head.origin,
        "size": head.size,
        "root": head.root.hex(),
        "signed": head.is_signed,
        "checkpoint": head.checkpoint,
        "key": head.key,
        "level2": _hex(edge.level2),
        "edge1": _hex(edge.level1),
        "edge0": _hex(edge.level0),
    }
    return _call("log", stream, data)


def group_script(stream: str, group: int, pages: Sequence[bytes]) -> bytes:
    """Return the script with the roots of the full pages of a group.

    Every group that has a page needs one, be that page empty, since the page names it. With 256 hashes the group is
    full and its script never changes again.
    """
    return _call("group", stream, group, _hex(pages))


def _hex(hashes: Sequence[bytes]) -> list[str]:
    return [value.hex() for value in hashes]


def _call(function: str, *arguments: object) -> bytes:
    return b"replayglass.%s(%s);\n" % (function.encode(), b",".join(map(script_json, arguments)))
