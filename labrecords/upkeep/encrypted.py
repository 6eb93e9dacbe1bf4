"""The file of a backup: parts in a tar, compressed, encrypted in the age format for public keys.

Everything is streamed in pieces: a database of many gigabytes needs no more memory than a small one. Decrypted bytes
count only when the stream has ended well; until then they lie in a scratch folder.
"""

from __future__ import annotations

import gzip
import hashlib
import io
import os
import tarfile
import threading
import zlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any, cast

import pyrage
from pyrage import x25519

from labrecords.domain.upkeep.manifest import LONGEST, MANIFEST, Manifest, NotAManifest, read_manifest
from labrecords.upkeep.disk import CHUNK
from labrecords.upkeep.failure import UpkeepFailed

RECIPIENTS = "backup-recipients"
"""The file in the data folder with the public keys, one a line. The secret keys are never in the data folder."""
_WRONG_KEY = "No matching keys found"


class Damaged(UpkeepFailed):
    """The file is not the one that was written."""

    def __init__(self, what: str) -> None:
        super().__init__(f"This backup is damaged: {what}. Take another one.")


class WrongKey(UpkeepFailed):
    """The secret key is another one."""


def new_identity() -> tuple[str, str]:
    """A new key pair: the secret one for the safe, the public one for the data folder."""
    identity = x25519.Identity.generate()
    return str(identity), str(identity.to_public())


def recipients_of(folder: Path) -> list[x25519.Recipient]:
    """The public keys that backups of this data folder are encrypted for. Raises UpkeepFailed."""
    file = folder / RECIPIENTS
    try:
        lines = [line.strip() for line in file.read_text().splitlines()]
        found = [x25519.Recipient.from_str(line) for line in lines if line and not line.startswith("#")]
    except FileNotFoundError:
        found = []
    except (OSError, UnicodeError, pyrage.RecipientError) as error:
        raise UpkeepFailed(f"The public backup key {file} cannot be read. Make a new one.") from error
    if not found:
        raise UpkeepFailed(
            "There is no backup key yet. Run `labrecords backup-key FILE`, with a file on another disk, and keep "
            "that file in a safe."
        )
    return found


def read_identity(file: Path) -> x25519.Identity:
    """The secret key in a file. Raises UpkeepFailed."""
    try:
        lines = [line.strip() for line in file.read_text().splitlines()]
        return x25519.Identity.from_str(next(line for line in lines if line and not line.startswith("#")))
    except OSError as error:
        raise UpkeepFailed(f"The backup key {file} cannot be read: {error.strerror}.") from error
    except (StopIteration, UnicodeError, pyrage.IdentityError) as error:
        raise UpkeepFailed(f"{file} holds no backup key. It begins with AGE-SECRET-KEY-1.") from error


class _Digesting(io.RawIOBase):
    """Counts and digests what passes through to a file."""

    def __init__(self, to: IO[bytes]) -> None:
        self.to, self.size, self.digest = to, 0, hashlib.sha256()
        self.failure: OSError | None = None

    def writable(self) -> bool:
        return True

    def write(self, data: Any) -> int:
        try:
            self.to.write(data)
        except OSError as failure:
            self.failure = failure  # the encryption tells another one
            raise
        self.digest.update(data)
        self.size += len(data)
        return len(data)


def write_archive(
    to: Path, manifest: Manifest, parts: Mapping[str, Path], recipients: Sequence[x25519.Recipient]
) -> tuple[str, int]:
    """Write the parts, encrypted, to a new file that is on the disk afterwards. Returns its SHA-256 and size.

    Raises OSError, as for a full disk.
    """
    plain = manifest.to_bytes()

    def pack(out: IO[bytes]) -> None:
        with (
            gzip.GzipFile(fileobj=out, mode="wb", compresslevel=1, mtime=0) as packed,
            tarfile.open(fileobj=packed, mode="w|", format=tarfile.PAX_FORMAT) as tar,
        ):
            _add(tar, MANIFEST, len(plain), io.BytesIO(plain))
            for name, file in parts.items():
                with file.open("rb") as content:
                    _add(tar, name, manifest.sizes[name], content)

    handle = os.open(to, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600)
    with os.fdopen(handle, "wb") as file:
        counted = _Digesting(file)
        try:
            with _beside(pack) as reading:
                pyrage.encrypt_io(reading, cast("IO[bytes]", counted), recipients)
        except (OSError, pyrage.EncryptError) as error:
            raise counted.failure or error from error
        file.flush()
        os.fsync(file.fileno())
    return counted.digest.hexdigest(), counted.size


def _add(tar: tarfile.TarFile, name: str, size: int, content: IO[bytes]) -> None:
    entry = tarfile.TarInfo(name)
    entry.size, entry.mode = size, 0o600
    tar.addfile(entry, content)


@contextmanager
def _beside(work: Callable[[IO[bytes]], None]) -> Iterator[IO[bytes]]:
    """What `work` writes, to be read here while it is written in a thread of its own.

    Where both fail, a refusal or a full disk here comes first; else what failed there.
    """
    read_end, write_end = os.pipe()
    there: list[BaseException] = []

    def run() -> None:
        try:
            with os.fdopen(write_end, "wb", CHUNK) as end:
                work(end)
        except BaseException as failure:
            there.append(failure)

    thread = threading.Thread(target=run, daemon=True)
    thread.start()
    here: BaseException | None = None
    try:
        with os.fdopen(read_end, "rb", CHUNK) as end:
            yield end
    except BaseException as failure:
        here = failure
    thread.join()
    if isinstance(here, UpkeepFailed | OSError) and not isinstance(here, gzip.BadGzipFile | Damaged):
        raise here
    if there:
        raise there[0]
    if here is not None:
        raise here


def read_archive(
    file: Path, identity: x25519.Identity, into: Path, accept: Callable[[Manifest], None] | None = None
) -> Manifest:
    """Decrypt a backup into a folder, each part under its name, and compare each with its SHA-256.

    `accept` sees what the backup says of itself before anything else is written, and may raise. Raises Damaged,
    WrongKey, and OSError where there is no room.
    """

    def decrypt(out: IO[bytes]) -> None:
        try:
            with file.open("rb") as content:
                pyrage.decrypt_io(content, out, [identity])
        except pyrage.DecryptError as error:
            if _WRONG_KEY in str(error):
                raise WrongKey(
                    "This key does not open this backup. Take the key that was made for it: `labrecords backup-key` "
                    "wrote it, and the line “public key” in it stands in the log of the backup too."
                ) from error
            raise Damaged("it does not begin as a backup does") from error
        except OSError as error:
            if error.errno is not None:
                raise
            raise Damaged("bytes of it were changed, or it was cut off") from error

    with _beside(decrypt) as reading:
        try:
            manifest = _unpack(reading, into, accept)
            _drain(reading)
        except (tarfile.TarError, EOFError, gzip.BadGzipFile, NotAManifest, zlib.error) as error:
            _drain(reading)
            raise Damaged(str(error).rstrip(".") or "it ends too soon") from error
    return manifest


def _drain(reading: IO[bytes]) -> None:
    """Read to the end: only then is the last piece of the stream known to be right."""
    while reading.read(CHUNK):
        pass


def _unpack(reading: IO[bytes], into: Path, accept: Callable[[Manifest], None] | None) -> Manifest:
    with gzip.GzipFile(fileobj=reading, mode="rb") as packed, tarfile.open(fileobj=packed, mode="r|") as tar:
        manifest = _manifest_of(tar)
        if accept:
            accept(manifest)
        missing = set(manifest.files)
        while entry := tar.next():
            if entry.name not in missing or not entry.isreg() or entry.size != manifest.sizes[entry.name]:
                raise NotAManifest("it holds a part that it does not name")
            missing.remove(entry.name)
            _write_part(tar, entry, into / entry.name, manifest.files[entry.name])
        if missing:
            raise NotAManifest(f"it lacks {sorted(missing)[0]}")
    return manifest


def _manifest_of(tar: tarfile.TarFile) -> Manifest:
    first = tar.next()
    content = tar.extractfile(first) if first and first.name == MANIFEST and first.size <= LONGEST else None
    if content is None:
        raise NotAManifest("it does not say what it holds")
    return read_manifest(content.read())


def _write_part(tar: tarfile.TarFile, entry: tarfile.TarInfo, to: Path, digest: str) -> None:
    to.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    content, found = tar.extractfile(entry), hashlib.sha256()
    assert content is not None, "it is a file"
    handle = os.open(to, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600)
    with os.fdopen(handle, "wb") as out:
        while piece := content.read(CHUNK):
            out.write(piece)
            found.update(piece)
        out.flush()
        os.fsync(out.fileno())
    if found.hexdigest() != digest:
        raise NotAManifest(f"{entry.name} has another SHA-256 than it should")
