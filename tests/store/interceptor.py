"""Stands between the store and PostgreSQL and cuts the line at the worst moment."""

import contextlib
import socket
import threading

from tests.store.postgresql import free_port


class Interceptor:
    """When armed, lets one COMMIT through to the server but not its answer back."""

    def __init__(self, to_port: int) -> None:
        self.port = free_port()
        self.is_armed = False
        self._cut: set[socket.socket] = set()
        self._to_port = to_port
        self._listener = socket.create_server(("127.0.0.1", self.port))
        threading.Thread(target=self._accept, daemon=True).start()

    def close(self) -> None:
        self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()

    def _accept(self) -> None:
        with contextlib.suppress(OSError):  # it is closed
            while True:
                client, _ = self._listener.accept()
                server = socket.create_connection(("127.0.0.1", self._to_port))
                threading.Thread(target=self._to_server, args=(client, server), daemon=True).start()
                threading.Thread(target=self._to_client, args=(client, server), daemon=True).start()

    def _to_server(self, client: socket.socket, server: socket.socket) -> None:
        with contextlib.suppress(OSError), server:
            while sent := client.recv(1 << 16):
                if self.is_armed and b"COMMIT" in sent:
                    self.is_armed = False
                    self._cut.add(server)
                server.sendall(sent)

    def _to_client(self, client: socket.socket, server: socket.socket) -> None:
        with contextlib.suppress(OSError), client:
            while answer := server.recv(1 << 16):
                if server in self._cut:
                    # Closing alone would wait for the other thread, which reads from it.
                    client.shutdown(socket.SHUT_RDWR)
                    return
                client.sendall(answer)
