"""The live state: a fold of the log's entries, held in arrays, owned by one thread."""
