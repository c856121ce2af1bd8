"""The parts that all JSON page documents share, and how document types become JSON Schemas (2020-12)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any, Literal

import msgspec
import orjson
from msgspec import Meta, Struct

if TYPE_CHECKING:
    from collections.abc import Mapping

Natural = Annotated[int, Meta(ge=0)]
BlobPath = Annotated[str, Meta(pattern="^blob/[0-9a-f]{64}$")]


class PageHead(Struct, kw_only=True):
    """What every page of a collection says of itself: its number, the number of its first row, how many it has."""

    version: Literal[1]
    page: Natural
    first: Natural
    count: Natural


class DamagedRecord(Struct):
    """A record of the page's range that cannot be read, is torn, or is not valid; why, by finding code."""

    seq: Natural
    line: Natural
    offset: Natural
    code: str


class MovedRecord(Struct):
    """A record that is too large for its page: its exact bytes are the file ``blob``."""

    seq: Natural
    blob: BlobPath
    size: Natural


class MovedRow(Struct):
    """A row that is too large for its page: its JSON is the file ``blob``."""

    row: Natural
    blob: BlobPath
    size: Natural


def schemas(types: Mapping[str, type]) -> dict[str, bytes]:
    """Return the JSON Schema of each document type, indented, by its name."""
    return {name: _schema(name, kind) for name, kind in types.items()}


def _schema(name: str, kind: type) -> bytes:
    schema: dict[str, Any] = {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": f"{name}.schema.json",
        **_one_line(msgspec.json.schema(kind)),
    }
    return orjson.dumps(schema, option=orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE)


def _one_line(schema: Any) -> Any:  # noqa: ANN401 - any part of a JSON Schema
    """Return ``schema`` with each description on one line: how docstrings are indented differs between Pythons."""
    if isinstance(schema, dict):
        return {
            key: " ".join(value.split()) if key == "description" and isinstance(value, str) else _one_line(value)
            for key, value in schema.items()
        }
    return [_one_line(item) for item in schema] if isinstance(schema, list) else schema
