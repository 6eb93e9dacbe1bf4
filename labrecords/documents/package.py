"""The package: everything a document is made from, in canonical bytes, embedded in it as record.json."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import reportlab

from labrecords.domain.attachments import MOST_PRINTED_BYTES
from labrecords.domain.evidence.canonical import canonical_bytes
from labrecords.domain.evidence.checkpoints import CheckpointProof
from labrecords.domain.evidence.serial import NotReadable
from labrecords.domain.record import BatchRecord
from labrecords.domain.record_form import record_from_plain, record_to_plain
from labrecords.domain.results.results import results
from labrecords.domain.results.timing_results import timing_results
from labrecords.domain.values import times
from labrecords.domain.values.numbers import plain

FORMAT = "labrecords/batch-record/1"
RENDERER = f"1+reportlab-{reportlab.__version__}"
"""Version of the drawing: ours, raised with every change of a page, and the library's, since each draws in its way.
Pages are drawn anew and compared only when both are the same."""


@dataclass(frozen=True)
class DocumentFacts:
    """What belongs to this one document: id, version, when and for whom it was issued, by which software."""

    id: str
    version: int
    issued_at: datetime
    issued_by: str
    software: str


@dataclass(frozen=True)
class Package:
    """A package read back."""

    record: BatchRecord
    events: tuple[bytes, ...]
    checkpoint: CheckpointProof
    certificates: Mapping[str, str]
    document: DocumentFacts
    derived: Mapping[str, Mapping[str, str]]
    pictures: Mapping[str, bytes]
    """JPEGs of attached pictures by their SHA-256, as many as a document takes."""
    renderer: str


def build_package(
    record: BatchRecord,
    events: Sequence[bytes],
    checkpoint: CheckpointProof,
    certificates: Mapping[str, str],
    document: DocumentFacts,
    pictures: Mapping[str, bytes],
) -> bytes:
    """The canonical bytes (RFC 8785) of a package. `certificates` maps a purpose to a PEM text."""
    return canonical_bytes(
        {
            "format": FORMAT,
            "renderer": RENDERER,
            "record": record_to_plain(record),
            "events": [payload.decode() for payload in events],
            "checkpoint": {
                "statement": checkpoint.statement.decode(),
                "signature": checkpoint.signature.hex(),
                "leaf": checkpoint.leaf.decode(),
                "index": checkpoint.index,
                "size": checkpoint.size,
                "proof": [node.hex() for node in checkpoint.proof],
            },
            "certificates": dict(certificates),
            "document": {
                "id": document.id,
                "version": document.version,
                "issued_at": times.to_text(document.issued_at),
                "issued_by": document.issued_by,
                "software": document.software,
            },
            "derived": derived_values(record),
            "pictures": {sha256: base64.b64encode(data).decode() for sha256, data in pictures.items()},
        }
    )


def pictures_taken(pictures: Iterable[tuple[str, bytes]]) -> dict[str, bytes]:
    """The pictures that a document takes, by their SHA-256: in the order of attaching, while they fit together.

    A picture that does not fit is named in the document with its SHA-256, and kept in the system.
    """
    taken: dict[str, bytes] = {}
    for sha256, data in pictures:
        if sum(map(len, taken.values())) + len(data) <= MOST_PRINTED_BYTES:
            taken[sha256] = data
    return taken


def derived_values(record: BatchRecord) -> dict[str, dict[str, str]]:
    """Every computed number of a record by its key: unrounded and as reported. The verifier computes them anew."""
    found = {derived.key: derived for derived in (*results(record).values(), *timing_results(record))}
    for entry in record.current_entries():
        found |= {f"{entry.step_key}.{derived.key}": derived for derived in entry.derived(record)}
    return {key: {"value": plain(item.value), "reported": item.reported} for key, item in found.items()}


def read_package(data: bytes) -> Package:
    """Read a package. Raises NotReadable for anything else."""
    try:
        plain_form: dict[str, Any] = json.loads(data)
        if plain_form["format"] != FORMAT:
            raise NotReadable(f"a format that this version does not know: {plain_form['format']}")
        checkpoint, document = plain_form["checkpoint"], plain_form["document"]
        _check_types(plain_form)
        return Package(
            record=record_from_plain(plain_form["record"]),
            events=tuple(payload.encode() for payload in plain_form["events"]),
            checkpoint=CheckpointProof(
                statement=checkpoint["statement"].encode(),
                signature=bytes.fromhex(checkpoint["signature"]),
                leaf=checkpoint["leaf"].encode(),
                index=checkpoint["index"],
                size=checkpoint["size"],
                proof=tuple(bytes.fromhex(node) for node in checkpoint["proof"]),
            ),
            certificates=plain_form["certificates"],
            document=DocumentFacts(
                id=document["id"],
                version=document["version"],
                issued_at=times.from_text(document["issued_at"]),
                issued_by=document["issued_by"],
                software=document["software"],
            ),
            derived=plain_form["derived"],
            pictures={
                sha256: base64.b64decode(text, validate=True)
                for sha256, text in plain_form["pictures"].items()
            },
            renderer=plain_form["renderer"],
        )
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        if isinstance(error, NotReadable):
            raise
        raise NotReadable(f"not a record package: {error}") from error


def _check_types(form: dict[str, Any]) -> None:
    """Raises TypeError where a part that is used as it stands is of another type."""
    checkpoint, document = form["checkpoint"], form["document"]
    texts = [
        *form["events"],
        *form["certificates"].values(),
        form["renderer"],
        document["id"],
        document["issued_by"],
    ]
    texts += [document["software"], *(text for item in form["derived"].values() for text in item.values())]
    numbers = [checkpoint["index"], checkpoint["size"], document["version"]]
    if not all(isinstance(text, str) for text in texts) or not all(type(number) is int for number in numbers):
        raise TypeError("a part of the package is of the wrong type")
