"""TOML tables read key by key, with every mistake told by the key's full name."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from idweave_server.errors import PolicyError
from idweave_server.suggestion import did_you_mean


class Table:
    """One TOML table, read key by key; what nobody read is an unknown key."""

    def __init__(self, tree: Any, name: str) -> None:
        if not isinstance(tree, dict):
            raise PolicyError(f"{name}: a table is needed here, not {tree!r}")
        self.tree, self.name, self.read = tree, name, set[str]()

    def value(self, key: str, default: Any = None) -> Any:
        self.read.add(key)
        found = self.tree.get(key, default)
        if found is None:
            raise PolicyError(f"{self.name}.{key} is missing")
        return found

    def has(self, key: str) -> bool:
        self.read.add(key)
        return key in self.tree

    def text(self, key: str, default: str | None = None) -> str:
        found = self.value(key, default)
        if not isinstance(found, str) or not found:
            raise PolicyError(f"{self.name}.{key}: text is needed, not {found!r}")
        return found

    def flag(self, key: str, default: bool | None = None) -> bool:
        found = self.value(key, default)
        if not isinstance(found, bool):
            raise PolicyError(f"{self.name}.{key}: true or false is needed, not {found!r}")
        return found

    def whole(self, key: str, least: int, most: int, default: int | None = None) -> int:
        found = self.value(key, default)
        if isinstance(found, bool) or not isinstance(found, int) or not least <= found <= most:
            raise PolicyError(f"{self.name}.{key}: a whole number from {least} to {most} is needed, not {found!r}")
        return found

    def share(self, key: str, below: float = 1.0) -> int:
        """A number in 0..1 as thousandths."""
        found = self.value(key)
        if isinstance(found, bool) or not isinstance(found, int | float) or not 0 <= found <= below:
            raise PolicyError(f"{self.name}.{key}: a number from 0 to {below:g} is needed, not {found!r}")
        return min(round(found * 1000), 999 if below < 1 else 1000)

    def choice(self, key: str, choices: Any, default: str) -> str:
        return one_of(f"{self.name}.{key}", self.value(key, default), choices)

    def done(self) -> None:
        for key in self.tree:
            if key not in self.read:
                raise PolicyError(f"{self.name} has no key {key!r}{did_you_mean(key, self.read)}")


def one_of(name: str, found: Any, choices: Any) -> str:
    if found not in choices:
        raise PolicyError(f"{name}: {found!r} is none of {', '.join(choices)}{did_you_mean(str(found), choices)}")
    return str(found)


def tables(tree: dict[str, Any], name: str) -> list[tuple[str, Any]]:
    return sorted(Table(tree[name], name).tree.items())


def merged(base: dict[str, Any], over: Mapping[str, Any]) -> dict[str, Any]:
    out = dict(base)
    for key, value in over.items():
        known = out.get(key)
        out[key] = merged(known, value) if isinstance(known, dict) and isinstance(value, dict) else value
    return out
