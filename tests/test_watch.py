"""`watch`: a run is published again whenever it has grown, and nothing that happens to it ends that."""

from __future__ import annotations

import json
import os
import shutil
from typing import TYPE_CHECKING
from urllib.request import urlopen

import pytest

from processes import running
from replayglass import pipeline
from replayglass.errors import InputError, OutputError
from replayglass.live.runstate import identity_of, state_of
from replayglass.live.watching import Publisher, looks
from signedsites import pem
from sites import AUDIT, SAMPLE, SNAPSHOTS, command, make_run, records

if TYPE_CHECKING:
    from pathlib import Path

    from processes import Process
    from replayglass.pipeline import Report

LINES = records(SAMPLE / AUDIT)


def text(lines: list[bytes]) -> bytes:
    """Return lines as a stream."""
    return b"\n".join([*lines, b""])


def append(run: Path, data: bytes) -> None:
    """Append to the audit log of a run, as its runtime would."""
    with (run / AUDIT).open("ab") as log:
        log.write(data)


def account(site: Path) -> dict[str, int]:
    """Return what is published of the audit log, in numbers."""
    found: dict[str, int] = json.loads((site / "v1/index.json").read_bytes())["account"][0]
    return found


def published(watch: Process, count: int) -> None:
    """Wait until so many records are said to be published."""
    watch.err.until(f": {count} records of audit-events, ")


@pytest.fixture
def run(tmp_path: Path) -> Path:
    """Return a run of 40 events."""
    return make_run(tmp_path / "run", text(LINES[:40]))


def test_growing(run: Path, tmp_path: Path) -> None:
    """Each append is published, in one line on standard error; a half-written line is torn until it is whole."""
    site = tmp_path / "site"
    with running("watch", run, "--out", site) as watch:
        line = watch.err.until("published in ")
        assert line.startswith(f"replayglass: {site}: published in ")
        assert account(site)["records"] == 40
        append(run, text(LINES[40:60]))
        published(watch, 60)
        append(run, LINES[60][:50])
        published(watch, 61)
        assert account(site)["torn"] == 1
        append(run, LINES[60][50:] + b"\n")
        published(watch, 61)
        assert account(site)["torn"] == 0
        make_run(run, None, text(records(SAMPLE / SNAPSHOTS)[:1]))
        watch.err.until(" 1 records of snapshots; ")
        assert watch.stop() == 0
    assert command("verify", site).exit_code == 0
    built = command("build", run, "--out", tmp_path / "again", "--json").json
    assert [log["root"] for log in built["logs"]] == [
        log["root"] for log in command("build", run, "--out", site, "--json").json["logs"]
    ]
    assert all(line.startswith("replayglass: ") for line in watch.err.seen)


def test_rotation_and_truncation(run: Path, tmp_path: Path) -> None:
    """A log that is rotated goes on; one that is truncated is refused once, the site stays, and it may come back."""
    site = tmp_path / "site"
    with running("watch", run, "--out", site) as watch:
        published(watch, 40)
        (run / AUDIT).rename((run / AUDIT).with_suffix(".1.ndjson"))
        (run / AUDIT).write_bytes(text(LINES[40:70]))
        published(watch, 70)
        (run / AUDIT).write_bytes(b"")
        watch.err.until("replayglass: ")
        said = watch.err.until("publish this log under a new origin")
        assert said.startswith("  ")
        assert account(site)["records"] == 70
        (run / AUDIT).write_bytes(text(LINES[40:80]))
        published(watch, 80)
        assert watch.stop() == 0


def test_a_folder_that_goes_and_comes_back(run: Path, tmp_path: Path) -> None:
    """A deleted folder is waited for, a replaced one is looked at, and both are published when they have more."""
    site = tmp_path / "site"
    with running("watch", run, "--out", site) as watch:
        published(watch, 40)
        shutil.rmtree(run)
        watch.err.until(f"the run folder {run} is gone; waiting for it to come back")
        assert account(site)["records"] == 40
        make_run(tmp_path / "new", text(LINES[:50]))
        (tmp_path / "new").rename(run)
        published(watch, 50)
        make_run(tmp_path / "new", text(LINES[:60]))
        run.rename(tmp_path / "old")
        (tmp_path / "new").rename(run)
        published(watch, 60)
        assert watch.stop() == 0


def test_what_cannot_be_read_or_written(run: Path, tmp_path: Path) -> None:
    """Input and output that cannot be used are told of in one sentence, and when they can be again it goes on."""
    site, config = tmp_path / "site", run / "replayglass.toml"
    with running("watch", run, "--out", site) as watch:
        published(watch, 40)
        config.write_text("nonsense = 1\n")
        watch.err.until("replayglass.toml has the unknown key 'nonsense'")
        append(run, text(LINES[40:50]))
        config.write_text("")
        published(watch, 50)
        (tmp_path / ".site.staging").write_bytes(b"a stranger's")
        append(run, text(LINES[50:60]))
        watch.err.until(".site.staging beside ")
        (tmp_path / ".site.staging").unlink()
        published(watch, 60)
        assert watch.stop() == 0
    assert sum("unknown key" in line for line in watch.err.seen) == 1
    assert sum(".site.staging" in line for line in watch.err.seen) == 1


def test_a_log_behind_a_link_is_watched(run: Path, tmp_path: Path) -> None:
    """No notice comes when the file behind a link grows, and it is published all the same."""
    (run / AUDIT).rename(tmp_path / "elsewhere.ndjson")
    (run / AUDIT).symlink_to(tmp_path / "elsewhere.ndjson")
    with running("watch", run, "--out", tmp_path / "site") as watch:
        published(watch, 40)
        append(run, text(LINES[40:50]))
        published(watch, 50)
        assert watch.stop() == 0


def test_served_and_signed(run: Path, tmp_path: Path) -> None:
    """With --serve the site is there as soon as it is published, and each publication is signed with --key."""
    site, key = tmp_path / "site", tmp_path / "key.pem"
    key.write_bytes(pem(1))
    (run / "replayglass.toml").write_text('origin = "replayglass.example/watched"\n')
    with running("watch", run, "--out", site, "--key", key, "--serve", "--port", "0") as watch:
        url = watch.out.until("http://127.0.0.1:").partition(": ")[2].strip()
        for count in (40, 50):
            published(watch, count)
            with urlopen(f"{url}log/audit-events/checkpoint", timeout=60) as answer:  # noqa: S310 - our own server
                assert answer.read().splitlines()[1] == b"%d" % count
            append(run, text(LINES[count : count + 10]))
        assert watch.stop() == 0


def test_the_first_publication_must_be_made(run: Path, tmp_path: Path) -> None:
    """What stops the first build ends the command, with the exit code of `build`."""
    site = tmp_path / "site"
    assert command("watch", tmp_path / "none", "--out", site).exit_code == 2
    assert command("watch", run, "--out", run / "site").exit_code == 2
    assert command("watch", run, "--out", site, "--key", tmp_path / "none").exit_code == 2
    assert not site.exists()
    assert command("build", run, "--out", site).exit_code == 0
    (run / AUDIT).write_bytes(text(LINES[1:40]))
    assert command("watch", run, "--out", site).exit_code == 3


def test_the_state_of_a_run(run: Path) -> None:
    """It changes with each file that a build looks at, and with no other; what cannot be looked at has a state too."""
    states = [state_of(run)]

    def check(*, changed: bool) -> None:
        state = state_of(run)
        assert (state != states[-1]) == changed
        states.append(state)

    (run / "debug.log").write_bytes(b"x")
    (run / "audit-events/data/other.ndjson").write_bytes(b"x")
    check(changed=False)
    append(run, b"x")
    check(changed=True)
    (run / AUDIT).chmod(0o400)
    check(changed=True)
    (run / AUDIT).with_suffix(".1.ndjson").write_bytes(b"")
    check(changed=True)
    (run / "notes").mkdir()
    check(changed=False)
    (run / "notes/a.md").symlink_to("a.md")
    check(changed=True)
    (run / "runtime.env").write_bytes(b"")
    check(changed=True)
    os.utime(run / "runtime.env", (1, 1))
    check(changed=True)
    assert identity_of(run) is not None
    assert identity_of(run / AUDIT) is None
    assert identity_of(run / "none") is None


def test_complaints_are_told_once() -> None:
    """The same complaint is told once, terminal codes spelled out; only what could not be written is tried again."""
    told: list[str] = []
    errors = [InputError("bad\x1b[m", "do\nthis"), InputError("bad\x1b[m", "do\nthis"), OutputError("full")]

    def build() -> Report:
        raise errors.pop(0)

    publisher = Publisher(build, told.append)
    assert [publisher.attempt() for _ in range(3)] == [True, True, False]
    assert told == ["bad\\x1b[m\n  do\n  this", "full"]


def test_nothing_new_is_not_told(run: Path, tmp_path: Path) -> None:
    """A build that changes no file is no publication; after a complaint it says that all is well again."""
    told: list[str] = []
    publisher = Publisher(lambda: pipeline.build(run, tmp_path / "site", lambda _stage, _records: None), told.append)
    publisher.publish()
    publisher.publish()
    assert len(told) == 1
    publisher.complain("gone")
    publisher.publish()
    assert told[1] == "gone"
    assert told[2].startswith("published in ")


def test_a_folder_that_cannot_be_watched_is_looked_at_in_turns(tmp_path: Path) -> None:
    """Where the system gives no notice, here because the folder went away, there is a look, and then a new attempt."""
    assert list(looks(tmp_path / "none")) == [None]
