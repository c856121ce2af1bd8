"""Pages are whole, safe and small, whatever the log holds."""

from __future__ import annotations

import posixpath
import re
from hashlib import sha256

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from jinja2 import nodes
from markupsafe import Markup

from htmltree import Tag, parse, tags, text
from replayglass.cell import Badge, Code, Link, Spark
from replayglass.drawings import Chart, Series
from replayglass.errors import OutputError
from replayglass.listing import Kind, Listing
from replayglass.page import (
    Block,
    Facts,
    MarkdownNote,
    Neighbours,
    Notice,
    Page,
    Prose,
    Rows,
    Shown,
    Stories,
    Story,
    Table,
)
from replayglass.render.assets import collect, hashed_path, templates_folder
from replayglass.render.frame import Entry, Frame
from replayglass.render.html import Theme
from replayglass.render.level import levels
from replayglass.render.templates import environment
from replayglass.row import Collection, Field, Raw, Row, RowKind, RowLink
from replayglass.streamshelf import OVERSIZE

LIMIT = 512 * 1024
SMALL = 64 * 1024
EVENTS = Collection("events", "e", 256, "event", "events")
DECISIONS = Collection("decisions", "d", 64, "decision", "decisions")
NAVIGATION = (
    Entry("overview", "Overview", "index.html"),
    Entry("events", "Events", "events/index.html"),
    Entry("decisions", "Decisions", "decisions/index.html"),
)
FRAME = Frame("A run", NAVIGATION, "1.2.3")
THEME = Theme(FRAME, LIMIT)
ROW = RowKind(((Field("int"),), (Field("text"),), (Field("code"), " of ", RowLink(DECISIONS, "id")), (Raw(),)))
HEAD_ROW = RowKind(((Field("code"),), (Field("text"),)), "warn")
LINE = RowKind(((RowLink(EVENTS, "int"),), (Field("text"),)), anchored=False)
COLUMNS = ("#", "time", "says", "of", "record")
HOSTILE = (
    "\"'><script>alert(1)</script><img src=x onerror=alert(1)>",
    "'\" onmouseover=alert(1) style=x ",
    "</title></style></script></textarea>-->",
    "\u202e\u2066\u200b\x00\n\ud800{{ 7*7 }}{% x %}",
)
SCRIPT = re.compile(r"/assets/[\w./-]+$|^(\.\./)+verdict\.js$")
ELEMENTS = (
    "a article b bdi blockquote code dd details div dl dt em figcaption figure footer form h1 h2 h3 header html i "
    "input li link main meta nav ol p pre script section span strong summary table tbody td template th thead title "
    "tr ul"
)
ATTRIBUTES = (
    "action aria-current aria-hidden aria-label autocapitalize autocomplete charset class colspan content data-leaf "
    "data-page data-path data-search data-stream data-torn data-verdict defer dir href http-equiv id lang maxlength "
    "method name placeholder rel role scope spellcheck src tabindex title type"
)


def _row(number: int, words: str, record: bytes | str) -> Row:
    return Row(ROW, number, (number, words, words, number // 64, number, words, record))


def _story(number: int, words: str, lines: int) -> Story:
    return Story(Row(HEAD_ROW, number, (words, words)), [Row(LINE, -1, (0, 7, 7, words)) for _ in range(lines)])


def _page(*blocks: Block, path: str = "events/000001.html", **others: object) -> Page:
    return Page(path, "Events, page 1", "events", list(blocks))._replace(**others)  # type: ignore[arg-type]


def _all_blocks(words: str) -> list[Block]:
    record = words.encode("utf-8", "surrogatepass")
    return [
        Notice(words, "bad"),
        Facts(words, [(words, words), (words, Code(words)), (words, Badge(words, "good")), (words, None)]),
        Table(words, (words, "n"), [(words, 1), (Link(words, "index.html"), None)]),
        Table("", ("a",), [], words),
        Prose(words, [[words, Link(words, "index.html"), Code(words)]]),
        Chart("c", words, "counts", words, [words, "b"], [Series(words, [1, 2])], words),
        MarkdownNote("n1", words, Code(words), words),
        MarkdownNote("n2", "Note", None, ""),
        Rows(EVENTS, COLUMNS, [_row(256, words, record), _row(257, "plain", "blob/" + "a" * 64)]),
        Stories(DECISIONS, ("#", "class", "says"), [_story(3, words, 2), _story(4, "plain", 0)]),
        Rows(EVENTS, COLUMNS, []),
        Stories(DECISIONS, ("#",), []),
        Listing((Kind("event", "events", "e", 256),), [words, "plain"], [0, 0], [3, 4]),
    ]


def _html(page: Page, theme: Theme = THEME) -> str:
    return theme.render(page).decode()


@pytest.mark.parametrize("words", [*HOSTILE, "".join(HOSTILE)])
def test_hostile_words_stay_words(words: str) -> None:
    """Wherever a page shows a text, it opens no element and adds no attribute; every element is one of ours."""
    html = _html(_page(*_all_blocks(words), title=words, intro=words))
    found = tags(html)
    assert {tag.name for tag in found} <= set(ELEMENTS.split())
    assert {name for tag in found for name, _ in tag.attributes} <= set(ATTRIBUTES.split())
    assert "javascript:" not in html.casefold()
    scripts = [dict(tag.attributes) for tag in found if tag.name == "script"]
    assert all(script.get("type") == "application/json" or SCRIPT.search(script["src"] or "") for script in scripts)


@settings(max_examples=30)
@given(st.text())
def test_the_elements_of_a_page_do_not_depend_on_its_words(words: str) -> None:
    """Any text gives the elements that a harmless text gives, plus names of hidden characters and isolation."""
    added = {Tag("b", (("class", "u"),)), Tag("bdi", ())}
    note = MarkdownNote("n1", "t", None, "")

    def elements(said: str) -> list[str]:
        blocks = [note if isinstance(block, MarkdownNote) else block for block in _all_blocks(said or "x")]
        return [tag.name for tag in tags(_html(_page(*blocks))) if tag not in added]

    assert elements(words) == elements("x")


@pytest.mark.parametrize("limit", [SMALL, LIMIT])
@pytest.mark.parametrize("words", ["<", "\u202e", "\U000e0041", "x", "\U0001f600", "\x00\u05d0"])
@pytest.mark.parametrize("size", [40, 2000, 5_000_000])
def test_no_page_is_larger_than_allowed(limit: int, words: str, size: int) -> None:
    """A page stays within the limit whatever its records hold (larger ones are blobs), and keeps every anchor."""
    long = words * (size // len(words))
    record = long.encode()[:OVERSIZE]
    rows = Rows(EVENTS, COLUMNS, [_row(number, long, record) for number in range(256)])
    stories = Stories(DECISIONS, ("#", "a", "b"), [_story(number, long, 64) for number in range(64)])
    theme = Theme(FRAME, limit)
    for blocks, mark, count in (([rows], "e", 256), ([stories], "d", 64), ([stories, rows], "e", 256)):
        data = theme.render(_page(*blocks, json="v1/pages/000001.json"))
        assert len(data) <= limit
        anchors = {dict(tag.attributes).get("id") for tag in tags(data.decode())}
        assert {f"{mark}{number}" for number in range(count)} <= anchors


@pytest.mark.parametrize("words", ["<", "\u202e", "> ", "|", "&#x202e;"])
def test_other_blocks_stay_within_the_limit_too(words: str) -> None:
    """Tables, facts, charts and notes are shortened as rows are."""
    long = words * 30_000
    table = Table(long, (long, "b", "c"), [(long, Code(long), Badge(long, "good"))] * 1000)
    chart = Chart("c", long, "counts", long, [long] * 100, [Series(long, [1] * 100)], long)
    note = MarkdownNote("n", long, Code(long), f"|{'|' * 2000}\n|{'-|' * 2000}\n{'|' * 2000}\n{long}")
    for block in (
        table,
        chart,
        note,
        Facts(long, [(long, long)] * 60),
        Prose(long, [[long]] * 60),
        Notice(long, "bad"),
    ):
        assert len(THEME.render(_page(block, json="v1/x.json", title=long, intro=long))) <= LIMIT


def test_a_page_that_cannot_fit_stops_the_build() -> None:
    """Our own words are never cut: a page that has too many of them is an error that says what to do."""
    with pytest.raises(OutputError, match=re.escape("events/000001.html")) as caught:
        Theme(FRAME, 1000).render(_page())
    assert "max_file_bytes" in caught.value.hint


def test_an_ordinary_page_is_whole() -> None:
    """A page that fits shows everything and says nothing of shortening."""
    html = _html(_page(Rows(EVENTS, COLUMNS, [_row(300, "fine", b'{"a":"b"}')]), json="v1/x.json"))
    assert "shortened" not in html
    assert '<pre>{"a":"b"}</pre>' in html
    assert THEME.render(_page()) == Theme(FRAME, LIMIT).render(_page())


def test_a_shortened_page_says_how_much_is_missing() -> None:
    """Cut tables, notes and stories say how much more there is."""
    level = levels(SMALL)[-1]
    blocks: list[Block] = [
        Table("t", ("a",), [("\u202e" * 99,)] * 900),
        MarkdownNote("n", "t", None, "word " * 50_000),
        Stories(DECISIONS, ("#",), [_story(0, "\u202e" * 99, 600)]),
    ]
    words = text(_html(_page(*blocks), Theme(FRAME, SMALL)))
    assert "shortened on this page" in words
    assert f"{900 - (level.rows or 0)} more rows are not shown." in words
    assert "it has 250000 characters" in words
    assert f"{600 - level.lines} more lines" in words


def test_the_frame_leads_everywhere() -> None:
    """Navigation, breadcrumbs, neighbours and JSON are relative addresses; where the reader is, is marked."""
    around = Neighbours("events/000000.html", "events/000002.html", "events/index.html")
    found = tags(_html(_page(neighbours=around, json="v1/pages/000001.json")))
    links = [dict(tag.attributes) for tag in found if tag.name == "a"]
    targets = {
        posixpath.normpath(posixpath.join("events", link["href"] or "")) for link in links if link["href"] != "#main"
    }
    assert targets == {
        "index.html",
        "events/index.html",
        "decisions/index.html",
        "findings/index.html",
        "events/000000.html",
        "events/000002.html",
        "v1/pages/000001.json",
    }
    assert [link["href"] for link in links if "aria-current" in link] == ["../events/index.html"]
    assert {link["rel"]: link["href"] for link in links if "rel" in link} == {
        "prev": "../events/000000.html",
        "next": "../events/000002.html",
    }


def test_the_ends_of_a_collection_are_said() -> None:
    """The first page has no previous one, the last no next one, and a list of pages has neither."""
    first = text(_html(_page(neighbours=Neighbours(None, "events/000001.html", "events/index.html"))))
    last = text(_html(_page(neighbours=Neighbours("events/000000.html", None, "events/index.html"))))
    alone = text(_html(_page(neighbours=Neighbours(None, None, "events/index.html"))))
    assert "First page" in first
    assert "Last page" in last
    assert "First page" not in alone + last
    assert "Last page" not in alone + first


def test_the_current_page_of_the_navigation_is_marked_as_page() -> None:
    """An entry is the current page on its own page, and a current section on the pages below; others are unmarked."""
    assert '"../events/index.html" aria-current=page' in _html(_page(path="events/index.html"))
    assert '"../events/index.html" aria-current=true' in _html(_page())
    assert "aria-current" not in _html(_page(path="x.html", section="elsewhere"))
    assert "Breadcrumb" not in _html(_page(path="index.html", section="overview"))


def test_the_anchor_of_a_story_is_inside_it() -> None:
    """A link to a story opens it, because its anchor is in what is folded away; its head holds no controls."""
    found = parse(_html(_page(Stories(DECISIONS, ("#", "a", "b"), [_story(3, "w", 1)]))))
    start = found.index(Tag("details", (("class", "story warn"),)))
    told = found.index(Tag("div", (("class", "told"), ("id", "d3"))))
    assert not [node for node in found[start:told] if isinstance(node, Tag) and node.name in {"a", "button"}]
    inner = found[told:]
    assert [node for node in inner if isinstance(node, Tag) and ("id", "d3") in node.attributes]
    assert [node for node in inner if isinstance(node, Tag) and ("href", "#d3") in node.attributes]


def test_damage_is_said_on_top() -> None:
    """A page with records that could not be read says how many."""
    html = _html(_page(shown=Shown("audit-events", 1, 250, 6, 0)))
    assert "could not be read: 6." in text(html)
    assert "could not be read" not in _html(_page(shown=Shown("audit-events", 1, 256, 0, 0)))


@pytest.mark.parametrize("block", _all_blocks("w")[::5])
def test_scripts_are_few_and_allowed_by_the_policy(block: Block) -> None:
    """No page may load or run anything but the site's own files; charts alone load Plotly."""
    found = tags(_html(_page(block)))
    policy = next(
        dict(tag.attributes)["content"] or ""
        for tag in found
        if ("http-equiv", "Content-Security-Policy") in tag.attributes
    )
    assert policy.startswith("default-src 'none'; script-src 'self'; style-src 'self';")
    assert "unsafe" not in policy
    scripts = [str(dict(tag.attributes).get("src")) for tag in found if tag.name == "script"]
    assert any("plotly" in script for script in scripts) == isinstance(block, Chart)
    assert ("trusted-types replayglass-lookup" in policy) != isinstance(block, Chart)


def test_assets_are_named_by_their_content() -> None:
    """Every asset that a page names exists, under a name that changes with its content."""
    found = tags(_html(_page(*_all_blocks("w"))))
    named = {
        dict(tag.attributes).get("src") or dict(tag.attributes).get("href")
        for tag in found
        if tag.name in ("script", "link")
    }
    assets = THEME.assets()
    assert {name.removeprefix("../") for name in named if name} <= {*assets, "verdict.js"}
    assert all(sha256(data).hexdigest()[:16] in path for path, data in assets.items())
    assert any(path.startswith("assets/vendor/plotly/LICENSE.") and path.endswith(".txt") for path in assets)
    assert hashed_path("a/b.min.js", b"") == "assets/a/b.min.e3b0c44298fc1c14.js"
    assert not [path for path in collect(templates_folder() / "assets").files if "README" in path]


def test_an_address_is_the_way_to_the_root_and_an_escaped_path() -> None:
    """What a path holds is escaped once, whatever it stands behind."""
    template = environment(levels(LIMIT)[0]).from_string('<a href="{{ path|href(root) }}">')
    assert template.render(path="a\"<&'\u202e", root=Markup("../")) == '<a href="../a&#34;&lt;&amp;&#39;U+202E">'


def test_small_lines_go_first() -> None:
    """A page that is too large loses the lines in its cells before it loses what the log says."""
    rows = [("x" * 100, Spark([1, 2], "1 and 2"))] * 300
    whole, short = (
        Theme(FRAME, limit).render(_page(Table("A", ("text", "line"), rows))).decode() for limit in (200_000, 65_536)
    )
    assert whole.count("<svg class=spark") == whole.count("x" * 100) == short.count("x" * 60) == 300
    assert "<svg" not in short


def test_templates_know_one_escaper() -> None:
    """No template switches escaping off, uses Jinja's own rules, or joins texts behind the escaper's back."""
    made = environment(levels(LIMIT)[0])
    for name in made.list_templates(["html"]):
        source = (templates_folder() / name).read_text()
        tree = made.parse(source)
        filters = {node.name for node in tree.find_all(nodes.Filter)}
        assert filters <= {"attribute", "label", "cut", "capitalize", "length", "shortest", "href", "drawn"}
        assert not [concat for output in tree.find_all(nodes.Output) for concat in output.find_all(nodes.Concat)]
        assert not list(tree.find_all((nodes.EvalContextModifier, nodes.ScopedEvalContextModifier)))
        assert not re.search(r"\son[a-z]+=|\sstyle=", source)
