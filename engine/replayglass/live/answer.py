"""An answer to a request, before it is on its way."""

from __future__ import annotations

from http import HTTPStatus
from io import BytesIO
from typing import BinaryIO, NamedTuple

from replayglass.mediatypes import TEXT

NO_CACHE = "no-cache"
"""A copy may be kept, and must be asked about before it is used again."""

NOT_KEPT = ("Cache-Control", "no-store")
"""The header of what is true only now."""


class Answer(NamedTuple):
    """Status, the body (open at its beginning) with its size in bytes and type, further headers."""

    status: HTTPStatus
    body: BinaryIO
    size: int
    kind: str
    headers: tuple[tuple[str, str], ...] = ()


def answer_bytes(data: bytes, kind: str, *headers: tuple[str, str], status: HTTPStatus = HTTPStatus.OK) -> Answer:
    """Return an answer that is ready in memory."""
    return Answer(status, BytesIO(data), len(data), kind, headers)


def refuse(status: HTTPStatus, words: str, *headers: tuple[str, str]) -> Answer:
    """Return a refusal in one line of text."""
    return answer_bytes(f"{words}\n".encode(), TEXT, NOT_KEPT, *headers, status=status)
