"""Reading the text of a process definition: strictly, with every error at once and its place (domain 6.6).

Nothing is half-read. What is wrong with the shape is found here, what is wrong with the sense by process_rules.py.
"""

from __future__ import annotations

import hashlib
import re
import tomllib
from dataclasses import MISSING, fields
from decimal import Decimal
from functools import lru_cache
from typing import Any

from labrecords.domain.processes.process import (
    CHECKS,
    LABELS,
    PATHWAYS,
    PHASES,
    PROCESSING,
    QUESTIONS,
    Problem,
    Process,
    ProcessError,
    Question,
    ResultSpec,
    Step,
    TimeLimit,
    Yields,
)
from labrecords.domain.processes.process_lines import Path, line_of, line_of_long_key, lines_of
from labrecords.domain.processes.process_rules import broken_rules
from labrecords.domain.processes.process_tables import Noted, Table
from labrecords.domain.processes.visits import LONGEST_D, MOST_VISITS, Visit
from labrecords.domain.values.limits import OPEN, ROUNDINGS, Bounds, Limit

LONGEST_BYTES = 1_000_000
MOST_STEPS = 200
MOST_PARTS = 20
"""So many names with points between them make one key, at most."""
MOST_NAMED = 200
"""So many errors are named; the rest is counted."""
_ZERO = Decimal(0)
SECOND_PERSONS = ("none", "verify", "blind")
_AT_LINE = re.compile(r" \(at (?:line (\d+), column (\d+)|end of document)\)$")
_VERSION = re.compile(r"[0-9A-Za-z][0-9A-Za-z._-]{0,19}")
_LIST_NAMES = {"step": "step", "result": "result", "time_limit": "time limit", "follow_up": "follow-up visit"}
_NAMED_BY = {"step": "key", "result": "key", "time_limit": "label", "follow_up": "name"}


@lru_cache(maxsize=64)
def read_process(text: str) -> Process:
    """Read a definition. Raises ProcessError with every error, each with its place and line."""
    data, noted = _parsed(text), Noted()
    top = Table(data, (), noted)
    process = _process(top, text)
    if not noted.has(("step",)):
        shapeless = set(noted.places)
        for path, sentence in broken_rules(process):
            if path not in shapeless:
                noted.add(path, sentence)
    if noted.problems:
        lines = lines_of(text)
        found = [
            Problem(_where(data, path), line_of(lines, path), said, path) for path, said in noted.problems
        ]
        found.sort(key=lambda problem: problem.line or 0)
        more = len(found) - MOST_NAMED
        rest = [Problem("", None, f"And {more} more.")] if more > 0 else []
        raise ProcessError(*found[:MOST_NAMED], *rest)
    return process


def _parsed(text: str) -> dict[str, Any]:
    if len(text) > LONGEST_BYTES or len(_bytes(text)) > LONGEST_BYTES:
        raise _refused(None, "This is more than 1 MB: no process is as long as that. Choose the right file.")
    if long := line_of_long_key(text, MOST_PARTS):
        raise _refused(long, f"This key has more than {MOST_PARTS} parts: no process asks for one like that.")
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        said = str(error)
        at = _AT_LINE.search(said)
        line = (int(at[1]) if at[1] else text.count("\n") + 1) if at else None
        column = f" at column {at[2]}" if at and at[2] else ""
        raise _refused(line, f"This is not readable TOML{column}: {_AT_LINE.sub('', said)}.") from error
    except (ValueError, RecursionError) as error:  # a number of 5000 digits, lists 1000 deep
        raise _refused(
            None, "This is not readable TOML: it holds a number or a list beyond all bounds."
        ) from error


def _bytes(text: str) -> bytes:
    try:
        return text.encode()
    except UnicodeEncodeError as error:
        line = text.count("\n", 0, error.start) + 1
        raise _refused(
            line, "This line holds a character that is not text. Save the file as UTF-8."
        ) from error


def _refused(line: int | None, sentence: str) -> ProcessError:
    return ProcessError(Problem("", line, sentence))


def _where(data: dict[str, Any], path: Path) -> str:
    """The place in words: "step 3 (harvest), limits.total_volume_ml"."""
    if len(path) > 1 and path[0] in _LIST_NAMES and isinstance(path[1], int):
        name = str(path[0])
        item = data[name][path[1]]
        called = item.get(_NAMED_BY[name], "") if isinstance(item, dict) else ""
        called = f" ({called[:40]})" if isinstance(called, str) and called.isprintable() and called else ""
        first, rest = f"{_LIST_NAMES[name]} {path[1] + 1}{called}", path[2:]
    else:
        first, rest = str(path[0])[:60], path[1:]
    return f"{first}, {'.'.join(map(str, rest))}" if rest else first


def _process(top: Table, text: str) -> Process:
    head = top.table("process", required=True) or Table({}, ("process",), Noted())
    steps = top.tables("step", required=True)
    if len(steps) > MOST_STEPS or ("step" in top.data and not top.data["step"]):
        top.wrong("step", f"A process has 1 to {MOST_STEPS} steps, and this one has {len(steps)}.")
        steps = []
    yields = top.table("yield", required=True) or Table({}, ("yield",), Noted())
    process = Process(
        key=head.key("key"),
        version=_version(head),
        title=head.text("title", limit=120),
        product=head.text("product", limit=120),
        pathway=head.one_of("pathway", PATHWAYS),
        population=head.text("population", limit=120),
        release_required=head.flag("release_required"),
        late_after_min=head.whole("late_after_min"),
        max_age_h=head.number("max_age_h"),
        shelf_life_h=head.number("shelf_life_h"),
        custody_gap_min=head.number("custody_gap_min", required=True) or _ZERO,
        balance_tolerance_percent=head.number("balance_tolerance_percent", required=True) or _ZERO,
        minimum_cells=head.whole("minimum_cells", 0),
        intrathecal_endotoxin=head.flag("intrathecal_endotoxin", True),
        temperature_min_c=head.number("temperature_min_c"),
        temperature_max_c=head.number("temperature_max_c"),
        out_of_range_max_min=head.number("out_of_range_max_min"),
        out_of_store_counts=head.flag("out_of_store_counts", False),
        transport_temperature=head.flag("transport_temperature", False),
        steps=tuple(_step(table, number) for number, table in enumerate(steps, start=1)),
        results=tuple(_result(table) for table in top.tables("result")),
        yields=_yields(yields),
        time_limits=tuple(_time_limit(table) for table in top.tables("time_limit")),
        follow_up=_visits(top),
        additives=head.texts("additives"),
        label_set=head.words("label_set", LABELS),
        identity_checks=head.words("identity_checks", CHECKS),
        sources=top.texts("sources"),
        text=text,
        digest=hashlib.sha256(_bytes(text)).hexdigest(),
    )
    head.done()
    top.done()
    return process


def _version(head: Table) -> str:
    version = head.text("version")
    if version and not _VERSION.fullmatch(version):
        head.wrong("version", "A version has 1 to 20 letters, digits, dots and hyphens, like 2 or 2.1.")
    return version


def _step(table: Table, number: int) -> Step:
    second_person = table.one_of("second_person", SECOND_PERSONS, "none")
    asks, limits = table.table("asks"), table.table("limits")
    step = Step(
        key=table.key("key"),
        kind=table.text("kind"),
        title=table.text("title", limit=120),
        instruction=table.text("instruction", limit=4000, multiline=True),
        phase=table.one_of("phase", PHASES, PROCESSING),
        required=table.flag("required", True),
        second_person=second_person != "none",
        blind=second_person == "blind",
        bypass=table.flag("bypass", False),
        sop=table.text("sop", required=False, limit=60),
        materials=table.texts("materials"),
        equipment=table.texts("equipment"),
        asks=_question(asks) if asks else None,
        late=table.flag("late", False),
        due_days=table.whole("due_days", most=3650) if "due_days" in table.data else None,
        required_facts=frozenset(table.texts("required_facts")),
        limits={str(item.path[-1]): _limit(item) for item in limits.inner()} if limits else {},
        number=number,
    )
    table.asked.add("due_days")
    table.done()
    return step


def _question(table: Table) -> Question:
    question = Question(
        type=table.one_of("type", QUESTIONS),
        label=table.text("label", limit=120),
        unit=table.text("unit", required=False, limit=20),
        choices=table.texts("choices"),
    )
    table.done()
    return question


def _time_limit(table: Table) -> TimeLimit:
    limit = TimeLimit(
        start=table.text("from"),
        end=table.text("to"),
        label=table.text("label", limit=120),
        max_min=table.number("max_min"),
        min_min=table.number("min_min"),
    )
    table.done()
    return limit


def _visits(top: Table) -> tuple[Visit, ...]:
    tables, visits = top.tables("follow_up"), []
    if len(tables) > MOST_VISITS:
        top.wrong(
            "follow_up", f"A schedule has {MOST_VISITS} visits at most, and this one has {len(tables)}."
        )
        return ()
    for table in tables:
        visits.append(
            Visit(
                name=table.text("name", limit=60),
                after_d=table.whole("after_d", most=LONGEST_D),
                window_d=table.whole("window_d", most=LONGEST_D),
            )
        )
        table.done()
    return tuple(visits)


def _result(table: Table) -> ResultSpec:
    limit = table.table("limit", required=True)
    spec = ResultSpec(
        key=table.text("key"),
        label=table.text("label", limit=120),
        limit=_limit(limit) if limit else Limit(),
        required=table.flag("required", True),
    )
    table.done()
    return spec


def _yields(table: Table) -> Yields:
    names = {item.name: item.default is MISSING for item in fields(Yields)}
    yields = Yields(**{name: table.text(name, required=needed) for name, needed in names.items()})
    table.done()
    return yields


def _limit(table: Table) -> Limit:
    limit = Limit(
        unit=table.text("unit", required=False, limit=20),
        decimals=table.whole("decimals", most=10) if "decimals" in table.data else None,
        target=table.number("target"),
        hard=_bounds(table, "hard"),
        soft=_bounds(table, "soft"),
        alert=_bounds(table, "alert"),
        acceptance=_bounds(table, "acceptance"),
        rounding=table.one_of("rounding", tuple(ROUNDINGS), "half-up"),
    )
    table.asked.add("decimals")
    table.done()
    return limit


def _bounds(table: Table, name: str) -> Bounds:
    """Two ends; "" is an open one. Ends in the wrong order are noted, and both left open."""
    table.asked.add(name)
    ends = table.data.get(name, ["", ""])
    if type(ends) is not list or len(ends) != 2 or not all(type(end) is str for end in ends):
        table.wrong(name, 'Write the two ends as text, like ["1", "10"]; "" is an open end.')
        return OPEN
    low, high = (table.decimal(name, end) if end else None for end in ends)
    if low is not None and high is not None and low > high:
        table.wrong(name, f"This runs from {low} to {high}: its ends are in the wrong order.")
        return OPEN
    return low, high
