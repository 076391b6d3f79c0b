"""A real Neo4j with its Browser on this machine, from its published Java artifacts: for tests, and for people without Docker.

Nothing of Neo4j is in this repository or in a package of it: Neo4j is GPLv3, fetched on the machine that runs it, by `neo4j.lock`.
"""
