"""What is done with a code that was scanned: it is said what it is, and where it leads from the page in hand."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import urlencode

from flask import request, url_for

from labrecords.actions.door import Actor
from labrecords.actions.identity_vault import is_record_number
from labrecords.domain.custody.carried import CONTAINER, NUMBER
from labrecords.domain.custody.container_ids import shown
from labrecords.domain.custody.names import labelled_over
from labrecords.domain.custody.scans import Scan, read_scan, unknown_code
from labrecords.domain.permissions import Permission
from labrecords.domain.steps.storage import Storage
from labrecords.domain.values.codes import NotACode, normalise
from labrecords.models.batch_record import laboratory
from labrecords.models.session import db
from labrecords.models.whose import (
    EQUIPMENT,
    IN_BATCHES,
    LOT,
    PERSON,
    PLACE,
    REGISTERED_ORDER,
    REGISTERED_PATIENT,
    Found,
    whose,
)
from labrecords.web.batches.batch import whole_batch_or_404
from labrecords.web.batches.unseen import unseen_codes
from labrecords.web.scanning.waiting import KEEPS, WRISTBAND, Waits, waiting
from labrecords.web.signed_in import installation, signed_in_actor
from labrecords.web.site import page_at

LONGEST = 200
FORMS = ("steps.step", "steps.correct", "steps.repeat", "steps.report", "reentry.again")
"""The pages with the form of a step."""
NOTHING = "Nothing was scanned. Scan a code, or type it as it is printed."
IS_A_WRISTBAND = (
    "This is the record number of a patient, as on a wristband. Only a check of who the patient is takes it: put the "
    "cursor into the entry that asks for it there, and scan again."
)
WHICH = "Several entries could be meant, or none is empty. Put the cursor into the right one, and scan again."
BADGE = "the badge says who somebody is. It signs nobody in, and signs nothing."


@dataclass(frozen=True)
class Answer:
    """What is said, and where it leads: into an entry of the page in hand, or to a page, or nowhere."""

    kind: str = ""
    """Of the notice: pass, alert, out or wait; empty where nothing is said."""
    sentence: str = ""
    waits: Waits = Waits()
    entered: str = ""
    """What is said once it stands in an entry."""
    to: str = ""
    apart: bool = False
    """Whether it is a wristband, or may be one: such a code stands in no address and in no cookie."""


def answer(sent: str, here: str) -> Answer:
    """What a code that was sent does on the page with the path `here`."""
    try:
        scan = read_scan(sent[:LONGEST])
    except NotACode as problem:
        return Answer("alert", str(problem))
    if not scan.code:
        return Answer("wait", NOTHING)
    found, doubt = whose(db.session(), scan.code), None
    if not found and is_record_number(db.session(), installation().identity_keys, scan.code):
        found = (WRISTBAND,)
    if not found:
        doubt = unknown_code(scan.code, laboratory(db.session()).site_code)
        if doubt and doubt.meant:
            scan = Scan(doubt.meant, normalise(doubt.meant))
            found = whose(db.session(), scan.code)
    said = ("wait" if found else "alert", doubt.sentence) if doubt else ("", "")
    if found and not said[1] and (over := _labelled_over(found, scan)):
        said = "wait", over
    told = _on_page(sent.strip(), scan, found, here, said)
    return replace(told, apart=not found or found == (WRISTBAND,))


def _labelled_over(found: tuple[Found, ...], scan: Scan) -> str:
    """That an old label was scanned, and which code its container has since; empty for any other code."""
    if found[0].kind != CONTAINER:
        return ""
    record = whole_batch_or_404(found[0].key).record
    now = labelled_over(record, scan.code)
    if not now:
        return ""
    if normalise(now) in unseen_codes(record, signed_in_actor().person_id):
        return (
            f"{shown(scan.text)} is an old label: this container was labelled over. Read the new label on it."
        )
    return f"{shown(scan.text)} is an old label: this container was labelled over, and is {shown(now)} now."


def _on_page(sent: str, scan: Scan, found: tuple[Found, ...], here: str, said: tuple[str, str]) -> Answer:
    """What the page in hand does with a code; `said` is what is wrong with how it was read, with its kind."""
    endpoint, given = page_at(here)
    if endpoint in FORMS and (found or not said[1]):
        return _into_form(scan, found, given, said)
    if found == (WRISTBAND,):
        return Answer("wait", IS_A_WRISTBAND)
    if endpoint == "labels.label" and found:
        return Answer(*said, waits=Waits((("read", sent),)), entered=_entered(scan), to=_leads(found))
    if not found:
        return Answer(*(said if said[1] else ("alert", nowhere(sent))))
    if endpoint == "batches.batch" and _is_offered(found[0], given["number"]):
        return Answer(
            *said, to=url_for(endpoint, number=given["number"], scanned=scan.text, _anchor="scanned")
        )
    return _opened(found, said)


def nowhere(typed: str) -> str:
    """What is said of a code that nobody here has."""
    return (
        f"Nothing here has the code “{typed}”. Batches, chains of identity, patients, orders, containers, samples, "
        "equipment, places, lots and people were searched. Scan it again, or compare it with the label."
    )


def offered_acts(actor: Actor, acts: list[tuple[Any, str]]) -> tuple[str, list[tuple[str, str]]]:
    """What the page of a batch offers to do with what was scanned on it: what that is, and the acts with addresses.

    `acts` are those that can be recorded now. Nothing where the page was opened without a scan.
    """
    try:
        scan = read_scan(request.args.get("scanned", "")[:LONGEST])
    except NotACode:
        return "", []
    number = (request.view_args or {})["number"]
    found = next((item for item in whose(db.session(), scan.code) if _is_offered(item, number)), None)
    if found is None:
        return "", []
    with_it = urlencode({"scanned": scan.text})
    if found.kind == CONTAINER:
        return shown(scan.text), [(step.title, f"{url}?{with_it}") for step, url in acts]
    here = [f"{url}?{with_it}" for step, url in acts if step.kind == Storage.kind]
    return f"{found.name}, {found.code},", [("Put away here", url) for url in here]


def _into_form(scan: Scan, found: tuple[Found, ...], given: dict[str, Any], said: tuple[str, str]) -> Answer:
    record = whole_batch_or_404(given["number"]).record
    try:
        waits = waiting(record, record.process.step(given["key"]), scan, found)
    except KeyError:
        waits = Waits()
    if waits.takes:
        if found == (WRISTBAND,):
            return Answer("wait", IS_A_WRISTBAND, waits, "The wristband is entered.")
        nothing = "" if found else f"Nothing here has the code “{scan.text}”. "
        return Answer("wait", f"{nothing}{WHICH}", waits, f"{said[1]} {_entered(scan)}".strip())
    if not found:
        return Answer("alert", nowhere(scan.text))
    if found == (WRISTBAND,):
        return Answer("wait", IS_A_WRISTBAND)
    if found[0].kind == NUMBER:
        return _opened(found, said)
    return Answer("wait", f"{_name(scan, found[0])}: no entry of this step asks for it.")


def _entered(scan: Scan) -> str:
    return f"{shown(scan.text)} is entered."


def _name(scan: Scan, item: Found) -> str:
    return item.name if item.kind == PERSON else shown(scan.text)


def _is_offered(item: Found, number: str) -> bool:
    keeps = item.kind == PLACE or (item.kind == EQUIPMENT and item.sort in KEEPS)
    return keeps or (item.kind == CONTAINER and item.key == number)


def _opened(found: tuple[Found, ...], said: tuple[str, str]) -> Answer:
    if found[0].kind == PERSON and not said[1]:
        said = "wait", f"{found[0].name}: {BADGE}"
    return Answer(*said, to=_leads(found))


def _leads(found: tuple[Found, ...]) -> str:
    """The page of what a code stands for first of all; of several batches or deliveries the list of them.

    Empty where the person who is here may not read it.
    """
    item, actor = found[0], signed_in_actor()
    if item.kind == NUMBER:
        return url_for("batches.batch", number=item.key)
    if item.kind in IN_BATCHES:
        several = len({other.key for other in found if other.kind in IN_BATCHES}) > 1
        if several:
            return url_for("batches.listing", code=item.code)
        return url_for("batches.batch", number=item.key)
    if item.kind == REGISTERED_PATIENT:
        return url_for("patients.patient", pseudonym=item.key)
    if item.kind == REGISTERED_ORDER:
        if actor.may(Permission.OPEN_BATCH):
            return url_for("patients.open_batch", code=item.key)
        return url_for("patients.patient", pseudonym=item.name)
    if item.kind in (EQUIPMENT, PLACE):
        return url_for("equipment.piece", code=item.code)
    if item.kind == LOT:
        if sum(other.kind == LOT for other in found) > 1:
            return url_for("lots.register", q=item.code)
        return url_for("lots.delivery", delivery_id=item.key)
    if actor.may(Permission.READ_TRAINING):
        return url_for("training.person", person_id=item.key)
    return url_for("traces.trace", subject="person", key=item.code) if actor.may(Permission.TRACE) else ""
