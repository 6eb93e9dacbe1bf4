"""A copy of all that is kept about a patient: who it is, orders, batches with what was recorded, and who looked."""

from __future__ import annotations

import io
import json
from datetime import datetime
from typing import Any
from zipfile import ZIP_DEFLATED, ZipFile

from flask import Response, render_template
from flask.typing import ResponseReturnValue
from wtforms import HiddenField

from labrecords.actions import patients as acts
from labrecords.actions.door import ACCESS
from labrecords.domain.permissions import Permission
from labrecords.domain.registers.patients import Identity, Patient
from labrecords.domain.status import status
from labrecords.domain.values import times
from labrecords.models.batch_record import load_record
from labrecords.models.codes import batches_of_patient
from labrecords.models.orders import KnownOrder, orders_of
from labrecords.models.patients import acts_on
from labrecords.models.session import db
from labrecords.models.trail_list import TrailQuery, all_events
from labrecords.web.batches.unseen import KEPT_BACK, unseen_steps
from labrecords.web.forms.shared import SiteForm
from labrecords.web.registers.patients import known_patient, pages, product_titles
from labrecords.web.review.trail_lines import trail_lines
from labrecords.web.shown import Shown
from labrecords.web.signed_in import acting, installation, signed_in_actor

FORMAT = "labrecords/patient/1"
Part = tuple[str, list[tuple[str, str]]]


class ExportForm(SiteForm):
    """No form key: each copy is given out, and recorded, by itself."""

    given = HiddenField()


@pages.page("/patients/<pseudonym>/copy", needs=Permission.SEE_IDENTITY, methods=("GET", "POST"))
def copy(pseudonym: str) -> ResponseReturnValue:
    known, form = known_patient(pseudonym), ExportForm()
    if not form.is_submitted():
        return render_template("patients/copy.html", patient=known)
    identity = acts.export_identity(acting(), keys=installation().identity_keys, pseudonym=known.pseudonym)
    response = Response(_zipped(known, identity), mimetype="application/zip")
    response.headers["Content-Disposition"] = f'attachment; filename="{known.pseudonym}.zip"'
    return response


def _zipped(known: Patient, identity: Identity | None) -> bytes:
    from labrecords.documents.plain_list import plain_list

    place, now = installation(), installation().store.clock()
    parts = [
        _who(known, identity),
        *(_order(order) for order in orders_of(db.session(), known.id)),
        *_batches(known),
        *_history(known),
    ]
    made = f"{place.laboratory.name}, {times.show(now, place.zone)}."
    body = {
        "format": FORMAT,
        "made_at": times.to_text(now),
        "laboratory": place.laboratory.name,
        "parts": [{"title": title, "values": [list(pair) for pair in pairs]} for title, pairs in parts],
    }
    packed = io.BytesIO()
    with ZipFile(packed, "w", ZIP_DEFLATED) as archive:
        archive.writestr("patient.json", json.dumps(body, ensure_ascii=False, indent=1))
        archive.writestr("patient.pdf", plain_list(f"Patient {known.pseudonym}", made, parts))
    return packed.getvalue()


def _who(known: Patient, identity: Identity | None) -> Part:
    pairs = [("Patient code", known.pseudonym), ("Chain of identity", known.identity_code)]
    if identity is None:
        pairs.append(("Identity", "erased"))
    else:
        pairs += [
            ("Name", identity.name),
            ("Day of birth", identity.birth_date.isoformat()),
            ("Record number", identity.record_number),
        ]
    return "Who it is", [*pairs, ("Registered", _at(known.registered_at))]


def _order(known: KnownOrder) -> Part:
    order = known.order
    pairs = [
        ("Ordered", _at(order.ordered_at)),
        ("Product", product_titles().get(order.process_key, order.process_key)),
        ("Indication", order.indication),
        *(("Target", target.in_full()) for target in order.targets),
        ("Prescriber", order.prescriber),
        ("Consent", f"{order.consent_version}, {order.consent_date.isoformat()}"),
        ("Batches", ", ".join(known.batches) or "none"),
    ]
    if known.withdrawal is not None:
        pairs.append(("Withdrawn", known.withdrawal.reason))
    return f"Order {order.code}", pairs


def _batches(known: Patient) -> list[Part]:
    """Every batch, and of each what was recorded in its steps, as it counts now."""
    parts: list[Part] = []
    zone, reader = installation().zone, signed_in_actor().person_id
    for batch in batches_of_patient(db.session(), known.pseudonym):
        record = load_record(db.session(), batch)
        shown, unseen = Shown(record, zone), unseen_steps(record, reader)
        about = [
            ("Product", record.process.product),
            ("Status", status(record).value),
            ("Opened", _at(batch.opened_at)),
        ]
        parts.append((f"Batch {batch.number}", about))
        for entry in record.current_entries():
            title = record.process.step(entry.step_key).title
            facts = [("Values", KEPT_BACK)] if entry.step_key in unseen else shown.facts(entry)
            pairs = [
                ("Performed", _at(entry.performed_at)),
                *((name, _plain(value)) for name, value in facts),
            ]
            parts.append((f"{batch.number}: {title}", pairs))
    return parts


def _history(known: Patient) -> list[Part]:
    done = [
        (_at(act.at), f"{act.what} by {act.by}" + (f": {act.reason}" if act.reason != act.what else ""))
        for act in acts_on(db.session(), known.id)
    ]
    query = TrailQuery(chain=ACCESS, subject=known.pseudonym)
    looks = [
        (_at(line.at), f"{line.words} by {line.who}, {line.purpose}")
        for line in trail_lines(all_events(db.session(), query))
        if line.at is not None
    ]
    return [
        ("What was done with the identity", done),
        ("Who looked at it", looks or [("", "Nobody.")]),
    ]


def _at(moment: datetime) -> str:
    return times.show(moment, installation().zone)


def _plain(value: Any) -> str:
    """A fact without the elements in which a page shows it."""
    return str(value.striptags()) if hasattr(value, "striptags") else str(value)
