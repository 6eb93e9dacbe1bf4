"""A record that does not agree with itself: each disagreement is found by its check.

Each of these needs our own key and our own software behind our back. The file says of itself that it is wrong.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from io import BytesIO
from typing import Any

import pikepdf
import pytest

from labrecords.documents.package import RENDERER
from labrecords.documents.verifying import verifier
from labrecords.documents.verifying.verdict import (
    CHANGED,
    VALID,
)
from labrecords.domain.evidence import trail
from labrecords.domain.evidence.canonical import canonical_bytes
from labrecords.domain.review.decisions import RELEASED
from tests.support.sealed import (
    another_authority,
    failed,
    judged,
    packed,
    seal_anew,
    unsealed,
    with_change,
)


def _event(plain: dict[str, Any], number: int, change: Callable[[dict[str, Any]], None]) -> None:
    """Change an event and all hashes after it, as one does who rewrites history with care."""
    prev = trail.GENESIS
    for index, text in enumerate(plain["events"]):
        event = json.loads(text)
        event["prev"] = prev
        if index + 1 == number:
            change(event)
        payload = canonical_bytes(event)
        plain["events"][index], prev = payload.decode(), trail.digest(payload)
    plain["record"]["head"]["digest"] = prev


def _change_one_event(plain: dict[str, Any]) -> None:
    plain["events"][4] = plain["events"][4].replace('"reason":null', '"reason":"late"')


def _drop_an_event(plain: dict[str, Any]) -> None:
    del plain["events"][7]


def _drop_the_last_event(plain: dict[str, Any]) -> None:
    del plain["events"][-1]


def _swap_events(plain: dict[str, Any]) -> None:
    plain["events"][3], plain["events"][4] = plain["events"][4], plain["events"][3]


def _blur_an_event(plain: dict[str, Any]) -> None:
    plain["events"][2] = plain["events"][2].replace('{"act":', '{"act":"nothing","act":', 1)


def _break_an_event(plain: dict[str, Any]) -> None:
    plain["events"][2] = "]"


def _other_chain(plain: dict[str, Any]) -> None:
    plain["record"]["head"]["chain"] = "batch/0"


def _change_a_value(plain: dict[str, Any]) -> None:
    harvest = next(entry for entry in plain["record"]["entries"] if entry["kind"] == "harvest")
    harvest["total_volume_ml"] = "61"


def _drop_an_entry(plain: dict[str, Any]) -> None:
    plain["record"]["entries"] = [
        entry for entry in plain["record"]["entries"] if entry["kind"] != "residual"
    ]


def _invent_a_confirmation(plain: dict[str, Any]) -> None:
    invented = {**plain["record"]["confirmations"][0], "id": "f" * 32}
    plain["record"]["confirmations"].append(invented)


def _repeat_a_decision(plain: dict[str, Any]) -> None:
    plain["record"]["decisions"].append(plain["record"]["decisions"][0])


def _reverse_the_signatures(plain: dict[str, Any]) -> None:
    plain["record"]["signatures"].reverse()


def _rename_a_person(plain: dict[str, Any]) -> None:
    plain["record"]["people"][0]["name"] = "Somebody Else"


def _repeat_a_person(plain: dict[str, Any]) -> None:
    plain["record"]["people"].append(plain["record"]["people"][0])


def _other_step_version(plain: dict[str, Any]) -> None:
    plain["record"]["step_heads"]["harvest"] += 1


def _soften_the_process(plain: dict[str, Any]) -> None:
    plain["record"]["process"] = plain["record"]["process"].replace('title = "', 'title = "Softened ', 1)


def _forget_a_document(plain: dict[str, Any]) -> None:
    end = plain["record"]["issue_ends"][0]
    end["document_sha256"] = "0" * 64


def _rewrite_history(plain: dict[str, Any]) -> None:
    """The harvest is another, in the event and in the record; every hash after it is made anew."""

    def change(event: dict[str, Any]) -> None:
        for row in event["rows"]:
            if row["table"] == "harvest":
                row["values"]["total_volume_ml"] = "61"

    numbers = [json.loads(text)["act"] for text in plain["events"]]
    _event(plain, numbers.index("harvest.recorded") + 1, change)
    _change_a_value(plain)


def _other_statement(plain: dict[str, Any]) -> None:
    signature = plain["record"]["signatures"][3]
    signature["statement"] = signature["statement"].replace('"v":1', '"v":2')


def _other_name_printed(plain: dict[str, Any]) -> None:
    plain["record"]["signatures"][3]["name"] = "Somebody Else"


def _other_checkpoint_root(plain: dict[str, Any]) -> None:
    statement = json.loads(plain["checkpoint"]["statement"])
    statement["root"] = "0" * 64
    plain["checkpoint"]["statement"] = canonical_bytes(statement).decode()


def _other_leaf(plain: dict[str, Any]) -> None:
    plain["checkpoint"]["leaf"] = plain["checkpoint"]["leaf"].replace('"seq":', '"seq":1')


def _other_proof(plain: dict[str, Any]) -> None:
    plain["checkpoint"]["proof"].reverse()


def _other_checkpoint_certificate(plain: dict[str, Any]) -> None:
    plain["certificates"]["checkpoint"] = another_authority().certificates()["checkpoint"]


def _seal_certificate_for_checkpoints(plain: dict[str, Any]) -> None:
    plain["certificates"]["checkpoint"] = plain["certificates"]["seal"]


def _no_checkpoint_certificate(plain: dict[str, Any]) -> None:
    del plain["certificates"]["checkpoint"]


def _better_number(plain: dict[str, Any]) -> None:
    plain["derived"]["viability_percent"]["reported"] = "99.9"


def _one_number_less(plain: dict[str, Any]) -> None:
    del plain["derived"]["viability_percent"]


def _other_version(plain: dict[str, Any]) -> None:
    plain["document"]["version"] = 7


def _other_document(plain: dict[str, Any]) -> None:
    plain["document"]["id"] = "0" * 32


def _other_seal_certificate(plain: dict[str, Any]) -> None:
    plain["certificates"]["seal"] = another_authority().certificates()["seal"]


def _something_more(plain: dict[str, Any]) -> None:
    plain["record"]["batch"]["remark"] = "read by nobody"


RECORD_ATTACKS: list[tuple[Callable[[dict[str, Any]], None], str]] = [
    (_change_one_event, "Trail"),
    (_drop_an_event, "Trail"),
    (_drop_the_last_event, "Trail"),
    (_swap_events, "Trail"),
    (_blur_an_event, "Trail"),
    (_break_an_event, "Trail"),
    (_other_chain, "Trail"),
    (_change_a_value, "Rows"),
    (_drop_an_entry, "Rows"),
    (_invent_a_confirmation, "Rows"),
    (_repeat_a_decision, "Rows"),
    (_reverse_the_signatures, "Rows"),
    (_rename_a_person, "Rows"),
    (_repeat_a_person, "Rows"),
    (_other_step_version, "Rows"),
    (_soften_the_process, "Rows"),
    (_forget_a_document, "Rows"),
    (_rewrite_history, "Signatures"),
    (_rewrite_history, "Checkpoint"),
    (_other_statement, "Signatures"),
    (_other_name_printed, "Signatures"),
    (_other_checkpoint_root, "Checkpoint"),
    (_other_leaf, "Checkpoint"),
    (_other_proof, "Checkpoint"),
    (_other_checkpoint_certificate, "Checkpoint"),
    (_seal_certificate_for_checkpoints, "Checkpoint"),
    (_no_checkpoint_certificate, "Checkpoint"),
    (_better_number, "Numbers"),
    (_one_number_less, "Numbers"),
    (_other_version, "Document"),
    (_other_document, "Document"),
    (_other_seal_certificate, "Document"),
    (_something_more, "Document"),
]


@pytest.fixture
def any_drawing(monkeypatch: pytest.MonkeyPatch) -> Callable[[bytes], bytes]:
    """Seals a package in a plain document, where the drawing itself would refuse it, and is not compared."""
    monkeypatch.setattr(verifier, "compare", lambda *_: "not looked at")

    def make(package: bytes) -> bytes:
        out = BytesIO()
        with pikepdf.open(BytesIO(unsealed())) as pdf:
            pdf.attachments["record.json"] = package
            pdf.remove_unreferenced_resources()
            pdf.save(out)
        return seal_anew(out.getvalue(), package=package)

    return make


@pytest.mark.req("P11-70")
@pytest.mark.parametrize(("attack", "check"), RECORD_ATTACKS)
def test_a_record_that_does_not_agree_with_itself(
    attack: Callable[[dict[str, Any]], None], check: str, any_drawing: Callable[[bytes], bytes]
) -> None:
    verdict = judged(any_drawing(with_change(attack)))
    assert verdict.kind == CHANGED
    assert check in failed(verdict), verdict


def test_the_same_way_of_sealing_without_an_attack(any_drawing: Callable[[bytes], bytes]) -> None:
    verdict = judged(any_drawing(packed()))
    assert (verdict.kind, failed(verdict)) == (VALID, [])


def test_a_record_that_is_none(
    any_drawing: Callable[[bytes], bytes], monkeypatch: pytest.MonkeyPatch
) -> None:
    with pikepdf.open(BytesIO(unsealed())) as pdf:
        pdf.attachments["record.json"] = b"{}"
        out = BytesIO()
        pdf.save(out)
    verdict = judged(seal_anew(out.getvalue()))
    assert (verdict.kind, failed(verdict)) == (CHANGED, ["Record"])


def test_a_seal_that_names_another_record() -> None:
    verdict = judged(seal_anew(unsealed(), package=with_change(_other_version)))
    assert (verdict.kind, failed(verdict)) == (CHANGED, ["Record"])


def test_the_checkpoint_of_an_older_state_does_not_serve(any_drawing: Callable[[bytes], bytes]) -> None:
    older = json.loads(packed(RELEASED))

    def change(plain: dict[str, Any]) -> None:
        plain["checkpoint"] = older["checkpoint"]

    assert failed(judged(any_drawing(with_change(change)))) == ["Checkpoint"]


def test_drawn_by_another_version_is_not_compared(any_drawing: Callable[[bytes], bytes]) -> None:
    verdict = judged(any_drawing(with_change(lambda plain: plain.update(renderer="0"))))
    assert verdict.kind == VALID
    assert [check.name for check in verdict.checks if check.outcome == "not checked"] == ["Pages"]
    assert RENDERER in verdict.checks[-1].sentence
