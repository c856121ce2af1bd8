"""A run with every kind of record, its signed site, and what an attacker can do to that."""

from __future__ import annotations

import shutil
from functools import partial
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from replayglass.domains.paper.domain import PAPER
from replayglass.output.manifest import FileEntry, build_manifest
from replayglass.proof.keys import signer_from_pem
from replayglass.verify.replayed import render_again
from replayglass.verify.whole import Reader, open_site, verify_site
from sites import AUDIT, SNAPSHOTS, command, make_run, records, tree

if TYPE_CHECKING:
    from collections.abc import Sequence

    from replayglass.proof.keys import Signer, Verifier
    from replayglass.verify.report import Report

ORIGIN = "audit.example.org/run-1"
STREAMS = ("audit-events", "snapshots")
CONFIG = f'origin = "{ORIGIN}"\n[limits]\nmax_line_bytes = 131072\n'
EVENTS_JSON = "v1/observe/persistence/audit-events/pages"


def pem(seed: int) -> bytes:
    """Return a private key that everybody knows."""
    key = Ed25519PrivateKey.from_private_bytes(bytes([seed]) * 32)
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())


def signer(stream: str = "audit-events", seed: int = 1, origin: str = ORIGIN) -> Signer:
    """Return the signer of a stream's log."""
    return signer_from_pem(f"{origin}/{stream}", pem(seed))


def keys(seed: int = 1) -> tuple[Verifier, ...]:
    """Return the keys that a reader of the site pins."""
    return tuple(signer(stream, seed).verifier for stream in STREAMS)


def odd_records() -> list[bytes]:
    """Return records that the log, or a page, holds in an unusual way."""
    digest = sha256(b"").hexdigest()
    return [
        b'{"replayglass":"digest-leaf@1","sha256":"%b","length":0,"type":"text/plain"}' % digest.encode(),
        b'{"exactly":"%b"}' % (b"x" * (65_536 - len(b'{"exactly":""}'))),
        b'{"large":"%b"}' % (b"y" * 70_000),
        b' {"lone":"\\ud800","pair":"\\ud83d\\ude00","slash":"\\\\u0041"} \t\r',
        b"not JSON \xc3\x28 <b>&amp; \xe2\x80\xae",
        b"\xff" * 66_000,
        b"\x80" * 40_000,
        b"z" * 140_000,
    ]


def rich_run(folder: Path) -> Path:
    """Make a run of 300 events, odd records among them, with a torn tail."""
    made = folder.with_name(f"{folder.name}-simulated")
    assert command("simulate", "paper", "--events", "300", "--seed", "5", "--out", made).exit_code == 0
    events = records(made / AUDIT)
    events[40:40] = odd_records()
    return make_run(folder, b"\n".join([*events, b'{"id":']), (made / SNAPSHOTS).read_bytes(), CONFIG)


def tiny_run(folder: Path, events: int = 9, source: Path | None = None) -> Path:
    """Make a run of the first events of another one, with three snapshots."""
    lines = records((source or Path(__file__).parent / "data/paper/small") / AUDIT)[:events]
    snapshots = records((source or Path(__file__).parent / "data/paper/small") / SNAPSHOTS)[:3]
    return make_run(folder, b"".join(line + b"\n" for line in lines), b"".join(s + b"\n" for s in snapshots), CONFIG)


def publish(run: Path, out: Path, seed: int | None = 1) -> Path:
    """Build the signed site of a run; None: unsigned."""
    key = out.parent / f"key-{seed}.pem"
    if seed is not None:
        key.write_bytes(pem(seed))
    options = () if seed is None else ("--key", key)
    answer = command("build", run, "--out", out, *options)
    assert answer.exit_code in (0, 1), answer.stderr
    return out


def remanifest(site: Path) -> None:
    """Write the manifest that fits the files that are there, as an attacker would."""
    shutil.rmtree(site / "manifest")
    (site / "manifest.json").unlink()
    entries = [FileEntry(path, sha256(data).hexdigest(), len(data)) for path, data in tree(site).items()]
    for path, data in build_manifest(entries):
        (site / path).parent.mkdir(exist_ok=True)
        (site / path).write_bytes(data)


def edit(site: Path, path: str, old: bytes, new: bytes) -> None:
    """Replace bytes that a file holds once, and let the manifest fit."""
    data = (site / path).read_bytes()
    assert data.count(old) == 1, (path, data.count(old))
    (site / path).write_bytes(data.replace(old, new))
    remanifest(site)


def verify(
    site: Path, pinned: Sequence[Verifier] = (), kept: dict[str, bytes] | None = None, run: Path | None = None
) -> Report:
    """Verify a site in this process."""
    render = None if run is None else partial(render_again, run, announce=_quiet)
    return verify_site(open_site(str(site)), PAPER.places, Reader(pinned, kept or {}, render), _quiet)


def _quiet(_stage: str, _records: int) -> None:
    pass


def failed(report: Report) -> set[str]:
    """Return the names of the checks that failed."""
    return {check.name for check in report.checks if check.status in ("failed", "inconsistent")}


def said(report: Report) -> str:
    """Return all failures of a report as one text."""
    return "\n".join(failure for check in report.checks for failure in check.failures)
