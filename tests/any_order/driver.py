"""Random acts on two batches at once, each compared with the model; a seed gives the same acts again."""

from __future__ import annotations

import secrets
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import date
from decimal import Decimal
from pathlib import Path
from random import Random
from typing import Any

from labrecords.actions import accounts, equipment, issuing, masters, people
from labrecords.actions.door import Acting, Invalid, Refused, Stale
from labrecords.actions.steps import note_not_done
from labrecords.domain.processes.masters import FILE
from labrecords.domain.processes.process_text import read_process
from labrecords.models.batch_record import equipment_now
from tests.any_order.attempts import ACCEPTED, STALE, WHY, Attempt, Expected, invalid, refused
from tests.any_order.compare import check
from tests.any_order.model import Batch
from tests.any_order.readings import ORDER, OVERDUE
from tests.any_order.recording import Recording
from tests.any_order.signing import Signing
from tests.support.installations import cheap_passwords
from tests.support.lab import Lab, Member

PROCESS = (Path(__file__).parent / "process.toml").read_text()
LONG_ENOUGH = 70
"""Acts after which a batch is left, and another opened."""


class Chooser(Recording, Signing):
    """Every attempt that there is."""


class Calm(Random):
    """Draws nothing that goes wrong."""

    def random(self) -> float:
        return 0.99

    def getrandbits(self, bits: int) -> int:
        return super().getrandbits(bits)


class Driver:
    """Tries random acts and fails at the first that goes otherwise than the model says."""

    def __init__(self, lab: Lab, seed: int) -> None:
        self.lab, self.seed, self.draw = lab, seed, Random(seed)
        self.digest = masters.save_draft(lab.by("vic"), text=PROCESS, origin=FILE)
        lab.make_effective(self.digest)
        self.chooser = Chooser(lab, self.draw, read_process(PROCESS), {OVERDUE: _register_overdue_rotor(lab)})
        self.calm = Chooser(lab, Calm(seed), read_process(PROCESS), {})
        self.last: tuple[Attempt, Batch, Any] | None = None
        self.outcomes: Counter[str] = Counter()
        self.refusals: Counter[str] = Counter()
        self.done: Counter[str] = Counter()
        self.opened = 0
        self.batches = [self.open(), self.open()]

    def run(self, acts: int) -> None:
        """Try so many acts."""
        for number in range(1, acts + 1):
            # A little more than whole minutes: no two acts lie exactly as far apart as a limit allows.
            self.lab.clock.tick(self.draw.choice([1, 1, 2, 3, 5, 8]) + 0.001 / 60)
            place = self.draw.randrange(len(self.batches))
            batch = self.batches[place]
            batch.acts += 1
            try:
                self.act(batch)
            except AssertionError as error:
                story = "\n".join(f"  {words}" for words in batch.told[-25:])
                raise AssertionError(
                    f"seed {self.seed}, act {number}, {batch.number}:\n{story}\n{error}"
                ) from error
            if batch.acts >= LONG_ENOUGH or (batch.voided and self.draw.random() < 0.2):
                self.batches[place] = self.open()

    def open(self) -> Batch:
        """Open a batch of another patient."""
        self.opened += 1
        patient, by = f"P-{2000 + self.opened}", self.draw.choice(["tess"] * 7 + ["quentin"])
        number = self.lab.open_batch(by, patient=patient, process=self.digest)
        batch = Batch(number, self.lab.record(number).batch.id, patient, by)
        batch.calm = self.draw.choice([0, 12, 25, 35, 45])
        batch.people.add(by)
        check(self.lab, batch)
        return batch

    def act(self, batch: Batch) -> None:
        """Try one act on this batch, and compare everything afterwards."""
        attempt, about = self.choose(batch)
        about.told.append(f"{attempt.who}: {attempt.words} → expected {attempt.expected}")
        before = self.lab.chain_lengths()
        outcome = self.attempt(attempt, about)
        assert outcome == attempt.expected, f"expected {attempt.expected}, found {outcome}"
        self.outcomes[outcome[0]] += 1
        if outcome[0] == "accepted":
            self.done[attempt.words.partition(",")[0]] += 1
        self.refusals.update(outcome[1] if outcome[0] == "refused" else ())
        after = self.lab.chain_lengths()
        grown = {chain for chain in after if after[chain] != before.get(chain, 0)}
        if outcome[0] != "accepted" or attempt.again:
            written = {"access"} if outcome[0] == "refused" else set()
            assert grown == written, f"what was not accepted left events: {grown}"
        check(self.lab, about)

    def attempt(self, attempt: Attempt, batch: Batch) -> Expected:
        """Do it. Returns what became of it."""
        by = Acting(self.lab.store, self.lab.actor(attempt.who), attempt.key or secrets.token_hex(16))
        try:
            result = attempt.run(by)
        except Refused as refusal:
            return refused(*(blocker.rule for blocker in refusal.blockers))
        except Invalid as wrong:
            return invalid(*wrong.problems)
        except Stale:
            return STALE
        if not attempt.again:
            batch.events += 1
            if attempt.subject:
                batch.events_of[attempt.subject] = batch.events
            attempt.keep(result)
            self.last = (replace(attempt, key=by.key), batch, result)
        else:
            assert self.last is not None
            assert result == self.last[2], "the same form gave another result"
        return ACCEPTED

    def seal(self, batch: Batch, issue: str) -> None:
        """Seal a document; while it is being made, nothing is recorded."""
        key = ORDER[0]
        outcome = self.attempt(
            Attempt(
                "record while a document is made",
                "tess",
                lambda by: note_not_done(
                    by,
                    step=self.lab.step(batch.number, key),
                    reading=self.lab.reading(batch.number, key),
                    reason=WHY,
                ),
                refused("sealing"),
            ),
            batch,
        )
        assert outcome == refused("sealing")
        sealed = issuing.seal_document(self.lab.installation.sealing, batch.id, issue)
        assert sealed.sha256, sealed.reason
        batch.events += 1

    def choose(self, batch: Batch) -> tuple[Attempt, Batch]:
        """The next attempt, and the batch that it is about."""
        draw, chooser, following = self.draw, self.chooser, batch.next_step()
        if batch.acts <= batch.calm and not batch.closed_at:
            return self._onwards(batch), batch
        recorded = [key for key in ORDER if batch.versions[key]]
        unconfirmed = [version.key for version in batch.standing() if batch.outstanding(version)]
        chance = draw.random()
        if chance < 0.04 and self.last:
            return self._again()
        if chance < 0.44 and unconfirmed:
            key = draw.choice(unconfirmed)
            return (chooser.reenter(batch) if key == "receipt" else chooser.confirm(batch, key)), batch
        if chance < 0.72 and following:
            if following == "bedside" and draw.random() < 0.5:
                return chooser.decide(batch, self.seal), batch
            return chooser.record(batch, following), batch
        if chance < 0.76:
            return chooser.record(batch, draw.choice(ORDER)), batch
        if chance < 0.82 and recorded:
            return chooser.correct(batch, draw.choice(recorded)), batch
        if chance < 0.86 and recorded:
            return chooser.repeat(batch, draw.choice([*recorded, *(set(recorded) & {"count_before"})])), batch
        if chance < 0.90:
            return chooser.leave_out(
                batch, following if following and draw.random() < 0.2 else draw.choice(ORDER)
            ), batch
        if chance < 0.92 and recorded:
            return chooser.confirm(batch, draw.choice(recorded)), batch
        if chance < 0.95:
            return chooser.pause(batch, draw.choice(ORDER)), batch
        if chance < 0.97:
            return chooser.bypass(batch), batch
        if chance < 0.985 or (not following and chance < 0.995):
            return (chooser.decide if draw.random() < 0.5 else chooser.close)(batch, self.seal), batch
        return chooser.void(batch), batch

    def _onwards(self, batch: Batch) -> Attempt:
        """An act by which a batch comes nearer to its end."""
        following = batch.next_step()
        for version in batch.standing():
            for act, _ in sorted(batch.outstanding(version)):
                if act == "verified" and version.key == "receipt":
                    return self.calm.reenter(batch)
                return self.calm.confirm(batch, version.key)
        if following == "bedside" and batch.decision(self.lab.clock.now) is None:
            return self.calm.decide(batch, self.seal, "released")
        return self.calm.record(batch, following) if following else self.calm.close(batch, self.seal)

    def _again(self) -> tuple[Attempt, Batch]:
        """The form of the last accepted act, sent once more: by its button, or as another act."""
        assert self.last is not None
        attempt, batch, _ = self.last
        if self.draw.random() < 0.2 and attempt.subject:
            other = self.chooser.void(batch)
            return replace(other, who=attempt.who, key=attempt.key, expected=refused("form")), batch
        return replace(attempt, words=f"once more: {attempt.words}", expected=ACCEPTED, again=True), batch


def _register_overdue_rotor(lab: Lab) -> str:
    facts = equipment.EquipmentFacts(
        OVERDUE,
        "rotor",
        "Swing-out 4 × 290 mL",
        Decimal("17.2"),
        Decimal("12.4"),
        Decimal(4500),
        date(2026, 11, 1),
    )
    equipment.register_equipment(lab.by("quentin"), facts=facts)
    with lab.store.read() as session:
        return next(piece.id for piece in equipment_now(session) if piece.code == OVERDUE)


@contextmanager
def second_account(lab: Lab) -> Iterator[None]:
    """Give the technician a second account, of which it is stated that both are one human's."""
    with cheap_passwords():
        added = people.add_person(
            lab.system, username="tina", name="Tess Tamm (nights)", roles=("second operator",)
        )
        password = secrets.token_urlsafe(18)
        accounts.accept_invitation(lab.system, secret=added["secret"], password=password)
    lab.cast["tina"] = Member(added["person_id"], "tina", password)
    try:
        accounts.accept_agreement(lab.by("tina"), proof=lab.proof("tina"))
        people.link_accounts(lab.by("ivan"), person_id=lab.id("tess"), other_username="tina", reason=WHY)
        yield
    finally:
        del lab.cast["tina"]  # the cast is that of every test
