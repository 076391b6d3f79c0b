"""From the text that sources report to columns of codes: values read once, refusals noted, identifiers interned."""
