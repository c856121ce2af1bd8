"""The index of the look-up: every term is found, whatever it is, and what is full never changes."""

from __future__ import annotations

import json
import random
from io import BytesIO
from typing import TYPE_CHECKING, NamedTuple
from uuid import UUID

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from htmltree import tags
from lookups import Found, Index, dashed
from paperlog import MEMORY, replay, simulated
from replayglass.continuing.freezer import freeze, thaw
from replayglass.listing import Kind, Listing
from replayglass.lookup import leaves
from replayglass.lookup.catalog import Catalog
from replayglass.lookup.index import Cut, Lookup
from replayglass.lookup.leaves import fitted
from replayglass.lookup.times import Times
from replayglass.page import Blob, Page
from replayglass.plan import Plan
from replayglass.registry import domain_of
from replayglass.render.listing import write_listing
from replayglass.run import open_run
from replayglass.share import Share
from replayglass.sources import Sources, silently
from sites import AUDIT, SMALL, build, make_run, records, tree

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from pathlib import Path

    from replayglass.page import Artifact

LIMIT = 64 * 1024
KINDS = (Kind("event", "events", "e", 4), Kind("decision", "decisions", "d", 2), Kind("market", "events", "", 4))
SMALLEST = Cut(4, 2, 3)
"""Pages of four records, segments of sixteen."""


class Record(NamedTuple):
    """A record of a made-up log: ids, each with its kind, names, and its time."""

    ids: list[tuple[int, str]]
    names: list[str]
    time: int | None


IDS = (
    st.uuids().map(str)
    | st.integers(0, 40).map(lambda number: str(UUID(int=number)))
    | st.integers(0, 40).map(lambda number: f"{number << 64:032x}")
    | st.sampled_from(
        ["", "0", "ff" * 40, str(UUID(int=10)).upper(), "é" * 36, "g" * 36, "0" * 36, "-" * 32, "-" * 4 + "0" * 32]
    )
)
NAMES = st.text(max_size=60) | st.sampled_from(
    ["BTC-USDT", "btc-usdt", "\ud800", "\U0001f9ff" * 60, "\uffff" * 3, "</"]
)
LOGS = st.lists(
    st.builds(
        Record,
        st.lists(st.tuples(st.integers(0, 1), IDS), max_size=3),
        st.lists(NAMES, max_size=2),
        st.none() | st.integers(0, 50),
    ),
    max_size=70,
)


@pytest.fixture(autouse=True)
def small_leaves(monkeypatch: pytest.MonkeyPatch) -> None:
    """Have leaves of a few terms."""
    monkeypatch.setattr(leaves, "LEAF", 5)


def _take(lookup: Lookup, log: Sequence[Record], start: int, stop: int) -> Iterable[Artifact]:
    """Take some records in, which stand on one page."""
    for kind in range(2):
        ids = [
            (text, start + place) for place, one in enumerate(log[start:stop]) for own, text in one.ids if own == kind
        ]
        lookup.add(kind, [text for text, _ in ids], [row for _, row in ids])
    names = [(text, start + place) for place, one in enumerate(log[start:stop]) for text in one.names]
    lookup.name(2, [text for text, _ in names], [row for _, row in names])
    time = next((one.time for one in log[start:stop] if one.time is not None), None)
    return lookup.advance(stop, time)


def _run(lookup: Lookup, log: Sequence[Record], edges: Iterable[int], begin: int = 0) -> list[Artifact]:
    made: list[Artifact] = []
    start = begin
    for stop in sorted({*range(0, len(log), 4), *edges, len(log)}):
        if start < stop <= len(log):
            made += _take(lookup, log, start, stop)
            start = stop
    return made


def _finish(lookup: Lookup, log: Sequence[Record]) -> list[Artifact]:
    return [*lookup.finish({"event": len(log)})]


def _files(made: Iterable[Artifact]) -> dict[str, bytes]:
    """Return the scripts by path; no path is given twice."""
    made = list(made)
    files = {one.path: one.data for one in made if isinstance(one, Blob)}
    pages = [one.path for one in made if isinstance(one, Page)]
    assert len({*files, *pages}) == len(made)
    return files


def _whole(log: Sequence[Record], edges: Iterable[int] = ()) -> list[Artifact]:
    lookup = Lookup(KINDS, LIMIT, SMALLEST)
    return [*_run(lookup, log, edges), *_finish(lookup, log)]


def _is_id(text: str) -> bool:
    digits = text.replace("-", "")
    return text in {digits, dashed(digits)} and len(digits) == 32 and not set(digits) - set("0123456789abcdef")


def _expected(log: Sequence[Record]) -> dict[tuple[int, str], int]:
    """Return each term's first row; none is longer than what is kept of it."""
    first: dict[tuple[int, str], int] = {}
    for row, record in enumerate(log):
        for kind, text in [*record.ids, *((2, name) for name in record.names)]:
            first.setdefault((kind, text), row)
    return first


@settings(max_examples=150)
@given(LOGS, st.sets(st.integers(0, 70)))
def test_every_term_is_found_where_it_stands_first(log: list[Record], edges: set[int]) -> None:
    """Any id or name, cut to 48 characters, finds its first row; so does each begin of it."""
    index = Index(_files(_whole(log, edges)))
    chance = random.Random(len(log))  # noqa: S311 - no secret
    for (kind, text), row in _expected(log).items():
        clean = text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
        key = clean[:48] if _is_id(text) else "".join(one.lower() if one.isascii() else one for one in clean[:48])
        for begin in {key, key[: chance.randint(1, 48)]}:
            found = [one for one in index.find(begin) if one.kind == kind and one.text[:48] == clean[:48]]
            if len(clean) <= 48:
                assert found == [Found(kind, clean, row)]
            else:
                assert row in {one.row for one in found}


@settings(max_examples=60)
@given(LOGS, st.sets(st.integers(0, 70)), st.integers(0, 70))
def test_files_depend_on_the_terms_alone(log: list[Record], edges: set[int], middle: int) -> None:
    """However the log was batched, and wherever a build was put aside and taken up, the same files come out."""
    whole = _whole(log)
    assert _whole(log, edges) == whole
    lookup = Lookup(KINDS, LIMIT, SMALLEST)
    made = _run(lookup, log[:middle], edges)
    state = BytesIO()
    freeze(lookup, {}, state)
    state.seek(0)
    later = thaw(state, {})
    assert isinstance(later, Lookup)
    made += _run(later, log, edges, min(middle, len(log)))
    assert [*made, *_finish(later, log)] == whole


@settings(max_examples=60)
@given(LOGS, st.integers(0, 70))
def test_what_is_full_never_changes(log: list[Record], before: int) -> None:
    """When the log grows, the lists of full segments stay as they are, and so do the full runs of the open one."""
    early, late = _whole(log[:before]), _whole(log)
    now = {one.path: one for one in late}
    full = min(before, len(log)) // SMALLEST.segment
    for one in early:
        parts = one.path.split("/")
        if parts[1].isdigit() and int(parts[1]) < full:
            assert now[one.path] == one
    is_open = len(log) // SMALLEST.segment == full
    runs = min(before, len(log)) % SMALLEST.segment // (SMALLEST.page * SMALLEST.fan)
    for one in early:
        if is_open and one.path.startswith(f"lookup/{full:06d}/000-001-") and runs and isinstance(one, Blob):
            assert now[one.path] == one


@given(LOGS)
def test_pages_say_what_scripts_say(log: list[Record]) -> None:
    """Each list for people has the terms of the script beside it, in the same order, and leads to their rows."""
    made = _whole(log)
    index = Index(_files(made))
    lists = {one.path: one.blocks[0] for one in made if isinstance(one, Page) and isinstance(one.blocks[0], Listing)}
    assert [f"lookup/{path}.html" for path in index.leaves()] == [*lists]
    for path in index.leaves():
        block = lists[f"lookup/{path}.html"]
        assert isinstance(block, Listing)
        assert [*map(Found, block.which, block.texts, block.rows)] == [*index.terms(path)]


@given(LOGS)
def test_times_are_those_of_pages(log: list[Record]) -> None:
    """The first time known of each page is told; a page without any has that of the page before."""
    expected, last = [], 0
    for start in range(0, len(log), 4):
        last = next((one.time for one in log[start : start + 4] if one.time is not None), last)
        expected.append(last)
    assert Index(_files(_whole(log))).times() == expected


def test_a_page_takes_the_time_that_is_known_later() -> None:
    """A page whose first records are damaged has the time of the first one that is not."""
    times = Times()
    assert [*times.note(0, None), *times.note(0, 7), *times.note(0, 9), *times.note(1, None)] == []
    (blob,) = times.finish()
    assert blob.data == b"replayglassLookup.times(0,[7,0]);\n"


def test_separators_have_room() -> None:
    """However many leaves there are, what tells them apart fits its file: separators are cut, leaves still found."""
    many = [f"{number:06x}" + "\x01" * 30 for number in range(5_000)]
    (cut,) = fitted([many], 48 * 1024)
    assert len(json.dumps(cut)) < 64 * 1024
    assert all(text.startswith(one) for text, one in zip(many, cut, strict=True))
    assert fitted([["", "\x01" * 99]], 1) == [["", "\x01"]]


def test_the_catalog_is_cut_into_files() -> None:
    """Segments share a file as long as it has room for them, and each file says from which segment on."""
    catalog = Catalog(LIMIT)
    entry = [[f"{number:05x}" for number in range(1_000)], [""]]
    made = [blob for _ in range(9) for blob in catalog.add(entry)]
    made += catalog.finish()
    assert catalog.firsts == [0, 3, 6]
    assert [blob.path for blob in made] == [f"lookup/leaves/{number:06d}.js" for number in range(3)]
    assert all(len(blob.data) <= LIMIT for blob in made)
    assert [*catalog.finish()] == []


def test_every_id_of_a_run_is_found() -> None:
    """Events, decisions, executions, order intents and snapshots of a run are found by id; names, and their lists."""
    audit, snapshots = simulated(2_500, 5)
    made = replay(audit, snapshots)
    index = Index(made.blobs)
    words = {kind[0]: number for number, kind in enumerate(index.about["kinds"])}
    first: dict[tuple[str, str], int] = {}
    decisions: dict[str, int] = {}
    named = (
        ("execution", "executionId"),
        ("order intent", "orderIntentId"),
        ("strategy instance", "strategyInstanceId"),
        ("market", "marketId"),
        ("decision class", "decisionClass"),
    )
    for seq, line in enumerate(audit):
        event = json.loads(line)
        first.setdefault(("event", event["id"]), seq)
        if event["type"] == "DECISION_EVALUATED":
            first.setdefault(
                ("decision", event["decisionId"]), decisions.setdefault(event["decisionId"], len(decisions))
            )
        for word, field in named:
            if field in event:
                first.setdefault((word, event[field]), seq)
    for seq, line in enumerate(snapshots):
        first.setdefault(("snapshot", json.loads(line)["snapshotId"]), seq)
    lists = {
        f"decisions of {word}": [key["key"] for key in made.json(f"{MEMORY}/by-{word}/index.json")["keys"]]
        for word in ("instance", "market", "class")
    }
    assert all(lists.values())
    first |= {(word, key): number for word, keys in lists.items() for number, key in enumerate(keys)}
    terms: dict[tuple[int, str], int] = {}
    for path in index.leaves():
        for kind, text, row in index.terms(path):
            terms[kind, text] = min(row, terms.get((kind, text), row))
    assert terms == {(words[word], text): row for (word, text), row in first.items()}
    assert index.about["counts"] == {"event": len(audit), "decision": len(decisions), "snapshot": len(snapshots)}


def test_a_look_up_reads_few_files(monkeypatch: pytest.MonkeyPatch) -> None:
    """An id is looked for in one list of ids of each part of the index, however many lists there are."""
    monkeypatch.setattr(leaves, "LEAF", 64)
    audit, snapshots = simulated(3_000, 5)
    index = Index(replay(audit, snapshots).blobs)
    before = len(index.read)
    assert [one.row for one in index.find(json.loads(audit[1_999])["id"])] == [1_999]
    lists = [name for name in index.read[before:] if "names" not in name]
    assert len(lists) == 3 < len([*index.leaves()]) / 10


def test_executions_are_found_without_their_attempt() -> None:
    """An execution whose attempt is not in the log is found where its outcome stands; feedback by an id of its own."""
    audit = records(SMALL / AUDIT)
    lost = [line for line in audit if b"EXECUTION_ATTEMPTED" not in line]
    outcome = next(number for number, line in enumerate(lost) if b"EXECUTION_OUTCOME_RECORDED" in line)
    feedback = next(json.loads(line) for line in audit if b"USER_FEEDBACK_RECORDED" in line)
    other = str(UUID(int=1))
    lost.append(json.dumps(feedback | {"id": str(UUID(int=2)), "feedbackId": other}, separators=(",", ":")).encode())
    index = Index(replay(lost).blobs)
    assert index.find(json.loads(lost[outcome])["executionId"]) == [
        Found(2, json.loads(lost[outcome])["executionId"], outcome)
    ]
    assert index.find(other) == [Found(8, other, len(lost) - 1)]


def test_hostile_names_fit(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A log of thousands of markets, full of what needs most room, leaves no file too large nor with 6,000 elements."""
    monkeypatch.setattr(leaves, "LEAF", 2048)
    intent = next(json.loads(line) for line in records(SMALL / AUDIT) if b"ORDER_INTENT_CREATED" in line)
    made = []
    for number in range(2_000):
        market = f"{number}" + "\u202e<\x00&\U000e0001"[number % 5] * 99
        made.append(json.dumps(intent | {"id": str(UUID(int=number)), "marketId": market}, separators=(",", ":")))
    config = "[limits]\nmax_file_bytes = 65536\n"
    site = build(make_run(tmp_path / "run", "\n".join([*made, ""]).encode(), config=config), tmp_path / "site")
    files = {path: data for path, data in tree(site.folder).items() if path.startswith("lookup/")}
    assert max(map(len, files.values())) <= LIMIT
    lists = [data.decode() for path, data in files.items() if path.endswith(".html")]
    assert len(lists) > 20
    assert max(text.count("<") for text in lists) < 6_000
    assert not any(sign in "".join(lists) for sign in ("\u202e", "\x00", "\U000e0001"))
    index = Index(files)
    assert [one.row for one in index.find("77" + "<\x00"[0])] == []
    assert [one.row for one in index.find("1777\x00")] == [1777]


def test_words_of_a_list_are_escaped() -> None:
    """Where a place is a row, a page or a folder of its own, its link is so; what a log says cannot be markup."""
    kinds = (KINDS[0], KINDS[2], Kind("site", "sites", "", 0))
    html = write_listing(Listing(kinds, ["a", '<b title="', "c\u202e"], [0, 1, 2], [9, 9, 9]), "../")
    assert html == (
        "<li><a href=../events/000002.html#e9>a</a> event\n"
        "<li><a href=../events/000002.html>&lt;b title=&#34;</a> market\n"
        "<li><a href=../sites/000009/index.html>cU+202E</a> site\n"
    )
    assert len(tags(html)) == 6


def test_a_torn_tail_fills_no_page() -> None:
    """Behind a full page of records a line that is no record yet changes nothing of the index."""
    audit, snapshots = simulated(1_100, 5)
    whole = replay(audit[:1_024], snapshots[:20])
    torn = replay(audit[:1_024], snapshots[:20], torn=(b'{"id":"', None))
    lists = [{path: data for path, data in one.blobs.items() if path.startswith("lookup/")} for one in (whole, torn)]
    assert lists[0] == lists[1]
    assert [name for name, _ in Index(whole.blobs).about["open"]] == ["000-", "001-", "names-"]


def test_only_one_share_has_the_index(tmp_path: Path) -> None:
    """The index is made by the share that counts everything; the others take nothing in."""
    audit, snapshots = simulated(1_100, 5)
    run = make_run(tmp_path, b"\n".join([*audit, b""]), b"\n".join([*snapshots, b""]))
    opened = open_run(run, domain_of(run))
    for number in range(2):
        made = [one.path for one in Plan(opened, share=Share(number, 2)).artifacts(Sources(opened, silently).batches)]
        assert any(path.startswith("lookup/") for path in made) == (number == 0)
