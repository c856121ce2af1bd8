"""What a build publishes as logs, and that a later build extends it or writes nothing."""

from __future__ import annotations

import json
from base64 import b64decode
from typing import TYPE_CHECKING

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from naivetree import root as naive_root
from replayglass.errors import OutputError
from replayglass.proof.bundle import MAX_ENTRY
from replayglass.proof.checkpoint import parse_checkpoint
from replayglass.proof.keys import parse_vkey
from replayglass.proof.note import parse_note, verify_note
from replayglass.proof.rewritten import RewrittenError
from replayglass.publishedlogs import PublishedLogs
from replayglass.record import Batch
from sites import AUDIT, SMALL, SNAPSHOTS, build, command, make_run, tree

if TYPE_CHECKING:
    from pathlib import Path

    from sites import Answer

LOG = (SMALL / AUDIT).read_bytes()
SNAPSHOT_LOG = (SMALL / SNAPSHOTS).read_bytes()
LINES = LOG.splitlines(keepends=True)
FOLDER = "log/audit-events"
NAMED = 'origin = "audit.example.org/one"\n'


def long_log(count: int) -> bytes:
    """Return a log of ``count`` records, none of them valid: the log proves whatever is written."""
    return b"".join(b'{"n":%d}\n' % number for number in range(count))


def root_of(log: bytes) -> str:
    """Return the root over the lines of ``log``."""
    return naive_root([line for line in log.split(b"\n") if line]).hex()


@pytest.fixture(scope="module")
def key(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a signing key in a file, as openssl writes it."""
    path = tmp_path_factory.mktemp("key") / "key.pem"
    made = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))
    path.write_bytes(made.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
    return path


def test_a_log_commits_to_every_line(tmp_path: Path) -> None:
    """Size and root of a checkpoint are those of a tree over the exact lines, also over lines that no one can read."""
    log = LOG.replace(LINES[4], b"\xff\xfe no JSON\n") + b'{"torn'
    site = build(make_run(tmp_path / "run", log, SNAPSHOT_LOG), tmp_path / "site")
    for stream, published in (("audit-events", log[:-6]), ("snapshots", SNAPSHOT_LOG)):
        checkpoint = parse_checkpoint((site.folder / "log" / stream / "checkpoint.unsigned").read_bytes())
        assert (checkpoint.origin, checkpoint.size) == (f"replayglass.invalid/{stream}", published.count(b"\n"))
        assert checkpoint.root.hex() == root_of(published)
    logs = {log["stream"]: log for log in site.answer.json["logs"]}
    assert logs["audit-events"]["root"] == root_of(log[:-6])
    assert site.document("v1/integrity.json")["logs"][0]["root"] == root_of(log[:-6])


def test_an_empty_run_has_logs_of_size_zero(tmp_path: Path) -> None:
    """A run that wrote nothing yet publishes empty logs, which the next build extends."""
    run = make_run(tmp_path / "run", b"")
    site = build(run, tmp_path / "site")
    assert site.document("v1/integrity.json")["logs"][0]["size"] == 0
    (run / AUDIT).write_bytes(LOG)
    again = build(run, tmp_path / "site").document("v1/integrity.json")["logs"][0]
    assert (again["size"], again["checkpoints"]) == (135, 2)


def test_a_grown_log_keeps_what_was_published(tmp_path: Path) -> None:
    """Earlier checkpoints stay, with the partial tiles they need until these are full; full tiles are not touched."""
    run, out = make_run(tmp_path / "run", long_log(300)), tmp_path / "site"
    before = build(run, out).tree()
    tile = out / FOLDER / "tile/0/000"
    inode = tile.stat().st_ino
    (run / AUDIT).write_bytes(long_log(400))
    middle = build(run, out).tree()
    assert middle[f"{FOLDER}/checkpoints/300.unsigned"] == before[f"{FOLDER}/checkpoint.unsigned"]
    assert {f"{FOLDER}/tile/0/001.p/44", f"{FOLDER}/tile/0/001.p/144"} <= middle.keys()
    (run / AUDIT).write_bytes(long_log(600))
    after = build(run, out).tree()
    kept = {path for path in after if "/checkpoints/" in path and "audit" in path}
    assert kept == {f"{FOLDER}/checkpoints/{size}.unsigned" for size in (300, 400, 600)}
    assert not {path for path in after if "/001.p/" in path}
    assert tile.stat().st_ino == inode


def test_a_rebuild_of_the_same_log_changes_nothing(tmp_path: Path) -> None:
    """Building again publishes nothing new: the same checkpoint, the same files."""
    run, out = make_run(tmp_path / "run", LOG, SNAPSHOT_LOG), tmp_path / "site"
    before = build(run, out).tree()
    answer = build(run, out).answer
    assert answer.json["changed"] == 0
    assert tree(out) == before


REWRITES = {
    "a changed record": LOG.replace(b'"logicalTime":2', b'"logicalTime":3', 1),
    "a record taken out": b"".join(LINES[:7] + LINES[8:]) + LINES[7],
    "two records swapped": b"".join([LINES[1], LINES[0], *LINES[2:]]),
    "white space in a record": LOG.replace(b'{"id"', b'{ "id"', 1),
    "the end cut off": b"".join(LINES[:-1]),
    "everything gone": b"",
}


@pytest.mark.parametrize("rewrite", REWRITES)
def test_a_rewritten_log_is_refused(rewrite: str, tmp_path: Path) -> None:
    """A log that does not extend what was published exits 3, names both roots (or sizes), and leaves the site alone."""
    run, out = make_run(tmp_path / "run", LOG, SNAPSHOT_LOG), tmp_path / "site"
    before = build(run, out).tree()
    now = REWRITES[rewrite] + (b'{"more":1}\n' if rewrite != "everything gone" and "cut" not in rewrite else b"")
    (run / AUDIT).write_bytes(now)
    answer = command("build", run, "--out", out)
    assert (answer.exit_code, answer.stdout) == (3, "")
    assert root_of(LOG) in answer.stderr
    lines = [line for line in now.split(b"\n") if line]
    if len(lines) >= len(LINES):
        assert naive_root(lines[: len(LINES)]).hex() in answer.stderr
    else:
        assert f"only {len(lines)} records" in answer.stderr
    assert tree(out) == before
    assert not [path for path in tmp_path.iterdir() if "staging" in path.name]


def test_damage_repaired_later_is_a_rewrite(tmp_path: Path) -> None:
    """A line that was published unreadable cannot be replaced by a good one without a trace: exit 3."""
    run, out = make_run(tmp_path / "run", LOG.replace(LINES[4], b"garbage\n")), tmp_path / "site"
    build(run, out)
    (run / AUDIT).write_bytes(LOG)
    assert command("build", run, "--out", out).exit_code == 3


def test_a_torn_tail_may_be_completed(tmp_path: Path) -> None:
    """The end of a line that was not written yet is no record: the next build extends the log."""
    run, out = make_run(tmp_path / "run", LOG[:-20]), tmp_path / "site"
    build(run, out)
    (run / AUDIT).write_bytes(LOG)
    assert build(run, out).document("v1/integrity.json")["logs"][0]["size"] == 135


def test_another_origin_is_another_log(tmp_path: Path) -> None:
    """A site that was published under one origin is not continued under another: exit 3."""
    run, out = make_run(tmp_path / "run", LOG, config=NAMED), tmp_path / "site"
    build(run, out)
    (run / "replayglass.toml").write_text(NAMED.replace("one", "two"))
    answer = command("build", run, "--out", out)
    assert answer.exit_code == 3
    assert "audit.example.org/one/audit-events" in answer.stderr


@pytest.mark.parametrize("damage", ["changed", "gone"])
def test_a_damaged_archive_is_not_built_upon(damage: str, tmp_path: Path) -> None:
    """A published checkpoint that is missing or altered stops the build with 2: nothing is compared with a forgery."""
    run, out = make_run(tmp_path / "run", LOG), tmp_path / "site"
    build(run, out)
    file = out / FOLDER / "checkpoints" / "135.unsigned"
    if damage == "gone":
        file.unlink()
    else:
        file.write_bytes(file.read_bytes().replace(b"135", b"134"))
    answer = command("build", run, "--out", out)
    assert answer.exit_code == 2
    assert "checkpoints/135.unsigned" in answer.stderr


def test_a_key_signs_every_log(key: Path, tmp_path: Path) -> None:
    """With a key each log has a checkpoint signed under the log's own origin, and none that is called unsigned."""
    run, out = make_run(tmp_path / "run", LOG, SNAPSHOT_LOG, NAMED), tmp_path / "site"
    answer = command("build", run, "--out", out, "--key", key, "--json")
    assert answer.exit_code == 0
    for log in answer.json["logs"]:
        verifier = parse_vkey(log["key"])
        note = parse_note((out / log["checkpoint"]).read_bytes())
        verify_note(note, [verifier])
        assert verifier.name == parse_checkpoint(note.text).origin == f"audit.example.org/one/{log['stream']}"
        assert b64decode(log["key"].split("+", 2)[2])[1:] == verifier.public
    assert not [path for path in tree(out) if path.endswith(".unsigned")]
    assert "signed root" in command("build", run, "--out", out, "--key", key).stdout


def test_a_signed_log_stays_signed(key: Path, tmp_path: Path) -> None:
    """An unsigned log may get a key later and keeps both checkpoints; a signed one is not continued without a key."""
    run, out = make_run(tmp_path / "run", LOG, config=NAMED), tmp_path / "site"
    build(run, out)
    assert command("build", run, "--out", out, "--key", key).exit_code == 0
    archived = {path for path in tree(out) if f"{FOLDER}/checkpoints/" in path}
    assert archived == {f"{FOLDER}/checkpoints/135", f"{FOLDER}/checkpoints/135.unsigned"}
    before = tree(out)
    answer = command("build", run, "--out", out)
    assert answer.exit_code == 2
    assert "--key" in answer.stderr
    assert tree(out) == before


@pytest.mark.parametrize(
    ("content", "config", "said"),
    [
        (None, NAMED, "cannot be read"),
        (b"no key", NAMED, "Ed25519"),
        (b"-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n", NAMED, "Ed25519"),
    ],
)
def test_a_key_that_cannot_sign_is_refused(content: bytes | None, config: str, said: str, tmp_path: Path) -> None:
    """A missing or unusable key exits 2 with a sentence, and shows nothing of what the file holds."""
    run, path = make_run(tmp_path / "run", LOG, config=config), tmp_path / "key"
    if content is not None:
        path.write_bytes(content)
    answer = command("build", run, "--out", tmp_path / "site", "--key", path)
    assert answer.exit_code == 2
    assert said in answer.stderr
    assert "AAAA" not in answer.stderr
    assert not (tmp_path / "site").exists()


def test_a_signed_log_needs_a_name(key: Path, tmp_path: Path) -> None:
    """A key without an origin exits 2: nobody could say which log was signed."""
    answer = command("build", make_run(tmp_path / "run", LOG), "--out", tmp_path / "site", "--key", key)
    assert answer.exit_code == 2
    assert "origin" in answer.stderr


def test_what_is_too_large_for_an_entry_is_a_digest(tmp_path: Path) -> None:
    """Above 65,535 bytes an entry is the digest of a blob; a line too long to be read is a digest without one."""
    sizes = (MAX_ENTRY - 1, MAX_ENTRY, MAX_ENTRY + 1, 100_000)
    lines = [b'{"x":"%s"}' % (b"y" * (size - 8)) for size in sizes]
    assert [len(line) for line in lines] == list(sizes)
    unread = b'{"z":"' + b"z" * 200_000 + b'"}'
    config = "[limits]\nmax_line_bytes = 150000\n"
    site = build(make_run(tmp_path / "run", b"\n".join([*lines, unread, b""]), config=config), tmp_path / "site")
    entries = site.tree()[f"{FOLDER}/tile/entries/000.p/5"]
    assert lines[0] in entries
    assert lines[1] in entries
    assert lines[2] not in entries
    digests = entries.split(b'{"replayglass"')[1:]
    assert [json.loads(b'{"replayglass"' + part.split(b"}")[0] + b"}")["length"] for part in digests] == [
        MAX_ENTRY + 1,
        100_000,
        len(unread),
    ]
    blobs = {data for path, data in site.tree().items() if path.startswith("blob/")}
    assert {lines[2], lines[3]} <= blobs
    assert unread not in blobs


def test_a_full_group_of_pages_has_its_script_at_once() -> None:
    """After 65,536 records the script of their 256 pages is complete, with the first hash of each page's subtree."""
    logs = PublishedLogs(["audit-events"], None)
    pages = ([b"%d" % number for number in range(first, first + 256)] for first in range(0, 66_048, 256))
    batches = (Batch("audit-events", "a", 256 * number, page, (), ()) for number, page in enumerate(pages))
    assert len(list(logs.follow("audit-events", batches))) == 258
    made = {file.path: file.data for file in [*logs.drain(), *logs.finish()]}
    script = made["log/audit-events/check/000000.js"]
    assert script.count(b'"') == 2 + 2 * 256
    assert naive_root([b"%d" % number for number in range(256)]).hex().encode() in script
    assert made["log/audit-events/check/000001.js"].count(b'"') == 2 + 2 * 2


def test_a_forged_archive_is_no_archive() -> None:
    """What the archive holds must be checkpoints of this run's logs, whatever the manifest says."""
    for path, data, error in (
        ("log/flow-journal/checkpoints/1.unsigned", b"", RewrittenError),
        ("log/audit-events/checkpoints/1.unsigned", b"no checkpoint", OutputError),
        ("log/audit-events/checkpoints/1", b"x\n1\nAAAA\n", OutputError),
    ):
        with pytest.raises(error):
            PublishedLogs(["audit-events"], None, [(path, data)])


def _sealed(answer: Answer) -> str:
    return str(answer.json["logs"][0]["root"])


def test_a_redaction_added_later_is_a_rewrite(tmp_path: Path) -> None:
    """The log proves the published form: withholding a part of a published record later exits 3."""
    secret = LOG.replace(b'"marketId":"BTC-USDT"', b'"marketId":"postgres://me:hunter22@db/x"')
    rule = '[[secrets.rules]]\ndetector = "connection-string"\naction = "%s"\n'
    run, out = make_run(tmp_path / "run", secret, config=rule % "allow"), tmp_path / "site"
    allowed = build(run, out)
    assert _sealed(allowed.answer) == root_of(secret)
    (run / "replayglass.toml").write_text(rule % "redact")
    assert command("build", run, "--out", out).exit_code == 3
    redacted = build(run, tmp_path / "other")
    assert b"hunter22" not in b"".join(redacted.tree().values())
    assert _sealed(redacted.answer) != root_of(secret)
    codes = {finding["code"] for finding in redacted.findings()}
    assert {"secret.redacted", "identity.withheld"} <= codes
    assert "identity.order-intent-id" not in codes
