"""What to do about each reason in issues.csv, in one line for the summary and the documentation."""

from __future__ import annotations

from idweave_server.model import Refusal

REMEDIES: dict[Refusal, str] = {
    Refusal.TOO_LONG: "the field is longer than any real value; look for a missing delimiter or quote",
    Refusal.CONTROL_CHARACTER: "the text holds NUL or other control characters; export it again as plain text",
    Refusal.BAD_ENCODING: "the bytes are not in the encoding expected; name the file's encoding in the mapping",
    Refusal.WRONG_TYPE: "the mapping points at a field that is no text, number or date here",
    Refusal.PLACEHOLDER: "stands for no value; nothing to do",
    Refusal.EMAIL_SYNTAX: "no e-mail address; correct it where it is entered",
    Refusal.EMAIL_DOMAIN: "the domain cannot exist; correct it where it is entered",
    Refusal.PHONE_SYNTAX: "no phone number; check that the mapping names the right field",
    Refusal.PHONE_REGION_UNKNOWN: 'a national number: state the region in the mapping (region = "US") or for the source in the policy',
    Refusal.PHONE_IMPOSSIBLE: "too short or too long for its country; check the region in the mapping",
    Refusal.PHONE_INVALID: "no such number range in its country; check the region in the mapping",
    Refusal.PHONE_FICTIONAL: "a number reserved for fiction; nothing to do",
    Refusal.DEVICE_SYNTAX: "no device id (a UUID); check that the mapping names the right field",
    Refusal.COOKIE_SYNTAX: "no cookie id; check that the mapping names the right field",
    Refusal.SOCIAL_SYNTAX: "no handle; check that the mapping names the right field",
    Refusal.SOCIAL_NETWORK_UNKNOWN: "state the network in the mapping, or write handles as network:handle",
    Refusal.IP_SYNTAX: "no IP address; check that the mapping names the right field",
    Refusal.HASH_SYNTAX: "no SHA-256 in hexadecimal; check how the addresses were hashed",
    Refusal.OPAQUE_SYNTAX: "not usable as an identifier; check that the mapping names the right field",
    Refusal.ISSUER_MISSING: "the identifier counts only with its issuer; map the issuer",
    Refusal.NAMESPACE_UNKNOWN: "declare the namespace in the policy, or correct its name",
    Refusal.ISSUER_SYNTAX: "no usable name of an issuer, or the namespace has none; correct it or leave it out",
    Refusal.DATE_SYNTAX: "no date in the format expected; state the format in the mapping",
    Refusal.DATE_AMBIGUOUS: "month first or day first? State the format in the mapping",
    Refusal.DATE_RANGE: "no date on which somebody living was born; correct it where it is entered",
    Refusal.TRAIT_TYPE: "not of the type that the policy gives the trait",
    Refusal.TRAIT_PATTERN: "does not match the pattern that the policy gives the trait",
    Refusal.TRAIT_NOT_ALLOWED: "not among the values that the policy allows; correct it, or add it to the list",
    Refusal.TRAIT_REQUIRED: "the policy requires the trait and the row has none",
    Refusal.TRAIT_NOT_STATED_BY: "the policy does not let this source state the trait",
    Refusal.NAME_SYNTAX: "no person's name; check that the mapping names the right field",
    Refusal.TRAIT_NAME: "no usable name: 1 to 200 bytes without control characters; correct it",
    Refusal.TRAIT_REPEATED: "a person has one of these and it was stated before; state it once, or declare many = true in the policy",
    Refusal.EVENT_SYNTAX: "the event has no type; say what happened in 1 to 200 bytes",
    Refusal.MONEY_SYNTAX: "no amount of money: a currency of three capital letters, and units and nanos of one sign",
    Refusal.ROW_MALFORMED: "the line cannot be parsed; look at it in the file and export it again",
    Refusal.ROW_RAGGED: "more or fewer fields than the header; look for a stray delimiter or quote",
    Refusal.TIME_MISSING: "the row says no time; state a default in the mapping (time = { default = ... })",
    Refusal.TIME_SYNTAX: "no time in the format expected; state the format in the mapping",
    Refusal.TIME_RANGE: "not between 1900 and 2100; check the unit (seconds or milliseconds) in the mapping",
    Refusal.EVIDENCE_UNKNOWN: "map the word to an evidence kind, or state a default, in the mapping",
    Refusal.TOO_MANY_IDENTIFIERS: "an observation takes at most 16 identifiers; split the row",
    Refusal.SOURCE_MISSING: "the row names no source; state one in the mapping",
    Refusal.OBSERVATION_ID_SYNTAX: "no usable observation id; check that the mapping names the right field",
    Refusal.CONTENT_CONFLICT: "two rows have one id and different content; give the second its own id",
    Refusal.ASSERTION_SYNTAX: "the verdict does not name what it needs; state each end as namespace and value",
    Refusal.ERASURE_SYNTAX: "what is shown names no identifier that can be read and was NOT erased; correct it and run again",
    Refusal.FILE_EMPTY: "the file has no rows; check that the export finished",
    Refusal.FIELD_ABSENT: "no row has the field; correct the mapping, or write optional = true if files come without it",
    Refusal.TOO_MANY_ITEMS: "an observation takes at most 100 traits and 100 events, an event 50 properties; send several",
}

# The same for observations that a caller reports, where there is neither file nor mapping.
REPORT_REMEDIES: dict[Refusal, str] = {
    Refusal.TOO_LONG: "longer than any real value; look for a value that holds several",
    Refusal.CONTROL_CHARACTER: "the text holds NUL or other control characters; send plain text",
    Refusal.PHONE_REGION_UNKNOWN: "a national number: send it with its country code, or state the source's region in the policy",
    Refusal.PHONE_SYNTAX: "no phone number; correct it where it is entered",
    Refusal.PHONE_IMPOSSIBLE: "too short or too long for its country; check it and the source's region in the policy",
    Refusal.PHONE_INVALID: "no such number range in its country; check it and the source's region in the policy",
    Refusal.DEVICE_SYNTAX: "no device id: a UUID is needed",
    Refusal.COOKIE_SYNTAX: "no cookie id: letters and digits without blanks are needed",
    Refusal.SOCIAL_SYNTAX: "no handle; write it as network:handle",
    Refusal.SOCIAL_NETWORK_UNKNOWN: "write handles as network:handle",
    Refusal.IP_SYNTAX: "no IP address",
    Refusal.HASH_SYNTAX: "no SHA-256: 64 hexadecimal digits are needed",
    Refusal.OPAQUE_SYNTAX: "not usable as an identifier; correct it where it is entered",
    Refusal.ISSUER_MISSING: "the identifier counts only with its issuer; name the issuer, or the source that reports it",
    Refusal.DATE_SYNTAX: "no date; write year-month-day, such as 1985-03-04",
    Refusal.NAME_SYNTAX: "no person's name; correct it where it is entered",
    Refusal.TRAIT_REQUIRED: "the policy requires the trait and the observation has none",
    Refusal.TIME_MISSING: "the observation says no time; say when it was observed",
    Refusal.TIME_RANGE: "not from 1900-01-01 up to and without 2100-01-01; check that the unit is seconds",
    Refusal.EVIDENCE_UNKNOWN: "the policy has no such evidence kind; name one that it has, such as OTHER",
    Refusal.SOURCE_MISSING: "the observation names no source; say which system reports it",
    Refusal.OBSERVATION_ID_SYNTAX: "no usable name of an observation: at most 1,024 bytes without control characters",
    Refusal.TOO_MANY_IDENTIFIERS: "an observation takes at most 16 identifiers; send several",
}


def remedy(label: str) -> str:
    """The line for a reason as issues.csv spells it; blank for a word that is no reason."""
    found = Refusal.__members__.get(label.upper())
    return "" if found is None else REMEDIES.get(found, "")
