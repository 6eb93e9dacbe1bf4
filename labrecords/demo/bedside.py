"""Steps that the runs have in common: order, harvest, hand-overs, samples, counts, injection and residual."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from labrecords.demo.run import PlayedRun
from labrecords.domain.entries import ATTESTED, GIVEN, RECEIVED, VERIFIED
from labrecords.domain.steps.administration import Injection, Site
from labrecords.domain.steps.bedside import BedsideCheck, CheckedSite
from labrecords.domain.steps.chambers import BORDER_RULES, CHAMBERS, LYSES
from labrecords.domain.steps.counts import CellCount, Square
from labrecords.domain.steps.division import Division, Part
from labrecords.domain.steps.handover import Handover
from labrecords.domain.steps.harvest import Draw, Harvest
from labrecords.domain.steps.identity import IdentityCheck
from labrecords.domain.steps.order import Order, Target
from labrecords.domain.steps.receipt import Receipt
from labrecords.domain.steps.residual import Leftover, Residual
from labrecords.domain.steps.sampling import Sample


@dataclass
class BedsideRun(PlayedRun):
    """Steps that every run plays alike, from its own values."""

    def _order(self) -> None:
        self.clock.tick(2)
        chosen = self.chosen["order"]
        volume = Decimal(self.chosen["injection"]["volume_per_disc_ml"])
        facts: dict[str, Any] = {
            "order_code": chosen["order_code"],
            "indication": chosen["indication"],
            "consent_version": chosen["consent_version"],
            "consent_date": (self.clock() - timedelta(days=2)).date(),
            "targets": tuple(
                Target(structure="intervertebral disc", level=level, side="midline", volume_ml=volume)
                for level in chosen["levels"]
            ),
        }
        if "weight_kg" in chosen:
            weighed_on = facts["consent_date"]
            facts |= {"weight_kg": Decimal(chosen["weight_kg"]), "weighed_on": weighed_on}
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
        seal = self.chosen["harvest"]["seal_number"]
        facts = self._handover("C-1", seal, "paula", given, "Theatre 2", "Cell lab 1")
        self._put("handover_laboratory", Handover, by="tess", performer="tess", facts=facts)
        self._confirm("handover_laboratory", GIVEN, "paula")

    def _handover(
        self, container: str, seal: str, giver: str, given: datetime, place_from: str, place_to: str
    ) -> dict[str, Any]:
        return {
            "container_code": container,
            "giver": self.cast.id(giver),
            "given_at": given,
            "place_from": place_from,
            "place_to": place_to,
            "seal_number": seal,
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

    def _divide(self) -> None:
        """The product is drawn up into a syringe for each level, and one in reserve."""
        self.clock.tick(6)
        parts = tuple(
            Part(container_code=code, volume_ml=Decimal(volume))
            for code, volume in self._syringes("division")
        )
        facts = {
            "source_container_code": "S-1",
            "volume_in_ml": sum((part.volume_ml for part in parts), Decimal(0)),
            "parts": parts,
            "left_ml": Decimal(0),
        }
        self._put("division-1", Division, by="tess", performer="tess", facts=facts)

    def _syringes(self, key: str) -> list[tuple[str, str]]:
        """The code of each syringe, and its volume in mL as this part of the file has it."""
        volumes = self.chosen[key]["volumes_ml"]
        return list(zip(self.chosen["division"]["syringes"], volumes, strict=True))

    def _carried(self) -> list[tuple[str, str]]:
        """The hand-over of each syringe with its code: the planned one, then those beside the process."""
        first, *others = self.chosen["division"]["syringes"]
        # The division is the first act beside the process.
        return [("handover_theatre", first), *((f"handover-{n}", code) for n, code in enumerate(others, 2))]

    def _to_theatre(self, key: str, code: str) -> None:
        given = self.clock.tick(2)
        self.clock.tick(1)
        divided = self.chosen["division"]
        seal = divided["seals"][divided["syringes"].index(code)]
        facts = self._handover(code, seal, "tess", given, "Cell lab 1", "Theatre 2")
        self._put(key, Handover, by="tess", performer="paula", facts=facts)
        self._confirm(key, RECEIVED, "paula")

    def _for_levels(self) -> list[tuple[str, str]]:
        """Each level with the syringe that is for it; the last syringe is kept in reserve."""
        return list(zip(self.chosen["order"]["levels"], self.chosen["division"]["syringes"], strict=False))

    def _bedside(self) -> None:
        self.clock.tick(4)
        batch = self.record().batch
        facts = {
            "patient_code": batch.patient_code,
            "identity_code": batch.identity_code,
            "container_code": self.chosen["division"]["syringes"][0],
            "method": "wristband scanned",
            "sites": tuple(
                CheckedSite(structure="intervertebral disc", level=level, side="midline", container_code=code)
                for level, code in self._for_levels()
            ),
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
            "container_code": self.chosen["division"]["syringes"][0],
            "place": chosen["place"],
            "sites": tuple(
                Site(
                    structure="intervertebral disc",
                    level=level,
                    side="midline",
                    guidance=chosen["guidance"],
                    approach=chosen["approach"],
                    needle_gauge=Decimal(chosen["needle_gauge"]),
                    needle_length_mm=Decimal(chosen["needle_length_mm"]),
                    contrast=chosen["contrast"],
                    volume_ml=Decimal(chosen["volume_per_disc_ml"]),
                    injected_at=at,
                    container_code=code,
                )
                for (level, code), at in zip(self._for_levels(), times, strict=True)
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
            "containers": tuple(
                Leftover(container_code=code, volume_ml=Decimal(volume))
                for code, volume in self._syringes("residual")
            ),
        }
        self._put("residual", Residual, by="paula", performer="paula", facts=facts)
        self._confirm("residual", VERIFIED, "vic")
