"""Proxies in front of the site: what they say of the client counts, and nobody else's word does."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from ipaddress import IPv4Network, IPv6Network, ip_address
from typing import Any

from werkzeug.middleware.proxy_fix import ProxyFix

Application = Callable[[dict[str, Any], Any], Iterable[bytes]]


class BehindProxies:
    """Address and scheme as the proxies tell them, if the connection comes from where a proxy is.

    A client that reaches the server beside the proxy could write any X-Forwarded-For: its own address is taken.
    """

    def __init__(self, app: Application, count: int, networks: tuple[IPv4Network | IPv6Network, ...]) -> None:
        self.direct, self.networks = app, networks
        self.told = ProxyFix(app, x_for=count, x_proto=count)

    def __call__(self, environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        chosen = self.told if self._is_proxy(environ.get("REMOTE_ADDR", "")) else self.direct
        return chosen(environ, start_response)

    def _is_proxy(self, address: str) -> bool:
        try:
            told = ip_address(address)
        except ValueError:
            return False
        mapped = getattr(told, "ipv4_mapped", None) or told
        return any(mapped.version == network.version and mapped in network for network in self.networks)
