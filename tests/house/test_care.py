"""Small habits that keep the record true: clocks, floats, markup, scripts."""

from __future__ import annotations

import ast
import re

import pytest

from tests.house.source import ROOT, imported, modules

FLOATS_ALLOWED = {"labrecords/domain/calculations/gamma.py", "labrecords/domain/calculations/counting.py"}
"""Confidence intervals only: documented, good to 1e-6."""


def clock_readings(tree: ast.AST) -> list[str]:
    """Calls that ask the computer's clock."""
    return [
        ast.unparse(node)
        for node in ast.walk(tree)
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and node.func.attr in ("now", "utcnow", "today")
        and ast.unparse(node.func.value) in ("datetime", "date", "datetime.datetime", "datetime.date")
    ]


@pytest.mark.parametrize("layer", ["domain", "documents", "actions", "web"])
def test_time_is_passed_in_and_never_read(layer: str) -> None:
    assert {path: found for path, tree in modules(layer) if (found := clock_readings(tree))} == {}


def test_a_planted_clock_is_found() -> None:
    assert clock_readings(ast.parse("at = datetime.now(UTC)"))


def floats(tree: ast.AST) -> list[str]:
    return [
        ast.unparse(node)
        for node in ast.walk(tree)
        if (isinstance(node, ast.Constant) and isinstance(node.value, float))
        or (isinstance(node, ast.Call) and ast.unparse(node.func) == "float")
    ]


def test_the_domain_computes_without_floats() -> None:
    found = {path: seen for path, tree in modules("domain") if (seen := floats(tree))}
    assert set(found) <= FLOATS_ALLOWED


def test_a_planted_float_is_found() -> None:
    assert floats(ast.parse("volume = 1.5"))
    assert floats(ast.parse("float(volume)"))


def test_documents_never_lay_text_out_by_a_markup_parser() -> None:
    wrong = [
        path for path, tree in modules("documents") if re.search(r"platypus|Paragraph\b", ast.unparse(tree))
    ]
    assert wrong == []


def trusted_text(tree: ast.AST) -> list[str]:
    """Text that is declared to be markup without being written there: it could be anybody's."""
    return [
        ast.unparse(node)
        for node in ast.walk(tree)
        if isinstance(node, ast.Call)
        and ast.unparse(node.func).split(".")[-1] == "Markup"
        and not all(isinstance(argument, ast.Constant) for argument in node.args)
    ]


DRAWN = "labrecords/web/drawn/"
"""The room for what a page has by dozens."""


def test_only_filters_widgets_and_their_room_declare_text_to_be_markup() -> None:
    makers = {path for path, tree in modules() if trusted_text(tree)}
    assert makers <= {"labrecords/web/filters.py", "labrecords/web/drawn/widgets.py", f"{DRAWN}html.py"}
    users = {path for path, tree in modules() if "labrecords.web.drawn.html" in imported(tree)}
    assert users
    assert all(path.startswith(DRAWN) for path in users), "HTML is written by hand in that room only"


def test_planted_markup_is_found() -> None:
    assert trusted_text(ast.parse("Markup(note)"))
    assert not trusted_text(ast.parse("Markup('<b>{}</b>').format(note)"))


def test_templates_hold_no_script_no_style_and_no_unescaped_text() -> None:
    wrong = []
    for template in sorted((ROOT / "templates").rglob("*.html")):
        text = template.read_text()
        for pattern in (r"<script(?![^>]*\bsrc=)", r"<style", r"\sstyle=", r"\son[a-z]+=", r"\|\s*safe\b"):
            if re.search(pattern, text):
                wrong.append(f"{template.relative_to(ROOT)}: {pattern}")
    assert wrong == []


def test_nothing_is_evaluated_or_unpickled() -> None:
    wrong = [
        path
        for path, tree in modules()
        for node in ast.walk(tree)
        if isinstance(node, ast.Call)
        and ast.unparse(node.func) in ("eval", "exec", "pickle.loads", "yaml.load")
    ]
    assert wrong == []
