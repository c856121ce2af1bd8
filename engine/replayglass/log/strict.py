"""One line read as strict JSON, or the exact reason why it cannot be.

The decoders of the domains are fast and silent about reasons; whatever they refuse comes here. The answers do not
depend on the Python version or its recursion limit, and no wording of a parser reaches a finding.
"""

from __future__ import annotations

import json
import re
from typing import NamedTuple, NoReturn

MAX_DEPTH = 64
"""Arrays and objects inside each other; the runtimes write at most three levels (paper-runtime.md section 17.23)."""

MAX_DIGITS = 400
"""Digits of one number: more is no value of ours, and some readers of the published page would refuse them."""

# Each in linear time on any input: an unterminated string is one string, a row of digits is looked at once.
_STRING = re.compile(rb'"[^"\\]*+(?:\\.[^"\\]*+)*+"?', re.DOTALL)
_NUMBER = re.compile(rb"(?<![0-9])[0-9]{%d}" % (MAX_DIGITS + 1))
_BRACKET = re.compile(rb"[\[\]{}]")


class Fault(NamedTuple):
    """Why a line is unreadable: a stable finding code and a sentence of our own."""

    code: str
    message: str


class _RepeatedKeyError(ValueError):
    pass


def read_object(raw: bytes) -> dict[str, object] | Fault:
    """Return the JSON object in ``raw`` (RFC 8259, keys unique, depth and digits bounded), or what is wrong with it.

    White space around the object is allowed, as JavaScript allows it. Escaped lone surrogates stay lone surrogates.
    """
    text = _decode(raw)
    if isinstance(text, Fault):
        return text
    fault = _bounds(raw)
    if fault is not None:
        return fault
    return _parse(text)


def _decode(raw: bytes) -> str | Fault:
    if raw.startswith(b"\xef\xbb\xbf"):
        return Fault("encoding.bom", "The line begins with a byte order mark, which JSON does not allow.")
    if raw.startswith((b"\xff\xfe", b"\xfe\xff")):
        return Fault("encoding.utf-16", "The line begins with a UTF-16 byte order mark; logs are UTF-8.")
    if b"\0" in raw:
        return Fault(
            "encoding.nul-bytes",
            f"The line holds {raw.count(0)} NUL bytes (of {len(raw)}): UTF-16 text, or space left by a power loss.",
        )
    try:
        return raw.decode()
    except UnicodeDecodeError as error:
        return Fault("encoding.invalid-utf8", f"The line is not UTF-8: byte {error.start} of it begins no character.")


def _bounds(raw: bytes) -> Fault | None:
    bare = _STRING.sub(b"", raw)
    depth = deepest = 0
    for bracket in _BRACKET.findall(bare):
        depth += 1 if bracket in b"[{" else -1
        deepest = max(deepest, depth)
    if deepest > MAX_DEPTH:
        return Fault("json.too-deep", f"The line nests {deepest} levels deep; {MAX_DEPTH} are read.")
    if _NUMBER.search(bare):
        return Fault("json.number-too-long", f"The line holds a number of more than {MAX_DIGITS} digits.")
    return None


def _parse(text: str) -> dict[str, object] | Fault:
    try:
        value = json.loads(text, object_pairs_hook=_unique, parse_constant=_no_constant)
    except _RepeatedKeyError:
        return Fault("json.duplicate-key", "An object has the same key twice, so what it says is ambiguous.")
    except json.JSONDecodeError as error:
        return _syntax(text, error)
    except ValueError:
        return Fault("json.syntax", "The line holds NaN or Infinity, which JSON does not have.")
    if isinstance(value, dict):
        return value
    return Fault("json.not-an-object", f"The line is JSON but no object: {_kind(value)}.")


def _syntax(text: str, error: json.JSONDecodeError) -> Fault:
    # Of the parser's answer only "a whole value, then more" is used: its other wordings and places differ by version.
    bare = text.strip()
    if not bare:
        return Fault("json.blank", "The line holds white space only.")
    if error.msg == "Extra data" and bare[0] == "{":
        if text.startswith("{", error.pos):
            return Fault("json.several-values", "The line holds several JSON objects; a line end was lost between.")
        return Fault("json.syntax", "Something follows the JSON object on its line.")
    if bare[0] == "{" and bare[-1] != "}":
        return Fault("json.incomplete", "The line ends before its JSON object does.")
    return Fault("json.syntax", "The line is not JSON.")


def _kind(value: object) -> str:
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "a boolean"
    if isinstance(value, list):
        return "an array"
    return "a string" if isinstance(value, str) else "a number"


def _unique(pairs: list[tuple[str, object]]) -> dict[str, object]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise _RepeatedKeyError
    return found


def _no_constant(_: str) -> NoReturn:
    raise ValueError
