"""A complete batch record made without a database: entries, confirmations, signatures and the chain of their events.

It is played like a real one, so it can be printed, sealed and verified by itself. `Example` (example_pen.py) writes;
the functions here give the finished record, its events and its package.
"""

from __future__ import annotations

import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any

from labrecords.documents.package import DocumentFacts, build_package
from labrecords.documents.sealing.authority import Authority, create_authority, load_authority
from labrecords.documents.sealing.checkpoint import sign_checkpoint
from labrecords.domain.evidence import merkle
from labrecords.domain.evidence.canonical import sha256_hex
from labrecords.domain.evidence.checkpoints import CheckpointProof, leaf_bytes, statement_bytes
from labrecords.domain.record import BatchRecord
from labrecords.domain.review import decisions
from tests.support import example_pen, story
from tests.support.example_pen import Example

BEGIN, CLOSED = example_pen.BEGIN, example_pen.CLOSED
SOFTWARE = "labrecords 0.1.0"
RELEASED, REJECTED, ON_HOLD = decisions.RELEASED, decisions.REJECTED, decisions.ON_HOLD


def play(
    example: Example, *, texts: Mapping[str, Mapping[str, Any]] | None = None, until: str = CLOSED
) -> Example:
    """Play the story up to a decision (released, rejected, on hold), or to the closing of the administration.

    It holds a correction, a late entry, an unusual value and a step that was not done. `texts` changes facts of steps.
    """
    changed = {**_CHANGES, **(texts or {})}
    for key in story.PARTS:
        if key == "handover_theatre":
            example.wait(8)
            decision = RELEASED if until == CLOSED else until
            example.decide(decision, "" if decision == RELEASED else "Viability is to be counted again.")
            if until != CLOSED:
                return example
            example.seal()
        if key in story.NOT_DONE:
            example.leave_out(key, story.NOT_DONE[key])
            continue
        example.wait(5)
        example.step(key, **changed.get(key, {}))
        if key == "spin_1":
            reason = "Two digits were swapped: the display of the centrifuge shows 2400."
            example.correct(key, (texts or {}).get("reasons", {}).get(key, reason), speed_rpm=Decimal(2400))
        example.confirm_all(key)
    example.wait(4)
    example.close()
    return example


_CHANGES: dict[str, dict[str, Any]] = {
    "sample_before": {
        "volume_ml": Decimal("4.00"),
        "confirmed": {"volume_ml": "The haematocrit was measured from the same tube."},
    },
    "spin_1": {"speed_rpm": Decimal(2004)},
    "sample_after": {
        "minutes_late": 26,
        "late_reason": "Both hands were in the cabinet until the syringe was closed.",
        "note": "Drawn after turning the syringe ten times.",
    },
}

HOSTILE: dict[str, dict[str, Any]] = {
    "order": {
        "consent_version": "{{7*7}} ${7*7} <% 7*7 %>",
        "indication_note": "=1+1 +1+1 -1+1 @SUM(A1:A9) | ' OR 1=1 --",
        "note": "<para><font color='red'>red</font> <b>bold</b> &lt;b&gt; &amp; <img src=x onerror=alert(1)>",
    },
    "harvest": {
        "place": "Salle d'opération nº 2 «Łąkowa» — Ελλάδα, Київ",
        "complications": "Đau nhẹ ở vị trí chọc hút. " + "Quan sát thêm ba mươi phút. " * 9,
    },
    "handover_laboratory": {"place_to": "細胞処理室 1 / 骨髓实验室"},
    "receipt": {"note": "(unbalanced \\ ) %PDF-1.7 endstream endobj \\u0041 \\n BT /F1 12 Tf (x) Tj ET"},
    "sample_before": {
        "sample_code": "Q-" + "7F3K9A" * 9 + "WXYZ",
        "volume_ml": Decimal("4.00"),
        "confirmed": {"volume_ml": "<i>Χρειάστηκε</i> & for the haematocrit {% raw %}"},
    },
    "count_before": {
        "sample_code": "Q-" + "7F3K9A" * 9 + "WXYZ",
        "note": "First line\nsecond line\n\nfourth line",
    },
    "resuspension": {"diluent_lot": "L" * 60},
    "residual": {"method": "déchets cliniques — 医療廃棄物, " + "très long " * 20},
    "reasons": {"spin_1": "<script>alert('x')</script> Άλλαξαν δύο ψηφία: 2004 → 2400; 表示は2400"},
}
HOSTILE_NAMES = {
    "tess": "Nguyễn Thị Hồng Vân",
    "vic": "佐藤 美咲 (Satō Misaki)",
    "paula": "Αικατερίνη Κωτσίδου",
    "quentin": "Łukasz Ćwikła-Brzęczyszczykiewicz <qa@example.org>",
    "ada": "Ada Abara",
    "ivan": "Іван Ілліч",
}


def hostile() -> Example:
    """The story with texts that a careless printer would obey, drop or let run over the edge."""
    example = Example(
        names=HOSTILE_NAMES,
        laboratory_name="Pracownia Komórkowa «Łabędź» & <b>Synowie</b>, Zakład Medycyny Regeneracyjnej, Kraków",
        patient="P-" + "0931KA" * 9 + "7XYZ",
    )
    texts = {key: {**_CHANGES.get(key, {}), **change} for key, change in HOSTILE.items() if key != "reasons"}
    return play(example, texts={**texts, "reasons": HOSTILE["reasons"]})


def stopped() -> Example:
    """The story with an act that should not have begun: another disc was injected than the order names."""
    example = Example()
    now = BEGIN + timedelta(hours=3)
    facts = story.facts_of_step(
        "injection", now=now, patient="", identity="", people=example.ids, equipment=example.equipment
    )
    sites = (replace(facts["sites"][0], level="L3/4"), facts["sites"][1])
    change = {"sites": sites, "happened_reason": "Noticed on the stored image, after the needle was out."}
    return play(example, texts={"injection": change})


_EVENTS: dict[str, list[bytes]] = {}


def example_record(until: str = CLOSED) -> BatchRecord:
    """A finished record: closed by default, or up to the decision released, rejected or on hold."""
    return _kept(play(Example(), until=until))


def hostile_record() -> BatchRecord:
    """The record of `hostile`."""
    return _kept(hostile())


def stopped_record() -> BatchRecord:
    """The record of `stopped`."""
    return _kept(stopped())


def voided_record() -> BatchRecord:
    """A batch that was opened by mistake and voided after its order."""
    example = Example()
    example.wait(3)
    example.step("order")
    example.void("Opened for the wrong patient; the right batch has the next number.")
    return _kept(example)


def _kept(example: Example) -> BatchRecord:
    _EVENTS[example.record.head.digest] = example.events
    return example.record


def example_events(record: BatchRecord) -> list[bytes]:
    """The events of a record that a function of this file gave."""
    return list(_EVENTS[record.head.digest])


@cache
def example_authority() -> Authority:
    """Keys and certificates, made once a run."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "keys"
        create_authority(path, "Cell Laboratory Kraków", BEGIN)
        return load_authority(path)


def example_checkpoint(record: BatchRecord, authority: Authority) -> CheckpointProof:
    """A signed checkpoint over the record's chain and some others."""
    others = [(f"batch/{n:032x}", n, sha256_hex(str(n).encode())) for n in range(1, 7)]
    heads = sorted([*others, (record.head.chain, record.head.seq, record.head.digest)])
    leaves = [leaf_bytes(*head) for head in heads]
    index = heads.index((record.head.chain, record.head.seq, record.head.digest))
    statement = statement_bytes(
        number=3,
        at=BEGIN + timedelta(hours=8),
        previous=sha256_hex(b"the checkpoint before"),
        size=len(leaves),
        root=merkle.root(leaves).hex(),
    )
    proof = tuple(merkle.inclusion_proof(leaves, index))
    return CheckpointProof(
        statement, sign_checkpoint(authority, statement), leaves[index], index, len(leaves), proof
    )


def example_package(
    record: BatchRecord | None = None,
    *,
    events: Sequence[bytes] | None = None,
    authority: Authority | None = None,
    software: str = SOFTWARE,
    pictures: Mapping[str, bytes] | None = None,
) -> bytes:
    """The package of a record (the closed example when none is given), as the product would build it."""
    record = record or example_record()
    authority = authority or example_authority()
    issue = record.issues[-1] if record.issues else None
    return build_package(
        record,
        example_events(record) if events is None else events,
        example_checkpoint(record, authority),
        authority.certificates(),
        DocumentFacts(
            id=issue.id if issue else "",
            version=issue.version if issue else 0,
            issued_at=BEGIN + timedelta(hours=8, seconds=2),
            issued_by=record.name(issue.requested_by) if issue else "labrecords",
            software=software,
        ),
        pictures or {},
    )
