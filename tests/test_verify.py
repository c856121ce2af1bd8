"""What `verify` says of sites that nobody touched, and the form of its answers."""

from __future__ import annotations

import json
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from replayglass.errors import OutputError
from replayglass.proof.earlier import CHECKPOINT
from replayglass.terminal import say
from signedsites import (
    EVENTS_JSON,
    ORIGIN,
    STREAMS,
    failed,
    keys,
    pem,
    publish,
    remanifest,
    rich_run,
    signer,
    tiny_run,
    verify,
)
from sites import EXTRA, PAPER, SMALL, command, make_run, records

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from sites import Site

BAD = sorted(path for path in (PAPER / "bad").iterdir() if path.is_dir())


@pytest.fixture(scope="module")
def rich(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the run with every kind of record; its signed site is beside it."""
    run = rich_run(tmp_path_factory.mktemp("rich") / "run")
    publish(run, run.parent / "site")
    return run


@pytest.mark.parametrize("run", [*BAD, *EXTRA, SMALL], ids=lambda path: path.name)
def test_every_site_that_can_be_built_verifies(run: Path, site_of: Callable[[Path], Site]) -> None:
    """Damaged or odd as the run may be: its site shows every leaf once, and nothing but the publisher is unknown."""
    report = verify(site_of(run).folder)
    assert failed(report) == set()
    assert (report.verdict, report.exit_code) == ("unauthenticated", 0)


def test_every_kind_of_record_is_compared(rich: Path) -> None:
    """Digest leaves, moved, unreadable, unread, shortened records and a torn tail are what the log says, or counted."""
    report = verify(rich.parent / "site", keys(), run=rich)
    assert (report.verdict, report.exit_code) == ("ok", 0)
    assert all(check.status == "ok" for check in report.checks)
    pages = next(check for check in report.checks if check.name == "pages of audit-events")
    size = report.logs["audit-events"].size
    shortened = pages.counts["shortened"]
    assert pages.counts == {
        "pages": 2,
        "events": size - 4,
        "unreadable": 4,
        "unread": 1,
        "torn": 1,
        "shortened": shortened,
    }
    assert shortened
    assert "torn tail" in pages.says
    assert "only in part" in pages.says


@pytest.mark.parametrize("events", [0, 256])
def test_sizes_at_the_edge_of_pages(events: int, tmp_path: Path) -> None:
    """An empty log, and one that ends with its page (so that an empty page follows), verify."""
    lines = records(SMALL / "audit-events/data/audit_events.ndjson")
    run = make_run(tmp_path / "run", b"".join(lines[index % 20] + b"\n" for index in range(events)))
    report = verify(publish(run, tmp_path / "site", None))
    assert failed(report) == set()
    assert report.logs["audit-events"].size == events


def test_many_publications(tmp_path: Path) -> None:
    """A site keeps what holders of each earlier checkpoint need, also from when it was unsigned, and all is checked."""
    for events in (1, 3, 3, 9, 80):
        run = tiny_run(tmp_path / "run", events)
        site = publish(run, tmp_path / "site", None if events == 1 else 1)
        report = verify(site, keys() if events > 1 else (), run=run)
        assert (failed(report), report.exit_code) == (set(), 0)
    counts = {check.name: check.counts for check in report.checks}
    assert counts["log of audit-events"]["checkpoints"] == 4
    kept = {path.name: path.read_bytes() for path in (site / "log/audit-events/checkpoints").iterdir()}
    assert set(kept) == {"1.unsigned", "3", "9", "80"}
    assert verify(site, keys(), kept).verdict == "ok"
    assert verify(site, (), kept).verdict == "unauthenticated"


def test_large_documents_are_looked_up(tmp_path: Path) -> None:
    """Documents of latest records that are too large for a site's limit are blobs, and are compared there."""
    wide = [b'{"wide":"%d%b"}' % (number, b"w" * 12_000) for number in range(80)]
    markets = {f"m{number}": {"marketId": f"m{number}"} for number in range(3000)}
    snapshot = json.loads(records(SMALL / "snapshots/data/snapshots.ndjson")[-1])
    position = next(iter(snapshot["positions"].values()))
    snapshot["positions"] = {name: {**position, **market} for name, market in markets.items()}
    text = json.dumps(snapshot, separators=(",", ":")).encode() + b"\n"
    config = "[limits]\nmax_file_bytes = 65536\n"
    run = make_run(tmp_path / "run", b"\n".join([*wide, b""]), text, config)
    site = publish(run, tmp_path / "site", None)
    for stream in STREAMS:
        document = json.loads((site / f"v1/observe/persistence/{stream}/latest.json").read_bytes())
        assert "moved" in document or "blob" in document
    assert failed(verify(site, run=run)) == set()


def test_without_a_pinned_key_nothing_is_authenticated(rich: Path) -> None:
    """The site names its key, its signature is good, and still the answer is not "ok", in words and in JSON."""
    site = rich.parent / "site"
    assert verify(site).verdict == "unauthenticated"
    assert verify(site, keys()[:1]).verdict == "unauthenticated"
    answer = command("verify", site)
    assert answer.exit_code == 0
    last = answer.stdout.splitlines()[-1]
    assert last.startswith("UNAUTHENTICATED: ")
    answer = command("verify", site, "--json")
    assert answer.json["verdict"] == "unauthenticated"
    assert [log["authenticated"] for log in answer.json["logs"]] == [False, False]


def test_answers(rich: Path, tmp_path: Path) -> None:
    """A pinned key, given or in a file, makes the verdict "ok"; what was not checked is said all the same."""
    site = rich.parent / "site"
    pins = tmp_path / "pins"
    pins.write_text("# keys of the runtime\n\n" + "".join(f"{key.vkey}\n" for key in keys()))
    answer = command("verify", site, "--vkey", pins)
    assert answer.exit_code == 0
    assert "What is derived from the records was not checked" in answer.stdout.splitlines()[-1]
    words = [word for key in keys() for word in ("--vkey", key.vkey)]
    answer = command("verify", site, *words, "--run", rich, "--since", site / "log/snapshots" / CHECKPOINT)
    assert answer.exit_code == 0
    assert answer.stdout.splitlines()[-1].endswith("every file is what the run renders to.")
    answer = command("verify", site, *words, "--json")
    assert (answer.json["verdict"], answer.json["exit_code"], answer.json["version"]) == ("ok", 0, 1)
    assert {log["origin"] for log in answer.json["logs"]} == {f"{ORIGIN}/{stream}" for stream in STREAMS}
    assert {check["name"]: check["status"] for check in answer.json["checks"]}["run"] == "not done"


def test_failures_are_listed_and_counted(tmp_path: Path) -> None:
    """The first failures of a check are listed, all are counted, and the exit code is 1."""
    site = publish(tiny_run(tmp_path / "run"), tmp_path / "site", None)
    for path in (site / "v1/schemas").iterdir():
        path.write_bytes(b"{}")
    answer = command("verify", site)
    assert answer.exit_code == 1
    assert answer.stdout.splitlines()[-1].startswith("FAILED: ")
    assert " more" in answer.stdout
    manifest = command("verify", site, "--json").json["checks"][0]
    assert len(manifest["failures"]) == 20 < manifest["failed"]


def test_names_of_an_attacker_are_shown_by_number(tmp_path: Path) -> None:
    """Escape sequences and line ends in file names and origins do not reach the terminal."""
    site = publish(tiny_run(tmp_path / "run"), tmp_path / "site", None)
    (site / "evil\x1b[2J\n\udcffok").write_bytes(b"")
    path = site / "log/audit-events/checkpoint.unsigned"
    path.write_bytes(path.read_bytes().replace(b"audit.example.org", "audit\u202e.example.org".encode()))
    answer = command("verify", site)
    assert answer.exit_code == 1
    assert "evil\\x1b[2J\\x0a\\xdcffok is not in the manifest" in answer.stdout
    assert "audit\u202e" not in answer.stdout
    assert "audit\\x202e.example.org" in answer.stdout


@pytest.mark.parametrize(
    "words",
    [
        ["{none}"],
        ["{run}"],
        ["{file}"],
        ["{site}", "--vkey", "neither+key+nor file"],
        ["{site}", "--vkey", "{empty}"],
        ["{site}", "--vkey", "{file}"],
        ["{site}", "--vkey", "{run}"],
        ["{site}", "--vkey", "{witness}"],
        ["{site}", "--vkey", "{many}"],
        ["{site}", "--vkey", "{long}"],
        ["{site}", "--since", "{file}"],
        ["{site}", "--since", "{none}"],
        ["{site}", "--record", "{file}"],
        ["{site}", "--site", "{site}"],
        ["{site}", "--run", "{none}"],
        ["{proof}"],
        ["{proof}", "--run", "{run}"],
        ["{proof}", "--since", "{file}"],
        ["{proof}", "--record", "{lines}"],
        ["{proof}", "--site", "{run}"],
        ["{none}.tlog-proof"],
    ],
    ids=" ".join,
)
def test_what_cannot_be_used_is_said_in_a_sentence(words: list[str], tmp_path: Path) -> None:
    """An argument that cannot be used ends in exit code 2 and a sentence, never in a traceback."""
    site = publish(tiny_run(tmp_path / "run"), tmp_path / "site")
    files = {
        "none": b"",
        "file": b"something else\n",
        "empty": b"# nothing\n",
        "lines": b"two\nlines\n",
        "long": b"#" * (1 << 20) + b"\n",
        "witness": keys()[0]._replace(kind=4).vkey.encode(),
        "many": "".join(f"{signer(f's{n}').verifier.vkey}\n" for n in range(1001)).encode(),
    }
    for name, data in files.items():
        (tmp_path / name).write_bytes(data)
    (tmp_path / "none").unlink()
    assert command("prove", site, "audit-events", "0", "--out", tmp_path / "p.tlog-proof").exit_code == 0
    places = {name: str(tmp_path / name) for name in files}
    places |= {"run": str(tmp_path / "run"), "site": str(site), "proof": str(tmp_path / "p.tlog-proof")}
    answer = command("verify", *(word.format_map(places) for word in words))
    assert (answer.exit_code, answer.stdout) == (2, "")
    assert answer.stderr.count("replayglass: ") >= 1


def test_signing_without_the_package(tmp_path: Path) -> None:
    """Without the extra for signing, all but the signature is checked; a pinned key needs the extra and says so."""
    site = publish(tiny_run(tmp_path / "run"), tmp_path / "site")
    script = "import sys; sys.modules['cryptography'] = None; from replayglass.cli import main; main()"
    for words, code in (([], 0), (["--vkey", keys()[0].vkey], 2)):
        done = subprocess.run(
            [sys.executable, "-c", script, "verify", str(site), *words], capture_output=True, text=True, check=False
        )
        assert done.returncode == code, done.stderr
    assert "replayglass[sign]" in done.stderr


def test_an_answer_that_cannot_be_printed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A full disk behind standard output is a sentence and exit code 2, not a traceback."""
    site = publish(tiny_run(tmp_path / "run"), tmp_path / "site", None)
    with open("/dev/full", "w") as full, monkeypatch.context() as patch:  # noqa: PTH123 - a device
        patch.setattr(sys, "stdout", full)
        with pytest.raises(OutputError, match="cannot be printed: No space left on device"):
            say("x")
    with open("/dev/full", "wb") as full:  # noqa: PTH123 - a device
        done = subprocess.run(
            [sys.executable, "-m", "replayglass", "verify", str(site)], stdout=full, stderr=subprocess.PIPE, check=False
        )
    assert done.returncode == 2
    assert b"the answer cannot be printed" in done.stderr
    assert b"Traceback" not in done.stderr


def test_a_site_of_another_version_verifies(tmp_path: Path) -> None:
    """The version that a site was built with is that of its files, and need not be ours; only --run needs ours."""
    run = tiny_run(tmp_path / "run")
    site = publish(run, tmp_path / "site", None)
    path = site / "v1/index.json"
    path.write_bytes(path.read_bytes().replace(b'"generator_version":"', b'"generator_version":"9.'))
    remanifest(site)
    assert failed(verify(site)) == {"counts"}
    manifest = site / "manifest.json"
    manifest.write_bytes(manifest.read_bytes().replace(b'"generator_version":"', b'"generator_version":"9.'))
    assert failed(verify(site)) == set()
    assert failed(verify(site, run=run)) == {"run"}


def test_a_kept_checkpoint_of_a_site_that_became_signed(tmp_path: Path) -> None:
    """A reader who kept an unsigned checkpoint can still use it when the log is signed and its key pinned."""
    run = tiny_run(tmp_path / "run", 2)
    site = publish(run, tmp_path / "site", None)
    kept = (site / "log/audit-events/checkpoint.unsigned").read_bytes()
    publish(tiny_run(tmp_path / "run", 5), site)
    assert verify(site, keys(), {"kept": kept}).verdict == "ok"
    assert (site / f"{EVENTS_JSON}/000000.json").exists()
    assert pem(1) != pem(2)
