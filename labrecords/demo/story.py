"""The story: every step of the published run through the real actions, on a clock that is played."""

from __future__ import annotations

import tomllib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from importlib import resources
from typing import Any

from labrecords.actions.batches import open_batch
from labrecords.actions.confirming import confirm_step
from labrecords.actions.door import BatchRef, StepRef
from labrecords.actions.equipment import EquipmentFacts, register_equipment
from labrecords.actions.issuing import Sealed, Sealing, seal_document
from labrecords.actions.readings import Reading
from labrecords.actions.release import close_administration, decide
from labrecords.actions.steps import correct_step, note_not_done, record_step
from labrecords.demo.cast import Cast
from labrecords.demo.clock import PlayedClock
from labrecords.demo.masters import followed, sign_masters
from labrecords.domain.decisions import RELEASED
from labrecords.domain.entries import ATTESTED, GIVEN, RECEIVED, VERIFIED, Entry
from labrecords.domain.kinds import KINDS
from labrecords.domain.record import BatchRecord
from labrecords.domain.steps.administration import Injection, Site
from labrecords.domain.steps.bedside import BedsideCheck
from labrecords.domain.steps.centrifugation import CentrifugationRun
from labrecords.domain.steps.chambers import BORDER_RULES, CHAMBERS, LYSES
from labrecords.domain.steps.counts import CellCount, Square
from labrecords.domain.steps.formulation import Resuspension
from labrecords.domain.steps.handover import Handover
from labrecords.domain.steps.harvest import Draw, Harvest
from labrecords.domain.steps.identity import IdentityCheck
from labrecords.domain.steps.order import Order, Target
from labrecords.domain.steps.receipt import Receipt
from labrecords.domain.steps.residual import Residual
from labrecords.domain.steps.sampling import Sample
from labrecords.models.batch_record import equipment_now, find_batch, load_record
from labrecords.models.store import Store

PATIENT_CODE = "P-4471-K"
Chosen = Mapping[str, Mapping[str, Any]]


def published_run() -> dict[str, Any]:
    """The run with its citation: what is reported, and what was chosen."""
    return tomllib.loads((resources.files("labrecords.demo") / "published_run.toml").read_text())


@dataclass
class Story:
    """Plays one batch. `play` takes it as far as wanted; each step passes a few minutes of the clock."""

    store: Store
    cast: Cast
    clock: PlayedClock
    number: str = ""

    def prepare(self) -> None:
        """Sign the master records, and register the centrifuge and the rotor."""
        sign_masters(self.cast, self.clock.tick)
        spin = published_run()["chosen"]["spin"]
        by, check = self.cast.by("quentin"), self.clock().date() + timedelta(days=90)
        register_equipment(
            by,
            facts=EquipmentFacts(
                spin["centrifuge"], "centrifuge", spin["centrifuge_model"], next_check=check
            ),
        )
        rotor = EquipmentFacts(
            code=spin["rotor"],
            category="rotor",
            model=spin["rotor_model"],
            r_max_cm=Decimal(spin["rotor_r_max_cm"]),
            r_av_cm=Decimal(spin["rotor_r_av_cm"]),
            max_speed_rpm=Decimal(spin["rotor_max_speed_rpm"]),
            next_check=check,
        )
        register_equipment(self.cast.by("quentin"), facts=rotor)

    def open(self) -> str:
        """Open the batch. Returns its number."""
        tess, digest = self.cast.by("tess"), followed(self.store)
        self.number = open_batch(tess, process_digest=digest, patient_code=PATIENT_CODE, identity_code="")
        return self.number

    def record(self) -> BatchRecord:
        """The record as it stands."""
        with self.store.read() as session:
            batch = find_batch(session, self.number)
            assert batch is not None
            return load_record(session, batch)

    def play(self, until: str = "") -> None:
        """Play the steps before the release that are not recorded yet, up to and with `until` (all when empty)."""
        self._play(self.before_release(), until)

    def administer(self, until: str = "") -> None:
        """Play the steps after the release."""
        self._play(self.after_release(), until)

    def release(self, sealing: Sealing) -> Sealed:
        """QA reviews and releases."""
        self.clock.tick(8)
        by, batch = self.cast.by("quentin"), BatchRef(self.record().batch.id)
        issue_id = decide(by, batch=batch, decision=RELEASED, reason="", proof=self.cast.proof("quentin"))
        return seal_document(sealing, batch.batch_id, issue_id)

    def close(self, sealing: Sealing) -> Sealed:
        """The physician closes the administration."""
        self.clock.tick(3)
        by, batch = self.cast.by("paula"), BatchRef(self.record().batch.id)
        issue_id = close_administration(by, batch=batch, proof=self.cast.proof("paula"))
        return seal_document(sealing, batch.batch_id, issue_id)

    def _play(self, steps: list[tuple[str, Callable[[], None]]], until: str) -> None:
        for key, play in steps:
            record = self.record()
            if not record.current(key) and not record.not_done_reason(key):
                play()
            if key == until:
                return

    def before_release(self) -> list[tuple[str, Callable[[], None]]]:
        return [
            ("order", self._order),
            ("identity_harvest", self._identity),
            ("harvest", self._harvest),
            ("handover_laboratory", self._to_laboratory),
            ("receipt", self._receipt),
            ("sample_before", self._sample_before),
            ("count_before", self._count_before),
            ("spin_1", self._spin),
            ("spin_2", self._no_second_spin),
            ("resuspension", self._fill),
            ("sample_after", self._sample_after),
            ("count_after", self._count_after),
        ]

    def after_release(self) -> list[tuple[str, Callable[[], None]]]:
        return [
            ("handover_theatre", self._to_theatre),
            ("bedside", self._bedside),
            ("injection", self._inject),
            ("residual", self._residual),
        ]

    @property
    def chosen(self) -> Chosen:
        chosen: Chosen = published_run()["chosen"]
        return chosen

    def _note(self, reported: str = "") -> str:
        run = published_run()
        said = f"Reported by {run['citation']['short']}: {run['reported'][reported]}. " if reported else ""
        return f"Demonstration. {said}Chosen, not reported: {'all else here' if reported else 'all values here'}."

    def _put(
        self,
        key: str,
        kind: type[Entry],
        *,
        by: str,
        performer: str,
        facts: Mapping[str, Any],
        reported: str = "",
    ) -> str:
        record = self.record()
        reading = Reading(
            kind=kind,
            facts=facts,
            performed_by=self.cast.id(performer),
            as_entered={
                name: str(value) for name, value in facts.items() if isinstance(value, (Decimal, int))
            },
            note=self._note(reported),
            blank_reason="not known",
        )
        return record_step(self.cast.by(by), step=self._ref(record, key), reading=reading)

    def _ref(self, record: BatchRecord, key: str) -> StepRef:
        return StepRef(record.batch.id, key, record.step_version(key))

    def _confirm(self, key: str, act: str, username: str) -> None:
        self.clock.tick(1)
        record = self.record()
        entry = record.current(key)
        assert entry is not None
        confirm_step(
            self.cast.by(username),
            step=self._ref(record, key),
            entry_id=entry.id,
            act=act,
            proof=self.cast.proof(username),
        )

    def _order(self) -> None:
        self.clock.tick(2)
        chosen = self.chosen["order"]
        volume = Decimal(self.chosen["injection"]["volume_per_disc_ml"])
        facts = {
            "order_code": chosen["order_code"],
            "indication": chosen["indication"],
            "consent_version": chosen["consent_version"],
            "consent_date": (self.clock() - timedelta(days=2)).date(),
            "weight_kg": Decimal(chosen["weight_kg"]),
            "weighed_on": (self.clock() - timedelta(days=2)).date(),
            "targets": tuple(
                Target(structure="intervertebral disc", level=level, side="midline", volume_ml=volume)
                for level in chosen["levels"]
            ),
        }
        self._put("order", Order, by="paula", performer="paula", facts=facts, reported="injected_volume")
        self._confirm("order", VERIFIED, "tess")

    def _identity(self) -> None:
        self.clock.tick(6)
        batch = self.record().batch
        facts = {
            "patient_code": batch.patient_code,
            "identity_code": batch.identity_code,
            "method": "wristband scanned",
        }
        self._put("identity_harvest", IdentityCheck, by="paula", performer="paula", facts=facts)
        self._confirm("identity_harvest", VERIFIED, "vic")

    def _harvest(self) -> None:
        start = self.clock.tick(3)
        chosen = self.chosen["harvest"]
        self.clock.tick(16)
        facts = {
            "site": chosen["site"],
            "side": chosen["side"],
            "started_at": start,
            "place": chosen["place"],
            "draws": tuple(
                Draw(volume_ml=Decimal(volume), drawn_at=start + timedelta(minutes=2 * n + 2))
                for n, volume in enumerate(chosen["draws_ml"])
            ),
            "anticoagulant": chosen["anticoagulant"],
            "anticoagulant_volume_ml": Decimal(chosen["anticoagulant_volume_ml"]),
            "anticoagulant_lot": chosen["anticoagulant_lot"],
            "anticoagulant_expiry": (self.clock() + timedelta(days=300)).date(),
            "total_volume_ml": Decimal(chosen["total_volume_ml"]),
            "container_code": chosen["container_code"],
            "seal_number": chosen["seal_number"],
            "needle": chosen["needle"],
        }
        self._put("harvest", Harvest, by="tess", performer="paula", facts=facts)
        self._confirm("harvest", ATTESTED, "paula")

    def _to_laboratory(self) -> None:
        given = self.clock.tick(4)
        self.clock.tick(1)
        facts = self._handover("C-1", "paula", given, "Theatre 2", "Cell lab 1")
        self._put("handover_laboratory", Handover, by="tess", performer="tess", facts=facts)
        self._confirm("handover_laboratory", GIVEN, "paula")

    def _handover(
        self, container: str, giver: str, given: datetime, place_from: str, place_to: str
    ) -> dict[str, Any]:
        return {
            "container_code": container,
            "giver": self.cast.id(giver),
            "given_at": given,
            "place_from": place_from,
            "place_to": place_to,
            "seal_number": self.chosen["harvest"]["seal_number"],
            "seal_whole": True,
            "temperature_c": Decimal(self.chosen["receipt"]["temperature_c"]),
        }

    def _receipt(self) -> None:
        self.clock.tick(3)
        chosen = self.chosen["receipt"]
        facts = {
            "container_code": "C-1",
            "volume_ml": Decimal(chosen["volume_ml"]),
            "temperature_c": Decimal(chosen["temperature_c"]),
            "appearance": "normal",
            "clots": False,
            "leaks": False,
            "label_legible": True,
            "decision": "accept",
        }
        self._put("receipt", Receipt, by="tess", performer="tess", facts=facts)
        self._confirm("receipt", VERIFIED, "vic")

    def _sample(self, key: str, container: str, reported: str = "") -> None:
        self.clock.tick(4)
        chosen = self.chosen[key]
        facts = {
            "container_code": container,
            "sample_code": chosen["sample_code"],
            "volume_ml": Decimal(chosen["volume_ml"]),
        }
        self._put(key, Sample, by="tess", performer="tess", facts=facts, reported=reported)

    def _sample_before(self) -> None:
        self._sample("sample_before", "C-1")

    def _sample_after(self) -> None:
        self._sample("sample_after", "S-1", "analysed_volume")

    def _count(self, key: str, sample: str, reported: str = "") -> None:
        self.clock.tick(11)
        chosen = self.chosen[key]
        facts: dict[str, Any] = {
            "sample_code": sample,
            "chamber": next(iter(CHAMBERS)),
            "sample_part": Decimal(chosen["sample_part"]),
            "diluent_part": Decimal(chosen["diluent_part"]),
            "lysis": LYSES[0],
            "border_rule": BORDER_RULES[0],
            "squares": tuple(Square(cells=int(cells)) for cells in chosen["squares"]),
            "dye": chosen.get("dye"),
            "live": int(chosen["live"]) if "live" in chosen else None,
            "dead": int(chosen["dead"]) if "dead" in chosen else None,
        }
        self._put(key, CellCount, by="tess", performer="tess", facts=facts, reported=reported)

    def _count_before(self) -> None:
        self._count("count_before", "Q-1")

    def _count_after(self) -> None:
        self._count("count_after", "Q-2", "nucleated_cells")
        self._confirm("count_after", VERIFIED, "vic")

    def _spin(self) -> None:
        self.clock.tick(20)
        chosen = self.chosen["spin"]
        facts = self._spin_facts(chosen["typed_wrongly_rpm"])
        old = self._put("spin_1", CentrifugationRun, by="tess", performer="tess", facts=facts)
        self.clock.tick(2)
        record = self.record()
        reading = Reading(
            kind=CentrifugationRun,
            facts=self._spin_facts(chosen["speed_rpm"]),
            performed_by=self.cast.id("tess"),
            as_entered={"speed_rpm": chosen["speed_rpm"]},
            note=self._note(),
            blank_reason="not known",
        )
        correct_step(
            self.cast.by("tess"),
            step=self._ref(record, "spin_1"),
            replaces=old,
            reading=reading,
            reason="Two digits were swapped: the display of the centrifuge shows 2740.",
        )
        self._confirm("spin_1", VERIFIED, "vic")

    def _spin_facts(self, speed_rpm: str) -> dict[str, Any]:
        chosen = self.chosen["spin"]
        with self.store.read() as session:
            ids = {item.code: item.id for item in equipment_now(session)}
        return {
            "container_code": "C-1",
            "centrifuge": ids[chosen["centrifuge"]],
            "rotor": ids[chosen["rotor"]],
            "speed_rpm": Decimal(speed_rpm),
            "rcf_g": None,
            "duration_min": Decimal(chosen["duration_min"]),
            "temperature_c": Decimal(chosen["temperature_c"]),
            "brake": chosen["brake"],
        }

    def _no_second_spin(self) -> None:
        self.clock.tick(1)
        record = self.record()
        kind = KINDS[record.process.step("spin_2").kind]
        note_not_done(
            self.cast.by("tess"),
            step=self._ref(record, "spin_2"),
            reading=Reading(kind=kind, facts={}, performed_by=self.cast.id("tess")),
            reason="The method that was chosen for this demonstration has one spin.",
        )

    def _fill(self) -> None:
        self.clock.tick(9)
        chosen = self.chosen["resuspension"]
        facts = {
            "source_container_code": "C-1",
            "diluent": chosen["diluent"],
            "diluent_volume_ml": Decimal(chosen["diluent_volume_ml"]),
            "final_volume_ml": Decimal(chosen["final_volume_ml"]),
            "container_code": chosen["container_code"],
        }
        self._put("resuspension", Resuspension, by="tess", performer="tess", facts=facts)
        self._confirm("resuspension", VERIFIED, "vic")

    def _to_theatre(self) -> None:
        given = self.clock.tick(5)
        self.clock.tick(1)
        facts = self._handover("S-1", "tess", given, "Cell lab 1", "Theatre 2")
        self._put("handover_theatre", Handover, by="tess", performer="paula", facts=facts)
        self._confirm("handover_theatre", RECEIVED, "paula")

    def _bedside(self) -> None:
        self.clock.tick(4)
        batch = self.record().batch
        facts = {
            "patient_code": batch.patient_code,
            "identity_code": batch.identity_code,
            "container_code": "S-1",
            "method": "wristband scanned",
            "looks_normal": True,
        }
        self._put("bedside", BedsideCheck, by="paula", performer="paula", facts=facts)
        self._confirm("bedside", VERIFIED, "vic")

    def _inject(self) -> None:
        chosen = self.chosen["injection"]
        times = [self.clock.tick(6) for _ in self.chosen["order"]["levels"]]
        self.clock.tick(1)
        facts = {
            "patient_code": self.record().batch.patient_code,
            "container_code": "S-1",
            "place": chosen["place"],
            "sites": tuple(
                Site(
                    structure="intervertebral disc",
                    level=level,
                    side="midline",
                    guidance=chosen["guidance"],
                    needle=chosen["needle"],
                    volume_ml=Decimal(chosen["volume_per_disc_ml"]),
                    injected_at=at,
                )
                for level, at in zip(self.chosen["order"]["levels"], times, strict=True)
            ),
        }
        self._put(
            "injection", Injection, by="paula", performer="paula", facts=facts, reported="injected_volume"
        )
        self._confirm("injection", VERIFIED, "vic")

    def _residual(self) -> None:
        self.clock.tick(3)
        chosen = self.chosen["residual"]
        facts = {
            "volume_ml": Decimal(chosen["volume_ml"]),
            "fate": chosen["fate"],
            "method": chosen["method"],
        }
        self._put("residual", Residual, by="paula", performer="paula", facts=facts)
        self._confirm("residual", VERIFIED, "vic")
