"""A private key over several lines: its first line gives it away, the secret is in the lines that follow."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from replayglass.secretscan.detectors import BY_NAME
from replayglass.secretscan.search import Hit

if TYPE_CHECKING:
    from collections.abc import Sequence

_KEY = BY_NAME["private-key"]
_END = b"-----END "
# Base64 in lines, or a header such as Proc-Type (RFC 1421) or Version (RFC 9580).
_CONTINUED = re.compile(rb"[A-Za-z0-9+/=\s]*+(?:[A-Za-z0-9-]{1,40}: .*+)?", re.DOTALL)


class KeyBlock:
    """Follows the lines of a stream; ``is_open``: the last one was inside a key."""

    def __init__(self) -> None:
        self.is_open = False

    def follow(self, line: bytes, hits: Sequence[Hit]) -> list[Hit]:
        """Return ``hits`` of the next ``line``, in order, with what of it belongs to a key that began before."""
        rest = self._rest(line) if self.is_open else None
        begins = any(hit.detector is _KEY and not line[hit.end :].strip(b"\0\r\t ") for hit in hits)
        self.is_open = begins or (rest is not None and _END not in line)
        return list(hits) if rest is None else [rest, *hits]

    @staticmethod
    def _rest(line: bytes) -> Hit | None:
        body = line.partition(_END)[0]
        return Hit(_KEY, 0, len(body)) if _CONTINUED.fullmatch(body.replace(b"\0", b"")) else None
