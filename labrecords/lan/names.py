"""Names and addresses by which tablets reach the server: read strictly, since a certificate vouches for them."""

from __future__ import annotations

import re
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network

LONGEST = 253
_LABEL = re.compile(r"[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?")
Address = IPv4Address | IPv6Address
Network = IPv4Network | IPv6Network


class NameUnusable(ValueError):
    """A name for which no certificate can be made; the text says why."""


@dataclass(frozen=True)
class LanNames:
    """Host names and addresses, in the order they were given; the first is the one that is printed."""

    first: str
    hosts: tuple[str, ...]
    addresses: tuple[Address, ...]

    @property
    def all(self) -> tuple[str, ...]:
        return (*self.hosts, *(str(address) for address in self.addresses))

    @property
    def in_requests(self) -> tuple[str, ...]:
        """As browsers write them into the Host header: an IPv6 address in brackets."""
        return (*self.hosts, *(in_url(str(address)) for address in self.addresses))


def in_url(name: str) -> str:
    """A name as it stands in an address of the web: an IPv6 address in brackets."""
    return f"[{name}]" if ":" in name else name


def read_names(text: str) -> LanNames:
    """Names separated by commas. Raises NameUnusable for what is neither a host name nor an address."""
    given = [part.strip().lower().rstrip(".") for part in text.split(",") if part.strip()]
    if not given:
        raise NameUnusable("Give at least one name or address by which tablets reach this server.")
    hosts: list[str] = []
    addresses: list[Address] = []
    for name in dict.fromkeys(given):
        address = _address(name)
        if address is not None:
            addresses.append(address)
        else:
            hosts.append(_host(name))
    return LanNames(str(_address(given[0]) or given[0]), tuple(hosts), tuple(dict.fromkeys(addresses)))


def network_of(address: Address) -> Network:
    """The small network around an address, within which it may change: the last byte, or the last 64 bits."""
    return ip_network(f"{address}/{24 if address.version == 4 else 64}", strict=False)


def _address(name: str) -> Address | None:
    try:
        address = ip_address(name.strip("[]"))
    except ValueError:
        return None
    if address.is_unspecified or address.is_multicast:
        raise NameUnusable(f"{name} is not the address of one machine. Give the address that tablets use.")
    return address


def _host(name: str) -> str:
    labels = name.split(".")
    if len(name) > LONGEST or not all(_LABEL.fullmatch(label) for label in labels) or labels[-1].isdigit():
        raise NameUnusable(
            f"“{name}” is neither a host name nor an address. Write it like lab.example.org or 192.168.1.20, without "
            "http:// and without a port."
        )
    return name
