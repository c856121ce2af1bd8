"""What a client may write: identifiers, signals, numbers and retention (flow-vm, sections 1.2, 1.4, 4.5.3 and 13.1)."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from replayglass.domains.flow import retention
from replayglass.domains.flow.names import MAX_NAME, size
from replayglass.domains.flow.numbers import MASK, decimal
from replayglass.domains.flow.signals import is_glob, segments
from replayglass.domains.flow.tree import MAX_CONTEXT

if TYPE_CHECKING:
    from replayglass.domains.flow.tree import Tree

_OUTER = " \t\r\n"
_TOKEN = re.compile(r"[a-z0-9\-_./]+")
_CAPITALS = str.maketrans("ABCDEFGHIJKLMNOPQRSTUVWXYZ", "abcdefghijklmnopqrstuvwxyz")


def joined(*tokens: str) -> str:
    """Return the identifier of ``tokens``: trimmed, in lower case, with colons between them (section 1.4).

    Raises:
        ValueError: a token that is empty or has other characters than a-z 0-9 - _ . /, or 256 bytes exceeded.
    """
    cleaned = [token.strip(_OUTER).translate(_CAPITALS) for token in tokens]
    for token, clean in zip(tokens, cleaned, strict=True):
        if not _TOKEN.fullmatch(clean):
            message = f"{token!r} is no token of an identifier: use letters, digits and - _ . / only"
            raise ValueError(message)
    identifier = ":".join(cleaned)
    if not 0 < len(identifier) <= MAX_NAME:
        message = f"an identifier has 1 to {MAX_NAME} characters, not {len(identifier)}"
        raise ValueError(message)
    return identifier


def identifier(written: str) -> str:
    """Return an identifier that is written with its colons.

    Raises:
        ValueError: as `joined`.
    """
    return joined(*written.split(":"))


def signal(path: str) -> str:
    """Return ``path`` if an event can carry it.

    Raises:
        ValueError: it does not split into 1 to 4 segments.
    """
    if segments(path) is None:
        message = f"{path!r} is no signal: it has 1 to 4 segments of 1 to 63 bytes between / or :"
        raise ValueError(message)
    return path


def pattern(written: str) -> str:
    """Return ``written`` if an event can match it: a glob, or a signal.

    Raises:
        ValueError: no event can carry that signal.
    """
    return written if is_glob(written) else signal(written)


def number(value: int, what: str, least: int = 0) -> str:
    """Return ``value`` as the text of a number.

    Raises:
        ValueError: it is less than ``least`` or does not fit 64 bits.
    """
    if not least <= value <= MASK:
        message = f"{what} is a number from {least} to 2^64 - 1, not {value}"
        raise ValueError(message)
    return str(value)


def fraction(written: str, what: str) -> str:
    """Return ``written`` if it is a decimal number.

    Raises:
        ValueError: it is none.
    """
    if decimal(written) is None:
        message = f"{what} is a decimal number, not {written!r}"
        raise ValueError(message)
    return written


def directive(written: str) -> str:
    """Return ``written`` if it is a directive of retention.

    Raises:
        ValueError: it is neither permanent nor ttl:n nor archive:n.
    """
    if retention.parse(written) is None:
        message = f"{written!r} is no retention: say permanent, ttl:n or archive:n"
        raise ValueError(message)
    return written


def context(written: str) -> str:
    """Return ``written`` if it can be the context of an instance or event.

    Raises:
        ValueError: it is empty or longer than 127 bytes.
    """
    if not 0 < size(written) <= MAX_CONTEXT:
        message = f"a context has 1 to {MAX_CONTEXT} bytes, not {size(written)}"
        raise ValueError(message)
    return written


def given(**fields: object) -> Tree:
    """Return the fields that are not None."""
    return {name: value for name, value in fields.items() if value is not None}
