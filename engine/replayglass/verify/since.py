"""Checks that a log extends a checkpoint that the reader kept: nothing was taken back, changed or forked."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from replayglass.proof.failure import ProofError
from replayglass.proof.verifying import verify_consistency
from replayglass.verify.heads import open_signed, open_unsigned
from replayglass.verify.report import Check, Commitment, Status

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from replayglass.proof.keys import Verifier
    from replayglass.proof.reader import LogReader


def open_kept(data: bytes, keys: Sequence[Verifier]) -> Commitment:
    """Return what a checkpoint that the reader kept commits to; a signed one is verified if its key is pinned.

    That it was kept unsigned is the reader's own business, also when a key is pinned.

    Raises:
        ProofError: it is none, or its signature does not verify.
        InputError: a key is given and the extra for signing is not installed.
    """
    if b"\n\n" in data:
        return open_signed(data, keys)
    return open_unsigned(data, ())


class Known(NamedTuple):
    """The site's logs by stream: their checkpoints, and readers of those that have their checkpoint's root.

    ``is_whole``: there is a checkpoint of every stream.
    """

    logs: Mapping[str, Commitment]
    readers: Mapping[str, LogReader]
    is_whole: bool


def check_since(name: str, data: bytes, keys: Sequence[Verifier], known: Known) -> Check:
    """Check the log whose checkpoint the reader kept; ``data`` are the bytes of that, ``name`` is what to call it."""
    what = f"since {name}"
    try:
        kept = open_kept(data, keys)
    except ProofError as error:
        return Check(what, Status.FAILED, "the checkpoint that you kept is no evidence", {}, (str(error),), 1)
    stream = next((stream for stream, head in known.logs.items() if head.origin == kept.origin), None)
    if stream is None and not known.is_whole:
        says = f"a checkpoint of the site is not one, so its log {kept.origin} cannot be told"
        return Check(what, Status.NOT_DONE, says, evidence=_lines("yours", kept))
    if stream is None:
        says = f"no log of this site has the origin {kept.origin}"
        return Check(what, Status.INCONSISTENT, says, evidence=_lines("yours", kept))
    head = known.logs[stream]
    evidence = (*_lines("yours", kept), *_lines("the site's", head))
    if kept.size > head.size:
        says = f"rollback: you know {kept.size} records of {head.origin}, this site has only {head.size}"
        return Check(what, Status.INCONSISTENT, says, evidence=evidence)
    if kept.size == head.size and kept.root != head.root:
        says = f"fork: {head.origin} has two roots at size {head.size}"
        return Check(what, Status.INCONSISTENT, says, evidence=evidence)
    return _compare(what, kept, head, known.readers.get(stream), evidence)


def _compare(
    what: str, kept: Commitment, head: Commitment, reader: LogReader | None, evidence: tuple[str, ...]
) -> Check:
    if reader is None:
        return Check(what, Status.NOT_DONE, "the log does not have the root of its own checkpoint", evidence=evidence)
    try:
        root, proof = reader.root_at(kept.size), reader.consistency(kept.size)
    except ProofError as error:
        return Check(what, Status.FAILED, "the tiles for a consistency proof are not whole", {}, (str(error),), 1)
    try:
        verify_consistency(kept.size, kept.root, head.size, head.root, proof)
    except ProofError:
        says = f"history rewritten: the first {kept.size} records of {head.origin} have another root than you know"
        found = (*evidence, f"root of its first {kept.size} records: {root.hex()}")
        return Check(what, Status.INCONSISTENT, says, evidence=found)
    says = f"{head.origin}: the {head.size} records begin with the {kept.size} that you know"
    return Check(what, Status.OK, says)


def _lines(whose: str, commitment: Commitment) -> tuple[str, ...]:
    """Return a checkpoint as lines of evidence, its file verbatim."""
    root = f"{whose}: size {commitment.size}, root {commitment.root.hex()}"
    return root, *(f"| {line}" for line in commitment.data.decode().removesuffix("\n").split("\n"))
