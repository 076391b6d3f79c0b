// Who is in this segment, and until when?
// :params {segment: 'recent-purchasers', limit: 25}
// Those whom the clock takes out first come first; without `until` time alone takes nobody out.
MATCH (segment:Segment {name: $segment})<-[inside:IN_SEGMENT]-(profile:Profile)
RETURN segment, inside, profile, profile.display_name AS who, inside.since AS since, inside.until AS until
ORDER BY until, profile.profile_id
LIMIT toInteger($limit)
