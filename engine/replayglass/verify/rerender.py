"""Checks everything that is derived: renders the run again, and compares byte for byte, in both directions."""

from __future__ import annotations

from typing import TYPE_CHECKING

from replayglass.canon import digest
from replayglass.output.manifest import FileEntry, build_manifest
from replayglass.output.published import MAX_DOCUMENT
from replayglass.proof.failure import ProofError
from replayglass.proof.rewritten import RewrittenError
from replayglass.verify.report import Failures

if TYPE_CHECKING:
    from collections.abc import Iterable

    from replayglass.verify.manifest import Listing
    from replayglass.verify.report import Check
    from replayglass.verify.site import SiteFolder


def check_rendered(site: SiteFolder, listing: Listing, rendered: Iterable[tuple[str, bytes]]) -> Check:
    """Compare the site with the files (path and bytes, no manifest) that its run renders to now.

    Raises:
        ReplayglassError: the run cannot be rendered.
    """
    failures = Failures()
    entries: dict[str, FileEntry] = {}
    try:
        for path, data in rendered:
            entries[path] = FileEntry(path, digest(data), len(data))
            _compare(site, path, data, failures)
    except (RewrittenError, ProofError) as error:
        failures.lead(f"the run cannot be rendered as this site: {error}")
    else:
        _check_others(site, listing, entries, failures)
    says = "every file is, byte for byte, what the run renders to"
    return failures.check("run", says, {"files": len(entries)})


def _check_others(site: SiteFolder, listing: Listing, entries: dict[str, FileEntry], failures: Failures) -> None:
    for path in listing.paths() if listing.is_whole else ():
        if path not in entries:
            failures.add(f"{path} is nothing that the run renders to")
    for path, data in build_manifest(entries.values()):
        _compare(site, path, data, failures)


def _compare(site: SiteFolder, path: str, data: bytes, failures: Failures) -> None:
    try:
        found = site.read(path, max(len(data), MAX_DOCUMENT))
    except ProofError as error:
        failures.add(error)
        return
    if found is None:
        failures.add(f"{path} is missing, but the run renders to it")
    elif found != data:
        failures.add(
            f"{path} is not what the run renders to: they differ from byte {_first_difference(found, data)} on"
        )


def _first_difference(one: bytes, other: bytes) -> int:
    """Return the offset of the first byte that differs, by halving: comparing slices is fast."""
    low, high = 0, min(len(one), len(other))
    while low < high:
        middle = (low + high + 1) // 2
        if one[low:middle] == other[low:middle]:
            low = middle
        else:
            high = middle - 1
    return low
