"""Lists of links by the thousand: the words and where they lead."""

from __future__ import annotations

from typing import TYPE_CHECKING

from replayglass.render.escape import escape_attribute, is_plain

if TYPE_CHECKING:
    from replayglass.listing import Kind, Listing


def write_listing(block: Listing, root: str) -> str:
    """Return the items of a list, each a link and what its word is; hidden characters are shown by name."""
    texts = block.texts if is_plain("".join(block.texts)) else list(map(escape_attribute, block.texts))
    forms = [f"<li><a href={root}{kind.folder}/%06d{_end(kind)}>%s</a> {kind.words}\n" for kind in block.kinds]
    sizes = [max(1, kind.size) for kind in block.kinds]
    entries = zip(block.which, block.rows, texts, strict=True)
    return "".join([forms[kind] % (row // sizes[kind], row, text) for kind, row, text in entries])


def _end(kind: Kind) -> str:
    """Return the end of an address, behind the number of its page or folder; it takes the number of the row."""
    if kind.size == 0:
        return "/index.html%.0s"
    return f".html#{kind.mark}%d" if kind.mark else ".html%.0s"
