"""Confirming, entering again, bypassing, deciding, closing and voiding, rightly and wrongly."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import Any

from labrecords.actions import batches, bypassing, confirming, release
from labrecords.actions.door import BatchRef
from labrecords.domain.entries import Stop
from labrecords.domain.review.reentry import asked_again
from tests.any_order import rules
from tests.any_order.attempts import THIN, WHY, Attempt, Forms, invalid, refused
from tests.any_order.model import Batch, humans
from tests.any_order.readings import OVERDUE

Seal = Callable[[Batch, str], None]
"""Seals the document of a batch that this issue asks for."""


class Signing(Forms):
    """Attempts to sign something."""

    def bypass(self, batch: Batch) -> Attempt:
        """Authorise that the rotor with the overdue check is used, or something that nobody may authorise."""
        key = self.draw.choice(["spin_1", "spin_1", "spin_1", "fractions"])
        other, thin = self.draw.random() < 0.15, self.draw.random() < 0.06
        asks, performs, who = (
            self.someone("processing"),
            self.draw.choice(["tess", "vic"]),
            self.someone("verify"),
        )
        found: tuple[Stop, ...] = (Stop("equipment", f"The check of {OVERDUE} was due on 2026-11-01.", ""),)
        if other:
            found = (*found, Stop("identity", "Wrong container.", ""))
        both = {account for person in (asks, performs) for account in humans(person)}
        expected = self.expected(
            who,
            "verify",
            False,
            refused("voided") if batch.voided else None,
            refused("no bypass") if other or key != "spin_1" else None,
            refused("same person") if who in both else None,
            invalid("bypass_reason") if thin else None,
        )
        now = self.lab.clock.now

        def keep(made: Any) -> None:
            batch.bypasses.append((key, asks, now))
            batch.people |= {who, asks}

        return Attempt(
            f"bypass a stop of {key} that {asks} asks for",
            who,
            lambda by: bypassing.bypass_stops(
                by,
                batch=BatchRef(batch.id),
                step_key=key,
                stops=found,
                reason=THIN if thin else WHY,
                requested_by=self.lab.id(asks),
                performed_by=self.lab.id(performs),
                proof=self.lab.proof(who),
            ),
            expected,
            keep,
        )

    def confirm(self, batch: Batch, key: str) -> Attempt:
        """Confirm a step: by the right person or another, with the meaning that is wanted or another."""
        version, now = batch.versions[key][-1], self.lab.clock.now
        open_for = sorted(batch.outstanding(version)) or [("verified", "")]
        act, person = self.draw.choice(open_for)
        if self.draw.random() < 0.08:
            act, person = self.draw.choice(["verified", "attested"]), ""
        right = "verify" if act == "verified" else "attest"
        who = person if person and self.draw.random() > 0.1 else self.other(right, version.hands())
        outdated = self.draw.random() < 0.04
        (ref, stale), entry = self.step_ref(batch, key), "no entry" if outdated else version.id
        broken = rules.confirmation_rules(batch, version, act, who)
        expected = self.expected(
            who,
            right,
            stale,
            refused("voided") if batch.voided else None,
            refused("corrected") if outdated else None,
            self.broken(broken),
            refused("blind") if act == "verified" and key == "receipt" else None,
        )

        def keep(made: Any) -> None:
            batch.confirmations.setdefault(version.id, []).append((act, who, now))
            batch.people.add(who)

        return Attempt(
            f"confirm {key} as {act}",
            who,
            lambda by: confirming.confirm_step(
                by, step=ref, entry_id=entry, act=act, proof=self.lab.proof(who)
            ),
            expected,
            keep,
            key,
        )

    def reenter(self, batch: Batch, key: str = "receipt") -> Attempt:
        """Enter the values of the receipt again, alike or otherwise."""
        version, now = batch.versions[key][-1], self.lab.clock.now
        who = self.other("verify", version.hands())
        differs, thin, blank = (self.draw.random() < share for share in (0.3, 0.3, 0.06))
        entry, (ref, stale) = self._entry(batch, key), self.step_ref(batch, key)
        step = self.lab.record(batch.number).process.step(key)
        values = {item.name: item.first for item in asked_again(entry, step)}
        if differs:
            values["volume_ml"] += Decimal("0.7")
        if blank:
            values["volume_ml"] = None
        wrong = (["reason"] if version.id in batch.differed and thin else []) + (
            ["volume_ml"] if blank else []
        )
        expected = self.expected(
            who,
            "verify",
            stale,
            refused("voided") if batch.voided else None,
            self.broken(rules.confirmation_rules(batch, version, "verified", who)),
            invalid(*wrong) if wrong else None,
        )

        def keep(agrees: Any) -> None:
            assert agrees is not differs, "the second entry was compared wrongly"
            batch.people.add(who)
            if differs:
                batch.differed.add(version.id)
            else:
                batch.confirmations.setdefault(version.id, []).append(("verified", who, now))

        return Attempt(
            f"enter {key} again{', otherwise' if differs else ''}",
            who,
            lambda by: confirming.reenter_step(
                by,
                step=ref,
                entry_id=version.id,
                values=values,
                typed={},
                reason=THIN if thin else WHY,
                proof=self.lab.proof(who),
            ),
            expected,
            keep,
            key,
        )

    def decide(self, batch: Batch, seal: Seal, word: str = "") -> Attempt:
        """Release, reject or hold a batch, and seal the document of it."""
        who = self.someone("decide")
        word = word or self.draw.choice(["released", "released", "released", "rejected", "on hold"])
        now, thin = self.lab.clock.now, self.draw.random() < 0.1 and word != "released"
        ref, stale = self._batch_ref(batch)
        expected = self.expected(
            who,
            "decide",
            stale,
            invalid("reason") if thin else None,
            self.broken(rules.decision_rules(batch, word, who, now)),
        )

        def keep(issue: Any) -> None:
            seal(batch, issue)
            batch.decisions.append((word, now, self.lab.clock.now))

        return Attempt(
            f"decide: {word}",
            who,
            lambda by: release.decide(
                by, batch=ref, decision=word, reason=THIN if thin else WHY, proof=self.lab.proof(who)
            ),
            expected,
            keep,
        )

    def close(self, batch: Batch, seal: Seal) -> Attempt:
        """Close the administration, and seal the document of it."""
        who, now, (ref, stale) = self.someone("close"), self.lab.clock.now, self._batch_ref(batch)
        broken = rules.closure_rules(batch, who, now)
        expected = self.expected(who, "close", stale, self.broken(broken))

        def keep(issue: Any) -> None:
            seal(batch, issue)
            batch.closed_at.append(now)

        return Attempt(
            "close the administration",
            who,
            lambda by: release.close_administration(by, batch=ref, proof=self.lab.proof(who)),
            expected,
            keep,
        )

    def void(self, batch: Batch) -> Attempt:
        """Void a batch, as if it had been opened by mistake."""
        who, (ref, stale) = self.someone("open"), self._batch_ref(batch)
        expected = self.expected(who, "open", stale, self.broken(rules.void_rules(batch)))

        def keep(made: Any) -> None:
            batch.voided = True

        return Attempt(
            "void the batch",
            who,
            lambda by: batches.void_batch(by, batch=ref, reason=WHY, proof=self.lab.proof(who)),
            expected,
            keep,
        )

    def _batch_ref(self, batch: Batch) -> tuple[BatchRef, bool]:
        stale = self.draw.random() < 0.06
        return BatchRef(batch.id, batch.events - stale), stale
