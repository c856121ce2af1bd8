"""Every JSON document of a site is listed and valid by its published schema; the schemas never change."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from jsonschema import Draft202012Validator

from replayglass.facetshape import SIZE
from sites import AUDIT, LOGS, OBSERVE, PAPER, REPO, SAMPLE, SMALL, SNAPSHOTS, build, make_run, records

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from sites import Site

DAMAGED = ["torn_last_line", "invalid_utf8", "bad_enums", "utf16le", "lone_surrogates", "huge_integer_digits"]
EVENTS = f"{OBSERVE}/persistence/audit-events"


@pytest.fixture(scope="session")
def crowded_run(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a run whose records and rows do not fit their pages."""
    events = records(SMALL / AUDIT)
    long = [line.replace(b"ETH-USDT", b"E" * 40_000).replace(b"@v1", b"x" * 4_000 + b"@v1") for line in events]
    return make_run(
        tmp_path_factory.mktemp("crowded"), b"\n".join([*long, b""]), None, "[limits]\nmax_file_bytes = 65536\n"
    )


def check_documents(site: Site) -> None:
    """Check every JSON document below v1/ against the schema that the site publishes for it."""
    index = site.document("v1/index.json")
    checked = {"v1/index.json": "index"}
    checked |= {entry["path"]: entry["schema"] for entry in index["documents"]}
    for entry in index["collections"]:
        paths = [f"{entry['folder']}/pages/{number:06d}.json" for number in range(entry["pages"])]
        checked |= dict.fromkeys(paths, entry["schema"])
        assert sum(site.document(path)["count"] for path in paths) == entry["count"]
    for facet in [path for path, schema in checked.items() if schema == "facet-keys"]:
        for key in site.document(facet)["keys"]:
            numbers = range(key["count"] // SIZE + 1)
            checked |= dict.fromkeys([f"{key['folder']}/pages/{page:06d}.json" for page in numbers], "facet-page")
    schemas = {f"v1/schemas/{name}.schema.json": name for name in index["schemas"]}
    assert {path for path in site.tree() if path.startswith("v1/")} == checked.keys() | schemas.keys()
    validators = {name: Draft202012Validator(site.document(path)) for path, name in schemas.items()}
    for path, name in checked.items():
        validators[name].validate(site.document(path))


@pytest.mark.parametrize("log", [SAMPLE, *LOGS, *(PAPER / "bad" / name for name in DAMAGED)], ids=lambda log: log.name)
def test_every_document_is_listed_and_fits_its_schema(log: Path, site_of: Callable[[Path], Site]) -> None:
    """v1/index.json lists each document below v1/ and nothing else, and each validates against its own schema."""
    check_documents(site_of(log))


def test_documents_with_moved_rows_fit_their_schemas(
    crowded_run: Path, long_run: Path, site_of: Callable[[Path], Site]
) -> None:
    """Pages that had to move rows to blobs, and runs of many pages, validate as well."""
    check_documents(site_of(long_run))
    check_documents(site_of(crowded_run))
    moved = [page["moved"] for page in site_of(crowded_run).pages(EVENTS) if "moved" in page]
    assert moved


@pytest.mark.parametrize("log", LOGS, ids=lambda log: log.name)
def test_every_valid_event_and_snapshot_fits_its_published_schema(log: Path, site_of: Callable[[Path], Site]) -> None:
    """The schemas of one event and of one snapshot accept a record exactly when its fields have no finding."""
    site = site_of(log)
    flawed = {finding["seq"] for finding in site.findings() if finding["code"].startswith("schema.")}
    for folder, rows, name in (
        ("audit-events", "events", "audit-event"),
        ("snapshots", "snapshots", "ledger-snapshot"),
    ):
        schema = Draft202012Validator(site.document(f"v1/schemas/{name}.schema.json"))
        for page in site.pages(f"{OBSERVE}/persistence/{folder}"):
            for number, row in enumerate(page[rows], page["first"]):
                assert schema.is_valid(row) == (number not in flawed)


def test_schemas_never_change(update_golden: bool, site_of: Callable[[Path], Site]) -> None:  # noqa: FBT001 - a fixture
    """v1/ is frozen: its schemas are those that were stored."""
    stored = REPO / "tests" / "golden" / "schemas"
    made = {path.name: path.read_bytes() for path in (site_of(SMALL).folder / "v1" / "schemas").iterdir()}
    if update_golden:
        stored.mkdir(parents=True, exist_ok=True)
        for name, data in made.items():
            (stored / name).write_bytes(data)
    assert made == {path.name: path.read_bytes() for path in stored.iterdir()}


def test_documents_of_an_empty_run_fit_their_schemas(tmp_path: Path) -> None:
    """A run in which nothing happened yet has all documents too."""
    (tmp_path / "run" / "data").mkdir(parents=True)
    check_documents(build(tmp_path / "run", tmp_path / "site"))


def test_a_document_that_is_too_large_is_a_blob(tmp_path: Path) -> None:
    """The ledger of very many markets stands in a blob; its place says where, and of which schema it is."""
    [snapshot] = records(SMALL / SNAPSHOTS)[-1:]
    held = b",".join(
        b'"M%d":{"marketId":"M%d","quantity":"1","isOpen":true,"lastExecutionId":"%s"}'
        % (n, n, b"0" * 8 + b"-0000" * 3 + b"-" + b"0" * 12)
        for n in range(5_000)
    )
    large = snapshot[: snapshot.index(b'"positions":')] + b'"positions":{' + held + b"}}\n"
    site = build(make_run(tmp_path / "run", None, large), tmp_path / "site")
    check_documents(site)
    for path, schema in (
        (f"{OBSERVE}/derived/shadow-ledger.json", "shadow-ledger"),
        (f"{OBSERVE}/derived/ledgers.json", "ledgers"),
        (f"{OBSERVE}/persistence/snapshots/latest.json", "snapshots-latest"),
    ):
        pointer = site.document(path)
        assert pointer["schema"] == schema
        assert pointer["size"] == (site.folder / pointer["blob"]).stat().st_size
        Draft202012Validator(site.document(f"v1/schemas/{schema}.schema.json")).validate(site.document(pointer["blob"]))
