"""A proxy before PostgreSQL's socket that breaks a connection where a test wants it: before or after a COMMIT."""

from __future__ import annotations

import socket
import threading
from contextlib import suppress
from pathlib import Path
from select import select

BEFORE, AFTER = "before", "after"
COMMIT = b"COMMIT"


class Proxy:
    """Passes everything on; the next COMMIT breaks its connection: not sent at all, or sent and its answer lost."""

    def __init__(self, folder: Path, server: Path) -> None:
        self.folder, self.server = folder, server
        self.cut, self.cuts, self.away = "", 0, False
        self.listening = socket.socket(socket.AF_UNIX)
        self.listening.bind(str(folder / ".s.PGSQL.5432"))
        self.listening.listen(32)
        self.open: set[socket.socket] = set()
        threading.Thread(target=self._accept, daemon=True).start()

    def _accept(self) -> None:
        while True:
            try:
                client, _ = self.listening.accept()
            except OSError:
                return
            if self.away:
                client.close()
                continue
            threading.Thread(target=self._pass, args=(client,), daemon=True).start()

    def _pass(self, client: socket.socket) -> None:
        with client, socket.socket(socket.AF_UNIX) as server:
            server.connect(str(self.server / ".s.PGSQL.5432"))
            self.open.add(client)
            try:
                while self._once(client, server):
                    pass
            except OSError:
                pass
            finally:
                self.open.discard(client)

    def _once(self, client: socket.socket, server: socket.socket) -> bool:
        ready, _, _ = select([client, server], [], [])
        for source in ready:
            data = source.recv(65536)
            if not data:
                return False
            if source is client and self.cut and COMMIT in data:
                wanted, self.cut = self.cut, ""
                self.cuts += 1
                if wanted == AFTER:
                    server.sendall(data)
                    # Its answer: the server has committed, and nobody hears of it.
                    server.recv(65536)
                return False
            (server if source is client else client).sendall(data)
        return True

    def go_away(self) -> None:
        """As a server that is down: no connection stays, none is made."""
        self.away = True
        self._break_all()

    def _break_all(self) -> None:
        for client in list(self.open):
            with suppress(OSError):  # ended by itself just now
                client.shutdown(socket.SHUT_RDWR)

    def close(self) -> None:
        self.listening.close()
        self._break_all()
