"""Checkpoints: what a log commits to at one size (C2SP tlog-checkpoint; verifiable-log.md section 1.5)."""

from __future__ import annotations

from base64 import b64encode
from typing import NamedTuple

from replayglass.proof.failure import ProofError
from replayglass.proof.note import MAX_NOTE
from replayglass.proof.text import decode_decimal, decode_hash, decode_text, is_name


class Checkpoint(NamedTuple):
    """The log's ``origin``, its ``size`` in leaves and its ``root`` (32 bytes); we write no extension lines."""

    origin: str
    size: int
    root: bytes
    extensions: tuple[str, ...] = ()


def log_origin(origin: str, stream: str) -> str:
    """Return the origin of the log of one stream; it is also the name of the key that signs it."""
    return f"{origin}/{stream}"


def format_checkpoint(checkpoint: Checkpoint) -> bytes:
    """Return the text of a checkpoint: origin, size, root in base64, extension lines, each with its LF.

    Raises:
        ProofError: it would not be read as this checkpoint.
    """
    root = b64encode(checkpoint.root).decode()
    lines = [checkpoint.origin, str(checkpoint.size), root, *checkpoint.extensions, ""]
    text = "\n".join(lines).encode()
    if parse_checkpoint(text) != checkpoint:
        message = "not a checkpoint: a line is empty or has more than one line"
        raise ProofError(message)
    return text


def parse_checkpoint(text: bytes) -> Checkpoint:
    """Return the checkpoint that ``text`` spells (the text of a note, or an unsigned checkpoint's whole file).

    Raises:
        ProofError: it is not one.
    """
    if len(text) > MAX_NOTE:
        message = f"a checkpoint has at most {MAX_NOTE} bytes"
        raise ProofError(message)
    origin, *rest = decode_text(text).split("\n")
    if len(rest) < 3 or rest.pop() or not all(rest):  # noqa: PLR2004 - size, root, and what is behind the last LF
        message = "not a checkpoint: it has three or more lines, none empty, each with its LF"
        raise ProofError(message)
    if not is_name(origin):
        message = "the origin of a checkpoint has no white space and no plus sign"
        raise ProofError(message)
    return Checkpoint(origin, decode_decimal(rest[0].encode()), decode_hash(rest[1].encode()), tuple(rest[2:]))
