"""Checks the documents that speak of the logs: what they count and name must be what the logs hold."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import msgspec

from replayglass.canon import encode
from replayglass.integrity import JSON_PATH, IntegrityDocument, LogEntry
from replayglass.proof.earlier import checkpoint_name
from replayglass.proof.failure import ProofError
from replayglass.record import Severity
from replayglass.siteindex import AccountEntry, Index
from replayglass.verdictscript import PATH as VERDICT
from replayglass.verdictscript import verdict_script
from replayglass.verify.report import Failures
from replayglass.verify.scripts import named_key
from replayglass.verify.split import decode

if TYPE_CHECKING:
    from collections.abc import Mapping

    from replayglass.row import Collection
    from replayglass.verify.manifest import Listing
    from replayglass.verify.report import Check, Commitment
    from replayglass.verify.seen import Seen
    from replayglass.verify.site import SiteFolder

INDEX = "v1/index.json"
_MAX_INDEX = 1 << 24
_MAX_VERDICT = 4096
_INDEX: Any = msgspec.json.Decoder(Index)
_INTEGRITY: Any = msgspec.json.Decoder(IntegrityDocument)


def read_index(site: SiteFolder) -> Index:
    """Return the entry point of the JSON.

    Raises:
        ProofError: it is missing, too large, or not written as ours are.
    """
    data = site.require(INDEX, _MAX_INDEX)
    index: Index = decode(data, _INDEX)
    if encode(index) != data:
        message = f"{INDEX} is not written as ours are"
        raise ProofError(message)
    return index


def check_counts(index: Index, listing: Listing, seen: Mapping[str, tuple[Collection, Seen]]) -> Check:
    """Check the account and the collections of the streams whose pages are all right, and the generator's version."""
    failures = Failures()
    if listing.is_whole and index.generator_version != listing.version:
        failures.add(f"{INDEX} and the manifest name two versions of replayglass")
    accounts = {entry.stream: entry for entry in index.account}
    collections = {entry.folder: entry for entry in index.collections}
    for stream, (collection, found) in seen.items():
        records = found.events + found.unreadable + found.torn
        wanted = AccountEntry(stream, records, found.events, found.unreadable, found.torn, found.pages)
        if accounts.get(stream) != wanted:
            failures.add(f"{INDEX}: the account of {stream} is not what its log and pages come to")
        entry = collections.get(collection.json_folder or "")
        if entry is None or (entry.count, entry.pages, entry.page_size) != (
            records - found.torn,
            found.pages,
            collection.size,
        ):
            failures.add(f"{INDEX}: the collection {collection.many} is not what its log and pages come to")
    return failures.check("counts", f"{INDEX} counts what the logs hold")


def check_verdict(site: SiteFolder, index: Index) -> Check:
    """Check that the banner of all pages says what the entry point of the JSON counts."""
    failures = Failures()
    try:
        counts = {severity: index.findings.get(severity.value, 0) for severity in Severity}
        if site.require(VERDICT, _MAX_VERDICT) != verdict_script(counts, index.as_of_logical_time):
            failures.add(f"{VERDICT} does not say what {INDEX} counts")
    except ProofError as error:
        failures.add(error)
    return failures.check("verdict", f"the pages' banner ({VERDICT}) says what {INDEX} counts")


def check_integrity(site: SiteFolder, logs: Mapping[str, tuple[Commitment, int]]) -> Check:
    """Check what the integrity document says of each log, given its checkpoint and how many its archive has."""
    failures = Failures()
    try:
        document: IntegrityDocument = decode(site.require(JSON_PATH, _MAX_INDEX), _INTEGRITY)
        said = {entry.stream: entry for entry in document.logs}
        for stream, (head, archived) in logs.items():
            key = named_key(site, stream)
            path = f"log/{stream}/{checkpoint_name(signed=head.signed)}"
            known = (stream, head.origin, head.size, head.root.hex(), head.signed)
            if said.get(stream) != LogEntry(*known, None if key is None else key.vkey, path, archived):
                failures.add(f"{JSON_PATH} says of the log {stream} what is not so")
    except ProofError as error:
        failures.add(f"{JSON_PATH}: {error}")
    return failures.check("integrity document", f"{JSON_PATH} names the checkpoints of the logs")
