"""Documents that hold records as they were written: where a reader of JSON sees one record end and the next begin."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, NamedTuple

from replayglass.proof.failure import ProofError

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from msgspec import Raw

_BLANK = b" \t\r"
_SURROGATES = re.compile(rb"\\(?:[^u]|u(?![dD][89a-fA-F])|(u[dD][89a-fA-F][0-9a-fA-F]{2}))")


class Decoded(NamedTuple):
    """A document; ``is_respelled``: its raw parts have spaces for escaped surrogates, at the same length."""

    document: Any
    is_respelled: bool


def decode(data: bytes, decoder: Any) -> Any:  # noqa: ANN401 - msgspec's decoders of any type
    """Return what ``decoder`` makes of a JSON document.

    Raises:
        ProofError: it is not of that type, or nested too deep.
    """
    try:
        return decoder.decode(data)
    except (ValueError, RecursionError):
        message = "not a document of its type"
        raise ProofError(message) from None


def decode_rows(data: bytes, decoder: Any) -> Decoded:  # noqa: ANN401 - as above
    r"""Return what ``decoder`` makes of a document with records.

    A record may hold the escape of a lone surrogate (``"\ud800"``), which JSON allows and the decoder does not.

    Raises:
        ProofError: as `decode` does.
    """
    try:
        return Decoded(decode(data, decoder), is_respelled=False)
    except ProofError:
        return Decoded(decode(_respelled(data), decoder), is_respelled=True)


def check_split(raws: Sequence[Raw], records: Iterable[bytes], *, is_respelled: bool) -> None:
    """Accept that a JSON reader sees exactly ``records`` in an array, not several in one or one in several.

    Raises:
        ProofError: it does not.
    """
    found = list(map(bytes, raws))
    wanted = [_respelled(record) if is_respelled else record for record in records]
    if found != wanted and found != [record.strip(_BLANK) for record in wanted]:
        message = "the records are not those of the log"
        raise ProofError(message)


def _respelled(data: bytes) -> bytes:
    return _SURROGATES.sub(lambda found: rb"\u0020" if found[1] else found[0], data)
