"""Where the server's own work says what happened; what writes the lines is the server's affair."""

from __future__ import annotations

from typing import Protocol


class Journal(Protocol):
    def say(self, event: str, **facts: str | int | float) -> None:
        """Note an event."""
