"""A complete batch record made without a database: entries, confirmations, signatures and the chain of their events.

It is played like a real one: each act is one event, and each signature covers the number and hash of the event before
it. So the record can be printed, sealed and verified by itself. `Example` is the pen; the functions below it give the
finished record, its events and its package.
"""

from __future__ import annotations

import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, fields, replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from functools import cache
from importlib import resources
from pathlib import Path
from typing import Any

from labrecords.documents.authority import Authority, create_authority, load_authority
from labrecords.documents.checkpoint import sign_checkpoint
from labrecords.documents.package import DocumentFacts, build_package
from labrecords.domain import codes, merkle, signatures, times, trail
from labrecords.domain.canonical import canonical_bytes, sha256_hex
from labrecords.domain.checkpoints import CheckpointProof, leaf_bytes, statement_bytes
from labrecords.domain.decisions import ON_HOLD, REJECTED, RELEASED, SEALED
from labrecords.domain.entries import VERIFIED, Entry
from labrecords.domain.kinds import KINDS
from labrecords.domain.numbers import plain
from labrecords.domain.process import read_process
from labrecords.domain.record import (
    Batch,
    BatchRecord,
    Closure,
    Confirmation,
    Decision,
    Equipment,
    Head,
    Issue,
    IssueEnd,
    Laboratory,
    NotDone,
    Person,
    Signature,
    Void,
)
from labrecords.domain.serial import to_plain
from tests.support import story

BEGIN = datetime(2026, 11, 23, 7, 0, tzinfo=UTC)
"""A Monday, eight o'clock in Warsaw."""
CLOSED, VOIDED = "closed", "voided"
SOFTWARE = "labrecords 0.1.0"

_TABLES: dict[type, str] = {
    Batch: "batch",
    NotDone: "not_done",
    Confirmation: "confirmation",
    Signature: "signature",
    Decision: "decision",
    Void: "void",
    Closure: "closure",
    Issue: "issue",
    IssueEnd: "issue_end",
}
_PARTS: dict[type, str] = {
    NotDone: "not_done",
    Confirmation: "confirmations",
    Signature: "signatures",
    Decision: "decisions",
    Void: "voids",
    Closure: "closures",
    Issue: "issues",
    IssueEnd: "issue_ends",
}


@dataclass
class Example:
    """Writes one batch record, act by act. Every act takes a minute of its clock."""

    names: Mapping[str, str] = field(default_factory=lambda: {key: name for key, (name, _) in story.CAST.items()})
    laboratory_name: str = "Cell Laboratory Kraków"
    patient: str = story.PATIENT
    process_text: str = ""
    now: datetime = BEGIN
    events: list[bytes] = field(default_factory=list)
    made: int = 0
    record: BatchRecord = field(init=False)

    def __post_init__(self) -> None:
        text = self.process_text or _shipped_process()
        process = read_process(text)
        people = tuple(
            Person(self._id(), username, name, (story.CAST[username][1],)) for username, name in self.names.items()
        )
        self.ids = {person.username: person.id for person in people}
        centrifuge = Equipment(
            self._id(), story.CENTRIFUGE, "centrifuge", "Hettich Rotina 380", None, None, None, "2027-03-31", True, BEGIN
        )
        rotor = Equipment(
            self._id(), story.ROTOR, "rotor", "Swing-out 4 × 290 mL", "17.2", "12.4", "4500", "2027-06-30", True, BEGIN
        )
        self.equipment = {story.CENTRIFUGE: centrifuge.id, story.ROTOR: rotor.id}
        batch = Batch(
            self._id(), "KRK-26-0001", self.patient, codes.grouped(codes.with_check("7QX4M2KD9RT")),
            process.digest, self.ids["tess"], self.now,
        )  # fmt: skip
        self.record = BatchRecord(
            laboratory=Laboratory(self.laboratory_name, "KRK", "Europe/Warsaw"),
            batch=batch,
            process=process,
            people=people,
            equipment=(centrifuge, rotor),
            head=Head(f"batch/{batch.id}", 0, trail.GENESIS),
            step_heads={},
            entries=(),
            **dict.fromkeys(_PARTS.values(), ()),
        )
        self._event("tess", "batch.opened", "", None, batch, detail={"batch": batch.number})

    # ---- acts --------------------------------------------------------------------------------------------------

    def step(self, key: str, **changes: Any) -> Entry:
        """Record a step as the story has it, with changes; keys that are no fact of its kind are circumstances."""
        part = story.PARTS[key]
        minutes_late = changes.pop("minutes_late", 0)
        entry = self._entry(key, part, changes, self.now)
        if minutes_late:
            self.now += timedelta(minutes=minutes_late)
        entry = replace(entry, recorded_at=self._tick())
        self._event(part.recorded_by, f"{entry.kind}.recorded", key, None, entry)
        return entry

    def correct(self, key: str, reason: str, *, by: str = "", **changes: Any) -> Entry:
        """Record a new version of a step's entry, with other facts."""
        old = self.record.current(key)
        assert old is not None
        by = by or story.PARTS[key].recorded_by
        typed = {**old.as_entered, **story.as_typed(changes)}
        new = replace(
            old, id=self._id(), replaces_id=old.id, reason=reason, late_reason=None, happened_reason=None,
            recorded_by=self.ids[by], recorded_at=self._tick(), as_entered=typed, **changes,
        )  # fmt: skip
        self._event(by, f"{new.kind}.corrected", key, reason, new)
        return new

    def leave_out(self, key: str, reason: str) -> None:
        """Note that a step was not done."""
        by = story.PARTS[key].recorded_by
        item = NotDone(self._id(), self.record.batch.id, key, reason, self.ids[by], self._tick())
        self._event(by, "step.not_done", key, reason, item)

    def confirm_all(self, key: str) -> None:
        """Give every confirmation that the step's entry still lacks."""
        entry = self.record.current(key)
        assert entry is not None
        for wanted in self.record.outstanding(entry):
            who = story.PARTS[key].verified_by if wanted.act == VERIFIED else ""
            username = who or next(p.username for p in self.record.people if p.id == wanted.person_id)
            now = self._tick()
            signature = self._signature(username, wanted.act, key, now)
            item = Confirmation(
                self._id(), self.record.batch.id, key, entry.id, wanted.act, self.ids[username], signature.id, now
            )
            self._event(username, f"step.{wanted.act}", key, None, signature, item)

    def decide(self, decision: str, reason: str = "") -> None:
        """QA's decision; a document is asked for."""
        now, seen = self._tick(), self.record.head.seq
        signature = self._signature("quentin", decision, "", now)
        made = Decision(
            self._id(), self.record.batch.id, decision, reason, signature.id, self.ids["quentin"], seen, now
        )
        issue = self._issue("decision", made.id, "quentin", now)
        self._event("quentin", f"batch.{decision.replace(' ', '_')}", "", reason or None, signature, made, issue)

    def close(self) -> None:
        """The physician's closing of the administration; a document is asked for."""
        now, seen = self._tick(), self.record.head.seq
        signature = self._signature("paula", signatures.ADMINISTERED, "", now)
        closure = Closure(self._id(), self.record.batch.id, signature.id, self.ids["paula"], now, seen)
        issue = self._issue("closure", closure.id, "paula", now)
        self._event("paula", "administration.closed", "", None, signature, closure, issue)

    def void(self, reason: str) -> None:
        """The batch was opened by mistake."""
        now = self._tick()
        signature = self._signature("tess", signatures.VOIDED, "", now)
        item = Void(self._id(), self.record.batch.id, reason, signature.id, self.ids["tess"], now)
        self._event("tess", "batch.voided", "", reason, signature, item)

    def seal(self) -> None:
        """The document that was asked for last is sealed."""
        issue, now = self.record.issues[-1], self._tick()
        sha256 = sha256_hex(issue.id.encode())
        end = IssueEnd(self._id(), self.record.batch.id, issue.id, SEALED, "", sha256, now)
        columns = {
            "sha256": sha256, "batch_id": self.record.batch.id, "issue_id": issue.id,
            "record_sha256": sha256_hex(b"the record that was sealed before"), "pages": 9, "pdf": sha256,
            "sealed_at": times.to_text(now),
        }  # fmt: skip
        self._event("system", "document.sealed", "", None, trail.Row("document", sha256, columns), end)

    def wait(self, minutes: float) -> None:
        self.now += timedelta(minutes=minutes)

    # ---- what an act is made of --------------------------------------------------------------------------------

    def _tick(self) -> datetime:
        self.now += timedelta(minutes=1)
        return self.now

    def _id(self) -> str:
        self.made += 1
        return sha256_hex(f"example {self.made}".encode())[:32]

    def _entry(self, key: str, part: story.Part, changes: Mapping[str, Any], now: datetime) -> Entry:
        step, batch = self.record.process.step(key), self.record.batch
        kind = KINDS[step.kind]
        facts = story.facts_of_step(
            key, now=now, patient=batch.patient_code, identity=batch.identity_code, people=self.ids,
            equipment=self.equipment,
        )  # fmt: skip
        facts |= changes
        return kind(
            id=self._id(),
            batch_id=batch.id,
            step_key=key,
            performed_by=self.ids[part.performed_by],
            recorded_by=self.ids[part.recorded_by],
            performed_at=now,
            recorded_at=now,
            as_entered=facts.pop("as_entered", story.as_typed({k: v for k, v in facts.items() if k not in _CIRCUMSTANCES})),
            **facts,
        )

    def _signature(self, username: str, meaning: str, subject: str, now: datetime) -> Signature:
        person = next(person for person in self.record.people if person.username == username)
        head, role, zone = self.record.head, ", ".join(person.roles), self.record.laboratory.zone
        words = signatures.MEANINGS[meaning]
        statement = signatures.statement(
            chain=head.chain, record_version=head.seq, record_digest=head.digest, subject=subject, meaning=words,
            name=person.name, username=username, role=role, instant=now, zone=zone,
        )  # fmt: skip
        return Signature(
            self._id(), self.record.batch.id, person.id, person.name, username, role, words, subject, head.seq,
            head.digest, now, zone, statement.decode(), sha256_hex(statement),
        )  # fmt: skip

    def _issue(self, cause: str, cause_id: str, by: str, now: datetime) -> Issue:
        record = self.record
        return Issue(
            self._id(), record.batch.id, len(record.issues) + 1, cause, cause_id, record.head.seq + 1, self.ids[by], now
        )

    def _event(
        self, by: str, act: str, subject: str, reason: str | None, *items: Any, detail: Mapping[str, str] | None = None
    ) -> None:
        head, seq = self.record.head, self.record.head.seq + 1
        actor = {"id": self.ids.get(by, ""), "username": by, "name": self.names.get(by, "labrecords")}
        payload = trail.event_bytes(
            chain=head.chain, seq=seq, at=self.now, actor=actor, act=act, subject=subject, reason=reason,
            rows=[_row(item) for item in items], refs={}, detail=detail or {}, prev=head.digest,
        )  # fmt: skip
        self.events.append(payload)
        changed: dict[str, Any] = {"head": Head(head.chain, seq, trail.digest(payload))}
        for item in items:
            name = "entries" if isinstance(item, Entry) else _PARTS.get(type(item), "")
            if name:
                changed[name] = (*changed.get(name, getattr(self.record, name)), item)
        if subject:
            changed["step_heads"] = {**self.record.step_heads, subject: seq}
        self.record = replace(self.record, **changed)


_CIRCUMSTANCES = ("note", "confirmed", "late_reason", "happened_reason", "as_entered")


def _row(item: Any) -> trail.Row:
    if isinstance(item, trail.Row):
        return item
    table = item.kind if isinstance(item, Entry) else _TABLES[type(item)]
    return trail.Row(table, item.id, {part.name: _stored(getattr(item, part.name)) for part in fields(item)})


def _stored(value: Any) -> Any:
    """A value as the database keeps it: rows and mappings as JSON text, yes and no as 1 and 0."""
    plain_form = to_plain(value)
    if isinstance(plain_form, bool):
        return int(plain_form)
    return canonical_bytes(plain_form).decode() if isinstance(plain_form, (list, dict)) else plain_form


@cache
def _shipped_process() -> str:
    folder = resources.files("labrecords.domain") / "processes"
    return (folder / "bone_marrow_concentrate.toml").read_text(encoding="utf-8")


# ---- the finished record ---------------------------------------------------------------------------------------


def play(example: Example, *, texts: Mapping[str, Mapping[str, Any]] | None = None, until: str = CLOSED) -> Example:
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
    "count_before": {"sample_code": "Q-" + "7F3K9A" * 9 + "WXYZ", "note": "First line\nsecond line\n\nfourth line"},
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
    now = BEGIN + timedelta(hours=4)
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
    return CheckpointProof(statement, sign_checkpoint(authority, statement), leaves[index], index, len(leaves), proof)


def example_package(
    record: BatchRecord | None = None,
    *,
    events: Sequence[bytes] | None = None,
    authority: Authority | None = None,
    software: str = SOFTWARE,
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
    )


__all__ = ["ON_HOLD", "REJECTED", "RELEASED"]
