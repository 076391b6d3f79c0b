// Why are these two together?
// :params {identifier: 'cookie:c.5c23dbdb674b2dff', other: 'phone:+15039590202'}
// Of the shortest ways from one to the other, the one whose weakest link is strongest.
MATCH (one:Identifier {key: $identifier})-[:BELONGS_TO]->(profile:Profile)<-[:BELONGS_TO]-(two:Identifier {key: $other})
MATCH way = allShortestPaths((one)-[:OBSERVED_WITH|ASSERTED_SAME*..30]-(two))
WHERE all(link IN relationships(way) WHERE coalesce(link.united, link.standing = 'holds'))
  AND all(step IN nodes(way) WHERE EXISTS {(step)-[:BELONGS_TO]->(profile)})
WITH way, reduce(least = 100.0, link IN relationships(way) |
  CASE WHEN link.strength < least THEN link.strength ELSE least END) AS weakest
ORDER BY weakest DESC
LIMIT 1
RETURN way,
  [link IN relationships(way) | CASE type(link)
    WHEN 'ASSERTED_SAME' THEN 'said by ' + link.source
    ELSE toString(toInteger(round(100 * (1 - exp(-link.strength))))) + ' %' END] AS sure,
  [link IN relationships(way) | coalesce(link.kinds, [link.assertion_id])] AS evidence,
  [link IN relationships(way) | coalesce(link.sources, [link.source])] AS sources
