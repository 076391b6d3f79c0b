// Who is behind this identifier?
// :param identifier => 'cookie:c.5c23dbdb674b2dff'
MATCH (asked:Identifier {key: $identifier})
OPTIONAL MATCH owned = (asked)-[:BELONGS_TO]->(profile:Profile)
OPTIONAL MATCH members = (profile)<-[:BELONGS_TO]-(:Identifier)
RETURN asked, owned, members
LIMIT 300
