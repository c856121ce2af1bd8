"""No file of a site is larger than the limit, whatever the log holds, and memory does not grow with a line."""

from __future__ import annotations

import json
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from sites import AUDIT, SMALL, SNAPSHOTS, build, make_run, records

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from pathlib import Path

    from sites import Site

pytestmark = pytest.mark.no_cover

SMALLEST, DEFAULT = 64 * 1024, 512 * 1024
LINES = records(SMALL / AUDIT)
INTENT = next(line for line in LINES if b'"ORDER_INTENT_CREATED"' in line and b"ETH-USDT" in line)
DECISION = LINES[0]
SNAPSHOT = records(SMALL / SNAPSHOTS)[-1]
MEBIBYTE = 1024 * 1024


def event(line: bytes, number: int, **fields: object) -> bytes:
    """Return an event with an id of its own and these fields."""
    given = json.loads(line) | {"id": uuid(number)} | fields
    return json.dumps(given, ensure_ascii=False, separators=(",", ":")).encode()


def uuid(number: int) -> str:
    """Return a UUID for each number."""
    return f"{number:08x}-0000-4000-8000-000000000000"


def decision(number: int, words: str) -> bytes:
    """Return the evaluation of a new decision whose class has these words in it."""
    return event(DECISION, number, decisionId=uuid(number + 2**31), decisionClass=f"limits.{words}.test@v1")


def snapshot(markets: Iterable[str]) -> bytes:
    """Return a snapshot that holds these markets."""
    held = {
        market: {"marketId": market, "quantity": "1", "isOpen": True, "lastExecutionId": uuid(1)} for market in markets
    }
    given = json.loads(SNAPSHOT) | {"positions": held}
    return json.dumps(given, ensure_ascii=False, separators=(",", ":")).encode()


def lines(*parts: bytes) -> bytes:
    """Return parts as lines."""
    return b"\n".join([*parts, b""])


HOSTILE = ("\u202e", "<", "&", '"', "\x00", "\ud800", "]]>", "\U0001f9ff", "`")

CASES: dict[str, Callable[[], tuple[bytes, bytes]]] = {
    "a valid event of 5 MB": lambda: (lines(event(INTENT, 1, marketId="M" * 5 * MEBIBYTE), *LINES), b""),
    "an unreadable line of 5 MB": lambda: (lines(b"\xff<" * (5 * MEBIBYTE // 2), *LINES), b""),
    "an invalid event of 5 MB": lambda: (lines(event(INTENT, 1, version="<" * 5 * MEBIBYTE), *LINES), b""),
    "a torn line of 5 MB": lambda: (lines(*LINES) + b'{"id":"' + b"<" * 5 * MEBIBYTE, b""),
    "256 events of 100 KB": lambda: (lines(*(event(INTENT, n, marketId="m" * 100_000) for n in range(256))), b""),
    "256 unreadable lines of 60 KB": lambda: (lines(*(b"<" * 60_000 for _ in range(256))), b""),
    "256 torn-like lines": lambda: (lines(*(b'{"' + b"&" * 3_000 for _ in range(256))), b""),
    "a snapshot of 5,000 markets": lambda: (lines(*LINES), lines(snapshot(f"MARKET-{n}" for n in range(5_000)))),
    "snapshots that share no market": lambda: (
        lines(*LINES),
        lines(*(snapshot(f"{n}-{m}" for m in range(300)) for n in range(40))),
    ),
    "markets with long hostile names": lambda: (
        lines(*LINES),
        lines(snapshot(str(n) + "<" * 2_000 for n in range(600))),
    ),
    "hostile texts": lambda: (
        lines(
            *(
                json.dumps(json.loads(INTENT) | {"id": uuid(n), "marketId": HOSTILE[n % len(HOSTILE)] * 4_000}).encode()
                for n in range(256)
            )
        ),
        b"",
    ),
    "2,000 unknown types": lambda: (
        lines(*(event(INTENT, n, type=f"TYPE_{n}_{'<' * 200}") for n in range(2_000))),
        b"",
    ),
    "2,000 surplus fields": lambda: (
        lines(*(event(INTENT, n, **{f"<{n}-{m}": m for m in range(40)}) for n in range(50))),
        b"",
    ),
    "300 decisions with classes of 3 KB": lambda: (lines(*(decision(n, "<" * 3_000) for n in range(300))), b""),
    "a decision repeated 3,000 times": lambda: (
        lines(decision(0, "x"), *(event(DECISION, n, decisionId=uuid(2**31)) for n in range(1, 3_000))),
        b"",
    ),
}


def sizes(site: Site) -> dict[str, int]:
    """Return the size of every file that the limit holds for."""
    tree = {path: data for path, data in site.tree().items() if "/tile/" not in path}
    return {path: len(data) for path, data in tree.items() if not path.startswith(("assets/", "blob/"))}


@pytest.mark.parametrize("limit", [SMALLEST, DEFAULT])
@pytest.mark.parametrize("case", CASES)
def test_no_file_is_too_large(case: str, limit: int, tmp_path: Path) -> None:
    """Every file but assets, blobs and tiles keeps to max_file_bytes; every record is accounted for and published."""
    events, snapshots = CASES[case]()
    config = f"[limits]\nmax_file_bytes = {limit}\n"
    run = make_run(tmp_path / "run", events, snapshots or None, config)
    site = build(run, tmp_path / "site")
    large = {path: size for path, size in sizes(site).items() if size > limit}
    assert not large
    assert all(line["balances"] for line in site.answer.json["account"])
    published = b"".join(site.tree().values())
    unreadable = {
        row["seq"] for page in site.pages("v1/observe/persistence/audit-events") for row in page["unreadable"]
    }
    assert all(raw in published for seq, raw in enumerate(events.split(b"\n")[:-1]) if seq not in unreadable)


def test_a_blob_is_the_record_and_is_linked(tmp_path: Path) -> None:
    """A record of 5 MB is a file of its own with its exact bytes, named by its digest; its row links it."""
    events, _ = CASES["a valid event of 5 MB"]()
    site = build(make_run(tmp_path / "run", events), tmp_path / "site")
    [page] = site.pages("v1/observe/persistence/audit-events")
    [moved] = page["moved"]
    assert moved["seq"] == 0
    raw = events.split(b"\n")[0]
    assert (site.folder / moved["blob"]).read_bytes() == raw
    assert moved["size"] == len(raw)
    assert moved["blob"] in (site.folder / "events" / "000000.html").read_text()


# The kernel's own mark (proc(5)); what getrusage tells begins with the memory of the process that started this one.
PEAK = """
import pathlib, re, sys
from replayglass.cli import main
try:
    main()
except SystemExit as stop:
    status = pathlib.Path("/proc/self/status").read_text()
    print(stop.code, re.search(r"VmHWM:\\s*(\\d+) kB", status)[1])
"""


@pytest.mark.parametrize("count", [1, 100])
def test_memory_does_not_grow_with_the_bytes_of_a_log(count: int, tmp_path: Path) -> None:
    """100 MB, in one line or in a hundred, are built with less than 400 MB of memory."""
    size = 100 * MEBIBYTE // count
    run = make_run(tmp_path / "run", b"")
    with (run / AUDIT).open("wb") as file:
        for number in range(count):
            file.write(event(INTENT, number, marketId="M" * size) + b"\n")
    words = [sys.executable, "-c", PEAK, "build", run, "--out", tmp_path / "site"]
    done = subprocess.run(list(map(str, words)), capture_output=True, check=True)
    code, peak = map(int, done.stdout.split()[-2:])
    assert code == 1
    assert peak < 400 * 1024
