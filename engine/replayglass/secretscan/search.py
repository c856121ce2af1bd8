"""Finds the secrets in one text and replaces them; a JSON document stays one, and everything else stays as it is."""

from __future__ import annotations

import json
import re
from bisect import bisect_right
from itertools import groupby
from operator import itemgetter
from typing import TYPE_CHECKING, NamedTuple

from replayglass.secretscan.detectors import DETECTORS
from replayglass.secretscan.prefilter import suspects
from replayglass.secretscan.views import is_escaped, views

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from replayglass.secretscan.detectors import Detector

_STRING = re.compile(rb'"([^"\\]*+(?:\\.[^"\\]*+)*+)"', re.DOTALL)
_MARKERS = frozenset(detector.marker for detector in DETECTORS)
_NUMBER = re.compile(rb"-?[0-9][0-9.eE+-]*")


class Hit(NamedTuple):
    """A secret from byte ``start`` to byte ``end`` of a text; ``quoted``: it is a number of a JSON document."""

    detector: Detector
    start: int
    end: int
    quoted: bool = False


def suspects_among(texts: Sequence[bytes]) -> tuple[Detector, ...]:
    """Return the detectors that can match one of ``texts``, escapes undone or not."""
    joined = b"\n".join(texts)
    if is_escaped(joined):
        inner = (view.text for text in texts if is_escaped(text) for view in views(text))
        joined = b"\n".join([joined, *inner])
    return suspects(joined)


def find_secrets(text: bytes, detectors: Iterable[Detector] | None = None) -> list[Hit]:
    """Return the secrets in ``text`` that ``detectors`` (default: all) find, by place.

    Escapes of JSON and UTF-16 do not hide one. In a valid JSON document a hit is a part of one string or a number.
    """
    if detectors is None:
        detectors = suspects_among([text])
    hits = set(_found(text, tuple(detectors)))
    fitted = _fit(text, hits) if hits and _is_json(text) else hits
    by_detector = sorted(fitted, key=lambda hit: (hit.detector.name, hit.start, hit.end))
    merged = [hit for _, found in groupby(by_detector, key=lambda hit: hit.detector.name) for hit in _merged(found)]
    return sorted(merged, key=lambda hit: (hit.start, -hit.end, hit.detector.name))


def replace(text: bytes, hits: Iterable[Hit]) -> bytes:
    """Return ``text`` with a marker for each of ``hits`` (in order of place); those that overlap become one."""
    parts, done = [], 0
    for hit in _merged(hits):
        marker = b'"%b"' % hit.detector.marker if hit.quoted else hit.detector.marker
        parts += [text[done : hit.start], marker]
        done = hit.end
    return b"".join([*parts, text[done:]])


def _found(text: bytes, detectors: Sequence[Detector]) -> Iterator[Hit]:
    for view in views(text) if detectors else ():
        for detector in detectors:
            matches = detector.pattern.finditer(view.text)
            spans = [match.span(match.lastindex or 0) for match in matches]
            secret = [(start, end) for start, end in spans if view.text[start:end] not in _MARKERS]
            if secret:
                yield from (Hit(detector, start, end) for start, end in view.source_spans(secret))


def _is_json(text: bytes) -> bool:
    try:
        json.loads(text.decode(errors="replace"), parse_int=str, parse_float=str)
    except (ValueError, RecursionError):
        return False
    return True


def _fit(text: bytes, hits: Iterable[Hit]) -> set[Hit]:
    """Return the hits inside strings, cut at the string's end, and numbers; others are the document's own signs."""
    fitted = set()
    strings = [found.span(1) for found in _STRING.finditer(text)]
    for hit in hits:
        index = bisect_right(strings, hit.start, key=itemgetter(0)) - 1
        number = _NUMBER.match(text, hit.start)
        if index >= 0 and hit.start <= strings[index][1]:
            fitted.add(hit._replace(end=min(hit.end, strings[index][1])))
        elif number is not None:
            fitted.add(hit._replace(end=number.end(), quoted=True))
    return fitted


def _merged(hits: Iterable[Hit]) -> list[Hit]:
    merged: list[Hit] = []
    for hit in hits:
        if merged and hit.start < merged[-1].end:
            merged[-1] = merged[-1]._replace(end=max(hit.end, merged[-1].end))
        else:
            merged.append(hit)
    return merged
