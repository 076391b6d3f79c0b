"""First names as labels: those reported, and the weak ones that e-mails' local parts show."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from idweave_server.identifiers.mailbox_names import mailbox_initials, mailbox_names
from idweave_server.intake.intake import Intake
from idweave_server.intake.tables import IdentifierTable
from idweave_server.kernels.rows import row_numbers


@dataclass(frozen=True, slots=True)
class Labelling:
    """Labels, codes of first names. mailbox_name: int32[i], of each identifier; hint: int32[k], of each sighting (see Observations)."""

    mailbox_name: np.ndarray
    hint: np.ndarray


def label(intake: Intake, table: IdentifierTable, start: np.ndarray, code: np.ndarray, last: np.ndarray) -> Labelling:
    """start: int64[r + 1], code: int32[k], the identifiers of every row; last: int32[r], its last name, into intake.traits.last_names."""
    first_names = intake.traits.first_names
    email = np.array([n.form == "email" for n in intake.policy.namespaces], bool)[table.identifiers.namespace]
    emails = np.flatnonzero(email)
    mailbox_name = np.full(len(table.identifiers), -1, np.int32)
    mailbox_name[emails] = first_names.intern(mailbox_names(table.value.take(pa.array(emails))))

    hint = np.full(code.size, -1, np.int32)
    row = row_numbers(start)
    told = np.flatnonzero(email[code] & (mailbox_name[code] < 0) & (last[row] >= 0))
    if told.size:
        lasts = len(intake.traits.last_names)
        pair, place = np.unique(code[told].astype(np.int64) * lasts + last[row[told]], return_inverse=True)
        who, surname = np.divmod(pair, lasts)
        initials = mailbox_initials(table.value.take(pa.array(who)), intake.traits.last_names.values().take(pa.array(surname)))
        hint[told] = first_names.intern(initials)[place]
    return Labelling(mailbox_name, hint)
