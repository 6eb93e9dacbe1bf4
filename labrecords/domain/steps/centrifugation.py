"""One spin: centrifuge and rotor from the register, speed as rpm or x g, time, temperature, brake (domain B12)."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, ClassVar

from labrecords.domain import facts
from labrecords.domain.derived import Derived, Input
from labrecords.domain.entries import Entry, Stop
from labrecords.domain.limits import round_half_up
from labrecords.domain.numbers import plain

if TYPE_CHECKING:
    from labrecords.domain.record import BatchRecord

BRAKES = ("off", "soft", "full")


@dataclass(frozen=True, kw_only=True)
class CentrifugationRun(Entry):
    kind: ClassVar[str] = "centrifugation"
    repeatable: ClassVar[bool] = True
    repeat_words: ClassVar[str] = "Repeat the run"

    container_code: str = facts.code("Tube", hint="Code on the container that is spun")
    centrifuge: str = facts.equipment("Centrifuge", "centrifuge")
    rotor: str = facts.equipment("Rotor", "rotor")
    speed_rpm: Decimal | None = facts.number("Speed", "rpm", required=False, one_of="speed")
    rcf_g: Decimal | None = facts.number("Relative centrifugal force", "× g", required=False, one_of="speed")
    duration_min: Decimal = facts.number("Duration", "min")
    temperature_c: Decimal = facts.number("Temperature", "°C", signed=True)
    brake: str = facts.choice("Brake", BRAKES)

    def radius_cm(self, record: BatchRecord) -> Decimal:
        """The rotor's greatest radius r max in cm, from the register."""
        return Decimal(record.equipment_item(self.rotor).r_max_cm or "0")

    def rotor_speed_rpm(self, record: BatchRecord) -> Decimal:
        """The speed in rpm, entered or computed from the force."""
        if self.speed_rpm is not None:
            return self.speed_rpm
        return record.formula("rpm").compute(self.radius_cm(record), self.rcf_g or Decimal(0))

    def force_g(self, record: BatchRecord) -> Decimal:
        """The force in x g at r max, entered or computed from the speed."""
        if self.rcf_g is not None:
            return self.rcf_g
        return record.formula("rcf").compute(self.radius_cm(record), self.speed_rpm or Decimal(0))

    def derived(self, record: BatchRecord) -> tuple[Derived, ...]:
        radius, rotor = self.radius_cm(record), record.equipment_item(self.rotor)
        here = f"step {record.process.step(self.step_key).number}"
        r = Input("r", "greatest radius of the rotor, r max", plain(radius), "cm", f"register, {rotor.code}")
        if self.rcf_g is not None:
            used = record.formula("rpm")
            speed = used.compute(radius, self.rcf_g)
            return (
                Derived(
                    key="speed_rpm",
                    label="Speed",
                    value=speed,
                    reported=plain(round_half_up(speed, 0)),
                    unit="rpm",
                    formula=used.text,
                    formula_id=used.id,
                    inputs=(Input("RCF", "force", plain(self.rcf_g), "× g", here), r),
                    rounding="rounded half-up to 0 decimals",
                ),
            )
        used = record.formula("rcf")
        force = used.compute(radius, self.speed_rpm or Decimal(0))
        return (
            Derived(
                key="rcf_g",
                label="Relative centrifugal force",
                value=force,
                reported=plain(round_half_up(force, 0)),
                unit="× g",
                formula=used.text,
                formula_id=used.id,
                inputs=(r, Input("n", "speed", plain(self.speed_rpm or Decimal(0)), "rpm", here)),
                rounding="rounded half-up to 0 decimals",
            ),
        )

    def stops(self, record: BatchRecord) -> tuple[Stop, ...]:
        rotor = record.equipment_item(self.rotor)
        speed = self.rotor_speed_rpm(record)
        if not rotor.max_speed_rpm or speed <= Decimal(rotor.max_speed_rpm):
            return ()
        return (
            Stop(
                rule="rotor speed",
                sentence=f"{plain(round_half_up(speed, 0))} rpm is above the {rotor.max_speed_rpm} rpm that "
                f"rotor {rotor.code} may turn.",
                way_out="Lower the speed, or take another rotor.",
            ),
        )

    def summary(self, record: BatchRecord) -> str:
        force, speed = round_half_up(self.force_g(record), 0), round_half_up(self.rotor_speed_rpm(record), 0)
        return (
            f"{plain(force)} × g ({plain(speed)} rpm), {plain(self.duration_min)} min, "
            f"{plain(self.temperature_c)} °C, brake {self.brake}"
        )
