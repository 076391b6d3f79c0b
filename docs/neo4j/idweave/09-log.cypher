// What the store's log looks like: its latest entries
// :param limit => 20
// A table; the bodies are bytes, and stay in the database.
MATCH (entry:Entry)
WITH entry
ORDER BY entry.seq DESC
LIMIT toInteger($limit)
RETURN entry.seq AS sequence,
  ['', 'POLICY', 'OBSERVATIONS', 'VERDICTS', 'RETRACTION', 'ERASURE', 'TICK'][entry.kind] AS kind,
  datetime({epochSeconds: entry.at}) AS at, entry.size AS bytes, entry.term AS term
ORDER BY sequence DESC
