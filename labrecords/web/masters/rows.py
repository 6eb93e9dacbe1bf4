"""The tables of a draft: time limits between steps, the results judged at release, and the follow-up visits."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

from flask.typing import ResponseReturnValue

from labrecords.domain.permissions import Permission
from labrecords.domain.processes.process import ResultSpec, TimeLimit
from labrecords.domain.processes.process_lines import Path
from labrecords.domain.results.yield_results import RESULT_UNITS
from labrecords.domain.values.limits import ROUNDINGS
from labrecords.domain.values.typography import mid_sentence
from labrecords.web.forms.shared import Line
from labrecords.web.masters.form import (
    NO,
    YES,
    DraftForm,
    amount,
    base_of,
    chosen_from,
    count,
    draft_page,
    put,
    range_of,
    select,
    shown_number,
)
from labrecords.web.masters.pages import pages
from labrecords.web.masters.text import Data

WRITE = Permission.WRITE_MASTER
SPARE = 3
"""So many empty rows stand below those that are filled; saving gives more."""
TIME_PARTS = (
    ("label", "What is limited"),
    ("from", "From the end of step"),
    ("to", "To the end of step"),
    ("min_min", "At least, min"),
    ("max_min", "At most, min"),
)
VISIT_PARTS = (
    ("name", "Visit"),
    ("after_d", "Days after the injection"),
    ("window_d", "Window, days before and after"),
)
RESULT_PARTS = (
    ("key", "Result"),
    ("label", "Name"),
    ("alert_low", "No alert from"),
    ("alert_high", "No alert to"),
    ("acceptance_low", "Accepted from"),
    ("acceptance_high", "Accepted to"),
    ("decimals", "Decimals"),
    ("rounding", "Rounding"),
    ("required", "Required"),
)


@pages.page("/masters/<digest>/edit/time-limits", needs=WRITE, methods=("GET", "POST"))
def edit_times(digest: str) -> ResponseReturnValue:
    page = base_of(digest)
    limits, rows = page.process.time_limits, len(page.process.time_limits) + SPARE
    typed = {
        f"row-{row}-{part}": text for row, item in enumerate(limits) for part, text in _time(item).items()
    }
    form = _times_form(rows)(data=typed)
    options = chosen_from(
        [("", ""), *((step.key, f"{step.number} {step.title}") for step in page.process.steps)]
    )
    for row in range(rows):
        form[f"row-{row}-from"].choices = form[f"row-{row}-to"].choices = options
    places: dict[Path, str] = {}

    def change(data: Data) -> None:
        before: list[Data] = data.get("time_limit", [])
        tables: list[Data] = []
        for row in range(rows):
            table = dict(before[row]) if row < len(before) else {}
            for part in ("from", "to"):
                put(table, part, form[f"row-{row}-{part}"].data)
            put(table, "label", form[f"row-{row}-label"].text)
            for part in ("min_min", "max_min"):
                put(table, part, form[f"row-{row}-{part}"].value)
            if table:
                here: Path = ("time_limit", len(tables))
                places.update({(*here, part): f"row-{row}-{part}" for part, _ in TIME_PARTS})
                places[here] = f"row-{row}-max_min"
                tables.append(table)
        put(data, "time_limit", tables)

    return draft_page(
        page,
        form,
        "masters/rows.html",
        change,
        anchor="times",
        places=places,
        title="Change the time limits between steps",
        button="Save the time limits",
        rows=_shown(form, rows, TIME_PARTS),
    )


def _time(limit: TimeLimit) -> dict[str, str]:
    return {
        "label": limit.label,
        "from": limit.start,
        "to": limit.end,
        "min_min": shown_number(limit.min_min),
        "max_min": shown_number(limit.max_min),
    }


@lru_cache(maxsize=32)
def _times_form(rows: int) -> type[DraftForm]:
    entries: dict[str, Any] = {}
    for row in range(rows):
        name, words = f"row-{row}", f"Time limit {row + 1}"
        entries[f"{name}-label"] = Line(f"{words}, name", limit=120)
        entries[f"{name}-from"] = select(f"{words}, from the end of")
        entries[f"{name}-to"] = select(f"{words}, to the end of")
        entries[f"{name}-min_min"] = amount(f"{words}, at least")
        entries[f"{name}-max_min"] = amount(f"{words}, at most")
    return type("TimesForm", (DraftForm,), entries)


@pages.page("/masters/<digest>/edit/results", needs=WRITE, methods=("GET", "POST"))
def edit_results(digest: str) -> ResponseReturnValue:
    page = base_of(digest)
    specs, rows = page.process.results, len(page.process.results) + SPARE
    typed = {
        f"row-{row}-{part}": text for row, spec in enumerate(specs) for part, text in _typed(spec).items()
    }
    form = _results_form(rows)(data=typed)
    places: dict[Path, str] = {}

    def change(data: Data) -> None:
        known = {table["key"]: table for table in data.get("result", [])}
        tables: list[Data] = []
        for row in range(rows):
            table = _result(form, f"row-{row}", known)
            # Without a key a row that was there is removed; a new one is asked back where something stands in it.
            if "key" in table or (row >= len(specs) and (table.get("label") or table["limit"])):
                here: Path = ("result", len(tables))
                places.update({(*here, part): f"row-{row}-{part}" for part in ("key", "label", "required")})
                places.update(
                    {(*here, "limit", part): f"row-{row}-{part}_low" for part in ("alert", "acceptance")}
                )
                places[(*here, "limit")] = f"row-{row}-acceptance_low"
                tables.append(table)
        put(data, "result", tables)

    return draft_page(
        page,
        form,
        "masters/rows.html",
        change,
        anchor="results",
        places=places,
        title="Change the results judged at release",
        button="Save the results",
        rows=_shown(form, rows, RESULT_PARTS),
    )


def _typed(spec: ResultSpec) -> dict[str, str]:
    limit = spec.limit
    return {
        "key": spec.key,
        "label": spec.label,
        "alert_low": shown_number(limit.alert[0]),
        "alert_high": shown_number(limit.alert[1]),
        "acceptance_low": shown_number(limit.acceptance[0]),
        "acceptance_high": shown_number(limit.acceptance[1]),
        "decimals": "" if limit.decimals is None else str(limit.decimals),
        "rounding": limit.rounding,
        "required": YES if spec.required else NO,
    }


def _result(form: DraftForm, row: str, known: dict[str, Data]) -> Data:
    """One result as the text writes it."""

    def entry(part: str) -> Any:
        return form[f"{row}-{part}"]

    key = entry("key").data
    table = dict(known.get(key, {}))
    put(table, "key", key)
    put(table, "label", entry("label").text)
    limit = dict(table.get("limit", {}))
    put(limit, "unit", RESULT_UNITS.get(key, ""))
    put(limit, "decimals", entry("decimals").value)
    for name in ("alert", "acceptance"):
        put(limit, name, range_of(entry(f"{name}_low"), entry(f"{name}_high")))
    put(limit, "rounding", entry("rounding").data, "half-up")
    table["limit"] = limit
    put(table, "required", entry("required").data == YES, True)
    return table


@lru_cache(maxsize=32)
def _results_form(rows: int) -> type[DraftForm]:
    keys = [("", "None")] + [
        (key, key.replace("_", " ") + (f", {unit}" if unit else "")) for key, unit in RESULT_UNITS.items()
    ]
    entries: dict[str, Any] = {}
    for row in range(rows):
        name, words = f"row-{row}", f"Result {row + 1}"
        entries[f"{name}-key"] = select(words, keys)
        entries[f"{name}-label"] = Line(f"{words}, name", limit=120)
        for part, label in RESULT_PARTS[2:6]:
            entries[f"{name}-{part}"] = amount(f"{words}, {mid_sentence(label)}")
        entries[f"{name}-decimals"] = count(f"{words}, decimals")
        entries[f"{name}-rounding"] = select(f"{words}, rounding", [(item, item) for item in ROUNDINGS])
        entries[f"{name}-required"] = select(f"{words}, required", [(YES, "Yes"), (NO, "No")])
    return type("ResultsForm", (DraftForm,), entries)


@pages.page("/masters/<digest>/edit/visits", needs=WRITE, methods=("GET", "POST"))
def edit_visits(digest: str) -> ResponseReturnValue:
    page = base_of(digest)
    visits, rows = page.process.follow_up, len(page.process.follow_up) + SPARE
    typed = {
        f"row-{row}-{part}": str(getattr(visit, part))
        for row, visit in enumerate(visits)
        for part, _ in VISIT_PARTS
    }
    form = _visits_form(rows)(data=typed)
    places: dict[Path, str] = {}

    def change(data: Data) -> None:
        before: list[Data] = data.get("follow_up", [])
        tables: list[Data] = []
        for row in range(rows):
            table = dict(before[row]) if row < len(before) else {}
            put(table, "name", form[f"row-{row}-name"].text)
            for part in ("after_d", "window_d"):
                put(table, part, form[f"row-{row}-{part}"].value)
            if table:
                here: Path = ("follow_up", len(tables))
                places.update({(*here, part): f"row-{row}-{part}" for part, _ in VISIT_PARTS})
                tables.append(table)
        put(data, "follow_up", tables)

    return draft_page(
        page,
        form,
        "masters/rows.html",
        change,
        anchor="visits",
        places=places,
        title="Change the follow-up visits",
        button="Save the follow-up visits",
        rows=_shown(form, rows, VISIT_PARTS),
    )


@lru_cache(maxsize=32)
def _visits_form(rows: int) -> type[DraftForm]:
    entries: dict[str, Any] = {}
    for row in range(rows):
        name, words = f"row-{row}", f"Follow-up visit {row + 1}"
        entries[f"{name}-name"] = Line(f"{words}, name", limit=60)
        entries[f"{name}-after_d"] = count(f"{words}, days after the injection")
        entries[f"{name}-window_d"] = count(f"{words}, window in days")
    return type("VisitsForm", (DraftForm,), entries)


def _shown(form: DraftForm, rows: int, parts: tuple[tuple[str, str], ...]) -> list[list[tuple[str, Any]]]:
    """The entries of each row, each with its label."""
    return [[(words, form[f"row-{row}-{part}"]) for part, words in parts] for row in range(rows)]
