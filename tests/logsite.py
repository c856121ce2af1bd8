"""Pages that check themselves: the log scripts of a site, made with a naive tree, and what a page then says."""

from __future__ import annotations

from base64 import b64encode
from hashlib import sha256
from typing import TYPE_CHECKING, NamedTuple

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from naivetree import over as root
from replayglass.logscript import Head, check_path, check_script, group_path, group_script
from replayglass.page import Page, Rows, Shown
from replayglass.proof.growth import Edge
from replayglass.render.frame import Frame
from replayglass.render.html import Theme
from replayglass.row import Collection, Raw, Row, RowKind
from replayglass.verdictscript import PATH as VERDICT
from replayglass.verdictscript import verdict_script

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from browser import Visit

EVENTS = "audit-events"
ORIGIN = "example.org/a-run"
GOOD, WARN, BAD = "notice good", "notice warn", "notice bad"
KEY = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))
OTHER_KEY = Ed25519PrivateKey.from_private_bytes(bytes(32))


def leaf(raw: bytes) -> bytes:
    """Return the hash of a record's leaf: of its bytes, or of its digest entry if it cannot be a leaf itself."""
    if len(raw) > 65_535 or raw.startswith(b'{"replayglass":"digest-leaf'):
        digest = sha256(raw).hexdigest()
        raw = f'{{"replayglass":"digest-leaf@1","sha256":"{digest}","length":{len(raw)},"type":"text/plain"}}'.encode()
    return sha256(b"\0" + raw).digest()


class Log(NamedTuple):
    """A log of these leaf hashes."""

    stream: str
    leaves: Sequence[bytes]

    @property
    def body(self) -> str:
        """Return the text of its checkpoint."""
        return f"{ORIGIN}/{self.stream}\n{len(self.leaves)}\n{b64encode(root(self.leaves)).decode()}\n"

    def head(self, note: str | None = None, key: str | None = None) -> Head:
        """Return its checkpoint, with the signatures of ``note`` if there are any."""
        origin, text = f"{ORIGIN}/{self.stream}", self.body if note is None else note
        return Head(origin, len(self.leaves), root(self.leaves), note is not None, text, key)

    def scripts(self, head: Head | None = None) -> dict[str, bytes]:
        """Return the scripts of the log by their paths."""
        size = len(self.leaves)
        pages = [root(self.leaves[page * 256 : page * 256 + 256]) for page in range(size // 256)]
        groups = [pages[group * 256 : group * 256 + 256] for group in range(size // 65_536 + 1)]
        edge = Edge(self.leaves[size // 256 * 256 :], groups[-1], [root(group) for group in groups[:-1]])
        made = {
            group_path(self.stream, number): group_script(self.stream, number, g) for number, g in enumerate(groups)
        }
        return made | {check_path(self.stream): check_script(self.stream, head or self.head(), edge)}


def sign(body: str, name: str, key: Ed25519PrivateKey = KEY, signed: str | None = None) -> str:
    """Return the note that ``body`` becomes with a signature (of another text, if one is given)."""
    blob = key_id(name, key) + key.sign((body if signed is None else signed).encode())
    return f"{body}\n\u2014 someone.else {b64encode(bytes(68)).decode()}\n\u2014 {name} {b64encode(blob).decode()}\n"


def key_id(name: str, key: Ed25519PrivateKey) -> bytes:
    """Return the id of a key by its name (C2SP signed-note)."""
    return sha256(f"{name}\n".encode() + b"\1" + key.public_key().public_bytes_raw()).digest()[:4]


def verifier(name: str, key: Ed25519PrivateKey = KEY) -> str:
    """Return the verifier key of a key."""
    public = b64encode(b"\1" + key.public_key().public_bytes_raw()).decode()
    return f"{name}+{key_id(name, key).hex()}+{public}"


def put(folder: Path, files: dict[str, bytes]) -> None:
    """Write files into a site."""
    for path, data in files.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_bytes(data)


class Result(NamedTuple):
    """What a page said of itself: tone and text, what the console said, what was loaded before and by the check."""

    tone: str
    text: str
    complaints: list[str]
    before: list[str]
    loaded: list[str]
    has_focus: bool


def check_page(visit: Visit, page: Path) -> Result:
    """Open a page and have it check itself, by keyboard."""
    visit.begin(page.as_uri())
    before = list(visit.requests)
    visit.page.get_by_role("button", name="Check this page").focus()
    visit.page.keyboard.press("Enter")
    status = visit.page.locator(".check [role=status].notice")
    status.wait_for()
    tone, text = status.get_attribute("class") or "", status.inner_text()
    has_focus = bool(status.evaluate("element => element === document.activeElement"))
    return Result(tone, text, list(visit.complaints), before, visit.requests[len(before) :], has_focus)


COLLECTION = Collection("events", "e", 256, "event", "events")


def alone(folder: Path, page: int, raws: Sequence[bytes]) -> Path:
    """Write one page of a long log, without the other pages."""
    theme = Theme(Frame("A run", (), "1"), 512 * 1024)
    rows = [Row(RowKind(((Raw(),),)), page * 256 + place, (raw,)) for place, raw in enumerate(raws)]
    path = f"events/{page:06d}.html"
    blocks = [Rows(COLLECTION, ("#", "record"), rows)]
    html = theme.render(Page(path, "Events", "events", blocks, shown=Shown(EVENTS, page, len(rows), 0, 0)))
    put(folder, {path: html, VERDICT: verdict_script({}, None), **theme.assets()})
    return folder / path
