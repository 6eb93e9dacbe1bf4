"""An adverse event after a harvest or an injection: what happened to the patient, how grave, what became of it.

Known at any time, mostly after the record is closed. What is known later is a new version, with the reason (domain 2.8,
8.2 section 21). A serious one is reported within 15 calendar days of the day on which it became known (1271.350(a)).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any, ClassVar

from labrecords.domain import facts
from labrecords.domain.entries import Entry
from labrecords.domain.permissions import Permission
from labrecords.domain.results.remark import Remark
from labrecords.domain.rules.finding import Severity

if TYPE_CHECKING:
    from labrecords.domain.record import BatchRecord

THREATENING, FATAL = "4, life-threatening", "5, death"
GRADES = ("1, mild", "2, moderate", "3, severe", THREATENING, FATAL)
NOT_SERIOUS = "not serious"
DEATH, LIFE = "death", "life-threatening"
SERIOUSNESS = (
    NOT_SERIOUS,
    DEATH,
    LIFE,
    "stay in hospital, or a longer one",
    "lasting disability",
    "birth defect",
    "otherwise medically important",
)
"""The gravest criterion that is met (ICH E2A)."""
RELATEDNESS = ("unrelated", "unlikely", "possible", "probable", "certain")
DIED = "died"
OUTCOMES = ("recovered", "recovering", "not recovered", "recovered with lasting harm", DIED, "not known yet")
REPORT_DAYS = 15
"""Calendar days within which a serious event is reported."""
RULE = "adverse event"


@dataclass(frozen=True, kw_only=True)
class AdverseEvent(Entry):
    kind: ClassVar[str] = "adverse_event"
    needs: ClassVar[Permission] = Permission.RECORD_CLINICAL
    performer_label: ClassVar[str] = "Recorded by"
    ended_label: ClassVar[str] = "Became known at"
    aside: ClassVar[bool] = True

    event: str = facts.text("What happened", hint="In a few words, without the patient's name")
    began_on: date = facts.day("Began on", past=True)
    grade: str = facts.choice("Grade", GRADES)
    seriousness: str = facts.choice("Seriousness", SERIOUSNESS, hint="The gravest that applies")
    product_relation: str = facts.choice("Caused by the product", RELATEDNESS)
    procedure_relation: str = facts.choice("Caused by harvest or injection", RELATEDNESS)
    action: str = facts.text("What was done")
    outcome: str = facts.choice("Outcome", OUTCOMES)
    reported_by: str = facts.text(
        "Reported by", hint="Patient, family, ward or practice; the name of a physician"
    )
    authority_on: date | None = facts.day("Reported to the authority on", required=False, past=True)

    @classmethod
    def contradictions(cls, values: Mapping[str, Any]) -> dict[str, str]:
        found = {}
        fatal = (values["grade"] == FATAL, values["seriousness"] == DEATH, values["outcome"] == DIED)
        if any(fatal) and not all(fatal):
            found["outcome"] = (
                "Where the patient died, grade, seriousness and outcome say so, and else none of them."
            )
        if values["grade"] == THREATENING and values["seriousness"] == NOT_SERIOUS:
            found["seriousness"] = "What threatens life is serious."
        reported = values.get("authority_on")
        if reported is not None and reported < values["began_on"]:
            found["authority_on"] = "It was not reported before it began."
        return found

    @property
    def serious(self) -> bool:
        return self.seriousness != NOT_SERIOUS

    def report_by(self, record: BatchRecord) -> date:
        """The last day for the report of a serious event, on the calendar of the laboratory."""
        first = record.history(self.step_key) or (self,)
        return record.day_of(first[0].performed_at) + timedelta(days=REPORT_DAYS)

    def remarks(self, record: BatchRecord) -> tuple[Remark, ...]:
        if not self.serious:
            return (
                Remark(RULE, f"{self.event}: {self.grade}, {self.outcome}.", "Record what becomes of it."),
            )
        if self.authority_on is not None:
            done = f"Reported to the authority on {self.authority_on}."
            return (Remark(RULE, f"Serious: {self.event} ({self.seriousness}). {done}", ""),)
        by = self.report_by(record)
        return (
            Remark(
                RULE,
                f"Serious: {self.event} ({self.seriousness}). To be reported to the authority by {by}.",
                "Report it, and correct this entry with the day of the report.",
                Severity.CRITICAL,
            ),
        )

    def summary(self, record: BatchRecord) -> str:
        return f"{self.event}: grade {self.grade}; {self.seriousness}; {self.outcome}"
