"""A place that fsspec knows, as a target: what is listed there, and files that appear there whole."""

from __future__ import annotations

import re
from base64 import b64decode
from binascii import Error as Base64Error
from hashlib import md5
from typing import TYPE_CHECKING, Any, NamedTuple

from replayglass.errors import InputError, OutputError
from replayglass.mediatypes import kind_of
from replayglass.publish.claim import DRAFT
from replayglass.publish.failure import LostError, explained, is_lost, is_unknown
from replayglass.publish.target import Stored

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from replayglass.publish.place import Place
    from replayglass.publish.source import Source

_S3 = {"s3", "s3a"}
_GOOGLE = {"gs", "gcs"}
_WHOLE = {*_S3, *_GOOGLE, "abfs", "abfss", "az", "memory"}
"""Places where a file appears whole or not at all, and which know no folders; others get a draft that is renamed."""

_EXTRAS = {**dict.fromkeys(_S3, "s3"), **dict.fromkeys(_GOOGLE, "gcs"), "sftp": "sftp", "ssh": "sftp"}
_MD5 = re.compile("[0-9a-f]{32}")


class Packet(NamedTuple):
    """Files (path and bytes) that go with one content type and one value of Cache-Control."""

    kind: str
    caching: str
    files: Mapping[str, bytes]


class Store:
    """The place; ``system`` is its fsspec file system, ``root`` what its paths begin with there.

    Raises (as every method does):
        OutputError: the place did not do what was asked.
    """

    def __init__(self, place: Place, system: Any, root: str) -> None:  # noqa: ANN401 - fsspec has no types
        self.shown = place.shown
        self._scheme = place.scheme
        self._is_conditional = place.scheme in _S3
        self._system = system
        self._root = root.rstrip("/")

    def files(self) -> dict[str, Stored]:
        """Return every file by its path."""
        with explained("look at", self.shown):
            self._system.invalidate_cache()
            try:
                found = self._system.find(self._root, detail=True)
            except FileNotFoundError:
                if self._scheme in _WHOLE:
                    raise
                found = {}
            return {name[len(self._root) + 1 :]: stored(info) for name, info in found.items()}

    def find(self, path: str) -> Stored | None:
        """Return one file, None if there is none."""
        with explained("look at", f"{self.shown}/{path}"):
            self._system.invalidate_cache()
            try:
                return stored(self._system.info(self._at(path)))
            except FileNotFoundError:
                return None

    def read(self, path: str, limit: int) -> bytes | None:
        """Return the bytes of a file of at most ``limit`` bytes, None if there is none."""
        with explained("read", f"{self.shown}/{path}"):
            try:
                data: bytes = self._system.cat_file(self._at(path))
            except FileNotFoundError:
                return None
            if len(data) > limit:
                message = f"{self.shown}/{path} has more than {limit} bytes"
                raise OutputError(message, "publish to another place")
            return data

    def is_same(self, path: str, stored: Stored, source: Source) -> bool:
        """Tell whether a file has the source's MD5; what says nothing of its bytes is another file."""
        if stored.md5 is None:
            return False
        return stored.md5 == md5(source.read(path), usedforsecurity=False).hexdigest()

    def put(self, packet: Packet, known: Mapping[str, Stored]) -> None:
        """Write files, each of which appears whole.

        Where the place can tell, a file is written only if it is still the one that was ``known``, or still none.

        Raises:
            LostError: it is another one.
        """
        extra = self._headers(packet.kind, packet.caching)
        with explained("write", f"{self.shown}/{next(iter(packet.files))}"):
            if self._is_conditional and self._put_if(packet.files, known, extra):
                return
            if self._scheme in _WHOLE:
                self._system.pipe({self._at(path): data for path, data in packet.files.items()}, **extra)
                return
            for path, data in packet.files.items():
                self._make_folder(path)
                self._system.pipe_file(self._at(DRAFT), data)
                self._system.mv(self._at(DRAFT), self._at(path))

    def _put_if(self, files: Mapping[str, bytes], known: Mapping[str, Stored], extra: Mapping[str, Any]) -> bool:
        """Write files on their conditions; False where the store has none, which it says to the first."""
        new = {self._at(path): data for path, data in files.items() if path not in known}
        try:
            if new:
                self._system.pipe(new, mode="create", **extra)
            for path in files.keys() & known.keys():
                self._system.pipe_file(self._at(path), files[path], IfMatch=known[path].tag, **extra)
        except (OSError, NotImplementedError) as error:
            if is_lost(error):
                raise LostError from error
            if not is_unknown(error):
                raise
            self._is_conditional = False
        return self._is_conditional

    def put_large(self, path: str, local: str, caching: str) -> None:
        """Write a file that does not fit into memory from the local file ``local``."""
        with explained("write", f"{self.shown}/{path}"):
            target = path
            if self._scheme not in _WHOLE:
                self._make_folder(path)
                target = DRAFT
            self._system.put_file(local, self._at(target), **self._headers(kind_of(path), caching))
            if target != path:
                self._system.mv(self._at(DRAFT), self._at(path))

    def remove(self, paths: Iterable[str]) -> None:
        """Remove files; one that is not there is none to be removed."""
        for path in paths:
            with explained("remove", f"{self.shown}/{path}"):
                try:
                    self._system.rm_file(self._at(path))
                except FileNotFoundError:
                    continue

    def _at(self, path: str) -> str:
        return f"{self._root}/{path}"

    def _make_folder(self, path: str) -> None:
        self._system.makedirs(self._at(path).rpartition("/")[0], exist_ok=True)

    def _headers(self, kind: str, caching: str) -> dict[str, Any]:
        if self._scheme in _S3:
            return {"ContentType": kind, "CacheControl": caching}
        if self._scheme in _GOOGLE:
            return {"content_type": kind, "fixed_key_metadata": {"cache_control": caching}}
        return {}


def open_store(place: Place) -> Store:
    """Return the place behind a URL.

    Raises:
        InputError: no such kind of place is known, or it needs an extra that is not installed.
        OutputError: it cannot be reached.
    """
    extra = _EXTRAS.get(place.scheme, "publish")
    try:
        from fsspec.core import url_to_fs  # noqa: PLC0415 - an extra, and only this command needs it

        options = {"use_listings_cache": False} if place.scheme in {*_S3, *_GOOGLE} else {}
        with explained("open", place.shown):
            try:
                system, root = url_to_fs(place.url, skip_instance_cache=True, **options)
            except ValueError as error:
                message = f"{place.scheme}:// is no kind of place that can be published to, or {place.shown} is none"
                raise InputError(message) from error
    except (ImportError, OutputError) as error:
        if isinstance(error, OutputError) and not isinstance(error.__cause__, ImportError):
            raise
        message = f"publishing to {place.scheme}:// needs a library that is not installed"
        raise InputError(message, f"pip install 'replayglass[{extra}]', or what fsspec names for it") from error
    return Store(place, system, root)


def stored(info: Mapping[str, Any]) -> Stored:
    """Return what fsspec's description of a file says of it."""
    tag = info.get("ETag")
    bare = tag.strip('"') if isinstance(tag, str) else ""
    hashed = info.get("md5Hash")
    if isinstance(hashed, str):
        try:
            bare = b64decode(hashed).hex()
        except Base64Error:
            bare = ""
    return Stored(int(info.get("size") or 0), bare if _MD5.fullmatch(bare) else None, tag)
