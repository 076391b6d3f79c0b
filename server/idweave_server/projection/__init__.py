"""The identity graph in Neo4j: what the engine knows as nodes and relationships, for people and for Cypher."""
