"""What of a draft holds for the whole batch: the head, and the steps from which the yield is computed."""

from __future__ import annotations

from dataclasses import fields
from functools import lru_cache
from typing import Any

from flask.typing import ResponseReturnValue
from wtforms import TextAreaField

from labrecords.domain.facts import FactType, facts_of
from labrecords.domain.kinds import KINDS
from labrecords.domain.permissions import Permission
from labrecords.domain.processes.process import CHECKS, LABELS, PATHWAYS, Process, Yields
from labrecords.domain.processes.process_lines import Path
from labrecords.domain.processes.reproduction import YIELD_LABELS
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
    listed,
    put,
    select,
    shown_number,
    yes_no,
)
from labrecords.web.masters.pages import pages
from labrecords.web.masters.text import Data

WRITE = Permission.WRITE_MASTER
ONE_EACH = "One on each line; may stay empty"
TEMPERATURES = ("temperature_min_c", "temperature_max_c", "out_of_range_max_min")
NUMBERS = ("max_age_h", "shelf_life_h", "custody_gap_min", "balance_tolerance_percent", *TEMPERATURES)
WHOLES = ("late_after_min", "minimum_cells")
FLAGS = ("release_required", "intrathecal_endotoxin", "out_of_store_counts", "transport_temperature")
LISTS = ("additives", "label_set", "identity_checks")
COUNTED = "concentration_per_ml"
"""What a step computes that can be counted from in the yield."""


class HeadForm(DraftForm):
    key = Line(
        "Key", missing="Give the master a key.", limit=60, description="Stays the same in all its versions"
    )
    version = Line("Version", missing="Give the version a number.", limit=30)
    title = Line("Title", missing="Give it a title.", limit=200)
    product = Line("Product", missing="Name the product as labels and documents are to say it.", limit=200)
    pathway = select("Regulatory pathway", [(code, f"{code}: {words}") for code, words in PATHWAYS.items()])
    population = Line("What is counted as dose", missing="Say what is counted as dose.", limit=200)
    release_required = yes_no("Release by QA before use")
    max_age_h = amount("Age since harvest, at most")
    shelf_life_h = amount("Shelf life since filling")
    late_after_min = count("Entry is late after", missing="Say after how many minutes an entry is late.")
    custody_gap_min = amount(
        "Custody gap, tolerated", missing="Say how many minutes without a holder are tolerated."
    )
    balance_tolerance_percent = amount(
        "Volume balance, tolerated", missing="Say how far the balance may be out."
    )
    minimum_cells = count("Viability on fewer cells is shown")
    intrathecal_endotoxin = yes_no("Endotoxin of one hour as for an intrathecal dose")
    temperature_min_c = amount("Kept and carried at, at least")
    temperature_max_c = amount("Kept and carried at, at most")
    out_of_range_max_min = amount("Outside that range in all, at most")
    out_of_store_counts = yes_no("Time out of its place counts as outside")
    transport_temperature = yes_no("Each transport needs its temperature")
    additives = TextAreaField("May be added to the cells", description=ONE_EACH, render_kw={"rows": 3})
    label_set = TextAreaField(
        "Labels of a batch", description=f"{ONE_EACH}. Known are {', '.join(LABELS)}", render_kw={"rows": 4}
    )
    identity_checks = TextAreaField(
        "Identity check of the product",
        description=f"{ONE_EACH}. Known are {', '.join(CHECKS)}",
        render_kw={"rows": 2},
    )
    sources = TextAreaField("Sources", description=ONE_EACH, render_kw={"rows": 4})


@pages.page("/masters/<digest>/edit/head", needs=WRITE, methods=("GET", "POST"))
def edit_head(digest: str) -> ResponseReturnValue:
    page = base_of(digest)
    form = HeadForm(data=_head(page.process))

    def change(data: Data) -> None:
        head = data["process"]
        for name in ("key", "version", "title", "product", "population"):
            put(head, name, form[name].text)
        put(head, "pathway", form.pathway.data)
        for name in FLAGS:
            # What the text leaves to its default stays unwritten while it is not changed.
            if name in head or (form[name].data == YES) != getattr(page.process, name):
                head[name] = form[name].data == YES
        for name in (*NUMBERS, *WHOLES):
            put(head, name, form[name].value)
        for name in LISTS:
            put(head, name, listed(form[name].data))
        put(data, "sources", listed(form.sources.data))

    names = [name for name in form._fields if name not in ("seen", "form_key", "sources")]
    places: dict[Path, str] = {("process", name): name for name in names} | {("sources",): "sources"}
    return draft_page(page, form, "masters/head.html", change, anchor="whole", places=places)


def _head(process: Process) -> dict[str, Any]:
    values: dict[str, Any] = {
        name: getattr(process, name)
        for name in ("key", "version", "title", "product", "population", "pathway")
    }
    values |= {name: YES if getattr(process, name) else NO for name in FLAGS}
    values |= {name: shown_number(getattr(process, name)) for name in NUMBERS}
    values |= {name: str(getattr(process, name)) for name in WHOLES}
    return values | {name: "\n".join(getattr(process, name)) for name in (*LISTS, "sources")}


# ---- the yield -------------------------------------------------------------------------------------------------------


@pages.page("/masters/<digest>/edit/yield", needs=WRITE, methods=("GET", "POST"))
def edit_yield(digest: str) -> ResponseReturnValue:
    page = base_of(digest)
    names = [item.name for item in fields(Yields)]
    form = _yield_form(tuple(names))(data={name: getattr(page.process.yields, name) for name in names})
    for name in names:
        unit = "g" if name.startswith("mass") else "mL"
        found = _counts(page.process) if name.startswith("count") else _amounts(page.process, unit)
        form[name].choices = chosen_from([("", "None"), *found])

    def change(data: Data) -> None:
        for name in names:
            if form[name].data or name in data["yield"]:
                data["yield"][name] = form[name].data or ""

    return draft_page(
        page,
        form,
        "masters/yield.html",
        change,
        anchor="yield",
        places={("yield", name): name for name in names},
        entries=[form[name] for name in names],
    )


@lru_cache(maxsize=4)
def _yield_form(names: tuple[str, ...]) -> type[DraftForm]:
    return type(
        "YieldForm",
        (DraftForm,),
        {
            name: select(YIELD_LABELS.get(name, name.replace("_", " ")), validate_choice=False)
            for name in names
        },
    )


def _counts(process: Process) -> list[tuple[str, str]]:
    return [
        (step.key, f"{step.number} {step.title}")
        for step in process.steps
        if COUNTED in KINDS[step.kind].derived_keys
    ]


def _amounts(process: Process, unit: str) -> list[tuple[str, str]]:
    """Every number with this unit that a step records, as the text names it."""
    return [
        (f"{step.key}.{fact.name}", f"{step.number} {step.title}: {mid_sentence(fact.label)}")
        for step in process.steps
        for fact in facts_of(KINDS[step.kind])
        if fact.type is FactType.NUMBER and fact.unit == unit
    ]
