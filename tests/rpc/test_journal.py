"""The server's own log."""

from __future__ import annotations

import io
import json
from typing import Any

from idweave_server.rpc.journal import MOST_LINES, Journal


def lines(stream: io.StringIO) -> list[dict[str, Any]]:
    return [json.loads(line) for line in stream.getvalue().splitlines()]


def test_events_are_json_lines_in_order() -> None:
    stream = io.StringIO()
    journal = Journal(stream, lambda: 1_700_000_000.25)
    journal.say("listening", address="127.0.0.1:1")
    journal.say("call", ms=1.5, items=3)
    assert (stream.getvalue(), journal.waits) == ("", True)  # nobody waits for the stream
    journal.flush()
    assert not journal.waits
    assert lines(stream) == [
        {"time": "2023-11-14T22:13:20.250Z", "event": "listening", "address": "127.0.0.1:1"},
        {"time": "2023-11-14T22:13:20.250Z", "event": "call", "ms": 1.5, "items": 3},
    ]


def test_a_fault_is_told_by_type_and_place_and_not_by_its_text() -> None:
    stream = io.StringIO()
    journal = Journal(stream, lambda: 0.0)
    try:
        raise KeyError("jo@example.org")
    except KeyError as error:
        journal.fault("fault", error, request_id="abc-1")
    journal.flush()
    assert "jo@example.org" not in stream.getvalue()
    (line,) = lines(stream)
    assert line["error"] == "KeyError"
    assert "test_journal.py" in line["at"]


def test_what_nobody_takes_is_dropped_and_counted() -> None:
    stream = io.StringIO()
    journal = Journal(stream, lambda: 0.0)
    for n in range(MOST_LINES + 5):
        journal.say("call", n=n)
    journal.flush()
    assert lines(stream)[-1] == {"time": "1970-01-01T00:00:00.000Z", "event": "lines_dropped", "count": 5}


def test_a_broken_stream_stops_nobody() -> None:
    class Broken(io.StringIO):
        def write(self, text: str) -> int:
            raise BrokenPipeError

    journal = Journal(Broken(), lambda: 0.0)
    journal.say("call")
    journal.flush()
    assert journal.dropped == 1
