// The weakest links that unite somebody
// :param limit => 10
// What hangs by one of them alone goes when it is retracted.
MATCH (one:Identifier)-[link:OBSERVED_WITH]->(two:Identifier)
WHERE link.united
WITH one, link, two
ORDER BY link.strength, link.evidence, one.key, two.key
LIMIT toInteger($limit)
MATCH (one)-[:BELONGS_TO]->(profile:Profile)<-[:BELONGS_TO]-(two)
RETURN one, link, two, profile,
  toInteger(round(100 * (1 - exp(-link.strength)))) AS percent, link.kinds AS evidence, link.sources AS sources
ORDER BY link.strength
