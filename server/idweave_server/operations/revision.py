"""Revisions: opaque tokens that name one state of one store, so that a token from elsewhere, or from before a restore, fails loudly."""

from __future__ import annotations

import base64
import binascii
import hashlib

from idweave_server.errors import RevisionError

_FORM = 1
_STORE, _TERM, _SEQUENCE, _CHECK = 8, 8, 6, 1  # bytes of each part, after one byte for the form
_BYTES = 1 + _STORE + _TERM + _SEQUENCE + _CHECK

NEVER_HAD = (
    "this revision is of a state that this store never had, or had before it was restored from a backup: what was written since then may "
    "have to be sent again; take a revision from a reply of this server"
)


def encode_revision(store_id: str, term: int, sequence: int) -> str:
    """32 characters that any URL, header or file name can hold. term: below 2**63; sequence: below 2**48."""
    body = bytes([_FORM]) + _mark(store_id) + term.to_bytes(_TERM, "big") + sequence.to_bytes(_SEQUENCE, "big")
    return base64.urlsafe_b64encode(body + _check(body)).decode()


def decode_revision(token: str, store_id: str) -> tuple[int, int]:
    """(term, sequence) of a token of this store. Raises RevisionError."""
    try:
        given = base64.b64decode(token.encode("ascii"), altchars=b"-_", validate=True)
    except (UnicodeEncodeError, binascii.Error):
        given = b""
    body, check = given[:-_CHECK], given[-_CHECK:]
    if len(given) != _BYTES or check != _check(body) or _spelled(given) != token:
        raise RevisionError("this is no revision: pass on a revision exactly as a reply gave it")
    if body[0] != _FORM:
        raise RevisionError("this revision was made by a release that this one does not understand: take one from a reply of this server")
    if body[1 : 1 + _STORE] != _mark(store_id):
        raise RevisionError("this revision is of another store: take one from a reply of this server")
    rest = body[1 + _STORE :]
    return int.from_bytes(rest[:_TERM], "big"), int.from_bytes(rest[_TERM:], "big")


def _spelled(given: bytes) -> str:
    """The one spelling of these bytes: base64 has others, which are refused so that tokens can be compared as text."""
    return base64.urlsafe_b64encode(given).decode()


def _mark(store_id: str) -> bytes:
    return hashlib.blake2b(store_id.encode(), digest_size=_STORE, person=b"revision").digest()


def _check(body: bytes) -> bytes:
    return hashlib.blake2b(body, digest_size=_CHECK).digest()
