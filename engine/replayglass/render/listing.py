"""Lists of links by the thousand: the words and where they lead."""

from __future__ import annotations

from typing import TYPE_CHECKING

from replayglass.render.escape import escape_attribute, is_plain

if TYPE_CHECKING:
    from replayglass.listing import Listing


def write_listing(block: Listing, root: str) -> str:
    """Return the items of a list, each a link and what its word is; hidden characters are shown by name."""
    texts = block.texts if is_plain("".join(block.texts)) else list(map(escape_attribute, block.texts))
    forms = [f"<li><a href={root}{kind.folder}/%06d.html#{kind.mark}%d>%s</a> {kind.words}\n" for kind in block.kinds]
    sizes = [kind.size for kind in block.kinds]
    entries = zip(block.which, block.rows, texts, strict=True)
    return "".join([forms[kind] % (row // sizes[kind], row, text) for kind, row, text in entries])
