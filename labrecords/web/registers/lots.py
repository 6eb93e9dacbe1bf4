"""The register of lots: what was received, who released it, what became of it, and every batch that it went into."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from flask import abort, redirect, render_template, request, url_for
from werkzeug.wrappers import Response
from wtforms import HiddenField, RadioField
from wtforms.fields.choices import SelectChoice

from labrecords.actions import lots
from labrecords.actions.attaching import File, file_of
from labrecords.actions.door import Invalid, Refused, Stale, note_access
from labrecords.actions.lots import LotFacts
from labrecords.actions.signing import Proof
from labrecords.domain.attachments import MOST_BYTES
from labrecords.domain.evidence.signatures import LOT_WAS_REJECTED, LOT_WAS_RELEASED, MEANINGS
from labrecords.domain.permissions import Permission
from labrecords.domain.registers.lot_release import rejection_blockers, release_blockers
from labrecords.domain.registers.lots import (
    LOT_RECALLED,
    LOT_REJECTED,
    LOT_RELEASED,
    QUARANTINE,
    STATUSES,
    UNITS,
    Lot,
    reconciled,
)
from labrecords.domain.review.release import Blocker
from labrecords.domain.values.numbers import parse_number
from labrecords.models.batch_record import head_of
from labrecords.models.lots import (
    LotQuery,
    acts_of_use,
    certificate_bytes,
    deliveries_of,
    delivery_versions,
    list_lots,
    uses_of,
)
from labrecords.models.people import accounts_of
from labrecords.models.recalls import recalls_of_lot
from labrecords.models.session import db
from labrecords.web.downloads import download_of, unchanged
from labrecords.web.filters import day, unit
from labrecords.web.forms.fields import parse_day
from labrecords.web.forms.shared import Line, Parsed, Reason, SentFile, WritingForm, seen_versions, wrong
from labrecords.web.forms.signed import STATEMENT, SignedForm
from labrecords.web.guard import Pages
from labrecords.web.paging import moment_key
from labrecords.web.parts import Signing
from labrecords.web.registers.use_log import step_words
from labrecords.web.signed_in import acting, signed_in_actor, today_here
from labrecords.web.site import say

pages = Pages("lots", __name__)
Answer = str | Response | tuple[str, int]
KINDS = {QUARANTINE: "wait", LOT_RELEASED: "pass", LOT_REJECTED: "out", LOT_RECALLED: "out"}


class LotForm(WritingForm):
    material = Line(
        "Material", missing="Enter the name of the material.", limit=120, description="As the steps name it"
    )
    maker = Line("Maker", missing="Enter the maker.", limit=120)
    catalogue_number = Line("Catalogue number", limit=60, description="May stay empty")
    lot = Line("Lot number", missing="Enter the lot number.", limit=60, description="As printed on the pack")
    expiry = Parsed(
        "Expiry", parse_day, description="Last day of use, as 2027-03-31; empty where there is none"
    )
    quantity = Parsed("Quantity received", parse_number, missing="Enter how much was received: more than 0.")
    unit = RadioField(
        "Unit", choices=[SelectChoice(word, word) for word in UNITS], default="mL", validate_choice=False
    )
    place = Line("Place", limit=60, description="Where it is kept; may stay empty")
    file = SentFile("Certificate of the maker", MOST_BYTES)

    def certificate(self) -> File | None:
        """The file that was chosen, if one was. Raises Invalid for what is not taken."""
        return file_of(self.file.called, self.file.content()) if self.file.data else None

    def choose_again(self) -> None:
        """Say that a file does not come back with the page, as what was typed does."""
        if self.file.data and not self.file.errors:
            wrong(self.file, "Choose the file again: it is not kept while something else is asked back.")

    def facts(self) -> LotFacts:
        """What was typed, after validation. Raises Invalid for a file that is not taken."""
        return LotFacts(
            material=self.material.text,
            maker=self.maker.text,
            catalogue_number=self.catalogue_number.text,
            lot=self.lot.text,
            quantity=self.quantity.value,
            unit=self.unit.data or "",
            expiry=self.expiry.value,
            place=self.place.text,
            certificate=self.certificate(),
        )


class ChangeForm(LotForm):
    seen = HiddenField()
    reason = Reason("Why it is changed")


class SignForm(SignedForm):
    seen = HiddenField()


class RejectForm(SignForm):
    reason = Reason("Why it is rejected")


@pages.page("/lots", needs=Permission.READ_BATCHES)
def register() -> Answer:
    words, status, before = (
        request.args.get("q", "")[:100].strip(),
        request.args.get("status", ""),
        moment_key(),
    )
    if status and status not in STATUSES:
        abort(400)
    query = LotQuery(words, status, before)
    page = list_lots(db.session(), query) if words.isprintable() else None
    chosen: dict[str, Any] = {"q": words or None, "status": status or None}
    following = page.next if page else ""
    return render_template(
        "lots/register.html",
        rows=[(lot, standing(lot)) for lot in page.lots] if page else [],
        words=words,
        status=status,
        statuses=STATUSES,
        newest_url=url_for("lots.register", **chosen) if before else "",
        older_url=url_for("lots.register", before=following, **chosen) if following else "",
        may_receive=signed_in_actor().may(Permission.MANAGE_MATERIALS),
    )


@pages.page("/lots/receive", needs=Permission.MANAGE_MATERIALS, methods=("GET", "POST"), takes_file=True)
def receive() -> Answer:
    form, status = LotForm(), 200
    if form.is_submitted():
        status = 400
        if form.validate():
            try:
                delivery_id = lots.receive_lot(acting(), facts=form.facts())
            except Invalid as problem:
                form.explain(problem.problems)
            else:
                say("pass", f"Lot {form.lot.text} is in quarantine until another person releases it.")
                return redirect(url_for("lots.delivery", delivery_id=delivery_id), 303)
        form.choose_again()
    return render_template("lots/form.html", form=form, lot=None), status


@pages.page("/lots/<delivery_id>", needs=Permission.READ_BATCHES)
def delivery(delivery_id: str) -> Answer:
    versions, before, actor = _known(delivery_id), moment_key(), signed_in_actor()
    now = versions[-1]
    deliveries = [
        item
        for item in deliveries_of(db.session(), now.lot_key)
        if item.material_key == now.material_key and item.unit == now.unit
    ]
    log = acts_of_use(db.session(), now.lot_key, before)
    received = sum((item.quantity for item in deliveries), start=now.quantity - now.quantity)
    may_release = actor.may(Permission.RELEASE_MATERIALS)
    return render_template(
        "lots/delivery.html",
        lot=now,
        standing=standing(now),
        versions=versions[::-1],
        others=[item for item in deliveries if item.delivery_id != delivery_id],
        balance=reconciled(received, now.unit, uses_of(db.session(), now.lot_key)),
        acts=[(act, step_words(act.process_digest, act.step_key)) for act in log.acts],
        newest_url=url_for("lots.delivery", delivery_id=delivery_id) if before else "",
        older_url=url_for("lots.delivery", delivery_id=delivery_id, before=log.next) if log.next else "",
        may_change=actor.may(Permission.MANAGE_MATERIALS),
        may_release=may_release and now.status == QUARANTINE,
        may_reject=may_release and now.status != LOT_REJECTED,
    )


@pages.page("/lots/<delivery_id>/certificates/<sha256>", needs=Permission.READ_BATCHES)
def certificate(delivery_id: str, sha256: str) -> Response:
    """A maker's certificate that one of the versions of a delivery names."""
    named = [lot for lot in _known(delivery_id) if lot.certificate_sha256 == sha256]
    data = certificate_bytes(db.session(), sha256) if named else None
    if data is None:
        abort(404)
    name = named[-1].certificate
    given = download_of(name, unchanged(name, data, sha256))
    note_access(acting(), "attachment.downloaded", sha256=sha256, lot=named[-1].lot)
    return given


@pages.page(
    "/lots/<delivery_id>/change", needs=Permission.MANAGE_MATERIALS, methods=("GET", "POST"), takes_file=True
)
def change(delivery_id: str) -> Answer:
    versions = _known(delivery_id)
    now, form, status = versions[-1], ChangeForm(data=_typed(versions)), 200
    if form.is_submitted():
        status = 400
        if form.validate():
            try:
                lots.change_lot(
                    acting(),
                    delivery_id=delivery_id,
                    facts=form.facts(),
                    reason=form.reason.text,
                    seen=seen_versions(form.seen.data),
                )
            except Invalid as problem:
                form.explain(problem.problems)
            except Stale:
                status = 409
                form.seen.data = str(len(_known(delivery_id)))
                form.form_key.data = form.form_key.default()
                form.form_errors.append(MOVED_ON)
            else:
                say("pass", f"Lot {form.lot.text} is changed, and in quarantine until it is released again.")
                return redirect(url_for("lots.delivery", delivery_id=delivery_id), 303)
        form.choose_again()
    return render_template("lots/form.html", form=form, lot=now), status


MOVED_ON = (
    "Somebody registered a version while you were writing. Read it on the lot's page; yours is not saved yet."
)


@pages.page("/lots/<delivery_id>/release", needs=Permission.READ_BATCHES, methods=("GET", "POST"))
def release(delivery_id: str) -> Answer:
    versions, form = _known(delivery_id), SignForm()

    def act(proof: Proof) -> None:
        lots.release_lot(
            acting(proof.actor), delivery_id=delivery_id, seen=seen_versions(form.seen.data), proof=proof
        )

    blockers = release_blockers(
        versions,
        accounts_of(db.session(), signed_in_actor().person_id),
        today_here(),
        bool(recalls_of_lot(db.session(), versions)),
    )
    return _sign(versions, form, "Release lot", LOT_WAS_RELEASED, blockers, act)


@pages.page("/lots/<delivery_id>/reject", needs=Permission.READ_BATCHES, methods=("GET", "POST"))
def reject(delivery_id: str) -> Answer:
    versions, form = _known(delivery_id), RejectForm()

    def act(proof: Proof) -> None:
        lots.reject_lot(
            acting(proof.actor),
            delivery_id=delivery_id,
            seen=seen_versions(form.seen.data),
            reason=form.reason.text,
            proof=proof,
        )

    return _sign(versions, form, "Reject lot", LOT_WAS_REJECTED, rejection_blockers(versions), act)


def _sign(
    versions: tuple[Lot, ...],
    form: SignForm,
    title: str,
    meaning: str,
    blockers: tuple[Blocker, ...],
    act: Callable[[Proof], None],
) -> Answer:
    """The page of a signature on a delivery: shown, signed, or shown again with every reason."""
    now, status = versions[-1], 200
    here = url_for("lots.delivery", delivery_id=now.delivery_id)
    if not form.is_submitted():
        form.username.data, form.seen.data = signed_in_actor().username, str(len(versions))
    else:
        status = 400
        if form.validate():
            try:
                act(form.proof())
            except Invalid as failure:
                form.explain(failure.problems)
            except Refused as refusal:
                blockers, status = refusal.blockers, 403
            except Stale:
                form.seen.data, status = str(len(versions)), 409
                form.form_errors.append(MOVED_ON)
            else:
                say("pass", f"{MEANINGS[meaning]}: {now.lot}.")
                return redirect(here, 303)
    signing = Signing(
        title=f"{title} {now.lot}",
        what=tuple(_facts(now)),
        digest=head_of(db.session(), "materials").digest,
        meaning=MEANINGS[meaning],
        statement=STATEMENT,
        button=title,
        cancel_url=here,
        prints_as=form.prints_as,
    )
    return render_template("lots/sign.html", form=form, signing=signing, blockers=blockers), status


def standing(lot: Lot) -> tuple[str, str]:
    """Kind and words for whether a lot may be used today."""
    if lot.status == LOT_RELEASED and lot.expiry and lot.expiry < today_here():
        return "out", "expired"
    return KINDS[lot.status], lot.status


def _facts(lot: Lot) -> list[tuple[str, Any]]:
    return [
        (label, value)
        for label, value in (
            ("Material", lot.material),
            ("Maker", lot.maker),
            ("Catalogue number", lot.catalogue_number),
            ("Lot", lot.lot),
            ("Expiry", day(lot.expiry) if lot.expiry else "none stated"),
            ("Quantity", unit(lot.quantity, lot.unit)),
            ("Certificate", lot.certificate or "none"),
        )
        if value
    ]


def _known(delivery_id: str) -> tuple[Lot, ...]:
    db.session.rollback()
    versions = delivery_versions(db.session(), delivery_id)
    if not versions:
        abort(404)
    return versions


def _typed(versions: tuple[Lot, ...]) -> dict[str, Any]:
    now = versions[-1]
    same = (
        "material",
        "maker",
        "catalogue_number",
        "lot",
        "unit",
        "place",
    )
    return {name: getattr(now, name) for name in same} | {
        "seen": str(len(versions)),
        "expiry": now.expiry.isoformat() if now.expiry else "",
        "quantity": str(now.quantity),
    }
