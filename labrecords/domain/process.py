"""The process definition: which steps a batch has, in which order, with which limits. Data, never code.

A definition is a TOML text. A batch keeps the definition it was opened with, frozen by the digest of that text
(EU GMP Part IV 6.2/6.3: the record is a copy of the approved instructions). Numbers are written as strings, so
that "1.0" keeps its decimals.
"""

from __future__ import annotations

import hashlib
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal, InvalidOperation
from functools import cached_property, lru_cache
from typing import Any

from labrecords.domain.limits import Limit

PATHWAYS = (
    "US_SSP", "US_MARROW", "US_361", "US_351_PH1", "US_351",
    "EU_ATMP", "EU_ATMP_IMP", "EU_ATMP_HE", "EU_SOHO", "EU_SOHO_NOSTORE", "LOCAL",
)  # fmt: skip

PROCESSING, TESTING, ADMINISTRATION = "processing", "testing", "administration"
PHASES = (PROCESSING, TESTING, ADMINISTRATION)
QUESTIONS = ("number", "choice", "text", "yesno")


class ProcessError(ValueError):
    """The definition cannot be used; the text says where and why."""


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
    asks: Question | None = None
    """For a generic reading: what is asked."""
    late: bool = False
    """For a test: whether its result may come after the release."""
    due_days: int | None = None
    """For a test: by when its final result is expected, in days after its sample was drawn."""
    required_facts: frozenset[str] = frozenset()
    """Facts that are optional for the kind and required in this step."""
    limits: Mapping[str, Limit] = field(default_factory=dict)
    number: int = 0


@dataclass(frozen=True)
class ResultSpec:
    """A computed result that is judged at release. `key` names a function of domain/results.py."""

    key: str
    label: str
    limit: Limit
    required: bool = True


@dataclass(frozen=True)
class Yields:
    """Which steps the yield is computed from (GMP-103): names of steps, or "step.fact"."""

    count_before: str
    volume_before: str
    volume_taken_before: str
    count_after: str
    volume_after: str
    volume_taken_after: str = ""


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
    steps: tuple[Step, ...]
    results: tuple[ResultSpec, ...]
    yields: Yields
    time_limits: tuple[TimeLimit, ...]
    additives: tuple[str, ...]
    """What may be added to the cells on this pathway; anything else is shown to the reviewer (21 CFR 1271.10(a)(3))."""
    label_set: tuple[str, ...]
    """The labels that a batch needs, by the name of their template."""
    sources: tuple[str, ...]
    text: str
    digest: str

    def step(self, key: str) -> Step:
        """The step with this key; KeyError when the process has none."""
        return self._by_key[key]

    @cached_property
    def _by_key(self) -> dict[str, Step]:
        return {step.key: step for step in self.steps}

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


@lru_cache(maxsize=64)
def read_process(text: str) -> Process:
    """Read a definition. Raises ProcessError with the place and the reason."""
    try:
        data = tomllib.loads(text)
    except (ValueError, RecursionError) as error:  # also a number of 5000 digits, or lists 1000 deep
        raise ProcessError(f"The definition is not readable TOML: {error}") from error
    try:
        head = data["process"]
        steps = tuple(_step(table, number) for number, table in enumerate(data["step"], start=1))
        process = Process(
            key=head["key"],
            version=head["version"],
            title=head["title"],
            product=head["product"],
            pathway=_one_of(head["pathway"], PATHWAYS, "process.pathway"),
            population=head["population"],
            release_required=bool(head["release_required"]),
            late_after_min=_whole(head["late_after_min"], "process.late_after_min"),
            max_age_h=_decimal(head.get("max_age_h"), "process.max_age_h"),
            shelf_life_h=_decimal(head.get("shelf_life_h"), "process.shelf_life_h"),
            custody_gap_min=_decimal(head["custody_gap_min"], "process.custody_gap_min") or Decimal(0),
            balance_tolerance_percent=_decimal(head["balance_tolerance_percent"], "balance") or Decimal(0),
            minimum_cells=_whole(head.get("minimum_cells", 0), "process.minimum_cells"),
            steps=steps,
            results=tuple(_result(table) for table in data.get("result", [])),
            yields=Yields(**data["yield"]),
            time_limits=tuple(_time_limit(table) for table in data.get("time_limit", [])),
            additives=tuple(head.get("additives", [])),
            label_set=tuple(head.get("label_set", [])),
            sources=tuple(data.get("sources", [])),
            text=text,
            digest=hashlib.sha256(text.encode()).hexdigest(),
        )
    except KeyError as error:
        raise ProcessError(f"The definition lacks {error}.") from error
    except (TypeError, AttributeError) as error:
        raise ProcessError(f"The definition has a table of the wrong shape: {error}") from error
    keys = [step.key for step in steps]
    if len(set(keys)) != len(keys):
        raise ProcessError("Two steps have the same key.")
    return process


def _step(table: dict[str, Any], number: int) -> Step:
    where = f"step {number} ({table.get('key', '?')})"
    second_person = _one_of(table.get("second_person", "none"), ("none", "verify", "blind"), where)
    return Step(
        key=table["key"],
        kind=table["kind"],
        title=table["title"],
        instruction=table["instruction"],
        phase=_one_of(table.get("phase", PROCESSING), PHASES, where),
        required=table.get("required", True),
        second_person=second_person != "none",
        blind=second_person == "blind",
        bypass=table.get("bypass", False),
        sop=table.get("sop", ""),
        asks=_question(table["asks"], where) if "asks" in table else None,
        late=table.get("late", False),
        due_days=_whole(table["due_days"], where) if "due_days" in table else None,
        required_facts=frozenset(table.get("required_facts", [])),
        limits={name: _limit(limit, f"{where}, {name}") for name, limit in table.get("limits", {}).items()},
        number=number,
    )


def _question(table: dict[str, Any], where: str) -> Question:
    return Question(
        type=_one_of(table["type"], QUESTIONS, where),
        label=table["label"],
        unit=table.get("unit", ""),
        choices=tuple(table.get("choices", [])),
    )


def _time_limit(table: dict[str, Any]) -> TimeLimit:
    where = f"time limit {table.get('label', '?')}"
    return TimeLimit(
        start=table["from"],
        end=table["to"],
        label=table["label"],
        max_min=_decimal(table.get("max_min"), where),
        min_min=_decimal(table.get("min_min"), where),
    )


def _result(table: dict[str, Any]) -> ResultSpec:
    limit = _limit(table["limit"], f"result {table['key']}")
    return ResultSpec(table["key"], table["label"], limit, table.get("required", True))


def _limit(table: dict[str, Any], where: str) -> Limit:
    def bounds(name: str) -> tuple[Decimal | None, Decimal | None]:
        ends = table.get(name, ("", ""))
        if not isinstance(ends, (list, tuple)) or len(ends) != 2:
            raise ProcessError(f'{where}: {name} is not a pair of ends, like ["1", "10"].')
        return _decimal(ends[0], where), _decimal(ends[1], where)

    unknown = set(table) - {"unit", "decimals", "target", "hard", "soft", "alert", "acceptance", "rounding"}
    if unknown:
        raise ProcessError(f"{where}: unknown {', '.join(sorted(unknown))}.")
    try:
        return Limit(
            unit=table.get("unit", ""),
            decimals=table.get("decimals"),
            target=_decimal(table.get("target"), where),
            hard=bounds("hard"),
            soft=bounds("soft"),
            alert=bounds("alert"),
            acceptance=bounds("acceptance"),
            rounding=_one_of(table.get("rounding", "half-up"), ("half-up", "half-even"), where),
        )
    except ProcessError:
        raise
    except ValueError as error:
        raise ProcessError(f"{where}: {error}.") from error


def _decimal(text: str | None, where: str) -> Decimal | None:
    if text is None or text == "":
        return None
    if not isinstance(text, str):
        raise ProcessError(f'{where}: write numbers as strings, like "1.0".')
    try:
        number = Decimal(text)
    except InvalidOperation:
        number = Decimal("NaN")
    if not number.is_finite():
        raise ProcessError(f"{where}: “{text}” is not a number.")
    return number


def _whole(number: object, where: str) -> int:
    if not isinstance(number, int) or isinstance(number, bool) or number < 0:
        raise ProcessError(f"{where}: “{number}” is not a whole number of 0 or more.")
    return number


def _one_of(value: str, allowed: tuple[str, ...], where: str) -> str:
    if value not in allowed:
        raise ProcessError(f"{where}: “{value}” is not one of {', '.join(allowed)}.")
    return value
