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
from labrecords.actions.access import note_identity
from labrecords.actions.door import Acting, Invalid, Refused, Stale
from labrecords.actions.steps import note_not_done
from labrecords.domain.processes.masters import FILE
from labrecords.domain.processes.process_text import read_process
from labrecords.models.batch_record import equipment_now
from tests.any_order.attempts import ACCEPTED, STALE, WHY, Attempt, Expected, invalid, refused
from tests.any_order.choosing import Attempts, Calm, Chooser, stage
from tests.any_order.compare import check
from tests.any_order.model import Batch
from tests.any_order.readings import ORDER, OVERDUE
from tests.support.installations import cheap_passwords
from tests.support.lab import Lab, Member
from tests.support.story import ROTOR

PROCESS = (Path(__file__).parent / "process.toml").read_text()
LONG_ENOUGH = 70
"""Acts after which a batch is left, and another opened."""
LEAVING = {"closed": 0.08, "voided": 0.15}
"""How likely a batch at its end is left after an act."""
CARE = (0.95, 0.85), (0.5, 0.2, 0.0)
"""How likely an act goes by the rules, in a careful batch and in any other; they are opened in turn."""


class Driver:
    """Tries random acts and fails at the first that goes otherwise than the model says."""

    def __init__(self, lab: Lab, seed: int) -> None:
        self.lab, self.seed, self.draw = lab, seed, Random(seed)
        self.digest = masters.save_draft(lab.by("vic"), text=PROCESS, origin=FILE)
        lab.make_effective(self.digest)
        process, rotors = read_process(PROCESS), _rotors(lab)
        self.forms = Attempts(lab, self.draw, process, rotors)
        self.chooser = Chooser(self.forms, Attempts(lab, Calm(seed), process, rotors), self.seal)
        self.last: tuple[Attempt, Batch, Any] | None = None
        self.outcomes: Counter[str] = Counter()
        self.refusals: Counter[str] = Counter()
        self.done: Counter[str] = Counter()
        self.opened, self.said = 0, ""
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
            if batch.acts >= LONG_ENOUGH or self.draw.random() < LEAVING.get(stage(batch), 0):
                self.batches[place] = self.open()

    def open(self) -> Batch:
        """Open a batch of another patient."""
        cares = CARE[self.opened % len(CARE)]
        care, self.opened = self.draw.choice(cares), self.opened + 1
        # Who opened a batch does not decide on it: a careful one would never come to its end.
        by = "tess" if cares is CARE[0] else self.draw.choice(["tess", "tess", "quentin"])
        patient = f"P-{2000 + self.opened}"
        number = self.lab.open_batch(by, patient=patient, process=self.digest)
        batch = Batch(number, self.lab.record(number).batch.id, patient, by)
        batch.care = care
        batch.people.add(by)
        check(self.lab, batch)
        return batch

    def act(self, batch: Batch) -> None:
        """Try one act on this batch, and compare everything afterwards."""
        attempt, about = self.choose(batch)
        about.told.append(f"{attempt.who}: {attempt.words} → expected {attempt.expected}")
        before = self.lab.chain_lengths()
        outcome = self.attempt(attempt, about)
        assert outcome == attempt.expected, f"expected {attempt.expected}, found {outcome}: {self.said}"
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
            self.said = " ".join(blocker.sentence for blocker in refusal.blockers)
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
        if self.last and self.draw.random() < 0.05:
            return self._again()
        return self.chooser.choose(batch), batch

    def _again(self) -> tuple[Attempt, Batch]:
        """The form of the last accepted act, sent once more: by its button, or as another act."""
        assert self.last is not None
        attempt, batch, _ = self.last
        if self.draw.random() < 0.4 and attempt.subject:
            other = self.forms.void(batch)
            return replace(other, who=attempt.who, key=attempt.key, expected=refused("form")), batch
        return replace(attempt, words=f"once more: {attempt.words}", expected=ACCEPTED, again=True), batch


def _rotors(lab: Lab) -> dict[str, str]:
    """Register one whose check is overdue. Returns the ids of both rotors, by their codes."""
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
        return {piece.code: piece.id for piece in equipment_now(session) if piece.code in (ROTOR, OVERDUE)}


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
        note_identity(
            lab.system,
            person_id=lab.id("tina"),
            checked_by="Ivan Ilić",
            how="passport",
            checked_on=lab.today(),
        )
        accounts.accept_agreement(lab.by("tina"), proof=lab.proof("tina"))
        people.link_accounts(lab.by("ivan"), person_id=lab.id("tess"), other_username="tina", reason=WHY)
        yield
    finally:
        del lab.cast["tina"]  # the cast is that of every test
