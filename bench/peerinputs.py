"""What other programs are given to read, made from the events of a PAPER run; the same run, the same bytes."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from itertools import islice
from typing import TYPE_CHECKING

from bench.paperrun import STREAMS, count

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

MOST_PAGES = 5_000
_MOST_ROWS = 256
_BEGUN = datetime(2025, 1, 1, tzinfo=UTC)
_STATUS = (200, 200, 200, 200, 200, 304, 404, 500)
_AGENT = "Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0"
_CONFIG = """baseURL = "https://bench.invalid/"
title = "bench"
disableKinds = ["taxonomy", "term", "RSS", "sitemap", "404"]
"""
_SINGLE = "<!doctype html><html lang=en><title>{{ .Title }}</title><h1>{{ .Title }}</h1>{{ .Content }}</html>\n"
_LIST = (
    "<!doctype html><html lang=en><title>{{ .Title }}</title>"
    "<ul>{{ range .Pages }}<li><a href={{ .RelPermalink }}>{{ .Title }}</a>{{ end }}</ul></html>\n"
)


def write_access_log(run: Path, path: Path) -> None:
    """Write a line of an access log, in the combined format, for each event: client, page and answer by its digest."""
    with run.joinpath(STREAMS[0]).open("rb") as events, path.open("w", encoding="ascii") as log:
        log.writelines(map(_request, events))


def _request(raw: bytes) -> str:
    event, digest = json.loads(raw), sha256(raw).digest()
    when = (_BEGUN + timedelta(seconds=event["logicalTime"])).strftime("%d/%b/%Y:%H:%M:%S +0000")
    page = f"/events/{event['type'].lower()}/{digest[3]}.html"
    status = _STATUS[digest[4] % len(_STATUS)]
    client = ".".join(map(str, (10, *digest[:3])))
    return f'{client} - - [{when}] "GET {page} HTTP/1.1" {status} {len(raw)} "-" "{_AGENT}"\n'


def write_hugo_site(run: Path, pages: int, folder: Path) -> int:
    """Write a site of so many pages, each a table of as many events of the run; return how many rows a table has."""
    rows = min(_MOST_ROWS, max(1, count(run / STREAMS[0]) // pages))
    _write(folder / "config.toml", _CONFIG)
    _write(folder / "layouts" / "_default" / "single.html", _SINGLE)
    _write(folder / "layouts" / "_default" / "list.html", _LIST)
    with run.joinpath(STREAMS[0]).open("rb") as events:
        for number in range(pages):
            table = "".join(_rows(islice(events, rows), number * rows))
            text = f'+++\ntitle = "Events {number}"\n+++\n\n| event | type | time | id |\n|---|---|---|---|\n{table}'
            _write(folder / "content" / "events" / f"{number:06}.md", text)
    return rows


def _rows(raws: Iterator[bytes], first: int) -> Iterator[str]:
    for at, event in enumerate(map(json.loads, raws), first):
        yield f"| {at} | {event['type']} | {event['logicalTime']} | {event['id']} |\n"


def _write(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
