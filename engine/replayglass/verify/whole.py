"""A whole verification in one screen: every check of a site, run one after the other, whatever the others say."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from replayglass.errors import InputError
from replayglass.output.paths import MANIFEST
from replayglass.proof.failure import ProofError
from replayglass.registry import DOMAINS, domain_named
from replayglass.verify.counts import check_counts, check_integrity, check_verdict, read_index
from replayglass.verify.heads import open_heads
from replayglass.verify.manifest import check_manifest
from replayglass.verify.places import Places, log_places
from replayglass.verify.report import Check, Failures, Report, Status
from replayglass.verify.rerender import check_rendered
from replayglass.verify.since import Known, check_since
from replayglass.verify.site import SiteFolder
from replayglass.verify.streams import Place, check_stream
from replayglass.verify.tree import check_tree
from replayglass.verify.zipped import open_archive

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from replayglass.proof.earlier import Earlier
    from replayglass.proof.keys import Verifier
    from replayglass.row import Collection
    from replayglass.siteindex import Index
    from replayglass.verify.heads import Heads
    from replayglass.verify.manifest import Listing
    from replayglass.verify.streams import StreamResult

WITHOUT_RUN = (
    "what is derived from the records (words, charts, decisions, ledgers, findings, all other documents) was not"
    " compared with them: only rendering the run again (--run) does that"
)


class Reader(NamedTuple):
    """What the reader brings from outside the site.

    ``keys`` are pinned, ``kept`` are checkpoints by the name of their file. ``render`` gives, for the site and the
    archive of each log, the files (path and bytes, without manifest) that the run renders to; None: there is no run.
    """

    keys: Sequence[Verifier] = ()
    kept: Mapping[str, bytes] = {}
    render: Callable[[SiteFolder, Mapping[str, Sequence[Earlier]]], Iterable[tuple[str, bytes]]] | None = None


def open_site(path: str) -> SiteFolder:
    """Return the site in the folder, or in the zip archive, ``path``.

    Raises:
        InputError: there is no site, or an archive that could do harm.
    """
    return _checked(open_archive(path), path) if Path(path).is_file() else open_folder(path)


def open_folder(path: str) -> SiteFolder:
    """Return the site in the folder ``path``; raises InputError as `open_site` does."""
    return _checked(SiteFolder(path), path)


def _checked(site: SiteFolder, path: str) -> SiteFolder:
    try:
        found = site.size(MANIFEST)
    except ValueError:  # no regular file (a ProofError), or a path that no system takes
        found = None
    if found is None:
        message = f"{path} is not a site: it has no {MANIFEST}"
        raise InputError(message)
    return site


def streams_of(site: SiteFolder) -> Mapping[str, Collection]:
    """Return where the records of a site's streams show, by the kind of run that it says it shows."""
    try:
        domain = domain_named(read_index(site).domain)
    except ProofError:
        domain = None
    return (domain or DOMAINS[0]).places


def verify_site(
    site: SiteFolder, streams: Mapping[str, Collection], reader: Reader, announce: Callable[[str, int], None]
) -> Report:
    """Check a site with these ``streams`` in every way there is.

    Raises:
        InputError: a key is pinned and the extra for signing is not installed, or the run cannot be rendered.
    """
    manifest, listing = check_manifest(site, announce)
    index, unread = _index(site)
    heads = open_heads(site, list(streams), reader.keys, None if index is None else index.origin)
    results = {
        stream: check_stream(Place(site, stream, streams[stream]), head, reader.keys, announce)
        for stream, head in heads.logs.items()
    }
    checks = [manifest, _folder(site, listing, streams, heads, results), *heads.checks]
    checks += (check for result in results.values() for check in result.checks)
    seen = {stream: (streams[stream], one.seen) for stream, one in results.items() if one.seen is not None}
    checks += [unread] if index is None else [check_counts(index, listing, seen), check_verdict(site, index)]
    named = {stream: (heads.logs[stream], len(one.archive)) for stream, one in results.items()}
    checks.append(check_integrity(site, named))
    readers = {stream: one.reader for stream, one in results.items() if one.reader is not None}
    known = Known(heads.logs, readers, len(heads.logs) == len(streams))
    checks += (check_since(name, kept, reader.keys, known) for name, kept in reader.kept.items())
    checks.append(_run(site, listing, reader, results))
    return Report(tuple(checks), heads.logs)


def _index(site: SiteFolder) -> tuple[Index | None, Check]:
    failures = Failures()
    index = None
    try:
        index = read_index(site)
    except ProofError as error:
        failures.add(error)
    return index, failures.check("counts", "the entry point of the JSON cannot be read")


def _folder(
    site: SiteFolder,
    listing: Listing,
    streams: Mapping[str, Collection],
    heads: Heads,
    results: Mapping[str, StreamResult],
) -> Check:
    if not listing.is_whole:
        return Check("folder", Status.NOT_DONE, "the manifest does not say what should be in the folder")
    logs = {stream: log_places(head, results[stream].archive) for stream, head in heads.logs.items()}
    return check_tree(site, listing, Places(streams, logs).has)


def _run(site: SiteFolder, listing: Listing, reader: Reader, results: Mapping[str, StreamResult]) -> Check:
    if reader.render is None:
        return Check("run", Status.NOT_DONE, WITHOUT_RUN)
    archives = {stream: one.archive for stream, one in results.items()}
    return check_rendered(site, listing, reader.render(site, archives))
