// Identifiers that changed hands
// :param limit => 10
// One identifier, several owners in turn; `from` and `until` say when.
MATCH (moved:Identifier)
WHERE moved.epochs > 1
WITH moved
ORDER BY moved.epochs DESC, moved.key
LIMIT toInteger($limit)
MATCH (moved)-[owned:BELONGS_TO]->(profile:Profile)
RETURN moved, owned, profile, profile.display_name AS owner, owned.from AS from, owned.until AS until
ORDER BY moved.key, coalesce(owned.from, datetime({epochSeconds: 0}))
