"""Checks the entry point of the JSON: what it counts must be what the logs hold and the pages show."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import msgspec

from replayglass.canon import encode
from replayglass.proof.failure import ProofError
from replayglass.siteindex import AccountEntry, Index
from replayglass.verify.jsonpages import decode
from replayglass.verify.report import Failures

if TYPE_CHECKING:
    from collections.abc import Mapping

    from replayglass.page import Collection
    from replayglass.verify.manifest import Listing
    from replayglass.verify.report import Check
    from replayglass.verify.seen import Seen
    from replayglass.verify.site import SiteFolder

INDEX = "v1/index.json"
_MAX_INDEX = 1 << 24
_INDEX: Any = msgspec.json.Decoder(Index)


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
