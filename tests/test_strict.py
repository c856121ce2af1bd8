"""One line read as strict JSON: nothing that another reader might read differently gets through."""

from __future__ import annotations

import json
from typing import NoReturn

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from paperlog import DATA
from replayglass.log.strict import MAX_DEPTH, MAX_DIGITS, Fault, read_object

TRAPS = {
    "encoding.bom": [b'\xef\xbb\xbf{"a":1}'],
    "encoding.utf-16": ['{"a":1}'.encode("utf-16"), b"\xfe\xff\x00{\x00}"],
    "encoding.nul-bytes": [b"\0" * 4096, '{"a":1}'.encode("utf-16-le"), b'{"a":"\0"}'],
    "encoding.invalid-utf8": [b'{"a":"\xc3\x28"}', b'{"a":"\xff"}', b'{"a":"\xed\xa0\x80"}', b"\x80"],
    "json.too-deep": [
        b'{"a":' + b"[" * MAX_DEPTH + b"]" * MAX_DEPTH + b"}",
        b'{"a":' + b"[" * 10_000 + b"]" * 10_000 + b"}",
        b'{"a":' * 100_000,
    ],
    "json.number-too-long": [
        b'{"a":' + b"9" * (MAX_DIGITS + 1) + b"}",
        b'{"a":' + b"9" * 5000 + b"}",
        b'{"a":0.' + b"1" * 5000 + b"}",
    ],
    "json.duplicate-key": [b'{"a":1,"a":1}', b'{"a":{"b":1,"\\u0062":2}}', b'{"a":[{"b":1,"b":1}]}'],
    "json.several-values": [b'{"a":1}{"a":2}', b'{"a":1} \t{"a":2}'],
    "json.blank": [b" ", b"\t \r", "\u00a0\u2003".encode()],
    "json.incomplete": [b'{"a":1', b"{", b'{"a":"', b'{"a":"\\', b'{"a":[1,2'],
    "json.not-an-object": [b"null", b"true", b"42", b"-1.5e3", b'"x"', b"[]", b'[{"a":1}]'],
    "json.syntax": [
        b'{"a":NaN}',
        b'{"a":Infinity}',
        b'{"a":-Infinity}',
        b'{"a":1,}',
        b"{'a':1}",
        b'{"a":01}',
        b'{"a":"\x01"}',
        b'{"a":"\\x41"}',
        b'{"a":1} x',
        b'{"a":1}\x0b',
        '{"a":1}\u00a0'.encode(),
        b'{"a":1}]',
        b"x",
        b'// c\n{"a":1}',
        b"}",
    ],
}


@pytest.mark.parametrize(("code", "raw"), [(code, raw) for code, raws in TRAPS.items() for raw in raws])
def test_every_trap_has_its_reason(code: str, raw: bytes) -> None:
    """Whatever Python's reader would let through or stumble over is refused, with the code for its reason."""
    fault = read_object(raw)
    assert isinstance(fault, Fault)
    assert fault.code == code
    assert fault.message.isascii()
    assert len(fault.message) < 120


def test_kinds_of_values_that_are_no_object_are_named() -> None:
    """A line that is JSON but no object says which kind of value it is."""
    kinds = {b"null": "null", b"false": "a boolean", b"[]": "an array", b'""': "a string", b"1": "a number"}
    for raw, words in kinds.items():
        fault = read_object(raw)
        assert isinstance(fault, Fault)
        assert fault.message.endswith(f": {words}.")


@pytest.mark.parametrize(
    ("raw", "value"),
    [
        (b'{"a":true,"b":1,"c":1.0,"d":1e2}', {"a": True, "b": 1, "c": 1.0, "d": 100.0}),
        (b' \t{"a":9007199254740993}\r', {"a": 2**53 + 1}),
        (b'{"a":"\\ud800"}', {"a": "\ud800"}),
        (b'{"a":"\\ud83d\\ude00"}', {"a": "\U0001f600"}),
        (b'{"a":"[[[[{\\"","b":"' + b"1" * 5000 + b'"}', {"a": '[[[[{"', "b": "1" * 5000}),
        (b'{"a":' + b"9" * MAX_DIGITS + b"}", {"a": int("9" * MAX_DIGITS)}),
        ('{"a":"\u2028\x85\ufeff"}'.encode(), {"a": "\u2028\x85\ufeff"}),
        (b"{}", {}),
    ],
)
def test_good_objects_are_read_exactly(raw: bytes, value: object) -> None:
    """Booleans stay booleans, large integers exact, lone surrogates themselves; white space around is allowed."""
    given = read_object(raw)
    assert given == value
    assert json.dumps(given) == json.dumps(value)


def test_depth_at_the_bound_is_read() -> None:
    """An object with arrays to the full depth is read, one level more is not."""
    for depth, good in ((MAX_DEPTH - 1, True), (MAX_DEPTH, False)):
        assert isinstance(read_object(b'{"a":' + b"[" * depth + b"]" * depth + b"}"), dict) == good


def test_written_escapes_are_read_back() -> None:
    """What JSON.stringify writes for each character of the conformance table is read as that character."""
    vectors = json.loads((DATA / "json_escaping_vectors.json").read_bytes())
    del vectors["note"]
    for name, written in vectors.items():
        assert read_object(b'{"a":%s}' % bytes.fromhex(written)) == {"a": chr(int(name.removeprefix("U+"), 16))}


def no_constant(name: str) -> NoReturn:
    """Refuse NaN and Infinity."""
    raise ValueError(name)


def unique(pairs: list[tuple[str, object]]) -> dict[str, object]:
    """Refuse doubled keys."""
    assert len(dict(pairs)) == len(pairs)
    return dict(pairs)


def strictly(raw: bytes) -> object:
    """Return what Python's own reader makes of a line with everything strict, None if it refuses."""
    try:
        return json.loads(raw.decode(), object_pairs_hook=unique, parse_constant=no_constant)
    except (ValueError, AssertionError):
        return None


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner, max_size=3),
    max_leaves=8,
)
SNIPPETS = st.sampled_from(
    [b"{", b"}", b"[", b"]", b'"', b'"a"', b":", b",", b"1", b"-", b".", b"e", b"null", b"NaN", b" ", b"\\", b"\xc3"]
)
LINES = (
    JSON.map(lambda value: json.dumps(value, ensure_ascii=False).encode("utf-8", "surrogatepass"))
    | st.lists(SNIPPETS, max_size=12).map(b"".join)
    | st.binary(max_size=20)
)


@given(raw=LINES)
@example(raw=b"{}\x1c")
@example(raw="{}\u2029".encode())
def test_it_accepts_exactly_the_strict_objects(raw: bytes) -> None:
    """Within the bounds the objects that are read are those of a strict json.loads, and nothing else is."""
    given, wanted = read_object(raw), strictly(raw)
    if isinstance(wanted, dict) and b"\0" not in raw:
        assert given == wanted
    else:
        assert isinstance(given, Fault)


@given(raw=LINES, at=st.integers(0, 60), byte=st.binary(min_size=1, max_size=2))
def test_no_bytes_raise(raw: bytes, at: int, byte: bytes) -> None:
    """Whatever the bytes are, the answer is an object or a reason."""
    assert isinstance(read_object(raw[:at] + byte + raw[at:]), dict | Fault)


@pytest.mark.parametrize(
    "raw",
    [
        b'{"a":"' + b'\\"' * 1_000_000,
        b'"' + b"\\\\" * 1_000_000,
        b'{"a":[' + (b"1" * MAX_DIGITS + b",") * 5_000 + b"1]}",
        b'{"a":[' + b"[]," * 600_000,
        b'{"a":"' + b"[" * 2_000_000 + b'"}',
        b'"a' * 700_000,
    ],
    ids=["escaped quotes", "backslashes", "long numbers", "brackets", "brackets in a string", "strings"],
)
def test_hostile_lines_take_linear_time(raw: bytes) -> None:
    """Lines of two million bytes made to send a careless pattern back over and over are answered at once."""
    assert isinstance(read_object(raw), dict | Fault)
