"""HTML as a list of what a parser sees in it, so that tests compare meaning instead of spelling."""

from html.parser import HTMLParser
from typing import NamedTuple

OPTIONAL_ENDS = frozenset({"td", "th", "tr", "tbody", "thead", "dt", "dd"})


class Tag(NamedTuple):
    """A start tag with its attributes."""

    name: str
    attributes: tuple[tuple[str, str | None], ...]


class End(NamedTuple):
    """An end tag that is not optional."""

    name: str


Node = Tag | End | str


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.nodes: list[Node] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.nodes.append(Tag(tag, tuple(attrs)))

    def handle_endtag(self, tag: str) -> None:
        if tag not in OPTIONAL_ENDS:
            self.nodes.append(End(tag))

    def handle_data(self, data: str) -> None:
        if self.nodes and isinstance(self.nodes[-1], str):
            self.nodes[-1] += data
        else:
            self.nodes.append(data)

    def handle_comment(self, data: str) -> None:
        self.nodes.append(Tag("comment", (("data", data),)))


def parse(html: str) -> list[Node]:
    """Return the tags and texts of ``html`` in their order."""
    reader = _Reader()
    reader.feed(html)
    reader.close()
    return reader.nodes


def tags(html: str) -> list[Tag]:
    """Return the start tags of ``html``."""
    return [node for node in parse(html) if isinstance(node, Tag)]


def text(html: str) -> str:
    """Return the text of ``html``."""
    return "".join([node for node in parse(html) if isinstance(node, str)])
