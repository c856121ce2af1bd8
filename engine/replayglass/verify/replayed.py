"""Renders a run again with what a site published before: the same archive of checkpoints, the same signatures."""

from __future__ import annotations

from typing import TYPE_CHECKING

from replayglass.proof.earlier import ARCHIVE
from replayglass.proof.keys import SIGNATURE_BYTES, Signer
from replayglass.proof.note import parse_note
from replayglass.publishedlogs import PublishedLogs
from replayglass.registry import domain_of
from replayglass.render.overlay import NO_THEME
from replayglass.rendering import Rendering
from replayglass.run import open_run
from replayglass.sources import Sources
from replayglass.verify.scripts import named_key

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence
    from pathlib import Path

    from replayglass.proof.earlier import Earlier
    from replayglass.proof.keys import Verifier
    from replayglass.render.overlay import Overlay
    from replayglass.verify.site import SiteFolder


def render_again(
    path: Path,
    site: SiteFolder,
    archives: Mapping[str, Sequence[Earlier]],
    announce: Callable[[str, int], None],
    overlay: Overlay = NO_THEME,
) -> Iterator[tuple[str, bytes]]:
    """Give every file (path and bytes, no manifest) that the run folder ``path`` renders to as the site's publication.

    It wears the theme ``overlay``. Nobody can sign here, and nobody has to: Ed25519 gives one signature for one text,
    so that of the site is taken.

    Raises:
        InputError: run or theme cannot be used, or the logs have no name of their own while the site's are signed.
        RewrittenError: the run is no extension of what the site published.
        ProofError: the site's logs are signed, but it does not say by which key.
    """
    run = open_run(path, domain_of(path))
    files = [
        (f"log/{stream}/{ARCHIVE}/{one.name}", one.data) for stream, archive in archives.items() for one in archive
    ]
    signed = {stream: archive for stream, archive in archives.items() if any(one.signed for one in archive)}
    keys = [key for key in (named_key(site, stream) for stream in signed) if key is not None]
    notes = [parse_note(one.data) for archive in signed.values() for one in archive if one.signed]
    signatures = {(line.name, line.key_id, note.text): line.blob for note in notes for line in note.signatures}
    signer = _signer_of(keys, signatures) if keys else None
    logs = PublishedLogs([stream.name for stream in run.streams], run.config.origin, files, signer)
    yield from Rendering(run, logs, Sources(run, announce), overlay=overlay).files()


def _signer_of(
    keys: Sequence[Verifier], signatures: Mapping[tuple[str, bytes, bytes], bytes]
) -> Callable[[str], Signer]:
    """Return what gives, for the origin of a log, the key that "signs" with the signatures that there are."""
    by_name = {key.name: key for key in keys}

    def signer(origin: str) -> Signer:
        key = by_name.get(origin, keys[0]._replace(name=origin))
        none = bytes(SIGNATURE_BYTES)
        return Signer(key, lambda text: signatures.get((key.name, key.key_id, text), none))

    return signer
