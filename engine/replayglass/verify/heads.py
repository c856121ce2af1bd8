"""Opens the checkpoint of each log: one verified value, from which every other check takes origin, size and root."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from replayglass.proof.checkpoint import parse_checkpoint
from replayglass.proof.earlier import checkpoint_name
from replayglass.proof.failure import ProofError
from replayglass.proof.note import MAX_NOTE, parse_note, verify_note
from replayglass.verify.report import Check, Commitment, Failures, Status

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from replayglass.proof.keys import Verifier
    from replayglass.verify.site import SiteFolder


class Heads(NamedTuple):
    """The checkpoint of each stream whose log could be opened, and the checks that say how."""

    logs: Mapping[str, Commitment]
    checks: tuple[Check, ...]


def open_signed(data: bytes, keys: Sequence[Verifier]) -> Commitment:
    """Return what a signed note commits to; it is authenticated if one of ``keys`` has the name of its origin.

    Raises:
        ProofError: it is no checkpoint that its own log signed, or the line of one of ``keys`` does not verify.
        InputError: a key is given and the extra for signing is not installed.
    """
    note = parse_note(data)
    origin, size, root, _ = parse_checkpoint(note.text)
    if all(signature.name != origin for signature in note.signatures):
        message = "no signature is by the log itself"
        raise ProofError(message)
    pinned = [key for key in keys if key.name == origin]
    if pinned:
        verify_note(note, pinned)
    return Commitment(origin, size, root, bool(pinned), signed=True, data=data)


def open_unsigned(data: bytes, keys: Sequence[Verifier]) -> Commitment:
    """Return what a checkpoint without signatures says.

    Raises:
        ProofError: it is none, or one of ``keys`` has the name of its origin, so it had to be signed.
    """
    origin, size, root, _ = parse_checkpoint(data)
    if any(key.name == origin for key in keys):
        message = "the checkpoint is not signed, but the key of its log is pinned"
        raise ProofError(message)
    return Commitment(origin, size, root, authenticated=False, signed=False, data=data)


def open_heads(site: SiteFolder, streams: Sequence[str], keys: Sequence[Verifier], origin: str | None) -> Heads:
    """Open the log of each stream; ``origin`` is what the site says its logs' origins begin with, None: nothing.

    Raises:
        InputError: a key is given and the extra for signing is not installed.
    """
    logs: dict[str, Commitment] = {}
    checks: list[Check] = []
    for stream in streams:
        failures = Failures()
        try:
            head = _open(site, stream, keys)
            first = next(iter(logs.values()), None)
            _check_origin(head.origin, stream, origin if first is None else _prefix(first.origin))
            logs[stream] = head
            checks.append(_said(stream, head))
        except ProofError as error:
            failures.add(error)
            checks.append(failures.check(f"checkpoint of {stream}", "is not one of this log"))
    strangers = [key.name for key in keys if all(key.name != head.origin for head in logs.values())]
    if strangers:
        failures = Failures()
        for name in strangers:
            failures.add(f"no log of this site has the origin {name}, whose key is pinned")
        checks.append(failures.check("pinned keys", "not every pinned key is that of a log"))
    return Heads(logs, tuple(checks))


def _open(site: SiteFolder, stream: str, keys: Sequence[Verifier]) -> Commitment:
    folder = f"log/{stream}/"
    signed = site.read(folder + checkpoint_name(signed=True), MAX_NOTE)
    unsigned = site.read(folder + checkpoint_name(signed=False), MAX_NOTE)
    if signed is not None and unsigned is not None:
        message = f"{folder} has a signed and an unsigned checkpoint"
        raise ProofError(message)
    if signed is not None:
        return open_signed(signed, keys)
    if unsigned is not None:
        return open_unsigned(unsigned, keys)
    message = f"{folder} has no checkpoint"
    raise ProofError(message)


def _check_origin(origin: str, stream: str, prefix: str | None) -> None:
    """Accept the origin of the log of ``stream``: ``PREFIX/STREAM``, with one prefix for all logs of a site."""
    if not origin.endswith(f"/{stream}"):
        message = f"the checkpoint is that of {origin}, another log"
        raise ProofError(message)
    if prefix is not None and _prefix(origin) != prefix:
        message = f"the checkpoint is that of {origin}, but the logs of this site are below {prefix}"
        raise ProofError(message)


def _prefix(origin: str) -> str:
    return origin.rpartition("/")[0]


def _said(stream: str, head: Commitment) -> Check:
    what = f"{head.origin}, size {head.size}, root {head.root.hex()}"
    if head.authenticated:
        status, how = Status.OK, "signed with the key that you pinned"
    elif head.signed:
        status, how = Status.UNAUTHENTICATED, "signed, but no key is pinned for it, so the signature was not checked"
    else:
        status, how = Status.UNAUTHENTICATED, "not signed"
    return Check(f"checkpoint of {stream}", status, f"{what}: {how}")
