"""Stories to HTML: heads that unfold into the lines of their story."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from replayglass.page import Stories
    from replayglass.row import Row

    Write = Callable[[Sequence[Row]], str]


def write_stories(block: Stories, most: int, write_heads: Write, write_lines: Write) -> str:
    """Return the stories of ``block`` as HTML, each with at most ``most`` lines; rows come from the writers one a line.

    All lines are written in one go, which is several times faster than story by story. An anchor is the collection's
    mark and the number of the head; it is in the part that is folded away, because a browser opens what holds the
    target of a link.
    """
    stories, mark = block.stories, block.collection.mark
    heads = write_heads([story.head for story in stories]).split("\n")
    told = [story.lines[:most] for story in stories]
    lines = write_lines([line for many in told for line in many]).split("\n")
    out: list[str] = []
    start = 0
    for story, head, many in zip(stories, heads, told, strict=False):
        end = start + len(many)
        body = _body(lines[start:end], len(story.lines) - len(many), block.beyond)
        tone, anchor = story.head.kind.tone or "plain", f"{mark}{story.head.number}"
        inner = f"<div class=told id={anchor}>{body}<a class=here href=#{anchor}>#{anchor}</a></div>"
        out.append(f'<details class="story {tone}">{head}{inner}</details>')
        start = end
    return "\n".join(out)


def _body(lines: list[str], more: int, beyond: str) -> str:
    rest = f"<p class=cut>\u2026 {more} more lines; {beyond}.</p>" if more else ""
    if not lines:
        return rest
    return "\n".join(["<table class=rows><tbody>", *lines, f"</table>{rest}"])
