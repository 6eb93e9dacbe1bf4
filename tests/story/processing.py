"""The stations of the harvest and the processing, from the needle to the counted product."""

from __future__ import annotations

from tests.story.laboratory import Laboratory
from tests.support.story import number_of

CHAMBER = "improved Neubauer, 1 mm²"


def harvested(lab: Laboratory) -> None:
    """Recorded by the technician, performed by the physician, who attests it on the technician's screen."""
    tess, chosen = lab.desk("tess"), lab.chosen["harvest"]
    tess.open(lab.step("harvest"))
    tess.next()
    tess.sees("Nothing was saved yet.", "Fill in: site.", "Choose")
    tess.answer({"Site": chosen["site"], "Side": chosen["side"]})
    lab.passes(3)
    tess.answer({"Started at": lab.just_now(), "Place": chosen["place"]})
    for row, volume in enumerate(chosen["draws_ml"], start=1):
        tess.answer({f"Draws {row}, Volume": volume})
    tess.answer(
        {
            "Anticoagulant": chosen["anticoagulant"],
            "Anticoagulant volume": chosen["anticoagulant_volume_ml"],
            "Anticoagulant lot": chosen["anticoagulant_lot"],
            "Anticoagulant expiry": lab.day(300),
            "Volume in the container": "1,000",
            "Container": chosen["container_code"],
            "Seal number": chosen["seal_number"],
            "Needle": chosen["needle"],
            "Performed by": lab.choice("paula"),
        }
    )
    tess.next()
    tess.sees("can mean", "1000")
    lab.passes(16)
    tess.answer({"Volume in the container": chosen["total_volume_ml"].replace(".", ",")})
    tess.next()
    tess.sees(f"Step {number_of('harvest')} is recorded.")
    tess.open(lab.step("harvest"))
    tess.sees("Marrow without anticoagulant", "54.0 mL")
    tess.sign("Performed by another", "Attest", lab.people["paula"])
    tess.sees(f"Paula Reyes signed step {number_of('harvest')}.")


def received(lab: Laboratory) -> None:
    """A third person records the hand-over; giver and receiver both sign on that screen. Then the receipt."""
    vic, tess, chosen = lab.desk("vic"), lab.desk("tess"), lab.chosen["receipt"]
    lab.passes(4)
    vic.open(lab.step("handover_laboratory"))
    vic.answer(handover(lab, "C-1", "paula", "tess", "Theatre 2", "Cell lab 1"))
    vic.next()
    vic.open(lab.step("handover_laboratory"))
    vic.sign("Given", "Confirm that I gave it", lab.people["paula"])
    vic.sign("Received", "Confirm that I received it", lab.people["tess"])
    vic.sees(f"Tess Arden signed step {number_of('handover_laboratory')}.")
    lab.passes(3)
    tess.open(lab.step("receipt"))
    tess.answer(
        {
            "Container": "C-1",
            "Volume received": chosen["volume_ml"],
            "Temperature": chosen["temperature_c"],
            "Appearance": "Normal",
            "Clots seen": "No",
            "Leaks seen": "No",
            "Label legible": "Yes",
            "Decision": "Accept",
        }
    )
    tess.next()
    lab.verify(tess, "receipt")


def counted_before(lab: Laboratory) -> None:
    tess = lab.desk("tess")
    lab.passes(4)
    sample(lab, "sample_before", "C-1")
    lab.passes(11)
    tess.open(lab.step("count_before"))
    tess.answer(count(lab, "count_before"))
    tess.next()
    tess.open(lab.step("count_before"))
    tess.sees("2.15 × 10⁷ /mL")


def spun(lab: Laboratory) -> None:
    """The speed is typed with two digits swapped, and corrected with the reason. The second spin is not done."""
    tess, chosen = lab.desk("tess"), lab.chosen["spin"]
    tess.open(lab.step("spin_1"))
    tess.answer(
        {
            "Tube": "C-1",
            "Centrifuge": chosen["centrifuge"],
            "Rotor": chosen["rotor"],
            "Speed": chosen["typed_wrongly_rpm"],
            "Duration": chosen["duration_min"],
            "Temperature": chosen["temperature_c"],
            "Brake": chosen["brake"],
        }
    )
    tess.page.locator("#rcf_g-echo").get_by_text("1 098").wait_for()
    lab.seen("step-centrifugation", tess)
    lab.passes(20)
    tess.next()
    tess.open(lab.step("spin_1"))
    tess.sees("1 098 × g")
    lab.passes(2)
    tess.follow("Correct")
    tess.answer({"Speed": chosen["speed_rpm"]})
    tess.answer(
        {
            "What was wrong": "Typed wrongly",
            "Reason for the correction": "Two digits were swapped: the display of the centrifuge shows 2740.",
        }
    )
    tess.press("Save the correction")
    tess.sees("This correction changes more than the value.", "Relative centrifugal force")
    tess.press("Save the correction")
    tess.sees(f"Step {number_of('spin_1')} is corrected.", "1 351 × g", "Two digits were swapped")
    assert tess.read(tess.page.locator("del").first) == "2 470 rpm"
    lab.verify(tess, "spin_1")
    tess.open(lab.step("spin_2"))
    tess.answer({"Why it was not done": "The method that was chosen for this demonstration has one spin."})
    tess.press("Note: not done")
    tess.sees(f"Step {number_of('spin_2')} is noted as not done.")


def cleared(lab: Laboratory, key: str, when: str) -> None:
    """Nothing of another batch is left where this one is worked on, and a second person has looked."""
    tess, line = lab.desk("tess"), lab.chosen["line"]
    tess.open(lab.step(key))
    tess.answer(
        {
            "Room": line["room"],
            "Cabinet or bench": line["cabinet"],
            "When": when,
            "Materials of the other batch removed": "Yes",
            "Cleaned": "Yes",
            "Cleaning agent": line["cleaning_agent"],
            "Cleaning agent lot": line["cleaning_lot"],
            "Cleaning agent expiry": lab.day(300),
            "No material of another patient here": "Yes",
            "Labels of other batches removed": "Yes",
            "Environment in order": "Yes",
        }
    )
    tess.next()
    lab.verify(tess, key)


def anticoagulant_prepared(lab: Laboratory) -> None:
    """What the harvest then uses up."""
    tess, chosen, harvest = lab.desk("tess"), lab.chosen["anticoagulant"], lab.chosen["harvest"]
    tess.open(lab.step("anticoagulant"))
    tess.answer(
        {
            "Anticoagulant": harvest["anticoagulant"],
            "Maker": chosen["maker"],
            "Lot": harvest["anticoagulant_lot"],
            "Expiry": lab.day(300),
            "Volume": harvest["anticoagulant_volume_ml"],
            "Marrow planned": chosen["planned_marrow_ml"],
        }
    )
    tess.next()
    lab.verify(tess, "anticoagulant")
    tess.open(lab.step("anticoagulant"))
    tess.sees("1 : 9")


def counted(lab: Laboratory) -> None:
    """The syringe is filled, a sample of it drawn and counted: concentration, viability, recovery, dose."""
    tess, chosen = lab.desk("tess"), lab.chosen["resuspension"]
    lab.passes(9)
    tess.open(lab.step("resuspension"))
    tess.answer(
        {
            "From container": "C-1",
            "Diluent": chosen["diluent"],
            "Diluent volume": chosen["diluent_volume_ml"],
            "Final volume": chosen["final_volume_ml"],
            "Final container": chosen["container_code"],
        }
    )
    tess.next()
    lab.verify(tess, "resuspension")
    lab.passes(2)
    final = lab.chosen["final_container"]
    tess.open(lab.step("final_container"))
    tess.answer(
        {
            "From container": chosen["container_code"],
            "Kind of container": final["container_type"],
            "Container lot": final["container_lot"],
            "Container expiry": lab.day(300),
            "Volume": final["volume_ml"],
            "Final container": chosen["container_code"],
            "Label checked": "Yes",
        }
    )
    tess.next()
    lab.verify(tess, "final_container")
    lab.passes(4)
    sample(lab, "sample_after", "S-1")
    lab.passes(11)
    tess.open(lab.step("count_after"))
    tess.answer({**count(lab, "count_after"), "Note": lab.note("nucleated_cells")})
    tess.page.locator("#results-echo").get_by_text("95.0").first.wait_for()
    tess.next()
    tess.open(lab.step("count_after"))
    tess.sees("1.21 × 10⁸ /mL", "95.0 %")
    lab.verify(tess, "count_after")


def reconciled(lab: Laboratory) -> None:
    """Waste and labels are accounted for against the computed yield, and the line is cleared again."""
    tess, chosen = lab.desk("tess"), lab.chosen["reconciliation"]
    lab.passes(4)
    tess.open(lab.step("reconciliation"))
    tess.answer(
        {
            "Waste": chosen["waste_ml"],
            "Labels printed": chosen["labels_printed"],
            "Labels used": chosen["labels_used"],
            "Labels destroyed": chosen["labels_destroyed"],
        }
    )
    tess.next()
    lab.verify(tess, "reconciliation")
    lab.passes(4)
    cleared(lab, "area_after", "After this batch")
    tess.open(f"/batches/{lab.number}")
    tess.sees("66.7 %", "Under review")


def handover(
    lab: Laboratory, container: str, giver: str, receiver: str, place: str, to: str
) -> dict[str, str]:
    return {
        "Container": container,
        "Given by": lab.choice(giver),
        "Given at": lab.just_now(),
        "From": place,
        "To": to,
        "Seal number": lab.chosen["harvest"]["seal_number"],
        "Seal and container whole": "Yes",
        "Temperature at receipt": lab.chosen["receipt"]["temperature_c"],
        "Received by": lab.choice(receiver),
    }


def sample(lab: Laboratory, key: str, container: str) -> None:
    tess, chosen = lab.desk("tess"), lab.chosen[key]
    tess.open(lab.step(key))
    tess.answer(
        {"Drawn from": container, "Sample": chosen["sample_code"], "Volume drawn": chosen["volume_ml"]}
    )
    tess.next()


def count(lab: Laboratory, key: str) -> dict[str, str]:
    """What is typed of a count: the dilution in parts, the squares, and live and dead where a dye was used."""
    chosen = lab.chosen[key]
    parts = {"#sample_part": chosen["sample_part"], "Diluent, lysis and dye": chosen["diluent_part"]}
    squares = {f"Squares counted {n}, Cells": cells for n, cells in enumerate(chosen["squares"], start=1)}
    viability = {"Viability dye": "dye", "Live cells": "live", "Dead cells": "dead"}
    dyed = {label: chosen[name] for label, name in viability.items() if name in chosen}
    sample = {"#sample_code": lab.chosen[key.replace("count", "sample")]["sample_code"]}
    return {**sample, "Chamber": CHAMBER, **parts, **squares, **dyed}
