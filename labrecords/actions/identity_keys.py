"""The keys that seal the identities of patients: files apart from the database, one for each generation.

The newest key seals; all of them open and search, so that a key can be replaced while the site runs. From each key
two are derived: one for sealing (AES-256-GCM), one for the keyed hashes of exact search (HMAC-SHA-256).
"""

from __future__ import annotations

import hmac
import os
import secrets
import stat
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from labrecords.documents.sealing.authority import KeyUnreadable, read_private, write_private

NONCE_BYTES = 12
KEY_BYTES = 32
CHECK_DIGITS = 16


class IdentityUnreadable(Exception):
    """A sealed identity cannot be opened: it was changed, or its key is another one."""


@dataclass(frozen=True, repr=False)
class IdentityKeys:
    """The secrets by their number, the newest last. Never printed."""

    secrets: dict[str, bytes]

    @property
    def active(self) -> str:
        """Number of the key that seals."""
        return max(self.secrets)

    def seal(self, plain: bytes, about: str) -> tuple[str, bytes]:
        """Seal bytes so that they open only for what they are about. Returns number of the key, and sealed bytes."""
        nonce = secrets.token_bytes(NONCE_BYTES)
        cipher = AESGCM(self._derived(self.active, "sealing"))
        return self.active, nonce + cipher.encrypt(nonce, plain, about.encode())

    def open(self, key_id: str, sealed: bytes, about: str) -> bytes:
        """The bytes that were sealed. Raises IdentityUnreadable."""
        if key_id not in self.secrets:
            raise IdentityUnreadable(f"The identity key {key_id} is missing: restore it from the backup.")
        cipher = AESGCM(self._derived(key_id, "sealing"))
        try:
            return cipher.decrypt(sealed[:NONCE_BYTES], sealed[NONCE_BYTES:], about.encode())
        except (InvalidTag, ValueError):
            raise IdentityUnreadable("It was changed in the database, or sealed by another key.") from None

    def check(self, key_id: str) -> str:
        """What tells a key from another one under its number, and nothing else of it: for the trail."""
        return self._derived(key_id, "check").hex()[:CHECK_DIGITS]

    def mac(self, what: str, text: str) -> str:
        """The keyed hash under which a new row is found: of a record number, or of name and day of birth."""
        return self._mac(self.active, what, text)

    def macs(self, what: str, text: str) -> list[str]:
        """The keyed hashes of all keys: what is searched for."""
        return [self._mac(key_id, what, text) for key_id in self.secrets]

    def _mac(self, key_id: str, what: str, text: str) -> str:
        return hmac.new(self._derived(key_id, "search"), f"{what}\n{text}".encode(), sha256).hexdigest()

    def _derived(self, key_id: str, purpose: str) -> bytes:
        info = f"labrecords identity {purpose}".encode()
        return HKDF(hashes.SHA256(), KEY_BYTES, None, info).derive(self.secrets[key_id])


def add_identity_key(folder: Path) -> str:
    """Make a key, the first or one after the newest, and its folder where there is none. Returns its number."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    number = f"{len(_files(folder)) + 1:04d}"
    write_private(folder / f"{number}.key", secrets.token_bytes(KEY_BYTES).hex().encode() + b"\n")
    handle = os.open(folder, os.O_RDONLY)
    os.fsync(handle)
    os.close(handle)
    return number


def load_identity_keys(folder: Path) -> IdentityKeys:
    """Read all keys. Raises KeyUnreadable with the file and what mends it."""
    found = _files(folder)
    if not found:
        raise KeyUnreadable(
            f"The keys of patients' identities are missing: there is none in {folder}. Restore them from the "
            "backup. Where this installation never had one, run `labrecords identity new-key`."
        )
    if stat.S_IMODE(folder.stat().st_mode) & 0o077:
        raise KeyUnreadable(f"{folder} can be opened by others: run chmod 700 {folder}")
    return IdentityKeys({file.stem: _secret(file) for file in found})


def _files(folder: Path) -> list[Path]:
    return sorted(folder.glob("[0-9][0-9][0-9][0-9].key"))


def _secret(file: Path) -> bytes:
    content = read_private(file)
    if stat.S_IMODE(file.stat().st_mode) & 0o077:
        raise KeyUnreadable(f"{file} can be read by others: run chmod 600 {file}")
    try:
        secret = bytes.fromhex(content.decode("ascii").strip())
    except ValueError:
        secret = b""
    if len(secret) != KEY_BYTES:
        raise KeyUnreadable(f"{file} is damaged: restore the folder of identity keys from the backup.")
    return secret
