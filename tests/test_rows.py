"""Compiled rows say what a template with the same escaper would say, for whatever a log holds."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from markupsafe import Markup

from htmltree import Tag, parse, tags, text
from replayglass.render.escape import HIDDEN, escape
from replayglass.render.level import Level
from replayglass.render.rows import HEAD, MAX_KINDS, TABLE_ROW, Detail, Form, RowWriter
from replayglass.render.templates import environment
from replayglass.row import Collection, DocumentLink, Field, Part, Raw, Row, RowKind, RowLink, Value

EVENTS = Collection("events", "e", 256, "event", "events")
DECISIONS = Collection("decisions", "d", 64, "decision", "decisions")
FULL = Detail(1024, 16 * 1024)
NO_LIMIT = 1 << 30
HOSTILE = (
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "' onmouseover=alert(1) x='",
    "</td></tr></table><h1>",
    "</pre></details><b class=u>U+202E</b>",
    "&lt;b&gt; &#x202e; &amp;",
    "%s %d %(x)s %%",
    "abc\u202egpj.exe \u200b\u2066\u05d0",
    "a\tb\nc\r\x00\x1b[31m\x85",
    "\ud800 \U000e0041 \ufffe",
)
STYLES = st.sampled_from(["text", "code", "strong", "id", "word", "int"])
TEXTS = st.one_of(st.text(st.characters(), max_size=20), st.sampled_from(HOSTILE), st.text("abc-_ 019", max_size=9))
NUMBERS = st.integers(0, 10**7)
PARTS: st.SearchStrategy[Part] = st.one_of(
    st.sampled_from([" says ", "100 % <b>", "\u21b3 ", "'\""]),
    st.builds(Field, STYLES),
    st.builds(RowLink, st.sampled_from([EVENTS, DECISIONS]), STYLES),
    st.just(DocumentLink(DECISIONS._replace(json_folder="v1/d"), "100 % <b>")),
    st.just(Raw()),
)
KINDS = st.builds(
    RowKind,
    st.lists(st.lists(PARTS, max_size=3).map(tuple), min_size=1, max_size=4).map(tuple),
    st.sampled_from(["", "good", "bad"]),
    st.integers(1, 6),
    st.booleans(),
)
RECORDS = st.one_of(
    st.binary(max_size=30),
    TEXTS.map(lambda words: words.encode("utf-8", "surrogatepass")),
    st.just(b'{"a":"b"}'),
    st.just("blob/" + "ab" * 32),
)


def _values(draw: st.DrawFn, kind: RowKind) -> tuple[Value, ...]:
    values: list[Value] = []
    for part in [part for cell in kind.cells for part in cell]:
        if isinstance(part, DocumentLink):
            values.append(draw(NUMBERS))
        if isinstance(part, RowLink):
            values += [draw(NUMBERS), draw(NUMBERS)]
        if isinstance(part, Field | RowLink):
            values.append(draw(NUMBERS) if part.style == "int" else draw(TEXTS))
        elif isinstance(part, Raw):
            values.append(draw(RECORDS))
    return tuple(values)


@st.composite
def rows(draw: st.DrawFn) -> Row:
    """Return a row of any shape with fitting values."""
    kind = draw(KINDS)
    return Row(kind, draw(NUMBERS), _values(draw, kind))


TEMPLATE = """
<tr{% if row.kind.anchored %} id="e{{ row.number|attribute }}"{% endif %}
{%- if row.kind.tone %} class="{{ row.kind.tone|attribute }}"{% endif %}
{%- if row.kind.torn %} data-torn{% endif %}>
{%- if row.kind.anchored %}<td><a href="#e{{ row.number|attribute }}">{{ row.number }}</a></td>{% endif %}
{%- for cell in cells %}<td
{%- if loop.last and row.kind.span > 1 %} colspan="{{ row.kind.span|attribute }}"
{%- elif cell.only_words %} class="w"{% endif %}>
{%- for kind, style, value, link in cell.parts %}
{%- if link %}<a href="{{ link|attribute }}">{% endif %}
{%- if kind == "blob" %}<a href="../{{ value|attribute }}">raw record, own file</a>
{%- elif kind == "raw" %}<details><summary>raw</summary><pre>{{ value|record }}</pre></details>
{%- elif kind == "words" %}{{ value|words }}
{%- elif style in ("code", "id") %}<code>{{ value }}</code>
{%- elif style == "strong" %}<strong>{{ value }}</strong>
{%- else %}{{ value }}{% endif %}
{%- if link %}</a>{% endif %}
{%- endfor %}</td>{% endfor %}</tr>
"""


def _cells(row: Row) -> list[dict[str, object]]:
    values = iter(row.values)
    cells: list[dict[str, object]] = []
    for cell in row.kind.cells:
        parts: list[tuple[str, str, object, str]] = []
        for part in cell:
            if isinstance(part, str):
                parts.append(("words", "", part, ""))
            elif isinstance(part, DocumentLink):
                link = f"../{part.collection.json_folder}/pages/{int(next(values)):06d}.json"
                parts.append(("words", "", part.text, link))
            elif isinstance(part, Raw):
                record = next(values)
                parts.append(("blob" if isinstance(record, str) else "raw", "", record, ""))
            else:
                link = ""
                if isinstance(part, RowLink):
                    target = part.collection
                    link = f"../{target.folder}/{int(next(values)):06d}.html#{target.mark}{int(next(values))}"
                parts.append(("value", part.style, next(values), link))
        cells.append({"parts": parts, "only_words": bool(cell) and all(isinstance(part, str) for part in cell)})
    return cells


def _by_template(row: Row) -> str:
    """Return ``row`` as an autoescaped template writes it; raw records and our own words stand in no ``bdi``."""
    made = environment(Level(FULL, 0, 0)).overlay()
    made.filters["words"] = environment(Level(FULL, 0, 0)).filters["attribute"]
    made.filters["record"] = _record
    return made.from_string(TEMPLATE.strip()).render(row=row, cells=_cells(row))


def _record(data: bytes) -> Markup:
    """Return a record character by character, bytes that are no UTF-8 as elements."""
    signs = [
        f"<b class=x>{ord(sign) - 0xDC00:02X}</b>" if "\udc80" <= sign <= "\udcff" else escape(sign)
        for sign in data.decode("utf-8", "surrogateescape")
    ]
    return Markup("".join(signs))  # noqa: S704 - escaped sign by sign


def _write(row: Row, form: Form = TABLE_ROW) -> str:
    return RowWriter("../", "e", form).write([row], FULL, "p.json", NO_LIMIT, {})


def _without_isolation(html: str) -> str:
    return html.replace("<bdi>", "").replace("</bdi>", "")


@given(rows())
def test_a_compiled_row_equals_a_template(row: Row) -> None:
    """A compiled row and an autoescaped template with the same parts are the same to a parser."""
    assert parse(_without_isolation(_write(row))) == parse(_without_isolation(_by_template(row)))


@given(st.lists(rows(), max_size=4))
def test_both_ways_of_writing_agree(many: list[Row]) -> None:
    """Rows written together, alone, or value by value are the same bytes."""
    writer = RowWriter("../", "e")
    together = writer.write(many, FULL, "p.json", NO_LIMIT, {})
    assert together == "\n".join([writer.write([row], FULL, "p.json", NO_LIMIT, {}) for row in many])
    assert together == writer.write_within(many, FULL, "p.json", NO_LIMIT, {})


@given(rows())
def test_log_text_adds_no_element(row: Row) -> None:
    """Whatever the values are, the tags are those that the row's kind has, and named characters."""
    plain_values = tuple("x" if isinstance(value, str) and value[:5] != "blob/" else value for value in row.values)
    plain_values = tuple(b"x" if isinstance(value, bytes) else value for value in plain_values)
    expected = tags(_write(Row(row.kind, row.number, plain_values)))
    added = [Tag("b", (("class", "u"),)), Tag("b", (("class", "x"),)), Tag("bdi", ())]
    assert [tag for tag in tags(_write(row)) if tag not in added] == expected


def test_a_row_is_small() -> None:
    """A row has no optional end tags and no needless quotes; its anchor and its links are as documented."""
    cells: tuple[tuple[Part, ...], ...] = (
        (Field("int"),),
        ("SKIPPED v1",),
        ("by ", RowLink(DECISIONS, "id")),
        (Field("text"), Raw()),
    )
    row = Row(RowKind(cells, "good", 2), 12, (7, 3, 200, "ab-c", "why", b'{"a":1}'))
    assert _write(row) == (
        "<tr id=e12 class=good><td><a href=#e12>12</a><td>7<td class=w>SKIPPED v1"
        "<td>by <a href=../decisions/000003.html#d200><code>ab-c</code></a>"
        '<td colspan=2>why<details><summary>raw</summary><pre>{"a":1}</pre></details>'
    )


def test_the_head_of_a_story_is_a_summary() -> None:
    """The head is a control, so it holds none: its number is no link."""
    row = Row(RowKind(((Field("code"),), (Field("word"),)), "bad"), 5, ("a", "b"))
    expected = "<summary><span>5</span><span><code>a</code></span><span>b</span></summary>"
    assert _write(row, HEAD) == expected


def test_a_number_where_text_was_promised_is_shown() -> None:
    """A value of another type than its part promises is still shown as text."""
    assert text(_write(Row(RowKind(((Field("text"),),), anchored=False), 0, (12,)))) == "12"


def test_a_text_where_a_number_was_promised_is_refused() -> None:
    """Numbers stand in addresses, so nothing else may take their place."""
    with pytest.raises(TypeError):
        _write(Row(RowKind(((Field("int"),),)), 0, ("<b>",)))


RECORD_ROW = RowKind(((Field("text"), Raw()),))


@pytest.mark.parametrize(
    ("record", "limit", "json", "expected"),
    [
        (b"abcdef", 6, "p.json", "rawabcdef"),
        (b"abcdef", 5, "p.json", "rawabcde\u2026 (6 bytes, see the JSON page)"),
        (b"abcdef", 5, None, "rawabcde\u2026 (6 bytes, not shown)"),
        (b"abcdef", 0, "p.json", "6 bytes, see the JSON page"),
        (b"abcdef", 0, None, "6 bytes, not shown"),
        ("a\u20ac".encode(), 2, None, "rawa\u2026 (4 bytes, not shown)"),
        (b"a\xff\xfe", 2, None, "rawaFF\u2026 (3 bytes, not shown)"),
    ],
)
def test_a_long_record_is_cut(record: bytes, limit: int, json: str | None, expected: str) -> None:
    """A record is cut at whole characters, and says how long it is and where all of it is."""
    row = Row(RECORD_ROW._replace(anchored=False), 0, ("", record))
    assert text(RowWriter("", "e").write([row], Detail(10, limit), json, NO_LIMIT, {})) == expected


def test_writing_stops_when_the_page_is_too_large_anyway() -> None:
    """Rows that cannot all fit are not all written."""
    hostile = [Row(RECORD_ROW, number, ("<" * 100, b"")) for number in range(100)]
    assert len(tags(RowWriter("", "e").write(hostile, FULL, None, 1000, {}))) < 30


def test_rows_over_budget_keep_their_numbers() -> None:
    """When the budget is used up, a row is its anchor and a word on where it is; unnumbered rows are left out."""
    kind = RowKind(((Field("text"),),))
    many = [Row(kind, 0, ("\u00e9" * 20,)), Row(kind, 1, ("b" * 20,)), Row(kind._replace(anchored=False), -1, ("c",))]
    html = RowWriter("", "e").write_within(many, FULL, "p.json", 100, {})
    assert html.split("\n")[1:] == ["<tr id=e1><td><a href=#e1>1</a><td>see the JSON page", ""]
    html = RowWriter("", "d", HEAD).write_within(many[:1], FULL, None, 0, {})
    assert html == "<summary><span>0</span><span>not shown</span></summary>"


def test_kinds_made_on_the_fly_do_not_pile_up() -> None:
    """A writer that forgets kinds to stay small never takes one for another."""
    writer = RowWriter("", "e")
    for number in range(MAX_KINDS + 10):
        row = Row(RowKind(((f"kind {number}",),), anchored=False), 0, ())
        assert text(writer.write([row], FULL, None, NO_LIMIT, {})) == f"kind {number}"


def test_hidden_characters_show_in_rows() -> None:
    """A record or text with hidden characters shows the name of each."""
    hidden = "".join(map(chr, HIDDEN[:200]))
    row = Row(RECORD_ROW, 0, (hidden, hidden.encode()))
    assert _write(row).count("<b class=u>") == 400
    assert escape(hidden) in _write(row)
