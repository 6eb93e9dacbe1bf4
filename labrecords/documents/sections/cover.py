"""Section 1: one page that says what it is, what was decided, how the day went, and what needs a second look."""

from __future__ import annotations

from datetime import datetime

from labrecords.documents.custody_ribbon import axis_for, draw_events, draw_ribbon, gap_words, lanes_of
from labrecords.documents.edition import Edition
from labrecords.documents.flags import WORDS, letter_of
from labrecords.documents.geometry import BOTTOM, LEFT, MEASURE, MM, RIGHT, col, span
from labrecords.documents.ink import GREY, INK, RED
from labrecords.documents.marks import draw_mark, draw_tag
from labrecords.documents.qr import payload
from labrecords.documents.sheet import Sheet
from labrecords.documents.typefaces import COND, COND_BOLD, MONO, SANS, SANS_BOLD
from labrecords.documents.values import range_words
from labrecords.documents.outcomes import outcome_cell
from labrecords.documents.wrapping import fit, groups
from labrecords.domain.administration import Injection
from labrecords.domain.centrifugation import CentrifugationRun
from labrecords.domain.custody import Segment
from labrecords.domain.expiry import use_before
from labrecords.domain.harvest import Harvest
from labrecords.domain.numbers import plain
from labrecords.domain.order import Order
from labrecords.domain.process import ADMINISTRATION, PROCESSING
from labrecords.domain.release import missing_confirmations
from labrecords.domain.results import judged_results
from labrecords.domain.typography import grouped, with_unit

_ROW = 17
_QR = 30 * MM


def draw_cover(sheet: Sheet) -> None:
    """The whole first page."""
    sheet.note_section(1)
    _draw_title(sheet)
    _draw_identity(sheet)
    _draw_ribbon(sheet)
    top = sheet.y
    left = _draw_results(sheet, top)
    right = _draw_second_look(sheet, top)
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


def _in_short(edition: Edition) -> str:
    record, words = edition.record, []
    for harvest in record.of_kind(Harvest):
        words.append(f"{with_unit(plain(harvest.total_volume_ml), 'mL')} harvested")
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
    lines = [standing.note]
    if decision and decision.reason:
        lines.append(decision.reason)
    limit = use_before(record)
    lines.append(f"Use before {edition.when(limit.until)}" if limit else "No use-before time")
    injections = record.of_kind(Injection)
    if injections:
        lines.append(f"Injected {edition.when(injections[-1].performed_at)}")
    for number, line in enumerate(lines[:3]):
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
            size, words = fit(face, size, value, room)
            ink.text(left, at - 18.5, words, face, size)
    sheet.y -= high + 28


def _draw_ribbon(sheet: Sheet) -> None:
    edition, ink = sheet.edition, sheet.ink
    lanes = lanes_of(edition)
    ink.text(LEFT, sheet.y, "From harvest to injection", SANS_BOLD, 10)
    if not lanes:
        ink.text(LEFT, sheet.y - 14, "Nothing was harvested.", COND, 8.4)
        sheet.y -= 40
        return
    start = lanes[0].segments[0].start
    ink.text(RIGHT, sheet.y, f"{edition.when(start)[:10]}, {edition.record.laboratory.zone}", COND, 7.8, "r", GREY)
    events = _events(edition)
    axis = axis_for(edition, [moment for moment, _ in events], LEFT)
    everything = type(lanes[0])("", tuple(segment for lane in lanes for segment in lane.segments))
    top = sheet.y - 10
    bottom = draw_ribbon(ink, edition, [everything], axis, top, 40, named=False)
    y = draw_events(ink, axis, events, top, bottom)
    gaps = [segment for segment in everything.segments if segment.gap]
    if gaps:
        ink.text(LEFT, y - 8, _gap_line(edition, gaps), COND_BOLD, 8, colour=RED)
        y -= 12
    sheet.y = y - 24


def _gap_line(edition: Edition, gaps: list[Segment]) -> str:
    more = f", and {len(gaps) - 1} more in section 10" if len(gaps) > 1 else ""
    return f"Custody gap: {gap_words(edition, gaps[0])}{more}"


def _events(edition: Edition) -> list[tuple[datetime, str]]:
    record, found = edition.record, []
    for harvest in record.of_kind(Harvest):
        found.append((harvest.performed_at, "harvested"))
    for number, spin in enumerate(record.of_kind(CentrifugationRun), start=1):
        found.append((spin.performed_at, f"spin {number}"))
    if edition.decision:
        found.append((edition.decision.decided_at, edition.decision.decision))
    for injection in record.of_kind(Injection):
        found.append((injection.performed_at, "injected"))
    limit = use_before(record)
    if limit:
        found.append((limit.until, "use before"))
    return [(moment, f"{name} {edition.when(moment)[11:16]}") for moment, name in found]


def _draw_results(sheet: Sheet, top: float) -> float:
    edition, ink, y = sheet.edition, sheet.ink, top - 7
    ink.text(LEFT, top, "Results for release", SANS_BOLD, 10)
    ink.across(LEFT, LEFT + span(6), y, 0.9, INK)
    for result in judged_results(edition.record):
        y -= _ROW
        derived, spec = result.derived, result.spec
        value = with_unit(grouped(derived.reported), derived.unit) if derived else "no result"
        size, label = fit(COND, 8.4, spec.label, 32 * MM)
        ink.text(LEFT, y + 4.4, label, COND, size)
        size, value = fit(COND_BOLD, 8.4, value, 24 * MM)
        ink.text(LEFT + 57 * MM, y + 4.4, value, COND_BOLD, size, "r")
        size, limits = fit(COND, 7.4, range_words(spec.limit.acceptance) or "report only", 17 * MM)
        ink.text(LEFT + 59 * MM, y + 4.4, limits, COND, size, colour=GREY)
        cell = outcome_cell(result.judgement.outcome)
        x = LEFT + 74 * MM
        x += draw_mark(ink, x, y + 4.4, cell.mark, 8.2) if cell.mark else 0
        ink.text(x, y + 4.4, cell.text, COND, 8)
        ink.across(LEFT, LEFT + span(6), y)
    if not edition.record.process.results:
        ink.text(LEFT, y - 11, "The process asks for none.", COND, 8.4)
        y -= _ROW
    return y


def _draw_second_look(sheet: Sheet, top: float) -> float:
    edition, ink, left, y = sheet.edition, sheet.ink, col(6), top - 7
    ink.text(left, top, "What needs a second look", SANS_BOLD, 10)
    ink.across(left, RIGHT, y, 0.9, INK)
    counts = {letter: 0 for letter in WORDS}
    for flag in edition.flags:
        counts[letter_of(flag.finding.rule)] += 1
    missing = [*missing_confirmations(edition.record, PROCESSING), *missing_confirmations(edition.record, ADMINISTRATION)]
    rows = [(letter, counts[letter], words.partition(",")[0], 22 if letter in "CL" else 17) for letter, words in WORDS.items()]
    for letter, count, words, section in [*rows, ("", len(missing), "confirmations still open", 18)]:
        y -= 14.6
        if letter:
            draw_tag(ink, left, y + 4.2, letter, inverted=letter in "SFG" and count > 0)
        ink.text(left + 9.5 * MM, y + 3.8, str(count), SANS_BOLD, 9, "r")
        size, words = fit(COND, 8.2, words, RIGHT - left - 24 * MM)
        ink.text(left + 12 * MM, y + 3.8, words, COND, size)
        sheet.page_of(section, RIGHT, y + 3.8, COND, 8, "p. ")
        ink.across(left, RIGHT, y)
    return y


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
    for number, (meaning, names) in enumerate(by_meaning.items()):
        left = LEFT if number % 2 == 0 else col(6)
        if number % 2 == 0:
            y -= 13.2
        if y < lowest:
            break
        size, words = fit(COND, 7.8, meaning, 42 * MM)
        ink.text(left, y + 4, words, COND, size, colour=GREY)
        size, words = fit(COND_BOLD, 8.2, ", ".join(names), span(6) - 44 * MM)
        ink.text(left + 43 * MM, y + 4, words, COND_BOLD, size)
        ink.across(left, left + span(6), y)
    if not by_meaning:
        ink.text(LEFT, y - 11, "Nothing is signed.", COND, 8.4)


def _draw_proof(sheet: Sheet) -> None:
    edition, ink, top = sheet.edition, sheet.ink, BOTTOM + _QR + 8
    ink.code(payload(edition), RIGHT - _QR, top - _QR, _QR)
    ink.text(LEFT, top - 8, "Proof", SANS_BOLD, 10)
    digest = groups(edition.sha256).split(" ")
    facts = (
        ("Record SHA-256", " ".join(digest[:4]), MONO),
        ("", " ".join(digest[4:]), MONO),
        ("Audit trail", f"{len(edition.events)} linked events, complete in section 23", COND),
        ("Signatures", f"{len(edition.record.signatures)} electronic signatures, listed in section 4; seal in section 25", COND),
        ("Master", f"{edition.master}, reproduced in section 3", COND),
        ("Check", "Scan the code or see section 24; it holds number and digest, no personal data", COND),
    )
    for number, (label, value, face) in enumerate(facts):
        y = top - 23 - number * 11.6
        ink.text(LEFT, y, label, COND, 7.8, colour=GREY)
        size, value = fit(face, 8.4, value, RIGHT - _QR - 6 * MM - LEFT - 24 * MM)
        ink.text(LEFT + 24 * MM, y, value, face, size)
    sheet.y = BOTTOM
