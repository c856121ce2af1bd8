"""Reads the index of the look-up as its format says (docs/formats/lookup.md), without any code of the package."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

_CALL = re.compile(rb"replayglassLookup\.([a-z]+)\((.*)\);\n", re.DOTALL)


class Found(NamedTuple):
    """A term: what it is, its text, and its row."""

    kind: int
    text: str
    row: int


def script(data: bytes) -> tuple[str, list[Any]]:
    """Return the function that a script of the index calls, and its arguments."""
    call = _CALL.fullmatch(data)
    assert call is not None
    return call[1].decode(), json.loads(b"[" + call[2] + b"]")


class Index:
    """The index of a site, given its files by path."""

    def __init__(self, files: Mapping[str, bytes]) -> None:
        self._files = files
        self.read: list[str] = []
        self.about = self._get("index", "index")[0]

    def find(self, begin: str) -> list[Found]:
        """Return the terms that begin with a text, of each the first; reads only the leaves that can hold them."""
        digits = begin.replace("-", "")
        first: dict[tuple[int, str], int] = {}
        for path, is_names in self._leaves(digits, begin):
            for term in self.terms(path):
                if (_lower(term.text) if is_names else term.text.replace("-", "")).startswith(
                    begin if is_names else digits
                ):
                    first[term[:2]] = min(term.row, first.get(term[:2], term.row))
        return sorted(Found(*key, row) for key, row in first.items())

    def terms(self, path: str) -> Iterator[Found]:
        """Yield the terms of a leaf."""
        name, fields = self._get(path, "terms")
        assert name == path
        if "names" in fields:
            for text, letter, row in zip(fields["names"], fields["kinds"], fields["rows"], strict=True):
                yield Found(ord(letter) - ord("a"), text, row)
            return
        ids = re.findall("[0-9a-f]{32}", fields["ids"])
        assert "".join(ids) == fields["ids"]
        assert ids == sorted(ids)
        for text, letter, row in zip(ids, fields["kinds"], fields["rows"], strict=True):
            if letter.isupper():
                yield Found(ord(letter) - ord("A"), text, row)
            else:
                yield Found(ord(letter) - ord("a"), dashed(text), row)

    def times(self) -> list[int]:
        """Return the time of each page."""
        times: list[int] = []
        for number, first in enumerate(self.about["times"]):
            chunk, steps = self._get(f"times/{number:06d}", "times")
            assert (chunk, steps[0]) == (number, first)
            times += (sum(steps[: place + 1]) for place in range(len(steps)))
        return times

    def leaves(self) -> Iterator[str]:
        """Yield the paths of all leaves."""
        for segment, family, separators in self._families():
            yield from (f"{segment:06d}/{family}{number:04d}" for number in range(len(separators)))

    def _leaves(self, digits: str, begin: str) -> Iterator[tuple[str, bool]]:
        for segment, family, separators in self._families():
            is_names = family == "names-"
            for number in _numbers(separators, begin if is_names else digits):
                yield f"{segment:06d}/{family}{number:04d}", is_names

    def _families(self) -> Iterator[tuple[int, str, list[str]]]:
        segment = 0
        for number, first in enumerate(self.about["leaves"]):
            own, entries = self._get(f"leaves/{number:06d}", "leaves")
            assert (own, first) == (number, segment)
            for ids, names in entries:
                yield segment, "", ids
                yield segment, "names-", names
                segment += 1
        assert segment == self.about["segments"]
        for family, separators in self.about["open"]:
            yield segment, family, separators

    def _get(self, name: str, function: str) -> list[Any]:
        self.read.append(name)
        called, arguments = script(self._files[f"lookup/{name}.js"])
        assert called == function
        return arguments


def dashed(digits: str) -> str:
    """Return 32 digits as a UUID."""
    return "-".join((digits[:8], digits[8:12], digits[12:16], digits[16:20], digits[20:]))


def _lower(text: str) -> str:
    return "".join(sign.lower() if sign.isascii() else sign for sign in text)


def _units(text: str) -> bytes:
    return text.encode("utf-16-be")


def _numbers(separators: Sequence[str], begin: str) -> list[int]:
    """Return the leaves that can hold what begins with a text; a separator may be cut."""
    own = _units(begin)
    starts = [not i or _units(text) <= own or text.startswith(begin) for i, text in enumerate(separators)]
    ends = [_units(text) > own or begin.startswith(text) for text in separators[1:]] + [True]
    return [number for number, both in enumerate(zip(starts, ends, strict=False)) if all(both)]
