"""The process definition: which steps a batch has, in which order, with which limits. Data, never code.

A definition is a TOML text, read by process_text.py. A batch keeps the definition it was opened with, frozen by the
digest of that text (EU GMP Part IV 6.2/6.3: the record is a copy of the approved instructions). Numbers are written as
strings, so that "1.0" keeps its decimals.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import timedelta
from decimal import Decimal
from functools import cached_property, lru_cache

from labrecords.domain.processes.visits import BEFORE, UNSCHEDULED, Visit
from labrecords.domain.values.limits import Limit

PATHWAYS = {
    "US_SSP": "US, same surgical procedure (21 CFR 1271.15(b))",
    "US_MARROW": "US, minimally manipulated marrow (21 CFR 1271.3(d)(4))",
    "US_361": "US, 361 product (21 CFR 1271.10(a))",
    "US_351_PH1": "US, 351 product in phase 1 (21 CFR 210.2(c))",
    "US_351": "US, 351 product (21 CFR 211)",
    "EU_ATMP": "EU, advanced therapy medicinal product",
    "EU_ATMP_IMP": "EU, investigational advanced therapy medicinal product",
    "EU_ATMP_HE": "EU, advanced therapy under hospital exemption",
    "EU_SOHO": "EU, substance of human origin",
    "EU_SOHO_NOSTORE": "EU, substance of human origin, without storage",
    "LOCAL": "another country, by its own rules",
}
"""The law that a product is made under, by the code that a master record writes (domain 0)."""

LABELS = {
    "harvest": "harvest container",
    "in-process": "containers in process",
    "final": "final container",
    "accompanying": "accompanying record",
}
"""The labels that a batch can have, by the name that a master record writes (domain 5.6)."""

CHECKS = {"release": "before the release", "dispense": "when it is dispensed"}
"""When two people compare the label of the product with its batch, by the name that a master record writes."""

PROCESSING, TESTING, ADMINISTRATION = "processing", "testing", "administration"
PHASES = (PROCESSING, TESTING, ADMINISTRATION)
CUSTODY, AFTER = "custody", "after"
"""The phases of acts that no process can foresee: with the material, and what became of the patient. They are recorded
at any time, as often as they happen."""
ADVERSE_EVENT, FOLLOW_UP = "adverse_event", "follow_up"
OF_THE_PATIENT = (ADVERSE_EVENT, FOLLOW_UP)
"""Those of such acts that are about the patient, and not about the material."""
AT_ANY_TIME = {
    "division": (
        "Division into several containers",
        "Scan the container, then each one that was filled from it.",
    ),
    "pool": (
        "Pool of several containers",
        "Only containers of this batch: scan each one that is poured in, then the new one that it goes into. A second "
        "person watches, and verifies it.",
    ),
    "label_over": (
        "New label over the old one",
        "Scan the code that is there, then the new label. A second person scans both again before the old one goes.",
    ),
    "storage": (
        "Put away or taken out",
        "Scan the container, then the place that keeps it or that it comes out of.",
    ),
    "offer": (
        "Offer or dispense to somebody",
        "Before it is taken: say to whom it is given, and where it waits; of a released product how much it is.",
    ),
    "handover": ("Hand-over", "Both sign: who gives it away, and who receives it."),
    "refusal": ("Refuse to receive", "Say why it was not taken. It stays with who offered it."),
    "product_check": (
        "Identity check of the product",
        "Scan the codes on the label of the container. A second person scans them again, without seeing what was read.",
    ),
    ADVERSE_EVENT: (
        "Adverse event",
        "As soon as it is known; what is known later is entered as a correction, with the reason.",
    ),
    FOLLOW_UP: (
        "Follow-up visit",
        "Enter what was asked; what stays empty was not. Say also where a visit will not take place.",
    ),
}
"""The kinds of such acts: what each is called, and its instruction."""
BY_TWO = frozenset({"product_check", "label_over"})
"""Those of them that a second person does again, unseen, also where the process names no such step."""
WATCHED = frozenset({"pool"})
"""Those of them that a second person verifies, also where the process names no such step: one adds, the other sees that
it is the right one (21 CFR 211.101(d))."""
_ACT = re.compile(rf"({'|'.join(AT_ANY_TIME)})-([1-9][0-9]{{0,3}})")
QUESTIONS = ("number", "choice", "text", "yesno")


@dataclass(frozen=True)
class Problem:
    """One error in the text of a definition."""

    where: str
    """In words: "step 3 (harvest), limits.total_volume_ml"; empty for the text as a whole."""
    line: int | None
    sentence: str
    path: tuple[str | int, ...] = ()
    """Where it stands in the data: ("step", 2, "limits", "total_volume_ml", "soft")."""

    def __str__(self) -> str:
        place = ", ".join(part for part in (self.where, f"line {self.line}" if self.line else "") if part)
        return f"{place}: {self.sentence}" if place else self.sentence


class ProcessError(ValueError):
    """The definition cannot be used: every error in it, each with its place."""

    def __init__(self, *problems: Problem) -> None:
        super().__init__("\n".join(map(str, problems)))
        self.problems = problems


@dataclass(frozen=True)
class Question:
    """What a generic reading asks: the type of the answer, its label, its unit or the choices it has."""

    type: str
    label: str
    unit: str = ""
    choices: tuple[str, ...] = ()


@dataclass(frozen=True)
class TimeLimit:
    """How long it may take from the end of one step to the end of another, in minutes (21 CFR 211.111)."""

    start: str
    end: str
    label: str
    max_min: Decimal | None = None
    min_min: Decimal | None = None


@dataclass(frozen=True)
class Step:
    key: str
    kind: str
    title: str
    instruction: str
    phase: str = PROCESSING
    required: bool = True
    second_person: bool = False
    blind: bool = False
    """Whether the second person enters the values again without seeing them."""
    bypass: bool = False
    """Whether a stop may be bypassed with a reason and a second person's signature."""
    sop: str = ""
    """Code of the procedure that the step follows, for example SOP-012."""
    materials: tuple[str, ...] = ()
    """Names of the materials that the step may use; anything where none is named."""
    equipment: tuple[str, ...] = ()
    """Categories, models or codes of the equipment that it may be done with; any where none is named."""
    asks: Question | None = None
    """For a generic reading: what is asked. For a follow-up visit: which visits there are."""
    late: bool = False
    """For a test: whether its result may come after the release."""
    due_days: int | None = None
    """For a test: by when its final result is expected, in days after its sample was drawn."""
    required_facts: frozenset[str] = frozenset()
    """Facts that are optional for the kind and required in this step."""
    limits: Mapping[str, Limit] = field(default_factory=dict)
    number: int = 0

    @property
    def planned(self) -> bool:
        """Whether the process asks for it. Acts of custody are recorded where they happen."""
        return self.phase not in (CUSTODY, AFTER)

    @property
    def ordered(self) -> bool:
        """Whether it has a place in the order of steps. Tests run beside it, acts of custody happen at any time."""
        return self.phase not in (TESTING, CUSTODY, AFTER)


@dataclass(frozen=True)
class ResultSpec:
    """A computed result that is judged at release. `key` names a function of domain/results/results.py."""

    key: str
    label: str
    limit: Limit
    required: bool = True


@dataclass(frozen=True)
class Yields:
    """Which steps the yield is computed from (GMP-103): names of steps, or "step.fact".

    Tissue that cannot be counted before has no count and no volume there, and a mass in g instead.
    """

    count_after: str
    volume_after: str
    volume_taken_after: str = ""
    count_before: str = ""
    volume_before: str = ""
    volume_taken_before: str = ""
    mass: str = ""


@dataclass(frozen=True)
class Process:
    key: str
    version: str
    title: str
    product: str
    pathway: str
    population: str
    release_required: bool
    late_after_min: int
    max_age_h: Decimal | None
    shelf_life_h: Decimal | None
    custody_gap_min: Decimal
    balance_tolerance_percent: Decimal
    minimum_cells: int
    """Viability on fewer cells than this is shown to the reviewer."""
    intrathecal_endotoxin: bool
    """Whether the endotoxin of one hour keeps the threshold of an intrathecal dose, since the dura may be passed."""
    temperature_min_c: Decimal | None
    temperature_max_c: Decimal | None
    """The range in which the product is kept and carried, in °C; None where there is no limit on that side."""
    out_of_range_max_min: Decimal | None
    """How long it may be outside that range in all, in minutes; None: not at all."""
    out_of_store_counts: bool
    """Whether the time in which no place keeps it, after one kept it, counts as outside (domain 3.9)."""
    transport_temperature: bool
    """Whether each transport must have its temperature: at both ends, or by a logger."""
    steps: tuple[Step, ...]
    results: tuple[ResultSpec, ...]
    yields: Yields
    time_limits: tuple[TimeLimit, ...]
    follow_up: tuple[Visit, ...]
    """The visits after the injection, in their order; empty where the process leaves them open."""
    additives: tuple[str, ...]
    """What may be added to the cells on this pathway; anything else is shown to the reviewer (21 CFR 1271.10(a)(3))."""
    label_set: tuple[str, ...]
    """Which of LABELS a batch is to have: said where the master is read, compared and printed."""
    identity_checks: tuple[str, ...]
    """Which of CHECKS each container of the product must have had."""
    sources: tuple[str, ...]
    text: str
    digest: str

    @property
    def custody_gap(self) -> timedelta:
        """How long may lie between giving and receiving; to the second."""
        return timedelta(seconds=int(self.custody_gap_min * 60))

    def step(self, key: str) -> Step:
        """The step with this key, or the act of custody; KeyError when there is none."""
        found = self._by_key.get(key) or self._act(key)
        if found is None:
            raise KeyError(key)
        return found

    @cached_property
    def _act(self) -> Callable[[str], Step | None]:
        """Asked for every entry, over and over; an address may name any number, so only the last ones are kept."""
        return lru_cache(maxsize=1024)(self._new_act)

    def _new_act(self, key: str) -> Step | None:
        """An act of custody, numbered on after the steps; its limits are those of the first step of its kind."""
        matched = _ACT.fullmatch(key)
        if matched is None:
            return None
        kind, number = matched[1], len(self.steps) + int(matched[2])
        title, instruction = AT_ANY_TIME[kind]
        again = kind in BY_TWO
        unplanned = Step(key, kind, title, instruction, second_person=again or kind in WATCHED, blind=again)
        planned = next((step for step in self.steps if step.kind == kind), unplanned)
        return replace(
            planned,
            key=key,
            title=title,
            instruction=instruction,
            phase=AFTER if kind in OF_THE_PATIENT else CUSTODY,
            required=False,
            asks=self._visits() if kind == FOLLOW_UP else planned.asks,
            number=number,
        )

    def _visits(self) -> Question:
        """Which visit a follow-up can be: one of the schedule, or one that no schedule names."""
        return Question(
            "choice", "Visit", choices=(*(visit.name for visit in self.follow_up), BEFORE, UNSCHEDULED)
        )

    @cached_property
    def _by_key(self) -> dict[str, Step]:
        return {step.key: step for step in self.steps}

    def limit_of(self, step: Step, key: str) -> Limit | None:
        """The limit of a computed number: that of the step, or that of the batch's result where this step gives it."""
        if key in step.limits:
            return step.limits[key]
        if step.key != self.yields.count_after:
            return None
        return next((spec.limit for spec in self.results if spec.key == key), None)

    def phase(self, phase: str) -> tuple[Step, ...]:
        return tuple(step for step in self.steps if step.phase == phase)

    @cached_property
    def decisive(self) -> tuple[Step, ...]:
        """The steps on which a release rests: the processing, and the tests whose results it waits for."""
        return tuple(
            step
            for step in self.steps
            if step.phase == PROCESSING or (step.phase == TESTING and not step.late)
        )

    @cached_property
    def late_tests(self) -> tuple[Step, ...]:
        """The tests whose results may come after the release."""
        return tuple(step for step in self.steps if step.phase == TESTING and step.late)
