"""Pages of long answers: a list made for the first page and kept for ten minutes, so that nothing is listed twice or left out.

A token names a list and a place in it, sealed with a secret of the process. Lists are bounded in number and, where they are arrays, in
bytes: the longest unused one goes first.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import struct
from collections import OrderedDict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from idweave_server.errors import PageTokenError, RequestError

LEAST, DEFAULT, MOST = 1, 100, 1_000  # items on a page
KEPT_SECONDS = 600
KEPT_LISTS = 1_000
KEPT_BYTES = 512 * 2**20  # of arrays; the list made last is kept, however large

_TOKEN = struct.Struct("<QQ")  # list, place
_SEAL = 8


@dataclass(frozen=True, slots=True)
class PageRequest:
    """size: 0 for the usual one; token: "" for the first page."""

    size: int = 0
    token: str = ""


FIRST_PAGE = PageRequest()


@dataclass(frozen=True, slots=True, repr=False)
class Listing:
    """What a first page was made from. items: of all pages; about: whatever else each page says."""

    items: Sequence[Any] | np.ndarray
    about: Any


@dataclass(frozen=True, slots=True, repr=False)
class Page:
    """items: of this page; total: of all pages; about: of the list; token: of the next page, "" on the last one."""

    items: Sequence[Any] | np.ndarray
    total: int
    about: Any
    token: str


@dataclass(slots=True, repr=False)
class _Kept:
    listing: Listing
    question: bytes
    until: float
    bytes: int


class Pages:
    """clock: seconds that never fall; seal: secret bytes, of this process alone."""

    def __init__(self, clock: Callable[[], float], seal: bytes, lists: int = KEPT_LISTS, most_bytes: int = KEPT_BYTES) -> None:
        self._clock, self._seal, self._limit, self._most_bytes = clock, seal, lists, most_bytes
        self._kept: OrderedDict[int, _Kept] = OrderedDict()
        self._count = 0

    def page(self, wanted: PageRequest, question: tuple[object, ...], make: Callable[[], Listing]) -> Page:
        """The first page of a list made now, or the page that a token asks for.

        question: all that decides what is listed; a token answers only the one it was given for. Raises RequestError, PageTokenError.
        """
        size = page_size(wanted.size)
        asked = hashlib.blake2b(repr(question).encode("utf-8", "surrogatepass"), digest_size=16).digest()
        if not wanted.token:
            listing = make()
            return self._cut(listing, 0, size, lambda: self._keep(listing, asked))
        number, place = self._opened(wanted.token)
        self._expire()
        kept = self._kept.get(number)
        if kept is None or place > len(kept.listing.items):
            raise PageTokenError(
                f"the list of this page token is no longer kept, as after {KEPT_SECONDS // 60} minutes; ask for the first page"
            )
        if kept.question != asked:
            raise PageTokenError("this page token belongs to another question; repeat the first page's fields, or ask for the first page")
        self._kept.move_to_end(number)
        kept.until = self._clock() + KEPT_SECONDS
        return self._cut(kept.listing, place, size, lambda: number)

    def forget(self) -> None:
        """Drop all lists, as after an erasure."""
        self._kept.clear()

    def _cut(self, listing: Listing, place: int, size: int, number: Callable[[], int]) -> Page:
        end = place + size
        token = self._sealed(number(), end) if end < len(listing.items) else ""
        return Page(listing.items[place:end], len(listing.items), listing.about, token)

    def _keep(self, listing: Listing, question: bytes) -> int:
        self._expire()
        size = listing.items.nbytes if isinstance(listing.items, np.ndarray) else 0
        total = size + sum(kept.bytes for kept in self._kept.values())
        while self._kept and (len(self._kept) >= self._limit or total > self._most_bytes):
            total -= self._kept.popitem(last=False)[1].bytes
        self._count += 1
        self._kept[self._count] = _Kept(listing, question, self._clock() + KEPT_SECONDS, size)
        return self._count

    def _expire(self) -> None:
        now = self._clock()
        while self._kept and next(iter(self._kept.values())).until <= now:  # in the order of use, so of `until`
            self._kept.popitem(last=False)

    def _sealed(self, number: int, place: int) -> str:
        body = _TOKEN.pack(number, place)
        return base64.urlsafe_b64encode(body + self._digest(body)).decode().rstrip("=")

    def _opened(self, token: str) -> tuple[int, int]:
        try:
            raw = base64.b64decode(token + "=" * (-len(token) % 4), altchars=b"-_", validate=True)
        except (binascii.Error, ValueError):
            raw = b""
        body = raw[: _TOKEN.size]
        if len(raw) != _TOKEN.size + _SEAL or raw[_TOKEN.size :] != self._digest(body):
            raise PageTokenError("this is no page token of this server since its start; ask for the first page with an empty one")
        number, place = _TOKEN.unpack(body)
        return number, place

    def _digest(self, body: bytes) -> bytes:
        return hashlib.blake2b(body, key=self._seal, digest_size=_SEAL).digest()


def page_size(asked: int) -> int:
    """Raises RequestError."""
    if not 0 <= asked <= MOST:
        raise RequestError.of("page_size", f"{asked} is not from {LEAST} to {MOST:,}; 0 asks for {DEFAULT}")
    return asked or DEFAULT
