"""Recording, correcting, repeating, leaving out and pausing a step, rightly and wrongly."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from labrecords.actions import pausing, steps
from labrecords.actions.readings import Reading
from labrecords.domain.facts import facts_of
from labrecords.domain.kinds import KINDS
from tests.any_order import rules
from tests.any_order.attempts import NOTES, THIN, WHY, Attempt, Expected, Forms, invalid, refused
from tests.any_order.model import REPEATABLE, Batch, Version, right_for
from tests.any_order.readings import Stated
from tests.support.lab import ALIKE

PHYSICIAN = frozenset({"harvest", "bedside", "injection"})
"""Steps that only a physician performs."""


class Recording(Forms):
    """Attempts to state something about a step."""

    def record(self, batch: Batch, key: str) -> Attempt:
        """Record a step, in order or not, now or as of some minutes ago, complete or with a flaw."""
        stated, (ref, stale), who = (
            self.stated(batch, key),
            self.step_ref(batch, key),
            self.someone(right_for(key)),
        )
        late = self.draw.choice([2, 5, 20]) if self.draw.random() < 0.35 else 0
        happened = self.draw.random() < (0.03 if key == batch.next_step() else 0.3)
        new = self._new(batch, key, stated, who, minutes=late, happened=happened)
        changes, flaw = self._flaw(new, late)
        note, typed = new.note, {"note": new.note or ""}
        text, author = batch.pauses.get(key, ("", ""))
        new.typed_by = {author} - {who} if note == text and not batch.versions[key] else set()
        reading = self._reading(batch, new, typed=typed, **changes)
        expected = self.expected(
            who,
            right_for(key),
            stale,
            refused("voided") if batch.voided else None,
            refused("recorded") if batch.versions[key] else None,
            flaw,
            None if happened else self.broken(rules.not_bypassed(batch, new)),
        )
        return Attempt(
            f"record {key}, {late} min ago{', as having happened' if happened else ''}",
            who,
            lambda by: steps.record_step(by, step=ref, reading=reading),
            expected,
            lambda made: self._keep(batch, new, made),
            key,
        )

    def correct(self, batch: Batch, key: str) -> Attempt:
        """Correct a step, with a new reading or with none, for a reason or for "error"."""
        old = batch.versions[key][-1]
        unchanged, thin, outdated = (self.draw.random() < share for share in (0.06, 0.06, 0.05))
        stated = old.stated if unchanged else self.stated(batch, key)
        _inject_at(stated, old.performed_at)
        (ref, stale), who = self.step_ref(batch, key), self.someone(right_for(key))
        happened = self.draw.random() < 0.4
        new = Version(
            key, stated, who, old.performer, old.performed_at, self.lab.clock.now, "corrected", happened
        )
        new.note, new.typed_by = old.note, old.typed_by - {who}
        reading = self._reading(batch, new, **self._circumstances_of(batch, old))
        replaces = "no entry" if outdated else old.id
        same = all(
            getattr(self._entry(batch, key), name, None) == value for name, value in stated.facts.items()
        )
        thinly = ["reason"] if thin or same else []
        expected = self.expected(
            who,
            right_for(key),
            stale,
            refused("voided") if batch.voided else None,
            refused("corrected") if outdated else None,
            invalid(*thinly) if thinly else None,
            None if happened else self.broken(rules.not_bypassed(batch, new)),
        )
        return Attempt(
            f"correct {key}",
            who,
            lambda by: steps.correct_step(
                by, step=ref, replaces=replaces, reading=reading, reason=THIN if thin else WHY
            ),
            expected,
            lambda made: self._keep(batch, new, made),
            key,
        )

    def repeat(self, batch: Batch, key: str) -> Attempt:
        """Repeat a step that may be repeated, or one that may not."""
        old = batch.versions[key][-1]
        stated, (ref, stale), who = (
            self.stated(batch, key),
            self.step_ref(batch, key),
            self.someone(right_for(key)),
        )
        uncaused, thin, happened = (self.draw.random() < share for share in (0.06, 0.06, 0.25))
        new = self._new(batch, key, stated, who, happened=happened)
        new.how = "repeated"
        flaws = [name for name, wrong in (("cause", uncaused), ("reason", thin)) if wrong]
        reading = self._reading(batch, new)
        expected = self.expected(
            who,
            right_for(key),
            stale,
            refused("voided") if batch.voided else None,
            None if key in REPEATABLE else refused("not repeatable"),
            invalid(*flaws) if flaws else None,
            None if happened else self.broken(rules.not_bypassed(batch, new)),
        )
        cause, reason = "" if uncaused else "clumped cells", THIN if thin else WHY
        return Attempt(
            f"repeat {key}",
            who,
            lambda by: steps.repeat_step(
                by, step=ref, replaces=old.id, reading=reading, cause=cause, reason=reason
            ),
            expected,
            lambda made: self._keep(batch, new, made),
            key,
        )

    def leave_out(self, batch: Batch, key: str) -> Attempt:
        """Say that a step was not done."""
        (ref, stale), who, thin = (
            self.step_ref(batch, key),
            self.someone(right_for(key)),
            self.draw.random() < 0.1,
        )
        reading, now = self.lab.reading(batch.number, key), self.lab.clock.now
        expected = self.expected(
            who,
            right_for(key),
            stale,
            refused("voided") if batch.voided else None,
            refused("recorded") if batch.versions[key] else None,
            refused("not done") if batch.notes[key] else None,
            invalid("reason") if thin else None,
        )

        def keep(made: Any) -> None:
            batch.notes[key].append(now)
            batch.people.add(who)

        reason = THIN if thin else WHY
        return Attempt(
            f"leave out {key}",
            who,
            lambda by: steps.note_not_done(by, step=ref, reading=reading, reason=reason),
            expected,
            keep,
            key,
        )

    def pause(self, batch: Batch, key: str) -> Attempt:
        """Pause a step with what is typed so far."""
        (ref, stale), who, text = (
            self.step_ref(batch, key),
            self.someone(right_for(key)),
            self.draw.choice(NOTES),
        )
        kind = KINDS[self.process.step(key).kind]
        expected = self.expected(
            who,
            right_for(key),
            stale,
            refused("voided") if batch.voided else None,
            refused("recorded") if batch.versions[key] else None,
        )

        def keep(made: Any) -> None:
            before, author = batch.pauses.get(key, ("", ""))
            batch.pauses[key] = (text, author if before == text else who)
            batch.paused.add(key)
            batch.people.add(who)

        return Attempt(
            f"pause {key}",
            who,
            lambda by: pausing.pause_step(by, step=ref, kind=kind, typed={"note": text}, note=""),
            expected,
            keep,
            key,
        )

    def _new(
        self, batch: Batch, key: str, stated: Stated, who: str, minutes: int = 0, happened: bool = False
    ) -> Version:
        performer = "paula" if key in PHYSICIAN else self.draw.choice(["tess", "vic", "paula", who])
        at = self.lab.clock.now - timedelta(minutes=minutes)
        new = Version(key, stated, who, performer, at, self.lab.clock.now, happened=happened)
        new.note = batch.pauses[key][0] if key in batch.pauses and self.draw.random() < 0.6 else None
        _inject_at(stated, at)
        return new

    def _flaw(self, new: Version, minutes: int) -> tuple[dict[str, Any], Expected | None]:
        """Circumstances of a new entry, and with them the fields that cannot be so."""
        chance = self.draw.random()
        if chance < 0.03:
            return {"performed_at": self.lab.clock.now + timedelta(hours=1)}, invalid("performed_at")
        if chance < 0.06 and new.key in PHYSICIAN:
            return {"performed_by": "vic"}, invalid("performed_by")
        if chance < 0.09 and "volume_ml" in new.stated.facts:
            return {"volume_ml": Decimal(-1)}, invalid("volume_ml")
        if chance < 0.12 and "volume_in_ml" in new.stated.facts:
            reasons = {"container_code": ALIKE}
            return {"volume_in_ml": Decimal(250), "confirmed": reasons}, invalid("volume_in_ml-reason")
        if minutes > 15:
            thin = self.draw.random() < 0.3
            return {"late_reason": "" if thin else WHY}, invalid("late_reason") if thin else None
        return {}, None

    def _circumstances_of(self, batch: Batch, old: Version) -> dict[str, Any]:
        """The facts of the version before, which a correction leaves as they are."""
        entry = self._entry(batch, old.key)
        return {fact.name: getattr(entry, fact.name) for fact in facts_of(type(entry))}

    def _reading(self, batch: Batch, new: Version, **changes: Any) -> Reading:
        given = {
            "performed_by": new.performer,
            "performed_at": new.performed_at,
            "happened_reason": WHY if new.happened else None,
            "note": new.note,
        }
        facts = {name: value for name, value in changes.items() if name not in new.stated.facts}
        wrong = {name: value for name, value in changes.items() if name in ("volume_ml", "volume_in_ml")}
        flawed = new.how is None
        stated = facts | new.stated.facts | (wrong if flawed else {})
        number = stated.pop("number", None)  # lab.reading calls the batch so
        reading = self.lab.reading(batch.number, new.key, **given | stated)
        return reading if number is None else replace(reading, facts={**reading.facts, "number": number})

    def _keep(self, batch: Batch, new: Version, made: str) -> None:
        new.id = made
        if new.happened:
            new.was_critical = rules.critical(batch, new)
        batch.versions[new.key].append(new)
        batch.people |= {new.by, new.performer} | new.typed_by


def _inject_at(stated: Stated, at: datetime) -> None:
    """A site is injected at the end of the act."""
    if "sites" in stated.facts:
        stated.facts["sites"] = tuple(replace(site, injected_at=at) for site in stated.facts["sites"])
