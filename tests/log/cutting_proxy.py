"""A way to a database that breaks at a chosen moment.

    with CuttingProxy(port) as proxy:
        proxy.cut(b"marker", Moment.AFTER)       # of the next request that holds these bytes
        ...                                      # a client of proxy.port sends it, and loses its connection

Requests before and after it pass; so do all other connections.
"""

from __future__ import annotations

import contextlib
import socket
import threading
from enum import Enum, auto
from types import TracebackType
from typing import Self


class Moment(Enum):
    """When the connection goes."""

    BEFORE = auto()  # the request never arrives
    AMID = auto()  # the request is on its way: it may arrive whole, or not
    AFTER = auto()  # it arrives, and no answer comes; until `let_go`, the client waits for one


class CuttingProxy:
    """port: where clients connect; down: refuses everybody."""

    def __init__(self, target: int) -> None:
        self._target = target
        self._listening = socket.create_server(("127.0.0.1", 0))
        self.port = int(self._listening.getsockname()[1])
        self.down = False
        self.cuts = 0
        self.swallowing = threading.Event()  # set while a request is there whose answer is kept back
        self._marker, self._moment = b"", Moment.BEFORE
        self._let_go = threading.Event()
        self._ended = False
        self._pairs: list[tuple[socket.socket, socket.socket]] = []
        self._threads: list[threading.Thread] = []

    def cut(self, marker: bytes, moment: Moment) -> None:
        self._marker, self._moment = marker, moment

    def let_go(self) -> None:
        """Cut the connection whose answer is kept back."""
        self._let_go.set()

    def __enter__(self) -> Self:
        self._start(self._accept)
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self._ended = True
        self._let_go.set()
        with contextlib.suppress(OSError):
            self._listening.shutdown(socket.SHUT_RDWR)
        self._listening.close()
        for pair in self._pairs:
            _close(*pair)
        for thread in self._threads:
            thread.join()

    def _start(self, work: object, *arguments: socket.socket) -> None:
        thread = threading.Thread(target=work, args=arguments)  # type: ignore[arg-type]
        thread.start()
        self._threads.append(thread)

    def _accept(self) -> None:
        while not self._ended:
            try:
                client, _ = self._listening.accept()
            except OSError:
                return
            if self.down:
                client.close()
                continue
            server = socket.create_connection(("127.0.0.1", self._target))
            self._pairs.append((client, server))
            self._start(self._requests, client, server)
            self._start(self._answers, client, server)

    def _requests(self, client: socket.socket, server: socket.socket) -> None:
        with contextlib.suppress(OSError):
            while data := client.recv(2**16):
                if not self._marker or self._marker not in data:
                    server.sendall(data)
                    continue
                self._marker = b""
                self.cuts += 1
                if self._moment is Moment.AFTER:
                    self.swallowing.set()
                if self._moment is not Moment.BEFORE:
                    server.sendall(data)
                if self._moment is Moment.AFTER:
                    self._let_go.wait()
                    self._let_go.clear()
                    self.swallowing.clear()
                break
        _close(client, server)

    def _answers(self, client: socket.socket, server: socket.socket) -> None:
        with contextlib.suppress(OSError):
            while data := server.recv(2**16):
                if self.swallowing.is_set():  # what other connections are answered meanwhile is lost as well
                    break
                client.sendall(data)


def _close(*ends: socket.socket) -> None:
    for end in ends:
        with contextlib.suppress(OSError):
            end.shutdown(socket.SHUT_RDWR)
        end.close()
