"""The injection: every site with structure, level, side, guidance, needle, volume and time (domain 2.7)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import TYPE_CHECKING, ClassVar

from labrecords.domain import facts
from labrecords.domain.custody.containers import container_stop
from labrecords.domain.entries import Entry, Stop
from labrecords.domain.permissions import Permission, Role
from labrecords.domain.results.expiry import expiry_stop
from labrecords.domain.results.results import basis
from labrecords.domain.review.decisions import release_stop
from labrecords.domain.steps.bedside import BedsideCheck
from labrecords.domain.steps.identity import mismatch
from labrecords.domain.steps.order import Order
from labrecords.domain.values import times
from labrecords.domain.values.numbers import plain
from labrecords.domain.values.spine import GUIDANCE, LEVELS, SIDES, STRUCTURES

if TYPE_CHECKING:
    from labrecords.domain.record import BatchRecord


@dataclass(frozen=True, kw_only=True)
class Site:
    """One place that was injected."""

    structure: str = facts.choice("Structure", STRUCTURES)
    level: str = facts.choice("Level", LEVELS)
    side: str = facts.choice("Side", SIDES)
    guidance: str = facts.choice("Guidance", GUIDANCE)
    needle: str = facts.text("Needle", hint="Gauge and length")
    volume_ml: Decimal = facts.number("Volume", "mL")
    injected_at: datetime = facts.moment("Injected at")
    container_code: str | None = facts.code(
        "Out of container", required=False, hint="Where the product is in several"
    )

    def words(self) -> str:
        return f"{self.structure} {self.level}, {self.side}"


@dataclass(frozen=True, kw_only=True)
class Injection(Entry):
    kind: ClassVar[str] = "injection"
    performer_label: ClassVar[str] = "Injected by"
    performer_role: ClassVar[str] = Role.PHYSICIAN.value
    needs: ClassVar[Permission] = Permission.RECORD_CLINICAL

    patient_code: str = facts.code("Patient code", hint="Scan the wristband or type the code")
    container_code: str = facts.code("Product container", hint="Scan or type the code on the syringe")
    place: str = facts.place("Place", hint="Theatre or room")
    sites: tuple[Site, ...] = facts.rows("Sites", Site)
    complications: str | None = facts.note("Complications", required=False)

    def injected_volume_ml(self) -> Decimal:
        """Sum over all sites, in mL."""
        return sum((site.volume_ml for site in self.sites), Decimal(0))

    def containers(self) -> dict[str, Decimal]:
        """How much was injected out of each container, in mL, by its code."""
        found: dict[str, Decimal] = {}
        for site in self.sites:
            code = site.container_code or self.container_code
            found[code] = found.get(code, Decimal(0)) + site.volume_ml
        return found or {self.container_code: Decimal(0)}

    def _named_containers(self) -> tuple[str, ...]:
        """Each code that is stated, once, in the order of the form: every drawing of the record says the same."""
        return tuple(dict.fromkeys((self.container_code, *self.containers())))

    def last_injected_at(self) -> datetime:
        """When the last site was injected: the product must still have been in date then."""
        return max((site.injected_at for site in self.sites), default=self.performed_at)

    def stops(self, record: BatchRecord) -> tuple[Stop, ...]:
        found = [
            mismatch("patient", record.batch.patient_code, self.patient_code),
            *(container_stop(record, self.step_key, code) for code in self._named_containers()),
            release_stop(record, self.first_injected_at())
            or release_stop(record, record.first_recorded_at(self)),
            expiry_stop(record, self.last_injected_at()),
            self._bedside_stop(record),
            self._volume_stop(record),
            *self._site_stops(record),
        ]
        return tuple(stop for stop in found if stop)

    def first_injected_at(self) -> datetime:
        """When the first site was injected: everything that must come before, had to be done by then."""
        return min((site.injected_at for site in self.sites), default=self.performed_at)

    def _bedside_stop(self, record: BatchRecord) -> Stop | None:
        by = times.end_of_minute(self.first_injected_at())
        checks = [step.key for step in record.process.steps if step.kind == BedsideCheck.kind]
        if checks and all(record.was_confirmed(key, by) for key in checks):
            return None
        return Stop(
            rule="bedside check",
            sentence="Two people had not confirmed the check at the bedside before the first site.",
            way_out="Do the bedside check with a second person first.",
            critical=True,
        )

    def _volume_stop(self, record: BatchRecord) -> Stop | None:
        left = basis(record).volume_left
        if left is None or self.injected_volume_ml() <= left:
            return None
        return Stop(
            rule="volume",
            sentence=f"{plain(self.injected_volume_ml())} mL are more than the {plain(left)} mL "
            "that were left for injection.",
            way_out="Check the volumes of the sites.",
        )

    def _site_stops(self, record: BatchRecord) -> tuple[Stop, ...]:
        ordered = {
            (target.structure, target.level, target.side)
            for order in record.of_kind(Order)
            for target in order.targets
        }
        return tuple(
            Stop(
                rule="wrong site",
                sentence=f"{site.words()} is not among the ordered targets.",
                way_out="Stop and compare with the order and the consent.",
                critical=True,
            )
            for site in self.sites
            if ordered and (site.structure, site.level, site.side) not in ordered
        )

    def summary(self, record: BatchRecord) -> str:
        return "; ".join(f"{site.words()}: {plain(site.volume_ml)} mL" for site in self.sites)
