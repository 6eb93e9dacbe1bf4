"""TLS as the server speaks it: version 1.2 or newer, the certificate read anew when it was renewed."""

from __future__ import annotations

import errno
import ssl
from collections.abc import Callable
from pathlib import Path
from socket import socket
from typing import Any

SHAKES_HANDS_WITHIN_S = 3
SENDS_WITHIN_S = 60


class Patient(ssl.SSLContext):
    """A context whose connections do not hold a thread for ever when the other side falls silent."""

    def wrap_socket(self, sock: socket, *args: Any, **wishes: Any) -> ssl.SSLSocket:
        sock.settimeout(SHAKES_HANDS_WITHIN_S)
        try:
            wrapped = super().wrap_socket(sock, *args, **wishes)
        except TimeoutError as error:
            raise ConnectionResetError(errno.ECONNRESET, "no handshake came") from error
        wrapped.settimeout(SENDS_WITHIN_S)
        return wrapped


def contexts(file: Path) -> Callable[[Any, Any], ssl.SSLContext]:
    """What gunicorn asks at each connection: the context of the certificate that lies there now."""
    known: dict[tuple[int, int], ssl.SSLContext] = {}

    def context(_: Any, __: Any) -> ssl.SSLContext:
        seen = file.stat()
        version = (seen.st_mtime_ns, seen.st_ino)
        if version not in known:
            made = Patient(ssl.PROTOCOL_TLS_SERVER)
            made.minimum_version = ssl.TLSVersion.TLSv1_2
            made.options |= ssl.OP_NO_RENEGOTIATION | ssl.OP_NO_COMPRESSION
            made.load_cert_chain(file)
            known.clear()
            known[version] = made
        return known[version]

    return context
