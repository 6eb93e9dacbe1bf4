"""Canonical bytes agree with an independent implementation of RFC 8785, and refuse what has no single
form."""

from __future__ import annotations

from decimal import Decimal

import pytest
import rfc8785
from hypothesis import given
from hypothesis import strategies as st

from labrecords.domain.evidence.canonical import LARGEST_INTEGER, NotCanonical, canonical_bytes, sha256_hex

texts = st.text(alphabet=st.characters(codec="utf-8"))
keys = st.text(alphabet=st.characters(max_codepoint=127))
integers = st.integers(min_value=-LARGEST_INTEGER, max_value=LARGEST_INTEGER)
objects = st.recursive(
    st.none() | st.booleans() | integers | texts,
    lambda inner: st.lists(inner, max_size=5) | st.dictionaries(keys, inner, max_size=5),
    max_leaves=25,
)


@given(objects)
def test_agrees_with_the_reference_implementation(value: object) -> None:
    assert canonical_bytes(value) == rfc8785.dumps(value)  # type: ignore[arg-type]


@given(st.dictionaries(keys, integers, min_size=2))
def test_order_of_entry_makes_no_difference(value: dict[str, int]) -> None:
    assert canonical_bytes(dict(reversed(value.items()))) == canonical_bytes(value)


def test_published_form() -> None:
    value = {"literals": [None, True, False], "string": '€$\u000f\nA\'B"\\\\"/', "a": {"b": -0, "B": (1, 2)}}
    expected = (
        '{"a":{"B":[1,2],"b":0},"literals":[null,true,false],"string":"€$\\u000f\\nA\'B\\"\\\\\\\\\\"/"}'
    )
    assert canonical_bytes(value) == expected.encode()


@pytest.mark.parametrize(
    ("value", "reason"),
    [
        ({"a": 1.5}, "float"),
        ({"a": float("nan")}, "float"),
        ({"a": Decimal(1)}, "Decimal"),
        ({"a": b"x"}, "bytes"),
        ({"a": {1, 2}}, "set"),
        ({"ä": 1}, "keys are ASCII strings"),
        ({1: 1}, "keys are ASCII strings"),
        ({"a": 2**53}, "2\\*\\*53"),
        ([-(2**53)], "2\\*\\*53"),
        (["\ud800"], "lone surrogate"),
    ],
)
def test_refuses_what_has_no_single_form(value: object, reason: str) -> None:
    with pytest.raises(NotCanonical, match=reason):
        canonical_bytes(value)


def test_the_refusal_names_the_place() -> None:
    with pytest.raises(NotCanonical, match=r"the object\['rows'\]\[1\]\['mL'\] is a float"):
        canonical_bytes({"rows": [{}, {"mL": 1.5}]})


def test_refuses_endless_nesting() -> None:
    loop: list[object] = []
    loop.append(loop)
    with pytest.raises(NotCanonical, match="deeper than 64"):
        canonical_bytes(loop)


def test_digest() -> None:
    assert sha256_hex(b"abc") == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
