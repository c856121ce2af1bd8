"""The note that stands at an object store while a site is published there: what may be half done, and by whom."""

from __future__ import annotations

from typing import Annotated

import msgspec

from replayglass.canon import encode

CLAIM = "replayglass-publishing.json"
"""Path of the note, from the target's root; no site has such a file."""

DRAFT = "replayglass-publishing.part"
"""Path of a file on its way to its name, where the target has no whole writes."""

MAX_CLAIM = 1 << 28
_Digest = Annotated[str, msgspec.Meta(pattern="^[0-9a-f]{64}$")]


class Claim(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """``base`` and ``target`` are the digests of ``manifest.json`` before and after; equal claims do equal things.

    The base's manifest does not vouch for ``touched`` files any more. ``removed`` are to be, once all else is done.
    """

    version: int
    generator: str
    base: _Digest | None
    target: _Digest
    touched: tuple[str, ...]
    removed: tuple[str, ...]

    def encoded(self) -> bytes:
        """Return the bytes of the note."""
        return encode(msgspec.to_builtins(self))


def decode_claim(data: bytes) -> Claim:
    """Return the note that ``data`` is; ValueError or RecursionError when it is none."""
    return msgspec.json.decode(data, type=Claim)
