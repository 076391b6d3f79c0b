"""A table of a TOML file, read so that every mistake is answered with the key's full name and what to write instead."""

from __future__ import annotations

import difflib
from collections.abc import Sequence
from typing import Any

from idweave_server.errors import MappingError


class Section:
    """One table. `key` is its full name ("observation.time", "" for the file), `file` what messages call the file."""

    def __init__(self, values: dict[str, Any], key: str, file: str) -> None:
        self.values = values
        self.key = key
        self.file = file

    def name(self, key: str) -> str:
        return f"{self.key}.{key}" if self.key else key

    def error(self, key: str, message: str) -> MappingError:
        return MappingError(f"{self.file}: {self.name(key) if key else self.key}: {message}")

    def wrong(self, key: str, remedy: str) -> MappingError:
        """The error for a value of the wrong type."""
        return self.error(key, f"{_display(self.values[key])} cannot stand here; write {remedy}")

    def only(self, *known: str) -> None:
        """Raise MappingError for a key that means nothing here, with the nearest that does."""
        for key in self.values:
            if key not in known:
                near = difflib.get_close_matches(key, known, n=1)
                hint = f"; did you mean {near[0]!r}?" if near else "."
                raise MappingError(f"{self.file}: {self.name(key)} means nothing here{hint} Known: {', '.join(known)}")

    def text(self, key: str, remedy: str) -> str | None:
        """A text that is not blank, or None where the key is not there."""
        value = self.values.get(key)
        if key in self.values and (not isinstance(value, str) or not value.strip()):
            raise self.wrong(key, remedy)
        return value

    def truth(self, key: str) -> bool:
        value = self.values.get(key, False)
        if not isinstance(value, bool):
            raise self.wrong(key, "true or false")
        return value

    def choice(self, key: str, known: Sequence[str]) -> str | None:
        value = self.text(key, "one of " + ", ".join(f'"{one}"' for one in known))
        if value is not None and value not in known:
            near = difflib.get_close_matches(value, known, n=1)
            hint = f"; did you mean {near[0]!r}?" if near else "."
            raise self.error(key, f"{value!r} is not known{hint} Known: {', '.join(known)}")
        return value

    def section(self, key: str, remedy: str) -> Section | None:
        if key not in self.values:
            return None
        if not isinstance(self.values[key], dict):
            raise self.wrong(key, remedy)
        return Section(self.values[key], self.name(key), self.file)

    def spread(self, key: str) -> Section:
        """The value, or the values of a list, each under a key of its own: "email", or "email[1]" and "email[2]"."""
        value = self.values[key]
        items = {f"{key}[{number}]": one for number, one in enumerate(value, 1)} if isinstance(value, list) else {key: value}
        return Section(items, self.key, self.file)

    def sections(self, key: str, remedy: str) -> list[Section]:
        """A table, or a list of tables; none where the key is not there."""
        if key not in self.values:
            return []
        items = self.spread(key)
        found = [items.section(one, remedy) for one in items.values]
        return [one for one in found if one is not None]


def _display(value: object) -> str:
    text = repr(value)
    return text if len(text) <= 60 else text[:59] + "…"
