"""Random acts of custody in one batch after another, each compared with the model; a seed gives the same acts again."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from random import Random
from typing import Any

from labrecords.actions import masters
from labrecords.actions.readings import Reading
from labrecords.actions.steps import correct_step, record_step
from labrecords.domain.kinds import KINDS
from labrecords.domain.processes.masters import FILE
from labrecords.domain.steps.division import Part
from labrecords.domain.steps.label_over import LEGIBLE, REMOVED
from labrecords.domain.steps.pool import Poured
from tests.any_custody.acting import BENCH, FAULTS, SOUND, Hands, Impossible
from tests.any_custody.compare import compare
from tests.any_custody.model import Act, custody_of
from tests.support import story
from tests.support.lab import NOT_APPLICABLE, Lab

PROCESS = (Path(__file__).parent / "process.toml").read_text()
LONG_ENOUGH = 45
"""Acts after which a batch is left, and another opened."""
WHY = "It was done so before anybody looked."
AROUND = ("corrected", "recorded afterwards", "label read again", "label read otherwise")
"""What is done beside sound acts and faults."""
SPOILS = {"over-draw", "ended", "filled twice"}
"""After these nobody can say what is in a container."""


class Driver:
    """Tries random acts and fails at the first that comes to something else than the model says."""

    def __init__(self, lab: Lab, seed: int) -> None:
        self.lab, self.seed, self.draw = lab, seed, Random(seed)
        self.digest = masters.save_draft(lab.by("vic"), text=PROCESS, origin=FILE)
        lab.make_effective(self.digest)
        self.opened, self.done = 0, Counter[str]()
        self.number, self.hands, self.careful = "", Hands(self.draw, "", lab.clock.now), True

    def run(self, acts: int) -> None:
        """Try so many acts."""
        for number in range(1, acts + 1):
            if not self.hands.acts or len(self.hands.acts) >= LONG_ENOUGH or self._over():
                self.open()
            try:
                self.act()
            except Exception as error:
                told = "\n".join(
                    f"  {act.words()}" for act in sorted(self.hands.acts, key=lambda one: one.at)
                )
                raise AssertionError(
                    f"seed {self.seed}, act {number}, {self.number}:\n{told}\n{error!r}"
                ) from error

    def open(self) -> None:
        """Open a batch of another patient and harvest. In every second one nobody makes a fault."""
        self.opened += 1
        self.careful = self.opened % 2 == 1
        self.lab.clock.tick(10)
        self.number = self.lab.open_batch("tess", patient=f"P-{3000 + self.opened}", process=self.digest)
        self.hands = Hands(self.draw, self.number, self._now())
        self.record(self.hands.harvest())

    def _over(self) -> bool:
        there = self.hands.there()
        return self.draw.random() < 0.3 and all(
            item.ended or code in self.hands.avoid for code, item in there.items()
        )

    def _now(self) -> Any:
        return self.lab.clock.now.replace(second=0, microsecond=0)

    def act(self) -> None:
        """Choose an act, record it, and compare everything afterwards."""
        self.lab.clock.tick(self.draw.choice([6, 7, 9, 30]))
        self.hands.at = self._now()
        chance = self.draw.random()
        if not self.careful and chance < 0.3:
            self.fault()
        elif not self.careful and chance < 0.36:
            self.afterwards()
        elif not self.careful and chance < 0.42:
            self.correct()
        else:
            self.sound()

    def sound(self) -> None:
        """An act as it should be: no rule is broken by it."""
        if self.second_reading():
            return
        names, weights = list(SOUND), [weight for weight, _ in SOUND.values()]
        while True:
            name = self.draw.choices(names, weights)[0]
            if act := self._made(SOUND[name][1]):
                before = custody_of(self.hands.acts).broken
                assert custody_of([*self.hands.acts, act]).broken == before, (
                    f"the model breaks a rule by: {name}"
                )
                break
            if not any(self._made(make) for _, make in SOUND.values()):
                self.open()
                return
        self.done[name] += 1
        self.record(act)

    def second_reading(self) -> bool:
        """A second person reads a new label, rightly or wrongly. Returns whether there was one to read."""
        unread = [
            act for act in self.hands.acts if act.kind == "label over" and act.key not in self.hands.read
        ]
        if not unread or self.draw.random() > 0.2:
            return False
        act, other = self.draw.choice(unread), self.draw.random() < 0.3
        who = next(name for name in BENCH if name != act.by)
        read = {"new_code": "OTHER-1"} if other else {}
        agrees = self.lab.reenter(self.number, act.key, who, why=WHY, **read)
        assert agrees is not other, f"the reading of {act.new_code} was compared wrongly"
        if agrees:
            self.hands.read[act.key] = self.lab.clock.now
        self.done["label read otherwise" if other else "label read again"] += 1
        self.compare()
        return True

    def fault(self) -> None:
        """An act with one fault: it is named as what it is, once, and nothing else is."""
        for name in self.draw.sample(list(FAULTS), len(FAULTS)):
            rule, make = FAULTS[name]
            if act := self._made(make):
                break
        else:
            self.sound()
            return
        added = Counter(custody_of([*self.hands.acts, act]).broken) - Counter(
            custody_of(self.hands.acts).broken
        )
        assert added == Counter({(rule, act.key): 1}), (
            f"the model names otherwise: {name}, {act.words()}: {added}"
        )
        self.done[name] += 1
        self.record(act)
        if rule in SPOILS:
            known = custody_of(self.hands.acts)
            self.hands.avoid |= act.about() | {known.now(code) for code in act.about()}

    def afterwards(self) -> None:
        """A hand-over or a movement that nobody recorded at the time: whatever came after it is judged anew."""
        make = self.draw.choice([Hands.give, Hands.put_away, Hands.take_out])
        act, before = self._made(make), sorted(one.at for one in self.hands.acts)
        if act is None or act.code not in custody_of(self._until(before[-2:][0])).there:
            self.sound()
            return
        at = before[-2:][0] + timedelta(minutes=2)
        self.done["recorded afterwards"] += 1
        self.record(replace(act, at=at, given_at=at - timedelta(minutes=1) if act.given_at else None))

    def _until(self, at: Any) -> list[Act]:
        return [act for act in self.hands.acts if act.at <= at]

    def correct(self) -> None:
        """Another receiver, place or volume than was stated: everything after it is judged anew."""
        old = self.draw.choice(self.hands.acts)
        new = old
        if old.kind == "handover":
            new = replace(old, place=self.hands.place(old.place))
        elif old.kind in ("put away", "taken out"):
            new = replace(old, place="Freezer 7")
        elif old.kind == "sample":
            new = replace(old, volume_ml=old.volume_ml + Decimal("0.1"))
        if new == old:
            self.sound()
            return
        self.done["corrected"] += 1
        record = self.lab.record(self.number)
        entry = record.current(old.key)
        assert entry is not None
        correct_step(
            self.lab.by(old.by),
            step=self.lab.step(self.number, old.key),
            replaces=entry.id,
            reading=replace(self.reading(new), late_reason=None),
            reason="Read again from the raw data sheet.",
        )
        self.hands.acts[self.hands.acts.index(old)] = new
        self.compare()

    def _made(self, make: Callable[[Hands], Act]) -> Act | None:
        try:
            return make(self.hands)
        except Impossible:
            return None

    def record(self, act: Act) -> None:
        """Record it through the action, and compare."""
        self.hands.acts.append(act)
        record_step(self.lab.by(act.by), step=self.lab.step(self.number, act.key), reading=self.reading(act))
        if "-" in act.key:
            self.hands.recorded += 1
        self.compare()

    def compare(self) -> None:
        compare(self.lab, self.number, self.hands.acts, self.hands.read)

    def reading(self, act: Act) -> Reading:
        """What the form of this act states."""
        return reading_of(self.lab, self.number, act)


def reading_of(lab: Lab, number: str, act: Act) -> Reading:
    """What the form of an act states."""
    record = lab.record(number)
    kind = KINDS[record.process.step(act.key).kind]
    stated = _stated(lab, act, record.batch.patient_code, record.batch.identity_code)
    return Reading(
        kind=kind,
        facts=stated,
        performed_by=lab.id(act.by),
        performed_at=act.at,
        as_entered=story.as_typed(stated),
        confirmed=dict.fromkeys(("place", "parts", "container_code", "sample_code"), WHY),
        late_reason=WHY,
        happened_reason=WHY,
        blank_reason=NOT_APPLICABLE,
    )


def _stated(lab: Lab, act: Act, patient: str, identity: str) -> dict[str, Any]:
    people = {member.username: member.id for member in lab.cast.values()}
    seal = act.seal or None
    if act.kind in ("harvest", "injection", "residual"):
        told = story.facts_of_step(
            act.kind,
            now=act.at,
            patient=patient,
            identity=identity,
            people=people,
            equipment=dict.fromkeys((story.CENTRIFUGE, story.ROTOR), ""),
        )
        if act.kind == "harvest":
            return told | {"container_code": act.code, "place": act.place, "seal_number": seal}
        if act.kind == "residual":
            return told
        site = replace(told["sites"][0], volume_ml=act.volume_ml, injected_at=act.at)
        return told | {"container_code": act.code, "place": act.place, "sites": (site,)}
    if act.kind == "division":
        whole = sum((volume for _, volume in act.parts), act.left[0])
        rows = tuple(Part(container_code=code, volume_ml=volume) for code, volume in act.parts)
        return {
            "source_container_code": act.code,
            "volume_in_ml": whole,
            "parts": rows,
            "left_ml": act.left[0],
        }
    if act.kind == "pool":
        poured = tuple(
            Poured(container_code=code, volume_ml=volume, left_ml=left)
            for (code, volume), left in zip(act.parts, act.left, strict=True)
        )
        return {"poured": poured, "container_code": act.code, "total_ml": act.volume_ml}
    mine: dict[str, dict[str, Any]] = {
        "offer": {"receiver": people.get(act.to), "place": act.place, "seal_number": seal},
        "refusal": {"giver": people.get(act.giver), "why": "It is warm."},
        "handover": {
            "giver": people.get(act.giver),
            "given_at": act.given_at,
            "place_from": act.place_from,
            "place_to": act.place,
            "seal_number": seal,
            "seal_whole": act.whole,
        },
        "put away": {"movement": "put away", "place": act.place},
        "taken out": {"movement": "taken out", "place": act.place},
        "label over": {
            "new_code": act.new_code,
            "why": "The old one was torn.",
            "old_label": LEGIBLE if act.by == "tess" else REMOVED,
        },
        "sample": {"sample_code": f"{act.code}-{act.key}", "volume_ml": act.volume_ml},
    }
    return {"container_code": act.code} | mine[act.kind]
