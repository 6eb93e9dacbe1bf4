"""Follow-up: what a visit states, what cannot be, and where each visit of the schedule stands."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from functools import cache
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from labrecords.domain.entries import Entry, left_empty, problems
from labrecords.domain.processes.process import ProcessError
from labrecords.domain.processes.process_text import read_process
from labrecords.domain.processes.visits import BEFORE, UNSCHEDULED, Visit
from labrecords.domain.record import BatchRecord, Void
from labrecords.domain.results.visits import (
    CLOSED,
    DONE,
    DUE,
    EARLY,
    LATE,
    OVERDUE,
    TO_COME,
    due_visit,
    open_visits,
    visit_standings,
)
from labrecords.domain.rules.finding import Severity
from labrecords.domain.rules.findings import findings
from labrecords.domain.steps.administration import Injection
from labrecords.domain.steps.follow_up import (
    ENDED,
    LESS_IS_BETTER,
    NOT_HELD,
    REINTERVENTION,
    TOO_EARLY,
    WORSE,
    FollowUp,
    visits_recorded,
)
from tests.support.clean import clean, process_text

WARSAW = ZoneInfo("Europe/Warsaw")
INJECTED = date(2026, 11, 23)
MONTH, QUARTER = "1 month", "3 months"
HELD = {"how": "by telephone", "pain_nrs": 3}


@cache
def injected() -> BatchRecord:
    return clean("residual")


def at(day: date, clock: str = "12:00") -> datetime:
    """An instant by the calendar and clock of the laboratory."""
    hours, minutes = map(int, clock.split(":"))
    return datetime(day.year, day.month, day.day, hours, minutes, tzinfo=WARSAW).astimezone(UTC)


def visit(record: BatchRecord, name: str, when: datetime, **facts: Any) -> BatchRecord:
    """The record with one more visit."""
    number = len(record.acts) + 1
    stated = {name: None for name in vars(FollowUp) if name in EMPTY} | (facts or HELD)
    entry = FollowUp(
        id=f"{number:032x}", batch_id=record.batch.id, step_key=f"follow_up-{number}",
        performed_by=record.people[0].id, recorded_by=record.people[0].id, performed_at=when, recorded_at=when,
        visit=name, **stated,
    )  # fmt: skip
    entries: tuple[Entry, ...] = (*record.entries, entry)
    return replace(record, entries=entries)


EMPTY = tuple(
    fact.name for fact in FollowUp.asked(injected().process.step("follow_up-1")) if not fact.required
)


def states(record: BatchRecord, today: date) -> list[str]:
    return [item.state(today) for item in visit_standings(record)]


def wrong(**facts: Any) -> dict[str, str]:
    """What is asked back of a visit with these facts."""
    step = injected().process.step("follow_up-1")
    return problems(FollowUp, {fact.name: None for fact in FollowUp.asked(step)} | facts, step)


# ---- what a visit states ---------------------------------------------------------------------------------------------


def test_nothing_that_may_stay_empty_asks_for_a_reason() -> None:
    step = injected().process.step("follow_up-1")
    values = {fact.name: None for fact in FollowUp.asked(step)} | {"visit": MONTH, **HELD}
    assert wrong(visit=MONTH, **HELD) == {}
    assert left_empty(FollowUp, values, step) == ()


def test_the_visits_are_those_of_the_master_record() -> None:
    choices = FollowUp.asked(injected().process.step("follow_up-3"))[0].choices
    assert choices == (MONTH, QUARTER, "6 months", "12 months", BEFORE, UNSCHEDULED)
    assert "visit" in wrong(visit="2 years", **HELD)


def test_a_visit_at_which_nothing_was_asked_is_asked_back_and_a_zero_is_an_answer() -> None:
    assert set(wrong(visit=MONTH, how="in person")) == {"pain_nrs"}
    assert wrong(visit=MONTH, how="in person", pain_nrs=0) == {}
    assert wrong(visit=MONTH, how="in person", reintervention=False) == {}


@pytest.mark.parametrize(
    ("facts", "fields"),
    [
        ({"pain_nrs": 11}, {"pain_nrs"}),
        ({"pain_vas_mm": Decimal("100.5")}, {"pain_vas_mm"}),
        ({"pain_vas_mm": Decimal(-1)}, {"pain_vas_mm"}),
        ({"score": Decimal(24)}, {"score_name", "score_of", "score_direction"}),
        ({"pain_nrs": 3, "score_name": "Disability index"}, {"score_name"}),
        (
            {
                "score": Decimal(60),
                "score_of": Decimal(50),
                "score_name": "Index",
                "score_direction": LESS_IS_BETTER,
            },
            {"score"},
        ),
        (
            {
                "score": Decimal(0),
                "score_of": Decimal(0),
                "score_name": "Index",
                "score_direction": LESS_IS_BETTER,
            },
            {"score_of"},
        ),
        ({"analgesics": "none", "analgesics_taken": "Paracetamol"}, {"analgesics_taken"}),
        ({"pain_nrs": 3, "imaging_grade": "Pfirrmann 3"}, {"imaging_grade"}),
        ({"reintervention": True}, {"reintervention_what", "reintervention_on"}),
        ({"reintervention": False, "reintervention_what": "Fusion"}, {"reintervention_what"}),
        ({"pain_nrs": 3, "why_not": "has died"}, {"why_not"}),
    ],
)
def test_what_cannot_be_true_together_is_asked_back(facts: dict[str, Any], fields: set[str]) -> None:
    assert set(wrong(visit=MONTH, how="in person", **facts)) == fields


def test_a_visit_that_will_not_take_place_has_a_reason_and_no_answers() -> None:
    assert wrong(visit=MONTH, how=NOT_HELD, why_not="does not want to") == {}
    assert set(wrong(visit=MONTH, how=NOT_HELD)) == {"why_not"}
    assert set(wrong(visit=MONTH, how=ENDED, why_not="has died", pain_nrs=0)) == {"pain_nrs"}
    assert set(wrong(visit=UNSCHEDULED, how=NOT_HELD, why_not="has died")) == {"visit"}


def test_a_visit_before_the_injection_was_before_it_and_one_of_the_schedule_after_it() -> None:
    record, day = injected(), timedelta(days=1)
    first = record.of_kind(Injection)[0].first_injected_at()
    for name, when, said in ((BEFORE, first - day, set()), (BEFORE, first + day, {"visit"}),
                             (MONTH, first - day, {"visit"}), (MONTH, first + day, set()),
                             (UNSCHEDULED, first - day, set())):  # fmt: skip
        after = visit(record, name, when)
        assert set(after.of_kind(FollowUp)[-1].contradictions_in(after)) == said, (name, when)


# ---- what is to be looked at -----------------------------------------------------------------------------------------


def rules(record: BatchRecord) -> set[str]:
    found = [item for item in findings(record) if item.rule in (WORSE, REINTERVENTION)]
    assert all(item.severity is Severity.EXCEPTION for item in found)
    return {item.rule for item in found}


@pytest.mark.parametrize(
    ("before", "after", "worse"),
    [
        ({"pain_nrs": 4}, {"pain_nrs": 5}, False),
        ({"pain_nrs": 4}, {"pain_nrs": 6}, True),
        ({"pain_nrs": 0}, {"pain_nrs": 2}, True),
        ({"pain_vas_mm": Decimal(40)}, {"pain_vas_mm": Decimal("59.9")}, False),
        ({"pain_vas_mm": Decimal(40)}, {"pain_vas_mm": Decimal(60)}, True),
        ({"pain_vas_mm": Decimal(0)}, {"pain_nrs": 9}, False),
    ],
)
def test_clearly_more_pain_than_before_is_pointed_out(
    before: dict[str, Any], after: dict[str, Any], worse: bool
) -> None:
    record = visit(injected(), BEFORE, at(INJECTED - timedelta(days=3)), how="in person", **before)
    assert rules(record) == set()
    record = visit(record, MONTH, at(INJECTED + timedelta(days=30)), how="in person", **after)
    assert rules(record) == ({WORSE} if worse else set())


def test_the_last_answer_before_the_injection_counts_and_without_one_nothing_is_worse() -> None:
    late = visit(injected(), MONTH, at(INJECTED + timedelta(days=30)), how="in person", pain_nrs=10)
    assert rules(late) == set()
    earlier = visit(late, BEFORE, at(INJECTED - timedelta(days=9)), how="in person", pain_nrs=9)
    assert rules(earlier) == set()
    assert rules(visit(earlier, BEFORE, at(INJECTED - timedelta(days=2)), how="in person", pain_nrs=5)) == {
        WORSE
    }


def test_another_intervention_is_pointed_out() -> None:
    facts = {"reintervention_what": "Fusion L5/S1", "reintervention_on": date(2027, 1, 5)}
    record = visit(
        injected(), UNSCHEDULED, at(date(2027, 1, 20)), how="in person", reintervention=True, **facts
    )
    assert rules(record) == {REINTERVENTION}
    assert rules(visit(injected(), UNSCHEDULED, at(INJECTED), how="in person", reintervention=False)) == set()


# ---- where the visits stand ------------------------------------------------------------------------------------------


def test_nothing_is_due_before_the_injection_without_a_schedule_or_for_a_void_batch() -> None:
    record = injected()
    assert visit_standings(clean("area_after")) == ()
    assert visit_standings(replace(record, process=replace(record.process, follow_up=()))) == ()
    void = Void("v", record.batch.id, "Opened twice.", "s", record.people[0].id, at(INJECTED))
    assert visit_standings(replace(record, voids=(void,))) == ()


def test_both_days_at_the_ends_of_the_window_count() -> None:
    (month, *_) = visit_standings(injected())
    assert (month.due_on, month.first_on, month.last_on) == (
        date(2026, 12, 23), date(2026, 12, 16), date(2026, 12, 30),
    )  # fmt: skip
    day = timedelta(days=1)
    assert [
        month.state(today)
        for today in (month.first_on - day, month.first_on, month.last_on, month.last_on + day)
    ] == [TO_COME, DUE, DUE, OVERDUE]


@pytest.mark.parametrize(
    ("held", "state"),
    [
        (at(date(2026, 12, 15), "23:59"), EARLY),
        (at(date(2026, 12, 16), "00:01"), DONE),
        (at(date(2026, 12, 30), "23:59"), DONE),
        (at(date(2026, 12, 31), "00:01"), LATE),
    ],
)
def test_the_day_is_that_of_the_laboratory_and_not_of_utc(held: datetime, state: str) -> None:
    assert states(visit(injected(), MONTH, held), date(2027, 3, 1))[0] == state


def test_a_visit_long_before_its_window_is_none_of_the_schedule_and_says_so() -> None:
    """Seven days before and after 30: from the 16th day on it counts, and on the 15th it does not."""
    counts, not_yet = at(INJECTED + timedelta(days=16)), at(INJECTED + timedelta(days=15))
    assert states(visit(injected(), MONTH, counts), date(2026, 12, 10))[0] == EARLY
    record = visit(injected(), MONTH, not_yet)
    assert states(record, date(2026, 12, 10))[0] == TO_COME
    assert MONTH in [item.visit.name for item in open_visits(record)]
    (said,) = visits_recorded(record)[-1].remarks(record)
    assert said.rule == TOO_EARLY
    assert (
        said.sentence
        == "“1 month” counts from 2026-12-09 on: this one counts as unscheduled, and that visit is waited for."
    )
    again = visit(record, MONTH, at(date(2026, 12, 24)))
    assert states(again, date(2026, 12, 25))[0] == DONE


def test_the_visit_that_is_due_is_the_one_that_the_form_begins_with() -> None:
    record = injected()
    days = {0: "", 22: "", 23: MONTH, 60: MONTH, 80: QUARTER, 200: "6 months", 400: "12 months"}
    assert {day: due_visit(record, INJECTED + timedelta(days=day)) for day in days} == days
    assert due_visit(visit(record, QUARTER, at(date(2027, 2, 21))), date(2027, 2, 22)) == MONTH
    assert due_visit(clean("harvest"), INJECTED) == BEFORE


def test_a_change_of_the_clock_moves_no_day() -> None:
    """Between injection and 12 months lie the changes of March and October; the 3 months end before the first."""
    year = visit_standings(injected())[-1]
    assert year.due_on == date(2027, 11, 23)
    for clock in ("00:01", "23:59"):
        held = visit(injected(), "12 months", at(year.last_on, clock))
        assert states(held, date(2028, 1, 1))[-1] == DONE


def test_a_closed_visit_is_not_waited_for_and_one_that_ends_the_follow_up_closes_those_after_it() -> None:
    record = visit(injected(), MONTH, at(date(2027, 1, 10)), how=NOT_HELD, why_not="cannot be reached")
    assert states(record, date(2028, 1, 1)) == [CLOSED, OVERDUE, OVERDUE, OVERDUE]
    record = visit(record, "6 months", at(date(2027, 6, 1)), how=ENDED, why_not="does not want to")
    assert states(record, date(2028, 1, 1)) == [CLOSED, OVERDUE, CLOSED, CLOSED]
    assert [item.visit.name for item in open_visits(record)] == [QUARTER]
    back = visit(record, "12 months", at(date(2027, 11, 20)))
    assert states(back, date(2028, 1, 1)) == [CLOSED, OVERDUE, CLOSED, DONE]


def test_a_patient_who_comes_back_is_waited_for_again_until_it_is_said_anew() -> None:
    gone = visit(injected(), MONTH, at(date(2026, 12, 23)), how=ENDED, why_not="cannot be reached")
    back = visit(gone, "6 months", at(date(2027, 5, 22)))
    assert states(back, date(2028, 1, 1)) == [CLOSED, CLOSED, DONE, OVERDUE]
    assert [item.visit.name for item in open_visits(back)] == ["12 months"]
    again = visit(back, "6 months", at(date(2027, 6, 1)), how=ENDED, why_not="does not want to")
    assert states(again, date(2028, 1, 1)) == [CLOSED, CLOSED, DONE, CLOSED]
    held_before = visit(injected(), MONTH, at(date(2026, 12, 23)))
    ended = visit(held_before, QUARTER, at(date(2027, 2, 21)), how=ENDED, why_not="has died")
    assert states(ended, date(2028, 1, 1)) == [DONE, CLOSED, CLOSED, CLOSED]


def test_of_two_answers_to_one_visit_the_first_decides_whether_it_was_in_time() -> None:
    record = visit(visit(injected(), MONTH, at(date(2027, 2, 1))), MONTH, at(date(2026, 12, 20)))
    assert states(record, date(2027, 3, 1))[0] == DONE


@given(
    after=st.integers(1, 7300),
    window=st.integers(0, 7300),
    held=st.one_of(st.none(), st.integers(0, 8000)),
    seen=st.integers(0, 9000),
)
def test_a_visit_has_one_state_on_every_day_and_is_open_until_it_is_answered(
    after: int, window: int, held: int | None, seen: int
) -> None:
    window = min(window, after)
    record = injected()
    record = replace(record, process=replace(record.process, follow_up=(Visit("one", after, window),)))
    if held is not None:
        record = visit(record, "one", at(INJECTED + timedelta(days=held), "18:00"))
    (item,) = visit_standings(record)
    state = item.state(INJECTED + timedelta(days=seen))
    if held is not None and held < after - 2 * window:
        held = None  # so long before that it is none of the schedule
    assert item.open is (held is None)
    if held is None:
        wanted = TO_COME if seen < after - window else DUE if seen <= after + window else OVERDUE
    else:
        wanted = EARLY if held < after - window else DONE if held <= after + window else LATE
    assert state == wanted


# ---- the schedule in the text ----------------------------------------------------------------------------------------


def scheduled(*visits: str) -> str:
    """What the reader says to these visits, one line each."""
    text = process_text().split("[[follow_up]]")[0] + "\n".join(
        f"[[follow_up]]\n{lines}\n" for lines in visits
    )
    try:
        read_process(text)
    except ProcessError as error:
        return "; ".join(f"{item.path[1]}.{item.path[-1]}" for item in error.problems if item.line)
    return ""


def one(name: str, after: int, window: int) -> str:
    return f'name = "{name}"\nafter_d = {after}\nwindow_d = {window}'


@pytest.mark.parametrize(
    ("visits", "places"),
    [
        ((one("1 month", 30, 7), one("1 year", 365, 30)), ""),
        ((one("next day", 1, 1),), ""),
        ((one("1 month", -30, 7),), "0.after_d"),
        ((one("1 month", 30, -1),), "0.window_d"),
        ((one("1 month", 30, 31),), "0.window_d"),
        ((one("today", 0, 0),), "0.after_d"),
        ((one("1 year", 365, 30), one("1 month", 30, 7)), "1.after_d"),
        ((one("1 month", 30, 7), one("again", 30, 7)), "1.after_d"),
        ((one("1 month", 30, 7), one("1 Month", 60, 7)), "1.name"),
        ((one("unscheduled", 30, 7),), "0.name"),
        (('name = "1 month"\nafter_d = 30',), "0.window_d"),
        ((one("1 month", 30, 7) + '\nnote = "x"',), "0.note"),
    ],
)
def test_what_a_schedule_must_not_say_is_named_at_its_place(visits: tuple[str, ...], places: str) -> None:
    assert scheduled(*visits) == places


def test_a_schedule_is_also_read_from_one_line_and_its_errors_stand_there() -> None:
    text = process_text().split("[[follow_up]]")[0]
    line = 'follow_up = [{ name = "1 month", after_d = 30, window_d = 7 }]\n'
    assert read_process(line + text).follow_up == (Visit("1 month", 30, 7),)
    with pytest.raises(ProcessError) as found:
        read_process(line.replace("30", "3") + text)
    assert [(item.line, item.where) for item in found.value.problems] == [
        (1, "follow-up visit 1 (1 month), window_d")
    ]
