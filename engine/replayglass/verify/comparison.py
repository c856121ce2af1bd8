"""The folder of a comparison (`replayglass diff --out`): its files are checked, what they say cannot be."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from replayglass.proof.failure import ProofError
from replayglass.verify.counts import INDEX
from replayglass.verify.manifest import check_manifest
from replayglass.verify.report import Check, Report, Status
from replayglass.verify.tree import check_tree

if TYPE_CHECKING:
    from collections.abc import Callable

    from replayglass.verify.site import SiteFolder

JSON_PATH = "diff.json"
_PLACES = re.compile(
    r"index\.html|diff\.json|diff\.schema\.json|assets/[a-z]+\.[0-9a-f]{16}\.[a-z]+|manifest(?:/root)?\.json"
)
_SAYS = (
    "this folder holds a comparison of two publications, not a site: nothing in it proves what it says, so compare the"
    " two again (replayglass diff)"
)


def is_comparison(site: SiteFolder) -> bool:
    """Tell whether a folder with a manifest holds a comparison, and no site."""
    try:
        return site.size(JSON_PATH) is not None and site.size(INDEX) is None
    except ProofError:
        return False


def verify_comparison(site: SiteFolder, announce: Callable[[str, int], None]) -> Report:
    """Check that the files of a comparison are those of its manifest, and that there are no others."""
    manifest, listing = check_manifest(site, announce)
    checks = [Check("kind", Status.UNAUTHENTICATED, _SAYS), manifest]
    if listing.is_whole:
        checks.append(check_tree(site, listing, lambda path: _PLACES.fullmatch(path) is not None))
    return Report(tuple(checks), {})
