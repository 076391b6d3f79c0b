"""The decisions: from observations to a partition of identifiers into profiles. Pure: no I/O, no clock, no randomness."""
