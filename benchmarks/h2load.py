"""Load from h2load, a client in C, at a fixed rate: the same gRPC request again and again, each answer's time kept.

h2load knows HTTP/2 and not gRPC, where a failed call is a 200 as well. So the reply is fetched through grpc first, and the bytes that
h2load received must be as many as that many replies have.
"""

from __future__ import annotations

import re
import shutil
import struct
import subprocess
from dataclasses import dataclass, field
from pathlib import Path

import grpc
import numpy as np
from numpy.typing import NDArray

CONNECTIONS = 4
STREAMS = 64  # calls at once on a connection; none waits in the client unless the server is a quarter of a second behind
RECEIVED = re.compile(r"([0-9]+)\) data$", re.MULTILINE)
INSTALL = "h2load is not there: install it to make load (Debian and Ubuntu: apt-get install nghttp2-client)"
SPARE = 60.0  # seconds that a run may take longer than its rate says


@dataclass(frozen=True, slots=True)
class Load:
    """What came of a run. microseconds: float64[calls], from each request to the end of its answer; seconds: from first to last; begun:
    float64[calls], when each was sent, seconds UTC; nothing where that is not known."""

    microseconds: NDArray[np.float64]
    seconds: float
    begun: NDArray[np.float64] = field(default_factory=lambda: np.zeros(0))

    @property
    def calls(self) -> int:
        return len(self.microseconds)

    @property
    def rate(self) -> float:
        return self.calls / self.seconds

    def between(self, first: float, last: float) -> Load:
        """The calls that were running at some time between two instants, seconds UTC. Raises ValueError where there are none."""
        ended = self.begun + self.microseconds / 1e6
        here = (self.begun <= last) & (ended >= first)
        if not here.any():
            raise ValueError("no call was running then")
        return Load(self.microseconds[here], last - first, self.begun[here])

    def percentile(self, share: float) -> float:
        """Microseconds that this share of the calls took at most."""
        return float(np.quantile(self.microseconds, share))


def find_h2load() -> str:
    """Its path. Raises SystemExit that says what to install."""
    found = shutil.which("h2load")
    if found is None:
        raise SystemExit(INSTALL)
    return found


def ask(address: str, method: str, message: bytes) -> bytes:
    """The reply to one call, through grpc. Raises SystemExit where it is not OK."""
    with grpc.insecure_channel(address, options=[("grpc.max_receive_message_length", -1)]) as channel:
        try:
            return bytes(channel.unary_unary(method)(message, timeout=60))
        except grpc.RpcError as error:
            raise SystemExit(f"{method} at {address}: {error.code().name}, {error.details()}") from None


def load(
    address: str, method: str, message: bytes, scratch: Path, *, calls: int, rate: float | None, connections: int = CONNECTIONS,
    streams: int = STREAMS, shortest: int | None = None,
) -> Load:  # fmt: skip
    """Make `calls` calls, `rate` a second, or as fast as they are answered where that is None. shortest: bytes that a reply has at least,
    None where all are as long as the first. Raises SystemExit where one fails."""
    size = 5 + (len(ask(address, method, message)) if shortest is None else shortest)
    body, log = scratch / "request.grpc", scratch / "h2load.log"
    body.write_bytes(struct.pack(">BI", 0, len(message)) + message)
    log.unlink(missing_ok=True)  # h2load appends
    command = [find_h2load(), "-n", str(calls), "-c", str(connections), "-m", str(streams), "-t", "1", "-d", str(body)]
    command += ["-H", "content-type: application/grpc", "-H", "te: trailers", f"--log-file={log}"]
    if rate is not None:
        command.append(f"--rps={rate / connections:g}")
    patience = SPARE + (calls / rate if rate else 0)
    try:
        run = subprocess.run([*command, f"http://{address}{method}"], capture_output=True, text=True, timeout=patience, check=True)
    except (subprocess.CalledProcessError, subprocess.TimeoutExpired) as error:
        raise SystemExit(f"h2load failed: {error}\n{error.stdout!r}\n{error.stderr!r}") from None
    return read(log.read_text(), run.stdout, calls, size, whole=shortest is None)


def read(log: str, said: str, calls: int, size: int, *, whole: bool = True) -> Load:
    """The run that h2load's log and summary tell of. size: bytes of a reply with its prefix; whole: of each one, else at least.
    Raises SystemExit where not every call was answered so."""
    lines = np.array([line.split("\t")[:3] for line in log.splitlines()], np.int64).reshape(-1, 3)
    received = RECEIVED.search(said)
    bytes_received = int(received[1]) if received else 0
    good = (lines[:, 1] == 200).sum() == calls and (bytes_received == calls * size if whole else bytes_received >= calls * size)
    if not good:
        raise SystemExit(f"h2load: {calls:,} replies of {size:,} bytes were due, {bytes_received:,} bytes came:\n{said}")
    begin, took = lines[:, 0], lines[:, 2]
    return Load(took.astype(np.float64), max(float((begin + took).max() - begin.min()) / 1e6, 1e-6), begin / 1e6)
