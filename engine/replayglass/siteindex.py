"""The entry point of the JSON: every document and collection, the schemas, and the page that lists them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from msgspec import Struct

from replayglass import __version__
from replayglass.canon import encode
from replayglass.cell import Code, Link
from replayglass.collection import blob_of
from replayglass.page import Document, Page, Prose, Table
from replayglass.pageschema import BlobPath, Natural, schemas

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from replayglass.account import Line
    from replayglass.cell import Cell
    from replayglass.findings import Findings
    from replayglass.page import Artifact, Blob, Block
    from replayglass.run import Run


class DocumentEntry(Struct):
    """One document: its path from the site's root, what it holds, and the name of its schema."""

    path: str
    title: str
    schema: str


class CollectionEntry(Struct):
    """One paged collection: its pages are ``folder/pages/000000.json`` and so on."""

    name: str
    folder: str
    schema: str
    count: Natural
    pages: Natural
    page_size: Natural


class AccountEntry(Struct):
    """The completeness account of a stream: records = events + unreadable + torn."""

    stream: str
    records: Natural
    events: Natural
    unreadable: Natural
    torn: Natural
    pages: Natural


class Index(Struct):
    """The entry point of the JSON documents."""

    version: Literal[1]
    generator: Literal["replayglass"]
    generator_version: str
    domain: str
    title: str
    origin: str | None
    page_size: Natural
    as_of_logical_time: str | None
    account: list[AccountEntry]
    findings: dict[Literal["error", "warning", "info"], int]
    documents: list[DocumentEntry]
    collections: list[CollectionEntry]
    schemas: list[str]


class MovedDocument(Struct):
    """Stands for a document that is too large: its exact bytes are the file ``blob``, and ``schema`` is its schema."""

    version: Literal[1]
    blob: BlobPath
    size: Natural
    schema: str


TYPES: dict[str, type] = {"index": Index, "moved-document": MovedDocument}


def moved_document(document: Document) -> tuple[Blob, Document]:
    """Return a document as a blob, and the document that says so in its place."""
    blob = blob_of(document.data)
    pointer = MovedDocument(1, blob.path, len(blob.data), document.schema)
    return blob, document._replace(data=encode(pointer), schema="moved-document")


class SiteIndex:
    """Remembers the documents as they are made."""

    def __init__(self) -> None:
        self._documents: list[DocumentEntry] = []
        self._collections: dict[str, CollectionEntry] = {}

    def add(self, document: Document) -> None:
        """Take note of a document; pages of a collection are counted, not listed."""
        paged = document.paged
        if paged is None:
            self._documents.append(DocumentEntry(document.path, document.title, document.schema))
            return
        if not paged.is_listed:
            return
        folder = document.path.rsplit("/pages/", 1)[0]
        entry = self._collections.get(folder)
        if entry is None:
            entry = CollectionEntry(paged.collection, folder, document.schema, 0, 0, paged.size)
            self._collections[folder] = entry
        entry.count += paged.rows
        entry.pages += 1

    def finish(
        self, run: Run, account: Sequence[Line], findings: Findings, as_of: int | None, types: Mapping[str, type]
    ) -> Iterator[Artifact]:
        """Give the schemas, the index document and the API page."""
        documents = sorted(self._documents, key=lambda entry: entry.path)
        collections = sorted(self._collections.values(), key=lambda entry: entry.folder)
        index = Index(
            1,
            "replayglass",
            __version__,
            run.domain.name,
            run.config.title,
            run.config.origin,
            256,
            None if as_of is None else str(as_of),
            [AccountEntry(*line) for line in account],
            {severity.value: count for severity, count in findings.by_severity.items()},
            documents,
            collections,
            sorted(types),
        )
        for name, schema in schemas(types).items():
            yield Document(f"v1/schemas/{name}.schema.json", schema, "", f"JSON Schema of {name}")
        yield Document("v1/index.json", encode(index), "index", "Every document and collection")
        yield _page(documents, collections, sorted(types))


def _page(documents: Sequence[DocumentEntry], collections: Sequence[CollectionEntry], names: Sequence[str]) -> Page:
    rows: list[tuple[Cell, ...]] = [
        (Link(entry.path, entry.path), entry.title, _schema_link(entry.schema)) for entry in documents
    ]
    paged: list[tuple[Cell, ...]] = [
        (
            entry.name,
            Link(f"{entry.folder}/pages/000000.json", f"{entry.folder}/pages/000000.json"),
            Link(f"{entry.pages - 1:06d}.json", f"{entry.folder}/pages/{entry.pages - 1:06d}.json"),
            entry.count,
            entry.page_size,
            _schema_link(entry.schema),
        )
        for entry in collections
    ]
    blocks: list[Block] = [
        Table("Documents", ("path", "holds", "schema"), rows),
        Table("Collections", ("rows", "first page", "last page", "count", "page size", "schema"), paged),
        Table("Schemas", ("JSON Schema 2020-12",), [(_schema_link(name),) for name in names]),
        Prose(
            "Reading them",
            [
                (
                    "Start at ",
                    Code("v1/index.json"),
                    (
                        ". Page k of a collection begins with row k x page size; a full page never changes again. "
                        "Records are as the runtime wrote them, byte for byte; derived documents write logical times "
                        "as text and what is unknown as null. A document or row that is too large is a blob, and its "
                        "place says so. Within v1 no field is removed or retyped."
                    ),
                )
            ],
        ),
    ]
    intro = "Every JSON document of this site. The same facts as the pages, for programs."
    return Page("api/index.html", "API", "api", blocks, intro)


def _schema_link(name: str) -> Link:
    return Link(name, f"v1/schemas/{name}.schema.json")
