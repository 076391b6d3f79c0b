# mypy: disable-error-code="no-untyped-def,no-untyped-call"
"""Which events of a profile match a pattern: each does, does not, or may, where money that no rate converts decides."""

from __future__ import annotations

import numpy as np
from numba import int64, njit

from idweave_server.kernels.conditions import (
    FALSE,
    HIGH,
    LOW,
    MICROS,
    MODE,
    NAME,
    NO_VALUE,
    NONE_OF,
    NUMBERS,
    NUMBERS_END,
    OF_AMOUNT,
    PRESENT,
    PURCHASE,
    RANGE,
    RATES,
    RATES_END,
    STANDS,
    TRUE,
    TYPES,
    TYPES_END,
    UNKNOWN,
    WHERES,
    WHERES_END,
    ProgramArrays,
    SubjectArrays,
    among,
)
from idweave_server.kernels.instructions import INLINED

LARGEST = 2**62


@njit(**INLINED)
def converted(program: ProgramArrays, amount, currency, begin, end):
    """An amount in the currency that rates[begin:end] lead to, NO_VALUE where none does."""
    for i in range(begin, end):
        if program.rate_currency[i] == currency:
            if program.rate_factor[i] == 1.0:
                return amount
            worth = np.rint(amount * program.rate_factor[i])
            return np.int64(max(-LARGEST, min(LARGEST, worth)))
    return NO_VALUE


@njit(**INLINED)
def _amount_holds(program: ProgramArrays, subjects: SubjectArrays, where, event):
    currency = subjects.currency[event]
    if currency < 0:
        return FALSE
    test = program.wheres[where]
    if test[MODE] == PRESENT:
        return TRUE
    if test[MODE] == RANGE:
        amount = converted(program, subjects.amount[event], currency, test[NUMBERS], test[NUMBERS_END])
        if amount == NO_VALUE:
            return UNKNOWN
        return TRUE if test[LOW] <= amount <= test[HIGH] else FALSE
    found = FALSE
    for i in range(test[LOW], test[HIGH]):
        money = program.moneys[i]
        amount = converted(program, subjects.amount[event], currency, money[RATES], money[RATES_END])
        if amount == NO_VALUE:
            found = max(found, UNKNOWN)
        elif amount == money[MICROS]:
            found = TRUE
    return 2 - found if test[MODE] == NONE_OF else found


@njit(**INLINED)
def _property_holds(program: ProgramArrays, subjects: SubjectArrays, where, event):
    test = program.wheres[where]
    present, equal = False, False
    for i in range(subjects.property_start[event], subjects.property_start[event + 1]):
        if subjects.property_name[i] != test[NAME]:
            continue
        present = True
        number = subjects.property_number[i]
        if test[MODE] == RANGE:
            equal |= number != NO_VALUE and test[LOW] <= number <= test[HIGH]
        elif test[MODE] != PRESENT:
            equal |= among(program.constants, test[LOW], test[HIGH], int64(subjects.property_value[i]))
            equal |= number != NO_VALUE and among(program.constants, test[NUMBERS], test[NUMBERS_END], number)
    if test[MODE] == PRESENT:
        return TRUE if present else FALSE
    if test[MODE] == NONE_OF:
        return TRUE if present and not equal else FALSE
    return TRUE if equal else FALSE


@njit(**INLINED)
def matches(program: ProgramArrays, subjects: SubjectArrays, pattern, event):
    """TRUE, FALSE, or UNKNOWN of an event that may match."""
    asked = program.patterns[pattern]
    begin, end = asked[TYPES], asked[TYPES_END]
    if begin < end or asked[PURCHASE]:
        typed = asked[PURCHASE] and subjects.event_flags[event] & STANDS
        if not typed and not among(program.constants, begin, end, int64(subjects.event_type[event])):
            return FALSE
    truth = TRUE
    for where in range(asked[WHERES], asked[WHERES_END]):
        if program.wheres[where, OF_AMOUNT]:
            truth = min(truth, _amount_holds(program, subjects, where, event))
        else:
            truth = min(truth, _property_holds(program, subjects, where, event))
        if truth == FALSE:
            return FALSE
    return truth
