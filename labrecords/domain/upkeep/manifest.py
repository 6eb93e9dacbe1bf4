"""What a backup says of itself: of which laboratory, from when, with which heads, and the SHA-256 of each part."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import PurePosixPath
from typing import Any

from labrecords.domain.evidence.canonical import canonical_bytes
from labrecords.domain.values import times

FORMAT = "labrecords/backup/1"
MANIFEST, DATABASE, FILES = "manifest.json", "database", "files"
SQLITE, POSTGRESQL = "sqlite", "postgresql"
LONGEST = 16 * 1024 * 1024
"""Bytes of a manifest. It names some dozens of files, and none has ever been near."""

_NAME = re.compile(r"labrecords-([A-Z0-9]{2,6})-([0-9]{8}T[0-9]{6}Z)(-unproven)?\.age")
_STAMP = "%Y%m%dT%H%M%SZ"
_DIGEST = re.compile(r"[0-9a-f]{64}")


class NotAManifest(ValueError):
    """The bytes are no manifest of a backup; the text says why."""


@dataclass(frozen=True)
class Heads:
    """Where all chains stood: how many, how many events in all, and the Merkle root over their heads (RFC 6962)."""

    chains: int
    events: int
    root: str


@dataclass(frozen=True)
class Manifest:
    """What stands in a backup. `files` maps the name of each part to its SHA-256, `sizes` to its bytes."""

    made_at: str
    program: str
    migration: str
    database: str
    """"sqlite": the database file; "postgresql": a dump in the custom format of pg_dump."""
    laboratory: str
    site_code: str
    root_sha256: str
    """SHA-256 of the certificate that the laboratory's authority begins with, as PEM text."""
    checkpoint: int
    heads: Heads
    files: Mapping[str, str]
    sizes: Mapping[str, int]
    elsewhere: tuple[str, ...] = ()
    """Folders that lay outside the data folder, as setting and path, for whoever restores."""

    def to_bytes(self) -> bytes:
        """Canonical bytes (RFC 8785)."""
        return canonical_bytes({"format": FORMAT, **asdict(self), "elsewhere": list(self.elsewhere)})

    @property
    def at(self) -> datetime:
        return times.from_text(self.made_at)


def read_manifest(data: bytes) -> Manifest:
    """The manifest of these bytes. Raises NotAManifest: for another format, a missing part, a name that leads out."""
    try:
        plain: dict[str, Any] = json.loads(data)
        if plain.pop("format") != FORMAT:
            raise NotAManifest("The backup has a format that this program does not know.")
        heads = Heads(**plain.pop("heads"))
        manifest = Manifest(heads=heads, elsewhere=tuple(plain.pop("elsewhere")), **plain)
        times.from_text(manifest.made_at)
        whole = (
            DATABASE in manifest.files
            and set(manifest.files) == set(manifest.sizes)
            and all(_DIGEST.fullmatch(digest) for digest in (*manifest.files.values(), heads.root))
            and all(isinstance(size, int) and size >= 0 for size in manifest.sizes.values())
            and re.fullmatch("[0-9]{4}", manifest.migration) is not None
            and manifest.database in (SQLITE, POSTGRESQL)
        )
    except NotAManifest:
        raise
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError) as error:
        raise NotAManifest("What the backup says of itself cannot be read.") from error
    strange = sorted(name for name in manifest.files if not _stays_inside(name))
    if not whole or strange:
        raise NotAManifest("What the backup says of itself cannot be: it was not made by this program.")
    return manifest


def _stays_inside(name: str) -> bool:
    path = PurePosixPath(name)
    inside = not path.is_absolute() and ".." not in path.parts and str(path) == name and "\0" not in name
    return inside and (name == DATABASE or (path.parts[0] == FILES and len(path.parts) > 1))


def backup_name(site_code: str, at: datetime, *, proven: bool) -> str:
    """The name of a backup's file: site code and UTC instant; one that was not proven says so."""
    return f"labrecords-{site_code}-{at.astimezone(UTC).strftime(_STAMP)}{'' if proven else '-unproven'}.age"


def read_backup_name(name: str) -> tuple[str, datetime, bool] | None:
    """Site code, instant and whether it was proven, of the name of a backup's file; None for another file."""
    match = _NAME.fullmatch(name)
    if not match:
        return None
    try:
        at = datetime.strptime(match[2], _STAMP).replace(tzinfo=UTC)
    except ValueError:
        return None
    return match[1], at, match[3] is None
