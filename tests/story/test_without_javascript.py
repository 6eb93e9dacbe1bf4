"""The same pages in a browser that runs no scripts: sign in, record a step with rows, confirm it, sign out."""

from __future__ import annotations

from tests.story.run import Run


def test_a_step_with_rows_is_recorded_and_confirmed(run: Run) -> None:
    run.until("approved")
    number = run.open_batch(run.desk("tess"), "P-1180-T")
    desk = run.another_desk("paula", javascript=False)
    desk.open(run.step("order", number))
    desk.answer(
        {"Order": "O-3107", "Indication": "facet joint syndrome", "Consent form and version": "CON-12, 3"}
    )
    desk.press("One more row")
    desk.sees("Note the order and the consent")
    desk.answer({"Consent given on": "2026-02-30"})
    for row, level in enumerate(("L3/4", "L4/5", "L5/S1"), start=1):
        desk.answer({f"Targets {row}, Structure": "facet joint", f"Targets {row}, Level": level})
        desk.answer({f"Targets {row}, Side": "left"})
    desk.next()
    desk.sees("Nothing was saved yet.", "There is no day 2026-02-30")
    assert desk.page.get_by_label("Targets 3, Level").input_value() == "L5/S1"
    desk.answer({"Consent given on": "2026-02-27"})
    desk.next()
    desk.sees("Step 1 is recorded.")
    desk.open(run.step("order", number))
    desk.sees("facet joint, L5/S1, left")
    desk.sign("Second operator", "Verify as second", run.people["vic"])
    desk.sees("Vic Okafor signed step 1.", "Verified as second person")
    desk.press("Sign out")
    desk.sees("You are signed out.")
    desk.open(run.step("order", number))
    assert desk.heading == "Sign in"
    desk.context.close()
