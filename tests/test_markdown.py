"""Notes show what a reviewer wrote, and nothing in them can run, load or deceive."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from htmltree import Tag, parse, tags, text
from replayglass.render.escape import HIDDEN
from replayglass.render.markdown import is_allowed_link, to_html

UNSEEN = frozenset(map(chr, HIDDEN)) - {"\t", "\n"}
ELEMENTS = "a b blockquote br code em h3 h4 h5 h6 hr li ol p pre strong table tbody td th thead tr ul"
REL = "noopener noreferrer nofollow"
ATTACKS = (
    "<script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    "text <b onclick=alert(1)>bold</b> text",
    "<!-- comment --> <?php ?> <!DOCTYPE x> <![CDATA[x]]>",
    "<iframe src=//evil.example></iframe>",
    "<style>*{display:none}</style>",
    "<svg><a xlink:href='javascript:alert(1)'>",
    "[x](javascript:alert(1))",
    "[x](JaVaScRiPt:alert(1))",
    "[x](java\tscript:alert(1))",
    "[x](<java\tscript:alert(1)>)",
    "[x](javascript&colon;alert(1))",
    "[x](&#106;avascript:alert(1))",
    "[x](&#x6A;avascript:alert(1))",
    "[x](\\javascript:alert(1))",
    "[x](%6Aavascript:alert(1))",
    "[x]( javascript:alert(1) )",
    "[x](data:text/html,<script>alert(1)</script>)",
    "[x](data:image/svg+xml;base64,PHN2Zz4=)",
    "[x](vbscript:msgbox(1))",
    "[x](file:///etc/passwd)",
    "[x](//evil.example/x)",
    "[x](/etc/passwd)",
    "[x](../../index.html)",
    "[x](blob:null/1)",
    "<javascript:alert(1)>",
    "<data:text/html,x>",
    "<https://good.example/?a=<b>",
    "[x][r]\n\n[r]: javascript:alert(1)",
    "[x][r]\n\n[r]: data:text/html,x 'title'",
    "![x](https://evil.example/pixel.png)",
    "![x](javascript:alert(1))",
    "![x][r]\n\n[r]: https://evil.example/pixel.png",
    "[![x](https://evil.example/p.png)](javascript:alert(1))",
    "![<img src=x onerror=alert(1)>](x)",
    "![](https://evil.example/pixel.png)",
    '[x](https://good.example "\\" onmouseover=alert(1) x=\\"")',
    '[x](https://good.example/"onmouseover=alert(1))',
    "[x](https://good.example/' onclick='x)",
    '```"><script>alert(1)</script>\nx\n```',
    "``` js onload=alert(1)\n</code></pre><script>\n```",
    "    </code></pre><script>alert(1)</script>",
    "`</code><script>alert(1)</script>`",
    "| <script> | b |\n|:--|--:|\n| [x](javascript:1) | `<i>` |",
    "&lt;script&gt;alert(1)&lt;/script&gt;",
    "# <h1 onclick=x>\n\n> <div>\n\n- <li>",
    "> > > > > > > > > > > > > > > > > > > > > > > > x",
    "a\u202eb &#x202e; `\u202e` [\u2066x](https://good.example '\u202e')",
    "\x00 \x1b[31m \ud800",
    "(javascript:alert(1)) www.evil.example https://evil.example mail@evil.example",
)


def _is_harmless(tag: Tag) -> bool:
    attributes = dict(tag.attributes)
    if tag.name == "a":
        href = attributes.pop("href") or ""
        title = attributes.pop("title", "")
        return is_allowed_link(href) and attributes == {"rel": REL} and title is not None and title.isprintable()
    if tag.name == "b":
        return attributes == {"class": "u"}
    if tag.name in ("td", "th"):
        return attributes in ({}, {"class": "left"}, {"class": "right"}, {"class": "center"})
    if tag.name == "ol":
        return list(attributes) in ([], ["start"])
    return tag.name in ELEMENTS.split() and not attributes


def _assert_harmless(html: str) -> None:
    assert [tag for tag in tags(html) if not _is_harmless(tag)] == []
    assert UNSEEN.isdisjoint(text(html))
    html.encode()


@pytest.mark.parametrize("attack", ATTACKS)
def test_no_attack_leaves_more_than_text(attack: str) -> None:
    """Known attacks come out as allowed elements with allowed attributes, alone and within other Markdown."""
    for source in (attack, f"> {attack}", f"- {attack}", f"**{attack}**", f"| a |\n|---|\n| {attack} |"):
        _assert_harmless(to_html(source))


@given(
    st.lists(st.sampled_from([*ATTACKS, "[", "](", ")", "<", ">", "\n\n", "|", "`", "![", "*", "_", " "])).map("".join)
)
def test_no_mixture_of_attacks_does(source: str) -> None:
    """Pieces of attacks put together in any order leave no more either."""
    _assert_harmless(to_html(source))


@pytest.mark.parametrize(
    ("address", "allowed"),
    [
        ("https://example.org/a?b=c#d", True),
        ("HTTP://example.org", True),
        ("mailto:a@example.org", True),
        ("#e12", True),
        ("https:///x", False),
        ("https://", False),
        ("https://example.org/a b", False),
        ("https://example.org/\u202e", False),
        ("https:javascript:alert(1)", False),
        ("mailto:", False),
        ("events/000000.html", False),
        ("ftp://example.org", False),
        ("", False),
    ],
)
def test_links_lead_to_the_web_to_mail_or_to_the_page(address: str, allowed: bool) -> None:  # noqa: FBT001 - a table
    """Only http, https, mailto and fragments are links; any other address stays text."""
    assert is_allowed_link(address) is allowed


def test_markdown_is_shown() -> None:
    """The elements of CommonMark and tables come out; headings come below those of the page."""
    html = to_html("# A\n\n###### F\n\n*e* **s** `c`\n\n> q\n\n3. o\n\n- u\n\n---\n\n    pre\ttab\n\n```\nfence\n```\n")
    names = " ".join([tag.name for tag in tags(html)])
    assert names == "h3 h6 p em strong code blockquote p ol li ul li hr pre code pre code"
    assert "pre\ttab\n" in text(html)


def test_a_link_is_marked() -> None:
    """A link says that its target is not endorsed and is told nothing."""
    html = to_html("[a & b](https://example.org/?x=1&y=2 'T')")
    attributes = (("href", "https://example.org/?x=1&y=2"), ("title", "T"), ("rel", REL))
    assert parse(html)[1:3] == [Tag("a", attributes), "a & b"]


def test_an_image_is_its_description() -> None:
    """An image is not loaded and not linked: its description is shown."""
    assert text(to_html("see ![the *chart*](https://example.org/x.png)")).strip() == "see [image: the *chart*]"


def test_a_column_is_aligned_by_class() -> None:
    """Alignment is a class, because style attributes are forbidden by the pages' policy."""
    html = to_html("| a | b | c | d |\n|---|:--|:-:|--:|\n| 1 | 2 | 3 | 4 |\n")
    classes = [dict(tag.attributes).get("class") for tag in tags(html) if tag.name == "td"]
    assert classes == [None, "left", "center", "right"]
