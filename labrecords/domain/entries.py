"""What every recorded step has in common, whatever its kind."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any, ClassVar

from labrecords.domain.facts import Fact, FactType, facts_of, stated_in
from labrecords.domain.permissions import Permission
from labrecords.domain.values import limits
from labrecords.domain.values.limits import ComputedLimit
from labrecords.domain.values.typography import mid_sentence

if TYPE_CHECKING:
    from labrecords.domain.calculations.derived import Derived
    from labrecords.domain.custody.flow import Flow
    from labrecords.domain.processes.process import Step
    from labrecords.domain.record import BatchRecord
    from labrecords.domain.registers.materials import Material
    from labrecords.domain.results.remark import Remark

CORRECTED, REPEATED, REPORTED = "corrected", "repeated", "reported"
"""What a new version of an entry is to the one before: a correction, a repeat of the measurement, or the next report
of a test that runs over days."""
VERIFIED, ATTESTED, GIVEN, RECEIVED = "verified", "attested", "given", "received"
INVALIDATED = "invalidated"
"""What quality assurance states of a test result, by signature."""


@dataclass(frozen=True)
class Stop:
    """Why an act must not begin. If it has happened already it is recorded, and becomes a finding."""

    rule: str
    sentence: str
    way_out: str
    critical: bool = False
    expected: str = ""
    found: str = ""
    """The two codes to compare on the screen, where the stop is about codes."""


@dataclass(frozen=True)
class Wanted:
    """A confirmation that an entry needs: by whom (a person's id, or anyone entitled) and with which meaning."""

    act: str
    person_id: str | None


@dataclass(frozen=True, kw_only=True)
class Entry:
    """One version of what was recorded for one step. Never changed: a correction is a new version.

    `performed_at` is the stated end of the act, `recorded_at` the server's time; both are UTC.
    `as_entered` keeps the text as typed for each fact (for a private one, which identifier it was), `confirmed` the
    reason given for an unusual value.
    """

    kind: ClassVar[str]
    """The word for this kind in a process definition, and the name of its table and event."""
    remakes: ClassVar[bool] = False
    """Whether it makes another product of what there was: no decision that was made before stands any longer."""
    performer_label: ClassVar[str] = "Performed by"
    ended_label: ClassVar[str] = "Ended at"
    performer_role: ClassVar[str] = ""
    """The role the performer must hold, or nothing."""
    needs: ClassVar[Permission] = Permission.RECORD_PROCESSING
    collects: ClassVar[bool] = False
    """Whether the material comes from the patient in this act, and out of no container."""
    aside: ClassVar[bool] = False
    """Whether the act is done on a sample, while the work on the material goes on."""
    derived_keys: ClassVar[tuple[str, ...]] = ()
    """The keys of every number that `derived` may give: a process definition can set limits for them."""
    repeatable: ClassVar[bool] = False
    """Whether the act can be done again, with a result of its own beside the first."""
    log_file: ClassVar[str] = ""
    """What the file is called that the machine writes of this act; it is attached to the step as such."""
    about_the_measurement: ClassVar[frozenset[str]] = frozenset()
    """Names of values that say how good the measurement is, and nothing of the product."""
    blanks_together: ClassVar[bool] = False
    """Whether what was left empty is printed in one line, where most of the facts may stay empty."""
    repeat_words: ClassVar[str] = "Repeat the measurement"
    """What the button says that begins a repeat."""

    id: str
    batch_id: str
    step_key: str
    performed_by: str
    recorded_by: str
    performed_at: datetime
    recorded_at: datetime
    replaces_id: str | None = None
    follows_as: str | None = None
    """For a version with a version before it: corrected, repeated or reported."""
    reason: str | None = None
    late_reason: str | None = None
    happened_reason: str | None = None
    note: str | None = None
    confirmed: Mapping[str, str] = field(default_factory=dict)
    as_entered: Mapping[str, str] = field(default_factory=dict)
    blanks: Mapping[str, str] = field(default_factory=dict)
    """For each fact that was left empty on purpose: why it does not apply."""
    authors: Mapping[str, str] = field(default_factory=dict)
    """For each fact that somebody else than the recorder entered, before handing the step over: their id."""

    @property
    def corrects(self) -> bool:
        """Whether this is a correction of the version before it, and not a repeat or a further report."""
        return self.replaces_id is not None and self.follows_as in (None, CORRECTED)

    @classmethod
    def asked(cls, step: Step) -> tuple[Fact, ...]:
        """The facts that a step of this kind asks for. A kind may leave that to the process definition."""
        return facts_of(cls)

    @classmethod
    def contradictions(cls, values: Mapping[str, Any]) -> dict[str, str]:
        """What cannot be true of several facts together, as a sentence per fact. Called when each alone is possible."""
        return {}

    @classmethod
    def answered(cls, values: Mapping[str, Any]) -> frozenset[str]:
        """Facts that others answer, so that they stay empty without being left out."""
        return frozenset()

    @classmethod
    def awaited(cls, values: Mapping[str, Any]) -> frozenset[str]:
        """Facts that cannot be stated yet, and so are not left empty: those of a test that is still running."""
        return frozenset()

    def contradictions_in(self, record: BatchRecord) -> dict[str, str]:
        """What cannot be a fact beside the rest of the record, as a sentence per fact. It refuses input."""
        return {}

    def doubts(self, record: BatchRecord) -> dict[str, str]:
        """What is hardly so beside the rest of the record, as a sentence per fact. It is asked back for a reason."""
        return {}

    def derived(self, record: BatchRecord) -> tuple[Derived, ...]:
        """The numbers that follow from this entry, with formula and inputs."""
        return ()

    def computed_limits(self, record: BatchRecord) -> tuple[ComputedLimit, ...]:
        """The limits that follow from the record and not from the process definition."""
        return ()

    def remarks(self, record: BatchRecord) -> tuple[Remark, ...]:
        """What whoever measures should know of the result: doubts, and what to do."""
        return ()

    def stops(self, record: BatchRecord) -> tuple[Stop, ...]:
        """Why this act must not begin, judged on the record without this entry. Rules of the kind only."""
        return ()

    def holds(self) -> str | None:
        """Code of the container that the material is in after this act; None where it stays where it was."""
        return None

    def source(self) -> str | None:
        """Code of the container that the act took its material from, where it states one."""
        stated: str | None = getattr(self, "source_container_code", None)
        return stated

    def sources(self) -> tuple[str, ...]:
        """Codes of all containers that the act took its material from: several only where they were poured together."""
        stated = self.source()
        return (stated,) if stated else ()

    def fills(self) -> tuple[str, ...]:
        """Codes of the containers that hold what the act worked on, afterwards; none where it filled none."""
        filled = self.holds()
        return (filled,) if filled else ()

    def pours_into(self) -> tuple[str, ...]:
        """Those of `fills` into which something was filled: what is left in one of `sources` goes on as it was."""
        return self.fills()

    def tubes(self) -> tuple[str, ...]:
        """Codes of the sample tubes that the act filled: they hold material for a test, and none of the product."""
        return ()

    def labels_over(self) -> tuple[str, str] | None:
        """The code before and the code since, where the act put another label on a container; None for any other."""
        return None

    def held_after(self) -> Mapping[str, Decimal]:
        """How much (mL) each container holds afterwards, by its code, where the act states it of each; else empty."""
        return {}

    def dispensed(self) -> tuple[str, Decimal] | None:
        """Code of the container that was given away as ready for use, with its volume in mL; None for any other act."""
        return None

    def flow(self) -> Flow | None:
        """The volumes of this act, for the balance; None where it moves nothing."""
        return None

    def materials(self) -> tuple[Material, ...]:
        """The reagents and disposables that this act used."""
        return ()

    def wanted(self, record: BatchRecord) -> tuple[Wanted, ...]:
        """The confirmations this entry needs before release (domain 2.3 "who / verify", 1.8 DI-ATT)."""
        needed = []
        if self.performed_by != self.recorded_by:
            needed.append(Wanted(ATTESTED, self.performed_by))
        if record.process.step(self.step_key).second_person:
            needed.append(Wanted(VERIFIED, None))
        return tuple(needed)

    def moments(self) -> tuple[datetime, ...]:
        """Every instant stated within this act."""
        return tuple(
            value for fact, value in stated_in(self) if fact.type is FactType.MOMENT and value is not None
        )

    def began_at(self) -> datetime | None:
        """When the act began, as far as that is stated (a fact `started_at`, where the kind has one); else None."""
        started: datetime | None = getattr(self, "started_at", None)
        return started

    def hands(self) -> frozenset[str]:
        """Ids of those who performed or wrote this entry, and so cannot verify it."""
        return frozenset({self.performed_by, self.recorded_by, *self.authors.values()})

    def people(self) -> frozenset[str]:
        """Ids of everybody who took part in this act."""
        named = {getattr(self, fact.name) for fact in facts_of(type(self)) if fact.type is FactType.PERSON}
        return frozenset(named - {None}) | self.hands()

    def summary(self, record: BatchRecord) -> str:
        """The act in one line, for collapsed steps and lists."""
        return ""


def problems(kind: type[Entry], values: Mapping[str, Any], step: Step) -> dict[str, str]:
    """What cannot be a fact, as a sentence per fact: missing, negative, outside what is physically possible.

    `values` holds the parsed facts (Decimal, int, str, datetime, tuple of rows); an unanswered one is None.
    """
    found: dict[str, str] = {}
    groups: dict[str, list[Fact]] = {}
    answered = kind.answered(values)
    for fact in kind.asked(step):
        value = values.get(fact.name)
        if fact.one_of:
            groups.setdefault(fact.one_of, []).append(fact)
        if value is None or value == "" or value == ():
            if (fact.required or fact.name in step.required_facts) and fact.name not in answered:
                found[fact.name] = (
                    f"Fill in: {mid_sentence(fact.label)}. If it was not done, say so with the reason."
                )
            continue
        sentence = _impossible(fact, value, step.limits.get(fact.name))
        if sentence:
            found[fact.name] = sentence
        if fact.type is FactType.ROWS and fact.row is not None:
            found |= in_rows(fact.name, (_row_problems(fact, row, step) for row in value))
    for group in groups.values():
        given = [fact for fact in group if values.get(fact.name) is not None]
        if not given or (len(given) > 1 and not group[0].both):
            names = " or ".join(mid_sentence(fact.label) for fact in group)
            found[group[0].name] = f"Enter {'at least' if group[0].both else 'exactly'} one: {names}."
    return found or kind.contradictions(values)


def left_empty(kind: type[Entry], values: Mapping[str, Any], step: Step) -> tuple[Fact, ...]:
    """The facts that may stay empty and did: each is closed with a reason when the step is recorded (PI 041 8.6)."""
    elsewhere = kind.answered(values) | kind.awaited(values)
    return tuple(
        fact
        for fact in kind.asked(step)
        if values.get(fact.name) in (None, "", ())
        and fact.name not in elsewhere
        and not (fact.required or fact.one_of or fact.private or fact.name in step.required_facts)
    )


def _impossible(fact: Fact, value: Any, limit: limits.Limit | None) -> str | None:
    if isinstance(value, (Decimal, int)) and not isinstance(value, bool):
        if value < 0 and not fact.signed:
            return f"{fact.label} cannot be negative."
        return limits.impossible(Decimal(value), limit) if limit else None
    if fact.type is FactType.CHOICE and value not in fact.choices:
        return f"Choose one of: {', '.join(fact.choices)}."
    return None


def in_rows(name: str, rows: Iterable[Mapping[str, str]]) -> dict[str, str]:
    """The sentences about the rows of a fact, each by the entry of the form in which its cell stands.

    `rows` has for each row, in their order, the sentences by the names of its columns.
    """
    return {
        f"{name}-{index}-{column}": f"Row {index + 1}: {sentence}"
        for index, sentences in enumerate(rows)
        for column, sentence in sentences.items()
    }


def _row_problems(fact: Fact, row: Any, step: Step) -> dict[str, str]:
    found = {}
    for column in facts_of(type(row)):
        value = getattr(row, column.name)
        if value is None or value == "":
            if column.required:
                found[column.name] = f"fill in {mid_sentence(column.label)}."
            continue
        sentence = _impossible(column, value, step.limits.get(f"{fact.name}.{column.name}"))
        if sentence:
            found[column.name] = sentence
    return found


def unusual(kind: type[Entry], values: Mapping[str, Any], step: Step) -> dict[str, str]:
    """Which facts are outside their usual range and need a reason: a sentence per fact."""
    found = {}
    for fact in kind.asked(step):
        value, limit = values.get(fact.name), step.limits.get(fact.name)
        if isinstance(value, (Decimal, int)) and not isinstance(value, bool) and limit:
            sentence = limits.unusual(Decimal(value), limit)
            if sentence:
                found[fact.name] = sentence
        if fact.type is FactType.ROWS:
            for index, row in enumerate(value or ()):
                for column in facts_of(type(row)):
                    cell, limit = getattr(row, column.name), step.limits.get(f"{fact.name}.{column.name}")
                    if isinstance(cell, (Decimal, int)) and not isinstance(cell, bool) and limit:
                        sentence = limits.unusual(Decimal(cell), limit)
                        if sentence:
                            found.setdefault(fact.name, f"Row {index + 1}: {sentence}")
    return found
