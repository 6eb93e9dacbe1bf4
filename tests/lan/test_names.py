"""Names of the server are read strictly: a certificate vouches for them."""

from __future__ import annotations

import pytest

from labrecords.lan.names import NameUnusable, network_of, read_names


def test_names_and_addresses_are_told_apart_and_the_first_is_kept_first() -> None:
    names = read_names(" Lab.Example.org. , 192.168.1.20,labserver,fd00::0014,192.168.1.20 ")
    assert names.first == "lab.example.org"
    assert names.hosts == ("lab.example.org", "labserver")
    assert [str(address) for address in names.addresses] == ["192.168.1.20", "fd00::14"]
    assert names.in_requests[-1] == "[fd00::14]"


def test_an_address_may_come_first() -> None:
    assert read_names("[fd00::0014],lab").first == "fd00::14"


@pytest.mark.parametrize(
    "text",
    ["", " , ", "http://lab", "lab:8443", "lab_1", "-lab", "*.lab.org", "lab..org", "192.168.1.300", "0.0.0.0",
     "224.0.0.1", "łab.org", "a b", "x" * 64, ".".join(["abcdefgh"] * 30), "192.168.1.0/24", "lab\n.org"],
)  # fmt: skip
def test_what_is_neither_is_refused(text: str) -> None:
    with pytest.raises(NameUnusable):
        read_names(text)


@pytest.mark.parametrize(
    ("address", "network"), [("192.168.1.20", "192.168.1.0/24"), ("fd00::1:2", "fd00::/64")]
)
def test_an_address_may_change_within_its_small_network(address: str, network: str) -> None:
    assert str(network_of(read_names(address).addresses[0])) == network
