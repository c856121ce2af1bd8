"""Checks a ``.tlog-proof`` file: that a log commits to one record, at one place."""

from __future__ import annotations

from typing import TYPE_CHECKING

from replayglass.errors import InputError
from replayglass.proof.failure import ProofError
from replayglass.proof.leaf import entry_of
from replayglass.proof.merkle import leaf_hash
from replayglass.proof.tlogproof import TlogProof, parse_proof
from replayglass.proof.verifying import verify_inclusion
from replayglass.verify.heads import open_heads, open_signed
from replayglass.verify.report import Check, Commitment, Failures, Report, Status
from replayglass.verify.since import Known, check_since
from replayglass.verify.streams import log_reader

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from replayglass.proof.keys import Verifier
    from replayglass.verify.site import SiteFolder


def entry_in(record: bytes) -> bytes:
    """Return the entry of the record in a file; a line end behind it is not part of it.

    Raises:
        InputError: the file holds more than one line.
    """
    raw = record.removesuffix(b"\n")
    if b"\n" in raw:
        message = "a record is one line, and the file has more"
        raise InputError(message)
    return entry_of(raw).data


def verify_proof(
    data: bytes, entry: bytes | None, site: tuple[SiteFolder, Sequence[str]] | None, keys: Sequence[Verifier]
) -> Report:
    """Check the proof in ``data`` for ``entry``, or for what the log of ``site`` (with its streams) holds there.

    Raises:
        InputError: there is neither of them; or a key is pinned and the extra for signing is not installed.
    """
    if entry is None and site is None:
        message = "a proof is checked for a record"
        raise InputError(message, "Give the record's bytes with --record FILE, or the site that has it with --site.")
    failures = Failures()
    try:
        proof = parse_proof(data)
        head = open_signed(proof.checkpoint, keys)
        if keys and not head.authenticated:
            failures.add(f"the proof is of the log {head.origin}, whose key is not among those that you pinned")
    except ProofError as error:
        failures.add(error)
        return Report((failures.check("proof", "the file is no proof"),), {})
    checks = [_signature_check(head, failures)]
    if entry is not None:
        checks.append(_inclusion_check("record", "the record", entry, proof, head))
    if site is not None:
        checks += _site_checks(*site, proof, head, keys)
    return Report(tuple(checks), {"proof": head})


def _signature_check(head: Commitment, failures: Failures) -> Check:
    good = Status.OK if head.authenticated else Status.UNAUTHENTICATED
    how = "signed with the key that you pinned" if head.authenticated else "its signature was not checked"
    says = f"the proof's checkpoint: {head.origin}, size {head.size}, root {head.root.hex()}: {how}"
    return failures.check("proof", says, good=good)


def _inclusion_check(name: str, what: str, entry: bytes, proof: TlogProof, head: Commitment) -> Check:
    failures = Failures()
    try:
        verify_inclusion(leaf_hash(entry), proof.leaf, head.size, head.root, proof.hashes)
    except ProofError as error:
        failures.add(error)
    says = f"{what} is number {proof.leaf} of {head.size} in the log {head.origin}"
    return failures.check(name, says)


def _site_checks(
    site: SiteFolder, streams: Sequence[str], proof: TlogProof, head: Commitment, keys: Sequence[Verifier]
) -> Iterator[Check]:
    """Give the checks against a site: its entry is the one that is proven, and its log extends the proof's."""
    pins = [key for key in keys if key.name == head.origin]
    heads = open_heads(site, streams, pins, None)
    stream = next((stream for stream, found in heads.logs.items() if found.origin == head.origin), None)
    readers = {}
    failures = Failures()
    try:
        if stream is None:
            failures.add(f"the site has no log with the origin {head.origin}")
        else:
            readers[stream] = log_reader(site, stream, heads.logs[stream])
            entry = readers[stream].entry(proof.leaf)
            yield _inclusion_check("site's record", "the record that the site shows", entry, proof, head)
    except ProofError as error:
        failures.add(error)
    if failures.count:
        yield failures.check("site's record", "the site does not have the record")
    known = Known(heads.logs, readers, len(heads.logs) == len(streams))
    yield check_since("the proof's checkpoint", proof.checkpoint, keys, known)
