"""What a log published before: its checkpoints, which a new one has to extend and to keep."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from replayglass.proof.checkpoint import parse_checkpoint
from replayglass.proof.failure import ProofError
from replayglass.proof.note import parse_note, verify_note
from replayglass.proof.rewritten import RewrittenError

if TYPE_CHECKING:
    from collections.abc import Iterable

    from replayglass.proof.keys import Verifier

ARCHIVE = "checkpoints"
"""Folder of a log in which every checkpoint that was published stays."""

CHECKPOINT = "checkpoint"
"""Name of the newest checkpoint in the folder of a log."""

UNSIGNED = ".unsigned"
"""Behind the name of a checkpoint that nobody signed, so that no client takes it for one."""

_SHOWN = 200


class Earlier(NamedTuple):
    """A checkpoint of the archive: what it says, its file name there and its bytes."""

    origin: str
    size: int
    root: bytes
    name: str
    data: bytes

    @property
    def signed(self) -> bool:
        """Say whether it is a signed note."""
        return not self.name.endswith(UNSIGNED)


def archive_name(size: int, *, signed: bool) -> str:
    """Return the name that the checkpoint of ``size`` has in the archive."""
    return f"{size}{'' if signed else UNSIGNED}"


def checkpoint_name(*, signed: bool) -> str:
    """Return the name that the newest checkpoint has in the folder of its log."""
    return f"{CHECKPOINT}{'' if signed else UNSIGNED}"


def parse_earlier(name: str, data: bytes, verifier: Verifier | None = None) -> Earlier:
    """Return the checkpoint that the archive holds as ``name``.

    Where a line is by ``verifier``'s key, it must verify; a checkpoint that only another key signed is accepted.

    Raises:
        ProofError: it is no checkpoint, that of another size than its name says, or its signature is damaged.
        InputError: ``verifier`` is given and the extra for signing is not installed.
    """
    signed = not name.endswith(UNSIGNED)
    text = data
    if signed:
        note = parse_note(data)
        text = note.text
        if verifier and any((line.name, line.key_id) == (verifier.name, verifier.key_id) for line in note.signatures):
            verify_note(note, [verifier])
    checkpoint = parse_checkpoint(text)
    if name != archive_name(checkpoint.size, signed=signed):
        message = f"the checkpoint of size {checkpoint.size} has the name of another size"
        raise ProofError(message)
    return Earlier(checkpoint.origin, checkpoint.size, checkpoint.root, name, data)


def roots_of(stream: str, origin: str, earlier: Iterable[Earlier]) -> dict[int, bytes]:
    """Return the root that was published at each size.

    Raises:
        RewrittenError: one is of another origin, or two of one size have different roots.
    """
    roots: dict[int, bytes] = {}
    for one in earlier:
        if one.origin != origin:
            named = f"{one.origin[:_SHOWN]!r}, not {origin!r}"
            message = f"the log {stream} was published at size {one.size} under the origin {named}"
            raise RewrittenError(message)
        if roots.setdefault(one.size, one.root) != one.root:
            both = f"{roots[one.size].hex()} and {one.root.hex()}"
            message = f"the log {stream} was published at size {one.size} with two roots, {both}"
            raise RewrittenError(message)
    return roots
