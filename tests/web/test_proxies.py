"""What proxies say of a client counts where a proxy connects, and from nobody else."""

from __future__ import annotations

from ipaddress import ip_network
from typing import Any

import pytest

from labrecords.web.proxies import BehindProxies

NETWORKS = (ip_network("127.0.0.1"), ip_network("10.0.0.0/24"), ip_network("fd00::/64"))


def seen(address: str, told: dict[str, str], count: int = 1) -> tuple[str, str]:
    found: dict[str, Any] = {}

    def app(environ: dict[str, Any], _: Any) -> list[bytes]:
        found.update(environ)
        return []

    environ = {"REMOTE_ADDR": address, "wsgi.url_scheme": "http"} | {
        f"HTTP_{name}": text for name, text in told.items()
    }
    BehindProxies(app, count, NETWORKS)(environ, None)
    return found["REMOTE_ADDR"], found["wsgi.url_scheme"]


FORGED = {"X_FORWARDED_FOR": "192.0.2.7", "X_FORWARDED_PROTO": "https"}


@pytest.mark.parametrize("address", ["127.0.0.1", "10.0.0.9", "::ffff:10.0.0.9", "fd00::5"])
def test_a_proxy_tells_the_address_of_its_client(address: str) -> None:
    assert seen(address, FORGED) == ("192.0.2.7", "https")


@pytest.mark.req("ASVS-4.1.3", "ASVS-15.3.4")
@pytest.mark.parametrize("address", ["10.0.1.9", "192.168.1.5", "::1", "fd01::5", "", "unix:"])
def test_a_client_beside_the_proxy_is_believed_nothing(address: str) -> None:
    assert seen(address, FORGED) == (address, "http")


def test_what_a_client_wrote_before_the_proxy_did_does_not_count() -> None:
    told = {"X_FORWARDED_FOR": "198.51.100.1, 192.0.2.7"}
    assert seen("127.0.0.1", told)[0] == "192.0.2.7"
    assert seen("127.0.0.1", told, 2)[0] == "198.51.100.1"
