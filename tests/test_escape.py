"""The escaper shows every text and lets none of it act."""

from __future__ import annotations

import sys
import unicodedata
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from htmltree import Tag, parse, tags, text
from replayglass.render import escape as esc

if TYPE_CHECKING:
    from collections.abc import Callable

TEXTS = st.text(st.one_of(st.characters(), st.sampled_from("<>&\"'bu/= \u202e\u200b\ud800\t\n")))
VISIBLE_FORMAT = {*range(0x600, 0x606), 0x6DD, 0x70F, 0x890, 0x891, 0x8E2, 0x110BD, 0x110CD}
"""Format characters that have a shape of their own (Unicode, prepended concatenation marks)."""
EMOJI_STYLE = {0xFE0E, 0xFE0F}
HIDDEN = frozenset(esc.HIDDEN)
LONE_BYTES = range(0xDC80, 0xDD00)
"""What 'surrogateescape' makes of bytes that are no UTF-8."""
ESCAPERS = (esc.escape, esc.escape_attribute, esc.escape_record, esc.escape_layout, esc.name_hidden)


def test_every_character_without_shape_is_hidden() -> None:
    """Controls, format characters, surrogates, line separators and noncharacters are all shown by name."""
    unseen = {
        code
        for code in range(sys.maxunicode + 1)
        if unicodedata.category(chr(code)) in ("Cc", "Cf", "Cs", "Zl", "Zp") or code & 0xFFFE == 0xFFFE
    }
    assert unseen - VISIBLE_FORMAT - set(esc.HIDDEN) == set()
    assert (VISIBLE_FORMAT | EMOJI_STYLE).isdisjoint(esc.HIDDEN)


@pytest.mark.parametrize("escaper", ESCAPERS)
def test_no_escaper_lets_a_hidden_character_through(escaper: Callable[[str], str]) -> None:
    """Whatever the context, a hidden character becomes its name; only laid-out text keeps tabs and line ends."""
    for code in esc.HIDDEN:
        shown = escaper(f"a{chr(code)}z")
        if escaper is esc.escape_layout and chr(code) in "\t\n":
            assert shown == f"a{chr(code)}z"
        elif escaper is esc.escape_record and code in LONE_BYTES:
            assert shown == f"a<b class=x>{code - 0xDC00:02X}</b>z"
        else:
            assert f"U+{code:04X}" in shown
            assert shown.isascii()
            assert shown.isprintable()


@given(TEXTS)
def test_escaped_text_reads_as_the_text(given_text: str) -> None:
    """A parser reads back the text, with a ``b`` element of class ``u`` for each hidden character and nothing else.

    In a record, what stands for a byte that is no UTF-8 is an element of class ``x`` instead.
    """
    hidden = [ord(character) for character in given_text if ord(character) in HIDDEN]
    html = esc.escape(given_text)
    assert tags(html) == [Tag("b", (("class", "u"),))] * len(hidden)
    assert text(html) == "".join([f"U+{ord(c):04X}" if ord(c) in HIDDEN else c for c in given_text])
    html = esc.escape_record(given_text)
    assert tags(html) == [Tag("b", (("class", "x" if code in LONE_BYTES else "u"),)) for code in hidden]
    assert text(html) == "".join([_name(ord(c)) for c in given_text])


def _name(code: int) -> str:
    if code in LONE_BYTES:
        return f"{code - 0xDC00:02X}"
    return f"U+{code:04X}" if code in HIDDEN else chr(code)


@given(TEXTS)
def test_an_attribute_holds_its_text(given_text: str) -> None:
    """In a quoted attribute the text stays the value of that attribute, in either kind of quotes."""
    shown = esc.escape_attribute(given_text)
    expected = esc.name_hidden(given_text)
    for quote in "\"'":
        assert parse(f"<a title={quote}{shown}{quote}>") == [Tag("a", (("title", expected),))]


@given(TEXTS)
def test_plain_means_unchanged(given_text: str) -> None:
    """A text is plain exactly when it is ASCII that escaping does not change, as text or as raw record."""
    assert esc.is_plain(given_text) == (given_text.isascii() and esc.escape(given_text) == given_text)
    record = given_text.encode("utf-8", "surrogatepass")
    unchanged = given_text.isascii() and esc.escape_record(given_text) == given_text
    assert esc.is_plain_record(record) == unchanged


@given(TEXTS, st.integers(0, 300))
def test_a_cut_text_says_so(given_text: str, limit: int) -> None:
    """A longer text ends in its length; whatever is not ASCII is isolated from the words around it."""
    html = esc.show(given_text, limit)
    begin = given_text[:limit]
    isolated = esc.escape(begin) if begin.isascii() else f"<bdi>{esc.escape(begin)}</bdi>"
    rest = f"<i class=cut>\u2026 ({len(given_text)} characters)</i>" if len(given_text) > limit else ""
    assert html == isolated + rest


def test_long_texts_are_not_remembered() -> None:
    """A text is cut alike whether it is short enough to be remembered or not."""
    assert esc.show("x" * 199, 8) == "xxxxxxxx<i class=cut>\u2026 (199 characters)</i>"
    assert esc.show("x" * 201, 8) == "xxxxxxxx<i class=cut>\u2026 (201 characters)</i>"
