"""Decisions by site, by policy and by fate: every row stands in each list, and full pages never change."""

from __future__ import annotations

import json
import re
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any, cast

import jsonschema
import pytest

from replayglass import facetshape
from replayglass.domains.flow.beat import Fate, Verdict
from replayglass.domains.flow.columns import Columns
from replayglass.domains.flow.decision import Decision
from replayglass.domains.flow.facets import MOST, facet_artifacts
from replayglass.page import Document, Page
from sites import FLOW, build
from test_flowsite import JOURNAL, beat, intent, journal, make, rows

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from replayglass.domains.flow.finished import Finished
    from sites import Site

Json = dict[str, Any]
KINDS = ("sites", "policies", "fates", "directives")


SIZES = {"decisions/": 256, "archive/": 256, "[a-z]+/by-[a-z]+/": facetshape.SIZE}


def key_of(kind: str, row: Json) -> str | None:
    """Return what a row of the decisions has as its key."""
    if kind == "policies":
        policy = row["cell"].get("policy")
        return cast("str", policy["$link"]).rpartition("/")[2] if isinstance(policy, dict) else policy
    if kind == "directives":
        return cast("str", row["cell"].get("retain", "not told"))
    return cast("str", row[{"sites": "site", "fates": "fate"}[kind]])


def listed(site: Site, kind: str) -> list[Json]:
    """Return the keys of a list."""
    return rows(site, f"decisions/{kind}")


@pytest.mark.parametrize("kind", KINDS)
def test_each_row_stands_under_its_key(kind: str, flow_run: Path, site_of: Callable[[Path], Site]) -> None:
    """The rows of a key are the decisions that have it, in order, with the same facts; the list counts them by fate."""
    site = site_of(flow_run)
    decisions = rows(site, "decisions")
    keys = listed(site, kind)
    assert {key["key"] for key in keys} >= {key_of(kind, row) for row in decisions}
    for key in keys:
        wanted = [row for row in decisions if key_of(kind, row) == key["key"]]
        found = [row for page in site.pages(key["folder"]) for row in page["rows"]]
        assert [row["decision"] for row in found] == [row["row"] for row in wanted]
        assert [(row["beat"], row["instance"], row["site"], row["choice"]) for row in found] == [
            (row["beat"], row["instance"], row["site"], row["cell"]["choice"]) for row in wanted
        ]
        assert key["count"] == len(wanted) == sum(key["fates"].values())
        assert (key["first_beat"], key["last_beat"]) == (wanted[0]["beat"], wanted[-1]["beat"])


def test_keys_are_numbered_by_first_appearance(flow_run: Path, site_of: Callable[[Path], Site]) -> None:
    """The first site that a decision is made at is site 0, and so on."""
    site = site_of(flow_run)
    first = list(dict.fromkeys(row["site"] for row in rows(site, "decisions")))
    assert [key["key"] for key in listed(site, "sites")] == first
    assert [key["folder"] for key in listed(site, "sites")] == [
        f"v1/flow/decisions/sites/{number:06d}" for number in range(len(first))
    ]


def test_full_pages_never_change(flow_run: Path, tmp_path: Path, site_of: Callable[[Path], Site]) -> None:
    """Every full page of a key, of what was listed meanwhile and of the archive is the same when the journal grows."""
    lines = (flow_run / JOURNAL).read_bytes().splitlines(keepends=True)
    part = build(make(tmp_path / "run", b"".join(lines[: len(lines) * 2 // 3])), tmp_path / "site")
    whole = site_of(flow_run).tree()
    full = 0
    for path, data in part.tree().items():
        size = next((size for folder, size in SIZES.items() if re.match(f"v1/flow/{folder}", path)), None)
        if size is None or path.endswith("/index.json"):
            continue
        page = json.loads(data)
        if page["count"] < size or "folder" in str(page["rows"][0]):
            continue
        html = path.removeprefix("v1/").replace("/pages/", "/").replace(".json", ".html")
        html = html.replace("flow/archive/", "flow/retention/archive/")
        assert (whole[path], whole[html]) == (data, (part.folder / html).read_bytes())
        full += 1
    assert full > 10


def test_all_documents_keep_their_schemas(flow_run: Path, site_of: Callable[[Path], Site]) -> None:
    """Documents that the entry point does not list, because a list of keys leads to them, are valid all the same."""
    site = site_of(flow_run)
    index = site.document("v1/index.json")
    folders = {entry["folder"]: entry["schema"] for entry in index["collections"]}
    assert "v1/flow/decisions/sites/000000" not in folders
    for kind in KINDS:
        for key in listed(site, kind):
            name = folders.get(key["folder"], "flow-facet-page")
            for page in site.pages(key["folder"]):
                jsonschema.validate(page, site.document(f"v1/schemas/{name}.schema.json"))


def test_decisions_without_a_policy_are_a_key_of_their_own(tmp_path: Path) -> None:
    """A step that names no policy decides under none: the lists say so in words, and the JSON with null."""
    steps = {"0": {"kind": "decide", "spec": {}}, "1": {"kind": "unknown"}}
    lines = [
        intent(0, "fl_upsert", "t.p", kind="program", id="prog.raw", steps=steps),  # refused, and stored as it is
        intent(0, "fl_upsert", "t.v", kind="variant", id="var.a", program="prog.raw"),
        beat(0),
        beat(1),
        intent(2, "inst_start", "t.i", id="inst.a", variant="var.a"),
        beat(2),
        beat(3),
    ]
    site = build(make(tmp_path / "run", journal(*lines, rules=1)), tmp_path / "site")
    (key,) = listed(site, "policies")
    assert (key["key"], key["count"]) == (None, 1)
    assert [row["policy"] for row in site.pages(key["folder"])[0]["rows"]] == [None]
    for page in ("decisions/policies/index", "decisions/policies/000000/000000", "policies/index"):
        assert "no policy" in (site.folder / "flow" / f"{page}.html").read_text()
    assert "Decisions without a policy" in (site.folder / "flow" / "policies" / "000000.html").read_text()


def test_every_link_leads_somewhere(site_of: Callable[[Path], Site]) -> None:
    """Lists link to the pages of each key, those to the decisions' rows; the archive stands for what is archived."""
    site = site_of(FLOW)
    home = (site.folder / "flow" / "decisions" / "index.html").read_text()
    assert all(f"flow/decisions/{kind}/index.html" in home for kind in KINDS)
    assert not (site.folder / "flow" / "decisions" / "fates" / "archived").exists()
    assert "flow/retention/archive/index.html" in (site.folder / "flow/decisions/fates/index.html").read_text()
    row = (site.folder / "flow/decisions/sites/000000/000000.html").read_text()
    assert "flow/decisions/000000.html#d0" in row


def columns_of(sites: int) -> Columns:
    """Return the columns of one decision at each of many sites."""
    columns = Columns()
    for number in range(sites):
        cell = Decision("yes", f"site.{number}", None, 0, 0)
        columns.add(number, Verdict(Fate.RECORDED, "inst.a", cell.site, cell))
    return columns


def test_many_keys_are_paged_and_bounded() -> None:
    """More than 256 keys are listed on pages of their own; beyond 4096 a key is listed but has no pages."""
    run = SimpleNamespace(shelves=SimpleNamespace(columns=columns_of(MOST + 2)), limit=512 * 1024)
    made = list(facet_artifacts(cast("Finished", run)))
    pages = {page.path: page for page in made if isinstance(page, Page)}
    documents = {page.path: json.loads(page.data) for page in made if isinstance(page, Document)}
    assert f"flow/decisions/sites/{MOST - 1:06d}/000000.html" in pages
    assert f"flow/decisions/sites/{MOST:06d}/000000.html" not in pages
    last = documents[f"v1/flow/decisions/sites/pages/{MOST // 256:06d}.json"]["rows"]
    assert [(row["key"], row["folder"]) for row in last] == [(f"site.{MOST}", None), (f"site.{MOST + 1}", None)]
    assert "have pages of their own" in pages["flow/decisions/sites/index.html"].intro
    assert f"site.{MOST}" in str(pages[f"flow/decisions/sites/{MOST // 256:06d}.html"].blocks)


def test_keys_that_do_not_fit_a_page_are_moved() -> None:
    """A list of keys stays within the limit of a file: the largest keys are files of their own."""
    columns = Columns()
    for number in range(3):
        cell = Decision("yes", "x" * 40_000 + str(number), None, 0, 0)
        columns.add(number, Verdict(Fate.RECORDED, "inst.a", cell.site, cell))
    run = SimpleNamespace(shelves=SimpleNamespace(columns=columns), limit=64 * 1024)
    made = list(facet_artifacts(cast("Finished", run)))
    (page,) = [
        one for one in made if isinstance(one, Document) and one.path == "v1/flow/decisions/sites/pages/000000.json"
    ]
    assert [row["row"] for row in json.loads(page.data)["moved"]] == [1, 2]
