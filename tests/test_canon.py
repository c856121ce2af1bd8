"""The one encoder: what is published is compact JSON that every reader reads back."""

from __future__ import annotations

import json
from hashlib import sha256
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from replayglass.canon import digest, encode, encode_inline

SURROGATES = st.text(st.characters(min_codepoint=0xD7F0, max_codepoint=0xE010), max_size=6)
TEXTS = st.text(max_size=12) | SURROGATES
VALUES = st.recursive(
    TEXTS | st.integers(-(2**63), 2**64 - 1) | st.booleans() | st.none(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=4), inner, max_size=4),
    max_leaves=12,
)


class Named(msgspec.Struct):
    """A document with a field that holds anything."""

    name: str
    value: Any


def without_surrogates(value: object) -> object:
    """Return a value with U+FFFD for each lone surrogate; two that make a pair are the character they make."""
    if isinstance(value, str):
        return value.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")
    if isinstance(value, list):
        return [without_surrogates(item) for item in value]
    return {key: without_surrogates(item) for key, item in value.items()} if isinstance(value, dict) else value


@given(value=VALUES)
def test_json_is_read_back(value: object) -> None:
    """Any value comes back as it was, lone surrogates as U+FFFD; the form is compact and ends with one LF."""
    data = encode(value)
    clean = without_surrogates(value)
    assert json.loads(data) == clean
    assert encode_inline(value) == data[:-1]
    assert b"\n" not in data[:-1]


@given(name=TEXTS, value=VALUES)
def test_documents_are_encoded_like_plain_values(name: str, value: object) -> None:
    """A struct and a dict of its fields are the same bytes, whatever they hold."""
    assert encode(Named(name, value)) == encode({"name": name, "value": value})


@pytest.mark.parametrize("value", [2**64, {1, 2}, object(), {"deep": [2**70]}])
def test_what_json_has_no_one_form_for_is_refused(value: object) -> None:
    """Integers beyond 64 bits and values of other types are a TypeError."""
    with pytest.raises(TypeError):
        encode(value)


def test_digest_is_sha256() -> None:
    """A digest is the SHA-256 in 64 lower-case hexadecimal digits."""
    assert digest(b"abc") == sha256(b"abc").hexdigest()
    assert len(digest(b"")) == 64
