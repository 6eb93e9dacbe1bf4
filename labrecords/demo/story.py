"""Bone marrow concentrate by centrifugation: one entry corrected, divided into three syringes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from functools import partial
from typing import Any, ClassVar

from labrecords.actions.readings import Reading
from labrecords.actions.steps import correct_step, note_not_done
from labrecords.demo.bedside import BedsideRun
from labrecords.demo.laboratory import prepare_laboratory
from labrecords.demo.line_and_labels import cleared, filled, prepared, reconciled
from labrecords.demo.masters import FOLLOWED
from labrecords.demo.run import Part, published
from labrecords.domain.entries import VERIFIED, Entry
from labrecords.domain.kinds import KINDS
from labrecords.domain.steps.anticoagulant import AnticoagulantPreparation
from labrecords.domain.steps.centrifugation import CentrifugationRun
from labrecords.domain.steps.final_container import FinalContainer
from labrecords.domain.steps.formulation import Resuspension
from labrecords.domain.steps.line_clearance import AFTER, BEFORE, LineClearance
from labrecords.domain.steps.reconciliation import YieldReconciliation
from labrecords.models.batch_record import equipment_now

PATIENT_CODE = "P-4471-K"
SOURCE = "published_run.toml"


def published_run() -> dict[str, Any]:
    """The run with its citation: what is reported, and what was chosen."""
    return published(SOURCE)


@dataclass
class Story(BedsideRun):
    """The batch that follows Pettine et al. 2015."""

    source: ClassVar[str] = SOURCE
    master: ClassVar[str] = FOLLOWED
    patient_code: ClassVar[str] = PATIENT_CODE

    def prepare(self) -> None:
        """Make the laboratory ready: signed master records, training, the centrifuge and the rotor of this run."""
        prepare_laboratory(self.cast, self.clock, self.chosen["spin"])

    def before_release(self) -> list[Part]:
        return [
            ("order", self._order),
            ("area_before", lambda: self._line("area_before", BEFORE)),
            ("anticoagulant", self._anticoagulant),
            ("identity_harvest", self._identity),
            ("harvest", self._harvest),
            ("handover_laboratory", self._to_laboratory),
            ("receipt", self._receipt),
            ("sample_before", self._sample_before),
            ("count_before", self._count_before),
            ("spin_1", self._spin),
            ("spin_2", self._no_second_spin),
            ("resuspension", self._fill),
            ("final_container", self._final_container),
            ("sample_after", self._sample_after),
            ("count_after", self._count_after),
            ("reconciliation", self._reconcile),
            ("area_after", lambda: self._line("area_after", AFTER)),
        ]

    def after_release(self) -> list[Part]:
        return [
            ("division-1", self._divide),
            *((key, partial(self._to_theatre, key, code)) for key, code in self._carried()),
            ("bedside", self._bedside),
            ("injection", self._inject),
            ("residual", self._residual),
        ]

    def _checked(self, key: str, kind: type[Entry], facts: Mapping[str, Any]) -> None:
        """The technician records a step of the laboratory, and the second operator verifies it."""
        self._put(key, kind, by="tess", performer="tess", facts=facts)
        self._confirm(key, VERIFIED, "vic")

    def _line(self, key: str, timing: str) -> None:
        now = self.clock.tick(4)
        self._checked(key, LineClearance, cleared(self.chosen, timing, now.date()))

    def _anticoagulant(self) -> None:
        now = self.clock.tick(3)
        self._checked("anticoagulant", AnticoagulantPreparation, prepared(self.chosen, now.date()))

    def _final_container(self) -> None:
        now = self.clock.tick(2)
        self._checked("final_container", FinalContainer, filled(self.chosen, now.date()))

    def _reconcile(self) -> None:
        self.clock.tick(4)
        self._checked("reconciliation", YieldReconciliation, reconciled(self.chosen))

    def _sample_before(self) -> None:
        self._sample("sample_before", "C-1")

    def _sample_after(self) -> None:
        self._sample("sample_after", "S-1", "analysed_volume")

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
