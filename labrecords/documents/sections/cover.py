"""Section 1: one page that says what it is, what was decided, how the day went, and what needs a second look."""

from __future__ import annotations

from labrecords.documents.drawing.ink import GREY, INK
from labrecords.documents.drawing.typefaces import COND, COND_BOLD, MONO, SANS, SANS_BOLD
from labrecords.documents.drawing.wrapping import fit, groups, in_two
from labrecords.documents.edition import Edition
from labrecords.documents.pages.geometry import BOTTOM, LEFT, MEASURE, MM, RIGHT, col, span
from labrecords.documents.pages.sheet import Sheet
from labrecords.documents.sections.cover_results import draw_results, draw_second_look
from labrecords.documents.sections.cover_ribbon import draw_cover_ribbon
from labrecords.documents.sections.tests import pending_words
from labrecords.domain.custody.collection import collections
from labrecords.domain.custody.recalls import standing
from labrecords.domain.results.expiry import use_before
from labrecords.domain.rules.assay_findings import alarms
from labrecords.domain.steps.administration import Injection
from labrecords.domain.steps.order import Order
from labrecords.domain.values.numbers import plain
from labrecords.domain.values.typography import with_unit

_QR = 30 * MM


def draw_cover(sheet: Sheet) -> None:
    """The whole first page."""
    sheet.note_section(1)
    _draw_title(sheet)
    _draw_tests(sheet)
    _draw_identity(sheet)
    draw_cover_ribbon(sheet)
    top = sheet.y
    left = draw_results(sheet, top)
    right = draw_second_look(sheet, top)
    sheet.y = min(left, right) - 22
    _draw_signers(sheet)
    _draw_proof(sheet)


def _draw_title(sheet: Sheet) -> None:
    process, ink = sheet.edition.record.process, sheet.ink
    size, words = fit(SANS_BOLD, 23, process.product, MEASURE, 14)
    ink.text(LEFT, sheet.y - 22, words, SANS_BOLD, size)
    size, words = fit(SANS, 10.4, f"{process.title}. {_in_short(sheet.edition)}", MEASURE, 7.6)
    ink.text(LEFT, sheet.y - 40, words, SANS, size)
    sheet.y -= 56


def _draw_tests(sheet: Sheet) -> None:
    """What nobody may overlook: a recall, a test that failed after the product was used, and results still to come."""
    edition, ink = sheet.edition, sheet.ink
    lines = [f"RECALLED. {one.said()}" for one in standing(edition.record)]
    lines += [f"CRITICAL. {alarm.sentence}" for alarm in alarms(edition.record)]
    if words := pending_words(edition):
        lines.append(words)
    for line in lines:
        size, words = fit(SANS_BOLD, 9.4, line, MEASURE, 6)
        ink.text(LEFT, sheet.y - 2, words, SANS_BOLD, size)
        sheet.y -= 13
    sheet.y -= 6 * bool(lines)


def _in_short(edition: Edition) -> str:
    record, words = edition.record, []
    for harvest in collections(record):
        words.append(f"{with_unit(plain(harvest.harvested_ml()), 'mL')} {harvest.tissue} harvested")
    for injection in record.of_kind(Injection):
        places = ", ".join(dict.fromkeys(f"{site.structure} {site.level}" for site in injection.sites))
        words.append(f"injected into {places}")
    return "; ".join(words) + "." if words else "Nothing harvested."


def _draw_identity(sheet: Sheet) -> None:
    """The decision on the left, batch and patient on the right."""
    edition, ink, y, high = sheet.edition, sheet.ink, sheet.y, 76
    record, standing, decision = edition.record, edition.standing, edition.decision
    ink.box(LEFT, y - high, span(5), high, 1.8)
    ink.hatch(LEFT, y - high, 4.4 * MM, high, 3, 0.8)
    x, room = LEFT + 8 * MM, span(5) - 10 * MM
    ink.text(x, y - 14, "Status", COND, 7.8, colour=GREY)
    size, words = fit(SANS_BOLD, 16, standing.word.capitalize(), room, 9)
    ink.text(x, y - 32, words, SANS_BOLD, size)
    said = [standing.note]
    if decision and decision.reason:
        said.append(decision.reason)
    limit = use_before(record)
    said.append(f"Use before {edition.when(limit.until)}" if limit else "No use-before time")
    injections = record.of_kind(Injection)
    if injections:
        said.append(f"Injected {edition.when(injections[-1].performed_at)}")
    for number, line in enumerate(said[:3]):
        size, words = fit(COND, 8.4, line, room)
        ink.text(x, y - 46 - number * 11.5, words, COND, size)
    orders = record.of_kind(Order)
    consent = f"{orders[-1].order_code}, {orders[-1].consent_version}" if orders else "not recorded"
    blocks = (
        (
            ("Batch", record.batch.number, SANS_BOLD, 12.0),
            ("Chain of identity", record.batch.identity_code, MONO, 8.8),
            ("Pathway", record.process.pathway, SANS, 8.8),
        ),
        (
            ("Patient", record.batch.patient_code, SANS_BOLD, 10.4),
            ("Order, consent", consent, SANS, 8.8),
            ("Opened", f"{edition.when(record.batch.opened_at)}", SANS, 8.8),
        ),
    )
    for place, facts in enumerate(blocks):
        left = col(5) + 4 * MM if place == 0 else col(8) + 8 * MM
        room = (col(8) + 4 * MM if place == 0 else RIGHT) - left
        for number, (label, value, face, size) in enumerate(facts):
            at = y - number * 26.5
            ink.text(left, at - 7, label, COND, 7.4, colour=GREY)
            size, lines = in_two(face, size, value, room)
            ink.lines(left, at - (18.5 if len(lines) == 1 else 15.5), lines, face, size, 7.4)
    sheet.y -= high + 28


def _draw_signers(sheet: Sheet) -> None:
    edition, ink = sheet.edition, sheet.ink
    ink.text(LEFT, sheet.y, "Who signed what", SANS_BOLD, 10)
    y = sheet.y - 7
    ink.across(LEFT, RIGHT, y, 0.9, INK)
    by_meaning: dict[str, list[str]] = {}
    for signature in edition.record.signatures:
        names = by_meaning.setdefault(signature.meaning, [])
        if signature.name not in names:
            names.append(signature.name)
    lowest = BOTTOM + _QR + 24
    labels = [in_two(COND, 7.8, meaning, 42 * MM) for meaning in by_meaning]
    for number, names in enumerate(by_meaning.values()):
        left = LEFT if number % 2 == 0 else col(6)
        if number % 2 == 0:
            # A meaning in two lines makes its row higher.
            y -= 19 if any(len(lines) > 1 for _, lines in labels[number : number + 2]) else 13.2
        if y < lowest:
            break
        size, lines = labels[number]
        ink.lines(left, y + (4 if len(lines) == 1 else 11), lines, COND, size, 7.2, colour=GREY)
        size, words = fit(COND_BOLD, 8.2, ", ".join(names), span(6) - 44 * MM)
        ink.text(left + 43 * MM, y + 4, words, COND_BOLD, size)
        ink.across(left, left + span(6), y)
    if not by_meaning:
        ink.text(LEFT, y - 11, "Nothing is signed.", COND, 8.4)


def _draw_proof(sheet: Sheet) -> None:
    edition, ink, top = sheet.edition, sheet.ink, BOTTOM + _QR + 8
    ink.code(edition.qr_payload, RIGHT - _QR, top - _QR, _QR)
    ink.text(LEFT, top - 8, "Proof", SANS_BOLD, 10)
    digest = groups(edition.sha256).split(" ")
    facts = (
        ("Record SHA-256", " ".join(digest[:4]), MONO),
        ("", " ".join(digest[4:]), MONO),
        ("Audit trail", f"{len(edition.events)} linked events, complete in section 23", COND),
        (
            "Signatures",
            f"{len(edition.record.signatures)} electronic signatures, listed in section 4; seal in section 25",
            COND,
        ),
        ("Master", f"{edition.master}, reproduced in section 3", COND),
        ("Check", "Scan the code or see section 24; it holds number and digest, no personal data", COND),
    )
    for number, (label, value, face) in enumerate(facts):
        y = top - 23 - number * 11.6
        ink.text(LEFT, y, label, COND, 7.8, colour=GREY)
        size, value = fit(face, 8.4, value, RIGHT - _QR - 6 * MM - LEFT - 24 * MM)
        ink.text(LEFT + 24 * MM, y, value, face, size)
    sheet.y = BOTTOM
