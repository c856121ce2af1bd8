"""What may be published: a site that `verify` accepts, and that continues what the target's readers know."""

from __future__ import annotations

from typing import TYPE_CHECKING

from replayglass.errors import InputError, OutputError
from replayglass.proof.failure import ProofError
from replayglass.proof.rewritten import RewrittenError
from replayglass.publish.claim import CLAIM, DRAFT
from replayglass.verify.report import Status
from replayglass.verify.since import open_kept
from replayglass.verify.whole import Reader, verify_site

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from replayglass.proof.keys import Verifier
    from replayglass.publish.look import Look
    from replayglass.publish.source import Source
    from replayglass.row import Collection
    from replayglass.verify.report import Report


def check(  # noqa: PLR0913, PLR0917 - what both sides are
    source: Source,
    streams: Mapping[str, Collection],
    look: Look,
    shown: str,
    keys: Sequence[Verifier],
    announce: Callable[[str, int], None],
) -> Report:
    """Verify the site with the target's checkpoints as those that a reader kept.

    Raises:
        RewrittenError: the site is no continuation of what the target shows.
        InputError: the site is not what was built.
        OutputError: a checkpoint of the target is none.
    """
    for path, data in look.heads.items():
        try:
            open_kept(data, ())
        except ProofError as error:
            message = f"{shown}/{path} is no checkpoint: {error}"
            raise OutputError(message, "publish to another place, and keep this one as evidence") from error
    if not source.files.keys().isdisjoint({CLAIM, DRAFT}):
        message = f"the site has a file with the name {CLAIM} or {DRAFT}, which publishing uses"
        raise InputError(message)
    kept = {f"{shown}/{path}": data for path, data in look.heads.items()}
    report = verify_site(source.folder, streams, Reader(keys, kept), announce)
    if report.exit_code:
        raise _rejected(report)
    return report


def refuse_stale_heads(source: Source, look: Look, shown: str) -> None:
    """Refuse to leave a checkpoint beside a site that has it under another name: its readers would see no growth.

    Raises:
        OutputError: the target has such a checkpoint.
    """
    for path in look.heads:
        if path not in source.files:
            message = f"{shown}/{path} would stay behind: the site has no such checkpoint (signed or not)"
            raise OutputError(message, "build the site with the key as before, or remove the old one with --prune")


def _rejected(report: Report) -> Exception:
    wrong = [check for check in report.checks if check.status is report.verdict]
    if report.verdict is Status.INCONSISTENT:
        return RewrittenError(f"the site does not continue what is published: {wrong[0].says}")
    message = f"the site is not what was built, and is not published: {(*wrong[0].failures, wrong[0].says)[0]}"
    return InputError(message, "replayglass verify says all that is wrong with it")
