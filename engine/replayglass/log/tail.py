"""Tells what an unterminated last line is: a write that was interrupted, or a line that only lacks its LF."""

import re

import msgspec

_WHITE_SPACE = b" \t\r"  # JSON's (RFC 8259 section 2), less the LF that ends a line
# Possessive, so a hostile line takes linear time.
_STRING = re.compile(rb'"[^"\\]*+(?:\\.[^"\\]*+)*+(?:"|\\?\Z)', re.DOTALL)


def is_torn(line: bytes) -> bool:
    """Tell whether an unterminated ``line`` may be the beginning of a JSON object that was still being written.

    The object a writer appends is open until its last byte. A line whose brackets are all closed, one that begins
    with something else, or one with NUL bytes (left by a power failure) was damaged some other way.
    """
    if not line.lstrip(_WHITE_SPACE).startswith(b"{") or b"\0" in line:
        return False
    brackets = _STRING.sub(b"", line)
    return brackets.count(b"{") + brackets.count(b"[") > brackets.count(b"}") + brackets.count(b"]")


def is_json(line: bytes) -> bool:
    """Tell whether ``line`` is one JSON document; one nested too deep for the parser counts as none."""
    try:
        msgspec.json.decode(line, type=msgspec.Raw)
    except (ValueError, RecursionError):
        return False
    return True
