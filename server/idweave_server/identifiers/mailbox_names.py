"""What an e-mail's local part says of its owner's first name: weak evidence, since anybody may choose any address."""

# mypy: disable-error-code="no-untyped-def,untyped-decorator,call-overload"

from __future__ import annotations

from functools import cache

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numba import njit

from idweave_server.identifiers.arrow_text import among, mask, matches, offsets_and_bytes, scalar, strings
from idweave_server.identifiers.nicknames import nicknames
from idweave_server.kernels.instructions import BORROWING

_FIRST = pa.scalar(0, pa.int32())
LEAST_LETTERS = 3  # of a first name, or of a last name after an initial; shorter runs of letters are chance


def mailbox_names(emails: pa.StringArray) -> pa.StringArray:
    """The first known first name among the runs of letters in each local part (kelly.neal@ is kelly), null where there is none.

    emails: canonical, distinct or not; read as lower case. Names are those of the nickname table with at least three letters.
    """
    runs = pc.split_pattern(_letter_runs(emails), " ")
    run = runs.flatten()
    known = np.flatnonzero(among(run, _mailbox_words()))
    # Runs come in the order of their e-mails, so the first known one of an e-mail is where its number comes up first.
    email, first = np.unique(np.asarray(pc.list_parent_indices(runs))[known], return_index=True)
    source = np.full(len(emails), -1, np.int64)
    source[email] = known[first]
    return run.take(pa.array(source, mask=source < 0))


def mailbox_initials(emails: pa.StringArray, last_names: pa.StringArray) -> pa.StringArray:
    """The initial of the first name where a local part is one letter and the owner's last name (kneal85@ of a Neal is k), else null.

    emails: canonical; last_names: folded, aligned with emails, null where none is known. Dots, hyphens and underscores and a number at the
    end do not count. A local part that is itself a first name (sally@ of an Ally) gives nothing.
    """
    local = _local_parts(emails)
    local = pc.utf8_rtrim(local, characters="0123456789._-")
    for separator in "._-":
        local = pc.replace_substring(local, separator, "")
    last = pc.replace_substring(last_names, " ", "")
    rest, initial = pc.utf8_slice_codeunits(local, 1), pc.utf8_slice_codeunits(local, 0, 1)
    fits = (
        mask(pc.fill_null(pc.equal(rest, last), False))
        & matches(local, f"^[a-z]{{{LEAST_LETTERS + 1},}}$")
        & ~among(local, _mailbox_words())
    )
    return pc.if_else(pa.array(fits), initial, scalar(None))


def _letter_runs(emails: pa.StringArray) -> pa.StringArray:
    """The letters a to z of each local part, every run of other bytes as one blank; at the beginning there may be one or none."""
    offsets, data = offsets_and_bytes(emails)
    text, start = np.empty(int(offsets[-1] - offsets[0]), np.uint8), np.zeros(len(offsets), np.int32)
    _squeeze(data, offsets, text, start)
    return strings(start, text[: start[-1]])


@njit(**BORROWING)
def _squeeze(data, offsets, text, start):
    length = 0
    for i in range(len(start) - 1):
        end = offsets[i + 1]
        at = end - 1
        while at > offsets[i] and data[at] != 64:  # the last @; what is before it is the local part
            at -= 1
        parted = False
        for p in range(offsets[i], at):
            if 97 <= data[p] <= 122:
                if parted:
                    text[length] = 32
                    length += 1
                    parted = False
                text[length] = data[p]
                length += 1
            else:
                parted = True
        start[i + 1] = length


@cache
def _mailbox_words() -> frozenset[str]:
    return frozenset(name for name in nicknames().names.to_pylist() if len(name) >= LEAST_LETTERS)


def _local_parts(emails: pa.StringArray) -> pa.StringArray:
    return pc.list_element(pc.split_pattern(emails, "@", max_splits=1, reverse=True), _FIRST)
