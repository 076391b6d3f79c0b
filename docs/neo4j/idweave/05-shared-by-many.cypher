// Identifiers shared by many
// :param limit => 50
// They link nobody, so they stand alone; `shared` says why, `people` how many first names they were seen with, where that was counted.
MATCH (shared:Identifier)
WHERE shared.shared IS NOT NULL
RETURN shared, shared.key AS identifier, shared.shared AS reason, shared.people AS people
ORDER BY coalesce(people, 0) DESC, identifier
LIMIT toInteger($limit)
