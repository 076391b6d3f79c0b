// What became of an old profile id, and which others lead there
// :param profile => 'an id that your systems still hold'
// No arrow: the id is no profile's any more, for the reason that it shows.
MATCH (asked:Profile {profile_id: $profile})
OPTIONAL MATCH (asked)-[:REDIRECTS_TO]->(survivor:Profile)
WITH asked, coalesce(survivor, asked) AS now
OPTIONAL MATCH led = (now)<-[:REDIRECTS_TO]-(:Retired)
RETURN asked, now, led
LIMIT 300
