"""The keys that the reader trusts: given as they are, or in files that hold one a line."""

from __future__ import annotations

from os.path import lexists
from pathlib import Path
from typing import TYPE_CHECKING

from replayglass.errors import InputError
from replayglass.inputs import read_input
from replayglass.proof.failure import ProofError
from replayglass.proof.keys import ED25519, parse_vkey

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from replayglass.proof.keys import Verifier

MAX_KEYS = 1000


def read_keys(given: Iterable[str]) -> tuple[Verifier, ...]:
    """Return the keys in ``given``, each a key (``NAME+ID+KEY``) or the path of a file of keys.

    In a file, empty lines and lines that begin with ``#`` are skipped.

    Raises:
        InputError: one is neither, a file cannot be used, or a key is not one that a log signs with.
    """
    keys = tuple(dict.fromkeys(key for text in given for key in _keys(text)))
    if len(keys) > MAX_KEYS:
        message = f"more than {MAX_KEYS} keys are pinned"
        raise InputError(message)
    return keys


def _keys(text: str) -> Iterator[Verifier]:
    try:
        yield _log_key(parse_vkey(text))
    except ProofError as error:
        if not lexists(text):
            message = f"--vkey: neither a file nor a key: {error}"
            raise InputError(message) from None
        yield from _keys_of_file(Path(text))


def _keys_of_file(path: Path) -> Iterator[Verifier]:
    found = False
    for number, line in enumerate(read_input(path, "--vkey").split(b"\n"), 1):
        text = line.strip().decode("utf-8", "replace")
        if text and not text.startswith("#"):
            try:
                yield _log_key(parse_vkey(text))
            except ProofError as error:
                message = f"--vkey: {path}, line {number}: {error}"
                raise InputError(message) from None
            found = True
    if not found:
        message = f"--vkey: {path} holds no key"
        raise InputError(message)


def _log_key(key: Verifier) -> Verifier:
    if key.kind == ED25519:
        return key
    message = f"--vkey: {key.name} is the key of a witness; pin the key that the log itself signs with"
    raise InputError(message)
