"""Makes the file that proves one record of a published log offline (C2SP tlog-proof; verifiable-log.md section 1.8)."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from replayglass.errors import InputError
from replayglass.proof.failure import ProofError
from replayglass.proof.leaf import blob_path, parse_digest
from replayglass.proof.merkle import leaf_hash
from replayglass.proof.tlogproof import TlogProof, format_proof
from replayglass.proof.verifying import verify_inclusion
from replayglass.verify.heads import open_heads
from replayglass.verify.records import Blobs
from replayglass.verify.streams import log_reader

if TYPE_CHECKING:
    from collections.abc import Sequence

    from replayglass.verify.report import Commitment
    from replayglass.verify.site import SiteFolder

_HINT = "replayglass verify says what is wrong with the site"


class Proven(NamedTuple):
    """A proof, and the record that it proves (None: the log holds only the digest of a line too long to be read)."""

    data: bytes
    record: bytes | None
    log: Commitment


def prove(site: SiteFolder, streams: Sequence[str], stream: str, seq: int) -> Proven:
    """Return the proof of record ``seq`` of a stream, from the site's files alone; it was checked once.

    Raises:
        InputError: there is no such record, the log is not signed, or the site is damaged where the proof needs it.
    """
    if stream not in streams:
        message = f"a site has no stream of this name; it has {' and '.join(streams)}"
        raise InputError(message)
    heads = open_heads(site, [stream], (), None)
    if stream not in heads.logs:
        raise InputError(heads.checks[0].failures[0], _HINT)
    head = heads.logs[stream]
    if not head.signed:
        message = f"the log {head.origin} is not signed, and a proof holds a signed checkpoint"
        raise InputError(message, "build the site with a key (replayglass build --key)")
    if not 0 <= seq < head.size:
        message = f"the log {head.origin} has {head.size} records, counted from 0; there is no record {seq}"
        raise InputError(message)
    try:
        return _prove(site, stream, head, seq)
    except ProofError as error:
        raise InputError(str(error), _HINT) from None


def _prove(site: SiteFolder, stream: str, head: Commitment, seq: int) -> Proven:
    reader = log_reader(site, stream, head)
    entry, hashes = reader.entry(seq), reader.inclusion(seq)
    verify_inclusion(leaf_hash(entry), seq, head.size, head.root, hashes)
    data = format_proof(TlogProof(seq, tuple(hashes), head.data))
    return Proven(data, _record_of(site, entry), head)


def _record_of(site: SiteFolder, entry: bytes) -> bytes | None:
    found = parse_digest(entry)
    if found is None:
        return entry
    return None if found.kind == "unread" else Blobs(site).read(blob_path(found.sha256), found.length)
