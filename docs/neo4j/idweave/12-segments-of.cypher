// Which segments is the person behind this identifier in?
// :param identifier => 'social:x:kneal1985'
MATCH (asked:Identifier {key: $identifier})-[owned:BELONGS_TO]->(profile:Profile)
OPTIONAL MATCH (profile)-[inside:IN_SEGMENT]->(segment:Segment)
RETURN asked, owned, profile, inside, segment, segment.name AS name, segment.version AS version, inside.since AS since, inside.until AS until
ORDER BY profile.profile_id, name
