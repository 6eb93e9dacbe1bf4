"""Every computed number takes its formula from the ledger, so that no formula changes without a new version."""

from __future__ import annotations

import ast

from tests.house.source import modules


def own_formulas(tree: ast.AST) -> list[str]:
    """Results that write their formula or its id themselves, where `record.formula(name)` gives both."""
    return [
        f"{word.arg}={ast.unparse(word.value)}"
        for node in ast.walk(tree)
        if isinstance(node, ast.Call) and ast.unparse(node.func).split(".")[-1] == "Derived"
        for word in node.keywords
        if (word.arg == "formula" and not ast.unparse(word.value).endswith(".text"))
        or (word.arg == "formula_id" and not ast.unparse(word.value).endswith(".id"))
    ]


def test_every_result_takes_its_formula_from_the_ledger() -> None:
    found = {path: own for path, tree in modules() if (own := own_formulas(tree))}
    assert found == {}, (
        "add it to domain/calculations/formulas.py and use record.formula(name).text, .id and .compute"
    )


def test_a_planted_formula_is_found() -> None:
    assert own_formulas(ast.parse('Derived(key="tnc", formula="C × V", formula_id=used.id)')) == [
        "formula='C × V'"
    ]
    assert own_formulas(ast.parse('derived.Derived(formula=used.text, formula_id="tnc/1")'))
    assert not own_formulas(ast.parse("Derived(formula=used.text, formula_id=used.id)"))
