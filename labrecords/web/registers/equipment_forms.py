"""The forms of the register of equipment and places."""

from __future__ import annotations

from wtforms import HiddenField, RadioField
from wtforms.fields.choices import SelectChoice

from labrecords.actions.equipment import EquipmentFacts
from labrecords.domain.registers.equipment import CATEGORIES, Category
from labrecords.domain.values.numbers import parse_number, parse_whole
from labrecords.web.forms.fields import parse_day
from labrecords.web.forms.shared import Line, Parsed, WritingForm

LONGEST_CODE = 30
IN, OUT = "in service", "out of service"


def check_due(category: Category) -> str:
    """How the day of the next check is headed."""
    return "Calibration due" if category.made else "Monitoring due"


def checked_on(category: Category) -> str:
    """How the day of the last check is headed."""
    return f"{category.checked.capitalize()} on"


class PieceForm(WritingForm):
    category = RadioField(
        "What it is",
        choices=[SelectChoice(word, word.capitalize()) for word in CATEGORIES],
        validate_choice=False,
    )
    code = Line("Code", missing="Enter the code on the piece.", limit=LONGEST_CODE)


class VersionForm(WritingForm):
    seen = HiddenField()
    model = Line("Maker and model, or name of the place", limit=120)
    serial = Line("Serial number", limit=60, description="As it stands on the piece; may stay empty")
    udi = Line("UDI", limit=120, description="Unique device identification; may stay empty")
    r_max_cm = Parsed(
        "Greatest radius", parse_number, description="Of a rotor: from the axis to the bottom of the tube"
    )
    r_av_cm = Parsed("Average radius", parse_number, description="Of a rotor; may stay empty")
    max_speed_rpm = Parsed(
        "Greatest speed", parse_number, description="Of a rotor; of a centrifuge it may stay empty"
    )
    software = Line("Software", limit=120, description="Program and version; may stay empty")
    place = Line(
        "Where it is",
        limit=60,
        description="Code or name of the place in which it stands, or part of the house; may stay empty",
    )
    low_c = Parsed(
        "Keeps at, at least", parse_number, description="Of a place, as it is set and watched; may stay empty"
    )
    high_c = Parsed("Keeps at, at most", parse_number, description="Of a place; may stay empty")
    capacity = Parsed(
        "Takes", parse_whole, description="Of a place: how many containers; a position takes one"
    )
    read_every_h = Parsed(
        "Read at least every", parse_whole, description="Of a place: its thermometer; may stay empty"
    )
    review_every_d = Parsed(
        "Log reviewed at least every",
        parse_whole,
        description="Of a place, by quality assurance; may stay empty",
    )
    owner = Line(
        "Owner",
        limit=120,
        description="Of a place: who answers for what it keeps, a name or a role; empty: as the place around it",
    )
    last_check = Parsed(
        "Calibrated or monitored on",
        parse_day,
        description="Day on which it was last done, as 2026-03-31; may stay empty",
    )
    next_check = Parsed(
        "Calibration or monitoring due",
        parse_day,
        description="Day until which it is valid, as 2027-03-31; may stay empty",
    )
    next_clean = Parsed(
        "Cleaning due",
        parse_day,
        description="Day until which it counts as clean, as 2027-03-31; may stay empty",
    )
    service = RadioField(
        "Use",
        choices=[SelectChoice(IN, "In service"), SelectChoice(OUT, "Out of service, or closed")],
        default=IN,
    )

    def ask_as(self, category: Category) -> None:
        """Word the entries for one category."""
        self.model.label.text = "Maker and model" if category.made else "Name"
        self.last_check.label.text = checked_on(category)
        self.next_check.label.text = check_due(category)
        self.service.choices = [
            SelectChoice(value, category.use(value == IN).capitalize()) for value in (IN, OUT)
        ]

    def facts(self, code: str, category: str) -> EquipmentFacts:
        """What was typed, after validation."""
        return EquipmentFacts(
            code=code,
            category=category,
            model=self.model.text,
            r_max_cm=self.r_max_cm.value,
            r_av_cm=self.r_av_cm.value,
            max_speed_rpm=self.max_speed_rpm.value,
            next_check=self.next_check.value,
            in_service=self.service.data == IN,
            next_clean=self.next_clean.value,
            serial=self.serial.text,
            software=self.software.text,
            place=self.place.text,
            last_check=self.last_check.value,
            udi=self.udi.text,
            low_c=self.low_c.value,
            high_c=self.high_c.value,
            capacity=self.capacity.value,
            read_every_h=self.read_every_h.value,
            review_every_d=self.review_every_d.value,
            owner=self.owner.text,
        )


class AddForm(PieceForm, VersionForm):
    """Both, in the order in which they are asked."""
