"""Scans what a run is about to publish: records are passed on, redacted or refused, each by the operator's rules."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, NamedTuple

from replayglass.record import Finding, Severity
from replayglass.secretscan.keyblock import KeyBlock
from replayglass.secretscan.refusal import Place, refusal, refusal_without_rule
from replayglass.secretscan.rules import Decisions
from replayglass.secretscan.search import Hit, find_secrets, replace, suspects_among

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from replayglass.record import Batch
    from replayglass.secretscan.detectors import Detector
    from replayglass.secretscan.rules import SecretRule

NOTES = "notes"
"""The name by which the ``stream`` of a rule means the notes."""

_TORN = "ndjson.torn-tail"


class _Find(NamedTuple):
    """A secret in the text ``number``; ``place`` is a finding without code and words."""

    number: int
    hit: Hit
    place: Finding


class Scanner:
    """Applies ``rules`` to everything that passes; ``report`` takes what was done, as findings.

    ``allowed`` is what an earlier scanner of the same stream has said already (`remembered`).
    """

    def __init__(
        self, rules: Iterable[SecretRule], report: Callable[[Finding], None], allowed: Iterable[tuple[str, str]] = ()
    ) -> None:
        self._decisions = Decisions(rules)
        self._report = report
        self._allowed = set(allowed)
        self._block = KeyBlock()

    def remembered(self) -> frozenset[tuple[str, str]] | None:
        """Return what another scanner needs to go on with the stream, None within a key of several lines."""
        return None if self._block.is_open else frozenset(self._allowed)

    def batches(self, stream: str, batches: Iterable[Batch]) -> Iterator[Batch]:
        """Give the batches of ``stream``, the same ones unless something in them is redacted.

        A redacted one keeps the lines and offsets of its source. A torn tail is redacted too, but is no record, so
        `Batch.redacted` does not have it.

        Raises:
            SecretError: there is a secret and no rule about it; up to ten places of its batch are named.
        """
        block = self._block = KeyBlock()
        for batch in batches:
            texts = batch.raws if batch.torn is None else [*batch.raws, batch.torn]
            detectors = suspects_among(texts)
            if detectors or block.is_open:
                yield self._decided(stream, batch, texts, _finds(batch, texts, detectors, block))
            else:
                yield batch

    def scan_text(self, name: str, text: str) -> str:
        """Return the text of the note in the file ``name``, redacted as the rules for ``notes`` say.

        Raises:
            SecretError: there is a secret and no rule about it, or one in ``name``, which is published as well.
        """
        refuse_text("the name of a note", name)
        data = text.encode("utf-8", "surrogatepass")
        place = Finding("", Severity.INFO, "", NOTES, ascii(name[:100])[1:-1])
        hits = find_secrets(data)
        finds = [_Find(0, hit, place._replace(line=data.count(b"\n", 0, hit.start) + 1)) for hit in hits]
        redacted = self._decide(NOTES, finds)
        return replace(data, redacted[0]).decode("utf-8", "surrogatepass") if redacted else text

    def _decided(self, stream: str, batch: Batch, texts: Sequence[bytes], finds: Sequence[_Find]) -> Batch:
        redacted = self._decide(stream, finds)
        if not redacted:
            return batch
        published = [replace(text, redacted[index]) if index in redacted else text for index, text in enumerate(texts)]
        size = len(batch.raws)
        torn = batch.torn if batch.torn is None else published[size]
        records = batch.redacted | {index for index in redacted if index < size}
        return batch._replace(raws=published[:size], torn=torn, redacted=records)

    def _decide(self, stream: str, finds: Sequence[_Find]) -> dict[int, list[Hit]]:
        """Return what is to be redacted, by index; report it and what is allowed."""
        actions = [self._decisions.action(find.hit.detector.name, stream) for find in finds]
        undecided = [find for find, action in zip(finds, actions, strict=True) if action is None]
        if undecided:
            raise refusal([Place(find.hit.detector, _where(find.place)) for find in undecided])
        redacted: dict[int, list[Hit]] = {}
        for find, action in zip(finds, actions, strict=True):
            if action == "allow":
                self._allow(stream, find)
            else:
                redacted.setdefault(find.number, []).append(find.hit)
        places = {find.number: find.place for find in reversed(finds)}
        for index, hits in redacted.items():
            message = f"withheld from what is published: {_counted(hit.detector for hit in hits)}"
            self._report(places[index]._replace(code="secret.redacted", message=message))
        return redacted

    def _allow(self, stream: str, find: _Find) -> None:
        detector = find.hit.detector
        if (stream, detector.name) not in self._allowed:
            self._allowed.add((stream, detector.name))
            message = f"published because a rule allows it, here and wherever it occurs: {detector.words}"
            self._report(find.place._replace(code="secret.allowed", message=message))


def refuse_text(name: str, text: str) -> None:
    """Refuse a secret in a ``text`` that is published and cannot be redacted; ``name`` says what it is the text of.

    Raises:
        SecretError: there is one.
    """
    hits = find_secrets(text.encode("utf-8", "surrogatepass"))
    if hits:
        raise refusal_without_rule([Place(hit.detector, name) for hit in hits])


def _finds(batch: Batch, texts: Sequence[bytes], detectors: Sequence[Detector], block: KeyBlock) -> list[_Find]:
    return [
        _Find(index, hit, _place(batch, index))
        for index, text in enumerate(texts)
        for hit in block.follow(text, find_secrets(text, detectors))
    ]


def _place(batch: Batch, index: int) -> Finding:
    if index < len(batch.raws):
        return Finding.at("", Severity.INFO, "", batch.position(index))
    torn = next((finding for finding in batch.findings if finding.code == _TORN), None)
    bare = Finding("", Severity.INFO, "", batch.stream, batch.segment, batch.first + index)
    return bare if torn is None else bare._replace(line=torn.line, offset=torn.offset)


def _where(place: Finding) -> str:
    return f"{place.stream}, line {place.line} of {place.segment}"


def _counted(detectors: Iterable[Detector]) -> str:
    return ", ".join(f"{detector.words} ({count})" for detector, count in Counter(detectors).items())
