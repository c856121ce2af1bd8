"""Reviewers' notes: Markdown to HTML that can neither run nor load anything."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from markdown_it import MarkdownIt
from markdown_it.renderer import RendererHTML

from replayglass.render.escape import escape, escape_attribute, escape_layout

if TYPE_CHECKING:
    from collections.abc import Sequence

    from markdown_it.token import Token
    from markdown_it.utils import EnvType, OptionsDict

_LINK = re.compile(r"(?:https?://[^/]|mailto:.|#)[!-~]*", re.IGNORECASE)
_DEMOTION = 2
_LAST_HEADING = 6
_ALIGNMENTS = {"text-align:left": "left", "text-align:right": "right", "text-align:center": "center"}


def is_allowed_link(address: str) -> bool:
    """Say whether a note may link to ``address``: http, https, mailto, or a place on the same page."""
    return _LINK.fullmatch(address) is not None


class _Renderer(RendererHTML):
    """Writes every text through our escaper; no image, no style, no raw HTML."""

    def text(self, tokens: Sequence[Token], idx: int, options: OptionsDict, env: EnvType) -> str:  # noqa: ARG002 - given
        return escape_layout(tokens[idx].content)

    def image(self, tokens: Sequence[Token], idx: int, options: OptionsDict, env: EnvType) -> str:  # noqa: ARG002 - given
        """Say what the image shows: loading it would tell its server who reads the note."""
        return f"[image: {escape(tokens[idx].content)}]"

    def code_inline(self, tokens: Sequence[Token], idx: int, options: OptionsDict, env: EnvType) -> str:  # noqa: ARG002
        return f"<code>{escape_layout(tokens[idx].content)}</code>"

    def code_block(self, tokens: Sequence[Token], idx: int, options: OptionsDict, env: EnvType) -> str:  # noqa: ARG002
        return f"<pre><code>{escape_layout(tokens[idx].content)}</code></pre>\n"

    fence = code_block

    @staticmethod
    def renderAttrs(token: Token) -> str:  # noqa: N802 - the renderer calls it so
        """Return the attributes; an alignment becomes a class, because the site's policy allows no style attribute."""
        attributes = dict(token.attrs)
        alignment = attributes.pop("style", None)
        if alignment is not None:
            attributes["class"] = _ALIGNMENTS[str(alignment)]
        return "".join([f' {name}="{escape_attribute(str(value))}"' for name, value in attributes.items()])


def _parser() -> MarkdownIt:
    parser = MarkdownIt("commonmark", {"html": False, "linkify": False}, renderer_cls=_Renderer).enable("table")
    parser.validateLink = is_allowed_link  # type: ignore[assignment, method-assign]
    return parser


_PARSER = _parser()


def to_html(text: str) -> str:
    """Return the Markdown ``text`` as HTML; its headings come below those of the page."""
    tokens = _PARSER.parse(text)
    for token in tokens:
        if token.type in ("heading_open", "heading_close"):
            token.tag = f"h{min(int(token.tag[1]) + _DEMOTION, _LAST_HEADING)}"
        for child in token.children or ():
            if child.type == "link_open":
                child.attrSet("rel", "noopener noreferrer nofollow")
    return str(_PARSER.renderer.render(tokens, _PARSER.options, {}))
