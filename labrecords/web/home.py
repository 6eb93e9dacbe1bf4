"""The start page: what waits for the signed-in person, by role."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from flask import render_template, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy import Row, select

from labrecords.actions.door import Actor
from labrecords.domain.permissions import Permission, Role
from labrecords.domain.processes.masters import MasterState
from labrecords.domain.registers.due import SOON, Due
from labrecords.domain.registers.place_log import READING, REVIEW
from labrecords.domain.review.decisions import RELEASED, standing_decision
from labrecords.domain.review.disposition import waits_since
from labrecords.domain.review.release import closure_blockers, decision_blockers
from labrecords.domain.rules.assay_findings import alarms
from labrecords.domain.rules.finding import Finding, Severity
from labrecords.domain.status import TO_CLOSE, Status
from labrecords.domain.steps.adverse_event import REPORT_DAYS
from labrecords.domain.values import times
from labrecords.models.access import rights_ending
from labrecords.models.adverse_events import Unreported, unreported
from labrecords.models.batch_record import people
from labrecords.models.directory import NewPassword, OpenSession, passwords_by_link, strange_sign_ins
from labrecords.models.due import due_until
from labrecords.models.lists import BatchQuery, due_batches, list_batches, urgent_batches
from labrecords.models.masters import versions
from labrecords.models.people import CredentialRow, DeactivationRow
from labrecords.models.recalls import all_recalls
from labrecords.models.session import db
from labrecords.web.batches.batch import Asked, BatchPage, batch_or_404, may_record
from labrecords.web.batches.follow_up import due_now
from labrecords.web.batches.rows import Tag
from labrecords.web.batches.running import paused_steps, running_now
from labrecords.web.custody.notices import Chore, chores
from labrecords.web.custody.place_log import overdue_of
from labrecords.web.guard import Pages
from labrecords.web.masters.pages import rows_of
from labrecords.web.people.access import review_due
from labrecords.web.signed_in import held_session, installation, signed_in_actor, today_here

pages = Pages("home", __name__)

READ_AT_MOST = 20
"""So many records are read for one page; what is beyond is reached through the list."""
RECENT = 10
DUE_SHOWN = 15
"""So many batches with tests are listed; the others come up when these are done."""
SHOWN_FOR = timedelta(days=7)
"""How long a password that was set by a link is shown to those who would notice that it was not the person."""
STRANGE_TOLD = timedelta(days=30)
"""How long a sign-in on a device new to the person is shown, unless they say that it was them."""
BENCH = frozenset({Role.TECHNICIAN, Role.SECOND_OPERATOR})
SIGNERS = BENCH | {Role.PHYSICIAN, Role.QA, Role.COURIER}
AT_WORK = (Status.OPEN, Status.IN_PROCESS)
TO_CONFIRM = (
    *AT_WORK,
    Status.UNDER_REVIEW,
    Status.ON_HOLD,
    Status.RELEASED,
    Status.REJECTED,
    *TO_CLOSE,
)


RIGHTS_SOON = timedelta(days=30)
"""Roles that end by themselves within so many days are listed for the administrator."""


@dataclass(frozen=True)
class Job:
    """A batch with something to do, as one line of a work list."""

    page: BatchPage
    title: str
    url: str


@dataclass(frozen=True)
class Card:
    """A batch under review in its lane, with the reasons why it is there."""

    page: BatchPage
    tags: tuple[Tag, ...]
    may_sign: bool


@dataclass(frozen=True)
class Lane:
    kind: str
    title: str
    empty: str
    cards: list[Card]


class Records:
    """The records that the page needs, each read once, the most urgent first, and no more than a page can bear."""

    def __init__(self, actor: Actor) -> None:
        place = installation()
        self.actor, self.now, self.zone = actor, place.store.clock(), place.zone
        self._read: dict[str, BatchPage] = {}
        self.more = False

    def of(self, rows: Iterable[Row[Any]]) -> list[BatchPage]:
        """The pages of these batches. Notes in `more` when there are too many to read."""
        found = []
        for row in rows:
            if row.number not in self._read:
                if len(self._read) >= READ_AT_MOST:
                    self.more = True
                    continue
                self._read[row.number] = batch_or_404(row.number)
            found.append(self._read[row.number])
        return found

    def read(self) -> list[BatchPage]:
        """The records that were read for the page so far."""
        return list(self._read.values())


@pages.page("/", needs=Permission.OWN_ACCOUNT)
def work() -> ResponseReturnValue:
    actor = signed_in_actor()
    records = Records(actor)
    parts: dict[str, Any] = {}
    if passwords := _passwords_by_link(actor, records.now):
        parts["passwords"] = passwords
    if strange := _strange(actor, records.now):
        parts["strange"] = strange
    if actor.roles & {Role.QA, Role.PHYSICIAN}:
        parts["alarms"] = _alarms(records)
        parts["events"] = _serious(records)
        parts["visits"] = due_now()
        parts["recalls"] = [one for one in all_recalls(db.session()) if one.end is None]
    if actor.roles & {Role.QA, Role.ADMINISTRATOR} and (due := review_due(records.now)):
        parts["access"] = due
    if actor.roles & (BENCH | {Role.QA, Role.PHYSICIAN}):
        parts["expired"] = _expired(records)
    if Role.QA in actor.roles:
        parts["review"] = _review(records)
        parts["late"] = {
            "due": due_batches(db.session(), DUE_SHOWN),
            "to_sign": list_batches(db.session(), BatchQuery(late_tests=("to sign",)), DUE_SHOWN).rows,
        }
        parts["due"] = _due()
    if actor.roles & (BENCH | {Role.QA}):
        parts["logs"] = overdue_of(READING, *((REVIEW,) if Role.QA in actor.roles else ()))
    if actor.roles & BENCH:
        parts["bench"] = _bench(records)
    if Role.PHYSICIAN in actor.roles:
        parts["theatre"] = _theatre(records)
    if actor.roles & SIGNERS:
        parts["asked"] = _asked(records)
        if not parts["asked"] and Role.QA in actor.roles:
            del parts["asked"]
    if masters := _masters(actor):
        parts["masters"] = masters
    if Role.AUDITOR in actor.roles:
        parts["recent"] = list_batches(db.session(), BatchQuery(), RECENT).rows
    if Role.ADMINISTRATOR in actor.roles:
        parts["people"] = _people() | {
            "ending": rights_ending(db.session(), records.now, records.now + RIGHTS_SOON)
        }
    return render_template(
        "home/work.html",
        running=[(page, running_now(page)) for page in records.read() if running_now(page)],
        paused=[(page, paused_steps(page)) for page in records.read()],
        parts=parts,
        records=records,
        may_scan=actor.may(Permission.READ_BATCHES),
        may_open=actor.may(Permission.OPEN_BATCH),
        statuses=[status.value for status in Status],
    )


def _strange(actor: Actor, now: datetime) -> list[OpenSession]:
    """Sign-ins of the person on devices new to them, of the last month, to be told of on any other device."""
    held = held_session()
    mark = held.device_sha256 if held else None
    return strange_sign_ins(db.session(), actor.person_id, mark, now - STRANGE_TOLD)


def _passwords_by_link(actor: Actor, now: datetime) -> list[NewPassword]:
    """New passwords set by a link of late: quality assurance sees all, everybody else the own."""
    found = passwords_by_link(db.session(), now - SHOWN_FOR)
    return [item for item in found if Role.QA in actor.roles or item.person_id == actor.person_id]


def _due() -> dict[str, Any]:
    """What has run out in the registers or soon will, each with the page where it is mended."""
    today = today_here()
    found = due_until(db.session(), today + SOON)
    return {"rows": [(item, item.day < today, _mended_at(item)) for item in found.items], "more": found.more}


def _mended_at(item: Due) -> str:
    if item.register == "training":
        return url_for("training.person", person_id=item.key)
    if item.register == "lot":
        return url_for("lots.delivery", delivery_id=item.key)
    return url_for("equipment.piece", code=item.key)


def _alarms(records: Records) -> list[tuple[BatchPage, Finding, tuple[Chore, ...]]]:
    """Tests that failed after the product had left or was used, each with who has still to be told or to confirm it.

    Until quality assurance has signed what follows, and every physician knows.
    """
    rows = list_batches(db.session(), BatchQuery(late_tests=("failed",)), DUE_SHOWN).rows
    return [
        (
            page,
            alarm,
            tuple(one for one in chores(page, records.actor) if one.task.cause_id == alarm.step_key),
        )
        for page in records.of(rows)
        for alarm in alarms(page.record)
    ]


def _expired(records: Records) -> list[tuple[BatchPage, datetime]]:
    """Products past their use-before time of which quality assurance has not said what becomes, the oldest first."""
    in_hand = (*AT_WORK, Status.UNDER_REVIEW, Status.RELEASED, Status.ON_HOLD, Status.NOT_ADMINISTERED)
    past = [row for row in _with(*in_hand) if row.use_before and row.use_before < records.now]
    return [(page, since) for page in records.of(past) if (since := waits_since(page.record, records.now))]


def _serious(records: Records) -> list[tuple[Unreported, date, bool]]:
    """Serious adverse events that are not reported: by which day each is due, and whether that has passed."""
    found = []
    for one in unreported(db.session()):
        due = times.local(one.known_at, records.zone).date() + timedelta(days=REPORT_DAYS)
        found.append((one, due, due < today_here()))
    return found


def _with(*statuses: Status, awaited: str = "") -> tuple[Row[Any], ...]:
    query = BatchQuery(statuses=tuple(status.value for status in statuses), awaited=awaited)
    return urgent_batches(db.session(), query)


def _bench(records: Records) -> dict[str, Any]:
    """Open batches in the order of their use-before times, each with its next step."""
    read = records.of(_with(*AT_WORK, Status.RELEASED, *TO_CLOSE))
    return {
        "jobs": [_job(records.actor, page) for page in read if page.next_step()],
        "waiting": _with(Status.UNDER_REVIEW, Status.ON_HOLD),
    }


def _theatre(records: Records) -> dict[str, Any]:
    """What the physician does: administer, record at the patient, close."""
    actor, in_process = records.actor, records.of(_with(*AT_WORK))
    return {
        "released": [_job(actor, page) for page in records.of(_with(Status.RELEASED))],
        "to_record": [_job(actor, page) for page in in_process if _may_go_on(actor, page)],
        "to_close": [
            (page, not closure_blockers(page.record, actor.person_id))
            for page in records.of(_with(*TO_CLOSE))
        ],
    }


def _may_go_on(actor: Actor, page: BatchPage) -> bool:
    step = page.next_step()
    return step is not None and may_record(actor, step)


def _job(actor: Actor, page: BatchPage) -> Job:
    """The next step; whoever may not record it is led to the batch instead."""
    step, number = page.next_step(), page.record.batch.number
    url = (
        page.step_url(step.key)
        if step and may_record(actor, step)
        else url_for("batches.batch", number=number)
    )
    return Job(page, step.title if step else "Every step is recorded", url)


def _asked(records: Records) -> list[tuple[BatchPage, Asked]]:
    """The confirmations that this person can give now."""
    words = [records.actor.person_id] + (["verified"] if records.actor.may(Permission.VERIFY) else [])
    read = records.of(_with(*TO_CONFIRM, awaited=" ".join(words)))
    return [(page, asked) for page in read for asked in page.asked_of(records.actor)]


def _review(records: Records) -> dict[str, Any]:
    """Three lanes of batches under review, and what hangs on a decision or a seal."""
    lanes = {
        "pass": Lane(
            "pass", "Clean", "None. A batch comes here when nothing blocks it and nothing stands out.", []
        ),
        "alert": Lane(
            "alert", "With alerts", "None. Corrections, late entries and alerts were looked for.", []
        ),
        "out": Lane(
            "out", "Blocked", "None. Steps, confirmations, results, custody and expiry were checked.", []
        ),
    }
    for page in records.of(_with(Status.UNDER_REVIEW)):
        tags = _why_there(page)
        may_sign = not decision_blockers(page.record, RELEASED, records.actor.person_id, records.now)
        lanes[tags[0].kind if tags else "pass"].cards.append(Card(page, tags, may_sign))
    return {
        "lanes": list(lanes.values()),
        "count": sum(len(lane.cards) for lane in lanes.values()),
        "on_hold": _with(Status.ON_HOLD),
        "used": [(page, why) for page in records.of(_with(*TO_CLOSE)) if (why := _to_decide(page))],
        "failed": _with(Status.SEALING, Status.SEALING_FAILED),
    }


def _to_decide(page: BatchPage) -> str:
    """Why quality assurance has to look at a batch whose product was used, or will not be; empty when it has not."""
    decision = standing_decision(page.record)
    harm = next((item.sentence for item in page.findings if item.severity is Severity.CRITICAL), "")
    if decision is None and page.record.process.release_required:
        return harm or "Something was recorded after the decision, or nobody decided."
    return harm if decision is not None and decision.decision == RELEASED else ""


def _why_there(page: BatchPage) -> tuple[Tag, ...]:
    """Why a batch is in its lane: the blockers, or else the exceptions by kind; nothing for a clean one."""
    kind, found = "out", Counter(item.rule for item in page.release_blockers)
    if not found:
        # That a step was not done stands in the way where the step is required; else it is part of the method.
        kind, found = "alert", Counter(item.rule for item in page.findings if item.rule != "not done")
    return tuple(_tag(kind, rule, count) for rule, count in found.items())


_WORDS = {
    "missing step": "step missing",
    "no result": "result missing",
    "correction": "corrected",
    "not done": "step not done",
    "uneven count": "count uneven",
    "too even": "count too even",
}
_ICONS = {"correction": "struck", "custody gap": "gap", "late entry": "wait", "not done": "notdone"}


def _tag(kind: str, rule: str, count: int) -> Tag:
    word = _WORDS.get(rule, rule)
    return Tag(kind, word.capitalize() if count == 1 else f"{count} × {word}", _ICONS.get(rule, ""))


def _masters(actor: Actor) -> dict[str, Any]:
    """Drafts for who writes master records, and those that wait for the check of who approves them."""
    wanted = {
        MasterState.DRAFT: actor.may(Permission.WRITE_MASTER),
        MasterState.IN_REVIEW: actor.may(Permission.APPROVE_MASTER),
    }
    if not any(wanted.values()):
        return {}
    known = versions(db.session())
    rows = rows_of(known, known, today_here())
    return {state.name: [row for row in rows if row.state is state] for state, mine in wanted.items() if mine}


def _people() -> dict[str, Any]:
    """How many people there are, by role, who has no password yet, and who has no role."""
    gone = set(db.session.execute(select(DeactivationRow.__table__.c.person_id)).scalars())
    joined = set(db.session.execute(select(CredentialRow.__table__.c.person_id)).scalars())
    active = [person for person in people(db.session()) if person.id not in gone]
    roles = Counter(role for person in active for role in person.roles)
    return {
        "active": len(active),
        "invited": [person for person in active if person.id not in joined],
        "without_role": [person for person in active if not person.roles],
        "deactivated": len(gone),
        "roles": [(role.value, roles[role.value]) for role in Role],
    }
