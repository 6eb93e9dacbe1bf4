"""Flags: the letter that a finding gets on every page."""

from __future__ import annotations

import ast
import importlib
from collections.abc import Iterator
from pathlib import Path

import labrecords
from labrecords.documents.flags import WORDS, letter_of

MAKERS = ("Finding", "_finding", "_recorded", "Remark")
DOMAIN = Path(labrecords.__file__).parent / "domain"


def rules_that_are_no_stop() -> set[str]:
    """The rules of every finding and remark that the domain spells out itself; those of stops come from the kinds."""
    return {rule for path in sorted(DOMAIN.rglob("*.py")) for rule in rules_in(path)}


def rules_in(path: Path) -> Iterator[str]:
    """Rules named in one file: as text, or by the name of a constant of the file."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    constants = importlib.import_module(
        ".".join(("labrecords.domain", *path.relative_to(DOMAIN).with_suffix("").parts)).removesuffix(
            ".__init__"
        )
    )
    for node in ast.walk(tree):
        if not isinstance(node, ast.Call) or getattr(node.func, "id", "") not in MAKERS:
            continue
        for given in node.args[:2]:
            rule = given.value if isinstance(given, ast.Constant) else None
            if isinstance(given, ast.Name):
                rule = getattr(constants, given.id, None)
            if isinstance(rule, str):
                yield rule
                break


def test_no_finding_is_printed_as_an_act_that_must_not_have_begun_but_those_that_are() -> None:
    rules = rules_that_are_no_stop()
    assert len(rules) > 35
    assert {rule for rule in rules if letter_of(rule) == "S"} == set()


def test_a_stop_and_a_break_of_custody_have_their_own_letters() -> None:
    assert letter_of("wrong site") == "S"
    assert letter_of("custody gap") == "G"
    assert {letter_of(rule) for rule in rules_that_are_no_stop()} <= set(WORDS)
