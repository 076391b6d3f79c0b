// Why are these two apart?
// :params {identifier: 'email:james.whitaker@postbus.zz', other: 'email:jwhitaker86@quillbox.zz'}
// No row: they are one person, or nobody's. Two profiles without a red line: nothing ever brought them together.
MATCH mine = (one:Identifier {key: $identifier})-[:BELONGS_TO]->(left:Profile)
MATCH theirs = (two:Identifier {key: $other})-[:BELONGS_TO]->(right:Profile)
WHERE NOT EXISTS {(one)-[:BELONGS_TO]->(:Profile)<-[:BELONGS_TO]-(two)}
OPTIONAL MATCH refused = (left)<-[:BELONGS_TO]-(:Identifier)-[no:KEPT_APART]-(:Identifier)-[:BELONGS_TO]->(right)
RETURN mine, theirs, refused, no.reason AS reason, left.display_name AS one_person, right.display_name AS another
LIMIT 100
