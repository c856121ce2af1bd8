"""Publishing to any place that fsspec knows: its order, its refusals, what a failure leaves, and how it goes on."""

from __future__ import annotations

import errno
import json
import shutil
from functools import partial
from hashlib import sha256
from typing import TYPE_CHECKING

import pytest

from publishing import HEADS, MANIFEST, Watched, make_sites, named, watched
from replayglass.output.manifest import FileEntry, build_manifest
from replayglass.publish import tostore
from replayglass.publish.claim import CLAIM, DRAFT
from replayglass.publish.source import is_of_manifest
from replayglass.publish.store import stored
from sites import build, command, installed, make_run, tree

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from publishing import Sites
    from sites import Answer, Tree

OWN = {CLAIM, DRAFT}
SIGNED = HEADS[0].removesuffix(".unsigned")


@pytest.fixture(scope="module")
def sites(tmp_path_factory: pytest.TempPathFactory) -> Sites:
    """Return the sites, which no test changes."""
    return make_sites(tmp_path_factory.mktemp("sites"))


@pytest.fixture
def place() -> Iterator[type[Watched]]:
    """Return the place in memory, empty."""
    with watched() as system:
        yield system


def publish(site: Path, url: str, *options: str) -> Answer:
    """Publish; what stops it is one sentence and a hint."""
    answer = command("publish", site, url, *options)
    if answer.exit_code:
        assert len([line for line in answer.stderr.splitlines() if line.startswith("replayglass: cannot")]) <= 1
        assert "Traceback" not in answer.stderr
    return answer


def check_view(seen: Tree, old: Tree, new: Tree) -> None:
    """Hold what a reader sees at one moment against the two publications it may be between."""
    published = {path: data for path, data in seen.items() if path not in OWN}
    for path, data in published.items():
        assert data in (old.get(path), new.get(path)), path
    manifest = published.get(MANIFEST)
    if manifest is None:
        assert not old
        assert not any(head in published for head in HEADS)
    elif manifest == new[MANIFEST]:
        for path, digest in named(new).items():
            assert path in HEADS or sha256(published[path]).hexdigest() == digest
    else:
        assert named(old).keys() <= published.keys() | set(HEADS)
        assert all(published[head] == old[head] for head in HEADS)


def look_on(place: type[Watched], old: Tree, new: Tree) -> None:
    """Hold what the place shows now against the two publications."""
    check_view(place.tree("site"), old, new)


def refuse_writes(operation: str, path: str) -> None:
    """Fail when something is written."""
    assert operation in {"find", "cat"}, path


@pytest.mark.parametrize("scheme", ["memory", "watched"])
def test_every_moment(sites: Sites, place: type[Watched], scheme: str) -> None:
    """At any moment files are whole, the manifest names none that is missing, and checkpoints come last."""
    before: Tree = {}
    for site in (sites.old, sites.new):
        after = tree(site)
        place.watch(after=partial(look_on, place, before, after))
        answer = publish(site, f"{scheme}://site", "--prune", "--json")
        assert answer.exit_code == 0, answer.stderr
        assert place.tree("site") == after
        sent = [step["path"] for step in answer.json["sent"]]
        assert sent[sent.index(MANIFEST) + 1 :] == [head for head in HEADS if after[head] != before.get(head)] != []
        before = after
    place.watch(refuse_writes)
    assert publish(sites.new, f"{scheme}://site").exit_code == 0


@pytest.mark.parametrize(("scheme", "step"), [("memory", 4), ("watched", 9)])
def test_failure_at_any_operation(sites: Sites, place: type[Watched], scheme: str, step: int) -> None:
    """After a failure at the k-th operation nothing is half there, and the same command completes what was begun."""
    old, new = tree(sites.old), tree(sites.new)
    count = 0
    limit = -1

    def fail(_operation: str, _path: str) -> None:
        nonlocal count
        count += 1
        if count == limit:
            raise ConnectionResetError

    place.watch(fail)
    assert publish(sites.old, f"{scheme}://site").exit_code == 0
    start = dict(place.store)
    count = 0
    assert publish(sites.new, f"{scheme}://site", "--prune").exit_code == 0
    for last in range(1, count + 1, step):
        place.store.clear()
        place.store.update(start)
        count, limit = 0, last
        failed = publish(sites.new, f"{scheme}://site", "--prune")
        assert failed.exit_code == 2
        assert "it cannot be reached" in failed.stderr
        check_view(place.tree("site"), old, new)
        limit = -1
        assert publish(sites.new, f"{scheme}://site", "--prune").exit_code == 0
        assert place.tree("site") == new


def test_two_writers(sites: Sites, place: type[Watched]) -> None:
    """When another publishing comes in between, that is published whole, and the first one says so; nothing is lost."""
    middle, new = tree(sites.middle), tree(sites.new)
    left = -1

    def interrupt(operation: str, _path: str) -> None:
        nonlocal left
        left -= operation in {"cat", "find"}
        if left == 0:
            assert publish(sites.new, "memory://site", "--prune").exit_code == 0

    place.watch(interrupt)
    assert publish(sites.old, "memory://site").exit_code == 0
    start = dict(place.store)
    left = 0
    assert publish(sites.middle, "memory://site", "--prune").exit_code == 0
    assert place.tree("site") == middle
    ends = []
    for turn in range(1, -left + 1, 2):
        place.store.clear()
        place.store.update(start)
        left = turn
        ends.append(publish(sites.middle, "memory://site", "--prune").exit_code)
        seen = place.tree("site")
        assert {path: seen.get(path) for path in new} == new
        assert seen.keys() - new.keys() <= middle.keys()
    assert set(ends) == {2, 3}


def test_dry_run(sites: Sites, place: type[Watched], tmp_path: Path) -> None:
    """A dry run says what would be sent and removed, in order, and writes nothing, in no kind of place."""
    folder = tmp_path / "site"
    for url in ("memory://site", str(folder), folder.as_uri()):
        place.watch()
        assert publish(sites.old, url).exit_code == 0
        place.watch(refuse_writes)
        were = place.tree("site"), tree(tmp_path)
        said = publish(sites.new, url, "--dry-run", "--prune")
        answer = publish(sites.new, url, "--dry-run", "--prune", "--json").json
        assert (place.tree("site"), tree(tmp_path)) == were
        sent = [
            f"{step['path']} ({step['size']:,} bytes, {'new' if step['new'] else 'changed'})" for step in answer["sent"]
        ]
        *lines, total = said.stdout.splitlines()
        assert lines == [*(f"send    {text}" for text in sent), *(f"remove  {path}" for path in answer["removed"])]
        assert total.endswith(f"{len(answer['removed'])} would be removed")
        old, new = tree(sites.old), tree(sites.new)
        assert {step["path"] for step in answer["sent"]} == {path for path in new if new[path] != old.get(path)}
        assert set(answer["removed"]) == old.keys() - new.keys() != set()
        assert answer["logs"][0]["size"] == 5


def test_only_listed_files_go(sites: Sites, place: type[Watched], tmp_path: Path) -> None:
    """Without --prune nothing is removed; with it, what the old manifest listed and the new one does not."""
    old, new = tree(sites.old), tree(sites.new)
    stranger = {"CNAME": b"audit.example.org"}
    for options, left in (((), {**old, **new}), (("--prune",), new)):
        place.clear()
        assert publish(sites.old, "memory://site").exit_code == 0
        place("memory").pipe_file("/site/CNAME", stranger["CNAME"])
        assert publish(sites.new, "memory://site", *options).exit_code == 0
        assert place.tree("site") == {**left, **stranger}
        folder = tmp_path / f"site{len(options)}"
        shutil.copytree(sites.old, folder)
        (folder / "CNAME").write_bytes(stranger["CNAME"])
        assert publish(sites.new, str(folder), *options).exit_code == 0
        assert tree(folder) == {**left, **stranger}


def test_another_history(sites: Sites, place: type[Watched], tmp_path: Path) -> None:
    """A site that does not continue what is published is refused with exit code 3, and nothing is written."""
    folder = tmp_path / "site"
    for site, other in ((sites.old, sites.forged), (sites.new, sites.old)):
        for url in (f"memory://{site.name}", str(folder / site.name)):
            assert publish(site, url).exit_code == 0
            were = dict(place.store), tree(folder)
            answer = publish(other, url)
            assert answer.exit_code == 3, answer.stderr
            assert "does not continue what is published" in answer.stderr
            assert (dict(place.store), tree(folder)) == were


def test_what_verify_rejects(sites: Sites, place: type[Watched], tmp_path: Path) -> None:
    """What `verify` rejects is not published: a changed file, a stray one, a key that did not sign."""
    site = tmp_path / "site"
    for path in ("index.html", "stray.html", "manifest.json"):
        shutil.rmtree(site, ignore_errors=True)
        shutil.copytree(sites.old, site)
        with (site / path).open("ab") as file:
            file.write(b" ")
        for url in ("memory://x", str(tmp_path / "out")):
            answer = publish(site, url)
            assert answer.exit_code == 2
            assert path in answer.stderr
    key = "replayglass.invalid/audit-events+6e1ab4b3+ASW8ifrUO6XBjMWTtrkRn5eZ9yeZSq+FQ5vQhzjd8GDL"
    assert publish(sites.old, "memory://x", "--vkey", key).exit_code == 2
    (site / "manifest.json").unlink()
    assert publish(site, "memory://x").exit_code == 2
    assert not place.store
    assert not (tmp_path / "out").exists()


def test_a_site_that_changes(sites: Sites, place: type[Watched], tmp_path: Path) -> None:
    """A site that changes while it is published is not published: the manifest is not sent."""
    site = tmp_path / "site"
    for spoil in (lambda path: path.write_bytes(bytes(path.stat().st_size)), lambda path: path.unlink()):
        place.clear()
        shutil.rmtree(site, ignore_errors=True)
        shutil.copytree(sites.old, site)

        def interrupt(operation: str, path: str, spoil: Callable[[Path], object] = spoil) -> None:
            if (operation, path) == ("pipe", f"/site/{CLAIM}"):
                spoil(site / "index.html")

        place.watch(interrupt)
        answer = publish(site, "memory://site")
        assert answer.exit_code == 2
        assert "changed while it was published" in answer.stderr
        assert MANIFEST not in place.tree("site")


def test_places_that_are_not_ours(sites: Sites, place: type[Watched]) -> None:
    """What was not published by this program, by a newer version, or is damaged, is left as it is (exit 2)."""
    cases = {
        "was not published by replayglass": {"index.html": b"hello"},
        "and was not published by": {MANIFEST: b'{"generator":"other","version":1}'},
        "newer version": {MANIFEST: b'{"generator":"replayglass","version":9}'},
        "the manifest of memory://site is damaged": {MANIFEST: b"{"},
        "is damaged, so it is not known": {CLAIM: b"{}"},
        "is no checkpoint": {MANIFEST: tree(sites.old)[MANIFEST], HEADS[0]: b"x"},
        "would stay behind": {MANIFEST: tree(sites.old)[MANIFEST], SIGNED: tree(sites.old)[HEADS[0]]},
        "has more than": {MANIFEST: b" " * (16 * 1024 * 1024 + 2)},
    }
    for reason, files in cases.items():
        place.clear()
        system = place("memory")
        for path, data in files.items():
            system.pipe_file(f"/site/{path}", data)
        were = place.tree("site")
        answer = publish(sites.new, "memory://site")
        assert answer.exit_code == 2
        assert reason in answer.stderr
        assert place.tree("site") == were


def test_nothing_of_the_url_but_the_place_is_shown(sites: Sites, place: type[Watched]) -> None:
    """Passwords and tokens in a URL are in no answer, whatever goes wrong."""

    def deny(_operation: str, _path: str) -> None:
        message = "AKIA-hunter2"
        raise PermissionError(message)

    place.watch(deny)
    for url in ("watched://me:hunter2@host/site?token=hunter2#hunter2", "nowhere://me:hunter2@host/x"):
        answer = publish(sites.old, url)
        assert answer.exit_code == 2
        assert "hunter2" not in answer.stdout + answer.stderr
        assert "://host/" in answer.stderr


@pytest.mark.parametrize(
    ("url", "reason"),
    [
        ("s3://", "names no place"),
        ("file:relative", ""),
        ("file://relative/x", "wants an absolute path"),
        ("simplecache::memory://x", "not a chain"),
        ("nowhere://x", "no kind of place"),
        ("gs://bucket/x", "not installed"),
        ("dask://x", "no kind of place"),
    ],
)
def test_places_that_cannot_be(
    sites: Sites, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, url: str, reason: str
) -> None:
    """A place that cannot be published to is said to be one in a sentence."""
    monkeypatch.chdir(tmp_path)
    answer = publish(sites.old, url)
    assert reason in answer.stderr
    assert answer.exit_code == (2 if reason else 0)


def test_the_real_command(sites: Sites, tmp_path: Path) -> None:
    """The installed command publishes to a folder, which `verify` then accepts, and goes on when the run has grown."""
    folder = tmp_path / "site"
    for site in (sites.old, sites.new):
        answer = installed("publish", site, folder.as_uri(), "--prune")
        assert answer.exit_code == 0, answer.stderr
        assert tree(folder) == tree(site)
    assert command("verify", folder, "--since", sites.old / HEADS[0]).exit_code == 0
    assert json.loads(installed("publish", sites.new, folder, "--json").stdout)["sent"] == []


def test_reasons(sites: Sites, place: type[Watched]) -> None:
    """Whatever a store's library raises is told in our words: what was tried, where, why not, what to do."""
    reasons = {
        PermissionError("hunter2"): "access is denied",
        TimeoutError("hunter2"): "it cannot be reached",
        OSError(errno.ENOSPC, "hunter2"): "it is full",
        OSError(errno.EROFS, "hunter2"): "it is read-only",
        NotImplementedError("hunter2"): "no place that files can be written to",
        RuntimeError("hunter2"): "it does not answer as such a place does",
        FileNotFoundError("hunter2"): "there is no such place",
    }
    for error, reason in reasons.items():
        for wanted in ("find", "pipe"):
            place.clear()
            place.watch(partial(failing, wanted, error))
            answer = publish(sites.old, "memory://site")
            assert answer.exit_code == 2
            assert reason in answer.stderr
            assert "hunter2" not in answer.stderr
            assert len(answer.stderr.splitlines()[-1]) > 10


def test_a_place_that_is_not_there_yet(sites: Sites, place: type[Watched]) -> None:
    """A folder of a server that is not there yet is an empty one."""
    errors = [FileNotFoundError()]

    def fail(operation: str, _path: str) -> None:
        if operation == "find" and errors:
            raise errors.pop()

    place.watch(fail)
    assert publish(sites.old, "watched://site").exit_code == 0
    assert place.tree("site") == tree(sites.old)


def failing(wanted: str, error: Exception, operation: str, _path: str) -> None:
    """Fail at every operation of a kind."""
    if operation == wanted:
        raise error


def test_large_files(sites: Sites, place: type[Watched], monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Files that do not fit into memory are sent from disk, and looked at before and after."""
    for name in ("LARGE", "_BATCH_BYTES"):
        monkeypatch.setattr(tostore, name, 20_000)
    for scheme in ("memory", "watched"):
        place.clear()
        assert publish(sites.old, f"{scheme}://site").exit_code == 0
        assert place.tree("site") == tree(sites.old)
    for spoil in (lambda path: path.write_bytes(bytes(path.stat().st_size)), lambda path: path.unlink()):
        place.clear()
        site = tmp_path / "site"
        shutil.rmtree(site, ignore_errors=True)
        shutil.copytree(sites.old, site)
        large = next(path for path in (site / "assets").rglob("*.js") if path.stat().st_size > 20_000)

        def interrupt(operation: str, path: str, spoil: Callable[[Path], object] = spoil, large: Path = large) -> None:
            if (operation, path) == ("pipe", f"/site/{CLAIM}"):
                spoil(large)

        place.watch(interrupt)
        answer = publish(site, "memory://site")
        assert (answer.exit_code, "changed while it was published" in answer.stderr) == (2, True)


def test_a_claim_that_is_another_by_now(sites: Sites, place: type[Watched]) -> None:
    """A note that was taken over between the look and the claim is not taken over again."""
    assert publish(sites.old, "memory://site").exit_code == 0
    place.watch(partial(failing, "rm", TimeoutError()))
    assert publish(sites.new, "memory://site").exit_code == 2
    seen = 0

    def exchange(operation: str, path: str) -> None:
        nonlocal seen
        seen += (operation, path) == ("cat", f"/site/{CLAIM}")
        if seen == 2:
            place.store[f"/site/{CLAIM}"].seek(0)
            place.store[f"/site/{CLAIM}"].write(b" ")

    place.watch(exchange)
    answer = publish(sites.new, "memory://site")
    assert (answer.exit_code, "changed by somebody else" in answer.stderr) == (2, True)


def test_what_appears_after_the_look(sites: Sites, place: type[Watched]) -> None:
    """What another one writes between the look and the note is seen when the note is there."""

    def intrude(operation: str, path: str) -> None:
        if (operation, path) == ("pipe", f"/site/{CLAIM}"):
            place.watch()
            place("memory").pipe_file("/site/index.html", b"theirs")

    place.watch(intrude)
    answer = publish(sites.old, "memory://site")
    assert (answer.exit_code, "changed by somebody else" in answer.stderr) == (2, True)


@pytest.mark.parametrize("victim", ["index.html", "LICENSE"])
def test_what_is_gone_before_the_manifest(sites: Sites, place: type[Watched], victim: str) -> None:
    """A file that disappears while others are sent, sent or not, keeps the manifest from being written."""
    kept = next(path for path in tree(sites.old) if path.startswith("assets/")) if victim == "LICENSE" else victim
    assert publish(sites.old, "memory://site").exit_code == 0
    finds = 0

    def lose(operation: str, _path: str) -> None:
        nonlocal finds
        finds += operation == "find"
        if finds == 3:
            place.store.pop(f"/site/{kept}", None)

    place.watch(lose)
    answer = publish(sites.new, "memory://site")
    assert (answer.exit_code, "changed by somebody else" in answer.stderr) == (2, True)
    assert place.tree("site")[MANIFEST] == tree(sites.old)[MANIFEST]


def test_what_stores_say() -> None:
    """An MD5 is believed if it is one; a tag that is none, and what is no base64, says nothing."""
    said: list[dict[str, object]] = [
        {"size": 1, "ETag": '"' + "a" * 32 + '"'},
        {"ETag": '"x-2"'},
        {"md5Hash": "A"},
        {"md5Hash": "AAAAAAAAAAAAAAAAAAAAAA=="},
    ]
    assert [stored(info).md5 for info in said] == ["a" * 32, None, None, "0" * 32]


def test_libraries_that_fail_at_once(sites: Sites, monkeypatch: pytest.MonkeyPatch) -> None:
    """A library that fails while a place is opened is a sentence, too."""
    monkeypatch.setattr(Watched, "_get_kwargs_from_urls", lambda _path: 1 // 0)
    with watched():
        answer = publish(sites.old, "memory://site")
    assert (answer.exit_code, "cannot open memory://site" in answer.stderr) == (2, True)


def test_google(sites: Sites) -> None:
    """Google's store gets content type and caching by its own names, and its MD5 is believed."""
    with watched("gs") as system:
        system.watch(partial(failing, "rm", TimeoutError()))
        assert publish(sites.old, "gs://site").exit_code == 2
        assert system.extra["/site/index.html"] == {
            "content_type": "text/html; charset=utf-8",
            "fixed_key_metadata": {"cache_control": "no-cache"},
        }
        written: list[str] = []
        system.watch(lambda operation, path: written.append(path) if operation == "pipe" else None)
        assert publish(sites.old, "gs://site").exit_code == 0
        assert written == [f"/site/{CLAIM}"]


def test_names_of_ours(place: type[Watched], tmp_path: Path) -> None:
    """A site that has a file by the name of the note is not published."""
    site = build(make_run(tmp_path / "run", b""), tmp_path / "site").folder
    (site / CLAIM).write_bytes(b"{}")
    files = [FileEntry(path, sha256(data).hexdigest(), len(data)) for path, data in tree(site).items()]
    listed = [entry for entry in files if not is_of_manifest(entry.path)]
    for path, data in build_manifest(listed):
        (site / path).write_bytes(data)
    answer = publish(site, "memory://site")
    assert (answer.exit_code, "which publishing uses" in answer.stderr) == (2, True)
    assert not place.store


def test_folders_that_cannot_be(sites: Sites, tmp_path: Path) -> None:
    """A folder inside the site, a file, a link, or one whose files are links, is not published to."""
    (tmp_path / "file").touch()
    (tmp_path / "link").symlink_to(tmp_path)
    folder = tmp_path / "site"
    cases = {"file": "is a file", "link": "symbolic", "file/x": "cannot", str(sites.old / "x"): "overlap"}
    for path, reason in cases.items():
        for options in ((), ("--dry-run",)):
            answer = publish(sites.old, str(tmp_path / path), *options)
            assert (answer.exit_code, reason in answer.stderr) == (2, True)
    shutil.copytree(sites.old, folder)
    link = next(path for path, data in tree(sites.new).items() if path.endswith(".p/5") and len(data) == 160)
    (folder / link).symlink_to("x" * 160)
    answer = publish(sites.new, str(folder), "--dry-run")
    assert (answer.exit_code, "is a symbolic link" in answer.stderr) == (2, True)
    for victim in ("index.html", HEADS[0], "manifest.json", "v1"):
        shutil.rmtree(folder, ignore_errors=True)
        shutil.copytree(sites.old, folder)
        (folder / victim).rename(tmp_path / "away")
        (folder / victim).symlink_to(tmp_path / "away")
        for options in ((), ("--dry-run",)):
            answer = publish(sites.new, str(folder), *options)
            assert answer.exit_code == (0 if options and victim in {"index.html", "v1"} else 2)
        shutil.rmtree(tmp_path / "away") if victim == "v1" else (tmp_path / "away").unlink()
