"""Names, numbers, signals and globs as the engine reads them (flow-vm, sections 1.2, 1.3, 4.5.3 and 8.3)."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from replayglass.domains.flow.names import Names, is_name
from replayglass.domains.flow.numbers import decimal, fnv, unsigned
from replayglass.domains.flow.retention import Plan, parse
from replayglass.domains.flow.rules import RULES_1, RULES_2
from replayglass.domains.flow.signals import matches, segments


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("12", 12),
        (" \t+12abc", 12),
        ("-1", 2**64 - 1),
        ("-0", 0),
        ("000000000000000000000000000000012", 12),
        (str(2**64 - 1), 2**64 - 1),
        (str(2**64), None),
        ("9" * 5000, None),
        ("-" + str(2**64), None),
        ("", None),
        ("x", None),
        ("+ 1", None),
        ("²", None),
        ("٣", None),
        (None, None),
    ],
)
def test_unsigned(text: str | None, value: int | None) -> None:
    """Whole numbers are read as strtoull reads them: blanks, a sign, digits, junk; beyond 64 bits they are none."""
    assert unsigned(text) == value


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("0.75", "0.750000"),
        (" -1.5e1x", "-15.000000"),
        (".5.", "0.500000"),
        ("3.", "3.000000"),
        ("1e", "1.000000"),
        ("0x1.8p1z", "3.000000"),
        ("0xg", "0.000000"),
        ("inf", "inf"),
        ("-Infinity", "-inf"),
        ("nan", "nan"),
        ("1e999", None),
        ("0x1p99999", None),
        (".", None),
        ("", None),
        (None, None),
    ],
)
def test_decimal(text: str | None, value: str | None) -> None:
    """Decimals are read as strtod reads them; beyond its range they are none."""
    found = decimal(text)
    assert (None if found is None else f"{found:.6f}") == value


def test_hash() -> None:
    """The hash is FNV-1a of 64 bits with the engine's basis; of nothing it is 0 (10)."""
    assert fnv("") == fnv(None) == 0
    assert fnv("a") == ((1469598103934665603 ^ 97) * 1099511628211) % 2**64
    assert fnv("\ud800") == fnv("\ud800")


def test_order_of_names() -> None:
    """Words come first, punctuation after letters; then acronyms, references by first use, numbers by value (1.3)."""
    names = Names(RULES_1, {})
    first = ["ref2", "ref1", "9" * 17, "a long name in words"]
    for name in first:
        names.key(name)
    ordered = ["a", "a b", "ab", "a:", "a_", "a-", "a.", "a*", "10_3", "9_2", "A", *first, "0", "9", "10"]
    assert names.sort(reversed(ordered)) == ordered
    assert names.sort(["new1", "ref1"]) == ["ref1", "new1"]


@pytest.mark.parametrize(
    ("text", "key"),
    [("0001", "1"), ("000", "0"), (" ab ", "ab"), (" A ", "A"), ("  ", "  "), ("72057594037927935", None), ("٣", None)],
)
def test_keys(text: str, key: str | None) -> None:
    """Digits lose leading zeros, words and acronyms outer spaces; other names are what they are."""
    assert Names(RULES_2, {}).key(text) == (key or text)


def test_length_of_names() -> None:
    """A name has 1 to 256 bytes."""
    assert [is_name(text) for text in ("", "a", "é" * 128, "é" * 129, "\ud800")] == [False, True, True, False, True]


@given(texts=st.lists(st.text(st.sampled_from("ab1A _-:.*é"), min_size=1), max_size=8), lexical=st.booleans())
def test_order_is_total(texts: list[str], *, lexical: bool) -> None:
    """Keys are stable, and their order depends on nothing but the keys once they are known."""
    names = Names(RULES_2 if lexical else RULES_1, {})
    keys = [names.key(text) for text in texts]
    assert [names.key(key) for key in keys] == keys
    assert names.sort(keys) == names.sort(reversed(keys))


@pytest.mark.parametrize(
    ("path", "split"),
    [
        ("CEP:sig_cell/op_add", ("sig_cell", "op_add")),
        ("CEP:x:a", ("a",)),
        ("a:b/c", ("b", "c")),
        ("a/b:c", ("a", "b", "c")),
        ("a/b/c/d/", ("a", "b", "c", "d")),
        ("x" * 99 + ":a", ("a",)),
        ("a", ("a",)),
        ("a/b/c/d/e", None),
        ("a//b", None),
        ("/a", None),
        ("a:", None),
        ("", None),
        ("x" * 64, None),
        ("é" * 32, None),
    ],
)
def test_segments(path: str, split: tuple[str, ...] | None) -> None:
    """A signal has 1 to 4 segments of at most 63 bytes; domain prefixes are dropped, a last delimiter is tolerated."""
    assert segments(path) == split


@pytest.mark.parametrize(
    ("pattern", "signal", "literal", "real"),
    [
        ("a/b", "a/b", True, True),
        ("a/b", "a/bc", False, False),
        ("*", "anything", True, True),
        ("*foo", "xfoo", False, True),
        ("*foo", "foo", True, True),
        ("**foo*", "foox", True, True),
        ("?", "é", False, False),
        ("??", "é", True, True),
        ("?", "", False, False),
        ("a*b?c", "a**b*c", True, True),
    ],
)
def test_globs(pattern: str, signal: str, *, literal: bool, real: bool) -> None:
    """A star is any run, a question mark one byte; leading stars are forgotten unless globs are real (8.3)."""
    assert (matches(pattern, signal, real=False), matches(pattern, signal, real=True)) == (literal, real)


@given(st.text(st.sampled_from("ab*?")), st.text(st.sampled_from("ab")))
def test_globs_are_regular(pattern: str, signal: str) -> None:
    """A real glob matches what the regular expression of the same meaning matches."""
    expression = "".join({"*": ".*", "?": "."}.get(sign, sign) for sign in pattern)
    assert matches(pattern, signal, real=True) == bool(re.fullmatch(expression, signal))


def test_long_globs_end() -> None:
    """A pattern of many stars takes no time that grows with the number of ways to match it."""
    assert not matches("a*" * 400 + "b", "a" * 4000, real=True)


def test_directive_is_cut() -> None:
    """Only the first 63 bytes of a directive count (13.1)."""
    assert parse("ttl:" + "0" * 58 + "12") == Plan("ttl", 1)
    assert parse(None) is None
