"""The stations after the processing: release, the check at the bedside, the injection, the closing of the record."""

from __future__ import annotations

from tests.story.laboratory import Laboratory
from tests.story.processing import handover
from tests.support.story import number_of

WRONG_PATIENT = "P-4417-K"


def released(lab: Laboratory) -> None:
    quentin, who = lab.desk("quentin"), lab.people["quentin"]
    lab.passes(8)
    quentin.open("/")
    quentin.follow(lab.number)
    quentin.open(f"/batches/{lab.number}/review")
    quentin.sees("Nothing in the record stands in the way of release", "Two digits were swapped", "66.7 %")
    lab.seen("review", quentin)
    quentin.follow("Release")
    quentin.sees(f"Release {lab.number}", "Prints as Quentin Marsh")
    lab.seen("sign", quentin)
    quentin.answer({"Password": "not the password of Quentin"})
    quentin.press("Sign the release")
    quentin.sees("Nothing was signed.", "is not right")
    quentin.answer({"Password": who.password})
    quentin.press("Sign the release")
    quentin.sees(f"{lab.number} is released. Document version 1 is sealed and verified.", "Released")


def at_the_bedside(lab: Laboratory) -> None:
    """Hand-over to the theatre; then a wrong patient stops the check at the bedside, and the right one does not."""
    tess, paula = lab.desk("tess"), lab.desk("paula")
    lab.passes(5)
    tess.open(lab.step("handover_theatre"))
    tess.answer(handover(lab, "S-1", "tess", "paula", "Cell lab 1", "Theatre 2"))
    tess.next()
    tess.open(lab.step("handover_theatre"))
    tess.sign("Received", "Confirm that I received it", lab.people["paula"])
    lab.passes(4)
    paula.open(lab.step("bedside"))
    paula.answer(
        {
            "Patient code": WRONG_PATIENT,
            "Chain-of-identity code on the product": lab.identity,
            "Product container": "S-1",
            "How the patient was identified": "Wristband scanned",
            "Product looks as it should": "Yes",
        }
    )
    for row, level in enumerate(lab.chosen["order"]["levels"], start=1):
        site = {"Structure": "intervertebral disc", "Level": level, "Side": "midline"}
        paula.answer({f"To be injected {row}, {label}": text for label, text in site.items()})
    paula.next()
    paula.sees(
        "Stop. Wrong patient",
        "known to nobody here",
        lab.patient,
        f"Nothing was recorded of step {number_of('bedside')}",
    )
    assert paula.page.locator("body.stop").count() == 1
    lab.seen("stop", paula)
    paula.press("Go back and correct")
    assert paula.page.get_by_label("Product container").input_value() == "S-1"
    paula.answer({"Patient code": lab.patient})
    paula.next()
    lab.verify(paula, "bedside")


def administered(lab: Laboratory) -> None:
    paula, chosen = lab.desk("paula"), lab.chosen["injection"]
    paula.open(lab.step("injection"))
    paula.answer({"Patient code": lab.patient, "Product container": "S-1", "Place": chosen["place"]})
    for row, level in enumerate(lab.chosen["order"]["levels"], start=1):
        site = {
            "Structure": "intervertebral disc",
            "Level": level,
            "Side": "midline",
            "Guidance": chosen["guidance"],
            "Approach": chosen["approach"],
            "Needle gauge": chosen["needle_gauge"],
            "Needle length": chosen["needle_length_mm"],
            "Contrast": chosen["contrast"],
            "Volume": chosen["volume_per_disc_ml"],
            "Injected at": lab.just_now(),
        }
        lab.passes(6)
        paula.answer({f"Sites {row}, {label}": text for label, text in site.items()})
    paula.answer({"Note": lab.note("injected_volume")})
    paula.next()
    lab.verify(paula, "injection")
    chosen = lab.chosen["residual"]
    lab.passes(3)
    paula.open(lab.step("residual"))
    paula.answer({"Volume left": chosen["volume_ml"], "What became of it": chosen["fate"]})
    paula.answer({"How it was destroyed or kept": chosen["method"]})
    paula.next()
    lab.verify(paula, "residual")


def closed(lab: Laboratory) -> None:
    paula = lab.desk("paula")
    paula.open("/")
    paula.sees("Not closed yet")
    paula.follow("Close")
    paula.answer({"Password": lab.people["paula"].password})
    paula.press("Sign the administration")
    paula.sees(f"The administration of {lab.number} is closed. Document version 2 is sealed and verified.")
    lab.seen("batch", paula)
