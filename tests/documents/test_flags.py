"""Flags: the letter that a finding gets on every page."""

from __future__ import annotations

import ast
from pathlib import Path

import labrecords
from labrecords.documents.flags import WORDS, letter_of

FINDINGS = Path(labrecords.__file__).parent / "domain" / "findings.py"


def rules_that_are_no_stop() -> set[str]:
    """The rules that domain/findings.py spells out itself; those of stops come from the kinds."""
    return {
        str(node.args[0].value)
        for node in ast.walk(ast.parse(FINDINGS.read_text()))
        if isinstance(node, ast.Call)
        and getattr(node.func, "id", "") in ("Finding", "_finding", "_recorded")
        and node.args
        and isinstance(node.args[0], ast.Constant)
    }


def test_no_finding_is_printed_as_an_act_that_must_not_have_begun_but_those_that_are() -> None:
    rules = rules_that_are_no_stop()
    assert len(rules) > 10
    assert {rule for rule in rules if letter_of(rule) == "S"} == set()


def test_a_stop_and_a_break_of_custody_have_their_own_letters() -> None:
    assert letter_of("wrong site") == "S"
    assert letter_of("custody gap") == "G"
    assert {letter_of(rule) for rule in rules_that_are_no_stop()} <= set(WORDS)
