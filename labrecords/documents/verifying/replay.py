"""The events of a batch played again: what they inserted must be what the record says, to the last value."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, fields, is_dataclass
from typing import Any

from labrecords.domain.evidence.canonical import NotCanonical, canonical_bytes, sha256_hex
from labrecords.domain.evidence.serial import to_plain
from labrecords.domain.evidence.trail import ChainReader
from labrecords.domain.record import BatchRecord
from labrecords.domain.review.decisions import SEALED

PARTS = {
    "not_done": "not_done",
    "timers": "timer",
    "timer_ends": "timer_end",
    "pauses": "pause",
    "bypasses": "bypass",
    "investigations": "investigation",
    "confirmations": "confirmation",
    "reentries": "reentry",
    "attachments": "attachment",
    "withdrawals": "withdrawal",
    "temperature_logs": "temperature_log",
    "container_ids": "container_id",
    "locks": "mixup_lock",
    "recall_marks": "recall_mark",
    "notices": "notice",
    "receipts": "notice_receipt",
    "label_prints": "label_print",
    "label_acts": "label_act",
    "orders": "batch_order",
    "signatures": "signature",
    "decisions": "decision",
    "voids": "void",
    "closures": "closure",
    "issues": "issue",
    "issue_ends": "issue_end",
}
"""Parts of the record and the tables in which the trail names their rows. Batch and entries have their own."""
DOCUMENT = "document"
FILE = "attachment_file"
"""The table of attached bytes. The record holds their SHA-256, in the attachment."""
"""The table of sealed documents. The record holds only their SHA-256, in the end of the issue."""


@dataclass(frozen=True)
class Inserted:
    """A row as an event inserted it: the event's number, and every column in stored form."""

    seq: int
    values: Mapping[str, Any]


Key = tuple[str, str]
"""Table and primary key."""


def read_events(record: BatchRecord, payloads: Sequence[bytes]) -> tuple[list[dict[str, Any]], list[str]]:
    """The events in order, and what is wrong with the chain that they make up to the record's head."""
    reader, events, problems = ChainReader(record.head.chain), [], []
    for seq, payload in enumerate(payloads, start=1):
        event = reader.read(seq, payload)
        if event is None or not _has_shape(event) or not _is_canonical(event, payload):
            problems.append(f"Event {seq} is not written as an event is.")
        else:
            events.append(event)
    reader.end(record.head.seq, record.head.digest)
    problems += [f"Event {found.seq}: {found.sentence}" for found in reader.problems]
    if record.head.chain != f"batch/{record.batch.id}":
        problems.append(f"The chain is {record.head.chain}, which is another batch's.")
    return events, problems


def _is_canonical(event: Any, payload: bytes) -> bool:
    """Only canonical bytes have one meaning: JSON readers disagree about a key that comes twice."""
    try:
        return canonical_bytes(event) == payload
    except NotCanonical:
        return False


def _has_shape(event: Any) -> bool:
    try:
        texts = (event["at"], event["subject"], *(event["actor"][key] for key in ("id", "username", "name")))
        rows = all(
            isinstance(row["table"], str) and isinstance(row["id"], str) and isinstance(row["values"], dict)
            for row in event["rows"]
        )
    except (KeyError, TypeError):
        return False
    return rows and all(isinstance(text, str) for text in texts)


def row_problems(record: BatchRecord, events: Sequence[Mapping[str, Any]]) -> list[str]:
    """Where the rows of the events and the record differ, by table and column. Nothing may be on one side only."""
    inserted, problems = _inserted(events)
    stated = list(_stated(record))
    if len({key for key, _ in stated}) != len(stated):
        problems.append("Something stands in the record twice.")
    documents = {key: row for key, row in inserted.items() if key[0] == DOCUMENT}
    files = {key: row for key, row in inserted.items() if key[0] == FILE}
    for key, values in stated:
        row = inserted.get(key)
        if row is None:
            problems.append(f"A {_words(key)} in the record has no event.")
            continue
        # What a later version records besides is blank in the record, and the event of its time does not name it.
        wrong = sorted(name for name in {*row.values, *values} if row.values.get(name) != values.get(name))
        if wrong:
            problems.append(f"A {_words(key)} differs from event {row.seq} in: {', '.join(wrong)}.")
    for key in inserted.keys() - {key for key, _ in stated} - documents.keys() - files.keys():
        problems.append(
            f"Event {inserted[key].seq} recorded a {_words(key)} that is missing from the record."
        )
    problems += _order_problems(record, inserted)
    return problems + _document_problems(record, documents) + _file_problems(record, files)


def _words(key: Key) -> str:
    return key[0].replace("_", " ")


def _inserted(events: Sequence[Mapping[str, Any]]) -> tuple[dict[Key, Inserted], list[str]]:
    found: dict[Key, Inserted] = {}
    problems = []
    for event in events:
        for row in event["rows"]:
            key = (row["table"], row["id"])
            if key in found:
                problems.append(
                    f"Events {found[key].seq} and {event['seq']} recorded the same {_words(key)}."
                )
            found[key] = Inserted(event["seq"], row["values"])
    return found, problems


def _stated(record: BatchRecord) -> Iterator[tuple[Key, dict[str, Any]]]:
    yield ("batch", record.batch.id), stored(record.batch)
    for entry in record.entries:
        yield (entry.kind, entry.id), stored(entry)
    for part, table in PARTS.items():
        for item in getattr(record, part):
            yield (table, item.id), stored(item)


def stored(item: Any) -> dict[str, Any]:
    """A domain object as its columns hold it: text, integers, null; rows and mappings as canonical JSON text."""
    return {part.name: _stored(getattr(item, part.name)) for part in fields(item) if part.init}


def _stored(value: Any) -> Any:
    if isinstance(value, bool):
        return int(value)
    if isinstance(value, (tuple, Mapping)) or is_dataclass(value):
        return canonical_bytes(to_plain(value)).decode()
    return to_plain(value)


def _order_problems(record: BatchRecord, inserted: Mapping[Key, Inserted]) -> list[str]:
    """What comes later in the record must have come later in the trail: the newest version is the one that counts."""
    listed = {"entries": [(entry.kind, entry.id) for entry in record.entries]}
    listed |= {part: [(table, item.id) for item in getattr(record, part)] for part, table in PARTS.items()}
    problems = []
    for part, keys in listed.items():
        numbers = [inserted[key].seq for key in keys if key in inserted]
        if numbers != sorted(numbers):
            problems.append(f"The {part.replace('_', ' ')} do not stand in the order of the trail.")
    return problems


def _document_problems(record: BatchRecord, documents: Mapping[Key, Inserted]) -> list[str]:
    """Every document that was sealed before is named by the end of its issue, and by nothing else."""
    ends = {end.document_sha256: end for end in record.issue_ends if end.outcome == SEALED}
    if {sha256 for _, sha256 in documents} != set(ends):
        return ["The earlier documents in the trail are not those in the record."]
    wrong = [
        row.seq
        for (_, sha256), row in documents.items()
        if (row.values.get("batch_id"), row.values.get("issue_id"))
        != (record.batch.id, ends[sha256].issue_id)
    ]
    return [f"Event {seq} names another issue for a document than the record." for seq in wrong]


def _file_problems(record: BatchRecord, files: Mapping[Key, Inserted]) -> list[str]:
    """The bytes that were attached are those that the record names."""
    stated = {
        (FILE, item.id): {
            "attachment_id": item.id,
            "original": item.sha256,
            "picture": item.picture_sha256 or sha256_hex(b""),
        }
        for item in record.attachments
    }
    if {key: dict(row.values) for key, row in files.items()} != stated:
        return ["The attached files in the trail are not those in the record."]
    return []


def people_problems(record: BatchRecord, events: Sequence[Mapping[str, Any]]) -> list[str]:
    """Every actor of an event must be a person of the record, by the same username and printed name."""
    known = {person.id: person for person in record.people}
    if len(known) != len(record.people):
        return ["A person stands in the record twice."]
    problems = []
    for event in events:
        actor = event["actor"]
        person = known.get(actor["id"])
        named = (person.username, person.name) if person else None
        if actor["id"] and named != (actor["username"], actor["name"]):
            problems.append(
                f"Event {event['seq']} was made by {actor['name']}, whom the record names differently."
            )
    return problems


def step_problems(record: BatchRecord, events: Sequence[Mapping[str, Any]]) -> list[str]:
    """The record's version of each step must be the number of the step's last event."""
    heads = {event["subject"]: event["seq"] for event in events if event["subject"]}
    if heads != dict(record.step_heads):
        return ["The versions of the steps in the record are not those of the trail."]
    return []


def summary(events: Sequence[Mapping[str, Any]]) -> str:
    """How much was played again, for the sentence of the check."""
    rows = sum(len(event["rows"]) for event in events)
    return f"{len(events)} events with {rows} rows"
