"""A follow-up visit: how the patient is after the injection, or that a visit will not take place (domain 2.8).

Scores are numbers under a name that the laboratory chooses: the questionnaires behind them are licensed, and their text
stands nowhere. What is empty was not asked, and never counts as zero.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING, Any, ClassVar

from labrecords.domain import facts
from labrecords.domain.entries import Entry
from labrecords.domain.facts import Fact, facts_of
from labrecords.domain.permissions import Permission
from labrecords.domain.processes.process import Step
from labrecords.domain.processes.visits import BEFORE, UNSCHEDULED
from labrecords.domain.results.remark import Remark
from labrecords.domain.steps.administration import Injection
from labrecords.domain.values.numbers import plain

if TYPE_CHECKING:
    from labrecords.domain.record import BatchRecord

NOT_HELD, ENDED = "will not take place", "this and every later visit will not take place"
HOW = ("in person", "by telephone", "by video", "by questionnaire", NOT_HELD, ENDED)
WHY_NOT = (
    "cannot be reached",
    "does not want to",
    "is too ill",
    "is treated elsewhere",
    "has died",
    "other reason, see note",
)
LESS_IS_BETTER, MORE_IS_BETTER = "a lower number is better", "a higher number is better"
COMPARED = ("better than before the injection", "as before the injection", "worse than before the injection")
NO_ANALGESICS = "none"
ANALGESICS = (NO_ANALGESICS, "less than before", "as before", "more than before")
SATISFACTION = ("very satisfied", "satisfied", "neither", "dissatisfied", "very dissatisfied")
NRS_MOST, VAS_MOST_MM = 10, Decimal(100)
WORSE_NRS, WORSE_VAS_MM = 2, Decimal(20)
"""Pain so much above that before the injection is pointed out: the change on the NRS that patients call a clear one
(Farrar et al. 2001, Pain 94:149), and as much of the VAS."""
REINTERVENTION, WORSE, TOO_EARLY = "re-intervention", "pain worse", "long before"
"""Rules of what is to be looked at."""
_MEASURES = (
    "pain_nrs",
    "pain_vas_mm",
    "score",
    "function",
    "mobility",
    "analgesics",
    "imaging",
    "reintervention",
    "satisfaction",
)
_WITH = {
    "score": ("score_name", "score_of", "score_direction"),
    "analgesics": ("analgesics_taken",),
    "imaging": ("imaging_grade",),
    "reintervention": ("reintervention_what", "reintervention_on"),
}
"""What belongs to an answer, and is nothing without it."""


@dataclass(frozen=True, kw_only=True)
class FollowUp(Entry):
    kind: ClassVar[str] = "follow_up"
    needs: ClassVar[Permission] = Permission.RECORD_CLINICAL
    performer_label: ClassVar[str] = "Asked by"
    ended_label: ClassVar[str] = "Held or known at"
    aside: ClassVar[bool] = True
    blanks_together: ClassVar[bool] = True

    visit: str = facts.choice("Visit", (BEFORE, UNSCHEDULED))
    how: str = facts.choice("How it was held", HOW)
    why_not: str | None = facts.choice("Why it will not take place", WHY_NOT, required=False)
    pain_nrs: int | None = facts.whole(
        "Pain, NRS", "of 10", required=False, hint="0 no pain, 10 the worst that can be imagined"
    )
    pain_vas_mm: Decimal | None = facts.number("Pain, VAS", "mm", required=False, hint="Of 100 mm")
    score_name: str | None = facts.text(
        "Name of the disability score", required=False, hint="As the laboratory calls it, with its version"
    )
    score: Decimal | None = facts.number("Disability score", "points", required=False)
    score_of: Decimal | None = facts.number("Highest score possible", "points", required=False)
    score_direction: str | None = facts.choice(
        "How the score is read", (LESS_IS_BETTER, MORE_IS_BETTER), required=False
    )
    function: str | None = facts.choice("Function in daily life", COMPARED, required=False)
    mobility: str | None = facts.text(
        "Mobility", required=False, hint="Walking, sitting, aids, work; without the patient's name"
    )
    analgesics: str | None = facts.choice("Analgesics", ANALGESICS, required=False)
    analgesics_taken: str | None = facts.text(
        "Which analgesics", required=False, hint="With dose and how often"
    )
    imaging: str | None = facts.text("Imaging", required=False, hint="MRI, radiograph; what was imaged")
    imaging_grade: str | None = facts.text(
        "Grade of the imaging", required=False, hint="With the name of the grading: Pfirrmann 3 at L4/5"
    )
    reintervention: bool | None = facts.yesno("Another intervention since", required=False)
    reintervention_what: str | None = facts.text("Which intervention", required=False)
    reintervention_on: date | None = facts.day("Intervention on", required=False, past=True)
    satisfaction: str | None = facts.choice("Satisfaction of the patient", SATISFACTION, required=False)

    @classmethod
    def asked(cls, step: Step) -> tuple[Fact, ...]:
        """The facts, with the visits that the process names."""
        visits = step.asks.choices if step.asks else (BEFORE, UNSCHEDULED)
        return tuple(
            replace(fact, choices=visits) if fact.name == "visit" else fact for fact in facts_of(cls)
        )

    @classmethod
    def answered(cls, values: Mapping[str, Any]) -> frozenset[str]:
        """Everything that may stay empty: it was not asked at this visit."""
        return frozenset(fact.name for fact in facts_of(cls) if not fact.required)

    @classmethod
    def contradictions(cls, values: Mapping[str, Any]) -> dict[str, str]:
        if values["how"] in (NOT_HELD, ENDED):
            return _of_none(values)
        found = {}
        if values.get("why_not"):
            found["why_not"] = "The visit took place: leave this empty, or say above that it will not."
        if not any(_is_stated(values, name) for name in _MEASURES):
            found["pain_nrs"] = "State one thing at least: pain, score, function, analgesics, imaging."
        return found | _beyond(values) | _incomplete(values)

    @property
    def held(self) -> bool:
        """Whether the patient was asked; else this says that a visit will not take place."""
        return self.how not in (NOT_HELD, ENDED)

    def contradictions_in(self, record: BatchRecord) -> dict[str, str]:
        injections = record.of_kind(Injection)
        if not injections or not self.held:
            return {}
        if self.visit == BEFORE and self.performed_at > injections[0].first_injected_at():
            return {"visit": "The injection was before that time: choose another visit, or correct the time."}
        planned = self.visit in {visit.name for visit in record.process.follow_up}
        if planned and self.performed_at < injections[-1].last_injected_at():
            return {"visit": "The injection was after that time: choose another visit, or correct the time."}
        return {}

    def remarks(self, record: BatchRecord) -> tuple[Remark, ...]:
        found = []
        if self.reintervention:
            sentence = f"Another intervention on {self.reintervention_on}: {self.reintervention_what}."
            found.append(Remark(REINTERVENTION, sentence, "Look whether product or procedure led to it."))
        if said := self._too_early(record):
            found.append(
                Remark(TOO_EARLY, said, "Hold the visit when it is due, and record it as that visit.")
            )
        if said := self._worse(record):
            found.append(Remark(WORSE, said, "See the patient; where it is an adverse event, record it."))
        return tuple(found)

    def _too_early(self, record: BatchRecord) -> str:
        """That it was held too early to count as the visit that it is called; empty where it was not."""
        injections = record.of_kind(Injection)
        visit = next((one for one in record.process.follow_up if one.name == self.visit), None)
        if not injections or visit is None or not self.held:
            return ""
        counts = visit.counts_from(record.day_of(max(one.last_injected_at() for one in injections)))
        if record.day_of(self.performed_at) >= counts:
            return ""
        return f"“{self.visit}” counts from {counts} on: this one counts as unscheduled, and that visit is waited for."

    def _worse(self, record: BatchRecord) -> str:
        """How the pain is clearly above that before the injection, as a sentence; empty where it is not."""
        compared = (
            ("pain_nrs", WORSE_NRS, "NRS {}, before the injection {}"),
            ("pain_vas_mm", WORSE_VAS_MM, "VAS {} mm, before the injection {} mm"),
        )
        said = []
        for name, apart, words in compared:
            before, now = before_injection(record, name), getattr(self, name)
            if self.visit != BEFORE and None not in (before, now) and now - before >= apart:
                said.append(words.format(now, before))
        return f"More pain: {'; '.join(said)}." if said else ""

    def summary(self, record: BatchRecord) -> str:
        if not self.held:
            return f"{self.visit}: {self.how}, {self.why_not}"
        return f"{self.visit}, {self.how}: {'; '.join(self.outcomes())}"

    def outcomes(self) -> tuple[str, ...]:
        """What was found, each in a few words; nothing of what was not asked."""
        said = (
            (self.pain_nrs, f"pain NRS {self.pain_nrs}"),
            (self.pain_vas_mm, f"pain VAS {_number(self.pain_vas_mm)} mm"),
            (self.score, f"{self.score_name} {_number(self.score)} of {_number(self.score_of)}"),
        )
        return (*(words for value, words in said if value is not None), *self.besides())

    def besides(self) -> tuple[str, ...]:
        """The same of everything that is no number."""
        what, on = self.reintervention_what, self.reintervention_on
        said = (
            (self.function, f"function {self.function}"),
            (self.mobility, self.mobility),
            (
                self.analgesics,
                ", ".join(filter(None, (f"analgesics {self.analgesics}", self.analgesics_taken))),
            ),
            (self.imaging, ", ".join(filter(None, (self.imaging, self.imaging_grade)))),
            (
                self.reintervention,
                f"another intervention on {on}: {what}" if what else "no other intervention",
            ),
            (self.satisfaction, self.satisfaction),
        )
        return tuple(str(words) for value, words in said if value not in (None, ""))


def visits_recorded(record: BatchRecord) -> tuple[FollowUp, ...]:
    """The versions that count of everything recorded at visits, in the order in which they were held."""
    return tuple(sorted(record.of_kind(FollowUp), key=lambda entry: (entry.performed_at, entry.step_key)))


def before_injection(record: BatchRecord, name: str) -> Any:
    """What was stated of one fact last before the injection; None where nobody asked."""
    stated = [getattr(entry, name) for entry in visits_recorded(record) if entry.visit == BEFORE]
    return next((value for value in reversed(stated) if value is not None), None)


def _is_stated(values: Mapping[str, Any], name: str) -> bool:
    return values.get(name) not in (None, "")


def _of_none(values: Mapping[str, Any]) -> dict[str, str]:
    """What cannot be of a visit that will not take place."""
    found = {}
    if values["visit"] in (BEFORE, UNSCHEDULED):
        found["visit"] = "Only a visit of the schedule is closed: choose it."
    if not values.get("why_not"):
        found["why_not"] = "Say why it will not take place."
    for name in (*_MEASURES, *(part for parts in _WITH.values() for part in parts)):
        if _is_stated(values, name):
            found[name] = "Nothing is asked at a visit that does not take place."
    return found


def _beyond(values: Mapping[str, Any]) -> dict[str, str]:
    found = {}
    nrs, vas, score, most = (values.get(name) for name in ("pain_nrs", "pain_vas_mm", "score", "score_of"))
    if nrs is not None and nrs > NRS_MOST:
        found["pain_nrs"] = f"The NRS goes from 0 to {NRS_MOST}."
    if vas is not None and vas > VAS_MOST_MM:
        found["pain_vas_mm"] = f"The VAS goes from 0 to {plain(VAS_MOST_MM)} mm."
    if most is not None and most <= 0:
        found["score_of"] = "The highest score is above 0."
    elif score is not None and most is not None and score > most:
        found["score"] = f"The score goes from 0 to {plain(most)}."
    return found


def _incomplete(values: Mapping[str, Any]) -> dict[str, str]:
    """What belongs together and is stated in part."""
    found: dict[str, str] = {}
    for name, parts in _WITH.items():
        if not _is_stated(values, name):
            wrong = [part for part in parts if _is_stated(values, part)]
            found |= dict.fromkeys(wrong, "This belongs to an answer that is empty.")
    if _is_stated(values, "score"):
        missing = [part for part in _WITH["score"] if not _is_stated(values, part)]
        found |= dict.fromkeys(missing, "A score has a name, a highest number, and how it is read.")
    if values.get("analgesics") == NO_ANALGESICS and _is_stated(values, "analgesics_taken"):
        found["analgesics_taken"] = "None are taken: leave this empty."
    intervention = values.get("reintervention")
    for name in _WITH["reintervention"]:
        if intervention and not _is_stated(values, name):
            found[name] = "Say which intervention, and on which day."
        if intervention is False and _is_stated(values, name):
            found[name] = "There was none: leave this empty."
    return found


def _number(value: Decimal | None) -> str:
    return "" if value is None else plain(value)
