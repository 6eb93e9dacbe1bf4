"""The forms of the register of equipment and places."""

from __future__ import annotations

from wtforms import HiddenField, RadioField
from wtforms.fields.choices import SelectChoice

from labrecords.actions.equipment import EquipmentFacts
from labrecords.domain.registers.equipment import CATEGORIES, Category
from labrecords.domain.values.numbers import parse_number
from labrecords.web.fields import parse_day
from labrecords.web.forms import Line, Parsed, WritingForm

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
        description="Room or bench where it stands, or part of the house; may stay empty",
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
        )


class AddForm(PieceForm, VersionForm):
    """Both, in the order in which they are asked."""
