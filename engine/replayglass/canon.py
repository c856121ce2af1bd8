"""The one JSON encoder and the one digest of everything that is published."""

from hashlib import sha256

import msgspec
import orjson


def encode(value: object) -> bytes:
    """Return ``value`` as compact JSON in UTF-8, keys in the order given, with one LF at the end.

    Published values are str, int, bool, None, lists, tuples, dicts with str keys, and the msgspec structs that describe
    documents; never floats, whose text differs between encoders. Lone surrogates have no UTF-8 form and are written as
    U+FFFD.

    Raises:
        TypeError: a value of another type, or an integer beyond 64 bits.
    """
    return encode_inline(value) + b"\n"


def encode_inline(value: object) -> bytes:
    """Return ``value`` as `encode` does, without the final LF, to be spliced into a larger document."""
    if isinstance(value, msgspec.Struct):
        try:
            return msgspec.json.encode(value)
        except UnicodeEncodeError:
            value = msgspec.to_builtins(value)
    try:
        return orjson.dumps(value)
    except TypeError:
        return orjson.dumps(_without_surrogates(value))


def digest(data: bytes) -> str:
    """Return the SHA-256 of ``data`` as 64 lower-case hex digits."""
    return sha256(data).hexdigest()


def _without_surrogates(value: object) -> object:
    if isinstance(value, str):
        return value.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    if isinstance(value, dict):
        return {_without_surrogates(key): _without_surrogates(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_without_surrogates(item) for item in value]
    return value
