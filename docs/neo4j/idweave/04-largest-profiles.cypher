// The largest profiles
// :param limit => 5
// Of each at most 50 identifiers are shown.
MATCH (profile:Profile&!Retired)
WITH profile
ORDER BY profile.size DESC, profile.profile_id
LIMIT toInteger($limit)
CALL (profile) {
  MATCH members = (profile)<-[:BELONGS_TO]-(:Identifier)
  RETURN members
  LIMIT 50
}
RETURN members, profile.size AS size
ORDER BY size DESC
