"""The objects of a definition's text, taken apart field by field; whatever is not understood is refused by its position."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import TypeVar

from idweave_server.errors import DefinitionError
from idweave_server.suggestion import nearest

T = TypeVar("T")
REQUIRED = object()
MOST_INTEGER = 2**63 - 1


def refused(position: str, message: str, suggestion: str = "") -> DefinitionError:
    return DefinitionError(((position, message, suggestion),))


class Body:
    """One object of the text. Fields are taken once; `end` refuses those that nobody took."""

    def __init__(self, node: object, position: str, example: str = "an object") -> None:
        if not isinstance(node, Mapping):
            raise refused(position, f"{example} is needed, not {kind_of(node)}")
        self._node, self._position = node, position
        self._taken: list[str] = []
        self._looked_for: list[str] = []

    def __contains__(self, name: str) -> bool:
        self._looked_for.append(name)
        return name in self._node

    def at(self, name: str) -> str:
        """The position of a field."""
        return f"{self._position}.{name}" if self._position else name

    def take(self, name: str) -> object:
        if name not in self._node:
            raise refused(self._position, f"{name} is missing")
        self._taken.append(name)
        return self._node[name]

    def end(self) -> None:
        for name in self._node:
            if name not in self._taken:
                raise refused(
                    self.at(str(name)), "there is no such field here", nearest(str(name), set(self._looked_for) - set(self._taken))
                )

    def only(self, kinds: Collection[str]) -> str:
        """The one field of an object that must have one, of these."""
        names = [str(name) for name in self._node]
        strange = next((name for name in names if name not in kinds), None)
        if strange is not None:
            raise refused(self.at(strange), f"this is no condition; there are {', '.join(kinds)}", nearest(strange, kinds))
        if len(names) != 1:
            raise refused(self._position, f"one condition is needed, not {len(names)}; put several into all = [...] or any = [...]")
        return names[0]

    def one_of(self, names: Collection[str]) -> str:
        """Which of these fields is there; it must be one."""
        found = [name for name in names if name in self]
        if len(found) != 1:
            raise refused(self._position, f"one of {', '.join(names)} is needed{', not several' if found else ''}")
        return found[0]

    def text(self, name: str, otherwise: object = REQUIRED) -> str:
        value = self._value(name, otherwise)
        if not isinstance(value, str):
            raise refused(self.at(name), f"text is needed, not {kind_of(value)}")
        return checked_text(value, self.at(name))

    def word(self, name: str, words: Mapping[str, T], otherwise: T) -> T:
        """One of a set of words."""
        return self.known(self.text(name), words, name) if name in self else otherwise

    def known(self, given: str, words: Mapping[str, T], name: str) -> T:
        """given: in the field `name`."""
        if given not in words:
            raise refused(self.at(name), f"{given[:64]!r} is none of {', '.join(words)}", nearest(given, words))
        return words[given]

    def whole(self, name: str, otherwise: int) -> int:
        value = self._value(name, otherwise)
        if isinstance(value, bool) or not isinstance(value, int) or abs(value) > MOST_INTEGER:
            raise refused(self.at(name), "a whole number is needed")
        return value

    def number(self, name: str, otherwise: float) -> float:
        value = self._value(name, otherwise)
        if isinstance(value, bool) or not isinstance(value, int | float) or not abs(value) < MOST_INTEGER / 1_000_000:
            raise refused(self.at(name), "a number is needed")
        return value

    def list(self, name: str) -> list[object]:
        value = self.take(name)
        if not isinstance(value, list | tuple):
            raise refused(self.at(name), f"a list is needed, not {kind_of(value)}")
        return list(value)

    def texts(self, name: str) -> tuple[str, ...]:
        """A list of texts; none where the field is not there."""
        found = []
        for n, value in enumerate(self.list(name) if name in self else ()):
            if not isinstance(value, str):
                raise refused(self.at(f"{name}[{n}]"), f"text is needed, not {kind_of(value)}")
            found.append(checked_text(value, self.at(f"{name}[{n}]")))
        return tuple(found)

    def _value(self, name: str, otherwise: object) -> object:
        if otherwise is not REQUIRED and name not in self:
            return otherwise
        return self.take(name)


def checked_text(value: str, position: str) -> str:
    """A text that UTF-8 can hold."""
    if not value.isascii() and any("\ud800" <= character <= "\udfff" for character in value):
        raise refused(position, "half a character cannot be stored")
    return value


def kind_of(value: object) -> str:
    """What was given instead, in words that show nothing of it."""
    match value:
        case None:
            return "null"
        case bool():
            return "true or false"
        case int() | float():
            return "a number"
        case str():
            return "text"
        case list() | tuple():
            return "a list"
        case Mapping():
            return "an object"
    return "something else"
