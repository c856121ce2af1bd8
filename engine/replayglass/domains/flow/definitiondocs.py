"""The JSON documents of definitions: what was defined, as it stood when the journal ended."""

from __future__ import annotations

from typing import Any

from msgspec import Struct

from replayglass.pageschema import MovedRow, Natural, PageHead


class DefinitionRow(Struct):
    """A definition: its id, how often it was stored, and its entry in the form of a dump."""

    row: Natural
    id: str
    stored: Natural
    entry: dict[str, Any]


class DefinitionsPage(PageHead, kw_only=True):
    """Definitions of one kind in the order in which they were first stored; a page of programs holds one."""

    rows: list[DefinitionRow]
    moved: list[MovedRow] = []


TYPES: dict[str, type] = {"flow-definitions-page": DefinitionsPage}
