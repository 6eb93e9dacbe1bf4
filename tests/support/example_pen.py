"""A batch record written act by act, without a database: entries, confirmations, signatures and their chain of events.

Each act is one event, and each signature covers the number and hash of the event before it, as in the product.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, fields, replace
from datetime import UTC, datetime, timedelta
from functools import cache
from importlib import resources
from typing import Any

from labrecords.domain.attachments import Attachment
from labrecords.domain.calculations.formulas import newest_edition
from labrecords.domain.entries import CORRECTED, REPEATED, VERIFIED, Entry
from labrecords.domain.evidence import signatures, trail
from labrecords.domain.evidence.canonical import canonical_bytes, sha256_hex
from labrecords.domain.evidence.serial import to_plain
from labrecords.domain.evidence.signatures import APPROVED, PREPARED
from labrecords.domain.kinds import KINDS
from labrecords.domain.pauses import Pause
from labrecords.domain.processes.process_text import read_process
from labrecords.domain.record import (
    Approval,
    Batch,
    BatchRecord,
    Closure,
    Confirmation,
    Decision,
    Equipment,
    Head,
    Laboratory,
    NotDone,
    Person,
    Signature,
    Void,
)
from labrecords.domain.review.decisions import SEALED
from labrecords.domain.review.issues import Issue, IssueEnd
from labrecords.domain.review.reentry import Reentry
from labrecords.domain.timers import FINISHED, Timer, TimerEnd
from labrecords.domain.values import codes, times
from tests.support import story
from tests.support.trained import trained

BEGIN = datetime(2026, 11, 23, 7, 0, tzinfo=UTC)
"""A Monday, eight o'clock in Warsaw."""
CLOSED = "closed"

_TABLES: dict[type, str] = {
    Batch: "batch",
    NotDone: "not_done",
    Timer: "timer",
    TimerEnd: "timer_end",
    Pause: "pause",
    Confirmation: "confirmation",
    Reentry: "reentry",
    Attachment: "attachment",
    Signature: "signature",
    Decision: "decision",
    Void: "void",
    Closure: "closure",
    Issue: "issue",
    IssueEnd: "issue_end",
}
_PARTS: dict[type, str] = {
    NotDone: "not_done",
    Timer: "timers",
    TimerEnd: "timer_ends",
    Pause: "pauses",
    Confirmation: "confirmations",
    Reentry: "reentries",
    Attachment: "attachments",
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

    names: Mapping[str, str] = field(
        default_factory=lambda: {key: name for key, (name, _) in story.CAST.items()}
    )
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
            Person(self._id(), username, name, story.CAST[username][1])
            for username, name in self.names.items()
        )
        self.ids = {person.username: person.id for person in people}
        centrifuge = Equipment(
            self._id(),
            story.CENTRIFUGE,
            "centrifuge",
            "Hettich Rotina 380",
            None,
            None,
            None,
            "2027-03-31",
            True,
            BEGIN,
        )
        rotor = Equipment(
            self._id(),
            story.ROTOR,
            "rotor",
            "Swing-out 4 × 290 mL",
            "17.2",
            "12.4",
            "4500",
            "2027-06-30",
            True,
            BEGIN,
        )
        self.equipment = {story.CENTRIFUGE: centrifuge.id, story.ROTOR: rotor.id, story.COUNTER: "c" * 32}
        # Only what an entry may name: the counter, where the process counts with one.
        counts = any(step.kind == "automated_count" for step in process.steps)
        counter = replace(
            centrifuge, id="c" * 32, code=story.COUNTER, category="counter", model="Cell counter 200"
        )
        batch = Batch(
            self._id(), "KRK-26-0001", self.patient, codes.grouped(codes.with_check("7QX4M2KD9RT")),
            process.digest, self.ids["tess"], self.now, newest_edition(),
        )  # fmt: skip
        self.record = BatchRecord(
            laboratory=Laboratory(self.laboratory_name, "KRK", "Europe/Warsaw"),
            batch=batch,
            process=process,
            people=people,
            equipment=(centrifuge, rotor, *((counter,) if counts else ())),
            head=Head(f"batch/{batch.id}", 0, trail.GENESIS),
            step_heads={},
            entries=(),
            training=trained(process, (self.ids["tess"], self.ids["vic"]), self.ids["quentin"]),
            **dict.fromkeys(_PARTS.values(), ()),
        )
        self.record = replace(self.record, approvals=self._approvals())
        self._event("tess", "batch.opened", "", None, batch, detail={"batch": batch.number})

    # ---- acts --------------------------------------------------------------------------------------------------

    def step(self, key: str, **changes: Any) -> Entry:
        """Record a step as the story has it, with changes: facts, or circumstances such as a note.

        For a step that the story does not know, the changes are all its facts.
        """
        part = story.part_of(key)
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
        by = by or story.part_of(key).recorded_by
        typed = {**old.as_entered, **story.as_typed(changes)}
        new = replace(
            old, id=self._id(), replaces_id=old.id, follows_as=CORRECTED, reason=reason, late_reason=None,
            happened_reason=None,
            recorded_by=self.ids[by], recorded_at=self._tick(), as_entered=typed, **changes,
        )  # fmt: skip
        self._event(by, f"{new.kind}.corrected", key, reason, new)
        return new

    def repeat(self, key: str, reason: str, **changes: Any) -> Entry:
        """Record the measurement of a step once more, as the story has it with changes."""
        old, part = self.record.current(key), story.part_of(key)
        assert old is not None
        new = replace(
            self._entry(key, part, changes, self.now), replaces_id=old.id, follows_as=REPEATED, reason=reason,
            recorded_at=self._tick(),
        )  # fmt: skip
        self._event(part.recorded_by, f"{new.kind}.repeated", key, reason, new)
        return new

    def leave_out(self, key: str, reason: str) -> None:
        """Note that a step was not done."""
        by = story.part_of(key).recorded_by
        item = NotDone(self._id(), self.record.batch.id, key, reason, self.ids[by], self._tick())
        self._event(by, "step.not_done", key, reason, item)

    def time(self, key: str, minutes: float, *, by: str = "tess", planned_s: int | None = None) -> Timer:
        """Let a timer of a step run for so many minutes."""
        about = f"timer/{key}"
        timer = Timer(self._id(), self.record.batch.id, key, "Spin", planned_s, self.ids[by], self._tick())
        self._event(by, "timer.started", about, None, timer)
        self.wait(minutes)
        end = TimerEnd(self._id(), timer.batch_id, timer.id, FINISHED, self.ids[by], self._tick())
        self._event(by, "timer.ended", about, None, end)
        return timer

    def pause(self, key: str, typed: Mapping[str, str], *, by: str = "tess", note: str | None = None) -> None:
        """Pause a step with what is typed so far."""
        item = Pause(self._id(), self.record.batch.id, key, typed, note, self.ids[by], self._tick())
        self._event(by, "step.paused", key, note, item)

    def confirm_all(self, key: str) -> None:
        """Give every confirmation that the step's entry still lacks."""
        entry = self.record.current(key)
        assert entry is not None
        for wanted in self.record.outstanding(entry):
            who = story.part_of(key).verified_by if wanted.act == VERIFIED else ""
            username = who or next(p.username for p in self.record.people if p.id == wanted.person_id)
            now = self._tick()
            signature = self._signature(username, wanted.act, key, now)
            item = Confirmation(
                self._id(),
                self.record.batch.id,
                key,
                entry.id,
                wanted.act,
                self.ids[username],
                signature.id,
                now,
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
        self._event(
            "quentin", f"batch.{decision.replace(' ', '_')}", "", reason or None, signature, made, issue
        )

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
        facts = self._story(key, now) if key in story.PARTS | story.OTHERS | story.OF_FAT | story.ACTS else {}
        facts |= changes
        stated = {name: value for name, value in facts.items() if name not in _CIRCUMSTANCES}
        return kind(
            id=self._id(),
            batch_id=batch.id,
            step_key=key,
            performed_by=self.ids[part.performed_by],
            recorded_by=self.ids[part.recorded_by],
            performed_at=now,
            recorded_at=now,
            as_entered=facts.pop("as_entered", story.as_typed(stated)),
            **facts,
        )

    def _story(self, key: str, now: datetime) -> dict[str, Any]:
        return story.facts_of_step(
            key,
            now=now,
            patient=self.record.batch.patient_code,
            identity=self.record.batch.identity_code,
            people=self.ids,
            equipment=self.equipment,
        )

    def _approvals(self) -> tuple[Approval, ...]:
        """Vic prepared the master record a day before the batch, Quentin approved it for this day."""
        digest, day = self.record.process.digest, BEGIN.date()
        made = []
        for number, (username, act, first) in enumerate(
            (("vic", PREPARED, None), ("quentin", APPROVED, day)), start=1
        ):
            head, now = Head("masters", number, f"{number:064x}"), BEGIN - timedelta(days=1, hours=-number)
            subject = signatures.master_subject(digest, first)
            signature = self._signature(username, act, subject, now, head)
            made.append(Approval(act, first, replace(signature, id=f"{number:032x}", batch_id=None)))
        return tuple(made)

    def _signature(
        self, username: str, meaning: str, subject: str, now: datetime, head: Head | None = None
    ) -> Signature:
        person = next(person for person in self.record.people if person.username == username)
        head = head or self.record.head
        role, zone = ", ".join(person.roles), self.record.laboratory.zone
        words = signatures.MEANINGS[meaning]
        statement = signatures.statement(
            chain=head.chain, record_version=head.seq, record_digest=head.digest, subject=subject, meaning=words,
            name=person.name, username=username, role=role, instant=now, zone=zone,
        )  # fmt: skip
        return Signature(
            self._id() if head is self.record.head else "", self.record.batch.id, person.id, person.name, username,
            role, words, subject, head.seq, head.digest, now, zone, statement.decode(), sha256_hex(statement),
        )  # fmt: skip

    def _issue(self, cause: str, cause_id: str, by: str, now: datetime) -> Issue:
        record = self.record
        return Issue(
            self._id(),
            record.batch.id,
            len(record.issues) + 1,
            cause,
            cause_id,
            record.head.seq + 1,
            self.ids[by],
            now,
        )

    def _event(
        self,
        by: str,
        act: str,
        subject: str,
        reason: str | None,
        *items: Any,
        detail: Mapping[str, str] | None = None,
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
    folder = resources.files("labrecords.domain.processes") / "shipped"
    return (folder / "bone_marrow_concentrate.toml").read_text(encoding="utf-8")
