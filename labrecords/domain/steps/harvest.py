"""The harvest of bone marrow: site, draws, anticoagulant, container (domain B5-B7)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any, ClassVar

from labrecords.domain import facts
from labrecords.domain.calculations import volumes
from labrecords.domain.calculations.derived import Derived, Input
from labrecords.domain.custody.flow import Flow
from labrecords.domain.entries import Entry, Stop
from labrecords.domain.permissions import Permission, Role
from labrecords.domain.registers.materials import Material
from labrecords.domain.rules.markers import marker_remarks
from labrecords.domain.steps.identity import unconfirmed_identity
from labrecords.domain.values.numbers import plain
from labrecords.domain.values.spine import GUIDANCE

if TYPE_CHECKING:
    from labrecords.domain.record import BatchRecord
    from labrecords.domain.results.remark import Remark

SITES = ("posterior iliac crest", "anterior iliac crest", "other")
HARVEST_SIDES = ("left", "right", "both sides")
ANTICOAGULANTS = ("ACD-A", "heparin", "CPD", "none")


@dataclass(frozen=True, kw_only=True)
class Draw:
    """One draw of marrow through the needle."""

    volume_ml: Decimal = facts.number("Volume", "mL")
    drawn_at: datetime | None = facts.moment("Drawn at", required=False)


@dataclass(frozen=True, kw_only=True)
class Harvest(Entry):
    kind: ClassVar[str] = "harvest"
    collects: ClassVar[bool] = True
    tissue: ClassVar[str] = "marrow"
    derived_keys: ClassVar[tuple[str, ...]] = ("net_volume_ml", "drawn_volume_ml")
    performer_role: ClassVar[str] = Role.PHYSICIAN.value
    needs: ClassVar[Permission] = Permission.RECORD_CLINICAL

    site: str = facts.choice("Site", SITES)
    side: str = facts.choice("Side", HARVEST_SIDES, hint="From the patient's view")
    started_at: datetime | None = facts.moment("Started at", required=False)
    place: str = facts.place("Place", hint="Theatre or room")
    draws: tuple[Draw, ...] = facts.rows("Draws", Draw)
    anticoagulant: str = facts.choice("Anticoagulant", ANTICOAGULANTS)
    anticoagulant_volume_ml: Decimal = facts.number("Anticoagulant volume", "mL", hint="0 when there is none")
    heparin_iu: Decimal | None = facts.number(
        "Heparin", "IU", required=False, hint="In all, where it is heparin"
    )
    anticoagulant_lot: str | None = facts.text("Anticoagulant lot", required=False)
    anticoagulant_expiry: date | None = facts.day("Anticoagulant expiry", required=False)
    total_volume_ml: Decimal = facts.number("Volume in the container", "mL", hint="Marrow and anticoagulant")
    container_code: str = facts.code("Container", hint="Code on the bag or syringe", new=True)
    seal_number: str | None = facts.code("Seal number", required=False)
    approach: str | None = facts.text("Approach", required=False)
    guidance: str | None = facts.choice("Guidance", GUIDANCE, required=False)
    needle: str | None = facts.text("Needle", required=False)
    needle_gauge: Decimal | None = facts.number("Needle gauge", "G", required=False)
    needle_lot: str | None = facts.text("Needle lot", required=False)
    syringe_ml: Decimal | None = facts.number("Syringe size", "mL", required=False)
    punctures: int | None = facts.whole("Punctures", required=False)
    redirect_depth_mm: Decimal | None = facts.number("Redirected by", "mm", required=False)
    local_anaesthetic: str | None = facts.text("Local anaesthetic", required=False, hint="Name and strength")
    local_anaesthetic_ml: Decimal | None = facts.number("Local anaesthetic volume", "mL", required=False)
    local_anaesthetic_lot: str | None = facts.text("Local anaesthetic lot", required=False)
    clots: bool | None = facts.yesno("Clots seen", required=False)
    labelled_at: datetime | None = facts.moment(
        "Label put on at", required=False, hint="Before the container leaves the patient's side"
    )
    complications: str | None = facts.note("Complications", required=False)

    @classmethod
    def contradictions(cls, values: Mapping[str, Any]) -> dict[str, str]:
        if values["anticoagulant_volume_ml"] > values["total_volume_ml"]:
            return {
                "anticoagulant_volume_ml": "There cannot be more anticoagulant than there is in the container."
            }
        if values["anticoagulant"] == "none" and values["anticoagulant_volume_ml"]:
            return {"anticoagulant_volume_ml": "Without anticoagulant its volume is 0."}
        if values.get("heparin_iu") and values["anticoagulant"] != "heparin":
            return {"heparin_iu": "Units are stated of heparin only, and another anticoagulant is chosen."}
        if values.get("punctures") == 0:
            return {"punctures": "Marrow comes out of one puncture at least."}
        if values.get("local_anaesthetic_ml") and not values.get("local_anaesthetic"):
            return {"local_anaesthetic": "Name the local anaesthetic of which a volume is stated."}
        return {}

    def doubts(self, record: BatchRecord) -> dict[str, str]:
        """The draws and what is in the container are two readings of the same marrow."""
        drawn, net = sum((draw.volume_ml for draw in self.draws), Decimal(0)), self.net_volume_ml()
        allowed = record.process.balance_tolerance_percent
        if abs(drawn - net) * 100 <= allowed * max(drawn, net):
            return {}
        return {
            "draws": f"The draws add up to {plain(drawn)} mL, and the container holds {plain(net)} mL of marrow "
            f"without the anticoagulant: they differ by more than {plain(allowed)} %."
        }

    def stops(self, record: BatchRecord) -> tuple[Stop, ...]:
        found = unconfirmed_identity(record, self)
        return (found,) if found else ()

    def remarks(self, record: BatchRecord) -> tuple[Remark, ...]:
        return marker_remarks(record, self)

    def holds(self) -> str | None:
        return self.container_code

    def flow(self) -> Flow:
        return Flow(in_ml=Decimal(0), added_ml=self.total_volume_ml, out_ml=self.total_volume_ml)

    def began_at(self) -> datetime | None:
        """The stated start, or the first draw where only draws have a time."""
        return super().began_at() or min(self.moments(), default=None)

    def materials(self) -> tuple[Material, ...]:
        used = []
        if self.anticoagulant != "none":
            used.append(
                Material(
                    self.anticoagulant,
                    self.anticoagulant_lot,
                    self.anticoagulant_expiry,
                    self.anticoagulant_volume_ml,
                )
            )
        if self.needle_lot:
            used.append(Material(self.needle or "needle", self.needle_lot))
        if self.local_anaesthetic:
            used.append(
                Material(
                    self.local_anaesthetic, self.local_anaesthetic_lot, volume_ml=self.local_anaesthetic_ml
                )
            )
        return tuple(used)

    def harvested_ml(self) -> Decimal:
        """What was taken from the patient, in mL."""
        return self.net_volume_ml()

    def net_volume_ml(self) -> Decimal:
        """Marrow without the anticoagulant, in mL."""
        return volumes.net_volume_ml(self.total_volume_ml, self.anticoagulant_volume_ml)

    def derived(self, record: BatchRecord) -> tuple[Derived, ...]:
        draws = [draw.volume_ml for draw in self.draws]
        for_net, for_drawn = record.formula("net-volume"), record.formula("draws")
        net = for_net.compute(self.total_volume_ml, self.anticoagulant_volume_ml)
        drawn = for_drawn.compute(draws)
        here = f"step {record.process.step(self.step_key).number}"
        rounding = "as entered, not rounded"
        return (
            Derived(
                key="net_volume_ml",
                label="Marrow without anticoagulant",
                value=net,
                reported=plain(net),
                unit="mL",
                formula=for_net.text,
                formula_id=for_net.id,
                inputs=(
                    Input("V", "volume in the container", plain(self.total_volume_ml), "mL", here),
                    Input("Va", "anticoagulant", plain(self.anticoagulant_volume_ml), "mL", here),
                ),
                rounding=rounding,
            ),
            Derived(
                key="drawn_volume_ml",
                label="Sum of the draws",
                value=drawn,
                reported=plain(drawn),
                unit="mL",
                formula=for_drawn.text,
                formula_id=for_drawn.id,
                inputs=(Input("d", "draws", " + ".join(map(plain, draws)), "mL", here),),
                rounding=rounding,
            ),
        )

    def summary(self, record: BatchRecord) -> str:
        units = f" with {plain(self.heparin_iu)} IU" if self.heparin_iu is not None else ""
        return (
            f"{self.site}, {self.side}; {plain(self.total_volume_ml)} mL in {self.container_code}, "
            f"{plain(self.anticoagulant_volume_ml)} mL {self.anticoagulant}{units}"
        )
