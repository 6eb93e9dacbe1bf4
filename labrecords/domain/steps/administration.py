"""The injection: every site with structure, level, side, guidance, needle, volume and time (domain 2.7)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any, ClassVar

from labrecords.domain import facts
from labrecords.domain.calculations.derived import Derived
from labrecords.domain.custody.containers import container_stop
from labrecords.domain.custody.names import key_of
from labrecords.domain.entries import Entry, Stop, in_rows
from labrecords.domain.permissions import Permission, Role
from labrecords.domain.registers.materials import Material
from labrecords.domain.results.contents import held
from labrecords.domain.results.expiry import expiry_stop
from labrecords.domain.results.remark import Remark
from labrecords.domain.results.results import basis
from labrecords.domain.results.site_dose import SITE_DOSE, site_doses
from labrecords.domain.review.decisions import release_stop_of
from labrecords.domain.rules.bedside_match import bedside_stops
from labrecords.domain.rules.site_match import site_stops, transitional_remarks
from labrecords.domain.steps.identity import FIRST_HINT, mismatch
from labrecords.domain.values import codes
from labrecords.domain.values.numbers import plain
from labrecords.domain.values.spine import (
    AIR,
    APPROACHES,
    CONTRASTS,
    GUIDANCE,
    LEVELS,
    NO_CONTRAST,
    SIDES,
    STRUCTURES,
    name_problem,
    place_problems,
)

if TYPE_CHECKING:
    from labrecords.domain.record import BatchRecord

_CONTRAST_ASKED = {
    "contrast_agent": "Say which contrast agent was given.",
    "contrast_lot": "Copy the lot of the contrast agent. Where nobody can read it any more, write “not known”.",
}


@dataclass(frozen=True, kw_only=True)
class Site:
    """One place that was injected."""

    structure: str = facts.choice("Structure", STRUCTURES)
    named: str | None = facts.text("Which one", required=False, hint="Ligament, muscle or joint")
    level: str = facts.choice("Level", LEVELS)
    side: str = facts.choice("Side", SIDES)
    guidance: str = facts.choice("Guidance", GUIDANCE)
    approach: str = facts.choice("Approach", APPROACHES)
    needle_gauge: Decimal = facts.number("Needle gauge", "G")
    needle_length_mm: Decimal = facts.number("Needle length", "mm")
    contrast: str = facts.choice("Contrast", CONTRASTS)
    contrast_agent: str | None = facts.text("Contrast agent", required=False)
    contrast_lot: str | None = facts.text("Contrast lot", required=False)
    contrast_ml: Decimal | None = facts.number("Contrast volume", "mL", required=False)
    volume_ml: Decimal = facts.number("Volume", "mL")
    injected_at: datetime = facts.moment("Injected at")
    container_code: str | None = facts.code(
        "Out of container", required=False, hint="Where the product is in several"
    )
    complication: str | None = facts.text("Complication", required=False)

    def words(self) -> str:
        name = f" ({self.named})" if self.named else ""
        return f"{self.structure}{name} {self.level}, {self.side}"

    def problems(self) -> dict[str, str]:
        """What cannot be of one site, as a sentence by the name of its fact."""
        found = place_problems(self.structure, self.level, self.side)
        found |= name_problem(self.structure, self.named)
        parts = {"contrast_agent": self.contrast_agent, "contrast_lot": self.contrast_lot}
        given = {**parts, "contrast_ml": self.contrast_ml}
        if self.contrast == NO_CONTRAST:
            found |= {name: "No contrast was given." for name, value in given.items() if value is not None}
            return found
        if self.contrast_ml is None:
            found["contrast_ml"] = "Say how much contrast was given."
        asked = {} if self.contrast == AIR else _CONTRAST_ASKED
        return found | {name: sentence for name, sentence in asked.items() if not parts[name]}


@dataclass(frozen=True, kw_only=True)
class Injection(Entry):
    kind: ClassVar[str] = "injection"
    performer_label: ClassVar[str] = "Injected by"
    performer_role: ClassVar[str] = Role.PHYSICIAN.value
    derived_keys: ClassVar[tuple[str, ...]] = (SITE_DOSE,)
    needs: ClassVar[Permission] = Permission.RECORD_CLINICAL

    patient_code: str = facts.code("Patient code", private=True, hint=FIRST_HINT)
    container_code: str = facts.code("Product container", hint="Scan or type the code on the syringe")
    place: str = facts.place("Place", hint="Theatre or room")
    sites: tuple[Site, ...] = facts.rows("Sites", Site)
    complications: str | None = facts.note("Complications", required=False)

    @classmethod
    def contradictions(cls, values: Mapping[str, Any]) -> dict[str, str]:
        return in_rows("sites", (site.problems() for site in values.get("sites") or ()))

    def derived(self, record: BatchRecord) -> tuple[Derived, ...]:
        return site_doses(record, [(site.words(), site.volume_ml) for site in self.sites])

    def remarks(self, record: BatchRecord) -> tuple[Remark, ...]:
        return transitional_remarks(self.sites)

    def materials(self) -> tuple[Material, ...]:
        """The contrast agents: the needles are disposables whose lot nobody states."""
        return tuple(
            Material(
                site.contrast_agent or f"contrast, {site.contrast}", site.contrast_lot, None, site.contrast_ml
            )
            for site in self.sites
            if site.contrast_lot
        )

    def complications_said(self) -> tuple[str, ...]:
        """What is stated of complications, at each site and as a whole; a word that there was none is left out."""
        at_sites = (
            f"{site.words()}: {site.complication}"
            for site in self.sites
            if _is_complication(site.complication)
        )
        whole = (self.complications,) if self.complications and _is_complication(self.complications) else ()
        return (*at_sites, *whole)

    def injected_volume_ml(self) -> Decimal:
        """Sum over all sites, in mL."""
        return sum((site.volume_ml for site in self.sites), Decimal(0))

    def containers(self) -> dict[str, Decimal]:
        """How much was injected out of each container, in mL, by its code as it was first stated."""
        found: dict[str, Decimal] = {}
        stated: dict[str, str] = {}
        for site in self.sites:
            code = self.out_of(site)
            known = stated.setdefault(codes.normalise(code), code)
            found[known] = found.get(known, Decimal(0)) + site.volume_ml
        return found or {self.container_code: Decimal(0)}

    def _named_containers(self) -> tuple[str, ...]:
        """Each code that is stated, once, in the order of the form: every drawing of the record says the same."""
        return codes.each_once([self.container_code, *self.containers()])

    def last_injected_at(self) -> datetime:
        """When the last site was injected: the product must still have been in date then."""
        return max((site.injected_at for site in self.sites), default=self.performed_at)

    def stops(self, record: BatchRecord) -> tuple[Stop, ...]:
        found = [
            mismatch("patient", record.batch.patient_code, self.patient_code),
            *(container_stop(record, self.step_key, code) for code in self._named_containers()),
            release_stop_of(record, self, self.first_injected_at()),
            *(expiry_stop(record, self._last_out_of(code), code) for code in self._named_containers()),
            *bedside_stops(record, self),
            *self._volume_stops(record),
            *site_stops(record, self.sites),
        ]
        return tuple(stop for stop in found if stop)

    def first_injected_at(self) -> datetime:
        """When the first site was injected: everything that must come before, had to be done by then."""
        return min((site.injected_at for site in self.sites), default=self.performed_at)

    def _last_out_of(self, container_code: str) -> datetime:
        """When the last site was injected out of a container."""
        wanted = codes.normalise(container_code)
        mine = [site.injected_at for site in self.sites if codes.normalise(self.out_of(site)) == wanted]
        return max(mine, default=self.performed_at)

    def out_of(self, site: Site) -> str:
        """The code of the container that a site was injected out of."""
        return site.container_code or self.container_code

    def _volume_stops(self, record: BatchRecord) -> tuple[Stop, ...]:
        """No more is injected than was left, and out of no container more than it held."""
        left, way_out = basis(record).volume_left, "Check the volumes of the sites."
        if left is not None and self.injected_volume_ml() > left:
            sentence = (
                f"{plain(self.injected_volume_ml())} mL are more than the {plain(left)} mL "
                "that were left for injection."
            )
            return (Stop(rule="volume", sentence=sentence, way_out=way_out),)
        found = []
        for code, volume_ml in self.containers().items():
            there = held(record).get(key_of(record, code))
            if there and there.volume_ml is not None and volume_ml > there.volume_ml:
                sentence = (
                    f"{plain(volume_ml)} mL are more than the {plain(there.volume_ml)} mL that {code} held."
                )
                found.append(Stop(rule="volume", sentence=sentence, way_out=way_out))
        return tuple(found)

    def summary(self, record: BatchRecord) -> str:
        return "; ".join(f"{site.words()}: {plain(site.volume_ml)} mL" for site in self.sites)


_NONE = frozenset({"none", "no", "nil", "-", "no complication", "no complications"})


def _is_complication(said: str | None) -> bool:
    return bool(said) and " ".join(str(said).split()).casefold().rstrip(".") not in _NONE
